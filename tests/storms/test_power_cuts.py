"""The power is cut while people work: what was acknowledged is there, what was shown stays."""

from __future__ import annotations

import contextlib
import json
import random
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.sync.client import connect

from tests.bench.ground import chain
from tests.support.clients.promises import AWAY, Clients, Promises
from tests.support.fakes.tools import asked
from tests.support.faults.powercuts import Machine, compiled
from tests.support.faults.workers import rows
from tests.support.server import Site, finished, snapshot, start, stream
from tests.support.template_database import DATABASE
from tests.support.waiting import WAIT_S, wait_for

pytestmark = pytest.mark.slow
# Two cuts each. After the second one the disk keeps some of what it was not told to.
SEEDS = [0, *(pytest.param(seed, marks=pytest.mark.thorough) for seed in range(1, 8))]
NOOP = {"input": {"steps": [{"toolName": "noop", "arguments": {}}]}}
TEMPLATES = "/v1/creative-agent/workflows/templates"


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return compiled(tmp_path_factory.mktemp("powercut"))


@pytest.mark.parametrize("seed", SEEDS)
def test_what_was_acknowledged_outlives_power_cuts(
    tmp_path: Path, library: Path, seed: int
) -> None:
    chance, promises = random.Random(seed), Promises()
    with Machine(tmp_path, library) as machine:
        facts = Clients.facts_of(machine.site)
        for kept in (None, chance):
            with Clients(machine.site, promises, facts) as clients:
                clients.until_acknowledged(chance.randint(10, 80))
                machine.cut(kept=kept)
            assert promises.broken(machine.home) == []
            machine.start()
        machine.until_nothing_runs(180)
        assert promises.broken(machine.home) == []
    print(promises)


def test_without_the_flush_a_power_cut_takes_back_what_was_acknowledged(
    tmp_path: Path, library: Path
) -> None:
    """The test of the test above: the cut does lose what was not flushed. No worker writes, so
    SQLite's log stays too short to be written back, which would flush it."""
    promises = Promises()
    unflushed = "tests.support.settings.unflushed"
    with Machine(tmp_path, library, settings=unflushed, workers=0) as machine:
        facts = Clients.facts_of(machine.site)
        with Clients(machine.site, promises, facts) as clients:
            clients.until_acknowledged(20)
            machine.cut()
    said = promises.broken(machine.home)
    assert any("accepted run" in one for one in said), said
    assert any("saved change" in one for one in said), said


def test_a_service_that_was_asked_before_the_cut_is_not_asked_again(
    tmp_path: Path, library: Path
) -> None:
    """The number of its job is known, or the worker dies when it has asked, and the power fails
    before anything else is told."""
    with Machine(tmp_path, library) as machine:
        key = machine.site.key("ada")
        known = start(machine.site.client(key), _paid(seconds=12))["workflowId"]
        number = "SELECT job_ref FROM runs_attempt WHERE job_ref IS NOT NULL"
        wait_for(lambda: rows(machine.site, number), "the job's number", 60)
        unknown = start(machine.site.client(key), _paid(seconds=-1))["workflowId"]
        wait_for(lambda: len(asked(machine.home)) == 2, "the service to be asked", 60)
        machine.cut()
        machine.start()
        client = machine.site.client(key)
        assert finished(client, known)["status"] == "completed"
        machine.until_nothing_runs()
        assert snapshot(client, unknown)["status"] == "waiting_for_user"
        assert len(asked(machine.home)) == 2


@pytest.mark.parametrize("way", ["stream", "socket", "request"])
def test_an_event_that_was_shown_before_the_cut_is_there_after_it(
    tmp_path: Path, library: Path, way: str
) -> None:
    """No other client has anything flushed meanwhile."""
    with Machine(tmp_path, library, workers=1) as machine:
        site, key = machine.site, machine.site.key("ada")
        client = site.client(key)
        calls = [{"toolName": "sleep", "arguments": {"seconds": 0.3}} for _ in range(6)]
        run = start(client, {"input": {"steps": calls}})["workflowId"]
        promises, is_off = Promises(runs={run}), False
        with contextlib.suppress(*AWAY), contextlib.closing(WAYS[way](site, key, run)) as events:
            # After the cut a client still reads what was on its way.
            for event in events:
                promises.show(run, event)
                if event["event"] == "step_completed" and not is_off:
                    machine.cut()
                    is_off = True
        assert promises.events
        assert promises.broken(machine.home) == []


def _streamed(site: Site, key: str, run: str) -> Iterator[dict[str, Any]]:
    return (data for name, data in stream(site.client(key), run) if name == "workflow_event")


def _by_socket(site: Site, key: str, run: str) -> Iterator[dict[str, Any]]:
    address = f"ws://127.0.0.1:{site.port}/ws/runs/{run}"
    with connect(address, additional_headers={"api-key": key}, open_timeout=WAIT_S) as socket:
        for text in socket:
            said = json.loads(text)
            if said["event"] == "workflow_event":
                yield said["data"]


def _by_request(site: Site, key: str, run: str) -> Iterator[dict[str, Any]]:
    client, last = site.client(key), 0
    while True:
        answer = client.get(f"/v1/creative-agent/workflows/{run}/events", params={"after": last})
        for event in answer.json()["data"]["events"]:
            last = event["sequence"]
            yield event


WAYS = {"stream": _streamed, "socket": _by_socket, "request": _by_request}


def test_a_start_waits_for_one_flush_unwatched_steps_for_none_and_a_failed_one_is_no_answer(
    tmp_path: Path, library: Path
) -> None:
    with Machine(tmp_path, library) as machine:
        client = machine.site.client(machine.site.key("ada"))
        # SQLite flushes its log, too, when it's full: not while the starts are counted.
        with contextlib.closing(sqlite3.connect(machine.home / DATABASE)) as database:
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        # The first flush of a process also puts the log's name on the disk, and the first of a log
        # its head.
        _ended(machine, start(client, NOOP))

        before = machine.log_flushes()
        runs = [start(client, NOOP) for _ in range(10)]
        assert machine.log_flushes() - before == 10
        for run in runs:
            _ended(machine, run)
        # At most two a run of one step, also with what SQLite flushes by itself.
        assert machine.log_flushes() - before <= 20

        hundred = {"name": "Chain", "inputs": [], "stages": chain("noop", 100)}
        made = client.post(TEMPLATES, json=hundred).json()["data"]["template"]["id"]
        before = machine.log_flushes()
        _ended(machine, start(client, {"workflow_id": made, "inputs": {}}))
        # The start's, and those of SQLite's checkpoints: one that a reader blocks is repeated at
        # the next commit.
        assert machine.log_flushes() - before <= 20

        machine.failing.touch()
        with pytest.raises(httpx.TransportError):
            start(client, NOOP)
        said = (machine.home / "logs" / "web.log").read_text()
        assert "a commit did not reach the disk" in said
        assert "Traceback" not in said
        wait_for(lambda: _is_flush_refused(client), "readiness to name the flush", 60)
        machine.failing.unlink()
        wait_for(lambda: _status(client) == 200, "readiness", 60)
        runs.append(start(client, NOOP))
        machine.cut()
        promises = Promises(runs={run["workflowId"] for run in runs})
        assert promises.broken(machine.home) == []


def test_clients_that_wait_at_once_share_flushes(tmp_path: Path, library: Path) -> None:
    with Machine(tmp_path, library, delay_us=200_000) as machine:
        clients = [machine.site.client(machine.site.key(name)) for name in "abcdefgh"]
        before = machine.log_flushes()
        with ThreadPoolExecutor(len(clients)) as crew:
            runs = list(crew.map(lambda client: start(client, NOOP), clients))
        assert len({run["workflowId"] for run in runs}) == 8
        assert machine.log_flushes() - before < 8


def _paid(seconds: float) -> dict[str, Any]:
    return {"input": {"steps": [{"toolName": "paid", "arguments": {"seconds": seconds}}]}}


def _ended(machine: Machine, run: dict[str, Any]) -> None:
    """Without asking over HTTP: reading events flushes them."""
    machine.until_nothing_runs()
    assert run["workflowId"]


def _status(client: httpx.Client) -> int:
    try:
        return client.get("/readyz").status_code
    except httpx.TransportError:
        return 0


def _is_flush_refused(client: httpx.Client) -> bool:
    try:
        answer = client.get("/readyz")
    except httpx.TransportError:
        return False
    return answer.status_code == 503 and not answer.json()["checks"]["flush"]["ok"]
