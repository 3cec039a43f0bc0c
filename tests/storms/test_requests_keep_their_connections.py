"""On Postgres requests share a few connections that live on, whatever becomes of the requests."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from tests.support.clients.connections import Line
from tests.support.postgres_server import PostgresServer
from tests.support.server import Site, start
from tests.support.waiting import wait_for

pytestmark = pytest.mark.slow
RUNS = "/v1/creative-agent/workflows"
NOTE = {"input": {"steps": [{"toolName": "note", "arguments": {}}]}}
# Who else is connected: not those of the workers, which there are none of.
OTHERS = "backend_type = 'client backend' AND pid <> pg_backend_pid()"


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    with PostgresServer() as server:
        yield server


@pytest.fixture(scope="module")
def site(server: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    home = tmp_path_factory.mktemp("site")
    with Site(home, workers=0, env={"DATABASE_URL": server.url}) as site:
        yield site


@pytest.fixture(scope="module")
def key(site: Site) -> str:
    return site.key("alice")


def connected(server: PostgresServer) -> set[int]:
    with psycopg.connect(server.url) as asking:
        rows = asking.execute(f"SELECT pid FROM pg_stat_activity WHERE {OTHERS}").fetchall()
    return {pid for (pid,) in rows}


def ask_often(site: Site, key: str, path: str) -> set[int]:
    line = Line(site)
    try:
        return {line.ask(path, api_key=key) for _ in range(20)}
    finally:
        line.close()


def ask_by_many(site: Site, key: str, path: str = RUNS) -> set[int]:
    with ThreadPoolExecutor(16) as pool:
        return set().union(*pool.map(lambda _: ask_often(site, key, path), range(16)))


def test_many_clients_share_few_connections_that_are_kept(
    site: Site, server: PostgresServer, key: str
) -> None:
    assert ask_by_many(site, key) == {200}
    before = connected(server)
    assert ask_by_many(site, key) == {200}
    # On a busy machine one or two reach the age at which they are replaced.
    assert len(connected(server) - before) <= 2
    # Those of requests, of event streams, and of the supervisor.
    assert len(before) <= 10


def test_requests_are_answered_after_the_server_ended_all_connections(
    site: Site, server: PostgresServer, key: str
) -> None:
    # A run without results: 404, from the threads that event streams share, too.
    nothing = f"/runs/{start(site.client(key), NOTE)['workflowId']}/download"
    assert ask_by_many(site, key) == {200}
    assert ask_by_many(site, key, nothing) == {404}
    before = connected(server)
    with psycopg.connect(server.url, autocommit=True) as asking:
        asking.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {OTHERS}")
    wait_for(lambda: not connected(server) & before, "the end of all connections")
    assert ask_by_many(site, key) == {200}
    assert ask_by_many(site, key, nothing) == {404}


def test_a_client_that_leaves_and_a_refused_request_leave_no_transaction_open(
    site: Site, server: PostgresServer, key: str
) -> None:
    line = Line(site)
    for body in (b"{", b'{"input": {"steps": [{"toolName": "no_such_tool"}]}}'):
        assert line.ask(RUNS, "POST", body, api_key=key, content_type="application/json") >= 400
    line.close()
    request = f"GET {RUNS} HTTP/1.1\r\nHost: 127.0.0.1:{site.port}\r\napi-key: {key}\r\n\r\n"
    for _ in range(30):
        with socket.create_connection(("127.0.0.1", site.port)) as leaving:
            leaving.sendall(request.encode())
    assert ask_by_many(site, key) == {200}

    def are_idle() -> bool:
        with psycopg.connect(server.url) as asking:
            found = asking.execute(
                f"SELECT count(*) FROM pg_stat_activity WHERE {OTHERS} AND state <> 'idle'"
            ).fetchone()
        return found == (0,)

    wait_for(are_idle, "the end of all transactions")
    assert len(connected(server)) <= 10
