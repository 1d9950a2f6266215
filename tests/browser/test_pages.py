# SPDX-License-Identifier: EUPL-1.2
"""Every page of every sample, in each of its languages, as somebody who signs up comes by it: WCAG by axe-core, markup by
the Nu Html Checker, no sideways scroll, headings in order."""
import judge
import keyboard
import pytest
from cases import samples_in_each
from harness import letters
from harness.forms import filled, sent_off
from test_after_review import ANNA, club
from test_samples import Visitors, text_of
from walk import Walker

HOSTS = """( { id = "cluster"; name = "Connected Health Cluster"; from = "events@cluster.example";
    imprint = { en = "Published by the Connected Health Cluster."; et = "Väljaandja: Connected Health Cluster.";
                lt = "Leidėjas: Connected Health Cluster."; }; } )"""


@pytest.mark.parametrize("slug, language", samples_in_each())
def test_every_page(make_daemon, smtp, driver, slug, language):
    daemon = make_daemon({slug: text_of(slug)}, hosts=HOSTS, limits={"burst": 1000})
    walker = Walker(daemon, driver, language, dark=slug == "edah-vilnius-2027")
    visitors = Visitors(daemon, smtp, slug)
    address, answer = visitors.send(visitors.opened(language))
    message = visitors.letter(address, visitors.sample.state)
    own = f"/{language}/r/" + letters.token_of(letters.manage_path(message))
    event = f"/{language}/e/{slug}"

    walker.everywhere(f"/{language}/", answer.location, own)
    for path in (event, f"{event}/privacy", f"{event}/find", f"/{language}/accessibility", f"/{language}/imprint",
                 f"{own}/change", f"{own}/cancel", f"{own}/address", f"{own}/erase"):
        assert path in walker.seen, f"no link leads to {path}"
    walker.open(f"/{language}/e/nowhere", 404)
    for path in (event, f"{own}/change", f"{event}/find", f"{own}/address"):
        walker.nothing(path)
    walker.button(f"{own}/cancel")
    walker.done()


@pytest.mark.parametrize("slug, language", samples_in_each(
    lambda slug: "after_review" in text_of(slug) or slug == "ch-mission-oslo-2027"))
def test_before_it_is_sent(make_daemon, smtp, driver, slug, language):
    """The pages between the form and the registration, which no link leads to."""
    daemon = make_daemon({slug: text_of(slug)}, limits={"burst": 1000})
    walker, visitors = Walker(daemon, driver, language, dark=slug == "edah-vilnius-2027"), Visitors(daemon, smtp, slug)
    page = visitors.opened(language)
    told = visitors.told(page.form)
    driver.get(f"{daemon.base_url}/{language}/e/{slug}")
    daemon.pass_time(60)
    keyboard.fill_and_send(driver, told)
    page = daemon.browser(language).post(page.form.action, filled(page.form, told))
    walker.answered("the review", page)
    if visitors.told_after():
        keyboard.fill_and_send(driver, {}, "_reviewed")
        page = daemon.browser(language).post(page.form.action, sent_off(page.form))
        walker.answered("what is asked after it", page)
        foreign = [e.text for e in page.tree.all("main")[0].walk() if e.get("lang", language) != language]
        assert not foreign, f"not in the page's language: {foreign}"
    walker.done()


def test_faults_after_the_review(make_daemon, driver):
    daemon = make_daemon({"club": club()})
    walker = Walker(daemon, driver, "en")
    driver.get(f"{daemon.base_url}/en/e/club")
    form = daemon.browser().get("/en/e/club").form
    daemon.pass_time(5)
    keyboard.fill_and_send(driver, ANNA)
    keyboard.fill_and_send(driver, {}, "_reviewed")
    walker.look("what is asked after the review")
    keyboard.fill_and_send(driver, {"age": "many", "topics.1": "a", "topics.2": "a"}, "_optional")
    assert len(driver.find_elements("css selector", "[role=alert] a")) == 2
    page = daemon.browser().post(form.action, [*filled(form, ANNA), ("_optional", "send"), ("age", "many")])
    assert page.status == 422
    walker.answered("what is wrong there", page)
    assert keyboard.round_trip(driver) == []
    walker.done()


GAPS = """return [...document.querySelectorAll('.person')].map(p => {
    const shown = [...p.children].map(e => e.getBoundingClientRect()).filter(r => r.height > 0);
    return Math.min(...shown.slice(1).map((r, i) => r.top - shown[i].bottom)); })"""


def test_who_comes_along(make_daemon, driver):
    """The block of each of them, fresh and with what is wrong in it; its questions stand apart as all others do."""
    daemon = make_daemon({"hb-tartu-lab-2027": text_of("hb-tartu-lab-2027")})
    walker = Walker(daemon, driver, "en")
    form = daemon.browser().get("/en/e/hb-tartu-lab-2027").form
    driver.get(f"{daemon.base_url}/en/e/hb-tartu-lab-2027")
    daemon.pass_time(5)
    typed = {"name": "Mari", "email": "mari@umed.example", "_guests": "2"}
    keyboard.fill_and_send(driver, typed, "_add")
    page = daemon.browser().post(form.action, [*filled(form, {**typed, "childcare": "no"}), ("_add", "yes")])
    walker.answered("the blocks", page)
    assert [gap >= 12 for gap in driver.execute_script(GAPS)] == [True, True]
    wrong = {"guest.1.email": "no address", "guest.2.name": "x" * 130, "childcare": "no"}
    keyboard.fill_and_send(driver, wrong, "")
    page = daemon.browser().post(page.form.action, filled(page.form, wrong))
    assert page.status == 422
    walker.answered("what is wrong in them", page)
    assert [gap >= 12 for gap in driver.execute_script(GAPS)] == [True, True]
    assert keyboard.round_trip(driver) == []
    walker.done()


def test_the_sheet(make_daemon):
    daemon = make_daemon({})
    page = daemon.browser().get("/en/")
    sheet, = [e.get("href") for e in page.tree.all("link", rel="stylesheet")]
    assert judge.markup(daemon.browser().get(sheet).body, "text/css; charset=utf-8") == []
