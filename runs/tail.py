"""New events, read once per process and handed to every open stream.

One task per event loop reads by per-run cursor. Never by `id > last`: on Postgres a transaction
with a smaller id may commit later, and its row would be lost.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from core import bell
from core.database import in_database
from runs import selectors
from runs.models import Event, Run

logger = logging.getLogger(__name__)

# Behind the wake-ups: how long a lost datagram may go unnoticed.
POLL_S = 0.5
# A stream that falls this far behind re-reads from its cursor instead of holding memory.
QUEUE_EVENTS = 256
READ_AT_ONCE = 500


class Tailed:
    """An event for many readers. What it looks like is worked out once per origin."""

    __slots__ = ("_frames", "event")

    def __init__(self, event: Event) -> None:
        self.event = event
        self._frames: dict[str, bytes] = {}

    def frame(self, base_url: str, render: Callable[[Event], bytes]) -> bytes:
        if base_url not in self._frames:
            self._frames[base_url] = render(self.event)
        return self._frames[base_url]


class Subscription:
    """One stream's queue. `behind` is set when it overflowed: read from the cursor again."""

    __slots__ = ("behind", "queue")

    def __init__(self) -> None:
        self.queue: asyncio.Queue[Tailed] = asyncio.Queue(QUEUE_EVENTS)
        self.behind = False

    def offer(self, tailed: Tailed) -> None:
        if self.behind:
            return
        try:
            self.queue.put_nowait(tailed)
        except asyncio.QueueFull:
            while not self.queue.empty():
                self.queue.get_nowait()
            self.behind = True
            self.queue.put_nowait(tailed)


class Tailer:
    """Reads new events of the runs somebody watches. Runs while there is a subscriber."""

    def __init__(self) -> None:
        self._subscriptions: dict[int, set[Subscription]] = defaultdict(set)
        self._cursors: dict[int, int] = {}
        self._task: asyncio.Task[None] | None = None
        self._woken = asyncio.Event()
        self._rung: set[int] = set()

    def subscribe(self, run_id: int, last_seq: int) -> Subscription:
        """Hear a run's events after last_seq, its newest at a moment already past.

        Subscribe first, replay the log second: then nothing is missed.
        """
        subscription = Subscription()
        self._subscriptions[run_id].add(subscription)
        # What the tailer has read already, the newcomer's own replay finds in the log.
        self._cursors.setdefault(run_id, last_seq)
        self.keep_reading()
        return subscription

    def keep_reading(self) -> None:
        """Start the reading task, or start it again when it has ended."""
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._tail())

    def unsubscribe(self, run_id: int, subscription: Subscription) -> None:
        self._subscriptions[run_id].discard(subscription)
        if not self._subscriptions[run_id]:
            del self._subscriptions[run_id]
            self._cursors.pop(run_id, None)

    async def _tail(self) -> None:
        loop = asyncio.get_running_loop()
        listener = bell.Listener("web", f"{os.getpid()}-{id(self):x}")
        loop.add_reader(listener.socket.fileno(), self._hear, listener)
        try:
            while self._subscriptions:
                try:
                    await self._read_new()
                except Exception:
                    # A database that is away for a moment must not end every open stream.
                    logger.exception("reading new events failed; trying again")
                    await asyncio.sleep(POLL_S)
                await self._sleep()
        finally:
            loop.remove_reader(listener.socket.fileno())
            listener.close()

    def _hear(self, listener: bell.Listener) -> None:
        self._rung |= {int(message) for message in listener.drain() if message.isdigit()}
        self._woken.set()

    async def _sleep(self) -> None:
        """Until a run that somebody watches changed, or the poll is due."""
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

    async def _read_new(self) -> None:
        """Hand out what is new in the runs that rang, or in all of them after a poll."""
        asked, self._rung = self._rung & self._subscriptions.keys(), set()
        cursors = {run_id: self._cursors[run_id] for run_id in asked}
        if not cursors:
            return
        for event in await in_database(read_after, cursors):
            if self._cursors.get(event.run_id, event.seq) >= event.seq:
                continue
            self._cursors[event.run_id] = event.seq
            tailed = Tailed(event)
            for subscription in self._subscriptions.get(event.run_id, ()):
                subscription.offer(tailed)


def read_after(cursors: dict[int, int]) -> list[Event]:
    """Events of each run after its cursor, in sequence within each run."""
    ids = list(cursors)
    found: list[Event] = []
    for start in range(0, len(ids), READ_AT_ONCE):
        part = ids[start : start + READ_AT_ONCE]
        rows: Any = Run.objects.filter(id__in=part).values_list("id", "last_seq")
        for run_id, last_seq in rows:
            if last_seq > cursors[run_id]:
                found += selectors.events_after(run_id, cursors[run_id], READ_AT_ONCE)
    return found


# By the loop itself: the id of one that is gone may be another's.
_tailers: dict[asyncio.AbstractEventLoop, Tailer] = {}


def tailer() -> Tailer:
    """This event loop's tailer; a process has one loop, so one."""
    loop = asyncio.get_running_loop()
    if loop not in _tailers:
        _tailers[loop] = Tailer()
    return _tailers[loop]
