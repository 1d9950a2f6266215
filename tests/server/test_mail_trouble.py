# SPDX-License-Identifier: EUPL-1.2
"""Every mail that is owed is sent once, whatever the mail server does."""
import datetime
import signal
import threading

from harness import letters
from harness.definitions import definition
from harness.wait import eventually


def log_of(daemon, recipient):
    rows = daemon.query("SELECT * FROM mail_log WHERE recipient = ?", (recipient,))
    assert len(rows) == 1, rows
    return rows[0]


def seconds(stamp):
    return datetime.datetime.strptime(stamp, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=datetime.timezone.utc).timestamp()


def test_the_server_is_down_and_comes_back(daemon, smtp):
    smtp.stop()
    people = [f"person{n}@umed.example" for n in range(4)]
    for person in people:
        page = daemon.browser().follow(daemon.sign_up("workshop", person))
        assert page.status == 200
    eventually(lambda: "server_unreachable" in daemon.log(), what="the outage is in the log")
    assert daemon.browser().get("/readyz").status == 200, "mail trouble is no reason to take no visitors"
    smtp.start()
    for person in people:
        smtp.one(person, deadline=40)
    eventually(lambda: all(log_of(daemon, p)["state"] == "sent" for p in people))
    assert daemon.log().count("server_unreachable") == 1, "one line an outage"
    daemon.ctl("verify")


def test_kill_right_after_the_reply(daemon, smtp):
    smtp.stop()
    people = [f"person{n}@umed.example" for n in range(3)]
    daemon.ripe_form("workshop")
    for person in people:
        assert daemon.sign_up("workshop", person).status == 303
    daemon.kill()
    rows = daemon.query("SELECT email, status FROM registrations ORDER BY email")
    assert [r["email"] for r in rows] == people and {r["status"] for r in rows} == {"confirmed"}
    smtp.start()
    daemon.start()
    for person in people:
        smtp.one(person)
    daemon.settled()
    for person in people:
        smtp.one(person)
        assert log_of(daemon, person)["state"] == "sent"
    daemon.ctl("verify")


def test_kill_while_a_mail_is_under_way(daemon, smtp):
    """The server has the whole message and has not answered: nobody can say; the same Message-ID goes again."""
    daemon.ripe_form("workshop")
    assert daemon.sign_up("workshop", "held@umed.example").status == 303
    eventually(lambda: smtp.to("held@umed.example"), what="the server has it")
    daemon.kill()
    assert log_of(daemon, "held@umed.example")["state"] == "leased"
    smtp.mend()
    daemon.start()
    eventually(lambda: log_of(daemon, "held@umed.example")["state"] == "sent")
    mails = smtp.to("held@umed.example")
    assert len({m.message["Message-ID"] for m in mails}) == 1 and len(mails) == 2


def test_the_answer_is_lost(daemon, smtp):
    assert daemon.sign_up("workshop", "dropafter@umed.example").status == 303
    first = smtp.one("dropafter@umed.example").message
    eventually(lambda: log_of(daemon, "dropafter@umed.example")["state"] == "deferred")
    smtp.mend()
    daemon.pass_time(120)
    second = smtp.one("dropafter@umed.example", 2).message
    assert second["Message-ID"] == first["Message-ID"]
    assert letters.event_of(letters.calendar(second))["UID"] == letters.event_of(letters.calendar(first))["UID"]
    eventually(lambda: log_of(daemon, "dropafter@umed.example")["state"] == "sent")


def test_not_now_is_tried_again_later(daemon, smtp):
    for person, code in (("tempfail@umed.example", 450), ("data4@umed.example", 451)):
        assert daemon.sign_up("workshop", person).status == 303
        row = eventually(lambda: (r := log_of(daemon, person)) and r["state"] == "deferred" and r)
        assert row["last_code"] == code and row["attempts"] == 1 and row["sent_at"] is None
        assert seconds(row["due_at"]) - seconds(row["last_at"]) == 60, "the first retry comes after a minute"
        assert person not in (row["last_reply"] or "")
    smtp.mend()
    assert not smtp.to("tempfail@umed.example")
    daemon.pass_time(61)
    for person in ("tempfail@umed.example", "data4@umed.example"):
        smtp.one(person)
        row = eventually(lambda: (r := log_of(daemon, person)) and r["state"] == "sent" and r)
        assert row["attempts"] == 2 and row["last_code"] == 250 and row["sent_at"]


def test_the_waits_grow(daemon, smtp):
    assert daemon.sign_up("workshop", "tempfail@umed.example").status == 303
    waits = []
    for attempt in range(1, 5):
        row = eventually(lambda: (r := log_of(daemon, "tempfail@umed.example")) and r["attempts"] == attempt
                         and r["state"] == "deferred" and r)
        waits.append(seconds(row["due_at"]) - seconds(row["last_at"]))
        daemon.pass_time(waits[-1] + 1)
    assert waits == sorted(waits) and waits[0] == 60 and waits[-1] >= 900
    daemon.pass_time(6 * 86400)
    eventually(lambda: log_of(daemon, "tempfail@umed.example")["state"] in ("failed", "expired"), what="after five days it ends")
    daemon.ctl("mail", "retry", "--failed")  # by hand: as long once more
    for attempt in range(1, 8):
        row = eventually(lambda: (r := log_of(daemon, "tempfail@umed.example")) and r["attempts"] == attempt
                         and r["state"] == "deferred" and r, what="tried again and again")
        daemon.pass_time(seconds(row["due_at"]) - daemon.clock.now() + 1)


def test_never_is_final(daemon, smtp):
    for person, code in (("nouser@umed.example", 550), ("data5@umed.example", 554)):
        assert daemon.sign_up("workshop", person).status == 303
        row = eventually(lambda: (r := log_of(daemon, person)) and r["state"] == "failed" and r)
        assert row["last_code"] == code and row["attempts"] == 1
    tries = len(smtp.attempts)
    smtp.mend()
    daemon.pass_time(86400)
    daemon.forget_forms()
    assert daemon.sign_up("workshop", "good@umed.example").status == 303
    smtp.one("good@umed.example")
    assert len(smtp.attempts) == tries + 1, "a refused mail was tried again"
    assert daemon.query("SELECT count(*) AS n FROM registrations")[0]["n"] == 3, "the registration stands all the same"


def test_a_server_that_knows_no_ehlo(daemon, smtp):
    """RFC 5321 section 3.2: the client goes on with HELO. The refused EHLO says nothing about the mail."""
    async def no_ehlo(server, hostname):
        await server.push("502 5.5.1 not here")
    smtp.stop()
    smtp.commands = {"smtp_EHLO": no_ehlo}
    smtp.start()
    assert daemon.sign_up("workshop", "anna@umed.example").status == 303
    smtp.one("anna@umed.example", deadline=40)
    daemon.settled()
    row = log_of(daemon, "anna@umed.example")
    assert (row["state"], row["last_code"], row["attempts"]) == ("sent", 250, 1), row


def test_one_bad_recipient_holds_nobody_up(daemon, smtp):
    for person in ("drop@umed.example", "nouser@umed.example", "good@umed.example", "tempfail@umed.example"):
        assert daemon.sign_up("workshop", person).status == 303
    smtp.one("good@umed.example", deadline=30)


def test_a_mail_no_longer_owed_is_not_sent(daemon, smtp):
    """Signed up and cancelled while the server was away: the confirmation is void, the cancellation is owed."""
    smtp.stop()
    assert daemon.sign_up("workshop", "anna@umed.example").status == 303
    reference = daemon.query("SELECT reference FROM registrations")[0]["reference"]
    # After the first try and before the next probe: a mail that is on its way is not called back.
    eventually(lambda: "mail.server_unreachable" in daemon.log() and
               daemon.query("SELECT 1 FROM mail WHERE state = 'queued'"))
    daemon.ctl("registration", "cancel", reference)
    smtp.start()
    mail = smtp.one("anna@umed.example", deadline=40)
    daemon.settled()
    states = {r["kind"]: r["state"] for r in daemon.query("SELECT kind, state FROM mail_log")}
    assert states == {"confirmed": "superseded", "cancelled": "sent"}
    assert letters.event_of(letters.calendar(mail.message))["STATUS"] == "CANCELLED"
    smtp.one("anna@umed.example")


def test_what_was_asked_for_comes_though_the_registration_ends(daemon, smtp):
    """The data of who cancels while the server is away; and whoever lost the address hears of it."""
    assert daemon.sign_up("workshop", "anna@umed.example").status == 303
    smtp.one("anna@umed.example")
    daemon.settled()
    smtp.stop()
    reference = daemon.query("SELECT reference FROM registrations")[0]["reference"]
    daemon.ctl("registration", "data", reference)
    eventually(lambda: "mail.server_unreachable" in daemon.log() and
               daemon.query("SELECT 1 FROM mail WHERE kind = 'data_ready' AND state = 'queued'"))
    daemon.ctl("registration", "cancel", reference)
    smtp.start()
    eventually(lambda: len(smtp.to("anna@umed.example")) == 3, 40, "the data and the cancellation")
    daemon.settled()
    states = {r["kind"]: r["state"] for r in daemon.query("SELECT kind, state FROM mail_log")}
    assert states == {"confirmed": "sent", "data_ready": "sent", "cancelled": "sent"}
    daemon.ctl("verify")


def test_a_server_that_stalls_holds_nobody_up(make_daemon, smtp):
    daemon = make_daemon({"workshop": definition("workshop")}, mail={"senders": 2})
    assert daemon.sign_up("workshop", "hang@umed.example").status == 303
    eventually(lambda: "hang@umed.example" in smtp.attempts)
    assert daemon.sign_up("workshop", "good@umed.example").status == 303
    smtp.one("good@umed.example")
    assert daemon.browser().get("/healthz").status == 200
    # SIGTERM while that mail waits for its answer: it ends within the drain, and the mail goes again afterwards.
    daemon.process.send_signal(signal.SIGTERM)
    assert daemon.process.wait(60) == 0
    smtp.mend()
    daemon.start()
    smtp.one("hang@umed.example", deadline=30)


def test_connections_are_used_again(daemon, smtp):
    """Twenty mails in a row do not need twenty connections."""
    seen = set()
    original = smtp.controller.handler.handle_DATA

    async def noting(server, session, envelope):
        seen.add(session.peer)
        return await original(server, session, envelope)
    smtp.controller.handler.handle_DATA = noting
    daemon.ripe_form("workshop")
    threads = [threading.Thread(target=daemon.sign_up, args=("workshop", f"person{n}@umed.example")) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for n in range(20):
        smtp.one(f"person{n}@umed.example")
    assert 1 <= len(seen) <= 8, f"{len(seen)} connections for 20 mails"
