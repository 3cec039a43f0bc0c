"""Counts of steps against limits: running, parked, or left at a provider.

A step whose worker was lost is ready again, while its job goes on at the provider. It keeps its
slot until it is claimed again: else the provider would get one job more than its limit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import connection

from core import clock
from core.raw_sql import Statement

# The two states apart: each has an index of its own, and an index of both would be one more page
# that every step writes. Few steps are running, at most one for each worker.
_STEPS = """
    SELECT run_id, assigned_provider, owner_id FROM runs_step WHERE status = 'running'
    UNION ALL
    SELECT run_id, assigned_provider, owner_id FROM runs_step WHERE status = 'parked'
    """
_AT_PROVIDERS = Statement(
    f"""
    SELECT assigned_provider, owner_id, COUNT(*) FROM ({_STEPS}) step
    WHERE assigned_provider <> ''
    GROUP BY assigned_provider, owner_id
    """  # noqa: S608  no value of anyone's
)
_AT_PROVIDER = Statement(
    f"""
    SELECT owner_id, COUNT(*) FROM ({_STEPS}) step
    WHERE assigned_provider = %(provider)s
    GROUP BY owner_id
    """  # noqa: S608
)
_OF_KEYS = Statement(
    f"""
    SELECT run.api_key_id, COUNT(*) FROM ({_STEPS}) step JOIN runs_run run ON run.id = step.run_id
    WHERE run.api_key_id IS NOT NULL
    GROUP BY run.api_key_id
    """  # noqa: S608
)
# Known: any earlier attempt of this generation may have been told of the job. One that failed after
# it says that the job is over. It begins with the few lost attempts: joined freely, SQLite would
# begin with the thousands of ready steps.
_LEFT_SQL = """
    SELECT attempt.provider, step.id, step.run_id, step.owner_id, run.api_key_id, step.label,
        CASE WHEN attempt.job_ref IS NULL THEN 0 ELSE 1 END,
        CASE WHEN step.not_before <= {now} THEN 1 ELSE 0 END
    FROM runs_attempt attempt CROSS JOIN runs_step step CROSS JOIN runs_run run
    WHERE attempt.outcome IN ('lost', 'returned') AND attempt.submitting_at IS NOT NULL
        AND attempt.provider > '' AND step.id = attempt.step_id AND run.id = step.run_id
        AND step.status = 'ready' AND step.generation = attempt.generation
        AND NOT EXISTS (
            SELECT 1 FROM runs_attempt later WHERE later.step_id = attempt.step_id
                AND later.number > attempt.number AND later.outcome = 'error'
        )
    """
_LEFT = {
    "sqlite": Statement(_LEFT_SQL.format(now="%(now)s")),
    "postgresql": Statement(_LEFT_SQL.format(now="statement_timestamp()")),
}


@dataclass(frozen=True, slots=True)
class Left:
    """A ready step that was left at a provider. is_known: its job can be attached to there, else
    it may have been lost on the way."""

    provider: str
    step: int
    run: int
    owner: int | None
    key: int | None
    label: str
    is_known: bool
    is_due: bool


def left_at_providers() -> Sequence[Left]:
    """Ready steps whose job may still be at its provider."""
    by_step: dict[int, Left] = {}
    for row in _LEFT[connection.vendor].rows(now=clock.now()):
        provider, step, run, owner, key, label, is_known, is_due = row
        if step not in by_step or is_known:
            flags = bool(is_known), bool(is_due)
            by_step[step] = Left(provider, step, run, owner, key, label, *flags)
    return list(by_step.values())


def by_provider(jobs: Sequence[Left]) -> Mapping[str, int]:
    """Return how many steps count against each provider."""
    counts: dict[str, int] = {}
    for provider, _, count in _AT_PROVIDERS.rows():
        counts[provider] = counts.get(provider, 0) + count
    for one in jobs:
        counts[one.provider] = counts.get(one.provider, 0) + 1
    return counts


def by_owner(provider: str, jobs: Sequence[Left]) -> Mapping[int | None, int]:
    """Return how many steps of each owner count against one provider."""
    owners: dict[int | None, int] = dict(_AT_PROVIDER.rows(provider=provider))
    for one in jobs:
        if one.provider == provider:
            owners[one.owner] = owners.get(one.owner, 0) + 1
    return owners


def by_key(jobs: Sequence[Left]) -> Mapping[int, int]:
    """Return how many steps count against each API key, by its id."""
    keys: dict[int, int] = dict(_OF_KEYS.rows())
    for one in jobs:
        if one.key is not None:
            keys[one.key] = keys.get(one.key, 0) + 1
    return keys
