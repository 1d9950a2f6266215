# SPDX-License-Identifier: EUPL-1.2
"""SIGHUP takes changes over; what is faulty keeps its last good revision and is named."""
import signal
import sqlite3
import time

import pytest
from harness.definitions import CLOCK, EMAIL, NAME, TOPIC, definition
from harness.wait import eventually


def title_of(daemon, slug="workshop"):
    page = daemon.browser().get(f"/e/{slug}")
    return page.status, next((e.text for e in page.tree.all("h1")), "")


def test_a_changed_title_is_taken_over(daemon):
    daemon.write_event("workshop", definition("workshop", title="Another title"))
    daemon.reload()
    eventually(lambda: title_of(daemon) == (200, "Another title"))
    assert [r["number"] for r in daemon.query("SELECT number FROM event_revision ORDER BY id")] == [1, 2]
    daemon.reload()
    assert len(daemon.query("SELECT 1 FROM event_revision")) == 2, "the same text is no new revision"
    daemon.write_event("workshop", definition("workshop"))
    daemon.reload()
    assert len(daemon.query("SELECT 1 FROM event_revision")) == 3, "a text may come back"


def test_a_new_event_is_there_after_a_reload(daemon):
    assert daemon.browser().get("/e/second").status == 404
    daemon.write_event("second", definition("second"))
    assert daemon.browser().get("/e/second").status == 404, "not before"
    daemon.reload()
    eventually(lambda: daemon.browser().get("/e/second").status == 200)
    assert daemon.sign_up("second", "anna@umed.example").status == 303


@pytest.mark.parametrize("text", [
    definition("workshop", title="Faulty", starts="2027-03-18T17:00"), "slug = ;", "", 'slug = "workshop";\ncolour = 1;'])
def test_a_faulty_file_keeps_the_last_good_revision(daemon, text):
    daemon.write_event("workshop", text)
    daemon.write_event("second", definition("second"))
    daemon.reload()
    eventually(lambda: daemon.browser().get("/e/second").status == 200, what="the good file is taken all the same")
    assert title_of(daemon) == (200, "The workshop")
    assert "workshop.conf" in daemon.log()
    assert daemon.sign_up("workshop", "anna@umed.example").status == 303
    assert daemon.stop() == 0
    daemon.start()
    assert title_of(daemon) == (200, "The workshop"), "after a start as well"


def test_a_file_that_was_never_good_is_not_served(make_daemon):
    daemon = make_daemon({"good": definition("good"), "bad": definition("bad", zone="Europe/Nowhere")})
    assert daemon.browser().get("/e/bad").status == 404
    assert "bad.conf" in daemon.log() and daemon.browser().get("/e/good").status == 200
    code, said = daemon.check()
    assert code == 1 and "bad.conf:" in said


def test_while_any_file_is_faulty_nothing_is_withdrawn(make_daemon):
    daemon = make_daemon({name: definition(name) for name in ("a", "b", "c")})
    daemon.remove_event("a")
    daemon.write_event("b", "nonsense")
    daemon.write_event("d", definition("d"))
    daemon.reload()
    eventually(lambda: daemon.browser().get("/e/d").status == 200)
    assert [daemon.browser().get(f"/e/{slug}").status for slug in "abc"] == [200, 200, 200]


def test_an_empty_folder_changes_nothing(daemon):
    daemon.remove_event("workshop")
    daemon.reload()
    assert daemon.browser().get("/e/workshop").status == 200
    assert "level=error" in daemon.log()


def test_a_missing_folder_changes_nothing(daemon):
    daemon.events.rename(daemon.folder / "elsewhere")
    daemon.reload()
    assert daemon.browser().get("/e/workshop").status == 200
    assert "level=error" in daemon.log()


def test_one_slug_in_two_files_counts_in_neither(daemon):
    daemon.write_event("twin", definition("workshop", title="The twin"))
    daemon.reload()
    assert title_of(daemon) == (200, "The workshop")
    assert "twin.conf" in daemon.log() and "workshop.conf" in daemon.log()


def test_a_capacity_below_what_is_taken_is_refused_with_the_numbers(daemon):
    for n in range(3):
        assert daemon.sign_up("workshop", f"p{n}@umed.example").status == 303
    daemon.write_event("workshop", definition("workshop", title="Smaller", capacity=2))
    daemon.reload()
    line = next(li for li in daemon.log().splitlines() if "workshop" in li and "capacity" in li)
    assert "2" in line and "3" in line
    assert title_of(daemon) == (200, "The workshop")
    assert daemon.query("SELECT capacity FROM places")[0]["capacity"] == 50
    code, said = daemon.check()
    assert code == 0, "-t opens no store: " + said
    assert daemon.stop() == 0
    daemon.start()
    assert title_of(daemon) == (200, "The workshop"), "refused at the start too"
    daemon.write_event("workshop", definition("workshop", title="Just right", capacity=3))
    daemon.reload()
    eventually(lambda: title_of(daemon) == (200, "Just right"))
    assert daemon.query("SELECT capacity, free FROM places")[0] == {"capacity": 3, "free": 0}


def test_what_somebody_has_cannot_go(make_daemon):
    modes = '( { id = "onsite"; capacity = 5; }, { id = "online"; } )'
    daemon = make_daemon({"hybrid": definition("hybrid", modes=modes, fields=(NAME, EMAIL, TOPIC))})
    assert daemon.sign_up("hybrid", "anna@umed.example", mode="online", topic="data").status == 303
    for change in (
        {"modes": '( { id = "onsite"; capacity = 5; } )', "fields": (NAME, EMAIL, TOPIC)},
        {"modes": modes, "fields": (NAME, EMAIL, TOPIC.replace('id = "data"', 'id = "date"'))},
        {"modes": modes, "fields": (NAME, EMAIL, '{ id = "topic"; type = "text"; label = { en = "Topic"; lt = "Tema"; }; }')},
    ):
        daemon.write_event("hybrid", definition("hybrid", title="Changed", **change))
        daemon.reload()
        assert title_of(daemon, "hybrid") == (200, "The hybrid"), change
    daemon.write_event("hybrid", definition("hybrid", title="Fewer questions", modes=modes))
    daemon.reload()
    eventually(lambda: title_of(daemon, "hybrid") == (200, "Fewer questions"))
    row, = daemon.query("SELECT * FROM event_hybrid")
    assert row["topic"] == "data", "a field may go; its answers and its column stay"


def test_faulty_settings_keep_the_old_ones(daemon):
    daemon.config.write_text(daemon.config.read_text() + "\nnonsense = 1;\n")
    daemon.reload()
    assert daemon.alive and daemon.browser().get("/e/workshop").status == 200
    assert "nonsense" in daemon.log()


def test_the_level_of_the_log_follows_a_reload(daemon):
    daemon.settings["log"] = {"level": "error"}
    daemon.write_config()
    daemon.reload()
    before = daemon.log()
    daemon.write_event("workshop", definition("workshop", title="Said to nobody"))
    daemon.reload()
    eventually(lambda: title_of(daemon) == (200, "Said to nobody"))
    assert daemon.log() == before
    daemon.settings["log"] = {"level": "info"}
    daemon.write_config()
    daemon.reload()
    assert "event=reload.done" in daemon.log()[len(before):]


def test_the_clock_moves_with_a_reload(daemon):
    assert daemon.clock.stamp().startswith(CLOCK[:10])
    daemon.pass_time(40 * 86400)
    assert daemon.sign_up("workshop", "anna@umed.example").status == 303
    assert daemon.query("SELECT registered_at FROM registrations")[0]["registered_at"].startswith("2027-02-24T")


def test_a_reload_asked_for_during_a_reload_is_not_lost(daemon):
    """The first has read its files already and waits for the store; what changed since is taken over too."""
    lock = sqlite3.connect(daemon.database, isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    daemon.read_notes()
    count = len(daemon.notes)
    daemon.process.send_signal(signal.SIGHUP)
    eventually(lambda: any("RELOADING=1" in note for note in daemon.read_notes()[count:]))
    time.sleep(0.3)  # it reads the folder in the same turn of its loop
    daemon.write_event("workshop", definition("workshop", title="The second look"))
    daemon.process.send_signal(signal.SIGHUP)
    time.sleep(0.3)
    lock.execute("ROLLBACK")
    lock.close()
    eventually(lambda: title_of(daemon) == (200, "The second look"))
    eventually(lambda: "READY=1" in daemon.read_notes()[-1].split("\n"), what="it says that it is ready again")


def test_many_reloads_under_load(daemon):
    """No answer is lost and nothing leaks while editions come and go."""
    import threading
    daemon.ripe_form("workshop")
    stop, statuses = threading.Event(), []

    def visit():
        browser = daemon.browser()
        while not stop.is_set():
            statuses.append(browser.get("/e/workshop").status)
    threads = [threading.Thread(target=visit) for _ in range(3)]
    for thread in threads:
        thread.start()
    for n in range(15):
        daemon.write_event("workshop", definition("workshop", title=f"Title {n}"))
        daemon.reload()
    stop.set()
    for thread in threads:
        thread.join()
    assert statuses and set(statuses) == {200}


def test_mail_settings_follow_a_reload(daemon, smtp):
    """What a reload says it takes over, it does: sender and server, on connections that were open."""
    assert daemon.sign_up("workshop", "first@visitor.example").status == 303
    assert smtp.one("first@visitor.example").message["From"] == "Connected Health Cluster <events@cluster.example>"
    daemon.settings["mail"] = {"from": "The other desk <desk@cluster.example>", "reply_to": "help@cluster.example"}
    daemon.write_config()
    daemon.reload()
    assert "settings.needs_restart" not in daemon.log()
    assert daemon.sign_up("workshop", "second@visitor.example").status == 303
    mail = smtp.one("second@visitor.example")
    assert (mail.sender, mail.message["From"]) == ("desk@cluster.example", "The other desk <desk@cluster.example>")
    assert mail.message["Reply-To"] == "help@cluster.example"
    assert daemon.browser().get("/").tree.text.count("The other desk") >= 1
    daemon.settings["mail"]["senders"] = 7
    daemon.write_config()
    daemon.reload()
    assert "settings.needs_restart key=mail.senders" in daemon.log()


def test_trouble_with_mail_is_told_and_nobody_is_turned_away(daemon, smtp):
    smtp.stop()
    assert daemon.sign_up("workshop", "waits@visitor.example").status == 303
    eventually(lambda: "mail server cannot be reached" in daemon.browser().get("/readyz").body.decode(), 20)
    assert daemon.browser().get("/readyz").status == 200
    smtp.start()
