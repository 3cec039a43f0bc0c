"""The only writer of `Step.status` and `Run.status`.

Every move is checked against the tables of `runs.states`, written by an UPDATE that names the state
it leaves, and told by the one event of its edge. All of it happens inside a `RunChange`, which
locks the run's row first: so the row and its event become visible together or not at all, and a
process killed between the two statements leaves neither.

A worker's moves are fenced as well, by `Claim.fence`: its attempt and its name. A worker that lost
its lease meanwhile changes no row and is told so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Q

from core import clock
from core.raw_sql import Pair, Statement
from runs import states
from runs.engine import limits, queue_order, step_kinds
from runs.engine.blocked_owners import current_holds
from runs.engine.notifying import tell_owner
from runs.engine.routing import Lane
from runs.log.changes import RunChange, begin_log
from runs.log.events import RunEvent
from runs.models import Event, Run, Step

# The event of an edge; a function is called once the row has moved, so that what it writes and
# appends itself belongs to the move and comes before the event that it returns.
Happened = RunEvent | Callable[[], RunEvent] | None

_MAKE_READY_SQL = """
    UPDATE runs_step SET status = 'ready', not_before = {now}
    WHERE id = %(id)s AND status = 'pending'
    """
# By the clock of the claim: it may come in this very transaction.
_MAKE_READY = {
    "sqlite": Statement(_MAKE_READY_SQL.format(now="%(now)s")),
    "postgresql": Statement(_MAKE_READY_SQL.format(now="statement_timestamp()")),
}

# The one UPDATE that gives a worker the right to a step. Leases are measured by the database's
# clock on Postgres, where workers may be on several machines, and by this machine's on SQLite.
# Not by `now()`, when the transaction began: it may have readied this very step since.
_CLAIM_SQL = """
    UPDATE runs_step SET attempt = %(number)s, status = 'running', lease_owner = %(worker)s,
        lease_until = {until}, progress = 0, started_at = %(now)s {more}
    WHERE id = %(id)s AND attempt = %(attempt)s AND {state}
    """
# A pending step becomes ready in the claim: its turn, should it be put back, begins now.
_CLAIMABLE = {
    states.READY: {"state": "status = 'ready' AND not_before <= {now}", "more": ""},
    states.PENDING: {"state": "status = 'pending'", "more": ", not_before = {now}"},
}
_BEGIN_ATTEMPT_SQL = """
    INSERT INTO runs_attempt
        (step_id, owner_id, number, generation, worker, provider_key, provider, outcome,
        actual_milli, started_at)
    SELECT %(id)s, CAST(%(owner)s AS bigint), %(number)s, %(generation)s, %(worker)s,
        %(provider_key)s, '', '', 0, %(now)s
    WHERE {given}
    RETURNING id
    """
_CLOCK = {
    "sqlite": {"until": "%(until)s", "now": "%(now)s"},
    "postgresql": {
        "until": "statement_timestamp() + %(lease_s)s * interval '1 second'",
        "now": "statement_timestamp()",
    },
}

# Who looks at a parked step goes on with its attempt: nothing of it begins again.
_LOOK_SQL = """
    UPDATE runs_step SET status = 'running', lease_owner = %(worker)s, lease_until = {until}
    WHERE id = %(id)s AND attempt = %(attempt)s AND status = 'parked' AND not_before <= {now}
    """
_LOOK = {vendor: Statement(_LOOK_SQL.format(**names)) for vendor, names in _CLOCK.items()}

# What a worker writes when all went well, fenced as by `Claim.fence`; its attempt ends with it.
_COMPLETE = Pair(
    """
    UPDATE runs_step SET status = 'completed', progress = 1, resolved = %(resolved)s,
        provider = %(provider)s, result = %(result)s, reuse_key = %(reuse_key)s,
        reused_from_id = %(reused_from)s, lost_leases = 0, finished_at = %(now)s,
        lease_owner = '', lease_until = NULL
    WHERE id = %(id)s AND attempt = %(attempt)s AND lease_owner = %(worker)s
        AND status = 'running'
    """,
    """
    UPDATE runs_attempt SET ended_at = %(now)s, outcome = 'done', actual_milli = %(actual)s,
        unbilled_milli = %(unbilled_milli)s, provider = %(attempt_provider)s, error = NULL
    WHERE id = %(attempt_id)s AND {given}
    """,
)


@cache
def _claim(vendor: str, before: str, yields_in: int, *, holds: bool) -> Pair:
    """The claim of a step in this state, with the row of its attempt.

    yields_in: the number of lanes in which a chain yields to other owners: in the claim itself, so
    that a chain asks the database nothing more.
    """
    sql = _CLAIM_SQL.format(**_CLAIMABLE[before], until="{until}").format(**_CLOCK[vendor])
    if yields_in:
        sql += f"AND {queue_order.no_one_else_waits(vendor, yields_in, holds=holds)}"
    return Pair(sql, _BEGIN_ATTEMPT_SQL)


class IllegalMove(RuntimeError):
    """A bug: a move that the tables of `runs.states` do not have. Its change is undone."""


def move(
    change: RunChange,
    step: Step,
    to: str,
    event: Happened = None,
    *,
    before: str | None = None,
    fence: Q | None = None,
    update: Callable[[], int] | None = None,
    **fields: Any,
) -> bool:
    """Move a step to another state and append the event of that edge.

    before: the state it must be in; else the one it was read in. fence: what else must still hold
    of its row. fields: further columns to write. update: issues a prepared UPDATE of the hot path
    instead, with the same conditions, and returns how many rows it changed.
    False: the row is not in that state any more or the fence does not hold; nothing was written.
    Raises IllegalMove.
    """
    before = before or step.status
    _check(states.STEP_MOVES, before, to)
    if update is None:
        rows = Step.objects.filter(fence or Q(), id=step.id, status=before)
        count = rows.update(status=to, **_implied_columns(before, to), **fields)
    else:
        count = update()
    if not count:
        return False
    step.status = to
    _append(change, step, event)
    return True


def move_all(
    change: RunChange,
    steps: Sequence[Step],
    to: str,
    event: Callable[[Step], RunEvent],
    **fields: Any,
) -> None:
    """Move steps that no worker's fence protects, in one UPDATE; each gets its event, in order.

    steps: read within this change, with their `status`. Raises IllegalMove, also when one of them
    is not in the state it was read in: all states change under the run's lock, which is held.
    """
    if not steps:
        return
    statuses = {step.status for step in steps}
    columns: dict[str, Any] = {}
    for before in statuses:
        _check(states.STEP_MOVES, before, to)
        columns |= _implied_columns(before, to)
    rows = Step.objects.filter(id__in=[step.id for step in steps], status__in=statuses)
    count = rows.update(**{"status": to, **columns, **fields})
    if count != len(steps):
        raise IllegalMove(
            f"{len(steps) - count} of {len(steps)} steps were not in {sorted(statuses)}"
        )
    for step in steps:
        step.status = to
        _append(change, step, event(step))


def make_ready(step_ids: Iterable[int]) -> None:
    """Pending steps may be taken by a worker from now on. The edge has no event: `step_started`
    follows. The caller hints the ids to the dispatcher. Others are left as they are."""
    _check(states.STEP_MOVES, states.PENDING, states.READY)
    for step_id in step_ids:
        _MAKE_READY[connection.vendor].run(id=step_id, now=clock.now())


def make_kept_ready(change: RunChange) -> None:
    """The step that was kept pending for a claim is not claimed, or states are looked at first."""
    if change.kept_pending is not None:
        make_ready([change.kept_pending])
        change.kept_pending = None


def claim(
    change: RunChange,
    step: Step,
    event: Happened,
    *,
    worker: str,
    provider_key: str,
    now: datetime,
    yields_in: Sequence[Lane] = (),
) -> int | None:
    """Give a step to a worker as its next attempt, and return the id of the attempt's row.

    step: ready, or pending where the caller knows that its needs are done. now: when it is taken.
    yields_in: not while another owner has a step in these lanes that is due. None: as False in
    `move`, or it is not due.
    """
    others: dict[str, Any] = {}
    holds = False
    if yields_in:
        now_held = current_holds()
        holds = now_held.is_anyone
        others = {
            **queue_order.lane_values(yields_in, limits.closed_providers()),
            **now_held.values,
        }
    statement = _claim(connection.vendor, step.status, len(yields_in), holds=holds)
    attempt_id: int | None = None

    def update() -> int:
        nonlocal attempt_id
        attempt_id = statement.new_id(
            id=step.id,
            attempt=step.attempt,
            number=step.attempt + 1,
            generation=step.generation,
            owner=change.run.queue_owner_id,
            worker=worker,
            provider_key=provider_key,
            now=now,
            until=now + timedelta(seconds=settings.LEASE_S),
            lease_s=settings.LEASE_S,
            **others,
        )
        return attempt_id is not None

    move(change, step, states.RUNNING, event, update=update)
    return attempt_id


def look(change: RunChange, step: Step, *, worker: str, now: datetime) -> bool:
    """Give a parked step to a worker, which goes on with its attempt. False as in `claim`.

    The edge has no event: for readers the step has been running all along.
    """
    statement = _LOOK[connection.vendor]
    return move(
        change,
        step,
        states.RUNNING,
        before=states.PARKED,
        update=lambda: statement.run(
            id=step.id,
            attempt=step.attempt,
            worker=worker,
            now=now,
            until=now + timedelta(seconds=settings.LEASE_S),
            lease_s=settings.LEASE_S,
        ),
    )


def complete(
    change: RunChange,
    step: Step,
    event: Happened,
    *,
    attempt: int,
    attempt_id: int,
    worker: str,
    actual: int,
    unbilled_milli: int | None,
    attempt_provider: str,
    resolved: Mapping[str, Any],
    provider: str,
    result: Mapping[str, Any],
    reuse_key: str,
    reused_from: int | None,
) -> bool:
    """End the attempt of a worker that did its work. False: the claim was lost; keep nothing.

    actual, unbilled_milli: as of `Attempt`. attempt_provider: who did it now, if anyone.
    reused_from: the step whose results it took over instead.
    """
    return move(
        change,
        step,
        states.COMPLETED,
        event,
        before=states.RUNNING,
        update=lambda: _COMPLETE.run(
            id=step.id,
            attempt=attempt,
            attempt_id=attempt_id,
            worker=worker,
            actual=actual,
            unbilled_milli=unbilled_milli,
            attempt_provider=attempt_provider,
            resolved=resolved,
            provider=provider,
            result=result,
            reuse_key=reuse_key,
            reused_from=reused_from,
            now=clock.now(),
        ),
    )


def move_run(change: RunChange, to: str, event: RunEvent, **fields: Any) -> None:
    """Move the run under lock and append the event of that edge. Ending it sets its time.

    The change writes the columns last; its lock stands for the condition on the state it leaves.
    fields: further columns to write. Raises IllegalMove.
    """
    _check(states.RUN_MOVES, change.run.status, to)
    if to in states.RUN_TERMINAL:
        fields["finished_at"] = clock.now()
    change.set(status=to, **fields)
    change.append(event)
    tell_owner(change.run, to)
    step_kinds.tell(change.run, to)


def insert_run(run: Run, status: str, opening: Sequence[RunEvent]) -> list[Event]:
    """Store a new run in its first state, with its first events, which it returns. Raises
    IllegalMove.

    In the caller's transaction, in which it also stores the steps.
    """
    if status not in states.RUN_BEGINS:
        raise IllegalMove(f"no run begins as {status}")
    run.status, run.last_seq = status, len(opening)
    run.save(force_insert=True)
    return begin_log(run, opening)


def insert_steps(new: Iterable[tuple[Step, str]]) -> list[Step]:
    """Store new steps, each in its first state. Raises IllegalMove.

    The event that tells of them is their run's, or their batch's `step_expanded`.
    """
    rows = []
    for step, status in new:
        if status not in states.STEP_BEGINS:
            raise IllegalMove(f"no step begins as {status}")
        step.status = status
        rows.append(step)
    return Step.objects.bulk_create(rows)


def _check(table: Mapping[str, frozenset[str]], before: str, to: str) -> None:
    if to not in table[before]:
        raise IllegalMove(f"{before} → {to}")


def _implied_columns(before: str, to: str) -> dict[str, Any]:
    """Return what an edge always writes: a lease ends with its attempt, an end has its time."""
    columns: dict[str, Any] = {}
    if before == states.RUNNING:
        columns |= {"lease_owner": "", "lease_until": None}
    if to in states.STEP_TERMINAL:
        columns["finished_at"] = clock.now()
    return columns


def _append(change: RunChange, step: Step, source: Happened) -> None:
    event = source() if callable(source) else source
    if event is not None:
        change.append(event, step_id=step.id, generation=step.generation)
