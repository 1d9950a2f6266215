# SPDX-License-Identifier: EUPL-1.2
"""One person signs up several: the form grows without script, places are given to all of them or to none, each is a
registration of its own."""
import pytest
from harness import letters
from harness.definitions import definition
from harness.people import address, becomes, cancel, come, letter, nobody_twice, press
from harness.wait import eventually

FIELDS = """
    { id = "name"; type = "text"; role = "name"; label = "Full name"; required = true; },
    { id = "email"; type = "email"; role = "email"; label = "Email"; required = true; },
    { id = "diet"; type = "choice"; label = "Lunch"; each = true; required = true;
      options = ( { id = "meat"; label = "Meat"; }, { id = "plants"; label = "Plants"; } ); },
    { id = "motive"; type = "text"; label = "Why do you come?"; }
"""


def outing(capacity=4, more="", **how):
    how.setdefault("waiting_list", True)
    return definition("outing", starts="2027-04-15T09:00", ends="2027-04-15T17:00", capacity=capacity, languages=("en",),
                      fields=FIELDS, extra="group_max = 4;\n" + more, **how)


@pytest.fixture
def daemon(make_daemon):
    return make_daemon({"outing": outing()})


def group(person, *guests, **values):
    """What PERSON fills in; each guest is (name, address or nothing)."""
    answers = {"name": person.title(), "email": address(person), "diet": "meat", "_guests": str(len(guests)), **values}
    for number, (name, email) in enumerate(guests, 1):
        answers |= {f"guest.{number}.name": name, f"guest.{number}.email": email, f"guest.{number}.diet": "plants"}
    return answers


def send(daemon, person, *guests, **values):
    browser = daemon.browser()
    page = daemon.ripe_form("outing")
    answers = page.form.values | group(person, *guests, **values) if isinstance(page.form.values, dict) else None
    return browser.post(page.form.action, answers)


def rows(daemon):
    return daemon.query("SELECT id, reference, party_id, name, email, status, dedupe, mode, answers FROM registration ORDER BY id")


def states(daemon):
    return {row["name"]: row["status"] for row in rows(daemon)}


def place(daemon):
    row = daemon.query("SELECT taken, held, waiting FROM places WHERE kind = 'mode'")[0]
    return row["taken"], row["held"], row["waiting"]
