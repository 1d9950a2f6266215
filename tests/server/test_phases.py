# SPDX-License-Identifier: EUPL-1.2
"""Not yet open, open, full, closed, over, withdrawn, unknown, unserved: each in plain words with the right status."""
import pytest
from harness import letters
from harness.definitions import definition
from harness.wait import eventually


def old_form(daemon, slug):
    """A form that was fetched while the event was open."""
    return daemon.ripe_form(slug)


def post(daemon, slug, email="anna@umed.example"):
    action, form = daemon.ripe_form(slug)
    return daemon.browser().post(action, {**form, "name": "Anna Kowalska", "email": email})


def test_not_yet_open(make_daemon):
    daemon = make_daemon({"workshop": definition("workshop")})
    old_form(daemon, "workshop")
    daemon.write_event("workshop", definition("workshop", extra='opens = "2027-02-01T09:00";'))
    daemon.reload()
    page = eventually(lambda: (p := daemon.browser().get("/e/workshop")) and "1 February 2027" in p.text and p)
    assert page.status == 200 and "email" not in {n for f in page.forms for n in f.controls}
    refused = post(daemon, "workshop")
    assert refused.status == 409 and "anna@umed.example" in refused.html, "the answers are kept"
    daemon.clock.set("2027-02-01T07:00:00Z")  # 09:00 in Vilnius
    daemon.reload()
    page = daemon.browser().get("/e/workshop")
    assert page.has_form
    assert post(daemon, "workshop").status in (303, 422)


def test_closed_at_its_start_if_nothing_else_is_said(make_daemon):
    daemon = make_daemon({"workshop": definition("workshop")})
    daemon.clock.set("2027-03-18T07:29:50Z")  # ten seconds before 09:30 in Vilnius
    daemon.reload()
    old_form(daemon, "workshop")
    assert post(daemon, "workshop", "early@umed.example").status == 303
    daemon.pass_time(10)
    refused = post(daemon, "workshop")
    assert refused.status == 409 and "anna@umed.example" in refused.html
    page = daemon.browser().get("/e/workshop")
    assert page.status == 200 and "email" not in {n for f in page.forms for n in f.controls}
    daemon.clock.set("2027-04-18T08:00:00Z")
    daemon.reload()
    assert daemon.browser().get("/e/workshop").status == 200
    assert daemon.browser().get("/e/workshop").text != page.text, "over is not the same as closed"
    assert len(daemon.query("SELECT 1 FROM registrations")) == 1


def test_closed_early(make_daemon):
    daemon = make_daemon({"workshop": definition("workshop", extra='closes = "2027-02-01T18:00";')})
    old_form(daemon, "workshop")
    daemon.clock.set("2027-02-01T16:00:01Z")
    daemon.reload()
    assert post(daemon, "workshop").status == 409
    assert daemon.browser().get("/e/workshop").status == 200


def test_full(make_daemon):
    daemon = make_daemon({"small": definition("small", capacity=1)})
    open_text = daemon.browser().get("/e/small").text
    assert post(daemon, "small").status == 303
    page = eventually(lambda: (p := daemon.browser().get("/e/small")) and p.text != open_text and p)
    assert page.status == 200
    refused = post(daemon, "small", "joe@umed.example")
    assert refused.status == 409 and "joe@umed.example" in refused.html


def test_withdrawn_and_back_again(make_daemon, smtp):
    daemon = make_daemon({"workshop": definition("workshop"), "other": definition("other")})
    assert daemon.sign_up("workshop", "anna@umed.example").status == 303
    manage = letters.manage_path(smtp.one("anna@umed.example").message)
    daemon.remove_event("workshop")
    daemon.reload()
    page = eventually(lambda: (p := daemon.browser().get("/e/workshop")) and p.status == 410 and p)
    assert page.language == "en"
    assert not any(p.endswith("/e/workshop") for p in daemon.browser().get("/").links)
    assert post(daemon, "workshop", "joe@umed.example").status == 410
    assert daemon.browser().get(manage).status == 200, "links work"
    assert "withdrawn" in daemon.log()
    assert len(daemon.query("SELECT 1 FROM registrations")) == 1 and len(smtp.mails) == 1
    daemon.write_event("workshop", definition("workshop"))
    daemon.reload()
    eventually(lambda: daemon.browser().get("/e/workshop").status == 200)
    assert post(daemon, "workshop", "joe@umed.example").status == 303


@pytest.mark.parametrize("slug", ["nothing", "Workshop", "workshop2", "workshop%20", "workshop/", "a" * 500, "%E2%80%AE"])
def test_unknown(daemon, slug):
    page = daemon.browser().get(f"/e/{slug}")
    assert page.status == 404
    action, form = daemon.ripe_form("workshop")
    assert daemon.browser().post(f"/e/{slug}", form).status == 404


def test_unlisted_is_served_but_not_listed(make_daemon):
    daemon = make_daemon({"secret": definition("secret", extra='visibility = "unlisted";'), "open": definition("open")})
    listed = daemon.browser().get("/").links
    assert any(p.endswith("/e/open") for p in listed) and not any(p.endswith("/e/secret") for p in listed)
    assert daemon.sign_up("secret", "anna@umed.example").status == 303


def test_a_draft_is_not_there(make_daemon):
    daemon = make_daemon({"draft": definition("draft", extra='visibility = "draft";'), "open": definition("open")})
    assert daemon.browser().get("/e/draft").status == 404
    assert not any(p.endswith("/e/draft") for p in daemon.browser().get("/").links)


def test_what_this_version_does_not_serve_has_no_form(make_daemon):
    """Shown with title and dates and honest words; a POST is refused."""
    daemon = make_daemon({"later": definition("later")})
    old_form(daemon, "later")
    daemon.write_event("later", definition("later", extra='kind = "survey";'))
    code, said = daemon.check()
    assert code == 0 and "kind = survey" in said and "1 warning in" in said
    daemon.reload()
    page = eventually(lambda: (p := daemon.browser().get("/e/later")) and "Registration opens soon" in p.text and p)
    assert page.status == 200 and "The later" in page.text
    assert "email" not in {n for f in page.forms for n in f.controls}
    assert post(daemon, "later").status == 409
    assert daemon.query("SELECT count(*) AS n FROM submission")[0]["n"] == 0


def test_the_list_in_the_order_of_time(make_daemon):
    daemon = make_daemon({
        "third": definition("third", starts="2027-09-01T09:00", ends="2027-09-01T10:00"),
        "first": definition("first", starts="2027-02-01T09:00", ends="2027-02-01T10:00"),
        "second": definition("second", starts="2027-05-01T09:00", ends="2027-05-01T10:00")})
    order = [p.rsplit("/", 1)[1] for p in daemon.browser().get("/").links if "/e/" in p]
    assert list(dict.fromkeys(order)) == ["first", "second", "third"]


def test_the_description_is_markdown_and_safe(make_daemon):
    text = ('description = "# Why\\n\\nBecause **health** matters: [see](https://example.eu/x).\\n\\n'
            '<script>alert(1)</script> <b>raw</b>\\n\\n[bad](javascript:alert(1))";')
    daemon = make_daemon({"workshop": definition("workshop", extra=text)})
    page = daemon.browser().get("/e/workshop")
    assert any("health" in e.text for e in page.tree.all("strong"))
    assert "https://example.eu/x" in page.links and "javascript:" not in page.html
    assert len(page.tree.all("h1")) == 1
    assert not any(e.text == "raw" for e in page.tree.all("b")), "raw HTML of a description came through"


def test_emblem_and_statement_stand_where_a_funder_is_named(make_daemon):
    funding = ('funding = { programme = "Horizon Europe"; grant = "101070811"; statement = "Co-funded by the European Union"; '
               'disclaimer = "Views are those of the authors only."; };')
    daemon = make_daemon({"plain": definition("plain"), "funded": definition("funded", extra=funding)})
    for path in ("/en/e/funded", daemon.sign_up("funded", "anna@umed.example").location):
        page = daemon.browser().get(path)
        for words in ("Co-funded by the European Union", "101070811", "Views are those of the authors only."):
            assert words in page.text, (path, words)
        box, = [e for e in page.tree.walk() if "eu" in (e.get("class") or "").split()]
        emblem, = box.all("img")
        assert emblem.get("alt") and "emblem" in emblem.get("src")
        assert daemon.browser().get(emblem.get("src")).status == 200
    page = daemon.browser().get("/en/e/plain")
    assert "European Union" not in page.text and not any("emblem" in e.get("src", "") for e in page.tree.all("img"))
