# SPDX-License-Identifier: EUPL-1.2
"""A real Postfix in a folder of its own: STARTTLS, TLS from the first byte, a login, SMTPUTF8, refusals of every sort, and
a report of what could not be delivered that comes back by itself. Needs root, for Postfix changes its user."""
import email
import email.policy
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

from harness.daemon import free_port
from harness.definitions import definition
from harness.peer import certificates
from harness.wait import eventually

HERE = Path(__file__).resolve().parent
PASSWORD = "correct horse"
GUEST = "anna@umed.example"


class Postfix:
    def __init__(self, folder):
        self.folder = folder
        self.ports = {name: free_port() for name in ("PLAIN", "ASCII", "LOGIN", "TLS")}
        self.authority = certificates(folder)[1]
        who = pwd.getpwnam("nobody")
        words = {"DIR": folder, "UID": who.pw_uid, "GID": who.pw_gid, "USER": who.pw_name, **self.ports}
        for name in ("main.cf", "master.cf", "recipients", "transport"):
            text = (HERE / name).read_text()
            for word, value in words.items():
                text = text.replace(f"@{word}@", str(value))
            (folder / name).write_text(text)
        for name in ("spool", "lib", "vmail", "sasl", "returned"):
            (folder / name).mkdir()
        shutil.chown(folder / "lib", "postfix")
        for name in ("vmail", "returned"):
            os.chown(folder / name, who.pw_uid, who.pw_gid)
        self.passwords()
        self.give_back("cat >@DIR@/returned/$$.new && mv @DIR@/returned/$$.new @DIR@/returned/$$")
        (folder / "log").touch()
        self.control("start")

    def passwords(self):
        base = self.folder / "sasl" / "passwords"
        (self.folder / "sasl" / "smtpd.conf").write_text(
            f"pwcheck_method: auxprop\nauxprop_plugin: sasldb\nsasldb_path: {base}\nmech_list: PLAIN LOGIN\n")
        subprocess.run(["saslpasswd2", "-p", "-c", "-f", str(base), "-u", "mail.test", "events"], input=PASSWORD.encode(),
                       check=True)
        shutil.chown(base, "postfix")

    def give_back(self, script):
        """What becomes of a message to bounces@ and bounces+TOKEN@."""
        path = self.folder / "back"
        path.write_text("#!/bin/sh\n" + script.replace("@DIR@", str(self.folder)) + "\n")
        path.chmod(0o755)

    def control(self, what):
        done = subprocess.run(["postfix", "-c", str(self.folder), what], capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr + done.stdout + (self.folder / "log").read_text()

    @property
    def log(self):
        return (self.folder / "log").read_text()

    def messages(self, folder="vmail/all/new"):
        path = self.folder / folder
        files = [file for file in path.iterdir() if not file.name.endswith(".new")] if path.exists() else []
        return [email.message_from_bytes(file.read_bytes(), policy=email.policy.default) for file in files]

    def to(self, recipient):
        return [m for m in self.messages() if m["Delivered-To"] == recipient]

    def one(self, recipient):
        eventually(lambda: self.to(recipient), 15, f"a mail to {recipient}")
        message, = self.to(recipient)
        return message


@pytest.fixture(scope="module")
def postfix():
    missing = [name for name in ("postfix", "saslpasswd2") if not shutil.which(name)]
    if missing:
        pytest.skip(f"{missing[0]} is not installed (scripts/deps installs it, unless there is another mail server)")
    if os.geteuid() != 0:
        pytest.skip("Postfix must be started by root")
    folder = Path(tempfile.mkdtemp(prefix="convened-postfix-"))
    folder.chmod(0o755)
    server = Postfix(folder)
    yield server
    server.control("stop")
    shutil.rmtree(folder)


@pytest.fixture
def connect(make_daemon, postfix, tmp_path):
    """A daemon that sends through one of Postfix's ports."""
    def make(port, **mail):
        scheme = "smtps" if port == "TLS" else "smtp"
        if port in ("TLS", "LOGIN"):
            mail["ca_file"] = str(postfix.authority)
        if port == "LOGIN":
            (tmp_path / "password").write_text(mail.pop("password", PASSWORD) + "\n")
            mail |= {"tls": "required", "username": "events@mail.test", "password_file": str(tmp_path / "password")}
        return make_daemon({"workshop": definition("workshop")},
                           mail={"smtp_url": f"{scheme}://127.0.0.1:{postfix.ports.get(port) or postfix.ports['LOGIN']}", **mail})
    return make


def row_of(daemon, recipient, state):
    def row():
        rows = daemon.query("SELECT * FROM mail_log WHERE recipient = ? AND state = ?", (recipient, state))
        return rows and rows[0]
    return eventually(row, 20, f"{recipient} is {state}; log: {daemon.log()[-2000:]}")


def signs_up(daemon, recipient):
    assert daemon.sign_up("workshop", recipient).status == 303


def check(message, daemon, recipient):
    row = row_of(daemon, recipient, "sent")
    assert row["last_code"] == 250 and row["attempts"] == 1
    assert message["Message-ID"] == f"<{row['message_id']}>"
    assert not message.defects and message.get_body(("plain",)).get_content().isprintable() is False
    assert "Kowalska-Nyström" in message.get_body(("plain",)).get_content()
    return message


@pytest.mark.parametrize("port", ["PLAIN", "TLS", "LOGIN"])
def test_it_arrives(connect, postfix, port):
    daemon = connect(port)
    recipient = f"{port.lower()}@umed.example"
    signs_up(daemon, recipient)
    message = check(postfix.one(recipient), daemon, recipient)
    received = message["Received"]
    assert "convened.test" in received, "the name of mail.helo_name"
    if port == "PLAIN":
        assert "with ESMTP " in received
    else:
        assert ("with ESMTPSA " if port == "LOGIN" else "with ESMTPS ") in received
    if port == "LOGIN":
        assert "sasl_method=PLAIN, sasl_username=events@mail.test" in postfix.log


def test_a_wrong_password(connect, postfix):
    daemon = connect("LOGIN", password="battery staple")
    signs_up(daemon, "wrong@umed.example")
    eventually(lambda: "mail.server_unreachable" in daemon.log())
    row = row_of(daemon, "wrong@umed.example", "queued")
    assert row["attempts"] == 0 and not postfix.to("wrong@umed.example")


def test_plain_text_where_tls_is_demanded(connect, postfix):
    daemon = connect("DEMANDING")
    signs_up(daemon, "clear@umed.example")
    eventually(lambda: "mail.server_unreachable code=530" in daemon.log())
    assert row_of(daemon, "clear@umed.example", "queued")["attempts"] == 0 and not postfix.to("clear@umed.example")


def test_an_internationalised_address(connect, postfix):
    daemon = connect("PLAIN", smtputf8="offered")
    signs_up(daemon, "mäŕi@õun.example")
    row_of(daemon, "mäŕi@õun.example", "sent")
    eventually(lambda: "to=<mäŕi@xn--un-bka.example>" in postfix.log and "status=sent" in postfix.log, 15, postfix.log)
    signs_up(daemon, "mari@õun.example")
    assert "with ESMTP " in postfix.one("mari@xn--un-bka.example")["Received"], "no SMTPUTF8 for a domain alone"


def test_a_server_without_smtputf8(connect, postfix):
    daemon = connect("ASCII", smtputf8="offered")
    signs_up(daemon, "jüri@umed.example")
    row = row_of(daemon, "jüri@umed.example", "failed")
    assert row["last_reply"] == "the mail server does not take internationalised addresses"
    assert "jüri" not in postfix.log
    signs_up(daemon, "ascii@umed.example")
    check(postfix.one("ascii@umed.example"), daemon, "ascii@umed.example")


@pytest.mark.parametrize("local, state, code", [("tempfail", "deferred", 450), ("greylist", "deferred", 451),
                                                ("bye", "deferred", 421), ("quota", "failed", 552),
                                                ("nouser", "failed", 550)])
def test_refusals(connect, postfix, local, state, code):
    daemon = connect("PLAIN")
    recipient = f"{local}@umed.example"
    signs_up(daemon, recipient)
    row = row_of(daemon, recipient, state)
    assert (row["last_code"], row["attempts"]) == (code, 1)
    signs_up(daemon, f"after.{local}@umed.example")
    postfix.one(f"after.{local}@umed.example")
    if state == "failed":
        return
    table = postfix.folder / "recipients"
    text = table.read_text()
    table.write_text("".join(line for line in text.splitlines(True) if local not in line))
    try:
        postfix.control("reload")
        for wait in (61, 301, 901, 3601):  # one of its processes may still go by the table as it was
            tried = daemon.query("SELECT attempts FROM mail_log WHERE recipient = ?", (recipient,))[0]["attempts"]
            daemon.pass_time(wait)
            row = eventually(lambda: daemon.query("SELECT * FROM mail_log WHERE recipient = ? AND attempts > ? AND "
                                                  "state <> 'leased'", (recipient, tried)))[0]
            if row["state"] == "sent":
                break
        row_of(daemon, recipient, "sent")
        assert len([m for m in [postfix.one(recipient)]]) == 1
    finally:
        table.write_text(text)
        postfix.control("reload")


def test_postfix_restarts_under_load(connect, postfix):
    """Idle connections die with 421 or without a word; nobody is asked twice, nobody is lost."""
    daemon = connect("PLAIN")
    people = [f"load{n}@umed.example" for n in range(12)]
    for n, person in enumerate(people):
        signs_up(daemon, person)
        if n == 5:
            postfix.control("stop")
            time.sleep(0.1)
            postfix.control("start")
    daemon.pass_time(61)
    for person in people:
        row_of(daemon, person, "sent")
        postfix.one(person)


def test_what_cannot_be_delivered_comes_back(connect, postfix):
    """Taken with 250 and returned later by Postfix's own report, to the sender on the envelope."""
    daemon = connect("PLAIN", **{"from": "Connected Health Cluster <bounces@cluster.example>"})
    signs_up(daemon, "late@umed.example")
    row = row_of(daemon, "late@umed.example", "sent")
    report = eventually(lambda: [m for m in postfix.messages("returned")], 20, "a report")[0]
    assert report.get_content_type() == "multipart/report" and report["Return-Path"] == "<>"
    status = next(part for part in report.walk() if part.get_content_type() == "message/delivery-status")
    assert [p["Status"] for p in status.get_payload() if p["Status"]] == ["5.3.0"]
    assert row["message_id"] in report.as_string()
