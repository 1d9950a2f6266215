# SPDX-License-Identifier: EUPL-1.2
"""confirm = "hold": the place is kept until the address is confirmed; who never confirms loses it, and then every trace."""
import collections

import pytest
from harness import letters
from harness.crowd import sign_up_all
from harness.definitions import IDEA, PLAIN_FIELDS, TERMS, definition
from harness.people import (address, becomes, cancel, come, kinds, letter, nobody_twice, places, press, reference, row,
                            says_when, states)
from harness.wait import eventually

HOUR = 3600
DAY = 24 * HOUR
WEEK = 7 * DAY


def course(capacity=1, hours=None, extra="", **more):
    hold = 'confirm = "hold";' + (f" hold_hours = {hours};" if hours else "")
    return definition("course", starts="2027-04-15T09:00", ends="2027-04-15T17:00", capacity=capacity, extra=hold + extra, **more)


@pytest.fixture
def daemon(make_daemon):
    return make_daemon({"course": course()})


def confirm_path(daemon, smtp, person):
    return letters.answer_path(letter(daemon, smtp, person, "confirm"))


def until(daemon, person):
    return daemon.query("SELECT expires_at FROM registration WHERE email = ? ORDER BY id DESC", (address(person),))[0]["expires_at"]


def test_signed_up_and_confirmed(daemon, smtp):
    following = daemon.browser().follow(daemon.sign_up("course", address("anna")))
    assert following.status == 200 and "confirm" in following.text.lower()
    assert states(daemon) == {"anna": "pending_email"} and places(daemon) == (1, 1, 0, 0)
    assert daemon.sign_up("course", address("joe")).status == 409, "the place is kept"

    message = letter(daemon, smtp, "anna", "confirm")
    assert not letters.calendars(message)
    created, = daemon.query("SELECT created_at, expires_at FROM registration")
    assert created["expires_at"] - created["created_at"] == 48 * HOUR
    for kind in ("plain", "html"):
        says_when(letters.body(message, kind), created["expires_at"])
    path = letters.answer_path(message)
    daemon.settled()
    before = daemon.dump()
    page = daemon.browser().get(path)
    assert page.status == 200 and page.header("Cache-Control") == "no-store"
    says_when(page.text, created["expires_at"])
    assert daemon.browser().head(path).status == 200
    assert any(link.endswith(path) for link in daemon.browser().get(path.removesuffix("/confirm")).links)
    assert daemon.dump() == before, "a mail scanner that reads the link confirms nothing"

    done = daemon.browser().follow(press(daemon, path))
    assert done.status == 200 and states(daemon) == {"anna": "confirmed"} and places(daemon) == (1, 0, 0, 0)
    assert letters.calendar(letter(daemon, smtp, "anna", "confirmed"))["METHOD"] == "REQUEST"
    daemon.settled()
    before = daemon.dump()
    assert daemon.browser().post(path, {}).status == 303, "twice is the same"
    assert daemon.browser().get(path).status == 200
    assert daemon.dump() == before
    daemon.ctl("verify")
    daemon.pass_time(9 * DAY)
    assert states(daemon) == {"anna": "confirmed"}
    assert kinds(daemon, "anna") == ["confirm", "confirmed"], "no reminder any more"
    nobody_twice(daemon, smtp)


def test_one_reminder_half_way(daemon, smtp):
    come(daemon, "course", "anna")
    first = confirm_path(daemon, smtp, "anna")
    daemon.settled()
    daemon.pass_time(24 * HOUR - 120)
    daemon.settled()
    assert kinds(daemon, "anna") == ["confirm"]
    daemon.pass_time(240)
    reminder = letter(daemon, smtp, "anna", "confirm_reminder")
    says_when(letters.body(reminder, "plain"), until(daemon, "anna"))
    daemon.settled()
    assert daemon.stop() == 0
    daemon.clock.move(12 * HOUR)
    daemon.start()
    daemon.pass_time(6 * HOUR)
    daemon.settled()
    assert kinds(daemon, "anna") == ["confirm", "confirm_reminder"]
    assert letters.answer_path(reminder) == first
    press(daemon, first)
    assert states(daemon) == {"anna": "confirmed"}
    nobody_twice(daemon, smtp)


def test_the_reminder_comes_after_a_restart_too(daemon, smtp):
    come(daemon, "course", "anna")
    confirm_path(daemon, smtp, "anna")
    daemon.settled()
    daemon.kill()
    daemon.clock.move(30 * HOUR)
    daemon.start()
    letter(daemon, smtp, "anna", "confirm_reminder")
    assert kinds(daemon, "anna") == ["confirm", "confirm_reminder"]
    nobody_twice(daemon, smtp)


def test_no_reminder_for_a_place_that_was_lost_meanwhile(daemon, smtp):
    come(daemon, "course", "anna")
    confirm_path(daemon, smtp, "anna")
    daemon.settled()
    assert daemon.stop() == 0
    daemon.clock.move(49 * HOUR)
    daemon.start()
    becomes(daemon, "anna", "expired")
    daemon.settled()
    reminded = daemon.query("SELECT state FROM mail_log WHERE kind = 'confirm_reminder'")
    assert [r["state"] for r in reminded] == ["superseded"], "it would tell of a place that nobody keeps"
    assert kinds(daemon, "anna") == ["confirm"]


def test_the_place_is_free_again_and_the_link_void(daemon, smtp):
    come(daemon, "course", "anna")
    path = confirm_path(daemon, smtp, "anna")
    daemon.pass_time(48 * HOUR - 120)
    assert states(daemon)["anna"] == "pending_email"
    daemon.pass_time(240)
    becomes(daemon, "anna", "expired")
    assert places(daemon) == (0, 0, 0, 1)
    daemon.settled()
    told = kinds(daemon, "anna")
    assert told[:1] == ["confirm"] and set(told) <= {"confirm", "confirm_reminder"}, "an address that never answered is left alone"
    own = daemon.browser().get(path.removesuffix("/confirm"))
    assert own.status == 200 and not any(p.endswith(("/cancel", "/confirm")) for p in own.links)
    assert daemon.browser().post(path, {}).status in (303, 409)
    assert states(daemon)["anna"] == "expired" and places(daemon) == (0, 0, 0, 1)
    daemon.forget_forms()
    come(daemon, "course", "joe")
    press(daemon, confirm_path(daemon, smtp, "joe"))
    assert states(daemon) == {"anna": "expired", "joe": "confirmed"}
    assert daemon.sign_up("course", address("anna")).status == 409
    nobody_twice(daemon, smtp)
    daemon.ctl("verify")


def test_signs_up_again_after_it_lapsed(daemon, smtp):
    come(daemon, "course", "anna")
    old = confirm_path(daemon, smtp, "anna")
    daemon.pass_time(48 * HOUR + 60)
    becomes(daemon, "anna", "expired")
    daemon.forget_forms()
    come(daemon, "course", "anna")
    assert states(daemon)["anna"] == "pending_email"
    new = confirm_path(daemon, smtp, "anna")
    assert new != old
    press(daemon, new)
    daemon.pass_time(WEEK + HOUR)
    eventually(lambda: daemon.browser().get(old.removesuffix("/confirm")).status == 404, what="the old link is void")
    own = daemon.browser().get(new.removesuffix("/confirm"))
    assert own.status == 200 and "Anna Petrauskas" in own.text, "the new one stays whole"
    assert [r["status"] for r in daemon.query("SELECT status FROM registration ORDER BY id")] == ["erased", "confirmed"]
    daemon.ctl("verify")


def test_a_week_later_nothing_of_the_person_is_left(make_daemon, smtp):
    daemon = make_daemon({"course": course(fields=(*PLAIN_FIELDS, IDEA, TERMS))})
    idea = "A bed for every grandmother"
    come(daemon, "course", "anna", idea=idea, terms="yes")
    path = confirm_path(daemon, smtp, "anna")
    name = row(daemon, "anna")["reference"]
    daemon.settled()
    assert any(idea in line for line in daemon.dump())
    daemon.pass_time(48 * HOUR + 60)
    becomes(daemon, "anna", "expired")
    daemon.settled()
    daemon.pass_time(WEEK - 3 * HOUR)
    assert daemon.browser().get(path).status == 200
    assert states(daemon) == {"anna": "expired"}
    daemon.pass_time(3 * HOUR + 60)
    becomes(daemon, "anna", None)
    rest = "\n".join(daemon.dump())
    for trace in ("anna@", "Anna", "Petrauskas", "anna", idea):
        assert trace not in rest, f"{trace!r} is still there"
    erased, = daemon.query("SELECT status, answers, dedupe, erased_at FROM registration")
    assert erased["status"] == "erased" and erased["answers"] == "{}" and erased["dedupe"] is None and erased["erased_at"]
    for view in ("registrations", "event_course", "consents"):
        assert daemon.query(f"SELECT * FROM {view}") == [], view
    for old in (path, path.removesuffix("/confirm"), path.replace("/confirm", "/cancel")):
        assert daemon.browser().get(old).status == 404, "no link may revive"
        assert daemon.browser().post(old, {}).status in (404, 405)
    assert daemon.ctl("registration", "show", name, code=None)[0] == 1
    assert not any(m["recipient"] for m in daemon.query("SELECT recipient FROM mail_log"))
    daemon.ctl("verify")

    daemon.forget_forms()
    come(daemon, "course", "anna", idea=idea, terms="yes")
    new = confirm_path(daemon, smtp, "anna")
    assert new != path
    press(daemon, new)
    assert states(daemon) == {"anna": "confirmed"} and places(daemon) == (1, 0, 0, 0)
    assert daemon.browser().get(path).status == 404
    daemon.ctl("verify")


def test_all_of_it_while_the_daemon_is_down(daemon, smtp):
    come(daemon, "course", "anna")
    path = confirm_path(daemon, smtp, "anna")
    daemon.settled()
    assert daemon.stop() == 0
    daemon.clock.move(48 * HOUR + 60)
    daemon.start()
    becomes(daemon, "anna", "expired")
    assert places(daemon) == (0, 0, 0, 1)
    daemon.kill()
    daemon.clock.move(WEEK)
    daemon.start()
    becomes(daemon, "anna", None)
    assert not any("anna" in line.lower() for line in daemon.dump())
    assert daemon.browser().get(path).status == 404
    daemon.ctl("verify")


def test_it_is_deleted_a_week_after_the_deadline_however_late_it_was_noticed(daemon, smtp):
    """The mail says so; a daemon that was down does not add its own weeks."""
    come(daemon, "course", "anna")
    confirm_path(daemon, smtp, "anna")
    daemon.settled()
    assert daemon.stop() == 0
    daemon.clock.move(48 * HOUR + WEEK + 60)
    daemon.start()
    becomes(daemon, "anna", None)
    daemon.ctl("verify")


@pytest.mark.parametrize("restart", [False, True])
def test_the_hours_over_the_change_of_clocks(daemon, smtp, restart):
    """Vilnius leaves UTC+2 for UTC+3 at 01:00 UTC on 28 March 2027; 48 hours stay 48 hours."""
    daemon.set_time("2027-03-27T10:00:00Z")
    come(daemon, "course", "anna")
    path = confirm_path(daemon, smtp, "anna")
    created, = daemon.query("SELECT created_at, expires_at FROM registration")
    assert created["expires_at"] - created["created_at"] == 48 * HOUR
    plain = letters.body(letter(daemon, smtp, "anna", "confirm"), "plain")
    says_when(plain, created["expires_at"])
    assert "29 March" in plain and "13:0" in plain and "UTC+3" in plain
    for stamp, state in (("2027-03-28T01:30:00Z", "pending_email"), ("2027-03-29T09:59:00Z", "pending_email"),
                         ("2027-03-29T10:05:00Z", "expired")):
        if restart:
            assert daemon.stop() == 0
        daemon.set_time(stamp)
        if restart:
            daemon.start()
        if state == "pending_email":
            says_when(daemon.browser().get(path).text, created["expires_at"])
        becomes(daemon, "anna", state)
    assert places(daemon) == (0, 0, 0, 1)


def test_late_is_said_even_before_the_place_is_free(daemon, smtp):
    come(daemon, "course", "anna")
    path = confirm_path(daemon, smtp, "anna")
    daemon.execute("CREATE TRIGGER stuck BEFORE UPDATE ON registration WHEN new.status = 'expired' "
                   "BEGIN SELECT raise(ABORT, 'stuck'); END")
    daemon.pass_time(48 * HOUR + 1)
    assert daemon.browser().post(path, {}).status == 409
    assert states(daemon) == {"anna": "pending_email"}
    daemon.execute("DROP TRIGGER stuck")
    becomes(daemon, "anna", "expired")
    assert places(daemon) == (0, 0, 0, 1)


def test_as_many_hours_as_the_definition_says(make_daemon, smtp):
    daemon = make_daemon({"course": course(hours=1)})
    come(daemon, "course", "anna")
    created, = daemon.query("SELECT created_at, expires_at FROM registration")
    assert created["expires_at"] - created["created_at"] == HOUR
    says_when(letters.body(letter(daemon, smtp, "anna", "confirm"), "plain"), created["expires_at"])
    daemon.pass_time(HOUR // 2 + 5)
    letter(daemon, smtp, "anna", "confirm_reminder")
    daemon.pass_time(HOUR // 2)
    becomes(daemon, "anna", "expired")


def test_a_second_form_of_the_same_address_holds_no_second_place(make_daemon, smtp):
    daemon = make_daemon({"course": course(capacity=2)})
    come(daemon, "course", "anna")
    path = confirm_path(daemon, smtp, "anna")
    come(daemon, "course", "anna")
    assert letters.answer_path(letter(daemon, smtp, "anna", "again")) == path, "it leads to what is still to be done"
    assert places(daemon) == (1, 1, 0, 1) and len(daemon.query("SELECT 1 FROM registration")) == 1
    press(daemon, path)
    assert places(daemon) == (1, 0, 0, 1)
    nobody_twice(daemon, smtp)


def test_giving_it_up_before_it_is_confirmed(daemon, smtp):
    come(daemon, "course", "anna")
    path = confirm_path(daemon, smtp, "anna")
    cancel(daemon, path.removesuffix("/confirm"))
    assert states(daemon) == {"anna": "cancelled"} and places(daemon) == (0, 0, 0, 1)
    assert daemon.browser().post(path, {}).status == 303
    assert states(daemon) == {"anna": "cancelled"}
    daemon.pass_time(30 * HOUR)
    daemon.settled()
    assert kinds(daemon, "anna") == ["confirm"], "neither a reminder nor anything else"
    daemon.ctl("verify")


def test_confirmed_onto_the_list_and_offered_what_lapses(make_daemon, smtp):
    """Joe comes while anna's place is held: he is told so, confirms, waits, and gets her place when she never answers."""
    daemon = make_daemon({"course": course(waiting_list=True)})
    come(daemon, "course", "anna")
    confirm_path(daemon, smtp, "anna")
    daemon.pass_time(HOUR)
    come(daemon, "course", "joe")
    assert states(daemon) == {"anna": "pending_email", "joe": "pending_email"} and places(daemon) == (1, 1, 0, 0)
    message = letter(daemon, smtp, "joe", "confirm")
    assert "waiting list" in letters.body(message, "plain"), "no place is kept for him"
    press(daemon, letters.answer_path(message))
    assert states(daemon)["joe"] == "waitlisted" and places(daemon) == (1, 1, 1, 0)
    letter(daemon, smtp, "joe", "waitlisted")
    daemon.pass_time(47 * HOUR + 60)
    becomes(daemon, "anna", "expired")
    becomes(daemon, "joe", "offered")
    press(daemon, letters.answer_path(letter(daemon, smtp, "joe", "offer")), answer="yes")
    assert states(daemon)["joe"] == "confirmed" and places(daemon) == (1, 0, 0, 0)
    daemon.pass_time(2 * WEEK)
    assert row(daemon, "joe")["status"] == "confirmed"
    nobody_twice(daemon, smtp)
    daemon.ctl("verify")


def test_the_shell_sees_and_cancels_held_places(daemon, smtp):
    come(daemon, "course", "anna")
    listed, = daemon.ctl_json("registration", "list", "--event", "course")
    assert listed["status"] == "pending_email"
    daemon.ctl("verify")
    daemon.ctl("registration", "cancel", reference(daemon, "anna"))
    assert places(daemon) == (0, 0, 0, 1)
    daemon.ctl("verify")


@pytest.mark.timeout(240)
def test_many_hold_and_half_confirm(make_daemon, smtp):
    daemon = make_daemon({"course": course(capacity=20)})
    action, form = daemon.ripe_form("course")
    forms = [{**form, "name": f"Person {n}", "email": address(f"p{n}")} for n in range(60)]
    assert collections.Counter(sign_up_all(daemon.port, action, forms)) == {303: 20, 409: 40}
    assert places(daemon) == (20, 20, 0, 0)
    here = sorted(states(daemon))
    for person in here[:10]:
        assert press(daemon, confirm_path(daemon, smtp, person)).status == 303
    assert places(daemon) == (20, 10, 0, 0)
    daemon.ctl("verify")
    daemon.settled(60)
    daemon.pass_time(48 * HOUR + 60)
    for person in here:
        becomes(daemon, person, "confirmed" if person in here[:10] else "expired")
    assert places(daemon) == (10, 0, 0, 10)
    daemon.pass_time(WEEK + HOUR)
    for person in here[10:]:
        becomes(daemon, person, None)
    assert len(states(daemon)) == 10
    nobody_of = [p for p in here[10:] if any(address(p) in line for line in daemon.dump())]
    assert nobody_of == []
    daemon.ctl("verify")
