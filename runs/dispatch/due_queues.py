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
_DUE = Statement(
    f"({_DUE_OF_STATE.format(status='ready', but=_NOT_PAUSED)})"
    f" UNION ({_DUE_OF_STATE.format(status='parked', but='')})"
)
# To ask is cheaper than a job that is refused, which is an error in the server's log.
_WAITING = Statement(
    """
    SELECT queueing_lock FROM procrastinate_jobs
    WHERE status = 'todo' AND queueing_lock = ANY(string_to_array(%(queues)s, ','))
    """
)


def queue_of(label: str) -> str:
    return label or ANY_LABEL


def of_labels(labels: Iterable[str]) -> list[str]:
    """Return a worker's queues, by its labels: any worker may find out a step's provider."""
    return [*dict.fromkeys(map(queue_of, labels)), ANY_LABEL]


def without_job() -> list[str]:
    """Queues of labels that have due steps, and no job that is waiting to be taken."""
    due: set[str] = set()
    for label, preferred_label in _DUE.rows():
        due.add(queue_of(label))
        if preferred_label:
            due.add(preferred_label)
    if not due:
        return []
    return sorted(due - {queue for (queue,) in _WAITING.rows(queues=",".join(due))})
