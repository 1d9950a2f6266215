# SPDX-License-Identifier: EUPL-1.2
"""Plain things of a public site: robots.txt, security.txt, favicon, imprint, the host's name and help, gzip."""
import calendar
import gzip
import re
import struct
import time
import urllib.robotparser
from pathlib import Path

import pytest
from harness import letters
from harness.definitions import definition
from harness.wait import eventually

HOST = """( { id = "baltic"; name = "Baltic Health & Care"; from = "Baltic events <hello@baltic.example>";
    reply_to = "answers@baltic.example"; contact = "help@baltic.example"; controller = "Baltic Health MTÜ, Tallinn";
    imprint = { en = "Published by **Baltic Health**.\\n\\n# Register\\n\\nNo 12345"; et = "Väljaandja on Baltic Health <b>MTÜ</b>."; }; } )"""
SERVED = sorted(path.stem for path in (Path(__file__).resolve().parents[2] / "share" / "locale").glob("*.json"))
PATHS = ("/", "/e/workshop", "/lt/e/workshop", "/nothing", "/imprint")


@pytest.fixture(scope="module")
def hosted(share_daemon):
    return share_daemon({"workshop": definition("workshop")}, hosts=HOST)


def gzip_get(daemon, path, accept="gzip", method="GET"):
    return daemon.browser().request(method, path, headers={"Accept-Encoding": accept})


# --- what search engines are told

def described(page):
    return [e.get("content") for e in page.tree.all("meta", name="description")]


def test_pages_describe_themselves(make_daemon):
    text = 'description = { en = "How we **plan** a ward.\\n\\n## More\\n\\nMuch more."; lt = "Kaip planuojame."; };'
    daemon = make_daemon({"told": definition("told", extra=text), "untold": definition("untold")})
    browser = daemon.browser()
    assert described(browser.get("/en/e/told")) == ["How we plan a ward."]
    assert described(browser.get("/lt/e/told")) == ["Kaip planuojame."]
    assert described(browser.get("/et/e/told")) == [], "not in the page's language"
    assert described(browser.get("/en/e/untold")) == []
    assert described(browser.get("/en/")) == ["Choose an event to read about it and to register."]
    assert described(browser.get("/en/e/told/find")) == []


# --- robots.txt, security.txt, favicon

def test_robots(shared):
    answer = shared.browser().get("/robots.txt")
    assert answer.status == 200
    robots = urllib.robotparser.RobotFileParser()
    robots.parse(answer.html.splitlines())
    for path in ("/", "/e/workshop", "/lt/e/workshop", "/static/style-0123.css", "/imprint", "/et/", "/rest"):
        assert robots.can_fetch("any", path), path
    for path in (f"{language}/{kind}/token" for language in ("", "/en", "/et", "/lt") for kind in "rnu"):
        assert not robots.can_fetch("any", path) and not robots.can_fetch("any", path + "/cancel"), path
    assert shared.browser().get("/lt/robots.txt").status == 404


def security_of(daemon):
    answer = daemon.browser().get("/.well-known/security.txt")
    assert answer.status == 200 and answer.html.endswith("\n")
    fields = [line.split(": ", 1) for line in answer.html.splitlines()]
    assert all(len(field) == 2 for field in fields), answer.html
    names = [name for name, _ in fields]
    assert len(names) == len(set(names))
    return dict(fields)


def test_security(make_daemon):
    daemon = make_daemon({"workshop": definition("workshop")})
    fields = security_of(daemon)
    assert fields["Contact"] == "mailto:events@cluster.example"
    assert fields["Preferred-Languages"].split(", ") == SERVED
    assert fields["Expires"] == "2027-07-14T00:00:00Z", "180 days after 15 January 2027"
    assert "Canonical" not in fields, "RFC 9116 section 2.5.2: https only"
    daemon.pass_time(86400)
    expires = calendar.timegm(time.strptime(security_of(daemon)["Expires"], "%Y-%m-%dT%H:%M:%SZ"))
    assert 179 * 86400 < expires - daemon.clock.now() <= 180 * 86400 and expires % 86400 == 0

    daemon.settings["http"] = {"base_url": "https://events.example", "security_contact": "https://cluster.example/report"}
    daemon.write_config()
    daemon.reload()
    fields = security_of(daemon)
    assert fields["Contact"] == "https://cluster.example/report"
    assert fields["Canonical"] == "https://events.example/.well-known/security.txt"


def test_favicon(shared):
    icon = shared.browser().get("/favicon.ico").body
    reserved, kind, count = struct.unpack_from("<HHH", icon)
    assert (reserved, kind, count) == (0, 1, 2)
    entries = [struct.unpack_from("<BBBBHHII", icon, 6 + 16 * n) for n in range(count)]
    assert sorted(entry[0] for entry in entries) == [16, 32]
    for entry in entries:
        assert entry[0] == entry[1] and entry[7] + entry[6] <= len(icon)


# --- the host

def test_the_help_is_on_every_page_and_in_the_same_place(hosted):
    for path in PATHS:
        page = hosted.browser().get(path)
        footer, = page.tree.all("footer")
        assert [a.text for a in footer.all("a", href="mailto:help@baltic.example")] == ["help@baltic.example"], path
        assert "Baltic Health & Care" in page.tree.all("header")[0].text and page.title.endswith("– Baltic Health & Care")
    assert security_of(hosted)["Contact"] == "mailto:help@baltic.example"


@pytest.mark.parametrize("language, heading, words, written_in", [
    ("en", "Imprint", "Published by Baltic Health.", None),
    ("et", "Väljaandja andmed", "Väljaandja on Baltic Health MTÜ.", None),
    ("lt", "Leidėjo duomenys", "Published by Baltic Health.", "en"),
])
def test_the_imprint_in_each_language(hosted, language, heading, words, written_in):
    page = hosted.browser().get(f"/{language}/imprint")
    assert page.status == 200 and page.language == language
    assert page.tree.all("h1")[0].text == heading
    for text in (words, "Baltic Health & Care", "Baltic Health MTÜ, Tallinn", "help@baltic.example"):
        assert text in page.text, text
    prose, = [e for e in page.tree.walk() if e.get("class") == "prose"]
    assert prose.get("lang") == written_in
    assert not prose.all("b"), "HTML of the settings went through"
    assert language == "et" or [e.text for e in prose.all("h3")] == ["Register"], "headings go below ours"
    negotiated = hosted.browser(language).get("/imprint")
    assert negotiated.language == language and negotiated.header("Vary") == "Accept-Language"
    links = {a.get("href") for a in page.tree.all("a") if a.text == heading}
    assert links == {f"/{language}/imprint"}


def test_the_imprint_is_linked_from_every_page(hosted):
    for path in PATHS:
        footer, = hosted.browser().get(path).tree.all("footer")
        assert [a for a in footer.all("a") if (a.get("href") or "").endswith("/imprint")], path


def test_without_a_host_all_is_as_before(daemon, smtp):
    assert daemon.browser().get("/imprint").status == 404 and daemon.browser().get("/lt/imprint").status == 404
    for path in PATHS[:4]:
        page = daemon.browser().get(path)
        assert "imprint" not in page.html
        assert [a.text for a in page.tree.all("a", href="mailto:events@cluster.example")] == ["events@cluster.example"]
        assert "Connected Health Cluster" in page.tree.all("header")[0].text
    assert daemon.sign_up("workshop", "anna@umed.example").status == 303
    assert str(smtp.one("anna@umed.example").message["From"]) == "Connected Health Cluster <events@cluster.example>"


def test_the_host_speaks_in_mails(make_daemon, smtp):
    hosted = make_daemon({"workshop": definition("workshop")}, hosts=HOST)
    following = hosted.browser().follow(hosted.sign_up("workshop", "anna@umed.example"))
    assert "hello@baltic.example" in following.text, "where to look for the mail"
    mail = smtp.one("anna@umed.example")
    assert str(mail.message["From"]) == "Baltic events <hello@baltic.example>"
    assert str(mail.message["Reply-To"]) == "answers@baltic.example"
    lines = letters.body(mail.message, "plain").splitlines()
    assert lines[0] == "You have a place" and lines[2] == "Baltic Health & Care", "what matters comes first"
    assert "Baltic Health &amp; Care" in letters.body(mail.message, "html")
    organizer = letters.event_of(letters.calendar(mail.message))["ORGANIZER"]
    assert organizer.lower() == "mailto:hello@baltic.example" and organizer.params["CN"] == "Baltic Health & Care"


def test_a_host_comes_with_a_reload_and_calendars_still_find_their_entry(daemon, smtp):
    def uid(address, count=1):
        return letters.event_of(letters.calendar(smtp.one(address, count).message))["UID"]
    daemon.sign_up("workshop", "anna@umed.example")
    before = uid("anna@umed.example")
    daemon.hosts = HOST
    daemon.write_config()
    daemon.reload()
    page = daemon.browser().get("/e/workshop")
    assert page.title.endswith("– Baltic Health & Care") and "help@baltic.example" in page.text
    assert daemon.browser().get("/imprint").status == 200
    question = daemon.browser().get(letters.manage_path(smtp.one("anna@umed.example").message) + "/cancel")
    daemon.browser().post(question.form.action, question.form.values)
    assert uid("anna@umed.example", 2) == before


# --- error pages

@pytest.mark.parametrize("language, words", [("en", "We cannot find this page"), ("et", "Me ei leia seda lehte"),
                                             ("lt", "Nerandame šio puslapio")])
def test_errors_in_the_visitor_s_language(shared, language, words):
    page = shared.browser(language).get("/nothing")
    assert page.status == 404 and page.language == language and words in page.text
    assert shared.browser("en").get(f"/{language}/nothing").language == language


def test_there_are_words_for_every_error(shared, request):
    import json
    for language in ("en", "et", "lt"):
        text = (request.config.rootpath.parent / "share" / "locale" / f"{language}.json").read_text()
        for status in (400, 404, 405, 408, 410, 413, 414, 415, 429, 431, 500, 503):
            words = json.loads(text)["error"][str(status)]
            assert words["heading"] and words["text"], (language, status)


# --- gzip

SEAL = re.compile(rb'name="_form" value="[^"]+"')


def test_the_event_page_as_gzip(make_daemon):
    daemon = make_daemon({"workshop": definition("workshop"),
                          "early": definition("early", extra='opens = "2027-02-01T09:00";')})
    for path in ("/e/workshop", "/lt/e/workshop", "/e/early"):
        plain, packed = daemon.browser().get(path), gzip_get(daemon, path)
        assert packed.header("Content-Encoding") == "gzip" and plain.header("Content-Encoding") is None
        assert plain.packed is None and len(packed.packed) < 0.6 * len(plain.body)
        assert int(packed.header("Content-Length")) == len(packed.packed)
        assert "Accept-Encoding" in packed.header("Vary") and "Accept-Encoding" in plain.header("Vary")
        assert SEAL.sub(b"", packed.body) == SEAL.sub(b"", plain.body), path
        assert SEAL.search(packed.body) or path == "/e/early", "the packed page has no form"
        same = {k: v for k, v in plain.headers if k not in ("Date", "Content-Length")}
        assert {k: v for k, v in packed.headers if k not in ("Date", "Content-Length", "Content-Encoding")} == same


def test_the_packed_form_has_a_time_of_its_own(daemon):
    """Renewed with the plain one: each second a new one, and it signs up."""
    first = gzip_get(daemon, "/e/workshop")
    again = eventually(lambda: (page := gzip_get(daemon, "/e/workshop")).form.values["_form"] != first.form.values["_form"]
                       and page, 10, "the packed page is renewed")
    daemon.pass_time(4)
    for n, page in enumerate((first, again, gzip_get(daemon, "/e/workshop"))):
        answer = daemon.browser().post(page.form.action, {**page.form.values, "name": "Anna Kowalska", "email": f"a{n}@umed.example"})
        assert answer.status == (303 if n < 2 else 422), "the third was packed this very second"


def test_the_packed_page_shows_what_is_left(make_daemon):
    daemon = make_daemon({"workshop": definition("workshop", capacity=3)})
    assert "3 of 3 places left" in gzip_get(daemon, "/e/workshop").text
    daemon.sign_up("workshop", "anna@umed.example")
    eventually(lambda: "2 of 3 places left" in gzip_get(daemon, "/e/workshop").text, 10, "the packed page has the new number")


@pytest.mark.parametrize("accept, packed", [
    ("gzip", True), ("gzip, deflate, br", True), ("br, gzip;q=0.1", True), ("*", True), ("gzip;q=1.0, identity; q=0.5", True),
    ("", False), ("identity", False), ("br", False), ("gzip;q=0", False), ("*;q=0", False), ("identity;q=0", False),
    ("gzip;q=0.5, identity;q=0.8", False), ("gzip;q=7", False), ("gzip" * 900, False),
])
def test_who_takes_it(shared, accept, packed):
    sheet = next(e.get("href") for e in shared.browser().get("/").tree.all("link") if e.get("rel") == "stylesheet")
    for path in ("/e/workshop", sheet):
        page = gzip_get(shared, path, accept)
        assert page.status == 200 and (page.packed is not None) == packed, path
        assert "Accept-Encoding" in page.header("Vary")


def test_static_files_as_gzip(shared):
    home = shared.browser().get("/")
    files = {e.get("href") for e in home.tree.all("link")} | {e.get("src") for e in home.tree.all("img")} | {"/favicon.ico"}
    assert len(files) >= 3
    for path in files:
        plain, packed = shared.browser().get(path), gzip_get(shared, path)
        assert plain.packed is None and packed.packed is not None, path
        assert packed.body == plain.body and len(packed.packed) < len(plain.body), path
        assert packed.header("Content-Type") == plain.header("Content-Type")


def test_head_says_the_same_of_packed_pages(shared):
    for path in ("/e/workshop", "/favicon.ico"):
        for accept in ("gzip", "identity"):
            got, head = gzip_get(shared, path, accept), gzip_get(shared, path, accept, "HEAD")
            assert head.status == 200 and head.body == b""
            assert head.header("Content-Encoding") == got.header("Content-Encoding")
            if path != "/e/workshop" or accept == "identity":  # two form times are packed to two lengths
                assert head.header("Content-Length") == got.header("Content-Length")
            else:
                assert abs(int(head.header("Content-Length")) - len(got.packed)) < 64
            assert {k for k, _ in head.headers} == {k for k, _ in got.headers}


def test_nothing_that_mixes_input_and_secrets_is_packed(make_daemon, smtp):
    """BREACH: where a visitor's words and a secret are packed together, the length tells of the secret."""
    daemon = make_daemon({"workshop": definition("workshop", capacity=1)})
    gzipped = {"Accept-Encoding": "gzip"}
    action, values = daemon.ripe_form("workshop")
    browser = daemon.browser()

    def post(**more):
        from urllib.parse import urlencode
        return browser.post_raw(action, urlencode({**values, **more}).encode(), headers=gzipped)
    bad = post(name="Anna Kowalska", email="nope")
    good = post(name="Anna Kowalska", email="anna@umed.example")
    full = post(name="Ben Berg", email="ben@umed.example")
    assert (bad.status, good.status, full.status) == (422, 303, 409)
    manage = letters.manage_path(smtp.one("anna@umed.example").message)
    pages = [bad, good, full] + [browser.request("GET", path, headers=gzipped)
                                 for path in (good.location, manage, manage + "/cancel", "/nothing", "/e/nothing")]
    for page in pages:
        assert page.header("Content-Encoding") is None, page.path
        assert "Accept-Encoding" not in (page.header("Vary") or ""), page.path


def test_the_cached_page_holds_nothing_of_who_asked_first(daemon):
    """The language links once had the path as it was spelt by the first who asked; everybody got them from the cache."""
    daemon.reload()
    odd = daemon.browser().get("/en/e/%77orkshop")
    assert odd.status == 200
    page = daemon.browser().get("/en/e/workshop")
    for shown in (odd, page):
        assert "%77" not in shown.html
        assert "/lt/e/workshop" in shown.links


def test_a_cache_without_room_serves_plain_pages(make_daemon):
    daemon = make_daemon({"workshop": definition("workshop")}, http={"page_cache": 0})
    page = gzip_get(daemon, "/e/workshop")
    assert page.status == 200 and page.packed is None and page.has_form
    assert gzip.decompress(gzip_get(daemon, "/favicon.ico").packed)[:4] == b"\0\0\1\0"
