# SPDX-License-Identifier: EUPL-1.2
"""A disk that is full, a sync that fails, a statement that fails: what was answered 303 is there, nothing else is claimed."""
import collections
import http.client
import os
import shutil
import signal
import sqlite3
import subprocess
import threading
import time

import pytest
from harness.crowd import sign_up_all
from harness.definitions import EMAIL, IDEA, NAME, definition
from harness.wait import eventually

pytestmark = pytest.mark.fault

EVENT = definition("workshop", capacity=20000, fields=(NAME, EMAIL, IDEA))


@pytest.fixture
def small_disk(tmp_path):
    if os.geteuid() != 0:
        pytest.skip("mounting a small tmpfs needs root")
    disk = tmp_path / "disk"
    disk.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=6m", "convened-test", str(disk)], capture_output=True, text=True)
    if done.returncode != 0:
        pytest.skip("no tmpfs may be mounted here: " + done.stderr.strip())
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)


def fill(disk):
    """Takes all space that is left; the file that holds it."""
    filler = disk / "filler"
    with open(filler, "wb", buffering=0) as file:
        for size in (65536, 4096, 512):
            try:
                while file.write(b"\0" * size) == size:
                    pass
            except OSError:
                pass
    return filler


@pytest.mark.timeout(240)
def test_a_full_disk(make_daemon, smtp, small_disk):
    daemon = make_daemon({"workshop": EVENT}, database=small_disk / "convened.db")
    action, form = daemon.ripe_form("workshop")
    promised, refused = [], []

    def come(n):
        email = f"p{n}@umed.example"
        page = daemon.browser().post(action, {**form, "name": "Anna Kowalska", "email": email, "idea": "x" * 500})
        if page.status == 303:
            promised.append(email)
            return True
        assert page.status == 503, page.status
        assert int(page.header("Retry-After")) > 0
        assert page.form.values["email"] == email and page.form.values["idea"] == "x" * 500, "the answers are kept"
        refused.append(email)
        return False

    for n in range(5):
        assert come(n)
    filler = fill(small_disk)
    n = 5
    while come(n):
        n += 1
        assert n < 4000, "the disk is never full"
    for n in range(n + 1, n + 4):
        come(n)
    assert refused
    assert daemon.alive
    assert daemon.browser().get("/e/workshop").status == 200 and daemon.browser().get("/healthz").status == 200
    eventually(lambda: daemon.browser().get("/readyz").status == 503, what="/readyz says that it cannot write")

    filler.unlink()
    n += 1

    def goes_on():
        nonlocal n
        n += 1
        return come(n)
    eventually(goes_on, 20, "it goes on by itself")
    eventually(lambda: daemon.browser().get("/readyz").status == 200)
    stored = sorted(r["email"] for r in daemon.query("SELECT email FROM registrations"))
    assert stored == sorted(promised), "promised and stored differ"
    eventually(lambda: len(smtp.mails) >= len(promised), 60, "every mail that is owed")
    daemon.settled(60)
    sent = collections.Counter(m.recipient for m in smtp.mails)
    assert sent == collections.Counter(promised), "each of them once"
    daemon.ctl("verify")


def test_a_full_disk_for_many_at_once(make_daemon, small_disk):
    daemon = make_daemon({"workshop": EVENT}, database=small_disk / "convened.db")
    action, form = daemon.ripe_form("workshop")
    filler = fill(small_disk)
    promised, statuses = set(), collections.Counter()
    for crowd in range(40):
        forms = [{**form, "name": "Anna", "email": f"c{crowd}p{n}@umed.example", "idea": "x" * 500} for n in range(40)]
        answers = sign_up_all(daemon.port, action, forms)
        promised |= {f["email"] for f, status in zip(forms, answers) if status == 303}
        statuses.update(answers)
        if statuses[503]:
            break
    assert set(statuses) <= {303, 503} and statuses[503]
    filler.unlink()
    eventually(lambda: sign_up_all(daemon.port, action, [{**form, "name": "Anna", "email": "after@umed.example"}]) == [303], 20)
    stored = {r["email"] for r in daemon.query("SELECT email FROM registrations")}
    assert stored == promised | {"after@umed.example"}
    eventually(lambda: not daemon.query("SELECT 1 FROM mail WHERE state IN ('queued','leased')"), 60)
    daemon.ctl("verify")


def strace(*arguments):
    if not shutil.which("strace"):
        pytest.skip("strace is missing")
    return subprocess.Popen(["strace", "-f", "-qq", "-o", "/dev/null", *arguments], stderr=subprocess.PIPE)


@pytest.mark.timeout(120)
def test_a_sync_that_fails(make_daemon, smtp):
    """Nobody can say whether the batch is there: 503, exit 1, and the next start knows."""
    daemon = make_daemon({"workshop": EVENT}, start=False)
    daemon.start(env={"ASAN_OPTIONS": "detect_leaks=0:halt_on_error=1:exitcode=66"})  # no leak search under ptrace
    action, form = daemon.ripe_form("workshop")
    before = [f"before{n}@umed.example" for n in range(5)]
    for email in before:
        assert daemon.sign_up("workshop", email).status == 303
    daemon.settled()
    tracer = strace("-e", "trace=fdatasync,fsync", "-e", "inject=fdatasync,fsync:error=EIO", "-p", str(daemon.process.pid))
    try:
        eventually(daemon.traced)
        forms = [{**form, "name": "Anna", "email": f"during{n}@umed.example"} for n in range(10)]
        answers = sign_up_all(daemon.port, action, forms)
        assert daemon.process.wait(60) == 1
    finally:
        tracer.terminate()
        tracer.wait()
        tracer.stderr.close()
    # The first batch is the unknown one; who came after it meets a daemon that stops.
    assert 503 in answers and set(answers) <= {503, 0}, answers
    daemon.start()
    stored = {r["email"] for r in daemon.query("SELECT email FROM registrations")}
    assert set(before) <= stored <= set(before) | {f["email"] for f in forms}
    again = [f["email"] for f in forms]
    for email in again:
        assert daemon.sign_up("workshop", email).status == 303, "sign up again, you will not count twice"
    emails = [r["email"] for r in daemon.query("SELECT email FROM registrations")]
    assert sorted(emails) == sorted(before + again)
    for email in before:
        smtp.one(email)
    daemon.settled()
    daemon.ctl("verify")


@pytest.mark.timeout(120)
def test_killed_at_the_sync(make_daemon, smtp):
    """Dies in the very moment of the sync: whoever saw 303 is there, nobody has two mails."""
    daemon = make_daemon({"workshop": EVENT})
    action, form = daemon.ripe_form("workshop")
    tracer = strace("-e", "trace=fdatasync", "-e", "inject=fdatasync:signal=KILL:when=8", "-p", str(daemon.process.pid))
    try:
        eventually(daemon.traced)
        promised = []
        for n in range(40):
            try:
                answer = daemon.browser().post(action, {**form, "name": "Anna", "email": f"p{n}@umed.example"})
            except (OSError, http.client.HTTPException):  # the connection ended without an answer
                break
            assert answer.status == 303
            promised.append(f"p{n}@umed.example")
        assert daemon.process.wait(60) == -signal.SIGKILL
    finally:
        tracer.terminate()
        tracer.wait()
        tracer.stderr.close()
    assert promised and len(promised) < 40
    daemon.start()
    stored = {r["email"] for r in daemon.query("SELECT email FROM registrations")}
    assert set(promised) <= stored and len(stored) <= len(promised) + 1
    for email in promised:
        eventually(lambda: smtp.to(email), what="its mail")
    daemon.settled()
    for email in stored:
        mails = smtp.to(email)
        assert len({m.message["Message-ID"] for m in mails}) == 1, "two different mails"
    daemon.ctl("verify")


def test_a_statement_that_fails_in_the_middle_of_a_batch(daemon, smtp):
    """Only the guilty one is refused; the others of its batch are registered."""
    daemon.execute("CREATE TRIGGER boom BEFORE INSERT ON registration WHEN NEW.name = 'boom' "
                   "BEGIN SELECT RAISE(ABORT, 'boom'); END")
    action, form = daemon.ripe_form("workshop")
    forms = [{**form, "name": "boom" if n == 7 else f"Person {n}", "email": f"p{n}@umed.example"} for n in range(20)]
    sent, answers = threading.Event(), []
    lock = sqlite3.connect(daemon.database, isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")  # so that they wait for each other and share a batch
    crowd = threading.Thread(target=lambda: answers.extend(sign_up_all(daemon.port, action, forms, sent)))
    crowd.start()
    sent.wait()
    lock.execute("ROLLBACK")
    lock.close()
    crowd.join()
    assert answers == [500 if n == 7 else 303 for n in range(20)]
    stored = {r["email"] for r in daemon.query("SELECT email FROM registrations")}
    assert stored == {f["email"] for f in forms if f["name"] != "boom"}
    assert daemon.query("SELECT taken FROM places")[0]["taken"] == 19
    daemon.execute("DROP TRIGGER boom")
    assert daemon.browser().post(action, forms[7]).status == 303
    for f in forms:
        smtp.one(f["email"])
    daemon.ctl("verify")


def test_a_database_that_is_locked_for_long(daemon):
    """Another process holds it for longer than the busy limit: a sure no, and then it goes on."""
    action, form = daemon.ripe_form("workshop")
    lock = sqlite3.connect(daemon.database, isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    try:
        page = daemon.browser().post(action, {**form, "name": "Anna Kowalska", "email": "anna@umed.example"})
        assert page.status == 503 and page.header("Retry-After") and page.form.values["email"] == "anna@umed.example"
        assert daemon.browser().get("/e/workshop").status == 200, "pages are served meanwhile"
    finally:
        lock.execute("ROLLBACK")
        lock.close()
    assert daemon.sign_up("workshop", "anna@umed.example").status == 303
    assert len(daemon.query("SELECT 1 FROM registrations")) == 1


def test_a_job_that_comes_back_after_the_drain(make_daemon):
    """The stop does not wait longer than the drain for an answer; the job that is still with the writer is harmless."""
    daemon = make_daemon({"workshop": EVENT})
    action, form = daemon.ripe_form("workshop")
    lock = sqlite3.connect(daemon.database, isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    answers = []

    def come(n):
        try:
            values = {**form, "name": "Anna Kowalska", "email": f"p{n}@umed.example"}
            answers.append(daemon.browser().post(action, values).status)
        except (OSError, http.client.HTTPException):
            answers.append(0)
    threads = [threading.Thread(target=come, args=(n,)) for n in range(3)]
    for thread in threads:
        thread.start()
        time.sleep(0.5)  # the second batch begins when the first has waited five seconds
    daemon.process.send_signal(signal.SIGTERM)
    assert daemon.process.wait(60) == 0, daemon.log()[-4000:]
    lock.execute("ROLLBACK")
    lock.close()
    for thread in threads:
        thread.join()
    assert set(answers) <= {503, 0} and not daemon.query("SELECT 1 FROM registrations")


def test_a_full_queue(make_daemon):
    daemon = make_daemon({"workshop": EVENT}, store={"queue": 10})
    action, form = daemon.ripe_form("workshop")
    forms = [{**form, "name": "Anna", "email": f"p{n}@umed.example"} for n in range(60)]
    sent, answers = threading.Event(), []
    lock = sqlite3.connect(daemon.database, isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    crowd = threading.Thread(target=lambda: answers.extend(sign_up_all(daemon.port, action, forms, sent)))
    crowd.start()
    sent.wait()
    lock.execute("ROLLBACK")
    lock.close()
    crowd.join()
    assert set(answers) == {303, 503}, collections.Counter(answers)
    stored = {r["email"] for r in daemon.query("SELECT email FROM registrations")}
    assert stored == {f["email"] for f, status in zip(forms, answers) if status == 303}
    assert daemon.sign_up("workshop", "after@umed.example").status == 303
