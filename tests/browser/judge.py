# SPDX-License-Identifier: EUPL-1.2
"""What every page has to stand: axe-core, wide in light colours and narrow in dark ones; no sideways scroll; the order of
its headings; the Nu Html Checker. Each judgement is a list of sentences, empty when all is well."""
import json
import os
import urllib.request
from pathlib import Path

import chrome

AXE = Path(os.environ.get("CONVENED_NPM", "")) / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
AXE_RUN = """const done = arguments[1];
axe.run(document, {runOnly: arguments[0], resultTypes: ['violations']}).then(
    r => done(r.violations.map(v => v.id + ': ' + v.nodes.map(n => n.target.join(' ')).join(', '))),
    e => done(['axe broke: ' + e]))"""
# A window of 1280 by 1024 at 400 % zoom has 320 by 256 CSS pixels of four dots each.
WINDOWS = {"320 px": (320, 900, 1), "400 % zoom": (320, 256, 4)}
TOO_WIDE = """const room = document.documentElement.clientWidth;
if (document.documentElement.scrollWidth <= room) return [];
return [...document.body.querySelectorAll('*')].filter(e => e.getBoundingClientRect().right > room + 1)
    .slice(0, 5).map(e => e.tagName.toLowerCase() + (e.id ? '#' + e.id : '') + (e.className ? '.' + e.className : ''))
    .concat(document.documentElement.scrollWidth + ' px in all')"""
# Without that of the error summary, which stands above all else.
HEADINGS = """return [...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].filter(h => !h.closest('[role="alert"]')).map(
    h => [Number(h.tagName[1]), h.innerText.replace(/\\s+/g, ' ').trim(), h.getBoundingClientRect().top + scrollY])"""


def axe(driver):
    if not driver.execute_script("return typeof axe === 'object'"):
        driver.execute_script(AXE.read_text())
    return [f"axe {fault}" for fault in driver.execute_async_script(AXE_RUN, RULES)]


def sideways(driver):
    """At both sizes. Leaves the window at the last."""
    faults = []
    for name, window in WINDOWS.items():
        chrome.resize(driver, *window)
        wide = driver.execute_script(TOO_WIDE)
        if wide:
            faults.append(f"at {name} one scrolls sideways: {', '.join(wide)}")
    return faults


def headings(driver):
    """One h1, which is the first; no level is left out; from top to bottom as they are read out."""
    found = driver.execute_script(HEADINGS)
    levels = [level for level, _, _ in found]
    faults = []
    if levels.count(1) != 1 or levels[0] != 1:
        faults.append(f"headings: not one h1 that is the first, but {levels}")
    for (before, _, top), (level, text, next_top) in zip(found, found[1:]):
        if level > before + 1:
            faults.append(f"headings: “{text}” is h{level} after h{before}")
        if next_top < top:
            faults.append(f"headings: “{text}” stands above what is read before it")
    return faults + [f"headings: an empty h{level}" for level, text, _ in found if not text]


def looks(driver, dark=True):
    """The page on which the driver stands, in every way of looking at it. DARK: in dark colours too, which are the same on
    all pages."""
    chrome.resize(driver, 1280)
    chrome.scheme(driver, "light")
    faults = [f"1280 px, light: {fault}" for fault in axe(driver)] + sideways(driver)
    chrome.resize(driver, 320)
    chrome.scheme(driver, "dark")
    faults += headings(driver) + [f"320 px, dark: {fault}" for fault in (axe(driver) if dark else ())]
    chrome.scheme(driver, "light")
    chrome.resize(driver, 1280)
    return faults


def markup(body, kind="text/html; charset=utf-8"):
    """The Nu Html Checker, which tests/browser/run started."""
    request = urllib.request.Request(os.environ["CONVENED_NU"] + "/?out=json", body, {"Content-Type": kind})
    with urllib.request.urlopen(request, timeout=120) as answer:
        messages = json.load(answer)["messages"]
    return [f"markup, line {m.get('lastLine')}: {m['message']} {m.get('extract', '')!r}" for m in messages
            if m["type"] != "info" or m.get("subType") == "warning"]
