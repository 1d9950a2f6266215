# SPDX-License-Identifier: EUPL-1.2
"""Reading and filling a form as a person does: by what stands on the page."""
import re


def offered(form, control):
    """The values of a control, without the empty one; of radio buttons and boxes those that can be chosen."""
    values = []
    for element in form.controls[control]:
        if element.tag == "select":
            values += [o.get("value") for o in element.all("option")]
        elif "disabled" not in element.attributes:
            values.append(element.get("value"))
    return [value for value in values if value]


def chosen_from(control):
    """True if one chooses from what is offered, and does not type."""
    return control.tag == "select" or control.get("type") in ("radio", "checkbox")


def conditional(control):
    """True if it is shown only after another answer."""
    holder = control
    while holder is not None and "then" not in (holder.get("class") or "").split():
        holder = holder.parent
    return holder is not None


def said(form, control, value):
    """The words with which the page offers a value, without what stands beside them."""
    for element in form.controls[control]:
        options = element.all("option") if element.tag == "select" else [element]
        for option in options:
            if option.get("value") != value:
                continue
            if option.tag == "option":
                return re.sub(r" \([^()]*\)$", "", option.text)
            return next(e for e in option.parent.children if getattr(e, "tag", None) == "span").text
    raise AssertionError(f"{control} does not offer {value}")


def as_it_came(form):
    """{name: [values]} of what a browser would send of the form untouched."""
    values = {}
    for name, controls in form.controls.items():
        if controls[0].tag == "button":
            continue
        if controls[0].get("type") in ("radio", "checkbox"):
            values[name] = [c.get("value", "on") for c in controls if "checked" in c.attributes]
        elif controls[0].get("type") == "hidden":
            values[name] = [c.get("value", "") for c in controls]
        elif name in form.values:
            values[name] = [form.values[name]]
    return values


def pairs(values):
    return [(name, value) for name, several in values.items() for value in several]


def sent_off(form):
    """The form with the answers, looked through and sent off."""
    assert form.controls["_reviewed"][0].tag == "button"
    return [*pairs(as_it_came(form)), ("_reviewed", form.controls["_reviewed"][0].get("value"))]


def filled(form, answers):
    """The form with ANSWERS in it, as pairs; a value that is a list ticks several boxes. Every answer must have its
    control and be offered there; what the form demands and nobody answered is a fault of the test."""
    values = as_it_came(form)
    for name, answer in answers.items():
        assert name in form.controls, f"{name} is not asked; asked is {sorted(form.controls)}"
        values[name] = answer if isinstance(answer, list) else [answer]
        if chosen_from(form.controls[name][0]):
            missing = set(values[name]) - set(offered(form, name))
            assert not missing, f"{name} does not offer {missing}, but {offered(form, name)}"
    for name, controls in form.controls.items():
        demanded = any("required" in control.attributes for control in controls) and not conditional(controls[0])
        assert not demanded or any(values.get(name, ())), f"{name} must be answered"
    return pairs(values)


def problem(page):
    """{sentence: link} of the summary; every link has its target."""
    summary = next(e for e in page.tree.walk() if "sum" in (e.get("class") or "").split())
    found = {}
    for item in summary.all("li"):
        links = item.all("a")
        found[item.text] = links[0].get("href") if links else None
        assert not links or page.by_id(links[0].get("href")[1:]), f"{links[0].get('href')} leads nowhere"
    return found
