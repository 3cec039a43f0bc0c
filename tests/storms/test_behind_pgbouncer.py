"""Everything behind PgBouncer in transaction mode, where each transaction may have another session.

Workers find steps by hints alone here: what LISTENs goes to the database itself.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator

import pytest

from tests.support.builders.running import chain
from tests.support.operator_commands import manage
from tests.support.pgbouncer import PgBouncer
from tests.support.postgres_server import PostgresServer
from tests.support.server import Site, finished, start, stream
from tests.support.waiting import family, promised

pytestmark = pytest.mark.slow
HINTED = "tests.support.settings.hinted"
# Half of a worker's own pace.
WITHIN_S = 30.0


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    home = tmp_path_factory.mktemp("home")
    # Fewer sessions than there are processes: each is shared.
    with PostgresServer() as server, PgBouncer(server, sessions=3) as pooler:
        env = {
            "DATABASE_URL": pooler.url,
            "REELGRAPH_DIRECT_DATABASE_URL": server.url,
            "REELGRAPH_CHANNEL_LAYER": "postgres",
        }
        with Site(home, web=2, settings=HINTED, env=env) as running:
            yield running


def test_runs_are_hinted_and_complete(site: Site) -> None:
    with site.client(site.key("alice")) as client:
        runs = [
            start(client, {"input": {"steps": chain("note", 4, seconds=0.01)}}) for _ in range(10)
        ]
        with promised(WITHIN_S, of=family(os.getpid())):
            assert {finished(client, run["id"])["status"] for run in runs} == {"completed"}


def test_live_readers_hear_of_a_run(site: Site) -> None:
    with site.client(site.key("bob")) as client:
        run = start(client, {"input": {"steps": chain("note", 2, seconds=0.2)}})
        frames = list(stream(client, run["id"]))
    name, last = frames[-1]
    assert name == "workflow_status"
    assert '"completed"' in json.dumps(last)


def test_long_lists_are_read_to_the_end(site: Site) -> None:
    """They are read by cursors of the server, which no other session knows."""
    site.key("carol")
    assert site.manage("recount")


def test_the_doctor_says_what_a_pooler_needs(site: Site) -> None:
    assert "idle_in_transaction_session_timeout" in site.manage("doctor")
    assert "Set REELGRAPH_DIRECT_DATABASE_URL" in doctor(site, "")
    another = site.env["REELGRAPH_DIRECT_DATABASE_URL"].replace("/postgres", "/template1")
    assert "names another database than DATABASE_URL" in doctor(site, another)


def doctor(site: Site, direct: str) -> str:
    """Return what it says where the direct address is this one."""
    return manage(
        site.home, "doctor", code=None, **{**site.env, "REELGRAPH_DIRECT_DATABASE_URL": direct}
    )
