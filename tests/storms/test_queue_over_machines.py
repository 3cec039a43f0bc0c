"""What the queue promises over machines: limits, pauses and labels, counted at the service."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.builders.running import chain
from tests.support.faults.hosts import namespaces
from tests.support.faults.hosts.machines import Cluster
from tests.support.faults.hosts.traffic import RUNS, until_answered
from tests.support.waiting import wait_for

pytestmark = pytest.mark.slow
CPU = "cpu,remote"
# Eight workers on three machines, none of them for GPU work.
WORKERS = {"cpu-1": (CPU,) * 3, "cpu-2": (CPU,) * 3, "cpu-3": (CPU,) * 2}
LIMIT = 3
# Just too short to be parked.
SHORT_S = 0.25


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    namespaces.require()
    home: Path = tmp_path_factory.mktemp("machines")
    with Cluster(home, workers={**WORKERS, "gpu-1": ("gpu",)}) as cluster:
        cluster.start()
        cluster.machines["gpu-1"].die(600)
        yield cluster


@pytest.fixture(scope="module")
def key(cluster: Cluster) -> str:
    return cluster.key("alice")


def providers(cluster: Cluster, *words: str) -> None:
    with cluster.commands("cpu-1") as commands:
        commands.run("providers", *words)
    # What is promised of it: all machines heed it within a second.
    time.sleep(1)


def begin(cluster: Cluster, key: str, number: int, tool: str, seconds: float) -> str:
    step = {"id": "a", "toolName": tool, "arguments": {"seconds": seconds}}
    return begin_steps(cluster, key, number, [step])


def begin_steps(cluster: Cluster, key: str, number: int, steps: list[dict[str, Any]]) -> str:
    said, _ = until_answered(cluster, number, "POST", RUNS, {"input": {"steps": steps}}, key)
    return str(said["data"]["workflow"]["workflowId"])


def read(cluster: Cluster, key: str, run: str) -> dict[str, Any]:
    said, _ = until_answered(cluster, 1, "GET", f"{RUNS}/{run}", None, key)
    found: dict[str, Any] = said["data"]["workflow"]
    return found


def complete(cluster: Cluster, key: str, runs: list[str]) -> None:
    for run in runs:
        wait_for(
            lambda run=run: read(cluster, key, run)["status"] == "completed", f"end of {run}", 90
        )


# Longer than the provider's patience: parked jobs count, too.
@pytest.mark.parametrize("seconds", [0.2, 0.8])
def test_a_limit_holds_for_eight_workers_on_three_machines(
    cluster: Cluster, key: str, seconds: float
) -> None:
    providers(cluster, "limit", "once", "--at-once", str(LIMIT))
    cluster.service.peak.clear()
    runs = [begin(cluster, key, number, "buy_once", seconds) for number in range(16)]
    # One that dies must neither keep its share nor let another one begin too early.
    cluster.machines["cpu-2"].signal("worker-1", signal.SIGKILL)
    complete(cluster, key, runs)
    assert 1 < cluster.service.peak["once"] <= LIMIT
    assert {cluster.service.charged[f"{run}:a:1"] for run in runs} == {1}
    assert len(cluster.service.hosts["once"]) > 1, "more than one machine works"


def test_a_pause_and_its_end_lose_nothing(cluster: Cluster, key: str) -> None:
    providers(cluster, "pause", "findable", "--reason", "Maintenance")
    runs = [begin(cluster, key, number, "buy_findable", 0.0) for number in range(6)]
    other = begin(cluster, key, 0, "note", 0.0)
    complete(cluster, key, [other])
    (step,) = read(cluster, key, runs[0])["steps"]
    assert step.get("queueReason") == "provider_paused", step
    assert "Maintenance" in step["message"]
    assert not any(cluster.service.charged[f"{run}:a:1"] for run in runs)
    providers(cluster, "resume", "findable")
    complete(cluster, key, runs)
    assert {cluster.service.charged[f"{run}:a:1"] for run in runs} == {1}


def test_gpu_work_waits_for_a_machine_with_a_gpu(cluster: Cluster, key: str) -> None:
    runs = [begin(cluster, key, number, "buy_gpu", 0.0) for number in range(4)]

    def says_so() -> bool:
        (step,) = read(cluster, key, runs[0])["steps"]
        return step.get("queueReason") == "label_missing" and "label gpu" in step["message"]

    # The machine that was lost counts as living for a moment.
    wait_for(says_so, "the reason", 60)
    others = [begin(cluster, key, number, "note", 0.0) for number in range(4)]
    complete(cluster, key, others)
    assert not cluster.service.hosts["gpu-farm"]
    # It comes back.
    cluster.machines["gpu-1"].off_until = 1.0
    complete(cluster, key, runs)
    assert set(cluster.service.hosts["gpu-farm"]) == {"gpu-1"}


def test_a_worker_that_is_killed_with_its_job_is_replaced(cluster: Cluster, key: str) -> None:
    """Only its machine has the label. Its job stays behind and keeps no one waiting."""
    steps = chain("buy_gpu", 4, seconds=SHORT_S)
    cluster.machines["gpu-1"].off_until = 1.0
    runs = []

    def holds_a_job() -> bool:
        """Of a run that came while it slept: else its own look was quicker than the job."""
        runs.append(begin_steps(cluster, key, 0, steps))
        doing = "SELECT 1 FROM procrastinate_jobs WHERE status = 'doing' AND queue_name = 'gpu'"

        def look() -> str:
            if cluster.rows(doing):
                return "held"
            return "over" if read(cluster, key, runs[-1])["status"] == "completed" else ""

        return wait_for(look, "a job in hand, or the end of the run") == "held"

    for _ in range(3):
        wait_for(holds_a_job, "a job in hand", 60)
        assert cluster.machines["gpu-1"].signal("worker-1", signal.SIGKILL)
        complete(cluster, key, runs)
    assert set(cluster.service.hosts["gpu-farm"]) == {"gpu-1"}
    assert set(cluster.service.charged.values()) == {1}
