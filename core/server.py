"""Daphne, with `send` waiting for slow readers: `python -m core.server <arguments of daphne>`.

Stock Daphne hands every chunk to Twisted at once, so a slow reader of a large file, or of a busy
event stream or socket, makes the process buffer all of it. Twisted says when its buffer is full;
here the application's `await send(…)` heeds that. The other way, it reads a whole body into memory
before the application asks for any; here each `receive()` reads one part from the file Twisted
keeps. `core.body_guard` decides which bodies are taken in at all, `core.socket_guard` which
messages of sockets.

And an application that fails in mid-answer breaks the connection off, which tells the client. Stock
Daphne tries to start a second answer, fails at that, and never cleans up after any request again.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gc
import io
import logging
import os
import sys
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeAlias

from daphne.cli import CommandLineInterface
from daphne.http_protocol import WebRequest
from daphne.server import Server
from django.apps import apps
from django.conf import settings
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IPushProducer
from zope.interface import implementer

from core import addresses, background_threads, body_guard, outages, socket_guard, spool_folders
from core.close_codes import TRY_AGAIN_LATER
from core.process_name import process_name
from core.process_name import use as use_process_name
from core.web_group import WebGroup

Message: TypeAlias = dict[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
Application: TypeAlias = Callable[[Message, Receive, Send], Awaitable[None]]

logger = logging.getLogger(__name__)
access = logging.getLogger("access")

# Of our own: what `abort_on_failure` asks of the server, and where it leaves a body for `reading`.
ABORT = "reelgraph.abort"
BODY = "reelgraph.body"
PART = 256 * 1024
# A process waits this long before it accepts a connection that a less busy one could take.
GIVE_WAY_S = 0.002
# When the server stops, applications have so long to end.
LEAVE_S = 2.0
PROBES = frozenset({"/healthz", "/readyz"})


def abort_on_failure(application: Application) -> Application:
    """The application, with a failure in the middle of a response turned into a broken connection.

    A socket that an outage broke is closed with 1013, try again later: raised to Daphne, each would
    write a traceback of its own.
    """

    async def guard(scope: Message, receive: Receive, send: Send) -> None:
        has_started = False

        async def send_and_note(message: Message) -> None:
            nonlocal has_started
            has_started = has_started or message["type"] == "http.response.start"
            await send(message)

        try:
            await application(scope, receive, send_and_note)
        except Exception as problem:
            is_socket_in_outage = scope["type"] == "websocket" and outages.kind_of(problem)
            if not has_started and not is_socket_in_outage:
                raise
            logger.exception("%s failed in mid-answer", scope["path"])
            if is_socket_in_outage:
                await send({"type": "websocket.close", "code": TRY_AGAIN_LATER})
            else:
                await send({"type": ABORT})

    return guard


def reading(application: Application) -> Application:
    """The application, with a request's body read as it asks for it."""

    async def read_as_asked(scope: Message, receive: Receive, send: Send) -> None:
        body = scope.pop(BODY, None)
        if body is None:
            return await application(scope, receive, send)
        is_read = False

        async def receive_part() -> Message:
            nonlocal is_read
            if not is_read and not body.closed:
                part = body.read(PART)
                is_read = len(part) < PART
                return {"type": "http.request", "body": part, "more_body": not is_read}
            message = await receive()
            while message["type"] == "http.request":  # of the empty body left in its place
                message = await receive()
            return message

        return await application(scope, receive_part, send)

    return read_as_asked


def log_access(protocol: str, action: str, details: Mapping[str, Any]) -> None:
    """One line for an answered request, and for a socket that opens, is refused or closes.

    Without the query: it holds signatures and people's words.
    """
    path = str(details["path"]).partition("?")[0]
    if protocol == "http" and action == "complete":
        status = int(details["status"])
        if path in PROBES and status == 200:
            return  # asked every few seconds by the one who watches the server
        facts = {
            "method": details["method"],
            "path": path,
            "status": status,
            "took_ms": round(1000 * details["time_taken"], 1),
            "size": details["size"],
        }
        access.info("%s %s %s", facts["method"], path, status, extra=facts)
    elif protocol == "websocket" and action in ("connected", "rejected", "disconnected"):
        access.info("socket %s %s", action, path, extra={"path": path})


@implementer(IPushProducer)
class WriteGate:
    """Closed while the connection's write buffer is full."""

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.open.set()

    # Twisted's names for: the buffer is full, it is empty again, the reader is gone.
    def pauseProducing(self) -> None:
        self.open.clear()

    def resumeProducing(self) -> None:
        self.open.set()

    def stopProducing(self) -> None:
        self.open.set()


class BackpressureServer(Server):
    """Lets an application send the next chunk once the reader has taken the last ones, and read
    a body as it goes along.

    group: what it shares with the other web processes. ready: a pipe that is told when it listens.
    """

    group: WebGroup
    ready: int | None = None

    def __init__(self, application: Application, *args: Any, **options: Any) -> None:
        # Daphne's own lines repeat whole addresses, with the signatures in them.
        options["action_logger"] = log_access
        # Daphne's command line says 5, which a busy process needs for a few hundred at once.
        for limit in ("websocket_connect_timeout", "websocket_handshake_timeout"):
            options[limit] = settings.HANDSHAKE_S
        super().__init__(abort_on_failure(reading(application)), *args, **options)

    def run(self) -> None:
        spool_folders.prepare()
        body_guard.install(self.group)
        socket_guard.install()
        background_threads.start_all()
        super().run()

    def listen_success(self, port: Any) -> None:
        super().listen_success(port)
        self.group.join()
        if self.group.size > 1:
            share_accepting(port, self.group)
        if self.ready is not None:
            # The pipe may be full or closed: then no one waits for this any more.
            with contextlib.suppress(OSError):
                os.write(self.ready, f"{process_name()}\n".encode())
            os.close(self.ready)
            self.ready = None

    def protocol_connected(self, protocol: Any) -> None:
        if isinstance(protocol, WebRequest):
            # Otherwise Twisted reads every posted form into memory, however large, parses it
            # although nothing uses the result, and sends its own error when parsing fails.
            protocol._parsePOSTFormSubmission = False
        super().protocol_connected(protocol)

    def create_application(self, protocol: Any, scope: Message) -> Any:
        _name_client(scope)
        if scope["type"] == "http":
            # Daphne queues all of `content` right after this.
            scope[BODY] = self.connections[protocol]["body"] = protocol.content
            _give_length(scope, protocol.content)
            protocol.content = io.BytesIO()
        return super().create_application(protocol, scope)

    async def handle_reply(self, protocol: Any, message: Message) -> None:
        if message["type"] == ABORT:
            if protocol.channel is not None:
                protocol.transport.abortConnection()
            return
        gate = None
        if isinstance(protocol, WebRequest) and message["type"] == "http.response.body":
            if message.get("more_body", False):
                gate = self._gate_of(protocol)
            elif protocol.producer is not None and protocol.channel is not None:
                protocol.unregisterProducer()
        elif message["type"] == "websocket.send":
            gate = self.gate_of_socket(protocol)
        await super().handle_reply(protocol, message)
        if gate is not None:
            await gate.open.wait()

    def protocol_disconnected(self, protocol: Any) -> None:
        body = self.connections.get(protocol, {}).get("body")
        if body is not None:
            body.close()
        # Anyone who waits to send finds out; nothing will drain this buffer any more.
        gate = self.connections[protocol].get("gate")
        if gate is not None:
            gate.open.set()
        super().protocol_disconnected(protocol)

    def kill_all_applications(self) -> Any:
        """As Daphne's, but waits until all of them have ended: they tell other processes that they
        go. Daphne waits for the first one, and for none where a connection has no application."""
        tasks = [details.get("application_instance") for details in self.connections.values()]
        running_tasks = [one for one in tasks if one is not None and not one.done()]
        for application in running_tasks:
            application.cancel()
        gathering = asyncio.gather(*running_tasks, return_exceptions=True)
        waiting = asyncio.ensure_future(asyncio.wait_for(gathering, LEAVE_S))
        return Deferred.fromFuture(waiting).addErrback(lambda _: None)

    def gate_of_socket(self, protocol: Any) -> WriteGate | None:
        """Closed while the reader of this socket does not keep up; None once it is gone."""
        details = self.connections.get(protocol)
        if details is None or details.get("disconnected"):
            return None
        if "gate" not in details:
            details["gate"] = WriteGate()
            # The channel of the request that became this socket is still in that place.
            protocol.transport.unregisterProducer()
            protocol.transport.registerProducer(details["gate"], True)
        gate: WriteGate = details["gate"]
        return gate

    def _gate_of(self, protocol: WebRequest) -> WriteGate | None:
        details = self.connections.get(protocol)
        if details is None or details.get("disconnected") or protocol.channel is None:
            return None
        if "gate" not in details:
            details["gate"] = WriteGate()
            protocol.registerProducer(details["gate"], True)
        gate: WriteGate = details["gate"]
        return gate


def _name_client(scope: Message) -> None:
    """Make `client` and `scheme` those that a trusted proxy reports, or the socket's own."""
    peer = str((scope.get("client") or ("",))[0])
    values_by_header: dict[bytes, list[bytes]] = {b"x-forwarded-for": [], b"x-forwarded-proto": []}
    for name, value in scope["headers"]:
        if name in values_by_header:
            values_by_header[name].append(value)
    forwarded_for = b",".join(values_by_header[b"x-forwarded-for"]).decode("latin-1")
    address = addresses.client_address(peer, forwarded_for, settings.TRUSTED_PROXIES)
    if address != peer:
        scope["client"] = [address, 0]
    proto = values_by_header[b"x-forwarded-proto"]
    if proto and addresses.is_trusted(peer, settings.TRUSTED_PROXIES):
        secure = proto[-1].strip().lower() in (b"https", b"wss")
        plain, encrypted = ("http", "https") if scope["type"] == "http" else ("ws", "wss")
        scope["scheme"] = encrypted if secure else plain


def _give_length(scope: Message, body: Any) -> None:
    """All of a body is there: one that came in chunks gets the length that Django asks for."""
    headers = scope["headers"]
    if any(name == b"transfer-encoding" for name, _ in headers):
        length = str(body.seek(0, io.SEEK_END)).encode()
        body.seek(0)
        kept = [
            pair for pair in headers if pair[0] not in (b"transfer-encoding", b"content-length")
        ]
        scope["headers"] = [*kept, (b"content-length", length)]


def share_accepting(port: Any, group: WebGroup) -> None:
    """Accept one connection for each turn of the event loop, after processes with much fewer.

    All processes wake up for a connection. Twisted would accept up to a hundred at once, so that
    the first to wake gets a whole burst, for as long as those connections stay.
    """

    class Connection(port.transport):
        def connectionLost(self, reason: Any) -> None:
            group.add_connections(-1)
            super().connectionLost(reason)

    def make(*args: Any) -> Any:
        group.add_connections(1)
        return Connection(*args)

    def accept_one() -> None:
        port.numberAccepts = 1
        type(port).doRead(port)

    def accept_after_all() -> None:
        if port.connected and not port.disconnecting:
            accept_one()
            port.startReading()

    def accept() -> None:
        if group.has_too_many_connections():
            port.stopReading()
            port.reactor.callLater(GIVE_WAY_S, accept_after_all)
        else:
            accept_one()

    port.transport = make
    port.doRead = accept


class CommandLine(CommandLineInterface):
    """Daphne's, with what the supervisor hands to its web processes."""

    server_class = BackpressureServer

    def run(self, args: list[str]) -> None:
        own = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
        own.add_argument("--process-name", default="")
        own.add_argument("--group-fd", type=int)
        own.add_argument("--group-slot", type=int, default=0)
        own.add_argument("--ready-fd", type=int)
        options, rest = own.parse_known_args(args)
        if options.process_name:
            use_process_name(options.process_name)
        BackpressureServer.group = WebGroup(options.group_fd, options.group_slot)
        BackpressureServer.ready = options.ready_fd
        for descriptor in (options.group_fd, options.ready_fd):
            # The children of this process have no use for them.
            if descriptor is not None:
                os.set_inheritable(descriptor, False)
        super().run(rest)


if __name__ == "__main__":
    # Both as manage.py does.
    if not apps.ready:
        gc.disable()
    os.umask(0o077)
    CommandLine().run(sys.argv[1:])
