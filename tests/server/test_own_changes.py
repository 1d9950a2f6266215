# SPDX-License-Identifier: EUPL-1.2
"""What people change themselves behind their link: answers, mode, sessions, slot, wishes; one session given up; another
address; erasure. What is full never costs what one has."""
import json
import re

import pytest
from harness import letters
from harness.definitions import ALL_FIELDS, COUNTRY, EMAIL, IDEA, NAME, ORGANISATION, TOPIC, definition
from harness.wait import eventually

ANNA, NEW = "anna@umed.example", "anna.new@umed.example"
MODES = '( { id = "onsite"; capacity = 4; }, { id = "online"; capacity = 1; } )'
TITLE = '{{ en = "{}"; lt = "{}"; }}'.format
SESSIONS = f"""sessions = (
    {{ id = "opening"; title = "Opening"; starts = "2027-03-18T09:30"; ends = "2027-03-18T10:30"; }},
    {{ id = "data"; title = {TITLE("Data quality", "Duomenų kokybė")}; starts = "2027-03-18T11:00"; ends = "2027-03-18T12:00";
      round = "a"; capacity = 1; }},
    {{ id = "trust"; title = {TITLE("Trust", "Pasitikėjimas")}; starts = "2027-03-18T11:00"; ends = "2027-03-18T12:00";
      round = "a"; capacity = 4; }},
    {{ id = "care"; title = "Care"; starts = "2027-03-18T13:00"; ends = "2027-03-18T14:00"; round = "b"; capacity = 4; }},
    {{ id = "dinner"; title = "Dinner"; choose = "many"; capacity = 4; }} );
rounds = ( {{ id = "a"; title = "Before lunch"; required = true; }}, {{ id = "b"; title = "After lunch"; }} );
"""
FIELDS = (NAME, EMAIL, COUNTRY, TOPIC, ORGANISATION, IDEA)
ANSWERS = {"country": "LT", "topic": "data", "idea": "First", "mode": "onsite", "session.a": "trust"}
EVIDENCE = 'privacy = { controller = "The cluster"; retain_evidence_until = "2032-12-31"; };\n'


def workshop(**how):
    how.setdefault("extra", SESSIONS)
    return definition("workshop", modes=MODES, fields=how.pop("fields", FIELDS), **how)


@pytest.fixture
def forum(make_daemon):
    return make_daemon({"workshop": workshop()})


def join(daemon, smtp, address=ANNA, **answers):
    """Signs up; the path of the own page, in English."""
    assert daemon.sign_up("workshop", address, **{**ANSWERS, **answers}).status == 303
    daemon.settled()
    return "/en/r/" + letters.token_of(letters.manage_path(smtp.to(address)[-1].message))


def row(daemon, number=1):
    return daemon.query("SELECT * FROM registration WHERE id = ?", (number,))[0]


def claims(daemon, number=1):
    return {r["key"] for r in daemon.query(
        "SELECT p.key FROM claim AS c JOIN place AS p ON p.id = c.place_id WHERE c.registration_id = ? AND p.kind <> 'cap'",
        (number,))}


def change(daemon, path, **values):
    """The form as it comes, with VALUES in it; None takes a control out."""
    page = daemon.browser().get(path + "/change")
    assert page.status == 200
    form = {**page.form.values, **values}
    return daemon.browser().post(page.form.action, {k: v for k, v in form.items() if v is not None})


def unchanged(daemon, ask):
    daemon.settled()
    before = daemon.dump()
    answer = ask()
    daemon.settled()
    assert daemon.dump() == before
    return answer


def summary(page):
    holder = next(e for e in page.tree.walk() if "sum" in (e.get("class") or "").split())
    return holder.text


# --- answers, mode, sessions

def test_the_own_page_shows_what_is_held(forum, smtp):
    path = join(forum, smtp, **{"session.b": "care", "session.dinner": "dinner"})
    page = forum.browser().get(path)
    assert "You take part in" in page.text and "Thursday, 18 March 2027, 11:00–12:00" in page.text
    for title in ("Trust", "Care", "Dinner"):
        assert title in page.text
    assert "Data quality" in page.text, "the topic; not the session"
    given_up = sorted(link.split("place=")[1] for link in page.links if "/release?" in link)
    assert given_up == ["care", "dinner"], "not what everybody takes part in, nor what is required"
    assert path + "/change" in page.links and path + "/address" in page.links and path + "/erase" in page.links
    lithuanian = forum.browser().get(path.replace("/en/", "/lt/"))
    assert "Pasitikėjimas" in lithuanian.text and "manage." not in lithuanian.text
    assert forum.browser().get(path.replace("/en/", "/et/")).status == 200
    data = json.loads(forum.browser().get(path + "/data.json").body)
    assert {p["place"] for p in data["places"]} == {"onsite", "trust", "care", "dinner"}
    assert data["wishes"] == [] and data["invitation"] == [] and data["addresses"] == []


def test_the_form_comes_with_what_is_stored(forum, smtp):
    path = join(forum, smtp, **{"session.dinner": "dinner"})
    page = unchanged(forum, lambda: forum.browser().get(path + "/change"))
    values = page.form.values
    assert values["name"] == "Anna Kowalska-Nyström" and values["country"] == "LT" and values["idea"] == "First"
    assert values["topic"] == "data" and values["mode"] == "onsite" and values["session.a"] == "trust"
    assert values["session.b"] == "" and values["session.dinner"] == "dinner" and values["_version"] == "1"
    assert "email" not in page.form.controls and "_form" not in page.form.controls
    same = unchanged(forum, lambda: forum.browser().post(page.form.action, values))
    assert same.status == 303 and same.location == path, "nothing was changed, nothing is said"


def test_everything_is_changed_at_once(forum, smtp):
    path = join(forum, smtp)
    done = change(forum, path, idea="Second", topic="skills", mode="online", **{"session.a": "data", "session.dinner": "dinner"})
    assert done.status == 303 and done.location == path + "?saved=1"
    page = forum.browser().follow(done)
    assert "Your changes are saved." in page.text and "Second" in page.text
    assert "Your changes are saved." not in forum.browser().get(path).text
    assert claims(forum) == {"online", "data", "dinner"}
    stored = row(forum)
    answers = json.loads(stored["answers"])
    assert answers["idea"] == "Second" and answers["topic"] == "skills" and stored["mode"] == "online"
    assert stored["email"] == ANNA and stored["version"] == 2 and "second" in stored["search"]
    audit = forum.query("SELECT * FROM audit ORDER BY id")[-1]
    assert audit["action"] == "change" and audit["actor"] == "person"
    assert sorted(json.loads(audit["data"])["fields"]) == ["idea", "topic"] and "Second" not in audit["data"]
    forum.settled()
    assert [m.message["Subject"] for m in smtp.to(ANNA)][-1].startswith("Your registration has changed")
    assert [p["taken"] for p in forum.query("SELECT taken FROM places WHERE place = 'trust'")] == [0]
    forum.ctl("verify")


def test_what_is_wrong_comes_back(forum, smtp):
    path = join(forum, smtp)
    wrong = unchanged(forum, lambda: change(forum, path, name="", idea="x" * 501, **{"session.a": ""}))
    assert wrong.status == 422 and wrong.title.startswith("Error: ")
    assert set(wrong.form.wrong()) == {"name", "idea", "session.a"} == set(wrong.summary_names())
    assert wrong.form.values["idea"] == "x" * 501 and wrong.form.values["_version"] == "1"


def test_a_full_target_keeps_the_old_place(forum, smtp):
    join(forum, smtp, "bert@umed.example", mode="online", **{"session.a": "data"})
    path = join(forum, smtp)
    for values, control in (({"session.a": "data"}, "session.a"), ({"mode": "online"}, "mode")):
        full = unchanged(forum, lambda: change(forum, path, idea="Second", **values))
        assert full.status == 409 and "you keep what you have" in summary(full)
        assert full.form.values["idea"] == "Second" and control in full.form.wrong()
    assert claims(forum, 2) == {"onsite", "trust"} and json.loads(row(forum, 2)["answers"])["idea"] == "First"
    forum.browser().post(forum.browser().get("/en/r/" + letters.token_of(letters.manage_path(
        smtp.to("bert@umed.example")[-1].message)) + "/cancel").form.action, {})
    assert change(forum, path, mode="online", **{"session.a": "data"}).status == 303
    assert claims(forum, 2) == {"online", "data"}
    forum.ctl("verify")


def test_what_one_has_is_never_too_full_for_oneself(forum, smtp):
    path = join(forum, smtp, mode="online", **{"session.a": "data"})
    wrong = change(forum, path, name="")
    for page in (forum.browser().get(path + "/change"), wrong):
        assert page.form.values["mode"] == "online" and page.form.values["session.a"] == "data"
        assert not any("disabled" in c.attributes for c in page.form.controls["session.a"] + page.form.controls["mode"])
        assert "0 of 1 places left" in page.text
    assert change(forum, path, idea="Second").status == 303
    assert claims(forum) == {"online", "data"}
    for number in range(4):
        assert forum.sign_up("workshop", f"p{number}@umed.example", **ANSWERS).status == 303
    full = change(forum, path, mode="onsite")
    assert full.status == 409 and full.form.wrong() == ["mode"], "what one has is offered there too"
    assert full.form.values["session.a"] == "data"
    assert "online" in [c.get("value") for c in full.form.controls["mode"] if "disabled" not in c.attributes]


def test_two_windows(forum, smtp):
    path = join(forum, smtp)
    first, second = (forum.browser().get(path + "/change") for _ in range(2))
    assert forum.browser().post(first.form.action, {**first.form.values, "idea": "One"}).status == 303
    stale = unchanged(forum, lambda: forum.browser().post(second.form.action, {**second.form.values, "idea": "Two"}))
    assert stale.status == 409 and "was changed meanwhile" in summary(stale)
    assert stale.form.values["idea"] == "Two" and stale.form.values["_version"] == "2"
    assert forum.browser().post(stale.form.action, stale.form.values).status == 303
    assert json.loads(row(forum)["answers"])["idea"] == "Two"
    for version in (None, "", "-1", "x", "99999999999999999999"):
        values = {**second.form.values, "_version": version}
        answer = unchanged(forum, lambda: forum.browser().post(
            second.form.action, {k: v for k, v in values.items() if v is not None}))
        assert answer.status == 409, version


def test_until_when(make_daemon, smtp):
    daemon = make_daemon({"workshop": workshop(extra=SESSIONS + 'changes_until = "2027-02-01T12:00";')})
    path = join(daemon, smtp, **{"session.b": "care"})
    form = daemon.browser().get(path + "/change").form
    daemon.set_time("2027-02-01T10:00:00Z")
    page = daemon.browser().get(path + "/change")
    assert page.status == 200 and not page.has_form and "Monday, 1 February 2027, 12:00" in page.text
    assert "write to us" in page.text
    late = unchanged(daemon, lambda: daemon.browser().post(form.action, {**form.values, "idea": "Late"}))
    assert late.status == 409 and "Changes could be made until" in late.text
    own = daemon.browser().get(path)
    assert path + "/change" not in own.links and not any("/release" in link for link in own.links)
    assert "Changes could be made until" in own.text
    gone = unchanged(daemon, lambda: daemon.browser().post(path + "/release", {"place": "care"}))
    assert gone.status == 303 and claims(daemon) == {"onsite", "trust", "care"}


def test_who_cannot_change(make_daemon, smtp):
    daemon = make_daemon({"workshop": workshop(extra=SESSIONS + 'confirm = "hold";')})
    assert daemon.sign_up("workshop", ANNA, **ANSWERS).status == 303
    daemon.settled()
    token = letters.token_of(letters.answer_path(smtp.one(ANNA).message))
    path = f"/en/r/{token}"
    own = daemon.browser().get(path)
    for tail in ("/change", "/address", "/release?place=trust"):
        assert path + tail not in own.links
        answer = unchanged(daemon, lambda: daemon.browser().get(path + tail))
        assert answer.status == 303 and answer.location == path
        assert unchanged(daemon, lambda: daemon.browser().post(path + tail, {"_version": "1", "email": NEW, **ANSWERS})).status == 303
    daemon.browser().post(path + "/cancel", {})
    assert daemon.browser().get(path + "/change").status == 303
    for tail in ("/change", "/address", "/release", "/erase"):
        assert daemon.browser().get("/en/r/" + "a" * 40 + tail).status == 404


def test_a_withdrawn_consent_stays_withdrawn(make_daemon, smtp):
    daemon = make_daemon({"workshop": definition("workshop", fields=ALL_FIELDS)})
    assert daemon.sign_up("workshop", ANNA, country="LT", terms="yes", news="yes", idea="First").status == 303
    daemon.settled()
    path = "/en/r/" + letters.token_of(letters.manage_path(smtp.one(ANNA).message))
    daemon.browser().post(path + "/consents", {"purpose": "terms"})
    form = daemon.browser().get(path + "/change").form
    assert "terms" not in form.controls and "news" not in form.controls
    assert daemon.browser().post(form.action, {**form.values, "idea": "Second", "news": "", "email": NEW}).status == 303
    answers = json.loads(row(daemon)["answers"])
    assert answers["idea"] == "Second" and answers["terms"] is False and answers["news"] is True
    assert row(daemon)["email"] == ANNA


def test_who_waits_changes_what_he_asks_for(make_daemon, smtp):
    daemon = make_daemon({"workshop": workshop(waiting_list=True)})
    join(daemon, smtp, "bert@umed.example", **{"session.a": "data"})
    path = join(daemon, smtp, **{"session.a": "data", "session.dinner": "dinner"})
    page = daemon.browser().get(path)
    assert "What you asked for" in page.text and "number 1 on the list" in page.text
    gone = daemon.browser().post(path + "/release", {"place": "dinner"})
    assert gone.status == 303 and gone.location == path + "?saved=1"
    assert "Dinner" not in daemon.browser().get(path).text and row(daemon, 2)["status"] == "waitlisted"
    data = json.loads(daemon.browser().get(path + "/data.json").body)
    assert {(p["place"], p["state"]) for p in data["places"]} == {(k, "asked") for k in ("onsite", "data")}
    daemon.ctl("verify")


# --- one session

def test_one_session_is_given_up(forum, smtp):
    path = join(forum, smtp, **{"session.b": "care", "session.dinner": "dinner"})
    page = unchanged(forum, lambda: forum.browser().get(path + "/release?place=care"))
    assert page.status == 200 and "Care" in page.text and "14:00" in page.text
    done = forum.browser().post(page.form.action, page.form.values)
    assert done.status == 303 and done.location == path + "?saved=1"
    assert claims(forum) == {"onsite", "trust", "dinner"} and json.loads(row(forum)["answers"])["idea"] == "First"
    again = unchanged(forum, lambda: forum.browser().post(page.form.action, page.form.values))
    assert again.status == 303 and again.location == path
    for place in ("trust", "onsite", "nonsense", "", "care"):
        assert unchanged(forum, lambda: forum.browser().get(path + "/release?place=" + place)).location == path
        assert unchanged(forum, lambda: forum.browser().post(path + "/release", {"place": place})).location == path


WISHES = """sessions = ( { id = "one"; title = "One"; round = "t"; choose = "rank"; capacity = 4; },
    { id = "two"; title = "Two"; round = "t"; choose = "rank"; capacity = 4; },
    { id = "three"; title = "Three"; round = "t"; choose = "rank"; capacity = 4; } );
rounds = ( { id = "t"; title = "Tables"; ranks = 2; wishes_until = "2027-02-01T12:00"; } );
"""


def wishes(daemon):
    return [r["key"] for r in daemon.query("SELECT p.key FROM wish JOIN place AS p ON p.id = place_id ORDER BY rank")]


def test_wishes_are_changed_until_they_end(make_daemon, smtp):
    daemon = make_daemon({"workshop": definition("workshop", fields=FIELDS, extra=WISHES)})
    answers = {"country": "LT", "session.t.1": "one", "session.t.2": "two"}
    assert daemon.sign_up("workshop", ANNA, **answers).status == 303
    daemon.settled()
    path = "/en/r/" + letters.token_of(letters.manage_path(smtp.one(ANNA).message))
    page = daemon.browser().get(path)
    assert "Your wishes" in page.text and "Tables" in page.text and page.text.index("One") < page.text.index("Two")
    form = daemon.browser().get(path + "/change").form
    assert form.values["session.t.1"] == "one" and form.values["session.t.2"] == "two"
    assert change(daemon, path, **{"session.t.1": "three", "session.t.2": "one"}).status == 303
    assert wishes(daemon) == ["three", "one"]
    daemon.set_time("2027-02-02T10:00:00Z")
    assert "session.t.1" not in daemon.browser().get(path + "/change").form.controls
    assert change(daemon, path, idea="Second").status == 303
    assert wishes(daemon) == ["three", "one"], "what is not asked any more is not lost"


SLOTS = """slots = ( { resource = "ward"; title = "Ward"; weekdays = [ "thu" ]; from = "09:00"; to = "12:00"; length_minutes = 60;
    lead_days = 0; propose = true; } );
"""


def test_a_slot_is_exchanged_for_another(make_daemon, smtp):
    daemon = make_daemon({"workshop": definition("workshop", fields=FIELDS, extra=SLOTS)})
    nine, ten = "ward/2027-03-18T09:00", "ward/2027-03-18T10:00"
    page = daemon.browser().get("/en/e/workshop")
    known = [s for s in (nine, ten, "ward/2027-03-18T11:00") if s in page.html]
    nine, ten = known[0], known[1]
    assert daemon.sign_up("workshop", ANNA, country="LT", slot=nine).status == 303
    daemon.settled()
    path = "/en/r/" + letters.token_of(letters.manage_path(smtp.one(ANNA).message))
    own = daemon.browser().get(path)
    assert "Ward" in own.text and not any("/release" in link for link in own.links)
    assert daemon.browser().get(path + "/change").form.values["slot"] == nine
    assert change(daemon, path, slot=ten).status == 303
    assert claims(daemon) == {"onsite", ten}
    assert daemon.sign_up("workshop", "bert@umed.example", country="LT", slot=nine).status == 303
    full = unchanged(daemon, lambda: change(daemon, path, slot=nine))
    assert full.status in (409, 422) and claims(daemon) == {"onsite", ten}


# --- another address

def new_address_path(message):
    found = {p for p in letters.links(message) if re.fullmatch(r"(/[a-z]{2})?/a/[a-z2-7]{40}", p)}
    assert len(found) == 1, found
    return found.pop()


def ask_address(daemon, path, address):
    return daemon.browser().post(path + "/address", {"email": address})


def test_another_address_the_whole_way(forum, smtp):
    path = join(forum, smtp)
    page = unchanged(forum, lambda: forum.browser().get(path + "/address"))
    assert ANNA in page.text and page.form.values["email"] == ""
    sent = ask_address(forum, path, f" {NEW} ")
    assert sent.status == 303 and sent.location == path + "/address"
    page = forum.browser().follow(sent)
    assert NEW in page.text and "Open the link in it by" in page.text
    assert NEW in forum.browser().get(path).text, "the own page tells too"
    forum.settled()
    mail = smtp.one(NEW).message
    assert "/r/" not in letters.body(mail, "plain") and "Anna" not in letters.body(mail, "plain"), "it may have been mistyped"
    link = new_address_path(mail)
    page = unchanged(forum, lambda: forum.browser().get(link))
    assert page.status == 200 and NEW in page.text and ANNA not in page.text and "Anna" not in page.text
    assert forum.browser().head(link).status == 200
    done = forum.browser().post(page.form.action, {})
    assert done.status == 200 and "Your email address is changed" in done.text
    stored = row(forum)
    assert stored["email"] == NEW and stored["dedupe"] == NEW and stored["status"] == "confirmed" and stored["version"] == 2
    forum.settled()
    assert forum.browser().get(path).status == 404 and forum.browser().get(path + "/data.json").status == 404, "dead"
    fresh = "/en/r/" + letters.token_of(letters.manage_path(smtp.to(NEW)[-1].message))
    assert fresh != path and NEW in forum.browser().get(fresh).text
    told = smtp.to(ANNA)[-1].message
    assert told["Subject"].startswith("Your email address has changed") and NEW not in letters.body(told, "plain")
    assert not re.search(r"/r/[a-z2-7]{40}", letters.body(told, "plain"))
    for ask in (lambda: forum.browser().get(link), lambda: forum.browser().post(link, {})):
        used = unchanged(forum, ask)
        assert used.status == 410 and not used.has_form and "no longer good" in used.text
    audit = [a["action"] for a in forum.query("SELECT action FROM audit WHERE registration_id = 1 ORDER BY id")]
    assert audit == ["sign_up", "ask_address", "change_address"]
    assert not forum.query("SELECT * FROM audit WHERE data LIKE '%@%'")
    assert forum.query("SELECT email FROM address_change") == [{"email": None}]
    # the old address is free again, the new one is known
    assert forum.sign_up("workshop", NEW, **ANSWERS).status == 303
    assert len(forum.query("SELECT * FROM registration")) == 1
    assert forum.sign_up("workshop", ANNA, **ANSWERS).status == 303
    assert len(forum.query("SELECT * FROM registration")) == 2
    forum.ctl("verify")


def test_nobody_learns_who_is_registered(forum, smtp):
    join(forum, smtp, "bert@umed.example")
    path = join(forum, smtp)
    answers = {}
    for address in ("bert@umed.example", "nobody@umed.example"):
        answer = ask_address(forum, path, address)
        page = forum.browser().follow(answer)
        answers[address] = (answer.status, answer.location, page.html.replace(address, "X"))
    assert len(set(answers.values())) == 1
    forum.settled()
    link = new_address_path(smtp.to("nobody@umed.example")[-1].message)
    old = new_address_path(smtp.to("bert@umed.example")[-1].message)
    assert forum.browser().get(old).status == 410, "only the newest is good"
    assert forum.browser().get(link).status == 200
    assert ask_address(forum, path, "bert@umed.example").status == 303
    forum.settled()
    taken = unchanged(forum, lambda: forum.browser().post(new_address_path(smtp.to("bert@umed.example")[-1].message), {}))
    assert taken.status == 409 and "another registration with this address" in taken.text
    assert forum.browser().get(path).status == 200


def test_what_is_no_new_address(forum, smtp):
    path = join(forum, smtp)
    for typed, sentence in (("", "Enter an email address"), ("a@b", "Enter an email address"), (ANNA, "write to already"),
                            ("anna@umed.example\nBcc: x@umed.example", "Enter an email address"),
                            ("õun@umed.example", "plain letters")):
        page = unchanged(forum, lambda: ask_address(forum, path, typed))
        assert page.status == 422 and page.form.wrong() == ["email"] == page.summary_names() and sentence in page.text, typed
        assert page.title.startswith("Error: ")


def test_an_address_that_is_not_confirmed_in_a_day(forum, smtp):
    path = join(forum, smtp)
    ask_address(forum, path, NEW)
    forum.settled()
    link = new_address_path(smtp.one(NEW).message)
    forum.pass_time(86401)
    assert forum.browser().get(link).status == 410 and forum.browser().post(link, {}).status == 410
    assert NEW not in forum.browser().get(path).text and row(forum)["email"] == ANNA
    eventually(lambda: forum.query("SELECT email FROM address_change") == [{"email": None}], 15, "it is forgotten")


def test_the_mailbox_is_not_filled(make_daemon, smtp):
    daemon = make_daemon({"workshop": workshop()}, limits={"mails_per_address_per_hour": 2})
    path = join(daemon, smtp)
    for _ in range(2):
        assert ask_address(daemon, path, NEW).status == 303
    refused = unchanged(daemon, lambda: ask_address(daemon, path, NEW))
    assert refused.status == 429 and "within an hour" in refused.text and refused.form.values["email"] == NEW
    assert 1 <= int(refused.header("Retry-After")) <= 3600


def test_other_tokens_take_no_address(forum, smtp):
    path = join(forum, smtp)
    ask_address(forum, path, NEW)
    forum.settled()
    token = letters.token_of(new_address_path(smtp.one(NEW).message))
    for other in (letters.token_of(path), token[:-1] + ("a" if token[-1] != "a" else "b"), token[:-1], "a" * 40):
        assert forum.browser().get("/a/" + other).status == 404
        assert unchanged(forum, lambda: forum.browser().post("/a/" + other, {})).status == 404
    assert forum.browser().get("/r/" + token).status == 404
    assert "Disallow: /a/" in forum.browser().get("/robots.txt").html


def test_a_mail_that_waits_goes_to_the_new_address(forum, smtp):
    path = join(forum, smtp)
    ask_address(forum, path, NEW)
    forum.settled()
    link = new_address_path(smtp.one(NEW).message)
    forum.execute("UPDATE mail SET state = 'deferred', due_at = due_at + 86400 WHERE kind = 'confirmed'")
    assert forum.browser().post(link, {}).status == 200
    assert forum.query("SELECT recipient FROM mail WHERE kind = 'confirmed'") == [{"recipient": NEW}]


# --- erasure

def persons(dump, *words):
    text = "\n".join(dump)
    return [word for word in words if word.lower() in text.lower()]


PERSON = ("Kowalska", "umed", "Secret idea", "Hidden institute")


def test_erased_before_the_event(make_daemon, smtp):
    daemon = make_daemon({"workshop": workshop(extra=SESSIONS + EVIDENCE, waiting_list=True)})
    path = join(daemon, smtp, idea="Secret idea", organisation="Hidden institute", **{"session.a": "data"})
    ask_address(daemon, path, NEW)
    other = join(daemon, smtp, "other@else.example", name="Somebody", **{"session.a": "data"})
    assert row(daemon, 2)["status"] == "waitlisted"
    page = unchanged(daemon, lambda: daemon.browser().get(path + "/erase"))
    assert page.status == 200 and "your place becomes free" in page.text and "must be kept" not in page.text
    assert path + "/data.json" in page.links
    assert persons(daemon.dump(), *PERSON) == list(PERSON)
    done = daemon.browser().post(page.form.action, {})
    assert done.status == 200 and "Your data is erased" in done.text and "Kowalska" not in done.text
    daemon.settled()
    assert persons(daemon.dump(), *PERSON) == []
    assert row(daemon)["status"] == "erased" and claims(daemon) == set()
    assert daemon.browser().get(path).status == 404 and daemon.browser().post(path + "/erase", {}).status == 404
    assert row(daemon, 2)["status"] == "offered", "the place went on"
    audit = daemon.query("SELECT action, to_status, data FROM audit WHERE registration_id = 1 ORDER BY id")[-1]
    assert audit == {"action": "erase", "to_status": "erased", "data": None}
    assert len(daemon.query("SELECT * FROM consents")) == 0
    assert daemon.browser().get(other).status == 200
    daemon.ctl("verify")


def test_what_has_ended_is_erased_too(forum, smtp):
    path = join(forum, smtp)
    forum.browser().post(path + "/cancel", {"reason": "date"})
    assert forum.browser().post(path + "/erase", {}).status == 200
    forum.settled()
    assert persons(forum.dump(), *PERSON) == [] and row(forum)["status"] == "erased"
    forum.ctl("verify")


def test_evidence_is_kept_and_nothing_else(make_daemon, smtp):
    daemon = make_daemon({"workshop": workshop(extra=SESSIONS + EVIDENCE)})
    path = join(daemon, smtp, idea="Secret idea", organisation="Hidden institute")
    daemon.set_time("2027-03-18T08:00:00Z")
    page = daemon.browser().get(path + "/erase")
    assert "What must be kept" in page.text and "31 December 2032" in page.text
    done = daemon.browser().post(page.form.action, {})
    assert done.status == 303 and done.location == path
    daemon.settled()
    assert persons(daemon.dump(), *PERSON) == ["Kowalska", "Hidden institute"]
    stored = row(daemon)
    assert stored["status"] == "confirmed" and stored["restricted_at"] and stored["email"] is None
    assert json.loads(stored["answers"]) == {"country": "LT", "organisation": "Hidden institute"}
    assert claims(daemon) == {"onsite", "trust"}
    own = daemon.browser().follow(done)
    assert own.status == 200 and "31 December 2032" in own.text and "Not given" not in own.text
    for tail in ("/change", "/address", "/cancel", "/erase"):
        assert path + tail not in own.links
        for ask in (lambda: daemon.browser().get(path + tail),
                    lambda: daemon.browser().post(path + tail, {"_version": "2", "email": NEW, **ANSWERS})):
            assert unchanged(daemon, ask).location == path, tail
    data = json.loads(daemon.browser().get(path + "/data.json").body)
    assert data["registration"]["restricted_at"] and data["registration"]["name"] and data["registration"]["email"] is None
    assert [h["action"] for h in data["history"]] == ["sign_up", "restrict"]
    daemon.ctl("verify")
    daemon.ctl("registration", "cancel", stored["reference"], code=None)
    assert row(daemon)["status"] == "confirmed", "organisers cannot act on it either"


def test_evidence_goes_on_its_day(make_daemon, smtp):
    daemon = make_daemon({"workshop": workshop(extra=SESSIONS + EVIDENCE)})
    path = join(daemon, smtp)
    daemon.set_time("2027-03-19T08:00:00Z")
    daemon.browser().post(path + "/erase", {})
    daemon.set_time("2032-12-31T12:00:00Z")
    daemon.settled()
    assert row(daemon)["name"]
    daemon.set_time("2033-01-01T00:00:00Z")
    eventually(lambda: row(daemon)["status"] == "erased", 15, "erased when the evidence is no longer due")
    daemon.settled()
    assert persons(daemon.dump(), *PERSON) == [] and daemon.browser().get(path).status == 404
    daemon.ctl("verify")


def test_without_a_duty_nothing_is_kept(forum, smtp):
    path = join(forum, smtp)
    forum.set_time("2027-03-19T08:00:00Z")
    assert forum.browser().post(path + "/erase", {}).status == 200
    forum.settled()
    assert persons(forum.dump(), *PERSON) == []


def test_all_languages_say_it(make_daemon, smtp):
    daemon = make_daemon({"workshop": workshop(extra=SESSIONS + EVIDENCE)})
    path = join(daemon, smtp, **{"session.b": "care"})
    ask_address(daemon, path, NEW)
    daemon.settled()
    link = new_address_path(smtp.one(NEW).message)
    token = letters.token_of(path)
    for language in ("en", "et", "lt"):
        for tail in ("", "/change", "/address", "/release?place=care", "/erase"):
            page = daemon.browser().get(f"/{language}/r/{token}{tail}")
            assert page.status == 200 and page.language == language, tail
            assert not re.search(r"\b(manage|change|address|release|erase|evidence|new_address)\.[a-z]", page.text) and "{{" not in page.text
        page = daemon.browser().get(f"/{language}/a/{letters.token_of(link)}")
        assert page.status == 200 and page.language == language and "new_address." not in page.text
