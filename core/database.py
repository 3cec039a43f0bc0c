"""Database access outside Django's request cycle: worker loops and plain ASGI apps."""

from __future__ import annotations

import asyncio
import select
import sys
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from django.db import DatabaseError, InterfaceError, OperationalError, connection, connections
from django.db.models import QuerySet, Value
from django.db.models.functions import Now

from core import clock
from core.direct_database import REFUSAL

Result = TypeVar("Result")

# Event streams share these few threads and so these few connections, however many are open.
_POOL = ThreadPoolExecutor(4, thread_name_prefix="database")

# Error classes of Postgres for its own trouble, not that of a query: a lost connection, a deadlock,
# no room or memory left, a lock not granted, a shutdown, a failing disk; a transaction that was
# idle for too long, or a server that has just become a replica.
_AWAY_CLASSES = frozenset({"08", "40", "53", "55", "57", "58"})
_AWAY_STATES = frozenset({"25P03", "25006"})
# SQLite's number for a mistake in the statement itself, such as a table that does not exist.
_SQLITE_ERROR = 1


def is_away(problem: BaseException | None) -> bool:
    """Return whether a failure came from a database that was away or too busy, not from the work.

    True for an error raised while such a failure was being handled, too. What was under way is to
    be done again once the database answers.
    """
    ids: set[int] = set()
    while problem is not None and id(problem) not in ids:
        ids.add(id(problem))
        if _says_away(problem):
            return True
        problem = problem.__cause__ or problem.__context__
    return False


def _says_away(problem: BaseException) -> bool:
    # Procrastinate asks the driver without Django between.
    driver = sys.modules.get("psycopg")
    is_drivers = driver is not None and isinstance(
        problem, (driver.OperationalError, driver.InterfaceError)
    )
    if not is_drivers and not isinstance(problem, (DatabaseError, InterfaceError)):
        return False
    cause = problem if is_drivers else problem.__cause__
    state = getattr(cause, "sqlstate", None)
    if state is not None:
        return state[:2] in _AWAY_CLASSES or state in _AWAY_STATES
    code = getattr(cause, "sqlite_errorcode", None)
    if code is not None and code & 0xFF == _SQLITE_ERROR:
        return False
    return is_drivers or isinstance(problem, (OperationalError, InterfaceError)) or _is_lost()


def _is_lost() -> bool:
    """Return whether this thread's connection was closed. Asks the driver, not the server."""
    raw = connection.connection
    return bool(getattr(raw, "closed", False))


def away_sentence(problem: BaseException) -> str:
    """Return what an operator is told of a failure that is_away, with the remedy."""
    if REFUSAL in str(problem):
        return (
            "DATABASE_URL names a pooler. Set REELGRAPH_DIRECT_DATABASE_URL to the Postgres"
            " server's own address: see docs/reference/settings.md."
        )
    return (
        f"The database is away or too busy: {first_line(problem)}. Start it, correct DATABASE_URL,"
        " or try again."
    )


def first_line(problem: BaseException) -> str:
    """Return the first line of a driver's message: further ones may hold what people wrote."""
    return next(iter(str(problem).strip().splitlines()), type(problem).__name__).rstrip(".")


def lock_name(name: str) -> None:
    """Wait until no other transaction holds this name, and hold it until this one ends.

    SQLite's transactions that write exclude each other from their start.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (name,))


def exists() -> bool:
    """Return whether a database exists: connecting to SQLite would make an empty one."""
    name = str(connection.settings_dict["NAME"])
    # One in memory has no path; tests have it.
    is_file = connection.vendor == "sqlite" and Path(name).is_absolute()
    return not is_file or Path(name).exists()


def drop_broken_connections() -> None:
    """Close this thread's connections that failed since the last call, and those that the server
    has ended since, so that the next query opens a new one.

    Unlike Django's close_old_connections it keeps healthy ones: a loop that asks every few
    milliseconds must not reconnect each time. Looks at the socket, which costs no round trip: an
    idle connection has nothing to be read.
    """
    for wrapper in connections.all(initialized_only=True):
        if wrapper.errors_occurred:
            wrapper.close_if_unusable_or_obsolete()
        raw = wrapper.connection
        if raw is None or wrapper.vendor != "postgresql":
            continue
        if raw.closed or _has_input(raw.fileno()):
            wrapper.close()


def reset_connections() -> None:
    """Leave no transaction and no failed connection in a thread that takes other work now."""
    for wrapper in connections.all(initialized_only=True):
        is_open = wrapper.connection is not None
        if wrapper.in_atomic_block or (is_open and not wrapper.autocommit):
            _forget(wrapper)
        elif wrapper.errors_occurred:
            wrapper.close_if_unusable_or_obsolete()


def close_connections() -> None:
    """Close this thread's connections: what a thread leaves open is closed only when garbage is
    collected, and on Postgres none would be left for other processes."""
    for wrapper in connections.all(initialized_only=True):
        _forget(wrapper)


def _forget(wrapper: Any) -> None:
    """Close a connection, which ends its transaction, and drop Django's object for it."""
    with suppress(DatabaseError, InterfaceError):
        wrapper.close()
    del connections[wrapper.alias]


def _has_input(descriptor: int) -> bool:
    readable = select.poll()
    readable.register(descriptor, select.POLLIN)
    return bool(readable.poll(0))


def db_now() -> Any:
    """The clock that leases and queues are measured by, as a value for a query.

    The database's on Postgres, where processes may be on several machines, else this machine's.
    Either way the moment of the statement, not of its transaction.
    """
    return Now() if connection.vendor == "postgresql" else clock.now()


def read_db_now() -> datetime:
    """The same clock, asked now: for times that are compared here. A statement on Postgres."""
    if connection.vendor != "postgresql":
        return clock.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        moment: datetime = cursor.fetchone()[0]
    return moment


def with_db_now(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Rows that carry the moment they were read as `now`, by the same clock."""
    return rows.annotate(now=Now() if connection.vendor == "postgresql" else Value(clock.now()))


async def in_database(function: Callable[..., Result], *args: Any) -> Result:
    """Run a function that uses the ORM in the shared pool, from a plain ASGI app."""
    return await asyncio.wrap_future(submit(function, *args))


def submit(function: Callable[..., Result], *args: Any) -> Future[Result]:
    """The same without waiting for it."""

    def call() -> Result:
        drop_broken_connections()
        return function(*args)

    return _POOL.submit(call)
