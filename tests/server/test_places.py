# SPDX-License-Identifier: EUPL-1.2
"""Never oversold; cancelling frees exactly what was taken; waiting in honest words."""
import collections

import pytest
from harness import letters
from harness.crowd import sign_up_all
from harness.definitions import definition
from harness.wait import eventually


def forms_of(daemon, slug, count, **more):
    action, form = daemon.ripe_form(slug)
    return action, [{**form, "name": f"Person {n}", "email": f"p{n}@umed.example", **more} for n in range(count)]


@pytest.mark.timeout(180)
def test_five_hundred_come_for_fifty_places(daemon, smtp):
    action, forms = forms_of(daemon, "workshop", 500)
    answers = collections.Counter(sign_up_all(daemon.port, action, forms))
    assert answers == {303: 50, 409: 450}
    row, = daemon.query("SELECT capacity, taken, free, waiting FROM places")
    assert row == {"capacity": 50, "taken": 50, "free": 0, "waiting": 0}
    assert daemon.query("SELECT count(*) AS n FROM claim")[0]["n"] == 50
    assert daemon.query("SELECT count(*) AS n FROM registration")[0]["n"] == 50
    eventually(lambda: len(smtp.mails) == 50, 60, "fifty mails")
    daemon.settled(60)
    assert len({m.recipient for m in smtp.mails}) == len(smtp.mails) == 50
    daemon.ctl("verify")


@pytest.mark.timeout(180)
def test_the_rest_waits_where_there_is_a_list(make_daemon, smtp):
    daemon = make_daemon({"workshop": definition("workshop", capacity=20, waiting_list=True)})
    action, forms = forms_of(daemon, "workshop", 100)
    assert collections.Counter(sign_up_all(daemon.port, action, forms)) == {303: 100}
    states = {r["status"]: r["n"] for r in daemon.query("SELECT status, count(*) AS n FROM registrations GROUP BY status")}
    assert states == {"confirmed": 20, "waitlisted": 80}
    row, = daemon.query("SELECT taken, waiting, free FROM places")
    assert row == {"taken": 20, "waiting": 80, "free": 0}
    eventually(lambda: len(smtp.mails) == 100, 60, "a hundred mails")
    waiting = daemon.query("SELECT email FROM registrations WHERE status = 'waitlisted'")[0]["email"]
    message = smtp.one(waiting).message
    assert not letters.calendars(message), "an invitation for somebody who has no place"
    assert "waiting list" in letters.body(message, "plain")
    daemon.ctl("verify")


def test_who_comes_while_somebody_waits_joins_the_list(make_daemon, smtp):
    daemon = make_daemon({"small": definition("small", capacity=1, waiting_list=True)})
    for person in ("anna", "joe"):
        assert daemon.sign_up("small", f"{person}@umed.example").status == 303
    anna = daemon.query("SELECT reference FROM registrations WHERE email LIKE 'anna%'")[0]["reference"]
    daemon.ctl("registration", "cancel", anna)
    assert daemon.sign_up("small", "late@umed.example").status == 303
    states = {r["email"].split("@")[0]: r["status"] for r in daemon.query("SELECT email, status FROM registrations")}
    assert states == {"anna": "cancelled", "joe": "offered", "late": "waitlisted"}
    late = letters.manage_path(smtp.one("late@umed.example").message)
    page = daemon.browser().get(late)
    assert page.status == 200 and "waiting list" in page.text.lower()
    question = daemon.browser().get(late + "/cancel")
    daemon.browser().post(question.form.action, question.form.values)
    assert daemon.query("SELECT taken, held, waiting FROM places")[0] == {"taken": 1, "held": 1, "waiting": 0}
    assert not letters.calendars(smtp.one("late@umed.example", 2).message), "nothing was in the calendar"
    daemon.ctl("verify")


def test_the_page_tells_each_mode(make_daemon):
    modes = ('( { id = "onsite"; title = "In the room"; capacity = 1; }, { id = "online"; title = "By video"; capacity = 3; } )')
    daemon = make_daemon({"hybrid": definition("hybrid", modes=modes)})
    page = daemon.browser().get("/e/hybrid")
    assert "In the room" in page.text and "By video" in page.text
    assert {c.get("value") for c in page.form.controls["mode"]} >= {"onsite", "online"}
    assert daemon.sign_up("hybrid", "nobody@umed.example").status == 422, "no mode chosen"
    assert daemon.sign_up("hybrid", "anna@umed.example", mode="onsite").status == 303
    refused = daemon.sign_up("hybrid", "joe@umed.example", mode="onsite")
    assert refused.status == 409 and refused.form.values["email"] == "joe@umed.example"
    assert "By video" in refused.text, "what is still open"
    assert daemon.sign_up("hybrid", "joe@umed.example", mode="online").status == 303
    taken = {r["place"]: r["taken"] for r in daemon.query("SELECT place, taken FROM places WHERE kind = 'mode'")}
    assert taken == {"onsite": 1, "online": 1}


def test_full_for_a_known_address_too(make_daemon):
    """What the page says rests on what a new address would get, or it would tell who is registered."""
    daemon = make_daemon({"small": definition("small", capacity=1)})
    assert daemon.sign_up("small", "anna@umed.example").status == 303
    known, unknown = daemon.sign_up("small", "anna@umed.example"), daemon.sign_up("small", "joe@umed.example")
    assert known.status == unknown.status == 409
    assert known.text.replace("anna", "joe") == unknown.text


def test_the_link_of_somebody_who_is_known_goes_out_even_when_it_is_full(make_daemon, smtp):
    daemon = make_daemon({"small": definition("small", capacity=1, waiting_list=True)})
    assert daemon.sign_up("small", "anna@umed.example").status == 303
    assert daemon.sign_up("small", "anna@umed.example").status == 303
    mails = eventually(lambda: len(smtp.to("anna@umed.example")) == 2 and smtp.to("anna@umed.example"))
    assert letters.manage_path(mails[0].message) == letters.manage_path(mails[1].message)
    assert daemon.query("SELECT taken, waiting FROM places")[0] == {"taken": 1, "waiting": 0}


def test_unique_none_and_by_name(make_daemon):
    daemon = make_daemon({"open": definition("open", extra='unique = "none";'),
                          "family": definition("family", extra='unique = "email_name";')},
                         limits={"mails_per_address_per_hour": 20})
    for name in ("Anna", "Anna", "Joe"):
        assert daemon.sign_up("family", "home@umed.example", name=name).status == 303
        assert daemon.sign_up("open", "home@umed.example", name=name).status == 303
    count = {r["event"]: r["n"] for r in daemon.query("SELECT event, count(*) AS n FROM registrations GROUP BY event")}
    assert count == {"family": 2, "open": 2}, "pressed twice within ten minutes counts once"
    daemon.pass_time(601)
    assert daemon.sign_up("open", "home@umed.example", name="Anna").status == 303
    count = {r["event"]: r["n"] for r in daemon.query("SELECT event, count(*) AS n FROM registrations GROUP BY event")}
    assert count == {"family": 2, "open": 3}
