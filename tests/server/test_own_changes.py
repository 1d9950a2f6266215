# SPDX-License-Identifier: EUPL-1.2
"""What people change themselves behind their link: answers, mode, sessions, slot, wishes; one session given up. What is
full never costs what one has."""
import json
import re
import re

import pytest
from harness import letters
from harness.definitions import ALL_FIELDS, definition
from harness.own import (
    ANNA, ANSWERS, FIELDS, NEW, SESSIONS, change, claims, join, persons, row, summary, unchanged, workshop
)


@pytest.fixture
def forum(make_daemon):
    return make_daemon({"workshop": workshop()})


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
    told = smtp.to(ANNA)[-1].message
    assert told["Subject"].startswith("Your registration has changed")
    text, html = letters.body(told, "plain").replace("\r", ""), letters.body(told, "html")
    assert re.search(r"Answer +Topic\n +Data quality → Skills\n", text) and "Data quality → Skills" in html
    assert "Your idea" in text and "Second" not in text, "a long text is named alone"
    assert "skills" not in forum.query("SELECT data FROM mail ORDER BY id")[-1]["data"], "it is forgotten when it has gone"
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
    daemon.browser().post(path + "/consents", {"purpose": "news"})
    form = daemon.browser().get(path + "/change").form
    assert "terms" not in form.controls and "news" not in form.controls
    assert daemon.browser().post(form.action, {**form.values, "idea": "Second", "news": "yes", "email": NEW}).status == 303
    answers = json.loads(row(daemon)["answers"])
    assert answers["idea"] == "Second" and answers["terms"] is True and answers["news"] is False
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


def test_a_proposed_time_is_put_otherwise(make_daemon, smtp):
    daemon = make_daemon({"workshop": definition("workshop", fields=FIELDS, extra=SLOTS)})
    answers = {"country": "LT", "slot": "propose", "slot.propose": "Any Wednesday"}
    assert daemon.sign_up("workshop", ANNA, **answers).status == 303
    daemon.settled()
    path = "/en/r/" + letters.token_of(letters.manage_path(smtp.to(ANNA)[-1].message))
    page = daemon.browser().get(path)
    assert "The time that you proposed" in page.text and "Any Wednesday" in page.text
    values = daemon.browser().get(path + "/change").form.values
    assert values["slot"] == "propose" and values["slot.propose"] == "Any Wednesday"
    assert change(daemon, path, **{"slot.propose": "Any Thursday"}).location == path + "?saved=1"
    assert row(daemon)["proposal"] == "Any Thursday"
    assert json.loads(daemon.browser().get(path + "/data.json").body)["registration"]["proposal"] == "Any Thursday"
    daemon.ctl("verify")


def test_nobody_walks_over_to_where_organisers_decide(make_daemon, smtp):
    modes = '( { id = "onsite"; capacity = 4; approval = "manual"; }, { id = "online"; } )'
    daemon = make_daemon({"workshop": definition("workshop", modes=modes, fields=FIELDS)})
    assert daemon.sign_up("workshop", ANNA, country="LT", mode="online").status == 303
    daemon.settled()
    path = "/en/r/" + letters.token_of(letters.manage_path(smtp.one(ANNA).message))
    refused = unchanged(daemon, lambda: change(daemon, path, mode="onsite", idea="Second"))
    assert refused.status == 409 and refused.form.wrong() == ["mode"] and "organisers decide" in summary(refused)
    assert refused.form.values["idea"] == "Second"


def test_who_was_invited_stays_so(make_daemon, smtp):
    modes = '( { id = "onsite"; capacity = 4; approval = "manual"; } )'
    daemon = make_daemon({"workshop": definition("workshop", modes=modes, fields=FIELDS)})
    made = daemon.ctl("invitation", "create", "--event", "workshop", "--email", ANNA, "--note", "for the minister")
    link = re.search(r"invite=[a-z2-7]{40}", made).group(0)
    form = daemon.browser().get(f"/en/e/workshop?{link}").form
    daemon.pass_time(5)
    assert daemon.browser().post(form.action, {**form.values, "name": "Anna", "email": ANNA, "country": "LT"}).status == 303
    daemon.settled()
    path = "/en/r/" + letters.token_of(letters.manage_path(smtp.to(ANNA)[-1].message))
    assert "You came by an invitation" in daemon.browser().get(path).text
    assert json.loads(daemon.browser().get(path + "/data.json").body)["invitation"][0]["note"] == "for the minister"
    assert change(daemon, path, idea="Second").status == 303
    assert row(daemon)["status"] == "confirmed" and row(daemon)["invitation_id"] == 1
    daemon.ctl("verify")
    assert daemon.browser().post(path + "/erase", {}).status == 200
    daemon.settled()
    assert persons(daemon.dump(), "minister", "umed.example") == []
    daemon.ctl("verify")


def test_a_changed_name_is_the_key_from_then_on(make_daemon, smtp):
    """With `unique = "email_name"` who changed the name could sign up under it once more, and nobody under the old."""
    daemon = make_daemon({"workshop": workshop(extra=SESSIONS + 'unique = "email_name";')})
    path = join(daemon, smtp, name="Anna")
    assert change(daemon, path, name="Anne").status == 303
    assert row(daemon)["dedupe"] == ANNA + "\nanne"
    assert daemon.sign_up("workshop", ANNA, **{**ANSWERS, "name": "Anne"}).status == 303
    assert len(daemon.query("SELECT 1 FROM registration")) == 1, "she is known"
    assert daemon.sign_up("workshop", ANNA, **{**ANSWERS, "name": "Anna"}).status == 303
    assert len(daemon.query("SELECT 1 FROM registration")) == 2, "that is somebody else now"
    taken = unchanged(daemon, lambda: change(daemon, path, name="Anna", idea="Second"))
    assert taken.status == 409 and taken.form.wrong() == ["name"] and "registered already" in taken.text
    assert taken.form.values["idea"] == "Second"
    assert change(daemon, path, idea="Third").status == 303
    daemon.ctl("verify")
