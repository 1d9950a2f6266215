# SPDX-License-Identifier: EUPL-1.2
"""Without sheets and without scripts: everything is there, named, and in an order that can be read."""
import chrome
import judge
import pytest
from cases import samples
from test_samples import text_of

# What a reader who has no sheet comes by: a control stands after the words that name it, but a box or a button before.
UNNAMED = """const faults = [];
for (const e of document.querySelectorAll('input:not([type=hidden]),select,textarea')) {
    const label = e.labels && e.labels[0], shown = e.checkVisibility({visibilityProperty: true});
    if (!label) { faults.push(e.name + ' has no label'); continue; }
    if (!shown || !label.checkVisibility({visibilityProperty: true})) faults.push(e.name + ' is not shown');
    if (!label.innerText.trim()) faults.push(e.name + ' has an empty label');
    /* words that take two lines end where the last of them ends */
    const box = e.getBoundingClientRect(), last = [...label.getClientRects()].pop();
    if (!label.contains(e) && last.bottom > box.top + 1 && last.right > box.left + 1)
        faults.push(e.name + ' stands before its label');
}
return faults"""
ORDER = """const wanted = ['a.skip', 'header', 'main h1', 'main h2', 'main form[method=post]', 'footer'];
const all = wanted.map(s => document.querySelector(s)), faults = [];
all.forEach((e, i) => { if (!e) faults.push('no ' + wanted[i]); });
for (let i = 1; i < all.length; i++)
    if (all[i - 1] && all[i] && !(all[i - 1].compareDocumentPosition(all[i]) & Node.DOCUMENT_POSITION_FOLLOWING))
        faults.push(wanted[i] + ' stands before ' + wanted[i - 1]);
return faults"""


@pytest.mark.parametrize("slug", samples())
def test_an_event_without_its_sheet(make_daemon, driver, slug):
    daemon = make_daemon({slug: text_of(slug)})
    for width in (1280, 320):
        chrome.resize(driver, width)
        driver.get(f"{daemon.base_url}/en/e/{slug}")
        dressed = driver.execute_script(judge.HEADINGS)
        driver.execute_script(chrome.NO_SHEET)
        bare = driver.execute_script(judge.HEADINGS)
        assert [heading[:2] for heading in bare] == [heading[:2] for heading in dressed]
        assert judge.headings(driver) == [] and driver.execute_script(ORDER) == []
        assert driver.execute_script(UNNAMED) == []


@pytest.mark.parametrize("slug", samples())
def test_an_event_without_scripts(make_daemon, driver, slug):
    """The same words, the same controls and the same size as with scripts."""
    daemon = make_daemon({slug: text_of(slug)})
    found = []
    for on in (True, False):
        chrome.scripts(driver, on)
        driver.get(f"{daemon.base_url}/en/e/{slug}")
        found.append(driver.execute_script("""return [document.body.innerText, document.documentElement.scrollHeight,
            [...document.querySelectorAll('input,select,textarea,button')].map(e => e.name + ' ' + e.checkVisibility())]"""))
        assert len(found[-1][2]) > 3
    assert found[0] == found[1]
