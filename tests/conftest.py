# SPDX-License-Identifier: EUPL-1.2
"""What every server test gets: a mail server, and daemons that are stopped and looked over at the end."""
import os
import sys
from pathlib import Path

import pytest

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent / "server"))

from harness.daemon import Daemon, find_programs  # noqa: E402
from harness.definitions import definition  # noqa: E402
from harness.smtp import MailServer  # noqa: E402


def pytest_configure(config):
    if not os.environ.get("CONVENED"):
        raise pytest.UsageError("set CONVENED to the daemon and CONVENECTL to convenectl (scripts/test does)")
    config.programs = find_programs()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    report = outcome.get_result()
    setattr(item, f"report_{report.when}", report)
    if report.when == "call" and report.failed:
        for daemon in getattr(item, "daemons", []):
            report.sections.append(("log of the daemon", daemon.log()[-12000:]))


@pytest.fixture
def smtp():
    server = MailServer()
    server.start()
    yield server
    server.stop()


def daemon_new(programs, folder, smtp, events, settings):
    daemon = Daemon(programs, folder, smtp=smtp, settings=settings)
    for slug, text in (events or {}).items():
        daemon.write_event(slug, text)
    return daemon


def look_over(daemons, failed):
    """Stops them; what was wrong with one is told, if the test has not failed by itself."""
    problems = []
    for daemon in daemons:
        problems += daemon.finish()
    if problems and not failed:
        logs = "\n".join(daemon.log()[-12000:] for daemon in daemons)
        pytest.fail("\n".join(problems) + "\n--- log ---\n" + logs, pytrace=False)


@pytest.fixture
def make_daemon(request, tmp_path, smtp):
    """Makes daemons; each is stopped in the end, must exit 0, and its log is searched for what must not be there."""
    daemons = request.node.daemons = []

    def make(events=None, *, folder=None, start=True, **settings):
        daemons.append(daemon_new(request.config.programs, folder or tmp_path / f"d{len(daemons)}", smtp, events, settings))
        return daemons[-1].start() if start else daemons[-1]

    yield make
    look_over(daemons, getattr(request.node, "report_call", None) is None or request.node.report_call.failed)


@pytest.fixture(scope="module")
def share_daemon(request, tmp_path_factory):
    """As make_daemon, for the tests of a file that change nothing: they have one daemon, which has a mail server of its own."""
    daemons, server = [], MailServer()
    server.start()

    def make(events=None, **settings):
        daemons.append(daemon_new(request.config.programs, tmp_path_factory.mktemp("shared"), server, events, settings))
        return daemons[-1].start()

    yield make
    look_over(daemons, False)
    server.stop()


@pytest.fixture
def daemon(make_daemon):
    """One daemon with one workshop of fifty places, in English and Lithuanian."""
    return make_daemon({"workshop": definition("workshop")})


@pytest.fixture(scope="module")
def shared(share_daemon):
    """The same, for tests that change nothing."""
    return share_daemon({"workshop": definition("workshop")})
