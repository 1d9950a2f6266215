#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""The rooms depend one way only:
main, ctl → page, mail → change, report → store | http | view → signup → event → config → base.
Rooms of one step do not include each other."""
import re

from tree import ROOT, Report, sources

STEPS = [{"base"}, {"config"}, {"event"}, {"signup"}, {"store", "http", "view"}, {"change", "report"}, {"page", "mail"}, {"main", "ctl"}]
STEP = {room: step for step, rooms in enumerate(STEPS) for room in rooms}
INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"')

MAKEFILE = ROOT / "Makefile.am"
GENERATED = MAKEFILE.read_text() if MAKEFILE.exists() else ""  # headers that the build makes are named there

report = Report()
for path in sources(".c", ".h"):
    parts = path.relative_to(ROOT / "src").parts
    room = parts[0] if len(parts) > 1 else "main"
    if room not in STEP:
        report.fault(path, 1, f"the room {room} has no place in the order")
        continue
    for number, line in enumerate(path.read_text().splitlines(), 1):
        match = INCLUDE.match(line)
        if not match or match.group(1) == "config.h":
            continue
        name = match.group(1)
        if "/" not in name and room == "main":
            continue
        if "/" not in name:
            report.fault(path, number, f'"{name}": write it as "room/file.h"')
            continue
        target = name.split("/")[0]
        if not (ROOT / "src" / name).is_file() and f"src/{name}" not in GENERATED:
            report.fault(path, number, f'"{name}" is not there')
        elif target not in STEP:
            report.fault(path, number, f"the room {target} has no place in the order")
        elif target != room and STEP[target] >= STEP[room]:
            report.fault(path, number, f"{room} must not depend on {target}")
report.done()
