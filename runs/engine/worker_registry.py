"""Which workers are online: each refreshes a row every few seconds.

Leases and elections need none of this; it is for operators and health checks.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from core import clock
from runs.models import Heartbeat

# Rarely, for it is a write, and an idle server should write next to nothing.
REFRESH_EVERY_S = 5.0
# One that is silent for longer is taken to be gone.
ALIVE_FOR = timedelta(seconds=20)
FORGET_AFTER = timedelta(days=1)
_PREFIX = "worker:"


@dataclass(frozen=True, slots=True)
class WorkerStatus:
    """A worker as it was last seen."""

    name: str
    at: datetime

    @property
    def is_alive(self) -> bool:
        # One that was seen later than now was so before the clock was set back.
        return abs(clock.now() - self.at) < ALIVE_FOR


class Registration:
    """The row of one worker."""

    def __init__(self, worker: str) -> None:
        self.worker = worker
        self._due = 0.0

    def refresh(self) -> None:
        """Write that it is online, if it is time to."""
        if time.monotonic() < self._due:
            return
        until = clock.now() + ALIVE_FOR
        Heartbeat.objects.update_or_create(
            name=_row(self.worker), defaults={"owner": self.worker, "until": until}
        )
        self._due = time.monotonic() + REFRESH_EVERY_S


def forget(worker: str) -> None:
    """It has stopped, or is known to be dead."""
    Heartbeat.objects.filter(name=_row(worker)).delete()


def forget_stale() -> None:
    """Rows of workers that were killed and have been silent for a day."""
    limit = clock.now() - FORGET_AFTER
    Heartbeat.objects.filter(name__startswith=_PREFIX, until__lt=limit).delete()


def workers() -> Sequence[WorkerStatus]:
    """Every worker seen within a day, those alive first, then by name."""
    rows = Heartbeat.objects.filter(name__startswith=_PREFIX).order_by("owner")
    seen = [WorkerStatus(row.owner, row.until - ALIVE_FOR) for row in rows]
    return sorted(seen, key=lambda one: not one.is_alive)


def any_worker_online() -> bool:
    """Whether any worker is online. One query."""
    now = clock.now()
    alive = Heartbeat.objects.filter(until__gt=now, until__lt=now + 2 * ALIVE_FOR)
    return alive.filter(name__startswith=_PREFIX).exists()


def _row(worker: str) -> str:
    # Names of workers may be longer than names of duties.
    return _PREFIX + sha256(worker.encode()).hexdigest()[:24]
