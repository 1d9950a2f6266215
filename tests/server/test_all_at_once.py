# SPDX-License-Identifier: EUPL-1.2
"""One form with every type of question and every key at once, in two languages, with guests; and what nobody should send to
it."""
import json

import pytest
from harness import letters
from harness.people import letter

KITCHEN = """
slug = "all"; languages = [ "en", "et" ]; zone = "Europe/Tallinn"; place = { en = "Tartu"; et = "Tartus"; };
title = { en = "Everything"; et = "Kõik"; }; description = { en = "All *of* it."; et = "Kõik *see*."; };
starts = "2027-05-18T09:00"; ends = "2027-05-18T17:00"; reminders = [ ]; join_mail = "";
modes = ( { id = "onsite"; title = { en = "On site"; et = "Kohal"; }; capacity = 60; }, { id = "online"; title = "Online"; } );
waiting_list = true; group_max = 21; review = true; unique = "email_name";
reserves = ( { id = "clinics"; mode = "onsite"; for = "who = hospital"; size = 5; } );
sessions = (
  { id = "care"; title = { en = "Care"; et = "Hooldus"; }; starts = "2027-05-18T10:00"; ends = "2027-05-18T11:00"; round = "am"; },
  { id = "data"; title = "Data"; starts = "2027-05-18T10:00"; ends = "2027-05-18T11:00"; round = "am"; capacity = 30; },
  { id = "law"; title = "Law"; round = "pm"; choose = "rank"; }, { id = "art"; title = "Art"; round = "pm"; } );
rounds = ( { id = "am"; title = "Morning"; required = true; }, { id = "pm"; title = "Afternoon"; ranks = 2; } );
fields = (
  { id = "name"; type = "text"; role = "name"; required = true; label = { en = "Full name"; et = "Nimi"; }; },
  { id = "email"; type = "email"; role = "email"; required = true; label = { en = "Email"; et = "E-post"; }; },
  { id = "badge"; type = "text"; label = { en = "Badge"; et = "Märk"; }; help = { en = "As on it"; et = "Nagu sellel"; };
    min = 3; max_length = 12; pattern = "[A-Z]{2}[0-9]+"; pattern_message = { en = "Two letters, then digits"; et = "Kaks tähte, siis numbrid"; };
    default = "AB1"; class = "contact"; autocomplete = "nickname"; each = true; },
  { id = "why"; type = "textarea"; label = "Why"; required = true; min = 5; max_length = 200; },
  { id = "phone"; type = "tel"; label = "Telephone"; purpose = "If the bus is late."; autocomplete = "tel"; pattern = "[+].*"; pattern_message = "Begin with +"; },
  { id = "site"; type = "url"; label = "Website"; autocomplete = "url"; max_length = 60; },
  { id = "years"; type = "number"; label = "Years"; min = 0; max = 50; decimals = 1; default = 2.5; class = "evidence"; },
  { id = "day"; type = "date"; label = "Arrival"; min = "2027-05-16"; max = "2027-05-18"; default = "2027-05-17"; },
  { id = "kind"; type = "choice"; label = "You bring"; required = true;
    options = ( { id = "need"; label = { en = "A need"; et = "Vajadus"; }; help = "What for"; }, { id = "idea"; label = "An idea"; } ); },
  { id = "tools"; type = "choices"; label = "Tools"; min = 1; max = 2; show_if = "kind = idea"; required = true;
    options = ( { id = "beds"; label = "Beds"; }, { id = "apps"; label = "Apps"; }, { id = "robots"; label = "Robots"; } ); },
  { id = "robots"; type = "textarea"; label = "What do your robots do"; required = true; show_if = "tools = robots"; },
  { id = "fast"; type = "choice"; label = "Are they fast"; show_if = "robots = fast or (tools = robots and years > 3)";
    options = ( { id = "yes"; label = "Yes"; }, { id = "no"; label = "No"; } ); },
  { id = "ease"; type = "scale"; label = "Ease"; low = "hard"; high = { en = "easy"; et = "lihtne"; }; required = true; },
  { id = "trust"; type = "scale"; label = "Trust"; low = "hard"; high = "easy"; default = 3; },
  { id = "level"; type = "scale"; label = "Level"; min = 1; max = 9; },
  { id = "topics"; type = "ranking"; label = "Topics"; min = 2; max = 3; required = true;
    options = ( { id = "money"; label = "Money"; }, { id = "time"; label = "Time"; }, { id = "law"; label = "Law"; }, { id = "sun"; label = "Sun"; } ); },
  { id = "country"; type = "country"; label = "Country"; required = true; first = [ "LV", "EE", "FI" ]; default = "EE"; },
  { id = "region"; type = "region"; label = "Region"; required = true; },
  { id = "organisation"; type = "organisation"; label = "Company"; required_parts = [ "number" ]; first = [ "EE" ]; },
  { id = "who"; type = "stakeholder"; label = "You are"; required = true; each = true; },
  { id = "terms"; type = "consent"; label = { en = "I agree"; et = "Nõustun"; }; purpose = "house_rules"; required = true; },
  { id = "photos"; type = "consent"; label = "Photos of me"; each = true; },
  { id = "diet"; type = "special_need"; label = "Food"; consent = { en = "Tell the kitchen."; et = "Öelge köögile."; }; max_length = 50; each = true; },
  { id = "gift"; type = "text"; label = "Gift"; each = true; required = true; show_if = "who = startup and kind = idea"; },
  { id = "wrap"; type = "choice"; label = "Wrapped"; each = true; show_if = "gift = Book"; options = ( { id = "red"; label = "Red"; }, { id = "no"; label = "No"; } ); },
  { id = "minors"; type = "statement"; label = "**Under 16:** ask a parent."; show_if = "years < 1"; },
  { id = "call"; type = "hidden"; default = "spring"; label = "Call"; },
  { id = "gender"; type = "choice"; label = "Gender"; after_review = true; options = ( { id = "f"; label = "F"; }, { id = "m"; label = "M"; } ); } );
"""
GOOD = {"name": "Anna Kask", "email": "anna@umed.example", "mode": "onsite", "session.am": "care", "session.pm.1": "law", "badge": "XY12",
        "why": "Because I can", "phone": "+372 600 0000", "site": "umed.example/a", "years": "3.5", "day": "2027-05-16", "kind": "idea",
        "tools": ["beds", "robots"], "robots": "Walk", "fast": "yes", "ease": "4", "trust": "2", "level": "9", "topics.1": "sun",
        "topics.2": "law", "topics.3": "", "country": "EE", "region": "EE00", "organisation.name": "AS Rohi", "organisation.country": "EE",
        "organisation.number": "10137319", "organisation.size": "small", "who": "sme", "terms": "yes", "diet": "No nuts",
        "diet.consent": "yes", "_reviewed": "yes", "_optional": "skip"}


@pytest.fixture
def daemon(make_daemon):
    daemon = make_daemon({"all": KITCHEN})
    assert daemon.check()[0] == 0, daemon.check()[1]
    return daemon


def post(daemon, *pairs, language="en", **values):
    """GOOD with VALUES in it (`__` for a dot; None: left out) and then PAIRS as they are."""
    action, form = daemon.ripe_form("all", language)
    form |= GOOD | {name.replace("__", "."): value for name, value in values.items()}
    form = [(name, one) for name, value in form.items() for one in (value if isinstance(value, list) else [value]) if one is not None]
    return daemon.browser().post(action, form + list(pairs))


def stored(daemon, person="anna"):
    return json.loads(daemon.query("SELECT answers FROM registration WHERE email = ?", (f"{person}@umed.example",))[0]["answers"])


def guests(*people):
    """The controls of guests, each a mapping."""
    values = {"_guests": str(len(people)), "_shown": str(len(people))}
    for number, person in enumerate(people, 1):
        values |= {f"guest__{number}__{name}": value for name, value in person.items()}
    return values


def test_a_whole_form_is_kept_and_comes_back(daemon, smtp):
    assert post(daemon, call="autumn").status == 303, "the organisers' own field cannot be written to"
    answers = stored(daemon)
    assert answers == {
        "badge": "XY12", "why": "Because I can", "phone": "+372 600 0000", "site": "https://umed.example/a", "years": 3.5,
        "day": "2027-05-16", "kind": "idea", "tools": ["beds", "robots"], "robots": "Walk", "fast": "yes", "ease": 4, "trust": 2,
        "level": 9, "topics": ["sun", "law"], "country": "EE", "region": "EE00", "who": "sme", "terms": True, "photos": False,
        "call": "spring", "organisation": {"name": "AS Rohi", "country": "EE", "number": "10137319", "size": "small"}}
    assert daemon.query("SELECT value FROM private_answer") == [{"value": "No nuts"}]
    assert {row["purpose"]: row["given_at"] is not None for row in daemon.query("SELECT * FROM consents")} == {
        "diet": True, "house_rules": True, "photos": False}
    row = daemon.query("SELECT * FROM event_all")[0]
    assert "diet" not in row and (row["tools"], row["topics_1"], row["organisation_number"], row["call"]) == (
        "beds; robots", "sun", "10137319", "spring")
    path = letters.manage_path(letter(daemon, smtp, "anna", "confirmed"))
    daemon.settled()
    before = daemon.dump()
    form = daemon.browser().get(path + "/change").form
    assert "call" not in form.controls
    ticked = [(name, element.get("value")) for name, elements in form.controls.items() for element in elements
              if element.get("type") == "checkbox" and "checked" in element.attributes]
    values = [(name, value) for name, value in form.values.items() if name not in dict(ticked)] + ticked
    assert daemon.browser().post(form.action, values).status == 303 and daemon.dump() == before, "nothing was changed"
    notice = daemon.browser().get("/en/e/all/privacy").text
    assert "Telephone If the bus is late." in notice
    daemon.ctl("verify")


# What is sent beside GOOD: as pairs that come again, then in its place; which controls are said to be wrong.
WRONG = (
    ((), {"name": "x" * 121, "why": "x" * 201, "robots": "x" * 2001}, "name why robots"),
    ((), {"why": "x", "badge": "xy12", "phone": "600", "site": "javascript:alert(1)", "years": "1.25"}, "why badge phone site years"),
    ((), {"years": "inf", "day": "2027-02-30", "ease": "6", "level": "4.0"}, "years day ease level"),
    ((), {"years": "50.5", "day": "2027-05-19", "trust": "+2"}, "years day trust"),
    ((("name", "Bela"), ("kind", "need"), ("country", "EE"), ("terms", "yes"), ("mode", "online")), {}, "name mode kind country terms"),
    ((), {"tools": ["beds", "apps", "robots"]}, "tools"), ((), {"tools": ["beds", "beds", "robots"]}, "tools"),
    ((), {"tools": ["beds", "cars"]}, "tools"), ((), {"topics.2": "sun"}, "topics.2"), ((), {"topics.2": ""}, "topics.1"),
    ((), {"session.pm.2": "law"}, "session.pm.2"), ((), {"session.am": "law"}, "session.am"), ((), {"mode": "moon"}, "mode"),
    ((), {"country": "FI"}, "region"), ((), {"country": "US"}, "region"), ((), {"region": "EE01"}, "region"),
    ((), {"organisation.number": "10137318", "organisation.size": "giant"}, "organisation.number organisation.size"),
    ((), {"organisation.name": ""}, "organisation.name"), ((), {"who": "king", "terms": "no"}, "who terms"),
    ((), {"diet.consent": None}, "diet.consent"), ((), {"diet": "x" * 51}, "diet"),
    ((), {"name": "a\0b", "why": b"\xed\xa0\x80abcdef", "robots": b"\xc0\x80"}, "name why robots"),
    ((), {"name": "\u200b\u200d\u00a0\u3164", "why": "\u202e\u2066\ufeff     "}, "name why"),
    ((), {"gender": "x", "_optional": "send"}, "gender"),
    ((("_guests", "5"),), {"_guests": "0"}, "_guests"), ((), {"_guests": "21"}, "_guests"),
)


def test_what_is_wrong_is_named_and_nothing_is_kept(daemon):
    for pairs, values, wrong in WRONG:
        answer = post(daemon, *pairs, **values)
        assert answer.status == 422 and sorted(answer.form.wrong()) == sorted(wrong.split()), (values, answer.form.wrong())
        assert answer.summary and answer.title.startswith("Error")
        if wrong != "gender": # that page carries them in hidden controls
            assert answer.form.values["diet"] == values.get("diet", "No nuts")
    assert not daemon.query("SELECT 1 FROM registration") and not daemon.query("SELECT 1 FROM submission")


def test_what_is_not_asked_is_not_kept(daemon):
    """An answer that a condition hides counts nowhere, be it ever so wrong; nor do controls that nobody made."""
    more = (("whatever", "x"), ("topics.4", "money"), ("topics", "sun"), ("organisation", "x"), ("day.year", "1"), ("guest.7.name", "X"))
    assert post(daemon, *more, kind="need", tools=["cars", "cars"], robots="x" * 9000, fast="maybe").status == 303
    assert not {"tools", "robots", "fast"} & set(stored(daemon))
    assert post(daemon, email="bela@umed.example", years="2", fast="maybe").status == 303
    assert "fast" not in stored(daemon, "bela") and stored(daemon, "bela")["robots"] == "Walk"
    text = "e\u0301\u202egnp.exe"
    assert post(daemon, email="cora@umed.example", name=text, diet="").status == 303
    assert daemon.query("SELECT name FROM registration WHERE email = 'cora@umed.example'") == [{"name": "\u00e9gnp.exe"}]
    assert not daemon.query("SELECT 1 FROM consents JOIN registrations USING (registration) WHERE purpose = 'diet' AND "
                            "email = 'cora@umed.example'"), "a consent to nothing"
    assert daemon.query("SELECT count(*) AS n FROM registration") == [{"n": 3}]


def test_twenty_guests_with_answers_of_their_own(daemon, smtp):
    people = [{"name": f"Guest {n}", "email": f"g{n}@umed.example" if n % 2 else "", "badge": f"GG{n}", "call": "x", "why": "forged",
               "who": "startup" if n < 4 else "hospital" if n == 4 else "sme", "gift": "Book" if n < 3 else "Pen",
               "wrap": "red"} for n in range(1, 21)]
    people[4] |= {"diet": "Salt", "diet__consent": "yes", "photos": "yes"}
    bad = [dict(person) for person in people]
    bad[0]["gift"], bad[1]["email"], bad[4]["diet__consent"], bad[6]["badge"], bad[8]["who"] = "", "x", None, "bad", ""
    answer = post(daemon, **guests(*bad))
    assert answer.status == 422 and sorted(answer.form.wrong()) == [
        "guest.1.gift", "guest.2.email", "guest.5.diet.consent", "guest.7.badge", "guest.9.who"]
    assert post(daemon, ("guest.1.name", "Twin"), **guests(*people)).form.wrong() == ["guest.1.name"]
    assert post(daemon, **guests(*people)).status == 303
    rows = daemon.query("SELECT reference, name, email, stakeholder, answers FROM registration ORDER BY id")
    assert len(rows) == 21 and rows[20]["reference"] == rows[0]["reference"] + "/21"
    kept = [json.loads(row["answers"]) for row in rows[1:]]
    assert kept[0] == {"badge": "GG1", "who": "startup", "photos": False, "gift": "Book", "wrap": "red"}
    assert kept[2] == {"badge": "GG3", "who": "startup", "photos": False, "gift": "Pen"}, "the chain ends with him"
    assert kept[4] == {"badge": "GG5", "who": "sme", "photos": True}
    assert [row["taken"] for row in daemon.query("SELECT taken FROM places WHERE kind IN ('mode', 'reserve') ORDER BY place")] == [1, 0, 21]
    assert daemon.query("SELECT field, value FROM private_answer ORDER BY registration_id") == [
        {"field": "diet", "value": "No nuts"}, {"field": "diet", "value": "Salt"}]
    path = letters.manage_path(letter(daemon, smtp, "anna", "confirmed"))
    form = daemon.browser().get(path + "/change").form
    assert form.values["guest.20.badge"] == "GG20" and form.values["guest.5.diet"] == "Salt"
    daemon.ctl("verify")

    # another answer of his is corrected, and the consent to what he needs stands
    boxes = [(name, one.get("value")) for name, ones in form.controls.items() for one in ones if "checked" in one.attributes]
    values = [(name, value) for name, value in form.values.items() if name not in dict(boxes)] + boxes
    changed = [(name, "GG50" if name == "guest.5.badge" else value) for name, value in values]
    assert daemon.browser().post(form.action, changed).location.endswith("?saved=1")
    assert daemon.query("SELECT given_at IS NOT NULL AND withdrawn_at IS NULL AS stands FROM consents WHERE purpose = 'diet'") == [
        {"stands": 1}, {"stands": 1}]
    daemon.ctl("verify")
    daemon.execute("UPDATE consent SET withdrawn_at = given_at WHERE purpose = 'diet' AND registration_id = 1")
    assert "is kept without a consent" in daemon.ctl("verify", code=None)[1]


def test_sent_twice_sent_late_and_sent_by_a_program(daemon):
    for _ in range(2):
        assert post(daemon).status == 303
    assert daemon.query("SELECT count(*) AS n FROM registration") == [{"n": 1}]
    for values in ({"_form": "x"}, {"_form": None}, {"_website": "x"}):
        answer = post(daemon, email="bela@umed.example", **values)
        assert answer.status == 422 and answer.form.values["why"] == "Because I can"
    daemon.ripe_form("all", "et")
    daemon.clock.move(25 * 3600)
    daemon.reload()
    late = post(daemon, language="et", email="bela@umed.example")
    assert late.status == 422 and late.language == "et" and late.form.values["diet"] == "No nuts"
    daemon.clock.move(5)
    daemon.reload()
    values = late.form.values | {"tools": ["beds", "robots"], "_reviewed": "yes", "_optional": "skip"}
    assert daemon.browser().post(late.form.action, values).status == 303
    assert daemon.query("SELECT count(*) AS n FROM registration") == [{"n": 2}]
