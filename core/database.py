"""Database access outside Django's request cycle: worker loops and plain ASGI apps."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from django.db import connection, connections
from django.db.models.functions import Now

from core import clock

Result = TypeVar("Result")

# Event streams share these few threads and so these few connections, however many are open.
_POOL = ThreadPoolExecutor(4, thread_name_prefix="database")


def drop_broken_connections() -> None:
    """Close connections that failed since the last call, so that the next query opens a new one.

    Unlike Django's close_old_connections it keeps healthy ones: a loop that asks every few
    milliseconds must not reconnect each time.
    """
    for opened in connections.all(initialized_only=True):
        if opened.errors_occurred:
            opened.close_if_unusable_or_obsolete()


def db_now() -> Any:
    """The clock that leases and queues are measured by, as a value for a query.

    The database's on Postgres, where processes may be on several machines, else this machine's.
    Either way the moment of the statement, not of its transaction.
    """
    return Now() if connection.vendor == "postgresql" else clock.now()


async def in_database(function: Callable[..., Result], *args: Any) -> Result:
    """Run a function that uses the ORM in the shared pool, from a plain ASGI app."""

    def call() -> Result:
        drop_broken_connections()
        return function(*args)

    return await asyncio.get_running_loop().run_in_executor(_POOL, call)
