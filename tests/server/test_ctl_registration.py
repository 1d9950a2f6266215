# SPDX-License-Identifier: EUPL-1.2
"""convenectl registration add, move, allocate, and what list and show tell of places: the organiser's side of a programme."""
import hashlib
import json

import pytest
from harness.definitions import COUNTRY, EMAIL, NAME, TERMS, definition
from harness.people import letter

PROGRAMME = """
rounds = ( { id = "a"; wishes_until = "2027-02-01T12:00"; } );
sessions = (
  { id = "opening"; title = "Opening"; starts = "2027-03-18T09:30"; ends = "2027-03-18T10:00"; },
  { id = "a1"; title = "Data"; round = "a"; group = "data"; starts = "2027-03-18T10:00"; ends = "2027-03-18T11:00"; capacity = 1;
    choose = "rank"; },
  { id = "a2"; title = "Skills"; round = "a"; group = "skills"; starts = "2027-03-18T10:00"; ends = "2027-03-18T11:00";
    capacity = 2; },
  { id = "b1"; title = "Data"; round = "b"; group = "data"; starts = "2027-03-18T11:00"; ends = "2027-03-18T12:00"; choose = "one"; },
  { id = "b2"; title = "Skills"; round = "b"; group = "skills"; starts = "2027-03-18T11:00"; ends = "2027-03-18T12:00";
    capacity = 1; },
  { id = "dinner"; title = "Dinner"; choose = "many"; capacity = { onsite = 2; online = 0; }; }
);
"""
MODES = '( { id = "onsite"; capacity = 3; }, { id = "online"; } )'
FIELDS = (NAME, EMAIL, COUNTRY)


@pytest.fixture
def daemon(make_daemon):
    return make_daemon({"forum": definition("forum", modes=MODES, fields=FIELDS, extra=PROGRAMME, waiting_list=True)})


def add(daemon, person, *options, code=0, slug="forum", mode="onsite", country="LT"):
    """(exit code, what --json says) of one registration add."""
    given, said, errors = daemon.ctl("registration", "add", "--event", slug, "--mode", mode, *options, "--json",
                                     f"name={person.capitalize()} Petrauskas", f"email={person}@umed.example",
                                     f"country={country}", code=None)
    assert given == code, (given, said, errors)
    return json.loads(said) if said else errors


def places(daemon, person):
    """{kind: [keys]} that a person has, with `asked` for what is waited for."""
    found = {}
    for row in daemon.query("SELECT c.kind, c.place, c.state FROM choices AS c JOIN registrations AS r "
                            "ON r.registration = c.registration WHERE r.email = ? AND c.rank IS NULL ORDER BY c.place",
                            (f"{person}@umed.example",)):
        found.setdefault(row["kind"] if row["state"] == "taken" else row["state"], []).append(row["place"])
    return found


def move(daemon, reference, *options, code=0):
    given, said, errors = daemon.ctl("registration", "move", reference, *options, "--json", code=None)
    assert given == code, (given, said, errors)
    return json.loads(said) if said else errors


def first_drawn(daemon, seed, people):
    """By the manual's words, so that anybody can repeat the draw."""
    number = hashlib.blake2b(seed.encode(), digest_size=32).digest()[:8]
    ids = {person: daemon.query("SELECT registration FROM registrations WHERE email = ?", (f"{person}@umed.example",))[0]
           ["registration"] for person in people}
    return min(people, key=lambda p: hashlib.blake2b(number + ids[p].to_bytes(8, "big"), digest_size=16).digest())


def whole(daemon):
    assert daemon.ctl_json("verify")["ok"], daemon.ctl("verify", code=None)


def test_two_people_change_places(make_daemon):
    """The three steps of the manual."""
    sessions = '''sessions = (
      { id = "x"; title = "X"; round = "r"; capacity = 1; choose = "one"; }, { id = "y"; title = "Y"; round = "r"; capacity = 1; } );'''
    daemon = make_daemon({"forum": definition("forum", fields=FIELDS, extra=sessions)})
    anna, bela = (add(daemon, person, "--session", "r=" + session)["reference"] for person, session in (("anna", "x"), ("bela", "y")))
    assert "full" in move(daemon, anna, "--session", "r=y", code=1)["result"]
    for reference, session in ((anna, ""), (bela, "x"), (anna, "y")):
        move(daemon, reference, "--session", "r=" + session)
    assert (places(daemon, "anna")["session"], places(daemon, "bela")["session"]) == (["y"], ["x"])
    whole(daemon)


def test_add_goes_by_the_rules_of_the_page(daemon, smtp):
    done = add(daemon, "anna", "--session", "b=b2", "--session", "dinner=dinner")
    assert done["result"] == "confirmed"
    assert places(daemon, "anna") == {"mode": ["onsite"], "session": ["b2", "dinner@onsite"]}
    mail = smtp.one("anna@umed.example")
    told = " ".join(mail.message.get_body(("plain",)).get_content().split())
    assert done["reference"] in told and "because the organisers registered you on" in told
    row, = daemon.query("SELECT actor, language FROM registration")
    assert row == {"actor": "convenectl", "language": "en"}
    assert daemon.query("SELECT actor FROM audit WHERE action = 'sign_up'") == [{"actor": "convenectl"}]

    refused = add(daemon, "bela", "--session", "b=b2", "--session", "dinner=dinner", mode="online", country="XX", code=1)
    assert refused["result"] == "faults"
    assert {(f["field"], f["fault"]) for f in refused["faults"]} == {("country", "no_such"), ("session.dinner", "not_in_mode")}
    code, said, errors = daemon.ctl("registration", "add", "--event", "forum", "name=Bela", "email=bela", code=None)
    assert code == 1 and not said
    assert "email is no email address" in errors and "country is missing" in errors and "mode is missing" in errors
    assert daemon.query("SELECT count(*) AS n FROM registration") == [{"n": 1}]
    whole(daemon)


def test_add_says_what_it_does_not_understand(daemon):
    for options, words in ((("--session", "b2"), "ROUND=ID"), (("--session", "c=b2"), "no such round"),
                           (("--language", "fr"), "language"), (("shoe=42",), "shoe")):
        code, said, errors = daemon.ctl("registration", "add", "--event", "forum", *options, "name=Bela", code=None)
        assert code == 1 and words in errors, (options, errors)
    assert daemon.ctl("registration", "add", "--event", "forum", code=None)[0] == 2
    assert daemon.ctl("registration", "add", "--event", "other", "name=Bela", code=None)[0] == 1
    assert daemon.ctl("registration", "show", "VYN5-4V5", "--mode", "onsite", code=None)[0] == 2


def test_add_in_another_language_and_with_consents(make_daemon, smtp):
    daemon = make_daemon({"course": definition("course", fields=(NAME, EMAIL, TERMS))})
    code, said, errors = daemon.ctl("registration", "add", "--event", "course", "name=Ona", "email=ona@umed.example", code=None)
    assert code == 1 and "terms is missing" in errors
    daemon.ctl("registration", "add", "--event", "course", "--language", "lt", "name=Ona", "email=ona@umed.example", "terms=yes")
    consent, = daemon.query("SELECT purpose, text, language FROM consents")
    assert consent == {"purpose": "terms", "text": "Sutinku su namų taisyklėmis", "language": "lt"}
    assert smtp.one("ona@umed.example").message["Content-Language"] == "lt" or \
        daemon.query("SELECT language FROM mail_log") == [{"language": "lt"}]


def test_add_knows_who_is_there_and_puts_the_rest_on_the_list(daemon):
    first = add(daemon, "anna", "--session", "b=b2")
    again = add(daemon, "anna", "--session", "b=b2", code=1)
    assert again == {"reference": first["reference"], "result": "known"}
    assert add(daemon, "bela", "--session", "b=b2")["result"] == "waitlisted"
    assert places(daemon, "bela")["asked"] == ["b2", "onsite"]
    daemon.write_event("forum", definition("forum", modes=MODES, fields=FIELDS, extra=PROGRAMME, waiting_list=False))
    daemon.reload()
    full = add(daemon, "cara", "--session", "b=b2", code=1)
    assert (full["result"], full["kind"], full["place"]) == ("full", "session", "b2")
    whole(daemon)


def test_move_changes_what_is_named_and_nothing_else(daemon, smtp):
    anna = add(daemon, "anna", "--session", "b=b2", "--session", "dinner=dinner")["reference"]
    bela = add(daemon, "bela", "--session", "b=b1")["reference"]
    assert move(daemon, anna, "--session", "b=b2")["result"] == "same"
    full = move(daemon, bela, "--session", "b=b2", code=1)
    assert (full["result"], full["place"]) == ("full", "b2")
    assert places(daemon, "bela") == {"mode": ["onsite"], "session": ["b1"]}

    assert move(daemon, anna, "--session", "b=b1", "--reason", "A chair is broken")["result"] == "moved"
    assert places(daemon, "anna") == {"mode": ["onsite"], "session": ["b1", "dinner@onsite"]}
    assert move(daemon, bela, "--session", "b=b2")["result"] == "moved"
    assert places(daemon, "bela") == {"mode": ["onsite"], "session": ["b2"]}
    assert move(daemon, bela, "--session", "b=")["result"] == "moved"
    assert places(daemon, "bela") == {"mode": ["onsite"]}

    # the dinner is not held online: nothing of the move is done
    refused = move(daemon, anna, "--mode", "online", code=1)
    assert refused["result"] == "faults" and refused["faults"][0]["field"] == "session.dinner"
    assert places(daemon, "anna")["mode"] == ["onsite"]
    assert move(daemon, anna, "--mode", "online", "--session", "dinner=")["result"] == "moved"
    assert places(daemon, "anna") == {"mode": ["online"], "session": ["b1"]}
    row, = daemon.query("SELECT mode, country, name FROM registrations WHERE email = 'anna@umed.example'")
    assert row == {"mode": "online", "country": "LT", "name": "Anna Petrauskas"}
    assert daemon.ctl("registration", "move", anna, code=None)[0] == 2
    assert move(daemon, anna, "--session", "b=b9", code=1)["faults"] == [
        {"field": "session.b", "fault": "no_such", "limit": None, "session": None}]
    daemon.ctl("registration", "cancel", anna)
    assert move(daemon, anna, "--session", "b=b2", code=1)["result"] == "not_in_state"
    whole(daemon)


def test_move_to_another_slot(make_daemon):
    slots = """slots = ( { resource = "desk"; title = "The desk"; from = "09:30"; to = "11:30"; length_minutes = 30; lead_days = 2;
                           propose = true; } );"""
    daemon = make_daemon({"advice": definition("advice", fields=FIELDS, extra=slots)})

    def added(person, *options):
        return json.loads(daemon.ctl("registration", "add", "--event", "advice", *options, "--json", f"name={person}",
                                     f"email={person}@umed.example", "country=LT"))["reference"]
    anna = added("anna", "--slot", "desk/2027-03-18T09:30")
    bela = added("bela", "--slot", "propose", "slot.propose=Any Tuesday")
    assert daemon.query("SELECT proposal FROM registration WHERE email LIKE 'bela%'") == [{"proposal": "Any Tuesday"}]
    full = move(daemon, bela, "--slot", "desk/2027-03-18T09:30", code=1)
    assert (full["result"], full["kind"], full["place"]) == ("full", "slot", "desk/2027-03-18T09:30")
    assert daemon.ctl("registration", "approve", bela, code=None)[0] == 1  # a proposal is no place
    daemon.set_time("2027-03-17T12:00:00Z")  # too late for people, and for organisers who do not say that they mean it
    late = {"field": "slot", "fault": "too_soon", "limit": 2, "session": None}
    assert move(daemon, bela, "--slot", "desk/2027-03-18T10:00", code=1)["faults"] == [late]
    cara = ("registration", "add", "--event", "advice", "--slot", "desk/2027-03-18T11:00", "name=Cara", "email=cara@umed.example",
            "country=LT")
    for command in (cara, ("registration", "move", bela, "--slot", "desk/2027-03-18T10:00")):
        code, _, errors = daemon.ctl(*command, code=None)
        assert code == 1 and "slot begins within its lead time, days: 2; --late gives it all the same" in errors
    assert move(daemon, anna, "--slot", "desk/2027-03-18T09:30")["result"] == "same", "what one has is no matter"
    daemon.ctl(*cara, "--late")
    assert places(daemon, "cara")["slot"] == ["desk/2027-03-18T11:00"]
    assert move(daemon, bela, "--late", "--slot", "desk/2027-03-18T10:00")["result"] == "moved"
    daemon.ctl("registration", "approve", bela)
    assert places(daemon, "bela")["slot"] == ["desk/2027-03-18T10:00"]
    assert daemon.query("SELECT proposal FROM registration WHERE email LIKE 'bela%'") == [{"proposal": None}]
    assert move(daemon, anna, "--slot", "desk/2027-03-18T12:00", code=1)["faults"][0]["fault"] == "no_such"
    shown = daemon.ctl_json("registration", "show", bela)
    assert {p["place"] for p in shown["places"] if p["kind"] == "slot"} == {"desk/2027-03-18T10:00"}
    daemon.set_time("2027-03-18T09:00:00Z")  # after eleven in Vilnius
    assert move(daemon, bela, "--late", "--slot", "desk/2027-03-18T10:30", code=1)["faults"] == [{**late, "limit": None}]
    whole(daemon)


def test_allocate_shows_and_then_makes_it_so(daemon, smtp):
    wished = ("--session", "a=a1", "--session", "a=a2")
    people = ("anna", "bela", "cara")
    for person in people:
        add(daemon, person, *wished)
    add(daemon, "dora", *wished)  # waits for a place at the event
    reference = daemon.query("SELECT reference FROM registrations WHERE email LIKE 'anna%'")[0]["reference"]
    shown = daemon.ctl_json("registration", "show", reference)
    assert [(w["round"], w["rank"], w["place"]) for w in shown["wishes"]] == [("a", 1, "a1"), ("a", 2, "a2")]

    assert daemon.ctl("registration", "allocate", "--event", "forum", "--round", "a", code=None)[0] == 2
    assert daemon.ctl("registration", "allocate", "--event", "forum", "--round", "b", "--lock", code=None)[0] == 1
    dry = daemon.ctl_json("registration", "allocate", "--event", "forum", "--round", "a", "--dry-run")
    assert (dry["seed"], dry["locked"], dry["people"], dry["placed"], dry["none"]) == ("forum/a", False, 3, 3, 0)
    assert (dry["by_rank"], dry["rank_sum"]) == ([1, 2], 5)
    assert [(s["place"], s["capacity"], s["placed"]) for s in dry["sessions"]] == [("a1", 1, 1), ("a2", 2, 2)]
    assert not [p for person in people for p in places(daemon, person).get("session", [])]
    words = daemon.ctl("registration", "allocate", "--event", "forum", "--round", "a", "--dry-run", "--seed", "dice: 6")
    assert "Seed: dice: 6" in words and "Placed: 3" in words and "--lock" in words

    code, _, errors = daemon.ctl("registration", "allocate", "--event", "forum", "--round", "a", "--lock", code=None)
    assert code == 1 and "wishes for round a of forum are taken until 2027-02-01 12:00 (Europe/Vilnius)" in errors
    assert not daemon.query("SELECT 1 FROM allocation")
    daemon.set_time("2027-02-01T10:00:00Z")
    locked = daemon.ctl_json("registration", "allocate", "--event", "forum", "--round", "a", "--lock")
    assert locked == {**dry, "locked": True}
    got = {person: places(daemon, person)["session"] for person in people}
    assert sorted(got.values()) == [["a1"], ["a2"], ["a2"]]
    assert got[first_drawn(daemon, "forum/a", people)] == ["a1"]
    assert places(daemon, "dora").get("session") is None
    assert daemon.query("SELECT round, seed, people, placed, rank_sum, actor FROM allocation") == [
        {"round": "a", "seed": "forum/a", "people": 3, "placed": 3, "rank_sum": 5, "actor": "convenectl"}]
    mails = daemon.query("SELECT registration, kind FROM mail_log WHERE kind = 'allocated'")
    assert len(mails) == 3
    titles = {"a1": "Data", "a2": "Skills"}
    for person in people:
        told = letter(daemon, smtp, person, "allocated")
        assert titles[got[person][0]] in told.get_body(("plain",)).get_content()
    code, said, errors = daemon.ctl("registration", "allocate", "--event", "forum", "--round", "a", "--lock", code=None)
    assert code == 1 and "already" in errors
    # from now on the round is chosen like any other: what is left is nothing
    daemon.ctl("registration", "cancel", daemon.query(
        "SELECT reference FROM registrations WHERE email = 'dora@umed.example'")[0]["reference"])
    eva = add(daemon, "eva", "--session", "a=a1", mode="online")
    assert eva["result"] == "waitlisted"
    whole(daemon)


def test_who_was_moved_before_the_allocation_keeps_the_session(daemon):
    anna = add(daemon, "anna", "--session", "a=a2", "--session", "b=b1")["reference"]
    assert move(daemon, anna, "--session", "a=a2")["result"] == "moved"
    assert places(daemon, "anna")["session"] == ["a2", "b1"]
    assert daemon.ctl_json("registration", "show", anna)["wishes"] == []
    bela = add(daemon, "bela", "--session", "a=a1")["reference"]
    assert move(daemon, bela, "--session", "b=b1")["result"] == "moved"
    daemon.set_time("2027-02-01T10:00:00Z")
    locked = daemon.ctl_json("registration", "allocate", "--event", "forum", "--round", "a", "--lock")
    # bela has that theme in the other round
    assert (locked["people"], locked["placed"]) == (1, 0)
    assert [s["taken_before"] for s in locked["sessions"]] == [0, 1]
    assert places(daemon, "bela")["session"] == ["b1"]
    whole(daemon)


def test_list_filters(daemon):
    add(daemon, "anna", "--session", "b=b2", "--session", "dinner=dinner")
    add(daemon, "bela", "--session", "b=b2")
    add(daemon, "cara", "--session", "b=b1")

    def listed(*filters):
        return [r["email"].split("@")[0] for r in daemon.ctl_json("registration", "list", "--event", "forum", *filters)]
    assert listed() == ["anna", "bela", "cara"]
    assert listed("--status", "confirmed") == ["anna", "cara"]
    assert listed("--session", "b2") == ["anna", "bela"]
    assert listed("--session", "dinner") == ["anna"]
    assert listed("--session", "b2", "--status", "waitlisted") == ["bela"]
    assert listed("--status", "rejected") == []
    assert "Cara" not in daemon.ctl("registration", "list", "--event", "forum", "--session", "b2")
    assert daemon.ctl("registration", "list", "--event", "forum", "--status", "lost", code=None)[0] == 2
    assert daemon.ctl("registration", "list", "--event", "forum", "--session", "b9", code=None)[0] == 1


def test_show_tells_the_history(daemon):
    anna = add(daemon, "anna", "--session", "b=b2")["reference"]
    move(daemon, anna, "--session", "b=b1")
    shown = daemon.ctl_json("registration", "show", anna)
    assert {(p["kind"], p["place"], p["state"]) for p in shown["places"]} == {("mode", "onsite", "taken"), ("session", "b1", "taken")}
    assert [h["action"] for h in shown["history"]][0] == "sign_up" and len(shown["history"]) == 2
    assert shown["history"][1]["actor"] == "convenectl" and shown["history"][1]["data"]["places"]["added"]
    assert shown["offers"] == [] and shown["invitation"] == [] and shown["proposal"] is None
    words = daemon.ctl("registration", "show", anna)
    assert "b1" in words and "history" in words
