"""The system as a whole: its processes, queue, database and disk. Only reads."""

from __future__ import annotations

import contextlib
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Count

from builder.server.processes import ProcessBook, is_web
from core.database import db_now
from media import sweeping
from runs import states
from runs.engine import worker_registry
from runs.models import Run, Step


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
    """The volume of the media, in bytes; and how much a sweep will give back."""
    usage = shutil.disk_usage(settings.MEDIA_DIR)
    unused, bytes_unused = sweeping.unused_count()
    return {
        "free": usage.free,
        "total": usage.total,
        "unused": unused,
        "unused_bytes": bytes_unused,
    }


def _size(path: Path) -> int:
    with contextlib.suppress(OSError):
        return path.stat().st_size
    return 0
