# SPDX-License-Identifier: EUPL-1.2
"""A real Exim takes our mail, cannot deliver it, and pipes its report into convenectl bounce by the manual's own lines."""
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

ROOT = Path(__file__).parents[2]
EXIM = os.environ.get("CONVENED_EXIM") or shutil.which("exim4")
pytestmark = pytest.mark.skipif(os.geteuid() != 0 or not EXIM, reason="needs root and Exim")

CONFIG = """exim_path = {exim}
exim_user = daemon
exim_group = daemon
spool_directory = {folder}/spool
log_file_path = {folder}/%s.log
pid_file_path = {folder}/pid
local_interfaces = 127.0.0.1
daemon_smtp_ports = {port}
primary_hostname = mail.cluster.example
qualify_domain = cluster.example
host_lookup =
tls_advertise_hosts =
keep_environment = LD_LIBRARY_PATH
add_environment = PATH=/usr/bin:/bin
acl_smtp_rcpt = accept
begin routers
{router}
desk:
  driver = redirect
  local_parts = events
  data = :blackhole:
away:
  driver = manualroute
  domains = ! cluster.example
  transport = away
  route_list = * 127.0.0.1::{relay}
  self = send
begin transports
{transport}
away:
  driver = smtp
  hosts_try_chunking =
begin retry
* * F,{patience},1s
"""


def manual(command):
    """The router and the transport that the manual shows, for this test's domain, program and user."""
    page = (ROOT / "man" / "convened.8").read_text()
    block = page.split("Exim: a router", 1)[1].split(".Bd -literal -offset indent\n", 1)[1].split(".Ed", 1)[0]
    for old, new in (("events.example", "cluster.example"), ("/usr/bin/convenectl bounce", command),
                     ("user = convened\n", "user = daemon\n")):
        assert block.count(old) == 1
        block = block.replace(old, new)
    router, transport = block.split("\n\n")
    return router, transport


class Exim:
    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="convened-exim-"))
        self.folder.chmod(0o755)
        self.port = free_port()
        self.process = None

    def start(self, command, relay, patience):
        (self.folder / "spool").mkdir()
        shutil.chown(self.folder / "spool", "daemon", "daemon")
        for name in ("main", "reject", "panic"):
            (self.folder / f"{name}.log").touch()
            shutil.chown(self.folder / f"{name}.log", "daemon", "daemon")
        router, transport = manual(command)
        config = self.folder / "exim.conf"
        config.write_text(CONFIG.format(exim=EXIM, folder=self.folder, port=self.port, relay=relay, router=router,
                                        transport=transport, patience=patience))
        self.process = subprocess.Popen([EXIM, "-C", str(config), "-bdf", "-q1s"])
        eventually(lambda: "listening" in self.log(), 40, "Exim listens")

    def log(self):
        return (self.folder / "main.log").read_text()

    def stop(self):
        if self.process:
            self.process.terminate()
            self.process.wait(30)
        shutil.rmtree(self.folder)


@pytest.fixture
def exim():
    server = Exim()
    yield server
    server.stop()


def test_reports_come_back(make_daemon, exim, smtp):
    store = exim.folder / "store"
    store.mkdir()
    forum = make_daemon({"workshop": workshop()}, database=str(store / "convened.db"),
                        mail={"bounce_address": "bounces@cluster.example", "bounce_limit": 1,
                              "smtp_url": f"smtp://127.0.0.1:{exim.port}"})
    config = shutil.copy(forum.config, exim.folder / "convened.conf")
    os.chmod(config, 0o644)
    user = pwd.getpwnam("daemon")
    for path in (store, *store.iterdir()):
        os.chown(path, user.pw_uid, user.pw_gid)
    program = shutil.copy(forum.programs.ctl, exim.folder / "convenectl")  # the build may lie where only its owner may go
    exim.start(f"{program} -c {config} bounce", smtp.port, "3s")
    for address in ("nouser@umed.example", "tempfail@umed.example", "data5@umed.example", "good@umed.example"):
        assert forum.sign_up("workshop", address, country="LT", topic="data", idea="x", mode="onsite",
                             **{"session.a": "trust"}).status == 303
    eventually(lambda: len(forum.query("SELECT * FROM bounces")) >= 3, 60, "three reports")
    found = {r["registration"]: (r["sort"], r["status"]) for r in forum.query("SELECT * FROM bounces")}
    assert found == {1: ("permanent", "5.1.1"), 2: ("transient", "4.2.1"), 3: ("policy", "5.7.1")}, exim.log()
    assert "no such user" in row(forum, 1)["undeliverable_why"]
    assert [bool(row(forum, n)["undeliverable_at"]) for n in (1, 2, 3, 4)] == [True, True, False, False]
    assert [m["state"] for m in forum.query("SELECT state FROM mail WHERE kind = 'confirmed'")] == ["sent"] * 4
    forum.ctl("verify")
