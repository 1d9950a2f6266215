# SPDX-License-Identifier: EUPL-1.2
"""What a person can take away from the own page and take back: calendar entry, data, consents; and the lost link."""
import csv
import io
import json
import re

import icalendar
import pytest
from harness import letters
from harness.daemon import free_port
from harness.definitions import ALL_FIELDS, EMAIL, NAME, PLAIN_FIELDS, definition
from harness.wait import eventually

LANGUAGES = ("en", "et", "lt")
ANNA = "anna@umed.example"
ANSWERS = {"country": "LT", "topic": "data", "organisation": "=cmd|' /C calc'!A0", "idea": '@SUM(1)\nsecond, "line"', "terms": "yes",
           "news": "yes"}


def entry_of(answer, name):
    assert answer.status == 200
    assert answer.header("Content-Type") == "text/calendar; charset=utf-8; method=PUBLISH"
    assert answer.header("Content-Disposition") == f'attachment; filename="{name}.ics"'
    assert b"\r\n" in answer.body and not re.search(rb"(?<!\r)\n", answer.body)
    return icalendar.Calendar.from_ical(answer.body)


def path_of(daemon, smtp, address, count=1):
    daemon.settled()
    mail = smtp.to(address)[-1] if count > 1 else smtp.one(address)
    return "/r/" + letters.token_of(letters.manage_path(mail.message))


def forged(path):
    """Another signature, another number, another purpose, too short, in capitals."""
    token = letters.token_of(path)
    last = "a" if token[-1] != "a" else "b"
    return [token[:-1] + last, ("b" if token[0] != "b" else "c") + token[1:], "a" * 40, token[:-1], token.upper()]


def everything(make_daemon, slug="workshop", **how):
    return make_daemon({slug: definition(slug, fields=ALL_FIELDS, **how)})


def unchanged(daemon, ask):
    daemon.settled()
    before = daemon.dump()
    answer = ask()
    assert daemon.dump() == before
    return answer


# --- when and where

def fact(page, name):
    """What stands beside NAME in the first table that has it."""
    return next(dd.text for dt, dd in zip(page.tree.all("dt"), page.tree.all("dd")) if dt.text == name)


def test_who_takes_part_online_is_sent_to_no_venue(make_daemon, smtp):
    modes = '( { id = "onsite"; capacity = 9; }, { id = "online"; } )'
    daemon = make_daemon({"both": definition("both", modes=modes)})
    for mode, where in (("onsite", "Neris Conference Centre, Vilnius"), ("online", "Online")):
        address = f"{mode}@umed.example"
        assert daemon.sign_up("both", address, mode=mode).status == 303
        path = path_of(daemon, smtp, address)
        assert fact(daemon.browser().get(f"/en{path}"), "Where") == where
        assert where in letters.body(smtp.one(address).message, "plain")
    assert fact(daemon.browser().get(f"/lt{path}"), "Kur") == "Nuotoliniu būdu"


def test_dates_that_are_apart_are_counted_and_listed(make_daemon, smtp):
    days = [f'{{ starts = "2027-{day}T13:00"; ends = "2027-{day}T16:00"; }}' for day in ("03-03", "03-17", "04-28")]
    daemon = make_daemon({"course": definition("course", starts="2027-03-03T13:00", ends="2027-04-28T16:00",
                                               extra=f"days = ( {', '.join(days)} );")})
    assert daemon.sign_up("course", ANNA, language="lt").status == 303
    path = path_of(daemon, smtp, ANNA)
    for language, line, first, when in (
            ("en", "3 dates, 3 March to 28 April 2027", "Wednesday, 3 March 2027, 13:00–16:00", "When"),
            ("et", "3 kuupäeva, 3. märts – 28. aprill 2027", "kolmapäev, 3. märts 2027, 13:00–16:00", "Millal"),
            ("lt", "3 datos, 2027 m. kovo 3 d. – balandžio 28 d.", "2027 m. kovo 3 d., trečiadienis, 13:00–16:00", "Kada")):
        assert line in daemon.browser().get(f"/{language}/").text
        event, own = (daemon.browser().get(f"/{language}{p}") for p in ("/e/course", path))
        assert line in event.text and fact(event, when).startswith(first) and fact(own, when).startswith(f"{line} {first}")
        for page in (event, own):
            assert [t.get("datetime") for t in page.tree.all("time")] == [
                "2027-03-03T13:00+02:00", "2027-03-17T13:00+02:00", "2027-04-28T13:00+03:00"]
            assert fact(page, when).count("13:00–16:00") == 3
    mail = smtp.one(ANNA).message
    assert first in letters.body(mail, "plain") and line in letters.body(mail, "html")


# --- calendar

def test_the_entry_of_the_mail_and_of_the_page_are_one(make_daemon, smtp):
    modes = '( { id = "onsite"; capacity = 9; }, { id = "online"; } )'
    daemon = make_daemon({"both": definition("both", modes=modes, extra='join_url = "https://meet.example/x";')})
    for mode, place in (("onsite", "Neris Conference Centre, Vilnius"), ("online", "https://meet.example/x")):
        address = f"{mode}@umed.example"
        assert daemon.sign_up("both", address, mode=mode).status == 303
        path = path_of(daemon, smtp, address)
        mailed = letters.event_of(letters.calendar(smtp.one(address).message))
        page = daemon.browser().get("/en" + path)
        assert f"/en{path}/event.ics" in page.links
        answer = unchanged(daemon, lambda: daemon.browser().get(f"/en{path}/event.ics"))
        entry = entry_of(answer, "both")
        assert entry["METHOD"] == "PUBLISH" and answer.header("Cache-Control") == "no-store"
        event = letters.event_of(entry)
        for key in ("UID", "SEQUENCE", "SUMMARY", "LOCATION", "DESCRIPTION", "ORGANIZER", "STATUS"):
            assert event[key] == mailed[key], key
        assert letters.utc(entry, event["DTSTART"]) == letters.utc(letters.calendar(smtp.one(address).message),
                                                                   mailed["DTSTART"])
        assert event["LOCATION"] == place
        assert "ATTENDEE" not in event, "RFC 5546 section 3.2.1"
        assert address not in answer.html and letters.token_of(path) not in answer.html
        head = daemon.browser().head(f"/en{path}/event.ics")
        assert head.status == 200 and head.body == b"" and head.header("Content-Length") == str(len(answer.body))
    lithuanian = daemon.browser().get(f"/lt{path}/event.ics")
    assert lithuanian.header("Content-Language") == "lt"
    assert "Prisijungimo nuoroda" in letters.event_of(entry_of(lithuanian, "both"))["DESCRIPTION"]


def test_no_place_no_entry(make_daemon, smtp):
    daemon = make_daemon({"small": definition("small", capacity=1, waiting_list=True)})
    paths = []
    for name in ("anna", "bert"):
        daemon.sign_up("small", f"{name}@umed.example")
        paths.append(path_of(daemon, smtp, f"{name}@umed.example"))
    assert daemon.browser().get(f"/en{paths[0]}/event.ics").status == 200
    assert daemon.browser().get(f"/en{paths[1]}/event.ics").status == 404
    assert not any(link.endswith(".ics") for link in daemon.browser().get("/en" + paths[1]).links)
    daemon.browser().post(f"/en{paths[0]}/cancel", {})
    assert daemon.browser().get(f"/en{paths[0]}/event.ics").status == 404
    for token in forged(paths[0]):
        assert daemon.browser().get(f"/r/{token}/event.ics").status == 404


def test_the_event_for_everybody(make_daemon):
    modes = '( { id = "online"; } )'
    daemon = make_daemon({
        "open": definition("open"),
        "hidden": definition("hidden", extra='visibility = "unlisted";'),
        "draft": definition("draft", extra='visibility = "draft";'),
        "meet": definition("meet", modes=modes, extra='join_url = "https://meet.example/secret";'),
        "gone": definition("gone"),
    })
    daemon.remove_event("gone")
    daemon.reload()
    browser = daemon.browser()
    for slug in ("open", "hidden", "meet"):
        assert f"/en/e/{slug}.ics" in browser.get(f"/en/e/{slug}").links
        answer = browser.get(f"/e/{slug}.ics")
        entry = entry_of(answer, slug)
        event = letters.event_of(entry)
        assert event["UID"] == f"{slug}@cluster.example" and event["SUMMARY"] == f"The {slug}"
        assert event["STATUS"] == "CONFIRMED" and "ATTENDEE" not in event and "secret" not in answer.html
        assert answer.header("Vary") == "Accept-Language" and browser.head(f"/e/{slug}.ics").body == b""
    assert event["LOCATION"] == "Online"
    assert letters.event_of(entry_of(browser.get("/lt/e/meet.ics"), "meet"))["LOCATION"] != "Online"
    assert browser.get("/e/draft.ics").status == 404 and browser.get("/e/nothing.ics").status == 404
    assert browser.get("/e/gone.ics").status == 410 and browser.post("/e/open.ics", {}).status == 405


# --- data

def test_all_that_is_held(make_daemon, smtp):
    daemon = everything(make_daemon)
    assert daemon.sign_up("workshop", ANNA, **ANSWERS).status == 303
    assert daemon.sign_up("workshop", ANNA, **ANSWERS).status == 303  # a second submission
    assert daemon.sign_up("workshop", "boris@umed.example", **{**ANSWERS, "idea": "another's"}).status == 303
    daemon.settled()
    path = path_of(daemon, smtp, ANNA, 2)
    page = daemon.browser().get("/en" + path)
    assert f"/en{path}/data.json" in page.links and f"/en{path}/data.csv" in page.links
    reference = daemon.query("SELECT reference FROM registration ORDER BY id")[0]["reference"]

    answer = unchanged(daemon, lambda: daemon.browser().get(f"/en{path}/data.json"))
    assert answer.status == 200 and answer.header("Content-Type") == "application/json"
    assert answer.header("Cache-Control") == "no-store"
    assert answer.header("Content-Disposition") == f'attachment; filename="workshop-{reference}.json"'
    data = json.loads(answer.body)
    assert list(data) == ["registration", "answers", "special_needs", "consents", "submissions", "places", "wishes",
                          "offers", "invitation", "addresses", "mails", "bounces", "calendar_replies", "history"]
    assert data["registration"]["email"] == ANNA and data["registration"]["reference"] == reference
    assert data["registration"]["registered_at"].startswith("2027-01-15T")
    answers = {line["field"]: line for line in data["answers"]}
    assert list(answers) == ["name", "email", "country", "topic", "organisation", "idea", "terms", "news"]
    assert answers["topic"]["question"] == "Topic" and answers["topic"]["answer"] == "data"
    assert answers["topic"]["answer_in_words"] == "Data quality" and answers["email"]["answer"] == ANNA
    assert answers["idea"]["answer"] == '@SUM(1)\nsecond, "line"' and answers["news"]["answer"] is True
    assert {c["purpose"]: c["text"] for c in data["consents"]} == {"terms": "I agree to the house rules", "news": "Send me news"}
    assert all(c["given_at"] and c["withdrawn_at"] is None for c in data["consents"])
    assert len(data["submissions"]) == 2 and data["submissions"][0]["reference"] == reference
    assert [m["kind"] for m in data["mails"]] == ["confirmed", "again"] and all(m["sent_at"] for m in data["mails"])
    assert data["places"] == [{"kind": "mode", "place": "onsite", "title": data["places"][0]["title"], "state": "taken"}]
    assert [h["action"] for h in data["history"]] == ["sign_up", "sign_up_again"]
    assert "boris" not in answer.html and "another's" not in answer.html
    assert letters.token_of(path) not in answer.html and "link_version" not in answer.html
    lithuanian = json.loads(daemon.browser().get(f"/lt{path}/data.json").body)
    assert [a["question"] for a in lithuanian["answers"]][:2] == ["Vardas ir pavardė", "El. paštas"]
    assert lithuanian["answers"][3]["answer_in_words"] == "Duomenų kokybė"
    head = daemon.browser().head(f"/en{path}/data.json")
    assert head.status == 200 and head.body == b"" and head.header("Content-Length") == str(len(answer.body))


def test_the_table_runs_no_formula(make_daemon, smtp):
    daemon = everything(make_daemon)
    daemon.sign_up("workshop", ANNA, **ANSWERS)
    path = path_of(daemon, smtp, ANNA)
    answer = daemon.browser().get(f"/en{path}/data.csv")
    assert answer.status == 200 and answer.header("Content-Type") == "text/csv; charset=utf-8; header=present"
    assert answer.header("Cache-Control") == "no-store" and answer.header("Content-Disposition").endswith('.csv"')
    rows = list(csv.reader(io.StringIO(answer.body.decode("utf-8-sig"), newline=""), strict=True))
    assert rows[0] == ["part", "number", "key", "question", "value"] and all(len(row) == 5 for row in rows)
    for row in rows:
        for cell in row:
            assert cell[:1] not in ("=", "+", "-", "@", "\t", "\r", "\n"), row
    held = {(part, key): value for part, _, key, _, value in rows[1:]}
    assert held["answers", "organisation"] == "'" + ANSWERS["organisation"] == held["registration", "organisation"].replace("''", "'")
    assert held["answers", "idea"] == "'" + ANSWERS["idea"] and held["answers", "topic"] == "Data quality"
    assert held["registration", "email"] == ANNA and held["mails", "kind"] == "confirmed"
    questions = {key: question for part, _, key, question, _ in rows if part == "answers"}
    assert questions["idea"] == "Your idea"
    other = csv.reader(io.StringIO(daemon.browser().get(f"/lt{path}/data.csv").body.decode("utf-8-sig"), newline=""))
    assert {row[2]: row[3] for row in other if row[0] == "answers"}["idea"] == "Jūsų mintis"


def test_nobody_else_gets_them(make_daemon, smtp):
    daemon = everything(make_daemon)
    following = daemon.sign_up("workshop", ANNA, **ANSWERS).location
    path = path_of(daemon, smtp, ANNA)
    for name in ("data.json", "data.csv", "event.ics"):
        for token in [*forged(path), letters.token_of(following)]:
            answer = daemon.browser().get(f"/r/{token}/{name}")
            assert answer.status == 404 and ANNA not in answer.html, (token, name)
        assert daemon.browser().post(f"{path}/{name}", {}).status == 405
        assert daemon.browser().get(f"/n/{letters.token_of(following)}/{name}").status == 404


# --- consents

def state_of(daemon):
    row = daemon.query("SELECT answers, updated_at FROM registration")[0]
    return json.loads(row["answers"]), {c["purpose"]: c for c in daemon.query("SELECT * FROM consents")}


def test_a_consent_is_withdrawn(make_daemon, smtp):
    daemon = everything(make_daemon)
    daemon.sign_up("workshop", ANNA, **ANSWERS)
    path = path_of(daemon, smtp, ANNA)
    daemon.pass_time(100)
    page = unchanged(daemon, lambda: daemon.browser().get("/en" + path))
    forms = {form.controls["purpose"][0].get("value"): form for form in page.forms}
    assert set(forms) == {"news"} and "Given: 15 January 2027" in page.text
    assert page.by_id(forms["news"].controls["purpose"][0].get("aria-describedby")).text == "Send me news"
    assert "I agree to the house rules" in page.text and page.text.count("A condition of taking part") == 1
    assert unchanged(daemon, lambda: daemon.browser().get(forms["news"].action)).status == 405
    done = daemon.browser().post(forms["news"].action, {"purpose": "news"})
    assert done.status == 303 and done.location == "/en" + path
    answers, consents = state_of(daemon)
    assert answers["news"] is False and answers["terms"] is True and answers["topic"] == "data"
    assert consents["news"]["withdrawn_at"] > consents["news"]["given_at"] and consents["terms"]["withdrawn_at"] is None
    assert consents["news"]["text"] == "Send me news", "what was agreed to stays on record"
    assert daemon.query('SELECT news FROM "event_workshop"')[0]["news"] in (0, "no", "false", False)
    audit = daemon.query("SELECT * FROM audit ORDER BY id")[-1]
    assert audit["action"] == "withdraw_consent" and audit["actor"] == "person"
    assert json.loads(audit["data"]) == {"field": "news"} and audit["registration_id"] == 1
    page = daemon.browser().follow(done)
    assert [f.controls["purpose"][0].get("value") for f in page.forms if "purpose" in f.controls] == []
    assert "Withdrawn: 15 January 2027" in page.text and "You have a place" in page.text
    assert daemon.query("SELECT status FROM registration")[0]["status"] == "confirmed"
    # a second time changes nothing, and nothing gives it again
    again = unchanged(daemon, lambda: daemon.browser().post(forms["news"].action, {"purpose": "news"}))
    assert again.status == 303
    own = json.loads(daemon.browser().get(f"/en{path}/data.json").body)
    assert {c["purpose"]: bool(c["withdrawn_at"]) for c in own["consents"]} == {"news": True, "terms": False}
    assert daemon.ctl("verify")
    for language, words in (("et", "Tagasi võetud:"), ("lt", "Atšauktas:")):
        page = daemon.browser().get(f"/{language}{path}")
        assert words in page.text and "manage." not in page.text
    done = daemon.browser().post(f"/lt{path}/consents", {"purpose": "terms"})
    assert done.status == 422 and state_of(daemon)[0]["terms"] is True, "what one must agree to stands while one takes part"
    # what has become a condition since it was withdrawn is not said to hold
    daemon.execute("UPDATE consent SET withdrawn_at = given_at WHERE purpose = 'terms'")
    assert "A condition of taking part" not in daemon.browser().get("/en" + path).text


def test_other_purposes_and_links_withdraw_nothing(make_daemon, smtp):
    daemon = everything(make_daemon)
    given = {k: v for k, v in ANSWERS.items() if k != "news"}
    following = daemon.sign_up("workshop", ANNA, **given).location
    path = path_of(daemon, smtp, ANNA)
    page = daemon.browser().get("/en" + path)
    assert not page.has_form and "condition of taking part" in page.text, "what was refused has no row"
    assert "withdraw" not in page.text
    for values in ({"purpose": "news"}, {"purpose": "name"}, {"purpose": ""}, {}, {"purpose": "terms' OR 1=1 --"},
                   {"purpose": "*"}, {"purpose": "terms"}, [("purpose", "terms"), ("purpose", "news")]):
        answer = unchanged(daemon, lambda: daemon.browser().post(f"/en{path}/consents", values))
        assert answer.status in (400, 422) and "OR 1=1" not in answer.html, values
    for token in [*forged(path), letters.token_of(following)]:
        answer = unchanged(daemon, lambda: daemon.browser().post(f"/r/{token}/consents", {"purpose": "terms"}))
        assert answer.status == 404


def test_without_consents_there_is_no_row(make_daemon, smtp):
    daemon = make_daemon({"plain": definition("plain", fields=PLAIN_FIELDS)})
    daemon.sign_up("plain", ANNA)
    page = daemon.browser().get("/en" + path_of(daemon, smtp, ANNA))
    assert not page.has_form and "What you agreed to" not in page.text and "My data" in page.text


# --- the lost link

def test_known_and_unknown_addresses_look_alike(make_daemon, smtp):
    daemon = make_daemon({"workshop": definition("workshop"), "other": definition("other")})
    daemon.sign_up("workshop", ANNA, language="lt")
    path = path_of(daemon, smtp, ANNA)
    page = unchanged(daemon, lambda: daemon.browser().get("/en/e/workshop/find"))
    assert page.status == 200 and page.form.method == "post" and set(page.form.values) == {"email"}
    answers = {}
    for slug, address in (("workshop", ANNA), ("workshop", "nobody@umed.example"), ("other", ANNA)):
        answers[slug, address] = daemon.browser().post(f"/en/e/{slug}/find", {"email": address})
        daemon.settled()
    known, unknown, elsewhere = answers.values()
    assert known.status == unknown.status == elsewhere.status == 303 and known.body == unknown.body == b""
    assert known.location == unknown.location == "/en/e/workshop/find/sent"
    without_date = [[h for h in a.headers if h[0] != "Date"] for a in (known, unknown)]
    assert without_date[0] == without_date[1]
    sent = daemon.browser().follow(known)
    assert "If this address is registered, a message is on its way." in sent.text and ANNA not in sent.html
    mails = eventually(lambda: len(smtp.to(ANNA)) == 2 and smtp.to(ANNA), 15, "the link again")
    assert letters.manage_path(mails[-1].message).endswith(path), "in the language of the registration"
    assert smtp.to("nobody@umed.example") == []
    assert [m["kind"] for m in daemon.query("SELECT kind FROM mail ORDER BY id")] == ["confirmed", "again"]
    audit = daemon.query("SELECT action, registration_id FROM audit ORDER BY id")
    assert [tuple(a.values()) for a in audit if a["action"] == "find"] == [("find", 1)]
    assert len(daemon.query("SELECT * FROM mailbox")) == 2, "both addresses are counted"
    # at most one an hour, in whatever case it is typed
    assert daemon.browser().post("/en/e/workshop/find", {"email": " ANNA@Umed.Example "}).status == 303
    daemon.settled()
    assert len(smtp.to(ANNA)) == 2
    daemon.pass_time(3600)
    assert daemon.browser().post("/et/e/workshop/find", {"email": "ANNA@umed.example"}).status == 303
    eventually(lambda: len(smtp.to(ANNA)) == 3, 15, "an hour later once more")


def test_only_live_registrations_and_all_of_them(make_daemon, smtp):
    daemon = make_daemon({"team": definition("team", extra='unique = "email_name";')})
    for name in ("Anna One", "Anna Two", "Anna Three"):
        daemon.sign_up("team", ANNA, name=name)
    daemon.settled()
    daemon.ctl("registration", "cancel", daemon.query("SELECT reference FROM registration WHERE name = 'Anna Two'")[0]["reference"])
    daemon.reload()
    daemon.settled()
    daemon.browser().post("/en/e/team/find", {"email": ANNA})
    daemon.settled()
    rows = daemon.query("SELECT name FROM mail JOIN registration AS r ON r.id = subject_id WHERE kind = 'again' ORDER BY r.id")
    assert [row["name"] for row in rows] == ["Anna One", "Anna Three"]


@pytest.mark.parametrize("language,sentence", [("en", "Enter an email address"), ("et", "Sisestage e-posti aadress"),
                                               ("lt", "Įrašykite el. pašto adresą")])
def test_what_is_no_address_comes_back(daemon, language, sentence):
    for typed in ("", "no address", "a@b", 'x"><b>@umed.example', "a@umed.example\nBcc: b@umed.example", "a" * 300 + "@umed.example"):
        answer = unchanged(daemon, lambda: daemon.browser().post(f"/{language}/e/workshop/find", {"email": typed}))
        assert answer.status == 422 and answer.language == language and answer.form.wrong() == ["email"], typed
        assert answer.summary_names() == ["email"] and sentence in answer.text
        assert answer.form.values["email"].replace("\r\n", "\n") in (typed, typed.replace("\n", "")), "it is kept"
    assert daemon.browser().post(f"/{language}/e/workshop/find", {}).status == 422


def test_the_limits_hold_here_too(make_daemon, smtp):
    daemon = make_daemon({"workshop": definition("workshop")}, limits={"mails_per_address_per_hour": 2},
                         metrics={"listen": [f"127.0.0.1:{free_port()}"]})
    daemon.sign_up("workshop", ANNA)
    for address, counted in ((ANNA, 1), ("nobody@umed.example", 2)):
        for _ in range(counted):
            assert daemon.browser().post("/en/e/workshop/find", {"email": address}).status == 303
        answer = daemon.browser().post("/en/e/workshop/find", {"email": address})
        assert answer.status == 429 and answer.form.values["email"] == address and "within an hour" in answer.text
        assert 1 <= int(answer.header("Retry-After")) <= 3600
    assert daemon.sign_up("workshop", ANNA).status == 429, "forms and lost links count together"


def test_one_client_may_only_ask_so_often(make_daemon):
    daemon = make_daemon({"workshop": definition("workshop")}, limits={"burst": 2, "per_minute": 1})
    ask = lambda: daemon.browser().post_raw("/en/e/workshop/find", b"email=x%40umed.example",  # noqa: E731
                                            headers={"X-Forwarded-For": "203.0.113.7"})
    assert [ask().status for _ in range(3)] == [303, 303, 429]
    refused = ask()
    assert refused.form.values["email"] == "x@umed.example" and "from your network" in refused.text


def test_where_it_is_linked(make_daemon):
    daemon = make_daemon({
        "open": definition("open"),
        "closed": definition("closed", extra='closes = "2027-01-10T12:00";'),
        "hidden": definition("hidden", extra='visibility = "unlisted";'),
        "draft": definition("draft", extra='visibility = "draft";'),
        "gone": definition("gone"),
    })
    daemon.remove_event("gone")
    daemon.reload()
    browser = daemon.browser()
    for language in LANGUAGES:
        for slug in ("open", "closed", "hidden"):
            page = browser.get(f"/{language}/e/{slug}")
            find = f"/{language}/e/{slug}/find"
            assert page.links.count(find) == (2 if slug == "closed" else 1)
            for tail in ("", "/sent"):
                page = browser.get(find + tail)
                assert page.status == 200 and page.language == language and "find." not in page.text and "{{" not in page.text
        lost = browser.get(f"/{language}/r/" + "a" * 40)
        assert lost.status == 404
        assert [link for link in lost.links if link.endswith("/find")] == [f"/{language}/e/closed/find", f"/{language}/e/open/find"]
        assert not any(link.endswith("/find") for link in browser.get(f"/{language}/nothing").links)
        assert not any(link.endswith("/find") for link in browser.get(f"/{language}/").links)
    for tail in ("", "/sent"):
        assert browser.get("/e/draft/find" + tail).status == 404 and browser.get("/e/nothing/find" + tail).status == 404
        assert browser.get("/e/gone/find" + tail).status == 410
    assert browser.post("/e/gone/find", {"email": ANNA}).status == 410
    assert browser.post("/e/open/find/sent", {"email": ANNA}).status == 405
    assert browser.head("/e/open/find").status == 200


def test_it_can_be_framed_like_its_event(make_daemon):
    daemon = make_daemon({"framed": definition("framed", fields=(NAME, EMAIL), extra='frame_ancestors = [ "https://cluster.example" ];')})
    for answer in (daemon.browser().get("/e/framed/find"), daemon.browser().get("/e/framed/find/sent"),
                   daemon.browser().post("/en/e/framed/find", {"email": ANNA})):
        assert answer.header("Content-Security-Policy").endswith("frame-ancestors https://cluster.example")
