"""The database in a backup: how one moment of it is copied, read and put back.

SQLite is copied in one step: in several, each write of another process would begin the copy again.
Postgres is dumped from an exported snapshot, in which its rows are counted, too.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.db import connection, connections

from backups import postgres_dump
from backups.folders import POSTGRES, SQLITE, BackupProblem, digest_of, open_file
from core.direct_database import direct_session, is_pooled

# What the engine promises at every moment. Each counts what breaks a promise.
PROMISES: Final = {
    "logs of runs with gaps": """
        SELECT count(*) FROM (
            SELECT run.id FROM runs_run run LEFT JOIN runs_event event ON event.run_id = run.id
            GROUP BY run.id, run.last_seq
            HAVING count(event.id) <> run.last_seq OR coalesce(max(event.seq), 0) <> run.last_seq
        ) gaps
    """,
    "results without a file": """
        SELECT count(*) FROM runs_artifact artifact
        LEFT JOIN media_blob blob ON blob.sha256 = artifact.blob_id
        WHERE artifact.blob_id IS NOT NULL AND blob.sha256 IS NULL
    """,
}
MEDIA: Final = "SELECT sha256, size, unused_since IS NOT NULL FROM media_blob ORDER BY sha256"
_LAST_EVENT = "SELECT max(created_at) FROM runs_event"
_MIGRATIONS = "SELECT app, name FROM django_migrations ORDER BY app, name"
# What a restored copy is told before any process opens it, see `core.installation`.
_QUIET = """
    UPDATE core_installation SET id = {id}, quiet_since = {now}, media_marked_at = {now},
        restored_from = {source}, restored_to = {moment}
"""
# Without the row the server would make another, which isn't quiet.
_ONE_ROW = """
    DO $$ BEGIN IF (SELECT count(*) FROM core_installation WHERE quiet_since IS NOT NULL) <> 1
    THEN RAISE EXCEPTION 'core_installation must have one row'; END IF; END $$;
"""
# Their search tables are filled by triggers; their own tables are no rows of ours.
_SHADOWS = "SELECT name FROM sqlite_master WHERE sql LIKE 'CREATE VIRTUAL%'"


class Reader(ABC):
    """Asks a copied or frozen database; no one writes to what it sees."""

    tables_sql: str

    @abstractmethod
    def rows(self, sql: str) -> Iterator[tuple[Any, ...]]: ...

    def value(self, sql: str) -> Any:
        return next(iter(self.rows(sql)))[0]

    def tables(self) -> list[str]:
        return sorted(name for (name,) in self.rows(self.tables_sql))

    def counts(self) -> dict[str, int]:
        """Count the rows of each table."""
        return {
            name: int(self.value(f'SELECT count(*) FROM "{name}"'))  # noqa: S608
            for name in self.tables()
        }

    def migrations(self) -> list[str]:
        return [f"{app}.{name}" for app, name in self.rows(_MIGRATIONS)]

    def last_event_at(self) -> str:
        return str(self.value(_LAST_EVENT) or "")

    def broken_promises(self) -> list[str]:
        """Describe what the engine never leaves behind, where it is."""
        counts = {name: int(self.value(sql)) for name, sql in PROMISES.items()}
        return [f"{count} {name}" for name, count in counts.items() if count]


class SqliteReader(Reader):
    """A copied file, which is never written to."""

    def __init__(self, file: sqlite3.Connection) -> None:
        self._file = file
        virtual = [name for (name,) in file.execute(_SHADOWS)]
        hidden = "".join(f" AND name NOT GLOB '{name}*'" for name in virtual)
        self.tables_sql = (
            "SELECT name FROM sqlite_master WHERE type = 'table'"  # noqa: S608
            f" AND name NOT GLOB 'sqlite_*'{hidden}"
        )

    def rows(self, sql: str) -> Iterator[tuple[Any, ...]]:
        return iter(self._file.execute(sql))

    def faults(self) -> list[str]:
        """Describe damage of the file and broken references."""
        answer = self.value("PRAGMA quick_check")
        lines = [] if answer == "ok" else [f"the database is damaged: {answer}"]
        broken = len(list(self.rows("PRAGMA foreign_key_check")))
        return [*lines, f"{broken} broken references"] if broken else lines


class PostgresReader(Reader):
    """One snapshot, as long as its transaction lasts."""

    tables_sql = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"

    def __init__(self, cursor: Any) -> None:
        self._cursor = cursor

    def rows(self, sql: str) -> Iterator[tuple[Any, ...]]:
        self._cursor.execute(sql)
        return iter(self._cursor.fetchall())


def check_session() -> None:
    """Raise BackupProblem where a pooler shares the sessions to Postgres.

    What is set for one would be set for others, and the server would end the one whose snapshot is
    dumped, as it ends any that is quiet for some seconds in a transaction.
    """
    if connection.vendor == SQLITE:
        return
    with closing(direct_session("backup")) as session:
        if not is_pooled(session):
            return
    name = "REELGRAPH_DIRECT_DATABASE_URL"
    names = (name, "it") if settings.DIRECT_DATABASE else ("DATABASE_URL", name)
    raise BackupProblem(
        "{} names a pooler. Set {} to the Postgres server's own address: a backup needs a session"
        " of its own. See docs/reference/settings.md.".format(*names)
    )


@contextmanager
def frozen(target: Path) -> Iterator[Reader]:
    """Copy the database of this moment to a file and yield a reader of the same moment.

    Raises BackupProblem.
    """
    if connection.vendor == SQLITE:
        source = Path(settings.DATABASES["default"]["NAME"])
        if not source.exists():
            raise BackupProblem(f"{source} doesn't exist: there is nothing to back up.")
        copy_sqlite(source, target)
        with opened(target) as reader:
            yield reader
        return
    with closing(direct_session("backup")) as session, session.cursor() as cursor:
        # Ours last milliseconds, this one as long as the dump.
        cursor.execute("SET idle_in_transaction_session_timeout = 0")
        session.set_autocommit(False)
        try:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            cursor.execute("SELECT pg_export_snapshot(), current_setting('server_version_num')")
            snapshot, version = cursor.fetchone()
            postgres_dump.make(target, snapshot, int(version) // 10_000)
            yield PostgresReader(cursor)
        finally:
            session.rollback()


def copy_sqlite(source: Path, target: Path) -> None:
    """Copy a database in use. Its log isn't needed to open the copy."""
    with (
        closing(sqlite3.connect(f"{source.as_uri()}?mode=ro", uri=True)) as live,
        closing(sqlite3.connect(target)) as copy,
    ):
        live.backup(copy, pages=-1)
        copy.execute("PRAGMA journal_mode=DELETE")
    target.chmod(0o600)


def compact_sqlite(file: Path) -> tuple[int, int]:
    """Replace a database that isn't in use by a copy without free room. Returns its bytes before
    and after. Raises BackupProblem where the copy isn't the same; then nothing was changed."""
    scratch = file.with_name(f"{file.name}.compact")
    scratch.unlink(missing_ok=True)
    before = file.stat().st_size
    with closing(sqlite3.connect(file, isolation_level=None)) as live:
        # Afterwards its log is empty: what is in it would be lost with the file.
        (is_busy, *_) = live.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if is_busy:
            raise BackupProblem(f"{file} is in use. Stop the server and whatever else uses it.")
        live.execute("VACUUM INTO ?", (os.fspath(scratch),))
        counts = SqliteReader(live).counts()
    scratch.chmod(file.stat().st_mode & 0o777)
    with opened(scratch) as copy:
        problems = copy.faults() + copy.broken_promises()
        if problems or copy.counts() != counts:
            reason = "; ".join(problems) or "its tables have other rows"
            raise BackupProblem(
                f"The copy {scratch} isn't the same: {reason}. Nothing was changed."
            )
    _replace(scratch, file)
    return before, file.stat().st_size


def _replace(scratch: Path, target: Path) -> None:
    """Put a whole file into the place of the database, with what belonged to the old one gone."""
    descriptor = os.open(scratch, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)
    for leftover in ("-wal", "-shm"):
        target.with_name(target.name + leftover).unlink(missing_ok=True)
    scratch.replace(target)


@contextmanager
def opened(file: Path) -> Iterator[SqliteReader]:
    """Yield a reader of a copied SQLite file. Raises BackupProblem where it is none."""
    # Immutable: opening it must not make a log beside it.
    uri = f"{file.absolute().as_uri()}?mode=ro&immutable=1"
    try:
        with closing(sqlite3.connect(uri, uri=True)) as copy:
            yield SqliteReader(copy)
    except sqlite3.DatabaseError as problem:
        raise BackupProblem(f"{file} can't be read: {problem}.") from problem


def is_empty() -> bool:
    """Return whether the database that is configured has no tables, or isn't there yet."""
    if connection.vendor == SQLITE:
        file = Path(settings.DATABASES["default"]["NAME"])
        return not file.exists() or file.stat().st_size == 0
    return "django_migrations" not in connection.introspection.table_names()


def restore_sqlite(backup: Path, target: Path, **facts: str) -> None:
    """Put a copied file into the place of the database; whole and quiet, or not at all.

    Raises BackupProblem.
    """
    scratch = target.with_name(f"{target.name}.restoring")
    scratch.unlink(missing_ok=True)
    names = {name: f":{name}" for name in ("id", "now", "source", "moment")}
    try:
        scratch.touch(mode=0o600)
        with open_file(backup.parent, backup.name) as source, scratch.open("wb") as file:
            shutil.copyfileobj(source, file)
        with closing(sqlite3.connect(scratch)) as copy:
            copy.execute(_QUIET.format(**names), facts)
            copy.commit()
        _replace(scratch, target)
    except sqlite3.Error as problem:
        raise BackupProblem(f"{backup} can't be made quiet: {problem}.") from problem
    finally:
        scratch.unlink(missing_ok=True)


def restore_postgres(dump: Path, **facts: str) -> None:
    """Put a dump into the empty database, in one transaction that also makes it quiet."""
    utc_facts = {**facts, "now": f"{facts['now']}+00", "moment": f"{facts['moment']}+00"}
    literals = {name: "'{}'".format(value.replace("'", "''")) for name, value in utc_facts.items()}
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, setting FROM pg_settings")
        values = dict(cursor.fetchall())
    last = f"{_QUIET.format(**literals)};\n{_ONE_ROW}"
    postgres_dump.restore(dump, int(values["server_version_num"]) // 10_000, values, last)
    connections.close_all()


def check_dump(dump: Path) -> int:
    """Read all rows of a dump. Returns the oldest version of Postgres that it can be restored on.

    Raises BackupProblem.
    """
    return postgres_dump.check(dump)


def facts_of(file: Path, reader: Reader) -> dict[str, Any]:
    """Return what the manifest says of a copied database."""
    with file.open("rb") as content:
        sha256 = digest_of(content)
    return {
        "kind": POSTGRES if isinstance(reader, PostgresReader) else SQLITE,
        "sha256": sha256,
        "bytes": file.stat().st_size,
        "rows": reader.counts(),
        "migrations": reader.migrations(),
        "last_event_at": reader.last_event_at(),
    }
