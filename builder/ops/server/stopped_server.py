"""A server that is stopped, and stays so: for work that no one else may write beside."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import connection

from builder.ops.server.processes import AlreadyRunning, ProcessBook, sole_supervisor
from builder.ops.server.sole_preparation import sole_preparation
from runs.engine.worker_registry import ALIVE_FOR, workers

# Of an idle session of a pooler no one can tell whether someone works through it.
_SESSIONS: Final = """
    SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
        AND backend_type = 'client backend' AND pid <> pg_backend_pid()
        AND application_name <> 'reelgraph prepare'
"""
_NOT_POOLED: Final = " AND (state <> 'idle' OR application_name <> '')"


@contextlib.contextmanager
def stopped_server(run_dir: Path, say: Callable[[str], None]) -> Iterator[None]:
    """Let no server of this database start until the block ends.

    run_dir: of this machine. Raises AlreadyRunning where one runs, DatabaseError when the database
    doesn't answer.
    """
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(sole_supervisor(run_dir))
        except AlreadyRunning:
            raise AlreadyRunning("The server is running. Stop it first, on all machines.") from None
        stack.enter_context(sole_preparation(run_dir, say))
        if living := ProcessBook(run_dir).living():
            names = ", ".join(f"{entry.name} ({entry.pid})" for entry in living)
            raise AlreadyRunning(f"Processes of this server still run: {names}. Stop them first.")
        if online := [worker for worker in workers() if worker.is_alive]:
            names = ", ".join(f"{worker.name} on {worker.host}" for worker in online)
            raise AlreadyRunning(
                f"Workers of this server run: {names}. Stop them on all machines; one that was"
                f" killed counts for {ALIVE_FOR.seconds} s."
            )
        if count := _sessions():
            raise AlreadyRunning(
                f"Other programs are connected to this database ({count} sessions). Stop the server"
                " on all machines, and whatever else uses the database."
            )
        yield


def _sessions() -> int:
    if connection.vendor != "postgresql":
        return 0
    with connection.cursor() as cursor:
        cursor.execute(_SESSIONS + (_NOT_POOLED if settings.DIRECT_DATABASE else ""))
        return int(cursor.fetchone()[0])
