"""Postgres, which allows 100 connections by default, is asked by many clients at once."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import psycopg
import pytest

from tests.support.house import House
from tests.support.postgres_server import PostgresServer

CLIENTS = 12
REQUESTS = 40
# Those of `core.database` and of the supervisor's checks.
OTHERS = 10
COUNT = "select count(*) from pg_stat_activity where backend_type = 'client backend'"


@pytest.mark.slow
def test_a_request_ends_with_its_connection_to_postgres(tmp_path: Path) -> None:
    with (
        PostgresServer() as server,
        House(tmp_path, workers=0, env={"DATABASE_URL": server.url}) as product,
        psycopg.connect(server.url, autocommit=True) as watching,
        product.client(product.key("ada")) as client,
    ):

        def ask(_: int) -> int:
            return client.get("/v1/creative-agent/workflows").status_code

        counted: list[int] = []
        is_over = threading.Event()

        def watch() -> None:
            while not is_over.wait(0.05):
                row = watching.execute(COUNT).fetchone()
                assert row is not None
                counted.append(row[0])

        client.timeout = httpx.Timeout(60)
        with ThreadPoolExecutor(CLIENTS + 1) as pool:
            watched = pool.submit(watch)
            try:
                statuses = list(pool.map(ask, range(CLIENTS * REQUESTS)))
            finally:
                is_over.set()
            watched.result()
    assert set(statuses) == {200}
    assert max(counted) <= CLIENTS + OTHERS, sorted(counted)
