# SPDX-License-Identifier: EUPL-1.2
"""Limits over people who have something in common, and places that are kept for some until a day: what is refused is
named, who is meant gets in, and on the day what is left is everybody's."""
import calendar
import collections
import time

import pytest
from harness import letters
from harness.crowd import sign_up_all
from harness.definitions import EMAIL, NAME, definition, in_english
from harness.people import address, becomes, come, letter, nobody_twice, press, reference, row, states
from harness.wait import eventually

NUMBER = '{ id = "registry_number"; type = "text"; role = "registry_number"; label = "Registry number"; }'
COUNTRY = '{ id = "country"; type = "country"; role = "country"; label = "Country"; }'
KIND = ('{ id = "kind"; type = "choice"; role = "stakeholder"; label = "You are"; options = ( { id = "sme"; label = "A small '
        'company"; }, { id = "public"; label = "A public body"; } ); }')
FIELDS = (*in_english((NAME, EMAIL)), NUMBER, COUNTRY, KIND)


def day(**more):
    return definition("day", languages=("en",), fields=FIELDS, starts="2027-04-15T09:00", ends="2027-04-15T17:00",
                      zone="Europe/Tallinn", **more)


def cap(*limits):
    return "caps = ( " + ", ".join(f'{{ by = "{by}"; max = {most}; }}' for by, most in limits) + " );\n"


def status(daemon, mail):
    rows = daemon.query("SELECT status FROM registrations WHERE email = ? ORDER BY registration DESC", (mail,))
    return rows[0]["status"] if rows else None


def sent(daemon, mail, **values):
    """Signs up; the HTTP status."""
    return daemon.sign_up("day", mail, **values).status


def faults(page):
    """{sentence: control} of the summary on top."""
    box = next(e for e in page.tree.walk() if e.get("role") == "alert")
    return {link.text: link.get("href").removeprefix("#") for link in box.all("a")}


def caps(daemon):
    return {r["place"]: (r["taken"], r["waiting"]) for r in daemon.query("SELECT place, taken, waiting FROM places WHERE kind = 'cap'")}


def limited(daemon, sentence, control, mail, **values):
    """Nothing is written, the limit is named at its control, all that was typed is there, and so is what is open."""
    daemon.settled()
    before = daemon.dump()
    page = daemon.sign_up("day", mail, **values)
    assert page.status == 409 and daemon.dump() == before
    left, = daemon.query("SELECT free FROM places WHERE kind = 'mode'")
    assert faults(page) == {f"{sentence}. {left['free']} places are left for others": control}
    assert page.form.wrong() == [control] and page.form.values["email"] == mail
    assert "A limit on places has been reached." in page.text
    return page


# --- limits

def test_an_organisation_by_its_number_however_it_is_written(make_daemon):
    daemon = make_daemon({"day": day(extra=cap(("organisation", 2)))})
    assert sent(daemon, "anna@one.example", registry_number="EE 10 250", country="EE") == 303
    assert sent(daemon, "joe@two.example", registry_number="ee-10.250", country="EE") == 303
    assert caps(daemon) == {"org:EE-EE10250": (2, 0)}
    limited(daemon, "Your organisation (EE-EE10250) already has its 2 places", "registry_number", "eva@three.example",
            registry_number="Ee10250", country="EE")
    assert sent(daemon, "eva@three.example", registry_number="EE10250", country="LT") == 303, "another country's register"
    assert sent(daemon, "max@one.example", registry_number="10251", country="EE") == 303, "another organisation"
    assert caps(daemon) == {"org:EE-EE10250": (2, 0), "org:LT-EE10250": (1, 0), "org:EE-10251": (1, 0)}
    daemon.ctl("verify")
    anna, = daemon.query("SELECT reference FROM registrations WHERE email LIKE 'anna%'")
    daemon.ctl("registration", "cancel", anna["reference"])
    assert sent(daemon, "ben@three.example", registry_number="EE10250", country="EE") == 303, "what she had is free"
    daemon.ctl("verify")


def test_an_organisation_by_its_domain_but_not_a_public_provider(make_daemon):
    daemon = make_daemon({"day": day(extra=cap(("organisation", 1)))})
    assert sent(daemon, "anna@Clinic.example") == 303
    limited(daemon, "Your organisation (@clinic.example) already has its one place", "email", "joe@clinic.EXAMPLE")
    assert sent(daemon, "joe@lab.clinic.example") == 303, "another domain"
    assert sent(daemon, "eva@clinic.example", registry_number="7") == 303, "a number says more than a domain"
    for person in ("one", "two", "three"):
        assert sent(daemon, f"{person}@gmail.com") == sent(daemon, f"{person}@hotmail.lt") == 303
    assert sorted(caps(daemon)) == ["org:7", "org:@clinic.example", "org:@lab.clinic.example"]
    daemon.ctl("verify")


def test_a_country_and_a_kind(make_daemon):
    daemon = make_daemon({"day": day(extra=cap(("country", 2), ("stakeholder", 1)))})
    assert sent(daemon, "anna@a.example", country="EE", kind="sme") == 303
    limited(daemon, "The one place for this group is taken: A small company", "kind", "joe@a.example", country="LT", kind="sme")
    assert sent(daemon, "joe@a.example", country="EE", kind="public") == 303
    limited(daemon, "All 2 places for people from this country are taken: Estonia", "country", "eva@a.example", country="EE")
    assert sent(daemon, "eva@a.example") == 303, "who says neither is not counted"
    assert sent(daemon, "max@a.example", country="LT") == 303
    assert caps(daemon) == {"country:EE": (2, 0), "country:LT": (1, 0), "type:sme": (1, 0), "type:public": (1, 0)}
    daemon.ctl("verify")


def test_a_country_and_a_kind_are_called_as_the_page_calls_them(make_daemon):
    kind = KIND.replace('label = "A small company"', 'label = { en = "A small company"; lt = "Maža įmonė"; }')
    text = day(extra=cap(("country", 1), ("stakeholder", 1))).replace(KIND, kind).replace('[ "en" ]', '[ "en", "lt" ]')
    daemon = make_daemon({"day": text})
    assert sent(daemon, "anna@a.example", country="EE") == sent(daemon, "joe@a.example", kind="sme") == 303
    for values, said in (({"country": "EE"}, "užimtos: Estija"), ({"kind": "sme"}, "užimtos: Maža įmonė")):
        page = daemon.sign_up("day", "eva@a.example", language="lt", **values)
        assert page.status == 409 and any(said in sentence for sentence in faults(page)), faults(page)


def test_with_a_list_one_waits_for_the_limit(make_daemon, smtp):
    daemon = make_daemon({"day": day(waiting_list=True, extra=cap(("country", 1)))})
    come(daemon, "day", "anna", "joe", "eva", country="EE")
    come(daemon, "day", "max", country="LT")
    assert states(daemon) == {"anna": "confirmed", "joe": "waitlisted", "eva": "waitlisted", "max": "confirmed"}
    assert row(daemon, "joe")["status_reason"] == "cap country:EE is full"
    assert row(daemon, "max")["status_reason"] is None
    assert caps(daemon) == {"country:EE": (1, 2), "country:LT": (1, 0)}
    daemon.ctl("verify")
    daemon.ctl("registration", "cancel", reference(daemon, "max"))
    assert states(daemon)["joe"] == "waitlisted", "a place that is no use to him"
    daemon.ctl("registration", "cancel", reference(daemon, "anna"))
    becomes(daemon, "joe", "offered")
    assert caps(daemon)["country:EE"] == (1, 1)
    daemon.ctl("verify")
    press(daemon, letters.answer_path(letter(daemon, smtp, "joe", "offer")), answer="yes")
    daemon.write_event("day", day(waiting_list=True, extra=cap(("country", 2))))
    daemon.reload()
    becomes(daemon, "eva", "offered")
    assert caps(daemon)["country:EE"] == (2, 0), "the limit was raised"
    daemon.write_event("day", day(waiting_list=True, extra=cap(("country", 1))))
    daemon.reload()
    assert daemon.query("SELECT capacity FROM place WHERE key = 'country:EE'")[0]["capacity"] == 2
    assert "caps: max 1 of country:EE is below the 2 places taken" in daemon.log()
    nobody_twice(daemon, smtp)
    daemon.ctl("verify")


@pytest.mark.timeout(180)
def test_many_of_one_organisation_at_once(make_daemon):
    daemon = make_daemon({"day": day(capacity=30, extra=cap(("organisation", 3)))})
    action, form = daemon.ripe_form("day")
    forms = [{**form, "name": f"Person {n}", "email": f"p{n}@house.example" if n % 3 else f"p{n}@gmail.com"} for n in range(90)]
    answers = sign_up_all(daemon.port, action, forms)
    of_house = collections.Counter(a for n, a in enumerate(answers) if n % 3)
    others = collections.Counter(a for n, a in enumerate(answers) if not n % 3)
    assert of_house[303] == caps(daemon)["org:@house.example"][0] <= 3 and of_house[303] + of_house[409] == 60
    assert others[303] + of_house[303] == 30 and set(others) <= {303, 409}
    daemon.ctl("verify")


# --- places that are kept

RELEASE = "2027-03-01T12:00"  # in Tallinn
AT = "2027-03-01T10:00:00Z"
BEFORE = "2027-03-01T09:58:30Z"


def kept(size=1, release=RELEASE, kind="sme"):
    day_ = f' release = "{release}";' if release else ""
    return f'reserves = ( {{ id = "small"; for = "kind = {kind}"; size = {size};{day_} }} );\n'


def numbers(daemon):
    """(taken, kept, free) of the mode, (taken, capacity) of the reserve."""
    mode, = daemon.query("SELECT taken, reserved, free FROM places WHERE kind = 'mode'")
    reserve, = daemon.query("SELECT taken, capacity FROM places WHERE kind = 'reserve'")
    return tuple(mode.values()), tuple(reserve.values())


def instant(stamp):
    return calendar.timegm(time.strptime(stamp, "%Y-%m-%dT%H:%M:%SZ"))


def test_the_reserved_still_get_in_and_the_page_says_so(make_daemon):
    daemon = make_daemon({"day": day(capacity=3, extra=kept(size=2))})
    assert numbers(daemon) == ((0, 2, 1), (0, 2))
    assert sent(daemon, "anna@a.example", kind="public") == 303
    assert numbers(daemon) == ((1, 2, 0), (0, 2))
    page = daemon.browser().get("/en/e/day")
    assert page.has_form and "Only reserved places are left" in page.text
    for values in ({"kind": "public"}, {}):
        daemon.settled()
        before = daemon.dump()
        assert sent(daemon, "joe@a.example", **values) == 409
        assert daemon.dump() == before
    assert sent(daemon, "joe@a.example", kind="sme") == 303
    assert numbers(daemon) == ((2, 1, 0), (1, 2))
    daemon.ctl("verify")
    assert sent(daemon, "eva@a.example", kind="sme") == 303
    assert numbers(daemon) == ((3, 0, 0), (2, 2))
    page = daemon.browser().get("/en/e/day")
    assert not page.has_form and "Only reserved places are left" not in page.text and "This event is full" in page.text
    assert sent(daemon, "max@a.example", kind="sme") == 409
    daemon.ctl("registration", "cancel", reference_of(daemon, "joe@a.example"))
    assert numbers(daemon) == ((2, 1, 0), (1, 2)), "it goes back to who it is kept for"
    assert sent(daemon, "max@a.example") == 409
    assert sent(daemon, "max@a.example", kind="sme") == 303
    daemon.ctl("verify")


def reference_of(daemon, mail):
    return daemon.query("SELECT reference FROM registrations WHERE email = ?", (mail,))[0]["reference"]


def test_what_is_kept_is_used_before_what_is_general(make_daemon):
    daemon = make_daemon({"day": day(capacity=3, extra=kept(size=1))})
    for n, values in enumerate(({"kind": "sme"}, {"kind": "sme"}, {})):
        assert sent(daemon, f"p{n}@a.example", **values) == 303
    assert numbers(daemon) == ((3, 0, 0), (1, 1))
    daemon.ctl("verify")


@pytest.mark.timeout(180)
def test_many_come_for_general_and_kept_places_at_once(make_daemon):
    daemon = make_daemon({"day": day(capacity=20, extra=kept(size=8))})
    action, form = daemon.ripe_form("day")
    forms = [{**form, "name": f"Person {n}", "email": f"p{n}@a.example", "kind": "sme" if n % 4 == 0 else ""} for n in range(200)]
    answers = sign_up_all(daemon.port, action, forms)
    assert collections.Counter(answers) == {303: 20, 409: 180}
    small = sum(a == 303 for n, a in enumerate(answers) if n % 4 == 0)
    assert small >= 8, "kept for them, so they have at least that"
    assert numbers(daemon) == ((20, 0, 0), (8, 8))
    daemon.ctl("verify")


# --- released

def line(make_daemon, release=RELEASE, **settings):
    """Anna has the general place, one is kept for small companies, joe, eva and max wait."""
    daemon = make_daemon({"day": day(capacity=3, waiting_list=True, extra=kept(size=2, release=release))}, **settings)
    come(daemon, "day", "anna", "joe", "eva", "max")
    daemon.settled()
    assert states(daemon) == {"anna": "confirmed", "joe": "waitlisted", "eva": "waitlisted", "max": "waitlisted"}
    assert numbers(daemon) == ((1, 2, 0), (0, 2))
    return daemon


def released(daemon, smtp):
    for person in ("joe", "eva"):
        becomes(daemon, person, "offered")
    assert states(daemon)["max"] == "waitlisted"
    assert numbers(daemon) == ((3, 0, 0), (0, 2))
    order = daemon.query("SELECT r.email FROM offer AS o JOIN registration AS r ON r.id = o.registration_id ORDER BY o.id")
    assert [r["email"] for r in order] == [address("joe"), address("eva")], "in the order in which they came"
    daemon.ctl("verify")
    press(daemon, letters.answer_path(letter(daemon, smtp, "joe", "offer")), answer="yes")
    press(daemon, letters.answer_path(letter(daemon, smtp, "eva", "offer")), answer="no")
    becomes(daemon, "max", "offered")
    come(daemon, "day", "late", kind="sme")
    assert states(daemon)["late"] == "waitlisted", "nothing is kept for anybody any more"
    nobody_twice(daemon, smtp)
    daemon.ctl("verify")


def test_released_on_its_day(make_daemon, smtp):
    daemon = line(make_daemon)
    daemon.set_time(BEFORE)
    come(daemon, "day", "ben", kind="sme")
    assert states(daemon)["ben"] == "confirmed" and states(daemon)["joe"] == "waitlisted"
    daemon.ctl("registration", "cancel", reference(daemon, "ben"))
    assert states(daemon)["joe"] == "waitlisted" and numbers(daemon) == ((1, 2, 0), (0, 2))
    daemon.set_time(AT)
    released(daemon, smtp)
    when = daemon.query("SELECT released_at FROM place WHERE kind = 'reserve'")[0]["released_at"]
    assert 0 <= when - instant(AT) < 20


def test_released_without_anybody_telling_the_daemon(make_daemon):
    """The clock reaches the day while it runs, and nothing wakes it but its own timer."""
    daemon = line(make_daemon)
    daemon.set_time("2027-03-01T09:59:57Z")
    becomes(daemon, "joe", "offered")
    assert daemon.query("SELECT released_at FROM place WHERE kind = 'reserve'")[0]["released_at"] >= instant(AT)
    daemon.ctl("verify")


@pytest.mark.parametrize("end", ["stopped", "killed"])
def test_released_while_the_daemon_is_down(make_daemon, smtp, end):
    daemon = line(make_daemon)
    if end == "killed":
        daemon.kill()
    else:
        assert daemon.stop() == 0
    daemon.set_time(AT)
    daemon.start()
    released(daemon, smtp)


def test_with_a_list_the_page_says_for_whom_places_are_left(make_daemon):
    daemon = make_daemon({"day": day(capacity=2, waiting_list=True, extra="review = true; " + kept(size=1))})
    done = {"_reviewed": "yes"}
    assert "Register for this event" in daemon.browser().get("/en/e/day").text
    assert sent(daemon, "anna@a.example", **done) == 303
    assert "Only reserved places are left" in daemon.browser().get("/en/").text
    page = daemon.browser().get("/en/e/day")
    assert "Only reserved places are left: waiting list" in page.text and "All places are taken" not in page.text
    assert "you get one with the form below. If not, you join the waiting list" in page.text
    assert "Register for this event" in page.form.element.text, "it may be either"
    assert "Send my registration" in daemon.sign_up("day", "joe@a.example", kind="sme").text
    assert sent(daemon, "joe@a.example", **done) == 303 and sent(daemon, "eva@a.example", kind="sme", **done) == 303
    assert [status(daemon, f"{who}@a.example") for who in ("joe", "eva")] == ["waitlisted", "confirmed"]
    page = daemon.browser().get("/en/e/day")
    assert "Full: waiting list" in page.text and "All places are taken" in page.text
    assert "Only reserved" not in page.text and "Join the waiting list" in page.form.element.text
    daemon.ctl("verify")


def test_places_for_the_invited_are_for_nobody_else(make_daemon):
    invited = 'reserves = ( { id = "hosts"; size = 1; } );\n'
    daemon = make_daemon({"day": day(capacity=2, waiting_list=True, extra=invited)})
    assert sent(daemon, "anna@a.example") == 303
    page = daemon.browser().get("/en/e/day")
    assert "Only reserved places are left: waiting list" in page.text and "All places are taken" not in page.text
    assert "are kept for others. You can join the waiting list below" in page.text
    assert "Join the waiting list" in page.form.element.text and "Register for this event" not in page.form.element.text
    made = daemon.ctl_json("invitation", "create", "--event", "day", "--reserve", "hosts")
    page = daemon.browser().get("/en" + made["link"].removeprefix(daemon.base_url))
    assert "Register for this event" in page.form.element.text and "Only reserved" not in page.text
    daemon.ctl("verify")


def test_without_a_list_the_page_opens_on_that_day(make_daemon):
    daemon = make_daemon({"day": day(capacity=2, extra=kept(size=1))})
    assert sent(daemon, "anna@a.example") == 303 and sent(daemon, "joe@a.example") == 409
    assert "Only reserved places are left" in daemon.browser().get("/en/e/day").text
    daemon.set_time(AT)
    eventually(lambda: "1 of 2 places left" in daemon.browser().get("/en/e/day").text, 15, "the place is everybody's")
    assert sent(daemon, "joe@a.example") == 303
    assert numbers(daemon) == ((2, 0, 0), (0, 1))
    daemon.ctl("registration", "cancel", reference_of(daemon, "joe@a.example"))
    assert numbers(daemon) == ((1, 0, 1), (0, 1)), "it is kept for nobody again"
    daemon.ctl("verify")
    daemon.write_event("day", day(capacity=2, title="Another", extra=kept(size=1)))
    daemon.reload()
    assert numbers(daemon) == ((1, 0, 1), (0, 1)), "nor by another definition"
    daemon.ctl("verify")


@pytest.mark.parametrize("restart", [False, True])
def test_released_by_the_wall_clock_on_the_night_it_changes(make_daemon, smtp, restart):
    """On 28 March 2027 Tallinn goes from UTC+2 to UTC+3 at three: half past four there is half past one UTC."""
    daemon = line(make_daemon, release="2027-03-28T04:30")
    place, = daemon.query("SELECT release_at FROM place WHERE kind = 'reserve'")
    assert place["release_at"] == instant("2027-03-28T01:30:00Z")
    for stamp in ("2027-03-28T00:59:00Z", "2027-03-28T01:28:30Z"):
        if restart:
            assert daemon.stop() == 0
        daemon.set_time(stamp)
        if restart:
            daemon.start()
        come(daemon, "day", "probe" + stamp[14:16])  # a change that comes after whatever the daemon did on its own
        assert states(daemon)["joe"] == "waitlisted" and numbers(daemon) == ((1, 2, 0), (0, 2))
    if restart:
        assert daemon.stop() == 0
    daemon.set_time("2027-03-28T01:30:00Z")
    if restart:
        daemon.start()
    for person in ("joe", "eva"):
        becomes(daemon, person, "offered")
    assert states(daemon)["max"] == "waitlisted" and numbers(daemon) == ((3, 0, 0), (0, 2))
    nobody_twice(daemon, smtp)
    daemon.ctl("verify")


def test_an_hour_that_does_not_exist_is_a_fault(make_daemon):
    daemon = make_daemon({"day": day(extra=kept(release="2027-03-28T03:30"))}, start=False)
    daemon.port = 1
    daemon.write_config()
    code, said = daemon.check()
    assert code != 0 and "release" in said and "2027-03-28T03:30" in said, said
