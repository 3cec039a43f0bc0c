"""Django's cache for what all web processes must agree on, such as how often a person asked.

On one machine a small SQLite file in `run/`, beside Postgres a table there, UNLOGGED: nothing in it
is worth a flush to the disk, and a power cut may take all of it. Beside Django's own methods there
is `change`, which reads and writes one value as one operation.
"""

from __future__ import annotations

import contextlib
import logging
import os
import pickle
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

from django.core.cache import caches
from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.db import DatabaseError, connection, transaction

from core import durable, errors

logger = logging.getLogger(__name__)

# A value becomes another; None is an absent one.
Alter = Callable[[Any], Any]
# Once in so many changes what has expired is removed.
PRUNE_EVERY = 1000


class SharedCache(BaseCache):
    """Django's cache API by two operations: reading, and changing one value atomically."""

    def __init__(self, location: str, params: dict[str, Any]) -> None:
        super().__init__(params)
        self.location = location

    def change(
        self, key: str, alter: Alter, timeout: Any = DEFAULT_TIMEOUT, version: Any = None
    ) -> Any:
        """Replace a value by what `alter` makes of it, and return that.

        alter: called with the present value, or None, while no other process can change it; it
        may be called again when storing fails. timeout: seconds; None keeps the value.
        """
        return self._change(self._key(key, version), alter, self._expires(timeout))

    def get(self, key: str, default: Any = None, version: Any = None) -> Any:
        value = self._load(self._key(key, version))
        return default if value is None else value

    def set(
        self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: Any = None
    ) -> None:
        self.change(key, lambda _: value, timeout, version)

    def add(
        self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: Any = None
    ) -> bool:
        rows: list[Any] = []

        def fill(present: Any) -> Any:
            rows[:] = [present]
            return value if present is None else present

        self.change(key, fill, timeout, version)
        return rows[0] is None

    def incr(self, key: str, delta: int = 1, version: Any = None) -> int:
        def more(present: Any) -> Any:
            if present is None:
                raise ValueError(f"Key '{key}' not found")
            return present + delta

        return int(self._change(self._key(key, version), more, _KEPT))

    def touch(self, key: str, timeout: Any = DEFAULT_TIMEOUT, version: Any = None) -> bool:
        return self.change(key, lambda present: present, timeout, version) is not None

    def delete(self, key: str, version: Any = None) -> bool:
        rows: list[Any] = []
        self.change(key, lambda present: rows.append(present), 0, version)
        return rows[-1] is not None

    def clear(self) -> None:
        self.forget("")

    def forget(self, beginning: str) -> None:
        """Delete every value whose key begins so."""
        self._forget(self.make_key(beginning))

    def time(self) -> float:
        """Seconds since 1970, by the clock that all its users share."""
        return time.time()

    def validate_key(self, key: str) -> None:
        """Any text is a key; Django warns of what another kind of cache could not store."""

    def _key(self, key: str, version: Any) -> str:
        return str(self.make_key(key, version=version))

    def _expires(self, timeout: Any) -> float:
        expires = self.get_backend_timeout(timeout)
        return _NEVER if expires is None else float(expires)

    def _load(self, key: str) -> Any:
        raise NotImplementedError

    def _change(self, key: str, alter: Alter, expires: float) -> Any:
        raise NotImplementedError

    def _forget(self, beginning: str) -> None:
        raise NotImplementedError


def shared_cache() -> SharedCache:
    """The one of this server: Django's default cache."""
    return cast(SharedCache, caches["default"])


_NEVER = 1e18
# An expiry that means: as it was.
_KEPT = -1.0
# The clock of Postgres, in seconds since 1970.
_NOW = "extract(epoch FROM clock_timestamp())::float8"


class FileCache(SharedCache):
    """One SQLite file, shared by the processes of a machine."""

    def _load(self, key: str) -> Any:
        with _file(self.location) as file:
            row = file.execute(
                "SELECT value FROM entries WHERE key = ? AND expires > ?", (key, time.time())
            ).fetchone()
        return pickle.loads(row[0]) if row else None  # noqa: S301  our own file, 0600

    def _change(self, key: str, alter: Alter, expires: float) -> Any:
        now = time.time()
        with _file(self.location) as file:
            file.execute("BEGIN IMMEDIATE")
            row = file.execute(
                "SELECT value, expires FROM entries WHERE key = ? AND expires > ?", (key, now)
            ).fetchone()
            value = alter(pickle.loads(row[0]) if row else None)  # noqa: S301
            expiry = row[1] if row and expires == _KEPT else expires
            if value is None:
                file.execute("DELETE FROM entries WHERE key = ?", (key,))
            else:
                file.execute(
                    "INSERT INTO entries (key, value, expires) VALUES (?, ?, ?) ON CONFLICT (key)"
                    " DO UPDATE SET value = excluded.value, expires = excluded.expires",
                    (key, pickle.dumps(value), expiry),
                )
            if _is_due():
                file.execute("DELETE FROM entries WHERE expires <= ?", (now,))
        return value

    def _forget(self, beginning: str) -> None:
        with _file(self.location) as file:
            file.execute("BEGIN IMMEDIATE")
            file.execute(
                "DELETE FROM entries WHERE substr(key, 1, ?) = ?", (len(beginning), beginning)
            )


class TableCache(SharedCache):
    """A table beside the others, shared by all machines that use the database. Its clock counts:
    by their own, what one machine stores another could take for expired."""

    def time(self) -> float:
        if _Table.read_at is None:
            with self._cursor() as cursor:
                cursor.execute(f"SELECT {_NOW}")
                _Table.note(cursor.fetchone()[0])
        return _Table.time()

    def _load(self, key: str) -> Any:
        sql = f"SELECT value FROM {self.location} WHERE key = %s AND expires > {_NOW}"  # noqa: S608
        with self._cursor() as cursor:
            cursor.execute(sql, (key,))
            row = cursor.fetchone()
        return pickle.loads(row[0]) if row else None  # noqa: S301  a table of ours

    def _change(self, key: str, alter: Alter, expires: float) -> Any:
        table, left_s = self.location, expires - time.time()
        with self._cursor() as cursor:
            # A row that is not there yet cannot be locked.
            cursor.execute(f"SELECT pg_advisory_xact_lock(hashtextextended(%s, 0)), {_NOW}", (key,))
            now = cursor.fetchone()[1]
            _Table.note(now)
            cursor.execute(
                f"SELECT value, expires FROM {table} WHERE key = %s AND expires > %s",  # noqa: S608
                (key, now),
            )
            row = cursor.fetchone()
            value = alter(pickle.loads(row[0]) if row else None)  # noqa: S301
            expiry = row[1] if row and expires == _KEPT else now + left_s
            if value is None:
                cursor.execute(f"DELETE FROM {table} WHERE key = %s", (key,))  # noqa: S608
            else:
                cursor.execute(
                    f"INSERT INTO {table} (key, value, expires) VALUES (%s, %s, %s)"  # noqa: S608
                    " ON CONFLICT (key) DO UPDATE SET value = excluded.value,"
                    " expires = excluded.expires",
                    (key, pickle.dumps(value), expiry),
                )
            if _is_due():
                cursor.execute(f"DELETE FROM {table} WHERE expires <= %s", (now,))  # noqa: S608
        return value

    def _forget(self, beginning: str) -> None:
        with self._cursor() as cursor:
            cursor.execute(
                f"DELETE FROM {self.location} WHERE starts_with(key, %s)",  # noqa: S608
                (beginning,),
            )

    @contextlib.contextmanager
    def _cursor(self) -> Iterator[Any]:
        if not _Table.is_there:
            self._make_table()
        with durable.without_flush(), transaction.atomic(), connection.cursor() as cursor:
            yield cursor

    def _make_table(self) -> None:
        with durable.without_flush(), connection.cursor() as cursor:
            cursor.execute("SELECT to_regclass(%s)", (self.location,))
            if cursor.fetchone()[0] is None:
                # Two at once: one of them finds that it is there.
                with contextlib.suppress(DatabaseError), transaction.atomic():
                    cursor.execute(
                        f"CREATE UNLOGGED TABLE IF NOT EXISTS {self.location}"
                        " (key text PRIMARY KEY, value bytea NOT NULL, expires float8 NOT NULL)"
                    )
            # Last: other threads use it as soon as this says so. What a transaction around this
            # made may be rolled back with it.
            _Table.is_there = not connection.in_atomic_block


class _Table:
    """This process's knowledge of the table."""

    is_there = False
    # What its server's clock said, and this process's own steady one at that moment.
    read_at: tuple[float, float] | None = None

    @classmethod
    def note(cls, now: float) -> None:
        cls.read_at = (now, time.monotonic())

    @classmethod
    def time(cls) -> float:
        then, at = cls.read_at or (time.time(), time.monotonic())
        return then + time.monotonic() - at


class _Due:
    """Counts changes of this process."""

    changes = 0


def _is_due() -> bool:
    _Due.changes += 1
    return _Due.changes % PRUNE_EVERY == 0


# By file and process: a connection must not pass a fork.
_files: dict[tuple[str, int], tuple[sqlite3.Connection, threading.RLock]] = {}
_opening = threading.Lock()


@contextlib.contextmanager
def _file(location: str) -> Iterator[sqlite3.Connection]:
    """The process's connection, for one thread at a time, in a transaction that ends with the
    block. A file that a power cut left damaged is thrown away: the next call finds it empty.

    Raises Unavailable when it cannot be used, as on a full disk.
    """
    try:
        connection, lock = _open_file(location)
    except sqlite3.Error as problem:
        raise _unavailable(location, problem) from problem
    with lock:
        try:
            yield connection
            if connection.in_transaction:
                connection.execute("COMMIT")
        except BaseException as problem:
            with contextlib.suppress(sqlite3.Error):
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
            if isinstance(problem, sqlite3.Error):
                raise _unavailable(location, problem) from problem
            raise


def _unavailable(location: str, problem: sqlite3.Error) -> errors.Unavailable:
    logger.error("%s cannot be used: %s", location, problem)
    is_damaged = isinstance(problem, sqlite3.DatabaseError) and not isinstance(
        problem, sqlite3.OperationalError
    )
    if is_damaged:
        _throw_away(location)
    return errors.Unavailable(retry_after_s=5)


def _open_file(location: str) -> tuple[sqlite3.Connection, threading.RLock]:
    place = (location, os.getpid())
    with _opening:
        if place not in _files:
            file = sqlite3.connect(
                location, timeout=5, isolation_level=None, check_same_thread=False
            )
            os.chmod(location, 0o600)
            file.execute("PRAGMA journal_mode=WAL")
            file.execute("PRAGMA synchronous=OFF")
            file.execute(
                "CREATE TABLE IF NOT EXISTS entries"
                " (key TEXT PRIMARY KEY, value BLOB NOT NULL, expires REAL NOT NULL) WITHOUT ROWID"
            )
            _files[place] = (file, threading.RLock())
        return _files[place]


def _throw_away(location: str) -> None:
    with _opening:
        file = _files.pop((location, os.getpid()), None)
        if file is not None:
            file[0].close()
        for end in ("", "-wal", "-shm"):
            Path(f"{location}{end}").unlink(missing_ok=True)
