# SPDX-License-Identifier: EUPL-1.2
"""Times of one resource, each for one at a time: two never have the same, who proposes another is answered by a person,
and what is given back or moved away from is free in that very moment."""
import collections
import concurrent.futures
import datetime
import json
import threading
from zoneinfo import ZoneInfo

import pytest
from harness import letters
from harness.definitions import definition
from harness.people import address, cancel, come, kinds, letter, nobody_twice, reference, row, states

ZONE = "Europe/Tallinn"
WINTER, SUMMER = "ward/2027-03-26T09:00", "ward/2027-03-29T09:00"  # Friday and Monday; the clocks change between
LATER, LATEST = "ward/2027-03-26T10:00", "ward/2027-04-02T09:00"


def ward(propose="true", lead_days=0, slot_capacity=None, until="10:00", **more):
    """Fridays and Mondays from 26 March to 2 April; an hour each."""
    size = f" capacity = {slot_capacity};" if slot_capacity else ""
    slots = (f'slots = ( {{ resource = "ward"; title = "Test ward"; weekdays = [ "mon", "fri" ]; from = "09:00"; to = "{until}"; '
             f'length_minutes = 60; lead_days = {lead_days}; propose = {propose};{size} }} );\n')
    more.setdefault("capacity", 50)
    return definition("ward", zone=ZONE, starts="2027-03-26T08:00", ends="2027-04-02T18:00", extra=slots, **more)


def fact(page, name):
    """What stands beside NAME."""
    return next(dd.text for dt, dd in zip(page.tree.all("dt"), page.tree.all("dd")) if dt.text == name)


def slots(daemon):
    """{slot: taken} of those that anybody has."""
    return {r["place"]: r["taken"] for r in daemon.query("SELECT place, taken FROM places WHERE kind = 'slot' AND taken > 0")}


def has(daemon, person):
    return {r["place"]: r["state"] for r in daemon.query("SELECT place, state FROM choices WHERE registration = ?",
                                                         (row(daemon, person)["registration"],))}


def offered(page):
    """The slots that can be chosen on a page."""
    return [c.get("value") for c in page.form.controls["slot"] if "disabled" not in c.attributes and c.get("value")]


def at_slot(message, key):
    """Parses the letter's calendar: it is the slot, by the wall clock of the event's zone, and as an instant."""
    entry = letters.calendar(message)
    assert entry["METHOD"] == "REQUEST"
    event, = entry.walk("VEVENT")
    start = datetime.datetime.fromisoformat(key.split("/")[1])
    for name, wall in (("DTSTART", start), ("DTEND", start + datetime.timedelta(hours=1))):
        assert event[name].params.get("TZID") == ZONE and event[name].dt.replace(tzinfo=None) == wall, (name, event[name].dt)
        instant = wall.replace(tzinfo=ZoneInfo(ZONE)).astimezone(datetime.timezone.utc).replace(tzinfo=None)
        assert letters.utc(entry, event[name]) == instant
    return event


# --- one claim each

def test_each_time_is_for_one(make_daemon, smtp):
    daemon = make_daemon({"ward": ward(propose="false")})
    come(daemon, "ward", "anna", slot=WINTER)
    come(daemon, "ward", "joe", slot=SUMMER)
    assert slots(daemon) == {WINTER: 1, SUMMER: 1}
    assert has(daemon, "anna") == {"onsite": "taken", WINTER: "taken"}
    at_slot(letter(daemon, smtp, "anna", "confirmed"), WINTER)
    at_slot(letter(daemon, smtp, "joe", "confirmed"), SUMMER)
    daemon.settled()
    before = daemon.dump()
    taken = daemon.sign_up("ward", address("eva"), slot=WINTER)
    assert taken.status == 409 and taken.form.wrong() == ["slot"] and daemon.dump() == before
    assert offered(taken) == [LATEST], "what is open stands there"
    come(daemon, "ward", "eva", slot=LATEST)
    full = daemon.browser().get("/en/e/ward")
    assert not full.has_form and "This event is full" in full.text
    daemon.ctl("verify")
    cancel(daemon, letters.manage_path(letter(daemon, smtp, "anna", "confirmed")))
    come(daemon, "ward", "max", slot=WINTER)
    assert slots(daemon) == {WINTER: 1, SUMMER: 1, LATEST: 1}
    daemon.ctl("verify")


def test_a_time_may_be_for_several(make_daemon):
    daemon = make_daemon({"ward": ward(propose="false", slot_capacity=2)})
    come(daemon, "ward", "anna", "joe", slot=WINTER)
    assert daemon.sign_up("ward", address("eva"), slot=WINTER).status == 409
    assert slots(daemon) == {WINTER: 2}
    daemon.ctl("verify")


@pytest.mark.parametrize("waiting_list", [False, True])
def test_twenty_want_the_same_time_at_once(make_daemon, waiting_list):
    """A time that is taken is not waited for, list or not: another one can be chosen."""
    daemon = make_daemon({"ward": ward(until="12:00", waiting_list=waiting_list)})
    action, form = daemon.ripe_form("ward")
    gate = threading.Barrier(20)

    def come_at_once(n):
        browser = daemon.browser()
        gate.wait()
        return browser.post(action, {**form, "name": f"Person {n}", "email": address(f"p{n}"), "slot": WINTER})
    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        pages = list(pool.map(come_at_once, range(20)))
    assert collections.Counter(p.status for p in pages) == {303: 1, 409: 19}
    assert slots(daemon) == {WINTER: 1} and len(states(daemon)) == 1
    for n, page in enumerate(pages):
        if page.status == 303:
            continue
        assert page.form.wrong() == ["slot"] == page.summary_names()
        assert "This time has just been taken. Choose another one" in page.text
        assert page.form.values["email"] == address(f"p{n}") and page.form.values["name"] == f"Person {n}"
        assert WINTER not in offered(page) and {LATER, SUMMER, "propose"} < set(offered(page))
    again = next(p for p in pages if p.status == 409)
    assert daemon.browser().post(again.form.action, {**again.form.values, "slot": LATER}).status == 303
    assert slots(daemon) == {WINTER: 1, LATER: 1}
    daemon.ctl("verify")


def test_a_taken_time_is_not_waited_for_though_the_event_is_full_too(make_daemon):
    daemon = make_daemon({"ward": ward(propose="false", capacity=1, waiting_list=True)})
    come(daemon, "ward", "anna", slot=WINTER)
    taken = daemon.sign_up("ward", address("joe"), slot=WINTER)
    assert taken.status == 409 and taken.form.wrong() == ["slot"]
    come(daemon, "ward", "joe", slot=SUMMER)
    assert states(daemon) == {"anna": "confirmed", "joe": "waitlisted"}
    assert row(daemon, "joe")["status_reason"] == "mode onsite is full"
    daemon.ctl("verify")


# --- another time is proposed

def test_proposed_moved_and_approved(make_daemon, smtp):
    daemon = make_daemon({"ward": ward()})
    words = "Any Friday after 15:00; “not” before"
    come(daemon, "ward", "anna", slot="propose", **{"slot.propose": words})
    assert states(daemon)["anna"] == "awaiting_approval" and slots(daemon) == {}
    assert kinds(daemon, "anna") in ([], ["awaiting_approval"])
    waiting = letter(daemon, smtp, "anna", "awaiting_approval")
    assert f"You proposed: {words}" in " ".join(letters.body(waiting, "plain").split()) and not letters.calendars(waiting)
    assert words in daemon.browser().get(letters.manage_path(waiting)).text
    name = reference(daemon, "anna")
    assert words in daemon.ctl("registration", "show", name)
    assert words in json.dumps(json.loads(daemon.ctl("registration", "show", name, "--json")), ensure_ascii=False).replace('\\"', '"')

    daemon.settled()
    before = daemon.dump()
    code, said, _ = daemon.ctl("registration", "approve", name, code=None)
    assert code == 1 and "move it to a slot first" in said and daemon.dump() == before
    come(daemon, "ward", "joe", slot=WINTER)
    assert daemon.ctl("registration", "move", name, "--slot", WINTER, code=None)[0] == 1, "joe has it"
    assert daemon.ctl("registration", "move", name, "--slot", "ward/2027-03-26T09:30", code=None)[0] != 0, "there is none"
    daemon.ctl("verify")
    daemon.ctl("registration", "move", name, "--slot", SUMMER)
    assert states(daemon)["anna"] == "awaiting_approval" and slots(daemon) == {WINTER: 1, SUMMER: 1}
    assert daemon.query("SELECT proposal FROM registration WHERE reference = ?", (name,)) == [{"proposal": None}]
    daemon.ctl("verify")
    daemon.ctl("registration", "approve", name)
    assert states(daemon)["anna"] == "confirmed"
    assert has(daemon, "anna") == {"onsite": "taken", SUMMER: "taken"}
    event = at_slot(letter(daemon, smtp, "anna", "confirmed"), SUMMER)
    assert "Test ward" in str(event["SUMMARY"]) + str(event.get("LOCATION")) + str(event.get("DESCRIPTION"))
    nobody_twice(daemon, smtp)
    daemon.ctl("verify")


def test_a_proposal_may_be_refused(make_daemon, smtp):
    daemon = make_daemon({"ward": ward()})
    come(daemon, "ward", "anna", slot="propose", **{"slot.propose": "At night"})
    daemon.ctl("registration", "reject", reference(daemon, "anna"), "--reason", "Nobody is there at night")
    assert states(daemon)["anna"] == "rejected" and has(daemon, "anna") == {}
    assert "Nobody is there at night" in letters.body(letter(daemon, smtp, "anna", "rejected"), "plain")
    daemon.ctl("verify")


def test_who_has_no_time_has_no_calendar_entry(make_daemon, smtp):
    lab = definition("lab", zone=ZONE, starts="2027-03-26T08:00", ends="2027-04-02T18:00")
    daemon = make_daemon({"lab": lab, "ward": ward()})
    come(daemon, "lab", "anna")
    path = letters.manage_path(letter(daemon, smtp, "anna", "confirmed"))

    def offered_and_promised():
        entry = path.replace("/r/", "/en/r/") + "/event.ics"
        return (entry in daemon.browser().get(path).links, daemon.browser().get(entry).status,
                "takes the event out of your calendar" in daemon.browser().get(path + "/cancel").text)
    assert offered_and_promised() == (True, 200, True)
    daemon.write_event("lab", ward().replace('slug = "ward"', 'slug = "lab"'))  # now it is by times, and anna has none
    daemon.reload()
    assert offered_and_promised() == (False, 404, False)
    come(daemon, "ward", "joe", slot=WINTER)
    path = letters.manage_path(letter(daemon, smtp, "joe", "confirmed"))
    assert offered_and_promised() == (True, 200, True)


def test_when_is_the_time_of_who_has_one(make_daemon, smtp):
    """Before that it is times between two dates, never one span that would be for everybody."""
    daemon = make_daemon({"ward": ward()})
    between = "Times between 26 March and 2 April 2027"
    page = daemon.browser().get("/en/e/ward")
    assert fact(page, "When") == f"{between} Time zone: Tallinn. Brussels is one hour earlier."
    assert between in daemon.browser().get("/en/").text and "Fri 08:00" not in page.text
    come(daemon, "ward", "anna", slot=SUMMER)
    come(daemon, "ward", "joe", slot="propose", **{"slot.propose": "At night"})
    mine = "Monday, 29 March 2027, 09:00–10:00"
    path = letters.manage_path(letter(daemon, smtp, "anna", "confirmed"))
    assert fact(daemon.browser().get(path), "When") == f"{mine} Time zone: Tallinn (UTC+3). Brussels is one hour earlier."
    assert mine in daemon.browser().get(path + "/cancel").text
    joe = letter(daemon, smtp, "joe", "awaiting_approval")
    assert between in letters.body(joe, "plain")
    assert fact(daemon.browser().get(letters.manage_path(joe)), "When").startswith(between)


# --- moved

def own_change(daemon, path, slot):
    page = daemon.browser().get(path + "/change")
    return daemon.browser().post(page.form.action, {**page.form.values, "slot": slot})


def test_moving_frees_the_old_time_at_once(make_daemon, smtp):
    daemon = make_daemon({"ward": ward(propose="false")})
    come(daemon, "ward", "anna", slot=WINTER)
    first = letter(daemon, smtp, "anna", "confirmed")
    old = letters.event_of(letters.calendar(first))
    assert daemon.sign_up("ward", address("joe"), slot=WINTER).status == 409
    daemon.ctl("registration", "move", reference(daemon, "anna"), "--slot", SUMMER)
    come(daemon, "ward", "joe", slot=WINTER)
    assert has(daemon, "anna") == {"onsite": "taken", SUMMER: "taken"} and slots(daemon) == {WINTER: 1, SUMMER: 1}
    event = at_slot(letter(daemon, smtp, "anna", "changed"), SUMMER)
    assert event["UID"] == old["UID"] and event["SEQUENCE"] > old["SEQUENCE"], "the same entry, moved in the calendar"
    daemon.ctl("verify")
    path = letters.manage_path(first)
    assert own_change(daemon, path, WINTER).status in (409, 422)
    assert own_change(daemon, path, LATEST).status == 303
    come(daemon, "ward", "eva", slot=SUMMER)
    assert slots(daemon) == {WINTER: 1, SUMMER: 1, LATEST: 1}
    nobody_twice(daemon, smtp)
    daemon.ctl("verify")


@pytest.mark.timeout(180)
def test_while_one_moves_to_and_fro_nobody_ever_sees_two_times_or_none(make_daemon, smtp):
    daemon = make_daemon({"ward": ward(propose="false")})
    come(daemon, "ward", "anna", slot=WINTER)
    path = letters.manage_path(letter(daemon, smtp, "anna", "confirmed"))
    seen, done = collections.Counter(), threading.Event()

    def watch():
        while not done.is_set():
            rows = daemon.query("SELECT count(*) AS n, (SELECT sum(taken) FROM place WHERE kind = 'slot') AS taken FROM claim AS c "
                                "JOIN place AS p ON p.id = c.place_id WHERE p.kind = 'slot'")
            seen[tuple(rows[0].values())] += 1
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        watching = pool.submit(watch)
        try:
            answers = [own_change(daemon, path, (SUMMER, WINTER)[n % 2]).status for n in range(20)]
        finally:
            done.set()
        watching.result()
    assert answers == [303] * 20
    assert set(seen) == {(1, 1)} and seen[1, 1] > 20, seen
    daemon.ctl("verify")


def test_of_all_who_want_the_time_that_is_left_one_gets_it(make_daemon, smtp):
    """Anna moves away while ten ask for what she had, over and over."""
    daemon = make_daemon({"ward": ward(propose="false")})
    come(daemon, "ward", "anna", slot=WINTER)
    path = letters.manage_path(letter(daemon, smtp, "anna", "confirmed"))
    action, form = daemon.ripe_form("ward")
    moved = threading.Event()

    def insist(n):
        values = {**form, "name": f"Person {n}", "email": address(f"p{n}"), "slot": WINTER}
        for _ in range(200):
            last = moved.is_set()
            status = daemon.browser().post(action, values).status
            assert status in (303, 409)
            if status == 303 or last:
                return status
        return None
    with concurrent.futures.ThreadPoolExecutor(10) as pool:
        trying = [pool.submit(insist, n) for n in range(10)]
        assert own_change(daemon, path, SUMMER).status == 303
        moved.set()
        answers = collections.Counter(t.result() for t in trying)
    assert answers == {303: 1, 409: 9}
    assert slots(daemon) == {WINTER: 1, SUMMER: 1}
    daemon.ctl("verify")


def test_a_time_that_is_moved_away_from_goes_to_who_waits_and_asked_for_it(make_daemon, smtp):
    """Joe's time was free when he came, the event was full; when the event has room, Anna has his time. She gives it back."""
    daemon = make_daemon({"ward": ward(propose="false", capacity=2, waiting_list=True)})
    come(daemon, "ward", "anna", slot=WINTER)
    come(daemon, "ward", "ben", slot=LATEST)
    come(daemon, "ward", "joe", slot=SUMMER)
    assert states(daemon)["joe"] == "waitlisted" and row(daemon, "joe")["status_reason"] == "mode onsite is full"
    daemon.ctl("registration", "move", reference(daemon, "anna"), "--slot", SUMMER)
    daemon.ctl("registration", "cancel", reference(daemon, "ben"))
    assert states(daemon)["joe"] == "waitlisted", "his time is taken"
    daemon.ctl("verify")
    daemon.ctl("registration", "move", reference(daemon, "anna"), "--slot", WINTER)
    assert daemon.sign_up("ward", address("late"), slot=SUMMER).status == 409
    assert daemon.sign_up("ward", address("late"), slot=LATEST).status == 303
    assert states(daemon) == {"anna": "confirmed", "ben": "cancelled", "joe": "offered", "late": "waitlisted"}
    assert has(daemon, "joe") == {"onsite": "held", SUMMER: "held"}
    nobody_twice(daemon, smtp)
    daemon.ctl("verify")


# --- lead time

def test_a_time_may_be_booked_until_its_lead_time_begins(make_daemon):
    """Four days of 24 hours before nine o'clock on Monday the 29th, over the change of clocks: 06:00 UTC on the 25th."""
    daemon = make_daemon({"ward": ward(propose="false", lead_days=4)})
    daemon.set_time("2027-03-25T05:58:00Z")
    page = daemon.browser().get("/en/e/ward")
    assert offered(page) == [SUMMER, LATEST], "Friday's is too near already"
    come(daemon, "ward", "anna", slot=SUMMER)
    daemon.ctl("registration", "cancel", reference(daemon, "anna"))
    _, form = daemon.ripe_form("ward")
    daemon.clock.set("2027-03-25T06:00:01Z")
    daemon.reload()
    late = daemon.browser().post(page.form.action, {**form, "name": "Joe", "email": address("joe"), "slot": SUMMER})
    assert late.status == 422 and late.form.wrong() == ["slot"]
    assert "This time is too near to be prepared. Choose a later one" in late.text
    assert late.form.values["email"] == address("joe") and offered(late) == [LATEST]
    assert slots(daemon) == {}
    come(daemon, "ward", "eva", slot=LATEST)
    daemon.ctl("registration", "move", reference(daemon, "eva"), "--late", "--slot", SUMMER)
    assert slots(daemon) == {SUMMER: 1}, "an organiser may"
    daemon.ctl("verify")
