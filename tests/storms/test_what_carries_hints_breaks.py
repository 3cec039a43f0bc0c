"""Procrastinate's tables are emptied and its worker is killed; PgBouncer is before Postgres."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.faults.hosts import namespaces
from tests.support.faults.hosts.campaign import weathered
from tests.support.faults.hosts.machines import Cluster
from tests.support.faults.hosts.pooler import PooledCluster
from tests.support.faults.hosts.traffic import RUNS, until_answered
from tests.support.waiting import wait_for

pytestmark = pytest.mark.slow
FAULTS = 12


@pytest.fixture(autouse=True, scope="module")
def _namespaces() -> None:
    namespaces.require()


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    with Cluster(tmp_path) as cluster:
        cluster.start()
        yield cluster


def begin(cluster: Cluster, key: str, *steps: dict[str, Any]) -> str:
    """Start a run of these steps; its id."""
    said, _ = until_answered(cluster, 0, "POST", RUNS, {"input": {"steps": steps}}, key)
    return str(said["data"]["workflow"]["workflowId"])


def read(cluster: Cluster, key: str, run: str) -> dict[str, Any]:
    said, _ = until_answered(cluster, 1, "GET", f"{RUNS}/{run}", None, key)
    found: dict[str, Any] = said["data"]["workflow"]
    return found


def completes(cluster: Cluster, key: str, run: str, within_s: float) -> None:
    """Wait for it."""
    wait_for(lambda: read(cluster, key, run)["status"] == "completed", f"end of {run}", within_s)


def test_emptied_tables_lose_and_double_nothing(cluster: Cluster) -> None:
    weights = {"empty Procrastinate": 12, "restart Postgres": 1, "lose a machine": 1}
    outcome = weathered(cluster, 4, faults=FAULTS, longest_s=9.0, weights=weights)
    assert outcome.faults["empty Procrastinate"] >= 2
    assert not outcome.wrong()


def test_pgbouncer_between_loses_and_doubles_nothing(tmp_path: Path) -> None:
    with PooledCluster(tmp_path) as cluster:
        cluster.start()
        outcome = weathered(cluster, 5, faults=FAULTS, longest_s=9.0)
        assert outcome.count >= FAULTS - 3
        assert not outcome.wrong()


def test_a_worker_that_is_killed_with_its_job_is_replaced(cluster: Cluster) -> None:
    """Only its machine has the label. Its job stays behind and keeps no one waiting."""
    key = cluster.key("alice")
    cluster.machines["mixed-1"].die(600)
    # Just too short to be parked.
    chain = [
        {
            "id": f"s{place}",
            "toolName": "buy_gpu",
            "arguments": {"seconds": 0.25},
            "dependsOn": [f"s{place - 1}"] if place else [],
        }
        for place in range(4)
    ]
    runs = []

    def holds_a_job() -> bool:
        """Of a run that came while it slept: else its own look was quicker than the job."""
        runs.append(begin(cluster, key, *chain))
        doing = "SELECT 1 FROM procrastinate_jobs WHERE status = 'doing' AND queue_name = 'gpu'"
        end = time.monotonic() + 1
        while time.monotonic() < end:
            if cluster.rows(doing):
                return True
        completes(cluster, key, runs[-1], 60)
        return False

    for _ in range(3):
        wait_for(holds_a_job, "a job in hand", 60)
        assert cluster.machines["gpu-1"].signal("worker-1", signal.SIGKILL)
        for run in runs:
            completes(cluster, key, run, 60)
    assert set(cluster.service.hosts["gpu-farm"]) == {"gpu-1"}
    assert set(cluster.service.charged.values()) == {1}
