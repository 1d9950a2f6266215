# SPDX-License-Identifier: EUPL-1.2
"""Reminders, thanks, one's data and its end as mails; and how reminders and news are stopped (RFC 8058)."""
import http.client
import json
import re
import sqlite3

import pytest
from harness import letters
from harness.own import ANNA, EVIDENCE, SESSIONS, join, persons, row, unchanged, workshop
from harness.wait import eventually

MAILS = 'thanks = { text = "See you again."; survey = "https://survey.example/s"; };\n' \
        'join_url = "https://video.example/x";\n'
DAY = {"day": 0, "starts": 1805355000, "ends": 1805378400}  # 18 March 2027, 09:30 in Vilnius
ONE_CLICK = "List-Unsubscribe=One-Click"


@pytest.fixture
def forum(make_daemon):
    return make_daemon({"workshop": workshop(extra=SESSIONS + MAILS)})


def owe(daemon, kind, data=None, instance=0, due=None, number=1):
    """A row as it is born of a plan."""
    stored = row(daemon, number)
    now = int(daemon.clock.now())
    with sqlite3.connect(daemon.database, timeout=60) as db:
        if kind == "bulk":
            db.execute("INSERT INTO mail_batch (id, event_id, filter, texts, news, author, made_at, sent_at) VALUES "
                       "(?, ?, '{\"status\":[\"confirmed\"]}', '{}', ?, 'test', ?, ?)",
                       (instance, stored["event_id"], (data or {}).get("news", False), now, now))
            db.execute("INSERT INTO mail_plan (event_id, kind, instance, due_at, expires_at, state) VALUES (?, 'bulk', ?, ?, ?, 'done')",
                       (stored["event_id"], instance, now, now + 86400))
        db.execute(
            "INSERT INTO mail (id, subject_kind, subject_id, event_id, kind, instance, batch_id, recipient, language, revision_id,"
            " data, priority, state, due_at, message_id, born_at) SELECT max(id) + 1, 'registration', ?, ?, ?, ?, ?, ?, ?, ?,"
            " ?, 1, 'queued', ?, (max(id) + 1) || '.00@test.example', ? FROM mail",
            (number, stored["event_id"], kind, instance, instance if kind == "bulk" else None, stored["email"], stored["language"], stored["revision_id"],
             json.dumps(data or {}), due or now, now))


def last(daemon, smtp, count):
    daemon.settled()
    return smtp.one(ANNA, count).message


def stop_path(message):
    header = message["List-Unsubscribe"]
    assert re.fullmatch(r"<http://[^/ ]+/u/[a-z2-7]{40}>", header), header
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    return "/u/" + letters.token_of(header)


def one_click(daemon, path, body=ONE_CLICK, kind="application/x-www-form-urlencoded", method="POST"):
    """What a mail provider posts: no cookie, no referrer, nothing but the body."""
    link = http.client.HTTPConnection("127.0.0.1", daemon.port, timeout=60)
    link.request(method, path, body, {"Content-Type": kind} if kind else {})
    answer = link.getresponse()
    answer.read()
    link.close()
    return answer


def reminded(daemon, smtp):
    """The path that the header of a reminder names."""
    join(daemon, smtp)
    owe(daemon, "reminder", DAY, 208450024)
    message = last(daemon, smtp, 2)
    assert letters.parts(message)
    return message, stop_path(message)


def test_reminder_is_a_good_mail(forum, smtp):
    message, path = reminded(forum, smtp)
    assert message["Subject"].startswith("Reminder: ")
    text, page = letters.body(message, "plain"), letters.body(message, "html")
    for body in (text, page):
        assert "Thursday, 18 March 2027, 09:30" in body and path in body
    assert "Your place is then free for somebody else." in text and not letters.calendars(message)
    assert message["References"] == smtp.to(ANNA)[0].message["Message-ID"]
    raw = smtp.to(ANNA)[-1].content.split(b"\r\n")
    assert sum(re.fullmatch(rb"List-Unsubscribe: <http://[^>]+>", line) is not None for line in raw) == 1, "whole on its line"


def test_one_click_stops_and_touches_nothing_else(forum, smtp):
    _, path = reminded(forum, smtp)
    owe(forum, "thanks", due=int(forum.clock.now()) + 86400)
    owe(forum, "bulk", {"news": True}, 1, due=int(forum.clock.now()) + 86400)
    owe(forum, "bulk", {"news": False}, 2, due=int(forum.clock.now()) + 86400)
    owe(forum, "join", DAY, 3, due=int(forum.clock.now()) + 86400)
    before = row(forum)
    for method in ("GET", "HEAD"):
        assert unchanged(forum, lambda: one_click(forum, path, None, None, method)).status == 200
    answer = one_click(forum, path)
    assert answer.status == 200 and answer.getheader("Location") is None and answer.getheader("Set-Cookie") is None
    after = row(forum)
    assert after.pop("stopped_at") and before.pop("stopped_at") is None and after == before
    data = json.loads(forum.browser().get(letters.manage_path(smtp.to(ANNA)[0].message) + "/data.json").body)
    assert data["registration"]["stopped_at"] and data["registration"]["own_at"] is None, "it is among his data"
    states = {(r["kind"], r["instance"]): r["state"] for r in forum.query("SELECT kind, instance, state FROM mail")}
    assert states[("thanks", 0)] == states[("bulk", 1)] == "superseded"
    assert states[("bulk", 2)] == states[("join", 3)] == "queued"
    assert one_click(forum, path).status == 200
    audit = forum.query("SELECT actor, action FROM audit WHERE registration_id = 1 AND action LIKE '%mail'")
    assert [(a["actor"], a["action"]) for a in audit] == [("person", "stop_mail")], "once is once"
    owe(forum, "reminder", DAY, 208450168)
    forum.settled()
    assert forum.query("SELECT state FROM mail WHERE instance = 208450168")[0]["state"] == "superseded"
    forum.ctl("verify")


def test_one_click_in_parts(forum, smtp):
    """RFC 8058 section 3.2: multipart/form-data should be sent, the other type may."""
    _, path = reminded(forum, smtp)
    body = '--b0\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--b0--\r\n'
    assert one_click(forum, path, body, "multipart/form-data; boundary=b0").status == 200
    assert row(forum)["stopped_at"]
    assert one_click(forum, path, body[:-8], "multipart/form-data; boundary=b0").status == 400
    assert one_click(forum, path, body, "multipart/mixed; boundary=b0").status == 415
    own = join(forum, smtp, "other@else.example")
    assert one_click(forum, own + "/cancel", body, "multipart/form-data; boundary=b0").status == 415, "there alone"


def test_what_is_no_one_click_changes_nothing(forum, smtp):
    _, path = reminded(forum, smtp)
    token = letters.token_of(path)
    manage = letters.token_of(letters.manage_path(smtp.to(ANNA)[0].message))
    for body in ("", "List-Unsubscribe=Two", ONE_CLICK + "&" + ONE_CLICK, ONE_CLICK + "&List-Unsubscribe=Again"):
        assert unchanged(forum, lambda: one_click(forum, path, body)).status == 422, body
    for wrong in ("/u/" + manage, "/u/" + token[:-1] + ("a" if token[-1] != "a" else "b"), "/r/" + token, "/u/x"):
        assert unchanged(forum, lambda: one_click(forum, wrong)).status in (404, 405), wrong
        assert unchanged(forum, lambda: forum.browser().get(wrong)).status == 404, wrong
    assert unchanged(forum, lambda: one_click(forum, "/r/" + token + "/cancel", "reason=date")).status == 404


def test_page_says_it_and_takes_it_back(forum, smtp):
    _, path = reminded(forum, smtp)
    for language in ("en", "et", "lt"):
        page = unchanged(forum, lambda: forum.browser().get("/" + language + path))
        assert page.status == 200 and page.language == language and not re.search(r"\bstop\.[a-z]", page.text)
        assert "Anna" not in page.text and "umed" not in page.text and "/r/" not in page.text
    browser = forum.browser()
    page = browser.get("/en" + path)
    assert "Your registration stands" in page.text
    done = browser.post(page.form.action, {"List-Unsubscribe": "One-Click"})
    assert done.status == 200 and "You get no more reminders" in done.text
    own = letters.manage_path(smtp.to(ANNA)[0].message)
    shown = forum.browser().get("/en/r/" + letters.token_of(own))
    assert "You get no reminders" in shown.text and "/en" + path in shown.links
    back = browser.post(done.form.action, {"List-Unsubscribe": "Again"})
    assert back.status == 200 and "sent again" in back.text and row(forum)["stopped_at"] is None
    actions = [a["action"] for a in forum.query("SELECT action FROM audit WHERE registration_id = 1 ORDER BY id")]
    assert actions[-2:] == ["stop_mail", "resume_mail"]
    assert "We may send you reminders" in forum.browser().get("/en/r/" + letters.token_of(own)).text


def test_link_dies_with_the_registration(forum, smtp):
    _, path = reminded(forum, smtp)
    own = "/en/r/" + letters.token_of(letters.manage_path(smtp.to(ANNA)[0].message))
    forum.browser().post(own + "/erase", {})
    forum.settled()
    assert one_click(forum, path).status == 404 and forum.browser().get(path).status == 404


def test_look_ups_are_limited(make_daemon):
    daemon = make_daemon({"workshop": workshop()}, limits={"burst": 3, "per_minute": 1, "network_factor": 100})
    answers = [daemon.browser().post_raw("/u/" + "a" * 40, ONE_CLICK.encode(),
                                         headers={"X-Forwarded-For": "203.0.113.7"}).status for _ in range(6)]
    assert answers[:3] == [404] * 3 and answers[-1] == 429


def test_thanks(forum, smtp):
    join(forum, smtp)
    forum.set_time("2027-03-20T08:00:00Z")
    message = last(forum, smtp, 2)
    assert letters.parts(message) and stop_path(message)
    assert "See you again." in letters.body(message, "plain")
    assert "https://survey.example/s" in letters.body(message, "plain")
    assert "https://survey.example/s" in letters.body(message, "html")


def test_join_is_for_who_is_online(forum, smtp):
    join(forum, smtp, mode="online")
    owe(forum, "join", DAY, 1)
    message = last(forum, smtp, 2)
    assert "Join the event:\nhttps://video.example/x\n" in letters.body(message, "plain").replace("\r\n", "\n")
    assert message["List-Unsubscribe"] is None
    join(forum, smtp, "other@else.example")
    owe(forum, "join", DAY, 1, number=2)
    forum.settled()
    assert forum.query("SELECT state FROM mail WHERE subject_id = 2 AND kind = 'join'")[0]["state"] == "superseded"


def test_data_by_phone(forum, smtp):
    own = join(forum, smtp)
    reference = row(forum)["reference"]
    said = json.loads(forum.ctl("registration", "data", reference, "--json"))
    assert said == {"reference": reference, "result": "mailed"}
    message = last(forum, smtp, 2)
    assert letters.parts(message) and letters.token_of(letters.manage_path(message)) == letters.token_of(own)
    assert message["List-Unsubscribe"] is None and not letters.calendars(message)
    assert json.loads(forum.ctl("registration", "data", reference, "--json"))["result"] == "already"
    forum.pass_time(3700)
    forum.ctl("registration", "data", reference)
    last(forum, smtp, 3)
    audit = forum.query("SELECT action FROM audit WHERE registration_id = 1 ORDER BY id")
    assert [a["action"] for a in audit] == ["sign_up", "data_ready", "data_ready"]
    forum.ctl("registration", "data", "AAAA-AAA", code=1)


def erased(daemon, smtp, count=2):
    """The last mail, and then nothing of the address is left."""
    message = last(daemon, smtp, count)
    assert letters.parts(message) and "Kowalska" not in message.as_string() and message["List-Unsubscribe"] is None
    kept = daemon.query("SELECT state, recipient, data, last_reply FROM mail WHERE kind = 'erased'")
    assert kept == [{"state": "sent", "recipient": "", "data": "{}", "last_reply": None}]
    assert persons(daemon.dump(), "umed.example") == []
    daemon.ctl("verify")
    return letters.body(message, "plain")


def test_erased_is_said_to_the_address(forum, smtp):
    own = join(forum, smtp)
    assert "One message to your address" in forum.browser().get(own + "/erase").text
    forum.browser().post(own + "/erase", {})
    text = erased(forum, smtp)
    assert "Nobody can bring them back." in text and "/r/" not in text


def test_erased_by_an_organiser(forum, smtp):
    join(forum, smtp)
    said = forum.ctl("registration", "erase", row(forum)["reference"], "--json")
    assert json.loads(said)["result"] == "erased"
    erased(forum, smtp)
    audit = forum.query("SELECT actor, action FROM audit WHERE registration_id = 1 ORDER BY id")[-1]
    assert audit == {"actor": "convenectl", "action": "erase"}


def test_what_is_kept_is_said(make_daemon, smtp):
    daemon = make_daemon({"workshop": workshop(extra=SESSIONS + EVIDENCE)})
    own = join(daemon, smtp, language="lt")
    daemon.set_time("2027-03-19T08:00:00Z")
    daemon.browser().post(own + "/erase", {})
    daemon.settled()
    message = smtp.one(ANNA, 2).message
    assert message["Content-Language"] == "lt" and "2032 m. gruodžio 31 d." in letters.body(message, "plain")
    assert daemon.query("SELECT recipient FROM mail WHERE kind = 'erased'")[0]["recipient"] == ""
    assert "umed.example" not in "\n".join(daemon.dump())
    daemon.browser().post(own + "/erase", {})
    daemon.settled()
    assert len(smtp.to(ANNA)) == 2
    daemon.ctl("verify")


def test_erased_waits_for_the_server(forum, smtp):
    """While it could not be sent the address stands there alone; the check of the store knows that."""
    own = join(forum, smtp)
    smtp.stop()
    forum.browser().post(own + "/erase", {})
    waiting = forum.query("SELECT recipient FROM mail WHERE kind = 'erased'")
    assert waiting == [{"recipient": ANNA}]
    assert row(forum)["email"] is None
    forum.ctl("verify")
    smtp.start()
    eventually(lambda: forum.query("SELECT state FROM mail WHERE kind = 'erased'")[0]["state"] == "sent", 40,
               "sent when the server is back")
    assert persons(forum.dump(), "umed.example") == []


def test_an_address_that_nobody_confirmed_is_forgotten_in_silence(make_daemon, smtp):
    daemon = make_daemon({"workshop": workshop(extra=SESSIONS + "confirm = \"hold\";\n")})
    assert daemon.sign_up("workshop", ANNA, country="LT", topic="data", mode="onsite", **{"session.a": "trust"}).status == 303
    daemon.settled()
    daemon.pass_time(40 * 86400)
    eventually(lambda: row(daemon)["status"] in ("expired", "erased"), 20, "expired")
    daemon.pass_time(40 * 86400)
    eventually(lambda: row(daemon)["status"] == "erased", 20, "erased")
    daemon.settled()
    assert daemon.query("SELECT count(*) AS n FROM mail WHERE kind = 'erased'")[0]["n"] == 0
