"""One process at a time brings the database up to date, on all machines that share it."""

from __future__ import annotations

import contextlib
import fcntl
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

from core.direct_database import STAY, direct_session

# Of the advisory lock: any number that nothing else in this database uses.
KEY: Final = 0x7265656C
LOOK_EVERY_S: Final = 0.25
WAITS: Final = "Another machine is preparing the database. Waiting…"


@contextlib.contextmanager
def sole_preparation(run_dir: Path, say: Callable[[str], None]) -> Iterator[None]:
    """Wait until no other process prepares the database. Until the block ends, others wait.

    run_dir: of this machine. say: is told once that another machine is waited for. Raises
    DatabaseError when the database does not answer.
    """
    # `make key` may run while `make run` starts: one of them migrates, the other waits.
    with (run_dir / "prepare.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if connection.vendor != "postgresql":
            yield
            return
        # The session holds the lock, so one that dies lets go of it. Not Django's own: a pooler
        # gives that to others between two statements.
        with contextlib.closing(direct_session("reelgraph prepare")) as session:
            _take(session, say)
            yield


def _take(session: BaseDatabaseWrapper, say: Callable[[str], None]) -> None:
    with session.cursor() as cursor:
        cursor.execute(STAY)
    has_said = False
    # Not `pg_advisory_lock`: an index that the other machine makes CONCURRENTLY would wait for this
    # statement to end, and the statement for that machine.
    while not _took(session):
        if not has_said:
            say(WAITS)
        has_said = True
        time.sleep(LOOK_EVERY_S)


def _took(session: BaseDatabaseWrapper) -> bool:
    with session.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [KEY])
        return bool(cursor.fetchone()[0])
