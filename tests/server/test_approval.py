# SPDX-License-Identifier: EUPL-1.2
"""approval = "manual": the organisers decide from the shell while the daemon serves, and never let in more than fit."""
import collections
import concurrent.futures

import pytest
from harness import letters
from harness.definitions import definition
from harness.people import (address, becomes, cancel, come, kinds, letter, nobody_twice, places, press, reference, states)
from harness.wait import eventually

MANUAL = 'approval = "manual";'
LOOSE = MANUAL + " approval_holds = false;"


def course(extra=MANUAL, capacity=2, **more):
    return definition("course", starts="2027-04-15T09:00", ends="2027-04-15T17:00", capacity=capacity, extra=extra, **more)


@pytest.fixture
def daemon(make_daemon):
    return make_daemon({"course": course()})


def decide(daemon, verb, person, *arguments, code=0):
    name = reference(daemon, person) if person else "0000-000"
    got, output, errors = daemon.ctl("registration", verb, name, *arguments, code=None)
    assert got == code and (output + errors).strip(), (verb, person, got, output, errors)
    return output + errors


def test_asked_and_approved(daemon, smtp):
    following = daemon.browser().follow(daemon.sign_up("course", address("anna"), name="Anna Petrauskas"))
    assert following.status == 200 and "organiser" in following.text.lower()
    assert states(daemon) == {"anna": "awaiting_approval"} and places(daemon) == (1, 1, 0, 1)
    message = letter(daemon, smtp, "anna", "awaiting_approval")
    assert not letters.calendars(message), "it is not her place yet"
    own = letters.manage_path(message)
    page = daemon.browser().get(own)
    assert page.status == 200 and "organiser" in page.text.lower()
    assert daemon.browser().get(own + "/confirm").status == 200 and daemon.browser().post(own + "/confirm", {}).status == 303
    assert states(daemon) == {"anna": "awaiting_approval"}, "she cannot let herself in"
    daemon.ctl("verify")

    decide(daemon, "approve", "anna")
    assert states(daemon) == {"anna": "confirmed"} and places(daemon) == (1, 0, 0, 1)
    assert letters.calendar(letter(daemon, smtp, "anna", "confirmed"))["METHOD"] == "REQUEST"
    assert daemon.browser().get(own).text != page.text
    act, = daemon.query("SELECT actor, action, from_status FROM audit WHERE to_status = 'confirmed'")
    assert "convenectl" in act["actor"] and act["action"] == "approve" and act["from_status"] == "awaiting_approval"
    before = daemon.query("SELECT count(*) AS n FROM audit")
    daemon.ctl("registration", "approve", reference(daemon, "anna"), code=None)
    assert daemon.query("SELECT count(*) AS n FROM audit") == before, "twice is nothing new"
    assert kinds(daemon, "anna") == ["awaiting_approval", "confirmed"]
    nobody_twice(daemon, smtp)
    daemon.ctl("verify")


def test_rejected_with_the_reason_in_the_mail(daemon, smtp):
    come(daemon, "course", "anna", "joe")
    letter(daemon, smtp, "anna", "awaiting_approval")
    assert daemon.sign_up("course", address("late")).status == 409
    full = daemon.browser().get("/e/course").text
    reason = "This time only hospitals & <their> partners"
    daemon.secrets.add(reason)
    decide(daemon, "reject", "anna", "--reason", reason)
    assert states(daemon) == {"anna": "rejected", "joe": "awaiting_approval"} and places(daemon) == (1, 1, 0, 1)
    eventually(lambda: daemon.browser().get("/e/course").text != full, 3, "the page shows the place as free")
    message = letter(daemon, smtp, "anna", "rejected", 3)
    assert reason in " ".join(letters.body(message, "plain").split())
    assert "&lt;their&gt;" in letters.body(message, "html") and "<their>" not in letters.body(message, "html")
    assert not letters.calendars(message), "nothing was in her calendar"
    assert daemon.query("SELECT status_reason FROM registrations WHERE status = 'rejected'")[0]["status_reason"] == reason
    own = daemon.browser().get(letters.manage_path(letter(daemon, smtp, "anna", "awaiting_approval")))
    assert own.status == 200 and not any(p.endswith("/cancel") for p in own.links)
    come(daemon, "course", "late")
    assert states(daemon)["late"] == "awaiting_approval"
    nobody_twice(daemon, smtp)
    daemon.ctl("verify")


def test_rejected_after_it_was_confirmed(daemon, smtp):
    come(daemon, "course", "anna")
    decide(daemon, "approve", "anna")
    invitation = letters.event_of(letters.calendar(letter(daemon, smtp, "anna", "confirmed")))
    decide(daemon, "reject", "anna", "--reason", "The room is gone")
    away = letters.calendar(letter(daemon, smtp, "anna", "rejected"))
    assert away["METHOD"] == "CANCEL"
    assert letters.event_of(away)["UID"] == invitation["UID"]
    assert letters.event_of(away)["SEQUENCE"] > invitation["SEQUENCE"]
    assert states(daemon) == {"anna": "rejected"} and places(daemon) == (0, 0, 0, 2)
    nobody_twice(daemon, smtp)
    daemon.ctl("verify")


def test_who_was_rejected_may_ask_again(daemon, smtp):
    come(daemon, "course", "anna")
    decide(daemon, "reject", "anna", "--reason", "Not this time")
    come(daemon, "course", "anna")
    assert [r["status"] for r in daemon.query("SELECT status FROM registration ORDER BY id")] == ["rejected", "awaiting_approval"]
    decide(daemon, "approve", "anna")
    assert states(daemon) == {"anna": "confirmed"}
    nobody_twice(daemon, smtp)


@pytest.mark.parametrize("verb, person, arguments, code", [
    ("reject", "anna", (), 2), ("reject", "anna", ("--reason", ""), 2), ("reject", None, ("--reason", "x"), 1),
    ("approve", None, (), 1), ("approve", "anna", ("--event", "course"), 2), ("promote", "anna", ("--reason", "x"), 1),
    ("approve", "anna", ("--reason", "x" * 5000), 2), ("admit", "anna", (), 2),
])
def test_what_cannot_be_done(daemon, verb, person, arguments, code):
    come(daemon, "course", "anna")
    daemon.settled()
    before = daemon.dump()
    decide(daemon, verb, person, *arguments, code=code)
    assert daemon.dump() == before


def test_said_as_json_too(daemon):
    come(daemon, "course", "anna", "joe")
    for verb, person, arguments in (("approve", "anna", ()), ("reject", "joe", ("--reason", "Not this time"))):
        answer = daemon.ctl_json("registration", verb, reference(daemon, person), *arguments)
        assert answer["reference"] == reference(daemon, person) and isinstance(answer["result"], str)
    assert states(daemon) == {"anna": "confirmed", "joe": "rejected"}


def test_giving_it_up_while_the_organisers_think(daemon, smtp):
    come(daemon, "course", "anna")
    cancel(daemon, letters.manage_path(letter(daemon, smtp, "anna", "awaiting_approval")))
    assert states(daemon) == {"anna": "cancelled"} and places(daemon) == (0, 0, 0, 2)
    told = letter(daemon, smtp, "anna", "cancelled")
    assert not letters.calendars(told) and "organisers have" not in letters.body(told, "plain")
    daemon.ctl("registration", "approve", reference(daemon, "anna"), code=None)
    assert states(daemon) == {"anna": "cancelled"}
    daemon.ctl("verify")


def test_who_is_cancelled_by_the_organisers_is_told_so(daemon, smtp):
    come(daemon, "course", "anna")
    daemon.ctl("registration", "cancel", reference(daemon, "anna"), "--reason", "You asked us by phone")
    told = letter(daemon, smtp, "anna", "cancelled")
    assert told["Subject"].startswith("Your registration is cancelled: "), "it is not the event that is off"
    text = letters.body(told, "plain")
    assert "The organisers have cancelled your registration." in text and "You asked us by phone" in text


def test_each_mode_as_it_says(make_daemon, smtp):
    modes = '( { id = "onsite"; capacity = 1; approval = "manual"; }, { id = "online"; capacity = 3; } )'
    daemon = make_daemon({"course": course(extra="", modes=modes)})
    come(daemon, "course", "anna", mode="onsite")
    come(daemon, "course", "joe", mode="online")
    assert states(daemon) == {"anna": "awaiting_approval", "joe": "confirmed"}
    assert places(daemon) == {"onsite": (1, 1, 0, 0), "online": (1, 0, 0, 2)}
    page = daemon.browser().get("/e/course")
    assert page.text.lower().count("organisers confirm each registration") == 1, "at the mode where it is so"
    decide(daemon, "approve", "anna")
    nobody_twice(daemon, smtp)
    daemon.ctl("verify")


def test_the_event_s_word_and_a_mode_s_own(make_daemon):
    modes = '( { id = "onsite"; capacity = 1; }, { id = "online"; approval = "automatic"; } )'
    daemon = make_daemon({"course": course(modes=modes)})
    come(daemon, "course", "anna", mode="onsite")
    come(daemon, "course", "joe", mode="online")
    assert states(daemon) == {"anna": "awaiting_approval", "joe": "confirmed"}


def test_applications_that_hold_no_place_never_oversell(make_daemon, smtp):
    daemon = make_daemon({"course": course(extra=LOOSE)})
    people = ["anna", "joe", "eva", "max", "zoe"]
    come(daemon, "course", *people)
    assert set(states(daemon).values()) == {"awaiting_approval"} and places(daemon) == (0, 0, 0, 2)
    page = daemon.browser().get("/e/course")
    assert "place is kept while you wait" not in page.text.lower()
    for person in ("eva", "anna"):
        decide(daemon, "approve", person)
    assert places(daemon) == (2, 0, 0, 0)
    daemon.settled()
    before = daemon.dump()
    said = decide(daemon, "approve", "joe", code=1)
    assert "place" in said.lower() or "full" in said.lower()
    assert daemon.dump() == before, "nobody is let in where no place is"
    decide(daemon, "reject", "eva", "--reason", "Double booking")
    decide(daemon, "approve", "joe")
    decide(daemon, "approve", "max", code=1)
    assert states(daemon) == {"anna": "confirmed", "joe": "confirmed", "eva": "rejected", "max": "awaiting_approval",
                              "zoe": "awaiting_approval"}
    assert places(daemon) == (2, 0, 0, 0)
    nobody_twice(daemon, smtp)
    daemon.ctl("verify")


def test_two_places_and_eight_approvals_at_once(make_daemon, smtp):
    daemon = make_daemon({"course": course(extra=LOOSE)})
    people = [f"p{n}" for n in range(8)]
    come(daemon, "course", *people)
    names = [reference(daemon, person) for person in people]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        codes = list(pool.map(lambda name: daemon.ctl("registration", "approve", name, code=None)[0], names))
    assert collections.Counter(codes) == {0: 2, 1: 6}
    assert collections.Counter(states(daemon).values()) == {"confirmed": 2, "awaiting_approval": 6}
    assert places(daemon) == (2, 0, 0, 0)
    nobody_twice(daemon, smtp)
    daemon.ctl("verify")


def test_applications_that_hold_their_place(make_daemon, smtp):
    daemon = make_daemon({"course": course(waiting_list=True)})
    assert "place is kept while you wait" in daemon.browser().get("/e/course").text.lower()
    come(daemon, "course", "anna", "joe", "eva", "max")
    assert states(daemon) == {"anna": "awaiting_approval", "joe": "awaiting_approval", "eva": "waitlisted", "max": "waitlisted"}
    assert places(daemon) == (2, 2, 2, 0)
    decide(daemon, "reject", "anna", "--reason", "Not this time")
    letter(daemon, smtp, "anna", "rejected")
    assert states(daemon)["eva"] == "waitlisted" and places(daemon) == (1, 1, 2, 1), "the organisers choose, not the clock"
    daemon.ctl("verify")
    decide(daemon, "promote", "max", "--reason", "The only pharmacist")
    becomes(daemon, "max", "offered")
    decide(daemon, "promote", "eva", "--reason", "No place any more", code=1)
    assert daemon.query("SELECT status_reason FROM registrations WHERE status = 'offered'")[0]["status_reason"] == "The only pharmacist"
    press(daemon, letters.answer_path(letter(daemon, smtp, "max", "offer")), answer="yes")
    assert states(daemon) == {"anna": "rejected", "joe": "awaiting_approval", "eva": "waitlisted", "max": "confirmed"}
    assert places(daemon) == (2, 1, 1, 0)
    nobody_twice(daemon, smtp)
    daemon.ctl("verify")


def test_address_first_then_the_organisers(make_daemon, smtp):
    daemon = make_daemon({"course": course(extra=MANUAL + ' confirm = "hold";')})
    come(daemon, "course", "anna", "joe")
    assert set(states(daemon).values()) == {"pending_email"} and places(daemon) == (2, 2, 0, 0)
    decide(daemon, "approve", "anna", code=1)
    assert states(daemon)["anna"] == "pending_email", "an address that nobody confirmed is not let in"
    press(daemon, letters.answer_path(letter(daemon, smtp, "anna", "confirm")))
    assert states(daemon)["anna"] == "awaiting_approval" and places(daemon) == (2, 2, 0, 0)
    letter(daemon, smtp, "anna", "awaiting_approval")
    daemon.pass_time(9 * 86400)
    eventually(lambda: states(daemon).get("joe", "expired") == "expired")
    assert states(daemon)["anna"] == "awaiting_approval", "who confirmed waits as long as the organisers need"
    decide(daemon, "approve", "anna")
    assert states(daemon)["anna"] == "confirmed" and places(daemon) == (1, 0, 0, 1)
    nobody_twice(daemon, smtp)
    daemon.ctl("verify")


def test_address_first_where_applications_hold_nothing(make_daemon, smtp):
    daemon = make_daemon({"course": course(extra=LOOSE + ' confirm = "hold";', capacity=1)})
    come(daemon, "course", "anna", "joe")
    assert places(daemon) == (0, 0, 0, 1)
    for person in ("anna", "joe"):
        press(daemon, letters.answer_path(letter(daemon, smtp, person, "confirm")))
    assert set(states(daemon).values()) == {"awaiting_approval"} and places(daemon) == (0, 0, 0, 1)
    decide(daemon, "approve", "joe")
    decide(daemon, "approve", "anna", code=1)
    assert places(daemon) == (1, 0, 0, 0)
    daemon.ctl("verify")


def test_decided_without_the_daemon(daemon, smtp):
    come(daemon, "course", "anna", "joe")
    daemon.settled()
    assert daemon.stop() == 0
    decide(daemon, "approve", "anna")
    decide(daemon, "reject", "joe", "--reason", "Not this time")
    daemon.start()
    letter(daemon, smtp, "anna", "confirmed")
    letter(daemon, smtp, "joe", "rejected")
    nobody_twice(daemon, smtp)
    daemon.ctl("verify")


def test_from_manual_to_automatic_by_a_reload(make_daemon, smtp):
    """Who asked already still waits for the organisers; who comes from now on does not."""
    daemon = make_daemon({"course": course(waiting_list=True)})
    come(daemon, "course", "anna", "joe", "eva")
    decide(daemon, "reject", "anna", "--reason", "Not this time")
    daemon.write_event("course", course(extra="", waiting_list=True))
    daemon.reload()
    becomes(daemon, "eva", "offered")
    assert states(daemon)["joe"] == "awaiting_approval" and places(daemon) == (2, 2, 0, 0)
    decide(daemon, "approve", "joe")
    press(daemon, letters.answer_path(letter(daemon, smtp, "eva", "offer")), answer="yes")
    assert states(daemon) == {"anna": "rejected", "joe": "confirmed", "eva": "confirmed"}
    nobody_twice(daemon, smtp)
    daemon.ctl("verify")
