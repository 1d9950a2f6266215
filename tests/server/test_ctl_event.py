# SPDX-License-Identifier: EUPL-1.2
"""convenectl event: list, check, show, diff, export; an event is called off, and one moves, with the mails of both."""
import json

import pytest
from harness import letters
from harness.definitions import EMAIL, IDEA, NAME, TERMS, TOPIC, definition
from harness.people import address, come, kinds, letter, states
from harness.wait import eventually

FIELDS = (NAME, EMAIL)


def forum(**how):
    return definition("forum", **{"capacity": 2, "waiting_list": True, "fields": FIELDS, **how})


@pytest.fixture
def daemon(make_daemon):
    return make_daemon({"forum": forum()})


def revise(daemon, **how):
    """A new revision, a while later."""
    daemon.pass_time(60)
    daemon.write_event("forum", forum(**how))
    daemon.reload()


def wrong(daemon, *arguments, code=1):
    """What it complains of."""
    given, said, errors = daemon.ctl(*arguments, code=None)
    assert given == code, (given, said, errors)
    return said + errors


def whole(daemon):
    assert daemon.ctl_json("verify")["ok"], daemon.ctl("verify", code=None)


# --- reading

def test_list_counts_people_and_places(daemon):
    come(daemon, "forum", "anna", "bela", "cora")
    event, = daemon.ctl_json("event", "list")
    assert event == {"event": "forum", "state": "live", "starts": "2027-03-18T07:30:00Z", "revision": 1, "title": "The forum",
                     "registrations": {"confirmed": 2, "waitlisted": 1}, "taken": 2, "capacity": 2}
    head, row = daemon.ctl("event", "list").splitlines()
    assert row.split("  ") and "2/2" in row and "2 confirmed, 1 waitlisted" in row and "The forum" in row


def test_show_and_export(daemon, tmp_path):
    come(daemon, "forum", "anna")
    shown = daemon.ctl_json("event", "show", "forum")
    assert (shown["revision"], shown["current"], shown["state"], shown["file"]) == (1, True, "live", "forum.conf")
    assert shown["times"]["starts"] == {"local": "2027-03-18 09:30", "utc": "2027-03-18T07:30:00Z"}
    assert [(p["kind"], p["place"], p["capacity"], p["taken"], p["free"]) for p in shown["places"]] == [("mode", "onsite", 2, 1, 1)]
    assert [(f["field"], f["type"], f["required"]) for f in shown["fields"]] == [("name", "text", True), ("email", "email", True)]
    words = daemon.ctl("event", "show", "forum")
    assert "Starts: 2027-03-18 09:30" in words and "Revision: 1, the current one" in words

    first = forum()
    revise(daemon, capacity=3)
    assert daemon.ctl("event", "export", "forum") == forum(capacity=3)
    assert daemon.ctl("event", "export", "forum", "--revision", "1") == first
    assert daemon.ctl("event", "show", "forum", "--revision", "1", "--text") == first
    assert daemon.ctl_json("event", "show", "forum", "--revision", "1")["current"] is False
    assert "no revision 9" in wrong(daemon, "event", "show", "forum", "--revision", "9")
    assert "no event fair" in wrong(daemon, "event", "export", "fair")
    for bad in ("0", "-1", "x", "", "99999999999999999999"):
        assert "usage" in wrong(daemon, "event", "show", "forum", "--revision", bad, code=2)


def test_diff_says_what_it_means(daemon, tmp_path):
    consent = TERMS
    revise(daemon, capacity=5, fields=(NAME, EMAIL, consent), starts="2027-03-18T10:00")
    told = daemon.ctl_json("event", "diff", "forum")
    assert (told["old"], told["new"], told["same"]) == ("revision 1", "revision 2", False)
    assert "starts: 2027-03-18 09:30 -> 2027-03-18 10:00" in told["meaning"]
    assert "mode onsite: capacity 2 -> 5" in told["meaning"]
    assert any(m.startswith("field terms: new, consent") for m in told["meaning"])
    assert {"side": "-", "text": 'starts = "2027-03-18T09:30";'} in told["lines"]
    assert {"side": "+", "text": 'starts = "2027-03-18T10:00";'} in told["lines"]
    assert not any("title" in line["text"] for line in told["lines"]), "what is the same is no difference"

    file = tmp_path / "next.conf"
    other = consent.replace('en = "', 'en = "Once more: ')
    assert other != consent
    file.write_text(forum(capacity=5, fields=(NAME, EMAIL, other), starts="2027-03-18T10:00"))
    words = daemon.ctl("event", "diff", "forum", str(file))
    meaning, _, lines = words.partition("\n@@ line ")
    assert meaning == (f"revision 2 -> {file}\n\n"
                       "consent terms: its words in en have changed; who gave it gave it to the old ones\n"), meaning
    assert any(line.startswith("-") for line in lines.splitlines()) and any(line.startswith("+") for line in lines.splitlines())
    file.write_text(forum(capacity=5, fields=(NAME, EMAIL, consent), starts="2027-03-18T10:00"))
    assert daemon.ctl_json("event", "diff", "forum", str(file))["same"] is True
    back = daemon.ctl_json("event", "diff", "forum", "--revision", "2", "--revision", "1")
    assert "field terms: gone; answers that were given stay" in back["meaning"]

    file.write_text(definition("fair"))
    assert "is the definition of fair" in wrong(daemon, "event", "diff", "forum", str(file))
    file.write_text("slug = 1;\n")
    assert f"{file}:1: slug" in wrong(daemon, "event", "diff", "forum", str(file))
    assert "usage" in wrong(daemon, "event", "diff", "forum", "--revision", "1", "--revision", "2", str(file), code=2)


def test_check_before_it_is_loaded(daemon, tmp_path):
    come(daemon, "forum", "anna", "bela")
    daemon.settled()
    before = daemon.dump()
    good, small, bad = tmp_path / "good.conf", tmp_path / "small.conf", tmp_path / "bad.conf"
    good.write_text(definition("fair"))
    small.write_text(forum(capacity=1))
    bad.write_text(definition("bad").replace('"Europe/Vilnius"', '"Europe/Nowhere"'))
    told = daemon.ctl_json("event", "check", str(good))
    assert told["ok"] and told["store"] and told["faults"] == []
    given, said, _ = daemon.ctl("event", "check", str(good), str(small), str(bad), "--json", code=None)
    assert given == 1
    faults = json.loads(said)["faults"]
    assert {(f["file"], f["line"], f["key"]) for f in faults} == {(str(small), 0, None), (str(bad), 4, "zone")}
    assert "capacity 1 of onsite is below the 2 places taken" in [f["text"] for f in faults if f["file"] == str(small)][0]
    words = wrong(daemon, "event", "check", str(small), str(bad))
    assert f"{bad}:4: zone: " in words and "2 faults, 0 warnings in 2 files" in words
    assert "stands in" in wrong(daemon, "event", "check", str(small), str(tmp_path / ".." / tmp_path.name / "small.conf"))
    assert "cannot be read" in wrong(daemon, "event", "check", str(tmp_path / "none.conf"))
    assert daemon.dump() == before, "a check changes nothing"

    # all that the store refuses is said at once
    revise(daemon, capacity=3, fields=(*FIELDS, TOPIC, IDEA))
    daemon.forget_forms()
    come(daemon, "forum", "cora", topic="data", idea="Maps")
    small.write_text(forum(capacity=1, fields=(*FIELDS, TOPIC.replace('"data"', '"dates"'), IDEA.replace("textarea", "url"))))
    faults = json.loads(daemon.ctl("event", "check", str(small), "--json", code=None)[1])["faults"]
    assert [fault["text"].partition(",")[0] for fault in faults] == [
        "modes: capacity 1 of onsite is below the 3 places taken", "fields: option data of topic is gone",
        "fields: idea was textarea and is now url"], faults
    assert all(number in fault["text"] for number, fault in zip(("3 places", "1 people", "1 answers"), faults))

    nowhere = ("-c", str(tmp_path / "none.conf"))
    given, said, errors = daemon.ctl(*nowhere, "event", "check", str(small), code=None)
    assert given == 0 and "what is stored was not looked at" in errors
    assert "cannot be used" in wrong(daemon, *nowhere, "event", "list", code=2)


# --- off

def test_cancel_tells_everybody_once(daemon, smtp):
    come(daemon, "forum", "anna", "bela", "cora", "dana")
    daemon.settled()
    path = letters.manage_path(smtp.one(address("anna")).message)
    answer = daemon.browser().post(letters.manage_path(smtp.one(address("dana")).message) + "/cancel", {})
    assert answer.status == 303
    sequence = letters.event_of(letters.calendar(smtp.one(address("anna")).message))["SEQUENCE"]

    for arguments in ((), ("--yes",), ("--reason", " ", "--yes")):
        wrong(daemon, "event", "cancel", "forum", *arguments, code=2)
    assert "3 people would be told" in wrong(daemon, "event", "cancel", "forum", "--reason", "The roof leaks", code=2)
    assert daemon.ctl_json("event", "list")[0]["state"] == "live"

    done = daemon.ctl_json("event", "cancel", "forum", "--reason", "The roof leaks", "--yes")
    assert done == {"event": "forum", "state": "off", "already": False, "told": 3}
    for person in ("anna", "bela", "cora"):
        mail = letter(daemon, smtp, person, "event_off")
        assert mail["Subject"] == "Called off: The forum"
        assert "The organisers give this reason: The roof leaks" in letters.body(mail, "plain")
        assert "The roof leaks" in letters.body(mail, "html")
    mail = letter(daemon, smtp, "anna", "event_off")
    entry = letters.calendar(mail)
    assert entry["METHOD"] == "CANCEL" and letters.event_of(entry)["STATUS"] == "CANCELLED"
    assert letters.event_of(entry)["SEQUENCE"] > sequence
    assert not letters.calendars(letter(daemon, smtp, "cora", "event_off")), "who waits has no entry"
    assert "event_off" not in kinds(daemon, "dana")
    assert states(daemon) == {"anna": "confirmed", "bela": "confirmed", "cora": "waitlisted", "dana": "cancelled"}

    # the pages say so without a signal
    eventually(lambda: "called off" in daemon.browser().get("/en/e/forum").text, 10, "the page says that it is off")
    assert "Add to my calendar" not in daemon.browser().get("/en/e/forum").text
    assert not daemon.browser().get("/en/e/forum").has_form
    own = daemon.browser().get(path)
    assert own.status == 200
    assert own.by_id("page-main").all("h1")[0].text == "This event has been called off"
    assert "does not take place" in own.text and "You have a place" not in own.text
    assert not any(link.endswith(("/cancel", "/change", "/event.ics")) for link in own.links)
    assert "waiting list" not in daemon.browser().get("/en/e/forum").text, "how many places are left is of no interest"
    assert daemon.sign_up("forum", address("eva")).status == 409, "a form from before"

    # again: nobody is told twice, and what was said first stands
    again = daemon.ctl_json("event", "cancel", "forum", "--reason", "Another", "--yes")
    assert (again["already"], again["told"]) == (True, 0)
    assert daemon.query("SELECT off_reason FROM event") == [{"off_reason": "The roof leaks"}]
    assert daemon.query("SELECT registration_id IS NULL AS event, count(*) AS n FROM audit WHERE action = 'event_off' GROUP BY 1") \
        == [{"event": 0, "n": 3}, {"event": 1, "n": 1}]

    # nor does a new definition bring it back
    revise(daemon, capacity=9)
    assert daemon.ctl_json("event", "show", "forum")["state"] == "off"
    assert "is off" in wrong(daemon, "event", "move", "forum", "--yes")
    whole(daemon)


def test_cancel_goes_on_with_who_was_not_told(daemon, smtp):
    come(daemon, "forum", "anna", "bela")
    daemon.settled()
    assert daemon.ctl_json("event", "cancel", "forum", "--reason", "Snow", "--yes")["told"] == 2
    daemon.settled()
    # as if the machine had stopped between two batches
    daemon.execute("DELETE FROM mail WHERE kind = 'event_off' AND recipient = ?", (address("bela"),))
    assert "not told that its event is off" in wrong(daemon, "verify")
    assert daemon.ctl_json("event", "cancel", "forum", "--reason", "Rain", "--yes")["told"] == 1
    daemon.settled()
    assert [m.message["Subject"] for m in smtp.to(address("anna"))].count("Called off: The forum") == 1
    whole(daemon)
    text = letters.body(letter_last(smtp, "bela"), "plain")
    assert "Snow" in text and "Rain" not in text


def letter_last(smtp, person):
    return smtp.to(address(person))[-1].message


def test_a_sign_up_that_comes_too_late(daemon):
    """Between the command and the pages: the store refuses it."""
    action, form = daemon.ripe_form("forum")
    daemon.ctl("event", "cancel", "forum", "--reason", "Snow", "--yes")
    answer = daemon.browser().post(action, {**form, "name": "Eva", "email": address("eva")})
    assert answer.status == 409
    assert daemon.query("SELECT count(*) AS n FROM registration") == [{"n": 0}]


def test_nobody_is_let_in_after(make_daemon, smtp):
    daemon = make_daemon({"forum": definition("forum", capacity=1, waiting_list=True, extra='approval = "manual";')})
    assert daemon.sign_up("forum", address("anna")).status == 303
    assert daemon.sign_up("forum", address("bela"), name="Bela").status == 303
    daemon.settled()
    references = {r["email"]: r["reference"] for r in daemon.query("SELECT email, reference FROM registrations")}
    before = daemon.query("SELECT email, status FROM registrations ORDER BY email")
    assert [r["status"] for r in before] == ["awaiting_approval", "waitlisted"]
    daemon.ctl("event", "cancel", "forum", "--reason", "Snow", "--yes")
    daemon.settled()
    mails = len(daemon.query("SELECT 1 FROM mail"))
    for who, act in (("anna", ("approve",)), ("bela", ("promote", "--reason", "A guest of honour"))):
        verb, *options = act
        code, said, _ = daemon.ctl("registration", verb, references[address(who)], *options, "--json", code=None)
        assert code == 1 and json.loads(said)["result"] == "off", said
        code, said, _ = daemon.ctl("registration", verb, references[address(who)], *options, code=None)
        assert code == 1 and "the event does not take place, nothing was changed" in said
    assert daemon.query("SELECT email, status FROM registrations ORDER BY email") == before
    assert len(daemon.query("SELECT 1 FROM mail")) == mails


def test_what_was_owed_before_is_not_sent(daemon, smtp):
    smtp.stop()
    come(daemon, "forum", "anna")
    waits = "SELECT 1 FROM mail WHERE kind = 'confirmed' AND state IN ('queued', 'deferred')"
    # tried once, so that nobody has it in hand before the next probe
    eventually(lambda: "mail.server_unreachable" in daemon.log() and daemon.query(waits), 15, "the mail waits")
    daemon.ctl("event", "cancel", "forum", "--reason", "Snow", "--yes")
    assert daemon.query("SELECT state FROM mail_log WHERE kind = 'confirmed'") == [{"state": "superseded"}]
    smtp.start()
    daemon.pass_time(3600)
    daemon.settled()
    eventually(lambda: smtp.to(address("anna")), 15, "the mail")
    assert [m.message["Subject"] for m in smtp.to(address("anna"))] == ["Called off: The forum"]
    assert daemon.query("SELECT kind, state FROM mail_log ORDER BY mail") == [
        {"kind": "confirmed", "state": "superseded"}, {"kind": "event_off", "state": "sent"}]
    whole(daemon)


def test_what_cannot_be_called_off(make_daemon):
    daemon = make_daemon({"forum": forum(), "plan": definition("plan", extra='visibility = "draft";')})
    assert "is a draft" in wrong(daemon, "event", "cancel", "plan", "--reason", "x", "--yes")
    assert "no event fair" in wrong(daemon, "event", "cancel", "fair", "--reason", "x", "--yes")
    daemon.set_time("2027-03-19T12:00:00Z")
    assert "is over" in wrong(daemon, "event", "cancel", "forum", "--reason", "x", "--yes")


# --- moved

def test_move_tells_who_was_told_otherwise(make_daemon, smtp):
    modes = '( { id = "onsite"; capacity = 2; }, { id = "online"; } )'
    daemon = make_daemon({"forum": forum(modes=modes)})
    come(daemon, "forum", "anna", mode="onsite")
    come(daemon, "forum", "olga", mode="online")
    daemon.settled()
    first = letters.event_of(letters.calendar(smtp.one(address("anna")).message))
    assert daemon.ctl_json("event", "move", "forum", "--dry-run")["told"] == 0, "nothing has moved"
    wrong(daemon, "event", "move", "forum", code=2)

    revise(daemon, modes=modes, title="Another name")
    assert daemon.ctl_json("event", "move", "forum", "--yes")["told"] == 0, "a title is neither time nor place"
    revise(daemon, modes=modes, extra='place = "City Hall, Kaunas";')
    assert daemon.ctl_json("event", "move", "forum", "--dry-run") == {"event": "forum", "revision": 3, "dry_run": True, "told": 1}
    assert daemon.ctl_json("event", "move", "forum", "--yes")["told"] == 1, "who is online goes nowhere"
    mail = letter(daemon, smtp, "anna", "event_moved")
    text = letters.body(mail, "plain")
    assert "City Hall, Kaunas" in text and "Neris Conference Centre, Vilnius" in text
    entry = letters.event_of(letters.calendar(mail))
    assert entry["UID"] == first["UID"] and entry["SEQUENCE"] > first["SEQUENCE"] and "City Hall" in entry["LOCATION"]
    assert "event_moved" not in kinds(daemon, "olga")

    daemon.pass_time(60)
    assert daemon.ctl_json("event", "move", "forum", "--yes")["told"] == 0, "once for each revision"
    come(daemon, "forum", "bela", mode="onsite")
    daemon.settled()
    revise(daemon, modes=modes, starts="2027-03-18T11:00", extra='place = "City Hall, Kaunas";')
    assert daemon.ctl_json("event", "move", "forum", "--yes")["told"] == 3
    text = letters.body(letter(daemon, smtp, "olga", "event_moved"), "plain")
    assert "11:00" in text and "09:30" in text.split("Before")[1]
    letter(daemon, smtp, "bela", "event_moved")
    letter(daemon, smtp, "anna", "event_moved")
    daemon.pass_time(60)
    assert daemon.ctl_json("event", "move", "forum", "--yes")["told"] == 0

    # back to what it was is a move too; who waits is not told
    revise(daemon, modes=modes)
    come(daemon, "forum", "cora", mode="onsite")
    assert states(daemon)["cora"] == "waitlisted"
    daemon.settled()
    assert daemon.ctl_json("event", "move", "forum", "--yes")["told"] == 3
    assert daemon.query("SELECT count(*) AS n FROM audit WHERE action = 'event_moved'") == [{"n": 7}]
    whole(daemon)


def test_wrong_uses(daemon):
    for arguments in ((), ("fly",), ("list", "x"), ("check",), ("show",), ("show", "forum", "--yes"), ("export", "forum", "--json"),
                      ("cancel", "forum", "--revision", "1"), ("diff",)):
        assert "usage" in wrong(daemon, "event", *arguments, code=2)
