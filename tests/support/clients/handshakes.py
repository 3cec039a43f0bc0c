"""One handshake through the middleware of the sockets, around a consumer that only accepts."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

from channels.generic.websocket import AsyncWebsocketConsumer
from channels.testing import WebsocketCommunicator

from accounts.socket_auth import PrincipalMiddleware, SocketOriginValidator
from tests.support.clients.sockets import HOST, ORIGIN
from tests.support.waiting import WAIT_S

PATH = "/ws/runs/wf_1"
# How a handshake ends: the socket opens, or it is refused before it is accepted.
OPEN, BEFORE = 0, -4403


class Inner(AsyncWebsocketConsumer):
    """Accepts as told. It keeps what it was told about the last socket."""

    scope: dict[str, Any]

    async def connect(self) -> None:
        Inner.scope = self.scope
        await self.accept(self.scope["accepted_subprotocol"])


@dataclass(frozen=True)
class Credential:
    """What a handshake brings beside Host and Origin."""

    headers: dict[str, str] = field(default_factory=dict)
    subprotocols: tuple[str, ...] = ()
    query: str = ""


@dataclass(frozen=True)
class Opened:
    """closed: OPEN, the code that it was closed with once accepted, or minus that of one that was
    refused before."""

    closed: int
    subprotocol: str | None = None


def connect(
    credential: Credential, origin: str | None = ORIGIN, host: str = HOST, path: str = PATH
) -> Opened:
    named = {"host": host, **credential.headers}
    if origin is not None:
        named["origin"] = origin

    async def scene() -> Opened:
        app = SocketOriginValidator(PrincipalMiddleware(Inner.as_asgi()))
        socket = WebsocketCommunicator(
            app,
            f"{path}?{credential.query}",
            headers=[(name.encode(), value.encode()) for name, value in named.items()],
            subprotocols=list(credential.subprotocols),
        )
        accepted, said = await socket.connect(timeout=WAIT_S)
        if not accepted:
            return Opened(-int(said))
        if socket.future.done() or not await socket.receive_nothing():
            message = await socket.receive_output(WAIT_S)
            assert message["type"] == "websocket.close"
            return Opened(message["code"], said)
        await socket.disconnect(timeout=WAIT_S)
        return Opened(OPEN, said)

    return asyncio.run(scene())
