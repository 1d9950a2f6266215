# SPDX-License-Identifier: EUPL-1.2
"""What cannot be delivered comes back to a sender that only we can have made, and nothing more goes to that address."""
import json
import re
from pathlib import Path

import pytest
from harness import letters
from harness.definitions import definition
from harness.own import ANNA, NEW, ask_address, join, new_address_path, row, workshop
from harness.wait import eventually

SHAPES = Path(__file__).parent.parent / "table" / "bounces"
SENDER = re.compile(r"bounces\+[a-z2-7]{40}@cluster\.example\Z")
NOTIFY = 'notify = { to = [ "desk@cluster.example", "team@cluster.example" ]; };\n'
TOKEN, MESSAGE_ID, ADDRESS, UID = "a" * 40, "7.0123456789abcdef@cluster.example", "anna@clinic.example", "4f7k2q9.health-summit"


@pytest.fixture
def forum(make_daemon):
    return make_daemon({"workshop": workshop()}, mail={"bounce_address": "bounces@cluster.example"})


def shape(name, mail, address=None):
    """The message of that shape about MAIL."""
    text = (SHAPES / f"{name}.eml").read_text()
    text = text.replace(TOKEN, mail.sender[len("bounces+"):][:40]).replace(MESSAGE_ID, mail.message["Message-ID"].strip("<>"))
    return text.replace(ADDRESS, address or mail.recipient).encode()


def bounce(daemon, message, *arguments, code=0, **env):
    return daemon.ctl("bounce", *arguments, given=message, code=code, env=env).strip()


def counts(daemon):
    return {r["sort"]: r["messages"] for r in daemon.query("SELECT * FROM returned")}


def mails(daemon, kind):
    return daemon.query("SELECT * FROM mail WHERE kind = ? ORDER BY id", (kind,))


def test_the_whole_way(forum, smtp):
    path = join(forum, smtp)
    mail = smtp.one(ANNA)
    assert SENDER.match(mail.sender) and len(mail.sender.split("@")[0]) <= 64
    assert mail.sender not in mail.content.decode(), "no letter shows it"
    assert "come back" not in forum.browser().get(path).text

    said = bounce(forum, shape("postfix_unknown", mail))
    assert said == "permanent: mail 1, 5.1.1, undeliverable now: 1"
    stored = row(forum)
    assert stored["undeliverable_at"] and stored["undeliverable_why"].startswith("smtp; 550 5.1.1 <anna@umed.example>")
    assert stored["status"] == "confirmed", "the place stays"
    assert forum.query("SELECT mail, kind, sort, status FROM bounces") == [
        {"mail": 1, "kind": "confirmed", "sort": "permanent", "status": "5.1.1"}]
    view, = forum.query("SELECT * FROM undeliverable")
    assert view["email"] == ANNA and view["event"] == "workshop" and view["since"]
    assert forum.query("SELECT state FROM mail WHERE id = 1") == [{"state": "sent"}], "it was sent, and stays so"

    # who is told: without `notify` the address for questions
    told = smtp.one("events@cluster.example").message
    assert told["Subject"].startswith("A message came back") and ANNA in letters.body(told, "plain")
    assert "/r/" not in letters.body(told, "plain") and letters.body(told, "html")

    # and shown
    page = forum.browser().get(path)
    assert f"Our messages to {ANNA} come back" in page.text
    shown = forum.ctl_json("registration", "show", stored["reference"])
    assert shown["undeliverable_since"] == view["since"] and shown["bounces"][0]["status"] == "5.1.1"
    listed, = forum.ctl_json("registration", "list", "--event", "workshop", "--undeliverable")
    assert listed["email"] == ANNA and listed["undeliverable"] == view["since"]
    data = json.loads(forum.browser().get(path + "/data.json").body)
    assert data["bounces"][0]["sort"] == "permanent" and data["registration"]["undeliverable_at"] == view["since"]

    # nothing more is sent
    forum.pass_time(3700)
    page = forum.browser().get("/en/e/workshop/find")
    forum.ctl("registration", "cancel", stored["reference"])
    forum.settled()
    assert len(smtp.to(ANNA)) == 1
    assert {m["state"] for m in mails(forum, "cancelled")} == {"superseded"}
    forum.ctl("verify")


def test_what_waits_is_not_sent(forum, smtp):
    join(forum, smtp)
    mail = smtp.one(ANNA)
    forum.execute("UPDATE mail SET state = 'sent' WHERE id = 1")
    forum.execute("INSERT INTO mail (id, subject_kind, subject_id, event_id, kind, instance, recipient, language, "
                  "revision_id, data, priority, state, due_at, message_id, born_at) SELECT 100, subject_kind, subject_id, "
                  "event_id, 'again', 5, upper(recipient), language, revision_id, '{}', priority, 'queued', 9999999999, "
                  "'100.1@cluster.example', born_at FROM mail WHERE id = 1")
    bounce(forum, shape("qmail_unknown", mail))
    late, = mails(forum, "again")
    assert late["state"] == "cancelled" and late["last_reply"] == "the address is undeliverable"


def test_organisers_that_are_named(make_daemon, smtp):
    forum = make_daemon({"workshop": workshop(extra=NOTIFY), "summit": definition("summit")},
                        mail={"bounce_address": "bounces@cluster.example"})
    join_page = forum.sign_up("workshop", ANNA, **{"country": "LT", "topic": "data", "idea": "x", "mode": "onsite"})
    assert join_page.status == 303
    assert forum.sign_up("summit", "ANNA@umed.example").status == 303
    forum.settled()
    mail = (smtp.to(ANNA) + smtp.to("ANNA@umed.example"))[0]
    said = bounce(forum, shape("gmail_unknown", mail))
    assert said.endswith("undeliverable now: 2"), "the same address, however it is written, whatever the event"
    for desk in ("desk@cluster.example", "team@cluster.example"):
        assert letters.body(smtp.one(desk).message, "plain").count("The workshop") >= 1
    smtp.one("events@cluster.example")
    # told again: noted once
    assert bounce(forum, shape("gmail_unknown", mail)) == "permanent: mail 1, 5.1.1"
    forum.settled()
    assert len(mails(forum, "undeliverable")) == 3 and len(forum.query("SELECT * FROM bounce")) == 1
    assert counts(forum) == {"permanent": 2}


def test_a_new_address_ends_it(forum, smtp):
    path = join(forum, smtp)
    bounce(forum, shape("exim_plain", smtp.one(ANNA)))
    assert ask_address(forum, path, NEW).status == 303
    forum.settled()
    link = new_address_path(smtp.one(NEW).message)
    assert forum.browser().post(forum.browser().get(link).form.action, {}).status == 200
    forum.settled()
    assert row(forum)["undeliverable_at"] is None and row(forum)["undeliverable_why"] is None
    fresh = smtp.to(NEW)[-1].message
    assert "come back" not in forum.browser().get("/en/r/" + letters.token_of(letters.manage_path(fresh))).text
    assert not forum.query("SELECT * FROM undeliverable")
    # a late report about the old address touches nobody
    assert bounce(forum, shape("exim_plain", smtp.to(ANNA)[0])) == "permanent: mail 1, 5.1.1"
    assert row(forum)["undeliverable_at"] is None


@pytest.mark.parametrize("by_token", [True, False])
def test_a_former_address_speaks_for_itself_alone(forum, smtp, by_token):
    """The answer was lost, the address is changed, the mail goes to the new one: then the first copy comes back."""
    path = join(forum, smtp)
    first = smtp.one(ANNA)
    assert bounce(forum, shape("gmail_full", first)) == "transient: mail 1, 4.2.2"
    forum.execute("UPDATE mail SET state = 'deferred', attempts = 1, due_at = 9999999999, sent_at = NULL WHERE id = 1")
    assert ask_address(forum, path, NEW).status == 303
    forum.settled()
    link = new_address_path(smtp.one(NEW).message)
    assert forum.browser().post(forum.browser().get(link).form.action, {}).status == 200
    forum.execute("UPDATE mail SET due_at = 1 WHERE id = 1")
    eventually(lambda: len(smtp.to(NEW)) == 3, what="the first mail, at the new address")
    mine, = [m for m in smtp.to(NEW) if m.message["Message-ID"].startswith("<1.")]
    assert mine.message["Message-ID"] != first.message["Message-ID"] and mine.sender != first.sender
    eventually(lambda: forum.query("SELECT message_id FROM mail WHERE id = 1 AND state = 'sent'"))
    late = shape("postfix_unknown", first)
    if not by_token:
        late = late.replace(first.sender.encode(), b"bounces@cluster.example")
    assert bounce(forum, late) == "unknown"
    assert row(forum)["email"] == NEW and row(forum)["undeliverable_at"] is None
    assert {b["cleared_at"] is not None for b in forum.query("SELECT cleared_at FROM bounce")} == {True}
    assert bounce(forum, shape("postfix_unknown", mine)).endswith("undeliverable now: 1")
    assert row(forum)["undeliverable_at"]


def test_an_address_of_very_many(make_daemon, smtp):
    """All are marked; the organisers are told of some, not of each."""
    forum = make_daemon({"workshop": workshop(extra=NOTIFY.replace(', "team@cluster.example"', "")), "summit": definition("summit")},
                        mail={"bounce_address": "bounces@cluster.example"})
    answers = {"country": "LT", "topic": "data", "idea": "x", "mode": "onsite"}
    assert forum.sign_up("workshop", ANNA, **answers).status == 303
    assert forum.sign_up("summit", ANNA).status == 303
    forum.settled()
    one = row(forum)
    other = {"id": "i", "reference": "'R' || i", "party_id": "i", "dedupe": "NULL", "email": "upper(email)"}
    forum.execute(f"INSERT INTO registration ({', '.join(one)}) WITH RECURSIVE n(i) AS (SELECT 101 UNION ALL SELECT i + 1 "
                  f"FROM n WHERE i < 700) SELECT {', '.join(other.get(c, c) for c in one)} FROM n, registration WHERE id = 1")
    mail = next(m for m in smtp.to(ANNA) if m.message["Message-ID"].startswith("<1."))
    assert bounce(forum, shape("postfix_unknown", mail)) == "permanent: mail 1, 5.1.1, undeliverable now: 602"
    assert len(forum.query("SELECT * FROM undeliverable")) == 602
    assert len(forum.query("SELECT * FROM audit WHERE action = 'undeliverable'")) == 602
    told = forum.query("SELECT e.slug, count(*) AS n FROM mail AS m JOIN event AS e ON e.id = m.event_id WHERE m.kind = "
                       "'undeliverable' GROUP BY e.slug")
    assert {t["slug"]: t["n"] for t in told} == {"workshop": 20, "summit": 1}


def test_an_organiser_knows_better(forum, smtp):
    join(forum, smtp)
    reference = row(forum)["reference"]
    assert forum.ctl("registration", "deliverable", reference).strip() == f"{reference}: not marked as undeliverable"
    bounce(forum, shape("sendmail_unknown", smtp.one(ANNA)))
    assert forum.ctl_json("registration", "deliverable", reference)["result"] == "deliverable"
    assert row(forum)["undeliverable_at"] is None
    audit = [a["action"] for a in forum.query("SELECT action FROM audit WHERE registration_id = 1 ORDER BY id")]
    assert audit == ["sign_up", "undeliverable", "deliverable"]
    forum.ctl("registration", "cancel", reference)
    eventually(lambda: len(smtp.to(ANNA)) == 2, what="mail goes there again")


def test_for_now_counts_until_it_is_enough(make_daemon, smtp):
    forum = make_daemon({"workshop": workshop()}, mail={"bounce_address": "bounces@cluster.example", "bounce_limit": 2})
    join(forum, smtp)
    first = smtp.one(ANNA)
    assert bounce(forum, shape("postfix_delayed", first)) == "delayed: mail 1, 4.4.1"
    assert bounce(forum, shape("gmail_full", first)) == "transient: mail 1, 4.2.2"
    assert bounce(forum, shape("postfix_expired", first)) == "transient: mail 1, 4.4.1", "the same mail counts once"
    assert row(forum)["undeliverable_at"] is None
    forum.sign_up("workshop", ANNA, country="LT", topic="data", idea="y", mode="onsite", **{"session.a": "trust"})
    forum.settled()
    second = smtp.to(ANNA)[-1]
    assert second.sender != first.sender
    assert bounce(forum, shape("gmail_full", second)).endswith("undeliverable now: 1")
    assert row(forum)["undeliverable_at"]
    # said to be good, it begins anew
    forum.ctl("registration", "deliverable", row(forum)["reference"])
    forum.ctl("registration", "cancel", row(forum)["reference"])
    forum.settled()
    assert bounce(forum, shape("gmail_full", smtp.to(ANNA)[-1])) == "transient: mail 4, 4.2.2"


def test_policy_is_not_the_address_to_blame(make_daemon, smtp):
    forum = make_daemon({"workshop": workshop()}, mail={"bounce_address": "bounces@cluster.example",
                                                        "alarm_to": "admin@cluster.example"})
    join(forum, smtp)
    assert bounce(forum, shape("gmail_unauthenticated", smtp.one(ANNA))) == "policy: mail 1, 5.7.26"
    assert row(forum)["undeliverable_at"] is None
    assert forum.query("SELECT sort FROM bounces") == [{"sort": "policy"}]
    assert "5.7" in letters.body(smtp.one("admin@cluster.example").message, "plain")
    assert bounce(forum, shape("m365_banned", smtp.one(ANNA))) == "policy: mail 1, 5.7.606"
    forum.settled()
    smtp.one("admin@cluster.example")  # once an hour


@pytest.mark.parametrize("name, sort", [
    ("away_exchange", "automatic"), ("away_vacation", "automatic"), ("challenge", "automatic"), ("receipt", "automatic"),
    ("reply", "reply"), ("reply_postmaster", "reply"), ("reply_forwards_report", "reply"), ("postfix_success", "delivered")])
def test_what_is_no_bounce(forum, smtp, name, sort):
    join(forum, smtp)
    assert bounce(forum, shape(name, smtp.one(ANNA))) == sort
    forum.settled()
    assert row(forum)["undeliverable_at"] is None and not forum.query("SELECT * FROM bounce")
    assert counts(forum) == {sort: 1} and len(smtp.mails) == 1, "counted, never answered"


def test_whose_it_is(forum, smtp):
    join(forum, smtp)
    mail = smtp.one(ANNA)
    token, message_id = mail.sender[len("bounces+"):][:40], mail.message["Message-ID"].strip("<>")
    good = shape("postfix_unknown", mail).replace(mail.sender.encode(), b"bounces@cluster.example")
    no_id = good.replace(message_id.encode(), b"1.0123456789abcdef@cluster.example")
    forged = token[:-1] + ("b" if token[-1] != "b" else "c")

    def unknown(message, *arguments, **env):
        assert bounce(forum, message, *arguments, **env) == "unknown"
        assert not forum.query("SELECT * FROM bounce")

    unknown(no_id)
    unknown(no_id, "--recipient", f"bounces+{forged}@cluster.example")
    unknown(good, "--recipient", f"bounces+{forged}@cluster.example")  # the envelope is believed, not the headers
    unknown(shape("postfix_unknown", mail), ORIGINAL_RECIPIENT=f"bounces+{forged}@cluster.example")
    unknown(no_id, EXTENSION="a" * 40)
    link = letters.token_of(letters.manage_path(mail.message))
    unknown(no_id, "--recipient", f"bounces+{link}@cluster.example")  # made by us for something else

    for way, env in ((("--recipient", mail.sender.upper()), {}), ((), {"EXTENSION": token}),
                     ((), {"ORIGINAL_RECIPIENT": mail.sender}), ((), {"LOCAL_PART_SUFFIX": "+" + token}),
                     ((), {"LOCAL_PART_SUFFIX": "-" + token})):
        assert bounce(forum, no_id, *way, **env).startswith("permanent: mail 1"), (way, env)
    forum.execute("DELETE FROM bounce")
    assert bounce(forum, good).startswith("permanent: mail 1"), "by the Message-ID, which nobody can guess"


def test_hosts_have_domains_of_their_own(make_daemon, smtp):
    hosts = """( { id = "cluster"; name = "Cluster"; },
        { id = "project"; name = "Project"; from = "events@project.example"; },
        { id = "own"; name = "Own"; from = "events@own.example"; bounce_address = "back@own.example"; },
        { id = "below"; name = "Below"; from = "events@mail.cluster.example"; } )"""
    events = {slug: definition(slug, extra=f'host = "{slug}";') for slug in ("cluster", "project", "own", "below")}
    daemon = make_daemon(events, mail={"bounce_address": "bounces@cluster.example"}, hosts=hosts)
    for slug in events:
        assert daemon.sign_up(slug, f"{slug}@umed.example").status == 303
    daemon.settled()
    assert SENDER.match(smtp.one("cluster@umed.example").sender)
    assert smtp.one("project@umed.example").sender == "events@project.example", "SPF of another domain says nothing"
    assert re.match(r"back\+[a-z2-7]{40}@own\.example\Z", smtp.one("own@umed.example").sender)
    assert SENDER.match(smtp.one("below@umed.example").sender)


def test_without_the_setting(daemon, smtp):
    assert daemon.sign_up("workshop", ANNA).status == 303
    mail = smtp.one(ANNA)
    assert mail.sender == "events@cluster.example"
    back = (SHAPES / "postfix_unknown.eml").read_bytes().replace(MESSAGE_ID.encode(), mail.message["Message-ID"].strip("<>").encode())
    assert bounce(daemon, back).startswith("permanent: mail 1, 5.1.1")


def test_the_server_refuses_the_recipient(forum, smtp):
    assert forum.sign_up("workshop", "nouser@umed.example", country="LT", topic="data", idea="x", mode="onsite",
                         **{"session.a": "trust"}).status == 303
    told = smtp.one("events@cluster.example").message
    assert "nouser@umed.example" in letters.body(told, "plain")
    assert row(forum)["undeliverable_why"] == "550 5.1.1 no such user"
    assert [m["state"] for m in mails(forum, "confirmed")] == ["failed"]
    assert forum.sign_up("workshop", "data5@umed.example", country="LT", topic="data", idea="x", mode="onsite",
                         **{"session.a": "trust"}).status == 303
    eventually(lambda: [m["state"] for m in mails(forum, "confirmed")] == ["failed", "failed"])
    assert row(forum, 2)["undeliverable_at"] is None, "5.7.1 is about us"


def test_answers_of_calendars(forum, smtp):
    path = join(forum, smtp)
    mail = smtp.one(ANNA)
    uid = letters.event_of(letters.calendar(mail.message))["UID"]
    name = uid.split("@")[0]

    def answer(shape_name, uid_name=name, address=ANNA):
        text = (SHAPES / f"{shape_name}.eml").read_text().replace(UID[:20] + "\n " + UID[20:], uid_name)
        text = text.replace("4f7k2q9.health-summi\n t", uid_name).replace(ADDRESS, address)
        return bounce(forum, text.encode())

    assert answer("calendar_accepted") == "calendar: registration 1, accepted"
    assert answer("calendar_accepted") == "calendar: registration 1, accepted"
    assert answer("calendar_tentative") == "calendar: registration 1, tentative"
    assert answer("calendar_accepted", name[:-1]) == "unknown"
    assert answer("calendar_accepted", "zzzzzzz.workshop") == "unknown"
    assert answer("calendar_accepted", address="someone@else.example") == "unknown", "who shares the calendar"
    assert [r["answer"] for r in forum.query("SELECT answer FROM calendar_reply")] == ["accepted", "tentative"]
    shown = forum.ctl_json("registration", "show", row(forum)["reference"])
    assert [r["answer"] for r in shown["calendar_replies"]] == ["accepted", "tentative"]
    assert json.loads(forum.browser().get(path + "/data.json").body)["calendar_replies"][1]["answer"] == "tentative"
    forum.settled()
    assert row(forum)["status"] == "confirmed" and len(smtp.mails) == 1, "noted, never acted on"


def test_erased_is_erased(forum, smtp):
    path = join(forum, smtp)
    mail = smtp.one(ANNA)
    bounce(forum, shape("gmail_full", mail))
    bounce(forum, shape("postfix_unknown", mail))
    forum.execute("INSERT INTO calendar_reply (registration_id, at, answer) VALUES (1, 1, 'declined')")
    page = forum.browser().get(path + "/erase")
    assert forum.browser().post(page.form.action, {}).status in (200, 303)
    forum.settled()
    assert row(forum)["status"] == "erased" and row(forum)["undeliverable_why"] is None
    assert {b["reply"] for b in forum.query("SELECT reply FROM bounce")} == {None}
    assert not forum.query("SELECT * FROM calendar_reply") and not forum.query("SELECT * FROM undeliverable")
    # what comes back now is noted without a word
    assert bounce(forum, shape("postfix_headers_only", mail)) == "permanent: mail 1, 5.2.1"
    assert {b["reply"] for b in forum.query("SELECT reply FROM bounce")} == {None}
    assert not [r for table in ("bounce", "mail", "registration", "audit", "meta")
                for r in forum.query(f"SELECT * FROM {table}") if "anna@" in str(dict(r)).lower()]


def test_as_a_mail_server_sees_it(forum, smtp):
    join(forum, smtp)
    for hostile in (b"", b"\0" * 100_000, b"\xff" * 3_000_000, b"To: a@b.example\n" * 200_000, b"From x\n\n"):
        assert bounce(forum, hostile) in ("reply", "automatic")
    code, said, errors = forum.ctl("bounce", "--wrong", code=None)
    assert code == 75 and not said and "--recipient" in errors
    key = Path(str(forum.database) + ".key")
    hidden = key.rename(key.with_suffix(".hidden"))
    assert forum.ctl("bounce", code=None, given=b"x")[0] == 75
    hidden.rename(key)
    store = forum.database.rename(forum.database.with_suffix(".hidden"))
    assert forum.ctl("bounce", code=None, given=b"x")[0] == 75
    store.rename(forum.database)
    config = forum.config.rename(forum.config.with_suffix(".hidden"))
    assert forum.ctl("bounce", code=None, given=b"x")[0] == 75
    config.rename(forum.config)
