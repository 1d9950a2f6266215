# SPDX-License-Identifier: EUPL-1.2
"""Another email address: only who reads it can put it in the place of the old one, and nobody learns who is registered."""
import json
import re

import pytest
from harness import letters
from harness.own import ANNA, ANSWERS, NEW, SESSIONS, ask_address, join, new_address_path, row, unchanged, workshop
from harness.wait import eventually


@pytest.fixture
def forum(make_daemon):
    return make_daemon({"workshop": workshop()})


def test_another_address_the_whole_way(forum, smtp):
    path = join(forum, smtp)
    page = unchanged(forum, lambda: forum.browser().get(path + "/address"))
    assert ANNA in page.text and page.form.values["email"] == ""
    sent = ask_address(forum, path, f" {NEW} ")
    assert sent.status == 303 and sent.location == path + "/address"
    page = forum.browser().follow(sent)
    assert NEW in page.text and "Open the link in it by" in page.text
    assert NEW in forum.browser().get(path).text, "the own page tells too"
    forum.settled()
    mail = smtp.one(NEW).message
    assert "/r/" not in letters.body(mail, "plain") and "Anna" not in letters.body(mail, "plain"), "it may have been mistyped"
    link = new_address_path(mail)
    page = unchanged(forum, lambda: forum.browser().get(link))
    assert page.status == 200 and NEW in page.text and ANNA not in page.text and "Anna" not in page.text
    assert forum.browser().head(link).status == 200
    done = forum.browser().post(page.form.action, {})
    assert done.status == 200 and "Your email address is changed" in done.text
    stored = row(forum)
    assert stored["email"] == NEW and stored["dedupe"] == NEW and stored["status"] == "confirmed" and stored["version"] == 2
    forum.settled()
    assert forum.browser().get(path).status == 404 and forum.browser().get(path + "/data.json").status == 404, "dead"
    fresh = "/en/r/" + letters.token_of(letters.manage_path(smtp.to(NEW)[-1].message))
    assert fresh != path and NEW in forum.browser().get(fresh).text
    told = smtp.to(ANNA)[-1].message
    assert told["Subject"].startswith("Your email address has changed") and NEW not in letters.body(told, "plain")
    assert not re.search(r"/r/[a-z2-7]{40}", letters.body(told, "plain"))
    for ask in (lambda: forum.browser().get(link), lambda: forum.browser().post(link, {})):
        used = unchanged(forum, ask)
        assert used.status == 410 and not used.has_form and "no longer good" in used.text
    audit = [a["action"] for a in forum.query("SELECT action FROM audit WHERE registration_id = 1 ORDER BY id")]
    assert audit == ["sign_up", "ask_address", "change_address"]
    assert not forum.query("SELECT * FROM audit WHERE data LIKE '%@%'")
    assert forum.query("SELECT email FROM address_change") == [{"email": None}]
    # the old address is free again, the new one is known
    assert forum.sign_up("workshop", NEW, **ANSWERS).status == 303
    assert len(forum.query("SELECT * FROM registration")) == 1
    assert forum.sign_up("workshop", ANNA, **ANSWERS).status == 303
    assert len(forum.query("SELECT * FROM registration")) == 2
    forum.ctl("verify")


def test_nobody_learns_who_is_registered(forum, smtp):
    join(forum, smtp, "bert@umed.example")
    path = join(forum, smtp)
    answers = {}
    for address in ("bert@umed.example", "nobody@umed.example"):
        answer = ask_address(forum, path, address)
        page = forum.browser().follow(answer)
        answers[address] = (answer.status, answer.location, page.html.replace(address, "X"))
    assert len(set(answers.values())) == 1
    forum.settled()
    link = new_address_path(smtp.to("nobody@umed.example")[-1].message)
    old = new_address_path(smtp.to("bert@umed.example")[-1].message)
    assert forum.browser().get(old).status == 410, "only the newest is good"
    assert forum.browser().get(link).status == 200
    assert ask_address(forum, path, "bert@umed.example").status == 303
    forum.settled()
    taken = unchanged(forum, lambda: forum.browser().post(new_address_path(smtp.to("bert@umed.example")[-1].message), {}))
    assert taken.status == 409 and "another registration with this address" in taken.text
    assert forum.browser().get(path).status == 200


def test_what_is_no_new_address(forum, smtp):
    path = join(forum, smtp)
    for typed, sentence in (("", "Enter an email address"), ("a@b", "Enter an email address"), (ANNA, "write to already"),
                            ("anna@umed.example\nBcc: x@umed.example", "Enter an email address"),
                            ("õun@umed.example", "plain letters")):
        page = unchanged(forum, lambda: ask_address(forum, path, typed))
        assert page.status == 422 and page.form.wrong() == ["email"] == page.summary_names() and sentence in page.text, typed
        assert page.title.startswith("Error: ")


def test_an_address_that_is_not_confirmed_in_a_day(forum, smtp):
    path = join(forum, smtp)
    ask_address(forum, path, NEW)
    forum.settled()
    link = new_address_path(smtp.one(NEW).message)
    forum.pass_time(86401)
    assert forum.browser().get(link).status == 410 and forum.browser().post(link, {}).status == 410
    assert NEW not in forum.browser().get(path).text and row(forum)["email"] == ANNA
    eventually(lambda: forum.query("SELECT email FROM address_change") == [{"email": None}], 15, "it is forgotten")


def test_the_mailbox_is_not_filled(make_daemon, smtp):
    daemon = make_daemon({"workshop": workshop()}, limits={"mails_per_address_per_hour": 2})
    path = join(daemon, smtp)
    for _ in range(2):
        assert ask_address(daemon, path, NEW).status == 303
    refused = unchanged(daemon, lambda: ask_address(daemon, path, NEW))
    assert refused.status == 429 and "within an hour" in refused.text and refused.form.values["email"] == NEW
    assert 1 <= int(refused.header("Retry-After")) <= 3600


def test_other_tokens_take_no_address(forum, smtp):
    path = join(forum, smtp)
    ask_address(forum, path, NEW)
    forum.settled()
    token = letters.token_of(new_address_path(smtp.one(NEW).message))
    for other in (letters.token_of(path), token[:-1] + ("a" if token[-1] != "a" else "b"), token[:-1], "a" * 40):
        assert forum.browser().get("/a/" + other).status == 404
        assert unchanged(forum, lambda: forum.browser().post("/a/" + other, {})).status == 404
    assert forum.browser().get("/r/" + token).status == 404
    assert "Disallow: /a/" in forum.browser().get("/robots.txt").html


def test_a_mail_that_waits_goes_to_the_new_address(forum, smtp):
    path = join(forum, smtp)
    ask_address(forum, path, NEW)
    forum.settled()
    link = new_address_path(smtp.one(NEW).message)
    forum.execute("UPDATE mail SET state = 'deferred', due_at = due_at + 86400 WHERE kind = 'confirmed'")
    assert forum.browser().post(link, {}).status == 200
    assert forum.query("SELECT recipient FROM mail WHERE kind = 'confirmed'") == [{"recipient": NEW}]


def cap_rows(daemon):
    return {row["key"]: (row["taken"], row["waiting"]) for row in daemon.query(
        "SELECT key, taken, waiting FROM place WHERE kind = 'cap'")}


def test_another_address_counts_for_the_limit_of_its_domain(make_daemon, smtp):
    """It went on counting for the domain of the address that was given up."""
    limit = SESSIONS + 'caps = ( { by = "organisation"; max = 1; } );\n'
    daemon = make_daemon({"workshop": workshop(extra=limit, waiting_list=True)})
    path = join(daemon, smtp)
    join(daemon, smtp, "bert@clinic.example")
    assert daemon.sign_up("workshop", "carl@umed.example", **ANSWERS).status == 303
    assert cap_rows(daemon) == {"org:@umed.example": (1, 1), "org:@clinic.example": (1, 0)}

    def take(email):
        ask_address(daemon, path, email)
        daemon.settled()
        return daemon.browser().post(new_address_path(smtp.to(email)[-1].message), {})

    full = take("anna@clinic.example")
    assert full.status == 409 and "limit for people of one organisation" in full.text
    assert row(daemon)["email"] == ANNA and cap_rows(daemon)["org:@umed.example"] == (1, 1)
    assert take("anna@academy.example").status == 200
    assert row(daemon)["email"] == "anna@academy.example" and row(daemon)["status"] == "confirmed"
    assert cap_rows(daemon) == {"org:@umed.example": (1, 0), "org:@clinic.example": (1, 0), "org:@academy.example": (1, 0)}
    assert row(daemon, 3)["status"] == "offered", "what is counted no more goes to who waits"
    daemon.ctl("verify")


def test_another_address_counts_while_an_offer_is_open(make_daemon, smtp):
    limit = SESSIONS + 'caps = ( { by = "organisation"; max = 1; } );\n'
    daemon = make_daemon({"workshop": workshop(extra=limit, waiting_list=True)})
    _, _, path, _ = [join(daemon, smtp, email) for email in ("bert@umed.example", "dora@clinic.example", ANNA, "carl@umed.example")]
    daemon.ctl("registration", "cancel", row(daemon)["reference"])
    daemon.settled()
    assert [row(daemon, n)["status"] for n in (3, 4)] == ["offered", "waitlisted"]

    def take(email):
        ask_address(daemon, path, email)
        daemon.settled()
        return daemon.browser().post(new_address_path(smtp.to(email)[-1].message), {})

    assert take("anna@clinic.example").status == 409
    assert cap_rows(daemon) == {"org:@umed.example": (1, 1), "org:@clinic.example": (1, 0)}
    assert take("anna@academy.example").status == 200
    assert cap_rows(daemon) == {"org:@umed.example": (1, 0), "org:@clinic.example": (1, 0), "org:@academy.example": (1, 0)}
    assert [row(daemon, n)["status"] for n in (3, 4)] == ["offered", "offered"], "what is counted no more goes to who waits"
    held, = daemon.query("SELECT places FROM offer WHERE registration_id = 3 AND ended_at IS NULL")
    claimed = daemon.query("SELECT place_id, state FROM claim WHERE registration_id = 3 ORDER BY place_id")
    assert sorted(json.loads(held["places"])) == [c["place_id"] for c in claimed]
    assert {c["state"] for c in claimed} == {"held"}
    daemon.ctl("verify")


def test_an_address_of_who_waits_counts_for_the_limit_of_its_domain(make_daemon, smtp):
    limit = SESSIONS + 'caps = ( { by = "organisation"; max = 1; } );\n'
    daemon = make_daemon({"workshop": workshop(extra=limit, waiting_list=True)})
    join(daemon, smtp, "bert@umed.example")
    path = join(daemon, smtp)
    assert row(daemon, 2)["status"] == "waitlisted"
    ask_address(daemon, path, "anna@gmail.com")
    daemon.settled()
    assert daemon.browser().post(new_address_path(smtp.to("anna@gmail.com")[-1].message), {}).status == 200
    assert cap_rows(daemon)["org:@umed.example"] == (1, 0) and row(daemon, 2)["status"] == "offered"
    daemon.ctl("verify")
