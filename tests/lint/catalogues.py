#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""Catalogues: every language's keys are English ones, with the same placeholders; every key that a template or a source
names is there in English."""
import json
import re

from tree import ROOT, Report, sources

PLURAL = ("zero", "one", "two", "few", "many", "other")
HOLE = re.compile(r"\{\{\s*([^}\s]+)\s*\}\}")
report = Report()
FOLDER = ROOT / "share" / "locale"


def no_doubles(pairs):
    keys = [k for k, _ in pairs]
    for key in {k for k in keys if keys.count(k) > 1}:
        raise ValueError(f"the key {key} stands twice")
    return dict(pairs)


def flatten(node, prefix=""):
    for key, value in node.items():
        name = f"{prefix}{key}"
        if isinstance(value, dict):
            yield from flatten(value, name + ".")
        else:
            yield name, value


def line_of(text, key):
    leaf = '"' + key.rsplit(".", 1)[-1] + '"'
    return next((n for n, line in enumerate(text.splitlines(), 1) if leaf in line), 1)


def base(key, plurals):
    stem, _, form = key.rpartition("_")
    return stem if form in PLURAL and stem in plurals else key


catalogues, texts = {}, {}
for path in sorted(FOLDER.glob("*.json")):
    texts[path.stem] = path.read_text()
    try:
        catalogues[path.stem] = dict(flatten(json.loads(texts[path.stem], object_pairs_hook=no_doubles)))
    except ValueError as error:
        report.fault(path, getattr(error, "lineno", 1), str(error))
english = catalogues.get("en")
if english is None:
    report.fault(FOLDER / "en.json", 1, "English is missing")
    report.done()

plurals = {k[:-6] for k in english if k.endswith("_other")}
wanted = {}
for key, value in english.items():
    if not isinstance(value, str) or not value:
        report.fault(FOLDER / "en.json", line_of(texts["en"], key), f"{key}: no sentence")
        continue
    wanted.setdefault(base(key, plurals), set()).update(HOLE.findall(value))
for stem in plurals:
    if f"{stem}_one" not in english:
        report.fault(FOLDER / "en.json", line_of(texts["en"], stem + "_other"), f"{stem}: no form _one")

for language, catalogue in catalogues.items():
    path = FOLDER / f"{language}.json"
    for key, value in catalogue.items():
        line, stem = line_of(texts[language], key), base(key, plurals)
        if stem not in wanted:
            report.fault(path, line, f"{key}: English has no such key")
            continue
        if not isinstance(value, str) or not value.strip():
            report.fault(path, line, f"{key}: no sentence")
            continue
        holes = set(HOLE.findall(value))
        # "one", "zero" and "two" may say the number in words.
        spare = {"count"} if key != stem and not key.endswith(("_other", "_many", "_few")) else set()
        if not (wanted[stem] - spare <= holes <= wanted[stem]):
            report.fault(path, line, f"{key}: has {sorted(holes)}, English has {sorted(wanted[stem])}")
    if language != "en":
        for stem in plurals:
            if any(base(k, plurals) == stem for k in catalogue) and f"{stem}_other" not in catalogue:
                report.fault(path, 1, f"{stem}: no form _other")
    if "language.name" not in catalogue:
        report.fault(path, 1, "language.name is missing")


def there(key):
    return key in wanted or f"{key}_other" in english or any(k.startswith(key + ".") for k in english)


TEMPLATE = re.compile(r"\{\{[{#^/&]?\s*t\.([A-Za-z0-9_.]+?)\s*\}?\}\}")
for path in sorted((ROOT / "share" / "templates").rglob("*.mustache")):
    for number, line in enumerate(path.read_text().splitlines(), 1):
        for key in TEMPLATE.findall(line):
            if not there(key):
                report.fault(path, number, f"{key}: English has no such key")

CALL = re.compile(r'\bcatalogue_(?:text|format|count|has)\s*\(([^;{}]*)')
for path in sources(".c"):
    text = path.read_text()
    for match in CALL.finditer(text):
        literal = re.search(r'"([a-z0-9_]+(?:\.[A-Za-z0-9_]+)+)"', match.group(1))
        if literal and "catalogue_has" not in match.group(0) and not there(literal.group(1)):
            report.fault(path, text.count("\n", 0, match.start()) + 1, f"{literal.group(1)}: English has no such key")
report.done()
