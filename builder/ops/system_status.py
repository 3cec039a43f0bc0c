"""The system as a whole: its processes, queue, database and disk; what waits for which label, and
what is at which provider. Only reads."""

from __future__ import annotations

import contextlib
import shutil
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Count, F, Max, Min, Q

from builder.ops.server.processes import ProcessBook, is_web
from core import media_folder
from core.command_names import command
from core.database import db_now
from media import sweeping
from runs import states
from runs.engine import queue_reasons, worker_registry
from runs.models import Attempt, RemoteJob, Run, Step
from tools import registry
from tools.declaration.labels import USUAL_LABELS


@dataclass(frozen=True, slots=True)
class StepInProgress:
    """A step that a worker is executing."""

    run: str
    step: str
    since: Any


def workers() -> list[dict[str, Any]]:
    """Every worker seen within a day, with what it holds; and holders that were never seen."""
    held: dict[str, list[StepInProgress]] = {}
    rows = Step.objects.filter(status=states.RUNNING).select_related("run").order_by("started_at")
    for step in rows.only("title", "key", "started_at", "lease_owner", "run__public_id"):
        one = StepInProgress(step.run.public_id, step.title or step.key, step.started_at)
        held.setdefault(step.lease_owner, []).append(one)
    listed = [
        {
            "name": seen.name,
            "host": seen.host,
            "labels": seen.labels,
            "at": seen.at,
            "is_alive": seen.is_alive,
            "holds": held.pop(seen.name, []),
        }
        for seen in worker_registry.workers()
    ]
    return listed + [
        {"name": name, "host": "", "labels": (), "at": None, "is_alive": False, "holds": holds}
        for name, holds in sorted(held.items())
    ]


def hosts() -> list[dict[str, Any]]:
    """The workers of `workers`, by the machine they are on: those with living ones first."""
    found: dict[str, list[dict[str, Any]]] = {}
    for worker in workers():
        found.setdefault(worker["host"], []).append(worker)
    listed = [
        {"name": host, "workers": some, "online": sum(one["is_alive"] for one in some)}
        for host, some in found.items()
    ]
    return sorted(listed, key=lambda host: (not host["online"], not host["name"], host["name"]))


def web_processes() -> list[dict[str, Any]]:
    """The web processes that this machine's supervisor keeps, with how often each crashed since
    it last ran for a while."""
    book = ProcessBook(settings.RUN_DIR)
    running = {one.name: one for one in book.living() if is_web(one.name)}
    crashed = {death.name: death for death in book.deaths() if is_web(death.name)}
    return [
        {
            "name": name,
            "pid": running[name].pid if name in running else None,
            "since": datetime.fromtimestamp(running[name].started, UTC)
            if name in running
            else None,
            "crashes": crashed[name].deaths if name in crashed else 0,
            "reason": crashed[name].reason if name in crashed else "",
        }
        for name in sorted({*running, *crashed}, key=lambda name: (len(name), name))
    ]


def queue() -> dict[str, int]:
    """How much waits: steps that are due, that retry later, that run, that are at their providers;
    and unfinished runs."""
    ready = Step.objects.filter(status=states.READY)
    due = ready.filter(not_before__lte=db_now(), run__priority__gte=0).count()
    later = ready.filter(not_before__gt=db_now()).count()
    background = ready.filter(not_before__lte=db_now(), run__priority__lt=0).count()
    runs = dict(
        Run.objects.filter(finished_at=None).values_list("status").annotate(count=Count("id"))
    )
    return {
        "due": due,
        "later": later,
        "background": background,
        "running": Step.objects.filter(status=states.RUNNING).count(),
        "parked": Step.objects.filter(status=states.PARKED).count(),
        "overdue": Step.objects.filter(status=states.RUNNING, lease_until__lt=db_now()).count(),
        "unfinished": sum(runs.values()),
        "waiting": runs.get(states.WAITING_FOR_USER, 0),
    }


def database() -> dict[str, Any]:
    """Its kind, version and size in bytes, with what of SQLite's log is not yet in the file."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_database_size(current_database())")
            (size,) = cursor.fetchone()
            cursor.execute("SHOW server_version")
            (version,) = cursor.fetchone()
        return {"kind": "PostgreSQL", "version": version, "size": size, "log": None}
    with connection.cursor() as cursor:
        cursor.execute("SELECT sqlite_version()")
        (version,) = cursor.fetchone()
    path = Path(str(connection.settings_dict["NAME"]))
    return {
        "kind": "SQLite",
        "version": version,
        "size": _size(path),
        "log": _size(path.with_name(path.name + "-wal")),
    }


def disk() -> dict[str, int]:
    """The volume of the media in bytes, 0 while it is away, and what a sweep will give back."""
    unused, bytes_unused = sweeping.unused_count()
    free = total = 0
    if not media_folder.is_away():
        usage = shutil.disk_usage(settings.MEDIA_DIR)
        free, total = usage.free, usage.total
    return {
        "free": free,
        "total": total,
        "unused": unused,
        "unused_bytes": bytes_unused,
    }


def _size(path: Path) -> int:
    with contextlib.suppress(OSError):
        return path.stat().st_size
    return 0


# Of more jobs at providers than this the oldest are listed.
PARKED_SHOWN = 100
_AT_WORK = (states.READY, states.RUNNING, states.PARKED)


@dataclass(frozen=True, slots=True)
class Load:
    """How many steps are in which state, and since when the oldest of those that are due is."""

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
        """Whether steps wait for a worker that is not there."""
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
    """Every label that a living worker or an unfinished step has, and "" while such steps wait."""
    living = queue_reasons.read_state().living
    loads = _loads()
    names = (set(living) - {""}) | {name for name, load in loads.items() if name or load.ready}
    return [
        LabelRow(name, loads.get(name, Load()), living.get(name, 0))
        # What any worker may take comes last.
        for name in sorted(names, key=lambda name: (not name, name))
    ]


def missing_labels() -> Sequence[LabelRow]:
    """Those whose steps wait although no living worker has them."""
    return [row for row in labels() if row.is_missing]


def parked() -> tuple[list[ParkedJob], int]:
    """Jobs that are at their providers, the oldest first, and how many there are in all."""
    attempts = Attempt.objects.filter(
        step__status=states.PARKED, number=F("step__attempt"), parked_at__isnull=False
    )
    rows = attempts.select_related("step__run__owner").order_by("parked_at", "id")
    shown = list(
        rows.only(
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
        )[:PARKED_SHOWN]
    )
    heard = dict(
        RemoteJob.objects.filter(step__in=[one.step_id for one in shown])
        .values_list("step")
        .annotate(Max("heard_at"))
    )
    jobs = [
        ParkedJob(one.step, one.parked_at, heard.get(one.step_id)) for one in shown if one.parked_at
    ]
    return jobs, len(jobs) if len(jobs) < PARKED_SHOWN else attempts.count()


def _loads() -> dict[str, Load]:
    """What is ready, running and parked, by label."""
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
    found: dict[str, dict[str, int]] = defaultdict(dict)
    oldest: dict[str, datetime] = {}
    for name, status, count, since in rows:
        found[name][status] = count
        if since is not None:
            oldest[name] = since
    return {
        name: Load(
            ready=counts.get(states.READY, 0),
            running=counts.get(states.RUNNING, 0),
            parked=counts.get(states.PARKED, 0),
            oldest=oldest.get(name),
        )
        for name, counts in found.items()
    }


@dataclass(frozen=True, slots=True)
class LabelWarning:
    """says: what is wrong, without a full stop. remedy: a sentence."""

    says: str
    remedy: str


def label_warnings(also: Collection[str] = ()) -> list[LabelWarning]:
    """Labels without a living worker: those that ready steps wait for, then those of providers that
    have no work yet. also: labels of workers that are about to start.

    While there is no worker at all, which has a message of its own, the usual labels are left out.
    """
    living = worker_registry.living_labels() | set(also)
    # Any worker takes those without a label, such as steps that an older release wrote.
    waiting = {row.name: row.load.ready for row in missing_labels() if row.name}
    found = []
    for label, count in waiting.items():
        if label not in living and (living or label not in USUAL_LABELS):
            which = "1 step is" if count == 1 else f"{count:,} steps are"
            found.append(_warning(f"{which} ready and no living worker has label {label}", label))
    if living:
        needed = {registry.label_of(provider): provider.name for provider in registry.providers()}
        for label, provider in needed.items():
            if label not in living and label not in waiting and label not in USUAL_LABELS:
                says = f"{provider} has label {label} and no living worker has it"
                found.append(_warning(says, label))
    return found


def _warning(says: str, label: str) -> LabelWarning:
    return LabelWarning(says, f"Start one: `{command(f'worker --labels {label}')}`.")
