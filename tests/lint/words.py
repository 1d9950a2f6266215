#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""Lines that are not meant to stay, in any file of the repository; and long lines in sources."""
import re

from tree import ROOT, Report, repository_files

FORBIDDEN = re.compile("|".join(("TO" + "DO", "FIX" + "ME", r"\bXX" + r"X\b", "not " + "implemented", "/wo" + "rk/", "lorem " + "ipsum")))
BINARY = {".png", ".ico", ".jpg", ".woff2", ".db", ".gz"}
LONG = 120

report = Report()
for path in repository_files():
    if path.suffix in BINARY or path.name == "LICENSE" or "corpus" in path.parts:
        continue
    try:
        text = path.read_text()
    except UnicodeDecodeError:
        if "table" not in path.parts:
            report.fault(path, 1, "not UTF-8")
        continue
    for number, line in enumerate(text.splitlines(), 1):
        if FORBIDDEN.search(line):
            report.fault(path, number, f"not meant to stay: {line.strip()[:80]}")
        if path.suffix in (".c", ".h") and len(line) > LONG:
            report.fault(path, number, f"{len(line)} columns, more than {LONG}")
        if path.suffix in (".c", ".h", ".py") and line != line.rstrip():
            report.fault(path, number, "blanks at the end of the line")
        if path.suffix in (".c", ".h") and "\t" in line:
            report.fault(path, number, "a tab")
    if text and not text.endswith("\n"):
        report.fault(path, text.count("\n") + 1, "no line end at the end")
report.done()
