"""Workers on other machines find steps by hints: each machine here has a data folder of its own, so
no datagram reaches another, and a worker looks by itself only after a minute.
"""

from __future__ import annotations

import os
import secrets
import signal
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.support.builders.running import chain
from tests.support.postgres_server import PostgresServer
from tests.support.program import Program
from tests.support.server import Site, finished, start
from tests.support.waiting import family, promised, wait_for

pytestmark = pytest.mark.slow
HINTED = "tests.support.settings.hinted"
# Half of a worker's own pace.
WITHIN_S = 30.0
LISTENING = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'"
HELD = "SELECT count(*) FROM procrastinate_jobs WHERE status = 'doing'"
EMPTY = "TRUNCATE procrastinate_jobs, procrastinate_workers, procrastinate_periodic_defers CASCADE"


class Machines:
    """A web process, and workers elsewhere. They share media, as machines do."""

    def __init__(self, home: Path, server: PostgresServer, stack: ExitStack) -> None:
        self._home = home
        self._server = server
        self._stack = stack
        env = {
            "DATABASE_URL": server.url,
            "REELGRAPH_MEDIA_DIR": str(home / "media"),
            "REELGRAPH_SECRET_KEY": secrets.token_hex(32),
        }
        self.site = stack.enter_context(Site(home / "web", workers=0, settings=HINTED, env=env))
        self.client = stack.enter_context(self.site.client(self.site.key("alice")))
        self.workers: list[Program] = []

    def worker(self) -> Program:
        """One more worker, on a machine of its own. It is listening."""
        name = f"worker-{secrets.token_hex(4)}"
        env = {**self.site.env, "REELGRAPH_HOME": str(self._home / name)}
        command = [sys.executable, "-u", "manage.py", "worker", "--name", name]
        found = self._stack.enter_context(Program(command, env))
        found.line_with(f"{name} is ready", 60)
        self.workers.append(found)
        living = sum(one.process.poll() is None for one in self.workers)
        wait_for(lambda: self.count(LISTENING) == living, "the worker to listen", 60)
        return found

    def run(self, steps: list[dict[str, Any]]) -> str:
        return str(start(self.client, {"input": {"steps": steps}})["id"])

    def completes(self, run: str) -> bool:
        with promised(WITHIN_S, of=family(os.getpid())):
            return finished(self.client, run)["status"] == "completed"

    def count(self, question: str) -> int:
        with psycopg.connect(self._server.url) as asking:
            row = asking.execute(question).fetchone()
        assert row is not None
        return int(row[0])

    def execute(self, statement: str) -> None:
        with psycopg.connect(self._server.url, autocommit=True) as connection:
            connection.execute(statement)


@pytest.fixture
def machines(tmp_path: Path) -> Iterator[Machines]:
    with PostgresServer() as server, ExitStack() as stack:
        yield Machines(tmp_path, server, stack)


def busy(machines: Machines, count: int) -> None:
    running = "SELECT count(*) FROM runs_step WHERE status = 'running'"
    with promised(WITHIN_S, of=family(os.getpid())):
        wait_for(lambda: machines.count(running) == count, f"{count} steps at work")


def test_a_step_is_taken_on_another_machine_by_its_hint(machines: Machines) -> None:
    machines.worker()
    for _ in range(3):
        assert machines.completes(machines.run(chain("note", 2, seconds=0.01)))


def test_what_one_worker_leaves_wakes_the_others(machines: Machines) -> None:
    """Two long steps become ready at once: the taker of the hint passes it on before it works."""
    machines.worker()
    machines.worker()
    long = [{"id": name, "toolName": "note", "arguments": {"seconds": 8.0}} for name in "ab"]
    run = machines.run(long)
    busy(machines, 2)
    assert machines.completes(run)


def test_a_worker_that_is_killed_with_a_hint_in_hand_stops_no_other(machines: Machines) -> None:
    first = machines.worker()
    # Its first look is over: from now on it takes what a job tells of.
    assert machines.completes(machines.run(chain("note", 1, seconds=0.01)))
    held = machines.run(chain("note", 1, seconds=8.0))
    busy(machines, 1)
    assert machines.count(HELD) == 1
    first.send(signal.SIGKILL)
    first.wait()
    machines.worker()
    assert machines.completes(machines.run(chain("note", 2, seconds=0.01)))
    # Its lease runs out, and that is hinted, too.
    assert machines.completes(held)


def test_a_run_completes_though_the_tables_of_hints_are_emptied(machines: Machines) -> None:
    machines.worker()
    machines.worker()
    runs = [machines.run(chain("note", 6, seconds=0.5)) for _ in range(3)]
    busy(machines, 2)
    machines.execute(EMPTY)
    assert all(machines.completes(run) for run in runs)
    machines.execute(EMPTY)
    assert machines.completes(machines.run(chain("note", 2, seconds=0.01)))


def test_hints_come_back_with_the_database(tmp_path: Path) -> None:
    with PostgresServer() as server, ExitStack() as stack:
        machines = Machines(tmp_path, server, stack)
        machines.worker()
        server.stop()
        server.start()
        wait_for(lambda: machines.count(LISTENING) == 1, "the worker to listen again", 60)
        assert machines.completes(machines.run(chain("note", 2, seconds=0.01)))


def test_a_hinted_worker_hands_its_step_back_and_stops(machines: Machines) -> None:
    worker = machines.worker()
    machines.run(chain("note", 1, seconds=300.0))
    busy(machines, 1)
    worker.send(signal.SIGTERM)
    assert worker.wait() == 0
    assert machines.count("SELECT count(*) FROM runs_step WHERE status = 'ready'") == 1
    assert machines.count("SELECT count(*) FROM procrastinate_workers") == 0
    assert machines.count(HELD) == 0
