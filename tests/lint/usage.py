#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""convenectl(1) has each form of a subcommand that --help prints, word by word, and no other; convened(8) and convenectl(1)
have the options of their programs; and each option that a subcommand takes stands in a form."""
import re

from tree import ROOT, Report, sources

STRING = r'"((?:[^"\\]|\\.)*)"'
OPTION = re.compile(r'\{ "([a-z-]+)", (?:no|required)_argument,')
report = Report()


def usages():
    """Each form, such as `export --event SLUG --format csv|json`, with the file that says it."""
    for path in sources(".c", under="src/ctl"):
        said = re.search(r'\.usage = ((?:' + STRING + r'\s*)+)', path.read_text())
        if said:
            name = re.search(r'\.name = ' + STRING + r',\s*\.usage', path.read_text())
            text = "".join(re.findall(STRING, said[1])).replace("\\n", "\n")
            yield from ((f"{name[1]} {form}", path) for form in text.split("\n"))


def headings(page):
    """Each heading of a list in a manual as (line, words): macros of formatting gone, brackets and dashes as they are read."""
    lines, at = page.read_text().splitlines(), 0
    while at < len(lines):
        line, start = lines[at], at + 1
        if line.startswith(".It Xo"):
            while lines[at + 1] != ".Xc":
                at += 1
                line += " " + lines[at].lstrip(".")
        at += 1
        if not line.startswith(".It "):
            continue
        shown, dashes = [], 0
        for word in line.split()[1:]:
            if word == "Fl":
                dashes += 1
            elif word in ("Oo", "Oc", "Op"):
                shown.append("]" if word == "Oc" else "[")
            elif word not in ("Xo", "Cm", "Ar", "Ns", "Pa"):
                shown.append("-" * dashes + word)
                dashes = 0
        yield start, line, shown + ["]"] * ("Op" in line.split())


def bare(text):
    return re.sub(r"\s", "", text).lower()


page = ROOT / "man" / "convenectl.1"
forms = {}
for number, line, words in headings(page):
    if line.startswith((".It Cm", ".It Xo Cm")):
        forms[bare("".join(words))] = (number, " ".join(words))
printed = {bare(form): (form, path) for form, path in usages()}
for key in sorted(printed.keys() - forms.keys()):
    report.fault(page, 1, f"lacks: {printed[key][0]}")
for key in sorted(forms.keys() - printed.keys()):
    report.fault(page, forms[key][0], f"--help does not have: {forms[key][1]}")

in_forms = set(re.findall(r"--([a-z-]+)", " ".join(form for form, _ in printed.values())))
for path in sources(".c", under="src/ctl"):
    for option in OPTION.findall(path.read_text()):
        if path.name != "convenectl.c" and option not in in_forms:
            report.fault(path, 1, f"--{option} stands in no form")

for source, name in (("src/ctl/convenectl.c", "convenectl.1"), ("src/main.c", "convened.8")):
    text = (ROOT / source).read_text()
    has = set(OPTION.findall(text))
    told = {word[2:] for _, line, words in headings(ROOT / "man" / name) if line.startswith(".It Fl")
            for word in words if word.startswith("--")}
    if not has:
        report.fault(source, 1, "no table of options")
    for option in sorted(has ^ told):
        report.fault(ROOT / "man" / name, 1, f"--{option} stands in one of the manual and {source} alone")
    for option in sorted(has - set(re.findall(r"--([a-z-]+)", text))):
        report.fault(source, 1, f"the help lacks --{option}")
report.done()
