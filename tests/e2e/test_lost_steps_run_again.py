"""A step whose worker died, froze or was told to stop soon runs again elsewhere."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from builder.settings import LEASE_S, SWEEP_S
from tests.support.faults.workers import (
    Fault,
    Freezer,
    after_fault,
    all_ready,
    held_by,
    holder,
    kill,
    print_times,
    rows,
    worker_lives,
)
from tests.support.server import Site, finished, snapshot, start
from tests.support.waiting import wait_for

WORKERS = 3
SITE_OPTIONS = {"workers": WORKERS}
# What a busy machine may add to the promise.
SLACK_S = 1.0
PATH = "/v1/creative-agent/workflows"


@pytest.fixture(scope="module")
def alice(site: Site) -> Iterator[httpx.Client]:
    with site.client(site.key("alice")) as client:
        yield client


def log_of(client: httpx.Client, run_id: str) -> list[dict[str, Any]]:
    return client.get(f"{PATH}/{run_id}/events").json()["data"]["events"]


def slept(client: httpx.Client, seconds: float) -> str:
    """A run of one sleeping step."""
    step = {"id": "nap", "toolName": "sleep", "arguments": {"seconds": seconds}}
    return start(client, {"input": {"steps": [step]}})["id"]


def queued_s(pids: Iterable[int]) -> dict[str, float]:
    """How long each thread of these processes was ready to run while the CPUs were at other work,
    in seconds, by its folder in `/proc`."""
    threads = [path for pid in pids for path in Path(f"/proc/{pid}/task").glob("*")]
    return {str(path): int((path / "schedstat").read_text().split()[1]) / 1e9 for path in threads}


def test_killed_workers_step_runs_again_within_two_seconds(site: Site, alice: httpx.Client) -> None:
    """Of time in which those who bring it back, the supervisor and the next worker, had a CPU."""
    assert site.program is not None
    supervisor = site.program.process.pid
    taken, queued = [], []
    for _ in range(3):
        wait_for(lambda: all_ready(site, WORKERS), "every worker idle", 40)
        run_id = slept(alice, 300)
        _, pid, held = holder(site, run_id)
        others = set(site.workers()) - {pid}
        before = queued_s({supervisor, *others})
        fault = kill(held, pid)
        wait_for(lambda fault=fault: runs_again(alice, fault), "the step running again")
        _, following, _ = holder(site, run_id)
        after = queued_s({supervisor, following})
        queued.append(sum(time - before.get(thread, 0.0) for thread, time in after.items()))
        back, again = after_fault(log_of(alice, run_id), held)
        taken.append((back - fault.at, again - fault.at))
        alice.post(f"{PATH}/{run_id}/cancel")
    print_times("kill -9, workers idle", taken)
    print(f"of which without a CPU: {', '.join(f'{time:.2f}' for time in queued)} s")
    assert max(again - time for (_, again), time in zip(taken, queued, strict=True)) <= 2.0


def test_frozen_workers_step_runs_again_after_its_lease(site: Site, alice: httpx.Client) -> None:
    run_id = slept(alice, 60)
    place, pid, held = holder(site, run_id)
    with Freezer(site) as freezer:
        fault = freezer.freeze(held, pid, 60, anywhere=False)
        wait_for(lambda: runs_again(alice, fault), "the step running again")
        back, again = after_fault(log_of(alice, run_id), held)
    print_times("SIGSTOP, workers idle", [(back - fault.at, again - fault.at)])
    assert again - fault.at <= LEASE_S + SWEEP_S + SLACK_S
    # Awake again, it learns that its step is another's, and takes new work.
    wait_for(lambda: held_by(site, held.life) is None, "the late worker to let go")
    assert alice.post(f"{PATH}/{run_id}/cancel").json()["data"]["transitioned"] is True
    before = log_of(alice, run_id)
    others = [slept(alice, 1) for _ in range(WORKERS)]
    wait_for(lambda: held_by(site, held.life), "the late worker at work again")
    for other in others:
        assert finished(alice, other)["status"] == "completed"
    assert log_of(alice, run_id) == before
    assert worker_lives(site)[place] == (pid, held.life)


def runs_again(client: httpx.Client, fault: Fault) -> bool:
    (step,) = snapshot(client, fault.held.run)["steps"]
    return step["attempt"] > fault.held.attempt and step["status"] == "running"


def test_stopped_worker_hands_its_step_back(site: Site, alice: httpx.Client) -> None:
    run_id = slept(alice, 5)
    _, pid, held = holder(site, run_id)
    os.kill(pid, signal.SIGTERM)
    done = finished(alice, run_id)
    assert done["status"] == "completed"
    (step,) = rows(site, "SELECT lost_leases, failures FROM runs_step WHERE id = ?", held.step_id)
    assert step == {"lost_leases": 0, "failures": 0}
    attempts = rows(
        site,
        "SELECT worker, outcome FROM runs_attempt WHERE step_id = ? ORDER BY number",
        held.step_id,
    )
    assert [attempt["outcome"] for attempt in attempts] == ["returned", "done"]
    assert attempts[1]["worker"] != held.life
    # Its place is taken by a new life.
    wait_for(lambda: all_ready(site, WORKERS), "as many workers as before", 40)


def test_short_step_is_finished_before_its_worker_stops(site: Site, alice: httpx.Client) -> None:
    run_id = slept(alice, 2)
    _, pid, held = holder(site, run_id)
    # A step that is claimed but not begun is handed back at once; one with progress is at work.
    wait_for(lambda: snapshot(alice, run_id)["steps"][0]["progress"], "the step at work")
    os.kill(pid, signal.SIGTERM)
    done = finished(alice, run_id)
    assert done["status"] == "completed"
    attempts = rows(site, "SELECT worker FROM runs_attempt WHERE step_id = ?", held.step_id)
    assert [attempt["worker"] for attempt in attempts] == [held.life]
