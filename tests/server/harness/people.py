# SPDX-License-Identifier: EUPL-1.2
"""The lives of registrations: where each stands, which letters it got, and what a person does with its links."""
import collections
import datetime
from zoneinfo import ZoneInfo

from .wait import eventually

DOMAIN = "umed.example"


def address(person):
    return f"{person}@{DOMAIN}"


def come(daemon, slug, *people, **values):
    """Each signs up, one after the other."""
    for person in people:
        answer = daemon.sign_up(slug, address(person), name=f"{person.capitalize()} Petrauskas", **values)
        assert answer.status == 303, f"{person}: {answer.status}"


def states(daemon):
    """The state of each person's last registration; who is erased is not here."""
    rows = daemon.query("SELECT email, status FROM registrations ORDER BY registration")
    return {row["email"].split("@")[0]: row["status"] for row in rows}


def becomes(daemon, person, state, deadline=15.0):
    eventually(lambda: states(daemon).get(person) == state, deadline,
               f"{person} is {state}, not {states(daemon).get(person)}")


def row(daemon, person):
    return daemon.query("SELECT * FROM registrations WHERE email = ? ORDER BY registration DESC", (address(person),))[0]


def reference(daemon, person):
    return row(daemon, person)["reference"]


def places(daemon, slug=None):
    """(taken, held, waiting, free) of the event's only mode, or of each by its id."""
    rows = daemon.query("SELECT place, taken, held, waiting, free FROM places WHERE kind = 'mode' AND event LIKE ?", (slug or "%",))
    by_mode = {r["place"]: (r["taken"], r["held"], r["waiting"], r["free"]) for r in rows}
    return by_mode if len(by_mode) != 1 else next(iter(by_mode.values()))


def kinds(daemon, person):
    """The kinds of letters that went to a person, in order."""
    return [r["kind"] for r in daemon.query(
        "SELECT kind FROM mail_log WHERE recipient = ? AND state = 'sent' ORDER BY mail", (address(person),))]


def letter(daemon, smtp, person, kind, deadline=20.0):
    """The last letter of that kind to a person, once it has come; it came once."""
    def sent():
        rows = daemon.query("SELECT message_id, state FROM mail_log WHERE recipient = ? AND kind = ? ORDER BY mail DESC",
                            (address(person), kind))
        return rows and rows[0]["state"] == "sent" and rows[0]["message_id"].strip("<>")
    identity = eventually(sent, deadline, f"the letter {kind} to {person}")
    found = [m for m in smtp.to(address(person)) if m.message["Message-ID"].strip("<>") == identity]
    assert len(found) == 1, f"{len(found)} copies of {kind} to {person}"
    return found[0].message


def nobody_twice(daemon, smtp):
    """Every letter that went out went once, and each person has each kind once for each thing that happened."""
    daemon.settled()
    got = collections.Counter(m.message["Message-ID"].strip("<>") for m in smtp.mails)
    assert set(got.values()) <= {1}, [i for i, n in got.items() if n > 1]
    sent = daemon.query("SELECT message_id FROM mail_log WHERE state = 'sent'")
    assert {r["message_id"].strip("<>") for r in sent} == set(got)
    moves = {r["id"]: r["n"] for r in daemon.query(
        "SELECT registration_id AS id, count(*) AS n FROM audit WHERE registration_id IS NOT NULL GROUP BY 1")}
    for r in daemon.query("SELECT registration, kind, count(*) AS n FROM mail_log WHERE state = 'sent' AND kind <> 'again' "
                          "GROUP BY registration, kind"):
        assert r["n"] == 1 or (r["kind"] in ("offer", "changed") and r["n"] <= moves[r["registration"]]), r


def press(daemon, path, **button):
    """Opens a page and presses its button, or the one of that name and value; the answer to the POST."""
    page = daemon.browser().get(path)
    assert page.status == 200, (page.status, path)
    forms = [form for form in page.forms if form.method == "post" and all(
        value in [control.get("value") for control in form.controls.get(name, ())] for name, value in button.items())]
    assert len(forms) == 1, f"{len(forms)} forms with {button} on {path}: {page.text[:400]}"
    return daemon.browser().post(forms[0].action, {**forms[0].values, **button})


def cancel(daemon, path):
    done = daemon.browser().follow(press(daemon, path + "/cancel"))
    assert done.status == 200


def wall(at, zone="Europe/Vilnius"):
    """An instant as pages and letters say it there: ("17 January", "12:00", "Sunday")."""
    local = datetime.datetime.fromtimestamp(at, ZoneInfo(zone))
    return f"{local.day} {local:%B}", f"{local:%H:%M}", f"{local:%A}"


def says_when(text, at, zone="Europe/Vilnius"):
    missing = [word for word in wall(at, zone) if word not in text]
    assert not missing, f"{missing} not in: {text[:1500]}"
