"""The workers that are online, and their labels: each refreshes a row every few seconds.

Leases and elections need none of this; it is for operators and health checks, and for the sweeper,
which learns here which labels no worker has.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from core import clock
from core.database import db_now, read_db_now
from runs.models import Worker

# Rarely, for it is a write, and an idle server should write next to nothing.
REFRESH_EVERY_S = 5.0
# One that is silent for longer is taken to be gone.
ALIVE_FOR = timedelta(seconds=20)
FORGET_AFTER = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class WorkerStatus:
    """A worker as it was last seen. labels: in alphabetical order. silent_for: since then; less
    than nothing when the clock was set back."""

    name: str
    host: str
    labels: tuple[str, ...]
    started_at: datetime
    at: datetime
    silent_for: timedelta

    @property
    def is_alive(self) -> bool:
        return abs(self.silent_for) < ALIVE_FOR


class Registration:
    """The row of one worker. labels: those of the settings unless it is given others."""

    def __init__(self, worker: str, labels: Collection[str] | None = None) -> None:
        self.worker = worker
        self.labels = frozenset(settings.WORKER_LABELS if labels is None else labels)
        self._started_at = clock.now()
        self._due = 0.0

    def refresh(self) -> None:
        """Write that it is online, if it is time to."""
        if time.monotonic() < self._due:
            return
        # By the clock that all machines share: one whose own is wrong is online all the same.
        if not Worker.objects.filter(name=self.worker).update(seen_at=db_now()):
            # The first time, or another process took it for dead and deleted the row.
            row = Worker(
                name=self.worker,
                host=short_hostname(),
                labels=sorted(self.labels),
                started_at=self._started_at,
                seen_at=db_now(),
            )
            Worker.objects.bulk_create([row], ignore_conflicts=True)
        self._due = time.monotonic() + REFRESH_EVERY_S


def forget(worker: str) -> None:
    """It has stopped, or is known to be dead."""
    Worker.objects.filter(name=worker).delete()


def forget_stale() -> None:
    """Rows of workers that were killed and have been silent for a day."""
    Worker.objects.filter(seen_at__lt=db_now() - FORGET_AFTER).delete()


def workers() -> Sequence[WorkerStatus]:
    """Every worker seen within a day, those alive first, then by name."""
    now = read_db_now()
    statuses = [
        WorkerStatus(
            row.name, row.host, tuple(row.labels), row.started_at, row.seen_at, now - row.seen_at
        )
        for row in Worker.objects.order_by("name")
    ]
    return sorted(statuses, key=lambda one: not one.is_alive)


def living_labels() -> frozenset[str]:
    """The labels that at least one worker has which is online. One query."""
    now = db_now()
    living = Worker.objects.filter(seen_at__gt=now - ALIVE_FOR, seen_at__lt=now + ALIVE_FOR)
    return frozenset(
        label for labels in living.values_list("labels", flat=True) for label in labels
    )


def short_hostname() -> str:
    """Return this machine's name, without its domain."""
    return socket.gethostname().partition(".")[0][:120] or "localhost"
