"""Test databases are copies of one that was migrated once.

Migrating costs 5.4 s of CPU in each process of each run of pytest, copying the file 0.01 s. The
SQLite file stays in the virtual environment, under a hash of what decides on its tables, and is
made again when that changes. Postgres copies a database of its own (`CREATE DATABASE … TEMPLATE`).
"""

from __future__ import annotations

import contextlib
import fcntl
import functools
import hashlib
import os
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

from tests.support.commands import ROOT, manage

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

DATABASE = "reelgraph.sqlite3"
SETTINGS = {"DJANGO_SETTINGS_MODULE": "tests.support.settings"}
FOLDER = ROOT / ".venv" / "test-databases"
# Templates of other branches and releases that are kept: to switch back costs nothing.
KEPT = 3
# Decide on tables, and on the rows that migrations and signals of apps write.
SOURCES = ("*/migrations/*.py", "*/models.py", "*/apps.py", "requirements/*.txt")


def pytest_configure() -> None:
    from django.db.backends.base.creation import BaseDatabaseCreation

    BaseDatabaseCreation.create_test_db = _create_test_db  # type: ignore[method-assign]


def bring_tables(home: Path, env: Mapping[str, str]) -> None:
    """Put a migrated SQLite database into an empty home, unless `env` names another database."""
    path = home / DATABASE
    if path.exists() or env.get("DATABASE_URL", os.environ.get("DATABASE_URL")):
        return
    shutil.copyfile(template_file(), path)


def template_file() -> Path:
    """A SQLite database with all tables and no rows."""
    return folder_of("sqlite", _make_file) / DATABASE


@functools.cache
def folder_of(kind: str, make: Callable[[Path], None], sources: tuple[str, ...] = ()) -> Path:
    """The folder of a kind of template, made first if need be. make: makes the folder it is given.

    One process makes it; others wait. sources: patterns of what it depends on beside the tables.
    """
    FOLDER.mkdir(parents=True, exist_ok=True)
    template = FOLDER / f"{kind}-{fingerprint(sources)}"
    with (FOLDER / f"{kind}.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not template.exists():
            part = template.with_suffix(".part")
            shutil.rmtree(part, ignore_errors=True)
            make(part)
            part.replace(template)
            for old in sorted(FOLDER.glob(f"{kind}-*"), key=os.path.getmtime)[:-KEPT]:
                shutil.rmtree(old)
    return template


def migrate(env: Mapping[str, str]) -> None:
    manage({**SETTINGS, **env}, "migrate", "--verbosity", "0")


@functools.cache
def fingerprint(sources: tuple[str, ...] = ()) -> str:
    """Changes with whatever decides on the tables, and with what these patterns match."""
    whole = hashlib.sha256(sys.version.encode())
    for path in sorted(path for pattern in (*SOURCES, *sources) for path in ROOT.glob(pattern)):
        whole.update(path.relative_to(ROOT).as_posix().encode() + path.read_bytes())
    return whole.hexdigest()[:20]


def postgres_name() -> str:
    """Return the name of the template on a Postgres server."""
    return f"test_template_{fingerprint()}"


def _make_file(folder: Path) -> None:
    with tempfile.TemporaryDirectory() as home:
        migrate({"REELGRAPH_HOME": home, "DATABASE_URL": ""})
        folder.mkdir()
        # Whatever its log still holds comes along.
        with contextlib.closing(sqlite3.connect(Path(home) / DATABASE)) as database:
            database.execute("VACUUM INTO ?", [str(folder / DATABASE)])


def _create_test_db(creation: Any, *_: object, **__: object) -> str:
    """Replaces Django's method, which migrates an empty database. Returns the database's name."""
    connection = creation.connection
    name: str = creation._get_test_db_name()
    connection.close()
    if connection.vendor == "sqlite":
        for tail in ("", "-wal", "-shm"):
            Path(f"{name}{tail}").unlink(missing_ok=True)
        shutil.copyfile(template_file(), name)
    else:
        _copy_on_postgres(creation, name)
    connection.settings_dict["NAME"] = name
    connection.ensure_connection()
    if connection.vendor == "sqlite":
        _spread_numbers(connection)
    return name


def _spread_numbers(connection: BaseDatabaseWrapper) -> None:
    """Let each table of a SQLite database number its rows from another thousand on.

    Numbers go on after a test whose rows were committed. So a test that takes its first row for
    number 1, or the numbers of two tables for equal, would hold or fail by what ran before it in
    its process; like this it always fails. Postgres never numbers a row of two tests alike.
    """
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM sqlite_sequence WHERE seq = 0")
        cursor.execute(
            "INSERT INTO sqlite_sequence (name, seq)"
            " SELECT name, 1000 * row_number() OVER (ORDER BY name) FROM sqlite_master"
            " WHERE type = 'table' AND sql LIKE '%AUTOINCREMENT%'"
            " AND name NOT IN (SELECT name FROM sqlite_sequence)"
        )


def _copy_on_postgres(creation: Any, name: str) -> None:
    template = postgres_name()
    with creation._nodb_cursor() as cursor:
        # Held until this session ends: one process migrates, the others wait.
        cursor.execute("SELECT pg_advisory_lock(7172)")
        cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE 'test_template_%'")
        names = {row[0] for row in cursor.fetchall()}
        if template not in names:
            for old in names:
                cursor.execute(f'DROP DATABASE "{old}"')
            cursor.execute(f'CREATE DATABASE "{template}.part"')
            url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{template}.part")
            migrate({"DATABASE_URL": urlunsplit(url)})
            cursor.execute(f'ALTER DATABASE "{template}.part" RENAME TO "{template}"')
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}"')
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
