# SPDX-License-Identifier: EUPL-1.2
"""A person who has a keyboard and no mouse."""
import chrome

# What Tab must reach, in the order of the page: of radio buttons one of each group. Numbers itself for the test.
MARK = """let n = 0;
const radios = new Map(), stops = [];
for (const e of document.querySelectorAll('a[href],button,input,select,textarea,summary,[tabindex]')) {
    if (e.tabIndex < 0 || e.disabled || e.type === 'hidden' || !e.checkVisibility({visibilityProperty: true})) continue;
    if (e.type === 'radio') {
        const group = [...(e.form || document).querySelectorAll(`input[type=radio][name="${CSS.escape(e.name)}"]`)]
            .filter(r => !r.disabled);
        const stop = group.find(r => r.checked) || group[0];
        if (e !== stop) continue;
    }
    e.dataset.stop = n++;
    stops.push(e.tagName.toLowerCase() + ' ' + (e.name || e.getAttribute('href') || e.textContent.trim()));
}
return stops"""
# Where the focus is, and what is wrong with how it looks (WCAG 2.4.7, 2.4.11).
WHERE = """const e = document.activeElement;
if (!e || e === document.body) return null;
const style = getComputedStyle(e), box = e.getBoundingClientRect();
const middle = (from, to, end) => (Math.max(from, 0) + Math.min(to, end)) / 2;
const dot = document.elementFromPoint(middle(box.left, box.right, innerWidth), middle(box.top, box.bottom, innerHeight));
const faults = [];
if (style.outlineStyle === 'none' || parseFloat(style.outlineWidth) < 2) faults.push('no outline');
if (box.width < 1 || box.height < 1) faults.push('no size');
if (box.bottom <= 0 || box.top >= innerHeight) faults.push('not in the window');
else if (!dot || !(e.contains(dot) || dot.contains(e))) faults.push('hidden behind ' + (dot ? dot.tagName : 'nothing'));
return {stop: Number(e.dataset.stop ?? -1), faults}"""
CONTROL = """const e = document.activeElement;
return {tag: e.tagName.toLowerCase(), type: e.type || '', name: e.name || '', value: e.value || '',
        checked: !!e.checked, href: e.getAttribute('href') || '', main: !!e.closest('main form[method=post]')}"""
MOST_STOPS = 400
MOST_OPTIONS = 300


def once_round(driver, modifiers):
    """The stops that Tab comes by, from where the focus is until it is there again, and their faults."""
    found, faults, outside = [], [], 0
    for _ in range(MOST_STOPS):
        chrome.press(driver, "Tab", modifiers)
        where = driver.execute_script(WHERE)
        if not where:  # behind the last: in the browser's own controls
            outside += 1
            if outside == 3:
                break
        elif len(found) > 1 and where["stop"] == found[0]:
            break
        else:
            if where["stop"] not in found[-1:]:  # the parts of a date are stops of their own
                found.append(where["stop"])
            faults += [(where["stop"], fault) for fault in where["faults"]]
    return found, faults


def round_trip(driver):
    """Tabs once through the page and once back; what is not reached, out of order or not seen, as sentences."""
    stops = driver.execute_script(MARK)
    wanted, faults = list(range(len(stops))), []
    for name, modifiers in (("Tab", 0), ("Shift+Tab", chrome.SHIFT)):
        found, unseen = once_round(driver, modifiers)
        faults += [f"{name} to {stops[stop] if stop >= 0 else 'what is no control'}: {fault}" for stop, fault in unseen]
        faults += [f"{name} does not reach {stops[stop]}" for stop in wanted if stop not in found]
        first = min(range(len(found)), key=found.__getitem__, default=0) if not modifiers else \
            max(range(len(found)), key=found.__getitem__, default=0)
        in_order = found[first:] + found[:first]
        if in_order != (wanted if not modifiers else wanted[::-1]):
            faults.append(f"{name} goes in the order {in_order}")
    return faults


def answer(driver, control, wanted):
    """Gives the control that has the focus its answer, with keys alone."""
    if control["type"] == "checkbox":
        if (control["value"] in wanted) != control["checked"]:
            chrome.press(driver, " ")
    elif control["type"] == "radio" or control["tag"] == "select":
        if control["type"] == "radio":
            chrome.press(driver, " ")
        for _ in range(MOST_OPTIONS):
            now = driver.execute_script(CONTROL)
            if now["value"] == wanted[0]:
                return
            chrome.press(driver, "ArrowDown")
        raise AssertionError(f"{control['name']}: no {wanted[0]} among what the arrow keys come by")
    elif control["type"] == "date":  # as an American Chromium wants it: each part goes on to the next by itself
        year, month, day = wanted[0].split("-")
        chrome.type_text(driver, month + day + year)
        assert driver.execute_script(CONTROL)["value"] == wanted[0]
    else:
        chrome.type_text(driver, wanted[0])


def fill_and_send(driver, answers, button=None):
    """Goes through the form of the page by Tab, answers, and presses the button, or that of this name, when it comes by it.
    Each answer is asked."""
    open_answers = {name: value if isinstance(value, list) else [value] for name, value in answers.items()}
    given = set()
    for _ in range(MOST_STOPS):
        chrome.press(driver, "Tab")
        control = driver.execute_script(CONTROL)
        if control["type"] == "date" and control["name"] in given:
            continue  # the parts of a date are stops of their own
        if control["name"] in open_answers and control["main"]:
            answer(driver, control, open_answers[control["name"]])
            given.add(control["name"])
        elif control["tag"] == "button" and control["main"] and button in (None, control["name"]):
            assert given == open_answers.keys(), f"not asked before the button: {open_answers.keys() - given}"
            chrome.leave(driver, lambda: chrome.press(driver, "Enter"))
            return
    raise AssertionError("Tab does not come by the form's button")
