# SPDX-License-Identifier: EUPL-1.2
"""Reading mails and calendars with other people's parsers."""
import re
from urllib.parse import urlsplit

import icalendar

LINK = re.compile(r"https?://[^\s<>\"']+")


def parts(message):
    """All leaves as (content type, part); every part is free of defects."""
    for part in message.walk():
        assert part.defects == [], (part.get_content_type(), part.defects)
        for name, value in part.items():
            assert not getattr(value, "defects", ()), (name, value, value.defects)
    return [(p.get_content_type(), p) for p in message.walk() if not p.is_multipart()]


def shape(message):
    """The structure as nested text: mixed(alternative(plain,related(html,png),calendar),ics)."""
    if message.is_multipart():
        return message.get_content_subtype() + "(" + ",".join(shape(p) for p in message.iter_parts()) + ")"
    return message.get_content_subtype()


def body(message, kind):
    part = message.get_body((kind,))
    assert part is not None, f"no {kind} body in {shape(message)}"
    return part.get_content()


def calendars(message):
    """The calendar of the alternative and that of the attachment, as bytes."""
    return [part.get_payload(decode=True) for kind, part in parts(message) if kind in ("text/calendar", "application/ics")]


def calendar(message):
    texts = calendars(message)
    assert texts, f"no calendar in {shape(message)}"
    assert all(text == texts[0] for text in texts), "the two calendars differ"
    return icalendar.Calendar.from_ical(texts[0])


def event_of(entry):
    events = entry.walk("VEVENT")
    assert events, "no VEVENT"
    return events[0]


def utc(entry, value):
    """A DTSTART or DTEND reckoned by the calendar's own VTIMEZONE, as a naive UTC time."""
    from datetime import timezone
    name = value.params.get("TZID")
    if name is None:
        return value.dt.astimezone(timezone.utc).replace(tzinfo=None)
    zones = {str(z["TZID"]): z for z in entry.walk("VTIMEZONE")}
    assert name in zones, f"no VTIMEZONE for {name}"
    zone = zones[name].to_tz()
    return zone.localize(value.dt.replace(tzinfo=None)).astimezone(timezone.utc).replace(tzinfo=None)


def links(message):
    """Every link of the text, as paths, without those of the calendar's data."""
    return [urlsplit(link.rstrip(".,)")).path for link in LINK.findall(body(message, "plain"))]


def manage_path(message):
    """The path of the person's own page."""
    found = {p for p in links(message) if re.fullmatch(r"(/[a-z]{2})?/r/[a-z2-7]{40}", p)}
    assert len(found) == 1, f"{len(found)} manage links in the mail"
    return found.pop()


def answer_path(message):
    """The path of the page where the person confirms or answers."""
    found = {p for p in links(message) if re.fullmatch(r"(/[a-z]{2})?/r/[a-z2-7]{40}/confirm", p)}
    assert len(found) == 1, f"{len(found)} links to confirm in the mail"
    return found.pop()


def token_of(path):
    return re.search(r"[a-z2-7]{40}", path).group(0)
