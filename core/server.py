"""Daphne, with `send` waiting for slow readers: `python -m core.server <arguments of daphne>`.

Stock Daphne hands every chunk to Twisted at once, so a slow reader of a large file, or of a busy
event stream, makes the process buffer all of it. Twisted says when its buffer is full; here the
application's `await send(…)` heeds that.
"""

from __future__ import annotations

import asyncio
import sys
from typing import Any

from daphne.cli import CommandLineInterface
from daphne.http_protocol import WebRequest
from daphne.server import Server
from twisted.internet.interfaces import IPushProducer
from zope.interface import implementer


@implementer(IPushProducer)
class Gate:
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


class PatientServer(Server):
    """Lets an application send the next chunk once the reader has taken the last ones."""

    async def handle_reply(self, protocol: Any, message: dict[str, Any]) -> None:
        gate = None
        if isinstance(protocol, WebRequest) and message["type"] == "http.response.body":
            if message.get("more_body", False):
                gate = self._gate_of(protocol)
            elif protocol.producer is not None and protocol.channel is not None:
                protocol.unregisterProducer()
        await super().handle_reply(protocol, message)
        if gate is not None:
            await gate.open.wait()

    def protocol_disconnected(self, protocol: Any) -> None:
        # Whoever waits to send finds out; nothing will drain this buffer any more.
        gate = self.connections[protocol].get("gate")
        if gate is not None:
            gate.open.set()
        super().protocol_disconnected(protocol)

    def _gate_of(self, protocol: WebRequest) -> Gate | None:
        details = self.connections.get(protocol)
        if details is None or details.get("disconnected") or protocol.channel is None:
            return None
        if "gate" not in details:
            details["gate"] = Gate()
            protocol.registerProducer(details["gate"], True)
        gate: Gate = details["gate"]
        return gate


class PatientCommandLine(CommandLineInterface):
    server_class = PatientServer


if __name__ == "__main__":
    PatientCommandLine().run(sys.argv[1:])
