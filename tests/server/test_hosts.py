# SPDX-License-Identifier: EUPL-1.2
"""Several hosts in one daemon: each event's pages and mails speak in its host's name, in its colours, with its logo."""
import re
from urllib.parse import urlsplit

import pytest
from harness import letters
from harness.definitions import definition

SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M0 0h9v9H0z"/><script>alert(1)</script></svg>'
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40
NIGHT = 'dark = { brand = "#9cc3ff"; on_brand = "#06203f"; cover = "#14325c"; on_cover = "#f0f4fa"; };'
COLOURS = f'{{ brand = "#1b4f9c"; on_brand = "#ffffff"; cover = "#173f7a"; on_cover = "#ffffff"; {NIGHT} }}'


def hosts(folder):
    (folder / "south.svg").write_text(SVG)
    (folder / "west.png").write_bytes(PNG)
    return f"""( {{ id = "north"; name = "North Health"; from = "events@north.example"; }},
    {{ id = "south"; name = "South & Sons"; from = "South desk <hello@south.example>"; reply_to = "answers@south.example";
       contact = "help@south.example"; controller = "South OÜ, Tartu"; logo = "{folder / 'south.svg'}"; colours = {COLOURS};
       imprint = {{ en = "Published by South."; et = "Väljaandja South."; }}; }},
    {{ id = "west"; name = "West"; logo = "{folder / 'west.png'}"; }} )"""


EVENTS = {
    "alpha": definition("alpha"),
    "beta": definition("beta", extra='host = "south"; series = "spring";'),
    "gamma": definition("gamma", starts="2027-04-01T09:00", ends="2027-04-01T10:00",
                        extra='host = "west"; series = "spring"; visibility = "public";'),
}


@pytest.fixture
def many(make_daemon, tmp_path):
    return make_daemon(EVENTS, hosts=hosts(tmp_path))


def brand(page):
    return page.tree.all("a", **{"class": "brand"})[0]


def sheet(page):
    return [e.get("href") for e in page.tree.all("link") if e.get("rel") == "stylesheet"]


def test_pages_speak_as_their_host(many):
    browser = many.browser()
    south, north = browser.get("/en/e/beta"), browser.get("/en/e/alpha")
    assert brand(south).text == "South & Sons" and brand(north).text == "North Health"
    assert south.title.endswith("South & Sons")
    assert [a.text for a in south.tree.all("footer")[0].all("a") if a.get("href").startswith("mailto:")] == ["help@south.example"]
    find = browser.get("/en/e/beta/find")
    assert brand(find).text == "South & Sons"
    assert "hello@south.example" in browser.get("/en/e/beta/find/sent").text
    assert brand(browser.get("/en/")).text == "North Health", "what belongs to no event is the first host's"
    assert brand(browser.get("/en/nothing")).text == "North Health"


def test_each_host_has_a_whole_sheet(many):
    browser = many.browser()
    names = {}
    for slug, host in (("alpha", "north"), ("beta", "south"), ("gamma", "west")):
        page = browser.get(f"/en/e/{slug}")
        (href,) = sheet(page)
        assert re.fullmatch(rf"/static/{host}-[0-9a-f]{{12}}\.css", href), href
        policy = page.header("Content-Security-Policy")
        assert "style-src 'self';" in policy and "img-src 'self';" in policy and "unsafe" not in policy
        answer = browser.get(href)
        assert answer.status == 200 and answer.header("Cache-Control") == "public, max-age=31536000, immutable"
        names[host] = answer.html
    assert ":root{--brand:#1b4f9c;--on-brand:#ffffff;--cover:#173f7a;--on-cover:#ffffff;" in names["south"]
    assert "--brand:#9cc3ff" in names["south"] and "--brand:#0f5b4b" not in names["south"]
    assert "--brand:#0f5b4b" in names["north"] and "1b4f9c" not in names["north"]
    rest = [text.split("\n\n", 1)[1] for text in names.values()]
    assert rest[0] == rest[1] == rest[2] and ".opt" in rest[0], "but for the colours they are one sheet"


def test_logos(many):
    browser = many.browser()
    for slug, kind, ending in (("beta", "image/svg+xml", "svg"), ("gamma", "image/png", "png")):
        page = browser.get(f"/en/e/{slug}")
        (image,) = brand(page).all("img")
        assert image.get("alt") == "", "the name stands beside it"
        assert re.fullmatch(rf"/static/\w+-[0-9a-f]{{12}}\.{ending}", image.get("src"))
        icon = [e for e in page.tree.all("link") if e.get("rel") == "icon"][0]
        assert (icon.get("href"), icon.get("type")) == (image.get("src"), kind)
        logo = browser.get(image.get("src"))
        assert logo.status == 200 and logo.header("Content-Type") == kind
        assert logo.header("Content-Security-Policy") == "default-src 'none'; sandbox"
        assert logo.header("X-Content-Type-Options") == "nosniff"
        assert logo.body == (SVG.encode() if ending == "svg" else PNG)
    (image,) = brand(browser.get("/en/e/alpha")).all("img")
    assert image.get("src").startswith("/static/logo-"), "who gives none has the built-in one"


def test_mails_come_from_the_host(many, smtp):
    for slug, person in (("beta", "ona@umed.example"), ("alpha", "rasa@umed.example")):
        assert many.sign_up(slug, person, name="Ona Petrauskaitė").status == 303
    south, north = smtp.one("ona@umed.example"), smtp.one("rasa@umed.example")
    assert south.sender == "hello@south.example" and north.sender == "events@north.example"
    assert south.message["From"] == "South desk <hello@south.example>"
    assert north.message["From"] == "North Health <events@north.example>"
    assert south.message["Reply-To"] == "answers@south.example" and north.message["Reply-To"] is None
    entry = letters.event_of(letters.calendar(south.message))
    assert entry["ORGANIZER"] == "mailto:hello@south.example"
    for kind in ("plain", "html"):
        assert "South OÜ, Tartu" in letters.body(south.message, kind)
        assert f"{many.base_url}/en/e/beta/privacy" in letters.body(south.message, kind)
    own = many.browser().get(urlsplit(re.search(r"http\S+/r/\S+", letters.body(south.message, "plain")).group(0)).path)
    assert brand(own).text == "South & Sons"


def test_imprint_of_each_host(many):
    browser = many.browser()
    assert browser.get("/en/imprint").status == 404, "the first host gives none"
    page = browser.get("/et/imprint?host=south")
    assert page.status == 200 and "Väljaandja South." in page.text and "South OÜ, Tartu" in page.text
    assert brand(page).text == "South & Sons"
    assert "/lt/imprint?host=south" in page.links, "the languages keep the host"
    assert browser.get("/imprint?host=east").status == 404 and browser.get("/imprint?host=").status == 404
    assert "/en/imprint?host=south" in browser.get("/en/e/beta").links
    assert not [link for link in browser.get("/en/e/alpha").links if "imprint" in link]
    assert "/en/accessibility?host=south" in browser.get("/en/e/beta").links
    assert "/en/accessibility" in browser.get("/en/e/alpha").links


def listed(page):
    return [a.text for h in page.tree.all("h3") for a in h.all("a")]


def test_the_list_names_hosts_and_can_be_one_host_s(many):
    browser = many.browser()
    everybody = browser.get("/en/")
    assert sorted(listed(everybody)) == ["The alpha", "The beta", "The gamma"]
    lines = {item.all("h3")[0].text: item.text for item in everybody.tree.all("li", **{"class": "ev"})}
    assert "North Health" in lines["The alpha"] and "South & Sons" in lines["The beta"] and "West" in lines["The gamma"]
    one = browser.get("/en/?host=south")
    assert listed(one) == ["The beta"] and brand(one).text == "South & Sons"
    assert "/lt/?host=south" in one.links
    assert browser.get("/?host=east").status == 404


def test_one_host_is_not_named_on_each_line(make_daemon):
    daemon = make_daemon({"alpha": definition("alpha")}, hosts='( { id = "north"; name = "North Health"; } )')
    page = daemon.browser().get("/en/")
    (line,) = page.tree.all("li", **{"class": "ev"})
    assert "North Health" not in line.text


# --- series

def test_a_series_links_its_events(many):
    browser = many.browser()
    beta = browser.get("/en/e/beta")
    (row,) = [e for e in beta.tree.all("div") if "row" in (e.get("class") or "").split() and "In the same series" in e.text]
    assert [a.get("href") for a in row.all("a")] == ["/en/e/gamma"]
    assert "1 April 2027" in row.text and "Neris Conference Centre" in row.text
    assert "/en/e/beta" in browser.get("/en/e/gamma").links
    assert "In the same series" not in browser.get("/en/e/alpha").text
    lines = {item.all("h3")[0].text: item.text for item in browser.get("/en/").tree.all("li", **{"class": "ev"})}
    assert "Part of a series of 2 events" in lines["The beta"] and "series" not in lines["The alpha"]


def test_a_series_shows_public_events_only(many):
    for slug, visibility in (("gamma", "unlisted"), ("gamma", "draft")):
        many.write_event(slug, EVENTS[slug].replace('"public"', f'"{visibility}"'))
        many.reload()
        page = many.browser().get("/en/e/beta")
        assert "In the same series" not in page.text and "/en/e/gamma" not in page.links, visibility
        assert "series" not in many.browser().get("/en/").text
    many.write_event("gamma", EVENTS["gamma"])
    many.reload()
    assert "/en/e/gamma" in many.browser().get("/en/e/beta").links


# --- what is refused

def test_an_unknown_host_is_a_fault_and_keeps_the_last_revision(many):
    many.write_event("beta", EVENTS["beta"].replace('"south"', '"east"').replace("The beta", "The new beta"))
    code, said = many.check()
    assert code == 1 and re.search(r'beta\.conf:\d+: host: "east" is no host of the settings', said)
    many.reload()
    page = many.browser().get("/en/e/beta")
    assert "The new beta" not in page.text and brand(page).text == "South & Sons"
    assert many.browser().get("/en/e/gamma").status == 200, "a file with a fault withdraws nothing"


@pytest.mark.parametrize("old, new, fault", [
    ('brand = "#1b4f9c"', 'brand = "#7fa7e0"', r"hosts\[1\]\.colours\.brand: has a contrast of 2\.4\d on white paper"),
    ('on_brand = "#06203f"', 'on_brand = "#ffffff"', r"hosts\[1\]\.colours\.dark\.on_brand: has a contrast of 1\.8\d on brand"),
    ('cover = "#14325c"', 'cover = "#4a6ea8"', r"hosts\[1\]\.colours\.dark\.on_cover: has a contrast of 4\.\d\d on cover"),
    ('brand = "#1b4f9c"', 'brand = "red"', r'hosts\[1\]\.colours\.brand: "red" is no colour'),
    ("south.svg", "none.svg", r"hosts\[1\]\.logo: .*none\.svg cannot be read"),
])
def test_colours_that_cannot_be_read_stop_the_start(make_daemon, tmp_path, old, new, fault):
    text = hosts(tmp_path)
    assert old in text
    daemon = make_daemon({"alpha": EVENTS["alpha"]}, start=False, hosts=text.replace(old, new, 1))
    daemon.port = 1
    daemon.write_config()
    code, said = daemon.check()
    assert code == 1 and re.search(fault, said), said
    daemon.expect_exit = 1
    daemon.start(ready=False)
    assert daemon.process.wait(60) == 1
    assert re.search(r"settings\.fault", daemon.log())


def test_a_logo_is_taken_over_by_a_reload(many, tmp_path):
    before = brand(many.browser().get("/en/e/beta")).all("img")[0].get("src")
    (tmp_path / "south.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"/>')
    many.reload()
    after = brand(many.browser().get("/en/e/beta")).all("img")[0].get("src")
    assert after != before and many.browser().get(after).status == 200 and many.browser().get(before).status == 404
