"""Checks of the database: that it answers, what it can do, its migrations and its clock."""

from __future__ import annotations

import contextlib
import sqlite3
import time
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, InterfaceError, connection

from core import clock, outages
from core import database as core_database
from core.checks import ALL, Checks, fault, ok, register, size, warning
from core.checks import START as AT_START
from core.command_names import START, command
from core.direct_database import IDENTITY, REFUSAL, direct_parameters, is_pooled
from core.logs import scrubbed
from core.releases import RELEASE, NewerDatabase, unapplied_migrations, unknown_migrations
from core.sqlite_needs import missing_features

OLDEST_POSTGRES = 14
SKEW_WARNING_S = 1.0
DIRECT = "REELGRAPH_DIRECT_DATABASE_URL"
DIRECT_REMEDY = f"Set {DIRECT} to the database's own address: see docs/reference/settings.md."


@register("database", every_s=1, faces=ALL)
def database() -> Checks:
    """Ask it for as little as there is to ask."""
    if not core_database.exists():
        yield fault("it doesn't exist yet", f"Run `{START}`, which creates it.")
        return
    began = time.monotonic()
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            cursor.fetchone()
    except (DatabaseError, InterfaceError, ImproperlyConfigured) as problem:
        reason = scrubbed(" ".join(str(problem).split()))[:300]
        remedy = "Start the database, or fix DATABASE_URL."
        if REFUSAL in reason:
            remedy = f"DATABASE_URL names a pooler. {DIRECT_REMEDY}"
        elif outages.kind_of(problem) == outages.DISK:
            remedy = "Its disk is full. Free up space."
        yield fault(f"can't be reached: {reason}", remedy)
        return
    took_ms = 1000 * (time.monotonic() - began)
    yield ok(f"{connection.display_name} answers in {took_ms:.0f} ms")


@register("database server", every_s=60, after="database")
def database_server() -> Checks:
    """Ask for its version, its size and what we lean on."""
    yield from _sqlite() if connection.vendor == "sqlite" else _postgres()


def database_size() -> tuple[int, int]:
    """Measure it in bytes, and what of SQLite's log is not yet in its file."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_database_size(current_database())")
            return cursor.fetchone()[0], 0
    path = Path(str(connection.settings_dict["NAME"]))
    return _file_size(path), _file_size(path.with_name(path.name + "-wal"))


def database_version() -> str:
    """Return that of the library or of the server."""
    return ".".join(map(str, connection.get_database_version()))


def _file_size(path: Path) -> int:
    with contextlib.suppress(OSError):
        return path.stat().st_size
    return 0


def _sqlite() -> Checks:
    says = f"SQLite {database_version()}, {size(database_size()[0])}"
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA journal_mode")
        (mode,) = cursor.fetchone()
    if mode != "wal":
        yield fault(
            f"its journal is {mode}, not wal: writers block readers",
            "Move the data folder to a local disk.",
        )
    else:
        yield ok(f"{says}, write-ahead log")


@register("SQLite", every_s=3600, faces=AT_START)
def sqlite_features() -> Checks:
    """Compare the library with what the ORM and our own SQL lean on."""
    if connection.vendor != "sqlite":
        return
    if missing := missing_features(sqlite3.sqlite_version_info):
        remedy = "Use a Python built with a newer SQLite, or set DATABASE_URL to a Postgres."
        yield fault(f"{sqlite3.sqlite_version} {'; '.join(missing)}", remedy)
    else:
        yield ok(f"{sqlite3.sqlite_version}, with full-text search and JSON")


def _postgres() -> Checks:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*), current_setting('max_connections') FROM pg_stat_activity")
        sessions, most = map(int, cursor.fetchone())
    says = f"Postgres {database_version()}, {size(database_size()[0])}"
    says += f", {sessions} of {most} connections are in use"
    if connection.get_database_version() < (OLDEST_POSTGRES,):
        yield warning(f"Postgres is older than {OLDEST_POSTGRES}", "Upgrade it.")
    elif sessions > 0.8 * most:
        yield warning(says, "Raise max_connections, or put a pooler in front.")
    else:
        yield ok(says)
    yield from _pooler()


def _pooler() -> Checks:
    """Look at the way of what LISTENs, where DATABASE_URL names a pooler or an address is set."""
    # Only installations on Postgres have the driver.
    import psycopg

    if not settings.DIRECT_DATABASE:
        if is_pooled():
            says = "DATABASE_URL names a pooler: hints get lost in it, and backups are refused"
            yield warning(says, DIRECT_REMEDY)
        return
    try:
        with psycopg.connect(**direct_parameters("reelgraph doctor")) as direct:
            row = direct.execute("SELECT pg_backend_pid()").fetchone()
            is_direct = row is not None and row[0] == direct.info.backend_pid
            identity = direct.execute(IDENTITY).fetchone()
    except psycopg.Error as problem:
        reason = scrubbed(" ".join(str(problem).split()))[:300]
        yield fault(f"{DIRECT} can't be reached: {reason}", f"Fix {DIRECT}.")
        return
    if not is_direct:
        yield warning(f"{DIRECT} names a pooler, too", DIRECT_REMEDY)
        return
    with connection.cursor() as cursor:
        cursor.execute(IDENTITY)
        if cursor.fetchone() != identity:
            # As after `move-database`.
            says = f"{DIRECT} names another database than DATABASE_URL"
            yield fault(says, DIRECT_REMEDY)
            return
        cursor.execute("SHOW idle_in_transaction_session_timeout")
        patience = cursor.fetchone()[0]
    if patience == "0":
        yield warning(
            "a process that stops inside a transaction keeps its locks for ever",
            "Run ALTER ROLE … SET idle_in_transaction_session_timeout = '10s' for the role of"
            " DATABASE_URL.",
        )
    else:
        yield ok("what listens has a direct way")


@register("migrations", every_s=1, faces=ALL, after="database")
def migrations() -> Checks:
    """Compare those of this release with those of the database."""
    lacking, unknown = unapplied_migrations(), unknown_migrations()
    if lacking:
        names = f"{', '.join(lacking[:4])}{' …' if len(lacking) > 4 else ''}"
        remedy = f"Run `{command('prepare')}`, then start again."
        yield fault(f"{len(lacking)} not applied: {names}", remedy)
    elif unknown:
        says, _, remedy = str(NewerDatabase(unknown)).partition(". ")
        yield fault(says, remedy)
    else:
        yield ok(f"all of release {RELEASE} applied")


@register("clock", every_s=60, after="database")
def clock_skew() -> Checks:
    """Compare the database's with this machine's."""
    if connection.vendor == "sqlite":
        yield ok("the database uses this machine's")
        return
    before = clock.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        theirs: datetime = cursor.fetchone()[0]
    after = clock.now()
    skew = max((theirs - after).total_seconds(), (before - theirs).total_seconds(), 0.0)
    says = f"{skew:.1f} s off the database's"
    remedy = "Turn on time synchronization (NTP) on both machines."
    if skew > settings.LEASE_S:
        yield fault(says, remedy)
    elif skew > SKEW_WARNING_S:
        yield warning(says, remedy)
    else:
        yield ok(says)
