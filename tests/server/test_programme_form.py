# SPDX-License-Identifier: EUPL-1.2
"""The programme on the event's page and in its form: what is offered, what is wrong, what is full, and that nothing
that was typed is lost."""
import re

import pytest
from harness.definitions import EMAIL, NAME, ORGANISATION, definition
from harness.forms import offered, problem
from harness.wait import eventually

MODES = '( { id = "onsite"; title = "In the room"; capacity = 50; }, { id = "online"; title = "By video"; } )'
PLENARY = '{ id = "opening"; title = "Opening"; starts = "2027-03-18T09:30"; ends = "2027-03-18T10:30"; }'
FORUM = f"""sessions = ( {PLENARY},
    {{ id = "data"; title = "Data"; starts = "2027-03-18T11:00"; ends = "2027-03-18T12:00"; round = "a"; group = "data";
      capacity = {{ onsite = 1; online = 30; }}; }},
    {{ id = "trust"; title = "Trust"; starts = "2027-03-18T11:00"; ends = "2027-03-18T12:00"; round = "a";
      capacity = {{ onsite = 4; online = 0; }}; }},
    {{ id = "data_2"; title = "Data again"; starts = "2027-03-18T13:00"; ends = "2027-03-18T14:00"; round = "b";
      group = "data"; capacity = 20; }},
    {{ id = "walk"; title = "Walk"; starts = "2027-03-18T11:30"; ends = "2027-03-18T12:30"; round = "b"; capacity = 1; }},
    {{ id = "dinner"; title = "Dinner"; choose = "many"; capacity = 10; }} );
rounds = ( {{ id = "a"; title = "Before lunch"; required = true; }}, {{ id = "b"; title = "After lunch"; }} );
"""
TABLES = """sessions = (
    { id = "diabetes"; title = "Diabetes"; round = "table"; choose = "rank"; capacity = 12; },
    { id = "home"; title = "Home care"; round = "table"; choose = "rank"; capacity = 12; },
    { id = "mind"; title = "Mental health"; round = "table"; choose = "rank"; capacity = 12; } );
rounds = ( { id = "table"; title = "Round tables"; ranks = 2; required = true; wishes_until = "2027-02-01T12:00"; } );
"""


def slots(**more):
    keys = "".join(f"{key} = {value}; " for key, value in {"lead_days": 0, "propose": "false", **more}.items())
    return ('slots = ( { resource = "ward"; title = "Test ward"; weekdays = [ "mon", "tue" ]; from = "09:00"; to = "11:00"; '
            f'length_minutes = 60; {keys}}} );\n')


@pytest.fixture
def forum(make_daemon):
    return make_daemon({"forum": definition("forum", modes=MODES, extra=FORUM)})


def test_the_programme_stands_by_time(forum):
    page = forum.browser().get("/en/e/forum")
    tables = [t for t in page.tree.all("table") if "prog" in t.get("class")]
    assert len(tables) == 2, "one for the day, one for what has no time"
    rows = [row.text for row in tables[0].all("tr")[1:]]
    assert [row[:5] for row in rows] == ["09:30", "11:00", "11:30", "13:00"]
    assert "Data" in rows[1] and "Trust" in rows[1], "what is parallel stands together"
    assert "In the room: 1 of 1 places left · By video: 30 of 30 places left" in rows[1]
    assert "In the room only · 4 of 4 places left" in rows[1]
    assert tables[0].all("time")[0].get("datetime") == "2027-03-18T09:30+02:00"
    assert "Dinner" in tables[1].text
    assert "Thursday, 18 March 2027" in page.text


def test_each_round_is_one_control(forum):
    form = forum.browser().get("/en/e/forum").form
    assert offered(form, "session.a") == ["data", "trust"]
    assert "session.a" not in form.values, "nothing is chosen for anybody"
    assert {c.get("value") for c in form.controls["session.b"]} == {"data_2", "walk", ""}
    assert form.values["session.b"] == "", "none of these"
    assert form.controls["session.dinner"][0].get("type") == "checkbox"
    assert not any("opening" in str(c.attributes) for cs in form.controls.values() for c in cs), "all take part in it"
    legends = [e.text for e in form.element.all("legend")]
    assert "Before lunch" in legends and "After lunch (optional)" in legends and "Dinner (optional)" in legends


def test_what_is_wrong_is_said_and_all_is_kept(forum):
    wrong = forum.sign_up("forum", "anna@umed.example", mode="online", **{"session.b": "walk", "session.dinner": "dinner"})
    assert wrong.status == 422
    assert problem(wrong) == {"Choose an answer: Before lunch": "#session.a"}
    assert wrong.form.wrong() == ["session.a"]
    assert wrong.form.values["session.b"] == "walk" and wrong.form.values["session.dinner"] == "dinner"
    for chosen, sentence, control in (
            ({"session.a": "trust"}, "Before lunch: this session is not held in the way that you take part. "
             "Choose another one", "session.a"),
            ({"session.a": "data", "session.b": "walk"}, "After lunch: this is at the same time as “Data”. Keep one of the two",
             "session.b"),
            ({"session.a": "data", "session.b": "data_2"}, "After lunch: you take part in only one of this and “Data”. "
             "Keep one of the two", "session.b"),
            ({"session.a": "nonsense"}, "Choose one of the sessions offered: Before lunch", "session.a")):
        page = forum.sign_up("forum", "anna@umed.example", mode="online", **chosen)
        assert page.status == 422
        assert problem(page) == {sentence: "#" + control}
        assert page.form.wrong() == [control]
        assert page.form.values["email"] == "anna@umed.example" and page.form.values["mode"] == "online"
    assert forum.query("SELECT count(*) AS n FROM registration")[0]["n"] == 0


def test_a_session_that_has_become_full(forum):
    assert forum.sign_up("forum", "anna@umed.example", mode="onsite", **{"session.a": "data"}).status == 303
    full = forum.sign_up("forum", "joe@umed.example", mode="onsite", **{"session.a": "data", "session.dinner": "dinner"})
    assert full.status == 409
    assert problem(full) == {"“Data” has just become full. Still open: Trust.": "#session.a"}
    assert full.form.wrong() == ["session.a"]
    assert full.form.values["email"] == "joe@umed.example" and full.form.values["session.dinner"] == "dinner"
    assert "In the room: Full · By video: 30 of 30 places left" in full.text
    assert "data" in offered(full.form, "session.a"), "who comes by video can have it"
    assert forum.sign_up("forum", "joe@umed.example", mode="online", **{"session.a": "data"}).status == 303
    assert forum.sign_up("forum", "eve@umed.example", mode="onsite", **{"session.a": "trust", "session.b": "data_2"}).status == 303
    forum.ctl("verify")


def test_full_for_all_cannot_be_chosen(forum):
    forum.execute("UPDATE place SET capacity = 0 WHERE kind = 'session' AND key = 'walk'")
    forum.reload()
    page = forum.browser().get("/en/e/forum")
    assert "walk" not in offered(page.form, "session.b")
    row = next(e for e in page.tree.all("label") if "Walk" in e.text)
    assert row.text.endswith("Full")


def test_a_list_takes_who_finds_it_full(make_daemon):
    daemon = make_daemon({"forum": definition("forum", modes=MODES, extra=FORUM, waiting_list=True)})
    for person, status in (("anna", "confirmed"), ("joe", "waitlisted")):
        page = daemon.sign_up("forum", f"{person}@umed.example", mode="onsite", **{"session.a": "data"})
        assert page.status == 303
        got, = daemon.query("SELECT status FROM registrations WHERE email LIKE ?", (person + "%",))
        assert got["status"] == status
    page = daemon.browser().get("/en/e/forum")
    assert "In the room: Full: waiting list" in page.text and "data" in offered(page.form, "session.a")
    daemon.ctl("verify")


def test_wishes_are_ranked_until_their_day(make_daemon):
    daemon = make_daemon({"tables": definition("tables", extra=TABLES)})
    page = daemon.browser().get("/en/e/tables")
    assert [c.get("id") for n in (1, 2) for c in page.form.controls[f"session.table.{n}"]] == ["session.table.1", "session.table.2"]
    assert offered(page.form, "session.table.1") == ["diabetes", "home", "mind"]
    assert "Monday, 1 February 2027, 12:00" in page.text and "12 places" in page.text
    table, = page.tree.all("table")
    assert "Round tables Each: 12 places" in table.text and table.text.count("12 places") == 1
    missing = daemon.sign_up("tables", "anna@umed.example")
    assert missing.status == 422
    assert problem(missing) == {"Choose an answer: Round tables, First choice": "#session.table.1"}
    twice = daemon.sign_up("tables", "anna@umed.example", **{"session.table.1": "home", "session.table.2": "home"})
    assert problem(twice) == {"Round tables, Second choice: you chose the same session twice. Choose another one, or none":
                              "#session.table.2"}
    assert twice.form.values["session.table.1"] == "home" and twice.form.wrong() == ["session.table.2"]
    assert daemon.sign_up("tables", "anna@umed.example", **{"session.table.1": "home", "session.table.2": "mind"}).status == 303
    wishes = daemon.query("SELECT rank, place FROM choices WHERE state = 'wished' ORDER BY rank")
    assert wishes == [{"rank": 1, "place": "home"}, {"rank": 2, "place": "mind"}]
    daemon.set_time("2027-02-01T09:59:57Z")
    assert daemon.browser().get("/en/e/tables").form.controls["session.table.1"]
    # From now on it comes from the cache, but not past the hour at which wishes end.
    eventually(lambda: "The places are now being given out" in daemon.browser().get("/en/e/tables").text, 15,
               "wishes have ended")
    assert "session.table.1" not in daemon.browser().get("/en/e/tables").form.controls
    assert daemon.sign_up("tables", "joe@umed.example").status == 303


def test_what_is_left_after_the_allocation_is_chosen_at_once(make_daemon):
    daemon = make_daemon({"tables": definition("tables", extra=TABLES)})
    daemon.execute("UPDATE place SET allocated_at = 1800000000, capacity = CASE key WHEN 'home' THEN 0 ELSE 9 END "
                   "WHERE kind = 'session'")
    daemon.reload()
    page = daemon.browser().get("/en/e/tables")
    assert offered(page.form, "session.table") == ["diabetes", "mind"]
    assert "9 of 9 places left" in page.text and "session.table.1" not in page.form.controls
    assert daemon.sign_up("tables", "anna@umed.example", **{"session.table": "mind"}).status == 303
    assert daemon.query("SELECT place, state FROM choices WHERE kind = 'session'") == [{"place": "mind", "state": "taken"}]


def test_slots_keep_their_lead_time(make_daemon):
    text = definition("ward", starts="2027-03-01T08:00", ends="2027-03-16T18:00", extra=slots(lead_days=3))
    daemon = make_daemon({"ward": text})
    page = daemon.browser().get("/en/e/ward")
    keys = offered(page.form, "slot")
    assert keys == [f"ward/2027-03-{day}T{hour}:00" for day in ("01", "02", "08", "09", "15", "16") for hour in ("09", "10")]
    assert "Mon, 1 March 2027, 09:00–10:00" in page.text and "Test ward" in page.text
    assert daemon.sign_up("ward", "anna@umed.example").status == 422
    assert daemon.sign_up("ward", "anna@umed.example", slot=keys[0]).status == 303
    assert offered(daemon.browser().get("/en/e/ward").form, "slot") == keys[1:], "a slot that is taken is not offered"
    taken = daemon.sign_up("ward", "joe@umed.example", slot=keys[0])
    assert taken.status == 409
    assert problem(taken) == {"This time has just been taken. Choose another one": "#slot"}
    assert taken.form.values["email"] == "joe@umed.example"
    daemon.set_time("2027-02-26T07:59:00Z")  # 3 days and a minute before ten o'clock in Vilnius
    assert offered(daemon.browser().get("/en/e/ward").form, "slot") == keys[1:]
    daemon.set_time("2027-02-26T08:00:30Z")
    assert offered(daemon.browser().get("/en/e/ward").form, "slot") == keys[2:], "not from the cache"
    late = daemon.sign_up("ward", "joe@umed.example", slot=keys[1])
    assert late.status == 422
    assert problem(late) == {"This time is too near to be prepared. Choose a later one": "#slot"}


def test_many_slots_are_a_list_and_another_time_may_be_proposed(make_daemon):
    text = definition("ward", starts="2027-03-01T08:00", ends="2027-04-30T18:00", extra=slots(propose="true"))
    daemon = make_daemon({"ward": text})
    page = daemon.browser().get("/en/e/ward")
    select, = page.form.controls["slot"]
    assert select.tag == "select" and offered(page.form, "slot")[-1] == "propose"
    nothing = daemon.sign_up("ward", "anna@umed.example", slot="propose")
    assert nothing.status == 422
    assert problem(nothing) == {"Say which time would suit you": "#slot.propose"}
    assert nothing.form.values["slot"] == "propose" and nothing.form.wrong() == ["slot.propose"]
    assert daemon.sign_up("ward", "anna@umed.example", slot="propose", **{"slot.propose": "Any Friday"}).status == 303
    assert daemon.query("SELECT proposal FROM registration")[0]["proposal"] == "Any Friday"


def test_no_slot_left_is_said(make_daemon):
    text = definition("ward", starts="2027-03-01T08:00", ends="2027-03-01T18:00", extra=slots(propose="true"))
    daemon = make_daemon({"ward": text})
    for n, hour in enumerate(("09", "10")):
        assert daemon.sign_up("ward", f"p{n}@umed.example", slot=f"ward/2027-03-01T{hour}:00").status == 303
    page = daemon.browser().get("/en/e/ward")
    assert offered(page.form, "slot") == ["propose"] and "No time is free any more" in page.text
    daemon.write_event("ward", text.replace("propose = true", "propose = false"))
    daemon.reload()
    page = daemon.browser().get("/en/e/ward")
    assert not page.has_form and "This event is full" in page.text


def test_a_limit_says_whose_it_is(make_daemon):
    number = ('{ id = "registry_number"; type = "text"; role = "registry_number"; label = "Registry number"; }')
    extra = 'caps = ( { by = "organisation"; max = 1; } );\n'
    daemon = make_daemon({"day": definition("day", fields=(NAME, EMAIL, ORGANISATION, number), extra=extra)})
    assert daemon.sign_up("day", "anna@umed.example", registry_number="123 456").status == 303
    more = daemon.sign_up("day", "joe@other.example", registry_number="123456")
    assert more.status == 409
    assert problem(more) == {"Your organisation (123456) already has its one place. 49 places are left for others": "#registry_number"}
    assert more.form.values["email"] == "joe@other.example" and more.form.wrong() == ["registry_number"]
    named = daemon.sign_up("day", "joe@other.example", registry_number="123456", organisation="Care & Co")
    assert problem(named) == {"Your organisation (Care & Co) already has its one place. 49 places are left for others": "#registry_number"}
    assert daemon.sign_up("day", "ann@umed.example").status == 303
    again = daemon.sign_up("day", "ben@umed.example")
    assert problem(again) == {"Your organisation (@umed.example) already has its one place. 48 places are left for others": "#email"}


def test_other_languages_have_all_the_words(forum):
    page = forum.browser("lt").get("/lt/e/forum")
    assert "Programa" in page.text and "Nė vienos iš jų" in page.text
    assert not re.search(r"\b(programme|choose|full|fault)\.[a-z_]+", page.text), "a key where a sentence should be"


def test_sessions_without_a_time_have_no_empty_heading(make_daemon):
    """A row for each round, under its title; a heading of a table that says nothing is none."""
    sessions = """sessions = ( { id = "law"; title = "Law"; round = "one"; }, { id = "art"; title = "Art"; round = "one"; },
        { id = "sea"; title = "Sea"; round = "two"; }, { id = "sun"; title = "Sun"; round = "two"; } );
    rounds = ( { id = "one"; title = "First choice of theme"; }, { id = "two"; title = "Second choice of theme"; } );"""
    daemon = make_daemon({"forum": definition("forum", extra=sessions)})
    table = daemon.browser().get("/en/e/forum").tree.all("table")[0]
    assert not [heading for heading in table.all("th") if not heading.text]
    assert [row.all("b")[0].text for row in table.all("tbody")[0].all("tr")] == ["First choice of theme", "Second choice of theme"]
