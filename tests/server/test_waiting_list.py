# SPDX-License-Identifier: EUPL-1.2
"""A freed place is offered to who has waited longest, held for his answer, and passed on if none comes."""
import collections
import concurrent.futures
import json
import re

import pytest
from harness import letters
from harness.crowd import sign_up_all
from harness.definitions import definition
from harness.people import (address, becomes, cancel, come, kinds, letter, nobody_twice, places, press, reference, row,
                            says_when, states)
from harness.wait import eventually

HOUR = 3600
OFFER = 48 * HOUR


def course(capacity=1, **more):
    """An event in the middle of April, with a list."""
    return definition("course", starts="2027-04-15T09:00", ends="2027-04-15T17:00", capacity=capacity, waiting_list=True, **more)


@pytest.fixture
def daemon(make_daemon):
    return make_daemon({"course": course()})


def offers(daemon):
    """(person, outcome) of every offer, in the order in which they were made."""
    rows = daemon.query("SELECT r.email, o.outcome FROM offer AS o JOIN registration AS r ON r.id = o.registration_id ORDER BY o.id")
    return [(row["email"].split("@")[0], row["outcome"]) for row in rows]


def offered_to(daemon, smtp, person):
    """Waits for the offer; the path where it is answered."""
    becomes(daemon, person, "offered")
    return letters.answer_path(letter(daemon, smtp, person, "offer"))


def anna_leaves(daemon, smtp, *waiting):
    """Anna has the only place, the others wait in order, she cancels; the path of the first one's offer."""
    come(daemon, "course", "anna", *waiting)
    assert states(daemon) == {"anna": "confirmed", **{person: "waitlisted" for person in waiting}}
    cancel(daemon, letters.manage_path(letter(daemon, smtp, "anna", "confirmed")))
    return offered_to(daemon, smtp, waiting[0])


def test_offer_by_mail_and_accepted(daemon, smtp):
    path = anna_leaves(daemon, smtp, "joe", "eva")
    message = letter(daemon, smtp, "joe", "offer")
    assert not letters.calendars(message), "it is not his place yet"
    made = daemon.query("SELECT made_at, accept_by FROM offer")[0]
    assert made["accept_by"] - made["made_at"] == OFFER
    for kind in ("plain", "html"):
        says_when(letters.body(message, kind), made["accept_by"])
    assert "UTC+2" in letters.body(message, "plain")
    assert path in letters.body(message, "html")
    assert places(daemon) == (1, 1, 1, 0), "held for joe"

    daemon.settled()
    before = daemon.dump()
    page = daemon.browser().get(path)
    assert page.status == 200 and page.header("Cache-Control") == "no-store"
    says_when(page.text, made["accept_by"])
    assert daemon.browser().head(path).status == 200
    manage = path.removesuffix("/confirm")
    assert any(link.endswith(path) for link in daemon.browser().get(manage).links), "his page leads to the answer"
    assert daemon.dump() == before, "reading changed something"

    come(daemon, "course", "late")
    assert states(daemon)["late"] == "waitlisted" and places(daemon) == (1, 1, 2, 0)

    accepted = daemon.browser().follow(press(daemon, path, answer="yes"))
    assert accepted.status == 200 and states(daemon)["joe"] == "confirmed" and places(daemon) == (1, 0, 2, 0)
    invitation = letters.calendar(letter(daemon, smtp, "joe", "confirmed"))
    assert invitation["METHOD"] == "REQUEST"
    assert offers(daemon) == [("joe", "accepted")]

    daemon.settled()
    before = daemon.dump()
    assert daemon.browser().get(path).status == 200, "nothing to answer any more, and no error"
    for word in ("yes", "no"):
        assert daemon.browser().post(path, {"answer": word}).status == 303, "twice is the same"
    assert daemon.dump() == before
    assert kinds(daemon, "joe") == ["waitlisted", "offer", "confirmed"]
    assert kinds(daemon, "eva") == kinds(daemon, "late") == ["waitlisted"]
    nobody_twice(daemon, smtp)
    daemon.ctl("verify")


def test_declined_goes_to_the_next(daemon, smtp):
    path = anna_leaves(daemon, smtp, "joe", "eva", "max")
    declined = daemon.browser().follow(press(daemon, path, answer="no"))
    assert declined.status == 200 and states(daemon)["joe"] == "declined"
    letter(daemon, smtp, "joe", "declined")
    path = offered_to(daemon, smtp, "eva")
    assert states(daemon)["max"] == "waitlisted" and places(daemon) == (1, 1, 1, 0)
    assert daemon.browser().post(path, {"answer": "maybe"}).status in (303, 400, 422)
    assert states(daemon)["eva"] == "offered", "neither yes nor no is no answer"
    come(daemon, "course", "joe")
    assert states(daemon)["joe"] == "waitlisted", "he may come again, at the end"
    press(daemon, path, answer="no")
    press(daemon, offered_to(daemon, smtp, "max"), answer="yes")
    assert states(daemon) == {"anna": "cancelled", "joe": "waitlisted", "eva": "declined", "max": "confirmed"}
    assert offers(daemon) == [("joe", "declined"), ("eva", "declined"), ("max", "accepted")]
    nobody_twice(daemon, smtp)
    daemon.ctl("verify")


def test_each_sees_the_place_in_the_line(daemon, smtp):
    come(daemon, "course", "anna", "joe", "eva", "max")
    paths = {p: letters.manage_path(letter(daemon, smtp, p, "waitlisted")) for p in ("joe", "eva", "max")}

    def numbers():
        return [n for p in paths.values() for n in "123" if f"number {n} on the list" in daemon.browser().get(p).text]
    assert numbers() == ["1", "2", "3"]
    cancel(daemon, paths["joe"])
    assert states(daemon)["joe"] == "cancelled" and places(daemon) == (1, 0, 2, 0)
    assert not letters.calendars(letter(daemon, smtp, "joe", "cancelled"))
    assert numbers() == ["1", "2"]
    daemon.ctl("registration", "cancel", reference(daemon, "anna"))
    offered_to(daemon, smtp, "eva")
    assert offers(daemon) == [("eva", None)], "who left gets no offer"
    daemon.ctl("verify")


SESSIONS = """sessions = (
    { id = "data"; title = "Data"; round = "a"; capacity = 1; }, { id = "walk"; title = "Walk"; round = "a"; capacity = 1; },
    { id = "dinner"; title = "Dinner"; choose = "many"; capacity = 1; } );
"""


def number(daemon, smtp, person):
    """The place in the line that a person's own page tells; 0: none."""
    text = daemon.browser().get(letters.manage_path(letter(daemon, smtp, person, "waitlisted"))).text
    told = re.search(r"number (\d+) on the list", text)
    return int(told.group(1)) if told else 0


def test_the_place_in_the_line_of_a_session(make_daemon, smtp):
    """Each line is its own: who waits for another session stands before nobody, but who waits for two stands behind all
    who wait for one of them."""
    daemon = make_daemon({"course": course(capacity=20, extra=SESSIONS)})
    for person, wants in (("anna", {"session.a": "data", "session.dinner": "dinner"}), ("ben", {"session.a": "walk"}),
                          ("joe", {"session.a": "data"}), ("eva", {"session.a": "walk"}), ("max", {"session.a": "data"}),
                          ("sam", {"session.dinner": "dinner"}), ("uma", {"session.a": "data", "session.dinner": "dinner"})):
        come(daemon, "course", person, **wants)

    def line():
        return {p: number(daemon, smtp, p) for p in ("joe", "eva", "max", "sam", "uma")}
    assert line() == {"joe": 1, "eva": 1, "max": 2, "sam": 1, "uma": 4}
    cancel(daemon, letters.manage_path(letter(daemon, smtp, "joe", "waitlisted")))
    assert line() == {"joe": 0, "eva": 1, "max": 1, "sam": 1, "uma": 3}
    daemon.ctl("registration", "cancel", reference(daemon, "ben"))
    offered_to(daemon, smtp, "eva")
    assert line() == {"joe": 0, "eva": 0, "max": 1, "sam": 1, "uma": 3}
    daemon.ctl("verify")


def test_the_place_in_the_line_of_who_only_came_late(make_daemon, smtp):
    """In the last day a place that is free is nobody's who comes now: those who wait stand before him."""
    daemon = make_daemon({"course": course(capacity=20, extra=SESSIONS)})
    come(daemon, "course", "anna", "joe", **{"session.a": "data"})
    come(daemon, "course", "ben", "eva", **{"session.a": "walk"})
    daemon.settled()
    daemon.set_time("2027-04-14T12:00:00Z")
    daemon.ctl("registration", "cancel", reference(daemon, "anna"))
    come(daemon, "course", "late", "later", **{"session.a": "data"})
    assert states(daemon)["late"] == states(daemon)["later"] == "waitlisted"
    assert [number(daemon, smtp, p) for p in ("joe", "eva", "late", "later")] == [1, 1, 2, 3]
    daemon.ctl("verify")


@pytest.mark.parametrize("when", ["2027-01-15T10:05:00Z", "2027-04-14T12:00:00Z", "2027-04-15T07:30:00Z"])
def test_the_list_can_be_left_at_any_time(make_daemon, smtp, when):
    """Long before, in the last day, when the event has begun and nobody can come any more."""
    daemon = make_daemon({"course": course(extra=SESSIONS)})
    come(daemon, "course", "anna", "joe", "eva", **{"session.a": "data"})
    paths = {p: letters.manage_path(letter(daemon, smtp, p, "waitlisted")) for p in ("joe", "eva")}
    daemon.set_time(when)
    cancel(daemon, paths["joe"])
    assert states(daemon) == {"anna": "confirmed", "joe": "cancelled", "eva": "waitlisted"}
    waiting = daemon.query("SELECT place, waiting FROM places WHERE waiting > 0 ORDER BY place")
    assert waiting == [{"place": "data", "waiting": 1}, {"place": "onsite", "waiting": 1}]
    assert number(daemon, smtp, "eva") == 1 and number(daemon, smtp, "joe") == 0
    letter(daemon, smtp, "joe", "cancelled")
    nobody_twice(daemon, smtp)
    daemon.ctl("verify")


def test_leaving_during_the_offer_passes_it_on(daemon, smtp):
    path = anna_leaves(daemon, smtp, "joe", "eva")
    cancel(daemon, path.removesuffix("/confirm"))
    offered_to(daemon, smtp, "eva")
    assert states(daemon)["joe"] == "cancelled" and places(daemon) == (1, 1, 0, 0)
    assert not letters.calendars(letter(daemon, smtp, "joe", "cancelled"))
    assert offers(daemon) == [("joe", "cancelled"), ("eva", None)]
    assert daemon.browser().post(path, {"answer": "yes"}).status == 303
    assert states(daemon)["joe"] == "cancelled", "the old offer is void"
    daemon.ctl("verify")


def test_it_lapses_by_the_clock(daemon, smtp):
    path = anna_leaves(daemon, smtp, "joe", "eva", "max")
    daemon.pass_time(OFFER - 60)
    assert states(daemon)["joe"] == "offered", "a minute is left"
    daemon.pass_time(120)
    becomes(daemon, "joe", "expired")
    offered_to(daemon, smtp, "eva")
    letter(daemon, smtp, "joe", "offer_lapsed")
    assert daemon.browser().get(path).status == 200
    assert daemon.browser().post(path, {"answer": "yes"}).status in (303, 409)
    assert states(daemon) == {"anna": "cancelled", "joe": "expired", "eva": "offered", "max": "waitlisted"}
    made = daemon.query("SELECT made_at, accept_by FROM offer ORDER BY id DESC")[0]
    assert made["accept_by"] - made["made_at"] == OFFER, "the next has the whole time"
    daemon.pass_time(OFFER + 60)
    becomes(daemon, "eva", "expired")
    daemon.pass_time(OFFER - 120)
    press(daemon, offered_to(daemon, smtp, "max"), answer="yes")
    assert states(daemon)["max"] == "confirmed" and places(daemon) == (1, 0, 0, 0)
    daemon.pass_time(30 * 24 * HOUR)
    assert states(daemon) == {"anna": "cancelled", "joe": "expired", "eva": "expired", "max": "confirmed"}
    assert row(daemon, "joe")["name"], "who had asked for a place is not emptied like one who never confirmed"
    assert offers(daemon) == [("joe", "lapsed"), ("eva", "lapsed"), ("max", "accepted")]
    assert kinds(daemon, "joe") == ["waitlisted", "offer", "offer_lapsed"]
    nobody_twice(daemon, smtp)
    daemon.ctl("verify")


def test_nobody_takes_the_last_one_and_the_place_is_free_again(daemon, smtp):
    anna_leaves(daemon, smtp, "joe")
    daemon.pass_time(OFFER + 1)
    becomes(daemon, "joe", "expired")
    assert places(daemon) == (0, 0, 0, 1)
    daemon.forget_forms()
    come(daemon, "course", "late")
    assert states(daemon)["late"] == "confirmed"
    daemon.ctl("verify")


@pytest.mark.parametrize("end", ["stopped", "killed"])
def test_it_lapses_while_the_daemon_is_down(daemon, smtp, end):
    anna_leaves(daemon, smtp, "joe", "eva", "max")
    daemon.settled()
    for person, following in (("joe", "eva"), ("eva", "max")):
        if end == "killed":
            daemon.kill()
        else:
            assert daemon.stop() == 0
        daemon.clock.move(HOUR)
        daemon.start()
        assert states(daemon)[person] == "offered", "a restart ends nothing"
        offered_to(daemon, smtp, person)
        daemon.settled()
        daemon.kill() if end == "killed" else daemon.stop()
        daemon.clock.move(OFFER)
        daemon.start()
        becomes(daemon, person, "expired")
        offered_to(daemon, smtp, following)
        letter(daemon, smtp, person, "offer_lapsed")
        daemon.settled()
    press(daemon, offered_to(daemon, smtp, "max"), answer="yes")
    assert offers(daemon) == [("joe", "lapsed"), ("eva", "lapsed"), ("max", "accepted")]
    nobody_twice(daemon, smtp)
    daemon.ctl("verify")


@pytest.mark.parametrize("restart", [False, True])
def test_forty_eight_hours_over_the_change_of_clocks(daemon, smtp, restart):
    """At 01:00 UTC on 28 March 2027 Vilnius goes from UTC+2 to UTC+3: the wall shows an hour more."""
    come(daemon, "course", "anna", "joe", "eva")
    daemon.settled()
    daemon.set_time("2027-03-27T10:00:00Z")
    daemon.ctl("registration", "cancel", reference(daemon, "anna"))
    path = offered_to(daemon, smtp, "joe")
    made = daemon.query("SELECT made_at, accept_by FROM offer")[0]
    assert made["accept_by"] - made["made_at"] == OFFER
    plain = letters.body(letter(daemon, smtp, "joe", "offer"), "plain")
    says_when(plain, made["accept_by"])
    says_when(daemon.browser().get(path).text, made["accept_by"])
    assert "29 March" in plain and "13:0" in plain and "UTC+3" in plain
    for stamp, state in (("2027-03-28T00:59:30Z", "offered"), ("2027-03-28T01:00:30Z", "offered"),
                         ("2027-03-29T09:59:00Z", "offered"), ("2027-03-29T10:05:00Z", "expired")):
        if restart:
            assert daemon.stop() == 0
        daemon.set_time(stamp)
        if restart:
            daemon.start()
        if state == "offered":
            says_when(daemon.browser().get(path).text, made["accept_by"])
        becomes(daemon, "joe", state)
    offered_to(daemon, smtp, "eva")
    nobody_twice(daemon, smtp)
    daemon.ctl("verify")


def test_late_is_said_even_before_the_place_went_on(daemon, smtp):
    """While the expiry cannot be written the offer stands in the store, and its time is over all the same."""
    path = anna_leaves(daemon, smtp, "joe", "eva")
    daemon.settled()
    form = daemon.browser().get(path)
    assert form.status == 200
    daemon.execute("CREATE TRIGGER stuck BEFORE UPDATE ON registration WHEN new.status = 'expired' "
                   "BEGIN SELECT raise(ABORT, 'stuck'); END")
    daemon.pass_time(OFFER + 1)
    for word in ("yes", "no"):
        late = daemon.browser().post(path, {"answer": word})
        assert late.status == 409 and late.text, late.status
    assert states(daemon) == {"anna": "cancelled", "joe": "offered", "eva": "waitlisted"}
    daemon.execute("DROP TRIGGER stuck")
    becomes(daemon, "joe", "expired")
    offered_to(daemon, smtp, "eva")
    daemon.ctl("verify")


def test_an_offer_ends_when_the_event_begins(daemon, smtp):
    come(daemon, "course", "anna", "joe")
    daemon.settled()
    daemon.set_time("2027-04-14T00:00:00Z")  # thirty hours before: less than two days, more than one
    daemon.ctl("registration", "cancel", reference(daemon, "anna"))
    offered_to(daemon, smtp, "joe")
    offer, = daemon.query("SELECT accept_by FROM offer")
    begins, = daemon.query("SELECT starts_at FROM event")
    assert offer["accept_by"] == begins["starts_at"]
    says_when(letters.body(letter(daemon, smtp, "joe", "offer"), "plain"), begins["starts_at"])


def test_nobody_is_asked_to_answer_within_less_than_a_day(daemon, smtp):
    come(daemon, "course", "anna", "joe", "eva")
    daemon.settled()
    daemon.set_time("2027-04-14T12:00:00Z")  # eighteen hours before
    daemon.ctl("registration", "cancel", reference(daemon, "anna"))
    letter(daemon, smtp, "anna", "cancelled")
    assert states(daemon) == {"anna": "cancelled", "joe": "waitlisted", "eva": "waitlisted"}
    assert places(daemon) == (0, 0, 2, 1)
    come(daemon, "course", "late")
    assert states(daemon)["late"] == "waitlisted", "nobody new passes those who wait"
    nobody_twice(daemon, smtp)
    daemon.ctl("verify")


def test_a_larger_room_is_offered_in_order(daemon, smtp):
    come(daemon, "course", "anna", "joe", "eva", "max")
    daemon.write_event("course", course(capacity=3))
    daemon.reload()
    paths = [offered_to(daemon, smtp, person) for person in ("joe", "eva")]
    assert states(daemon)["max"] == "waitlisted" and places(daemon) == (3, 2, 1, 0)
    come(daemon, "course", "late")
    assert states(daemon)["late"] == "waitlisted"
    press(daemon, paths[1], answer="yes")
    assert states(daemon)["joe"] == "offered" and states(daemon)["eva"] == "confirmed"
    daemon.write_event("course", course(capacity=1))
    daemon.reload()
    assert daemon.query("SELECT capacity FROM places")[0]["capacity"] == 3, "places that are taken or held stay"
    assert "capacity" in daemon.log(), "and the log says why not"
    nobody_twice(daemon, smtp)
    daemon.ctl("verify")


def test_each_mode_has_its_own_line(make_daemon, smtp):
    modes = '( { id = "onsite"; capacity = 1; }, { id = "online"; capacity = 1; } )'
    daemon = make_daemon({"course": course(modes=modes)})
    come(daemon, "course", "anna", "joe", mode="onsite")
    come(daemon, "course", "eva", "max", mode="online")
    assert places(daemon) == {"onsite": (1, 0, 1, 0), "online": (1, 0, 1, 0)}
    daemon.ctl("registration", "cancel", reference(daemon, "eva"))
    offered_to(daemon, smtp, "max")
    assert states(daemon)["joe"] == "waitlisted", "a place online is none in the room"
    assert places(daemon) == {"onsite": (1, 0, 1, 0), "online": (1, 1, 0, 0)}
    daemon.ctl("verify")


def test_the_offer_in_another_language(daemon, smtp):
    come(daemon, "course", "anna")
    come(daemon, "course", "joe", language="lt")
    daemon.ctl("registration", "cancel", reference(daemon, "anna"))
    message = letter(daemon, smtp, "joe", "offer")
    assert message["Content-Language"] == "lt"
    page = daemon.browser("en").get(letters.answer_path(message))
    assert page.status == 200 and page.language == "lt", "the language in which he signed up"
    accepted = daemon.browser("en").follow(press(daemon, letters.answer_path(message), answer="yes"))
    assert accepted.language == "lt"


def test_a_known_address_gets_the_offer_again_and_no_second_place(daemon, smtp):
    path = anna_leaves(daemon, smtp, "joe", "eva")
    come(daemon, "course", "joe")
    again = letter(daemon, smtp, "joe", "again")
    assert letters.answer_path(again) == path, "what is still open is in reach"
    assert places(daemon) == (1, 1, 1, 0)
    assert len(daemon.query("SELECT 1 FROM registration")) == 3


def test_forged_and_foreign_links_answer_nothing(daemon, smtp):
    path = anna_leaves(daemon, smtp, "joe", "eva")
    token = letters.token_of(path)
    forged = ("a" if token[20] != "a" else "b").join((token[:20], token[21:]))
    following = letters.token_of(daemon.sign_up("course", address("max")).location)
    daemon.settled()
    before = daemon.dump()
    for wrong in (forged, following, "a" * 40, token[:-1]):
        assert daemon.browser().get(f"/r/{wrong}/confirm").status == 404
        for word in ("yes", "no"):
            assert daemon.browser().post(f"/r/{wrong}/confirm", {"answer": word}).status == 404
    assert daemon.browser().get(path + "?answer=yes").status == 200
    assert daemon.browser().post_raw(path, b'{"answer": "yes"}', kind="application/json").status == 415
    assert daemon.dump() == before


# --- out of turn

def test_promoted_out_of_turn_with_a_reason_that_is_kept(daemon, smtp):
    come(daemon, "course", "anna", "joe", "eva")
    daemon.settled()
    daemon.set_time("2027-04-14T12:00:00Z")  # too late for offers by themselves
    daemon.ctl("registration", "cancel", reference(daemon, "anna"))
    reason = "She chairs the first panel"
    daemon.secrets.add(reason)
    daemon.ctl("registration", "promote", reference(daemon, "eva"), "--reason", reason)
    path = offered_to(daemon, smtp, "eva")
    eva = row(daemon, "eva")
    assert eva["status_reason"] == reason
    assert states(daemon)["joe"] == "waitlisted" and kinds(daemon, "joe") == ["waitlisted"]
    offer, = daemon.query("SELECT accept_by FROM offer")
    assert offer["accept_by"] == daemon.query("SELECT starts_at FROM event")[0]["starts_at"]
    act, = daemon.query("SELECT actor, action, from_status, to_status FROM audit WHERE to_status = 'offered'")
    assert "convenectl" in act["actor"] and act["from_status"] == "waitlisted"
    shown = daemon.ctl("registration", "show", reference(daemon, "eva"), "--json")
    assert reason in json.dumps(json.loads(shown), ensure_ascii=False)

    press(daemon, path, answer="yes")
    assert states(daemon)["eva"] == "confirmed" and places(daemon) == (1, 0, 1, 0)
    assert any(reason in line for line in daemon.dump()), "why joe was passed over is still known"
    nobody_twice(daemon, smtp)
    daemon.ctl("verify")


@pytest.mark.parametrize("person, arguments, code", [
    ("eva", ("--reason", "She chairs a panel"), 1),   # no place is free
    ("anna", ("--reason", "She chairs a panel"), 1),  # she has one
    ("joe", (), 2), ("joe", ("--reason", ""), 2), ("joe", ("--reason", "   "), 2),
    (None, ("--reason", "x"), 1),
])
def test_promoting_what_cannot_be(daemon, smtp, person, arguments, code):
    come(daemon, "course", "anna", "joe", "eva")
    daemon.settled()
    before = daemon.dump()
    name = reference(daemon, person) if person else "0000-000"
    got, output, errors = daemon.ctl("registration", "promote", name, *arguments, code=None)
    assert got == code and (output + errors).strip(), (got, output, errors)
    assert daemon.dump() == before


# --- many at once

def crowd(daemon, count):
    action, form = daemon.ripe_form("course")
    return action, [{**form, "name": f"Person {n}", "email": address(f"p{n}")} for n in range(count)]


@pytest.mark.timeout(400)
def test_the_last_seat_and_then_thirty_leave_at_once(make_daemon, smtp):
    daemon = make_daemon({"course": course(capacity=30)})
    action, forms = crowd(daemon, 260)
    assert collections.Counter(sign_up_all(daemon.port, action, forms[:29])) == {303: 29}
    assert places(daemon) == (29, 0, 0, 1)
    assert collections.Counter(sign_up_all(daemon.port, action, forms[29:229])) == {303: 200}
    assert places(daemon) == (30, 0, 199, 0), "one of two hundred had the last seat"
    daemon.settled(180)
    holders = [r["email"].split("@")[0] for r in daemon.query("SELECT email FROM registrations WHERE status = 'confirmed'")]
    line = [r["email"].split("@")[0] for r in daemon.query(
        "SELECT email FROM registration WHERE status = 'waitlisted' ORDER BY waiting_since, id")]
    ways_out = [letters.manage_path(letter(daemon, smtp, person, "confirmed")) + "/cancel" for person in holders]

    def post(path, values):
        return daemon.browser().post(path, values).status
    with concurrent.futures.ThreadPoolExecutor(31) as pool:
        newcomers = pool.submit(sign_up_all, daemon.port, action, forms[229:])
        left = list(pool.map(lambda path: post(path, {}), ways_out))
        assert collections.Counter(newcomers.result()) == {303: 31}
    assert left == [303] * 30
    assert offers(daemon) == [(person, None) for person in line[:30]], "each freed place once, in order"
    assert places(daemon) == (30, 30, 199 - 30 + 31, 0)
    daemon.ctl("verify")

    # Ten accept, ten decline, ten answer and leave in the same moment.
    answers = [letters.answer_path(letter(daemon, smtp, person, "offer", 120)) for person in line[:30]]
    acts = [(path, {"answer": "yes"}) for path in answers[:10]] + [(path, {"answer": "no"}) for path in answers[10:20]]
    for path in answers[20:]:
        acts += [(path, {"answer": "yes"}), (path.removesuffix("/confirm") + "/cancel", {})]
    with concurrent.futures.ThreadPoolExecutor(len(acts)) as pool:
        assert set(pool.map(lambda act: post(*act), acts)) == {303}
    now = states(daemon)
    assert [now[p] for p in line[:20]] == ["confirmed"] * 10 + ["declined"] * 10
    assert {now[p] for p in line[20:30]} == {"cancelled"}, "who accepts and leaves has left"
    made = offers(daemon)
    assert [person for person, _ in made] == line[:50], "twenty places came free again, and each was offered once"
    assert collections.Counter(outcome for _, outcome in made[30:]) == {None: 20}
    assert places(daemon) == (30, 20, 180, 0)
    assert len(daemon.query("SELECT 1 FROM claim")) == 30
    daemon.settled(120)
    nobody_twice(daemon, smtp)
    assert len(daemon.query("SELECT 1 FROM mail_log WHERE kind = 'offer' AND state = 'sent'")) == 50
    daemon.ctl("verify")


def test_cancelled_from_the_shell_while_others_answer(make_daemon, smtp):
    """convenectl is another process: the daemon's writer and it never give one place away twice."""
    daemon = make_daemon({"course": course(capacity=8)})
    action, forms = crowd(daemon, 30)
    assert set(sign_up_all(daemon.port, action, forms)) == {303}
    holders = [r["reference"] for r in daemon.query("SELECT reference FROM registrations WHERE status = 'confirmed'")]
    line = [r["email"].split("@")[0] for r in daemon.query(
        "SELECT email FROM registration WHERE status = 'waitlisted' ORDER BY waiting_since, id")]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        shell = [pool.submit(daemon.ctl, "registration", "cancel", name) for name in holders[:6]]
        path = eventually(lambda: offers(daemon) and offered_to(daemon, smtp, line[0]))
        assert press(daemon, path, answer="no").status == 303
        for done in shell:
            done.result()
    assert offers(daemon) == [(line[0], "declined")] + [(person, None) for person in line[1:7]]
    assert places(daemon) == (8, 6, 15, 0)
    nobody_twice(daemon, smtp)
    daemon.ctl("verify")
