# SPDX-License-Identifier: EUPL-1.2
"""A place in the event and in its sessions, all or nothing: never half of it, never one too many, and what is given back
goes to who has waited longest and can have all."""
import collections

import pytest
from harness import letters
from harness.crowd import sign_up_all
from harness.definitions import definition
from harness.people import (address, becomes, cancel, come, kinds, letter, nobody_twice, press, reference, row, states)

OPENING = '{ id = "opening"; title = "Opening"; starts = "2027-03-18T09:30"; ends = "2027-03-18T10:30"; }'
EVERYTHING = {"session.a": "data", "session.b": "walk", "session.dinner": "dinner"}


def session(name, hour, round_, capacity):
    return (f'{{ id = "{name}"; title = "About {name}"; starts = "2027-03-18T{hour}:00"; ends = "2027-03-18T{hour + 1}:00"; '
            f'round = "{round_}"; capacity = {capacity}; }}')


def forum(capacity=6, data=1, walk=1, **more):
    sessions = (OPENING, session("data", 11, "a", data), session("trust", 11, "a", 5), session("walk", 13, "b", walk),
                session("care", 13, "b", 5), '{ id = "dinner"; title = "Dinner"; choose = "many"; capacity = 5; }')
    return definition("forum", capacity=capacity, extra=f"sessions = ( {', '.join(sessions)} );\n", **more)


def taken(daemon, slug="forum"):
    """{place: taken} of what anybody has, what is only held too."""
    return {r["place"]: r["taken"] for r in daemon.query("SELECT place, taken FROM places WHERE event = ? AND taken > 0", (slug,))}


def has(daemon, person):
    """{place: taken | held | asked | wished} of a person's last registration."""
    return {r["place"]: r["state"] for r in daemon.query("SELECT place, state FROM choices WHERE registration = ?",
                                                         (row(daemon, person)["registration"],))}


def all_of(state, *places):
    return dict.fromkeys(("onsite", *places), state)


def refused(daemon, person, **values):
    """Tries to sign up and finds something full; nothing at all is written for that."""
    daemon.settled()
    before = daemon.dump()
    answer = daemon.sign_up("forum", address(person), **values)
    assert answer.status == 409, answer.status
    assert daemon.dump() == before, "a refusal left something behind"
    return answer


def waits(daemon, smtp, *people):
    """Nobody has anything yet, and each has been told so."""
    for person in people:
        assert states(daemon)[person] == "waitlisted" and set(has(daemon, person).values()) == {"asked"}
        assert not letters.calendars(letter(daemon, smtp, person, "waitlisted"))


@pytest.fixture
def listed(make_daemon):
    return make_daemon({"forum": forum(waiting_list=True)})


# --- all or nothing

def test_all_or_nothing(make_daemon):
    daemon = make_daemon({"forum": forum(capacity=3)})
    come(daemon, "forum", "anna", **EVERYTHING)
    assert has(daemon, "anna") == all_of("taken", "data", "walk", "dinner")
    for values, full in (({**EVERYTHING, "session.b": "care"}, "“About data”"),
                         ({**EVERYTHING, "session.a": "trust"}, "“About walk”")):
        assert full in refused(daemon, "joe", **values).text
    assert taken(daemon) == {"onsite": 1, "data": 1, "walk": 1, "dinner": 1}
    come(daemon, "forum", "joe", **{"session.a": "trust", "session.b": "care", "session.dinner": "dinner"})
    come(daemon, "forum", "eva")
    assert has(daemon, "eva") == all_of("taken"), "no session, and a place in the event all the same"
    refused(daemon, "max", **{"session.a": "trust"})
    assert taken(daemon) == {"onsite": 3, "data": 1, "walk": 1, "trust": 1, "care": 1, "dinner": 2}
    daemon.ctl("verify")
    daemon.ctl("registration", "cancel", reference(daemon, "anna"))
    assert taken(daemon) == {"onsite": 2, "trust": 1, "care": 1, "dinner": 1}, "exactly what she had"
    come(daemon, "forum", "max", **EVERYTHING)
    assert taken(daemon) == {"onsite": 3, "data": 1, "walk": 1, "trust": 1, "care": 1, "dinner": 2}
    daemon.ctl("verify")


def test_what_everybody_takes_part_in_may_be_full_first(make_daemon):
    opening = OPENING.replace("ends", "capacity = 2; ends")
    daemon = make_daemon({"forum": definition("forum", capacity=5, extra=f"sessions = ( {opening} );\n")})
    come(daemon, "forum", "anna", "joe")
    assert taken(daemon) == {"onsite": 2, "opening": 2}
    refused(daemon, "eva")
    daemon.ctl("registration", "cancel", reference(daemon, "joe"))
    come(daemon, "forum", "eva")
    assert taken(daemon) == {"onsite": 2, "opening": 2}
    daemon.ctl("verify")


# --- the list

def test_a_full_session_keeps_the_whole_waiting(listed, smtp):
    come(listed, "forum", "anna", **EVERYTHING)
    come(listed, "forum", "joe", **{"session.a": "data", "session.b": "care", "session.dinner": "dinner"})
    come(listed, "forum", "eva", **{"session.a": "trust", "session.b": "walk"})
    waits(listed, smtp, "joe", "eva")
    assert [row(listed, p)["status_reason"] for p in ("joe", "eva")] == ["session data is full", "session walk is full"]
    assert taken(listed) == {"onsite": 1, "data": 1, "walk": 1, "dinner": 1}, "who waits holds nothing"
    plain = letters.body(letter(listed, smtp, "joe", "waitlisted"), "plain")
    assert "You asked for" in plain and all(title in plain for title in ("About data", "About care", "Dinner"))
    listed.ctl("verify")

    cancel(listed, letters.manage_path(letter(listed, smtp, "anna", "confirmed")))
    for person in ("joe", "eva"):
        becomes(listed, person, "offered")
    assert has(listed, "joe") == all_of("held", "data", "care", "dinner")
    assert has(listed, "eva") == all_of("held", "trust", "walk")
    assert taken(listed) == {"onsite": 2, "data": 1, "trust": 1, "walk": 1, "care": 1, "dinner": 1}
    listed.ctl("verify")

    offer = letter(listed, smtp, "joe", "offer")
    assert not letters.calendars(offer)
    for kind in ("plain", "html"):
        words = letters.body(offer, kind)
        assert "If you accept you get" in words and "11:00" in words and "13:00" in words
        assert all(title in words for title in ("About data", "About care", "Dinner")) and "About walk" not in words
    page = listed.browser().get(letters.answer_path(offer))
    assert all(title in page.text for title in ("About data", "About care", "Dinner")) and "About walk" not in page.text

    press(listed, letters.answer_path(offer), answer="yes")
    assert states(listed)["joe"] == "confirmed" and has(listed, "joe") == all_of("taken", "data", "care", "dinner")
    confirmed = letter(listed, smtp, "joe", "confirmed")
    assert "About data" in letters.body(confirmed, "plain") and letters.calendar(confirmed)["METHOD"] == "REQUEST"
    listed.ctl("verify")
    press(listed, letters.answer_path(letter(listed, smtp, "eva", "offer")), answer="no")
    assert taken(listed) == {"onsite": 1, "data": 1, "care": 1, "dinner": 1}
    assert kinds(listed, "joe") == ["waitlisted", "offer", "confirmed"]
    nobody_twice(listed, smtp)
    listed.ctl("verify")


def test_an_offer_that_lapses_gives_all_of_it_on(listed, smtp):
    come(listed, "forum", "anna", "joe", "eva", **EVERYTHING)
    listed.settled()
    listed.ctl("registration", "cancel", reference(listed, "anna"))
    becomes(listed, "joe", "offered")
    listed.pass_time(48 * 3600 + 1)
    becomes(listed, "joe", "expired")
    becomes(listed, "eva", "offered")
    assert has(listed, "joe") == {} and has(listed, "eva") == all_of("held", "data", "walk", "dinner")
    assert taken(listed) == {"onsite": 1, "data": 1, "walk": 1, "dinner": 1}
    nobody_twice(listed, smtp)
    listed.ctl("verify")


def test_who_cannot_have_all_lets_the_next_pass(listed, smtp):
    """Joe asks for two full sessions. When one is free he cannot have both: Eva, who came later and needs only that one,
    can. What no waiter can use is open to newcomers, and nobody is asked to wait for it."""
    come(listed, "forum", "anna", **{"session.a": "data"})
    come(listed, "forum", "ben", **{"session.b": "walk"})
    come(listed, "forum", "joe", **{"session.a": "data", "session.b": "walk"})
    come(listed, "forum", "eva", **{"session.a": "data", "session.b": "care"})
    waits(listed, smtp, "joe", "eva")
    listed.ctl("registration", "cancel", reference(listed, "anna"))
    becomes(listed, "eva", "offered")
    assert states(listed)["joe"] == "waitlisted"
    listed.ctl("verify")
    listed.ctl("registration", "cancel", reference(listed, "ben"))
    assert states(listed)["joe"] == "waitlisted" and "walk" not in taken(listed)
    come(listed, "forum", "max", **{"session.b": "walk"})
    assert states(listed)["max"] == "confirmed"
    listed.ctl("verify")
    press(listed, letters.answer_path(letter(listed, smtp, "eva", "offer")), answer="no")
    assert states(listed)["joe"] == "waitlisted", "the walk is full again"
    listed.ctl("registration", "cancel", reference(listed, "max"))
    becomes(listed, "joe", "offered")
    assert has(listed, "joe") == all_of("held", "data", "walk")
    nobody_twice(listed, smtp)
    listed.ctl("verify")


def test_nobody_takes_a_freed_session_from_who_waits(listed, smtp):
    come(listed, "forum", "anna", "joe", **{"session.a": "data"})
    listed.settled()
    listed.ctl("registration", "cancel", reference(listed, "anna"))
    come(listed, "forum", "late", **{"session.a": "data"})
    come(listed, "forum", "other", **{"session.a": "trust"})
    assert states(listed) == {"anna": "cancelled", "joe": "offered", "late": "waitlisted", "other": "confirmed"}
    press(listed, letters.answer_path(letter(listed, smtp, "joe", "offer")), answer="no")
    becomes(listed, "late", "offered")
    listed.ctl("verify")


def test_nor_in_the_last_day_when_nobody_is_offered_anything(listed, smtp):
    come(listed, "forum", "anna", "joe", **{"session.a": "data"})
    listed.settled()
    listed.set_time("2027-03-17T12:00:00Z")
    listed.ctl("registration", "cancel", reference(listed, "anna"))
    assert taken(listed) == {}
    come(listed, "forum", "late", **{"session.a": "data"})
    come(listed, "forum", "other", **{"session.a": "trust"})
    assert states(listed) == {"anna": "cancelled", "joe": "waitlisted", "late": "waitlisted", "other": "confirmed"}
    assert row(listed, "late")["status_reason"] == "somebody waits who comes first"
    listed.ctl("registration", "promote", reference(listed, "late"), "--reason", "She speaks there")
    assert states(listed)["late"] == "offered" and has(listed, "late") == all_of("held", "data")
    assert states(listed)["joe"] == "waitlisted"
    listed.ctl("verify")


def test_a_larger_session_goes_to_who_waits(listed, smtp):
    come(listed, "forum", "anna", "joe", "eva", "max", **{"session.a": "data"})
    waits(listed, smtp, "joe", "eva", "max")
    listed.write_event("forum", forum(data=3, waiting_list=True))
    listed.reload()
    assert states(listed) == {"anna": "confirmed", "joe": "offered", "eva": "offered", "max": "waitlisted"}
    assert taken(listed) == {"onsite": 3, "data": 3}
    listed.ctl("verify")


# --- a room for each mode

def test_each_mode_has_its_own_room(make_daemon, smtp):
    modes = '( { id = "onsite"; title = "In the room"; capacity = 4; }, { id = "online"; title = "By video"; } )'
    daemon = make_daemon({"forum": forum(modes=modes, waiting_list=True, data="{ onsite = 1; online = 2; }",
                                         walk="{ onsite = 2; online = 0; }")})
    come(daemon, "forum", "anna", "joe", mode="onsite", **{"session.a": "data"})
    come(daemon, "forum", "eva", "max", "ben", mode="online", **{"session.a": "data"})
    assert states(daemon) == {"anna": "confirmed", "joe": "waitlisted", "eva": "confirmed", "max": "confirmed",
                              "ben": "waitlisted"}
    assert taken(daemon) == {"onsite": 1, "data@onsite": 1, "online": 2, "data@online": 2}
    nowhere = daemon.sign_up("forum", address("ann"), mode="online", **{"session.b": "walk"})
    assert nowhere.status == 422 and nowhere.form.wrong() == ["session.b"], "it is not held by video"
    come(daemon, "forum", "ann", mode="onsite", **{"session.b": "walk"})
    assert has(daemon, "ann") == all_of("taken", "walk@onsite")
    daemon.ctl("verify")
    daemon.ctl("registration", "cancel", reference(daemon, "eva"))
    becomes(daemon, "ben", "offered")
    assert states(daemon)["joe"] == "waitlisted", "a seat by video is none in the room"
    assert has(daemon, "ben") == {"online": "held", "data@online": "held"}
    daemon.ctl("registration", "cancel", reference(daemon, "anna"))
    becomes(daemon, "joe", "offered")
    assert taken(daemon) == {"onsite": 2, "data@onsite": 1, "walk@onsite": 1, "online": 2, "data@online": 2}
    nobody_twice(daemon, smtp)
    daemon.ctl("verify")


# --- many at once

@pytest.mark.timeout(180)
def test_five_hundred_come_for_the_last_seat_of_a_session(make_daemon, smtp):
    daemon = make_daemon({"forum": forum(capacity=600, data=3)})
    come(daemon, "forum", "anna", "joe", **{"session.a": "data"})
    action, form = daemon.ripe_form("forum")
    forms = [{**form, "name": f"Person {n}", "email": address(f"p{n}"), "session.a": "data", "session.b": "care" if n % 2 else ""}
             for n in range(500)]
    assert collections.Counter(sign_up_all(daemon.port, action, forms)) == {303: 1, 409: 499}
    seat = {"onsite": 3, "data": 3}
    assert taken(daemon) in (seat, {**seat, "care": 1})
    assert daemon.query("SELECT count(*) AS n FROM registration")[0]["n"] == 3
    assert daemon.query("SELECT count(*) AS n FROM claim")[0]["n"] == sum(taken(daemon).values())
    daemon.settled()
    assert len({m.recipient for m in smtp.mails}) == len(smtp.mails) == 3
    daemon.ctl("verify")


@pytest.mark.timeout(180)
def test_two_hundred_come_for_sessions_of_all_sizes(make_daemon, smtp):
    """Each asks for two sessions: those who get both have both, the others wait for both."""
    daemon = make_daemon({"forum": forum(capacity=40, data=9, walk=4, waiting_list=True)})
    action, form = daemon.ripe_form("forum")
    forms = [{**form, "name": f"Person {n}", "email": address(f"p{n}"), "session.a": ("data", "trust")[n % 2],
              "session.b": ("walk", "care", "")[n % 3]} for n in range(200)]
    assert set(sign_up_all(daemon.port, action, forms)) == {303}
    now = taken(daemon)
    # Nobody holds a seat of one full session in vain, so exactly the seats that fit together are taken: trust and care
    # are full, or what is left of them is asked for only together with something full.
    assert now["data"] <= 9 and now["trust"] == 5 and now["walk"] == 4 and now["care"] <= 5 and now["onsite"] <= 40
    claims = collections.Counter(r["place"] for r in daemon.query("SELECT place FROM choices WHERE state = 'taken'"))
    assert claims == now
    halves = daemon.query("SELECT r.registration FROM registrations AS r JOIN choices AS c USING (registration) "
                          "GROUP BY r.registration HAVING count(DISTINCT c.state) > 1")
    assert halves == []
    # who waits lacks something: a place that is full
    waiting = daemon.query("SELECT registration FROM registrations WHERE status = 'waitlisted'")
    full = {r["place"] for r in daemon.query("SELECT place FROM places WHERE free = 0")}
    for r in waiting:
        asked = {c["place"] for c in daemon.query("SELECT place FROM choices WHERE registration = ?", (r["registration"],))}
        assert asked & full, f"{asked} is free"
    assert len(waiting) == 200 - now["onsite"]
    daemon.ctl("verify")
