#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""Every symbol that a file of src/ shows to others is declared in a header of its room, its first word belongs to no other
room, and no file keeps a writable global. Reads the objects of the build folder (argument, default: here)."""
import os
import re
import subprocess
import sys
from pathlib import Path

from tree import ROOT, Report

BUILD = Path(sys.argv[1] if len(sys.argv) > 1 else os.environ.get("builddir", ".")).resolve()
SHARED = {"main"}
SHARED_WORDS = {"mail"}  # a room, and the row that change/ writes
WRITABLE = {
    ("base", "log"),    # the level is the one process-wide variable
    ("event", "zone"),  # the lock around libical's shared iterators
}

report = Report()
headers = {}
for path in sorted((ROOT / "src").rglob("*.h")):
    room = path.parent.name if path.parent != ROOT / "src" else "main"
    text = re.sub(r"/\*.*?\*/", " ", path.read_text(), flags=re.S)
    headers.setdefault(room, set()).update(re.findall(r"\b[a-z_][a-z0-9_]*\b", text))

objects = sorted((BUILD / "src").rglob("*.o"))
if not objects:
    print(f"{BUILD}: no objects under src/: build first")
    sys.exit(1)
owner = {}
sources = {}  # of each object that is read: its file and its room
for path in objects:
    parts = path.relative_to(BUILD / "src").parts
    room = parts[0] if len(parts) > 1 else "main"
    source = ROOT / "src" / Path(*parts[:-1]) / f"{path.stem.rsplit('-', 1)[-1]}.c"
    if source.exists() and (source, room) not in sources.values():
        sources[str(path)] = (source, room)
listing = subprocess.run(["nm", "-f", "sysv", "--defined-only", *sources], capture_output=True, text=True, check=True)
source = room = None
for line in listing.stdout.splitlines():
    header = re.fullmatch(r"Symbols from (.*):", line)
    if header:
        source, room = sources[header[1]]
        continue
    cells = [cell.strip() for cell in line.split("|")]
    if len(cells) != 7:
        continue
    symbol, kind, section = cells[0], cells[2], cells[6]
    if symbol.startswith(("_", ".")) or "." in symbol:
        continue
    # .data.rel.ro is const and only relocated at the start.
    if section in (".data", ".bss", ".tdata", ".tbss", "*COM*") and (room, source.stem) not in WRITABLE:
        report.fault(source, 1, f"{symbol}: a variable that lives as long as the process")
    if not kind.isupper() or kind in ("U", "V", "W") or symbol in SHARED:
        continue
    if symbol not in headers.get(room, ()):
        report.fault(source, 1, f"{symbol}: shown to others but in no header of {room}/; static?")
        continue
    first = symbol.split("_")[0]
    if first not in SHARED_WORDS and owner.setdefault(first, room) != room:
        report.fault(source, 1, f"{symbol}: the word {first} is that of {owner[first]}/")
report.done()
