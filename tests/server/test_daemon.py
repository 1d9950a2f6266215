# SPDX-License-Identifier: EUPL-1.2
"""The daemon as systemd and its neighbours see it: start, ready, reload, drain, one at a time."""
import re
import signal
import sqlite3
import subprocess
import threading
import time

import pytest
from harness.crowd import sign_up_all
from harness.daemon import environment
from harness.definitions import definition
from harness.wait import eventually


def test_what_it_tells_systemd(daemon):
    assert any("READY=1" in note.split("\n") for note in daemon.notes)
    before = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
    daemon.reload()
    note = next(n for n in daemon.notes if "RELOADING=1" in n.split("\n"))
    stamp = int(re.search(r"^MONOTONIC_USEC=(\d+)$", note, re.M).group(1))
    # systemd takes a stamp from before its own signal for that of an earlier reload (sd_notify(3)): not rounded down.
    assert before <= stamp <= time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000 + 1
    assert daemon.stop() == 0
    assert any("STOPPING=1" in n.split("\n") for n in daemon.read_notes())


def test_alive_and_ready(daemon):
    for path in ("/healthz", "/readyz"):
        page = daemon.browser().get(path)
        assert page.status == 200 and page.header("Content-Type").startswith("text/plain")
        assert page.header("Cache-Control") == "no-store"


def test_sigterm_answers_what_is_under_way(daemon, smtp):
    """Sign-ups that wait for the database while the stop is asked for get their 303."""
    action, form = daemon.ripe_form("workshop")
    forms = [{**form, "name": f"Person {n}", "email": f"p{n}@umed.example"} for n in range(8)]
    sent, answers = threading.Event(), []
    lock = sqlite3.connect(daemon.database, isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    crowd = threading.Thread(target=lambda: answers.extend(sign_up_all(daemon.port, action, forms, sent)))
    crowd.start()
    sent.wait()
    daemon.process.send_signal(signal.SIGTERM)
    eventually(lambda: any("STOPPING=1" in n for n in daemon.read_notes()))
    lock.execute("ROLLBACK")
    lock.close()
    crowd.join()
    assert answers == [303] * 8
    assert daemon.process.wait(60) == 0
    assert len(daemon.query("SELECT 1 FROM registrations")) == 8
    daemon.start()
    for n in range(8):
        smtp.one(f"p{n}@umed.example")


def test_a_stop_in_the_middle_of_a_reload(daemon):
    """The revisions come back when the workers have gone."""
    for wait in (0, 0, 0.001, 0.005):
        daemon.process.send_signal(signal.SIGHUP)
        time.sleep(wait)
        daemon.process.send_signal(signal.SIGTERM)
        assert daemon.process.wait(60) == 0, daemon.log()[-4000:]
        daemon.start()


def test_sigterm_takes_no_new_visitors(daemon):
    assert daemon.stop() == 0
    with pytest.raises(ConnectionRefusedError):
        daemon.browser().get("/")


def test_an_idle_visitor_does_not_hold_the_stop_up(daemon):
    import socket
    with socket.create_connection(("127.0.0.1", daemon.port)) as idle:
        idle.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        assert idle.recv(4096).startswith(b"HTTP/1.1 200")
        with socket.create_connection(("127.0.0.1", daemon.port)) as half:
            half.sendall(b"GET / HTT")
            assert daemon.stop() == 0


def test_sigint_stops_as_well(daemon):
    daemon.process.send_signal(signal.SIGINT)
    assert daemon.process.wait(60) == 0


def test_two_daemons_on_one_store(daemon, make_daemon):
    second = make_daemon({"workshop": definition("workshop")}, start=False, database=daemon.database)
    second.start(ready=False)
    assert second.process.wait(60) == 1
    second.expect_exit = 1
    assert "convened.db" in second.log() or "EBUSY" in second.log()
    assert daemon.sign_up("workshop", "anna@umed.example").status == 303
    assert daemon.stop() == 0
    third = make_daemon({"workshop": definition("workshop")}, database=daemon.database)
    assert third.browser().get("/e/workshop").status == 200


def test_a_port_that_is_taken(daemon, make_daemon):
    second = make_daemon({"workshop": definition("workshop")}, start=False, port=daemon.port)
    second.start(ready=False)
    assert second.process.wait(60) == 1
    second.expect_exit = 1
    assert str(daemon.port) in second.log()


def test_a_missing_key_file_stops_the_start(daemon, smtp):
    """An existing store without its key: every mailed link would be dead, so this is said and nothing is made anew."""
    daemon.sign_up("workshop", "anna@umed.example")
    key = daemon.database.with_name(daemon.database.name + ".key")
    content = key.read_bytes()
    assert daemon.stop() == 0
    key.unlink()
    daemon.start(ready=False)
    assert daemon.process.wait(60) == 1
    assert not key.exists() and ".key" in daemon.log()
    key.write_bytes(b"nonsense\n")
    daemon.start(ready=False)
    assert daemon.process.wait(60) == 1
    key.write_bytes(content)
    key.chmod(0o600)
    daemon.start()
    manage = smtp.one("anna@umed.example")
    from harness import letters
    assert daemon.browser().get(letters.manage_path(manage.message)).status == 200


def test_a_first_start_that_cannot_write_its_key_can_be_made_again(make_daemon, tmp_path):
    """No store may be left behind that has no key: the next start would refuse it for ever."""
    keys = tmp_path / "keys"
    daemon = make_daemon({"workshop": definition("workshop")}, start=False,
                         store={"key_file": str(keys / "convened.key")})
    daemon.start(ready=False)
    assert daemon.process.wait(60) == 1 and "convened.key" in daemon.log()
    assert not daemon.database.exists()
    keys.mkdir()
    daemon.start()
    assert daemon.sign_up("workshop", "anna@umed.example").status == 303


def test_a_database_of_the_future_stops_the_start(daemon):
    assert daemon.stop() == 0
    version = daemon.query("PRAGMA user_version")[0]["user_version"]
    rows = daemon.query("SELECT key, value FROM meta")
    if version:
        daemon.execute(f"PRAGMA user_version = {version + 1000}")
    else:
        key = next(r["key"] for r in rows if "version" in r["key"] or "schema" in r["key"])
        daemon.execute("UPDATE meta SET value = value + 1000 WHERE key = ?", (key,))
    daemon.start(ready=False)
    assert daemon.process.wait(60) == 1
    daemon.expect_exit = 1


def test_version_and_usage(request):
    program = request.config.programs.daemon
    done = subprocess.run([program, "-V"], env=environment(), capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and re.search(r"convened \d+\.\d+", done.stdout)
    for option in ("-h", "--help"):
        done = subprocess.run([program, option], env=environment(), capture_output=True, text=True, timeout=60)
        assert done.returncode == 0 and "convened [-c FILE]" in done.stdout and "--help" in done.stdout
    for arguments in ([], ["-x"], ["-c"], ["-c", "/nowhere/convened.conf"]):
        done = subprocess.run([program, *arguments], env=environment(), capture_output=True, text=True, timeout=60)
        assert done.returncode in (1, 2) and done.stderr.strip(), arguments


def test_the_log_is_lines_of_keys_and_values(daemon):
    daemon.sign_up("workshop", "anna@umed.example", name="Evil\nlevel=error event=forged")
    daemon.browser().get("/e/%0Alevel=error")
    daemon.browser().request("GET", "/nothing", headers={"User-Agent": "x level=error event=forged"})
    daemon.settled()
    for line in daemon.log().splitlines():
        assert re.match(r"level=(error|warning|info|debug) event=[a-z_.]+( |$)", line), line
        assert "forged" not in line


def test_the_database_is_readable_by_its_group_after_a_stop(daemon):
    daemon.sign_up("workshop", "anna@umed.example")
    assert daemon.stop() == 0
    assert sorted(p.name for p in daemon.folder.glob("convened.db*") if p.suffix != ".key")
    assert daemon.query("SELECT count(*) AS n FROM registrations")[0]["n"] == 1
    daemon.ctl("verify")


def test_refused_visitors_do_not_grow_it(make_daemon):
    """No leak that a stranger can feed: the size settles."""
    daemon = make_daemon({"workshop": definition("workshop")}, start=False)
    daemon.start(env={"ASAN_OPTIONS": "halt_on_error=1:exitcode=66:quarantine_size_mb=4:thread_local_quarantine_size_kb=64"})

    def size():
        with open(f"/proc/{daemon.process.pid}/status") as status:
            return int(re.search(r"VmRSS:\s+(\d+)", status.read()).group(1))
    action, form = daemon.ripe_form("workshop")
    bad = {**form, "name": "x" * 200, "email": "nope"}

    def many(count):
        for start in range(0, count, 50):
            assert set(sign_up_all(daemon.port, action, [bad] * 50)) == {422}
    many(200)
    before = size()
    many(600)
    assert size() - before < 40_000, "kilobytes for 600 refused forms"


def test_hang_ups_are_harmless(daemon):
    import socket
    import struct
    for data in (b"", b"GET", b"POST /e/workshop HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
                 b"Content-Length: 500\r\n\r\nname=Anna"):
        connection = socket.create_connection(("127.0.0.1", daemon.port))
        connection.sendall(data)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()
    action, form = daemon.ripe_form("workshop")
    from urllib.parse import urlencode
    body = urlencode({**form, "name": "Gone Away", "email": "gone@umed.example"}).encode()
    head = (f"POST {action} HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
            f"Content-Length: {len(body)}\r\n\r\n").encode()
    connection = socket.create_connection(("127.0.0.1", daemon.port))
    connection.sendall(head + body)
    connection.close()
    eventually(lambda: daemon.query("SELECT 1 FROM registrations WHERE name = 'Gone Away'"), what="the job finishes all the same")
    assert daemon.browser().get("/healthz").status == 200
