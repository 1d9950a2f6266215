# SPDX-License-Identifier: EUPL-1.2
"""The signed time of the form and the honeypot: whatever is wrong with them, no answer is lost."""
import pytest
from harness.definitions import ALL_FIELDS, NAME, EMAIL, definition
from harness.wait import eventually

GOOD = {"name": "Anna Kowalska-Nyström", "email": "anna@umed.example"}


def check_again(daemon, page, secret="anna@umed.example", before=0):
    """422, the form again with every answer and a new token, one sentence, and that form is taken."""
    assert page.status == 422
    form = page.form
    assert form.values["name"] == GOOD["name"] and form.values["email"] == secret
    assert form.values["_website"] == ""
    assert form.wrong() == [], "no answer is at fault"
    assert any(e.get("role") == "alert" and e.text for e in page.tree.walk())
    assert daemon.query("SELECT count(*) AS n FROM submission")[0]["n"] == before
    daemon.pass_time(4)
    assert daemon.browser().post(form.action, form.values).status == 303


def fresh(daemon, slug="workshop", language="en"):
    page = daemon.browser().get(f"/{language}/e/{slug}")
    return page.form.action, {**page.form.values, **GOOD}


def test_too_young(daemon):
    for n in range(10):  # a machine that pauses for three seconds makes it old enough
        action, form = fresh(daemon)
        page = daemon.browser().post(action, {**form, "email": f"anna{n}@umed.example"})
        if page.status != 303:
            break
    check_again(daemon, page, f"anna{n}@umed.example", n)


def test_too_old(daemon):
    action, form = fresh(daemon)
    daemon.pass_time(24 * 3600 + 5)
    check_again(daemon, daemon.browser().post(action, form))


def test_just_young_enough(daemon):
    action, form = fresh(daemon)
    daemon.pass_time(24 * 3600 - 60)
    assert daemon.browser().post(action, form).status == 303


def change(token):
    return token[:10] + ("b" if token[10] != "b" else "c") + token[11:]


@pytest.mark.parametrize("token", [change, lambda t: "", lambda t: None, lambda t: "x", lambda t: t + "a", lambda t: t[:-1],
                                   lambda t: t.upper(), lambda t: "a" * len(t), lambda t: "é" * 20])
def test_forged_or_missing(daemon, token):
    action, form = fresh(daemon)
    daemon.pass_time(4)
    form["_form"] = token(form["_form"])
    check_again(daemon, daemon.browser().post(action, form))


def test_of_another_event_or_language(make_daemon):
    daemon = make_daemon({"workshop": definition("workshop"), "other": definition("other")})
    _, other = fresh(daemon, "other")
    _, lithuanian = fresh(daemon, "workshop", "lt")
    action, form = fresh(daemon)
    daemon.pass_time(4)
    for token in (other["_form"], lithuanian["_form"]):
        page = daemon.browser().post(action, {**form, "_form": token})
        assert page.status == 422 and page.form.values["email"] == GOOD["email"]
    assert daemon.query("SELECT count(*) AS n FROM submission")[0]["n"] == 0


def test_the_honeypot(daemon):
    action, form = fresh(daemon)
    daemon.pass_time(4)
    check_again(daemon, daemon.browser().post(action, {**form, "_website": "http://spam.example"}))


def test_nobody_meets_the_honeypot(daemon):
    page = daemon.browser().get("/e/workshop")
    trap, = page.form.controls["_website"]
    assert trap.get("tabindex") == "-1" and trap.get("autocomplete") == "off"
    holder = trap
    while holder is not None and holder.get("aria-hidden") != "true":
        holder = holder.parent
    assert holder is not None, "a screen reader would read it out"


def test_an_older_revision_with_the_same_questions_counts(daemon):
    action, form = fresh(daemon)
    daemon.write_event("workshop", definition("workshop", title="Another title", capacity=60))
    daemon.pass_time(4)
    eventually(lambda: "Another title" in daemon.browser().get("/e/workshop").text)
    assert daemon.browser().post(action, form).status == 303
    assert daemon.query("SELECT max(number) AS n FROM event_revision")[0]["n"] == 2
    seen = daemon.query("SELECT number FROM registration JOIN event_revision r ON r.id = revision_id")
    assert seen == [{"number": 1}], "it points at the revision that its owner saw"


def test_an_older_revision_with_other_questions_is_shown_anew(daemon):
    action, form = fresh(daemon)
    daemon.write_event("workshop", definition("workshop", fields=ALL_FIELDS))
    daemon.pass_time(4)
    eventually(lambda: "topic" in daemon.browser().get("/e/workshop").form.controls)
    page = daemon.browser().post(action, form)
    assert page.status == 422 and "changed while it was open" in page.text
    assert page.form.values["name"] == GOOD["name"] and "topic" in page.form.controls


def test_a_new_consent_wording_in_one_language_only_binds_that_language(daemon):
    terms = '{{ id = "terms"; type = "consent"; required = true; label = {{ en = "{}"; lt = "{}"; }}; }}'
    daemon.write_event("workshop", definition("workshop", fields=(NAME, EMAIL, terms.format("Rules", "Taisyklės"))))
    daemon.reload()
    eventually(lambda: "terms" in daemon.browser().get("/e/workshop").form.controls)
    english, lithuanian = fresh(daemon), fresh(daemon, language="lt")
    daemon.write_event("workshop", definition("workshop", fields=(NAME, EMAIL, terms.format("Rules", "Naujos taisyklės"))))
    daemon.pass_time(4)
    eventually(lambda: "Naujos" in daemon.browser().get("/lt/e/workshop").text)
    assert daemon.browser().post(english[0], {**english[1], "terms": "yes"}).status == 303
    answer = daemon.browser("lt").post(lithuanian[0], {**lithuanian[1], "email": "joe@umed.example", "terms": "yes"})
    assert answer.status == 422 and answer.language == "lt"
