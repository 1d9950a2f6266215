# SPDX-License-Identifier: EUPL-1.2
"""The pages that no sample leads to by links: what a registration and an event come by in their lives."""
from pathlib import Path
from urllib.parse import urlsplit

import chrome
import pytest
from cases import in_each
from harness import letters
from harness.definitions import ALL_FIELDS, definition
from selenium.webdriver.support.select import Select
from test_pages import HOSTS
from walk import Walker

HERE = Path(__file__).resolve().parent
NORTH = """( { id = "cluster"; name = "Connected Health Cluster"; from = "events@cluster.example"; },
    { id = "north"; name = "Northern Health Network"; from = "hello@north.example";
      colours = { brand = "#1b4f9c"; on_brand = "#ffffff"; cover = "#173f7a"; on_cover = "#ffffff";
          dark = { brand = "#9cc3ff"; on_brand = "#06203f"; cover = "#14325c"; on_cover = "#f0f4fa"; }; };
      imprint = "Northern Health Network ry, Oulu"; } )"""


def join(daemon, smtp, slug, address, **values):
    """The path of the own page in English, and where the browser was sent."""
    answer = daemon.sign_up(slug, address, **values)
    assert answer.status == 303, answer.status
    daemon.settled()
    message = smtp.to(address)[-1].message
    token = next(letters.token_of(path) for path in letters.links(message) if "/r/" in path)
    return f"/en/r/{token}", answer.location


@pytest.mark.parametrize("language", in_each(("en", "et", "lt")))
def test_from_the_waiting_list(make_daemon, smtp, driver, language):
    fields = [f'{{ id = "{i}"; type = "{t}"; role = "{i}"; required = true; label = {{ en = "{n}"; et = "{n}"; lt = "{n}"; }}; }}'
              for i, t, n in (("name", "text", "Anna"), ("email", "email", "E-mail"))]
    daemon = make_daemon({"small": definition("small", languages=("en", "et", "lt"), capacity=1, waiting_list=True,
                                              fields=fields, extra='confirm = "hold";')}, hosts=HOSTS)
    walker = Walker(daemon, driver, language)
    first, sent = join(daemon, smtp, "small", "first@umed.example")
    first = f"/{language}{first[3:]}"
    walker.everywhere(f"/{language}{sent[3:]}", first, first + "/confirm")
    walker.button(first + "/confirm")
    second, _ = join(daemon, smtp, "small", "second@umed.example")
    second = f"/{language}{second[3:]}"
    walker.open(second + "/confirm")
    walker.button(second + "/confirm")
    walker.everywhere(f"/{language}/e/small", second)
    walker.button(first + "/cancel")
    daemon.settled()
    walker.open(second + "/confirm")
    walker.button(second + "/confirm")
    walker.done()


def test_a_programme(make_daemon, smtp, driver):
    """Sessions, wishes and times: the form, what is wrong in it, the own page, and one session given up."""
    daemon = make_daemon({"care-summit": (HERE / "summit.conf").read_text()}, limits={"burst": 1000})
    walker = Walker(daemon, driver, "en")
    person = {"country": "LT", "mode": "onsite", "session.a": "use_1", "session.dinner": "dinner", "session.tables.1": "home",
              "session.tables.2": "mind", "slot": "lab/2027-05-20T10:30"}
    own, sent = join(daemon, smtp, "care-summit", "ieva@umed.example", **person)
    walker.everywhere(sent, own)
    assert any("/release?" in path for path in walker.seen)
    walker.nothing("/en/e/care-summit")
    walker.nothing(own + "/change")
    walker.done()


@pytest.mark.parametrize("language", in_each(("en", "et", "lt")))
def test_a_group(make_daemon, smtp, driver, language):
    """Who booked corrects those who come along and adds one more, without a script."""
    fields = [f'{{ id = "{i}"; type = "{t}"; role = "{i}"; required = true; label = {{ en = "{n}"; et = "{n}"; lt = "{n}"; }}; }}'
              for i, t, n in (("name", "text", "Anna"), ("email", "email", "E-mail"))]
    daemon = make_daemon({"trip": definition("trip", languages=("en", "et", "lt"), capacity=3, fields=fields,
                                             extra="group_max = 4;")}, hosts=HOSTS)
    walker = Walker(daemon, driver, language)
    own, _ = join(daemon, smtp, "trip", "anna@umed.example", _guests="1", _shown="1", **{"guest.1.name": "Bo"})
    own = f"/{language}{own[3:]}"
    walker.everywhere(own)
    walker.nothing(own + "/change")

    def find(name):
        return driver.find_element("name", name)

    def look(name):
        chrome.scripts(driver, True)  # those of the judge
        walker.look(name)
        chrome.scripts(driver, False)

    chrome.scripts(driver, False)
    driver.get(daemon.base_url + own + "/change")
    assert find("guest.1.name").get_attribute("value") == "Bo"
    find("guest.1.name").clear()
    find("guest.1.name").send_keys("Bob")
    chrome.leave(driver, find("_add").click)  # a block for each that the list says
    Select(find("_guests")).select_by_value("3")
    chrome.leave(driver, find("_add").click)
    look("two more blocks")
    assert find("guest.1.name").get_attribute("value") == "Bob"
    find("guest.2.name").send_keys("Cy")
    find("guest.3.name").send_keys("Di")
    chrome.leave(driver, find("guest.3.name").submit)
    look("no room")
    assert driver.find_elements("css selector", '[role="alert"] a[href="#_guests"]')
    find("guest.3.name").clear()
    chrome.leave(driver, find("guest.3.name").submit)
    assert urlsplit(driver.current_url).path == own
    names = [row["name"] for row in daemon.query("SELECT name FROM registration ORDER BY id")]
    assert names == ["Anna Kowalska-Nyström", "Bob", "Cy"]
    chrome.scripts(driver, True)
    walker.seen.clear()
    walker.everywhere(own)
    walker.done()


def test_another_host(make_daemon, driver):
    """In its colours, with all that the law wants said."""
    daemon = make_daemon({"spring-school": (HERE / "school.conf").read_text()}, hosts=NORTH)
    for language in ("en", "et", "lt"):
        walker = Walker(daemon, driver, language)
        walker.everywhere(f"/{language}/e/spring-school")
        assert any(path.startswith(f"/{language}/imprint") for path in walker.seen)
        walker.done()


def test_before_and_after(make_daemon, smtp, driver):
    """A draft, an event that is full, closed and over, and the data that is kept for evidence."""
    extra = ('opens = "2027-01-10T09:00"; closes = "2027-03-01T12:00"; '
             'privacy = { controller = "The cluster"; retain_evidence_until = "2032-12-31"; };')
    daemon = make_daemon({"open": definition("open", capacity=1, fields=ALL_FIELDS, extra=extra),
                          "plan": definition("plan", fields=ALL_FIELDS, extra='visibility = "draft";')})
    walker = Walker(daemon, driver, "en")
    preview = urlsplit(daemon.ctl("event", "preview", "plan").strip())
    walker.open(f"/en{preview.path}?{preview.query}")
    own, _ = join(daemon, smtp, "open", "anna@umed.example", country="LT", terms="yes")
    walker.open("/en/e/open")  # full
    daemon.set_time("2027-03-02T08:00:00Z")
    walker.seen.clear()
    walker.everywhere("/en/e/open", own)  # closed
    daemon.set_time("2027-04-01T08:00:00Z")
    walker.open("/en/e/open")  # over
    walker.open("/en/")
    walker.open(own)
    walker.button(own + "/erase")
    walker.done()
