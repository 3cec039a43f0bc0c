"""Rows of killed workers in Procrastinate's tables. Nothing depends on them; they only grow."""

from __future__ import annotations

from core.raw_sql import Statement
from runs.dispatch.jobs import TASK

EVERY_S = 60.0

# A living worker tells that it lives every ten seconds.
_WORKERS = Statement(
    "DELETE FROM procrastinate_workers WHERE last_heartbeat < now() - interval '60 seconds'"
)
# A job may be held for hours by a worker that lives, and wait for minutes where none listens to
# its label. A worker that comes later looks without it.
_JOBS = Statement(
    """
    DELETE FROM procrastinate_jobs job WHERE task_name = %(task)s AND CASE status
        WHEN 'doing' THEN NOT EXISTS (
            SELECT 1 FROM procrastinate_workers worker WHERE worker.id = job.worker_id
        )
        WHEN 'todo' THEN NOT EXISTS (
            SELECT 1 FROM procrastinate_events event
            WHERE event.job_id = job.id AND event.at > now() - interval '10 minutes'
        )
        ELSE true
    END
    """
)


def sweep() -> float:
    """Delete rows of dead workers, and jobs that no one will end. In how many seconds again."""
    _WORKERS.run()
    _JOBS.run(task=TASK)
    return EVERY_S
