"""A run's log over a WebSocket, for pages: `/ws/runs/<id>?after=N`.

The same events as REST and the event stream, in text messages `{"id", "event", "data"}`. A plain
ASGI app like the stream beside it, sharing its `Follower`. A client may send `ping` at any time
and hears `{"event": "pong", "id": <last sequence>}`: so a page that slept learns whether its line
still holds.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, MutableMapping
from typing import Any, ClassVar
from urllib.parse import parse_qs

from accounts import scopes
from accounts.auth import Principal
from accounts.sockets import ENDED, close_code, let_in
from core import errors, jsonsafe
from core.asgi import cursor, until_gone
from runs import selectors
from runs.following import Follower
from runs.models import Run


class RunSocketApp:
    """One socket. It closes as the stream does: when the run ends, or waits for a person."""

    async def __call__(
        self, scope: MutableMapping[str, Any], receive: Any, send: Any, *, run_id: str
    ) -> None:
        def admit(principal: Principal) -> Run:
            return selectors.followed_run(principal.user, run_id)

        async with let_in(scope, receive, send, admit, scopes.READ) as caller:
            if caller is None:
                return
            socket = _Socket(
                send=send,
                run=caller.thing,
                base_url=caller.base_url,
                last=cursor((parse_qs(caller.query).get("after") or [""])[0]),
                principal=caller.principal,
                recheck=caller.recheck,
            )
            await until_gone(socket.serve(), receive, socket.heard)


class _Socket(Follower):
    """One open socket."""

    kind: ClassVar[str] = "ws"

    __slots__ = ("_answering", "_is_asked", "_send")

    def __init__(
        self,
        *,
        send: Any,
        run: Run,
        base_url: str,
        last: int,
        principal: Principal,
        recheck: Callable[[], tuple[Principal, Run]],
    ) -> None:
        super().__init__(
            run=run, base_url=base_url, last=last, principal=principal, recheck=recheck
        )
        self._send = send
        self._is_asked = asyncio.Event()
        self._answering: asyncio.Task[None] | None = None

    async def heard(self, message: Mapping[str, Any]) -> None:
        """Only `ping` has a meaning; whatever else a client says is let pass."""
        if message.get("text") == "ping":
            # Answered apart: one that asks and does not read must not hold up what it says.
            self._is_asked.set()

    async def serve(self) -> None:
        self._answering = asyncio.ensure_future(self._answer())
        try:
            await super().serve()
        finally:
            self._answering.cancel()

    async def _answer(self) -> None:
        """One pong for all the pings that came while the last one was on its way."""
        while True:
            await self._is_asked.wait()
            self._is_asked.clear()
            await self._say({"event": "pong", "id": self.last})

    def frame(self, seq: int, name: str, body: Mapping[str, Any]) -> bytes:
        return jsonsafe.dumps({"id": seq, "event": name, "data": body})

    async def put(self, frames: list[bytes]) -> None:
        for one in frames:
            await self._send({"type": "websocket.send", "text": one.decode()})

    async def sign_of_life(self) -> None:
        await self._say({"event": "ping", "id": self.last})

    async def close(self, last: bytes) -> None:
        self._be_silent()
        await self.put([last])
        await self._send({"type": "websocket.close", "code": ENDED})

    async def turn_away(self, error: errors.AppError) -> None:
        self._be_silent()
        await self._send({"type": "websocket.close", "code": close_code(error)})

    def _be_silent(self) -> None:
        """Nothing may come after the close."""
        if self._answering is not None:
            self._answering.cancel()

    async def _say(self, message: Mapping[str, Any]) -> None:
        await self.put([jsonsafe.dumps(message)])
