"""What is new in the tables, read once per process and handed to every open stream.

One task per event loop reads by a cursor per topic (a run, a document). Never by `id > last`: on
Postgres a transaction with a smaller id may commit later, and its row would be lost.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Generic, TypeAlias, TypeVar

from core import durable, wakeup
from core.database import in_database

logger = logging.getLogger(__name__)

# Behind the wake-ups: how long a lost datagram may go unnoticed.
POLL_S = 0.5
# A stream that falls this far behind re-reads from its cursor instead of holding memory.
QUEUE_EVENTS = 256

Item = TypeVar("Item")
# A position in a topic: any comparable value that increases with each item.
Cursor = TypeVar("Cursor")
# What is new after these cursors: (topic, the cursor it moves to, item), in order in each topic.
ReadAfter: TypeAlias = Callable[[Mapping[int, Cursor]], Iterable[tuple[int, Cursor, Item]]]


class Tailed(Generic[Item]):
    """An item for many readers. What it looks like is worked out once per look."""

    __slots__ = ("_frames", "item")

    def __init__(self, item: Item) -> None:
        self.item = item
        self._frames: dict[str, bytes] = {}

    def frame(self, look: str, render: Callable[[Item], bytes]) -> bytes:
        if look not in self._frames:
            self._frames[look] = render(self.item)
        return self._frames[look]


class Subscription(Generic[Item]):
    """One stream's queue. `behind` is set when it overflowed: read from the cursor again."""

    __slots__ = ("behind", "queue")

    def __init__(self, size: int) -> None:
        self.queue: asyncio.Queue[Tailed[Item]] = asyncio.Queue(size)
        self.behind = False

    def offer(self, tailed: Tailed[Item]) -> None:
        if self.behind:
            return
        try:
            self.queue.put_nowait(tailed)
        except asyncio.QueueFull:
            while not self.queue.empty():
                self.queue.get_nowait()
            self.behind = True
            self.queue.put_nowait(tailed)

    def catch_up(self) -> None:
        """Drop what is queued, and hear what comes from now on."""
        self.behind = False
        while not self.queue.empty():
            self.queue.get_nowait()


class Tailer(Generic[Cursor, Item]):
    """Reads what is new in the topics someone watches. Runs while there is a subscriber.

    group: who rings for it, with the topic's number; see `core.wakeup`.
    """

    def __init__(
        self,
        group: str,
        read_after: Callable[[Mapping[int, Any]], Iterable[tuple[int, Any, Item]]],
        *,
        queue: int = QUEUE_EVENTS,
    ) -> None:
        self._group = group
        self._read_after = read_after
        self._queue = queue
        self._subscriptions: dict[int, set[Subscription[Item]]] = defaultdict(set)
        self._cursors: dict[int, Any] = {}
        self._task: asyncio.Task[None] | None = None
        self._woken = asyncio.Event()
        self._rung: set[int] = set()

    def subscribe(self, topic: int, cursor: Cursor) -> Subscription[Item]:
        """Hear what comes after a cursor, the topic's newest at a moment already past.

        Subscribe first, replay the log second: then nothing is missed.
        """
        subscription: Subscription[Item] = Subscription(self._queue)
        self._subscriptions[topic].add(subscription)
        # What the tailer has read already, the newcomer's own replay finds in the log.
        self._cursors.setdefault(topic, cursor)
        self.keep_reading()
        return subscription

    def keep_reading(self) -> None:
        """Start the reading task, or start it again when it has ended."""
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._tail())

    def unsubscribe(self, topic: int, subscription: Subscription[Item]) -> None:
        self._subscriptions[topic].discard(subscription)
        if not self._subscriptions[topic]:
            del self._subscriptions[topic]
            self._cursors.pop(topic, None)

    async def _tail(self) -> None:
        loop = asyncio.get_running_loop()
        listener = wakeup.Subscriber(self._group, f"{os.getpid()}-{id(self):x}")
        loop.add_reader(listener.socket.fileno(), self._hear, listener)
        try:
            while self._subscriptions:
                try:
                    await self._read_new()
                except Exception:
                    # A database that is away for a moment must not end every open stream.
                    logger.exception("reading what is new failed; trying again")
                    await asyncio.sleep(POLL_S)
                await self._sleep()
        finally:
            loop.remove_reader(listener.socket.fileno())
            listener.close()

    def _hear(self, listener: wakeup.Subscriber) -> None:
        self._rung |= {int(message) for message in listener.drain() if message.isdigit()}
        self._woken.set()

    async def _sleep(self) -> None:
        """Until a topic that someone watches changed, or the poll is due."""
        deadline = asyncio.get_running_loop().time() + POLL_S
        while (left := deadline - asyncio.get_running_loop().time()) > 0:
            try:
                async with asyncio.timeout(left):
                    await self._woken.wait()
            except TimeoutError:
                break
            self._woken.clear()
            if self._rung & self._subscriptions.keys():
                return
            self._rung.clear()
        self._rung = set(self._subscriptions)

    def _read_durable(self, cursors: Mapping[int, Any]) -> list[tuple[int, Any, Item]]:
        """What is new, once it is on the disk: one flush for all topics and all their readers."""
        found = list(self._read_after(cursors))
        return durable.flushed(found) if found else found

    async def _read_new(self) -> None:
        """Hand out what is new in the topics that rang, or in all of them after a poll."""
        asked, self._rung = self._rung & self._subscriptions.keys(), set()
        cursors = {topic: self._cursors[topic] for topic in asked}
        if not cursors:
            return
        for topic, cursor, item in await in_database(self._read_durable, cursors):
            if self._cursors.get(topic, cursor) >= cursor:
                continue
            self._cursors[topic] = cursor
            tailed = Tailed(item)
            for subscription in self._subscriptions.get(topic, ()):
                subscription.offer(tailed)
