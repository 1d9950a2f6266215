#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""Slow clients and vulnerability scanners against a daemon, while somebody signs up every half second. All of those are
served in time and the tools find nothing, but for what accepted.txt explains. attack.py FOLDER [slow|wapiti|sqlmap ...];
FOLDER takes the reports. Called by tests/attack/run."""
import http.client
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from urllib.parse import urlencode

sys.dont_write_bytecode = True
HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "server"))

from harness.daemon import Daemon, find_programs  # noqa: E402
from harness.definitions import ALL_FIELDS, definition  # noqa: E402
from harness.smtp import MailServer  # noqa: E402

PATH = "/en/e/workshop"
ANSWERS = {"name": "Anna Kowalska", "country": "PL", "topic": "skills", "organisation": "Clinic", "idea": "One", "terms": "yes"}
PATIENCE = 5.0  # seconds that a sign-up may take while the attack goes on
SLOW_SECONDS = 20
# A scanner that only sees 429 finds nothing. It comes through a trusted proxy that names nobody, too.
UNLIMITED = {"mails_per_address_per_hour": 1000000, "refused_per_event_per_minute": 1000000}
MODULES = ("xss", "permanentxss", "sql", "exec", "file", "crlf", "csp", "http_headers", "cookieflags", "redirect")


class Visitor(threading.Thread):
    """Signs up every half second, each time from another network, and keeps what came of it."""

    def __init__(self, port, form, name):
        super().__init__(daemon=True)
        self.port, self.form, self.name_ = port, form, name
        self.done = threading.Event()
        self.times, self.faults, self.number = [], [], 0

    def run(self):
        while not self.done.wait(0.5):
            self.number += 1
            started = time.monotonic()
            try:
                status = self.once()
            except (OSError, http.client.HTTPException) as error:
                status = repr(error)
            took = time.monotonic() - started
            self.times.append(took)
            if status != 303:
                self.faults.append(f"sign-up {self.number} was answered with {status}")
            elif took > PATIENCE:
                self.faults.append(f"sign-up {self.number} took {took:.1f} s")

    def once(self):
        own = f"127.2.{self.number // 250}.{self.number % 250 + 1}"
        body = urlencode({**self.form, **ANSWERS, "email": f"{self.name_}{self.number}@umed.example"})
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30, source_address=(own, 0))
        try:
            connection.request("GET", PATH)
            if connection.getresponse().read() == b"":
                return "an empty page"
            connection.request("POST", PATH, body, {"Content-Type": "application/x-www-form-urlencoded"})
            answer = connection.getresponse()
            answer.read()
            return answer.status
        finally:
            connection.close()

    def finish(self):
        self.done.set()
        self.join(60)
        self.times.sort()
        middle = self.times[len(self.times) // 2] if self.times else -1
        print(f"  {self.number} sign-ups, {len(self.faults)} not served; median {middle * 1000:.0f} ms, "
              f"slowest {self.times[-1] * 1000 if self.times else -1:.0f} ms")
        return self.faults + ([] if self.number > 5 else ["hardly anybody signed up"])


class Attack:
    def __init__(self, folder):
        self.folder = folder
        self.faults = []
        self.smtp = MailServer()
        self.smtp.start()
        self.count = 0

    def step(self, name, attack, **settings):
        """A daemon, a visitor, and ATTACK(daemon), which returns what it found."""
        print(f"== {name}", flush=True)
        self.count += 1
        with tempfile.TemporaryDirectory(prefix="convened-attack-") as folder:
            daemon = Daemon(find_programs(), folder, smtp=self.smtp, settings=settings)
            daemon.write_event("workshop", definition("workshop", capacity=100000, fields=ALL_FIELDS))
            daemon.start()
            _, form = daemon.ripe_form("workshop")
            visitor = Visitor(daemon.port, {k: form[k] for k in ("_form",)}, f"v{self.count}x")
            visitor.start()
            started = time.monotonic()
            found = attack(daemon)
            found += visitor.finish()
            count = daemon.query("SELECT count(*) AS n FROM registrations WHERE email LIKE ?", (f"v{self.count}x%",))[0]["n"]
            if count != visitor.number - len(visitor.faults):
                found.append(f"{count} registrations of {visitor.number} sign-ups")
            daemon.ctl("verify")
            found += daemon.finish()
            errors = [line for line in daemon.log().splitlines() if "level=error" in line]
            found += errors[:5]
            (self.folder / f"{name.replace(' ', '-')}.log").write_text(daemon.log())
        for line in found:
            print("  FAULT:", line)
        print(f"  {time.monotonic() - started:.0f} s", flush=True)
        self.faults += [f"{name}: {line}" for line in found]

    def tool(self, name, arguments, seconds):
        """Runs a tool; what it said, and how it ended (None: out of time)."""
        path = self.folder / f"{name}.out"
        with open(path, "wb") as out:
            try:
                code = subprocess.run(arguments, stdin=subprocess.DEVNULL, stdout=out, stderr=out, timeout=seconds,
                                      cwd=self.folder).returncode
            except subprocess.TimeoutExpired:
                code = None
        return code, path.read_text(errors="replace")

    # --- slow clients

    def slow(self):
        kinds = {
            "headers": ["-H", "-i", "2", "-x", "24"],
            "body": ["-B", "-i", "2", "-s", "8192", "-x", "10"],
            "read": ["-X", "-w", "1", "-y", "16", "-n", "2", "-z", "5", "-k", "3"],
        }
        # Once with the limits as they are; once without the one per address, so that the deadlines stand alone.
        deadlines = {"header_seconds": 5, "body_seconds": 5, "reply_seconds": 5, "idle_seconds": 5,
                     "connections_per_address": 100000}
        for suffix, limits in (("", {}), (" from everywhere", deadlines)):
            for kind, options in kinds.items():
                self.step(f"slow {kind}{suffix}", lambda daemon, options=options, kind=kind, limits=limits:
                          self.slow_one(daemon, kind, options, bool(limits)), http={"trusted_proxies": []},
                          **({"limits": limits} if limits else {}))

    def slow_one(self, daemon, kind, options, everywhere):
        url = f"http://127.0.0.1:{daemon.port}{PATH}"
        before, samples, ended = descriptors(daemon), [], threading.Event()

        def watch():
            while not ended.wait(0.2):
                samples.append(descriptors(daemon) - before)
        watcher = threading.Thread(target=watch)
        watcher.start()
        code, said = self.tool(f"slow-{kind}{'-everywhere' if everywhere else ''}",
                               ["slowhttptest", *options, "-u", url, "-c", "800", "-r", "400", "-l", str(SLOW_SECONDS), "-p", "5"],
                               SLOW_SECONDS + 30)
        ended.set()
        watcher.join()
        # The attacker gives up early if all its connections were cut; else it is looked at a second before.
        cut = "No open connections left" in said
        most, last = max(samples), 0 if cut else samples[-5]
        print(f"  800 slow connections; held by the daemon: {most} at most, {last} at the end")
        found = [] if code is not None else ["slowhttptest did not end"]
        if "connected" not in said:
            found.append("slowhttptest says nothing of its connections")
        # 100 of the attacker, some of the visitor.
        if not everywhere and most > 120:
            found.append(f"{most} connections were open, and 100 are allowed to an address")
        if everywhere and most < 300:
            found.append(f"{most} connections at most: that was no attack")
        if everywhere and last > 20:
            found.append(f"{last} slow connections still stand")
        return found

    # --- scanners

    def wapiti(self):
        self.step("wapiti", self.wapiti_one, limits=UNLIMITED)

    def wapiti_one(self, daemon):
        report = self.folder / "wapiti.json"
        report.unlink(missing_ok=True)
        store = self.folder / "wapiti-store"
        code, said = self.tool("wapiti", [
            "wapiti", "-u", f"http://127.0.0.1:{daemon.port}/", "-s", f"http://127.0.0.1:{daemon.port}{PATH}?q=1", "--scope", "domain",
            "-m", ",".join(MODULES), "--flush-session",
            "--store-session", str(store), "--store-config", str(store), "--max-scan-time", "60", "--max-attack-time", "60",
            "--no-bugreport", "-t", "10", "-f", "json", "-o", str(report)], 200)
        if not report.exists():
            return [f"wapiti made no report (ended with {code}): {said[-400:]}"]
        told = json.loads(report.read_text())
        found, known = [], accepted("wapiti")
        for kind in ("vulnerabilities", "anomalies"):
            for name, entries in told[kind].items():
                for entry in entries:
                    text = f"{name}: {entry.get('method')} {entry.get('path')}: {entry.get('info')}"
                    reason = next((reason for words, reason in known if words in text), None)
                    if reason:
                        print(f"  no fault: {entry.get('info')}: {reason}")
                    else:
                        found.append(text)
        launched = re.findall(r"Launching module (\w+)", said)
        print(f"  modules: {' '.join(launched)}")
        found += [f"wapiti did not run its module {name}" for name in MODULES if name not in launched]
        return found

    def sqlmap(self):
        self.step("sqlmap", self.sqlmap_one, limits=UNLIMITED)

    def sqlmap_one(self, daemon):
        base = f"http://127.0.0.1:{daemon.port}"
        form = daemon.ripe_form("workshop")[1]
        data = urlencode({**form, **ANSWERS, "email": "probe@umed.example"})
        token = "a2" * 20
        targets = {
            "form": ["-u", base + PATH, "--data", data, "-p", "name,email,country,topic,idea,_form,terms", "--ignore-code", "422,409,429"],
            "query": ["-u", base + PATH + "?q=1&lang=en", "-p", "q,lang"],
            "path": ["-u", base + "/en/e/workshop*", "--ignore-code", "404"],
            "token": ["-u", base + f"/r/{token}*", "--ignore-code", "404,429"],
            "headers": ["-u", base + PATH, "--headers", "Accept-Language: en*\nReferer: x*\nUser-Agent: y*"],
        }
        found = []
        for name, options in targets.items():
            out = self.folder / f"sqlmap-{name}"
            code, said = self.tool(f"sqlmap-{name}", [
                "sqlmap", *options, "--batch", "--dbms", "sqlite", "--level", "3", "--risk", "2", "--technique", "BEUT", "--threads", "2",
                "--timeout", "10", "--retries", "1", "--time-sec", "2", "--flush-session", "--disable-coloring",
                "--output-dir", str(out)], 60)
            tested = len(re.findall(r"testing '", said))
            print(f"  {name}: {tested} kinds of injection tried{'' if code is not None else ', stopped by the clock'}")
            if tested == 0:
                found.append(f"sqlmap tried nothing on {name}: {said[-300:]}")
            for line in said.splitlines():
                if re.search(r"(is vulnerable|appears to be .*injectable|identified the following injection)", line):
                    if not any(words in line for words, _ in accepted("sqlmap")):
                        found.append(f"{name}: {line}")
        return found


def descriptors(daemon):
    return len(os.listdir(f"/proc/{daemon.process.pid}/fd"))


def accepted(tool):
    """Pairs of words and reason."""
    pairs = []
    for line in (HERE / "accepted.txt").read_text().splitlines():
        cells = [cell.strip() for cell in line.split("|")]
        if not line.startswith("#") and len(cells) == 3 and cells[0] == tool:
            pairs.append((cells[1], cells[2]))
    return pairs


def main():
    folder = Path(sys.argv[1]).resolve()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8192) if hard > 0 else 8192, hard))
    attack = Attack(folder)
    started = time.monotonic()
    try:
        for name in sys.argv[2:] or ("slow", "wapiti", "sqlmap"):
            getattr(attack, name)()
    finally:
        attack.smtp.stop()
    print(f"attack: {len(attack.faults)} faults, {time.monotonic() - started:.0f} s")
    return 1 if attack.faults else 0


if __name__ == "__main__":
    sys.exit(main())
