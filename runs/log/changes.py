"""Changing a run and its log together.

Every change of a run's state happens in one transaction that first locks the run's row and last
numbers and appends the events. So two steps that finish at once cannot both overlook each other,
sequences have no gap, and an event is visible exactly when its fact is.

Lock order is always run, then steps. Heartbeats touch only their step.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import transaction

from core import clock, errors
from core.raw_sql import Statement, from_json
from runs.dispatch import dispatch
from runs.log import hints
from runs.log.events import RunEvent
from runs.models import Run

# What a change needs to know of its run; the plan and the request stay on disk.
_FIELDS = (
    "id",
    "public_id",
    "status",
    "last_seq",
    "priority",
    "owner_id",
    "api_key_id",
    "actual_milli",
    "reserved_milli",
    "ceiling_milli",
    "estimated_milli",
    "resume_count",
    "waiting_reason",
    "options",
)
_LOCK_RUN = Statement(f"SELECT {', '.join(_FIELDS)} FROM runs_run WHERE id = %(id)s {{for_update}}")  # noqa: S608
_NUMBER = Statement(
    "UPDATE runs_run SET last_seq = %(last_seq)s, updated_at = %(now)s WHERE id = %(id)s"
)
_APPEND = Statement(
    """
    INSERT INTO runs_event
        (run_id, seq, name, step_id, generation, run_status, payload, created_at)
    VALUES (%(run_id)s, %(seq)s, %(name)s, %(step_id)s, %(generation)s, %(run_status)s,
        %(payload)s, %(now)s)
    """
)


class RunGone(errors.NotFound):
    """The run was deleted with its owner's account: what was meant for it is dropped."""

    code = "workflow.not_found"


class RunChange:
    """A run under lock, and what this transaction adds to its log."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self._hints: list[int] = []
        self._events: list[tuple[RunEvent, int | None, int]] = []
        self._fields: dict[str, Any] = {}

    def append(
        self, happened: RunEvent, *, step_id: int | None = None, generation: int = 0
    ) -> None:
        """Add an event; it gets its number when the change is written."""
        self._events.append((happened, step_id, generation))

    def set(self, **fields: Any) -> None:
        """Columns of the run to write with this change; its state is for `transitions` to set."""
        for name, value in fields.items():
            setattr(self.run, name, value)
        self._fields.update(fields)

    def hint(self, step_ids: list[int]) -> None:
        """Steps that became ready, for the one who dispatches work."""
        self._hints += step_ids

    def taken(self, step_id: int) -> None:
        """A step that this change claims: no other worker need wake for it."""
        self._hints = [hinted for hinted in self._hints if hinted != step_id]

    def write(self) -> None:
        """Number and append the events and update the run: the last writes before the commit."""
        if self._hints:
            dispatch().hint(self._hints)
        if not self._events and not self._fields:
            return
        first = self.run.last_seq + 1
        now = clock.now()
        self.run.last_seq += len(self._events)
        _NUMBER.run(last_seq=self.run.last_seq, now=now, id=self.run.id)
        if self._fields:
            Run.objects.filter(id=self.run.id).update(**self._fields)
        _APPEND.run_many(
            [
                {
                    "run_id": self.run.id,
                    "seq": first + place,
                    "name": happened.name,
                    "step_id": step_id,
                    "generation": generation,
                    "run_status": happened.run_status,
                    "payload": happened.payload(),
                    "now": now,
                }
                for place, (happened, step_id, generation) in enumerate(self._events)
            ]
        )

    def announce(self) -> None:
        """After the commit: notify readers of the log."""
        if self._events:
            hints.moved(self.run.id, self.run.last_seq)


@contextmanager
def changing(run_id: int) -> Iterator[RunChange]:
    """Lock a run, let the body change it, append the events, commit, notify readers.

    Raises RunGone when it was deleted.
    """
    with transaction.atomic():
        row = next(iter(_LOCK_RUN.rows(id=run_id)), None)
        if row is None:
            raise RunGone()
        known = dict(zip(_FIELDS, row, strict=True))
        change = RunChange(Run(**{**known, "options": from_json(known["options"])}))
        yield change
        change.write()
    change.announce()
