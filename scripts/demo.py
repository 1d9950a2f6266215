# SPDX-License-Identifier: EUPL-1.2
"""Runs a built convened with the sample events and an SMTP server that keeps every message. Called by scripts/demo."""
import argparse
import datetime
import email
import email.policy
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

AHEAD = datetime.timedelta(days=30)
STEP = datetime.timedelta(days=364)  # whole weeks: a Thursday stays a Thursday
WALL = re.compile(r'"(\d{4}-\d\d-\d\d)(T\d\d:\d\d)?"')  # whatever is said to be then
STARTS = re.compile(r'\bstarts\s*=\s*"([^"]+)"')


def moved_samples(texts, today):
    """The same definitions, all times later by one multiple of 364 days, so that the earliest start is well ahead."""
    starts = [datetime.datetime.fromisoformat(time) for text in texts.values() for time in STARTS.findall(text)]
    shift = datetime.timedelta()
    while starts and min(starts) + shift < today + AHEAD:
        shift += STEP

    def later(match):
        day, hour = match.groups(default="")
        return f'"{datetime.date.fromisoformat(day) + shift}{hour}"'
    return {name: WALL.sub(later, text) for name, text in texts.items()}


def install_samples(samples, events, today):
    """Into the folder EVENTS, but no file that is there: a person may have edited it."""
    texts = {path.name: path.read_text() for path in sorted(samples.glob("*.conf"))}
    for name, text in moved_samples(texts, today).items():
        if not (events / name).exists():
            (events / name).write_text(text)


class Keeper:
    """Keeps each message as a file and says one line about it."""

    def __init__(self, folder):
        self.folder, self.count, self.lock = folder, len(list(folder.glob("*.eml"))), threading.Lock()

    async def handle_DATA(self, server, session, envelope):
        with self.lock:
            self.count += 1
            path = self.folder / f"{self.count:04}.eml"
            path.write_bytes(envelope.original_content)
        message = email.message_from_bytes(envelope.original_content, policy=email.policy.default)
        print(f"mail {path.name} to {', '.join(envelope.rcpt_tos)}: {message['Subject']}", flush=True)
        return "250 2.0.0 kept"


class Post(Controller):
    def factory(self):
        return SMTP(self.handler, ident="demo.localhost", decode_data=False)


def taken(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


def settings(folder, port, smtp_port):
    return f'''# Written anew by each scripts/demo.
http   = {{ listen = [ "127.0.0.1:{port}" ]; base_url = "http://127.0.0.1:{port}"; }};
store  = {{ url = "sqlite:{folder}/convened.db"; }};
events = {{ directory = "{folder}/events.d"; }};
mail   = {{ smtp_url = "smtp://127.0.0.1:{smtp_port}"; from = "Connected Health Cluster <events@cluster.example>"; }};
'''


def wait_ready(process, port):
    for _ in range(300):
        if process.poll() is not None:
            return False
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2):
                return True
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    return False


def main():
    parser = argparse.ArgumentParser(prog="scripts/demo")
    parser.add_argument("--root", type=Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--samples", type=Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, default=8080, help="of the web pages, on 127.0.0.1")
    parser.add_argument("--smtp-port", type=int, default=2525, help="of the mail server beside it")
    parser.add_argument("--keep", action="store_true", help="go on with the registrations, events and mails of the last time")
    options = parser.parse_args()

    for port, option in ((options.port, "--port"), (options.smtp_port, "--smtp-port")):
        if taken(port):
            sys.exit(f"scripts/demo: port {port} of 127.0.0.1 is taken; choose another with {option}")
    folder = options.folder.resolve()
    if not options.keep and folder.exists():
        shutil.rmtree(folder)
    mails, events = folder / "mails", folder / "events.d"
    for path in (mails, events):
        path.mkdir(parents=True, exist_ok=True)
    install_samples(options.samples, events, datetime.datetime.now())
    config = folder / "convened.conf"
    config.write_text(settings(folder, options.port, options.smtp_port))

    # A signal may come at any time from here on; both ends are stopped below.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell starts what runs behind it with SIGINT ignored
    post = Post(Keeper(mails), hostname="127.0.0.1", port=options.smtp_port)
    post.start()
    log = open(folder / "convened.log", "ab")
    # Its own session: Ctrl-C reaches this program alone, which then stops the daemon in order.
    process = subprocess.Popen([options.root / "sbin" / "convened", "-c", config], stdin=subprocess.DEVNULL, stdout=log,
                               stderr=log, start_new_session=True)
    code = 1
    try:
        if not wait_ready(process, options.port):
            sys.stdout.write((folder / "convened.log").read_text(errors="replace")[-4000:])
            sys.exit("scripts/demo: convened did not start")
        base = f"http://127.0.0.1:{options.port}"
        print(f"\nconvened runs on {base}/")
        for path in sorted(events.glob("*.conf")):
            slug = re.search(r'^\s*slug\s*=\s*"([^"]+)"', path.read_text(errors="replace"), re.M)
            if slug:
                print(f"    {base}/e/{slug.group(1)}")
        print(f"Mails are kept in {mails}")
        print(f"Registrations: sqlite3 {folder}/convened.db 'SELECT * FROM registrations'")
        print(f"           or: {options.root}/bin/convenectl -c {config} registration list --event SLUG")
        print(f"Events are the files in {events}; after a change:")
        print(f"    check:  {options.root}/sbin/convened -t -c {config}")
        print(f"    reload: kill -HUP {process.pid}")
        print("Ctrl-C stops.\n", flush=True)
        code = process.wait()
        print(f"convened ended with {code}; its log is {folder}/convened.log")
    except KeyboardInterrupt:
        print("\nstopping", flush=True)
        code = 0
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        if process.poll() is None:
            process.terminate()
            try:
                code = process.wait(15) or code
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                code = 1
        post.stop()
        log.close()
    sys.exit(code)


if __name__ == "__main__":
    main()
