"""Outages: an unavailable database or media folder, a full disk.

How to recognize them, and one log line for each end.
Every thread that fails in one logs it with its traceback; `OutageFilter` drops those, and writes
one line when an outage begins. From then on a thread tries once a second, and writes the line at
the end.
"""

from __future__ import annotations

import contextlib
import errno
import logging
import shutil
import sqlite3
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import connection

from core import media_folder
from core.database import is_away
from core.errors import MediaFolderAway

logger = logging.getLogger(__name__)

DATABASE: Final = "database"
DISK: Final = "disk"
MEDIA: Final = "media"

PROBE_EVERY_S = 1.0
# SQLite reports some failures of a full disk as plain I/O errors.
NO_ROOM_BYTES = 1 << 20
_FULL: Final = (errno.ENOSPC, errno.EDQUOT)
_DISK_FULL_STATE: Final = "53100"
# A chain of causes may be a ring.
_LONGEST_CHAIN = 10


def kind_of(problem: BaseException | None) -> str:
    """DATABASE, DISK or MEDIA when that is what failed, directly or as a cause; else nothing.

    DATABASE also when it answered, but was too busy.
    """
    if any(_is_full(one) for one in _chain(problem)):
        return DISK
    if any(isinstance(one, MediaFolderAway) for one in _chain(problem)):
        return MEDIA
    return DATABASE if is_away(problem) else ""


def reason_of(problem: BaseException) -> str:
    """The first line of what the database or the system says, without our own trace."""
    if isinstance(problem, MediaFolderAway):
        return problem.reason
    lines = [line.strip() for line in str(problem).splitlines() if line.strip()]
    return lines[0][:300].rstrip(".") if lines else type(problem).__name__


def _chain(problem: BaseException | None) -> Iterator[BaseException]:
    for _ in range(_LONGEST_CHAIN):
        if problem is None:
            return
        yield problem
        problem = problem.__cause__ or problem.__context__


def _is_full(problem: BaseException) -> bool:
    if isinstance(problem, OSError) and problem.errno in _FULL:
        return True
    if not isinstance(problem, sqlite3.Error):
        return getattr(problem, "sqlstate", None) == _DISK_FULL_STATE
    name = getattr(problem, "sqlite_errorname", "") or ""
    if name == "SQLITE_FULL":
        return True
    return name.startswith(("SQLITE_IOERR", "SQLITE_CANTOPEN")) and not has_room()


def database_folder() -> Path:
    """Return the folder of a SQLite database; the data folder with any other."""
    name = str(connection.settings_dict["NAME"])
    is_file = connection.vendor == "sqlite" and ":memory:" not in name and "mode=memory" not in name
    return Path(name).parent if is_file else Path(settings.HOME)


def _folders() -> set[Path]:
    return {Path(settings.HOME), Path(settings.MEDIA_DIR), database_folder()}


def has_room() -> bool:
    """Return whether the disks of the data folder, the media and the database have room left."""
    try:
        return all(shutil.disk_usage(folder).free >= NO_ROOM_BYTES for folder in _folders())
    except OSError:
        return True


def _disk_takes_writes() -> bool:
    if not has_room():
        return False
    try:
        for folder in _folders():
            with tempfile.TemporaryFile(dir=folder) as file:
                file.write(b"\0" * 65_536)
                file.flush()
    except OSError:
        return False
    return True


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            cursor.fetchone()
    finally:
        connection.close()
    return True


class Outage:
    """One thing that can be unavailable, and whether it is.

    begins, ends: the lines about it, with `{reason}` and `{seconds}` filled in. works: tries it.
    """

    def __init__(self, begins: str, ends: str, works: Callable[[], bool]) -> None:
        self._begins = begins
        self._ends = ends
        self._works = works
        self._lock = threading.Lock()
        self._since: float | None = None

    @property
    def is_on(self) -> bool:
        return self._since is not None

    def note(self, problem: BaseException) -> None:
        """It failed just now; that is logged when it is news."""
        with self._lock:
            if self._since is not None:
                return
            self._since = time.monotonic()
        logger.error(self._begins.format(reason=reason_of(problem)))
        threading.Thread(target=self._watch, name="outage", daemon=True).start()

    def _watch(self) -> None:
        works = False
        while not works:
            time.sleep(PROBE_EVERY_S)
            # Any error: it is still away, which was logged already.
            with contextlib.suppress(Exception):
                works = self._works()
        with self._lock:
            seconds = time.monotonic() - (self._since or 0.0)
            self._since = None
        logger.warning(self._ends.format(seconds=f"{seconds:.0f}"))


OUTAGES: Final = {
    DATABASE: Outage(
        "The database is unavailable or too busy: {reason}. Work waits for it, and requests are"
        " answered 503.",
        "The database answers again, after {seconds} s.",
        _database_answers,
    ),
    DISK: Outage(
        "The disk is full: {reason}. Work waits for free space, and requests that write are"
        " answered 507.",
        "The disk has free space again, after {seconds} s.",
        _disk_takes_writes,
    ),
    MEDIA: Outage(
        "The media folder is unavailable: {reason}. Work waits for it, and requests that need it"
        " are answered 503.",
        "The media folder is there again, after {seconds} s.",
        lambda: not media_folder.is_away(),
    ),
}


class OutageFilter(logging.Filter):
    """Reduces all that is logged about an outage in this process to one line when it begins."""

    def filter(self, record: logging.LogRecord) -> bool:
        problem = record.exc_info[1] if isinstance(record.exc_info, tuple) else None
        if problem is not None and (kind := kind_of(problem)):
            OUTAGES[kind].note(problem)
            return False
        # Django's line for an answer of 500 and more; the access log has it, too.
        if record.name == "django.request" and getattr(record, "status_code", 0) in (503, 507):
            return not any(outage.is_on for outage in OUTAGES.values())
        return True
