"""Each run's end reaches its receiver, while workers and web are killed and another receiver hangs,
breaks off and fails.

By hand, in full:
`REELGRAPH_RUNS=1000 REELGRAPH_KILLS=40 pytest -n 0 -s tests/storms/test_webhooks.py`
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import statistics
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.fakes.http_server import Asked, Reply
from tests.support.fakes.receiver import Delivered, Receiver
from tests.support.faults.workers import rows
from tests.support.postgres_server import PostgresServer
from tests.support.server import TERMINAL, Site
from tests.support.waiting import wait_for

RUNS = int(os.environ.get("REELGRAPH_RUNS", "120"))
KILLS = int(os.environ.get("REELGRAPH_KILLS", "6"))
# Runs of a person that may be unfinished are 20.
CALLERS = 8
PROMISED_S = 2.0
WORKFLOWS = "/v1/creative-agent/workflows"
STEPS = {"input": {"steps": [{"toolName": "noop", "arguments": {}}]}}
ADD_ENDPOINT = """
from accounts.models import User
from runs.webhook_events import EVENTS
from webhooks.endpoints import create
create(User.objects.get(username="alice"), url="{url}", events=[*EVENTS])
"""

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300 + 2 * RUNS)]


class BadReceiver(Receiver):
    """Takes a third of what comes; else it hangs, breaks off or fails."""

    def __init__(self) -> None:
        super().__init__()
        self._chance, self._hold = random.Random(7), threading.Event()

    def respond(self, asked: Asked) -> Reply:
        faults = [Reply(500), Reply(503), Reply(drop=True), Reply(hold=self._hold)]
        return self._chance.choice([*faults, Reply(204), Reply(204)])


@contextmanager
def environment(database: str) -> Iterator[dict[str, str]]:
    """Yield the environment of a product on a new database of this kind."""
    allowed = {"REELGRAPH_WEBHOOK_ALLOW": "127.0.0.1"}
    if database == "sqlite":
        yield {"DATABASE_URL": "", **allowed}
        return
    with PostgresServer() as server:
        yield {"DATABASE_URL": server.url, **allowed}


def start_one(site: Site, key: str, url: str, number: int) -> str:
    """Start a run, again until it is answered. Return its id."""
    body = {**STEPS, "webhook": f"{url}/runs?number={number}", "idempotency_key": f"run-{number}"}

    def answer() -> str | None:
        with contextlib.suppress(httpx.TransportError), site.client(key) as client:
            response = client.post(WORKFLOWS, json=body)
            if response.status_code in (200, 201):
                return str(response.json()["data"]["workflow"]["workflowId"])
            assert response.status_code in (409, 429) or response.status_code >= 500, response.text
        return None

    started = wait_for(answer, f"the start of run {number}", 120)
    assert started is not None
    return started


def kill_some(site: Site, count: int) -> None:
    chance = random.Random(42)
    for _ in range(count):
        time.sleep(chance.uniform(1, 3))
        pids = [*site.webs(), *site.workers()]
        if pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(chance.choice(pids), signal.SIGKILL)


def start_all(site: Site, key: str, url: str, numbers: range) -> list[str]:
    with ThreadPoolExecutor(CALLERS) as pool:
        return list(pool.map(lambda number: start_one(site, key, url, number), numbers))


def heard(receiver: Receiver, runs: list[str]) -> bool:
    return {run for _, run in receiver.events} >= set(runs)


def delay_s(delivery: Delivered) -> float:
    """Return how long after its fact a delivery came."""
    return delivery.at - datetime.fromisoformat(delivery.body["timestamp"]).timestamp()


def check_facts(site: Site, runs: list[str], *receivers: Receiver) -> None:
    """One id for each fact, however often it came; nothing of a run that has no such fact."""
    statuses: dict[str, Any] = {
        row["public_id"]: row["status"]
        for row in rows(site, "SELECT public_id, status FROM runs_run")
    }
    assert set(runs) <= set(statuses)
    assert {statuses[run] for run in runs} <= TERMINAL
    for receiver in receivers:
        ids = {(one.event, one.id) for one in receiver.deliveries}
        assert len(ids) == len({event for event, _ in ids}) == len({one for _, one in ids})
        for event, run in receiver.events:
            assert event == f"run.{statuses[run]}"


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_each_end_of_a_run_is_delivered(tmp_path: Path, database: str) -> None:
    with (
        environment(database) as env,
        Receiver() as receiver,
        BadReceiver() as bad,
        Site(tmp_path, workers=2, web=2, env=env) as site,
    ):
        key = site.key("alice")
        with site.client(key) as client:
            receiver.secrets = [client.get("/v1/webhooks/secret").json()["data"]["secret"]]
        site.manage("shell", "-v0", "-c", ADD_ENDPOINT.format(url=bad.url))
        calm = start_all(site, key, receiver.url, range(RUNS // 2))
        wait_for(lambda: heard(receiver, calm), "all of the quiet half", 120)
        delays = sorted(map(delay_s, receiver.deliveries))
        p95 = statistics.quantiles(delays, n=20)[-1]

        killer = threading.Thread(target=kill_some, args=[site, KILLS])
        killer.start()
        runs = [*calm, *start_all(site, key, receiver.url, range(RUNS // 2, RUNS))]
        killer.join()
        wait_for(lambda: heard(receiver, runs), "all of both halves", 180)
        check_facts(site, runs, receiver, bad)
        assert all(one.signers for one in receiver.deliveries)
        # What the other receiver never took is still on its way, or was taken.
        notes = rows(site, "SELECT due_at, done_at, given_up, url FROM webhooks_delivery")
        assert len(notes) == 2 * len(runs)
        assert not [row for row in notes if row["given_up"]]
        assert all((row["due_at"] is None) != (row["done_at"] is None) for row in notes)
        repeats = len(receiver.asked) - len(runs)
        print(f"{database}: {len(runs)} runs, {KILLS} kills; p95 {p95:.2f} s, {repeats} repeats;")
        print(f"the other: {Counter(one.event[0] for one in bad.deliveries)}")
        assert p95 <= PROMISED_S
