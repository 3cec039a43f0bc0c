"""A hint layer over a server that processes of several machines reach."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable
from typing import Any

from core.channel_layers.base import HintLayer
from core.channel_layers.members import Members
from core.outages import Outage

# How often a lost connection is opened again, in seconds.
RETRY_S = 1.0
# How long a new channel waits for the first connection, so that it receives what is sent from then.
FIRST_S = 2.0
# The connection outlives the last channel by this, for the next page that opens.
IDLE_S = 30.0


class RemoteLayer(HintLayer):
    """One receiving connection for each event loop that has channels.

    While the server is away nothing is received, and nothing fails: polls find what is new. One
    line is logged when it goes, and one when it is back.
    """

    # What the layer connects to, for people.
    server = ""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._receivers: dict[str, tuple[asyncio.Task[None], asyncio.Event]] = {}
        server = self.server.replace("{", "{{").replace("}", "}}")
        self.outage = Outage(
            f"The channel layer can't reach {server}: {{reason}}. Pages still update, up to half a"
            " second later.",
            f"The channel layer reaches {server} again, after {{seconds}} s.",
            self._answers,
        )

    # For subclasses

    def _receive(self, on_connect: Callable[[], None]) -> AsyncGenerator[bytes | str, None]:
        """Yield what processes send after `on_connect` ran. Raises when the connection is lost."""
        raise NotImplementedError

    def _send(self, data: bytes) -> None:
        """Send to all processes, this one included. Blocks; raises when the server is down."""
        raise NotImplementedError

    async def _send_in_thread(self, data: bytes) -> None:
        """`_send`, from an event loop."""
        raise NotImplementedError

    def ping(self) -> None:
        """Blocks; raises when the server doesn't answer."""
        raise NotImplementedError

    # The layer's own

    def _subscribe(self, members: Members) -> None:
        is_listening = asyncio.Event()
        task = members.loop.create_task(self._keep_receiving(members, is_listening))
        self._receivers[members.name] = task, is_listening
        members.loop.call_later(FIRST_S, is_listening.set)

    async def _await_subscription(self, members: Members) -> None:
        if receiver := self._receivers.get(members.name):
            await receiver[1].wait()

    def _unsubscribe(self, members: Members) -> None:
        task, is_listening = self._receivers.pop(members.name)
        if not members.loop.is_closed():
            is_listening.set()
            task.cancel()

    def _on_empty(self, members: Members) -> None:
        members.loop.call_later(IDLE_S, self._leave_empty, members)

    def _leave_empty(self, members: Members) -> None:
        if not members.mailboxes:
            super()._on_empty(members)

    async def _keep_receiving(self, members: Members, first_attempt: asyncio.Event) -> None:
        while True:
            try:
                async with contextlib.aclosing(self._receive(first_attempt.set)) as messages:
                    async for data in messages:
                        self._deliver(members, data)
                        # Its readers run before the next one: many would overflow mailboxes.
                        await asyncio.sleep(0)
            except Exception as problem:
                self.outage.note(problem)
            first_attempt.set()
            await asyncio.sleep(RETRY_S)

    async def _send_out(self, data: bytes, only: str = "") -> None:
        try:
            await self._send_in_thread(data)
        except Exception as problem:
            self.outage.note(problem)

    def _send_out_from_thread(self, data: bytes) -> None:
        try:
            self._send(data)
        except Exception as problem:
            self.outage.note(problem)

    def _answers(self) -> bool:
        self.ping()
        return True
