# SPDX-License-Identifier: EUPL-1.2
"""convened -t: every fault of every file, with file, line and key; it needs, makes and binds nothing."""
import re

import pytest
from harness.definitions import EMAIL, NAME, PLAIN_FIELDS, TERMS, definition

GOOD = definition("workshop")


@pytest.fixture
def checked(make_daemon):
    daemon = make_daemon(start=False)
    daemon.port = 1
    daemon.write_config()

    def check(*texts, names=("event", "second", "third")):
        for name, text in zip(names, texts):
            daemon.write_event(name, text)
        code, said = daemon.check()
        assert not daemon.database.exists() and not list(daemon.folder.glob("*.key")), "it made something"
        return code, [line for line in said.splitlines() if line]
    check.daemon = daemon
    return check


def test_good_definitions(checked):
    code, lines = checked(GOOD, definition("second"))
    assert code == 0, lines
    assert re.fullmatch(r"0 faults, 0 warnings in \d+ files", lines[-1]), lines


def change(old, new):
    assert old in GOOD, old
    return GOOD.replace(old, new)


CASES = {
    "unknown key": (GOOD + "colour = 1;\n", r":\d+: colour: "),
    "unknown key inside": (change("capacity = 50;", "capacity = 50; colour = 1;"), r":\d+: modes.*colour: "),
    "unknown key in a field": (change('role = "name";', 'role = "name"; size = 3;'), r":\d+: fields.*size: "),
    "unknown key in a session": (GOOD + 'sessions = ( { id = "a"; title = "A"; starts = "2027-03-18T10:00"; '
                                 'ends = "2027-03-18T11:00"; colour = 1; } );\n', r":\d+: sessions.*colour: "),
    "a session outside the event": (GOOD + 'sessions = ( { id = "a"; title = "A"; starts = "2027-03-18T08:00"; '
                                    'ends = "2027-03-18T11:00"; } );\n', r":\d+: sessions.*starts: is before"),
    "a condition that does not parse": (GOOD + 'reserves = ( { id = "a"; size = 1; for = "mode = "; } );\n',
                                        r":\d+: reserves.*for: character 8: "),
    "wrong type": (change("waiting_list = false;", 'waiting_list = "no";'), r":7: waiting_list: "),
    "wrong type, number": (change("capacity = 50;", 'capacity = "50";'), r":\d+: modes.*capacity: "),
    "wrong type, list": (change('languages = [ "en", "lt" ];', 'languages = "en";'), r":2: languages: "),
    "end before start": (change('ends = "2027-03-18T16:00";', 'ends = "2027-03-18T09:00";'), r":6: ends: "),
    "end at start": (change('ends = "2027-03-18T16:00";', 'ends = "2027-03-18T09:30";'), r":6: ends: "),
    "a time that does not exist": (change("2027-03-18T09:30", "2027-03-28T03:30").replace("2027-03-18T16:00", "2027-03-28T16:00"),
                                   r":5: starts: "),
    "no such day": (change("2027-03-18T09:30", "2027-02-30T09:30"), r":5: starts: "),
    "no time": (change("2027-03-18T09:30", "18 March 2027"), r":5: starts: "),
    "no such zone": (change("Europe/Vilnius", "Europe/Wilna"), r":4: zone: "),
    "a zone that is a path": (change("Europe/Vilnius", "../../etc/passwd"), r":4: zone: "),
    "missing language": (change('label = { en = "Email"; lt = "El. paštas"; }', 'label = { en = "Email"; }'), r"label: .*\blt\b"),
    "a language that is not the event's": (change('lt = "El. paštas";', 'lt = "El. paštas"; et = "E-post";'), r"label.*et"),
    "reserved field id": (definition("workshop", fields=(*PLAIN_FIELDS, '{ id = "status"; type = "text"; label = "x"; }')),
                          r":\d+: fields.*id: "),
    "reserved field id mode": (definition("workshop", fields=(*PLAIN_FIELDS, '{ id = "mode"; type = "text"; label = "x"; }')),
                               r":\d+: fields.*id: "),
    "a column's name without its role": (definition("workshop", fields=(*PLAIN_FIELDS,
                                         '{ id = "stakeholder"; type = "text"; label = "x"; }')), r":\d+: fields.*id: "),
    "our own control": (definition("workshop", fields=(*PLAIN_FIELDS, '{ id = "_form"; type = "text"; label = "x"; }')),
                        r":\d+: fields.*id: "),
    "field twice": (definition("workshop", fields=(*PLAIN_FIELDS, TERMS, TERMS)), r":\d+: fields.*"),
    "role twice": (definition("workshop", fields=(NAME, EMAIL, NAME.replace('"name"; type', '"other"; type'))), r":\d+: fields.*role: "),
    "no email": (definition("workshop", fields=(NAME,)), r"fields: "),
    "no such field type": (change('type = "email"', 'type = "mail"'), r":\d+: fields.*type: "),
    "a choice without options": (definition("workshop", fields=(*PLAIN_FIELDS, '{ id = "x"; type = "choice"; label = "x"; }')),
                                 r":\d+: fields.*options: "),
    "a number that wraps": (change("capacity = 50;", "capacity = 4294967346;"), r":\d+: .*4294967346|:\d+: modes.*capacity: "),
    "a hex number that wraps": (change("capacity = 50;", "capacity = 0xFFFFFFFF;"), r":\d+: "),
    "capacity nought": (change("capacity = 50;", "capacity = 0;"), r":\d+: modes.*capacity: "),
    "capacity below nought": (change("capacity = 50;", "capacity = -1;"), r":\d+: modes.*capacity: "),
    "include": ('@include "/etc/passwd"\n' + GOOD, r":1: .*include"),
    "include in the middle": (GOOD + '@include "other.conf"\n', r":\d+: .*include"),
    "key twice": (GOOD + "waiting_list = true;\n", r":\d+: "),
    "slug with a slash": (change('slug = "workshop"', 'slug = "work/shop"'), r":1: slug: "),
    "slug too long": (change('slug = "workshop"', f'slug = "{"a" * 58}"'), r":1: slug: "),
    "no slug": (change('slug = "workshop";\n', ""), r"slug: "),
    "no title": (change('title = "The workshop";\n', ""), r"title: "),
    "closes after the end": (GOOD + 'closes = "2027-03-19T00:00";\n', r":\d+: closes: "),
    "opens after it closes": (GOOD + 'opens = "2027-03-18T10:00";\n', r":\d+: opens: "),
    "a control character": (change('title = "The workshop";', 'title = "The \\x07workshop";'), r":3: title: "),
    "no UTF-8": (GOOD.encode().replace(b"The workshop", b"The \xff"), r":3: "),
    "a zero byte": (GOOD.encode().replace(b"The workshop", b"The \0"), r":\d+: "),
    "a syntax fault": (change("waiting_list = false;", "waiting_list = ;"), r":7: "),
    "an empty file": ("", r"event\.conf:\d+: "),
    "framed by everyone": (GOOD + 'frame_ancestors = [ "*" ];\n', r":\d+: frame_ancestors.*: "),
    "a script as link": (GOOD + 'join_url = "javascript:alert(1)";\n', r":\d+: join_url: "),
}


@pytest.mark.parametrize("case", CASES)
def test_a_fault_is_named_with_its_line(checked, case):
    text, pattern = CASES[case]
    code, lines = checked(text)
    assert code == 1, lines
    faults = [line for line in lines[:-1] if "event.conf:" in line]
    assert any(re.search(r"event\.conf" + (pattern if pattern.startswith(":") else ".*" + pattern)
                         if not pattern.startswith("event") else pattern, line) for line in faults), lines
    assert re.fullmatch(r"[1-9]\d* faults?, \d+ warnings? in \d+ files?", lines[-1]), lines[-1]


def test_a_doubled_slug_names_both(checked):
    code, lines = checked(definition("same"), definition("same", title="Other"))
    assert code == 1
    assert any("event.conf" in li for li in lines) and any("second.conf" in li for li in lines)


def test_every_fault_of_every_file_that_parses(checked):
    two = change("capacity = 50;", "capacity = 0;").replace("Europe/Vilnius", "Nowhere") + "colour = 1;\n"
    code, lines = checked(two, definition("second", zone="Nowhere"), "slug = ;")
    assert code == 1
    assert sum("event.conf:" in li for li in lines) >= 3
    assert sum("second.conf:" in li for li in lines) == 1 and sum("third.conf:" in li for li in lines) == 1


def test_the_smallest_definition(checked):
    code, lines = checked('''
slug = "first-workshop"; languages = [ "en" ]; title = "First workshop"; zone = "Europe/Tallinn";
starts = "2027-03-18T09:30"; ends = "2027-03-18T16:00"; modes = ( { id = "onsite"; capacity = 50; } ); waiting_list = true;
fields = ( { id = "name"; type = "text"; role = "name"; label = "Full name"; required = true; },
           { id = "email"; type = "email"; role = "email"; label = "Email"; required = true; } );
''')
    assert code == 0 and lines[-1].startswith("0 faults"), lines


@pytest.mark.parametrize("group, key, value", [
    ("http", "workres", 2), ("http", "workers", 0), ("http", "workers", "two"), ("http", "base_url", "ftp://x"),
    ("http", "base_url", "http://x/ y"), ("http", "listen", ["nowhere"]), ("store", "url", "postgres://x"), ("store", "url", "sqlite:relative.db"),
    ("mail", "smtp_url", "http://x"), ("mail", "from", "no address"), ("mail", "from", "A <a@b.example>\r\nBcc: x"),
    ("mail", "senders", 65), ("mail", "tls", "maybe"), ("http", "trusted_proxies", ["300.1.1.1"]), ("colours", "blue", 1),
    ("mail", "timeout", 99999999999),
])
def test_faulty_settings_stop_the_start(make_daemon, group, key, value):
    daemon = make_daemon({"workshop": GOOD}, start=False, **{group: {key: value}})
    daemon.port = 1
    daemon.write_config()
    code, said = daemon.check()
    assert code == 1, said
    named = {"blue": "colours", "timeout": "99999999999"}.get(key, key)
    assert re.search(r"convened\.conf:\d+: .*" + named, said), said
    daemon.start(ready=False)
    assert daemon.process.wait(60) == 1
    daemon.expect_exit = 1
    assert not daemon.database.exists()


def test_a_fault_in_the_settings_hides_none_of_an_event(checked):
    daemon = checked.daemon
    daemon.settings["http"] = {"workres": 2}
    daemon.write_config()
    code, lines = checked(change("waiting_list = false;", 'waiting_list = "no";'))
    assert code == 1
    assert any("workres" in line for line in lines) and any("event.conf:7: waiting_list: " in line for line in lines), lines
    daemon.settings["events"] = {"directory": "relative"}
    daemon.write_config()
    code, lines = checked()
    assert code == 1 and any("events.directory" in line for line in lines) and not any("event.conf" in line for line in lines)


def test_the_settings_that_everybody_starts_with(make_daemon):
    """Nothing but what has no default."""
    daemon = make_daemon({"workshop": GOOD}, start=False)
    daemon.config.write_text('''
http   = { listen = [ "127.0.0.1:8080" ]; base_url = "http://127.0.0.1:8080"; trusted_proxies = [ "127.0.0.1" ]; };
store  = { url = "sqlite:/var/lib/convened/convened.db"; };
events = { directory = "%s"; };
mail   = { smtp_url = "smtp://127.0.0.1:2525"; from = "Connected Health Cluster <events@cluster.example>"; };
''' % daemon.events)
    code, said = daemon.check()
    assert code == 0, said


def test_the_clock_file_is_for_loopback_only(make_daemon):
    daemon = make_daemon({"workshop": GOOD}, start=False)
    daemon.start()
    assert daemon.stop() == 0
    daemon.settings["http"] = {"listen": ["0.0.0.0:0"]}
    daemon.port = 1
    daemon.start(ready=False)
    assert daemon.process.wait(60) == 1
    daemon.expect_exit = 1
    code, _, errors = daemon.ctl("registration", "list", "--event", "workshop", code=None)
    assert code == 2 and "loopback" in errors
    # a name is no address, for none of the two
    daemon.settings["http"] = {"listen": ["localhost:0"]}
    daemon.write_config()
    code, _, errors = daemon.ctl("registration", "list", "--event", "workshop", code=None)
    assert code == 2 and "http.listen" in errors
    assert daemon.check()[0] == 1
