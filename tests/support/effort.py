"""What a call costs the database, counted: the same on every machine and under any load."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.db import connection
from django.test.utils import CaptureQueriesContext

# SQLite counts in such portions: to be told of each instruction takes longer than the work.
PORTION = 20
# Of tables and indexes, also those that foreign keys make the server look into.
_READ_BY_POSTGRES = """
    SELECT COALESCE(SUM(pg_stat_get_xact_tuples_returned(oid)), 0)
    FROM pg_class WHERE relkind IN ('r', 'i') AND relnamespace = 'public'::regnamespace
"""


@dataclass(frozen=True, slots=True)
class Effort:
    """work: instructions of SQLite's machine, or rows and index entries that Postgres read."""

    work: int
    statements: int


def effort(call: Callable[[], object]) -> Effort:
    """What one call costs, in this thread, on the test's own connection, inside a transaction."""
    with CaptureQueriesContext(connection) as captured:
        work = _on_sqlite(call) if connection.vendor == "sqlite" else _on_postgres(call)
    return Effort(work, len(captured) - 3 * (connection.vendor == "postgresql"))


def _on_sqlite(call: Callable[[], object]) -> int:
    portions = 0

    def count() -> int:
        nonlocal portions
        portions += 1
        return 0

    connection.connection.set_progress_handler(count, PORTION)
    try:
        call()
    finally:
        connection.connection.set_progress_handler(None, 1)
    return portions * PORTION


def _on_postgres(call: Callable[[], object]) -> int:
    with connection.cursor() as cursor:
        # What other processes of the server read for it is not counted here.
        cursor.execute("SET LOCAL max_parallel_workers_per_gather = 0")
    before = _read_by_postgres()
    call()
    return _read_by_postgres() - before


def _read_by_postgres() -> int:
    with connection.cursor() as cursor:
        cursor.execute(_READ_BY_POSTGRES)
        (count,) = cursor.fetchone()
    return int(count)


def is_read(sql: str) -> bool:
    """Return whether a statement changes nothing. A `core.raw_sql.Pair` is two that do."""
    return sql.startswith(("SELECT", "WITH")) and not sql.startswith("WITH first AS")
