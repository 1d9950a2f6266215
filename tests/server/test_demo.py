# SPDX-License-Identifier: EUPL-1.2
"""The samples as scripts/demo serves them, in any year: all their times moved together, a form on each."""
import datetime
import importlib.util
import re

import pytest

TODAY = datetime.datetime(2027, 1, 15, 9, 0)  # the harness's clock, see definitions.CLOCK
STEP = datetime.timedelta(days=364)


@pytest.fixture(scope="module")
def demo(request):
    path = request.config.rootpath.parent / "scripts" / "demo.py"
    spec = importlib.util.spec_from_file_location("demo", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def samples(request):
    folder = request.config.rootpath.parent / "conf" / "events.d"
    return {path.name: path.read_text() for path in sorted(folder.glob("*.conf"))}


def dates(text):
    return [datetime.datetime.fromisoformat(d) for d in re.findall(r'"(\d{4}-\d\d-\d\d(?:T\d\d:\d\d)?)"', text)]


def starts(texts):
    found = re.findall(r'starts = "([^"]+)"', "".join(texts.values()))
    return [datetime.datetime.fromisoformat(d) for d in found]


def test_samples_that_lie_ahead_are_not_moved(demo, samples):
    assert demo.moved_samples(samples, min(starts(samples)) - datetime.timedelta(days=30)) == samples


@pytest.mark.parametrize("year", [2028, 2031, 2033, 2045])
def test_every_date_moves_by_the_same_whole_weeks(demo, samples, year):
    today = datetime.datetime(year, 6, 1, 12, 0)
    moved = demo.moved_samples(samples, today)
    first = min(starts(moved))
    assert today + datetime.timedelta(days=30) <= first < today + datetime.timedelta(days=30) + STEP
    shift = first - min(starts(samples))
    assert shift % STEP == datetime.timedelta()
    for name, text in samples.items():
        assert dates(text) and dates(moved[name]) == [date + shift for date in dates(text)]


def test_samples_of_long_ago_are_served(demo, samples, make_daemon):
    """Samples of twenty years before, moved to the harness's today: no fault, and each takes sign-ups."""
    def earlier(match):
        return f'"{datetime.date.fromisoformat(match[1]) - 20 * STEP}{match[2] or ""}"'
    old = {name: demo.WALL.sub(earlier, text) for name, text in samples.items()}
    assert max(starts(old)).year < 2010
    moved = demo.moved_samples(old, TODAY)
    daemon = make_daemon({name.removesuffix(".conf"): text for name, text in moved.items()})
    code, said = daemon.check()
    assert code == 0 and "0 faults, 0 warnings" in said, said
    for name in moved:
        page = daemon.browser().get("/en/e/" + re.search(r'slug = "([^"]+)"', moved[name])[1])
        assert page.status == 200 and page.has_form


def test_what_a_person_edited_stays(demo, samples, request, tmp_path):
    folder = request.config.rootpath.parent / "conf" / "events.d"
    demo.install_samples(folder, tmp_path, TODAY)
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == demo.moved_samples(samples, TODAY)
    first, second, *_ = sorted(samples)
    (tmp_path / first).write_text("edited")
    (tmp_path / second).unlink()
    (tmp_path / "own.conf").write_text("own")
    demo.install_samples(folder, tmp_path, TODAY + 2 * STEP)
    assert (tmp_path / first).read_text() == "edited"
    assert (tmp_path / second).exists()
    assert (tmp_path / "own.conf").read_text() == "own"


def test_the_samples_texts_name_no_date(demo, samples):
    """A date in words would stay behind when the times move."""
    months = "January|February|March|April|June|July|August|September|October|November|December"
    for name, text in samples.items():
        words = re.sub(r'(?m)^slug = .*$|#.*$', "", demo.WALL.sub("", text))
        assert not re.search(rf"\b20\d\d\b|\b({months})\b", words), name
