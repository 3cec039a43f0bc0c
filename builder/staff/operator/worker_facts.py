"""Facts of the pages of workers and providers: machines, processes, labels, and jobs elsewhere."""

from __future__ import annotations

import shutil
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Count, Max, Min, Q

from builder.ops.server.processes import ProcessBook, is_web
from core import media_folder
from core.database import db_now
from core.database_checks import database_size, database_version
from media import sweeping
from runs import states
from runs.engine import queue_reasons, worker_registry
from runs.engine.checks import parked_attempts, queue_counts
from runs.models import RemoteJob, Run, Step


@dataclass(frozen=True, slots=True)
class StepInProgress:
    """A step that a worker is executing."""

    run: str
    step: str
    since: Any


def workers() -> list[dict[str, Any]]:
    """List every worker seen within a day, with what it holds; and holders that were never seen."""
    by_owner: dict[str, list[StepInProgress]] = {}
    rows = Step.objects.filter(status=states.RUNNING).select_related("run").order_by("started_at")
    for step in rows.only("title", "key", "started_at", "lease_owner", "run__public_id"):
        one = StepInProgress(step.run.public_id, step.title or step.key, step.started_at)
        by_owner.setdefault(step.lease_owner, []).append(one)
    known_workers = [
        {
            "name": one.name,
            "host": one.host,
            "labels": one.labels,
            "at": one.at,
            "is_alive": one.is_alive,
            "holds": by_owner.pop(one.name, []),
        }
        for one in worker_registry.workers()
    ]
    return known_workers + [
        {"name": name, "host": "", "labels": (), "at": None, "is_alive": False, "holds": holds}
        for name, holds in sorted(by_owner.items())
    ]


def hosts() -> list[dict[str, Any]]:
    """List those workers by the machine they are on: machines with living ones first."""
    by_host: dict[str, list[dict[str, Any]]] = {}
    for worker in workers():
        by_host.setdefault(worker["host"], []).append(worker)
    rows = [
        {"name": host, "workers": some, "online": sum(one["is_alive"] for one in some)}
        for host, some in by_host.items()
    ]
    return sorted(rows, key=lambda host: (not host["online"], not host["name"], host["name"]))


def web_processes() -> list[dict[str, Any]]:
    """List the web processes that this machine's supervisor keeps, with how often each crashed
    since it last ran for a while."""
    book = ProcessBook(settings.RUN_DIR)
    running = {one.name: one for one in book.living() if is_web(one.name)}
    deaths = {death.name: death for death in book.deaths() if is_web(death.name)}
    return [
        {
            "name": name,
            "pid": running[name].pid if name in running else None,
            "since": datetime.fromtimestamp(running[name].started, UTC)
            if name in running
            else None,
            "crashes": deaths[name].deaths if name in deaths else 0,
            "reason": deaths[name].reason if name in deaths else "",
        }
        for name in sorted({*running, *deaths}, key=lambda name: (len(name), name))
    ]


def queue() -> dict[str, int]:
    """Count steps by what they wait for, and unfinished runs."""
    counts = dict(
        Run.objects.filter(finished_at=None).values_list("status").annotate(count=Count("id"))
    )
    return {
        **queue_counts(),
        "parked": Step.objects.filter(status=states.PARKED).count(),
        "unfinished": sum(counts.values()),
        "waiting": counts.get(states.WAITING_FOR_USER, 0),
    }


def database() -> dict[str, Any]:
    """Return its kind, version and size in bytes, with what of SQLite's log is not yet in it."""
    size, log = database_size()
    is_sqlite = connection.vendor == "sqlite"
    return {
        "kind": connection.display_name,
        "version": database_version(),
        "size": size,
        "log": log if is_sqlite else None,
    }


def disk() -> dict[str, int]:
    """Measure the volume of the media, 0 while it is away, and what a sweep will give back."""
    count, total_bytes = sweeping.unused_count()
    free = total = 0
    if not media_folder.is_away():
        usage = shutil.disk_usage(settings.MEDIA_DIR)
        free, total = usage.free, usage.total
    return {
        "free": free,
        "total": total,
        "unused": count,
        "unused_bytes": total_bytes,
    }


# Of more jobs at providers than this the oldest are listed.
MOST_JOBS = 100
_AT_WORK = (states.READY, states.RUNNING, states.PARKED)


@dataclass(frozen=True, slots=True)
class Load:
    """Numbers of steps by state. oldest: since when the first of those that are due is."""

    ready: int = 0
    running: int = 0
    parked: int = 0
    oldest: datetime | None = None


@dataclass(frozen=True, slots=True)
class LabelRow:
    """A label with its steps and the workers that may take them. name: "" for any worker."""

    name: str
    load: Load
    living: int

    @property
    def is_missing(self) -> bool:
        """Tell whether steps wait for a worker that is not there."""
        return bool(self.load.ready) and not self.living


@dataclass(frozen=True, slots=True)
class ParkedJob:
    """A step whose provider works on it. heard: when its last webhook came."""

    step: Step
    since: datetime
    heard: datetime | None

    @property
    def percent(self) -> int:
        return round(100 * self.step.progress)


def labels() -> list[LabelRow]:
    """List each label of a living worker or an unfinished step, and "" while such steps wait."""
    living = queue_reasons.read_state().living
    loads = _loads()
    names = (set(living) - {""}) | {name for name, load in loads.items() if name or load.ready}
    return [
        LabelRow(name, loads.get(name, Load()), living.get(name, 0))
        # What any worker may take comes last.
        for name in sorted(names, key=lambda name: (not name, name))
    ]


def jobs_at_providers() -> tuple[list[ParkedJob], int]:
    """List jobs that are at their providers, the oldest first, and count them all."""
    attempts = parked_attempts()
    rows = list(
        attempts.select_related("step__run__owner").only(
            "parked_at",
            "provider",
            "step__key",
            "step__title",
            "step__progress",
            "step__not_before",
            "step__assigned_provider",
            "step__run__public_id",
            "step__run__title",
            "step__run__owner__username",
        )[:MOST_JOBS]
    )
    hooks = dict(
        RemoteJob.objects.filter(step__in=[one.step_id for one in rows])
        .values_list("step")
        .annotate(Max("heard_at"))
    )
    jobs = [
        ParkedJob(one.step, one.parked_at, hooks.get(one.step_id)) for one in rows if one.parked_at
    ]
    return jobs, len(jobs) if len(jobs) < MOST_JOBS else attempts.count()


def _loads() -> dict[str, Load]:
    """Count what is ready, running and parked, by label."""
    due = Q(status=states.READY, not_before__lte=db_now())
    rows = [
        row
        # One at a time: each state has an index of its own, and all together none.
        for state in _AT_WORK
        for row in Step.objects.filter(status=state)
        .values("label", "status")
        .annotate(count=Count("id"), since=Min("not_before", filter=due))
        .values_list("label", "status", "count", "since")
        .order_by()
    ]
    by_label: dict[str, dict[str, int]] = defaultdict(dict)
    oldest: dict[str, datetime] = {}
    for name, status, count, since in rows:
        by_label[name][status] = count
        if since is not None:
            oldest[name] = since
    return {
        name: Load(
            ready=counts.get(states.READY, 0),
            running=counts.get(states.RUNNING, 0),
            parked=counts.get(states.PARKED, 0),
            oldest=oldest.get(name),
        )
        for name, counts in by_label.items()
    }
