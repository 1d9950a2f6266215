# SPDX-License-Identifier: EUPL-1.2
"""The samples that are installed, each as its organisation would run it: its audience fills in the form in each of its
languages and gets what it asked for, organisers decide, and what cannot be is refused in words."""
import datetime
import json
import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from harness import letters
from harness.forms import filled, offered, problem, said, sent_off
from harness.registers import registry_number
from harness.wait import eventually

TOP = Path(__file__).resolve().parents[2]
FOLDER = TOP / "conf" / "events.d"
SERVED = {path.stem for path in (TOP / "share" / "locale").glob("*.json")}

# What a typical visitor answers beside the name, the address and the company, and what becomes of it: the state, the
# places without caps, the wishes, and the words for everybody that the letter must hold in each language.
FIRM = {"organisation.size": "small", "organisation.sme": "yes"}
EDAH = {"country": "LT", "region": "LT01", "stakeholder": "hospital", "gender": "woman", "mode": "online",
        "topics.1": "trust", "topics.2": "skills", "topics.3": "research", "ready_primary": "4", "ready_secondary": "2",
        "chapters": ["primary", "trust"], "input_primary": "Say who pays for the interfaces.",
        "input_trust": "Name who answers patients.", "attribution": "organisation", "newsletter": "yes"}
EDAH_ON_SITE = {"mode": "onsite", "travel_support": "yes", "travel_reason": "A nurse could come along, 300 euros.",
                "access": "Step-free access", "access.consent": "yes", "photo": "yes"}
SAMPLES = {
    "ai4diag-match-2027": SimpleNamespace(
        answers={**FIRM, "organisation.country": "FR", "stakeholder": "startup", "sector": "imaging", "website": "https://images.example/",
                 "mode": "onsite", "session.pitch": "pitch", "session.b2b": ["b2b_am", "b2b_pm"],
                 "profile": "We read chest images for radiologists.", "offer": ["algorithms", "images"],
                 "seek": ["capital", "clinical_site"], "pitch_title": "A second look at every chest image",
                 "pitch_stage": "studies", "languages": ["en", "fr"], "publish_profile": "yes",
                 "access": "No nuts", "access.consent": "yes"},
        state="awaiting_approval", places={"onsite", "pitch", "b2b_am@onsite", "b2b_pm@onsite"}, wishes=set()),
    "ch-mission-oslo-2027": SimpleNamespace(
        answers={**FIRM, "phone": "+372 600 1234", "partner": "applied", "website": "https://fall.example/",
                 "motivation": "We sell a sensor that notices a fall. Oslo looks after twenty thousand people at home, and "
                               "two districts have asked us for a trial.",
                 "goals": ["customers", "pilot"], "pilot": "One district, three months, calls at night.", "norway": "yes",
                 "norway_number": "974 760 673", "turnover_abroad": "35", "arrival": "2027-05-10", "diet": "No fish",
                 "diet.consent": "yes", "de_minimis": "yes", "introduce": "yes"},
        state="awaiting_approval", places=set(), wishes=set(), approved={"onsite"}),
    "ch-need-day-2027": SimpleNamespace(
        answers={"organisation.size": "small", "stakeholder": "sme", "mode": "onsite", "session.tables.1": "home_care",
                 "session.tables.2": "diabetes", "partner": "yes", "need_or_solution": "solution",
                 "statement": "A sensor that notices a fall.", "shown_before": ["hospital", "home"],
                 "access": "A seat near the screen", "access.consent": "yes", "newsletter": "yes"},
        state="confirmed", places={"onsite", "plenary@onsite"}, wishes={("home_care@onsite", 1), ("diabetes@onsite", 2)}),
    "dh2-coaching-2027": SimpleNamespace(
        answers={**FIRM, "organisation.country": "FI", "phone": "+358 40 123 4567",
                 "idea": "A medicine dispenser that speaks.", "know_need": "5", "know_rules": "2", "have_plan": "1",
                 "have_partners": "3", "help_first.1": "regulation", "help_first.2": "measures", "participant_list": "yes",
                 "access": "No milk", "access.consent": "yes"},
        state="confirmed", places={"onsite"}, wishes=set()),
    "dh2-testbed-2027": SimpleNamespace(
        answers={**FIRM, "organisation.country": "FI", "phone": "+358 40 123 4567", "team_size": "3",
                 "slot": "clinic_unit/2027-04-08T08:00", "goal": "Whether nurses find the reading at once.",
                 "equipment": ["bed", "test_users"], "test_user_count": "6", "medical_device": "yes", "device_class": "iia",
                 "aid_before": "yes", "aid_amount": "1250.50", "de_minimis": "yes", "access": "A ramp",
                 "access.consent": "yes", "follow_up": "yes"},
        state="awaiting_approval", places={"onsite", "clinic_unit/2027-04-08T08:00"}, wishes=set()),
    "edah-athens-2027": SimpleNamespace(
        answers={**EDAH, **EDAH_ON_SITE, "country": "GR", "region": "EL30", "session.group": "islands",
                 "session.visit": "visit"},
        state="awaiting_approval", places={"onsite", "seats_gr", "islands@onsite", "visit@onsite"}, wishes=set()),
    "edah-riga-2028": SimpleNamespace(
        answers={**EDAH, "country": "LV", "region": "LV00", "session.chapter": ["chapter_primary", "chapter_trust"]},
        state="confirmed", places={"online", "chapter_primary@online", "chapter_trust@online"}, wishes=set()),
    "edah-rome-2028": SimpleNamespace(
        answers={**EDAH, **EDAH_ON_SITE, "country": "IT", "region": "ITI4", "session.a.1": "rare_a",
                 "session.b.1": "research_b", "session.b.2": "citizens_b"},
        state="awaiting_approval", places={"onsite", "seats_it"},
        wishes={("rare_a@onsite", 1), ("research_b@onsite", 1), ("citizens_b@onsite", 2)}),
    "edah-vilnius-2027": SimpleNamespace(
        answers={**EDAH, "session.a.1": "trust_a", "session.a.2": "primary_a", "session.b.1": "trust_b"},
        state="confirmed", places={"online"}, wishes={("trust_a@online", 1), ("primary_a@online", 2), ("trust_b@online", 1)}),
    "hb-tartu-lab-2027": SimpleNamespace(
        answers={"district": "karlova", "stakeholder": "city_municipality", "sector": "planning", "age": "30_64",
                 "walking": "4", "green": "5", "meeting": "2", "wish": "A bench at the bus stop.", "childcare": "yes",
                 "children": "2", "youngest": "4", "translation": "en", "access": "A hearing loop", "access.consent": "yes",
                 "next": "yes"},
        state="confirmed", places={"onsite"}, wishes=set()),
    "pvh-lab-slots-2027": SimpleNamespace(
        answers={**FIRM, "phone": "+372 600 1234", "website": "https://home.example/", "product": "An app for the way home.",
                 "readiness": "5", "service": ["test", "validation"], "evidence": "Fewer calls at night.", "users": "12",
                 "ethics": "yes", "ethics_committee": "Tartu, applied", "ready_from": "2027-09-01", "nda": "no",
                 "slot": "kaunas_rehabilitation/2027-04-14T12:00"},
        state="awaiting_approval", places={"onsite", "kaunas_rehabilitation/2027-04-14T12:00"}, wishes=set()),
    "readi-cluster-coop-2027": SimpleNamespace(
        answers={"country": "SE", "region": "SE22", "stakeholder": "cluster_bso", "needs": ["testing", "sales"],
                 "testing_place": "Oulu", "session.first.1": "testing_1", "session.first.2": "sales_1",
                 "session.second.1": "sales_2", "session.dinner": "dinner", "diet": "No fish", "diet.consent": "yes",
                 "arrival": "2027-05-26", "departure": "2027-05-28",
                 "expectations": "One door for companies from outside.", "list_publication": "yes"},
        state="awaiting_approval", places={"onsite", "dinner"}, wishes={("testing_1", 1), ("sales_1", 2), ("sales_2", 1)}),
    "readi-sme-interview-2027": SimpleNamespace(
        answers={**FIRM, "organisation.country": "FI", "mode": "phone", "phone": "+358 40 123 4567", "markets": "SE, DE",
                 "export_share": "40", "barriers.1": "evidence", "barriers.2": "procurement", "worth_testing": "4",
                 "worth_partners": "5", "worth_advice": "2", "slot": "in_finnish/2027-04-14T10:30"},
        state="confirmed", places={"phone", "in_finnish/2027-04-14T10:30"}, wishes=set()),
}
AFTER_REVIEW = {"gender"}  # asked on the page behind the answers
PROGRAMME = ("session.", "slot", "mode")  # what the names of controls begin with that are no questions of the definition


def text_of(slug):
    return (FOLDER / f"{slug}.conf").read_text()


def languages(slug):
    """Those of the definition that pages are served in."""
    found = re.search(r"^languages = \[([^\]]+)\];", text_of(slug), re.M).group(1)
    return [code for code in re.findall(r'"(\w+)"', found) if code in SERVED]


class Visitors:
    """People who fill in the form of one sample. Each comes from a company of its own unless COMPANY is said."""

    def __init__(self, daemon, smtp, slug):
        self.daemon, self.smtp, self.slug, self.count, self.sample = daemon, smtp, slug, 0, SAMPLES[slug]

    def opened(self, language="en", query=""):
        """The event's page, reached from the front page, after a minute of reading it."""
        front = self.daemon.browser().get(f"/{language}/")
        page = self.daemon.browser().get(next(link for link in front.links if link.endswith(f"/e/{self.slug}")) + query)
        assert page.status == 200 and page.language == language
        self.daemon.pass_time(60)
        return page

    def told(self, form, company=None, **answers):
        """What the next person answers to FORM. A control that is None is left as it came."""
        self.count += 1
        company = company or f"company{self.count}"
        country = self.sample.answers.get("organisation.country", "EE")
        person = {"name": f"Person {self.count} Kõiv", "email": f"person{self.count}@{company}.example",
                  "organisation": company.capitalize() + " OÜ",
                  "organisation.name": company.capitalize() + " OÜ", "organisation.country": country,
                  "organisation.number": registry_number(company, country)}
        told = {**{k: v for k, v in person.items() if k in form.controls}, **self.sample.answers, **answers}
        return {name: value for name, value in told.items() if value is not None and name not in AFTER_REVIEW}

    def told_after(self):
        return {name: value for name, value in self.sample.answers.items() if name in AFTER_REVIEW}

    def send(self, page, company=None, **answers):
        """Fills in the form of PAGE; (address, answer)."""
        told = self.told(page.form, company, **answers)
        answer = self.daemon.browser().post(page.form.action, filled(page.form, told))
        if answer.status == 200 and "review = true" in text_of(self.slug):
            answer = self.daemon.browser().post(answer.form.action, sent_off(answer.form))
        if answer.status == 200 and "_optional" in answer.form.controls:
            answer = self.daemon.browser().post(answer.form.action,
                                                [*filled(answer.form, self.told_after()), ("_optional", "send")])
        return told["email"], answer

    def come(self, page, company=None, **answers):
        address, answer = self.send(page, company, **answers)
        assert answer.status == 303, (answer.status, answer.has_form and problem(answer))
        return address

    def refused(self, page, status, company=None, **answers):
        """{sentence: control} of the refusal; nothing of what was typed is lost."""
        before = self.registrations()
        _, answer = self.send(page, company, **answers)
        assert answer.status == status, answer.status
        assert answer.form.values["name"] == f"Person {self.count} Kõiv"
        assert self.registrations() == before
        return problem(answer)

    def registrations(self):
        return self.daemon.query("SELECT registration, status FROM registrations ORDER BY registration")

    def row(self, address):
        return self.daemon.query("SELECT * FROM registrations WHERE email = ?", (address,))[0]

    def choices(self, address, *states):
        """The places that somebody has in one of these states, but for caps; with the rank, if they are wishes."""
        rows = self.daemon.query("SELECT place, state, rank FROM choices WHERE reference = ? AND kind <> 'cap'",
                                 (self.row(address)["reference"],))
        return {(r["place"], r["rank"]) if r["rank"] else r["place"] for r in rows if r["state"] in states}

    def letter(self, address, kind):
        self.daemon.settled()
        rows = self.daemon.query("SELECT kind FROM mail_log WHERE recipient = ? ORDER BY mail DESC", (address,))
        assert rows and rows[0]["kind"] == kind, rows
        return self.smtp.to(address)[-1].message

    def approve(self, address):
        self.daemon.ctl("registration", "approve", self.row(address)["reference"])
        return self.letter(address, "confirmed")


@pytest.fixture
def visit(make_daemon, smtp):
    def make(slug):
        daemon = make_daemon({slug: text_of(slug)}, limits={"burst": 1000})
        return daemon, Visitors(daemon, smtp, slug)
    return make


def test_all_samples_together(make_daemon):
    """As they are installed: no fault, no warning, each on the front page and with its form."""
    assert {path.stem for path in FOLDER.glob("*.conf")} == SAMPLES.keys()
    daemon = make_daemon({slug: text_of(slug) for slug in SAMPLES})
    code, told = daemon.check()
    assert code == 0 and "0 faults, 0 warnings" in told, told
    for language in SERVED:
        front = daemon.browser().get(f"/{language}/")
        found = {link for link in front.links if "/e/" in link}
        assert found == {f"/{language}/e/{slug}" for slug in SAMPLES}
        assert all(daemon.browser().get(link).has_form for link in found)


def words_of(form, answers):
    """How the page offers what is chosen of the programme: sessions by their titles, a slot by resource and hours."""
    words = []
    for name, answer in answers.items():
        if name.startswith("session."):
            words += [said(form, name, value) for value in (answer if isinstance(answer, list) else [answer])]
        elif name == "slot":
            option = next(e for e in form.element.walk() if e.get("value") == answer)
            words += [option.parent.get("label"), re.search(r"\d\d?[:.]\d\d ?– ?\d\d?[:.]\d\d", option.text).group(0)]
    return words


def answered(answers):
    """What is to be stored of them, and what apart from the rest, as special needs are."""
    stored, apart = {}, {}
    for name, answer in answers.items():
        field, _, part = name.partition(".")
        if name.startswith(PROGRAMME) or part == "consent":
            continue
        if f"{field}.consent" in answers:
            apart[field] = answer
        elif part.isdigit():
            stored.setdefault(field, []).append(answer)
        elif part:
            stored.setdefault(field, {})[part] = answer
        else:
            stored[field] = answer
    return stored, apart


def same(stored, answer):
    if isinstance(answer, dict):
        return isinstance(stored, dict) and all(same(stored.get(part), value) for part, value in answer.items())
    if isinstance(answer, list):
        return isinstance(stored, list) and sorted(stored) == sorted(answer)
    if isinstance(stored, bool):
        return stored and answer == "yes"
    return stored == (float(answer) if isinstance(stored, (int, float)) else answer)


@pytest.mark.parametrize("slug, language", [(slug, code) for slug in SAMPLES for code in languages(slug)])
def test_the_audience_signs_up(visit, slug, language):
    daemon, visitors = visit(slug)
    code, told = daemon.check()
    assert code == 0 and "0 faults, 0 warnings" in told, told
    sample = SAMPLES[slug]
    page = visitors.opened(language)
    foreign = [e for e in page.tree.all("main")[0].walk()
               if e.get("lang", language) != language and not re.fullmatch(r"\S+@\S+", e.text)]
    assert not foreign, f"not in the page's language: {[e.text for e in foreign]}"
    words = words_of(page.form, sample.answers)
    address, answer = visitors.send(page)
    assert answer.status == 303, problem(answer)
    assert daemon.browser().follow(answer).language == language

    row = visitors.row(address)
    assert row["status"] == sample.state and row["language"] == language
    assert visitors.choices(address, "taken", "held") == sample.places
    assert visitors.choices(address, "wished") == sample.wishes
    stored, apart = answered(sample.answers)
    kept = json.loads(daemon.query("SELECT answers FROM registration")[0]["answers"])
    assert not [name for name, answer in stored.items() if not same(kept.get(name, row.get(name)), answer)], kept
    needs = {r["field"]: r["value"] for r in daemon.query("SELECT field, value FROM private_answer")}
    assert needs == apart and not needs.keys() & kept.keys()
    for place in sample.places:
        count, = daemon.query("SELECT taken, held FROM places WHERE place = ? AND kind <> 'cap'", (place,))
        assert count == {"taken": 1, "held": 0 if sample.state == "confirmed" else 1}, place

    message = visitors.letter(address, sample.state)
    title = page.tree.all("h1")[0].text
    assert title in message["Subject"] and message["Content-Language"] == language
    assert_holds(message, words)
    if sample.state != "confirmed":
        assert not letters.calendars(message), "an invitation for somebody who has no place yet"
        message = visitors.approve(address)
        assert_holds(message, words)
    if hasattr(sample, "approved"):
        assert visitors.choices(address, "taken") == sample.approved
    entry = letters.event_of(letters.calendar(message))
    begins = sample.answers["slot"].split("/")[1] if "slot" in sample.answers else \
        re.search(r'^starts = "([^"]+)"', text_of(slug), re.M).group(1)
    assert entry["DTSTART"].dt.replace(tzinfo=None) == datetime.datetime.fromisoformat(begins)

    assert any("png" in kind and part["Content-ID"].startswith("<code.") for kind, part in letters.parts(message)) == \
        (sample.answers.get("mode", "onsite") == "onsite"), "a code for the door where there is one"

    own = daemon.browser().get(letters.manage_path(message))
    assert own.status == 200 and own.language == language
    words += [said(page.form, name, value) for name, value in sample.answers.items()
              if name in stored and name not in AFTER_REVIEW and isinstance(value, str) and page.form.controls[name][0].get("type") == "radio"
              and not value.isdigit()]
    for word in (*words, title, "Person 1 Kõiv", *apart.values()):
        assert word in own.text, f"{word} is not on the own page: {own.text}"
    daemon.ctl("verify")


def assert_holds(message, words):
    for kind in ("plain", "html"):
        body = re.sub(r"<[^>]+>|\s+", " ", letters.body(message, kind).replace("&#39;", "'"))
        body = re.sub(r"\s+", " ", body)
        missing = [word for word in words if word not in body]
        assert not missing, f"{missing} not in the letter: {body}"


def test_matchmaking_has_twenty_pitches(visit):
    daemon, visitors = visit("ai4diag-match-2027")
    page = visitors.opened()
    assert visitors.refused(page, 422, **{"session.b2b": []}) == {"Choose an answer: When can you meet others?": "#session.b2b"}
    for n in range(20):
        visitors.come(page, mode="online" if n % 2 else "onsite", **{"session.b2b": "b2b_am"})
    assert visitors.refused(page, 409) == {
        "“Pitch, three minutes” has just become full. Nothing else is open in its place.": "#session.pitch"}
    assert visitors.refused(page, 409, mode="online", **{"session.pitch": None, "session.b2b": "b2b_am"}) == {
        "“Meetings before lunch” has just become full. Still open: Meetings after lunch.": "#session.b2b"}
    page = visitors.opened()
    assert not offered(page.form, "session.pitch")
    visitors.come(page, **{"session.pitch": None})


def test_need_day_takes_wishes_for_two_tables(visit):
    daemon, visitors = visit("ch-need-day-2027")
    page = visitors.opened()
    assert visitors.refused(page, 422, **{"session.tables.2": "home_care"}) == {
        "Which table would you like to join in the afternoon?, Second choice: you chose the same session twice. Choose "
        "another one, or none": "#session.tables.2"}
    online = visitors.come(page, "eemal", mode="online")
    assert visitors.choices(online, "taken") == {"online", "plenary@online"}, "the tables meet on site only"
    assert daemon.query("SELECT count(*) AS n FROM wish") == [{"n": 0}]
    assert list(visitors.refused(page, 422, **{"organisation.number": "", "organisation.size": []})) == [
        "Enter an answer: Registration number", "Choose an answer: Size"]
    visitors.come(page, "polikliinik", stakeholder="hospital", **{"organisation.number": "", "organisation.size": []})
    for _ in range(3):
        assert visitors.row(visitors.come(page, "haigla"))["status"] == "confirmed"
    fourth = visitors.come(page, "haigla")
    assert visitors.row(fourth)["status"] == "waitlisted"
    visitors.letter(fourth, "waitlisted")
    assert visitors.row(visitors.come(page, "kliinik"))["status"] == "confirmed"


def test_coaching_is_for_two_of_each_company(visit):
    daemon, visitors = visit("dh2-coaching-2027")
    page = visitors.opened()
    for n in range(16):
        address = visitors.come(page, f"firma{n // 2}")
        if n == 1:
            assert list(visitors.refused(page, 409, "firma0").values()) == ["#organisation.number"]
    plain = letters.body(visitors.letter(address, "confirmed"), "plain")
    assert all(day in plain for day in ("3 March", "17 March", "31 March", "14 April", "28 April"))
    full = visitors.opened()
    assert not full.has_form and "This event is full" in full.text


def test_each_company_has_one_time_in_the_testbeds(visit):
    daemon, visitors = visit("dh2-testbed-2027")
    page = visitors.opened()
    days = {key.split("/")[1][:10] for key in offered(page.form, "slot")}
    assert all(datetime.date.fromisoformat(day).weekday() in (1, 3) for day in days)
    assert "2027-04-06" in days and "2027-06-17" in days and "2027-05-06" not in days
    assert not [key for key in offered(page.form, "slot") if "2027-05-18" in key and not key.startswith("clinic_unit")]
    visitors.come(page, "firma")
    assert visitors.refused(page, 409, "other") == {"This time has just been taken. Choose another one": "#slot"}
    again = visitors.refused(page, 409, "firma", slot="home_lab/2027-04-13T12:00")
    assert list(again.values()) == ["#organisation.number"] and "already has its one place" in next(iter(again))
    daemon.set_time("2027-04-01T08:59:30Z")  # seven days and half a minute before noon in Tampere
    page = visitors.opened()
    first = {key.split("/")[0]: key for key in reversed(offered(page.form, "slot"))}
    assert first == {"sim_ward": "sim_ward/2027-04-08T12:00", "home_lab": "home_lab/2027-04-08T12:00",
                     "clinic_unit": "clinic_unit/2027-04-20T08:00"}
    late = visitors.refused(page, 422, "later", slot=first["sim_ward"])
    assert late == {"This time is too near to be prepared. Choose a later one": "#slot"}


def test_a_visit_to_a_lab_is_proposed_when_no_time_suits(visit):
    daemon, visitors = visit("pvh-lab-slots-2027")
    page = visitors.opened()
    assert visitors.refused(page, 422, slot="propose") == {"Say which time would suit you": "#slot.propose"}
    address = visitors.come(page, "firma", slot="propose", **{"slot.propose": "Any Friday in the morning"})
    assert visitors.choices(address, "held") == {"onsite"}
    assert "Any Friday in the morning" in letters.body(visitors.letter(address, "awaiting_approval"), "plain")
    assert list(visitors.refused(page, 409, "firma").values()) == ["#organisation.number"]
    number = registry_number("firma", "EE", "FI")
    booker = visitors.come(page, slot="tallinn_care_home/2027-04-14T11:00", **{"organisation.number": number})
    daemon.settled()
    told, = [m.message for m in visitors.smtp.to("labs@cluster.example") if visitors.row(booker)["reference"] in m.message["Subject"]]
    assert told["Subject"].startswith("For you to decide") and not any("png" in kind for kind, _ in letters.parts(told))
    assert_holds(told, ["Tallinn: a flat for assisted living", "Wednesday, 14 April 2027, 11:00–12:00",
                        f"convenectl registration approve {visitors.row(booker)['reference']}"])
    again = visitors.refused(page, 409, slot="tallinn_care_home/2027-04-14T10:00", **{"organisation.number": number})
    assert list(again.values()) == ["#organisation.number"]
    visitors.come(page, **{"organisation.number": number, "organisation.country": "FI"})  # that is another company
    assert list(visitors.refused(page, 409, "other").values()) == ["#slot"]
    daemon.set_time("2027-04-09T08:59:30Z")  # five days and half a minute before noon in Tallinn
    page = visitors.opened()
    first = sorted(key.split("/")[::-1] for key in offered(page.form, "slot") if "/" in key)[0]
    assert first == ["2027-04-14T12:00", "tallinn_care_home"]
    assert visitors.refused(page, 422, "later", slot="tallinn_care_home/2027-04-14T12:00") == {
        "This time is too near to be prepared. Choose a later one": "#slot"}


def test_each_company_is_interviewed_once(visit):
    daemon, visitors = visit("readi-sme-interview-2027")
    page = visitors.opened()
    assert not [key for key in offered(page.form, "slot") if key.startswith("in_english/2027-04-30")]
    visitors.come(page, "firma")
    assert list(visitors.refused(page, 409, "other").values()) == ["#slot"]
    assert list(visitors.refused(page, 409, "firma", mode="online", phone="", slot="in_english/2027-04-13T13:00").values()) == \
        ["#organisation.number"]
    online = visitors.come(page, mode="online", slot="in_english/2027-04-13T13:00")
    message = visitors.letter(online, "confirmed")
    assert "https://meet.cluster.example/readi-interview" in letters.body(message, "plain")
    daemon.set_time("2027-04-11T05:59:30Z")  # two days and half a minute before nine o'clock in Oulu
    page = visitors.opened()
    assert visitors.refused(page, 422, slot="in_finnish/2027-04-13T09:00") == {
        "This time is too near to be prepared. Choose a later one": "#slot"}


def allocate(daemon, slug, session_round):
    """The organisers give the places of a round; what they did, once the form offers what is left."""
    given = daemon.ctl_json("registration", "allocate", "--event", slug, "--round", session_round, "--lock")
    eventually(lambda: f"session.{session_round}" in daemon.browser().get(f"/en/e/{slug}").form.controls, 15,
               f"{session_round} is chosen directly")
    return given


def test_the_tables_of_the_need_day_are_given_and_then_full(visit):
    daemon, visitors = visit("ch-need-day-2027")
    page = visitors.opened()
    people = [visitors.come(page) for _ in range(14)]
    visitors.come(page, mode="online", **{"session.tables.1": None, "session.tables.2": None})
    daemon.set_time("2027-04-08T07:00:00Z")
    assert not [name for name in visitors.opened().form.controls if name.startswith("session.")], "wishes have ended"
    given = allocate(daemon, visitors.slug, "tables")
    assert (given["people"], given["placed"], given["by_rank"]) == (14, 14, [12, 2])
    got = [(visitors.choices(person, "taken") - {"onsite", "plenary@onsite"}).pop() for person in people]
    assert sorted(got) == ["diabetes@onsite"] * 2 + ["home_care@onsite"] * 12
    title = {"diabetes@onsite": "Diabetes", "home_care@onsite": "Home care"}
    for person, place in zip(people, got):
        assert_holds(visitors.letter(person, "allocated"), [title[place], "13:30–15:30"])

    page = visitors.opened()
    table = next(e for e in page.form.element.all("label") if "Home care" in e.text)
    assert "Full: waiting list" in table.text
    direct = {"session.tables.1": None, "session.tables.2": None}
    late = visitors.come(page, **direct, **{"session.tables": "mental_health"})
    assert visitors.choices(late, "taken") == {"onsite", "plenary@onsite", "mental_health@onsite"}
    waits = visitors.come(page, **direct, **{"session.tables": "home_care"})
    assert visitors.row(waits)["status"] == "waitlisted" and not visitors.choices(waits, "taken", "held")
    assert_holds(visitors.letter(waits, "waitlisted"), ["Home care"])
    daemon.ctl("verify")


def test_cluster_cooperation_gives_nobody_a_theme_twice(visit):
    daemon, visitors = visit("readi-cluster-coop-2027")
    page = visitors.opened()
    assert visitors.refused(page, 422, **{"session.first.2": "testing_1"}) == {
        "Your theme before lunch, Second choice: you chose the same session twice. Choose another one, or none":
        "#session.first.2"}
    wishes = {"session.first.1": "testing_1", "session.first.2": "sales_1",
              "session.second.1": "testing_2", "session.second.2": "sales_2"}
    people = [visitors.come(page, **wishes) for _ in range(5)]
    for person in people:
        visitors.approve(person)
    daemon.set_time("2027-05-19T07:00:00Z")
    assert allocate(daemon, visitors.slug, "first")["by_rank"] == [5, 0]
    assert allocate(daemon, visitors.slug, "second")["by_rank"] == [0, 5]
    for person in people:
        assert visitors.choices(person, "taken") == {"onsite", "dinner", "testing_1", "sales_2"}
    page = visitors.opened()
    direct = {name: None for name in visitors.sample.answers if name.startswith("session.")}
    assert visitors.refused(page, 422, **direct, **{"session.first": "research_1", "session.second": "research_2"}) == {
        "Your theme after lunch: you take part in only one of this and “Research and development”. Keep one of the two":
        "#session.second"}
    daemon.ctl("verify")


def test_cluster_cooperation_keeps_places_for_the_invited(visit):
    daemon, visitors = visit("readi-cluster-coop-2027")
    page = visitors.opened()
    for n in range(60):
        dinner = ["dinner", "dinner_guest"] if n < 10 else "dinner" if n < 50 else None
        assert visitors.row(visitors.come(page, **{"session.dinner": dinner}))["status"] == "awaiting_approval"
    waits = visitors.come(page, **{"session.dinner": None})
    assert visitors.row(waits)["status"] == "waitlisted"
    visitors.letter(waits, "waitlisted")

    link = daemon.ctl("invitation", "create", "--event", visitors.slug, "--reserve", "partner_regions").strip()
    assert "Only reserved places are left: waiting list" in visitors.opened().text
    page = visitors.opened(query="?" + link.partition("?")[2])
    assert "You are invited" in page.text
    invited = visitors.come(page, **{"session.dinner": None})
    assert visitors.row(invited)["status"] == "confirmed"
    assert visitors.choices(invited, "taken") == {"onsite", "partner_regions"}
    visitors.letter(invited, "confirmed")
    _, again = visitors.send(page, **{"session.dinner": None})
    assert again.status == 409 and "invitation" in again.text
    daemon.ctl("verify")


def test_the_mission_is_for_twelve_small_companies_with_a_plan(visit):
    daemon, visitors = visit("ch-mission-oslo-2027")
    page = visitors.opened()
    assert "required" in page.form.controls["organisation.sme"][0].attributes
    assert list(visitors.refused(page, 422, motivation="It is near.").values()) == ["#motivation"]
    assert list(visitors.refused(page, 422, goals=["customers", "pilot", "rules", "research"]).values()) == ["#goals"]
    assert visitors.refused(page, 422, pilot="", norway_number="12 34") == {
        "Enter an answer: Which trial would you like?": "#pilot",
        "Enter the number with nine digits, like 974 760 673": "#norway_number"}
    assert list(visitors.refused(page, 422, **{"diet.consent": None}).values()) == ["#diet.consent"]
    assert list(visitors.refused(page, 422, **{"organisation.number": "12345679"}).values()) == ["#organisation.number"]
    people = [visitors.come(page, norway="no") for _ in range(13)]
    assert {visitors.row(person)["status"] for person in people} == {"awaiting_approval"}
    kept = [json.loads(row["answers"]) for row in daemon.query("SELECT answers FROM registration")]
    assert all("norway_number" not in answers and answers["call"] == "spring" for answers in kept)
    for person in people[:12]:
        daemon.ctl("registration", "approve", visitors.row(person)["reference"])
    code, *told = daemon.ctl("registration", "approve", visitors.row(people[12])["reference"], code=None)
    assert code != 0 and visitors.row(people[12])["status"] == "awaiting_approval", told


def test_the_evening_in_tartu_asks_for_little(visit):
    daemon, visitors = visit("hb-tartu-lab-2027")
    page = visitors.opened()
    little = {**{name: None for name in visitors.sample.answers}, "childcare": "no"}
    for _ in range(60):
        citizen = visitors.come(page, **little)
    row = visitors.row(citizen)
    assert (row["status"], row["stakeholder"]) == ("confirmed", "citizen_enduser")
    answers = json.loads(daemon.query("SELECT answers FROM registration ORDER BY id DESC")[0]["answers"])
    assert answers == {"stakeholder": "citizen_enduser", "childcare": "no", "next": False}
    assert visitors.row(visitors.come(page, **little))["status"] == "waitlisted"
    assert visitors.refused(page, 422, children="") == {"Enter an answer: How many children?": "#children"}


def test_what_is_asked_depends_on_what_was_answered(visit):
    daemon, visitors = visit("ch-need-day-2027")
    page = visitors.opened()
    assert list(visitors.refused(page, 422, statement="").values()) == ["#statement"]
    listens = visitors.come(page, need_or_solution="neither")
    online = visitors.come(page, mode="online", **{"session.tables.1": None, "session.tables.2": None})
    kept = {row["email"]: json.loads(row["answers"]) for row in daemon.query("SELECT email, answers FROM registration")}
    assert not {"statement", "shown_before"} & kept[listens].keys() and "statement" in kept[online]
    needs = daemon.query("SELECT email FROM private_answer JOIN registration ON id = registration_id")
    assert [row["email"] for row in needs] == [listens], "who is not on site is not asked for his needs"
