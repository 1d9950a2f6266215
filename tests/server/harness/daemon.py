# SPDX-License-Identifier: EUPL-1.2
"""One convened as a direct child in its own folder, on a free port, with a clock that tests move."""
import calendar
import json
import os
import re
import select
import signal
import socket
import sqlite3
import subprocess
import threading
import time
from pathlib import Path
from types import SimpleNamespace

from .browser import Browser
from .definitions import CLOCK, quote
from .ports import free_port
from .wait import eventually

SANITIZER = re.compile(r"AddressSanitizer|LeakSanitizer|ThreadSanitizer|runtime error:|UndefinedBehavior")
START_SECONDS = 120
STOP_SECONDS = 60


def find_programs():
    """CONVENED and CONVENECTL name the programs; CONVENED_SHARE, if set, where the uninstalled share/ is."""
    daemon = os.environ["CONVENED"]
    ctl = os.environ.get("CONVENECTL") or str(Path(daemon).with_name("convenectl"))
    if not Path(ctl).exists():  # installed: sbin and bin
        ctl = str(Path(daemon).parent.parent / "bin" / "convenectl")
    return SimpleNamespace(daemon=daemon, ctl=ctl, share=os.environ.get("CONVENED_SHARE"))


def environment(**more):
    kept = {k: v for k, v in os.environ.items() if k in ("PATH", "HOME", "LANG", "LD_LIBRARY_PATH", "TMPDIR")}
    kept["ASAN_OPTIONS"] = "halt_on_error=1:detect_leaks=1:strict_string_checks=1:exitcode=66"
    kept["UBSAN_OPTIONS"] = "halt_on_error=1:print_stacktrace=1:exitcode=66"
    kept["G_SLICE"] = "always-malloc"  # GLib's own allocator hides faults, and shows ThreadSanitizer what is none
    kept["TSAN_OPTIONS"] = f"halt_on_error=1:exitcode=66:suppressions={Path(__file__).with_name('tsan.supp')}"
    kept.update({k: v for k, v in more.items() if v is not None})
    return kept


class Clock:
    """The file that --clock-file names. Moved on by writing the instant that the clock shall read now. It is as many whole
    seconds from the real time, so that reading a stamp again moves nobody's clock but by the second that may begin between."""

    def __init__(self, path, start=CLOCK):
        self.path = path
        self.offset = 0
        self.set(start)

    def set(self, stamp):
        self.offset = calendar.timegm(time.strptime(stamp, "%Y-%m-%dT%H:%M:%SZ")) - int(time.time())
        self.write()

    def now(self):
        return time.time() + self.offset

    def stamp(self, at=None):
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self.now() if at is None else at))

    def move(self, seconds):
        self.offset += seconds
        self.write()

    def write(self):
        new = self.path.with_name(f"{self.path.name}.{threading.get_ident()}")  # several threads may run convenectl
        new.write_text(self.stamp() + "\n")
        new.replace(self.path)  # so that nobody reads half of it


class Daemon:
    def __init__(self, programs, folder, *, smtp, settings):
        self.programs, self.folder, self.smtp, self.settings = programs, Path(folder), smtp, dict(settings)
        self.events = self.folder / "events.d"
        self.events.mkdir(parents=True, exist_ok=True)
        self.clock = Clock(self.folder / "clock")
        self.config = self.folder / "convened.conf"
        self.database = Path(self.settings.pop("database", None) or self.folder / "convened.db")
        self.port = self.settings.pop("port", None)
        self.hosts = self.settings.pop("hosts", None)  # the text of the list, as it stands in the file
        self.errors = self.folder / "stderr"
        self.process = None
        self.secrets = set()      # what must never stand in the log
        self.expect_exit = 0      # what finish() demands; None: nothing
        self.notes = []           # what it told systemd
        self._notes_socket = None
        self._forms = {}

    # --- files

    def write_event(self, slug, text):
        path = self.events / f"{slug}.conf"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def remove_event(self, slug):
        (self.events / f"{slug}.conf").unlink()

    def write_config(self):
        own = {
            "http": {"listen": [f"127.0.0.1:{self.port}"], "base_url": self.base_url,
                     "trusted_proxies": ["127.0.0.1"]},
            "store": {"url": f"sqlite:{self.database}"},
            "events": {"directory": str(self.events)},
            "mail": {"smtp_url": f"smtp://127.0.0.1:{self.smtp.port}",
                     "from": "Connected Health Cluster <events@cluster.example>", "helo_name": "convened.test", "probe": 2},
        }
        for group, values in self.settings.items():
            own.setdefault(group, {}).update(values)
        lines = []
        for group, values in own.items():
            lines.append(f"{group} = {{")
            for key, value in values.items():
                if isinstance(value, bool):
                    value = "true" if value else "false"
                elif isinstance(value, (list, tuple)):
                    value = "[ " + ", ".join(quote(item) for item in value) + " ]"
                elif isinstance(value, str):
                    value = quote(value)
                lines.append(f"    {key} = {value};")
            lines.append("};")
        if self.hosts:
            lines.append(f"hosts = {self.hosts};")
        self.config.write_text("\n".join(lines) + "\n")

    @property
    def base_url(self):
        return f"http://127.0.0.1:{self.port}"

    def log(self):
        return self.errors.read_text(errors="replace") if self.errors.exists() else ""

    # --- life

    def arguments(self):
        share = ["--share", self.programs.share] if self.programs.share else []
        return [self.programs.daemon, "-c", str(self.config), "--clock-file", str(self.clock.path), *share]

    def start(self, *, ready=True, env=None):
        """Starts it and waits until it says that it is ready. Tries other ports if one is taken meanwhile."""
        fixed = self.port is not None
        for attempt in range(5):
            if not fixed and not (self.port and self.database.exists()):
                self.port = free_port()
            self.write_config()
            self.clock.write()
            self._spawn(env)
            if not ready:
                return self
            try:
                self._wait_ready()
                return self
            except AssertionError:
                if fixed or self.process.poll() is None or "EADDRINUSE" not in self.log() or attempt == 4:
                    raise
        return self

    def _spawn(self, env):
        if self._notes_socket:
            self._notes_socket.close()
        path = self.folder / "notify"
        path.unlink(missing_ok=True)
        self._notes_socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._notes_socket.bind(str(path))
        self.notes = []
        with open(self.errors, "ab") as log:
            self.process = subprocess.Popen(self.arguments(), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            env=environment(NOTIFY_SOCKET=str(path), **(env or {})))

    def _wait_ready(self):
        def ready():
            self.read_notes(0.05)
            if any("READY=1" in note.split("\n") for note in self.notes):
                return True
            assert self.process.poll() is None, f"ended with {self.process.returncode}:\n{self.log()[-4000:]}"
            return False
        end = time.monotonic() + START_SECONDS
        while not ready():
            assert time.monotonic() < end, f"not ready:\n{self.log()[-4000:]}"
        eventually(lambda: self.browser().get("/readyz").status == 200, START_SECONDS, "/readyz says 200")

    def read_notes(self, wait=0.0):
        while self._notes_socket and select.select([self._notes_socket], [], [], wait)[0]:
            self.notes.append(self._notes_socket.recv(65536).decode())
            wait = 0.0
        return self.notes

    def traced(self):
        """True if a tracer is attached to every thread."""
        tasks = Path(f"/proc/{self.process.pid}/task")
        return all("TracerPid:\t0" not in (task / "status").read_text() for task in tasks.iterdir())

    @property
    def alive(self):
        return self.process is not None and self.process.poll() is None

    def reload(self):
        """SIGHUP, and waits until it says that it is ready again. Its clock runs on, and does not go back to when it was
        set: what has become due since would wait."""
        self.clock.write()
        self.read_notes()
        count = len(self.notes)
        self.process.send_signal(signal.SIGHUP)

        def done():
            new = self.read_notes(0.02)[count:]
            assert self.alive, f"ended with {self.process.returncode}:\n{self.log()[-4000:]}"
            return any("RELOADING=1" in n.split("\n") for n in new) and "READY=1" in new[-1].split("\n")
        eventually(done, START_SECONDS, "RELOADING=1 and READY=1 after SIGHUP")

    def pass_time(self, seconds):
        self.clock.move(seconds)
        self.reload()

    def set_time(self, stamp):
        """The clock reads STAMP from now on; forms that were fetched before are too old."""
        self.clock.set(stamp)
        self.forget_forms()
        if self.alive:
            self.reload()

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        """SIGTERM; the exit code."""
        if self.process is None:
            return 0
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            return "killed: it did not end by itself"

    def finish(self):
        """Stops it and says what was wrong with it, as a list of sentences."""
        problems = []
        was_alive = self.alive
        code = self.stop()
        if was_alive and code != 0:
            problems.append(f"the daemon ended with {code}, not 0")
        elif not was_alive and self.process is not None and self.expect_exit is not None and code != self.expect_exit:
            problems.append(f"the daemon had ended with {code}, not {self.expect_exit}")
        self.read_notes()
        if self._notes_socket:
            self._notes_socket.close()
            self._notes_socket = None
        log = self.log()
        if SANITIZER.search(log):
            problems.append("a sanitizer reported:\n" + log[SANITIZER.search(log).start():][:6000])
        for secret in self.secrets:
            if secret in log:
                line = next(line for line in log.splitlines() if secret in line)
                problems.append(f"the log holds what it must not: {line}")
        for line in log.splitlines():
            if re.search(r"\b[a-z2-7]{40}\b", line):
                problems.append(f"the log holds a token: {line}")
        return problems

    # --- asking it

    def browser(self, language="en"):
        return Browser(self.port, language, self.secrets)

    def query(self, sql, parameters=()):
        """Rows as dictionaries, read from the file as an organiser would."""
        connection = sqlite3.connect(self.database, timeout=60)
        try:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(sql, parameters).fetchall()]
        finally:
            connection.close()

    def execute(self, sql, parameters=()):
        connection = sqlite3.connect(self.database, timeout=60)
        try:
            with connection:
                connection.execute(sql, parameters)
        finally:
            connection.close()

    def dump(self):
        """Every table, row by row."""
        connection = sqlite3.connect(self.database, timeout=60)
        try:
            return list(connection.iterdump())
        finally:
            connection.close()

    def ctl(self, *arguments, code=0, given=b"", env=None):
        """convenectl with GIVEN on standard input; its standard output. CODE None: whatever it ends with; then (code,
        output, errors)."""
        share = ["--share", self.programs.share] if self.programs.share and arguments[:1] == ("render",) else []
        self.clock.write()
        done = subprocess.run([self.programs.ctl, "-c", str(self.config), "--clock-file", str(self.clock.path),
                               *arguments, *share], env=environment(**(env or {})), input=given, capture_output=True,
                              timeout=120)
        errors = done.stderr.decode(errors="replace")
        assert not SANITIZER.search(errors), errors
        if code is None:
            return done.returncode, done.stdout.decode(), errors
        assert done.returncode == code, f"convenectl {' '.join(arguments)}: {done.returncode}\n{errors}{done.stdout.decode()}"
        return done.stdout.decode()

    def ctl_json(self, *arguments):
        return json.loads(self.ctl(*arguments, "--json"))

    def check(self, *arguments):
        """convened -t: exit code and everything it says."""
        share = ["--share", self.programs.share] if self.programs.share else []
        done = subprocess.run([self.programs.daemon, "-c", str(self.config), "-t", *share, *arguments],
                              env=environment(), capture_output=True, timeout=120)
        said = done.stdout.decode(errors="replace") + done.stderr.decode(errors="replace")
        assert not SANITIZER.search(said), said
        return done.returncode, said

    # --- signing up

    def ripe_form(self, slug, language="en"):
        """The values of the event's empty form, with a form time that is old enough; fetched once for each page."""
        key = (slug, language)
        if key not in self._forms:
            page = self.browser().get(f"/{language}/e/{slug}")
            assert page.status == 200, page.status
            form = page.form
            self.pass_time(4)
            self._forms[key] = (form.action, dict(form.values))
        action, values = self._forms[key]
        return action, dict(values)

    def forget_forms(self):
        self._forms.clear()

    def sign_up(self, slug, email, language="en", **values):
        """One POST of the filled form; the answer."""
        action, form = self.ripe_form(slug, language)
        form.update({"name": "Anna Kowalska-Nyström", "email": email, **values})
        return self.browser().post(action, form)

    def settled(self, deadline=20.0):
        """Waits until no mail waits to be sent now; one that is planned for later may."""
        def still():
            return not self.query("SELECT 1 FROM mail WHERE state = 'leased' OR (state = 'queued' AND due_at <= ?)",
                                  (int(self.clock.now()) + 2,))
        eventually(still, deadline, "all mails have left the queue")
