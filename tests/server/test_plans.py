# SPDX-License-Identifier: EUPL-1.2
"""What is sent on a date: each once, at its instant, of today's event, to those it concerns; and what organisers hear."""
import collections
import sqlite3
import time

import pytest
from harness import letters
from harness.definitions import definition
from harness.people import address, becomes, cancel, come, letter, press, reference, states
from harness.wait import eventually

HOUR = 3600
HYBRID = '( { id = "onsite"; capacity = 3000; }, { id = "online"; } )'
DESK = "desk@organiser.example"


def forum(starts="2027-03-18T09:30", ends="2027-03-18T16:00", extra="", **more):
    return definition("forum", starts=starts, ends=ends, extra=extra, **more)


def born(daemon, kind):
    """Who a mail of that kind was written for, with the instant at which it was due."""
    rows = daemon.query("SELECT recipient, due_at FROM mail_log WHERE kind = ? ORDER BY mail", (kind,))
    return [(row["recipient"].split("@")[0], row["due_at"]) for row in rows]


def nothing_due(daemon):
    """Waits until no plan is due; those that are held back do not count."""
    eventually(lambda: not daemon.query(
        "SELECT 1 FROM mail_plan AS p JOIN event AS e ON e.id = p.event_id WHERE p.state IN ('planned', 'running') "
        "AND p.due_at <= ? AND e.state = 'live'", (int(daemon.clock.now()),)), 20, "no plan is due")


def at(daemon, stamp):
    """What is due then is born and sent."""
    daemon.set_time(stamp)
    nothing_due(daemon)
    daemon.settled()


def once_each(daemon):
    assert not daemon.query("SELECT 1 FROM mail GROUP BY subject_kind, subject_id, kind, instance HAVING count(*) > 1")
    twice = daemon.query("SELECT subject_id, kind, data FROM mail WHERE kind IN ('reminder', 'join', 'thanks') "
                         "GROUP BY subject_id, kind, instance HAVING count(*) > 1")
    assert not twice, twice


def test_each_kind_once_at_its_instant(make_daemon, smtp):
    daemon = make_daemon({"forum": forum(modes=HYBRID, extra="""
        join_url = "https://meet.example/forum"; reminders = [ "7d", "1d" ]; join_mail = "2h";
        thanks = { after = "1d"; text = { en = "Thank you."; lt = "Ačiū."; }; survey = "https://survey.example/1"; };""")})
    come(daemon, "forum", "anna", mode="onsite")
    come(daemon, "forum", "ben", mode="online")
    at(daemon, "2027-03-11T07:29:50Z")
    assert born(daemon, "reminder") == []
    at(daemon, "2027-03-11T07:30:00Z")
    week = [("anna", "2027-03-11T07:30:00Z"), ("ben", "2027-03-11T07:30:00Z")]
    assert [who for who, _ in born(daemon, "reminder")] == ["anna", "ben"]
    assert all(due[:16] == "2027-03-11T07:30" for _, due in born(daemon, "reminder")), week
    come(daemon, "forum", "cleo", mode="online")  # comes late: the confirmation has said it all
    at(daemon, "2027-03-17T07:30:00Z")
    assert [who for who, _ in born(daemon, "reminder")][2:] == ["anna", "ben", "cleo"]
    at(daemon, "2027-03-18T05:29:50Z")
    assert born(daemon, "join") == []
    at(daemon, "2027-03-18T05:30:00Z")
    assert [who for who, _ in born(daemon, "join")] == ["ben", "cleo"]
    at(daemon, "2027-03-19T13:59:50Z")
    assert born(daemon, "thanks") == []
    at(daemon, "2027-03-19T14:00:00Z")
    assert [who for who, _ in born(daemon, "thanks")] == ["anna", "ben", "cleo"]
    at(daemon, "2027-05-01T00:00:00Z")
    assert (len(born(daemon, "reminder")), len(born(daemon, "join")), len(born(daemon, "thanks"))) == (5, 2, 3)
    once_each(daemon)
    daemon.settled()
    assert {row["state"] for row in daemon.query("SELECT state FROM mail")} == {"sent"}
    got = collections.Counter(mail.message["Message-ID"] for mail in smtp.mails)
    assert set(got.values()) == {1} and len(got) == 3 + 10
    joins = [m.message for m in smtp.to(address("ben")) if "https://meet.example/forum" in letters.body(m.message, "plain")]
    assert len(joins) >= 2, "the confirmation and the mail before it begins"
    daemon.ctl("verify")


def many(daemon, count):
    """COUNT confirmed people, without letters."""
    now = int(daemon.clock.now())
    with sqlite3.connect(daemon.database, timeout=10) as connection:
        event, revision = connection.execute("SELECT id, revision_id FROM event WHERE slug = 'forum'").fetchone()
        place, = connection.execute("SELECT id FROM place WHERE kind = 'mode' AND key = 'onsite'").fetchone()
        for n in range(1, count + 1):
            connection.execute(
                "INSERT INTO registration (id, event_id, revision_id, party_id, status, status_at, actor, reference, "
                "language, email, dedupe, mode, answers, search, link_version, created_at, updated_at) VALUES "
                "(?1, ?2, ?3, ?1, 'confirmed', ?4, 'person', 'R' || ?1, 'en', ?5, ?5, 'onsite', '{}', '', 1, ?4, ?4)",
                (n, event, revision, now, address(f"p{n}")))
            connection.execute("INSERT INTO claim (registration_id, place_id, state) VALUES (?, ?, 'taken')", (n, place))
        connection.execute("UPDATE place SET taken = ? WHERE id = ?", (count, place))
    connection.close()


def killed_again_and_again(make_daemon):
    """True: once at least it was in the middle of its work."""
    daemon = make_daemon({"forum": forum(modes=HYBRID, extra='reminders = [ "1d" ];')})
    assert daemon.stop() == 0
    many(daemon, 3000)
    daemon.clock.set("2027-03-17T07:30:00Z")
    seen, kills, in_the_middle = 0, 0, False

    def count():
        return daemon.query("SELECT count(*) AS n FROM mail WHERE kind = 'reminder'")[0]["n"]

    while kills < 4:
        daemon.start(ready=False)
        end = time.monotonic() + 20
        while count() <= seen and time.monotonic() < end:
            pass
        daemon.kill()
        kills += 1
        seen = count()
        cursor = daemon.query("SELECT state, cursor FROM mail_plan WHERE kind = 'reminder'")[0]
        assert cursor["state"] == "done" or cursor["cursor"] == seen, "the cursor stands where the mails end"
        assert seen % 200 == 0, "a step is written whole or not at all"
        in_the_middle |= 0 < seen < 3000
        if seen == 3000:
            break
    daemon.start()
    eventually(lambda: count() == 3000, 30, "everybody has a reminder")
    nothing_due(daemon)
    assert daemon.query("SELECT count(DISTINCT subject_id) AS n FROM mail WHERE kind = 'reminder'")[0]["n"] == 3000
    once_each(daemon)
    daemon.stop()
    return in_the_middle


def test_killed_in_the_middle_of_a_plan(make_daemon, smtp):
    """Killed again and again while the mails of 3,000 people are written: each person's is there, and once."""
    smtp.stop()  # they stay in the queue
    assert any(killed_again_and_again(make_daemon) for _ in range(10)), "it was always killed before or behind"


def test_moved_cancelled_and_withdrawn(make_daemon, smtp):
    other = definition("other")
    daemon = make_daemon({"forum": forum(extra='reminders = [ "7d", "1d" ];'), "other": other})
    come(daemon, "forum", "anna", "ben")
    at(daemon, "2027-03-11T08:00:00Z")
    assert [who for who, _ in born(daemon, "reminder")] == ["anna", "ben"]
    cancel(daemon, letters.manage_path(letter(daemon, smtp, "ben", "confirmed")))
    becomes(daemon, "ben", "cancelled")

    daemon.write_event("forum", forum(starts="2027-03-18T10:30", extra='reminders = [ "7d", "1d" ];'))
    daemon.reload()
    nothing_due(daemon)
    assert len(born(daemon, "reminder")) == 2, "an hour later is the same day"
    daemon.write_event("forum", forum("2027-04-15T09:30", "2027-04-15T16:00", extra='reminders = [ "7d", "1d" ];'))
    daemon.reload()
    at(daemon, "2027-03-17T12:00:00Z")
    assert len(born(daemon, "reminder")) == 2, "nobody comes on the old day any more"
    at(daemon, "2027-04-08T06:30:00Z")  # summer time meanwhile
    assert [who for who, _ in born(daemon, "reminder")] == ["anna", "ben", "anna"]

    daemon.remove_event("forum")
    daemon.reload()
    at(daemon, "2027-04-14T12:00:00Z")
    assert len(born(daemon, "reminder")) == 3, "of a withdrawn event nobody is reminded"
    daemon.write_event("forum", forum("2027-04-15T09:30", "2027-04-15T16:00", extra='reminders = [ "7d", "1d" ];'))
    daemon.reload()
    eventually(lambda: len(born(daemon, "reminder")) == 4, 15, "public again, and there is still time")
    at(daemon, "2027-04-20T12:00:00Z")
    assert len(born(daemon, "reminder")) == 4
    once_each(daemon)


def test_nothing_of_an_event_that_is_off(make_daemon):
    daemon = make_daemon({"forum": forum(extra='reminders = [ "7d", "1d" ]; thanks = { };')})
    come(daemon, "forum", "anna")
    at(daemon, "2027-03-10T08:00:00Z")
    daemon.ctl("event", "cancel", "forum", "--reason", "The roof leaks", "--yes")
    at(daemon, "2027-03-25T08:00:00Z")
    assert born(daemon, "reminder") == [] and born(daemon, "thanks") == []
    assert {row["state"] for row in daemon.query("SELECT state FROM mail_plan")} == {"dropped"}


def test_organisers_see_what_will_be_sent(make_daemon):
    daemon = make_daemon({"forum": forum(extra='reminders = [ "7d", "1d" ]; thanks = { };')})
    at(daemon, "2027-03-12T12:00:00Z")
    assert daemon.ctl_json("event", "show", "forum")["mails"] == [
        {"kind": "reminder", "due_at": "2027-03-11T07:30:00Z", "state": "done"},
        {"kind": "reminder", "due_at": "2027-03-17T07:30:00Z", "state": "planned"},
        {"kind": "thanks", "due_at": "2027-03-19T14:00:00Z", "state": "planned"}]
    assert "reminder  2027-03-17T07:30:00Z  planned" in " ".join(daemon.ctl("event", "show", "forum").split("\n"))
    daemon.write_event("forum", forum(extra='reminders = [ "3d" ]; thanks = { };'))
    daemon.reload()
    assert "reminders: 7d, 1d -> 3d" in daemon.ctl_json("event", "diff", "forum")["meaning"]


def test_each_day_has_its_own(make_daemon):
    daemon = make_daemon({"forum": forum("2027-03-27T09:30", "2027-03-28T16:00", extra="""
        days = ( { starts = "2027-03-27T09:30"; ends = "2027-03-27T16:00"; },
                 { starts = "2027-03-28T09:30"; ends = "2027-03-28T16:00"; } ); reminders = [ "1d" ];""")})
    come(daemon, "forum", "anna")
    at(daemon, "2027-03-26T07:30:00Z")
    assert [due[:16] for _, due in born(daemon, "reminder")] == ["2027-03-26T07:30"]
    at(daemon, "2027-03-27T07:30:00Z")  # clocks go forward in the night: 09:30 of the day before all the same
    assert [due[:16] for _, due in born(daemon, "reminder")][1:] == ["2027-03-27T07:30"]
    expires = [row["expires_at"] for row in daemon.query("SELECT expires_at FROM mail WHERE kind = 'reminder' ORDER BY id")]
    assert expires[1] - expires[0] == 23 * HOUR
    once_each(daemon)


# --- organisers

NOTIFY = f'notify = {{ to = [ "{DESK}" ]; registrations = true; digest = "daily"; at = "07:30"; language = "lt"; }};'


def to_desk(daemon, smtp, kind, number=1):
    """The texts of the organisers' letters of that kind, once so many have come."""
    def sent():
        rows = daemon.query("SELECT message_id FROM mail_log WHERE kind = ? AND recipient = ? AND state = 'sent' "
                            "ORDER BY mail", (kind, DESK))
        return len(rows) >= number and [row["message_id"].strip("<>") for row in rows]
    identities = eventually(sent, 20, f"{number} of {kind}")
    assert len(identities) == number
    found = {m.message["Message-ID"].strip("<>"): m.message for m in smtp.to(DESK)}
    return [found[identity] for identity in identities]


def test_organisers_hear_of_each_registration(make_daemon, smtp):
    daemon = make_daemon({"forum": forum(extra=NOTIFY + " group_max = 3;")})
    values = {"guest.1.name": "Bo Petrauskas", "guest.2.name": "Cy Petrauskas", "_guests": "2", "_shown": "2"}
    come(daemon, "forum", "anna", **values)
    message, = to_desk(daemon, smtp, "new_registration")
    assert "The forum" in message["Subject"] and "Nauja registracija" in message["Subject"]
    letters.parts(message)
    for kind in ("plain", "html"):
        text = letters.body(message, kind)
        assert "Anna Petrauskas" in text and "dar 2 žmonės" in text and reference(daemon, "anna") in text
        assert address("anna") not in text, "no more than is needed"
        assert "/r/" not in text, "the person's own link is nobody else's"
    assert message["To"] == DESK and message["Auto-Submitted"] == "auto-generated"
    come(daemon, "forum", "anna")  # once more: that is no new registration
    come(daemon, "forum", "dora")
    to_desk(daemon, smtp, "new_registration", 2)
    # what concerns the person's mails does not touch the organisers'
    assert daemon.query("SELECT count(*) AS n FROM mail WHERE kind = 'new_registration' AND subject_kind = 'notice'")[0]["n"] == 2


def test_not_before_the_address_is_confirmed(make_daemon, smtp):
    daemon = make_daemon({"forum": forum(extra=NOTIFY + ' confirm = "hold";')})
    come(daemon, "forum", "anna")
    path = letters.answer_path(letter(daemon, smtp, "anna", "confirm"))
    daemon.settled()
    assert smtp.to(DESK) == []
    press(daemon, path)
    becomes(daemon, "anna", "confirmed")
    message, = to_desk(daemon, smtp, "new_registration")
    assert "Patvirtinta" in letters.body(message, "plain")
    assert daemon.browser().post(path, {}).status == 303, "twice is the same"
    daemon.settled()
    to_desk(daemon, smtp, "new_registration", 1)


def test_a_slow_organiser_holds_no_person_up(make_daemon, smtp):
    """The mail to the organisers is refused for now; what is owed to the person goes all the same, and to her alone."""
    desk = "tempfail@organiser.example"
    daemon = make_daemon({"forum": forum(extra=NOTIFY.replace(DESK, desk))})
    come(daemon, "forum", "anna")
    path = letters.manage_path(letter(daemon, smtp, "anna", "confirmed"))
    eventually(lambda: desk in smtp.attempts, 15, "the organiser was tried")
    cancel(daemon, path)
    letter(daemon, smtp, "anna", "cancelled")
    rows = daemon.query("SELECT recipient, state FROM mail WHERE kind = 'new_registration'")
    assert [(row["recipient"], row["state"]) for row in rows] == [(desk, "deferred")]


def test_the_digest(make_daemon, smtp):
    daemon = make_daemon({"forum": forum(waiting_list=True, capacity=3, extra=NOTIFY.replace("registrations = true; ", "") +
                                         ' closes = "2027-03-15T18:00"; reserves = ( { id = "kept"; mode = "onsite"; size = 1; '
                                         'release = "2027-03-01T12:00"; } );')})
    at(daemon, "2027-01-16T05:30:00Z")
    assert born(daemon, "digest") == [], "nothing has changed"
    come(daemon, "forum", "anna", "ben", "cleo")
    assert states(daemon)["cleo"] == "waitlisted"
    at(daemon, "2027-01-17T05:29:50Z")
    assert born(daemon, "digest") == []
    at(daemon, "2027-01-17T05:30:00Z")
    message, = to_desk(daemon, smtp, "digest")
    assert "Registracijos apžvalga" in message["Subject"]
    letters.parts(message)
    text = letters.body(message, "plain")
    lines = [" ".join(line.split()) for line in text.splitlines()]
    for line in ("Užsiregistravo 3", "Atšaukė 0", "Patvirtinta 2", "Laukiančiųjų sąraše 1", "Vietoje 2 iš 3"):
        assert line in lines, (line, text)
    assert any(line.startswith("Baigiasi registracija") and "18:00" in line for line in lines), text
    assert text.index("Atlaisvinamos") < text.index("Baigiasi registracija") < text.index("Prasideda renginys"), "as they come"
    for kind in ("plain", "html"):
        body = letters.body(message, kind)
        assert "Petrauskas" not in body and address("anna") not in body, "numbers alone"
    at(daemon, "2027-01-18T05:30:00Z")
    to_desk(daemon, smtp, "digest", 1)  # nothing has changed since
    cancel(daemon, letters.manage_path(letter(daemon, smtp, "anna", "confirmed")))
    at(daemon, "2027-01-19T05:30:00Z")
    lines = [" ".join(line.split()) for line in letters.body(to_desk(daemon, smtp, "digest", 2)[1], "plain").splitlines()]
    assert "Užsiregistravo 0" in lines and "Atšaukė 1" in lines, lines
    assert daemon.query("SELECT expires_at FROM mail WHERE kind = 'digest' ORDER BY id DESC")[0]["expires_at"] == 1800423000
    at(daemon, "2027-04-01T00:00:00Z")
    assert daemon.query("SELECT state FROM mail_plan WHERE kind = 'digest'")[0]["state"] in ("done", "dropped")


@pytest.mark.parametrize("digest", ("none", "weekly"))
def test_other_rhythms(make_daemon, digest):
    daemon = make_daemon({"forum": forum(extra=NOTIFY.replace('"daily"', f'"{digest}"'))})
    plans = daemon.query("SELECT strftime('%w %H:%M', due_at, 'unixepoch') AS due FROM mail_plan WHERE kind = 'digest'")
    assert [row["due"] for row in plans] == ([] if digest == "none" else ["1 05:30"])
