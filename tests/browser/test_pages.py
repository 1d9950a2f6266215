# SPDX-License-Identifier: EUPL-1.2
"""Every page of every sample, in each of its languages, as somebody who signs up comes by it: WCAG by axe-core, markup by
the Nu Html Checker, no sideways scroll, headings in order."""
import judge
import pytest
from harness import letters
from test_samples import SAMPLES, Visitors, languages, text_of
from walk import Walker

HOSTS = """( { id = "cluster"; name = "Connected Health Cluster"; from = "events@cluster.example";
    imprint = { en = "Published by the Connected Health Cluster."; et = "Väljaandja: Connected Health Cluster.";
                lt = "Leidėjas: Connected Health Cluster."; }; } )"""


@pytest.mark.parametrize("slug, language", [(slug, code) for slug in SAMPLES for code in languages(slug)])
def test_every_page(make_daemon, smtp, driver, slug, language):
    daemon = make_daemon({slug: text_of(slug)}, hosts=HOSTS, limits={"burst": 1000})
    walker = Walker(daemon, driver, language)
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


def test_the_sheet(make_daemon):
    daemon = make_daemon({})
    page = daemon.browser().get("/en/")
    sheet, = [e.get("href") for e in page.tree.all("link", rel="stylesheet")]
    assert judge.markup(daemon.browser().get(sheet).body, "text/css; charset=utf-8") == []
