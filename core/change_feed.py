"""New entries of append-only logs, read once per process and handed to every open reader.

Hints say that a log moved (a run, a document: a topic), and where to. A reader asks for what comes
after its own cursor; the first one makes the process read the tables, the others get the same
entries. A poll makes up for lost hints. It never asks for `id > last`: on Postgres a transaction
with a smaller id may commit later, and its row would be lost. So each topic has its own cursor.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Generic, Protocol, TypeAlias, TypeVar

from core import durable
from core.database import in_database

logger = logging.getLogger(__name__)

# How long a lost hint may go unnoticed.
POLL_S = 0.5
# Entries of a topic that are kept; a reader further behind reads the log directly.
KEPT = 256

Item = TypeVar("Item")
# A position in a topic: any comparable value that increases with each item.
Cursor = TypeVar("Cursor")
# What is new after these cursors: (topic, the cursor it moves to, item), in order in each topic.
ReadAfter: TypeAlias = Callable[[Mapping[int, Any]], Iterable[tuple[int, Any, Item]]]


class Entry(Generic[Item]):
    """An item for many readers. Its frame is encoded once for each kind of reader."""

    __slots__ = ("_frames", "cursor", "item")

    def __init__(self, cursor: Any, item: Item) -> None:
        self.cursor = cursor
        self.item = item
        self._frames: dict[str, Any] = {}

    def frame(self, kind: str, encode: Callable[[Item], Any]) -> Any:
        """Return what `encode` makes of the item; called once for all readers of this kind."""
        if kind not in self._frames:
            self._frames[kind] = encode(self.item)
        return self._frames[kind]


class Reader(Protocol):
    """Someone who follows a topic."""

    @property
    def position(self) -> Any:
        """The cursor of what they have."""

    def wake(self) -> None:
        """Called when they are behind and no hint told them. Must not block."""


class _Topic(Generic[Item]):
    """entries: everything between the cursors start and head. reading: set once a read is over."""

    __slots__ = ("entries", "head", "readers", "reading", "start")

    def __init__(self, cursor: Any) -> None:
        self.start = self.head = cursor
        self.entries: deque[Entry[Item]] = deque()
        self.readers: set[Reader] = set()
        self.reading: asyncio.Event | None = None


class LogFollower(Generic[Cursor, Item]):
    """Follows the topics that have readers, in one event loop.

    capacity: entries kept of a topic; poll_s: how long a lost hint may go unnoticed.
    """

    def __init__(
        self, read_after: ReadAfter[Item], *, capacity: int = KEPT, poll_s: float = POLL_S
    ) -> None:
        self._read_after = read_after
        self._capacity = capacity
        self._poll_s = poll_s
        self._topics: dict[int, _Topic[Item]] = {}
        self._wanted: set[int] = set()
        self._task: asyncio.Task[None] | None = None
        self._poll_task: asyncio.Task[None] | None = None

    def watch(self, topic: int, cursor: Cursor, reader: Reader) -> None:
        """Follow a topic for a reader until `unwatch`.

        cursor: the topic's newest at a moment already past. Watch first, replay the log second:
        then nothing is missed.
        """
        if topic not in self._topics:
            self._topics[topic] = _Topic(cursor)
        self._topics[topic].readers.add(reader)
        self._keep_polling()

    def _keep_polling(self) -> None:
        if self._poll_task is None or self._poll_task.done():
            self._poll_task = asyncio.get_running_loop().create_task(self._poll())

    def unwatch(self, topic: int, reader: Reader) -> None:
        """Idempotent."""
        state = self._topics.get(topic)
        if state is not None:
            state.readers.discard(reader)
            if not state.readers:
                del self._topics[topic]

    async def after(
        self, topic: int, cursor: Cursor, until: Cursor | None = None
    ) -> list[Entry[Item]] | None:
        """Return the entries after a cursor; None when the reader must read them in the log.

        until: the topic's newest position, by a hint; read up to there if that was not done yet.
        """
        state = self._topics.get(topic)
        if state is None:
            return None
        self._keep_polling()
        if until is not None:
            # A read that is under way may have started before the hint; the next one has not.
            for _ in range(2):
                if state.head >= until:
                    break
                await self._await_read(topic, state)
        if cursor < state.start:
            return None
        readers = []
        for entry in reversed(state.entries):
            if entry.cursor <= cursor:
                break
            readers.append(entry)
        readers.reverse()
        return readers

    async def _await_read(self, topic: int, state: _Topic[Item]) -> None:
        """Wait until a read of this topic is over: the one under way, or else the next."""
        if state.reading is None:
            state.reading = asyncio.Event()
            self._want({topic})
        await state.reading.wait()

    def _want(self, topics: Iterable[int]) -> asyncio.Task[None]:
        """Have these read, in one query with what else is wanted; the task that does it."""
        self._wanted.update(topics)
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._read_wanted())
        return self._task

    async def _read_wanted(self) -> None:
        while self._wanted:
            states = {topic: self._topics[topic] for topic in self._wanted & self._topics.keys()}
            self._wanted.clear()
            try:
                cursors = {topic: state.head for topic, state in states.items()}
                for topic, cursor, item in await in_database(self._read_durable, cursors):
                    self._take_in(states[topic], cursor, item)
            except Exception:
                # A database that is away for a moment must not end every open stream: the poll
                # tries again.
                logger.exception("reading what is new failed; trying again")
            finally:
                for state in states.values():
                    if state.reading is not None:
                        state.reading.set()
                        state.reading = None

    def _read_durable(self, cursors: Mapping[int, Any]) -> list[tuple[int, Any, Item]]:
        """Return new entries once they are on the disk: one flush for all topics and readers."""
        changes = list(self._read_after(cursors))
        return durable.flushed(changes) if changes else changes

    def _take_in(self, state: _Topic[Item], cursor: Any, item: Item) -> None:
        if cursor <= state.head:
            return
        state.head = cursor
        state.entries.append(Entry(cursor, item))
        while len(state.entries) > self._capacity:
            state.start = state.entries.popleft().cursor

    async def _poll(self) -> None:
        while self._topics:
            await asyncio.sleep(self._poll_s)
            await asyncio.wait({self._want(self._topics)})
            for state in list(self._topics.values()):
                for reader in list(state.readers):
                    if reader.position < state.head:
                        reader.wake()
