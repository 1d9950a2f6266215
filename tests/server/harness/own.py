# SPDX-License-Identifier: EUPL-1.2
"""An event with sessions, and somebody behind the link of his registration there."""
import re

from . import letters
from .definitions import COUNTRY, EMAIL, IDEA, NAME, ORGANISATION, TOPIC, definition

ANNA, NEW = "anna@umed.example", "anna.new@umed.example"
MODES = '( { id = "onsite"; capacity = 4; }, { id = "online"; capacity = 1; } )'
TITLE = '{{ en = "{}"; lt = "{}"; }}'.format
SESSIONS = f"""sessions = (
    {{ id = "opening"; title = "Opening"; starts = "2027-03-18T09:30"; ends = "2027-03-18T10:30"; }},
    {{ id = "data"; title = {TITLE("Data quality", "Duomenų kokybė")}; starts = "2027-03-18T11:00"; ends = "2027-03-18T12:00";
      round = "a"; capacity = 1; }},
    {{ id = "trust"; title = {TITLE("Trust", "Pasitikėjimas")}; starts = "2027-03-18T11:00"; ends = "2027-03-18T12:00";
      round = "a"; capacity = 4; }},
    {{ id = "care"; title = "Care"; starts = "2027-03-18T13:00"; ends = "2027-03-18T14:00"; round = "b"; capacity = 4; }},
    {{ id = "dinner"; title = "Dinner"; choose = "many"; capacity = 4; }} );
rounds = ( {{ id = "a"; title = "Before lunch"; required = true; }}, {{ id = "b"; title = "After lunch"; }} );
"""
FIELDS = (NAME, EMAIL, COUNTRY, TOPIC, ORGANISATION, IDEA)
ANSWERS = {"country": "LT", "topic": "data", "idea": "First", "mode": "onsite", "session.a": "trust"}
EVIDENCE = 'privacy = { controller = "The cluster"; retain_evidence_until = "2032-12-31"; };\n'


def workshop(**how):
    how.setdefault("extra", SESSIONS)
    return definition("workshop", modes=MODES, fields=how.pop("fields", FIELDS), **how)


def join(daemon, smtp, address=ANNA, **answers):
    """Signs up; the path of the own page, in English."""
    assert daemon.sign_up("workshop", address, **{**ANSWERS, **answers}).status == 303
    daemon.settled()
    return "/en/r/" + letters.token_of(letters.manage_path(smtp.to(address)[-1].message))


def row(daemon, number=1):
    return daemon.query("SELECT * FROM registration WHERE id = ?", (number,))[0]


def claims(daemon, number=1):
    return {r["key"] for r in daemon.query(
        "SELECT p.key FROM claim AS c JOIN place AS p ON p.id = c.place_id WHERE c.registration_id = ? AND p.kind <> 'cap'",
        (number,))}


def change(daemon, path, **values):
    """The form as it comes, with VALUES in it; None takes a control out."""
    page = daemon.browser().get(path + "/change")
    assert page.status == 200
    form = {**page.form.values, **values}
    return daemon.browser().post(page.form.action, {k: v for k, v in form.items() if v is not None})


def unchanged(daemon, ask):
    daemon.settled()
    before = daemon.dump()
    answer = ask()
    daemon.settled()
    assert daemon.dump() == before
    return answer


def summary(page):
    holder = next(e for e in page.tree.walk() if "sum" in (e.get("class") or "").split())
    return holder.text


def new_address_path(message):
    found = {p for p in letters.links(message) if re.fullmatch(r"(/[a-z]{2})?/a/[a-z2-7]{40}", p)}
    assert len(found) == 1, found
    return found.pop()


def ask_address(daemon, path, address):
    return daemon.browser().post(path + "/address", {"email": address})


def persons(dump, *words):
    text = "\n".join(dump)
    return [word for word in words if word.lower() in text.lower()]
