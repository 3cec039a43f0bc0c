"""Loads everything needed to poll a provider's job, in one query.

Hundreds of jobs may be looked at every few seconds, each to find that nothing has changed. So a
look resolves nothing again, and gathers no files before its provider wants them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core import clock
from core.raw_sql import Statement, from_json, moment

# A job that a webhook told of is looked at before those that are only due again: where workers are
# busy with looks, it would stand behind all that are late.
NEWS_DUE_S = -900.0

# The attempt becomes the worker's that looks.
_TAKE_ATTEMPT = Statement(
    """
    UPDATE runs_attempt SET worker = %(worker)s
    WHERE step_id = %(step_id)s AND number = %(number)s
    RETURNING id, started_at, provider, job_ref, error,
        (SELECT MIN(submitting_at) FROM runs_attempt other WHERE other.step_id = %(step_id)s
            AND other.generation = %(generation)s AND other.number > COALESCE(
                (SELECT MAX(number) FROM runs_attempt failed WHERE failed.step_id = %(step_id)s
                    AND failed.outcome = 'error' AND failed.job_ref IS NOT NULL), 0)),
        (SELECT MAX(heard_at) FROM runs_remotejob WHERE step_id = %(step_id)s),
        (SELECT payload FROM runs_event WHERE step_id = %(step_id)s AND name = 'step_progress'
            AND generation = %(generation)s ORDER BY seq DESC LIMIT 1),
        (SELECT resolved FROM runs_step WHERE id = %(step_id)s)
    """
)
_HEARD = Statement(
    "SELECT heard_at FROM runs_remotejob WHERE step_id = %(step_id)s ORDER BY id {for_update}"
)


@dataclass(frozen=True, slots=True)
class Look:
    """State of a parked step when a worker took it.

    provider, job_ref: as passed to `remember`. submitted_at: the first time that anything was sent
    for this generation, after its last job that failed. heard: when its last webhook came. note:
    the last one in the log. resolved: as `Step.resolved`. trouble: why the looks before could not
    ask about the job, as `parking.look_again` wrote it.
    """

    provider: str
    job_ref: Mapping[str, Any]
    submitted_at: datetime | None
    heard: datetime | None
    note: str
    resolved: Mapping[str, Any] | None
    trouble: Mapping[str, Any] | None


def take_attempt(
    *, step_id: int, number: int, generation: int, worker: str
) -> tuple[int, datetime, Look]:
    """Make a parked step's open attempt this worker's. Its id, when it began, and what is known."""
    (row,) = _TAKE_ATTEMPT.rows(
        step_id=step_id, number=number, generation=generation, worker=worker
    )
    attempt_id, started_at, provider, job_ref, trouble, submitted_at, heard_at, news, call = row
    look = Look(
        provider=provider,
        job_ref=from_json(job_ref),
        submitted_at=moment(submitted_at),
        heard=moment(heard_at),
        note=str((from_json(news) or {}).get("note", "")),
        resolved=from_json(call),
        trouble=from_json(trouble),
    )
    return attempt_id, moment(started_at) or clock.now(), look


def last_heard(step_id: int) -> datetime | None:
    """Return when the last webhook about a job of this step came. No other webhook is noted until
    the transaction ends, so what is decided by it cannot overlook one."""
    rows = _HEARD.rows(step_id=step_id)
    return max((heard_at for (stamp,) in rows if (heard_at := moment(stamp))), default=None)
