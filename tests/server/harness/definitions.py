# SPDX-License-Identifier: EUPL-1.2
"""Event definitions for tests, as texts. The clock of the tests starts at CLOCK; events lie after it."""
import json

CLOCK = "2027-01-15T10:00:00Z"

NAME = '{ id = "name"; type = "text"; role = "name"; required = true; label = { en = "Full name"; lt = "Vardas ir pavardė"; }; }'
EMAIL = '{ id = "email"; type = "email"; role = "email"; required = true; label = { en = "Email"; lt = "El. paštas"; }; }'
COUNTRY = '{ id = "country"; type = "country"; role = "country"; required = true; label = { en = "Country"; lt = "Šalis"; }; }'
TOPIC = ('{ id = "topic"; type = "choice"; label = { en = "Topic"; lt = "Tema"; }; options = ( '
         '{ id = "data"; label = { en = "Data quality"; lt = "Duomenų kokybė"; }; }, '
         '{ id = "skills"; label = { en = "Skills"; lt = "Įgūdžiai"; }; } ); }')
ORGANISATION = '{ id = "organisation"; type = "text"; role = "organisation"; label = { en = "Organisation"; lt = "Organizacija"; }; }'
IDEA = '{ id = "idea"; type = "textarea"; max_length = 500; label = { en = "Your idea"; lt = "Jūsų mintis"; }; }'
TERMS = ('{ id = "terms"; type = "consent"; required = true; label = { en = "I agree to the house rules"; '
         'lt = "Sutinku su namų taisyklėmis"; }; }')
NEWS = '{ id = "news"; type = "consent"; label = { en = "Send me news"; lt = "Siųskite man naujienas"; }; }'
ALL_FIELDS = (NAME, EMAIL, COUNTRY, TOPIC, ORGANISATION, IDEA, TERMS, NEWS)
PLAIN_FIELDS = (NAME, EMAIL)


def quote(text):
    return json.dumps(text, ensure_ascii=False)


def definition(slug, *, title=None, languages=("en", "lt"), zone="Europe/Vilnius", starts="2027-03-18T09:30",
               ends="2027-03-18T16:00", capacity=50, waiting_list=False, modes=None, fields=PLAIN_FIELDS, extra=""):
    """The text of a definition. MODES replaces the one limited mode; EXTRA is appended as it is. Nothing is sent on a date
    unless it says so."""
    if modes is None:
        modes = f'( {{ id = "onsite"; capacity = {capacity}; }} )' if capacity else None
    lines = [
        f"slug = {quote(slug)};",
        "languages = [ " + ", ".join(quote(code) for code in languages) + " ];",
        f"title = {quote(title or 'The ' + slug)};",
        f"zone = {quote(zone)};",
        f"starts = {quote(starts)};",
        f"ends = {quote(ends)};",
        f"waiting_list = {'true' if waiting_list else 'false'};",
    ]
    if "place" not in extra:
        lines.append('place = "Neris Conference Centre, Vilnius";')
    for key, none in (("reminders", "[ ]"), ("join_mail", '""')):
        if key not in extra:
            lines.append(f"{key} = {none};")
    if modes:
        lines.append(f"modes = {modes};")
    lines.append("fields = ( " + ",\n           ".join(fields) + " );")
    if extra:
        lines.append(extra)
    return "\n".join(lines) + "\n"


def in_english(fields):
    """The same fields with one language only."""
    import re
    return tuple(re.sub(r'\{ en = ("(?:[^"\\]|\\.)*"); lt = "(?:[^"\\]|\\.)*"; \}', r"\1", field) for field in fields)
