# SPDX-License-Identifier: EUPL-1.2
"""What every lint of the sources needs: the files, and one way to report."""
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(os.environ.get("srcdir", ".")).resolve()
if not (ROOT / "src").is_dir():
    ROOT = Path(__file__).resolve().parents[2]

OURS = ("src", "conf", "doc", "man", "scripts", "share", "systemd", "tests", ".ci")
TOP = ("*.md", "LICENSE", "configure.ac", "Makefile.am", ".clang-format", ".editorconfig")


def sources(*suffixes, under="src"):
    return sorted(p for p in (ROOT / under).rglob("*") if p.suffix in suffixes and p.is_file())


def repository_files():
    """All files that are ours: those git knows or would add; in a tarball, what the folders hold, which nothing builds in."""
    if (ROOT / ".git").exists():
        done = subprocess.run(["git", "-C", str(ROOT), "ls-files", "-co", "--exclude-standard", "-z"], capture_output=True,
                              check=True)
        names = [ROOT / n.decode() for n in done.stdout.split(b"\0") if n]
    else:
        names = [p for folder in OURS for p in (ROOT / folder).rglob("*") if "__pycache__" not in p.parts]
        names += [p for pattern in TOP for p in ROOT.glob(pattern)]
    return sorted(p for p in names if p.is_file())


class Report:
    def __init__(self):
        self.count = 0

    def fault(self, path, line, text):
        path = Path(path)
        name = path.relative_to(ROOT) if path.is_absolute() and path.is_relative_to(ROOT) else path
        print(f"{name}:{line}: {text}")
        self.count += 1

    def done(self):
        sys.exit(1 if self.count else 0)
