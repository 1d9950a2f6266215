# SPDX-License-Identifier: EUPL-1.2
"""What happens at the same moment: definitions and sign-ups, a change and a cancellation, two organisers' commands. In the
end every number is its claims, nobody is over, and what was refused changed nothing."""
import collections
import concurrent.futures
import random
import re
import threading

import pytest
from harness import letters
from harness.crowd import sign_up_all
from harness.definitions import definition
from harness.people import address, come, letter, nobody_twice, reference, row, states


def session(name, capacity):
    return (f'{{ id = "{name}"; title = "{name}"; starts = "2027-03-18T11:00"; ends = "2027-03-18T12:00"; round = "a"; '
            f'capacity = {capacity}; }}')


def forum(capacity=50, data=5, trust=5, **more):
    return definition("forum", capacity=capacity, extra=f"sessions = ( {session('data', data)}, {session('trust', trust)} );\n",
                      **more)


def numbers(daemon):
    """{place: (capacity, taken, held, waiting)}"""
    return {r["place"]: (r["capacity"], r["taken"], r["held"], r["waiting"]) for r in daemon.query(
        "SELECT place, capacity, taken, held, waiting FROM places WHERE kind <> 'cap'")}


def has(daemon, person):
    return {r["place"]: r["state"] for r in daemon.query("SELECT place, state FROM choices WHERE registration = ?",
                                                         (row(daemon, person)["registration"],))}


def both(*deeds):
    """Does all of them at the same moment; their results, in order."""
    gate = threading.Barrier(len(deeds))

    def one(deed):
        gate.wait()
        return deed()
    with concurrent.futures.ThreadPoolExecutor(len(deeds)) as pool:
        return [done.result() for done in [pool.submit(one, deed) for deed in deeds]]


# --- definitions against sign-ups

@pytest.mark.timeout(180)
@pytest.mark.parametrize("waiting_list", [False, True])
def test_a_definition_shrinks_and_grows_while_two_hundred_come(make_daemon, smtp, waiting_list):
    daemon = make_daemon({"forum": forum(capacity=20, data=10, waiting_list=waiting_list)})
    action, form = daemon.ripe_form("forum")
    forms = [{**form, "name": f"Person {n}", "email": address(f"p{n}"), "session.a": ("data", "")[n % 2]} for n in range(200)]
    rng = random.Random(4)
    most = {"onsite": 20, "data": 10}  # the largest that ever stood
    tried = refused = 0

    def come_in_waves():
        return [status for n in range(0, 200, 20) for status in sign_up_all(daemon.port, action, forms[n:n + 20])]
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        coming = pool.submit(come_in_waves)
        while not coming.done() or tried < 12:
            now = numbers(daemon)
            capacity, data = (max(1, now[place][1] + rng.choice((-4, -1, 0, 2, 5))) for place in ("onsite", "data"))
            before = len(re.findall("is below the", daemon.log()))
            daemon.write_event("forum", forum(capacity=capacity, data=data, waiting_list=waiting_list))
            daemon.reload()
            tried += 1
            now = numbers(daemon)
            if len(re.findall("is below the", daemon.log())) > before:
                refused += 1
                assert (now["onsite"][0], now["data"][0]) != (capacity, data), "it was refused, and stands all the same"
            else:
                assert (now["onsite"][0], now["data"][0]) == (capacity, data), "it was taken whole"
                most = {"onsite": max(most["onsite"], capacity), "data": max(most["data"], data)}
            for place, (limit, taken, _, _) in now.items():
                assert taken <= limit, f"{place}: {taken} of {limit}"
        answers = collections.Counter(coming.result())
    assert refused > 0 and tried > refused, "both happened"
    now = numbers(daemon)
    assert now["onsite"][1] <= most["onsite"] and now["data"][1] <= most["data"]
    if waiting_list:
        assert answers == {303: 200}
        assert collections.Counter(states(daemon).values())["waitlisted"] == 200 - now["onsite"][1]
    else:
        assert set(answers) == {303, 409} and answers[303] == now["onsite"][1] == len(states(daemon))
    daemon.ctl("verify")
    # and nobody is kept out for ever: a room for all takes all
    daemon.write_event("forum", forum(capacity=300, data=300, waiting_list=waiting_list))
    daemon.reload()
    if waiting_list:
        assert set(states(daemon).values()) == {"confirmed", "offered"}
    else:
        come(daemon, "forum", "late", **{"session.a": "data"})
    nobody_twice(daemon, smtp)
    daemon.ctl("verify")


@pytest.mark.timeout(180)
def test_a_session_goes_while_people_ask_for_it(make_daemon):
    """Who has it keeps it, for the definition is refused then; or it is gone, and nobody has it."""
    pauses = (0, 0.002, 0.005, 0.01, 0.02, 0.04, None)  # before the reload; None: until all are answered

    def programme(ids):
        return definition("forum", capacity=300, extra=f"sessions = ( {', '.join(session(f's{n}', 30) for n in ids)} );\n")
    left = list(range(len(pauses)))
    daemon = make_daemon({"forum": programme(left)})
    for n, pause in enumerate(pauses):
        daemon.write_event("forum", programme(left))
        daemon.reload()
        daemon.forget_forms()
        action, form = daemon.ripe_form("forum")
        forms = [{**form, "name": f"Person {k}", "email": address(f"p{n}-{k}"), "session.a": f"s{n}"} for k in range(20)]
        daemon.write_event("forum", programme([other for other in left if other != n] + [99]))
        answered = threading.Event()

        def come_in():
            try:
                return sign_up_all(daemon.port, action, forms)
            finally:
                answered.set()

        def take_away():
            answered.wait(pause)
            daemon.reload()
        answers, _ = both(come_in, take_away)
        there = [r["n"] for r in daemon.query("SELECT count(*) AS n FROM choices WHERE place = ?", (f"s{n}",))][0]
        assert there == sum(status == 303 for status in answers)
        kept = daemon.query("SELECT retired_at IS NULL AS kept FROM place WHERE key = ?", (f"s{n}",))[0]["kept"]
        assert kept or there == 0, "people in a session that is not held"
        assert kept == (f"s{n} is gone, but" in daemon.log())
        if not kept:
            left.remove(n)
        daemon.ctl("verify")
    assert there == 20 and kept


# --- one's own change against what others do

@pytest.mark.timeout(180)
def test_one_changes_the_session_while_another_cancels(make_daemon, smtp):
    """Anna wants what Joe has, in the moment in which he gives it back: she gets it or keeps what she has."""
    rounds = 20
    daemon = make_daemon({"forum": forum(capacity=300, data=rounds, trust=rounds)})
    action, form = daemon.ripe_form("forum")
    people = [(f"anna{n}", "trust") for n in range(rounds)] + [(f"joe{n}", "data") for n in range(rounds)]
    forms = [{**form, "name": "Somebody", "email": address(person), "session.a": wanted} for person, wanted in people]
    assert set(sign_up_all(daemon.port, action, forms)) == {303}
    daemon.settled(60)
    paths = {person: letters.manage_path(letter(daemon, smtp, person, "confirmed")) for person, _ in people}
    outcomes = collections.Counter()
    gone = set()
    for n in range(rounds):
        anna, joe = f"anna{n}", f"joe{n}"
        page = daemon.browser().get(paths[anna] + "/change")
        values = {**page.form.values, "session.a": "data"}
        changed, left = both(lambda: daemon.browser().post(page.form.action, values).status,
                             lambda: daemon.browser().post(paths[joe] + "/cancel", {}).status)
        assert left == 303 and has(daemon, joe) == {}
        gone.add(joe)
        outcomes[changed] += 1
        assert has(daemon, anna) == {"onsite": "taken", "data" if changed == 303 else "trust": "taken"}
        if changed == 409:  # and now it is free
            again = daemon.browser().get(paths[anna] + "/change")
            assert daemon.browser().post(again.form.action, {**again.form.values, "session.a": "data"}).status == 303
    assert set(outcomes) <= {303, 409}
    assert numbers(daemon) == {"onsite": (300, rounds, 0, 0), "data": (rounds, rounds, 0, 0), "trust": (rounds, 0, 0, 0)}
    nobody_twice(daemon, smtp)
    daemon.ctl("verify")


@pytest.mark.timeout(180)
def test_one_changes_and_cancels_in_two_windows(make_daemon, smtp):
    rounds = 20
    daemon = make_daemon({"forum": forum(capacity=300, data=rounds, trust=rounds)})
    action, form = daemon.ripe_form("forum")
    forms = [{**form, "name": "Somebody", "email": address(f"p{n}"), "session.a": "trust"} for n in range(rounds)]
    assert set(sign_up_all(daemon.port, action, forms)) == {303}
    daemon.settled(60)
    for n in range(rounds):
        path = letters.manage_path(letter(daemon, smtp, f"p{n}", "confirmed"))
        page = daemon.browser().get(path + "/change")
        values = {**page.form.values, "session.a": "data"}
        changed, left = both(lambda: daemon.browser().post(page.form.action, values).status,
                             lambda: daemon.browser().post(path + "/cancel", {}).status)
        assert left == 303 and changed in (303, 409)
        assert states(daemon)[f"p{n}"] == "cancelled" and has(daemon, f"p{n}") == {}, "who leaves has left, with all"
    assert {taken for _, taken, _, _ in numbers(daemon).values()} == {0}
    nobody_twice(daemon, smtp)
    daemon.ctl("verify")


@pytest.mark.timeout(180)
def test_two_change_places(make_daemon, smtp):
    """Each wants what the other has: neither ever loses what he has, and no session holds two."""
    daemon = make_daemon({"forum": forum(data=1, trust=1)})
    wants = {"anna": "data", "joe": "trust"}
    for person, first in wants.items():
        come(daemon, "forum", person, **{"session.a": first})
    paths = {person: letters.manage_path(letter(daemon, smtp, person, "confirmed")) for person in wants}
    daemon.settled()
    before = numbers(daemon)
    for _ in range(5):
        pages = {person: daemon.browser().get(paths[person] + "/change").form for person in wants}
        other = {"anna": "trust", "joe": "data"}
        answers = both(*(lambda p=person: daemon.browser().post(pages[p].action, {**pages[p].values, "session.a": other[p]}).status
                         for person in wants))
        assert answers == [409, 409] and numbers(daemon) == before
        assert all(has(daemon, p) == {"onsite": "taken", wants[p]: "taken"} for p in wants)
    daemon.ctl("verify")


# --- organisers

@pytest.mark.timeout(180)
def test_cancelled_and_promoted_at_once(make_daemon, smtp):
    """Two processes and the daemon: who is promoted and who is offered the place by itself never get the same one."""
    rounds = 8
    daemon = make_daemon({"forum": forum(capacity=100, data=rounds, waiting_list=True)})
    action, form = daemon.ripe_form("forum")
    people = [f"in{n}" for n in range(rounds)] + [f"wait{n}" for n in range(3 * rounds)]
    for group in (people[:rounds], people[rounds:]):
        forms = [{**form, "name": "Somebody", "email": address(person), "session.a": "data"} for person in group]
        assert set(sign_up_all(daemon.port, action, forms)) == {303}
    assert numbers(daemon)["data"] == (rounds, rounds, 0, 3 * rounds)
    daemon.settled(60)
    line = [r["email"].split("@")[0] for r in daemon.query(
        "SELECT email FROM registration WHERE status = 'waitlisted' ORDER BY waiting_since, id")]
    promoted = []
    for n in range(rounds):
        last = next(p for p in reversed(line) if states(daemon)[p] == "waitlisted")
        cancelled, (code, said, errors) = both(
            lambda: daemon.ctl("registration", "cancel", reference(daemon, f"in{n}")),
            lambda: daemon.ctl("registration", "promote", reference(daemon, last), "--reason", "She speaks", code=None))
        assert cancelled and code in (0, 1), (said, errors)
        if code == 0:
            promoted.append(last)
        taken = numbers(daemon)["data"]
        assert taken[:3] == (rounds, rounds, n + 1), taken
    now = states(daemon)
    offered = [p for p in line if now[p] == "offered"]
    assert len(offered) == rounds and set(promoted) <= set(offered)
    by_itself = [p for p in offered if p not in promoted]
    assert by_itself == line[:len(by_itself)], "the others in their order"
    assert all(has(daemon, p) == {"onsite": "held", "data": "held"} for p in offered)
    nobody_twice(daemon, smtp)
    daemon.ctl("verify")


def test_two_organisers_promote_for_one_place(make_daemon, smtp):
    daemon = make_daemon({"forum": forum(capacity=100, data=1, waiting_list=True)})
    come(daemon, "forum", "anna", "joe", "eva", "max", **{"session.a": "data"})
    daemon.settled()
    daemon.set_time("2027-03-17T12:00:00Z")  # nobody is offered anything by itself any more
    daemon.ctl("registration", "cancel", reference(daemon, "anna"))
    assert numbers(daemon)["data"][1] == 0
    results = both(*(lambda p=person: daemon.ctl("registration", "promote", reference(daemon, p), "--reason", "x", code=None)[0]
                     for person in ("joe", "eva", "max")))
    assert sorted(results) == [0, 1, 1]
    assert collections.Counter(states(daemon).values()) == {"cancelled": 1, "offered": 1, "waitlisted": 2}
    assert numbers(daemon)["data"] == (1, 1, 1, 2)
    nobody_twice(daemon, smtp)
    daemon.ctl("verify")
