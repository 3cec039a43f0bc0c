"""New events of runs, read once per process and handed to every open stream and socket."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from core.change_feed import Entry, LogFollower
from runs import selectors
from runs.models import Event, Run

READ_AT_ONCE = 500

EventEntry = Entry[Event]


def read_after(cursors: Mapping[int, int]) -> list[tuple[int, int, Event]]:
    """Events of each run after its cursor, in sequence within each run."""
    ids = list(cursors)
    found: list[Event] = []
    for start in range(0, len(ids), READ_AT_ONCE):
        part = ids[start : start + READ_AT_ONCE]
        rows: Any = Run.objects.filter(id__in=part).values_list("id", "last_seq")
        for run_id, last_seq in rows:
            if last_seq > cursors[run_id]:
                found += selectors.events_after(run_id, cursors[run_id], READ_AT_ONCE)
    return [(event.run_id, event.seq, event) for event in found]


# By the loop itself: the id of one that is gone may be another's.
_followers: dict[asyncio.AbstractEventLoop, LogFollower[int, Event]] = {}


def follower() -> LogFollower[int, Event]:
    """This event loop's follower; a process has one loop, so one."""
    loop = asyncio.get_running_loop()
    if loop not in _followers:
        _followers[loop] = LogFollower(read_after)
    return _followers[loop]
