# SPDX-License-Identifier: EUPL-1.2
"""Every letter as its reader would get it: each kind in each language, and an installation's and an event's own."""
import email
import email.policy
import re
from pathlib import Path

import pytest
from harness import letters
from harness.definitions import ALL_FIELDS, definition
from harness.people import come, reference

LANGUAGES = sorted(path.stem for path in (Path(__file__).resolve().parents[2] / "share" / "locale").glob("*.json"))
WHOLE = ("en",)  # of the others some kinds each, all of them together; scripts/test --browser has every kind in each
EXTRA = """
join_url = "https://meet.example/x";
days = ( { starts = "2027-03-18T09:30"; ends = "2027-03-18T16:00"; }, { starts = "2027-03-19T09:30"; ends = "2027-03-19T13:00"; } );
sessions = ( { id = "data"; title = "Data"; starts = "2027-03-18T11:00"; ends = "2027-03-18T12:00"; round = "a"; } );
funding = { programme = "Interreg"; grant = "C018"; statement = "Funded by the European Union"; };
"""


@pytest.fixture
def forum(make_daemon):
    daemon = make_daemon({"forum": definition("forum", title="Forum of health data", ends="2027-03-19T13:00",
                                                     fields=ALL_FIELDS, extra=EXTRA)})
    come(daemon, "forum", "anna", country="LT", topic="data", terms="yes", **{"session.a": "data"})
    write_mailing(daemon)
    daemon.settled()
    return daemon


def kinds(daemon):
    code, _, errors = daemon.ctl("mail", "preview", "none", "none", code=None)
    assert code == 1
    return re.findall(r"^  (\w+)$", errors, re.MULTILINE)


def preview(daemon, kind, whom, *options):
    return daemon.ctl("mail", "preview", kind, whom, *options)


def about(daemon, kind):
    """What a letter of that kind is about, as arguments: the event, nothing, a registration; of what mailing."""
    whom = {"digest": "forum", "bulk_test": "forum", "alarm": ""}.get(kind, reference(daemon, "anna"))
    return (whom, "--mailing", "1") if kind.startswith("bulk") else (whom,)


def write_mailing(daemon):
    (daemon.folder / "news.md").write_text("# The room\n\nCome to **room 5**, by [the map](https://map.example/5):\n\n- first\n- second\n")
    daemon.ctl("mailing", "create", "--event", "forum", "--subject", "The room has changed", "--text", str(daemon.folder / "news.md"),
               "--news")


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_kind_in_each_language_is_a_good_message(forum, language):
    before = forum.dump()
    others = [other for other in LANGUAGES if other not in WHOLE]
    for kind in kinds(forum)[others.index(language)::len(others)] if language in others else kinds(forum):
        raw = preview(forum, kind, *about(forum, kind), "--lang", language, "--part", "message").encode()
        assert b"\r\n" in raw and not re.search(rb"(?<!\r)\n", raw), kind
        assert max(map(len, raw.split(b"\r\n"))) <= 998 and raw.isascii(), kind
        message = email.message_from_bytes(raw, policy=email.policy.default)
        found = letters.parts(message)  # no defects
        assert message["Content-Language"] == language and message["Auto-Submitted"] == "auto-generated", kind
        assert len(message["To"].addresses) == 1 and not message["Cc"] and not message["Bcc"], kind
        plain, html = letters.body(message, "plain"), letters.body(message, "html")
        for text in (message["Subject"], plain, html):
            # a key that no language has; "email." may well end a sentence
            assert text.strip() and "{{" not in text and not re.search(r"\bmail\.[a-z]", text.replace("mail.test", "")), (kind, text)
        assert f'lang="{language}"' in html and "<script" not in html and 'src="http' not in html, kind
        assert all(len(line) <= 78 or "http" in line for line in plain.splitlines()), kind
        if any(k == "text/calendar" for k, _ in found):
            letters.calendar(message)
    assert forum.dump() == before, "a preview writes nothing"


def test_links_of_a_preview_open_nothing(forum):
    text = preview(forum, "confirmed", reference(forum, "anna"))
    path = re.search(r"http://[^/\s]+(/r/[a-z2-7]{40})", text)[1]
    assert forum.browser().get(path).status == 404


def test_parts(forum):
    anna = reference(forum, "anna")
    subject = preview(forum, "confirmed", anna, "--part", "subject").strip()
    assert "Forum of health data" in subject
    assert preview(forum, "confirmed", anna).startswith(subject + "\n\n")
    assert preview(forum, "confirmed", anna, "--part", "html").startswith("<!doctype html>")


def test_what_is_refused(forum):
    anna = reference(forum, "anna")
    for arguments, code in ((("none", anna), 1), (("confirmed", "0000-000"), 1), (("confirmed",), 1),
                            (("confirmed", anna, "--language", "xx"), 1), (("confirmed", anna, "--part", "none"), 2), ((), 2)):
        assert forum.ctl("mail", "preview", *arguments, code=None)[0] == code, arguments


# --- own templates

def test_own_letters_are_sent(make_daemon, smtp, tmp_path):
    own = tmp_path / "mail"
    (own / "forum").mkdir(parents=True)
    (own / "foot.txt.mustache").write_text("The house of {{organiser}}\n")
    (own / "forum" / "confirmed.subject.txt.mustache").write_text("{{title.text}}:\n you are in\n")
    (own / "forum" / "confirmed.lt.txt.mustache").write_text("Tik {{title.text}}\n{{>foot}}")
    daemon = make_daemon({"forum": definition("forum"), "other": definition("other")}, mail={"templates": str(own)})
    come(daemon, "forum", "anna")
    come(daemon, "other", "joe")
    daemon.sign_up("forum", "eva@umed.example", language="lt")
    anna, joe, eva = (smtp.one(f"{who}@umed.example").message for who in ("anna", "joe", "eva"))
    assert anna["Subject"] == "The forum: you are in" and joe["Subject"] != "The other: you are in"
    assert "The house of" in letters.body(anna, "plain") and "The house of" in letters.body(joe, "plain")
    assert letters.body(eva, "plain").splitlines()[:2] == ["Tik The forum", "The house of Connected Health Cluster"]


def test_a_fault_in_an_own_letter_never_goes_live(make_daemon, smtp, tmp_path):
    own = tmp_path / "mail"
    own.mkdir()
    (own / "confirmed.txt.mustache").write_text("Mine {{title.text}}\n")
    daemon = make_daemon({"forum": definition("forum")}, mail={"templates": str(own)})
    assert daemon.check()[0] == 0
    (own / "confirmed.txt.mustache").write_text("Broken {{#title}}\n")
    code, said = daemon.check()
    assert code == 1 and "confirmed.txt.mustache" in said and f"{own}: these mails cannot be used" in said
    daemon.reload()
    come(daemon, "forum", "anna")
    assert letters.body(smtp.one("anna@umed.example").message, "plain").startswith("Mine The forum")


def test_slips_in_own_letters_are_warnings(make_daemon, tmp_path):
    own = tmp_path / "mail"
    for folder in ("forum", "forun"):
        (own / folder).mkdir(parents=True)
    for name, text in (("confirmd.txt", "x"), ("offer.txt", ""), ("offer.html", "x"), ("again.html", "x"), ("sign.txt", "x"),
                       ("join.xx.txt", "x"), ("join.xx.html", "x"), ("forun/join.txt", "x"), ("forun/join.html", "x"),
                       ("forum/join.lt.txt", "x {{>sign}}"), ("forum/join.lt.html", "x"), ("forum/join.subject.txt", "x")):
        (own / f"{name}.mustache").write_text(text)
    daemon = make_daemon({"forum": definition("forum")}, mail={"templates": str(own)})
    code, said = daemon.check()
    assert code == 0
    for told in (said, daemon.log()):
        found = {(m[1], m[2]) for m in re.finditer(rf"event=template\.(\w+) file={own}/(\S+)\.mustache", told)}
        assert found == {("unused", "confirmd.txt"), ("empty", "offer.txt"), ("half", "again.html"), ("stranger", "join.xx.txt"),
                         ("stranger", "join.xx.html"), ("stranger", "forun/join.txt"), ("stranger", "forun/join.html")}
