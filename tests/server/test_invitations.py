# SPDX-License-Identifier: EUPL-1.2
"""Invitations: links that let somebody in without approval or to places that are kept, as often as they may be used."""
import re
from urllib.parse import urlsplit

import pytest
from harness.definitions import EMAIL, NAME, TOPIC, definition
from harness.wait import eventually

RESERVE = 'reserves = ( { id = "speakers"; size = 1; } );'
FIELDS = (NAME, EMAIL, TOPIC)


@pytest.fixture
def daemon(make_daemon):
    return make_daemon({
        "forum": definition("forum", fields=FIELDS, capacity=5, extra='approval = "manual";'),
        "summit": definition("summit", fields=FIELDS, capacity=2, extra=RESERVE),
    })


def invite(daemon, *options, slug="forum"):
    """The new invitation's path with its query."""
    link = daemon.ctl("invitation", "create", "--event", slug, *options).strip()
    assert link.startswith(daemon.base_url)
    parts = urlsplit(link)
    assert re.fullmatch(r"invite=[a-z2-7]{40}", parts.query)
    return f"{parts.path}?{parts.query}"


def opened(daemon, path, language="en"):
    page = daemon.browser().get(f"/{language}{path}")
    assert page.status == 200
    daemon.pass_time(4)
    return page


def sent(daemon, page, person, **values):
    form = page.form
    return daemon.browser().post(form.action, {**form.values, "name": person.capitalize(), "email": f"{person}@umed.example",
                                               **values})


def status(daemon, person):
    rows = daemon.query("SELECT status FROM registrations WHERE email = ?", (f"{person}@umed.example",))
    return rows[0]["status"] if rows else None


def used(daemon, slug="forum"):
    return [row["used"] for row in daemon.ctl_json("invitation", "list", "--event", slug)]


def test_the_invited_need_no_approval_once(daemon, smtp):
    path = invite(daemon)
    page = opened(daemon, path)
    assert "You are invited" in page.text and "needs no approval" in page.text
    assert page.form.values["_invite"] in path
    assert page.header("Cache-Control") == "no-store"
    assert page.tree.all("meta", name="robots")[0].get("content") == "noindex"
    assert used(daemon) == [0]
    answer = sent(daemon, page, "anna")
    assert answer.status == 303
    assert status(daemon, "anna") == "confirmed" and used(daemon) == [1]
    assert daemon.sign_up("forum", "bela@umed.example").status == 303
    assert status(daemon, "bela") == "awaiting_approval"

    # it is used up: the old form comes back without it, the link says so, and one may register like anybody else
    back = sent(daemon, page, "cara")
    assert back.status == 409 and "invitation has ended" in back.text
    assert "_invite" not in back.form.values and back.form.values["name"] == "Cara"
    assert sent(daemon, back, "cara").status == 303 and status(daemon, "cara") == "awaiting_approval"
    again = opened(daemon, path)
    assert "This invitation is not valid" in again.text and "_invite" not in again.form.values
    assert daemon.ctl_json("registration", "show", daemon.query(
        "SELECT reference FROM registrations WHERE email LIKE 'anna%'")[0]["reference"])["invitation"][0]["invitation"] == 1
    daemon.settled()
    assert daemon.ctl_json("verify")["ok"]
    token = path.partition("=")[2]
    assert token not in daemon.log()
    assert not any(token in line for line in daemon.dump())


def test_a_cancelled_place_gives_the_use_back(daemon):
    path = invite(daemon)
    assert sent(daemon, opened(daemon, path), "anna").status == 303
    daemon.ctl("registration", "cancel", daemon.query("SELECT reference FROM registrations")[0]["reference"])
    assert used(daemon) == [0]
    assert sent(daemon, opened(daemon, path), "bela").status == 303 and status(daemon, "bela") == "confirmed"


def test_an_invitation_for_one_address(daemon):
    path = invite(daemon, "--email", "Anna@umed.example", "--note", "Keynote")
    page = opened(daemon, path)
    assert page.form.values["email"] == "anna@umed.example" and "The invitation is for anna@umed.example" in page.text
    other = sent(daemon, page, "bela")
    assert other.status == 422 and other.form.wrong() == ["email"]
    assert "This invitation is for another address" in other.text
    assert other.form.values["_invite"] == page.form.values["_invite"]
    assert sent(daemon, other, "x", email="ANNA@umed.example").status == 303
    assert [(r["email"], r["note"], r["used"]) for r in daemon.ctl_json("invitation", "list", "--event", "forum")] == [
        ("anna@umed.example", "Keynote", 1)]


def test_a_reserve_is_for_the_invited(daemon):
    path = invite(daemon, "--reserve", "speakers", "--uses", "2", slug="summit")
    assert daemon.sign_up("summit", "anna@umed.example").status == 303
    full = daemon.browser().get("/en/e/summit")
    assert not full.has_form  # the second place is kept
    page = opened(daemon, path)
    assert page.has_form
    wrong = sent(daemon, page, "speaker", email="nonsense")
    assert wrong.status == 422 and wrong.form.wrong() == ["email"]
    assert sent(daemon, wrong, "speaker").status == 303 and status(daemon, "speaker") == "confirmed"
    assert daemon.query("SELECT kind, place, taken FROM places WHERE event = 'summit' AND kind <> 'mode' ORDER BY kind") == [
        {"kind": "cap", "place": "invite:1", "taken": 1}, {"kind": "reserve", "place": "speakers", "taken": 1}]
    assert not opened(daemon, path).has_form  # the reserve is gone, one use is left
    assert sent(daemon, page, "second").status == 409
    daemon.settled()
    assert daemon.ctl_json("verify")["ok"]


def test_a_released_reserve_opens_nothing_for_the_invited(make_daemon):
    daemon = make_daemon({"summit": definition("summit", fields=FIELDS, capacity=2, extra=RESERVE.replace(
        "size = 1;", 'size = 1; release = "2027-02-01T12:00";'))})
    path = invite(daemon, "--reserve", "speakers", slug="summit")
    assert daemon.sign_up("summit", "anna@umed.example").status == 303
    assert opened(daemon, path).has_form
    daemon.set_time("2027-02-01T10:00:01Z")
    eventually(lambda: daemon.browser().get("/en/e/summit").has_form, 15, "it is everybody's")
    assert daemon.sign_up("summit", "joe@umed.example").status == 303
    assert not opened(daemon, path).has_form


def test_what_ends_an_invitation(daemon):
    revoked, expiring = invite(daemon), invite(daemon, "--expires", "2027-01-20")
    elsewhere = invite(daemon, slug="summit").replace("/e/summit", "/e/forum")
    forms = [opened(daemon, path) for path in (revoked, expiring)]
    assert all("_invite" in page.form.values for page in forms)
    assert daemon.ctl_json("invitation", "revoke", "1") == {"invitation": 1, "result": "revoked"}
    assert daemon.ctl_json("invitation", "revoke", "1")["result"] == "already"
    assert daemon.ctl("invitation", "revoke", "9", code=None)[0] == 1
    daemon.set_time("2027-01-20T21:59:00Z")  # it is still the 20th in Vilnius
    assert "You are invited" in opened(daemon, expiring).text
    daemon.set_time("2027-01-20T22:00:00Z")
    whole = revoked.partition("=")[2]
    for path in (revoked, expiring, elsewhere, f"/e/forum?invite={whole[:-1]}", "/e/forum?invite=",
                 f"/e/forum?invite={whole[:-1]}{'a' if whole[-1] != 'a' else 'e'}"):
        page = opened(daemon, path)
        assert "This invitation is not valid" in page.text, path
        assert page.header("Cache-Control") == "no-store" and "_invite" not in page.form.values
    for page in forms:
        assert sent(daemon, page, "anna").status == 409
    assert daemon.query("SELECT count(*) AS n FROM registration") == [{"n": 0}]
    assert daemon.browser().get("/en/e/nothing?invite=x").status == 404
    assert daemon.browser().post("/en/e/nothing", {"_invite": whole}).status == 404


def test_the_page_without_invitation_stays_as_it_was(daemon):
    before = daemon.browser().get("/en/e/forum")
    path = invite(daemon)
    invited = opened(daemon, path)
    after = daemon.browser().get("/en/e/forum")
    assert "_invite" not in after.form.values and "You are invited" not in after.text
    assert after.header("Cache-Control") == before.header("Cache-Control") == "private, no-cache"
    languages = [link for link in invited.links if "invite=" in link]
    assert f"/lt{path}" in languages and "Jūs pakviesti" in daemon.browser().get(f"/lt{path}").text


def test_list_and_wrong_use(daemon):
    link = daemon.ctl_json("invitation", "create", "--event", "forum", "--uses", "3")
    assert (link["invitation"], link["uses"]) == (1, 3)
    invite(daemon, "--expires", "2027-02-01")
    listed = daemon.ctl_json("invitation", "list", "--event", "forum")
    assert [(r["invitation"], r["uses"], r["expires_at"], "link" in r) for r in listed] == [
        (1, 3, None, False), (2, 1, "2027-02-01T22:00:00Z", False)]
    assert not any("link_version" in r for r in listed)
    assert daemon.ctl_json("invitation", "list", "--event", "forum", "--links")[0]["link"] == link["link"]
    words = daemon.ctl("invitation", "list", "--event", "forum")
    assert "INVITATION" in words and "invite=" not in words
    assert link["link"] in daemon.ctl("invitation", "list", "--event", "forum", "--links")
    assert [r["action"] for r in daemon.query("SELECT action FROM audit WHERE action LIKE '%invit%'")] == ["invite", "invite"]
    for options, code in ((("--event", "nowhere"), 1), (("--event", "forum", "--uses", "0"), 1),
                          (("--event", "forum", "--expires", "2027-13-01"), 1), (("--event", "forum", "--expires", "2027-01-01"), 1),
                          (("--event", "forum", "--reserve", "speakers"), 1), (("--event", "forum", "--email", "anna"), 1),
                          ((), 2), (("--event", "forum", "--links"), 2)):
        assert daemon.ctl("invitation", "create", *options, code=None)[0] == code, options
    assert used(daemon) == [0, 0]
