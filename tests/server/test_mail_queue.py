# SPDX-License-Identifier: EUPL-1.2
"""The queue: who goes first, what is held back, what has expired, how fast; convenectl mail; the alarms."""
import asyncio
import re
import time
import urllib.request

from aiosmtpd.smtp import SMTP
from harness import letters
from harness.daemon import free_port
from harness.definitions import definition
from harness.wait import eventually


def metrics(daemon):
    with urllib.request.urlopen(f"http://{daemon.settings['metrics']['listen'][0]}/metrics", timeout=10) as reply:
        lines = [line for line in reply.read().decode().splitlines() if not line.startswith("#")]
    return {name: int(value) for name, value in (line.rsplit(" ", 1) for line in lines)}


def measured(make_daemon, **mail):
    return make_daemon({"workshop": definition("workshop"), "seminar": definition("seminar")}, mail=mail,
                       metrics={"listen": [f"127.0.0.1:{free_port()}"]})


def row_of(daemon, recipient):
    rows = daemon.query("SELECT * FROM mail WHERE recipient = ?", (recipient,))
    assert len(rows) == 1, rows
    return rows[0]


def in_state(daemon, recipient, state, deadline=20):
    return eventually(lambda: (r := row_of(daemon, recipient)) and r["state"] == state and r, deadline,
                      f"{recipient} {state}")


def paused(daemon, people, slug="workshop"):
    """They have signed up and nothing has gone."""
    daemon.ripe_form(slug)
    daemon.ctl("mail", "pause")  # from now on no mail is leased, whatever the daemon has noticed
    for person in people:
        assert daemon.sign_up(slug, person).status == 303


def test_a_confirmation_overtakes_slow_bulk_mail(make_daemon, smtp):
    daemon = make_daemon({"workshop": definition("workshop")}, mail={"senders": 2})
    held = [f"held.{n}@umed.example" for n in range(14)]
    paused(daemon, held)
    daemon.execute("UPDATE mail SET priority = 2")
    daemon.ctl("mail", "resume")
    eventually(lambda: len(smtp.mails) == 2)  # both senders are busy, and as much again is leased
    assert daemon.sign_up("workshop", "good@umed.example").status == 303
    in_state(daemon, "good@umed.example", "leased")
    smtp.let_go()
    smtp.one("good@umed.example")
    assert len(smtp.mails) <= 4, [m.recipient for m in smtp.mails]
    smtp.mend()
    daemon.settled()
    for person in held:
        smtp.one(person)


def test_what_has_expired_is_never_sent(make_daemon, smtp):
    daemon = measured(make_daemon)
    paused(daemon, ["anna@umed.example", "good@umed.example"])
    daemon.execute("UPDATE mail SET expires_at = due_at + 60 WHERE recipient = 'anna@umed.example'")
    daemon.pass_time(61)
    daemon.ctl("mail", "resume")
    smtp.one("good@umed.example")
    row = in_state(daemon, "anna@umed.example", "expired")
    assert row["attempts"] == 0 and row["sent_at"] is None and row["last_at"]
    assert "anna@umed.example" not in smtp.attempts
    # and when the next try would come too late
    assert daemon.sign_up("workshop", "berta@umed.example").status == 303
    smtp.one("berta@umed.example")
    daemon.ctl("mail", "pause")
    assert daemon.sign_up("workshop", "tempfail@umed.example").status == 303
    daemon.execute("UPDATE mail SET expires_at = due_at + 50 WHERE recipient = 'tempfail@umed.example'")
    daemon.ctl("mail", "resume")
    row = in_state(daemon, "tempfail@umed.example", "expired")
    assert row["attempts"] == 1 and row["last_code"] == 450 and row["last_reply"].startswith("450 4.2.1")
    assert metrics(daemon)['convened_mails_total{outcome="expired"}'] == 2
    refused = daemon.ctl("mail", "retry", str(row["id"]), code=1)
    assert "its time has passed" in refused


def test_pause_and_resume(make_daemon, smtp):
    daemon = measured(make_daemon)
    daemon.ripe_form("workshop")
    daemon.ripe_form("seminar")
    assert daemon.ctl("mail", "pause", "--event", "workshop") == "mails of workshop: paused\n"
    assert daemon.ctl_json("mail", "pause", "--event", "workshop") == {"event": "workshop", "result": "already"}
    assert daemon.ctl("mail", "pause", "--event", "nothing", code=1) == ""
    for n in range(5):
        assert daemon.sign_up("workshop", f"w{n}@umed.example").status == 303
    assert daemon.sign_up("seminar", "s@umed.example").status == 303
    smtp.one("s@umed.example")
    eventually(lambda: metrics(daemon)["convened_mail_pauses"] == 1 and metrics(daemon)["convened_mail_queue"] == 5)
    assert "mails are paused" in daemon.browser().get("/readyz").text
    assert "The mails of workshop are paused since" in daemon.ctl("mail", "list")
    assert daemon.ctl_json("mail", "show", "1")["paused"] is True
    daemon.stop()
    daemon.start()
    daemon.pass_time(3600)  # nobody who is paused is late
    time.sleep(4)  # it looks every three seconds; to come too early could only pass wrongly
    assert not [m for m in smtp.mails if m.recipient.startswith("w")]
    assert metrics(daemon)["convened_mail_oldest_seconds"] == 0 and "mail.alarm" not in daemon.log()
    assert daemon.ctl("mail", "resume", "--event", "workshop") == "mails of workshop: resumed\n"
    for n in range(5):
        smtp.one(f"w{n}@umed.example")
    eventually(lambda: not daemon.query("SELECT 1 FROM mail_pause"), what="the pause is over")
    assert daemon.ctl_json("mail", "resume") == {"event": None, "result": "already"}
    actions = [r["action"] for r in daemon.query("SELECT action FROM audit WHERE action LIKE 'mail%' ORDER BY id")]
    assert actions == ["mail_pause", "mail_resume"]


def test_no_faster_than_the_rate(make_daemon, smtp):
    daemon = measured(make_daemon, per_domain_per_minute=1, rate_per_minute=30)
    people = [f"p{n}@umed.example" for n in range(4)] + ["a@other.example", "b@third.example"]
    paused(daemon, people)
    daemon.ctl("mail", "resume")
    smtp.one("a@other.example")
    smtp.one("b@third.example")
    eventually(lambda: not daemon.query("SELECT 1 FROM mail WHERE state IN ('queued', 'leased')"))
    assert len([m for m in smtp.mails if m.recipient.endswith("@umed.example")]) == 1
    waiting = daemon.query("SELECT state, attempts, due_at FROM mail WHERE state <> 'sent' ORDER BY due_at")
    assert len(waiting) == 3 and {(r["state"], r["attempts"]) for r in waiting} == {("deferred", 0)}
    assert [b["due_at"] - a["due_at"] for a, b in zip(waiting, waiting[1:])] == [60, 60]
    assert metrics(daemon)['convened_mails_total{outcome="paced"}'] == 3
    for n in range(3):
        daemon.pass_time(60)
        eventually(lambda: len([m for m in smtp.mails if m.recipient.endswith("@umed.example")]) == n + 2)
    daemon.settled()
    assert {r["attempts"] for r in daemon.query("SELECT attempts FROM mail")} == {1}


def test_a_poisonous_mail_does_not_shut_the_queue(make_daemon, smtp):
    """The server refuses the oldest mail with words that usually are about us all: the others go all the same."""
    daemon = make_daemon({"workshop": definition("workshop")}, mail={"senders": 1})
    original = smtp.controller.handler.handle_RCPT

    async def login(server, session, envelope, address, options):
        if address.startswith("poison"):
            smtp.attempts.append(address)
            return "454 4.7.1 relay access denied"
        return await original(server, session, envelope, address, options)
    smtp.controller.handler.handle_RCPT = login
    paused(daemon, ["poison@umed.example"] + [f"p{n}@umed.example" for n in range(3)])
    daemon.ctl("mail", "resume")
    for n in range(3):
        smtp.one(f"p{n}@umed.example", deadline=45)


def test_a_connection_that_went_stale_costs_no_attempt(make_daemon, smtp):
    """The server says 421 to an idle connection and closes it."""
    connections = []

    def connection_made(server, transport):
        connections.append(server)
        SMTP.connection_made(server, transport)

    async def close_all():
        open_ones = [server for server in connections if server.transport and not server.transport.is_closing()]
        for server in open_ones:
            await server.push("421 4.4.2 too long without a word")
            server.transport.close()
        return len(open_ones)
    smtp.stop()
    smtp.commands = {"connection_made": connection_made}
    smtp.start()
    daemon = make_daemon({"workshop": definition("workshop")}, mail={"senders": 1})
    for n in range(3):
        assert daemon.sign_up("workshop", f"p{n}@umed.example").status == 303
        smtp.one(f"p{n}@umed.example")
        row = in_state(daemon, f"p{n}@umed.example", "sent")
        assert row["attempts"] == 1 and row["last_code"] == 250, row
        assert asyncio.run_coroutine_threadsafe(close_all(), smtp.controller.loop).result(60) == 1, "it was kept for the next"
    assert "server_unreachable" not in daemon.log()


def test_list_and_show(daemon, smtp):
    for person in ("good@umed.example", "nouser@umed.example"):
        assert daemon.sign_up("workshop", person).status == 303
    in_state(daemon, "good@umed.example", "sent")
    failed = in_state(daemon, "nouser@umed.example", "failed")
    columns = list(daemon.query("SELECT * FROM mail_log")[0])
    listed = daemon.ctl_json("mail", "list")  # two confirmations, and the notice that one address cannot be reached
    assert [list(row) for row in listed] == 3 * [columns]
    assert listed == daemon.query("SELECT * FROM mail_log")
    assert [r["mail"] for r in daemon.ctl_json("mail", "list", "--state", "failed", "--kind", "confirmed",
                                               "--event", "workshop")] == [failed["id"]]
    reference = daemon.query("SELECT reference FROM registrations WHERE email = 'nouser@umed.example'")[0]["reference"]
    assert [r["mail"] for r in daemon.ctl_json("mail", "list", "--registration", reference)] == [failed["id"]]
    table = daemon.ctl("mail", "list", "--state", "failed")
    assert "nouser@umed.example" in table and "550 5.1.1 no such user" in table and "good@" not in table
    for wrong, code in ((["--state", "lost"], 2), (["--kind", "letter"], 2), (["--event", "nothing"], 1),
                        (["--registration", "4F7K-2Q8"], 1), (["--failed"], 2), (["1"], 2)):
        assert daemon.ctl("mail", "list", *wrong, code=None)[0] == code, wrong
    one = daemon.ctl_json("mail", "show", str(failed["id"]))
    assert list(one)[:len(columns)] == columns
    assert one["reference"] == reference and one["attempts"] == 1 and one["last_code"] == 550
    assert one["message_id"] == failed["message_id"] and one["born_at"] and one["bounces"] == []
    text = daemon.ctl("mail", "show", str(failed["id"]))
    assert "550 5.1.1 no such user" in text and failed["message_id"] in text
    assert daemon.ctl("mail", "show", "99", code=1) == ""
    assert daemon.ctl("mail", "show", "x", code=1) == ""
    assert daemon.ctl("mail", "show", code=2) == ""


def test_again_with_the_same_message_id_or_not_at_all(daemon, smtp):
    people = ["nouser@umed.example", "data5@umed.example", "tempfail@umed.example"]
    for person in people:
        assert daemon.sign_up("workshop", person).status == 303
    rows = [in_state(daemon, person, state) for person, state in zip(people, ("failed", "failed", "deferred"))]
    ids = [str(row["id"]) for row in rows]
    assert daemon.ctl("mail", "cancel", ids[0], code=1) == f"{ids[0]}: has ended without being sent\n"
    assert daemon.ctl("mail", "cancel", ids[2]) == f"{ids[2]}: will not be sent\n"
    smtp.mend()
    # nobody is there, until somebody says otherwise
    assert daemon.ctl("mail", "retry", ids[0], code=1).startswith(f"{ids[0]}: its address is undeliverable")
    who = daemon.query("SELECT reference FROM registrations WHERE email = ?", (people[0],))[0]["reference"]
    daemon.ctl("registration", "deliverable", who)
    said = daemon.ctl_json("mail", "retry", *ids)
    assert said == [{"mail": int(i), "result": "done"} for i in ids]
    for person, row in zip(people, rows):
        mail = smtp.one(person)
        assert mail.message["Message-ID"] == f"<{row['message_id']}>"
        done = in_state(daemon, person, "sent")
        assert done["attempts"] == 1 and done["message_id"] == row["message_id"]
    assert daemon.ctl("mail", "retry", ids[0], code=1) == f"{ids[0]}: was sent\n"
    assert daemon.ctl("mail", "retry", "99", code=1) == "99: no such mail\n"
    assert daemon.ctl("mail", "retry", code=2) == "" == daemon.ctl("mail", "retry", "--failed", "1", code=2)
    audit = daemon.query("SELECT action, actor, event_id, registration_id FROM audit WHERE action LIKE 'mail%' ORDER BY id")
    assert [r["action"] for r in audit] == ["mail_cancel"] + 3 * ["mail_retry"]
    assert {r["actor"] for r in audit} == {"convenectl"} and all(r["registration_id"] and r["event_id"] for r in audit)
    # all that failed
    assert daemon.ctl("mail", "retry", "--failed", "--event", "workshop") == ""
    daemon.execute("UPDATE mail SET state = 'failed'")
    assert len(daemon.ctl_json("mail", "retry", "--failed")) == 4  # the notice too


def test_a_refusal_for_policy_raises_an_alarm(make_daemon, smtp):
    daemon = measured(make_daemon, alarm_to="admin@elsewhere.example", alarm_language="lt")
    assert daemon.sign_up("workshop", "nouser@umed.example").status == 303
    in_state(daemon, "nouser@umed.example", "failed")
    time.sleep(4)  # it looks every three seconds; to come too early could only pass wrongly
    assert "mail.alarm" not in daemon.log(), "an unknown address is nobody's trouble"
    for n in range(2):
        assert daemon.sign_up("workshop", f"data5+{n}@umed.example").status == 303
        row = in_state(daemon, f"data5+{n}@umed.example", "failed")
        assert row["attempts"] == 1
    alarm = smtp.one("admin@elsewhere.example").message
    assert alarm["Subject"] == f"{daemon.base_url}: pašto serveris nepriima mūsų laiškų"
    assert alarm["Auto-Submitted"] == "auto-generated" and alarm["Content-Language"] == "lt"
    for kind in ("plain", "html"):
        body = letters.body(alarm, kind)
        assert "554 5.7.1" in body and "convenectl mail retry --failed" in body and "umed.example" not in body
        assert re.search(r"Nuo\b", body) and " UTC" in body
    letters.parts(alarm)
    assert len(re.findall("event=mail.alarm sort=policy", daemon.log())) == 1
    assert metrics(daemon)['convened_mail_alarm{sort="policy"}'] == 1
    page = daemon.browser().get("/readyz")
    assert page.status == 200 and "alarm: a mail was refused for reasons of policy" in page.text
    row = row_of(daemon, "admin@elsewhere.example")
    assert row["subject_kind"] == "daemon" and row["kind"] == "alarm" and row["instance"] % 10 == 2
    undeliverable = daemon.query("SELECT 1 FROM registration WHERE email LIKE 'data5%' AND undeliverable_at IS NOT NULL")
    assert not undeliverable, "policy is not the address's fault"
    daemon.pass_time(3600)
    eventually(lambda: metrics(daemon)['convened_mail_alarm{sort="policy"}'] == 0)
    smtp.one("admin@elsewhere.example")


def test_mails_that_wait_too_long_raise_an_alarm(make_daemon, smtp):
    daemon = measured(make_daemon, alarm_to="admin@elsewhere.example")
    smtp.stop()
    assert daemon.sign_up("workshop", "good@umed.example").status == 303
    eventually(lambda: "server_unreachable" in daemon.log())
    daemon.pass_time(14 * 60)
    time.sleep(4)
    assert "mail.alarm" not in daemon.log()
    daemon.pass_time(2 * 60)
    eventually(lambda: "event=mail.alarm sort=age" in daemon.log())
    assert metrics(daemon)["convened_mail_oldest_seconds"] >= 900
    page = daemon.browser().get("/readyz")
    assert page.status == 200 and "alarm: mails have waited too long" in page.text and "cannot be reached" in page.text
    assert row_of(daemon, "good@umed.example")["attempts"] == 0, "an outage uses up no attempt"
    smtp.start()
    daemon.reload()  # probes at once
    smtp.one("good@umed.example", deadline=40)
    alarm = smtp.one("admin@elsewhere.example", deadline=40).message
    text = letters.body(alarm, "plain")
    assert "waiting for 16 minutes" in text and "connect" in text, "what libcurl says of the server"
    eventually(lambda: metrics(daemon)['convened_mail_alarm{sort="age"}'] == 0)
    assert in_state(daemon, "good@umed.example", "sent")["attempts"] == 1
