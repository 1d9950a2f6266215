# SPDX-License-Identifier: EUPL-1.2
"""An SMTP server made of threads that does one thing wrong at one stage, and writes down all it hears.

Stages, in their order: connect (before the greeting), greeting, ehlo, starttls, tls (the handshake), auth, mail, rcpt,
data, body (in the middle of it), dot (after it). What it does there, in place of the right answer: see Connection.play."""
import base64
import email
import email.policy
import itertools
import re
import socket
import ssl
import struct
import subprocess
import threading

REPLIES = {"greeting": "220 peer.test ESMTP", "starttls": "220 2.0.0 go on", "auth": "235 2.7.0 in", "mail": "250 2.1.0 ok",
           "rcpt": "250 2.1.5 ok", "data": "354 go on", "dot": "250 2.0.0 kept as 7"}
MANY_BYTES = 200_000


def certificates(folder):
    """An authority and the contexts of servers with its certificates: {name: ssl context}, and the authority's file."""
    def run(*words):
        subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True, cwd=folder)

    def key(name):
        run("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", f"{name}.key")

    def authority(name):
        key(name)
        run("req", "-x509", "-new", "-key", f"{name}.key", "-subj", f"/CN={name}", "-days", 30, "-out", f"{name}.pem")
    authority("ca")
    authority("stranger")
    contexts = {}
    for name, signer, alt, days in (("good", "ca", "IP:127.0.0.1,DNS:localhost", 30), ("stranger", "stranger", "IP:127.0.0.1", 30),
                                    ("expired", "ca", "IP:127.0.0.1", -1), ("name", "ca", "DNS:other.test,IP:127.0.0.9", 30)):
        key(f"{name}-leaf")
        (folder / f"{name}.ext").write_text(f"subjectAltName={alt}\n")
        run("req", "-new", "-key", f"{name}-leaf.key", "-subj", "/CN=leaf", "-out", f"{name}.csr")
        run("x509", "-req", "-in", f"{name}.csr", "-CA", f"{signer}.pem", "-CAkey", f"{signer}.key", "-CAcreateserial",
            "-days", days, "-extfile", f"{name}.ext", "-out", f"{name}-leaf.pem")
        contexts[name] = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        contexts[name].load_cert_chain(folder / f"{name}-leaf.pem", folder / f"{name}-leaf.key")
    return contexts, folder / "ca.pem"


class Gone(Exception):
    """The connection is at its end."""


class Connection:
    def __init__(self, peer, channel):
        self.peer, self.channel, self.buffer = peer, channel, b""
        self.over = threading.Event()
        self.private = self.trusted = False

    def send(self, data):
        try:
            self.channel.sendall(data)
        except OSError as error:
            raise Gone from error

    def line(self):
        while b"\n" not in self.buffer:
            self.more()
        line, self.buffer = self.buffer.split(b"\n", 1)
        return line.rstrip(b"\r").decode(errors="replace")

    def more(self):
        try:
            got = self.channel.recv(65536)
        except OSError as error:
            raise Gone from error
        if not got:
            raise Gone
        self.buffer += got

    def hang_up(self):
        """From any thread: the one that serves it meets the end."""
        self.over.set()
        try:
            socket.socket.shutdown(self.channel, socket.SHUT_RDWR)
        except OSError:
            pass

    def close(self, reset=False):
        try:
            if reset:
                self.channel.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            else:
                self.hang_up()
            self.channel.close()
        except OSError:
            pass

    # --- what it does wrong

    def play(self, stage):
        """True: that stage is answered already."""
        act = self.peer.act_at(stage)
        if not act:
            return False
        word, _, detail = act.partition(":")
        reply = REPLIES.get(stage, "250 ok")
        code = reply[:3]
        if word == "drop":
            self.close()
            raise Gone
        if word == "reset":
            self.close(reset=True)
            raise Gone
        if word in ("hang", "late"):
            self.over.wait()
            raise Gone
        if word == "mute":  # hears and never says a word, but takes what is sent
            while True:
                self.more()
        if word == "drip":  # slow, each byte for itself
            for byte in (reply + "\r\n").encode():
                if self.over.wait(0.02):
                    raise Gone
                self.send(bytes([byte]))
            return True
        if word == "half":
            self.send(reply[:8].encode())
            self.close()
            raise Gone
        if word == "garbage":
            self.send(b"\xff\xfe\x00\x01 not smtp\r\n")
        elif word == "words":
            self.send(b"hello there\r\n")
        elif word == "empty":
            self.send(b"\r\n" * 5)
        elif word == "noline":
            self.send(b"x" * MANY_BYTES)
            self.over.wait()
            raise Gone
        elif word == "lines":
            self.send("".join(f"{code}-line {n}\r\n" for n in range(200)).encode() + reply.encode() + b"\r\n")
            return True
        elif word == "endless":
            for n in itertools.count():
                if self.over.wait(0.01):
                    raise Gone
                self.send(f"{code}-line {n}\r\n".encode())
        elif word == "extra":  # an answer more than was asked for
            self.send(reply.encode() + b"\r\n250 2.0.0 surplus\r\n")
            return True
        elif word == "long":
            self.send(reply.encode() + b" " + b"x" * 5000 + b"\r\n")
            return True
        elif word == "lf":
            self.send(reply.encode() + b"\n")
            return True
        elif word == "inject":  # plain text that shall be taken for the first words inside TLS
            self.send(reply.encode() + b"\r\n250-evil\r\n250 SMTPUTF8\r\n")
            return True
        elif word.isdigit():
            texts = (detail or "no").replace("_", " ").split("|")
            for n, text in enumerate(texts):
                self.send(f"{word}{'-' if n + 1 < len(texts) else ' '}{text}\r\n".encode())
            if word == "421":
                self.close()
                raise Gone
        else:
            raise AssertionError(f"unknown: {act}")
        return True

    def say(self, stage):
        """The answer of a stage. False: it was another one than the right one."""
        if self.play(stage):
            return self.peer.heals(stage)
        self.send((REPLIES[stage] + "\r\n").encode())
        return True

    # --- the dialogue

    def shake(self):
        act = self.peer.act_at("tls", played=False) or ""
        certificate = "good"
        if act.startswith("certificate-"):
            self.peer.act_at("tls")
            certificate = act.partition("-")[2]
        elif act:
            self.play("tls")
        channel = self.channel
        context = self.peer.contexts[certificate]
        try:
            self.channel = context.wrap_socket(channel, server_side=True)
        except OSError as error:
            raise Gone from error
        self.private, self.buffer = True, b""

    def ehlo(self):
        silent = self.peer.act_at("ehlo", played=False) == "noauth"
        if silent:
            self.peer.act_at("ehlo")
        elif self.play("ehlo"):
            return
        offers = ["peer.test", "SIZE 1000000", "8BITMIME", *self.peer.offers]
        if self.peer.tls == "starttls" and not self.private:
            offers += ["STARTTLS", *self.peer.offers_in_plain]
        elif self.peer.password and not silent:
            offers.append("AUTH PLAIN LOGIN")
        self.send("".join(f"250{'-' if n + 1 < len(offers) else ' '}{word}\r\n" for n, word in enumerate(offers)).encode())

    def login(self, line):
        words = line.split()
        if words[1].upper() == "PLAIN":
            if len(words) < 3:
                self.send(b"334 \r\n")
                words.append(self.line())
            name, password = base64.b64decode(words[2]).decode().split("\0")[1:]
        else:
            self.send(b"334 VXNlcm5hbWU6\r\n")
            name = base64.b64decode(self.line()).decode()
            self.send(b"334 UGFzc3dvcmQ6\r\n")
            password = base64.b64decode(self.line()).decode()
        if self.play("auth"):
            self.trusted = self.peer.heals("auth")
            return
        good = self.trusted = (name, password) == ("events", self.peer.password)
        self.send((REPLIES["auth"] if good else "535 5.7.8 who are you?").encode() + b"\r\n")

    def body(self):
        """The message; None if it was refused before its end."""
        refused = False
        act = self.peer.act_at("body", played=False)
        text = self.buffer
        self.buffer = b""
        while act or not text.endswith(b"\r\n.\r\n"):
            if act and len(text) > 200:
                self.play("body")
                act, refused = None, True
                continue
            self.more()
            text, self.buffer = text + self.buffer, b""
        return None if refused else re.sub(rb"(?m)^\.", b"", text[:-3])

    def take(self, line, sender, recipient):
        content = self.body()
        if content is None:
            return
        act = self.peer.act_at("dot", played=False)
        if not act or self.peer.heals("dot") or act in ("lost", "late"):
            self.peer.keep(sender, recipient, content)
        if act == "lost":
            self.peer.act_at("dot")
            self.close()
            raise Gone
        self.say("dot")

    def talk(self):
        sender = recipient = None
        if self.peer.tls == "implicit":
            self.shake()
        self.play("connect")
        self.say("greeting")
        while True:
            line = self.line()
            verb = line.split(" ")[0].upper()
            if verb == "AUTH":
                self.peer.hear("AUTH")
                self.login(line)
                continue
            self.peer.hear(line)
            if verb == "EHLO":
                self.ehlo()
            elif verb == "HELO":
                self.send(b"250 peer.test\r\n")
            elif verb == "STARTTLS":
                if self.say("starttls"):
                    self.shake()
            elif verb == "MAIL":
                sender = re.search("<(.*)>", line)[1]
                if self.peer.password and not self.trusted:
                    self.send(b"530 5.7.0 log in first\r\n")
                else:
                    self.say("mail")
            elif verb == "RCPT":
                recipient = re.search("<(.*)>", line)[1]
                self.say("rcpt")
            elif verb == "DATA":
                if self.say("data"):
                    self.take(line, sender, recipient)
            elif verb == "QUIT":
                self.send(b"221 2.0.0 bye\r\n")
                return
            else:
                self.send(b"250 2.0.0 ok\r\n")

    def run(self):
        try:
            self.talk()
        except Gone:
            pass
        finally:
            self.close()


class Peer:
    """Give it to make_daemon in place of the mail server: it has a port."""

    def __init__(self, folder=None):
        self.contexts, self.authority = certificates(folder) if folder else ({}, None)
        self.tls = "none"  # starttls, implicit
        self.password = None
        self.offers, self.offers_in_plain = [], []
        self.lock = threading.Lock()
        self.heard, self.kept, self.connections = [], [], []
        self.fault = None  # (stage, act)
        self.played = 0
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        while True:
            try:
                channel = self.socket.accept()[0]
            except OSError:
                return
            connection = Connection(self, channel)
            with self.lock:
                self.connections.append(connection)
            threading.Thread(target=connection.run, daemon=True).start()

    def act_at(self, stage, played=True):
        with self.lock:
            if not self.fault or self.fault[0] != stage:
                return None
            self.played += played
            return self.fault[1]

    def heals(self, stage):
        """What is played there is only another way to say yes."""
        with self.lock:
            return bool(self.fault) and self.fault[0] == stage and self.fault[1] in ("drip", "lines", "long", "lf", "inject", "extra")

    def hear(self, line):
        with self.lock:
            self.heard.append(line)

    def keep(self, sender, recipient, content):
        message = email.message_from_bytes(content, policy=email.policy.default)
        with self.lock:
            self.kept.append((sender, recipient, message["Message-ID"], message, content))

    def to(self, recipient):
        with self.lock:
            return [entry for entry in self.kept if entry[1] == recipient]

    @property
    def busy(self):
        """Somebody is still connected, or what he sent is not read to its end."""
        with self.lock:
            self.connections = [c for c in self.connections if not c.over.is_set()]
            return bool(self.connections)

    def hang_up(self):
        """Ends every connection, as a server does that has waited long enough."""
        with self.lock:
            connections, self.connections = self.connections, []
        for connection in connections:
            connection.hang_up()

    def do(self, stage, act):
        with self.lock:
            self.fault, self.played = (stage, act), 0
            self.heard = []

    def mend(self):
        with self.lock:
            self.fault = None
        self.hang_up()

    def close(self):
        self.mend()
        self.socket.close()
