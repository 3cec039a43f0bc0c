"""The channel layer of several machines on the database that they share: LISTEN and NOTIFY."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from functools import partial

import psycopg
from django.db import connection, transaction

from core.channel_layers.remote import RemoteLayer
from core.database import in_database
from core.direct_database import STAY, direct_parameters

# The channel of the database that all hints go through.
NAME = "reelgraph_hints"
# What the server's list of sessions calls it.
PURPOSE = "reelgraph hints"


class PostgresChannelLayer(RemoteLayer):
    """Sends by Django's own connections, always in a transaction of its own: a NOTIFY takes a lock
    of the whole server until its transaction ends.

    Messages up to 8 KB.
    """

    server = "Postgres"
    # Postgres takes less than 8,000 bytes.
    largest = 7999

    async def _receive(self, on_connect: Callable[[], None]) -> AsyncGenerator[str, None]:
        async with await psycopg.AsyncConnection.connect(**direct_parameters(PURPOSE)) as receiving:
            await receiving.execute(STAY)
            await receiving.execute(f"LISTEN {NAME}")
            on_connect()
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
        with psycopg.connect(**direct_parameters(PURPOSE)) as asking:
            asking.execute("SELECT 1")


def _notify(data: bytes) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, %s)", (NAME, data.decode()))
