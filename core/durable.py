"""Flushes to disk, before anything is acknowledged or shown.

On SQLite commits are `synchronous=NORMAL`: a power cut keeps their order, and may take back the
last ones. So before an answer, an event or a call to a paid service leaves this process, `flush`
waits for a flush of the write-ahead log that began after the commit. It happens outside SQLite's
write lock, and callers share it. Postgres flushes at each commit.
"""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import sqlite3
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from django.conf import settings
from django.db import connection
from django.db.backends.signals import connection_created

logger = logging.getLogger(__name__)

Shown = TypeVar("Shown")
# EX_IOERR of sysexits.h.
EXIT_CODE = 74
# How long other connections may keep a repair waiting, in seconds.
REPAIR_S = 5.0


def flush() -> None:
    """Return when all that any process has committed before this call is on the disk.

    Does nothing on Postgres, and costs no flush when nothing was committed since the last one.
    Call it outside a transaction. When a flush fails, this process ends: the kernel may have
    dropped what it could not write, so a second try that succeeds would prove nothing.
    """
    flusher = _flusher()
    if flusher is None:
        return
    try:
        flusher.flush()
    except OSError as problem:
        # First of all the other processes: their next flush would seem to succeed.
        with contextlib.suppress(OSError):
            _failure_mark().touch()
        logger.critical(
            "a commit did not reach the disk (%s): this process ends, and nothing more is"
            " acknowledged. Look at the disk and at the kernel's log.",
            problem,
        )
        os._exit(EXIT_CODE)


def flushed(value: Shown) -> Shown:
    """Return the value after everything it depends on was flushed to disk.

    Use it for what carries a position in a log. If a power cut removed an entry, another one
    could get its position, and a reader that has seen the first would never receive the second.
    """
    flush()
    return value


def to_disk(descriptor: int, *, content_only: bool = False) -> None:
    """Return when an open file or folder is on the disk. Raises OSError.

    content_only: its bytes and its length are enough, its times and rights may be lost.
    """
    if sys.platform == "darwin":
        # fsync there leaves the bytes in the drive's own cache.
        fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
    elif content_only:
        os.fdatasync(descriptor)
    else:
        os.fsync(descriptor)


def folder_to_disk(folder: Path) -> None:
    """Return when the names in a folder are on the disk. Raises OSError."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        to_disk(descriptor)
    finally:
        os.close(descriptor)


def is_sound() -> bool:
    """False while the disk has lost a flush and refuses to take the commits once more."""
    flusher = _flusher()
    if flusher is None or not _failure_mark().exists():
        return True
    try:
        flusher.repair()
    except OSError:
        return False
    return True


def syncs() -> int:
    """Return how often this process has flushed the log."""
    flusher = _flusher()
    return flusher.syncs if flusher is not None else 0


class Writes:
    """The row changes of this thread since this was made, rolled back or not.

    Known on SQLite only. Rows changed within `without_flush` do not count.
    """

    def __init__(self) -> None:
        self._before = _count()

    def exist(self) -> bool:
        return _count() != self._before


@contextmanager
def without_flush() -> Iterator[None]:
    """Write without waiting for the disk: values that may be lost, such as "last used"."""
    before = _count()
    try:
        yield
    finally:
        _thread.writes = before


class Flusher:
    """Flushes the log of one SQLite database. syncs: how often it did."""

    def __init__(self, database: Path) -> None:
        self._database = database
        self._log = database.with_name(f"{database.name}-wal")
        self._change = threading.Condition()
        self._begun = self._done = 0
        self._is_busy = False
        self._failed: OSError | None = None
        self._reader: sqlite3.Connection | None = None
        # What `PRAGMA data_version` said before the last flush.
        self._version: object = None
        # The log, open since its first flush: the kernel tells each descriptor of an error once,
        # and a new one may miss what SQLite's own checkpoint was told.
        self._file: int | None = None
        self._number = 0
        self.syncs = 0

    def flush(self) -> None:
        """Wait for a flush that begins after this call. Raises OSError, then and ever after."""
        with self._change:
            # One that has started already may have missed our commit.
            turn = self._begun + 1
            while self._done < turn:
                if self._failed is not None:
                    raise self._failed
                if self._is_busy:
                    self._change.wait()
                else:
                    self._failed = self._lead(self._sync_what_is_new)

    def repair(self) -> None:
        """After a flush failed in some process: write what the log holds once more.

        What the disk has lost is still in the kernel's cache, and SQLite's checkpoint copies it
        from there into the database file. Raises OSError.
        """
        with self._change:
            while self._is_busy:
                self._change.wait()
            problem = self._lead(self._checkpoint)
        if problem is not None:
            raise problem

    def _lead(self, work: Callable[[], None]) -> OSError | None:
        """Do the work for all who wait. Holds the lock before and after, not during it."""
        self._begun, self._is_busy = self._begun + 1, True
        mine = self._begun
        failed: OSError | None = None
        self._change.release()
        try:
            work()
        except OSError as problem:
            failed, done = problem, self._done
        else:
            done = mine
        finally:
            self._change.acquire()
            self._is_busy = False
            self._change.notify_all()
        self._done = done
        return failed

    def _sync_what_is_new(self) -> None:
        if _failure_mark().exists():
            self._checkpoint()
            return
        version = self._data_version()
        if version is None or version != self._version:
            self._sync()
            self._version = version

    def _data_version(self) -> object:
        """Changes with each commit of any other connection, and all of Django's are others."""
        try:
            (row,) = self._open_reader().execute("PRAGMA data_version").fetchall()
        except sqlite3.Error:
            self._reader = None
            return None
        return row[0]

    def _open_reader(self) -> sqlite3.Connection:
        """A connection that stays open, so that the log is never deleted under this process."""
        if self._reader is None:
            self._reader = sqlite3.connect(
                f"{self._database.as_uri()}?mode=rw",
                uri=True,
                timeout=REPAIR_S,
                isolation_level=None,
                # One thread at a time leads.
                check_same_thread=False,
            )
        return self._reader

    def _sync(self) -> None:
        try:
            number = self._log.stat().st_ino
        except FileNotFoundError:
            # No log: all of it is in the database file, which was synced before.
            return
        is_new = number != self._number
        if is_new:
            # SQLite keeps its locks on other files: closing a descriptor of this one drops none.
            if self._file is not None:
                os.close(self._file)
            self._file = os.open(self._log, os.O_RDWR | os.O_CLOEXEC)
            self._number = number
        assert self._file is not None  # noqa: S101  opened with the first number
        self.syncs += 1
        to_disk(self._file, content_only=True)
        if is_new:
            # SQLite syncs a new log's folder only with synchronous=FULL.
            folder_to_disk(self._log.parent)

    def _checkpoint(self) -> None:
        try:
            (row,) = self._open_reader().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        except sqlite3.Error as error:
            raise OSError(f"the log could not be written once more: {error}") from error
        if row[0]:
            raise OSError("the log is in use and could not be written once more")
        self._version = None
        _failure_mark().unlink(missing_ok=True)


def _failure_mark() -> Path:
    """A file that marks a failed flush for the other processes, also those started later."""
    return Path(settings.RUN_DIR) / "flush-failed"


_flushers: dict[str, Flusher] = {}
_flushers_lock = threading.Lock()


def _flusher() -> Flusher | None:
    """That of the database in use; None where there is nothing to flush."""
    if connection.vendor != "sqlite" or not settings.FLUSH_BEFORE_TELLING:
        return None
    name = str(connection.settings_dict["NAME"])
    if name not in _flushers:
        with _flushers_lock:
            _flushers.setdefault(name, Flusher(Path(name).absolute()))
    return _flushers[name]


class _Thread(threading.local):
    writes = 0


_thread = _Thread()


def _count() -> int:
    return _thread.writes


@contextmanager
def noting_writes(raw: sqlite3.Connection) -> Iterator[None]:
    """Around a statement. By SQLite's own count: no guess from the words of a statement."""
    before = raw.total_changes
    try:
        yield
    finally:
        _thread.writes += raw.total_changes != before


def count_writes(execute: Callable[..., Any], *args: Any) -> Any:
    """Around each statement of a Django cursor."""
    with noting_writes(args[-1]["connection"].connection):
        return execute(*args)


def _watch(sender: object, connection: Any, **kwargs: object) -> None:
    if connection.vendor == "sqlite" and count_writes not in connection.execute_wrappers:
        connection.execute_wrappers.append(count_writes)


connection_created.connect(_watch, dispatch_uid="core.durable")
