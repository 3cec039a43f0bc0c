"""A mail server on 127.0.0.1 that keeps what it is sent, and refuses or hesitates when told to.

`with SmtpServer() as server:` listens; `server.address` is what REELGRAPH_MAIL would say, and
`server.received` holds what it took. Written by aiosmtpd, which speaks SMTP by RFC 5321.
"""

from __future__ import annotations

import asyncio
import email
import email.policy
import logging
import ssl
import threading
from collections import deque
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Literal, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from builder.ops import mail_settings
from notices.sending import Outbox
from scripts.ports import free_port

# Its lines tell what it was sent, passwords too.
logging.getLogger("mail.log").setLevel(logging.ERROR)
PASSWORD = "lantern/9:Gray#x"
# A name and that password as an address has them.
WRITTEN = "studio%40example.org:lantern%2F9%3AGray%23x"
SENDER = "Reelgraph <studio@example.org>"
Tls = Literal["", "starttls", "tls"]


@dataclass(frozen=True, slots=True)
class Received:
    """One message: who it came from and went to, and what it says."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes

    @property
    def message(self) -> EmailMessage:
        found = email.message_from_bytes(self.raw, policy=email.policy.default)
        assert isinstance(found, EmailMessage)
        return found

    @property
    def text(self) -> str:
        return str(self.message.get_content()).replace("\r\n", "\n")


@dataclass
class Behavior:
    """What it does otherwise than taking mail. mail, rcpt, data: answers to be given instead, once
    each. always: answers to each command of a name. hold: a message is answered when this is set.
    breaks_off: so many messages are taken, and then the connection ends without an answer."""

    mail: deque[str] = field(default_factory=deque)
    rcpt: deque[str] = field(default_factory=deque)
    data: deque[str] = field(default_factory=deque)
    always: dict[str, str] = field(default_factory=dict)
    hold: threading.Event | None = None
    breaks_off: int = 0

    def answer(self, command: str) -> str:
        waiting: deque[str] = getattr(self, command)
        return waiting.popleft() if waiting else self.always.get(command, "")


class SmtpServer:
    """tls: how it encrypts, with the certificate at `certificate`. password: what it demands."""

    def __init__(
        self, *, tls: Tls = "", certificate: Path | None = None, password: str = "", port: int = 0
    ) -> None:
        self.tls = tls
        self.port = port or free_port()
        self.received: list[Received] = []
        self.connections = 0
        self.logins: list[bool] = []
        self.behavior = Behavior()
        # Set when a message has arrived, before it is answered.
        self.arrived = threading.Event()
        self._password = password
        self._context: ssl.SSLContext | None = None
        if certificate is not None:
            self._context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            self._context.load_cert_chain(certificate)
        self._controller: Controller | None = None

    @property
    def address(self) -> str:
        scheme = {"": "smtp+plain", "starttls": "smtp", "tls": "smtps"}[self.tls]
        return f"{scheme}://127.0.0.1:{self.port}"

    def messages_to(self, address: str) -> list[Received]:
        return [one for one in self.received if one.recipients == (address,)]

    def __enter__(self) -> Self:
        self._controller = _Controller(self)
        self._controller.start()
        # The controller looks whether it answers.
        self.connections = 0
        return self

    def __exit__(self, *problem: object) -> None:
        assert self._controller is not None
        if self.behavior.hold is not None:
            self.behavior.hold.set()
        self._controller.stop()

    def hold(self) -> threading.Event:
        """Take no further message until the event is set; `arrived` tells of the next."""
        self.arrived.clear()
        self.behavior.hold = threading.Event()
        return self.behavior.hold

    def _take(self, taken: Received) -> None:
        if self.behavior.hold is not None:
            self.behavior.hold.wait()
        self.received.append(taken)

    # -- what aiosmtpd calls ----------------------------------------------------------------------

    def check_password(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, login: Any
    ) -> AuthResult:
        fits = isinstance(login, LoginPassword) and login.password == self._password.encode()
        self.logins.append(fits)
        if fits:
            return AuthResult(success=True)
        return AuthResult(success=False, handled=False, message="535 5.7.8 Wrong password")

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if answer := self.behavior.answer("mail"):
            return answer
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if answer := self.behavior.answer("rcpt"):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if answer := self.behavior.answer("data"):
            return answer
        content = envelope.content
        assert isinstance(content, bytes)
        assert envelope.mail_from is not None
        taken = Received(envelope.mail_from, tuple(envelope.rcpt_tos), content)
        self.arrived.set()
        # In a thread, which goes on when the sender is killed and this is broken off with its line.
        await asyncio.to_thread(self._take, taken)
        if self.behavior.breaks_off:
            self.behavior.breaks_off -= 1
            assert server.transport is not None
            server.transport.abort()
        return "250 Taken"


class _Controller(Controller):
    def __init__(self, owner: SmtpServer) -> None:
        self._owner = owner
        is_tls = owner.tls == "tls"
        super().__init__(
            owner,
            hostname="127.0.0.1",
            port=owner.port,
            ssl_context=owner._context if is_tls else None,
        )

    def factory(self) -> SMTP:
        owner = self._owner
        owner.connections += 1
        return SMTP(
            owner,
            hostname="mail.test",
            tls_context=owner._context if owner.tls == "starttls" else None,
            require_starttls=owner.tls == "starttls",
            authenticator=owner.check_password,
            auth_required=bool(owner._password),
            # It knows of STARTTLS only.
            auth_require_tls=owner.tls == "starttls",
        )


def send_mail_to(settings: Any, address: str) -> None:
    """Have this process send its mail there, as REELGRAPH_MAIL would."""
    server = mail_settings.read(address, SENDER)
    settings.EMAIL_HOST, settings.EMAIL_PORT = server.host, server.port
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = server.user, server.password
    settings.EMAIL_USE_TLS = server.scheme == "smtp"
    settings.EMAIL_USE_SSL = server.scheme == "smtps"
    settings.DEFAULT_FROM_EMAIL = server.sender


def send_all(outbox: Outbox | None = None) -> Outbox:
    """Send until nothing is due any more."""
    outbox = outbox or Outbox()
    while outbox() == 0:
        pass
    return outbox
