# SPDX-License-Identifier: EUPL-1.2
"""The four presidency events, which are one series: places that are kept for patients and for each member state."""
import datetime
import re
import zoneinfo

import pytest
from harness.wait import eventually
from test_samples import EDAH_ON_SITE, SAMPLES, assert_holds, text_of, visit  # noqa: F401

SERIES = sorted(slug for slug in SAMPLES if slug.startswith("edah-"))
MEMBER_STATES = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK".split()


def test_vilnius_keeps_places_for_patients_and_for_each_country(visit):
    daemon, visitors = visit("edah-vilnius-2027")
    page = visitors.opened()
    assert list(visitors.refused(page, 422, **{"session.a.2": "trust_a"}).values()) == ["#session.a.2"]
    on_site = {**EDAH_ON_SITE, "access": None, "access.consent": None}
    delegates = [visitors.come(page, f"hospital{n // 4}", **on_site) for n in range(108)]
    assert {visitors.row(delegate)["status"] for delegate in delegates} == {"awaiting_approval"}
    assert [visitors.choices(delegate, "held") for delegate in delegates] == [{"onsite", "seats_lt"}] * 2 + [{"onsite"}] * 106
    assert visitors.row(visitors.come(page, "hospital1"))["status"] == "waitlisted", "the fifth of one organisation"
    assert visitors.row(visitors.come(page))["status"] == "confirmed", "online there is room"

    page = visitors.opened()
    onsite = page.form.controls["mode"][0]
    assert "Only reserved places are left: waiting list" in onsite.parent.text and "disabled" not in onsite.attributes
    late = visitors.come(page, **on_site)
    assert visitors.row(late)["status"] == "waitlisted", "his country's places are gone"
    visitors.letter(late, "waitlisted")
    malta = {**on_site, "country": "MT", "region": None}
    for _ in range(2):
        delegate = visitors.come(page, **malta)
        assert visitors.row(delegate)["status"] == "awaiting_approval"
        assert visitors.choices(delegate, "held") == {"onsite", "seats_mt"}
    third = visitors.come(page, **malta)
    assert visitors.row(third)["status"] == "waitlisted"
    visitors.letter(third, "waitlisted")
    patient = visitors.come(page, **{**malta, "stakeholder": "patient_org"})
    assert visitors.choices(patient, "held") == {"onsite", "patients"}
    assert_holds(visitors.approve(patient), ["On site in Vilnius"])

    places = "SELECT taken, reserved, free FROM places WHERE place = 'onsite'"
    assert daemon.query(places) == [{"taken": 111, "reserved": 69, "free": 0}]
    daemon.set_time("2027-02-25T07:30:30Z")  # from half past nine in Vilnius they are everybody's
    eventually(lambda: daemon.query(places) == [{"taken": 111, "reserved": 0, "free": 69}], 20, "the places are released")
    daemon.ctl("registration", "promote", visitors.row(third)["reference"], "--reason", "A place was kept too long")
    assert visitors.choices(third, "held") == {"onsite"}
    assert_holds(visitors.letter(third, "offer"), ["On site in Vilnius"])
    daemon.ctl("verify")


@pytest.mark.parametrize("slug", SERIES)
def test_two_places_are_kept_for_each_member_state(visit, slug):
    daemon, visitors = visit(slug)
    begins = re.search(r'^starts = "([^"]+)"', text_of(slug), re.M).group(1)
    kept = {row["place"]: row["capacity"] for row in daemon.query("SELECT place, capacity FROM places WHERE kind = 'reserve'")}
    assert kept == {"patients": 20, **{f"seats_{state.lower()}": 2 for state in MEMBER_STATES}}
    assert daemon.query("SELECT capacity, reserved, free FROM places WHERE place = 'onsite'") == \
        [{"capacity": 180, "reserved": 74, "free": 106}]
    page = visitors.opened()
    assert page.text.count("106 places left, 74 more reserved") == 2, "in short and at the choice"
    assert not page.tree.all("rect"), "nobody has come yet"
    on_site = {**EDAH_ON_SITE, **{name: visitors.sample.answers.get(name) for name in ("access", "access.consent")}}
    for state in MEMBER_STATES:
        delegate = visitors.come(page, **{**on_site, "country": state, "region": None})
        assert visitors.choices(delegate, "held") >= {"onsite", f"seats_{state.lower()}"}
    guest = visitors.come(page, **{**on_site, "country": "NO", "region": None})
    assert not {place for place in visitors.choices(guest, "held") if place.startswith("seats_")}

    reserved = "SELECT sum(reserved) AS n FROM places WHERE place = 'onsite'"
    assert daemon.query(reserved) == [{"n": 20 + 27}]
    released = datetime.datetime.fromisoformat(begins) - datetime.timedelta(days=21)
    released = released.replace(tzinfo=zoneinfo.ZoneInfo(re.search(r'^zone = "([^"]+)"', text_of(slug), re.M).group(1)))
    daemon.set_time(f"{released.astimezone(datetime.timezone.utc) - datetime.timedelta(seconds=30):%Y-%m-%dT%H:%M:%SZ}")
    daemon.reload()
    assert daemon.query(reserved) == [{"n": 20 + 27}]
    daemon.pass_time(60)
    eventually(lambda: daemon.query(reserved) == [{"n": 0}], 20, "the places are released")
    daemon.ctl("verify")


def test_the_events_of_a_series_lead_to_each_other(make_daemon):
    series = set(SERIES)
    daemon = make_daemon({slug: text_of(slug) for slug in SAMPLES})
    for slug in SAMPLES:
        links = {link.rpartition("/")[2] for link in daemon.browser().get(f"/en/e/{slug}").links if "/e/" in link}
        assert links & SAMPLES.keys() - {slug} == (series - {slug} if slug in series else set()), slug
