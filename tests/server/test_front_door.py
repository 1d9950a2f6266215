# SPDX-License-Identifier: EUPL-1.2
"""The front door against whoever comes: each weakness of the HTTP library, slow clients, too many of them, no
descriptors left. Raw sockets against the real daemon."""
import os
import re
import resource
import select
import socket
import threading
import time
from urllib.parse import urlencode

import pytest
from harness.browser import Page, check_answer
from harness.definitions import definition
from harness.wait import PATIENCE, eventually

FORM = b"Content-Type: application/x-www-form-urlencoded\r\n"
NEXT = b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Next: yes\r\n\r\n"


class Wire:
    """One connection, bytes as they are."""

    def __init__(self, port, deadline=60.0, address=("127.0.0.1", 0)):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=deadline, source_address=address)
        self.left = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        try:
            self.socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            pass  # refused while we speak; the answer tells
        return self

    def more(self):
        try:
            chunk = self.socket.recv(65536)
        except ConnectionResetError:
            return False
        self.left += chunk
        return bool(chunk)

    def answer(self, head=False):
        """The next answer as a page, looked over; None at the end of the stream."""
        while b"\r\n\r\n" not in self.left:
            if not self.more():
                assert self.left == b"", self.left
                return None
        top, self.left = self.left.split(b"\r\n\r\n", 1)
        first, *lines = top.decode("latin-1").split("\r\n")
        assert re.fullmatch(r"HTTP/1\.[01] [1-5]\d\d [A-Z][A-Za-z ]+", first), first
        headers = [tuple(line.split(": ", 1)) for line in lines]
        status = int(first.split()[1])
        lengths = [int(v) for k, v in headers if k.lower() == "content-length"]
        assert len(lengths) == (0 if status in (100, 204, 304) else 1), top
        size = 0 if head or not lengths else lengths[0]
        while len(self.left) < size:
            assert self.more(), "cut within an answer"
        body, self.left = self.left[:size], self.left[size:]
        page = Page("/", status, headers, body)
        if status >= 200:
            check_answer(page)
        return page

    def ended(self):
        """True if nothing follows but the end of the stream."""
        while self.more():
            pass
        return self.left == b""

    def usable(self):
        page = self.send(NEXT).answer()
        return page is not None and page.status == 200


def head(*lines, first=b"GET /healthz HTTP/1.1"):
    return b"\r\n".join([first, b"Host: x", *lines, b"", b""])


def post(body, *lines, path=b"/e/workshop"):
    return head(FORM[:-2], *lines, first=b"POST " + path + b" HTTP/1.1") + body


def sized(body, path=b"/e/workshop"):
    return post(body, b"Content-Length: %d" % len(body), path=path)


CHUNKED = b"Transfer-Encoding: chunked"

# What is sent, the status, whether the connection lives on. Behind everything that closes, NEXT is sent as well, and
# must never be answered.
CASES = {
    # well-formed
    "plain": (head(), 200, True),
    "old version": (b"GET /healthz HTTP/1.0\r\n\r\n", 200, False),
    "later version": (b"GET /healthz HTTP/1.9\r\nHost: x\r\n\r\n", 200, True),
    "not found": (head(first=b"GET /nothing HTTP/1.1"), 404, True),
    "unknown event": (sized(b"a=1", path=b"/e/nothing"), 404, True),
    # targets
    "another host by slashes": (head(first=b"GET //evil/healthz HTTP/1.1"), 400, False),
    "absolute target": (head(first=b"GET http://evil/healthz HTTP/1.1"), 400, False),
    "no target": (head(first=b"GET  HTTP/1.1"), 400, False),
    "asterisk": (head(first=b"OPTIONS * HTTP/1.1"), 400, False),
    "authority": (head(first=b"CONNECT evil:443 HTTP/1.1"), 400, False),
    "zero byte in the target": (head(first=b"GET /a\0b HTTP/1.1"), 400, False),
    "escaped zero byte": (head(first=b"GET /e/a%00b HTTP/1.1"), 400, True),
    "bad escape": (head(first=b"GET /e/%zz HTTP/1.1"), 400, True),
    "half an escape": (head(first=b"GET /e/a%4 HTTP/1.1"), 400, True),
    "raw byte": (head(first=b"GET /e/\xff HTTP/1.1"), 400, True),
    "angle brackets": (head(first=b"GET /e/<b> HTTP/1.1"), 404, True),
    "blank in the target": (head(first=b"GET /e/a b HTTP/1.1"), 400, False),
    "control in the target": (head(first=b"GET /e/a\x1b[2J HTTP/1.1"), 400, False),
    "fragment": (head(first=b"GET /healthz#x HTTP/1.1"), 400, True),
    "dot segments": (head(first=b"GET /static/../healthz HTTP/1.1"), 404, True),
    "escaped slash": (head(first=b"GET /e/a%2fb HTTP/1.1"), 404, True),
    "long target": (head(first=b"GET /e/" + b"a" * 2100 + b" HTTP/1.1"), 414, True),
    "very long target": (head(first=b"GET /" + b"a" * 100_000 + b" HTTP/1.1"), 414, False),
    "endless first line": (b"G" * 100_000, 400, False),
    # methods
    "PUT": (head(first=b"PUT /healthz HTTP/1.1"), 405, True),
    "PUT with a body": (head(b"Content-Length: 3", first=b"PUT /e/workshop HTTP/1.1") + b"abc", 405, True),
    "DELETE": (head(first=b"DELETE /e/workshop HTTP/1.1"), 405, True),
    "PATCH": (head(first=b"PATCH /e/workshop HTTP/1.1"), 405, True),
    "OPTIONS": (head(first=b"OPTIONS /e/workshop HTTP/1.1"), 405, True),
    "TRACE": (head(first=b"TRACE /e/workshop HTTP/1.1"), 405, True),
    "POST where none is": (sized(b"", path=b"/healthz"), 405, True),
    "unknown method": (head(first=b"BREW /healthz HTTP/1.1"), 501, False),
    "small letters": (head(first=b"get /healthz HTTP/1.1"), 501, False),
    # versions, lines
    "version 2": (head(first=b"GET /healthz HTTP/2.0"), 400, False),
    "version 0.9": (b"GET /healthz\r\n\r\n", 400, False),
    "no version": (b"GET /healthz \r\n\r\n", 400, False),
    "bare LF": (head().replace(b"\r\n", b"\n"), 400, False),
    "bare LF behind a header": (b"GET /healthz HTTP/1.1\r\nHost: x\nX: y\r\n\r\n", 400, False),
    "bare CR in a header": (head(b"X: a\rb"), 400, False),
    "empty line before": (b"\r\n" + head(), 400, False),
    "zero byte in a header": (head(b"X: a\0b"), 400, False),
    "control in a header": (head(b"X: a\x07b"), 400, False),
    "folded header": (head(b"X: a", b" b"), 400, False),
    "folded first header": (b"GET /healthz HTTP/1.1\r\n Host: x\r\n\r\n", 400, False),
    "header without a colon": (head(b"nothing"), 400, False),
    "blank before the colon": (head(b"X : a"), 400, False),
    "long header": (head(b"X: " + b"a" * 9000), 431, False),
    "long name": (head(b"a" * 9000 + b": x"), 431, False),
    "many headers": (head(*[b"X%d: a" % i for i in range(120)]), 431, False),
    "large head": (head(*[b"X%d: " % i + b"a" * 4000 for i in range(8)]), 431, False),
    # who is asked
    "no host": (b"GET /healthz HTTP/1.1\r\n\r\n", 400, False),
    "two hosts": (head(b"Host: y"), 400, False),
    "host with a path": (b"GET /healthz HTTP/1.1\r\nHost: x/y\r\n\r\n", 400, False),
    # where the body ends
    "two lengths": (post(b"a=1", b"Content-Length: 3", b"Content-Length: 3"), 400, False),
    "two different lengths": (post(b"a=1", b"Content-Length: 3", b"Content-Length: 4"), 400, False),
    "list of lengths": (post(b"a=1", b"Content-Length: 3, 3"), 400, False),
    "length with a sign": (post(b"a=1", b"Content-Length: +3"), 400, False),
    "negative length": (post(b"a=1", b"Content-Length: -3"), 400, False),
    "length with letters": (post(b"a=1", b"Content-Length: 3abc"), 400, False),
    "hexadecimal length": (post(b"a=1", b"Content-Length: 0x3"), 400, False),
    "empty length": (post(b"", b"Content-Length:"), 400, False),
    "overflowing length": (post(b"a=1", b"Content-Length: 18446744073709551619"), 400, False),
    "length with a blank before the colon": (post(b"a=1", b"Content-Length : 3"), 400, False),
    "length and chunked": (post(b"0\r\n\r\n", b"Content-Length: 5", CHUNKED), 400, False),
    "chunked and length": (post(b"0\r\n\r\n", CHUNKED, b"Content-Length: 5"), 400, False),
    "chunked twice": (post(b"0\r\n\r\n", CHUNKED, CHUNKED), 400, False),
    "another coding": (post(b"0\r\n\r\n", b"Transfer-Encoding: gzip, chunked"), 400, False),
    "nearly chunked": (post(b"0\r\n\r\n", b"Transfer-Encoding: xchunked"), 400, False),
    "chunked by a tab": (post(b"0\r\n\r\n", b"Transfer-Encoding:\x0bchunked"), 400, False),
    "chunked in 1.0": (post(b"0\r\n\r\n", CHUNKED).replace(b"/1.1", b"/1.0"), 400, False),
    "HEAD with a body": (head(b"Content-Length: 40", first=b"HEAD /healthz HTTP/1.1"), 400, False),
    "GET with a body": (head(b"Content-Length: 3") + b"abc", 200, True),
    "chunk extension": (post(b"3;a=b\r\na=1\r\n0\r\n\r\n", CHUNKED), 400, False),
    "chunk by bare LF": (post(b"3\na=1\n0\n\n", CHUNKED), 400, False),
    "negative chunk": (post(b"-3\r\na=1\r\n0\r\n\r\n", CHUNKED), 400, False),
    "hexadecimal chunk": (post(b"0x3\r\na=1\r\n0\r\n\r\n", CHUNKED), 400, False),
    "chunk longer than said": (post(b"3\r\na=1x\r\n0\r\n\r\n", CHUNKED), 400, False),
    "chunk trailer": (post(b"3\r\na=1\r\n0\r\nHost: evil\r\n\r\n", CHUNKED), 400, False),
    "huge chunk": (post(b"fffffff\r\na=1", CHUNKED), 413, False),
    "overflowing chunk": (post(b"ffffffffffffffff1\r\na=1", CHUNKED), 413, False),
    "many chunks": (post((b"4000\r\n" + b"a" * 0x4000 + b"\r\n") * 13, CHUNKED), 413, False),
    # bodies
    "body over the limit": (sized(b"a=" + b"b" * 135_000), 413, True),
    "body far over the limit": (post(b"", b"Content-Length: 100000000"), 413, False),
    "too many fields": (sized(b"&".join([b"a=1"] * 500)), 413, True),
    "no type": (head(b"Content-Length: 3", first=b"POST /e/workshop HTTP/1.1") + b"a=1", 415, True),
    "another type": (head(b"Content-Type: application/json", b"Content-Length: 2", first=b"POST /e/workshop HTTP/1.1")
                     + b"{}", 415, True),
    "compressed": (post(b"a=1", b"Content-Encoding: gzip", b"Content-Length: 3"), 415, True),
    "unknown expectation": (post(b"a=1", b"Expect: more", b"Content-Length: 3"), 417, False),
}




@pytest.fixture
def daemon(make_daemon):
    return make_daemon({"workshop": definition("workshop")}, limits={"burst": 100000})


def test_each_case_whole_and_byte_by_byte(daemon):
    """All cases on one daemon: a start for each would take minutes."""
    before = daemon.dump()
    wrong = []
    for name, (data, status, lives) in CASES.items():
        for piece in (len(data), 7):
            if piece == 7 and len(data) > 4000:
                continue
            with Wire(daemon.port) as wire:
                wire.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                for at in range(0, len(data), piece):
                    wire.send(data[at:at + piece])
                page = wire.answer(head=data.startswith(b"HEAD"))
                if page is None or page.status != status:
                    wrong.append(f"{name} by {piece}: {page and page.status}, not {status}")
                elif lives and not wire.usable():
                    wrong.append(f"{name} by {piece}: the connection is dead")
                elif not lives and page.header("Connection") != "close" and b"HTTP/1.0" not in data:
                    wrong.append(f"{name} by {piece}: it does not say that it closes")
                elif not lives and not wire.send(NEXT).ended():
                    wrong.append(f"{name} by {piece}: the connection lives")
    assert not wrong, "\n".join(wrong)
    assert daemon.dump() == before


def test_nothing_is_smuggled_behind_a_refusal(daemon):
    """A second request hidden in the first, as two parsers would see it, is never answered."""
    wrong = []
    for name, (data, status, lives) in CASES.items():
        if lives or len(data) > 4000:
            continue
        with Wire(daemon.port) as wire:
            page = wire.send(data + NEXT + NEXT).answer(head=data.startswith(b"HEAD"))
            if page is None or page.status != status or not wire.ended():
                wrong.append(name)
    assert not wrong, wrong


def test_the_answer_to_head_has_the_length_of_get_and_no_body(daemon):
    with Wire(daemon.port) as wire:
        for path in (b"/", b"/e/workshop", b"/nothing", b"/e/%zz"):
            got = wire.send(head(first=b"GET " + path + b" HTTP/1.1")).answer()
            asked = wire.send(head(first=b"HEAD " + path + b" HTTP/1.1")).answer(head=True)
            assert (asked.status, asked.header("Content-Length")) == (got.status, got.header("Content-Length"))
            assert asked.body == b"" and got.body != b""
        assert wire.usable()


def test_errors_speak_the_visitor_s_language(daemon):
    """Also those of requests that never reached an endpoint."""
    for data, status in ((post(b"", b"Content-Length: 100000000", path=b"/lt/e/workshop"), 413),
                         (post(b"", b"Content-Length: 100000000", b"Accept-Language: lt"), 413),
                         (head(b"Accept-Language: lt", first=b"BREW / HTTP/1.1"), 501),
                         (head(b"Accept-Language: lt", b"X: " + b"a" * 9000), 431)):
        with Wire(daemon.port) as wire:
            page = wire.send(data).answer()
            assert (page.status, page.language) == (status, "lt"), data[:60]
            assert b"aaaa" not in page.body


def test_every_answer_to_noise_is_ours(daemon):
    """Good requests with a byte changed, dropped or doubled, in all places: whatever comes back is one of our own
    answers (Wire looks each over), and the daemon lives."""
    good = [head(b"Accept: a, b"), sized(b"a=1&b=2"), post(b"3\r\na=1\r\n0\r\n\r\n", CHUNKED)]
    bytes_ = [b"\0", b"\r", b"\n", b" ", b":", b"\xff", b"9", b"/"]
    for text in good:
        for at in range(len(text)):
            for other in (b"", text[at:at + 1] * 2, bytes_[at % len(bytes_)]):
                with Wire(daemon.port) as wire:
                    wire.send(text[:at] + other + text[at + 1:])
                    wire.socket.shutdown(socket.SHUT_WR)
                    while wire.answer() is not None:
                        pass
    assert daemon.browser().get("/healthz").status == 200


# --- time


def small_times(**more):
    return {"header_seconds": 1, "body_seconds": 1, "reply_seconds": 2, "idle_seconds": 2, **more}


def drip(wire, data, pause=0.1):
    """A byte every PAUSE until something comes back; the answer."""
    begin = time.monotonic()
    wire.socket.settimeout(pause)
    for at in range(len(data) * 1000):
        assert time.monotonic() - begin < PATIENCE, "nobody loses patience"
        wire.send(data[at % len(data)].to_bytes(1, "big"))
        try:
            if not wire.more() or b"\r\n\r\n" in wire.left:
                break
        except TimeoutError:
            continue
    wire.socket.settimeout(PATIENCE)
    return wire.answer()


def test_slow_clients_are_sent_away(make_daemon):
    daemon = make_daemon({"workshop": definition("workshop")}, limits=small_times())
    begin = time.monotonic()
    with Wire(daemon.port) as headers:
        page = drip(headers.send(b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Long: "), b"a")
        assert page.status == 408 and time.monotonic() - begin > 0.9 and headers.ended()
    begin = time.monotonic()
    with Wire(daemon.port) as body:
        page = drip(body.send(post(b"", b"Content-Length: 5000")), b"a")
        assert page.status == 408 and time.monotonic() - begin > 0.9 and body.ended()
    begin = time.monotonic()
    with Wire(daemon.port) as idle:
        assert idle.usable()
        assert idle.ended() and time.monotonic() - begin > 1.9


def test_sign_ups_go_on_while_fifty_slow_clients_stand(make_daemon):
    daemon = make_daemon({"workshop": definition("workshop", capacity=1000)},
                         limits=small_times(body_seconds=120, idle_seconds=120))
    stop = threading.Event()
    answered = []

    def slow():
        while not stop.is_set():
            with Wire(daemon.port) as wire:
                wire.send(b"GET / HTTP/1.1\r\nHost: x\r\n")
                wire.socket.settimeout(0.2)
                while not stop.is_set():
                    wire.send(b"X-Y: z\r\n")
                    try:
                        if not wire.more():
                            break
                    except TimeoutError:
                        continue
                answered.append(wire.left[:12])

    threads = [threading.Thread(target=slow) for _ in range(50)]
    for thread in threads:
        thread.start()
    try:
        end = time.monotonic() + PATIENCE
        count = 0
        while answered.count(b"HTTP/1.1 408") < 50:
            assert time.monotonic() < end, "those who trickle are not sent away"
            page = daemon.sign_up("workshop", f"anna{count}@umed.example")
            assert page.status == 303, page.status
            count += 1
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert daemon.query("SELECT count(*) AS n FROM submission")[0]["n"] == count > 0


def resident(daemon):
    with open(f"/proc/{daemon.process.pid}/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmRSS:"))


def test_heads_that_trickle_take_no_more_room_than_their_bytes(make_daemon):
    """Each read of the HTTP library makes a buffer of its own: a kilobyte for a byte that comes alone."""
    daemon = make_daemon({"workshop": definition("workshop")}, start=False, limits={"header_seconds": 600})
    daemon.start(env={"ASAN_OPTIONS": "quarantine_size_mb=0:thread_local_quarantine_size_kb=0:exitcode=66"})
    wires = [Wire(daemon.port) for _ in range(40)]
    for wire in wires:
        wire.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        wire.send(b"GET / HTTP/1.1\r\n")
    before = resident(daemon)
    for byte in b"X: " + b"a" * 1500:
        for wire in wires:
            wire.send(bytes([byte]))
    grown = resident(daemon) - before
    for wire in wires:
        wire.socket.close()
    assert grown < 8000, f"{grown} KiB for {40 * 1503} bytes"


# --- numbers


def cpu_seconds(daemon):
    with open(f"/proc/{daemon.process.pid}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def check_rests(daemon):
    """At the cap the daemon must neither spin nor flood its log."""
    lines, before = daemon.log().count("\n"), cpu_seconds(daemon)
    time.sleep(1)
    assert cpu_seconds(daemon) - before < 0.3, "it spins"
    assert daemon.log().count("\n") - lines < 5, daemon.log()[-2000:]


def test_at_the_cap_of_connections_the_listener_rests_and_recovers(make_daemon):
    daemon = make_daemon({"workshop": definition("workshop")},
                         limits={"connections": 20, "connections_per_address": 1000, "header_seconds": 120})
    wires = [Wire(daemon.port) for _ in range(30)]
    try:
        for wire in wires[:20]:
            wire.send(b"GET /healthz HTTP/1.1\r\n")
        for wire in wires[20:]:
            wire.send(NEXT)
        eventually(lambda: "http.full" in daemon.log(), what="the log says that it is full")
        check_rests(daemon)
        wires[25].socket.settimeout(0.1)
        with pytest.raises(TimeoutError):
            wires[25].answer()
        for wire in wires[:20]:
            wire.socket.close()
        for wire in wires[20:]:
            wire.socket.settimeout(PATIENCE)
            assert wire.answer().status == 200
    finally:
        for wire in wires:
            wire.socket.close()
    assert daemon.sign_up("workshop", "anna@umed.example").status == 303
    assert daemon.log().count("event=http.full") == 1


def test_idle_connections_make_room_when_it_is_full(make_daemon):
    """Whoever only holds connections open does not keep the others out for as long as he likes."""
    daemon = make_daemon({"workshop": definition("workshop")},
                         limits={"connections": 20, "connections_per_address": 1000, "idle_seconds": 16})
    wires = [Wire(daemon.port) for _ in range(25)]
    try:
        begin = time.monotonic()
        with Wire(daemon.port) as wire:
            assert wire.usable()
        assert time.monotonic() - begin < 16
    finally:
        for wire in wires:
            wire.socket.close()


def test_one_address_cannot_take_all_connections(make_daemon):
    daemon = make_daemon({"workshop": definition("workshop")}, http={"trusted_proxies": ["127.0.0.9"]},
                         limits={"connections_per_address": 4})
    mine = [Wire(daemon.port) for _ in range(4)]
    try:
        assert all(wire.usable() for wire in mine)
        with Wire(daemon.port) as surplus:
            page = surplus.answer()
            assert page.status == 429 and page.header("Retry-After") and surplus.ended()
        with Wire(daemon.port, address=("127.0.0.2", 0)) as other:
            assert other.usable(), "another address is not touched"
        proxies = [Wire(daemon.port, address=("127.0.0.9", 0)) for _ in range(10)]
        assert all(wire.usable() for wire in proxies), "a trusted proxy is not counted"
        for wire in proxies + mine[:1]:
            wire.socket.close()

        def lets_in():
            with Wire(daemon.port) as wire:
                page = wire.send(NEXT).answer()
                return page.status == 200
        eventually(lets_in, what="the address is let in again")
    finally:
        for wire in mine:
            wire.socket.close()


def test_without_descriptors_the_listener_rests_and_recovers(make_daemon):
    """The limit is lowered while it runs, below what it reckoned with at its start."""
    daemon = make_daemon({"workshop": definition("workshop")}, limits={"connections_per_address": 1000})
    pid = daemon.process.pid
    old = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    used = len(os.listdir(f"/proc/{pid}/fd"))
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (used + 10, old[1]))
    wires = [Wire(daemon.port) for _ in range(30)]
    try:
        eventually(lambda: "event=http.accept" in daemon.log(), what="the log says why")
        check_rests(daemon)
        for wire in wires:
            wire.send(NEXT)
        eventually(lambda: len(select.select([wire.socket for wire in wires], [], [], 0)[0]) >= 5, what="those who came in are served")
        for wire in wires[:15]:
            wire.socket.close()
        for wire in wires[15:]:
            assert wire.usable()
            wire.socket.close()
    finally:
        for wire in wires:
            wire.socket.close()
        resource.prlimit(pid, resource.RLIMIT_NOFILE, old)
    assert daemon.sign_up("workshop", "anna@umed.example").status == 303
    assert daemon.log().count("event=http.accept ") == 1


def test_a_small_limit_of_descriptors_from_the_start(make_daemon):
    """Fewer descriptors than visitors: the store and the mail always have theirs."""
    daemon = make_daemon({"workshop": definition("workshop")}, start=False, limits={"connections_per_address": 1000})
    resource_limit = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (96, resource_limit[1]))
    try:
        daemon.start()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, resource_limit)
    wires = [Wire(daemon.port) for _ in range(80)]
    try:
        for wire in wires:
            wire.send(b"GET /healthz HTTP/1.1\r\n")
        eventually(lambda: "event=http.full" in daemon.log(), what="the cap is reached before the descriptors are out")
        check_rests(daemon)
        assert "event=http.accept " not in daemon.log()
    finally:
        for wire in wires:
            wire.socket.close()
    assert daemon.sign_up("workshop", "anna@umed.example").status == 303
    daemon.settled()
    assert len(daemon.query("SELECT 1 FROM mail WHERE state = 'sent'")) == 1


def test_times_out_are_said_by_what_is_usable_to_a_browser(make_daemon):
    """A form that was sent in part and then given up leaves nothing behind."""
    daemon = make_daemon({"workshop": definition("workshop")}, limits=small_times())
    action, form = daemon.ripe_form("workshop")
    form.update({"name": "Anna Kowalska-Nyström", "email": "anna@umed.example"})
    body = urlencode(form).encode()
    with Wire(daemon.port) as wire:
        wire.send(post(body[:-20], b"Content-Length: %d" % len(body), path=action.encode()))
        page = wire.answer()
        assert page.status == 408 and wire.ended()
    assert daemon.query("SELECT 1 FROM submission") == []
