# SPDX-License-Identifier: EUPL-1.2
"""Drafts: nobody sees them but who has the signed link, nothing is taken in there, and the link can be revoked."""
import re
from urllib.parse import urlsplit

import pytest
from harness.definitions import ALL_FIELDS, definition

DRAFT = definition("plan", title="The secret plan", fields=ALL_FIELDS, waiting_list=True,
                   extra='visibility = "draft"; series = "spring";')


@pytest.fixture
def drafted(make_daemon):
    return make_daemon({"plan": DRAFT, "open": definition("open", extra='series = "spring";')})


def link(daemon, *more):
    said = daemon.ctl("event", "preview", "plan", *more).strip()
    assert re.fullmatch(re.escape(daemon.base_url) + r"/e/plan\?preview=[a-z2-7]{40}", said), said
    parts = urlsplit(said)
    return f"{parts.path}?{parts.query}"


def test_a_draft_is_not_there(drafted):
    browser = drafted.browser()
    for path in ("/e/plan", "/lt/e/plan", "/e/plan.ics", "/e/plan/find", "/e/plan/privacy", "/e/plan?preview=", "/e/plan?preview=x",
                 "/e/plan?preview=" + "a" * 40, "/e/plan/privacy?preview=" + "a" * 40):
        answer = browser.get(path)
        assert answer.status == 404, path
        assert "secret" not in answer.html
    assert browser.post("/e/plan", {"name": "A", "email": "a@b.example"}).status == 404
    assert browser.post("/e/plan?preview=" + "a" * 40, {"name": "A"}).status == 404
    assert "secret" not in browser.get("/").html and "secret" not in browser.get("/e/open").html


def test_the_link_shows_it(drafted):
    path = link(drafted)
    page = drafted.browser().get("/en" + path)
    assert page.status == 200 and page.header("Cache-Control") == "no-store"
    assert page.title.startswith("Draft: The secret plan")
    assert "Only people with this link see this page" in page.text
    assert [e.get("content") for e in page.tree.all("meta", name="robots")] == ["noindex"]
    assert page.by_id("email") is not None, "the form is there to be looked at"
    assert "/en/e/open" in page.links, "the others of its series"
    token = path.split("=")[1]
    own = [link.partition("#")[0] for link in page.links if "/e/plan" in link]
    assert own and all(link.endswith("?preview=" + token) for link in own), own
    for language in ("en", "lt"):
        assert drafted.browser().get(f"/{language}{path}").language == language
    notice = drafted.browser().get(f"/en/e/plan/privacy?preview={token}")
    assert notice.status == 200 and notice.header("Cache-Control") == "no-store"
    assert [e.get("content") for e in notice.tree.all("meta", name="robots")] == ["noindex"]


def test_what_is_sent_is_not_kept(drafted):
    page = drafted.browser().get("/en" + link(drafted))
    form = page.form
    typed = {**form.values, "name": "Ona", "email": "ona@umed.example", "idea": "A map"}
    answer = drafted.browser().post(form.action, typed)
    assert answer.status == 422 and "country" in answer.form.wrong(), "what visitors are told is told here too"
    answer = drafted.browser().post(form.action, {**typed, "country": "LT", "terms": "yes"})
    assert answer.status == 409
    assert "This is a draft. Nothing was saved" in answer.text
    assert answer.form.values["name"] == "Ona" and answer.form.values["idea"] == "A map"
    assert answer.form.action == form.action
    assert drafted.query("SELECT count(*) AS n FROM registrations")[0]["n"] == 0
    assert drafted.query("SELECT count(*) AS n FROM mail_log")[0]["n"] == 0


def test_the_whole_form_can_be_walked(make_daemon):
    """The page of the answers and the optional one are looked at before anybody else sees them."""
    gender = '{ id = "gender"; type = "choice"; label = "Gender"; after_review = true; options = ( { id = "f"; label = "F"; } ); }'
    daemon = make_daemon({"plan": definition("plan", fields=(*ALL_FIELDS, gender),
                                             extra='visibility = "draft"; review = true; group_max = 3;')})
    path = link(daemon)
    page = daemon.browser().get("/en" + path)
    before = daemon.dump()
    typed = {**page.form.values, "name": "Ona", "email": "ona@umed.example", "country": "LT", "terms": "yes", "idea": "A map"}

    def send(page, **more):
        form = next(form for form in page.forms if form.action.endswith(path))
        answer = daemon.browser().post(form.action, {**form.values, **more})
        assert "nothing that is sent from here is kept" in answer.text, "each page says so"
        assert not [link for link in answer.links if "/find" in link]
        return answer

    grown = send(page, _guests="1", _add="yes")
    assert grown.status == 200 and "guest.1.name" in grown.form.controls
    review = daemon.browser().post(page.form.action, typed)
    assert review.status == 200 and "A map" in review.text and "Check" in review.title
    back = send(review, _edit="idea")
    assert back.status == 200 and back.form.values["idea"] == "A map"
    optional = send(review, _reviewed="yes")
    assert optional.status == 200 and optional.by_id("gender") is not None or "gender" in optional.form.controls
    end = send(optional, gender="f", _optional="send")
    assert end.status == 409 and "This is a draft. Nothing was saved" in end.text and end.form.values["name"] == "Ona"
    assert daemon.dump() == before


def test_a_link_is_revoked_at_once(drafted):
    old = link(drafted)
    assert old == link(drafted), "the same until it is revoked"
    new = link(drafted, "--revoke")
    assert new != old
    browser = drafted.browser()
    assert browser.get(old).status == 404 and browser.get(new).status == 200
    again = link(drafted, "--revoke")
    assert browser.get(new).status == 404 and browser.get(old).status == 404 and browser.get(again).status == 200
    assert [row["action"] for row in drafted.query("SELECT action FROM audit WHERE action LIKE '%preview'")] == ["revoke_preview"] * 2


def test_a_link_is_of_one_event_and_of_one_purpose(drafted):
    drafted.write_event("other", definition("other", title="The other plan", extra='visibility = "draft";'))
    drafted.reload()
    token = link(drafted).split("=")[1]
    browser = drafted.browser()
    assert browser.get(f"/e/other?preview={token}").status == 404
    assert browser.get(f"/r/{token}").status == 404 and browser.get(f"/n/{token}").status == 404
    assert browser.get("/e/open?preview=x").status == 200, "a public event needs no link"


def test_a_draft_becomes_public(drafted):
    path = link(drafted)
    drafted.write_event("plan", DRAFT.replace('visibility = "draft";', ""))
    drafted.reload()
    page = drafted.browser().get("/en" + path)
    assert page.status == 200 and "Draft" not in page.title and not page.tree.all("meta", name="robots")
    assert page.header("Cache-Control") == "private, no-cache"
    assert drafted.sign_up("plan", "ona@umed.example", name="Ona", country="LT", terms="yes").status == 303
    code, _, errors = drafted.ctl("event", "preview", "plan", code=None)
    assert code == 1 and "is no draft" in errors


def test_unlisted_events_are_there_but_not_listed(make_daemon):
    daemon = make_daemon({"quiet": definition("quiet", title="The quiet one", extra='visibility = "unlisted";')})
    page = daemon.browser().get("/en/e/quiet")
    assert page.status == 200 and [e.get("content") for e in page.tree.all("meta", name="robots")] == ["noindex"]
    assert "quiet" not in daemon.browser().get("/").html
    assert daemon.sign_up("quiet", "ona@umed.example", name="Ona").status == 303


def test_wrong_uses(drafted):
    assert drafted.ctl("event", "preview", "none", code=None)[0] == 1
    for arguments in ((), ("preview",), ("preview", "plan", "open"), ("preview", "plan", "--now"), ("shown", "plan")):
        code, out, errors = drafted.ctl("event", *arguments, code=None)
        assert code == 2 and "usage" in errors and not out, arguments


def test_looking_up_links_is_limited(make_daemon):
    daemon = make_daemon({"plan": DRAFT}, limits={"burst": 3, "per_minute": 1})
    browser = daemon.browser()
    path = link(daemon)
    far = {"X-Forwarded-For": "203.0.113.7"}
    answers = [browser.get("/e/plan?preview=" + "a" * 40, **far).status for _ in range(3)]
    assert answers == [404, 404, 404]
    assert browser.get(path, **far).status == 429
    assert browser.get(path.replace("?", "/privacy?"), **far).status == 429
    assert browser.get(path, **{"X-Forwarded-For": "198.51.100.7"}).status == 200
