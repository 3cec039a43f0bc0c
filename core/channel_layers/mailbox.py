"""The messages that wait for one channel of a hint layer."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import deque
from typing import Any


class ChannelName(str):
    """A channel's name that can be weakly referenced: the channel ends with its last holder."""

    __slots__ = ("__weakref__",)


class Mailbox:
    """The messages of one channel, for readers of one event loop.

    capacity: how many may wait; a newer one is dropped. groups: those that the channel is in.
    """

    __slots__ = ("_messages", "_readers", "capacity", "groups")

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.groups: set[str] = set()
        # With the moment, on the monotonic clock, when it expires.
        self._messages: deque[tuple[float, dict[str, Any]]] = deque()
        self._readers: deque[asyncio.Future[None]] = deque()

    def put(self, expires: float, message: dict[str, Any]) -> bool:
        """Keep a message for the next reader. False when the mailbox is full."""
        if len(self._messages) >= self.capacity:
            self._drop_expired()
            if len(self._messages) >= self.capacity:
                return False
        self._messages.append((expires, message))
        self._wake_one()
        return True

    async def get(self) -> dict[str, Any]:
        """The oldest message that has not expired; waits for one. Cancelling it loses nothing."""
        while True:
            while self._messages:
                expires, message = self._messages.popleft()
                if expires > time.monotonic():
                    # All members of a group were given the same one.
                    return dict(message)
            reader = asyncio.get_running_loop().create_future()
            self._readers.append(reader)
            try:
                await reader
            except asyncio.CancelledError:
                with contextlib.suppress(ValueError):
                    self._readers.remove(reader)
                if reader.done() and not reader.cancelled():
                    # It was woken for a message that the next reader takes now.
                    self._wake_one()
                raise

    def clear(self) -> None:
        """Drop all messages."""
        self._messages.clear()

    def _drop_expired(self) -> None:
        now = time.monotonic()
        while self._messages and self._messages[0][0] <= now:
            self._messages.popleft()

    def _wake_one(self) -> None:
        while self._readers:
            reader = self._readers.popleft()
            if not reader.done():
                reader.set_result(None)
                return
