"""Between Daphne and Twisted: requests are looked at before their bodies are taken in.

Twisted keeps a body of any length, from any client, before the application hears of the request,
and waits for one that never ends while a byte a minute comes. Here a request is admitted by its
headers, its bytes are counted, all bodies together have a cap and those of one address a share of
it, and headers and bodies must arrive at a pace. docs/decisions/0008 says why this is ours.

Three inner methods of Twisted are overridden (`gotLength`, `handleContentChunk`,
`allHeadersReceived`), two private names read (`_command`, `_path`), and one of Daphne's modules is
told to use our factory; tests/unit/core/test_body_guard.py fails when an upgrade moves them.
"""

from __future__ import annotations

import logging
import tempfile
import time
from typing import Any
from urllib.parse import unquote

import daphne.server
from daphne.http_protocol import HTTPFactory, WebRequest
from django.conf import settings
from twisted.web import http

from core import addresses, errors, spool_folders
from core.admission import largest_body, refusal
from core.web_group import WebGroup

logger = logging.getLogger(__name__)

IN_MEMORY_BYTES = 64 * 1024
# Most clients send everything before they read: so much more is thrown away, so that they find
# the answer to what they sent.
LINGER_S, LINGER_BYTES = 5.0, 8 << 20
RETRY_S = 5


def _no_room() -> errors.AppError:
    return errors.Unavailable(
        "Too much is being sent to this server at the moment. Try again shortly.",
        code="server.busy",
        retry_after_s=RETRY_S,
    )


class Body(tempfile.SpooledTemporaryFile[bytes]):
    """One body. Closing it, which is safe twice, gives its room back."""

    def __init__(self, group: WebGroup, address: str) -> None:
        self.group, self.address, self.size = group, address, 0
        super().__init__(IN_MEMORY_BYTES, dir=spool_folders.own())

    def has_room(self, size: int) -> bool:
        """Return whether so many bytes more fit, beside all that all web processes hold."""
        return (
            self.group.bytes_held() + size <= settings.SPOOL_LIMIT_BYTES
            and self.group.bytes_of(self.address) + size <= settings.SPOOL_SHARE_BYTES
        )

    def add(self, data: bytes) -> None:
        self.group.add_bytes(self.address, len(data))
        self.size += len(data)
        self.write(data)

    def close(self) -> None:
        self.group.add_bytes(self.address, -self.size)
        self.size = 0
        super().close()


class GuardedRequest(WebRequest):
    """A request whose body is admitted, and counted while it comes."""

    limit = 0

    def gotLength(self, length: int | None) -> None:
        channel = self.channel
        headers = lower_case(self.requestHeaders)
        address = addresses.counted_as(forwarded_client(channel, headers))
        self.content = Body(channel.factory.group, address)
        method = channel._command.decode("latin-1")
        path = unquote(channel._path.partition(b"?")[0].decode("latin-1"))
        try:
            self.limit = largest_body(method, path, headers, length)
            if length is not None and not self.content.has_room(length):
                raise _no_room()
        except errors.AppError as error:
            channel.refuse(error)

    def handleContentChunk(self, data: bytes) -> None:
        body, channel = self.content, self.channel
        if channel.refused or body.closed:
            return None
        if body.size + len(data) > self.limit:
            return channel.refuse(errors.TooLarge())
        if not body.has_room(len(data)):
            return channel.refuse(_no_room())
        try:
            body.add(data)
        except OSError:
            logger.exception("a request's body could not be kept")
            channel.refuse(_no_room())


class GuardedChannel(http.HTTPChannel):
    """One connection. A clock runs while a request is on its way in, and at no other time: not
    while the application works, nor while an answer, a stream or a socket is open."""

    transport: Any
    refused = False
    _clock: Any = None
    # Since the clock began to run; and beyond a refusal.
    _came = _thrown_away = 0
    # Of the body on its way: since when, and the Body once it counts as half arrived.
    _body_since = 0.0
    _slow_body: Body | None = None

    def connectionMade(self) -> None:
        super().connectionMade()
        self._await_headers()

    def dataReceived(self, data: bytes) -> None:
        if self.refused:
            self._thrown_away += len(data)
            if self._thrown_away > LINGER_BYTES:
                self.transport.abortConnection()
            return
        if self._clock is None and not self._handlingRequest:
            self._await_headers()  # of the next request on a kept connection
        self._came += len(data)
        super().dataReceived(data)

    def allHeadersReceived(self) -> None:
        self._stop_clock()
        super().allHeadersReceived()
        if not self.refused and self.length != 0:
            self._body_since = time.monotonic()
            self._came, self._clock = 0, self.callLater(settings.BODY_LOOK_S, self._count_it)

    def allContentReceived(self) -> None:
        self._stop_clock()
        if not self.refused:
            super().allContentReceived()

    def _send100Continue(self) -> None:
        if not self.refused:
            super()._send100Continue()

    def connectionLost(self, reason: Any) -> None:  # type: ignore[override]
        self._stop_clock()
        super().connectionLost(reason)

    def refuse(self, error: errors.AppError) -> None:
        """Answer, say that nothing more is read, and leave the sender time to hear it."""
        if self.refused:
            return
        self.refused = True
        self._stop_clock()
        self.setTimeout(None)
        request = self.requests[-1] if self.requests else None
        method = getattr(self, "_command", b"GET").decode("latin-1")
        target = getattr(self, "_path", b"/").decode("latin-1")
        headers = lower_case(request.requestHeaders) if request is not None else {}
        answer = refusal(
            error,
            method=method,
            path=unquote(target.partition("?")[0]),
            origin=headers.get("origin", ""),
        )
        answer["Connection"] = "close"
        answer["Cache-Control"] = "no-store"
        reason = http.RESPONSES.get(answer.status_code, b"Refused")
        lines = [b"HTTP/1.1 %d %s" % (answer.status_code, reason)]
        lines += [f"{name}: {value}".encode("latin-1") for name, value in answer.items()]
        body = b"" if method == "HEAD" else answer.content
        self.transport.write(b"\r\n".join([*lines, b"", body]))
        self.factory.server.log_action(
            "http",
            "complete",
            {
                "method": method,
                "path": target,
                "status": answer.status_code,
                "time_taken": 0.0,
                "size": len(body),
            },
        )
        for waiting in self.requests:
            if waiting.content is not None:
                waiting.content.close()
        self.transport.unregisterProducer()
        self.transport.loseWriteConnection()
        self._clock = self.callLater(LINGER_S, self.transport.abortConnection)

    def _await_headers(self) -> None:
        self._came, self._clock = 0, self.callLater(settings.HEADERS_S, self._no_headers)

    def _no_headers(self) -> None:
        self._clock = None
        if self._came:
            self.refuse(errors.RequestTimeout())
        else:
            # A browser that connected ahead would take a 408 for the answer to its next request.
            self.transport.abortConnection()

    def _count_it(self) -> None:
        """A body that is not there by now counts among those of its address."""
        body = self.requests[-1].content
        if body.group.half_arrived_of(body.address) >= settings.HALF_ARRIVED_PER_ADDRESS:
            self._clock = None
            too_many = errors.QuotaExceeded(
                "Too many requests from your address are still on their way. Send fewer at the"
                " same time.",
                code="quota.rate",
                retry_after_s=RETRY_S,
            )
            self.refuse(too_many)
            return
        body.group.add_half_arrived(body.address, 1)
        self._slow_body = body
        self._clock = self.callLater(settings.BODY_PACE_S, self._check_pace)

    def _check_pace(self) -> None:
        """At least BODY_PACE_BYTES since the last check; small bodies also have a deadline."""
        self._clock = None
        length = self.requests[-1].limit if self.length is None else self.length
        took_s = time.monotonic() - self._body_since
        is_late = (
            length <= settings.BODY_LIMIT_BYTES
            and took_s > settings.SMALL_BODY_S + length / settings.SMALL_BODY_BYTES_PER_S
        )
        if is_late or self._came < settings.BODY_PACE_BYTES:
            self.refuse(errors.RequestTimeout())
        else:
            self._came, self._clock = 0, self.callLater(settings.BODY_PACE_S, self._check_pace)

    def _stop_clock(self) -> None:
        if self._clock is not None and self._clock.active():
            self._clock.cancel()
        self._clock = None
        if self._slow_body is not None:
            self._slow_body.group.add_half_arrived(self._slow_body.address, -1)
            self._slow_body = None


class GuardedFactory(HTTPFactory):
    """Makes guarded connections. HTTP/2, which Daphne offers only behind TLS of its own, is out."""

    protocol = GuardedChannel
    group: WebGroup

    def buildProtocol(self, addr: Any) -> Any:
        channel: Any = http.HTTPFactory.buildProtocol(self, addr)
        channel.requestFactory = GuardedRequest
        return channel


def install(group: WebGroup) -> None:
    """Have Daphne's servers of this process guard their bodies. Before one runs."""
    GuardedFactory.group = group
    daphne.server.HTTPFactory = GuardedFactory


def lower_case(headers: Any) -> dict[str, str]:
    """Twisted's headers by lower-case name; repeated ones joined as HTTP says."""
    return {
        name.decode("latin-1").lower(): (b"; " if name.lower() == b"cookie" else b", ")
        .join(values)
        .decode("latin-1")
        for name, values in headers.getAllRawHeaders()
    }


def forwarded_client(channel: Any, headers: dict[str, str]) -> str:
    peer = str(getattr(channel.getPeer(), "host", ""))
    return addresses.client_address(
        peer, headers.get("x-forwarded-for", ""), settings.TRUSTED_PROXIES
    )
