#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""A hundred and a million bulk mails that are due: the daemon takes the same memory for both (but for SQLite's caches, 16 MB a
connection at most), a confirmation goes at once all the same, and a paused event costs nobody anything.
queue.py [MAILS]; CONVENED and CONVENECTL as for the server tests."""
import re
import sys
import tempfile
import time
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "server"))

from harness.daemon import Daemon, find_programs  # noqa: E402
from harness.definitions import definition  # noqa: E402
from harness.smtp import MailServer  # noqa: E402
from harness.wait import eventually  # noqa: E402

CACHES = 4 * 16  # MB: the writer and the readers
SECONDS = 10     # of work on the queue
LATEST = 2.0     # seconds for a confirmation

# Each about somebody of whom nothing is left: leased, read, found to be no longer owed.
FILL = """WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
INSERT INTO mail (subject_kind, subject_id, event_id, kind, instance, recipient, language, data, priority, state, due_at,
    message_id, born_at)
SELECT 'registration', 1000000 + i, (SELECT id FROM event WHERE slug = 'other'), 'event_off', 0,
    'p' || i || '@d' || (i % 5000) || '.example', 'en', '{}', 2, 'queued', ?, i || '.0@cluster.example', ? FROM n"""


def private_memory(daemon):
    """MB that belong to the process alone."""
    status = Path(f"/proc/{daemon.process.pid}/status").read_text()
    return int(re.search(r"RssAnon:\s+(\d+) kB", status)[1]) / 1024


def run(folder, smtp, mails, mail):
    daemon = Daemon(find_programs(), folder, smtp=smtp, settings={"mail": mail})
    daemon.write_event("workshop", definition("workshop"))
    daemon.write_event("other", definition("other"))
    daemon.start()
    daemon.ripe_form("workshop")
    daemon.ctl("mail", "pause")
    time.sleep(1.5)
    now = int(daemon.clock.now()) - 10
    daemon.execute(FILL, (mails, now, now))
    daemon.ctl("mail", "resume")
    begun, most, slowest = time.monotonic(), 0.0, 0.0
    for n in range(SECONDS):
        asked = time.monotonic()
        assert daemon.sign_up("workshop", f"p{n}@{mails}.example").status == 303
        eventually(lambda: smtp.to(f"p{n}@{mails}.example"), 60, "the confirmation")
        slowest = max(slowest, time.monotonic() - asked)
        most = max(most, private_memory(daemon))
        time.sleep(max(0.0, begun + n + 1 - time.monotonic()))
    left = daemon.query("SELECT sum(n) AS n FROM mail_count WHERE state IN ('queued', 'deferred')")[0]["n"]
    faults = daemon.finish()
    print(f"{mails} mails {mail}: {most:.1f} MB at most, the slowest confirmation {slowest * 1000:.0f} ms, {mails - left} done")
    return most, slowest, faults


def main():
    many = int(sys.argv[1]) if len(sys.argv) > 1 else 1000000
    smtp = MailServer()
    smtp.start()
    faults = []
    try:
        with tempfile.TemporaryDirectory(prefix="convened-queue-") as folder:
            few = run(f"{folder}/few", smtp, 100, {})
            for name, mail in (("many", {}), ("paced", {"per_domain_per_minute": 1})):
                most, slowest, said = run(f"{folder}/{name}", smtp, many, mail)
                faults += said
                if most > few[0] + CACHES:
                    faults.append(f"{name}: {most:.1f} MB, with a hundred mails {few[0]:.1f}")
                if slowest > LATEST:
                    faults.append(f"{name}: a confirmation took {slowest:.1f} s")
    finally:
        smtp.stop()
    for line in faults + few[2]:
        print("FAULT:", line)
    print("queue: " + ("failed" if faults or few[2] else "a million costs what a hundred does"))
    return 1 if faults or few[2] else 0


if __name__ == "__main__":
    sys.exit(main())
