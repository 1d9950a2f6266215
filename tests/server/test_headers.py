# SPDX-License-Identifier: EUPL-1.2
"""The whole set of headers of every answer: what is not in the table must not come, and all that is in it must."""
import pytest
from harness import letters
from harness.definitions import definition

FRAMES = ["https://cluster.example", "https://partner.example:8443"]
PAGE_CSP = ("default-src 'none'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
            "frame-ancestors {}")
IMAGE_CSP = "default-src 'none'; sandbox"
HTML, TEXT = "text/html; charset=utf-8", "text/plain; charset=utf-8"
ICS = "text/calendar; charset=utf-8; method=PUBLISH"
PRIVATE, NO_STORE, DAY, YEAR = "private, no-cache", "no-store", "public, max-age=86400", "public, max-age=31536000, immutable"

# what, status, type, Cache-Control, Vary, Content-Language, who may frame it, and what else comes.
TABLE = {
    "list": (200, HTML, PRIVATE, "Accept-Language", "en", None, {}),
    "list in a language": (200, HTML, PRIVATE, None, "lt", None, {}),
    "event": (200, HTML, PRIVATE, "Accept-Language, Accept-Encoding", "en", None, {}),
    "event in a language": (200, HTML, PRIVATE, "Accept-Encoding", "lt", None, {}),
    "event for frames": (200, HTML, PRIVATE, "Accept-Language, Accept-Encoding", "en", FRAMES, {}),
    "event for frames, HEAD": (200, HTML, PRIVATE, "Accept-Language, Accept-Encoding", "en", FRAMES, {}),
    "form with a fault": (422, HTML, NO_STORE, None, "en", None, {}),
    "form for frames with a fault": (422, HTML, NO_STORE, None, "en", FRAMES, {}),
    "form for frames when it is full": (409, HTML, NO_STORE, None, "en", FRAMES, {}),
    "signed up": (303, TEXT, NO_STORE, None, None, None, {"Location"}),
    "signed up in a frame": (303, TEXT, NO_STORE, None, None, FRAMES, {"Location"}),
    "next": (200, HTML, NO_STORE, None, "en", None, {}),
    "next in a frame": (200, HTML, NO_STORE, None, "en", FRAMES, {}),
    "manage": (200, HTML, NO_STORE, None, "en", None, {}),
    "manage for an event that may be framed": (200, HTML, NO_STORE, None, "en", None, {}),
    "cancel": (200, HTML, NO_STORE, None, "en", None, {}),
    "cancelled": (303, TEXT, NO_STORE, None, None, None, {"Location"}),
    "event for a calendar": (200, ICS, PRIVATE, "Accept-Language", "en", None, {"Content-Disposition"}),
    "own entry": (200, ICS, NO_STORE, None, "en", None, {"Content-Disposition"}),
    "code for the door": (200, "image/png", NO_STORE, None, "en", None, {}),
    "own data": (200, "application/json", NO_STORE, None, "en", None, {"Content-Disposition"}),
    "own data as a table": (200, "text/csv; charset=utf-8; header=present", NO_STORE, None, "en", None,
                            {"Content-Disposition"}),
    "consents, GET": (405, HTML, NO_STORE, None, "en", None, {"Allow"}),
    "lost link": (200, HTML, PRIVATE, "Accept-Language", "en", None, {}),
    "lost link in a frame": (200, HTML, PRIVATE, None, "en", FRAMES, {}),
    "lost link asked for": (303, TEXT, NO_STORE, None, None, None, {"Location"}),
    "lost link asked for in a frame": (303, TEXT, NO_STORE, None, None, FRAMES, {"Location"}),
    "lost link with a fault": (422, HTML, NO_STORE, None, "en", None, {}),
    "lost link sent": (200, HTML, PRIVATE, None, "en", None, {}),
    "imprint": (200, HTML, PRIVATE, "Accept-Language", "en", None, {}),
    "imprint in a language": (200, HTML, PRIVATE, None, "et", None, {}),
    "style sheet": (200, "text/css; charset=utf-8", YEAR, "Accept-Encoding", None, None, {}),
    "logo": (200, "image/svg+xml", YEAR, "Accept-Encoding", None, None, {}),
    "favicon": (200, "image/x-icon", DAY, "Accept-Encoding", None, None, {}),
    "robots": (200, TEXT, DAY, None, None, None, {}),
    "security": (200, TEXT, DAY, None, None, None, {}),
    "alive": (200, TEXT, NO_STORE, None, None, None, {}),
    "ready": (200, TEXT, NO_STORE, None, None, None, {}),
    "//evil": (400, HTML, NO_STORE, "Accept-Language", "en", None, {}),
    "nothing": (404, HTML, NO_STORE, "Accept-Language", "en", None, {}),
    "nothing in a language": (404, HTML, NO_STORE, None, "lt", None, {}),
    "no such event": (404, HTML, NO_STORE, "Accept-Language", "en", None, {}),
    "no such token": (404, HTML, NO_STORE, "Accept-Language", "en", None, {}),
    "no such file": (404, HTML, NO_STORE, "Accept-Language", "en", None, {}),
    "POST to the list": (405, HTML, NO_STORE, "Accept-Language", "en", None, {"Allow"}),
    "withdrawn": (410, HTML, NO_STORE, "Accept-Language", "en", None, {}),
    "too large": (413, HTML, NO_STORE, "Accept-Language", "en", None, {}),
    "too long": (414, HTML, NO_STORE, "Accept-Language", "en", None, {}),
    "another type": (415, HTML, NO_STORE, "Accept-Language", "en", None, {}),
}


def ask_all(daemon, smtp):
    """One answer for each row of the table."""
    browser = daemon.browser()
    home = browser.get("/")
    yield "list", home
    yield "list in a language", browser.get("/lt/")
    yield "event", browser.get("/e/workshop")
    yield "event in a language", browser.get("/lt/e/workshop")
    yield "event for frames", browser.get("/e/framed")
    yield "event for frames, HEAD", browser.head("/e/framed")
    yield "form with a fault", daemon.sign_up("workshop", "nope")
    yield "form for frames with a fault", daemon.sign_up("framed", "nope")
    managed = {}
    for slug, done, following, own in (("workshop", "signed up", "next", "manage"),
                                       ("framed", "signed up in a frame", "next in a frame",
                                        "manage for an event that may be framed")):
        answer = daemon.sign_up(slug, f"anna@{slug}.example")
        yield done, answer
        yield following, browser.get(answer.location)
        managed[slug] = letters.manage_path(smtp.one(f"anna@{slug}.example").message)
        yield own, browser.get(managed[slug])
    yield "form for frames when it is full", daemon.sign_up("framed", "ben@framed.example")
    own = "/en/r/" + letters.token_of(managed["workshop"])
    yield "event for a calendar", browser.get("/e/workshop.ics")
    yield "own entry", browser.get(own + "/event.ics")
    yield "code for the door", browser.get(own + "/code.png")
    yield "own data", browser.get(own + "/data.json")
    yield "own data as a table", browser.get(own + "/data.csv")
    yield "consents, GET", browser.get(own + "/consents")
    yield "lost link", browser.get("/e/workshop/find")
    yield "lost link in a frame", browser.get("/en/e/framed/find")
    yield "lost link asked for", browser.post("/en/e/workshop/find", {"email": "anna@workshop.example"})
    yield "lost link asked for in a frame", browser.post("/en/e/framed/find", {"email": "nobody@framed.example"})
    yield "lost link with a fault", browser.post("/en/e/workshop/find", {"email": "nope"})
    yield "lost link sent", browser.get("/en/e/workshop/find/sent")
    cancel = browser.get(managed["workshop"] + "/cancel")
    yield "cancel", cancel
    yield "cancelled", browser.post(cancel.form.action, cancel.form.values)
    yield "imprint", browser.get("/imprint")
    yield "imprint in a language", browser.get("/et/imprint")
    links = {e.get("rel"): e.get("href") for e in home.tree.all("link")}
    yield "style sheet", browser.get(links["stylesheet"])
    yield "logo", browser.get(links["icon"])
    yield "favicon", browser.get("/favicon.ico")
    yield "robots", browser.get("/robots.txt")
    yield "security", browser.get("/.well-known/security.txt")
    yield "alive", browser.get("/healthz")
    yield "ready", browser.get("/readyz")
    yield "//evil", browser.get("//evil.example/e/workshop")
    yield "nothing", browser.get("/nothing")
    yield "nothing in a language", browser.get("/lt/nothing")
    yield "no such event", browser.get("/e/nothing")
    yield "no such token", browser.get("/r/" + "a" * 40)
    yield "no such file", browser.get("/static/nothing.css")
    yield "POST to the list", browser.post("/", {"a": "b"})
    yield "withdrawn", browser.get("/e/gone")
    yield "too large", browser.post_raw("/e/workshop", b"a=" + b"x" * 140000)
    yield "too long", browser.get("/e/" + "x" * 3000)
    yield "another type", browser.post_raw("/e/workshop", b"{}", "application/json")


def wanted(row, https):
    status, kind, cache, vary, language, frames, more = row
    image = kind.startswith("image/")
    headers = {
        "Content-Type": kind, "Cache-Control": cache, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
        "Content-Security-Policy": IMAGE_CSP if image else PAGE_CSP.format(" ".join(frames) if frames else "'none'"),
        "Vary": vary, "Content-Language": language,
        "X-Frame-Options": None if frames else "DENY",
        "Strict-Transport-Security": "max-age=31536000" if https else None,
    }
    return {k: v for k, v in headers.items() if v}, {"Date", "Connection", "Content-Length", *more}


@pytest.mark.parametrize("https", [False, True])
def test_every_answer(make_daemon, smtp, https):
    allowed = ", ".join(f'"{origin}"' for origin in FRAMES)
    http = {"http": {"base_url": "https://events.example"}} if https else {}
    daemon = make_daemon({
        "workshop": definition("workshop"),
        "framed": definition("framed", capacity=1, extra=f"frame_ancestors = [ {allowed} ];"),
        "gone": definition("gone"),
    }, hosts='( { id = "ch"; name = "Connected Health Cluster"; imprint = "Us."; } )', **http)
    daemon.remove_event("gone")
    daemon.reload()
    seen, wrong = set(), []
    for name, answer in ask_all(daemon, smtp):
        seen.add(name)
        exact, present = wanted(TABLE[name], https)
        got = dict(answer.headers)
        if answer.status != TABLE[name][0]:
            wrong.append(f"{name}: {answer.status}")
        wrong += [f"{name}: {k}: {got.get(k)!r}, not {v!r}" for k, v in exact.items() if got.get(k) != v]
        wrong += [f"{name}: lacks {k}" for k in present if not got.get(k)]
        wrong += [f"{name}: has {k}: {v}" for k, v in got.items() if k not in exact and k not in present]
        if len(got) != len(answer.headers):
            wrong.append(f"{name}: a header came twice")
    assert not wrong, "\n".join(wrong)
    assert seen == set(TABLE)


def test_hsts_follows_base_url_at_a_reload(make_daemon):
    daemon = make_daemon({"workshop": definition("workshop")})
    assert daemon.browser().get("/").header("Strict-Transport-Security") is None
    daemon.settings["http"] = {"base_url": "https://events.example"}
    daemon.write_config()
    daemon.reload()
    for path in ("/", "/e/workshop", "/nothing", "/healthz", "/robots.txt"):
        assert daemon.browser().get(path).header("Strict-Transport-Security") == "max-age=31536000", path


def test_many_sites_may_frame_an_event(make_daemon):
    """Fifty origins, as many as a definition may name: more than a fixed buffer held once."""
    origins = [f"https://{'a' * 60}.{'b' * 60}.site-{n}.example" for n in range(50)]
    quoted = ", ".join(f'"{origin}"' for origin in origins)
    daemon = make_daemon({"framed": definition("framed", extra=f"frame_ancestors = [ {quoted} ];")})
    page = daemon.browser().get("/e/framed")
    assert page.status == 200 and page.header("Content-Security-Policy").endswith("frame-ancestors " + " ".join(origins))
    assert page.header("X-Frame-Options") is None
