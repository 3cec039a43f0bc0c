"""The sweeper: takes back expired leases, stops unwanted provider jobs, deletes old keys.

One worker at a time does it, elected by a conditional UPDATE. Every sweep is a plain read unless
there is something to do, so an idle server writes nothing but the election.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q

from accounts.sessions import forget_expired
from core import clock, installation
from core.database import db_now, read_db_now, with_db_now
from media import blobs
from media import services as uploads
from runs.engine import (
    clock_changes,
    limit_settings,
    reclaiming,
    remote_jobs,
    rerouting,
    worker_registry,
)
from runs.models import Attempt, Heartbeat, IdempotencyKey
from tools import registry

logger = logging.getLogger(__name__)

# An election holds this many sweeps, so that a paused sweeper is replaced within seconds.
ELECTED_FOR_SWEEPS = 4
KEYS_LIVE = timedelta(hours=48)
TMP_LIVES_S = 24 * 3600
PRUNE_EVERY_S = 3600


def is_elected(duty: str, worker: str, seconds: float) -> bool:
    """Return whether this worker holds the duty. Renews it at half its time; else only reads."""
    # By the clock of all machines: by their own, two that differ would take a duty from each other.
    row = with_db_now(Heartbeat.objects.filter(name=duty)).first()
    if row is not None and row.now <= row.until <= _latest(row.now, seconds):
        if row.owner != worker:
            return False
        if row.until - row.now > timedelta(seconds=seconds / 2):
            return True
        until = row.now + timedelta(seconds=seconds)
        return bool(Heartbeat.objects.filter(name=duty, owner=worker).update(until=until))
    return take_turn(duty, worker, seconds)


def take_turn(duty: str, worker: str, seconds: float) -> bool:
    """Take a duty whose time has run out. Of several that try at once, one succeeds."""
    now = read_db_now()
    until = now + timedelta(seconds=seconds)
    # Beyond what anyone is elected for: the clock was set back since.
    is_over = Q(until__lt=now) | Q(until__gt=_latest(now, seconds))
    if Heartbeat.objects.filter(is_over, name=duty).update(owner=worker, until=until):
        return True
    if Heartbeat.objects.filter(name=duty).exists():
        return False
    Heartbeat.objects.bulk_create(
        [Heartbeat(name=duty, owner=worker, until=until)], ignore_conflicts=True
    )
    return Heartbeat.objects.filter(name=duty, owner=worker, until=until).exists()


def _latest(now: Any, seconds: float) -> Any:
    return now + timedelta(seconds=max(0, seconds) + clock_changes.TOLERANCE_S)


def sweep_if_elected(worker: str, *, is_steady: bool = True) -> None:
    """Do the sweeper's round when this worker is the sweeper, and prune once an hour.

    is_steady: whether time passed evenly, see `clock_changes`; else no lease is taken back.
    """
    if is_elected(reclaiming.SWEEPER, worker, settings.SWEEP_S * ELECTED_FOR_SWEEPS):
        sweep(takes_back=is_steady)
        resting = Heartbeat.objects.filter(
            name="pruner", until__gte=db_now(), until__lte=_latest(db_now(), PRUNE_EVERY_S)
        )
        if not resting.exists() and take_turn("pruner", worker, PRUNE_EVERY_S):
            prune()


def sweep(*, takes_back: bool = True) -> int:
    """Take back every expired lease, stop unwanted jobs. Returns how many were taken back."""
    clock_changes.clamp_future_times()
    expired = reclaiming.expired() if takes_back else ()
    count = sum(reclaiming.reclaim(step_id, run_id) for step_id, run_id in expired)
    rerouting.reroute()
    stop_unwanted_jobs()
    return count


def prune() -> None:
    """Forget idempotency keys after two days, half-made files after one, uploads no one used,
    workers long gone, keys of jobs that are over, limits of API keys that are gone, and links and
    sessions that ran out."""
    IdempotencyKey.objects.filter(created_at__lt=clock.now() - KEYS_LIVE).delete()
    blobs.sweep_tmp(TMP_LIVES_S)
    uploads.prune_uploads()
    worker_registry.forget_stale()
    remote_jobs.forget_ended()
    limit_settings.forget_gone_keys()
    forget_expired()


def stop_unwanted_jobs(*, owner_id: int | None = None) -> None:
    """Ask services to stop jobs of cancelled runs, once each, best effort.

    owner_id: all of this person's, else the next few of anyone's.
    """
    if installation.is_quiet():
        # They are the original's.
        return
    attempts = Attempt.objects.filter(outcome="cancelled", job_ref__isnull=False)
    if owner_id is not None:
        attempts = attempts.filter(step__run__owner_id=owner_id)
    for attempt in attempts[: 20 if owner_id is None else None]:
        # Marked first: a service that hangs or fails is not asked again every second.
        if not Attempt.objects.filter(id=attempt.id, outcome="cancelled").update(outcome="stopped"):
            continue
        # Read after the mark: an attempt that notes another job from now on sees the mark.
        job_ref = Attempt.objects.filter(id=attempt.id).values_list("job_ref", flat=True).first()
        provider = registry.provider_named(attempt.provider)
        if provider is not None:
            provider.cancel(job_ref or {})
