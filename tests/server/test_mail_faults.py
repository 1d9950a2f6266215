# SPDX-License-Identifier: EUPL-1.2
"""A mail server that does one thing wrong, at every stage: the cases of tests/table/smtp_faults.txt. No mail is ever lost,
and none doubled but where the server's answer was lost; then both copies have one Message-ID."""
import email
import email.policy
import itertools
from pathlib import Path

import pytest

from harness.definitions import definition
from harness.peer import Peer
from harness.wait import eventually

TABLE = Path(__file__).resolve().parents[1] / "table" / "smtp_faults.txt"
TIMED = {"hang", "late", "mute", "endless", "garbage", "words", "empty"}  # what only the daemon's own patience ends
TRIES = 3  # of those: in a second in which the machine does something else, it may be at its end too early
COLUMNS = ("server", "stage", "act", "state", "attempts", "code", "breaker", "kept", "then", "copies")


def cases():
    for line in TABLE.read_text().splitlines():
        if line and not line.startswith("#"):
            words = line.split()
            assert len(words) == len(COLUMNS), line
            yield dict(zip(COLUMNS, words))


GROUPS = {name: list(rows) for name, rows in itertools.groupby(cases(), lambda row: f"{row['server']} {row['stage']}")}


@pytest.fixture
def peer(tmp_path):
    peer = Peer(tmp_path)
    yield peer
    peer.close()


def start(make_daemon, peer, tmp_path, server):
    tls, _, login = server.partition("+")
    peer.tls = tls
    mail = {"smtp_url": f"{'smtps' if tls == 'implicit' else 'smtp'}://127.0.0.1:{peer.port}", "timeout": 60, "senders": 1,
            "tls": "required" if tls == "starttls" else "none"}
    if tls != "none":
        mail["ca_file"] = str(peer.authority)
    if login:
        peer.password = "right"
        (tmp_path / "password").write_text("right\n")
        mail |= {"username": "events", "password_file": str(tmp_path / "password")}
    daemon = make_daemon({"workshop": definition("workshop", capacity=1000)}, mail=mail, limits={"burst": 1000})
    daemon.ripe_form("workshop")
    return daemon


def outages(daemon):
    return daemon.log().count("mail.server_unreachable")


def now(daemon, peer, person, outages_before):
    row, = daemon.query("SELECT * FROM mail_log WHERE recipient = ?", (person,))
    code = "-" if row["last_code"] is None else str(row["last_code"])
    breaker = "open" if outages(daemon) > outages_before else "shut"
    return row["state"], str(row["attempts"]), code, breaker, str(len(peer.to(person)))


def nothing_left(daemon):
    """Not even what organisers are told of an address that was refused."""
    return not daemon.query("SELECT 1 FROM mail WHERE state IN ('queued', 'leased', 'deferred') AND due_at <= ?",
                            (int(daemon.clock.now()) + 2,))


def play(daemon, peer, row, person):
    before = outages(daemon)
    peer.hang_up()  # so that a new connection comes
    peer.do(row["stage"], row["act"])
    assert daemon.sign_up("workshop", person).status == 303
    expected = tuple(row[name] for name in ("state", "attempts", "code", "breaker", "kept"))
    seen = None

    def as_expected():
        nonlocal seen
        seen = now(daemon, peer, person, before)
        return peer.played and seen == expected
    try:
        eventually(as_expected, 12)
    except AssertionError:
        raise AssertionError(f"{seen} (played {peer.played}), expected {expected}; heard {peer.heard}; "
                             f"{daemon.query('SELECT last_reply FROM mail_log WHERE recipient = ?', (person,))}") from None
    assert expected[0] != "sent" or peer.played == 1, peer.played

    peer.mend()
    daemon.pass_time(61)
    eventually(lambda: now(daemon, peer, person, before)[0] == row["then"], 12, f"{row['then']}, not {seen}")
    copies = peer.to(person)
    assert len(copies) == int(row["copies"]) and len({copy[2] for copy in copies}) <= 1, copies
    eventually(lambda: nothing_left(daemon), 12)


@pytest.mark.parametrize("group", GROUPS)
def test_faults(make_daemon, peer, tmp_path, group):
    rows = sorted(GROUPS[group], key=lambda row: row["act"] in TIMED)
    daemon = start(make_daemon, peer, tmp_path, rows[0]["server"])
    wrong = []
    for n, row in enumerate(rows):
        timed = row["act"] in TIMED
        if timed and daemon.settings["mail"]["timeout"] != 1:
            daemon.settings["mail"]["timeout"] = 1
            daemon.write_config()
            daemon.reload()
        for attempt in range(TRIES if timed else 1):
            try:
                play(daemon, peer, row, f"r{n}.{attempt}@umed.example")
                break
            except AssertionError as error:
                said = f"{row['stage']} {row['act']}: {error}"
                peer.mend()
                daemon.pass_time(61)
                eventually(lambda: nothing_left(daemon))
        else:
            wrong.append(said)
    assert not wrong, "\n" + "\n".join(wrong)
    daemon.ctl("verify")


def test_an_internationalised_address(make_daemon, peer, tmp_path):
    """What a server offers before STARTTLS counts for nothing. Without SMTPUTF8 nothing but EHLO is said, and the view says why."""
    peer.tls, peer.offers_in_plain = "starttls", ["SMTPUTF8"]
    daemon = make_daemon({"workshop": definition("workshop")},
                         mail={"tls": "required", "ca_file": str(peer.authority), "smtputf8": "offered",
                               "smtp_url": f"smtp://127.0.0.1:{peer.port}"})
    assert daemon.sign_up("workshop", "mäŕi@umed.example").status == 303
    row = eventually(lambda: (r := daemon.query("SELECT * FROM mail_log")[0]) and r["state"] == "failed" and r)
    assert row["last_reply"] == "the mail server does not take internationalised addresses" and row["attempts"] == 1
    assert [line for line in peer.heard if line != "QUIT"] == ["EHLO convened.test", "STARTTLS", "EHLO convened.test"]

    assert daemon.sign_up("workshop", "mari@õun.example").status == 303, "a domain needs none of it"
    eventually(lambda: peer.to("mari@xn--un-bka.example"))
    assert not any("SMTPUTF8" in line for line in peer.heard)
    peer.offers = ["SMTPUTF8"]
    peer.hang_up()
    assert daemon.sign_up("workshop", "jüri@õun.example").status == 303
    content = eventually(lambda: peer.to("jüri@xn--un-bka.example"))[0][4]
    message = email.message_from_string(content.decode(), policy=email.policy.default)
    assert message["To"].addresses[0].addr_spec == "jüri@xn--un-bka.example"
    head, _, body = content.partition(b"\r\n\r\n")
    assert body.isascii() and "jüri@xn--un-bka.example".encode() in head
    assert any(line.startswith("MAIL ") and line.endswith(" SMTPUTF8") for line in peer.heard)


def test_forms_take_no_such_address_by_themselves(daemon):
    page = daemon.sign_up("workshop", "mäŕi@umed.example")
    assert page.status == 422 and "plain letters before the @" in page.text
