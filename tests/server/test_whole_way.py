# SPDX-License-Identifier: EUPL-1.2
"""The main job: a visitor signs up, the confirmation arrives, its links work, cancelling frees the place."""
import datetime
import re
from zoneinfo import ZoneInfo

import pytest
from harness import letters
from harness.definitions import ALL_FIELDS, definition
from harness.wait import eventually

ANSWERS = {"name": "Anna Kowalska-Nyström", "country": "PL", "topic": "data", "organisation": "Medical University of Łódź",
           "idea": "Name who pays.\r\nSmall hospitals cannot.", "terms": "yes"}


@pytest.mark.smoke
def test_a_visitor_signs_up_gets_the_mail_and_cancels(make_daemon, smtp):
    daemon = make_daemon({"workshop": definition("workshop", fields=ALL_FIELDS)})
    anna = daemon.browser()

    home = anna.get("/")
    assert home.status == 200 and "The workshop" in home.text
    link = next(path for path in home.links if path.endswith("/e/workshop"))
    page = anna.get(link)
    assert page.status == 200 and "The workshop" in page.text and "Vilnius" in page.text
    assert page.language == "en"
    form = page.form
    assert set(form.controls) >= {"name", "email", "country", "topic", "organisation", "idea", "terms", "news", "_form", "_website"}
    assert form.controls["email"][0].get("type") == "email"

    daemon.pass_time(4)
    answer = anna.post(form.action, {**form.values, **ANSWERS, "email": "anna@umed.example"})
    following = anna.follow(answer)
    assert following.status == 200
    assert "If you had registered before, that registration stands; the message says how it is." in following.text
    assert "anna@umed.example" not in following.html
    assert re.search(r"\b[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{3}\b", following.text), "no reference"
    assert anna.get(answer.location).status == 200, "reading it twice is allowed"

    mail = smtp.one("anna@umed.example")
    manage = letters.manage_path(mail.message)
    own = anna.get(manage)
    assert own.status == 200 and "Anna Kowalska-Nyström" in own.text and "Medical University of Łódź" in own.text
    row, = daemon.query("SELECT * FROM registrations")
    assert row["status"] == "confirmed" and row["email"] == "anna@umed.example" and row["mode"] == "onsite"
    assert row["reference"] in following.text and row["reference"] in own.text
    assert daemon.query("SELECT taken FROM places")[0]["taken"] == 1

    cancel = next(path for path in own.links if path.endswith("/cancel"))
    assert cancel == manage + "/cancel" or cancel.endswith(letters.token_of(manage) + "/cancel")
    question = anna.get(cancel)
    assert question.status == 200 and daemon.query("SELECT status FROM registrations")[0]["status"] == "confirmed"
    done = anna.follow(anna.post(question.form.action, question.form.values))
    assert done.status == 200
    assert daemon.query("SELECT status FROM registrations")[0]["status"] == "cancelled"
    assert daemon.query("SELECT taken FROM places")[0]["taken"] == 0
    smtp.one("anna@umed.example", 2)
    daemon.ctl("verify")


def test_the_mail_is_well_formed(make_daemon, smtp):
    funded = 'funding = { programme = "Horizon Europe"; grant = "101070811"; statement = "Co-funded by the European Union"; };'
    daemon = make_daemon({"plain": definition("plain"), "funded": definition("funded", extra=funded)},
                         mail={"reply_to": "office@cluster.example"})
    assert daemon.sign_up("plain", "anna@umed.example").status == 303
    assert daemon.sign_up("funded", "joe@umed.example").status == 303

    mail = smtp.one("anna@umed.example")
    message = mail.message
    assert mail.sender == "events@cluster.example"
    assert letters.shape(message) == "mixed(alternative(plain,related(html,png),calendar),ics)"
    kinds = letters.parts(message)
    assert all(len(line) <= 998 for line in mail.content.split(b"\r\n"))
    assert max(mail.content) < 128, "not 7-bit"
    assert b"\n" not in mail.content.replace(b"\r\n", b"") and b"\r" not in mail.content.replace(b"\r\n", b"")

    assert message["From"].addresses[0].addr_spec == "events@cluster.example"
    assert message["From"].addresses[0].display_name
    assert [a.addr_spec for a in message["To"].addresses] == ["anna@umed.example"]
    assert message["Cc"] is None and message["Bcc"] is None
    assert message["Reply-To"].addresses[0].addr_spec == "office@cluster.example"
    assert "plain" in message["Subject"]
    assert message["Content-Language"] == "en"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["X-Auto-Response-Suppress"] == "OOF, AutoReply"
    for unwanted in ("Precedence", "List-Unsubscribe", "Disposition-Notification-To"):
        assert message[unwanted] is None
    identity = message["Message-ID"]
    assert re.fullmatch(r"<[^@\s<>]+@cluster\.example>", identity)
    assert daemon.query("SELECT message_id FROM mail_log WHERE recipient = 'anna@umed.example'")[0]["message_id"].strip("<>") == identity.strip("<>")
    date = message["Date"].datetime
    assert abs(date.timestamp() - daemon.clock.now()) < 120, "not the clock's date"

    plain, html = letters.body(message, "plain"), letters.body(message, "html")
    assert "Hello Anna Kowalska-Nyström" in plain and "Anna Kowalska-Nyström" in html
    assert all(len(line) <= 78 or "http" in line for line in plain.splitlines())
    assert "<script" not in html and not re.search(r"(?i)<img[^>]*src=.?https?:", html)
    reference = daemon.query("SELECT reference FROM registrations WHERE email = 'anna@umed.example'")[0]["reference"]
    assert reference in plain and reference in html
    assert letters.manage_path(message) in html
    for kind, part in kinds:
        if kind == "text/calendar":
            assert part.get_param("method") == "REQUEST" and part.get_content_charset().lower() == "utf-8"
        if kind == "application/ics":
            assert part.get_filename() == "invite.ics" and part.get_content_disposition() == "attachment"

    funded = smtp.one("joe@umed.example").message
    assert letters.shape(funded) == "mixed(alternative(plain,related(html,png,png),calendar),ics)"
    letters.parts(funded)
    picture = next(part for kind, part in letters.parts(funded) if kind == "image/png")
    assert picture.get_payload(decode=True).startswith(b"\x89PNG")
    assert "cid:" + picture["Content-ID"].strip("<>") in letters.body(funded, "html")
    assert "101070811" in letters.body(funded, "plain")


def days_text(days):
    return "days = ( " + ", ".join(f'{{ starts = "{a}"; ends = "{b}"; }}' for a, b in days) + " );"


@pytest.mark.parametrize("zone, starts, ends, offset", [
    ("Europe/Vilnius", "2027-03-18T09:30", "2027-03-18T16:00", 2),
    ("Europe/Vilnius", "2027-06-18T09:30", "2027-06-18T16:00", 3),
    ("Europe/Dublin", "2027-02-18T09:30", "2027-02-18T16:00", 0),
    ("Europe/Dublin", "2027-07-01T09:30", "2027-07-01T16:00", 1),
    ("Atlantic/Azores", "2027-07-01T09:30", "2027-07-01T16:00", 0),
])
def test_the_calendar_says_the_right_time(make_daemon, smtp, zone, starts, ends, offset):
    daemon = make_daemon({"meeting": definition("meeting", zone=zone, starts=starts, ends=ends)})
    assert daemon.sign_up("meeting", "anna@umed.example").status == 303
    entry = letters.calendar(smtp.one("anna@umed.example").message)
    assert entry["METHOD"] == "REQUEST"
    event = letters.event_of(entry)
    for name, wall in (("DTSTART", starts), ("DTEND", ends)):
        local = datetime.datetime.fromisoformat(wall)
        right = local.replace(tzinfo=ZoneInfo(zone)).astimezone(datetime.timezone.utc).replace(tzinfo=None)
        assert local - right == datetime.timedelta(hours=offset), "the test's own arithmetic"
        assert letters.utc(entry, event[name]) == right
        assert event[name].params["TZID"] == zone
    assert str(event["ORGANIZER"]).lower() == "mailto:events@cluster.example"
    attendee = event["ATTENDEE"]
    assert not isinstance(attendee, list) and str(attendee).lower() == "mailto:anna@umed.example"
    assert attendee.params["PARTSTAT"] == "ACCEPTED" and attendee.params["RSVP"] == "FALSE"
    assert event["SUMMARY"] == "The meeting" and "Neris Conference Centre" in event["LOCATION"]
    assert not event.walk("VALARM") and "DTSTAMP" in event and "SEQUENCE" in event


def test_the_calendar_of_several_days(make_daemon, smtp):
    same = days_text([("2027-03-18T09:30", "2027-03-18T16:00"), ("2027-03-19T09:30", "2027-03-19T16:00")])
    other = days_text([("2027-03-27T09:30", "2027-03-27T16:00"), ("2027-03-28T10:00", "2027-03-28T13:00")])
    daemon = make_daemon({
        "same": definition("same", starts="2027-03-18T09:30", ends="2027-03-19T16:00", extra=same),
        "other": definition("other", starts="2027-03-27T09:30", ends="2027-03-28T13:00", extra=other)})
    assert daemon.sign_up("same", "anna@umed.example").status == 303
    assert daemon.sign_up("other", "joe@umed.example").status == 303

    events = letters.calendar(smtp.one("anna@umed.example").message).walk("VEVENT")
    assert len(events) == 1 and events[0]["RRULE"]["FREQ"] == ["DAILY"] and events[0]["RRULE"]["COUNT"] == [2]

    entry = letters.calendar(smtp.one("joe@umed.example").message)
    events = entry.walk("VEVENT")
    assert len({str(e["UID"]) for e in events}) == 1, "one UID for all days"
    overrides = [e for e in events if "RECURRENCE-ID" in e]
    assert len(overrides) == 1
    # The night between is that of the change to summer time: 09:30 is 07:30 UTC, 10:00 is 07:00 UTC.
    assert letters.utc(entry, events[0]["DTSTART"]) == datetime.datetime(2027, 3, 27, 7, 30)
    assert letters.utc(entry, overrides[0]["DTSTART"]) == datetime.datetime(2027, 3, 28, 7, 0)


def test_every_mailed_link_can_be_followed_by_a_scanner(daemon, smtp):
    daemon.sign_up("workshop", "anna@umed.example")
    mail = smtp.one("anna@umed.example")
    daemon.settled()
    eventually(lambda: daemon.query("SELECT 1 FROM mail_log WHERE state = 'sent'"), what="the mail is noted as sent")
    before = daemon.dump()
    paths = letters.links(mail.message)
    html_links = {p for p in letters.LINK.findall(letters.body(mail.message, "html"))}
    assert any("/cancel" in p for p in paths) and any("/cancel" in p for p in html_links)
    scanner = daemon.browser(language=None)
    for path in paths:
        for method in ("HEAD", "GET", "GET", "HEAD"):
            answer = scanner.request(method, path)
            assert answer.status == 200, (method, answer.status)
    assert daemon.dump() == before, "a scanner changed something"


def test_cancelling_sends_a_calendar_cancellation_and_the_place_is_free_again(make_daemon, smtp):
    daemon = make_daemon({"small": definition("small", capacity=1)})
    assert daemon.sign_up("small", "anna@umed.example").status == 303
    assert daemon.sign_up("small", "joe@umed.example").status == 409
    first = smtp.one("anna@umed.example").message
    manage = letters.manage_path(first)
    anna = daemon.browser()
    question = anna.get(manage + "/cancel")
    assert anna.post(question.form.action, question.form.values).status == 303
    assert anna.post(question.form.action, question.form.values).status == 303, "pressing twice is no fault"

    second = smtp.one("anna@umed.example", 2).message
    assert letters.calendars(second), "no calendar in the cancellation"
    old, new = letters.calendar(first), letters.calendar(second)
    letters.parts(second)
    assert new["METHOD"] == "CANCEL"
    before, after = letters.event_of(old), letters.event_of(new)
    assert after["UID"] == before["UID"] and after["STATUS"] == "CANCELLED"
    assert int(after["SEQUENCE"]) > int(before["SEQUENCE"])
    assert second["References"] and first["Message-ID"] in second["References"]
    assert second["Message-ID"] != first["Message-ID"]

    again = anna.get(manage)
    assert again.status == 200 and any(p.endswith("/e/small") for p in again.links), "the way back to the form"
    assert not any(p.endswith("/cancel") for p in again.links)
    assert daemon.sign_up("small", "joe@umed.example").status == 303
    smtp.one("joe@umed.example")
    daemon.ctl("verify")


def test_who_cancelled_can_sign_up_again(daemon, smtp):
    daemon.sign_up("workshop", "anna@umed.example")
    manage = letters.manage_path(smtp.one("anna@umed.example").message)
    question = daemon.browser().get(manage + "/cancel")
    daemon.browser().post(question.form.action, question.form.values)
    smtp.one("anna@umed.example", 2)
    assert daemon.sign_up("workshop", "anna@umed.example").status == 303
    third = smtp.one("anna@umed.example", 3).message
    assert letters.manage_path(third) != manage
    rows = daemon.query("SELECT status FROM registrations ORDER BY registration")
    assert [row["status"] for row in rows] == ["cancelled", "confirmed"]
    assert letters.event_of(letters.calendar(third))["UID"]
    daemon.ctl("verify")


def test_a_second_sign_up_with_the_same_address(daemon, smtp):
    first = daemon.browser().follow(daemon.sign_up("workshop", "anna@umed.example", name="Anna Kowalska"))
    manage = letters.manage_path(smtp.one("anna@umed.example").message)
    second = daemon.browser().follow(daemon.sign_up("workshop", "Anna@UMED.example", name="Somebody Else"))
    assert second.status == first.status == 200

    def words(page):
        return re.sub(r"\b[0-9A-Z]{4}-[0-9A-Z]{3}\b", "REFERENCE", page.text)
    assert words(first) == words(second), "the page tells who is registered"
    row, = daemon.query("SELECT name, email FROM registrations")
    assert row == {"name": "Anna Kowalska", "email": "anna@umed.example"}, "the first answers stand"

    again = eventually(lambda: [m for m in smtp.mails if letters.manage_path(m.message) == manage][1:], what="the mail `again`")
    assert "You are already registered" in letters.body(again[0].message, "plain")
    assert "Somebody Else" not in again[0].content.decode()
    daemon.sign_up("workshop", "anna@umed.example")
    daemon.settled()
    assert len(daemon.query("SELECT 1 FROM mail_log WHERE kind = 'again'")) == 1, "one an hour at most"
    daemon.pass_time(3601)
    daemon.sign_up("workshop", "anna@umed.example")
    assert len(daemon.query("SELECT 1 FROM mail_log WHERE kind = 'again'")) == 2
    assert len(daemon.query("SELECT 1 FROM submission")) == 4
    assert daemon.query("SELECT taken FROM places")[0]["taken"] == 1


def test_links_are_made_from_the_base_url_only(daemon, smtp):
    action, form = daemon.ripe_form("workshop")
    form.update({"name": "Anna Kowalska", "email": "anna@umed.example"})
    from urllib.parse import urlencode
    answer = daemon.browser().post_raw(action, urlencode(form).encode(),
                                       headers={"Host": "evil.example", "X-Forwarded-Host": "evil.example"})
    assert answer.status == 303 and "evil" not in answer.header("Location")
    assert b"evil.example" not in smtp.one("anna@umed.example").content
    for link in letters.LINK.findall(letters.body(smtp.one("anna@umed.example").message, "plain")):
        assert link.startswith(daemon.base_url + "/")


def test_the_next_page_ends_after_an_hour(daemon):
    answer = daemon.sign_up("workshop", "anna@umed.example")
    assert daemon.browser().get(answer.location).status == 200
    daemon.pass_time(3605)
    late = daemon.browser().get(answer.location)
    assert late.status == 410


def test_a_wrong_link_is_not_found(daemon, smtp):
    answer = daemon.sign_up("workshop", "anna@umed.example")
    manage = letters.token_of(letters.manage_path(smtp.one("anna@umed.example").message))
    following = letters.token_of(answer.location)
    forged = ("a" if manage[20] != "a" else "b").join((manage[:20], manage[21:]))
    browser = daemon.browser()
    seen = set()
    for path in (f"/r/{forged}", f"/r/{following}", f"/n/{manage}", f"/r/{manage[:-1]}", f"/r/{manage.upper()}", "/r/",
                 f"/r/{'a' * 40}", f"/r/{manage}a", f"/r/{following}/cancel", f"/r/{forged}/cancel", f"/u/{manage}"):
        page = browser.get(path)
        assert page.status == 404, (page.status, path)
        assert manage not in page.html and forged not in page.html and following not in page.html, "the page echoes"
        if path in (f"/r/{forged}", f"/r/{following}", f"/r/{'a' * 40}"):
            seen.add(page.text)
    assert len(seen) == 1, "different words for different wrong links"
    assert browser.post(f"/r/{following}/cancel", {}).status == 404
    assert browser.post(f"/r/{forged}/cancel", {}).status == 404
    assert daemon.query("SELECT status FROM registrations")[0]["status"] == "confirmed"


def test_markup_in_answers_stays_text(make_daemon, smtp):
    daemon = make_daemon({"workshop": definition("workshop", fields=ALL_FIELDS)})
    name = '<script>alert(1)</script> "x" & \'y\''
    values = {**ANSWERS, "name": name, "organisation": "{{name}} </title><b>bold", "idea": "</textarea><img src=//evil>"}
    form_again = daemon.sign_up("workshop", "not an address", **values)
    assert form_again.status == 422 and form_again.form.values["name"] == name
    assert form_again.form.values["idea"] == values["idea"]
    assert daemon.sign_up("workshop", "anna@umed.example", **values).status == 303
    message = smtp.one("anna@umed.example").message
    assert "<script" not in letters.body(message, "html") and name in letters.body(message, "plain")
    own = daemon.browser().get(letters.manage_path(message))
    assert name in own.text and "{{name}} </title><b>bold" in own.text


def test_the_link_to_the_meeting_is_for_those_who_take_part_online(make_daemon, smtp):
    secret = "https://meet.cluster.example/health-7c1"
    modes = '( { id = "onsite"; capacity = 5; }, { id = "online"; capacity = 1; } )'
    daemon = make_daemon({"hybrid": definition("hybrid", modes=modes, waiting_list=True, extra=f'join_url = "{secret}";')})
    told = {}
    for person, mode in (("room", "onsite"), ("screen", "online"), ("waiting", "online")):
        following = daemon.browser().follow(daemon.sign_up("hybrid", f"{person}@umed.example", mode=mode))
        assert secret not in following.html
        message = smtp.one(f"{person}@umed.example").message
        texts = [letters.body(message, "plain"), letters.body(message, "html"), *map(str, letters.calendars(message))]
        own = daemon.browser().get(letters.manage_path(message))
        told[person] = secret in own.html, any(secret in re.sub(r"\r?\n[ \t]", "", text) for text in texts)
    assert told == {"room": (False, False), "screen": (True, True), "waiting": (False, False)}
    assert secret not in daemon.browser().get("/e/hybrid").html + daemon.browser().get("/").html
