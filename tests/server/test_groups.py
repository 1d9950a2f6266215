# SPDX-License-Identifier: EUPL-1.2
"""One person signs up several: the form grows without script, all of them get places or none does, and each is a
registration of its own."""
import json

import pytest
from harness import forms, letters
from harness.definitions import definition
from harness.groups import about, block, FIELDS, outing, rows, sign_up, states
from harness.people import address, cancel, come, letter, nobody_twice, places, press


@pytest.fixture
def daemon(make_daemon):
    return make_daemon({"outing": outing()})


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


def test_a_new_block_is_as_a_fresh_form(make_daemon):
    """Defaults stand in it, as the language writes them; what is asked of some alone says so, and hides by their answers."""
    fields = (*FIELDS, '{ id = "hours"; type = "number"; label = "Hours"; each = true; decimals = 1; default = 7.5; }',
              '{ id = "wine"; type = "text"; label = "Wine"; each = true; required = true; show_if = "lunch = meat"; }')
    daemon = make_daemon({"outing": definition("outing", fields=fields, extra="group_max = 4;")})
    page = daemon.browser().get("/lt/e/outing")
    daemon.pass_time(4)
    typed = {"name": "Anna", "email": address("anna"), "lunch": "plants", "_guests": "3"}
    grown = daemon.browser().post(page.form.action, forms.filled(page.form, typed) + [("_add", "yes")])
    assert [grown.form.values[f"guest.{n}.hours"] for n in (1, 2, 3)] == ["7,5"] * 3
    wine = grown.form.controls["guest.2.wine"][0]
    assert "if-wine-2" in wine.parent.parent.get("class") and "Meat" in wine.parent.parent.text
    sheet = next(link.get("href") for link in grown.tree.all("link") if "/static/e-" in link.get("href"))
    assert '[name="guest.2.lunch"]' in next(line for line in daemon.browser().get(sheet).html.splitlines() if "if-wine-2" in line)
    values = grown.form.values | {"guest.2.name": "Bo", "guest.2.lunch": "meat", "guest.2.hours": "3"}
    answer = daemon.browser().post(grown.form.action, values)
    assert answer.status == 422 and answer.form.wrong() == ["guest.2.wine"], "the blocks that nobody touched are nobody"
    assert daemon.browser().post(answer.form.action, answer.form.values | {"guest.2.wine": "Red"}).status == 303
    assert [(row["name"], json.loads(row["answers"])) for row in rows(daemon)[1:]] == [
        ("Bo", {"lunch": "meat", "hours": 3.0, "wine": "Red"})]


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
    assert "because Anna registered you on" in " ".join(letters.body(his, "plain").split()), "he did not do it himself"
    hers = about(daemon, smtp, di, "confirmed")  # who reads the booker's mailbox
    assert hers["Subject"] == f"{mine['Subject']} (Di)" and "(" not in his["Subject"]
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
