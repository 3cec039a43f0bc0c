"""Labels of due steps, as the names of Procrastinate's queues."""

from __future__ import annotations

from collections.abc import Iterable

from core.raw_sql import Statement

# Of steps whose provider isn't known yet. No label is written so.
ANY_LABEL = "*"

# One seek for each pair of label and provider, however many steps there are: the walk goes from
# pair to pair in the index of that state.
_DUE_OF_STATE = """
    WITH RECURSIVE lane (label, provider) AS (
        (
            SELECT label, assigned_provider FROM runs_step WHERE status = '{status}'
            ORDER BY label, assigned_provider LIMIT 1
        )
        UNION ALL
        SELECT following.label, following.assigned_provider
        FROM lane CROSS JOIN LATERAL (
            SELECT label, assigned_provider FROM runs_step
            WHERE status = '{status}'
                AND (label, assigned_provider) > (lane.label, lane.provider)
            ORDER BY label, assigned_provider LIMIT 1
        ) following
    )
    SELECT lane.label, due.preferred_label
    FROM lane CROSS JOIN LATERAL (
        SELECT preferred_label FROM runs_step
        WHERE label = lane.label AND assigned_provider = lane.provider
            AND status = '{status}' AND not_before <= statement_timestamp()
        LIMIT 1
    ) due {but}
    """
# No worker begins them. What is at a paused provider already is looked at all the same.
_NOT_PAUSED = """
    WHERE NOT EXISTS (
        SELECT 1 FROM runs_queuelimit
        WHERE name = 'provider:' || lane.provider AND paused_at IS NOT NULL
    )
    """
# To ask for jobs that wait is cheaper than one that is refused, which is an error in the server's
# log.
_WITHOUT_JOB = Statement(
    f"""
    WITH due (label, preferred_label) AS (
        ({_DUE_OF_STATE.format(status="ready", but=_NOT_PAUSED)})
        UNION ({_DUE_OF_STATE.format(status="parked", but="")})
    ), queues (name) AS (
        SELECT CASE label WHEN '' THEN '{ANY_LABEL}' ELSE label END FROM due
        UNION SELECT preferred_label FROM due WHERE preferred_label <> ''
    )
    SELECT name FROM queues WHERE NOT EXISTS (
        SELECT 1 FROM procrastinate_jobs WHERE status = 'todo' AND queueing_lock = queues.name
    ) ORDER BY name
    """  # noqa: S608
)


def queue_of(label: str) -> str:
    return label or ANY_LABEL


def of_labels(labels: Iterable[str]) -> list[str]:
    """Return a worker's queues, by its labels: any worker may find out a step's provider."""
    return [*dict.fromkeys(map(queue_of, labels)), ANY_LABEL]


def without_job() -> list[str]:
    """Queues of labels that have due steps, and no job that is waiting to be taken."""
    return [name for (name,) in _WITHOUT_JOB.rows()]
