# SPDX-License-Identifier: EUPL-1.2
"""Every type of field from the form to the store, the own page and a change; special needs kept apart."""
import json

from harness import letters
from harness.definitions import EMAIL, NAME, definition
from harness.wait import eventually

OPTIONS = 'options = ( { id = "a"; label = "Ants"; }, { id = "b"; label = "Bees"; }, { id = "c"; label = "Crabs"; } );'
FIELDS = (
    NAME, EMAIL,
    '{ id = "firm"; type = "organisation"; label = "Firm"; }',
    '{ id = "kind"; type = "stakeholder"; label = "Kind"; }',
    '{ id = "persons"; type = "number"; label = "Persons"; min = 1; }',
    '{ id = "hours"; type = "number"; label = "Hours"; decimals = 1; max = 99.5; show_if = "kind = sme"; }',
    '{ id = "day"; type = "date"; label = "Day"; min = "2027-03-01"; }',
    '{ id = "site"; type = "url"; label = "Site"; }',
    '{ id = "code"; type = "text"; label = "Code"; pattern = "[A-Z]+"; pattern_message = "Capital letters only"; }',
    '{ id = "topics"; type = "choices"; label = "Topics"; max = 2; ' + OPTIONS + ' }',
    '{ id = "how"; type = "scale"; label = "How"; }',
    '{ id = "order"; type = "ranking"; label = "Order"; ' + OPTIONS + ' }',
    '{ id = "nuts"; type = "region"; label = "Region"; }',
    '{ id = "diet"; type = "special_need"; label = "Diet"; }',
)
ANNA = "anna@types.example"
# The form may or may not have a control for each; what is sent is what is read.
ANSWERS = {"firm.name": "Oy Firma", "firm.country": "FI", "firm.number": "01120389", "firm.size": "small", "firm.sme": "yes",
           "kind": "sme", "persons": "1 234", "hours": "1.5", "day": "18.3.2027", "site": "example.eu", "code": "ABC",
           "topics": ["c", "a"], "how": "4", "order.1": "c", "order.2": "a", "nuts": "FI1B", "diet": "No nuts",
           "diet.consent": "yes"}
STORED = {"firm": {"name": "Oy Firma", "country": "FI", "number": "0112038-9", "size": "small", "sme": True,
                   "sme_on": "2027-01-15"},
          "kind": "sme", "persons": 1234, "hours": 1.5, "day": "2027-03-18", "site": "https://example.eu", "code": "ABC",
          "topics": ["a", "c"], "how": 4, "order": ["c", "a"], "nuts": "FI1B"}


def post(daemon, answers):
    """The whole form; a list is a control that comes several times."""
    action, form = daemon.ripe_form("types")
    form = {name: value for name, value in form.items() if name.startswith("_")} | {"name": "Anna", "email": ANNA} | answers
    pairs = [(name, value) for name, values in form.items() for value in (values if isinstance(values, list) else [values])]
    return daemon.browser().post(action, pairs)


def registered(make_daemon, smtp, **how):
    daemon = make_daemon({"types": definition("types", fields=FIELDS, **how)})
    answer = post(daemon, ANSWERS)
    assert answer.status == 303, answer.html
    daemon.settled()
    return daemon, "/en/r/" + letters.token_of(letters.manage_path(smtp.one(ANNA).message))


def test_each_type_is_stored_shown_and_can_be_read_in_the_flat_view(make_daemon, smtp):
    daemon, path = registered(make_daemon, smtp)
    row = daemon.query("SELECT * FROM registration")[0]
    assert json.loads(row["answers"]) == STORED
    assert (row["organisation"], row["registry_number"], row["country"], row["stakeholder"]) == (
        "Oy Firma", "0112038-9", "FI", "sme")
    flat = daemon.query("SELECT * FROM event_types")[0]
    assert flat["topics"] == "a; c" and flat["order_1"] == "c" and flat["firm_number"] == "0112038-9"
    assert not [name for name in flat if "diet" in name]
    page = daemon.browser().get(path)
    for words in ("Oy Firma, Finland, 0112038-9, Small (fewer than 50 people), SME, declared on 15 January 2027",
                  "Small or medium-sized company", "18 March 2027", "Ants; Crabs", "4 on a scale from 1 to 5",
                  "1. Crabs; 2. Ants", "Helsinki-Uusimaa", "No nuts"):
        assert words in page.text, words


def test_special_needs_are_kept_apart_and_go_with_their_consent(make_daemon, smtp):
    daemon, path = registered(make_daemon, smtp)
    assert [row["value"] for row in daemon.query("SELECT value FROM private_answer")] == ["No nuts"]
    dump = daemon.query("SELECT * FROM registration")[0]
    assert "nuts" not in json.dumps({key: value for key, value in dump.items() if key != "answers"}).lower()
    consent = daemon.query("SELECT t.body FROM consent JOIN text AS t ON t.hash = text_hash WHERE purpose = 'diet'")[0]
    assert consent["body"].startswith("Diet\nI agree that the organisers use this")
    person = json.loads(daemon.browser().get(path + "/data.json").body)
    assert person["special_needs"][0]["value"] == "No nuts"
    daemon.browser().post(path + "/consents", {"purpose": "diet"})
    daemon.settled()
    assert daemon.query("SELECT * FROM private_answer") == []
    assert "No nuts" not in daemon.browser().get(path).text


def test_special_needs_go_thirty_days_after_the_event(make_daemon, smtp):
    daemon, _ = registered(make_daemon, smtp)
    daemon.pass_time(93 * 86400)
    eventually(lambda: daemon.query("SELECT count(*) AS n FROM private_answer")[0]["n"] == 0)


def test_what_is_wrong_is_said_and_the_rest_is_kept(make_daemon):
    daemon = make_daemon({"types": definition("types", fields=FIELDS)})
    wrong = {**ANSWERS, "firm.number": "01120388", "persons": "0", "hours": "100", "day": "28.2.2027", "code": "abc",
             "topics": ["a", "b", "c"], "nuts": "EE00", "diet.consent": None}
    answer = post(daemon, wrong)
    assert answer.status == 422
    for words in ("Check the registry number", "Enter 1 or more", "Enter 99.5 or less",
                  "Enter a date that is 1 March 2027 or later", "Capital letters only", "Choose at most 2 answers",
                  "Choose a region of the country that you chose", "Tick the box to agree that we keep this"):
        assert words in answer.text, words
    hidden = post(daemon, {**ANSWERS, "kind": "ngo", "hours": "100"})
    assert hidden.status == 303, "what is not asked is not wrong"
    daemon.settled()
    assert "hours" not in json.loads(daemon.query("SELECT answers FROM registration")[0]["answers"])
