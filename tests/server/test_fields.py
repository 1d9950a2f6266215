# SPDX-License-Identifier: EUPL-1.2
"""The form with a question of every type: as it comes, with every fault, with every answer kept, before it is sent, and
what becomes of the answers."""
import csv
import io
import json
import re
from pathlib import Path

import pytest
from harness import letters
from harness.definitions import EMAIL, NAME, definition, quote
from harness.forms import offered, problem

TESTS = Path(__file__).resolve().parents[1]
CARE_LAB = (TESTS / "browser" / "fields.conf").read_text()
NAUGHTY = [line for line in (TESTS / "table" / "naughty.txt").read_text().split("\n") if line and not line.startswith("##")]
ANNA = "anna@umed.example"
GOOD = {
    "name": "Anna Kowalska-Nyström", "email": ANNA, "mode": "online", "country": "EE", "region": "EE00",
    "organisation.name": "Tartu Care OÜ", "organisation.country": "EE", "organisation.number": "10421629",
    "organisation.size": "small", "organisation.sme": "yes", "stakeholder": "sme", "phone": "+372 600 1234",
    "site": "umed.example", "badge": "AB1234", "people": "12", "hours": "7.5", "since": "2020-05-01", "kind": "build",
    "tools": ["beds", "robots"], "robots": "They lift.\nAnd they carry.", "ease": "4", "trust": "2", "joy": "10",
    "topics.1": "data", "topics.2": "money", "need": "No gluten", "need.consent": "yes", "news": "yes", "often": "year",
}


def pairs(form, **answers):
    """What a browser would send of the form with ANSWERS in it; a list ticks several boxes, None clears."""
    sent = []
    for name, controls in form.controls.items():
        if name in answers or controls[0].tag == "button":
            continue
        if (controls[0].get("type") or "") in ("radio", "checkbox"):
            sent += [(name, c.get("value", "on")) for c in controls if "checked" in c.attributes]
        elif (controls[0].get("type") or "") == "hidden":
            sent += [(name, c.get("value", "")) for c in controls]
        elif name in form.values:
            sent.append((name, form.values[name]))
    for name, answer in answers.items():
        sent += [(name, each) for each in (answer if isinstance(answer, list) else [answer]) if each is not None]
    return sent


def asked(daemon, slug="care-lab"):
    page = daemon.browser().get(f"/en/e/{slug}")
    assert page.status == 200
    daemon.pass_time(4)
    return page


def send(daemon, slug="care-lab", **answers):
    form = asked(daemon, slug).form
    return daemon.browser().post(form.action, pairs(form, **answers))


def confirm(daemon, page):
    """Presses the button that sends what the page of the answers carries."""
    assert page.status == 200 and page.tree.all("h1")[0].text == "Check your answers"
    return daemon.browser().post(page.form.action, [*pairs(page.form), ("_reviewed", "yes")])


@pytest.fixture
def lab(make_daemon):
    return make_daemon({"care-lab": CARE_LAB})


def test_the_fresh_form(lab):
    page = asked(lab)
    form = page.form
    types = {name: (c[0].get("type") or c[0].tag) for name, c in form.controls.items()}
    assert types["phone"] == "tel" and types["site"] == "url" and types["since"] == "date" and types["people"] == "text"
    assert form.controls["people"][0].get("inputmode") == "numeric"
    assert form.controls["hours"][0].get("inputmode") == "decimal" and form.values["hours"] == "2.5"
    assert form.controls["badge"][0].get("maxlength") is None  # what is too long is said, not cut
    assert form.controls["phone"][0].get("autocomplete") == "tel"
    assert form.controls["since"][0].get("min") == "2000-01-01" and form.controls["since"][0].get("max") == "2027-01-31"
    assert types["kind"] == "radio" and types["tools"] == "checkbox" and types["stakeholder"] == "select"
    assert offered(form, "topics.1") == ["money", "time", "data", "law"] and "topics.4" not in form.controls
    assert offered(form, "ease") == ["1", "2", "3", "4", "5"] and len(offered(form, "joy")) == 11
    assert "source" not in form.controls and "source" not in page.html, "a hidden field has no control"
    groups = [g.get("label") for g in form.controls["country"][0].all("optgroup")]
    assert groups == ["Often chosen", "European Union", "Other countries in Europe", "Rest of the world"]
    first = form.controls["country"][0].all("optgroup")[0]
    assert [o.text for o in first.all("option")] == ["Estonia", "Finland", "Latvia"]
    regions = form.controls["region"][0].all("optgroup")
    assert [g.get("label") for g in regions[:4]] == ["Estonia", "Finland", "Latvia", "Austria"]
    assert "Eesti" in regions[0].text and len(regions) > 30
    assert "for example 7" in page.by_id("organisation.number-h").text, "the one country there is to expect has an example"
    assert page.by_id("people-n").text == "From 0 to 500" and page.by_id("tools-n").text == "Choose 2 to 3"
    prose = next(e for e in page.tree.all("div") if "About your work." in e.text and e.get("class") == "prose")
    assert prose.all("strong") and prose.all("a")[0].get("href") == "https://lab.example/"


def test_what_a_line_of_a_list_cannot_explain_stands_below_it(lab):
    page = asked(lab)
    select, = page.form.controls["stakeholder"]
    more, = select.parent.all("details")
    assert "open" not in more.attributes, "it makes the form no longer for those who need none of it"
    assert more.all("summary")[0].text == "Not sure which one? Which describes you best?"
    offered_words = [o.text for o in select.all("option")]
    said = {dt.text: dd.text for dt, dd in zip(more.all("dt"), more.all("dd"))}
    assert said["Citizen or end user"] == "You speak for yourself, not for an organisation."
    assert len(said) == 7 and said.keys() <= set(offered_words)
    assert not [e for e in page.form.controls["country"][0].parent.all("details")], "countries need no explanation"


def test_the_list_of_a_definition_is_explained_too(make_daemon):
    options = ", ".join(f'{{ id = "o{n}"; label = "Way {n}"; help = "How way {n} goes."; }}' if n % 5 == 0 else
                        f'{{ id = "o{n}"; label = "Way {n}"; }}' for n in range(16))
    ways = f'{{ id = "way"; type = "choice"; label = "Way"; options = ( {options} ); }}'
    page = make_daemon({"ways": definition("ways", fields=(NAME, EMAIL, ways))}).browser().get("/en/e/ways")
    more, = page.form.controls["way"][0].parent.all("details")
    assert [e.text for e in more.all("dd")] == [f"How way {n} goes." for n in (0, 5, 10, 15)]


def test_two_scales_are_one_grid(lab):
    page = asked(lab)
    grid, = (e for e in page.tree.all("fieldset") if e.get("class") == "scales")
    assert grid.all("legend")[0].text == "Choose from 1 (hard) to 5 (easy) in each row"
    rows = [e for e in grid.walk() if e.get("role") == "radiogroup"]
    assert [page.by_id(r.get("aria-labelledby")).text for r in rows] == ["Setting tools up", "Trusting what they say (optional)"]
    assert rows[0].all("label")[0].text == "1 hard" and rows[0].all("label")[4].text == "5 easy"
    assert [i.get("value") for i in rows[1].all("input")] == ["1", "2", "3", "4", "5", ""], "an answer can be taken back"
    alone = page.form.controls["joy"][0]
    while alone.tag != "fieldset":
        alone = alone.parent
    assert alone.get("role") == "radiogroup" and alone.all("legend")[0].text == "Would you come again? (optional)"


def wrapper(form, name):
    holder = form.controls[name][0]
    while "then" not in (holder.get("class") or "").split():
        holder = holder.parent
    return holder


def test_conditions_are_said_and_hidden_by_a_sheet(lab):
    page = asked(lab)
    sheets = [e.get("href") for e in page.tree.all("link") if e.get("rel") == "stylesheet"]
    assert len(sheets) == 2 and re.fullmatch(r"/static/e-[0-9a-f]{12}\.css", sheets[1])
    sheet = lab.browser().get(sheets[1])
    assert sheet.status == 200 and sheet.header("Content-Type") == "text/css; charset=utf-8"
    assert "immutable" in sheet.header("Cache-Control") and "max-age=31536000" in sheet.header("Cache-Control")
    css = sheet.body.decode()
    assert 'form:not(:has(:is([name="kind"],[name="kind"] *):is([value="build"],[value="use"]):checked)) .if-tools{display:none}' in css
    for name, words in (("tools", "Only if you chose “Build tools” or “Use tools” under “What do you do?”."),
                        ("robots", "Only if you chose “Robots” under “Which tools?”."),
                        ("budget", "This is not for everybody."),
                        ("often", "Only if you ticked “Tell me about the next day in the lab”.")):
        assert wrapper(page.form, name).get("class") == f"then if-{name}"
        assert f".if-{name}{{display:none}}" in css
        assert page.by_id(name + "-o").text == words
    assert "people" not in css.split(".if-budget")[0].split("\n")[-1], "a number cannot be seen: it hides nothing"
    wrong = send(lab, **{**GOOD, "tools": "beds"})
    assert wrong.status == 422 and wrong.form.wrong() == ["tools"]
    assert wrapper(wrong.form, "tools").get("class") == "then", "what has a fault is never hidden"
    assert [e.get("href") for e in wrong.tree.all("link") if e.get("rel") == "stylesheet"] == sheets
    plain = lab.browser().get("/en/")
    assert len([e for e in plain.tree.all("link") if e.get("rel") == "stylesheet"]) == 1


FAULTS = [
    ("phone", "abc", "Enter a telephone number, like +372 600 1234: Telephone"),
    ("site", "not a site", "Enter the address of a web page, like www.example.eu: Website"),
    ("badge", "12", "Enter the badge number as two letters and four digits, like AB1234"),
    ("people", "many", "Enter a number: How many people work with you?"),
    ("people", "1.5", "Enter a whole number: How many people work with you?"),
    ("people", "501", "Enter 500 or less: How many people work with you?"),
    ("hours", "1.25", "Enter a number with at most one digit after the decimal mark: Hours a week in the lab"),
    ("since", "last May", "Enter a date with day, month and year, like 18.3.2027: Since when?"),
    ("since", "31.12.1999", "Enter a date that is January 1, 2000 or later: Since when?"),
    ("since", "2027-02-01", "Enter a date that is January 31, 2027 or earlier: Since when?"),
    ("kind", None, "Choose an answer: What do you do?"),
    ("stakeholder", "", "Choose an answer: Which describes you best?"),
    ("stakeholder", "martian", "Choose one of the answers offered: Which describes you best?"),
    ("tools", ["beds"], "Choose at least 2 answers: Which tools?"),
    ("tools", ["beds", "robots", "apps", "sensors"], "Choose at most 3 answers: Which tools?"),
    ("tools", None, "Choose an answer: Which tools?"),
    ("robots", "", "Enter an answer: What do your robots do?"),
    ("robots", "x" * 301, "Shorten “What do your robots do?” to 300 characters or fewer"),
    ("ease", None, "Choose an answer: Setting tools up"),
    ("topics.2", "data", "Choose each answer only once: What shall we talk about?"),
    ("country", "", "Choose your country"),
    ("region", "LV00", "Choose a region of the country that you chose: Region"),
    ("organisation.name", "", "Enter your organisation"),
    ("organisation.country", "", "Choose an answer: Country of the organisation"),
    ("organisation.number", "10421628", "Check the registry number, one of its digits is wrong: Registration number"),
    ("organisation.number", "12", "Enter the number as the register of the country writes it: Registration number"),
    ("organisation.size", None, "Choose an answer: Size"),
    ("need.consent", None, "Tick the box to agree that we keep this, or empty the answer: Access or dietary needs"),
]


def test_every_fault_stands_at_its_control_and_every_answer_stays(lab):
    form = asked(lab).form
    for name, answer, sentence in FAULTS:
        answers = {**GOOD, name: answer}
        page = lab.browser().post(form.action, pairs(form, **answers))
        assert page.status == 422, (name, answer)
        sentence = sentence.replace("January 1, 2000", "1 January 2000").replace("January 31, 2027", "31 January 2027")
        assert problem(page) == {sentence: "#" + name}, (name, answer)
        assert page.form.wrong() == [name], (name, answer)
        kept = {}
        for key, value in pairs(page.form):
            kept.setdefault(key, []).append(value)
        for key, value in answers.items():
            wanted = value if isinstance(value, list) else [value]
            if value not in (None, "", "martian"):
                assert sorted(v.replace("\r\n", "\n") for v in kept[key]) == sorted(wanted), (name, answer, key)
    assert lab.query("SELECT count(*) AS n FROM registration")[0]["n"] == 0


def test_answers_are_shown_before_they_are_sent(lab):
    page = send(lab, **GOOD)
    assert page.status == 200 and page.header("Cache-Control") == "no-store"
    assert lab.query("SELECT count(*) AS n FROM registration")[0]["n"] == 0, "nothing is stored yet"
    lines = {e.all("dt")[0].text: e.all("dd")[0].text for e in page.tree.all("div") if e.all("dt") and e.parent.tag == "dl"}
    assert lines["What do you do?"] == "Build tools" and lines["Country"] == "Estonia"
    assert lines["Access or dietary needs"] == "No gluten" and lines["What shall we talk about?"] == "1. Data; 2. Money"
    assert lines["Would you come again?"] == "10 on a scale from 0 to 10"
    buttons = [b for b in page.tree.all("button") if b.get("name") == "_edit"]
    assert len(buttons) == len(lines) + 1 and "Change (Region)" in [b.text for b in buttons]
    back = next(b for b in buttons if b.get("value") == "organisation")
    again = lab.browser().post(page.form.action, [*pairs(page.form), ("_edit", "organisation")])
    assert again.status == 200 and not again.summary, "nothing is wrong"
    assert again.by_id(back.get("formaction").split("#")[1]).get("name") == "organisation.name"
    kept = pairs(again.form)
    for name, value in GOOD.items():
        for each in value if isinstance(value, list) else [value]:
            assert (name, each) in [(n, v.replace("\r\n", "\n")) for n, v in kept], name
    changed = lab.browser().post(again.form.action, pairs(again.form, hours=""))
    assert changed.status == 200
    cleared = lab.browser().post(changed.form.action, [*pairs(changed.form), ("_edit", "all")])
    assert cleared.form.values["hours"] == "", "a default does not come back where somebody cleared it"
    assert confirm(lab, changed).status == 303
    assert json.loads(lab.query("SELECT answers FROM registration")[0]["answers"]).get("hours") is None


def test_answers_are_stored_shown_and_changed(lab, smtp):
    assert confirm(lab, send(lab, **GOOD)).status == 303
    row, = lab.query("SELECT * FROM registration")
    stored = json.loads(row["answers"])
    assert stored == {
        "country": "EE", "region": "EE00", "stakeholder": "sme", "phone": "+372 600 1234", "site": "https://umed.example",
        "organisation": {"name": "Tartu Care OÜ", "country": "EE", "number": "10421629", "size": "small", "sme": True,
                         "sme_on": "2027-01-15"},
        "badge": "AB1234", "people": 12, "hours": 7.5, "since": "2020-05-01", "kind": "build", "tools": ["beds", "robots"],
        "robots": "They lift.\nAnd they carry.", "ease": 4, "trust": 2, "joy": 10, "topics": ["data", "money"],
        "source": "web", "news": True, "often": "year"}
    need, = lab.query("SELECT * FROM private_answer")
    assert need["value"] == "No gluten" and need["class"] == "special"
    lab.settled()
    path = "/en/r/" + letters.token_of(letters.manage_path(smtp.one(ANNA).message))
    manage = lab.browser().get(path)
    for words in ("Beds; Robots", "Small (fewer than 50 people)", "SME, declared on", "1. Data; 2. Money", "Eesti", "7.5",
                  "They lift.", "4 on a scale from 1 to 5", "No gluten", "Small or medium-sized company"):
        assert words in manage.text, words
    form = lab.browser().get(path + "/change").form
    prefilled = pairs(form)
    for name, value in GOOD.items():
        if name in ("email", "news"):
            continue
        for each in value if isinstance(value, list) else [value]:
            wanted = "https://umed.example" if name == "site" else each
            assert (name, wanted) in prefilled, name
    assert wrapper(form, "often").get("class") == "then", "the consent that it depends on is not on this page"
    again = lab.browser().post(form.action, pairs(form, **{"kind": "buy", "people": "30", "budget": "5000", "tools": None}))
    assert again.status == 303
    stored = json.loads(lab.query("SELECT answers FROM registration")[0]["answers"])
    assert stored["kind"] == "buy" and stored["budget"] == 5000 and "tools" not in stored and "robots" not in stored
    assert stored["often"] == "year" and stored["organisation"]["sme_on"] == "2027-01-15"
    lab.ctl("verify")


def test_what_does_not_apply_is_not_kept(lab):
    page = send(lab, **{**GOOD, "kind": "buy", "people": "5", "budget": "9", "news": None, "source": "forged"})
    assert confirm(lab, page).status == 303
    stored = json.loads(lab.query("SELECT answers FROM registration")[0]["answers"])
    assert {"tools", "robots", "budget", "often"} & set(stored) == set()
    assert stored["source"] == "web", "no visitor sets a hidden field"


def test_nothing_is_chosen_for_anybody(lab):
    page = send(lab, **{**GOOD, **dict.fromkeys(("region", "phone", "site", "badge", "people", "hours", "since", "trust", "joy",
                "topics.1", "topics.2", "need", "need.consent", "news", "often", "organisation.name", "organisation.country",
                "organisation.number", "organisation.size", "organisation.sme"))})
    assert confirm(lab, page).status == 303
    assert set(json.loads(lab.query("SELECT answers FROM registration")[0]["answers"])) == {
        "country", "stakeholder", "kind", "tools", "robots", "ease", "source", "news"}


def harmless(page):
    """No element and no attribute came from what was typed."""
    assert page.tree.all("h1") and not page.tree.all("script")
    for element in page.tree.walk():
        assert not [a for a in element.attributes if a.startswith("on")], element.attributes
        assert not element.get("href", "").startswith(("javascript:", "data:", "//"))
        assert element.tag != "img" or element.get("src").startswith("/static/")


def spreadsheet(page, text):
    """What a person gets of his own data: the text is there, and no cell is a formula."""
    table = list(csv.reader(io.StringIO(page.body.decode("utf-8-sig"))))
    assert page.status == 200 and len({len(line) for line in table}) == 1
    cells = [cell for line in table for cell in line]
    assert any(text in cell.replace("\r\n", "\n") for cell in cells), text
    assert not [cell for cell in cells if cell[:1] in ("=", "+", "-", "@", "\t", "\r")]


def test_naughty_strings_do_no_harm(make_daemon, smtp):
    """Through every field that takes text, into the page, the database, the mail and the spreadsheet."""
    fields = [f'{{ id = "{i}"; type = "{t}"; label = "Field {i}"; {more} }}' for i, t, more in (
        ("name", "text", 'role = "name"; required = true;'), ("email", "email", 'role = "email"; required = true;'),
        ("line", "text", ""), ("lines", "textarea", ""), ("organisation", "organisation", ""),
        ("need", "special_need", ""), ("phone", "tel", ""), ("number", "number", ""), ("day", "date", ""),
        ("kind", "choice", 'options = ( { id = "a"; label = "A"; } );'))]
    daemon = make_daemon({"care-lab": definition("care-lab", fields=fields, languages=("en",), capacity=500, extra="review = true;")})
    form = asked(daemon).form
    taken = 0
    assert len(NAUGHTY) >= 100
    for i, text in enumerate(NAUGHTY):
        text = json.loads(text.removeprefix("json: ")) if text.startswith("json: ") else text
        answers = {"name": text, "email": f"n{i}@umed.example", "line": text, "lines": text, "need": text, "need.consent": "yes",
                   "organisation.name": text, "organisation.country": "EE"}
        bad = daemon.browser().post(form.action, pairs(form, **answers, phone=text, number=text, day=text, kind=text))
        assert bad.status in (200, 422), text
        harmless(bad)
        clean = re.sub(r"\r\n?", "\n", text)
        if bad.status == 422 and "\0" not in text:
            assert bad.form.values["lines"].replace("\r\n", "\n") == clean, text
            assert bad.form.values["phone"] == text, text
        page = daemon.browser().post(form.action, pairs(form, **answers))
        if page.status == 422:
            continue
        harmless(page)
        assert confirm(daemon, page).status == 303, text
        taken += 1
    assert taken > len(NAUGHTY) * 0.8
    daemon.settled()
    rows = daemon.query("SELECT * FROM registration ORDER BY id")
    assert len(rows) == taken
    for row in rows:
        stored = json.loads(row["answers"])
        assert stored["lines"].strip() and not re.search("[\0-\x08\x0b\x0c\x0e-\x1f\x7f]", stored["lines"])
        message = smtp.one(row["email"]).message
        letters.parts(message)
        for name, value in message.items():
            assert "\n" not in value and "\r" not in value, (name, value)
        assert "<script" not in letters.body(message, "html").lower()
        spreadsheet(daemon.browser().get(letters.manage_path(message) + "/data.csv"), stored["lines"])
    daemon.ctl("verify")


def test_a_label_with_quotes_is_only_words(make_daemon):
    label = '“Quoted” <b>label</b> & "more"'
    field = f'{{ id = "kind"; type = "choice"; label = {quote(label)}; options = ( {{ id = "a"; label = {quote(label)}; }} ); }}'
    other = f'{{ id = "more"; type = "text"; label = "More"; show_if = "kind = a"; }}'
    from harness.definitions import EMAIL, NAME
    daemon = make_daemon({"care-lab": definition("care-lab", fields=(NAME, EMAIL, field, other))})
    page = asked(daemon)
    assert page.by_id("more-o").text == f"Only if you chose “{label}” under “{label}”."
