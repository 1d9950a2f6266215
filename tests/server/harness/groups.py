# SPDX-License-Identifier: EUPL-1.2
"""An outing that one person signs up several for, and what is done there before and after."""
from . import letters
from .definitions import definition
from .people import address

FIELDS = (
    '{ id = "name"; type = "text"; role = "name"; label = "Full name"; required = true; }',
    '{ id = "email"; type = "email"; role = "email"; label = "Email"; required = true; }',
    '{ id = "lunch"; type = "choice"; label = "Lunch"; each = true; required = true; '
    'options = ( { id = "meat"; label = "Meat"; }, { id = "plants"; label = "Plants"; } ); }',
    '{ id = "motive"; type = "text"; label = "Why do you come?"; }',
)


def outing(capacity=4, more="", **how):
    how.setdefault("waiting_list", True)
    return definition("outing", starts="2027-04-15T09:00", ends="2027-04-15T17:00", capacity=capacity, languages=("en",),
                      fields=FIELDS, extra="group_max = 4;\n" + more, **how)


def block(number, name, email=""):
    return {f"guest.{number}.name": name, f"guest.{number}.email": email, f"guest.{number}.lunch": "plants"}


def sign_up(daemon, person, *guests, **values):
    """PERSON with GUESTS, pairs of name and address; what stands on the form of a program that knows its controls."""
    answers = {"lunch": "meat", "_guests": str(len(guests)), "_shown": str(len(guests))}
    for number, (name, email) in enumerate(guests, 1):
        answers |= block(number, name, email)
    return daemon.sign_up("outing", address(person), name=person.title(), **(answers | values))


def rows(daemon):
    return daemon.query("SELECT id, reference, party_id, name, email, status, dedupe, answers FROM registration ORDER BY id")


def about(daemon, smtp, row, kind):
    """The letter of that kind about one registration."""
    daemon.settled()
    identity = daemon.query("SELECT message_id FROM mail_log WHERE registration = ? AND kind = ? ORDER BY mail DESC",
                            (row["id"], kind))[0]["message_id"].strip("<>")
    return next(m.message for m in smtp.mails if m.message["Message-ID"].strip("<>") == identity)


def own_form(daemon, path):
    page = daemon.browser().get(path + "/change")
    assert page.status == 200
    return page.form


def save(daemon, form, **values):
    """The form as it came, with VALUES in it where the name of a control has a dot for two underscores."""
    filled = {**form.values, **{name.replace("__", "."): value for name, value in values.items()}}
    return daemon.browser().post(form.action, {name: value for name, value in filled.items() if name != "_add"})


def grown(daemon, form, count, **values):
    """The form with blocks for COUNT people, by the button that adds them."""
    filled = {**form.values, **{name.replace("__", "."): value for name, value in values.items()}, "_guests": str(count),
              "_add": "yes"}
    page = daemon.browser().post(form.action, filled)
    assert page.status == 200 and not page.summary
    return page.form


def states(daemon):
    return {row["name"]: row["status"] for row in rows(daemon)}


def booked(daemon, smtp, person, *guests):
    """PERSON has signed up with GUESTS; the path of the own page."""
    assert sign_up(daemon, person, *guests).status == 303
    daemon.settled()
    row = daemon.query("SELECT id FROM registration WHERE email = ? AND party_id = id", (address(person),))[-1]
    return letters.manage_path(about(daemon, smtp, row, "confirmed"))
