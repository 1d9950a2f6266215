# SPDX-License-Identifier: EUPL-1.2
"""What organisers write to some of an event's people: whom it reaches, when, what can still be recalled."""
import json

import pytest
from harness import letters
from harness.definitions import ALL_FIELDS, definition
from harness.people import address, becomes, cancel, come, letter, reference
from harness.wait import eventually

SESSIONS = ('sessions = ( { id = "data"; title = "Data"; starts = "2027-03-18T11:00"; ends = "2027-03-18T12:00"; round = "a"; '
            'capacity = { onsite = 5; online = 9; }; }, { id = "care"; title = "Care"; starts = "2027-03-18T11:00"; '
            'ends = "2027-03-18T12:00"; round = "a"; } );\n')
MODES = '( { id = "onsite"; capacity = 9; }, { id = "online"; } )'
TOPICS = '{ id = "topics"; type = "choices"; label = "Topics"; options = ( { id = "a"; label = "A"; }, { id = "b"; label = "B"; } ); }'


@pytest.fixture
def daemon(make_daemon, tmp_path):
    (tmp_path / "en.md").write_text("# The room has changed\n\nCome to **room 5**, by [the map](https://map.example/5).\n\n<b>raw</b>\n")
    (tmp_path / "lt.md").write_text("Ateikite į **5 kambarį**.\n")
    daemon = make_daemon({"forum": definition("forum", modes=MODES, fields=(*ALL_FIELDS, TOPICS), extra=SESSIONS)})
    daemon.tmp = tmp_path
    good = {"country": "LT", "topic": "data", "terms": "yes", "mode": "onsite"}
    come(daemon, "forum", "anna", **{**good, "session.a": "data", "topics": ["a", "b"]})
    come(daemon, "forum", "joe", **{**good, "mode": "online", "country": "EE", "topic": "skills", "topics": ["b"]})
    come(daemon, "forum", "eva", **{**good, "session.a": "care", "news": "yes"})
    assert daemon.sign_up("forum", address("ona"), language="lt", name="Ona", **good).status == 303
    daemon.settled()
    return daemon


def create(daemon, *options, code=0, texts=("en.md",), subject="The room"):
    given = [f"--text={'lt=' if t.startswith('lt') else ''}{daemon.tmp / t}" for t in texts]
    status, said, errors = daemon.ctl("mailing", "create", "--event", "forum", "--subject", subject, *given, *options, "--json",
                                      code=None)
    assert status == code, (said, errors)
    return json.loads(said) if said else errors


def shown(daemon, mailing):
    return json.loads(daemon.ctl("mailing", "show", str(mailing)))


def got(daemon, mailing):
    """Whom it was sent to."""
    eventually(lambda: shown(daemon, mailing)["state"] == "done" and not shown(daemon, mailing)["waiting"], 20, "the mailing is done")
    rows = daemon.query("SELECT recipient FROM mail WHERE batch_id = ? AND state = 'sent' ORDER BY id", (mailing,))
    return [row["recipient"].split("@")[0] for row in rows]


FILTERS = [
    ((), ["anna", "joe", "eva", "ona"]),
    (("--mode", "online"), ["joe"]),
    (("--session", "data"), ["anna"]),
    (("--language", "lt"), ["ona"]),
    (("--country", "EE"), ["joe"]),
    (("--answer", "topic=skills"), ["joe"]),
    (("--answer", "topics=b"), ["anna", "joe"]),
    (("--answer", "topics=b", "--answer", "topic=data"), ["anna"]),
    (("--answer", "news=yes"), ["eva"]),
    (("--status", "waitlisted"), []),
]


def test_whom_it_is_for(daemon, smtp):
    made = [create(daemon, *options) for options, _ in FILTERS]
    for mailing in made:
        daemon.ctl("mailing", "send", str(mailing["mailing"]))
    for (options, people), mailing in zip(FILTERS, made):
        assert mailing["people"] == len(people) and got(daemon, mailing["mailing"]) == people, options


def test_it_says_what_was_written_in_the_readers_language(daemon, smtp):
    made = create(daemon, "--subject", "lt=Kambarys", texts=("en.md", "lt.md"))["mailing"]
    before = daemon.dump()
    text = daemon.ctl("mail", "preview", "bulk", reference(daemon, "anna"), "--mailing", str(made))
    assert daemon.dump() == before and text.startswith("The room\n") and "room 5" in text
    daemon.ctl("mailing", "send", str(made))
    assert len(got(daemon, made)) == 4
    anna, ona = letter(daemon, smtp, "anna", "bulk"), letter(daemon, smtp, "ona", "bulk")
    assert (anna["Subject"], ona["Subject"]) == ("The room", "Kambarys")
    html = letters.body(anna, "html")
    assert "<strong>room 5</strong>" in html and 'href="https://map.example/5"' in html and "<b>raw" not in html
    assert html.count("<h1") == 1 and "<h2" in html
    assert "https://map.example/5" in letters.body(anna, "plain") and letters.manage_path(anna)
    assert "5 kambarį" in letters.body(ona, "plain")
    assert "List-Unsubscribe" not in anna, "it is about the event"


def test_who_reads_in_a_language_that_the_event_has_not(daemon):
    assert daemon.sign_up("forum", address("aino"), language="fi", country="FI", topic="data", terms="yes",
                          mode="onsite").status == 303
    assert create(daemon, "--language", "fi")["people"] == 1


def test_a_language_without_a_text_is_named(daemon):
    said = daemon.ctl("mailing", "create", "--event", "forum", "--subject", "The room", "--text", str(daemon.tmp / "en.md"))
    assert said.endswith("\nno text in lt: who reads that gets another language\n") and "text in en" not in said


def test_a_subject_is_one_line(daemon, smtp):
    made = create(daemon, "--mode", "online", subject="The room\r\nBcc: evil@umed.example\r\n\r\nbody")["mailing"]
    daemon.ctl("mailing", "send", str(made))
    assert got(daemon, made) == ["joe"]
    message = letter(daemon, smtp, "joe", "bulk")
    assert message["Subject"] == "The room Bcc: evil@umed.example body" and message["Bcc"] is None
    assert not smtp.to("evil@umed.example")


def test_a_test_goes_to_oneself_alone(daemon, smtp):
    made = create(daemon)["mailing"]
    for _ in range(2):
        daemon.ctl("mailing", "test", str(made), "me@office.example")
    eventually(lambda: len(smtp.to("me@office.example")) == 2, 15, "two tests")
    message = smtp.to("me@office.example")[0].message
    assert message["Subject"] == "Test: The room" and "room 5" in letters.body(message, "plain")
    assert not [p for p in letters.links(message) if "/r/" in p]
    assert shown(daemon, made)["state"] == "draft" and shown(daemon, made)["mails"] == 0


def test_it_can_wait_and_be_recalled(daemon, smtp):
    later = create(daemon)["mailing"]
    said = daemon.ctl("mailing", "send", str(later), "--at", "2027-01-16T10:00:00Z")
    assert said == f"mailing {later}: goes on 2027-01-16T10:00:00Z; today it is for 4\n"
    assert shown(daemon, later)["state"] == "planned"
    assert daemon.ctl("mailing", "send", str(later), code=None)[0] == 1
    daemon.ctl("mailing", "recall", str(later))
    assert shown(daemon, later)["state"] == "recalled" and daemon.ctl("mailing", "recall", str(later), code=None)[0] == 1
    on_time = create(daemon)["mailing"]
    daemon.ctl("mailing", "send", str(on_time), "--at", "2027-01-16T10:00:00Z")
    come(daemon, "forum", "late", country="LT", topic="data", terms="yes", mode="onsite")
    daemon.pass_time(86400)
    assert got(daemon, on_time) == ["anna", "joe", "eva", "ona", "late"], "whoever is there when it goes"
    assert got_none(daemon, later)


def got_none(daemon, mailing):
    return not daemon.query("SELECT 1 FROM mail WHERE batch_id = ?", (mailing,))


def test_what_has_not_gone_is_recalled(daemon, smtp):
    come(daemon, "forum", "tempfail", country="LT", topic="data", terms="yes", mode="onsite")
    eventually(lambda: daemon.query("SELECT 1 FROM mail WHERE state = 'deferred'"), 15, "the server wants it later")
    made = create(daemon)["mailing"]
    daemon.ctl("mailing", "send", str(made))
    eventually(lambda: shown(daemon, made)["sent"] == 4, 15, "four have gone")
    assert daemon.ctl("mailing", "recall", str(made)) == f"mailing {made}: recalled; 4 of 5 mails had gone\n"
    states = {r["recipient"].split("@")[0]: r["state"] for r in daemon.query("SELECT recipient, state FROM mail WHERE batch_id = ?",
                                                                             (made,))}
    assert states.pop("tempfail") == "cancelled" and set(states.values()) == {"sent"}


def test_who_left_meanwhile_gets_none(daemon, smtp):
    made = create(daemon)["mailing"]
    daemon.ctl("mailing", "send", str(made), "--at", "2027-01-16T10:00:00Z")
    cancel(daemon, letters.manage_path(letter(daemon, smtp, "anna", "confirmed")))
    daemon.pass_time(86400)
    assert "anna" not in got(daemon, made)


def test_none_of_an_event_that_was_called_off_meanwhile(daemon, smtp):
    """It was under way and nobody could say how it fared: it was written for an event that takes place."""
    come(daemon, "forum", "held", country="LT", topic="data", terms="yes", mode="onsite")
    smtp.let_go()
    daemon.settled()
    seen = len(smtp.to(address("held")))
    made = create(daemon)["mailing"]
    daemon.ctl("mailing", "send", str(made))
    eventually(lambda: len(smtp.to(address("held"))) > seen, what="the server has it")
    daemon.kill()
    of_held = "SELECT state FROM mail WHERE batch_id = ? AND recipient = ?", (made, address("held"))
    assert [row["state"] for row in daemon.query(*of_held)] == ["leased"]
    smtp.mend()
    daemon.ctl("event", "cancel", "forum", "--reason", "The roof leaks", "--yes")
    daemon.start()
    letter(daemon, smtp, "held", "event_off")
    eventually(lambda: [row["state"] for row in daemon.query(*of_held)] == ["superseded"], what="it is not sent again")
    assert len(smtp.to(address("held"))) == seen + 2
    after = create(daemon, subject="What now")["mailing"]
    daemon.ctl("mailing", "send", str(after))
    assert "held" in got(daemon, after), "written for those whose event is off"


def test_a_change_of_state_takes_it_from_nobody_whom_it_is_for(make_daemon, smtp, tmp_path):
    (tmp_path / "en.md").write_text("Hello\n")
    daemon = make_daemon({"forum": definition("forum", capacity=1, waiting_list=True)})
    daemon.tmp = tmp_path
    come(daemon, "forum", "anna", "joe")
    daemon.settled()
    daemon.ctl("mail", "pause", "--event", "forum")
    made = create(daemon, "--status", "confirmed", "--status", "waitlisted", "--status", "offered")["mailing"]
    daemon.ctl("mailing", "send", str(made))
    eventually(lambda: shown(daemon, made)["waiting"] == 2, 15, "both are written")
    daemon.ctl("registration", "cancel", reference(daemon, "anna"))
    becomes(daemon, "joe", "offered")
    daemon.ctl("mail", "resume", "--event", "forum")
    assert got(daemon, made) == ["joe"]


def test_news_can_be_stopped(daemon, smtp):
    first = create(daemon, "--news")["mailing"]
    daemon.ctl("mailing", "send", str(first))
    assert len(got(daemon, first)) == 4
    message = letter(daemon, smtp, "anna", "bulk")
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    path = "/" + message["List-Unsubscribe"].strip("<>").split("/", 3)[3]
    assert daemon.browser().post(path, {"List-Unsubscribe": "One-Click"}).status == 200
    news, about = create(daemon, "--news")["mailing"], create(daemon)["mailing"]
    assert shown(daemon, news)["people"] == 3 and shown(daemon, about)["people"] == 4
    for mailing in (news, about):
        daemon.ctl("mailing", "send", str(mailing))
    assert "anna" not in got(daemon, news) and "anna" in got(daemon, about)


def test_a_crash_in_the_middle_leaves_nobody_out_and_doubles_nobody(make_daemon, smtp, tmp_path):
    (tmp_path / "en.md").write_text("Hello\n")
    daemon = make_daemon({"forum": definition("forum", capacity=None)})
    daemon.tmp = tmp_path
    for i in range(30):
        come(daemon, "forum", f"p{i}")
    daemon.settled()
    made = create(daemon)["mailing"]
    daemon.ctl("mailing", "send", str(made))
    eventually(lambda: shown(daemon, made)["sent"] >= 3, 15, "some have gone")
    daemon.kill()
    daemon.start()
    assert sorted(got(daemon, made)) == sorted(f"p{i}" for i in range(30))
    ids = {}
    for i in range(30):
        mine = [m.message for m in smtp.to(address(f"p{i}")) if m.message["Subject"] == "The room"]
        assert mine and len({m["Message-ID"] for m in mine}) == 1
        ids[i] = len(mine)


SLIPS = [("--status", "gone"), ("--mode", "phone"), ("--session", "none"), ("--country", "XX"), ("--answer", "none=1"),
         ("--answer", "topic"), ("--answer", "topic=dta"), ("--language", "fi"), ("--subject", "fi=Huone"), ("--subject", "twice"), ("--subject", "lt=alone")]


def test_no_address_that_nobody_confirmed(make_daemon, smtp, tmp_path):
    """Whoever typed it may not be its owner, and the organiser's words would go to a stranger."""
    (tmp_path / "en.md").write_text("Come to room 5.\n")
    daemon = make_daemon({"forum": definition("forum", modes=MODES, extra='confirm = "hold";')})
    daemon.tmp = tmp_path
    for who in ("anna", "joe", "eva", "ona"):
        assert daemon.sign_up("forum", address(who), mode="onsite").status == 303
    daemon.settled()
    errors = create(daemon, "--status", "pending_email", code=1)
    assert "nobody has confirmed" in errors and not daemon.query("SELECT * FROM mail_batch")
    for who in ("anna", "joe"):
        page = daemon.browser().get(letters.answer_path(smtp.one(address(who)).message))
        assert daemon.browser().post(page.form.action, {}).status in (200, 303)
    daemon.ctl("registration", "cancel", reference(daemon, "joe"))
    daemon.ctl("registration", "cancel", reference(daemon, "eva"))
    daemon.pass_time(49 * 3600)
    becomes(daemon, "ona", "expired")
    everybody = create(daemon, *(f"--status={status}" for status in ("confirmed", "cancelled", "expired")))
    assert everybody["people"] == 2
    daemon.ctl("mailing", "send", str(everybody["mailing"]))
    assert got(daemon, everybody["mailing"]) == ["anna", "joe"]


def test_slips_are_named(daemon):
    before = daemon.dump()
    for options in SLIPS:
        assert create(daemon, *options, code=1), options
    assert daemon.dump() == before


def test_wrong_uses(daemon):
    for arguments in ((), ("none",), ("create",), ("show",), ("show", "x"), ("send", "1", "--news"), ("test", "1")):
        assert daemon.ctl("mailing", *arguments, code=None)[0] == 2, arguments
    for arguments in (("show", "9"), ("send", "9"), ("recall", "9"), ("test", "9", "me@office.example")):
        assert daemon.ctl("mailing", *arguments, code=None)[0] == 1, arguments
    assert json.loads(daemon.ctl("mailing", "list", "--json")) == []
