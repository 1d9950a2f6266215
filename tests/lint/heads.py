#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""Every source says its licence in the first lines and what it is for right after; none grows past 600 lines."""
import re

from tree import ROOT, Report, repository_files

SPDX = "SPDX-License-" + "Identifier: EUPL-1.2"
LIMIT = 600
SOURCES = {".c", ".h", ".py", ".sh", ".mjs"}

report = Report()
for path in repository_files():
    name = path.relative_to(ROOT)
    head = path.read_bytes()[:200]
    script = head.startswith(b"#!")
    if path.suffix not in SOURCES and not script:
        continue
    lines = path.read_text().splitlines()
    at = next((i for i, line in enumerate(lines[:3]) if SPDX in line), None)
    if at is None:
        report.fault(path, 1, f"no line {SPDX}")
        continue
    if len(lines) > LIMIT:
        report.fault(path, len(lines), f"{len(lines)} lines, more than {LIMIT}: split it by meaning")
    rest = [line for line in lines[at + 1:at + 4] if line.strip()]
    if path.suffix in (".c", ".h"):
        described = rest and rest[0].startswith("/*") and len(rest[0]) > 12
    else:
        described = rest and re.match(r'(#|"""|//|/\*)', rest[0]) is not None
    if not described:
        report.fault(path, at + 2, "no comment that says what this file is for")
report.done()
