"""The number of streams, sockets and uploads that one person may have open, in all web processes
together.

The shared cache holds one value for each person, {name of a process: how many it holds open}, and
one registry of the live processes, {name: heartbeat}. Counts are written as absolute numbers, so
that a write that is repeated or lost is corrected by the next one. A process whose heartbeat does
not change for SILENT_S, or that its supervisor has seen die, leaves the registry, and its counts
are no longer added up.

A cache that can't be used refuses no one: until it answers, each process applies the limit alone.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from django.conf import settings

from accounts.auth import Principal
from core import errors
from core.database import in_database
from core.per_loop import per_loop
from core.process_name import process_name
from core.shared_cache import shared_cache

logger = logging.getLogger(__name__)

# Seconds between two heartbeats of a process that holds connections.
BEAT_S = 5.0
# After so long without a heartbeat it counts as dead.
SILENT_S = 15.0
# What is released within so short a time is written together.
COALESCE_S = 0.1
# Seconds that a process keeps its heartbeat up after its last connection.
IDLE_S = 60.0
# A person's value expires after COUNTS_KEPT_S, and is written again before that.
COUNTS_KEPT_S = 3600.0
REWRITE_AFTER_S = COUNTS_KEPT_S / 3
# Persons whose counts are written in one visit to a database thread.
CHUNK = 100
# What is counted: streams and sockets; uploads on their way; chats that are being answered.
CONNECTIONS, UPLOADS, CHATS = "connections", "uploads", "chats"


async def acquire(principal: Principal) -> None:
    """Count one more open stream or socket of a person. Raises QuotaExceeded.

    Each successful call needs one `release`. A call that is cancelled needs none.
    """
    await _of_this_process().acquire(principal.user.pk)


def release(principal: Principal) -> None:
    """Count one less. Never blocks or raises: the other processes see it soon after."""
    _of_this_process().release(principal.user.pk)


def open_here() -> dict[int, int]:
    """The connections this process holds open, by primary key of the person."""
    return _of_this_process().open_here()


def forget_process(name: str) -> None:
    """A web process is dead: what it held open counts no more. Blocks on the cache."""

    def without(heartbeats: dict[str, int] | None) -> dict[str, int] | None:
        return {other: beat for other, beat in (heartbeats or {}).items() if other != name} or None

    for kind in (CONNECTIONS, UPLOADS, CHATS):
        shared_cache().change(registry_key(kind), without, None)


def registry_key(kind: str) -> str:
    """Return where the cache holds the living processes: {name: heartbeat}."""
    return f"{kind}:processes"


class ConnectionCounts:
    """The connections that one process holds open, and its share in the counts of all. Safe to use
    from threads.

    limit: the most of one person. refusal: what `acquire` raises above that.
    """

    def __init__(
        self,
        name: str,
        kind: str = CONNECTIONS,
        *,
        limit: Callable[[], int],
        refusal: Callable[[], errors.AppError],
        beat_s: float = BEAT_S,
        silent_s: float = SILENT_S,
    ) -> None:
        self.name = name
        self._kind = kind
        self._limit = limit
        self._refusal = refusal
        self.beat_s = beat_s
        self._silent_s = silent_s
        self._lock = threading.Lock()
        self._open: Counter[int] = Counter()
        # Persons whose value in the cache is not what it should be.
        self._unwritten: set[int] = set()
        # When each person's value was written last, by time.monotonic, as all times here.
        self._written_at: dict[int, float] = {}
        self._heartbeat = 0
        self._is_registered = False
        # Of each process: its last heartbeat, and when that was seen first.
        self._seen: dict[str, tuple[int, float]] = {}
        self._idle_since = float("-inf")
        # The task that writes, one for each event loop.
        self._writer = per_loop(lambda: _Writer(self))

    def open_here(self) -> dict[int, int]:
        with self._lock:
            return dict(self._open)

    async def acquire(self, person: int) -> None:
        admission = asyncio.ensure_future(in_database(self._admit, person))
        try:
            await asyncio.shield(admission)
        except asyncio.CancelledError:
            # The thread finishes anyway, so what it counts must be subtracted again.
            admission.add_done_callback(lambda future: self._take_back(future, person))
            raise
        self._writer().start()

    def release(self, person: int) -> None:
        with self._lock:
            self._open[person] -= 1
            if self._open[person] <= 0:
                del self._open[person]
            self._unwritten.add(person)
            if not self._open:
                self._idle_since = time.monotonic()
        # Without a loop here, the next heartbeat of another one writes it.
        with contextlib.suppress(RuntimeError):
            self._writer().wake()

    def _take_back(self, future: asyncio.Future[None], person: int) -> None:
        if not future.cancelled() and future.exception() is None:
            self.release(person)

    def _admit(self, person: int) -> None:
        """Blocks on the cache: one operation, and three where others hold what is missing."""
        try:
            if not self._is_registered:
                self.heartbeat()
            if self._count_one_more(person):
                return
            if self._count_of(person) < self._limit():
                # Processes that hold the rest may be dead.
                self.heartbeat()
                if self._count_one_more(person, living=set(self._seen)):
                    return
        except Exception:
            logger.exception("open connections can't be counted in all web processes together")
            with self._lock:
                if self._open[person] < self._limit():
                    self._open[person] += 1
                    self._unwritten.add(person)
                    return
        raise self._refusal()

    def _count_of(self, person: int) -> int:
        with self._lock:
            return self._open.get(person, 0)

    def _count_one_more(self, person: int, living: set[str] | None = None) -> bool:
        """Return whether it fits. living: processes that count; None counts all.

        Raises what the cache raises, unless one more is counted.
        """
        is_counted = False

        def alter(counts: dict[str, int] | None) -> dict[str, int] | None:
            nonlocal is_counted
            others = {
                name: count
                for name, count in (counts or {}).items()
                if name != self.name and (living is None or name in living)
            }
            with self._lock:
                mine = self._open.get(person, 0)
                if not is_counted and mine + sum(others.values()) < self._limit():
                    mine = self._open[person] = mine + 1
                    is_counted = True
            return others | {self.name: mine} if mine else others or None

        try:
            self._change(person, alter)
        except Exception:
            if not is_counted:
                raise
            # It is counted here, and written later.
            logger.exception("a count of open connections could not be written")
            with self._lock:
                self._unwritten.add(person)
        return is_counted

    def heartbeat(self) -> None:
        """Write the heartbeat of this process and read those of the others. Blocks on the cache."""
        beats: dict[str, tuple[int, float]] = {}
        is_known = False

        def alter(heartbeats: dict[str, int] | None) -> dict[str, int]:
            nonlocal is_known
            now = time.monotonic()
            is_known = self.name in (heartbeats or {})
            beats.clear()
            for name, heartbeat in (heartbeats or {}).items():
                before = self._seen.get(name)
                since = before[1] if before is not None and before[0] == heartbeat else now
                if name != self.name and now - since < self._silent_s:
                    beats[name] = (heartbeat, since)
            self._heartbeat += 1
            return {name: beat for name, (beat, _) in beats.items()} | {self.name: self._heartbeat}

        shared_cache().change(registry_key(self._kind), alter, None)
        with self._lock:
            self._seen = beats
            self._is_registered = True
            if not is_known:
                # The cache was lost, or this process took for dead.
                self._unwritten.update(self._open)

    def catch_up(self) -> None:
        """Write what was released, and now and then all else. Blocks on the cache."""
        with self._lock:
            unwritten = list(self._unwritten)[:CHUNK]
            self._unwritten.difference_update(unwritten)
        while unwritten:
            try:
                self._write(unwritten[-1])
            except Exception:
                with self._lock:
                    self._unwritten.update(unwritten)
                raise
            unwritten.pop()

    def _write(self, person: int) -> None:
        def alter(counts: dict[str, int] | None) -> dict[str, int] | None:
            others = {name: n for name, n in (counts or {}).items() if name != self.name}
            mine = self._count_of(person)
            return others | {self.name: mine} if mine else others or None

        self._change(person, alter)

    def _change(self, person: int, alter: Any) -> None:
        shared_cache().change(f"{self._kind}:{person}", alter, COUNTS_KEPT_S)
        with self._lock:
            if person in self._open:
                self._written_at[person] = time.monotonic()
            else:
                self._written_at.pop(person, None)

    def has_unwritten(self) -> bool:
        with self._lock:
            return bool(self._unwritten)

    def rewrite_old(self) -> None:
        """See that no value expires while its connections are open."""
        old = time.monotonic() - REWRITE_AFTER_S
        with self._lock:
            self._unwritten.update(one for one, at in self._written_at.items() if at < old)

    def retire(self) -> bool:
        """Return whether nothing has been open for IDLE_S; then the next connection registers
        again."""
        with self._lock:
            is_idle = not self._open and not self._unwritten
            if is_idle and time.monotonic() - self._idle_since > IDLE_S:
                self._is_registered = False
                return True
            return False

    def is_registered(self) -> bool:
        return self._is_registered


class _Writer:
    """The background task of one event loop that sends heartbeats and writes what was released."""

    def __init__(self, counts: ConnectionCounts) -> None:
        self._counts = counts
        self._released = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._run())

    def wake(self) -> None:
        self._released.set()
        self.start()

    async def _run(self) -> None:
        next_heartbeat = time.monotonic() + (
            self._counts.beat_s if self._counts.is_registered() else 0.0
        )
        while True:
            with contextlib.suppress(TimeoutError):
                # Not `wait_for`: a cancellation may end there as a time-out.
                async with asyncio.timeout(next_heartbeat - time.monotonic()):
                    await self._released.wait()
                await asyncio.sleep(COALESCE_S)
            self._released.clear()
            try:
                if time.monotonic() >= next_heartbeat:
                    next_heartbeat = time.monotonic() + self._counts.beat_s
                    if self._counts.retire():
                        return
                    await in_database(self._counts.heartbeat)
                    self._counts.rewrite_old()
                while self._counts.has_unwritten():
                    await in_database(self._counts.catch_up)
            except Exception:
                # The cache is unavailable: try again with the next heartbeat.
                logger.exception("counts of open connections could not be written")


def too_many_streams() -> errors.AppError:
    return errors.QuotaExceeded(
        f"You have {settings.STREAMS_PER_USER} streams open already. Close one first.",
        retry_after_s=5,
    )


@functools.cache
def _of_this_process() -> ConnectionCounts:
    return ConnectionCounts(
        process_name(), limit=lambda: settings.STREAMS_PER_USER, refusal=too_many_streams
    )
