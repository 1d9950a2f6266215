#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""The peak: 10,000 visitors at once get the form and post it, for 500 places and no waiting list. All are answered, exactly
500 have a place, the others see 409 with their answers. Every visitor has a loopback address of his own (127.1.0.1 and on,
250 in each /24), so all limits stay at their defaults; only descriptors are raised, to 20,000 on each side.
Called by tests/bench/peak. peak.py CROWD [VISITORS [PLACES]]; CONVENED and CONVENECTL as for the server tests."""
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "server"))

from harness.daemon import Daemon, find_programs  # noqa: E402
from harness.definitions import definition  # noqa: E402
from harness.smtp import MailServer  # noqa: E402

DESCRIPTORS = 20000


def main():
    crowd = Path(sys.argv[1]).resolve()
    visitors = int(sys.argv[2]) if len(sys.argv) > 2 else 10000
    places = int(sys.argv[3]) if len(sys.argv) > 3 else 500
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    wanted = DESCRIPTORS if hard == resource.RLIM_INFINITY else min(DESCRIPTORS, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    if wanted < visitors + 200:
        sys.exit(f"peak: {wanted} descriptors are too few for {visitors} visitors")
    smtp = MailServer()
    smtp.start()
    try:
        with tempfile.TemporaryDirectory(prefix="convened-peak-") as folder:
            daemon = Daemon(find_programs(), folder, smtp=smtp, settings={"http": {"trusted_proxies": []}})
            return run(daemon, crowd, visitors, places)
    finally:
        smtp.stop()


def run(daemon, crowd, visitors, places):
    faults = []

    def demand(holds, text):
        if not holds:
            faults.append(text)

    daemon.write_event("peak", definition("peak", capacity=places))
    daemon.start()
    done = subprocess.run([str(crowd), str(daemon.port), "/en/e/peak", str(visitors), "4"], capture_output=True, text=True,
                          timeout=400)
    demand(done.returncode == 0, f"the crowd ended with {done.returncode}: {done.stderr}")
    if faults:
        print("\n".join(faults))
        daemon.finish()
        return 1
    said = json.loads(done.stdout)
    started = time.monotonic()
    print(json.dumps(said, indent=1))
    get, post = said["get"]["statuses"], said["post"]["statuses"]
    demand(get == {"200": visitors}, f"GET: {get}")
    demand(post == {"303": places, "409": visitors - places}, f"POST: {post}")
    demand(said["get"]["unanswered"] == said["post"]["unanswered"] == 0, "somebody was not answered")
    row, = daemon.query("SELECT capacity, taken, free, waiting FROM places")
    demand(row == {"capacity": places, "taken": places, "free": 0, "waiting": 0}, f"places: {row}")
    demand(daemon.query("SELECT count(*) AS n FROM claim")[0]["n"] == places, "claims")
    demand(daemon.query("SELECT count(*) AS n FROM registration")[0]["n"] == places, "registrations")
    daemon.settled(120)
    print(f"{places} mails left within {time.monotonic() - started:.1f} s of the last answer")
    demand(len({m.recipient for m in daemon.smtp.mails}) == len(daemon.smtp.mails) == places, "mails")
    daemon.ctl("verify")
    faults += daemon.finish()
    for line in faults:
        print("FAULT:", line)
    print("peak: " + ("failed" if faults else f"{visitors} visitors answered, {places} places, none too many"))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
