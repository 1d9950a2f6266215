# SPDX-License-Identifier: EUPL-1.2
"""A real SMTP server in a thread that keeps all it accepts and misbehaves on demand.

The local part of the recipient says how (what stands before a `+` or `.` counts):
tempfail 450 at RCPT, nouser 550 at RCPT, data4 451 after the data, data5 554 after the data, drop: the connection
breaks at RCPT, dropafter: accepted, but the answer is lost, slow: kept, but answered after two seconds only, held: kept, but
answered when let_go() says so, hang: never. After mend() everyone is a good recipient."""
import asyncio
import email
import email.policy
import threading
from dataclasses import dataclass

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

from .ports import free_port
from .wait import eventually


@dataclass
class Mail:
    sender: str
    recipient: str
    content: bytes

    @property
    def message(self):
        return email.message_from_bytes(self.content, policy=email.policy.default)


class _Handler:
    def __init__(self, server):
        self.server = server

    def _way(self, recipient):
        if self.server.mended:
            return ""
        return recipient.split("@")[0].split("+")[0].split(".")[0]

    async def handle_RCPT(self, server, session, envelope, address, options):
        self.server.attempts.append(address)
        way = self._way(address)
        if way == "tempfail":
            return "450 4.2.1 try later"
        if way == "nouser":
            return "550 5.1.1 no such user"
        if way == "drop":
            server.transport.abort()
            return "421 4.3.2 gone"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 ok"

    async def handle_DATA(self, server, session, envelope):
        recipient = envelope.rcpt_tos[0]
        way = self._way(recipient)
        if way == "data4":
            return "451 4.3.0 try again"
        if way == "data5":
            return "554 5.7.1 not wanted"
        if way == "hang":
            while not self.server.mended:
                await asyncio.sleep(0.05)
            server.transport.abort()
            return "421 4.3.2 gone"
        mail = Mail(envelope.mail_from, recipient, envelope.original_content)
        with self.server.lock:
            self.server.mails.append(mail)
        if way == "slow":
            await asyncio.sleep(2)
        if way == "held":
            while not self.server.mended and self.server.may_go == 0:
                await asyncio.sleep(0.02)
            self.server.may_go = max(self.server.may_go - 1, 0)
        if way == "dropafter":
            server.transport.abort()
        return "250 2.0.0 kept"


class _Controller(Controller):
    def factory(self):
        return type("Server", (SMTP,), self.handler.server.commands)(
            self.handler, ident="mail.test", data_size_limit=2_000_000, enable_SMTPUTF8=False, decode_data=False,
            **self.handler.server.options)


class MailServer:
    def __init__(self):
        self.mails = []
        self.attempts = []  # every RCPT, accepted or not
        self.mended = False
        self.may_go = 0  # so many who are held
        self.commands = {}  # smtp_EHLO and the like, in place of aiosmtpd's own
        self.options = {}  # of aiosmtpd's SMTP: tls_context, authenticator and the like
        self.tls_from_start = None  # the ssl context of smtps://
        self.lock = threading.Lock()
        self.controller = None
        self.port = free_port()  # kept over stop and start

    def start(self):
        self.controller = _Controller(_Handler(self), hostname="127.0.0.1", port=self.port,
                                      ssl_context=self.tls_from_start, ready_timeout=60)
        self.controller.start()

    def stop(self):
        if not self.controller:
            return
        self.mended = True
        self.controller.stop()
        self.controller = None
        self.mended = False

    def mend(self):
        self.mended = True

    def let_go(self):
        """One of those who are held is answered."""
        self.may_go += 1

    def to(self, recipient):
        with self.lock:
            return [mail for mail in self.mails if mail.recipient == recipient]

    def one(self, recipient, count=1, deadline=15.0):
        """The mail of that number to RECIPIENT, as soon as it is there, and then there are no more than that."""
        eventually(lambda: len(self.to(recipient)) >= count, deadline, f"{count} mail(s) to {recipient}")
        got = self.to(recipient)
        assert len(got) == count, f"{len(got)} mails to {recipient}, not {count}"
        return got[-1]
