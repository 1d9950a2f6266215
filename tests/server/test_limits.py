# SPDX-License-Identifier: EUPL-1.2
"""How much one client, one mailbox and one event may: each limit is hit with small settings, the 429 keeps every answer, and
metrics show it. Who the client is: what a header says counts only as far as trusted proxies have written it."""
import http.client
import re
import socket
import urllib.request

import pytest
from harness.browser import Page, check_answer
from harness.daemon import free_port
from harness.definitions import definition
from harness.wait import eventually
from urllib.parse import urlencode

ONE, OTHER, FAR = "203.0.113.7", "203.0.113.8", "198.51.100.9"
GOOD = {"name": "Anna Kowalska-Nyström", "email": "anna@umed.example"}


def metrics(daemon):
    """Every sample as NAME{labels}: number."""
    url = f"http://{daemon.settings['metrics']['listen'][0]}/metrics"
    with urllib.request.urlopen(url, timeout=60) as answer:
        assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
        text = answer.read().decode()
    samples = {}
    for line in text.splitlines():
        if not line.startswith("#"):
            match = re.fullmatch(r'(convened_\w+(?:\{\w+="\w+"\})?) (-?\d+)', line)
            assert match, line
            samples[match[1]] = int(match[2])
    return samples


def make(make_daemon, *, limits=None, events=None, proxies=("127.0.0.1",), **more):
    return make_daemon(events or {"workshop": definition("workshop")}, limits=limits or {},
                       metrics={"listen": [f"127.0.0.1:{free_port()}"]},
                       http={"trusted_proxies": list(proxies), **more.pop("http", {})}, **more)


def post(daemon, action, values, client=ONE, **headers):
    return daemon.browser().post_raw(action, urlencode(values).encode(),
                                     headers={"X-Forwarded-For": client, **headers} if client else headers)


def check_kept(page, sentence):
    """429, when to come again, one sentence, and the form with every answer."""
    assert page.status == 429
    assert 1 <= int(page.header("Retry-After")) <= 3600
    assert page.form.values["name"] == GOOD["name"] and page.form.values["email"] == GOOD["email"]
    assert page.form.values["_form"]
    said = [e.text for e in page.tree.walk() if e.get("role") == "alert"]
    assert len(said) == 1 and sentence in said[0]
    assert page.form.wrong() == []


def test_posts_of_one_address(make_daemon):
    daemon = make(make_daemon, limits={"burst": 3, "per_minute": 1, "network_factor": 100})
    action, form = daemon.ripe_form("workshop")
    bad = {**form, **GOOD, "email": "no address"}
    for _ in range(3):
        assert post(daemon, action, bad).status == 422
    check_kept(post(daemon, action, {**form, **GOOD}), "from your network")
    assert daemon.query("SELECT count(*) AS n FROM submission")[0]["n"] == 0
    page = daemon.browser("et").request("POST", action.replace("/en/", "/et/"), urlencode({**form, **GOOD}).encode(),
                                        {"Content-Type": "application/x-www-form-urlencoded", "X-Forwarded-For": ONE})
    assert page.status == 429 and "Teie võrgust" in page.text
    # no other page is counted, and nobody else is limited
    for _ in range(10):
        assert daemon.browser().get("/en/e/workshop", **{"X-Forwarded-For": ONE}).status == 200
    assert post(daemon, action, {**form, **GOOD}, OTHER).status == 303
    assert metrics(daemon)['convened_limited_total{limit="client"}'] == 2
    assert metrics(daemon)["convened_sign_ups_total"] == 1


def test_the_form_of_a_429_is_taken_later(make_daemon):
    daemon = make(make_daemon, limits={"burst": 1, "per_minute": 20})
    action, form = daemon.ripe_form("workshop")
    assert post(daemon, action, {**form, **GOOD, "email": "x"}).status == 422

    def refused():
        page = post(daemon, action, {**form, **GOOD})
        return page if page.status == 429 else None
    page = eventually(refused)
    eventually(lambda: post(daemon, page.form.action, page.form.values).status == 303)


def test_a_network_has_a_limit_of_its_own(make_daemon):
    daemon = make(make_daemon, limits={"burst": 2, "per_minute": 1, "network_factor": 2})
    action, form = daemon.ripe_form("workshop")
    bad = {**form, **GOOD, "email": "no address"}
    got = [post(daemon, action, bad, f"203.0.113.{n}").status for n in range(1, 7)]
    assert got == [422] * 4 + [429] * 2
    got = [post(daemon, action, bad, f"2001:db8::{n}").status for n in range(1, 7)]
    assert got == [422] * 4 + [429] * 2
    assert post(daemon, action, bad, FAR).status == 422
    assert post(daemon, action, bad, "2001:db8:0:1::1").status == 422


def test_looking_links_up(make_daemon, smtp):
    daemon = make(make_daemon, limits={"burst": 4, "per_minute": 1})
    token = None
    page = daemon.sign_up("workshop", GOOD["email"])
    assert page.status == 303
    link = re.search(r"/r/[a-z2-7]{40}", smtp.one(GOOD["email"]).message.as_string().replace("=\n", ""))
    token = link[0]
    daemon.secrets.add(token[3:])
    forged = "/r/" + "a" * 40
    got = [daemon.browser().request(method, path, headers={"X-Forwarded-For": FAR}).status
           for method, path in (("GET", token), ("HEAD", token), ("GET", forged), ("GET", "/n/" + "b" * 40))]
    assert got == [200, 200, 404, 404]
    for path in (token, token + "/cancel", forged, page.location):
        refused = daemon.browser().get(path, **{"X-Forwarded-For": FAR})
        assert refused.status == 429 and int(refused.header("Retry-After")) > 0 and not refused.has_form
    refused = daemon.browser().post_raw(token + "/cancel", b"", headers={"X-Forwarded-For": FAR})
    assert refused.status == 429
    assert daemon.query("SELECT status FROM registration")[0]["status"] == "confirmed"
    assert daemon.browser().get("/", **{"X-Forwarded-For": FAR}).status == 200
    assert daemon.browser().post_raw(token + "/cancel", b"", headers={"X-Forwarded-For": OTHER}).status == 303
    assert metrics(daemon)["convened_cancels_total"] == 1
    assert metrics(daemon)['convened_limited_total{limit="client"}'] == 5


def test_mails_of_one_mailbox(make_daemon, smtp):
    events = {slug: definition(slug) for slug in ("workshop", "other")}
    daemon = make(make_daemon, events=events, limits={"mails_per_address_per_hour": 2})
    assert daemon.sign_up("workshop", "anna+a@umed.example").status == 303
    assert daemon.sign_up("workshop", "anna@umed.example").status == 303
    page = daemon.sign_up("other", "anna@umed.example")         # a new registration
    check_kept(page, "an hour")
    again = daemon.sign_up("workshop", "anna@umed.example")     # a known one: the same answer
    check_kept(again, "an hour")
    assert abs(int(again.header("Retry-After")) - int(page.header("Retry-After"))) <= 10
    assert daemon.sign_up("other", "boris@umed.example").status == 303
    assert daemon.query("SELECT count(*) AS n FROM submission")[0]["n"] == 3
    rows = daemon.query("SELECT * FROM mailbox")
    assert sorted(row["count"] for row in rows) == [1, 2]
    assert all(re.fullmatch(r"[0-9a-f]{32}", row["key"]) for row in rows)
    assert metrics(daemon)['convened_limited_total{limit="mailbox"}'] == 2
    daemon.pass_time(3600)
    daemon.forget_forms()
    assert daemon.sign_up("other", "anna@umed.example").status == 303
    assert len(daemon.query("SELECT * FROM mailbox")) == 1, "the old hours are gone"
    daemon.settled()
    eventually(lambda: metrics(daemon)['convened_mails_total{outcome="sent"}'] == 4)


def test_refused_forms_of_one_event(make_daemon):
    events = {slug: definition(slug) for slug in ("workshop", "other")}
    daemon = make(make_daemon, events=events, limits={"refused_per_event_per_minute": 3})
    action, form = daemon.ripe_form("workshop")
    other, other_form = daemon.ripe_form("other")
    trapped = {**form, **GOOD, "_website": "http://spam.example"}
    forged = {**form, **GOOD, "_form": "x"}
    got = [daemon.browser().post(action, values).status for values in (trapped, forged, trapped)]
    assert got == [422] * 3
    for values in (trapped, forged):
        page = daemon.browser().post(action, values)
        check_kept(page, "for this event")
        assert page.form.values["_website"] == ""
    assert daemon.log().count("event=event.flooded") == 1 and 'slug=workshop' in daemon.log().replace('"', "")
    # a good sign-up is never counted or refused by it, nor is another event
    assert daemon.browser().post(action, {**form, **GOOD}).status == 303
    assert daemon.browser().post(other, {**other_form, **GOOD, "_website": "x"}).status == 422
    shown = metrics(daemon)
    assert shown['convened_limited_total{limit="event"}'] == 2
    assert shown['convened_guarded_total{guard="honeypot"}'] == 4
    assert shown['convened_guarded_total{guard="form_time"}'] == 2


def test_who_the_client_is(make_daemon):
    """The right-most address that is not trusted, whatever else is written before it."""
    daemon = make(make_daemon, limits={"burst": 1, "per_minute": 1, "network_factor": 1000},
                  proxies=["127.0.0.1", "10.0.0.0/8"])
    action, form = daemon.ripe_form("workshop")
    bad = {**form, **GOOD, "email": "no address"}
    for number, header in enumerate([ONE, f"1.1.1.1, {ONE}", f"garbage, {ONE}, 10.1.2.3", f"{OTHER},{ONE}:5555"]):
        assert post(daemon, action, bad, header).status == (422 if number == 0 else 429), header
    assert post(daemon, action, bad, None, Forwarded=f'for=9.9.9.9, for="{ONE}:47"').status == 429
    assert post(daemon, action, bad, None, Forwarded='for="[2001:db8::9]:47"').status == 422
    assert post(daemon, action, bad, "[2001:db8::9]:80").status == 429
    # garbage in the place that counts: the proxy is the client, and limited as one
    assert post(daemon, action, bad, f"{OTHER}, unknown").status == 422
    assert post(daemon, action, bad, "whatever").status == 429
    assert post(daemon, action, bad, OTHER).status == 422


def test_several_header_lines(make_daemon):
    daemon = make(make_daemon, limits={"burst": 1, "per_minute": 1, "network_factor": 1000})
    action, form = daemon.ripe_form("workshop")
    body = urlencode({**form, **GOOD, "email": "no address"}).encode()

    def ask(*lines):
        connection = http.client.HTTPConnection("127.0.0.1", daemon.port, timeout=60)
        connection.putrequest("POST", action)
        for line in lines:
            connection.putheader("X-Forwarded-For", line)
        connection.putheader("Content-Type", "application/x-www-form-urlencoded")
        connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        status = connection.getresponse().status
        connection.close()
        return status
    assert ask("1.1.1.1", ONE) == 422
    assert ask("2.2.2.2, 3.3.3.3", ONE) == 429
    assert ask(ONE, OTHER) == 422


def test_header_of_a_stranger_has_no_effect(make_daemon):
    daemon = make(make_daemon, limits={"burst": 2, "per_minute": 1}, proxies=["192.0.2.1"])
    action, form = daemon.ripe_form("workshop")
    bad = {**form, **GOOD, "email": "no address"}
    got = [post(daemon, action, bad, f"198.51.{n}.1", Forwarded=f"for=198.51.{n}.2").status for n in range(4)]
    assert got == [422, 422, 429, 429]


def test_silent_proxy_is_said_once(make_daemon):
    daemon = make(make_daemon, limits={"burst": 1, "per_minute": 1})
    action, form = daemon.ripe_form("workshop")
    for _ in range(5):
        assert daemon.browser().post(action, {**form, **GOOD, "email": "x"}).status == 422
    assert daemon.log().count("event=http.proxy_silent") == 1


def test_reload_changes_limits_and_proxies(make_daemon):
    daemon = make(make_daemon, limits={"burst": 1, "per_minute": 1})
    action, form = daemon.ripe_form("workshop")
    bad = {**form, **GOOD, "email": "no address"}
    assert [post(daemon, action, bad).status for _ in range(2)] == [422, 429]
    daemon.reload()
    assert post(daemon, action, bad).status == 429, "the same limits again change nothing"
    daemon.settings["limits"]["burst"] = 2
    daemon.write_config()
    daemon.reload()
    assert [post(daemon, action, bad).status for _ in range(3)] == [422, 422, 429]
    daemon.settings["http"]["trusted_proxies"] = []
    daemon.write_config()
    daemon.reload()
    assert [post(daemon, action, bad, f"198.51.{n}.1").status for n in range(3)] == [422, 422, 429]
    assert "needs_restart" not in daemon.log()


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=60)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(20)
        self.sock.connect(self.path)


def ask(connection, action, values, **headers):
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Connection": "close", **headers}
    connection.request("POST", action, urlencode(values).encode(), headers)
    answer = connection.getresponse()
    page = Page(action, answer.status, answer.getheaders(), answer.read())
    connection.close()
    check_answer(page)
    return page.status


def test_unix_socket_with_a_proxy_header(make_daemon, tmp_path):
    path, port = str(tmp_path / "s"), free_port()
    daemon = make(make_daemon, limits={"burst": 2, "per_minute": 1}, proxies=["unix:"], port=port,
                  http={"listen": [f"127.0.0.1:{port}", f"unix:{path}"]})
    action, form = daemon.ripe_form("workshop")
    bad = {**form, **GOOD, "email": "no address"}
    header = {"X-Forwarded-For": ONE}
    assert [ask(UnixConnection(path), action, bad, **header) for _ in range(3)] == [422, 422, 429]
    assert ask(UnixConnection(path), action, bad, **{"X-Forwarded-For": OTHER}) == 422
    # the other listener's peer is nobody's proxy
    assert [post(daemon, action, bad, FAR).status for _ in range(3)] == [422, 422, 429]
    assert ask(UnixConnection(path), action, bad) == 422, "a proxy that says nothing"


def has_ipv6():
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
        return True
    except OSError:
        return False


@pytest.mark.skipif(not has_ipv6(), reason="no IPv6 on loopback")
def test_ipv6_listener(make_daemon):
    port = free_port()
    daemon = make(make_daemon, limits={"burst": 2, "per_minute": 1}, proxies=["192.0.2.1"], port=port,
                  http={"listen": [f"127.0.0.1:{port}", f"[::1]:{port}"]})
    action, form = daemon.ripe_form("workshop")
    bad = {**form, **GOOD, "email": "no address"}
    got = [ask(http.client.HTTPConnection("::1", port, timeout=60), action, bad, **{"X-Forwarded-For": ONE})
           for _ in range(3)]
    assert got == [422, 422, 429]
    assert post(daemon, action, bad, None).status == 422, "another address"


def test_metrics_listener_serves_nothing_else(make_daemon):
    daemon = make(make_daemon)
    shown = metrics(daemon)
    assert shown["convened_store_batches_total"] >= 0 and "convened_connections" in shown
    assert daemon.browser().get("/metrics").status == 404
    host, port = daemon.settings["metrics"]["listen"][0].split(":")
    for method, path, status in (("GET", "/", 404), ("GET", "/e/workshop", 404), ("POST", "/metrics", 405),
                                 ("HEAD", "/metrics", 200), ("GET", "/en/metrics", 404)):
        connection = http.client.HTTPConnection(host, int(port), timeout=60)
        connection.request(method, path)
        answer = connection.getresponse()
        assert answer.status == status, path
        body = answer.read()
        assert b"workshop" not in body
        connection.close()


def test_store_is_counted(make_daemon):
    daemon = make(make_daemon)
    before = metrics(daemon)
    assert daemon.sign_up("workshop", GOOD["email"]).status == 303
    daemon.settled()

    def counted():
        after = metrics(daemon)
        assert after["convened_store_jobs_total"] >= before["convened_store_jobs_total"] + 3  # sign-up, lease, result
        assert after["convened_store_batches_total"] > before["convened_store_batches_total"]
        assert after["convened_store_wal_bytes"] > 0 and after["convened_store_queue"] == 0
        return after['convened_mails_total{outcome="sent"}'] == 1
    eventually(counted)


def test_connections_of_one_address(make_daemon):
    daemon = make(make_daemon, limits={"connections_per_address": 2}, proxies=["192.0.2.1"])
    name = 'convened_connections_refused_total{limit="address"}'
    eventually(lambda: metrics(daemon)["convened_connections"] == 0)
    kept = [socket.create_connection(("127.0.0.1", daemon.port), timeout=60) for _ in range(2)]
    eventually(lambda: metrics(daemon)["convened_connections"] == 2)
    with socket.create_connection(("127.0.0.1", daemon.port), timeout=60) as third:
        said = b""
        while more := third.recv(4096):  # one too many: closed, perhaps with a word
            said += more
        assert b" 200 " not in said
    assert metrics(daemon)[name] == 1
    kept.pop().close()
    eventually(lambda: metrics(daemon)["convened_connections"] == 1)
    assert daemon.browser().get("/en/e/workshop").status == 200
    kept.pop().close()
