# SPDX-License-Identifier: EUPL-1.2
"""Without a mouse, with scripts and without: every control is reached in the order of the page, one sees where one is,
and a sample's audience can sign up, change and cancel."""
import chrome
import keyboard
import pytest
from cases import samples
from harness import letters
from test_samples import Visitors, text_of

PROBE = "data:text/html,<title>before</title><script>document.title = 'after'</script>"


@pytest.fixture(params=["scripts", "no scripts"])
def either(request, driver):
    """Chromium with scripts, and without; that the switch does what it says is seen first."""
    chrome.scripts(driver, request.param == "scripts")
    driver.get(PROBE)
    assert driver.title == ("after" if request.param == "scripts" else "before")
    return driver


def person_of(sample):
    return {"name": "Person Kõiv", "email": "person@company.example", **sample.answers}


@pytest.mark.parametrize("slug", samples())
def test_every_control_is_reached(make_daemon, driver, slug):
    daemon = make_daemon({slug: text_of(slug)})
    for width in (1280, 320):
        chrome.resize(driver, width)
        driver.get(f"{daemon.base_url}/en/e/{slug}")
        assert keyboard.round_trip(driver) == [], f"{width} px"


@pytest.mark.parametrize("slug", ["edah-vilnius-2027", "ai4diag-match-2027", "pvh-lab-slots-2027"])
def test_a_registration_by_keys_alone(make_daemon, smtp, either, slug):
    daemon = make_daemon({slug: text_of(slug)}, limits={"burst": 1000})
    visitors, driver = Visitors(daemon, smtp, slug), either
    form = daemon.browser().get(f"/en/e/{slug}").form
    told = visitors.told(form)
    driver.get(f"{daemon.base_url}/en/e/{slug}")
    daemon.pass_time(60)
    keyboard.fill_and_send(driver, told)
    keyboard.fill_and_send(driver, {}, "_reviewed")
    if visitors.told_after():
        assert keyboard.round_trip(driver) == []
        keyboard.fill_and_send(driver, visitors.told_after(), "_optional")
    assert "/n/" in driver.current_url, driver.find_element("tag name", "main").text
    assert keyboard.round_trip(driver) == []
    row = visitors.row(told["email"])
    assert row["status"] == visitors.sample.state
    assert visitors.choices(told["email"], "taken", "held") == visitors.sample.places
    assert visitors.choices(told["email"], "wished") == visitors.sample.wishes

    own = daemon.base_url + letters.manage_path(visitors.letter(told["email"], visitors.sample.state))
    driver.get(own)
    assert keyboard.round_trip(driver) == []
    driver.get(own + "/change")
    assert keyboard.round_trip(driver) == []
    driver.get(own + "/cancel")
    keyboard.fill_and_send(driver, {})
    assert visitors.row(told["email"])["status"] == "cancelled"


def test_what_is_wrong_is_found_by_keys(make_daemon, either):
    """The form sent empty: the summary is where the keyboard starts, and its links lead to the controls."""
    slug, driver = "edah-vilnius-2027", either
    daemon = make_daemon({slug: text_of(slug)})
    driver.get(f"{daemon.base_url}/en/e/{slug}")
    daemon.pass_time(60)
    keyboard.fill_and_send(driver, {})
    links = driver.find_elements("css selector", "[role=alert] a")
    assert links, "no summary"
    assert keyboard.round_trip(driver) == []
    target = links[0].get_attribute("href").partition("#")[2]
    driver.execute_script("arguments[0].focus()", links[0])
    chrome.press(driver, "Enter")
    assert driver.execute_script("return document.activeElement.id") == target
