# SPDX-License-Identifier: EUPL-1.2
"""What nobody should send, each with a clear answer; answers are never lost."""
import json
from urllib.parse import urlencode

import pytest
from harness.browser import raw_exchange
from harness.definitions import ALL_FIELDS, PLAIN_FIELDS, definition, in_english

GOOD = {"name": "Anna Kowalska-Nyström", "email": "anna@umed.example", "country": "PL", "topic": "skills",
        "organisation": "Łódź \"City\" <Clinic> & Co", "idea": "One\r\nTwo", "terms": "yes", "news": "yes"}


@pytest.fixture
def daemon(make_daemon):
    return make_daemon({"workshop": definition("workshop", fields=ALL_FIELDS)})


@pytest.fixture(scope="module")
def refusing(share_daemon):
    """For all that is refused."""
    return share_daemon({"workshop": definition("workshop", fields=ALL_FIELDS)})


def post(daemon, **changes):
    action, form = daemon.ripe_form("workshop")
    form.update(GOOD)
    form.update(changes)
    return daemon.browser().post(action, form), form


def check_kept(page, sent, without=()):
    """Every answer that was typed stands in the form again."""
    values = page.form.values
    for name, value in sent.items():
        if name.startswith("_") or name in without or value is None:
            continue
        assert values.get(name, "").replace("\r\n", "\n") == value.replace("\r\n", "\n"), name
    assert values.get("_website", "") == ""
    assert values["_form"]


def check_named(page, *names):
    """The faults are marked at those controls and listed on top in the page's order, and no others are."""
    assert page.status == 422
    assert set(page.form.wrong()) == set(names)
    assert page.summary_names() == list(names)
    assert page.title.startswith("Error"), page.title


@pytest.mark.parametrize("changes, faulty", [
    ({"name": ""}, "name"),
    ({"name": "   "}, "name"),
    ({"email": ""}, "email"),
    ({"country": ""}, "country"),
    ({"terms": None}, "terms"),
    ({"country": "ZZ"}, "country"),
    ({"country": "Poland"}, "country"),
    ({"topic": "nothing"}, "topic"),
    ({"terms": "no"}, "terms"),
    ({"name": "x" * 121}, "name"),
    ({"organisation": "x" * 201}, "organisation"),
    ({"idea": "x" * 501}, "idea"),
    ({"idea": "ž" * 501}, "idea"),
])
def test_a_faulty_answer_is_named_and_all_are_kept(refusing, changes, faulty):
    page, sent = post(refusing, **changes)
    check_named(page, faulty)
    # What no control of the page can hold cannot come back: a choice that is not there, blanks alone.
    lost = {n for n, v in changes.items() if n in ("country", "topic", "terms") or (v or "").strip() == ""}
    check_kept(page, sent, lost)
    assert refusing.query("SELECT count(*) AS n FROM submission")[0]["n"] == 0


def test_a_full_length_counts_characters_not_bytes(daemon):
    page, _ = post(daemon, idea="ž" * 500, name="ß" * 120, organisation="Ł" * 200)
    assert page.status == 303
    assert len(daemon.query("SELECT name FROM registrations")[0]["name"]) == 120


def test_several_faults_come_in_the_page_s_order(daemon):
    page, sent = post(daemon, terms=None, email="nope", name="", country="")
    check_named(page, "name", "email", "country", "terms")
    check_kept(page, sent, {"name", "terms", "country"})
    again = page.form.values
    again.update({"name": "Anna Kowalska", "email": "anna@umed.example", "country": "PL", "terms": "yes"})
    daemon.pass_time(4)
    assert daemon.browser().post(page.form.action, again).status == 303, "the same page, mended, is taken"


@pytest.mark.parametrize("address", [
    "anna", "anna@", "@umed.example", "anna@umed", "anna@@umed.example", "anna@umed..example", "anna..b@umed.example",
    ".anna@umed.example", "anna.@umed.example", "anna@-umed.example", "anna@umed.example.", "anna b@umed.example",
    "anna@umed example", "anna@umed.example, joe@umed.example", "Anna <anna@umed.example>", "a" * 65 + "@umed.example",
    "anna@" + "d" * 64 + ".example", "a@" + "d." * 130 + "example", "anna@umed.example\r\nRCPT TO:<joe@umed.example>",
    "anna@umed.example\nBcc: joe@umed.example", "anna\t@umed.example", "an\u202ena@umed.example", "an\u0000na@umed.example",
    "ąnna@umed.example", "anna@[127.0.0.1]", "anna@umed_x.example", "<anna@umed.example>", "anna@.example",
])
def test_an_address_that_no_server_could_take(refusing, address):
    page, sent = post(refusing, email=address)
    check_named(page, "email")
    check_kept(page, sent, {"email"} if any(ord(c) < 32 or c == "\u202e" for c in address) else ())
    assert not refusing.smtp.attempts


@pytest.mark.parametrize("address", [
    "anna+list@umed.example", "a@b.lt", "o'brien@umed.example", "anna@sub.umed.example", "UPPER@UMED.example",
    "anna@õun.ee", "x_y-z=1@umed.example", "  anna@umed.example  ",
])
def test_unusual_addresses_that_are_right(daemon, smtp, address):
    page, _ = post(daemon, email=address)
    assert page.status == 303, page.text[:500]
    stored = daemon.query("SELECT email FROM registrations")[0]["email"]
    assert stored.strip() == stored and stored.split("@")[0] == address.strip().split("@")[0]


@pytest.mark.parametrize("raw", [b"%00", b"a%00b", b"%ff%fe", b"%c0%80", b"%ed%a0%80", b"%f4%90%80%80", b"%80abc"])
def test_bytes_that_are_no_text(refusing, raw):
    action, form = refusing.ripe_form("workshop")
    values = {**form, **GOOD}
    del values["organisation"]
    page = refusing.browser().post_raw(action, urlencode(values).encode() + b"&organisation=" + raw)
    check_named(page, "organisation")
    check_kept(page, values)


@pytest.mark.parametrize("typed", [
    "Anna\r\nBcc: joe@umed.example", "Anna\nX-Spam: 1", "Anna\u202eatnA", "Anna\u2066x\u2069", "Anna\x07\x1b[31m", "Anna\u0085x",
    "\ufeffAnna", "Anna\u2028x",
])
def test_control_and_direction_characters_in_a_name(daemon, smtp, typed):
    """Taken without them, or refused: never stored, never in a header."""
    page, _ = post(daemon, name=typed)
    assert page.status in (303, 422)
    if page.status == 422:
        assert page.form.wrong() == ["name"]
        return
    name = daemon.query("SELECT name FROM registrations")[0]["name"]
    bad = set("\r\n\x07\x1b\u0085\u202e\u2066\u2069\u2028\ufeff")
    assert name.startswith("Anna") and not set(name) & bad, repr(name)
    message = smtp.one("anna@umed.example").message
    assert message["Bcc"] is None and message["X-Spam"] is None
    assert [a.addr_spec for a in message["To"].addresses] == ["anna@umed.example"]


def test_a_control_that_comes_twice(refusing):
    action, form = refusing.ripe_form("workshop")
    page = refusing.browser().post(action, [*{**form, **GOOD}.items(), ("email", "joe@umed.example")])
    check_named(page, "email")


def test_names_that_nobody_asked_for_are_left_alone(daemon):
    page, _ = post(daemon, surprise="x", status="confirmed", link_version="1", approved="true")
    assert page.status == 303
    answers = daemon.query("SELECT answers FROM registration")[0]["answers"]
    assert "surprise" not in answers and "approved" not in answers


def test_a_mode_that_does_not_exist(make_daemon):
    modes = '( { id = "onsite"; capacity = 5; }, { id = "online"; } )'
    hybrid = make_daemon({"hybrid": definition("hybrid", modes=modes)})
    page = hybrid.sign_up("hybrid", "anna@umed.example", mode="vip")
    check_named(page, "mode")
    assert page.form.values["email"] == "anna@umed.example"


@pytest.mark.parametrize("size", [130 * 1024, 1024 * 1024])
def test_a_body_over_the_limit(refusing, size):
    action, _ = refusing.ripe_form("workshop")
    body = b"name=" + b"x" * size
    head = (f"POST {action} HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
            f"Content-Length: {len(body)}\r\n\r\n").encode()
    sent = body if size < 200_000 else body[:1000]  # the length alone is enough to refuse it
    answer = raw_exchange(refusing.port, head.replace(b"Host: x", b"Host: x\r\nConnection: close") + sent)
    assert answer.startswith(b"HTTP/1.1 413 ")


def test_long_answers_in_greek_are_taken(make_daemon):
    """Each letter is six bytes on its way: twenty thousand of them are more than 64 KiB."""
    long = '{{ id = "{}"; type = "textarea"; max_length = 10000; label = "Why?"; }}'.format
    daemon = make_daemon({"forum": definition("forum", languages=("en",), fields=(*in_english(PLAIN_FIELDS), long("why"), long("how")))})
    said = {"why": "\u03b3" * 10_000, "how": "\u03b4" * 10_000}
    assert daemon.sign_up("forum", "anna@umed.example", **said).status == 303
    stored = json.loads(daemon.query("SELECT answers FROM registration")[0]["answers"])
    assert stored == said


def test_more_fields_than_allowed(refusing):
    action, _ = refusing.ripe_form("workshop")
    body = "&".join(f"f{n}=1" for n in range(500)).encode()
    assert refusing.browser().post_raw(action, body).status == 413


@pytest.mark.parametrize("kind", ["multipart/form-data; boundary=x", "application/json", "text/plain", "", None,
                                  "application/x-www-form-urlencodedx"])
def test_another_content_type(refusing, kind):
    action, form = refusing.ripe_form("workshop")
    page = refusing.browser().request("POST", action, urlencode({**form, **GOOD}).encode(), {"Content-Type": kind})
    assert page.status == 415
    assert refusing.query("SELECT count(*) AS n FROM submission")[0]["n"] == 0


def test_a_content_type_with_a_parameter(daemon):
    action, form = daemon.ripe_form("workshop")
    page = daemon.browser().post_raw(action, urlencode({**form, **GOOD}).encode(),
                                     "Application/X-WWW-Form-Urlencoded; charset=UTF-8")
    assert page.status == 303


@pytest.mark.parametrize("request_text, status", [
    (b"GET /e/workshop HTTP/1.1\r\n\r\n", b"400"),
    (b"GET /e/workshop HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", b"400"),
    (b"GET //evil.example/e/workshop HTTP/1.1\r\nHost: x\r\n\r\n", b"400"),
    (b"GET http://evil.example/e/workshop HTTP/1.1\r\nHost: x\r\n\r\n", b"400"),
    (b"GET /e/%00 HTTP/1.1\r\nHost: x\r\n\r\n", b"400"),
    (b"GET /e/%zz HTTP/1.1\r\nHost: x\r\n\r\n", b"400"),
    (b"GET /" + b"a" * 4000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", b"414"),
    (b"GET /e/..%2f..%2fetc%2fpasswd HTTP/1.1\r\nHost: x\r\n\r\n", b"404"),
    (b"GET /static/..%2fstyle.css HTTP/1.1\r\nHost: x\r\n\r\n", b"404"),
    (b"POST /e/workshop HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
     b"Content-Length: 3\r\nContent-Length: 4\r\n\r\na=bc", b"400"),
    (b"DELETE /e/workshop HTTP/1.1\r\nHost: x\r\n\r\n", b"405"),
    (b"PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n", b"405"),
])
def test_requests_out_of_form(refusing, request_text, status):
    answer = raw_exchange(refusing.port, request_text.replace(b"\r\nHost: x\r\n", b"\r\nHost: x\r\nConnection: close\r\n"))
    assert answer.startswith(b"HTTP/1.1 " + status + b" "), answer[:200]
    assert b"evil" not in answer.lower() and b"passwd" not in answer, "the page echoes"


def test_another_method_names_those_allowed(refusing):
    page = refusing.browser().request("POST", "/", b"", {"Content-Type": "application/x-www-form-urlencoded"})
    assert page.status == 405 and page.header("Allow") == "GET, HEAD"


def test_one_request_never_becomes_two(refusing):
    """What follows a doubled length must not be read as a request of its own."""
    data = (b"POST /e/workshop HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
            b"Content-Length: 1\r\nContent-Length: 40\r\n\r\naGET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
    assert raw_exchange(refusing.port, data).count(b"HTTP/1.1 ") == 1
