"""The channel layer of several machines on the database that they share: LISTEN and NOTIFY."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from functools import partial
from typing import Any

import psycopg
from django.db import connection, transaction

from core.channel_layers.remote import RemoteLayer
from core.database import in_database

# The channel of the database that all hints go through.
NAME = "reelgraph_hints"
# A dead network is noticed after about 25 s.
KEEPALIVES = {
    "keepalives": 1,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
}
# Options of Django's connections that are for its cursors.
_DJANGOS = ("context", "cursor_factory", "prepare_threshold")
# A server may end idle sessions. Those before 14 don't have the setting.
_STAY = """
    SELECT set_config(name, '0', false) FROM pg_settings WHERE name = 'idle_session_timeout'
"""


class PostgresChannelLayer(RemoteLayer):
    """Sends by Django's own connections, always in a transaction of its own: a NOTIFY takes a lock
    of the whole server until its transaction ends.

    Messages up to 8 KB. The connection must be a direct one: a pooler that shares connections
    between transactions loses LISTEN.
    """

    server = "Postgres"
    # Postgres takes less than 8,000 bytes.
    largest = 7999

    async def _receive(self, connected: Callable[[], None]) -> AsyncGenerator[str, None]:
        async with await psycopg.AsyncConnection.connect(**_parameters()) as receiving:
            await receiving.execute(_STAY)
            await receiving.execute(f"LISTEN {NAME}")
            connected()
            async for notification in receiving.notifies():
                yield notification.payload
        raise psycopg.OperationalError("the connection was closed")

    def _send(self, data: bytes) -> None:
        if connection.in_atomic_block:
            transaction.on_commit(partial(_notify, data), robust=True)
        else:
            _notify(data)

    async def _send_in_thread(self, data: bytes) -> None:
        await in_database(_notify, data)

    def ping(self) -> None:
        with psycopg.connect(**_parameters()) as asking:
            asking.execute("SELECT 1")


def _notify(data: bytes) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, %s)", (NAME, data.decode()))


def _parameters() -> dict[str, Any]:
    """Of a connection like Django's, but without what Django adds for its cursors."""
    found: dict[str, Any] = connection.get_connection_params()
    wanted = {name: value for name, value in found.items() if name not in _DJANGOS}
    return {**KEEPALIVES, **wanted, "autocommit": True, "application_name": "reelgraph hints"}
