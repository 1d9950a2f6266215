# SPDX-License-Identifier: EUPL-1.2
"""A real Postfix takes our mail, cannot deliver it, and pipes its report into convenectl bounce, as the manual says how."""
import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest
from harness.daemon import free_port
from harness.own import row, workshop
from harness.wait import eventually

pytestmark = pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("postfix"), reason="needs root and Postfix")

MAIN = """compatibility_level = 3.6
myhostname = mail.cluster.example
mydestination = cluster.example
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.1/32
smtpd_relay_restrictions = permit_mynetworks, reject
recipient_delimiter = +
alias_maps = hash:{own}/aliases
alias_database =
local_recipient_maps =
default_transport = smtp:[127.0.0.1]:{relay}
smtp_host_lookup = native
maximal_queue_lifetime = {lifetime}
bounce_queue_lifetime = {lifetime}
minimal_backoff_time = 1s
queue_run_delay = 1s
notify_classes =
maillog_file = {folder}/log
maillog_file_prefixes = /tmp
queue_directory = {folder}/spool
data_directory = {folder}/lib
"""
MASTER = """127.0.0.1:{port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 1 1 qmgr
smtp unix - - n - - smtp
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
local unix - n n - - local
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
"""


class Postfix:
    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="convened-postfix-"))
        self.folder.chmod(0o755)
        self.port = free_port()
        self.own = self.folder / "own"  # belongs to who runs the command, as /var/lib/convened does

    def start(self, command, relay, lifetime):
        self.own.mkdir(mode=0o700)
        (self.own / "aliases").write_text(f'bounces: "|{command}"\nevents: "|sed -n d"\n')
        shutil.chown(self.own, "daemon")
        shutil.chown(self.own / "aliases", "daemon")
        for name in ("spool", "lib"):
            (self.folder / name).mkdir()
        shutil.chown(self.folder / "lib", "postfix")
        (self.folder / "main.cf").write_text(MAIN.format(folder=self.folder, own=self.own, relay=relay, lifetime=lifetime))
        (self.folder / "master.cf").write_text(MASTER.format(port=self.port))
        for tool in (["postalias", "-c", str(self.folder), f"hash:{self.own}/aliases"],
                     ["postfix", "-c", str(self.folder), "start"]):
            done = subprocess.run(tool, capture_output=True, text=True, timeout=60)
            assert done.returncode == 0, done.stderr

    def log(self):
        return (self.folder / "log").read_text() if (self.folder / "log").exists() else ""

    def stop(self):
        if (self.folder / "main.cf").exists():
            subprocess.run(["postfix", "-c", str(self.folder), "stop"], capture_output=True, timeout=60)
        shutil.rmtree(self.folder)


@pytest.fixture
def postfix():
    server = Postfix()
    yield server
    server.stop()


@pytest.fixture
def make_forum(make_daemon, postfix, smtp):
    def make(lifetime):
        store = postfix.folder / "store"
        store.mkdir()
        daemon = make_daemon({"workshop": workshop()}, database=str(store / "convened.db"),
                             mail={"bounce_address": "bounces@cluster.example", "bounce_limit": 1,
                                   "smtp_url": f"smtp://127.0.0.1:{postfix.port}"})
        config = shutil.copy(daemon.config, postfix.folder / "convened.conf")
        os.chmod(config, 0o644)
        user = pwd.getpwnam("daemon")
        for path in (store, *store.iterdir()):
            os.chown(path, user.pw_uid, user.pw_gid)
        # the build may lie where only its owner may go
        program = shutil.copy(daemon.programs.ctl, postfix.folder / "convenectl")
        postfix.start(f"{program} -c {config} bounce", smtp.port, lifetime)
        return daemon

    return make


def sign_up(daemon, address):
    assert daemon.sign_up("workshop", address, country="LT", topic="data", idea="x", mode="onsite",
                          **{"session.a": "trust"}).status == 303


def test_reports_come_back(make_forum, postfix):
    forum = make_forum("3s")
    for address in ("nouser@umed.example", "tempfail@umed.example", "data5@umed.example", "good@umed.example"):
        sign_up(forum, address)
    eventually(lambda: len(forum.query("SELECT DISTINCT registration FROM bounces")) >= 3, 40, "three reports")
    found = {r["registration"]: (r["sort"], r["status"]) for r in forum.query("SELECT * FROM bounces")}
    assert found == {1: ("permanent", "5.1.1"), 2: ("transient", "4.2.1"), 3: ("policy", "5.7.1")}, postfix.log()
    assert "no such user" in row(forum, 1)["undeliverable_why"]
    assert [bool(row(forum, n)["undeliverable_at"]) for n in (1, 2, 3, 4)] == [True, True, False, False]
    assert [m["state"] for m in forum.query("SELECT state FROM mail WHERE kind = 'confirmed'")] == ["sent"] * 4
    forum.ctl("verify")


def test_later_is_later(make_forum, postfix):
    """The store cannot be had for a while: the server keeps the report."""
    forum = make_forum("1d")
    key = Path(str(forum.database) + ".key")
    hidden = key.rename(key.with_suffix(".hidden"))
    sign_up(forum, "nouser@umed.example")
    eventually(lambda: "status=deferred" in postfix.log(), 40, "the server keeps it")
    assert not forum.query("SELECT * FROM bounces")
    hidden.rename(key)

    def comes_again():
        """Asked for each time: just put off it is not yet where the flush finds it."""
        subprocess.run(["postqueue", "-c", str(postfix.folder), "-f"], timeout=60, capture_output=True)
        return forum.query("SELECT * FROM bounces")
    eventually(comes_again)
    assert row(forum)["undeliverable_at"]
