# SPDX-License-Identifier: EUPL-1.2
"""The pages of the law: the privacy notice whole and by revision, the accessibility statement, photo and recording."""
import re

import pytest
from harness.definitions import ALL_FIELDS, COUNTRY, EMAIL, NAME, NEWS, TERMS, definition, in_english

DIET = '{ id = "diet"; type = "special_need"; label = { en = "Diet"; lt = "Mityba"; }; }'
FAIR_MODES = '( { id = "onsite"; }, { id = "online"; } )'
FAIR = """
sessions = ( { id = "tour"; title = "Tour"; choose = "many"; capacity = { onsite = 5; online = 0; }; },
             { id = "talk"; title = "Talk"; choose = "many"; } );
rounds = ( { id = "tour"; title = "Do you join the tour?"; } ); group_max = 3;
privacy = { retain_evidence_until = "2032-12-31"; };
"""
GOAL = '{ id = "goal"; type = "choices"; class = "evidence"; label = "Goal"; options = ( { id = "a"; label = "A"; }, { id = "b"; label = "B"; } ); }'
FIRM = ('{ id = "organisation"; type = "text"; role = "organisation"; class = "evidence"; '
        'label = { en = "Organisation"; lt = "Organizacija"; }; }')
LAW = """
funding = { programme = "COSME"; grant = "101"; statement = "Co-funded by the European Union"; };
privacy = {
    controller = "Umed MTÜ, Street 1, Tartu"; contact = "privacy@umed.example"; officer = "officer@umed.example";
    purposes = { en = "To run the workshop."; lt = "Dirbtuvėms surengti."; };
    basis = "public_task"; evidence_basis = "legal_obligation";
    recipients = "The partners of the project."; transfers = "Video runs in the USA."; authority = "AKI, Tallinn";
    retain_evidence_until = "2032-12-31";
};
notices = { photo = "Photos are taken. A red lanyard keeps you out of them."; recording = { en = "Talks are recorded."; lt = "Pranešimai įrašomi."; }; };
"""


@pytest.fixture
def lawful(make_daemon):
    return make_daemon({
        "workshop": definition("workshop", fields=(NAME, EMAIL, COUNTRY, FIRM, GOAL, DIET, NEWS), extra=LAW),
        "fair": definition("fair", modes=FAIR_MODES, languages=("en",), fields=in_english((NAME, EMAIL, TERMS)), extra=FAIR),
        "bare": definition("bare", languages=("en",), fields=in_english((NAME, EMAIL))),
    })


def rows(page):
    """The text of each row by its heading."""
    found = {}
    for row in page.tree.all("div"):
        if "row" in (row.get("class") or "").split() and row.all("h2"):
            found[row.all("h2")[0].text] = row.text
    return found


def test_the_whole_notice(lawful):
    page = lawful.browser().get("/en/e/workshop/privacy")
    assert page.status == 200 and page.header("Cache-Control") == "private, no-cache"
    assert page.tree.all("h1")[0].text == "Privacy notice" and "Version 1, of 15 January 2027" in page.text
    row = rows(page)
    who = row["Who is responsible"]
    for words in ("Umed MTÜ, Street 1, Tartu", "privacy@umed.example", "officer@umed.example"):
        assert words in who
    why = row["What for, and why we may"]
    assert "To run the workshop. Legal basis: a task in the public interest (article 6(1)(e) GDPR)." in why
    assert "prove to the funder" in why and "a legal obligation (article 6(1)(c) GDPR)" in why
    assert "Send me news Legal basis: your consent (article 6(1)(a) GDPR)" in why
    asked = row["What we ask"]
    assert "Full name Email Country Organisation (optional) Goal (optional) Diet (optional)" in asked
    seen = row["Who else sees it"]
    assert "The partners of the project." in seen and "Video runs in the USA." in seen and "auditors" in seen
    kept = row["How long we keep it"]
    assert "Special needs Until 17 April 2027 Diet" in kept, "the end and 30 days"
    assert ("Your contact details and answers Until 18 March 2028. On that day at the latest the organisers erase them."
            in kept), "the end and twelve months; nothing does so by itself"
    assert "What proves that you took part Until 31 December 2032 Full name Country Organisation Goal" in kept, \
        "what is kept from who asks for erasure, no more and no less"
    rights = row["Your rights"]
    assert "object to the use" in rights and "withdraw each consent" in rights and "AKI, Tallinn" in rights
    assert "authority" in rights
    how = row["How this site works"]
    assert "sets no cookies" in how and "address is not stored" in how


def test_the_notice_knows_how_one_takes_part_and_what_one_must_agree_to(lawful):
    """A required consent was called free, with a right to withdraw it; of places nothing was said."""
    page = lawful.browser().get("/en/e/fair/privacy")
    row = rows(page)
    assert ("I agree to the house rules How will you take part? Do you join the tour? (only if it applies to you) "
            "Talk (optional) How many people come with you? (optional)") in row["What we ask"]
    assert "your consent" not in page.text and "withdraw" not in row["Your rights"]
    assert "Full name How you take part, your places, when you registered" in row["How long we keep it"]


def test_the_notice_of_an_event_that_says_nothing(lawful):
    page = lawful.browser().get("/en/e/bare/privacy")
    row = rows(page)
    assert page.status == 200
    assert "Connected Health Cluster" in row["Who is responsible"] and "events@cluster.example" in row["Who is responsible"]
    assert "Legal basis" not in page.text, "what nobody said is not made up"
    assert "prove" not in page.text and "funder" not in page.text
    assert "consent" not in page.text and "object to the use" not in page.text
    assert "Special needs" not in page.text and "Until 18 March 2028" in page.text


def test_a_funder_alone_is_no_duty_of_evidence(lawful):
    """The notice said that the funder may look at names although the organisers had said that it gets numbers alone."""
    lawful.write_event("bare", definition("bare", languages=("en",), fields=in_english((NAME, EMAIL)),
                                          extra='funding = { programme = "Interreg"; statement = "Co-funded"; };'
                                                'privacy = { recipients = "The funder gets numbers only."; };'))
    lawful.reload()
    text = lawful.browser().get("/en/e/bare/privacy").text
    assert "The funder gets numbers only." in text and "prove" not in text and "auditors" not in text
    assert "What proves that you took part" not in text


def test_the_days_until_which_things_are_kept(lawful):
    lawful.write_event("workshop", definition("workshop", starts="2028-02-29T09:00", ends="2028-02-29T16:00",
                                              extra='privacy = { retain_contact_until = "2028-06-30"; };'))
    lawful.reload()
    assert "Your contact details and answers Until 30 June 2028" in lawful.browser().get("/en/e/workshop/privacy").text
    lawful.write_event("workshop", definition("workshop", starts="2028-02-29T09:00", ends="2028-02-29T16:00"))
    lawful.reload()
    assert "Until 28 February 2029" in lawful.browser().get("/en/e/workshop/privacy").text


@pytest.mark.parametrize("language, heading, purpose", [
    ("lt", "Privatumo pranešimas", "Dirbtuvėms surengti."), ("et", "Privaatsusteade", "To run the workshop.")])
def test_the_notice_in_other_languages(lawful, language, heading, purpose):
    page = lawful.browser().get(f"/{language}/e/workshop/privacy")
    assert page.language == language and page.tree.all("h1")[0].text == heading
    found = [e for e in page.tree.all("span") if e.text == purpose]
    assert len(found) == 1 and found[0].get("lang") == ("en" if language == "et" else None)


def test_the_short_note_links_to_it(lawful):
    for slug in ("workshop", "bare"):
        page = lawful.browser().get(f"/en/e/{slug}")
        links = [a.get("href") for a in page.tree.all("form")[0].all("a")]
        assert f"/en/e/{slug}/privacy" in links
        assert f"/en/e/{slug}/privacy" in [a.get("href") for a in page.tree.all("footer")[0].all("a")]


def test_an_address_for_questions_is_a_link_and_in_no_language(lawful):
    for path in ("/et/e/workshop", "/et/e/workshop/privacy"):
        link, = [a for a in lawful.browser().get(path).tree.all("a") if a.get("href") == "mailto:privacy@umed.example"]
        assert link.text == "privacy@umed.example"
    named = [e.text for e in lawful.browser().get("/et/e/workshop").tree.all("span") if e.get("lang") == "en"]
    assert "Umed MTÜ, Street 1, Tartu" in named and "privacy@umed.example" not in named


def test_an_older_revision(lawful):
    lawful.write_event("workshop", definition("workshop", extra='privacy = { controller = "Another Ltd"; };'))
    lawful.pass_time(86400)
    lawful.reload()
    browser = lawful.browser()
    now = browser.get("/en/e/workshop/privacy")
    assert "Another Ltd" in now.text and "Umed" not in now.text and "Version 2, of 16 January 2027" in now.text
    assert "/en/e/workshop/privacy?revision=1" in now.links
    old = browser.get("/en/e/workshop/privacy?revision=1")
    assert old.status == 200 and "Umed MTÜ" in old.text and "Another Ltd" not in old.text
    assert "Version 1, of 15 January 2027" in old.text and "An earlier version" in old.text
    assert "/en/e/workshop/privacy" in old.links and "/lt/e/workshop/privacy?revision=1" in old.links
    assert [e.get("content") for e in old.tree.all("meta", name="robots")] == ["noindex"]
    same = browser.get("/en/e/workshop/privacy?revision=2")
    assert same.status == 200 and "An earlier version" not in same.text
    for number in ("0", "3", "-1", "x", "", "1x", "99999999999999999999"):
        assert browser.get(f"/en/e/workshop/privacy?revision={number}").status == 404, number


def test_no_notice_where_there_is_no_event(lawful):
    browser = lawful.browser()
    assert browser.get("/e/nothing/privacy").status == 404 and browser.get("/et/e/nothing/privacy?revision=1").status == 404
    assert browser.post("/e/workshop/privacy", {}).status == 405
    lawful.remove_event("workshop")
    lawful.reload()
    assert browser.get("/e/workshop/privacy").status == 410


def test_photo_and_recording_are_said_beside_the_choices(lawful):
    page = lawful.browser().get("/lt/e/workshop")
    html = page.html
    assert html.count("Photos are taken.") == 1 and html.count("Pranešimai įrašomi.") == 1
    assert html.index('name="email"') < html.index("Photos are taken.") < html.index('name="news"')
    (photo,) = [dd for dd in page.tree.all("dd") if dd.text.startswith("Photos are taken.")]
    assert photo.get("lang") == "en", "a text that is not by language is in the event's first"
    assert "Good to know" not in lawful.browser().get("/en/e/bare").text


def test_photo_and_recording_are_said_where_nothing_is_chosen_and_where_there_is_no_form(make_daemon):
    daemon = make_daemon({"bare": definition("bare", fields=(NAME, EMAIL), extra=LAW)})
    page = daemon.browser().get("/en/e/bare")
    html = page.html
    assert html.index('name="email"') < html.index("Photos are taken.") < html.rindex("<button")
    assert rows(page)["Good to know"].count("Talks are recorded.") == 1 and html.count("Talks are recorded.") == 1
    daemon.set_time("2027-03-18T12:00:00Z")
    page = daemon.browser().get("/en/e/bare")
    assert not page.has_form and "Talks are recorded." in rows(page)["Good to know"]


# --- accessibility

def test_the_accessibility_statement_by_default(lawful):
    page = lawful.browser().get("/en/accessibility")
    assert page.status == 200
    text = page.text
    assert "Connected Health Cluster is committed" in text and lawful.base_url in text
    assert "partially compliant with the standard EN 301 549" in text
    assert "events@cluster.example" in text and "has not assessed the pages yet" in text
    assert "date of this statement has not been given" in text and "has not named this body yet" in text
    for path in ("/", "/e/workshop", "/lt/e/workshop", "/accessibility", "/e/workshop/privacy", "/nothing"):
        footer = lawful.browser().get(path).tree.all("footer")[0]
        assert [a for a in footer.all("a") if a.get("href").endswith("/accessibility")], path


def test_the_accessibility_statement_says_what_the_settings_say(make_daemon):
    daemon = make_daemon({"workshop": definition("workshop", fields=ALL_FIELDS)}, accessibility={
        "conformance": "full", "assessed": "third_party", "prepared": "2026-11-20", "reviewed": "2027-01-02",
        "contact": "open@umed.example", "enforcement": "**TTJA**, Tallinn"})
    page = daemon.browser().get("/en/accessibility")
    row = rows(page)
    assert "fully compliant" in row["Compliance status"]
    assert row["What is not accessible"].endswith("We know of nothing.")
    assert "20 November 2026" in row["About this statement"] and "2 January 2027" in row["About this statement"]
    assert "somebody outside" in row["About this statement"]
    assert "open@umed.example" in row["Tell us"]
    assert "TTJA, Tallinn" in row["If our answer does not satisfy you"]
    assert [b.text for b in page.tree.all("strong")] == ["TTJA"]
    assert "not been given" not in page.text and "not named" not in page.text


def test_each_host_has_its_own_accessibility_statement(make_daemon):
    """All that Implementing Decision (EU) 2018/1523 demands, as the host's own country has it."""
    hosts = """( { id = "north"; name = "North Health"; }, { id = "south"; name = "South Care"; accessibility = {
        conformance = "full"; law = { en = "Law 4727/2020"; et = "Seadus 4727/2020"; }; assessed = "self";
        prepared = "2027-01-05"; contact = "open@south.example"; limits = "The floor plan.";
        enforcement = "[The ministry](https://ministry.example/complain)"; }; } )"""
    daemon = make_daemon({"workshop": definition("workshop")}, hosts=hosts,
                         accessibility={"prepared": "2026-11-20", "enforcement": "TTJA", "assessed": "third_party"})
    first, own = (rows(daemon.browser().get(path)) for path in ("/en/accessibility", "/en/accessibility?host=south"))
    assert "20 November 2026" in first["About this statement"] and "TTJA" in first["If our answer does not satisfy you"]
    assert "fully compliant" in own["Compliance status"] and "The law that applies: Law 4727/2020" in own["Compliance status"]
    assert "floor plan" in own["What is not accessible"] and "open@south.example" in own["Tell us"]
    assert "5 January 2027" in own["About this statement"] and "assessment of our own" in own["About this statement"]
    assert "The ministry" in own["If our answer does not satisfy you"] and "TTJA" not in str(own)
    page = daemon.browser().get("/et/accessibility?host=south")
    assert "Seadus 4727/2020" in page.text and "https://ministry.example/complain" in page.links
    daemon.config.write_text(daemon.config.read_text().replace("law =", "laws ="))
    code, said = daemon.check()
    assert code == 1 and "hosts[1].accessibility.laws" in said


@pytest.mark.parametrize("language", ["en", "et", "lt"])
def test_the_accessibility_statement_in_each_language(make_daemon, language):
    daemon = make_daemon({"workshop": definition("workshop")}, accessibility={"conformance": "none", "limits": "The <b>map</b>."})
    page = daemon.browser().get(f"/{language}/accessibility")
    assert page.status == 200 and page.language == language
    assert "EN 301 549" in page.text and "&lt;b&gt;" in page.html or "The map" in page.text
    assert not re.search(r"\{\{|accessibility\.", page.text)
