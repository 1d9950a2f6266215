# SPDX-License-Identifier: EUPL-1.2
"""The person's own pages say how every state stands, what can be done, and until when."""
import pytest
from harness import letters
from harness.definitions import PLAIN_FIELDS, definition, in_english
from harness.wait import eventually

LANGUAGES = ("en", "et", "lt")
HOUR = 3600


def path_of(smtp, address):
    """Of the person's own page; some letters lead to it, some to what is asked there."""
    return "/r/" + next(letters.token_of(p) for p in letters.links(smtp.one(address).message) if "/r/" in p)


def reference(daemon, address):
    return daemon.query("SELECT reference FROM registrations WHERE email = ?", (address,))[0]["reference"]


def status(daemon, address):
    return daemon.query("SELECT status FROM registrations WHERE email = ? ORDER BY registration DESC",
                        (address,))[0]["status"]


def look(daemon, path, tail="", code=200):
    """The page in every language; the English one. A key without a sentence would show itself; GET changes nothing."""
    daemon.settled()
    before = daemon.dump()
    english = None
    for language in LANGUAGES:
        page = daemon.browser().get(f"/{language}{path}{tail}")
        assert page.status == code and page.language == language
        for key in ("manage.", "confirm.", "next.", "cancel.", "state.", "{{"):
            assert key not in page.text, (language, page.text)
        english = english or page
    assert daemon.dump() == before
    return english


def has(page, *words):
    for word in words:
        assert word in page.text, f"{word!r} is not in: {page.text}"


def workshop(make_daemon, **how):
    return make_daemon({"small": definition("small", languages=("en",), fields=in_english(PLAIN_FIELDS), **how)})


def test_the_waiting_list_and_an_offer(make_daemon, smtp):
    daemon = workshop(make_daemon, capacity=1, waiting_list=True)
    paths = {}
    for name in ("anna", "bert", "cleo", "dora"):
        assert daemon.sign_up("small", f"{name}@umed.example").status == 303
        daemon.settled()
        paths[name] = path_of(smtp, f"{name}@umed.example")
    has(look(daemon, paths["anna"]), "You have a place")
    has(look(daemon, paths["anna"], "/confirm"), "There is nothing to confirm")
    has(look(daemon, paths["bert"]), "You are number 1 on the list")
    has(look(daemon, paths["cleo"]), "You are number 2 on the list")
    has(look(daemon, paths["cleo"], "/cancel"), "You leave the waiting list", "Stay on the waiting list")

    daemon.ctl("registration", "cancel", reference(daemon, "anna@umed.example"))
    daemon.reload()  # it reads what another process wrote
    own = look(daemon, paths["bert"])
    has(own, "A place is offered to you", "Accept by", "After that the place goes to the next person")
    assert f"/en{paths['bert']}/confirm" in own.links
    offer = look(daemon, paths["bert"], "/confirm")
    has(offer, "A place has become free", "Accept by", "Sunday, 17 January 2027", "Time zone: Vilnius (UTC+2)",
        "It is now Friday, 15 January 2027")
    assert [b.get("value") for b in offer.form.controls["answer"]] == ["yes", "no"]
    has(look(daemon, paths["bert"], "/cancel"), "The place that is offered to you goes to the next person")
    browser = daemon.browser()
    assert browser.post(offer.form.action, {}).status == 422, "an answer that is none"
    assert browser.post(offer.form.action, {"answer": "perhaps"}).status == 422
    assert status(daemon, "bert@umed.example") == "offered"
    done = browser.post(offer.form.action, {"answer": "no"})
    assert done.status == 303 and done.location.endswith(f"/en{paths['bert']}")
    has(look(daemon, paths["bert"]), "You declined the place", "You can register again")
    assert browser.post(offer.form.action, {"answer": "yes"}).status == 303, "it is over and the page says so"
    assert status(daemon, "bert@umed.example") == "declined"

    # Cleo comes late: 409, or 303 to the page that says so if the timer came first; Dora has the place then
    daemon.pass_time(49 * HOUR)
    assert browser.post(f"/en{paths['cleo']}/confirm", {"answer": "yes"}).status in (303, 409)
    eventually(lambda: status(daemon, "dora@umed.example") == "offered", 15, "the place is passed on")
    has(look(daemon, paths["cleo"]), "Your registration has expired", "The place was not accepted in time")
    has(look(daemon, paths["cleo"], "/confirm"), "There is nothing to confirm")
    done = browser.post(f"/en{paths['dora']}/confirm", {"answer": "yes"})
    assert done.status == 303
    has(look(daemon, paths["dora"]), "You have a place")
    assert browser.post("/en/r/" + "a" * 40 + "/confirm", {"answer": "yes"}).status == 404


def test_the_second_after_the_deadline_is_late(make_daemon, smtp):
    """The timer is kept away by moving the deadline of the row, not the clock."""
    daemon = workshop(make_daemon, capacity=1, waiting_list=True)
    for name in ("anna", "bert"):
        daemon.sign_up("small", f"{name}@umed.example")
    daemon.settled()
    path = path_of(smtp, "bert@umed.example")
    daemon.ctl("registration", "cancel", reference(daemon, "anna@umed.example"))
    daemon.reload()
    daemon.kill()
    daemon.execute("UPDATE registration SET expires_at = 1 WHERE status = 'offered'")
    daemon.execute("CREATE TRIGGER hold BEFORE UPDATE OF status ON registration BEGIN SELECT raise(ABORT, 'held'); END")
    daemon.start()
    late = daemon.browser().get(f"/en{path}/confirm")
    assert late.status == 200
    has(late, "The time to answer is over", "You can register again")
    answer = daemon.browser().post(f"/en{path}/confirm", {"answer": "yes"})
    assert answer.status == 409
    has(answer, "The time to answer is over")
    assert not answer.has_form
    has(look(daemon, path), "The place was not accepted in time")


@pytest.mark.parametrize("approval", ("automatic", "manual"))
def test_an_address_is_confirmed(make_daemon, smtp, approval):
    daemon = workshop(make_daemon, capacity=1, waiting_list=True,
                      extra=f'confirm = "hold"; hold_hours = 24; approval = "{approval}";')
    has(daemon.browser().get("/en/e/small"), "Press Confirm in it within 24 hours")
    for name in ("anna", "bert"):
        done = daemon.sign_up("small", f"{name}@umed.example")
        has(daemon.browser().follow(done), "Check your mail and confirm", "Saturday, 16 January 2027", "(Vilnius)")
        look(daemon, done.location.removeprefix("/en"))
    daemon.settled()
    anna, bert = (path_of(smtp, f"{name}@umed.example") for name in ("anna", "bert"))
    page = look(daemon, anna, "/confirm")
    has(page, "Confirm your registration", "Confirm by", "Your place is kept until then", "If it was not you")
    assert ("the organisers decide" in page.text) == (approval == "manual")
    has(look(daemon, bert, "/confirm"), "No place could be kept for you")
    has(look(daemon, anna), "Your address is not confirmed yet", "Confirm my registration")
    has(look(daemon, anna, "/cancel"), "The place that we keep for you", "You get no more email", "Keep my registration")
    has(look(daemon, bert, "/cancel"), "Your registration is withdrawn", "You get no more email")
    browser = daemon.browser()
    assert browser.post(page.form.action, {"answer": "no"}).status == 422
    assert browser.post(page.form.action, page.form.values).status == 303
    assert browser.post(page.form.action, page.form.values).status == 303
    assert status(daemon, "anna@umed.example") == ("confirmed" if approval == "automatic" else "awaiting_approval")
    browser.post(f"/en{bert}/confirm", {})
    has(look(daemon, bert), "You are number 1 on the list")
    daemon.ctl("verify")


def test_an_address_that_nobody_confirmed(make_daemon, smtp):
    daemon = workshop(make_daemon, capacity=1, extra='confirm = "hold"; hold_hours = 24;')
    done = daemon.sign_up("small", "anna@umed.example")
    has(daemon.browser().follow(done), "Your place is kept until Saturday, 16 January 2027")
    daemon.settled()
    path = path_of(smtp, "anna@umed.example")
    daemon.pass_time(25 * HOUR)
    eventually(lambda: status(daemon, "anna@umed.example") == "expired", 15, "the time is over")
    has(look(daemon, path), "Your registration has expired", "The address was not confirmed in time")
    has(look(daemon, path, "/confirm"), "There is nothing to confirm")
    daemon.ctl("verify")


def test_the_organisers_decide(make_daemon, smtp):
    modes = '( { id = "onsite"; capacity = 1; approval = "manual"; }, { id = "online"; } )'
    daemon = workshop(make_daemon, modes=modes)
    row = daemon.browser().get("/en/e/small")
    has(row, "The organisers confirm each registration. Your place is kept while you wait.")
    done = daemon.sign_up("small", "anna@umed.example", mode="onsite")
    has(daemon.browser().follow(done), "We have your request", "Your place is kept while you wait")
    look(daemon, done.location.removeprefix("/en"))
    daemon.settled()
    path = path_of(smtp, "anna@umed.example")
    has(look(daemon, path), "Your registration waits for an answer", "Your place is kept while you wait")
    has(look(daemon, path, "/cancel"), "The place that we keep for you becomes free", "You get one email")
    anna = reference(daemon, "anna@umed.example")
    code, _, said = daemon.ctl("registration", "reject", anna, code=None)
    assert code == 2 and "reason" in said
    code, said, _ = daemon.ctl("registration", "promote", anna, "--reason", "She waited", code=None)
    assert code == 1 and "not on the waiting list" in said
    assert daemon.ctl_json("registration", "reject", anna, "--reason", "Only members") == {
        "reference": anna, "result": "rejected"}
    code, said, _ = daemon.ctl("registration", "approve", anna, "--json", code=None)
    assert code == 1 and '"not_in_state"' in said
    rejected = look(daemon, path)
    has(rejected, "Your registration was not accepted", "Only members", "If you have questions")
    assert "register again" not in rejected.text.lower()
    daemon.ctl("verify")


def test_applications_beyond_the_places(make_daemon, smtp):
    """Where an application takes no place the form stays open, and what is approved is what there is."""
    daemon = workshop(make_daemon, capacity=1, extra='approval = "manual"; approval_holds = false;')
    for name in ("anna", "bert"):
        page = daemon.browser().get("/en/e/small")
        has(page, "The organisers confirm each registration.")
        assert "is kept" not in page.text and page.has_form
        has(daemon.browser().follow(daemon.sign_up("small", f"{name}@umed.example")), "You have no place yet")
    daemon.ctl("registration", "approve", reference(daemon, "anna@umed.example"), "--reason", "First")
    code, said, _ = daemon.ctl("registration", "approve", reference(daemon, "bert@umed.example"), code=None)
    assert code == 1 and "no place is free" in said
    daemon.reload()
    assert daemon.browser().get("/en/e/small").has_form
    assert daemon.sign_up("small", "cleo@umed.example").status == 303
    daemon.settled()
    has(look(daemon, path_of(smtp, "bert@umed.example")), "You have no place yet")
    daemon.ctl("verify")
