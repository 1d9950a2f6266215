# SPDX-License-Identifier: EUPL-1.2
"""Every page in the visitor's language, by path or by Accept-Language; never a cookie, never a redirect."""
import pytest
from harness import letters
from harness.definitions import in_english, PLAIN_FIELDS, definition

TITLE = '{ en = "Health data day"; lt = "Sveikatos duomenų diena"; }'


def make(maker):
    text = definition("workshop").replace('title = "The workshop";', f"title = {TITLE};")
    assert TITLE in text
    return maker({
        "workshop": text,
        "english": definition("english", languages=("en",), fields=in_english(PLAIN_FIELDS)),
    })


@pytest.fixture(scope="module")
def daemon(share_daemon):
    return make(share_daemon)


@pytest.mark.parametrize("accept, language", [
    (None, "en"), ("lt", "lt"), ("lt-LT,lt;q=0.9,en;q=0.8", "lt"), ("en;q=0.5, lt;q=0.9", "lt"), ("lt;q=0, en", "en"), ("*", "en"),
    ("de, lt;q=0.1", "lt"), ("xx", "en"), ("lt;q=banana", "en"), ("," * 900, "en"), ("l" * 5000, "en"), ("ja", "en"),
])
def test_the_best_of_what_the_browser_takes(daemon, accept, language):
    page = daemon.browser(accept).get("/e/workshop")
    assert page.status == 200 and page.language == language
    assert page.header("Content-Language") == language
    assert "accept-language" in (page.header("Vary") or "").lower()
    assert ("Sveikatos duomenų diena" if language == "lt" else "Health data day") in page.text


def test_the_path_is_stronger(daemon):
    page = daemon.browser("en").get("/lt/e/workshop")
    assert page.status == 200 and page.language == "lt" and page.header("Content-Language") == "lt"
    assert page.form.action == "/lt/e/workshop"
    inside = [p for p in page.links if p.startswith("/") and not p.startswith("/static")]
    assert any(p.startswith("/lt") for p in inside)
    switches = {a.get("hreflang"): a for a in page.tree.all("a") if a.get("hreflang")}
    assert set(switches) == {"en", "lt"}
    assert switches["en"].get("href") == "/en/e/workshop" and switches["en"].get("lang") == "en"


def test_own_pages_offer_the_languages_of_the_event(make_daemon, smtp):
    """All that the daemon speaks stood above a page whose event is in two."""
    daemon = make(make_daemon)
    assert daemon.sign_up("workshop", "ona@umed.example").status == 303
    path = "/r/" + letters.token_of(letters.manage_path(smtp.one("ona@umed.example").message))
    for language, offered in (("", {"en", "lt"}), ("/lt", {"en", "lt"}), ("/fi", {"en", "lt", "fi"})):
        page = daemon.browser().get(language + path)
        assert {a.get("hreflang") for a in page.tree.all("a") if a.get("hreflang")} == offered


def test_every_link_carries_the_language_that_was_read(daemon):
    home = daemon.browser("lt").get("/")
    assert home.language == "lt" and "/lt/e/workshop" in home.links
    page = daemon.browser("en").get("/lt/e/workshop")
    assert all(p.startswith(("/lt/", "/en/", "/et/", "/static/", "#")) or p in ("/lt", "/en", "/et") or not p.startswith("/")
               for p in page.links if p != page.path), page.links


@pytest.mark.parametrize("path", ["/xx/e/workshop", "/xx/", "/LT/e/workshop", "/lt/lt/e/workshop", "/lt/healthz", "/lt/static/x.css"])
def test_no_such_language(daemon, path):
    assert daemon.browser().get(path).status == 404


def test_the_language_that_was_read_is_that_of_the_mail(make_daemon, smtp):
    daemon = make(make_daemon)
    answer = daemon.sign_up("workshop", "ona@umed.example", language="lt", name="Ona Kazlauskienė")
    assert answer.location.startswith("/lt/n/")
    assert daemon.browser("en").follow(answer).language == "lt"
    message = smtp.one("ona@umed.example").message
    assert message["Content-Language"] == "lt"
    assert "Sveikatos duomenų diena" in message["Subject"]
    assert '<html lang="lt"' in letters.body(message, "html")
    assert daemon.query("SELECT language FROM registrations")[0]["language"] == "lt"
    manage = letters.manage_path(message)
    assert daemon.browser("en").get("/r/" + letters.token_of(manage)).language == "lt", "without LANG it speaks the stored one"
    assert daemon.browser("lt").get("/en/r/" + letters.token_of(manage)).language == "en"


def test_what_the_definition_lacks_stands_in_its_own_language(daemon):
    page = daemon.browser().get("/lt/e/english")
    assert page.status == 200 and page.language == "lt"
    title = next(e for e in page.tree.walk() if e.tag == "h1")
    holder = title if "The english" in title.text else None
    assert holder is not None
    marked = [e for e in page.tree.walk() if e.get("lang") == "en" and "The english" in e.text]
    assert marked, "an English title in a Lithuanian page without its lang"


def test_faults_in_the_language_of_the_form(daemon):
    page = daemon.sign_up("workshop", "nope", language="lt")
    assert page.status == 422 and page.language == "lt" and page.form.action == "/lt/e/workshop"
    assert not page.title.startswith("Error")


@pytest.mark.parametrize("path", ["/nothing", "/lt/nothing", "/e/nothing", "/r/nothing"])
def test_error_pages_speak_the_visitor_s_language_and_echo_nothing(daemon, path):
    page = daemon.browser("lt").get(path)
    assert page.status == 404 and page.language == "lt" and page.header("Content-Language") == "lt"
    assert "/nothing" not in page.html


def test_estonian_too(daemon):
    page = daemon.browser("et").get("/")
    assert page.language == "et" and page.status == 200


def test_head_says_what_get_would(daemon):
    for path in ("/", "/e/workshop", "/lt/e/workshop", "/nothing", "/healthz"):
        got, head = daemon.browser().get(path), daemon.browser().head(path)
        assert head.status == got.status and head.body == b""
        for name in ("Content-Type", "Content-Language", "Cache-Control", "Vary"):
            assert head.header(name) == got.header(name), (path, name)
        assert int(head.header("Content-Length")) == len(got.body), path


def test_pages_may_be_kept_for_back_but_not_by_others(daemon):
    assert daemon.browser().get("/e/workshop").header("Cache-Control") == "private, no-cache"
    sheet = next(e.get("href") for e in daemon.browser().get("/").tree.all("link") if e.get("rel") == "stylesheet")
    style = daemon.browser().get(sheet)
    assert style.status == 200 and style.header("Content-Type").startswith("text/css")
    assert "immutable" in style.header("Cache-Control")
    assert "http" not in style.html.replace("http://www.w3.org", ""), "the style sheet asks a third party"
