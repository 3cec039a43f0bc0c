"""New events of runs, read once per process and handed to every open stream and socket."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.change_feed import Entry, LogFollower
from core.per_loop import per_loop
from runs import selectors
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
