"""What the database holds: its connection, migrations, workers, leases, runs, files."""

from __future__ import annotations

import sqlite3
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection

from backups import folders, nightly
from builder.ops import system_status
from builder.ops.doctor import Check, Checks, fault, limits, ok, pooler, size, warning
from builder.ops.stuck_runs import stuck_count
from builder.ops.system_status import label_warnings
from core import clock, declared_settings, installation, server_settings
from core import database as core_database
from core.checks import missing_features
from core.command_names import START, command
from core.direct_database import REFUSAL
from core.errors import MediaFolderAway
from core.logs import scrubbed
from core.media_folder import check as folder_check
from core.media_folder import mark_text
from core.models import BackupAttempt
from core.releases import RELEASE, NewerDatabase, unapplied_migrations, unknown_migrations
from media import checking, sweeping
from runs.engine import worker_registry
from runs.models import Run
from templates_app import selectors as templates
from templates_app.graph import plan_json
from templates_app.graph.rules.issue_texts import for_api
from templates_app.graph.rules.validation import validate
from templates_app.models import Template
from tools import registry

# A database on another machine must not keep the doctor waiting.
CONNECT_TIMEOUT_S = 5
OLDEST_POSTGRES = 140_000
SKEW_WARNING_S = 1.0
MANY_STEPS_DUE = 500
BACKUP_IS_OLD = timedelta(days=2)
TEMPLATES_LOOKED_AT = 200
NOT_LOOKED_AT = (
    "migrations", "clock", "workers", "labels", "queue", "leases", "stuck runs", "newer runs",
    "media folder", "media", "unused files", "template values", "limits", "at providers",
    "server settings", "backups",
)  # fmt: skip


def database() -> Checks:
    """Whether it answers, and can do what we lean on."""
    if not core_database.exists():
        yield fault("database", "it doesn't exist yet", f"Run `{START}`, which creates it.")
        return
    if connection.vendor != "sqlite":
        options = connection.settings_dict.setdefault("OPTIONS", {})
        options.setdefault("connect_timeout", CONNECT_TIMEOUT_S)
    began = time.monotonic()
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            cursor.fetchone()
        took_ms = 1000 * (time.monotonic() - began)
        found = system_status.database()
    except (DatabaseError, ImproperlyConfigured) as problem:
        reason = scrubbed(" ".join(str(problem).split()))[:300]
        remedy = "Start the database, or fix DATABASE_URL."
        if REFUSAL in reason:
            remedy = f"DATABASE_URL names a pooler. {pooler.REMEDY}"
        yield fault("database", f"can't be reached: {reason}", remedy)
        return
    says = f"{found['kind']} {found['version']}, {size(found['size'])}, answers in {took_ms:.0f} ms"
    yield ok("database", says)
    yield from (_sqlite() if connection.vendor == "sqlite" else _postgres())


def _sqlite() -> Checks:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA journal_mode")
        (mode,) = cursor.fetchone()
    missing = missing_features(sqlite3.sqlite_version_info)
    remedy = "Use a Python built with a newer SQLite, or set DATABASE_URL to a Postgres."
    if missing:
        yield fault("SQLite", "; ".join(missing), remedy)
    elif mode != "wal":
        yield fault(
            "SQLite",
            f"its journal is {mode}, not wal: writers block readers",
            "Move the data folder to a local disk.",
        )
    else:
        yield ok("SQLite", "write-ahead log and full-text search")


def _postgres() -> Checks:
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version_num")
        number = int(cursor.fetchone()[0])
        cursor.execute("SHOW max_connections")
        most = int(cursor.fetchone()[0])
        cursor.execute("SELECT count(*) FROM pg_stat_activity")
        used = int(cursor.fetchone()[0])
    if number < OLDEST_POSTGRES:
        yield warning("Postgres", "is older than 14", "Upgrade it.")
    elif used > 0.8 * most:
        remedy = "Raise max_connections, or put a pooler in front."
        yield warning("Postgres", f"{used} of {most} connections are in use", remedy)
    else:
        yield ok("Postgres", f"{used} of {most} connections are in use")
    yield from pooler.checks()


def migrations() -> Checks:
    left, unknown = unapplied_migrations(), unknown_migrations()
    if left:
        says = f"{len(left)} not applied: {', '.join(left[:4])}{' …' if len(left) > 4 else ''}"
        yield fault("migrations", says, f"Run `{command('prepare')}`, then start again.")
    elif unknown:
        says, _, remedy = str(NewerDatabase(unknown)).partition(". ")
        yield fault("migrations", says, remedy)
    else:
        yield ok("migrations", f"all of release {RELEASE} applied")


def clock_skew() -> Checks:
    if connection.vendor == "sqlite":
        yield ok("clock", "the database uses this machine's")
        return
    before = clock.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        theirs: datetime = cursor.fetchone()[0]
    after = clock.now()
    skew = max((theirs - after).total_seconds(), (before - theirs).total_seconds(), 0.0)
    says = f"{skew:.1f} s off the database's"
    if skew > settings.LEASE_S:
        yield fault("clock", says, "Turn on time synchronization (NTP) on both machines.")
    elif skew > SKEW_WARNING_S:
        yield warning("clock", says, "Turn on time synchronization (NTP) on both machines.")
    else:
        yield ok("clock", says)


def workers() -> Checks:
    seen = worker_registry.workers()
    if settings.WORKERS:
        # That number is this machine's.
        seen = [one for one in seen if one.host == worker_registry.short_hostname()]
    alive = [one.name for one in seen if one.is_alive]
    says = f"{len(alive)} alive" + (f": {', '.join(alive[:6])}" if alive else "")
    if not alive and settings.WORKERS:
        yield fault("workers", says, f"Start them: `{START}`, or `{command('worker')}`.")
    elif len(alive) < settings.WORKERS:
        yield warning(
            "workers",
            f"{says}; REELGRAPH_WORKERS is {settings.WORKERS}",
            f"See the logs in {settings.LOG_DIR}.",
        )
    else:
        yield ok("workers", says)


def labels() -> Checks:
    """Whether steps or providers need a label that no living worker has."""
    warnings = label_warnings()
    for found in warnings:
        yield warning("labels", found.says, found.remedy)
    if not warnings:
        yield ok("labels", ", ".join(sorted(worker_registry.living_labels())) or "none needed")


def queue() -> Checks:
    waits = system_status.queue()
    says = f"{waits['due']} steps due, {waits['running']} running, {waits['later']} retrying later"
    if waits["due"] > MANY_STEPS_DUE:
        yield warning("queue", says, "Add workers: REELGRAPH_WORKERS, or more machines.")
    else:
        yield ok("queue", says)
    if waits["overdue"]:
        yield warning(
            "leases",
            f"{waits['overdue']} expired leases not recovered",
            "A running worker recovers them in seconds. If not, see /admin/runs/?show=stuck.",
        )
    else:
        yield ok("leases", "none expired")


def stuck_runs() -> Checks:
    count = stuck_count()
    if count:
        remedy = "See /admin/runs/?show=stuck for the cause and the remedy."
        yield warning("stuck runs", str(count), remedy)
    else:
        yield ok("stuck runs", "none")


def media_folder() -> Checks:
    """The media folder, by its mark."""
    folder = Path(settings.MEDIA_DIR)
    row = installation.ensure_installation()
    if row.media_marked_at is None and mark_text() in ("", row.id):
        yield ok("media folder", f"{folder} gets its mark at the next start")
        return
    try:
        folder_check()
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"doctor")
    except MediaFolderAway as problem:
        yield fault(
            "media folder",
            problem.reason,
            "Mount it, or correct REELGRAPH_MEDIA_DIR. If this is the right one:"
            f" {command('media-folder --accept')}",
        )
    except OSError as problem:
        yield fault(
            "media folder",
            f"{folder} can't be written: {problem.strerror}",
            "Change its owner to the user that runs Reelgraph: chown -R.",
        )
    else:
        yield ok("media folder", str(folder))


def media_files() -> Checks:
    """What the last `check-media` found, and a few files taken by chance."""
    remedy = f"Run `{command('check-media')}` to list them, and restore them from a backup."
    found = checking.last()
    lost = len(found.missing) + len(found.damaged) if found else 0
    if lost:
        yield fault("media", f"{lost} files are missing or damaged", remedy)
    elif bad := checking.sample():
        yield fault("media", f"{len(bad)} of a few sampled files missing or damaged", remedy)
    elif found is None:
        yield ok("media", f"a sample of files is intact; `{command('check-media')}` reads all")
    else:
        yield ok("media", f"{found.looked_at} files were intact at {found.at[:16]}")


def newer_runs() -> Checks:
    """Runs that a newer release began: their steps wait for it."""
    count = Run.objects.filter(finished_at=None, plan_format__gt=plan_json.FORMAT).count()
    if count:
        yield warning(
            "newer runs",
            f"{count} need a newer release, which planned them",
            "Start that release again, or ask their owners to stop them.",
        )
    else:
        yield ok("newer runs", "none")


def unused_files() -> Checks:
    count, taken = sweeping.unused_count()
    yield ok("unused files", f"{count} ({size(taken)}); deleted after a day without use")


def template_values() -> Checks:
    """Public templates that read a value which the provider chosen for a stage does not give."""
    listed = Template.objects.filter(templates.OPEN).select_related("published")
    broken = {
        f"{template.name} ({template.public_id})": for_api(found)
        for template in listed.order_by("-published_at")[:TEMPLATES_LOOKED_AT]
        for found in validate(template.published and template.published.spec, registry.table())
        if found.code == "value_not_given"
    }
    if not broken:
        yield ok("template values", "every public template can run")
        return
    name, message = next(iter(broken.items()))
    more = f"; {len(broken) - 1} more" if len(broken) > 1 else ""
    yield warning(
        "template values",
        f"{name} can't run: {message.rstrip('.')}{more}",
        "Choose another provider for that stage's tool in REELGRAPH_PROVIDERS.",
    )


def providers() -> Checks:
    """Who does the work, and what is wrong with how that is set. Needs no database, asks no one."""
    remedy = "See docs/howto/add-a-provider.md and docs/reference/settings.md."
    wrong, doubtful = registry.problems(), registry.doubts()
    for problem in wrong:
        yield fault("providers", problem.rstrip("."), remedy)
    for doubt in doubtful:
        yield warning("providers", doubt.rstrip("."), remedy)
    table = registry.table()
    # One that can't be used is among the doubts, with the reason.
    no_one = [tool.name for tool in table if not table.is_provided(tool.name) and not tool.unusable]
    if no_one:
        yield warning(
            "providers",
            f"{_who_does_what()}; not available: {', '.join(sorted(no_one))}",
            "Configure a provider for them. See docs/reference/settings.md.",
        )
    elif not wrong and not doubtful:
        yield ok("providers", f"{_who_does_what()}; every tool is available")


def _who_does_what() -> str:
    """Every provider, with how many tools it does when no model is named, of those it offers."""
    asked = Counter(registry.provider_name(tool.name) for tool in registry.table())
    return ", ".join(
        f"{one.name} ({asked[one.name]} of its {len(one.tools())} tools)"
        for one in registry.providers()
        if one.tools()
    )


def set_on_the_page() -> Checks:
    """Which settings don't come from the environment."""
    titles = sorted(declared_settings.DECLARED[name].title for name in server_settings.stored())
    says = f"set at /admin/server: {', '.join(titles)}" if titles else "none set at /admin/server"
    yield ok("server settings", says)


def backups() -> Checks:
    """Whether there is a backup of the last two days, and how the last one went."""
    if not settings.BACKUP_DIR:
        says, remedy = "none is made by itself", "Set REELGRAPH_BACKUP_DIR to a folder."
        # On one's own machine that is fine.
        yield warning("backups", says, remedy) if settings.PUBLIC_URL else ok("backups", says)
        return
    try:
        store, made = nightly.store_and_backups()
    except (folders.BackupProblem, OSError) as problem:
        yield warning("backups", str(problem).rstrip("."), "See /admin/backups.")
        return
    last = BackupAttempt.objects.filter(ended_at__isnull=False).order_by("-id").first()
    if last is not None and last.problem:
        says = f"the last one failed: {last.problem.rstrip('.')}"
        yield warning("backups", says, "Fix that; it is tried again each hour.")
    elif not made or clock.now() - made[-1].at > BACKUP_IS_OLD:
        yield warning("backups", "none of the last two days", "See that a worker runs here.")
    else:
        yield ok("backups", f"{len(made)} in {store}, the last of {made[-1].at:%Y-%m-%d %H:%M} UTC")


def all_checks() -> Iterable[Check]:
    """Every check of the database; during an outage, that and what was not checked."""
    yield from providers()
    found = list(database())
    yield from found
    if found[0].level == "fault":
        for name in NOT_LOOKED_AT:
            yield warning(name, "not checked", "Fix the database first.")
        return
    for look in (
        migrations,
        clock_skew,
        workers,
        labels,
        queue,
        limits.paused_and_full,
        limits.at_providers,
        stuck_runs,
        newer_runs,
        media_folder,
        media_files,
        unused_files,
        template_values,
        set_on_the_page,
        backups,
    ):
        try:
            yield from look()
        except DatabaseError as problem:
            name = look.__name__.replace("_", " ")
            reason = scrubbed(" ".join(str(problem).split()))[:300]
            yield fault(name, f"couldn't be checked: {reason}", f"Run `{command('prepare')}`.")
