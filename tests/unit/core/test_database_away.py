"""Which failures mean that the database was away, and which that the work was wrong."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from django.db import InterfaceError, connections, utils

from core.database import is_away


def as_django(problem: Exception) -> Exception:
    """The error that Django makes of a driver's."""
    kind = next(
        getattr(utils, base.__name__)
        for base in type(problem).__mro__
        if hasattr(utils, base.__name__)
    )
    made: Exception = kind(*problem.args)
    made.__cause__ = problem
    return made


@pytest.mark.parametrize(
    "problem",
    [
        psycopg.errors.IdleInTransactionSessionTimeout(),
        psycopg.errors.AdminShutdown(),
        psycopg.errors.CannotConnectNow(),
        psycopg.errors.DeadlockDetected(),
        psycopg.errors.DiskFull(),
        psycopg.errors.ReadOnlySqlTransaction(),
        psycopg.OperationalError("server closed the connection unexpectedly"),
        psycopg.InterfaceError("connection already closed"),
    ],
    ids=lambda problem: type(problem).__name__,
)
def test_postgres_that_was_away(problem: Exception) -> None:
    assert is_away(as_django(problem))


@pytest.mark.parametrize(
    "problem",
    [
        psycopg.errors.UniqueViolation(),
        psycopg.errors.UndefinedTable(),
        psycopg.errors.InFailedSqlTransaction(),
        psycopg.errors.ProgramLimitExceeded(),
    ],
    ids=lambda problem: type(problem).__name__,
)
def test_postgres_that_answered(problem: Exception) -> None:
    assert not is_away(as_django(problem))


def locked(folder: Path) -> None:
    with (
        closing(sqlite3.connect(folder / "one", isolation_level=None)) as one,
        closing(sqlite3.connect(folder / "one", isolation_level=None, timeout=0)) as two,
    ):
        one.execute("BEGIN IMMEDIATE")
        two.execute("BEGIN IMMEDIATE")


def not_to_be_opened(folder: Path) -> None:
    sqlite3.connect(folder / "missing" / "one")


def full(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "one")) as one:
        one.execute("PRAGMA max_page_count = 1")
        one.execute("CREATE TABLE much (of TEXT)")


def not_there(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "one")) as one:
        one.execute("SELECT 1 FROM nowhere")


@pytest.mark.parametrize(
    ("happen", "expected"),
    [(locked, True), (not_to_be_opened, True), (full, True), (not_there, False)],
)
def test_sqlite(tmp_path: Path, happen: Callable[[Path], None], expected: bool) -> None:
    with pytest.raises(sqlite3.Error) as caught:
        happen(tmp_path)
    assert is_away(as_django(caught.value)) is expected


def test_what_came_of_an_outage_is_told_apart_from_a_mistake() -> None:
    cleaning = KeyError("cleanup")
    cleaning.__context__ = InterfaceError("connection already closed")
    assert is_away(cleaning)
    assert not is_away(KeyError("ours"))
    assert not is_away(None)


def test_any_database_error_on_a_connection_that_was_closed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Closed:
        closed = True

    monkeypatch.setattr(connections["default"], "connection", Closed())
    assert is_away(utils.DatabaseError("the result set is gone"))
