# SPDX-License-Identifier: EUPL-1.2
"""Mail over TLS and with a login: nothing leaves until the server is the right one and lets us in."""
import ssl
import subprocess
import threading

import pytest
from aiosmtpd.smtp import AuthResult, LoginPassword

from harness.definitions import definition
from harness.wait import eventually

GUEST = "anna@umed.example"


@pytest.fixture
def certificate(tmp_path):
    """The file of a certificate for 127.0.0.1, and the context of a server that has it."""
    key, file = tmp_path / "key.pem", tmp_path / "cert.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-days", "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
                    "-keyout", str(key), "-out", str(file)], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file, key)
    return file, context


def restart(smtp, **options):
    smtp.stop()
    smtp.options = options
    smtp.start()


def only_password(word):
    def check(server, session, envelope, mechanism, data):
        good = isinstance(data, LoginPassword) and data.login == b"events" and data.password == word
        return AuthResult(success=good, handled=False)
    return check


def comes_through(daemon, smtp):
    assert daemon.sign_up("workshop", GUEST).status == 303
    smtp.one(GUEST)
    eventually(lambda: daemon.query("SELECT state FROM mail_log")[0]["state"] == "sent")


def waits(daemon, smtp):
    """The visitor hears of success, the server of nothing, the log of the outage; the mail is owed still."""
    assert daemon.sign_up("workshop", GUEST).status == 303
    eventually(lambda: "server_unreachable" in daemon.log(), what="the outage is in the log")
    assert not smtp.attempts and not smtp.mails
    assert daemon.query("SELECT state FROM mail_log")[0]["state"] != "failed"


def test_starttls(make_daemon, smtp, certificate):
    file, context = certificate
    restart(smtp, tls_context=context, require_starttls=True)
    daemon = make_daemon({"workshop": definition("workshop")}, mail={"tls": "required", "ca_file": str(file)})
    comes_through(daemon, smtp)


def test_tls_from_the_first_byte(make_daemon, smtp, certificate):
    file, context = certificate
    smtp.stop()
    smtp.tls_from_start = context
    smtp.start()
    daemon = make_daemon({"workshop": definition("workshop")},
                         mail={"smtp_url": f"smtps://127.0.0.1:{smtp.port}", "ca_file": str(file)})
    comes_through(daemon, smtp)


def test_a_server_without_starttls_gets_nothing(make_daemon, smtp):
    daemon = make_daemon({"workshop": definition("workshop")}, mail={"tls": "required"})
    waits(daemon, smtp)


def test_an_unknown_certificate_gets_nothing(make_daemon, smtp, certificate):
    restart(smtp, tls_context=certificate[1])
    daemon = make_daemon({"workshop": definition("workshop")}, mail={"tls": "required"})
    waits(daemon, smtp)


def test_a_wrong_password_is_mended_by_a_reload(make_daemon, smtp, certificate, tmp_path):
    file, context = certificate
    restart(smtp, tls_context=context, require_starttls=True, auth_required=True,
            authenticator=only_password(b"right"))
    password = tmp_path / "password"
    password.write_text("wrong\n")
    password.chmod(0o600)
    daemon = make_daemon({"workshop": definition("workshop")},
                         mail={"tls": "required", "ca_file": str(file), "username": "events",
                               "password_file": str(password), "probe": 600})
    waits(daemon, smtp)
    assert daemon.sign_up("workshop", "bo@umed.example").status == 303
    password.write_text("right\n")
    daemon.reload()
    smtp.one(GUEST)  # not only with the next probe
    smtp.one("bo@umed.example")
    assert "right" not in daemon.log().split() and "password=" not in daemon.log()


def test_a_refusal_of_the_old_password_holds_nothing_up(make_daemon, smtp, certificate, tmp_path):
    """The reload comes while the server still thinks about the wrong one."""
    file, context = certificate
    asked, answer = threading.Event(), threading.Event()

    def check(server, session, envelope, mechanism, data):
        if data.password == b"wrong":
            asked.set()
            answer.wait(60)
        return AuthResult(success=data.password == b"right", handled=False)
    restart(smtp, tls_context=context, require_starttls=True, auth_required=True, authenticator=check)
    password = tmp_path / "password"
    password.write_text("wrong\n")
    password.chmod(0o600)
    daemon = make_daemon({"workshop": definition("workshop")},
                         mail={"tls": "required", "ca_file": str(file), "username": "events",
                               "password_file": str(password), "probe": 600})
    assert daemon.sign_up("workshop", GUEST).status == 303
    assert asked.wait(60)
    password.write_text("right\n")
    daemon.reload()
    answer.set()
    smtp.one(GUEST)
