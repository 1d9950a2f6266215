# SPDX-License-Identifier: EUPL-1.2
"""What is asked after the review: on a page of its own, by forms alone, of nobody who does not want to."""
import json

import pytest
from harness import letters
from harness.definitions import EMAIL, IDEA, NAME, TERMS, definition, in_english
from harness.forms import as_it_came, filled, offered, pairs, problem, sent_off

WORDS = '{ id = "words"; type = "statement"; after_review = true; label = "The funder asks us whom we **reach**."; }'
GENDER = ('{ id = "gender"; type = "choice"; class = "contact"; after_review = true; label = "Gender"; options = ( '
          '{ id = "man"; label = "Man"; }, { id = "woman"; label = "Woman"; }, { id = "other"; label = "In another way"; } ); }')
WHICH = '{ id = "which"; type = "text"; max_length = 10; after_review = true; show_if = "gender = other"; label = "How?"; }'
AGE = '{ id = "age"; type = "number"; min = 0; max = 120; after_review = true; label = "Age"; }'
TOPICS = ('{ id = "topics"; type = "ranking"; max = 2; after_review = true; label = "Topics"; '
          'options = ( { id = "a"; label = "A"; }, { id = "b"; label = "B"; } ); }')
FIELDS = in_english((NAME, EMAIL, WORDS, GENDER, WHICH, IDEA, AGE, TOPICS, TERMS))
ANNA = {"name": "Anna Kowalska-Nyström", "email": "anna@umed.example", "idea": "Line one\r\n  \"two\" <b>", "terms": "yes"}
TITLE = "A few optional questions"


def club(fields=FIELDS, more="", **others):
    return definition("club", languages=("en",), fields=fields, extra="review = true;" + more, **others)


@pytest.fixture
def daemon(make_daemon):
    return make_daemon({"club": club()})


def opened(daemon):
    page = daemon.browser().get("/en/e/club")
    daemon.pass_time(4)
    return page


def press(daemon, page, name, value, **answers):
    return daemon.browser().post(page.form.action, [*filled(page.form, answers), (name, value)])


def reviewed(daemon, **answers):
    page = opened(daemon)
    page = daemon.browser().post(page.form.action, filled(page.form, {**ANNA, **answers}))
    assert heading(page) == "Check your answers", page.text
    return page


def asked(daemon, **answers):
    page = reviewed(daemon, **answers)
    page = daemon.browser().post(page.form.action, sent_off(page.form))
    assert page.status == 200 and heading(page) == TITLE, page.text
    return page


def heading(page):
    return page.tree.all("h1")[0].text


def rows(daemon):
    return daemon.query("SELECT * FROM registration ORDER BY id")


def stored(daemon):
    row, = rows(daemon)
    return json.loads(row["answers"])


def test_the_form_and_the_review_do_not_ask(daemon):
    form = opened(daemon).form
    assert not {"gender", "which", "age", "topics.1"} & form.controls.keys()
    page = reviewed(daemon)
    assert "Gender" not in page.text and "A few optional questions follow" in page.text
    assert page.form.controls["_reviewed"][0].text == "Continue"


def test_the_page(daemon):
    page = asked(daemon)
    assert not rows(daemon), "nothing is stored yet"
    assert page.header("Cache-Control") == "no-store" and not page.header("Set-Cookie")
    assert "whom we reach" in page.text and "never decides whether you get a place" in page.text
    assert "Only the organisers see your answers" in page.text and "/en/e/club/privacy" in page.links
    assert offered(page.form, "gender") == ["man", "woman", "other"]
    said = {c.get("value"): c.parent.text for c in page.form.controls["gender"]}
    assert said[""].strip() == "Prefer not to say", "the definition has none"
    assert not [c for c in page.form.controls["gender"] if "checked" in c.attributes], "nothing is chosen for anybody"
    assert page.form.controls["idea"][0].get("type") == "hidden" and page.form.values["idea"] == ANNA["idea"]
    assert [e.text for e in page.form.controls["_optional"]] == ["Send with these answers", "Skip and send"]
    looks = {e.get("class") for e in page.form.controls["_optional"]}
    assert len(looks) == 1, "neither button is the better one"
    sheets = [e.get("href") for e in page.tree.all("link", rel="stylesheet")]
    assert len(sheets) == 2, "what is asked of some is hidden here, too"


def test_sent_with_answers(daemon):
    page = asked(daemon)
    answer = press(daemon, page, "_optional", "send", gender="other", which="Freely", age="44", **{"topics.1": "b"})
    assert answer.status == 303
    assert stored(daemon) == {"gender": "other", "which": "Freely", "idea": "Line one\n  \"two\" <b>", "age": 44,
                              "topics": ["b"], "terms": True}
    assert "freely" not in rows(daemon)[0]["search"], "nobody is found by what he is"
    again = press(daemon, page, "_optional", "send", gender="other", which="Freely", age="44", **{"topics.1": "b"})
    assert again.status == 303 and len(rows(daemon)) == 1, "sent twice is sent once"


@pytest.mark.parametrize("answers", [{}, {"gender": "woman", "age": "44"}, {"age": "many"}])
def test_skipped(daemon, answers):
    """What was chosen before somebody thought better of it is not kept, nor judged."""
    answer = press(daemon, asked(daemon), "_optional", "skip", **answers)
    assert answer.status == 303
    assert stored(daemon) == {"idea": "Line one\n  \"two\" <b>", "terms": True}


def test_prefer_not_to_say_is_no_answer(daemon):
    page = asked(daemon)
    values = {**as_it_came(page.form), "gender": [""]}
    assert daemon.browser().post(page.form.action, [*pairs(values), ("_optional", "send")]).status == 303
    assert "gender" not in stored(daemon)


def test_a_definition_that_says_it_itself(make_daemon):
    own = GENDER.replace(' ); }', ', { id = "not_said"; label = "I would rather not say"; } ); }')
    daemon = make_daemon({"club": club(in_english((NAME, EMAIL, IDEA, TERMS, own)))})
    page = asked(daemon)
    assert [c.get("value") for c in page.form.controls["gender"]] == ["man", "woman", "other", "not_said"]
    assert press(daemon, page, "_optional", "send", gender="not_said").status == 303
    assert stored(daemon)["gender"] == "not_said"


def test_what_is_wrong_is_said_there(daemon):
    page = press(daemon, asked(daemon), "_optional", "send", age="many", gender="woman", **{"topics.1": "a", "topics.2": "a"})
    assert page.status == 422 and heading(page) == TITLE and page.tree.all("title")[0].text.startswith("Error: ")
    assert list(problem(page).values()) == ["#age", "#topics.2"] and not rows(daemon)
    assert page.form.values["age"] == "many" and page.form.values["gender"] == "woman"
    assert page.form.values["idea"] == ANNA["idea"] and page.form.values["topics.1"] == "a"
    assert press(daemon, page, "_optional", "send", age="44", **{"topics.2": "b"}).status == 303
    assert stored(daemon)["age"] == 44 and stored(daemon)["topics"] == ["a", "b"] and stored(daemon)["gender"] == "woman"


def test_the_ways_back_lose_nothing(daemon):
    page = press(daemon, asked(daemon), "_back", "review", gender="woman", age="many")
    assert page.status == 200 and heading(page) == "Check your answers", "a fault there is no fault here"
    page = daemon.browser().post(page.form.action, [*pairs(as_it_came(page.form)), ("_edit", "idea")])
    assert page.status == 200 and page.form.values["idea"].replace("\r\n", "\n") == ANNA["idea"].replace("\r\n", "\n")
    assert page.form.controls["gender"][0].get("type") == "hidden"
    page = daemon.browser().post(page.form.action, filled(page.form, {"email": "anna"}))
    assert page.status == 422 and list(problem(page).values()) == ["#email"]
    page = daemon.browser().post(page.form.action, filled(page.form, {"email": ANNA["email"]}))
    page = daemon.browser().post(page.form.action, sent_off(page.form))
    assert heading(page) == TITLE and page.form.values["gender"] == "woman" and page.form.values["age"] == "many"
    assert press(daemon, page, "_optional", "send", age="44").status == 303
    assert stored(daemon)["gender"] == "woman" and stored(daemon)["age"] == 44


def test_a_fault_of_the_form_comes_back_to_the_form(daemon):
    page = asked(daemon)
    values = {**as_it_came(page.form), "email": ["anna"], "gender": ["woman"], "age": ["many"]}
    back = daemon.browser().post(page.form.action, [*pairs(values), ("_optional", "send")])
    assert back.status == 422 and heading(back) == "The club"
    assert back.form.values["idea"].replace("\r\n", "\n") == ANNA["idea"].replace("\r\n", "\n")
    assert back.form.values["gender"] == "woman" and back.form.values["age"] == "many"


def test_the_last_place_is_lost_meanwhile(make_daemon):
    daemon = make_daemon({"club": club(capacity=1)})
    late = asked(daemon)
    other = asked(daemon, email="bo@umed.example", name="Bo")
    assert press(daemon, other, "_optional", "skip").status == 303
    back = press(daemon, late, "_optional", "send", gender="woman")
    assert back.status == 409 and back.form.values["gender"] == "woman" and back.form.values["name"] == ANNA["name"]


def test_before_these_pages_the_answers_do_not_count(daemon):
    """What a form says of them before their page was seen is carried, and judged there."""
    page = opened(daemon)
    page = daemon.browser().post(page.form.action, [*filled(page.form, ANNA), ("gender", "nothing")])
    assert page.status == 200 and heading(page) == "Check your answers"
    page = daemon.browser().post(page.form.action, sent_off(page.form))
    assert heading(page) == TITLE and not rows(daemon)
    assert press(daemon, page, "_optional", "skip").status == 303 and "gender" not in stored(daemon)


def test_guests_are_not_answered_for(make_daemon):
    daemon = make_daemon({"club": club(more="group_max = 3;")})
    page = opened(daemon)
    values = {**as_it_came(page.form), **{name: [value] for name, value in ANNA.items()}, "_guests": ["1"]}
    page = daemon.browser().post(page.form.action, pairs(values))
    assert "guest.1.name" in page.form.controls and "guest.1.gender" not in page.form.controls
    values = {**as_it_came(page.form), "guest.1.name": ["Bo"], "guest.1.email": ["bo@umed.example"]}
    page = daemon.browser().post(page.form.action, pairs(values))
    page = daemon.browser().post(page.form.action, sent_off(page.form))
    assert heading(page) == TITLE and page.form.values["guest.1.name"] == "Bo"
    assert press(daemon, page, "_optional", "send", gender="woman").status == 303
    assert ["gender" in json.loads(row["answers"]) for row in rows(daemon)] == [True, False]


def test_on_the_own_page(daemon, smtp):
    """They are a part of their own of the form of a change, and can be answered then, too."""
    assert press(daemon, asked(daemon), "_optional", "skip").status == 303
    daemon.settled()
    own = letters.manage_path(smtp.one(ANNA["email"]).message)
    page = daemon.browser().get(own + "/change")
    assert [h.text for h in page.form.element.all("h2")][-1].endswith(TITLE)
    assert not [c for c in page.form.controls["gender"] if "checked" in c.attributes]
    assert daemon.browser().post(page.form.action, filled(page.form, {"gender": "man", "age": "30"})).status == 303
    assert stored(daemon)["gender"] == "man" and stored(daemon)["age"] == 30
    assert "Gender" in daemon.browser().get(own).text
