# SPDX-License-Identifier: EUPL-1.2
"""Erasure: nothing of a person is left, or only what proves that he took part, until its day."""
import json
import re

import pytest
from harness import letters
from harness.own import (
    ANSWERS, EVIDENCE, NEW, SESSIONS, ask_address, claims, join, new_address_path, persons, row,
    unchanged, workshop
)
from harness.wait import eventually


@pytest.fixture
def forum(make_daemon):
    return make_daemon({"workshop": workshop()})


PERSON = ("Kowalska", "umed.example", "Secret idea", "Hidden institute")


def test_erased_before_the_event(make_daemon, smtp):
    daemon = make_daemon({"workshop": workshop(extra=SESSIONS + EVIDENCE, waiting_list=True)})
    path = join(daemon, smtp, idea="Secret idea", organisation="Hidden institute", **{"session.a": "data"})
    ask_address(daemon, path, NEW)
    other = join(daemon, smtp, "other@else.example", name="Somebody", **{"session.a": "data"})
    assert row(daemon, 2)["status"] == "waitlisted"
    page = unchanged(daemon, lambda: daemon.browser().get(path + "/erase"))
    assert page.status == 200 and "your place becomes free" in page.text and "must be kept" not in page.text
    assert path + "/data.json" in page.links
    assert persons(daemon.dump(), *PERSON) == list(PERSON)
    done = daemon.browser().post(page.form.action, {})
    assert done.status == 200 and "Your data is erased" in done.text and "Kowalska" not in done.text
    daemon.settled()
    assert persons(daemon.dump(), *PERSON) == []
    assert row(daemon)["status"] == "erased" and claims(daemon) == set()
    assert daemon.browser().get(path).status == 404 and daemon.browser().post(path + "/erase", {}).status == 404
    assert row(daemon, 2)["status"] == "offered", "the place went on"
    audit = daemon.query("SELECT action, to_status, data FROM audit WHERE registration_id = 1 ORDER BY id")[-1]
    assert audit == {"action": "erase", "to_status": "erased", "data": None}
    assert len(daemon.query("SELECT * FROM consents")) == 0
    assert daemon.browser().get(other).status == 200
    daemon.ctl("verify")


def test_what_has_ended_is_erased_too(forum, smtp):
    path = join(forum, smtp)
    forum.browser().post(path + "/cancel", {"reason": "date"})
    assert forum.browser().post(path + "/erase", {}).status == 200
    forum.settled()
    assert persons(forum.dump(), *PERSON) == [] and row(forum)["status"] == "erased"
    forum.ctl("verify")


def test_evidence_is_kept_and_nothing_else(make_daemon, smtp):
    daemon = make_daemon({"workshop": workshop(extra=SESSIONS + EVIDENCE)})
    path = join(daemon, smtp, idea="Secret idea", organisation="Hidden institute")
    daemon.set_time("2027-03-18T08:00:00Z")
    page = daemon.browser().get(path + "/erase")
    assert "What must be kept" in page.text and "31 December 2032" in page.text
    done = daemon.browser().post(page.form.action, {})
    assert done.status == 303 and done.location == path
    daemon.settled()
    assert persons(daemon.dump(), *PERSON) == ["Kowalska", "Hidden institute"]
    stored = row(daemon)
    assert stored["status"] == "confirmed" and stored["restricted_at"] and stored["email"] is None
    assert json.loads(stored["answers"]) == {"country": "LT", "organisation": "Hidden institute"}
    assert claims(daemon) == {"onsite", "trust"}
    own = daemon.browser().follow(done)
    assert own.status == 200 and "31 December 2032" in own.text and "Not given" not in own.text
    for tail in ("/change", "/address", "/cancel", "/erase"):
        assert path + tail not in own.links
        for ask in (lambda: daemon.browser().get(path + tail),
                    lambda: daemon.browser().post(path + tail, {"_version": "2", "email": NEW, **ANSWERS})):
            assert unchanged(daemon, ask).location == path, tail
    data = json.loads(daemon.browser().get(path + "/data.json").body)
    assert data["registration"]["restricted_at"] and data["registration"]["name"] and data["registration"]["email"] is None
    assert [h["action"] for h in data["history"]] == ["sign_up", "restrict"]
    daemon.ctl("verify")
    daemon.ctl("registration", "cancel", stored["reference"], code=None)
    assert row(daemon)["status"] == "confirmed", "organisers cannot act on it either"


def test_evidence_goes_on_its_day(make_daemon, smtp):
    daemon = make_daemon({"workshop": workshop(extra=SESSIONS + EVIDENCE)})
    path = join(daemon, smtp)
    daemon.set_time("2027-03-19T08:00:00Z")
    daemon.browser().post(path + "/erase", {})
    daemon.set_time("2032-12-31T12:00:00Z")
    daemon.settled()
    assert row(daemon)["name"]
    daemon.set_time("2033-01-01T00:00:00Z")
    eventually(lambda: row(daemon)["status"] == "erased", 15, "erased when the evidence is no longer due")
    daemon.settled()
    assert persons(daemon.dump(), *PERSON) == [] and daemon.browser().get(path).status == 404
    daemon.ctl("verify")


def test_without_a_duty_nothing_is_kept(forum, smtp):
    path = join(forum, smtp)
    forum.set_time("2027-03-19T08:00:00Z")
    assert forum.browser().post(path + "/erase", {}).status == 200
    forum.settled()
    assert persons(forum.dump(), *PERSON) == []


def test_all_languages_say_it(make_daemon, smtp):
    daemon = make_daemon({"workshop": workshop(extra=SESSIONS + EVIDENCE)})
    path = join(daemon, smtp, **{"session.b": "care"})
    ask_address(daemon, path, NEW)
    daemon.settled()
    link = new_address_path(smtp.one(NEW).message)
    token = letters.token_of(path)
    for language in ("en", "et", "lt"):
        for tail in ("", "/change", "/address", "/release?place=care", "/erase"):
            page = daemon.browser().get(f"/{language}/r/{token}{tail}")
            assert page.status == 200 and page.language == language, tail
            assert not re.search(r"\b(manage|change|address|release|erase|evidence|new_address)\.[a-z]", page.text) and "{{" not in page.text
        page = daemon.browser().get(f"/{language}/a/{letters.token_of(link)}")
        assert page.status == 200 and page.language == language and "new_address." not in page.text
