"""New events of runs, read once per process and handed to every open stream and socket.

`until_closed` waits for the end of a run, in the event loop, which hears of it as event streams do:
by hints of the channel layer, and by the process's one poll behind them.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from channels.layers import get_channel_layer

from core.change_feed import Entry, LogFollower
from core.database import in_database
from core.per_loop import per_loop
from runs import selectors, states
from runs.log.hints import group_of
from runs.models import Event, Run

READ_AT_ONCE = 500

EventEntry = Entry[Event]


def read_after(cursors: Mapping[int, int]) -> list[tuple[int, int, Event]]:
    """Events of each run after its cursor, in sequence within each run."""
    ids = list(cursors)
    events: list[Event] = []
    for start in range(0, len(ids), READ_AT_ONCE):
        part = ids[start : start + READ_AT_ONCE]
        rows: Any = Run.objects.filter(id__in=part).values_list("id", "last_seq")
        for run_id, last_seq in rows:
            if last_seq > cursors[run_id]:
                events += selectors.events_after(run_id, cursors[run_id], READ_AT_ONCE)
    return [(event.run_id, event.seq, event) for event in events]


# Of this process: it has one event loop.
follower = per_loop(lambda: LogFollower[int, Event](read_after))


class _Waiter:
    """A `core.change_feed.Reader` that is only told to look."""

    def __init__(self) -> None:
        self.position = 0
        self.is_behind = asyncio.Event()

    def wake(self) -> None:
        self.is_behind.set()


async def until_closed(
    run_id: int, timeout_s: float, on_move: Callable[[], Awaitable[None]] | None = None
) -> None:
    """Return when a run is over or waits for a person, or after timeout_s.

    run_id: its primary key. on_move: called each time its log has grown before that.
    """
    waiter, feed = _Waiter(), follower()
    layer = get_channel_layer()
    channel = await layer.new_channel()
    await layer.group_add(group_of(run_id), channel)
    status, waiter.position = await in_database(_position, run_id)
    feed.watch(run_id, waiter.position, waiter)
    hints = asyncio.create_task(_hear(channel, waiter))
    try:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                while status not in states.STREAM_CLOSING:
                    await waiter.is_behind.wait()
                    waiter.is_behind.clear()
                    status, waiter.position = await in_database(_position, run_id)
                    if on_move is not None and status not in states.STREAM_CLOSING:
                        await on_move()
    finally:
        hints.cancel()
        feed.unwatch(run_id, waiter)
        await layer.group_discard(group_of(run_id), channel)


async def _hear(channel: str, waiter: _Waiter) -> None:
    layer = get_channel_layer()
    while True:
        await layer.receive(channel)
        waiter.wake()


def _position(run_id: int) -> tuple[str, int]:
    """A run's status and the end of its log; one that was deleted counts as cancelled."""
    rows = Run.objects.filter(pk=run_id).values_list("status", "last_seq")
    return rows.first() or (states.CANCELLED, 0)
