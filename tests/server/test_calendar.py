# SPDX-License-Identifier: EUPL-1.2
"""The entry that a mail brings: asked for or published; sessions as entries of their own; the code for the door."""
import icalendar
import zbar
from harness import letters, png
from harness.definitions import definition
from harness.people import cancel, come, letter, reference

DAYS = 'days = ( { starts = "2027-03-18T09:30"; ends = "2027-03-18T16:00"; }, { starts = "2027-03-19T09:30"; ends = "2027-03-19T13:00"; } );\n'
SESSIONS = ('sessions = ( { id = "data"; title = "Data"; starts = "2027-03-18T11:00"; ends = "2027-03-18T12:00"; round = "a"; capacity = '
            '{ onsite = 5; online = 9; }; }, { id = "walk"; title = "Walk"; starts = "2027-03-19T10:00"; ends = "2027-03-19T11:00"; '
            'round = "b"; } );\n')
MODES = '( { id = "onsite"; capacity = 9; }, { id = "online"; } )'
JOIN = 'join_url = "https://meet.example/x";\n'


def code_of(message):
    """What a reader of QR codes finds in the pictures of a mail."""
    return read([p.get_payload(decode=True) for kind, p in letters.parts(message) if kind == "image/png" and p["Content-ID"].startswith("<code.")])


def read(pictures):
    found = []
    for picture in pictures:
        width, height, grey = png.grey(picture)
        image = zbar.Image(width, height, "Y800", grey)
        zbar.ImageScanner().scan(image)
        found += [symbol.data for symbol in image]
    return found


# --- published

def test_a_published_entry_asks_nobody(make_daemon, smtp):
    daemon = make_daemon({"forum": definition("forum", extra='ics = "publish";\n')})
    come(daemon, "forum", "anna")
    message = letter(daemon, smtp, "anna", "confirmed")
    entry = letters.calendar(message)
    assert entry["METHOD"] == "PUBLISH"
    kind = [p for k, p in letters.parts(message) if k == "text/calendar"][0]
    assert kind.get_param("method") == "PUBLISH"
    event = letters.event_of(entry)
    assert "ATTENDEE" not in event and event["STATUS"] == "CONFIRMED"
    cancel(daemon, letters.manage_path(letter(daemon, smtp, "anna", "confirmed")))
    gone = letters.calendar(letter(daemon, smtp, "anna", "cancelled"))
    assert gone["METHOD"] == "PUBLISH"
    after = letters.event_of(gone)
    assert after["STATUS"] == "CANCELLED" and after["UID"] == event["UID"] and after["SEQUENCE"] > event["SEQUENCE"]


def test_an_event_is_requested_unless_it_says_otherwise(make_daemon, smtp):
    daemon = make_daemon({"forum": definition("forum", extra='ics = "request";\n')})
    come(daemon, "forum", "anna")
    entry = letters.calendar(letter(daemon, smtp, "anna", "confirmed"))
    assert entry["METHOD"] == "REQUEST" and "ATTENDEE" in letters.event_of(entry)


# --- sessions

def test_sessions_are_entries_of_their_own_behind_the_link(make_daemon, smtp):
    daemon = make_daemon({"forum": definition("forum", ends="2027-03-19T13:00", modes=MODES, extra=DAYS + SESSIONS + JOIN)})
    come(daemon, "forum", "anna", mode="onsite", **{"session.a": "data", "session.b": "walk"})
    message = letter(daemon, smtp, "anna", "confirmed")
    mailed = letters.calendar(message)
    assert len({str(e["UID"]) for e in mailed.walk("VEVENT")}) == 1, "what is asked for has one UID"
    path = letters.manage_path(message) + "/event.ics"
    own = icalendar.Calendar.from_ical(daemon.browser().get(path).body)
    by_uid = {}
    for event in own.walk("VEVENT"):
        by_uid.setdefault(str(event["UID"]), event)
    whole = str(letters.event_of(mailed)["UID"])
    prefix, domain = whole.split("@")
    assert set(by_uid) == {whole, f"{prefix}.data@{domain}", f"{prefix}.walk@{domain}"}
    data = by_uid[f"{prefix}.data@{domain}"]
    assert str(data["SUMMARY"]).endswith(": Data")
    assert letters.utc(own, data["DTSTART"]).isoformat() == "2027-03-18T09:00:00"
    assert str(by_uid[f"{prefix}.walk@{domain}"]["DTSTART"].dt.date()) == "2027-03-19"


# --- the code

def test_the_code_is_the_reference(make_daemon, smtp):
    daemon = make_daemon({"forum": definition("forum", modes=MODES, extra=JOIN)})
    come(daemon, "forum", "anna", mode="onsite")
    message = letter(daemon, smtp, "anna", "confirmed")
    assert code_of(message) == [reference(daemon, "anna")]
    own = letters.manage_path(message)
    page = daemon.browser().get(own)
    assert [image.get("src") for image in page.tree.all("img") if image.get("class") == "code"] == ["/en" + own + "/code.png"]
    picture = daemon.browser().get(own + "/code.png")
    assert picture.header("Content-Type") == "image/png" and read([picture.body]) == [reference(daemon, "anna")]
    html = letters.body(message, "html")
    assert f'src="cid:code.{message["Message-ID"].strip("<>")}"' in html and f'alt="Code for the door: {reference(daemon, "anna")}"' in html
    assert f"say your reference {reference(daemon, 'anna')}" in letters.body(message, "plain").replace("\n", " ")
    come(daemon, "forum", "joe", mode="online")
    assert code_of(letter(daemon, smtp, "joe", "confirmed")) == [], "nobody stands at a door"
    assert daemon.sign_up("forum", "Events@cluster.example", mode="onsite").status == 303
    assert letters.calendar(smtp.one("Events@cluster.example").message)["METHOD"] == "PUBLISH", "no invitation to oneself"
    cancel(daemon, own)
    assert daemon.browser().get(own + "/code.png").status == 404 and b"code.png" not in daemon.browser().get(own).body
    assert code_of(letter(daemon, smtp, "anna", "cancelled")) == []


def test_who_waits_has_no_code(make_daemon, smtp):
    daemon = make_daemon({"forum": definition("forum", capacity=1, waiting_list=True)})
    come(daemon, "forum", "anna", "joe")
    assert code_of(letter(daemon, smtp, "joe", "waitlisted")) == []
