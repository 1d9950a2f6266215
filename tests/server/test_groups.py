# SPDX-License-Identifier: EUPL-1.2
"""One person signs up several: the form grows without script, all of them get places or none does, and each is a
registration of its own."""
import json

import pytest
from harness import forms, letters
from harness.definitions import definition
from harness.people import address, cancel, come, letter, nobody_twice, places, press

FIELDS = (
    '{ id = "name"; type = "text"; role = "name"; label = "Full name"; required = true; }',
    '{ id = "email"; type = "email"; role = "email"; label = "Email"; required = true; }',
    '{ id = "lunch"; type = "choice"; label = "Lunch"; each = true; required = true; '
    'options = ( { id = "meat"; label = "Meat"; }, { id = "plants"; label = "Plants"; } ); }',
    '{ id = "motive"; type = "text"; label = "Why do you come?"; }',
)


def outing(capacity=4, more="", **how):
    how.setdefault("waiting_list", True)
    return definition("outing", starts="2027-04-15T09:00", ends="2027-04-15T17:00", capacity=capacity, languages=("en",),
                      fields=FIELDS, extra="group_max = 4;\n" + more, **how)


@pytest.fixture
def daemon(make_daemon):
    return make_daemon({"outing": outing()})


def block(number, name, email=""):
    return {f"guest.{number}.name": name, f"guest.{number}.email": email, f"guest.{number}.lunch": "plants"}


def sign_up(daemon, person, *guests, **values):
    """PERSON with GUESTS, pairs of name and address; what stands on the form of a program that knows its controls."""
    answers = {"lunch": "meat", "_guests": str(len(guests)), "_shown": str(len(guests))}
    for number, (name, email) in enumerate(guests, 1):
        answers |= block(number, name, email)
    return daemon.sign_up("outing", address(person), name=person.title(), **(answers | values))


def rows(daemon):
    return daemon.query("SELECT id, reference, party_id, name, email, status, dedupe, answers FROM registration ORDER BY id")


def about(daemon, smtp, row, kind):
    """The letter of that kind about one registration."""
    daemon.settled()
    identity = daemon.query("SELECT message_id FROM mail_log WHERE registration = ? AND kind = ? ORDER BY mail DESC",
                            (row["id"], kind))[0]["message_id"].strip("<>")
    return next(m.message for m in smtp.mails if m.message["Message-ID"].strip("<>") == identity)


def own_form(daemon, path):
    page = daemon.browser().get(path + "/change")
    assert page.status == 200
    return page.form


def save(daemon, form, **values):
    """The form as it came, with VALUES in it where the name of a control has a dot for two underscores."""
    filled = {**form.values, **{name.replace("__", "."): value for name, value in values.items()}}
    return daemon.browser().post(form.action, {name: value for name, value in filled.items() if name != "_add"})


def grown(daemon, form, count, **values):
    """The form with blocks for COUNT people, by the button that adds them."""
    filled = {**form.values, **{name.replace("__", "."): value for name, value in values.items()}, "_guests": str(count),
              "_add": "yes"}
    page = daemon.browser().post(form.action, filled)
    assert page.status == 200 and not page.summary
    return page.form


def states(daemon):
    return {row["name"]: row["status"] for row in rows(daemon)}


def test_the_form_grows_and_keeps_everything(daemon):
    browser = daemon.browser()
    page = browser.get("/en/e/outing")
    assert forms.offered(page.form, "_guests") == ["0", "1", "2", "3"]
    assert not [name for name in page.form.controls if name.startswith("guest.")]
    daemon.pass_time(4)
    daemon.settled()
    before = daemon.dump()
    typed = {"name": "Anna", "email": address("anna"), "lunch": "meat", "motive": "The <sea>"}
    grown = browser.post(page.form.action, forms.filled(page.form, {**typed, "_guests": "2"}) + [("_add", "yes")])
    assert grown.status == 200 and not grown.summary and daemon.dump() == before, "nothing is sent yet"
    assert [e.text for e in grown.tree.all("legend") if e.text.startswith("Person")] == ["Person 2", "Person 3"]
    assert {name: grown.form.values[name] for name in typed} == typed
    assert "guest.1.motive" not in grown.form.controls, "it is not asked of each"
    assert "required" in grown.form.controls["guest.1.name"][0].attributes
    assert "required" not in grown.form.controls["guest.1.email"][0].attributes

    # more are chosen, and the form is sent at once: it comes back with what is missing
    more = browser.post(grown.form.action, forms.filled(grown.form, {**block(1, "Bo", address("bo")), **block(2, "Cy"),
                                                                     "_guests": "3"}))
    assert more.status == 200 and more.form.values["guest.2.name"] == "Cy" and "guest.3.name" in more.form.controls
    assert daemon.dump() == before
    values = dict(forms.filled(more.form, block(3, "X")))
    values |= {f"guest.3.{control}": "" for control in ("name", "email", "lunch")}
    answer = browser.post(more.form.action, values)
    assert answer.status == 303, "a block that is left empty is nobody"
    assert [row["name"] for row in rows(daemon)] == ["Anna", "Bo", "Cy"]
    daemon.ctl("verify")


def test_colleagues_have_the_organisation_of_who_books(make_daemon):
    """It was typed anew for each (WCAG 2.2, 3.3.7); a block with it alone is still nobody."""
    firm = '{ id = "firm"; type = "organisation"; label = "Firm"; each = true; parts = ( "sme" ); }'
    daemon = make_daemon({"outing": definition("outing", capacity=9, languages=("en",), fields=(*FIELDS, firm),
                                               extra="group_max = 4;\n")})
    browser = daemon.browser()
    page = browser.get("/en/e/outing")
    daemon.pass_time(4)
    typed = {"name": "Anna", "email": address("anna"), "lunch": "meat", "firm.name": "Umed", "firm.country": "EE", "firm.sme": "yes"}
    grown = browser.post(page.form.action, forms.filled(page.form, {**typed, "_guests": "2"}) + [("_add", "yes")])
    for n in (1, 2):
        assert grown.form.values[f"guest.{n}.firm.name"] == "Umed" and grown.form.values[f"guest.{n}.firm.country"] == "EE"
        assert f"guest.{n}.firm.sme" not in grown.form.values and grown.form.values[f"guest.{n}.name"] == ""

    def post(page, **more):
        answers = forms.as_it_came(page.form) | {name: [value] for name, value in more.items()}
        return browser.post(page.form.action, [(name, value) for name, values in answers.items() for value in values])

    again = post(grown, **block(1, "Bo"), **{"guest.1.firm.name": "", "_guests": "3", "_add": "yes"})
    assert again.form.values["guest.1.firm.name"] == "" and again.form.values["guest.3.firm.name"] == "Umed", "only what is new"
    answer = post(again, **{"guest.1.firm.name": "Umed"})
    assert answer.status == 303 and [row["name"] for row in rows(daemon)] == ["Anna", "Bo"], "the other blocks are nobody"


def test_addresses_that_look_mistyped_are_asked_back_about_once(make_daemon):
    daemon = make_daemon({"outing": outing(more="review = true;\n")})
    asked = daemon.sign_up("outing", "anna@gmial.com", name="Anna", lunch="meat", _guests="1", _shown="1",
                           **block(1, "Bo", "bo@outlok.com"))
    assert asked.status == 422 and forms.problem(asked) == {
        "Did you mean anna@gmail.com? You can also keep what you wrote and send the form again": "#email",
        "Person 2: Did you mean bo@outlook.com? You can also keep what you wrote and send the form again": "#guest.1.email"}
    review = daemon.browser().post(asked.form.action, forms.filled(asked.form, {"email": "anna@gmail.com"}))
    assert review.status == 200 and "bo@outlok.com" in review.text and "anna@gmail.com" in review.text
    done = daemon.browser().post(review.form.action, forms.filled(review.form, {}) + [("_reviewed", "yes")])
    assert done.status == 303 and [row["email"] for row in rows(daemon)] == ["anna@gmail.com", "bo@outlok.com"]


def test_faults_stand_with_their_person(daemon):
    answer = sign_up(daemon, "anna", ("Bo", "no address"), ("", address("cy")), **{"guest.2.lunch": ""})
    assert answer.status == 422 and not rows(daemon)
    assert set(answer.form.wrong()) == {"guest.1.email", "guest.2.name", "guest.2.lunch"}
    said = forms.problem(answer)
    assert sorted(said.values()) == ["#guest.1.email", "#guest.2.lunch", "#guest.2.name"]
    assert all(sentence.startswith("Person ") for sentence in said)
    assert answer.form.values["guest.1.email"] == "no address" and answer.form.values["guest.2.email"] == address("cy")
    for wrong in ("4", "-1", "many"):
        answer = sign_up(daemon, "anna", _guests=wrong)
        assert answer.status == 422 and answer.form.wrong() == ["_guests"], wrong
    assert not rows(daemon)


def test_each_is_a_registration(daemon, smtp):
    assert sign_up(daemon, "anna", ("Bo", address("bo")), ("Cy", ""), ("Di", address("anna"))).status == 303
    anna, bo, cy, di = rows(daemon)
    assert [row["reference"] for row in (bo, cy, di)] == [f"{anna['reference']}/{n}" for n in (2, 3, 4)]
    assert {row["party_id"] for row in (anna, bo, cy, di)} == {anna["id"]}
    assert {row["status"] for row in (anna, bo, cy, di)} == {"confirmed"}
    assert [row["email"] for row in (bo, cy, di)] == [address("bo"), None, address("anna")]
    assert all(row["dedupe"] is None for row in (bo, cy, di))
    assert json.loads(bo["answers"]) == {"lunch": "plants"} and json.loads(anna["answers"])["lunch"] == "meat"
    assert places(daemon) == (4, 0, 0, 0)

    mine, his = about(daemon, smtp, anna, "confirmed"), letter(daemon, smtp, "bo", "confirmed")
    for kind in ("plain", "html"):
        assert all(name in letters.body(mine, kind) for name in ("Bo", "Cy", "Di"))
        assert "Registered by" in letters.body(his, kind) and "Cy" not in letters.body(his, kind)
    assert letters.manage_path(mine) != letters.manage_path(his)
    assert letters.calendar(his)["METHOD"] == "REQUEST"
    page = daemon.browser().get(letters.manage_path(his))
    assert page.status == 200 and "Anna registered you" in page.text and "Cy" not in page.text
    assert not [link for link in page.links if link.endswith("/change")], "the places are Anna's to change"

    shown = daemon.ctl_json("registration", "show", bo["reference"])
    assert shown["name"] == "Bo" and [one["name"] for one in shown["group"]] == ["Anna", "Cy", "Di"]
    assert [one["name"] for one in daemon.ctl_json("registration", "show", anna["reference"])["group"]] == ["Bo", "Cy", "Di"]
    assert len(daemon.query("SELECT 1 FROM registrations WHERE party = ?", (anna["id"],))) == 4

    # bo may come once more by himself: nobody held his key
    assert daemon.sign_up("outing", address("bo"), name="Bo", lunch="meat").status == 303
    assert rows(daemon)[-1]["status"] == "waitlisted"
    nobody_twice(daemon, smtp)
    daemon.ctl("verify")


def test_two_people_of_one_address_have_a_letter_each(daemon, smtp):
    """"One message for two people who share an address": each gets his own, of his own registration."""
    assert sign_up(daemon, "anna", ("Bo", address("anna")), ("Cy", address("ANNA"))).status == 303
    anna, bo, cy = rows(daemon)
    daemon.settled()
    paths = {letters.manage_path(about(daemon, smtp, one, "confirmed")) for one in (anna, bo, cy)}
    assert len(paths) == 3
    cancel(daemon, letters.manage_path(about(daemon, smtp, bo, "confirmed")))
    assert states(daemon) == {"Anna": "confirmed", "Bo": "cancelled", "Cy": "confirmed"}
    daemon.ctl("event", "cancel", "outing", "--reason", "The ferry is broken", "--yes")
    daemon.settled()
    told = daemon.query("SELECT registration, count(*) AS n FROM mail_log WHERE kind = 'event_off' GROUP BY 1 ORDER BY 1")
    assert [(row["registration"], row["n"]) for row in told] == [(anna["id"], 1), (cy["id"], 1)]
    nobody_twice(daemon, smtp)


def test_all_or_none(daemon, smtp):
    come(daemon, "outing", "joe", lunch="meat")
    assert sign_up(daemon, "eva", ("Fay", "")).status == 303
    assert places(daemon) == (3, 0, 0, 1)
    assert sign_up(daemon, "anna", ("Bo", address("bo"))).status == 303
    assert {"Anna": "waitlisted", "Bo": "waitlisted"}.items() <= states(daemon).items(), "there is room for one alone"
    assert places(daemon) == (3, 0, 2, 1), "two people wait"
    letter(daemon, smtp, "bo", "waitlisted")
    come(daemon, "outing", "max", lunch="meat")
    assert states(daemon)["Max Petrauskas"] == "confirmed", "what is too little for two is enough for him"

    cancel(daemon, letters.manage_path(letter(daemon, smtp, "joe", "confirmed")))
    assert states(daemon)["Anna"] == "waitlisted"
    cancel(daemon, letters.manage_path(letter(daemon, smtp, "max", "confirmed")))
    assert [states(daemon)[name] for name in ("Anna", "Bo")] == ["offered", "offered"]
    assert places(daemon) == (4, 2, 0, 0)
    path = letters.answer_path(letter(daemon, smtp, "anna", "offer"))
    assert not daemon.query("SELECT 1 FROM mail_log WHERE kind = 'offer' AND recipient = ?", (address("bo"),))
    press(daemon, path, answer="yes")
    assert [states(daemon)[name] for name in ("Anna", "Bo")] == ["confirmed", "confirmed"]
    letter(daemon, smtp, "bo", "confirmed")
    daemon.ctl("verify")


def test_one_leaves_then_all(daemon, smtp):
    assert sign_up(daemon, "anna", ("Bo", address("bo")), ("Cy", ""), ("Di", "")).status == 303
    come(daemon, "outing", "joe", lunch="meat")
    path = letters.manage_path(letter(daemon, smtp, "anna", "confirmed"))
    page = daemon.browser().get(path)
    leave = [link for link in page.links if "guest=" in link]
    assert len(leave) == 3
    ask = daemon.browser().get(leave[1])
    assert ask.status == 200 and "Cy" in ask.text and states(daemon)["Cy"] == "confirmed"
    assert daemon.browser().post(ask.form.action, ask.form.values).status == 303
    assert states(daemon) == {"Anna": "confirmed", "Bo": "confirmed", "Cy": "cancelled", "Di": "confirmed",
                              "Joe Petrauskas": "offered"}
    assert daemon.browser().post(ask.form.action, ask.form.values).status == 303, "twice is the same"
    assert states(daemon)["Anna"] == "confirmed"

    cancel(daemon, letters.manage_path(letter(daemon, smtp, "bo", "confirmed")))
    assert states(daemon)["Bo"] == "cancelled" and states(daemon)["Anna"] == "confirmed"
    assert letters.calendar(letter(daemon, smtp, "bo", "cancelled"))["METHOD"] == "CANCEL"
    ask = daemon.browser().get(path + "/cancel")
    assert "1 person who comes with you is cancelled too." in ask.text
    cancel(daemon, path)
    assert {states(daemon)[name] for name in ("Anna", "Bo", "Cy", "Di")} == {"cancelled"}
    assert places(daemon)[0] == 1
    daemon.ctl("verify")


def test_an_organiser_cancels_all(daemon):
    assert sign_up(daemon, "anna", ("Bo", ""), ("Cy", "")).status == 303
    assert "with 2 guests" in daemon.ctl("registration", "cancel", rows(daemon)[0]["reference"])
    assert set(states(daemon).values()) == {"cancelled"} and places(daemon)[0] == 0


def test_nameless_guests_are_counted(make_daemon):
    daemon = make_daemon({"outing": definition("outing", capacity=4, languages=("en",), fields=FIELDS[:2],
                                               extra='group_max = 4; guest_name = "optional";')})
    assert daemon.sign_up("outing", address("anna"), name="Anna", _guests="2", _shown="2").status == 303
    assert [row["name"] for row in rows(daemon)] == ["Anna", None, None] and places(daemon)[0] == 3


def test_nobody_is_written_to_before_the_address_is_confirmed(make_daemon, smtp):
    daemon = make_daemon({"outing": outing(more='confirm = "hold"; hold_hours = 24;')})
    assert sign_up(daemon, "anna", ("Bo", address("bo")), ("Cy", "")).status == 303
    assert set(states(daemon).values()) == {"pending_email"} and places(daemon) == (3, 3, 0, 1)
    path = letters.answer_path(letter(daemon, smtp, "anna", "confirm"))
    assert not daemon.query("SELECT 1 FROM mail_log WHERE recipient = ?", (address("bo"),))
    press(daemon, path)
    assert set(states(daemon).values()) == {"confirmed"} and places(daemon) == (3, 0, 0, 1)
    letter(daemon, smtp, "bo", "confirmed")
    assert sign_up(daemon, "eva").status == 303
    daemon.pass_time(25 * 3600)
    daemon.ctl("verify")


def test_who_declines_declines_for_all(daemon, smtp):
    come(daemon, "outing", "joe", "max", "eva", lunch="meat")
    assert sign_up(daemon, "anna", ("Bo", address("bo"))).status == 303
    cancel(daemon, letters.manage_path(letter(daemon, smtp, "joe", "confirmed")))
    press(daemon, letters.answer_path(letter(daemon, smtp, "anna", "offer")), answer="no")
    assert [states(daemon)[name] for name in ("Anna", "Bo")] == ["declined", "declined"] and places(daemon) == (2, 0, 0, 2)
    letter(daemon, smtp, "bo", "cancelled")
    daemon.ctl("verify")


def test_all_of_them_stand_on_the_page_before_sending(make_daemon):
    daemon = make_daemon({"outing": outing(more="review = true;")})
    page = sign_up(daemon, "anna", ("Bo", address("bo")), ("Cy", ""))
    assert page.status == 200 and not rows(daemon)
    assert all(word in page.text for word in ("Person 2: Lunch", "Plants", "Bo", "Cy", address("bo")))
    form = next(form for form in page.forms if "guest.2.name" in form.values)
    done = [(name, element.get("value")) for name, elements in form.controls.items() for element in elements
            if element.tag == "button" and "edit" not in name]
    assert daemon.browser().post(form.action, list(form.values.items()) + done).status == 303
    assert [row["name"] for row in rows(daemon)] == ["Anna", "Bo", "Cy"]


# ---- later, by who booked ----

def booked(daemon, smtp, person, *guests):
    """PERSON has signed up with GUESTS; the path of the own page."""
    assert sign_up(daemon, person, *guests).status == 303
    daemon.settled()
    row = daemon.query("SELECT id FROM registration WHERE email = ? AND party_id = id", (address(person),))[-1]
    return letters.manage_path(about(daemon, smtp, row, "confirmed"))


def test_answers_of_guests_are_corrected(daemon, smtp):
    path = booked(daemon, smtp, "anna", ("Bo", address("bo")), ("Cy", ""))
    form = own_form(daemon, path)
    assert [form.values[f"guest.{n}.name"] for n in (1, 2)] == ["Bo", "Cy"] and form.values["guest.1.lunch"] == "plants"
    assert [form.values[f"guest.{n}._number"] for n in (1, 2)] == ["2", "3"] and form.values["_guests"] == "2"
    assert forms.offered(form, "_guests") == ["2", "3"], "who has a place is taken off on the page of the registration"
    assert "guest.1.email" not in form.controls
    daemon.settled()
    before = daemon.dump()
    assert save(daemon, form).status == 303 and daemon.dump() == before, "nothing was changed, nothing is said"

    assert save(daemon, form, guest__2__name="Cyrus", guest__2__lunch="meat").location.endswith(path + "?saved=1")
    anna, bo, cy = rows(daemon)
    assert cy["name"] == "Cyrus" and json.loads(cy["answers"]) == {"lunch": "meat"} and bo["name"] == "Bo"
    mine = letters.body(about(daemon, smtp, anna, "changed"), "plain")
    assert "Cyrus: Lunch" in mine and "meat" not in mine.lower().replace("cyrus: lunch", "")
    assert not daemon.query("SELECT 1 FROM mail_log WHERE recipient = ? AND kind = 'changed'", (address("bo"),))
    assert save(daemon, own_form(daemon, path), guest__1__lunch="meat").status == 303
    assert "Lunch" in letters.body(about(daemon, smtp, bo, "changed"), "plain")
    found = json.loads(daemon.query("SELECT data FROM audit WHERE registration_id = ? ORDER BY id DESC", (bo["id"],))[0]["data"])
    assert found["fields"] == ["lunch"]
    nobody_twice(daemon, smtp)
    daemon.ctl("verify")


def test_a_guest_without_an_address_is_given_one(make_daemon, smtp):
    limit = 'caps = ( { by = "organisation"; max = 2; } );\n'
    daemon = make_daemon({"outing": outing(more=limit)})
    path = booked(daemon, smtp, "anna", ("Bo", ""))
    answer = save(daemon, own_form(daemon, path), guest__1__email="no address", motive="Sea")
    assert answer.status == 422 and answer.form.wrong() == ["guest.1.email"] and answer.form.values["motive"] == "Sea"
    assert save(daemon, own_form(daemon, path), guest__1__email="bo@else.example").location.endswith("?saved=1")
    anna, bo = rows(daemon)
    assert (bo["name"], bo["email"], bo["status"], bo["dedupe"]) == ("Bo", "bo@else.example", "confirmed", None)
    daemon.settled()
    (his,) = [mail.message for mail in smtp.to("bo@else.example")]
    assert his["Subject"].startswith("You have a place") and "Registered by" in letters.body(his, "plain")
    assert letters.calendar(his)["METHOD"] == "REQUEST"
    own = daemon.browser().get(letters.manage_path(his))
    assert own.status == 200 and "Bo" in own.text
    mine = letters.body(about(daemon, smtp, anna, "changed"), "plain")
    assert "Bo: Email" in mine
    counted = {row["key"]: row["taken"] for row in daemon.query("SELECT key, taken FROM place WHERE kind = 'cap'")}
    assert counted == {"org:@umed.example": 1, "org:@else.example": 1}, "he counts for his own domain now"

    # it is his from now on: who booked neither sees nor changes it
    form = own_form(daemon, path)
    assert "guest.1.email" not in form.controls
    daemon.settled()
    before = daemon.dump()
    assert save(daemon, form, guest__1__email="thief@else.example").status == 303 and daemon.dump() == before
    nobody_twice(daemon, smtp)
    daemon.ctl("verify")


def test_an_address_that_is_given_later_is_written_to_as_often_as_others(make_daemon, smtp):
    daemon = make_daemon({"outing": outing()}, limits={"mails_per_address_per_hour": 1})
    path = booked(daemon, smtp, "anna", ("Bo", ""), ("Cy", ""))
    daemon.settled()
    before = daemon.dump()
    for twice in (("cy", "cy"), ("cy", "anna")):
        values = {f"guest.{n}.email": address(who) for n, who in enumerate(twice, 1)}
        answer = save(daemon, own_form(daemon, path), **values)
        assert answer.status == 429 and daemon.dump() == before
        assert answer.form.values["guest.1.email"] == address(twice[0])
    assert save(daemon, own_form(daemon, path), guest__1__email=address("bo")).status == 303
    daemon.settled()
    assert len(smtp.to(address("bo"))) == 1


def test_faults_of_a_change_stand_with_their_person(daemon, smtp):
    path = booked(daemon, smtp, "anna", ("Bo", ""), ("Cy", ""))
    daemon.settled()
    before = daemon.dump()
    answer = save(daemon, own_form(daemon, path), guest__1__name="", guest__2__lunch="stones", motive="Sea")
    assert answer.status == 422 and set(answer.form.wrong()) == {"guest.1.name", "guest.2.lunch"}
    assert any(sentence.startswith("Person 2") for sentence in forms.problem(answer))
    assert answer.form.values["motive"] == "Sea" and daemon.dump() == before


def test_people_are_added_later(daemon, smtp):
    path = booked(daemon, smtp, "anna", ("Bo", ""))
    daemon.settled()
    before = daemon.dump()
    form = grown(daemon, own_form(daemon, path), 3, motive="Sea", guest__1__name="Bob")
    assert daemon.dump() == before, "nothing is saved yet"
    assert form.values["motive"] == "Sea" and form.values["guest.1.name"] == "Bob" and "guest.2._number" not in form.values
    assert "guest.2.email" in form.controls
    assert save(daemon, form, guest__2__name="Cy", guest__2__email=address("cy"), guest__2__lunch="meat").status == 303
    anna, bo, cy = rows(daemon)
    assert (bo["name"], cy["name"], cy["reference"]) == ("Bob", "Cy", anna["reference"] + "/3"), "an empty block is nobody"
    assert cy["party_id"] == anna["id"] and cy["status"] == "confirmed" and json.loads(anna["answers"])["motive"] == "Sea"
    assert places(daemon) == (3, 0, 0, 1)
    his = letter(daemon, smtp, "cy", "confirmed")
    assert "Registered by" in letters.body(his, "plain") and letters.calendar(his)["METHOD"] == "REQUEST"
    mine = letters.body(about(daemon, smtp, anna, "changed"), "plain")
    assert "Comes with you now" in mine and "Cy" in mine
    assert daemon.browser().get(letters.manage_path(his)).status == 200

    # somebody leaves, another comes: nobody gets a reference that somebody had
    page = daemon.browser().get(path)
    press(daemon, next(link for link in page.links if "guest=3" in link))
    form = grown(daemon, own_form(daemon, path), 2)
    assert save(daemon, form, guest__2__name="Di", guest__2__lunch="meat").status == 303
    assert rows(daemon)[-1]["reference"] == anna["reference"] + "/4" and places(daemon) == (3, 0, 0, 1)
    assert len(daemon.ctl_json("registration", "show", anna["reference"])["group"]) == 3
    nobody_twice(daemon, smtp)
    daemon.ctl("verify")


def test_no_room_for_more_is_said_at_the_number(daemon, smtp):
    path = booked(daemon, smtp, "anna", ("Bo", ""))
    come(daemon, "outing", "joe", lunch="meat")
    form = grown(daemon, own_form(daemon, path), 3, motive="Sea")
    daemon.settled()
    before = daemon.dump()
    answer = save(daemon, form, guest__2__name="Cy", guest__2__lunch="meat", guest__3__name="Di", guest__3__lunch="meat")
    assert answer.status == 409 and answer.form.wrong() == ["_guests"] and daemon.dump() == before, "all or none"
    assert "There is no room for more people" in answer.text
    assert answer.form.values["guest.3.name"] == "Di" and answer.form.values["motive"] == "Sea"
    assert save(daemon, answer.form, _guests="2").status == 303
    assert [row["name"] for row in rows(daemon)] == ["Anna", "Bo", "Joe Petrauskas", "Cy"]
    full = daemon.browser().get(path + "/change").form
    assert forms.offered(full, "_guests") == ["2", "3"]
    for wrong in ("4", "99"):
        answer = save(daemon, full, _guests=wrong)
        assert answer.status == 422 and answer.form.wrong() == ["_guests"], wrong
    daemon.ctl("verify")


def test_who_waits_adds_people_who_wait_too(daemon, smtp):
    come(daemon, "outing", "joe", "max", "eva", "liv", lunch="meat")
    assert sign_up(daemon, "anna").status == 303
    path = letters.manage_path(letter(daemon, smtp, "anna", "waitlisted"))
    form = grown(daemon, own_form(daemon, path), 1)
    assert save(daemon, form, guest__1__name="Bo", guest__1__email=address("bo"), guest__1__lunch="meat").status == 303
    assert [states(daemon)[name] for name in ("Anna", "Bo")] == ["waitlisted", "waitlisted"] and places(daemon)[2] == 2
    letter(daemon, smtp, "bo", "waitlisted")
    cancel(daemon, letters.manage_path(letter(daemon, smtp, "joe", "confirmed")))
    assert states(daemon)["Anna"] == "waitlisted", "one place is too little now"
    cancel(daemon, letters.manage_path(letter(daemon, smtp, "max", "confirmed")))
    assert [states(daemon)[name] for name in ("Anna", "Bo")] == ["offered", "offered"]
    daemon.ctl("verify")


def test_a_guest_who_left_while_the_form_was_open(daemon, smtp):
    path = booked(daemon, smtp, "anna", ("Bo", address("bo")), ("Cy", ""))
    form = own_form(daemon, path)
    cancel(daemon, letters.manage_path(letter(daemon, smtp, "bo", "confirmed")))
    answer = save(daemon, form, guest__1__name="Bob", guest__2__name="Cyrus")
    assert answer.status == 409 and "was changed meanwhile" in answer.text
    assert answer.form.values["guest.1.name"] == "Cyrus" and "guest.2.name" not in answer.form.controls
    assert save(daemon, answer.form).status == 303
    assert [row["name"] for row in rows(daemon)] == ["Anna", "Bo", "Cyrus"]


def test_mails_to_people_who_are_added_are_limited(make_daemon, smtp):
    daemon = make_daemon({"outing": outing(capacity=40)}, limits={"mails_per_address_per_hour": 3})
    path = booked(daemon, smtp, "anna")
    form = grown(daemon, own_form(daemon, path), 3)
    for _ in range(3):
        daemon.sign_up("outing", address("bo"), name="Bo", lunch="meat")
    daemon.settled()
    before = daemon.dump()
    answer = save(daemon, form, guest__1__name="Bo", guest__1__email=address("bo"), guest__1__lunch="meat")
    assert answer.status == 429 and "too many messages" in answer.text and daemon.dump() == before
    assert answer.form.values["guest.1.name"] == "Bo"
    assert save(daemon, answer.form, guest__1__email="").status == 303


PATIENTS = (
    'reserves = ( { id = "patients"; mode = "onsite"; for = "who = patient"; size = 2; } );\n'
    'modes = ( { id = "onsite"; capacity = 3; }, { id = "online"; capacity = 9; } );'
)
WHO = ('{ id = "who"; type = "choice"; role = "stakeholder"; label = "Who"; each = true; required = true; options = ( '
       '{ id = "patient"; label = "Patient"; }, { id = "other"; label = "Other"; } ); }')


def test_reserves_of_guests_are_worked_out_anew_with_the_mode(make_daemon, smtp):
    """Who booked took guests along to another mode without the reserves that are for them there."""
    daemon = make_daemon({"outing": definition("outing", capacity=None, languages=("en",), fields=FIELDS[:2] + (WHO,),
                                               extra="group_max = 4;\n" + PATIENTS)})
    assert daemon.sign_up("outing", address("anna"), name="Anna", who="other", mode="online", _guests="2", _shown="2",
                          **{"guest.1.name": "Bo", "guest.1.who": "patient", "guest.2.name": "Cy",
                             "guest.2.who": "patient"}).status == 303
    path = letters.manage_path(letter(daemon, smtp, "anna", "confirmed"))
    assert save(daemon, own_form(daemon, path), mode="onsite").status == 303
    taken = {row["place"]: row["taken"] for row in daemon.query("SELECT place, taken FROM places")}
    assert taken["onsite"] == 3 and taken["patients"] == 2 and taken["online"] == 0
    anna = rows(daemon)[0]["reference"]
    daemon.ctl("registration", "move", anna, "--mode", "online")
    daemon.ctl("registration", "move", anna, "--mode", "onsite")
    taken = {row["place"]: row["taken"] for row in daemon.query("SELECT place, taken FROM places")}
    assert taken["onsite"] == 3 and taken["patients"] == 2, "by an organiser too"
    # a guest who is no patient has no place in their reserve
    answer = save(daemon, own_form(daemon, path), guest__1__who="other")
    assert answer.status == 409 and rows(daemon)[1]["status"] == "confirmed"
    daemon.ctl("verify")


def test_a_guest_reads_of_what_he_was_asked_alone(daemon, smtp):
    path = booked(daemon, smtp, "anna", ("Bo", address("bo")))
    assert "Why do you come?" in daemon.browser().get(path).text, "who booked was asked and said nothing"
    his = daemon.browser().get(letters.manage_path(letter(daemon, smtp, "bo", "confirmed"))).text
    assert "Lunch Plants" in his and "Why do you come?" not in his


def test_the_limit_of_a_guest_is_said_at_his_control(make_daemon):
    country = '{ id = "country"; type = "country"; role = "country"; label = "Country"; each = true; required = true; }'
    text = definition("outing", capacity=9, languages=("en",), fields=(*FIELDS, country),
                      extra='group_max = 4; caps = ( { by = "country"; max = 1; }, { by = "organisation"; max = 3; } );\n')
    daemon = make_daemon({"outing": text})
    assert sign_up(daemon, "zoe", country="LV").status == 303
    daemon.settled()
    before = daemon.dump()
    answer = sign_up(daemon, "anna", ("", ""), ("Cy", ""), **{"guest.1.lunch": "", "country": "EE", "guest.2.country": "LV"})
    assert answer.status == 409 and answer.form.wrong() == ["guest.2.country"] and daemon.dump() == before
    (sentence, control), = forms.problem(answer).items()
    assert control == "#guest.2.country" and sentence.startswith("Person 3: ") and "Latvia" in sentence
    answer = sign_up(daemon, "anna", ("Bo", ""), country="LV", **{"guest.1.country": "FI"})
    assert answer.status == 409 and answer.form.wrong() == ["country"], "his own"
    assert sign_up(daemon, "anna", ("Bo", ""), country="EE", **{"guest.1.country": "FI"}).status == 303
    answer = daemon.sign_up("outing", "bert@else.example", name="Bert", lunch="meat", country="SE", _guests="1", _shown="1",
                            **block(1, "Di", address("di")), **{"guest.1.country": "NO"})
    assert answer.status == 409 and answer.form.wrong() == ["guest.1.email"], "a domain counts where it was given"
    daemon.ctl("verify")


def test_each_declares_his_own_company_on_his_own_day(make_daemon, smtp):
    """Who came along got the day on which the booker had declared his."""
    firm = '{ id = "firm"; type = "organisation"; label = "Firm"; each = true; parts = ( "sme" ); }'
    daemon = make_daemon({"outing": definition("outing", capacity=9, languages=("en",), fields=(*FIELDS, firm),
                                               extra="group_max = 4;\n")})
    assert sign_up(daemon, "anna", ("Bo", ""), **{"firm.name": "A", "firm.country": "EE", "firm.sme": "yes"}).status == 303
    daemon.pass_time(86400)
    path = letters.manage_path(letter(daemon, smtp, "anna", "confirmed"))
    bo = {"guest.1.firm.name": "B", "guest.1.firm.country": "EE", "guest.1.firm.sme": "yes"}
    form = grown(daemon, own_form(daemon, path), 2, **bo)
    cy = {"guest.2.name": "Cy", "guest.2.lunch": "meat", "guest.2.firm.name": "C", "guest.2.firm.country": "EE",
          "guest.2.firm.sme": "yes"}
    assert save(daemon, form, **cy).status == 303
    daemon.pass_time(86400)
    assert save(daemon, own_form(daemon, path), **{"guest.1.firm.name": "B2", "firm.name": "A2"}).status == 303
    days = {row["name"]: json.loads(row["answers"])["firm"] for row in rows(daemon)}
    assert {name: (firm["name"], firm["sme_on"]) for name, firm in days.items()} == {
        "Anna": ("A2", "2027-01-15"), "Bo": ("B2", "2027-01-16"), "Cy": ("C", "2027-01-16")}


def test_the_parts_of_a_question_name_their_person_too(make_daemon):
    firm = '{ id = "firm"; type = "organisation"; label = "Firm"; each = true; }'
    tops = ('{ id = "tops"; type = "ranking"; label = "Tops"; each = true; options = ( { id = "a"; label = "A"; }, '
            '{ id = "b"; label = "B"; } ); }')
    need = '{ id = "need"; type = "special_need"; label = "Need"; each = true; }'
    daemon = make_daemon({"outing": definition("outing", capacity=9, languages=("en",), fields=(*FIELDS, firm, tops, need),
                                               extra="group_max = 4;\n")})
    answer = sign_up(daemon, "anna", ("Bo", ""), ("Cy", ""), **{
        "tops.1": "a", "tops.2": "a", "guest.1.tops.1": "a", "guest.1.tops.2": "a", "guest.1.need": "A ramp",
        "guest.2.firm.name": "C"})
    said = {control: sentence for sentence, control in forms.problem(answer).items()}
    assert set(said) == {"#tops.2", "#guest.1.tops.2", "#guest.1.need.consent", "#guest.2.firm.country"}
    for control, sentence in said.items():
        number = {"#guest.1": "Person 2: ", "#guest.2": "Person 3: "}.get(control[:8])
        assert sentence.startswith(number or "Choose") and sentence.count("Person") == bool(number), sentence
    assert answer.form.values["guest.1.need"] == "A ramp" and answer.form.values["guest.2.firm.name"] == "C"


def test_too_many_for_what_is_left(make_daemon):
    """They were told that what they asked for had just become full, beside the number of places that are left."""
    daemon = make_daemon({"outing": outing(capacity=3, waiting_list=False), "waits": outing(capacity=3).replace(
        'slug = "outing"', 'slug = "waits"')})
    for slug in ("outing", "waits"):
        values = {"name": "Anna", "lunch": "meat", "_guests": "3", "_shown": "3",
                  **block(1, "Bo"), **block(2, "Cy"), **block(3, "Di")}
        answer = daemon.sign_up(slug, address("anna"), **values)
        assert answer.status == 409 and answer.form.wrong() == ["_guests"] and not rows(daemon), slug
        assert "not enough places left for all of you" in answer.text and "just become full" not in answer.text
        assert answer.form.values["guest.3.name"] == "Di"
    assert sign_up(daemon, "anna", ("Bo", ""), ("Cy", "")).status == 303
    answer = sign_up(daemon, "eva", ("Fay", ""))
    assert answer.status == 409 and "just become full" in answer.text, "nobody gets in any more"
