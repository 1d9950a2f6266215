# SPDX-License-Identifier: EUPL-1.2
"""What who booked for several changes later: answers and addresses of the others, and who is added."""
import json

import pytest
from harness import forms, letters
from harness.definitions import definition
from harness.groups import about, block, booked, FIELDS, grown, outing, own_form, rows, save, sign_up, states
from harness.people import address, cancel, come, letter, nobody_twice, places, press


@pytest.fixture
def daemon(make_daemon):
    return make_daemon({"outing": outing()})


def test_answers_of_guests_are_corrected(daemon, smtp):
    path = booked(daemon, smtp, "anna", ("Bo", address("bo")), ("Cy", ""))
    form = own_form(daemon, path)
    assert [form.values[f"guest.{n}.name"] for n in (1, 2)] == ["Bo", "Cy"] and form.values["guest.1.lunch"] == "plants"
    assert [form.values[f"guest.{n}._number"] for n in (1, 2)] == ["2", "3"] and form.values["_guests"] == "2"
    assert forms.offered(form, "_guests") == ["2", "3"], "who has a place is taken off on the page of the registration"
    daemon.settled()
    before = daemon.dump()
    assert save(daemon, form).status == 303 and daemon.dump() == before, "nothing was changed, nothing is said"

    assert save(daemon, form, guest__2__name="Cyrus", guest__2__lunch="meat").location.endswith(path + "?saved=1")
    anna, bo, cy = rows(daemon)
    assert cy["name"] == "Cyrus" and json.loads(cy["answers"]) == {"lunch": "meat"} and bo["name"] == "Bo"
    mine = letters.body(about(daemon, smtp, anna, "changed"), "plain")
    assert "Cyrus: Lunch" in mine and "Plants → Meat" in mine and "Cy → Cyrus" in mine
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

    nobody_twice(daemon, smtp)
    daemon.ctl("verify")


def test_a_mistyped_address_of_a_guest_is_corrected(make_daemon, smtp):
    """A colleague's address with a mistake in it: the letter reaches him, and the wrong mailbox holds no key any more."""
    limit = 'caps = ( { by = "organisation"; max = 2; } );\n'
    daemon = make_daemon({"outing": outing(more=limit)})
    path = booked(daemon, smtp, "anna", ("Bo", "bo@esle.example"))
    wrong = letters.manage_path(smtp.to("bo@esle.example")[0].message)
    form = own_form(daemon, path)
    assert form.values["guest.1.email"] == "bo@esle.example"
    assert "the link in earlier emails stops working" in daemon.browser().get(path + "/change").text
    answer = save(daemon, form, guest__1__email="bo at else")
    assert answer.status == 422 and answer.form.wrong() == ["guest.1.email"]
    assert save(daemon, form, guest__1__email="bo@else.example").location.endswith("?saved=1")
    anna, bo = rows(daemon)
    assert (bo["email"], bo["status"], bo["dedupe"]) == ("bo@else.example", "confirmed", None)
    assert daemon.browser().get(wrong).status == 404, "what was sent to the wrong address opens nothing"
    daemon.settled()
    (his,) = [mail.message for mail in smtp.to("bo@else.example")]
    assert his["Subject"].startswith("You have a place") and letters.calendar(his)["METHOD"] == "REQUEST"
    assert "Bo" in daemon.browser().get(letters.manage_path(his)).text
    last = smtp.to("bo@esle.example")[-1].message
    assert last["Subject"].startswith("Your email address has changed")
    assert not [link for link in letters.links(last) if "/r/" in link], "who reads there is told, and gets no key"
    assert "Bo: Email" in letters.body(about(daemon, smtp, anna, "changed"), "plain")
    counted = {row["key"]: row["taken"] for row in daemon.query("SELECT key, taken FROM place WHERE kind = 'cap'")}
    assert counted["org:@else.example"] == 1 and counted.get("org:@esle.example", 0) == 0
    assert len(smtp.to("bo@esle.example")) == 2 and len(smtp.to("bo@else.example")) == 1
    daemon.ctl("verify")


def test_an_address_that_is_kept_as_it_was_typed_is_not_asked_back_about_again(make_daemon, smtp):
    """Neither that of who booked, which is not on the page, nor that of a guest."""
    other = '{ id = "other"; type = "email"; label = "Another address"; each = true; }'
    daemon = make_daemon({"outing": definition("outing", capacity=4, languages=("en",), fields=(*FIELDS, other),
                                               extra="group_max = 4;\n")})
    said = block(1, "Bo", "bo@outlok.com") | {"_guests": "1", "_shown": "1", "_typed": "anna@gmial.com", "lunch": "meat",
                                              "other": "anna@yahooo.com", "guest.1.other": "bo@yaho.com"}
    asked = daemon.sign_up("outing", "anna@gmial.com", name="Anna", **said)
    assert set(asked.form.wrong()) == {"other", "guest.1.email", "guest.1.other"}
    assert daemon.browser().post(asked.form.action, forms.filled(asked.form, {})).status == 303
    daemon.settled()
    path = letters.manage_path(smtp.to("anna@gmial.com")[0].message)
    assert save(daemon, own_form(daemon, path), motive="Sea").status == 303
    assert save(daemon, own_form(daemon, path), guest__1__email="bo@gmial.com").form.wrong() == ["guest.1.email"]


def test_who_came_along_without_a_name_keeps_what_he_left_empty(make_daemon, smtp):
    firm = '{ id = "firm"; type = "organisation"; label = "Firm"; each = true; parts = ( "name" ); }'
    daemon = make_daemon({"outing": definition("outing", capacity=9, languages=("en",), fields=(*FIELDS, firm),
                                               extra='group_max = 4;\nguest_name = "optional";\n')})
    answers = {"firm.name": "Umed", "firm.country": "EE"}
    assert sign_up(daemon, "anna", ("", ""), **answers).status == 303
    daemon.settled()
    form = own_form(daemon, letters.manage_path(smtp.to(address("anna"))[0].message))
    assert form.values["firm.name"] == "Umed" and form.values["guest.1.firm.name"] == ""


def test_a_mistake_that_was_not_mailed_yet_is_never_mailed(daemon, smtp):
    path = booked(daemon, smtp, "anna")
    daemon.ctl("mail", "pause")
    form = grown(daemon, own_form(daemon, path), 2)
    guests = {f"guest__{n}__{name}": value for n, who in ((1, "bo"), (2, "cy"))
              for name, value in (("name", who.title()), ("email", address("x" + who)), ("lunch", "meat"))}
    assert save(daemon, form, **guests).status == 303
    assert save(daemon, own_form(daemon, path), guest__1__email=address("bo"), guest__2__email="").status == 303
    assert [row["email"] for row in rows(daemon)] == [address("anna"), address("bo"), None]
    daemon.ctl("mail", "resume")
    daemon.settled()
    assert not smtp.to(address("xbo")) and not smtp.to(address("xcy")), "nobody there ever heard of it"
    assert [mail.message["Subject"][:16] for mail in smtp.to(address("bo"))] == ["You have a place"]
    nobody_twice(daemon, smtp)
    daemon.ctl("verify")


def test_an_address_that_mail_comes_back_from_is_corrected(daemon, smtp):
    path = booked(daemon, smtp, "anna", ("Bo", address("bbo")))
    daemon.execute("UPDATE registration SET undeliverable_at = 1, undeliverable_why = '550 5.1.1' WHERE name = 'Bo'")
    assert "Emails to this address come back" in daemon.browser().get(path + "/change").text
    assert save(daemon, own_form(daemon, path), guest__1__email=address("bo")).status == 303
    daemon.settled()
    assert len(smtp.to(address("bo"))) == 1 and len(smtp.to(address("bbo"))) == 1, "nothing more goes to where nobody is"
    assert daemon.query("SELECT undeliverable_at FROM registration WHERE name = 'Bo'") == [{"undeliverable_at": None}]
    daemon.ctl("verify")


def test_a_corrected_address_is_counted_and_limited_as_others(make_daemon, smtp):
    limit = 'caps = ( { by = "organisation"; max = 1; } );\n'
    daemon = make_daemon({"outing": outing(more=limit)}, limits={"mails_per_address_per_hour": 1})
    path = booked(daemon, smtp, "anna", ("Bo", "bo@else.example"))
    before = daemon.dump()
    answer = save(daemon, own_form(daemon, path), guest__1__email=address("bo"), motive="Sea")
    assert answer.status == 409 and answer.form.wrong() == ["guest.1.email"] and answer.form.values["motive"] == "Sea"
    assert answer.form.values["guest.1.email"] == address("bo") and daemon.dump() == before
    assert save(daemon, own_form(daemon, path), guest__1__email="bo@third.example").status == 303
    assert save(daemon, own_form(daemon, path), guest__1__email="bo@else.example").status == 429, "it had its mail this hour"
    daemon.ctl("verify")


def test_a_guest_who_has_used_his_page_keeps_his_address(daemon, smtp):
    path = booked(daemon, smtp, "anna", ("Bo", address("bo")))
    his, before_he_came = letters.manage_path(letter(daemon, smtp, "bo", "confirmed")), own_form(daemon, path)
    assert daemon.browser().get(his).status == 200
    assert "guest.1.email" in own_form(daemon, path).controls, "scanners open links too: looking is no act"
    ask = daemon.browser().get(his + "/address")
    assert daemon.browser().post(ask.form.action, {"email": address("bo-new")}).status == 303
    daemon.settled()
    before = daemon.dump()
    answer = save(daemon, before_he_came, guest__1__email=address("thief"))
    assert answer.status in (303, 409) and daemon.dump() == before
    page = daemon.browser().get(path + "/change")
    assert "guest.1.email" not in page.form.controls and "has used their own link" in page.text
    assert save(daemon, page.form, guest__1__email=address("thief")).status == 303 and daemon.dump() == before
    assert daemon.browser().get(his).status == 200
    assert save(daemon, page.form, guest__1__lunch="meat").status == 303, "his answers are who booked's as before"
    assert rows(daemon)[1]["email"] == address("bo")


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
