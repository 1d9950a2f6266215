# SPDX-License-Identifier: EUPL-1.2
"""What organisers rely on: the views, and convenectl beside the running daemon."""
import csv
import io
import json
import time

import pytest
from harness import letters
from harness.definitions import ALL_FIELDS, CLOCK, definition
from harness.wait import eventually

VIEWS = {
    "registrations": "registration reference event party status status_reason registered_at name email organisation "
                     "registry_number country stakeholder mode language updated_at",
    "places": "event kind place title capacity taken held reserved waiting free",
    "mail_log": "mail event registration kind language recipient state attempts due_at sent_at last_at last_code last_reply "
                "message_id",
    "consents": "registration event purpose text language given_at withdrawn_at",
    "choices": "registration reference event status kind place title state rank",
}
ANSWERS = {"country": "LT", "topic": "skills", "organisation": "=SUM(A1)", "idea": "One\r\ntwo; \"three\"", "terms": "yes"}


@pytest.fixture
def daemon(make_daemon):
    return make_daemon({"health-day": definition("health-day", fields=ALL_FIELDS, capacity=2)})


def columns(daemon, view):
    return [row["name"] for row in daemon.query(f"PRAGMA table_info({view})")]


def test_the_views_are_a_contract(daemon):
    for view, names in VIEWS.items():
        assert columns(daemon, view) == names.split(), view
    own = VIEWS["registrations"].split()
    # A field with a role is that column and stands there once.
    assert columns(daemon, "event_health_day") == own + ["topic", "idea", "terms", "news"]
    for view in (*VIEWS, "event_health_day"):
        daemon.query(f"SELECT * FROM {view}")


def test_what_the_views_show(daemon, smtp):
    assert daemon.sign_up("health-day", "anna@umed.example", **ANSWERS).status == 303
    smtp.one("anna@umed.example")
    daemon.settled()
    row, = daemon.query("SELECT * FROM event_health_day")
    assert {k: row[k] for k in ("event", "status", "name", "email", "organisation", "country", "mode", "language", "topic", "terms",
                                "news")} == {
        "event": "health-day", "status": "confirmed", "name": "Anna Kowalska-Nyström", "email": "anna@umed.example",
        "organisation": "=SUM(A1)", "country": "LT", "mode": "onsite", "language": "en", "topic": "skills", "terms": "yes",
        "news": "no"}
    assert row["registered_at"].startswith(CLOCK[:10]) and row["registered_at"].endswith("Z") and len(row["registered_at"]) == 20
    assert row["party"] == row["registration"] and row["idea"].replace("\r", "") == "One\ntwo; \"three\""
    place, = daemon.query("SELECT * FROM places")
    assert place == {"event": "health-day", "kind": "mode", "place": "onsite", "title": place["title"], "capacity": 2, "taken": 1,
                     "held": 0, "reserved": 0, "waiting": 0, "free": 1}
    mail, = daemon.query("SELECT * FROM mail_log")
    assert mail["state"] == "sent" and mail["kind"] == "confirmed" and mail["recipient"] == "anna@umed.example"
    assert mail["last_code"] == 250 and mail["attempts"] == 1 and mail["registration"] == row["registration"]
    given = {r["purpose"]: r for r in daemon.query("SELECT * FROM consents")}
    assert given["terms"]["text"].startswith("I agree to the house rules") and given["terms"]["given_at"]
    assert given["terms"]["language"] == "en" and given["terms"]["withdrawn_at"] is None
    assert "news" not in given or given["news"]["given_at"] is None


def test_no_link_can_be_made_from_the_database(daemon, smtp):
    daemon.sign_up("health-day", "anna@umed.example", **ANSWERS)
    token = letters.token_of(letters.manage_path(smtp.one("anna@umed.example").message))
    daemon.settled()
    assert not any(token in line for line in daemon.dump())
    key = daemon.database.with_name(daemon.database.name + ".key")
    assert key.stat().st_mode & 0o777 == 0o600


def test_a_slug_s_view_is_quoted_well(make_daemon):
    slugs = ["2027-order", "select", "a-b-c", "x" * 57]
    daemon = make_daemon({slug: definition(slug) for slug in slugs})
    for slug in slugs:
        assert daemon.query('SELECT * FROM "event_%s"' % slug.replace("-", "_")) == []
        assert daemon.sign_up(slug, "anna@umed.example").status == 303


def test_fields_of_earlier_revisions_keep_their_column(daemon):
    assert daemon.sign_up("health-day", "anna@umed.example", **ANSWERS).status == 303
    extra = '{ id = "diet"; type = "text"; label = "Diet"; }'
    daemon.write_event("health-day", definition("health-day", fields=(*ALL_FIELDS[:3], extra)))
    daemon.reload()
    eventually(lambda: "diet" in columns(daemon, "event_health_day"))
    own = VIEWS["registrations"].split()
    assert columns(daemon, "event_health_day") == own + ["diet", "topic", "idea", "terms", "news"]
    assert daemon.query("SELECT topic FROM event_health_day") == [{"topic": "skills"}]


def test_list_and_show(daemon):
    for n in range(2):
        assert daemon.sign_up("health-day", f"p{n}@umed.example", name=f"Žmogus Numeris {n}", **ANSWERS).status == 303
    table = daemon.ctl("registration", "list", "--event", "health-day")
    assert "Žmogus Numeris 0" in table and "Žmogus Numeris 1" in table and "confirmed" in table
    listed = daemon.ctl_json("registration", "list", "--event", "health-day")
    assert [r["email"] for r in listed] == ["p0@umed.example", "p1@umed.example"]
    assert set(listed[0]) <= set(VIEWS["registrations"].split()) | {"topic", "idea", "terms", "news"}
    assert {"registration", "reference", "event", "status", "name", "email"} <= set(listed[0])
    reference = listed[0]["reference"]
    for spelling in (reference, reference.lower(), reference.replace("-", "")):
        shown = daemon.ctl_json("registration", "show", spelling)
        assert (shown[0] if isinstance(shown, list) else shown)["email"] == "p0@umed.example"
    assert "p0@umed.example" in daemon.ctl("registration", "show", reference)


def test_any_reference_that_a_page_showed_finds_the_person(daemon):
    """Who signs up again sees a reference of that sign-up; the registration keeps its first."""
    for _ in range(2):
        assert daemon.sign_up("health-day", "anna@umed.example", **ANSWERS).status == 303
    first, second = (row["reference"] for row in daemon.query("SELECT reference FROM submission ORDER BY id"))
    assert first != second
    for reference in (first, second):
        assert daemon.ctl_json("registration", "show", reference)["reference"] == first
    daemon.ctl("registration", "cancel", second)
    assert daemon.query("SELECT reference, status FROM registrations") == [{"reference": first, "status": "cancelled"}]


@pytest.mark.parametrize("arguments, code", [
    (("registration", "show", "0000-000"), 1), (("registration", "show", "nonsense"), 1), (("registration", "cancel", "0000-000"), 1),
    (("registration", "list", "--event", "nothing"), 1), (("nonsense",), 2), ((), 2), (("registration",), 2),
    (("export", "--event", "health-day", "--format", "pdf"), 2), (("export", "--event", "nothing", "--format", "csv"), 1),
    (("registration", "list", "--event", "x'; DROP TABLE mail; --"), 1),
])
def test_exit_codes(daemon, arguments, code):
    got, output, errors = daemon.ctl(*arguments, code=None)
    assert got == code and errors.strip(), (got, output, errors)


def test_without_a_store_it_cannot_run(make_daemon):
    daemon = make_daemon({"a": definition("a")}, start=False)
    daemon.port = 1
    daemon.write_config()
    assert daemon.ctl("registration", "list", "--event", "a", code=None)[0] == 2
    assert not daemon.database.exists()


def test_cancelling_while_the_daemon_serves(daemon, smtp):
    for person in ("anna", "joe"):
        assert daemon.sign_up("health-day", f"{person}@umed.example", **ANSWERS).status == 303
    assert daemon.sign_up("health-day", "late@umed.example", **ANSWERS).status == 409
    manage = letters.manage_path(smtp.one("anna@umed.example").message)
    reference = daemon.query("SELECT reference FROM registrations WHERE email LIKE 'anna%'")[0]["reference"]
    daemon.settled()
    full = daemon.browser().get("/e/health-day").text
    daemon.ctl("registration", "cancel", reference)
    eventually(lambda: daemon.browser().get("/e/health-day").text != full, what="the page shows the place as free")
    mail = smtp.one("anna@umed.example", 2)
    assert letters.calendar(mail.message)["METHOD"] == "CANCEL"
    assert not any(p.endswith("/cancel") for p in daemon.browser().get(manage).links)
    assert daemon.sign_up("health-day", "late@umed.example", **ANSWERS).status == 303
    assert daemon.ctl("registration", "cancel", reference, code=None)[0] in (0, 1), "twice is no crash"
    assert len(daemon.query("SELECT 1 FROM mail_log WHERE kind = 'cancelled'")) == 1
    audit = daemon.query("SELECT actor, action, to_status FROM audit WHERE to_status = 'cancelled'")
    assert len(audit) == 1 and "convenectl" in audit[0]["actor"]
    daemon.ctl("verify")


def test_it_works_without_the_daemon_too(daemon, smtp):
    daemon.sign_up("health-day", "anna@umed.example", **ANSWERS)
    smtp.one("anna@umed.example")
    daemon.settled()
    assert daemon.stop() == 0
    reference = daemon.query("SELECT reference FROM registrations")[0]["reference"]
    daemon.ctl("registration", "cancel", reference)
    assert len(smtp.to("anna@umed.example")) == 1
    daemon.start()
    smtp.one("anna@umed.example", 2)


def test_export_csv(daemon):
    assert daemon.sign_up("health-day", "anna@umed.example", **ANSWERS).status == 303
    raw = daemon.ctl("export", "--event", "health-day", "--format", "csv")
    assert raw.startswith("\ufeff")
    rows = list(csv.reader(io.StringIO(raw.lstrip("\ufeff"), newline="")))
    assert rows[0] == columns(daemon, "event_health_day") and len(rows) == 2
    row = dict(zip(*rows))
    assert row["email"] == "anna@umed.example" and row["idea"].replace("\r", "") == "One\ntwo; \"three\""
    assert row["organisation"].endswith("=SUM(A1)") and not row["organisation"].startswith("="), "a spreadsheet would run it"


def test_export_json(daemon):
    assert daemon.sign_up("health-day", "anna@umed.example", **ANSWERS).status == 303
    row, = json.loads(daemon.ctl("export", "--event", "health-day", "--format", "json"))
    assert list(row) == columns(daemon, "event_health_day")
    assert row["organisation"] == "=SUM(A1)" and row["status_reason"] is None and isinstance(row["registration"], int)


def test_verify_finds_what_is_wrong(daemon, smtp):
    assert daemon.sign_up("health-day", "anna@umed.example", **ANSWERS).status == 303
    smtp.one("anna@umed.example")
    daemon.settled()
    daemon.ctl("verify")
    for damage, mend in (
        ("UPDATE place SET taken = taken + 1", "UPDATE place SET taken = taken - 1"),
        ("UPDATE place SET waiting = 7", "UPDATE place SET waiting = 0"),
        ("UPDATE registration SET status = 'waitlisted'", "UPDATE registration SET status = 'confirmed'"),
        ("UPDATE mail SET subject_id = 99", "UPDATE mail SET subject_id = 1"),
    ):
        daemon.execute(damage)
        assert daemon.ctl("verify", code=None)[0] == 1, damage
        daemon.execute(mend)
        daemon.ctl("verify")


def test_render(daemon, tmp_path):
    (tmp_path / "note.txt.mustache").write_text("Hello {{name}}, {{#list}}<{{.}}>{{/list}}\n")
    data = tmp_path / "data.json"
    data.write_text('{"name": "Jane & Joe", "list": [1, "two"]}')
    code, output, errors = daemon.ctl("render", str(tmp_path / "note.txt"), str(data), code=None)
    if code == 2:  # templates are named within share/templates only
        data.write_text("{}")
        code, output, errors = daemon.ctl("render", "page/error.html", str(data), code=None)
        assert code == 0 and "<html" in output, errors
        for option in ("--language", "--lang"):
            daemon.ctl("render", "page/error.html", str(data), option, "lt")
    else:
        assert (code, output) == (0, "Hello Jane & Joe, <1><two>\n"), errors
