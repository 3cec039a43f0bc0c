"""Which ready step is taken next: the oldest of each owner, the owners in turn.

An owner's turn is later the later a step of theirs was last claimed. That is told by the number of
the attempt, not by a clock. Steps that run, wait or are parked count for nothing, so a second
person's step waits for at most one step of each worker, however many the first person has ready.

Looking costs an index seek or three for each owner with a ready step, however many steps there are.
"""

from __future__ import annotations

from django.db import connection

from core import clock
from core.database import db_now
from core.raw_sql import Statement
from runs import states
from runs.models import Run, Step
from templates_app.graph import plan_json

_IN_TURN_SQL = """
    WITH RECURSIVE waiting (owner) AS (
        SELECT MIN(owner_id) FROM runs_step WHERE status = 'ready'
        UNION ALL
        SELECT (
            SELECT MIN(owner_id) FROM runs_step WHERE status = 'ready' AND owner_id > waiting.owner
        )
        FROM waiting WHERE waiting.owner IS NOT NULL
    ), oldest (step, last_claim) AS MATERIALIZED (
        SELECT
            (
                SELECT step.id FROM runs_step step JOIN runs_run run ON run.id = step.run_id
                WHERE step.status = 'ready' AND step.owner_id = waiting.owner
                    AND step.not_before <= {now} AND run.status IN ('queued', 'running')
                    AND run.plan_format <= %(format)s
                ORDER BY step.not_before, step.id LIMIT 1
            ),
            (SELECT MAX(id) FROM runs_attempt WHERE owner_id = waiting.owner)
        FROM waiting WHERE waiting.owner IS NOT NULL
    )
    SELECT step.id, step.run_id
    FROM (
        SELECT step, COALESCE(last_claim, 0) AS turn FROM oldest WHERE step IS NOT NULL
        ORDER BY turn, step LIMIT %(limit)s
    ) chosen JOIN runs_step step ON step.id = chosen.step
    ORDER BY chosen.turn, step.id
    """
# Walks from owner to owner in the index of ready steps: neither database skips by itself.
_IN_TURN = {
    "sqlite": Statement(_IN_TURN_SQL.format(now="%(now)s")),
    "postgresql": Statement(_IN_TURN_SQL.format(now="statement_timestamp()")),
}

# Part of a claim that would go on with its owner's chain: no other owner has a step that is due.
# Whose turn it is then, `pick` decides.
NO_ONE_ELSE_WAITS = """
    NOT EXISTS (
        SELECT 1 FROM runs_step other WHERE other.status = 'ready'
            AND other.owner_id < %(owner)s AND other.not_before <= {now}
    ) AND NOT EXISTS (
        SELECT 1 FROM runs_step other WHERE other.status = 'ready'
            AND other.owner_id > %(owner)s AND other.not_before <= {now}
    )
    """


def pick(limit: int = 8) -> list[tuple[int, int]]:
    """Ready steps in the order they should be taken, as (step id, run id): one of each owner.

    A run that a newer release has planned waits for it. Background steps wait while a person's run
    is unfinished.
    """
    rows = _IN_TURN[connection.vendor].rows(now=clock.now(), limit=limit, format=plan_json.FORMAT)
    if rows:
        return [(step, run) for step, run in rows]
    # One at a time, and only while no person's run waits.
    background = Step.objects.filter(status=states.READY, owner=None, not_before__lte=db_now())
    first = background.order_by("not_before", "id").values_list("id", "run_id").first()
    if first is None or _background_is_running() or people_are_waiting():
        return []
    return [first]


def people_are_waiting() -> bool:
    """Whether a run that is not background work is under way."""
    # By its end, not by its state alone: an index knows the few unfinished runs among all.
    unfinished = Run.objects.filter(finished_at=None, priority__gte=0)
    return unfinished.filter(status__in=(states.QUEUED, states.RUNNING)).exists()


def _background_is_running() -> bool:
    return Step.objects.filter(status=states.RUNNING, owner=None).exists()
