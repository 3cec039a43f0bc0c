"""A run's log over a WebSocket, for pages: `/ws/runs/<id>?after=N`.

The same events as REST and the event stream, in text messages `{"id", "event", "data"}`. A client
may send `ping` at any time and gets `{"event": "pong", "id": <last sequence>}`: so a page that
slept learns whether its connection still holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import parse_qs

from accounts.consumers import SocketConsumer
from core import jsonsafe
from core.asgi import cursor, origin_of
from core.close_codes import ENDED
from runs.live.reading import RunReader
from runs.models import Run


class RunConsumer(RunReader, SocketConsumer[Run]):
    """One socket. It closes as the stream does: when the run ends, or waits for a person."""

    kind: ClassVar[str] = "ws"

    async def on_open(self) -> None:
        self.base_url = origin_of(self.scope)
        query = self.scope.get("query_string", b"").decode("latin-1")
        await self.follow(cursor((parse_qs(query).get("after") or [""])[0]))

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Only `ping` has a meaning; anything else is ignored."""
        if text_data == "ping":
            await self._send_message({"event": "pong", "id": self.last})

    def encode(self, seq: int, name: str, body: Mapping[str, Any]) -> str:
        return jsonsafe.dumps({"id": seq, "event": name, "data": body}).decode()

    async def put(self, frames: list[str]) -> None:
        for frame in frames:
            await self.put_text(frame)

    async def keepalive(self) -> None:
        await self._send_message({"event": "ping", "id": self.last})

    async def finish(self, frame: str) -> None:
        await self.put_text(frame)
        await self.close(ENDED)

    async def _send_message(self, message: Mapping[str, Any]) -> None:
        await self.put_text(jsonsafe.dumps(message).decode())
