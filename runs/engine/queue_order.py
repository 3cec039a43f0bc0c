"""The order in which workers take steps: the oldest of each owner in its lanes, the owners in turn.

An owner's turn is later the later a step of theirs was last claimed. The number of the attempt
shows that, not a clock. Steps that run, wait or are parked count for nothing, so a second person's
step waits for at most one step of each worker, however many the first person has ready. A look at a
parked step that is due begins no attempt, so it takes no turn; a worker alternates between such
looks and ready steps.

Steps of people who are suspended or whose account is closed, and those of a cooldown, wait until
that ends, but for the parked ones: what is at a provider is watched to its end.

Looking costs an index seek or three for each owner with a ready step in each lane, however many
steps there are, and nothing for lanes of other workers.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import cache
from typing import Any, Final

from django.db import connection

from core import clock
from core.raw_sql import Statement
from runs import states
from runs.engine import limits
from runs.engine.blocked_owners import HELD_SQL, held_people
from runs.engine.routing import Lane, lanes_of
from runs.models import Run, Step
from templates_app.graph import plan_json

# By the clock of the database where workers may be on several machines.
_DUE: Final = {
    "sqlite": "{lane}.due",
    "postgresql": "statement_timestamp() - {lane}.due * interval '1 second'",
}

_LANES_SQL = "lane (label, provider, due, is_open) AS (VALUES {lanes})"
# The first step of a lane that may be claimed now; a run that waits for a person hides nothing.
_FIRST_SQL = """
    SELECT step.id FROM runs_step step
    WHERE step.status = '{status}' AND step.label = {lane}.label
        AND step.assigned_provider = {lane}.provider {owner} AND step.not_before <= {due}
        AND EXISTS (
            SELECT 1 FROM runs_run run WHERE run.id = step.run_id
                AND run.status IN ('queued', 'running') AND run.plan_format <= %(format)s {key}
        )
    ORDER BY step.not_before, step.id LIMIT 1
    """
# Walks from owner to owner in the index of ready steps: neither database has a skip scan.
_NEXT_OWNER_SQL = """
    SELECT MIN(step.owner_id) FROM runs_step step
    WHERE step.status = 'ready' AND step.label = {lane}.label
        AND step.assigned_provider = {lane}.provider
    """
_PICK_SQL = """
    WITH RECURSIVE {lanes},
    waiting (label, provider, due, owner) AS (
        SELECT label, provider, due, ({first_owner}) FROM lane WHERE is_open = 1
        UNION ALL
        SELECT label, provider, due, ({next_owner} AND step.owner_id > waiting.owner)
        FROM waiting WHERE owner IS NOT NULL
    ), oldest (step, turn) AS MATERIALIZED (
        SELECT
            ({of_owner}),
            COALESCE((SELECT MAX(id) FROM runs_attempt WHERE owner_id = waiting.owner), 0)
        FROM waiting WHERE owner IS NOT NULL {not_held}
    ), chosen (what, step, turn) AS (
        SELECT {parked}, ({of_parked}), 0 FROM lane
        UNION ALL
        SELECT * FROM (
            SELECT {ready}, step, turn FROM oldest WHERE step IS NOT NULL
            ORDER BY turn, step LIMIT %(limit)s
        ) in_turn
        UNION ALL
        SELECT {background}, ({of_background}), 0 FROM lane WHERE is_open = 1
    )
    SELECT chosen.what, step.id, step.run_id, step.owner_id
    FROM chosen JOIN runs_step step ON step.id = chosen.step
    ORDER BY chosen.what, chosen.turn, step.not_before, step.id
    """
_PARKED, _READY, _BACKGROUND = range(3)

# Part of a claim that would go on with its owner's chain: no other owner has a step that is due and
# that this worker could take, and no parked one is due. What is taken then, `pick` decides.
_NO_ONE_ELSE_WAITS_SQL = """
    NOT EXISTS (
        WITH {lanes}
        SELECT 1 FROM lane WHERE (
            SELECT MIN(step.not_before) FROM runs_step step WHERE step.status = 'parked'
                AND step.label = lane.label AND step.assigned_provider = lane.provider
        ) <= {due} OR is_open = 1 AND (
            ({next_owner} AND step.owner_id < %(owner)s AND step.not_before <= {due} {not_held})
                IS NOT NULL
            OR
            ({next_owner} AND step.owner_id > %(owner)s AND step.not_before <= {due} {not_held})
                IS NOT NULL
        )
    )
    """


def pick(
    labels: frozenset[str], limit: int = 8, *, parked_first: bool = True
) -> list[tuple[int, int]]:
    """Steps that a worker with these labels should take, in order, as (step id, run id): one ready
    step of each owner, and before or after them the parked ones that are due, one of each lane.

    A run that a newer release has planned waits for it. Background steps wait while a person's run
    is unfinished.
    """
    lanes = list(lanes_of(labels).values())
    closures = limits.current_closures()
    closed_keys = sorted(closures.keys)
    statement = _pick_statement(
        connection.vendor, len(lanes), len(closed_keys), holds=closures.held.is_anyone
    )
    rows = statement.rows(
        limit=limit * len(lanes),
        format=plan_json.FORMAT,
        **lane_values(lanes, closures.providers),
        **closures.held.values,
        **{f"key{place}": key for place, key in enumerate(closed_keys)},
    )
    parked_steps = [(step, run) for what, step, run, _ in rows if what == _PARKED]
    parked_steps += limits.resumable(closures, labels)
    # One of each owner, who may have steps in several lanes: the first row is the oldest.
    ready: dict[int, tuple[int, int]] = {}
    for what, step, run, owner in rows:
        if what == _READY:
            ready.setdefault(owner, (step, run))
    in_turn = list(ready.values())[:limit]
    if people := (parked_steps + in_turn if parked_first else in_turn + parked_steps):
        return people
    # One at a time, and only while no person's run waits.
    background = [(step, run) for what, step, run, _ in rows if what == _BACKGROUND]
    if not background or _background_is_running() or people_are_waiting():
        return []
    return background[:1]


def no_one_else_waits(vendor: str, lanes: int, *, holds: bool) -> str:
    """A condition of a claim with the parameter `owner`, those of `lane_values` and, where it holds
    back steps, of `Held.values`."""
    due = _DUE[vendor].format(lane="lane")
    next_owner = _NEXT_OWNER_SQL.format(lane="lane")
    return _NO_ONE_ELSE_WAITS_SQL.format(
        lanes=_lanes_sql(lanes),
        due=due,
        next_owner=next_owner,
        not_held=_not_held(holds, owner="step.owner_id", provider="lane.provider"),
    )


def lane_values(lanes: Sequence[Lane], closed_providers: frozenset[str]) -> dict[str, Any]:
    """The parameters of a statement about these lanes. Lanes of closed providers are not open: only
    what is at such a provider already goes on."""
    now = clock.now()
    values: dict[str, Any] = {}
    for place, lane in enumerate(lanes):
        values[f"label{place}"] = lane.label
        values[f"provider{place}"] = lane.assigned_provider
        values[f"due{place}"] = (
            now - timedelta(seconds=lane.behind_s)
            if connection.vendor == "sqlite"
            else lane.behind_s
        )
        values[f"open{place}"] = int(lane.assigned_provider not in closed_providers)
    return values


def people_are_waiting() -> bool:
    """Return whether a run that is not background work is under way, and not held back."""
    # By its end, not by its state alone: an index knows the few unfinished runs among all.
    open_runs = Run.objects.filter(finished_at=None, priority__gte=0)
    under_way = open_runs.filter(status__in=(states.QUEUED, states.RUNNING))
    return under_way.exclude(owner_id__in=held_people()).exists()


@cache
def _pick_statement(vendor: str, lanes: int, closed_keys: int, *, holds: bool) -> Statement:
    def first(status: str, owner: str, lane: str) -> str:
        due = _DUE[vendor].format(lane=lane)
        # What a key began goes on: a limit stops only new work.
        is_open = key if status == states.READY else ""
        return _FIRST_SQL.format(status=status, owner=owner, lane=lane, due=due, key=is_open)

    placeholders = ", ".join(f"%(key{place})s" for place in range(closed_keys))
    key = f"AND COALESCE(run.api_key_id, 0) NOT IN ({placeholders})" if placeholders else ""

    return Statement(
        _PICK_SQL.format(
            lanes=_lanes_sql(lanes),
            first_owner=_NEXT_OWNER_SQL.format(lane="lane"),
            next_owner=_NEXT_OWNER_SQL.format(lane="waiting"),
            not_held=_not_held(holds, owner="waiting.owner", provider="waiting.provider"),
            of_owner=first(states.READY, "AND step.owner_id = waiting.owner", "waiting"),
            of_parked=first(states.PARKED, "", "lane"),
            of_background=first(states.READY, "AND step.owner_id IS NULL", "lane"),
            parked=_PARKED,
            ready=_READY,
            background=_BACKGROUND,
        )
    )


def _not_held(holds: bool, **columns: str) -> str:
    return f"AND NOT {HELD_SQL.format(**columns)}" if holds else ""


def _lanes_sql(count: int) -> str:
    rows = (
        f"(%(label{place})s, %(provider{place})s, %(due{place})s, %(open{place})s)"
        for place in range(count)
    )
    return _LANES_SQL.format(lanes=", ".join(rows))


def _background_is_running() -> bool:
    return Step.objects.filter(status=states.RUNNING, owner=None).exists()
