"""Changing a run and its log together.

Every change of a run's state happens in one transaction that first locks the run's row and last
numbers and appends the events. So two steps that finish at once cannot both overlook each other,
sequences have no gap, and an event is visible exactly when its fact is.

Lock order is always run, then steps. Heartbeats touch only their step.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any, TypeAlias

from django.db import transaction

from core import clock, errors
from core.raw_sql import Pair, Statement, from_json, moment
from core.stored_json import as_stored
from runs.dispatch import dispatch
from runs.log import hints
from runs.log.events import RunEvent
from runs.models import Event, Run

# What a change needs to know of its run; the plan and the request stay on disk.
_FIELDS = (
    "id",
    "public_id",
    "kind",
    "title",
    "status",
    "last_seq",
    "priority",
    "owner_id",
    "api_key_id",
    "allowance_id",
    "actual_milli",
    "reserved_milli",
    "ceiling_milli",
    "estimated_milli",
    "resume_count",
    "waiting_reason",
    "options",
    "created_at",
)
# More would exceed what one statement may have of parameters.
EVENTS_AT_ONCE = 8
_LOCK_RUN = Statement(f"SELECT {', '.join(_FIELDS)} FROM runs_run WHERE id = %(id)s {{for_update}}")  # noqa: S608


def _update_sql(fields: Iterable[str]) -> str:
    """Writes the end of a run's log and these columns."""
    sets = "".join(f", {name} = %({name})s" for name in fields)
    return (
        f"UPDATE runs_run SET last_seq = %(last_seq)s, updated_at = %(now)s{sets}"  # noqa: S608
        " WHERE id = %(run_id)s"
    )


@cache
def _update(*fields: str) -> Statement:
    return Statement(_update_sql(fields))


@cache
def _update_and_append(count: int, *fields: str) -> Pair:
    return Pair(_update_sql(fields), _append_sql(count))


@cache
def _append(count: int) -> Statement:
    return Statement(_append_sql(count))


def _append_sql(count: int) -> str:
    """Inserts so many events."""
    rows = ", ".join(
        f"(%(run_id)s, %(seq{place})s, %(name{place})s, %(step_id{place})s, %(generation{place})s,"
        f" %(run_status{place})s, %(payload{place})s, %(now)s)"
        for place in range(count)
    )
    return (
        "INSERT INTO runs_event (run_id, seq, name, step_id, generation, run_status, payload,"  # noqa: S608
        f" created_at) VALUES {rows}"
    )


# An event, its step, the step's generation and the run's status.
_Entry: TypeAlias = tuple[RunEvent, int | None, int, str]


class RunGone(errors.NotFound):
    """The run was deleted with its owner's account: what was meant for it is dropped."""

    code = "workflow.not_found"


class RunChange:
    """A run under lock, and what this transaction adds to its log."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self._hints: list[int] = []
        self._events: list[_Entry] = []
        self._fields: dict[str, Any] = {}
        # A step whose needs are done, left pending to be claimed in this change: one UPDATE less.
        self.kept_pending: int | None = None
        # Batches that this change is letting go on, by id.
        self.batches: set[int] = set()

    def append(
        self,
        event: RunEvent,
        *,
        step_id: int | None = None,
        generation: int = 0,
        run_status: str = "",
    ) -> None:
        """Add an event; it gets its number when the change is written.

        run_status: the run's, for an event that any state of it allows.
        """
        self._events.append((event, step_id, generation, run_status or event.run_status))

    def set(self, **fields: Any) -> None:
        """Columns of the run to write with this change; its state is for `transitions` to set."""
        for name, value in fields.items():
            setattr(self.run, name, value)
        self._fields.update(fields)

    def hint(self, step_ids: list[int]) -> None:
        """Steps that became ready, for the one who dispatches work."""
        self._hints += step_ids

    def drop_hint(self, step_id: int) -> None:
        """A step that this change claims: no other worker need wake for it."""
        self._hints = [hint for hint in self._hints if hint != step_id]

    def write(self) -> None:
        """Number and append the events and update the run: the last writes before the commit."""
        assert self.kept_pending is None, "a step was kept, and neither claimed nor made ready"  # noqa: S101
        if self._hints:
            dispatch().hint(self._hints)
        if not self._events and not self._fields:
            return
        common = {"run_id": self.run.id, "now": clock.now()}
        first_seq = self.run.last_seq + 1
        self.run.last_seq += len(self._events)
        values = {"last_seq": self.run.last_seq, **self._fields, **common}
        some = self._events[:EVENTS_AT_ONCE]
        if some:
            values |= _event_values(some, first_seq)
            _update_and_append(len(some), *self._fields).run(**values)
        else:
            _update(*self._fields).run(**values)
        for first in range(EVENTS_AT_ONCE, len(self._events), EVENTS_AT_ONCE):
            some = self._events[first : first + EVENTS_AT_ONCE]
            _append(len(some)).run(**common, **_event_values(some, first_seq + first))

    def announce(self) -> None:
        """After the commit: notify readers of the log."""
        if self._events:
            hints.publish_move(self.run.id, self.run.last_seq)


def begin_log(run: Run, events: Sequence[RunEvent]) -> list[Event]:
    """Insert the first events of a new run, in the transaction that stores it. Returns them,
    without ids."""
    now = clock.now()
    entries: list[_Entry] = [(event, None, 0, event.run_status) for event in events]
    _append(len(entries)).run(run_id=run.id, now=now, **_event_values(entries, 1))
    return [
        Event(
            run=run,
            seq=seq,
            name=event.name,
            run_status=event.run_status,
            payload=as_stored(event.payload()),
            created_at=now,
        )
        for seq, event in enumerate(events, start=1)
    ]


def _event_values(events: Sequence[_Entry], first_seq: int) -> dict[str, Any]:
    """The parameters of a statement that inserts these events."""
    values: dict[str, Any] = {}
    for place, (event, step_id, generation, run_status) in enumerate(events):
        values |= {
            f"seq{place}": first_seq + place,
            f"name{place}": event.name,
            f"step_id{place}": step_id,
            f"generation{place}": generation,
            f"run_status{place}": run_status,
            f"payload{place}": event.payload(),
        }
    return values


@contextmanager
def changing(run_id: int) -> Iterator[RunChange]:
    """Lock a run, let the body change it, append the events, commit, notify readers.

    Raises RunGone when it was deleted.
    """
    with transaction.atomic():
        row = next(iter(_LOCK_RUN.rows(id=run_id)), None)
        if row is None:
            raise RunGone()
        columns = dict(zip(_FIELDS, row, strict=True))
        columns["options"] = from_json(columns["options"])
        columns["created_at"] = moment(columns["created_at"])
        change = RunChange(Run(**columns))
        yield change
        change.write()
    change.announce()
