"""A step whose worker died, froze or was told to stop soon runs again elsewhere."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from builder.settings import LEASE_S, SWEEP_S
from tests.support.faults.kept_waiting import Record
from tests.support.faults.workers import (
    Freezer,
    Held,
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
from tests.support.waiting import Late, wait_for

WORKERS = 3
SITE_OPTIONS = {"workers": WORKERS}
# Of time in which the machine let them work.
AGAIN_S = 2.0
FROZEN_AGAIN_S = LEASE_S + SWEEP_S + 1.0
PATH = "/v1/creative-agent/workflows"


@pytest.fixture(scope="module")
def alice(site: Site) -> Iterator[httpx.Client]:
    with site.client(site.key("alice")) as client:
        yield client


def log_of(client: httpx.Client, run_id: str) -> list[dict[str, Any]]:
    return client.get(f"{PATH}/{run_id}/events").json()["data"]["events"]


def slept(client: httpx.Client, seconds: float, until: Path | str = "") -> str:
    """A run of one sleeping step. until: a file that ends it earlier."""
    arguments = {"seconds": seconds, "until": str(until)}
    step = {"id": "nap", "toolName": "sleep", "arguments": arguments}
    return start(client, {"input": {"steps": [step]}})["id"]


def check_promise(
    how: str, taken: list[tuple[float, float]], waited: list[float], s: float
) -> None:
    """Compare when steps ran again, less what the machine kept them waiting, with `s` seconds."""
    print_times(how, taken)
    shown = ", ".join(f"{seconds:.2f}" for seconds in waited)
    print(f"of which for a CPU and the disk: {shown} s")
    slowest = max(again - less for (_, again), less in zip(taken, waited, strict=True))
    if slowest > s:
        raise Late(f"{how}: {slowest:.2f} s, not {s:.2f} s, with {shown} s taken off {taken}")


def test_killed_workers_step_runs_again_within_two_seconds(site: Site, alice: httpx.Client) -> None:
    taken, waited = [], []
    for _ in range(3):
        wait_for(lambda: all_ready(site, WORKERS), "every worker idle")
        run_id = slept(alice, 300)
        _, pid, held = holder(site, run_id)
        with Record(site) as record:
            fault = kill(held, pid)
            wait_for(lambda held=held: runs_again(alice, held), "the step running again")
        back, again = after_fault(log_of(alice, run_id), held)
        taken.append((back - fault.at, again - fault.at))
        waited.append(record.between(fault.at, again))
        alice.post(f"{PATH}/{run_id}/cancel")
    check_promise("kill -9, workers idle", taken, waited, AGAIN_S)


def test_frozen_workers_step_runs_again_after_its_lease(
    site: Site, alice: httpx.Client, tmp_path: Path
) -> None:
    run_id = slept(alice, 300)
    place, pid, held = holder(site, run_id)
    with Freezer(site) as freezer:
        fault = freezer.freeze(held, pid, 600, anywhere=False)
        with Record(site) as record:
            wait_for(lambda: runs_again(alice, held), "the step running again")
        back, again = after_fault(log_of(alice, run_id), held)
    taken = (back - fault.at, again - fault.at)
    waited = record.between(fault.at, again)
    check_promise("SIGSTOP, workers idle", [taken], [waited], FROZEN_AGAIN_S)
    # Awake again, it learns that its step is another's, and takes new work.
    wait_for(lambda: held_by(site, held.life) is None, "the late worker to let go")
    assert alice.post(f"{PATH}/{run_id}/cancel").json()["data"]["transitioned"] is True
    before = log_of(alice, run_id)
    # None ends before each worker has one.
    others = [slept(alice, 300, until=tmp_path / "go") for _ in range(WORKERS)]
    wait_for(lambda: held_by(site, held.life), "the late worker at work again")
    (tmp_path / "go").touch()
    for other in others:
        assert finished(alice, other)["status"] == "completed"
    assert log_of(alice, run_id) == before
    assert worker_lives(site)[place] == (pid, held.life)


def runs_again(client: httpx.Client, held: Held) -> bool:
    (step,) = snapshot(client, held.run)["steps"]
    return step["attempt"] > held.attempt and step["status"] == "running"


def test_stopped_worker_hands_its_step_back(
    site: Site, alice: httpx.Client, tmp_path: Path
) -> None:
    run_id = slept(alice, 300, until=tmp_path / "go")
    _, pid, held = holder(site, run_id)
    os.kill(pid, signal.SIGTERM)
    wait_for(lambda: runs_again(alice, held), "the step running again")
    (tmp_path / "go").touch()
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
    wait_for(lambda: all_ready(site, WORKERS), "as many workers as before")


def test_short_step_is_finished_before_its_worker_stops(
    site: Site, alice: httpx.Client, tmp_path: Path
) -> None:
    run_id = slept(alice, 60, until=tmp_path / "go")
    _, pid, held = holder(site, run_id)
    # A step that is claimed but not begun is handed back at once; one with progress is at work.
    wait_for(lambda: snapshot(alice, run_id)["steps"][0]["progress"], "the step at work")
    # Both are there when it goes on, so that on a busy machine its two seconds hold the end.
    os.kill(pid, signal.SIGSTOP)
    (tmp_path / "go").touch()
    os.kill(pid, signal.SIGTERM)
    os.kill(pid, signal.SIGCONT)
    done = finished(alice, run_id)
    assert done["status"] == "completed"
    attempts = rows(site, "SELECT worker FROM runs_attempt WHERE step_id = ?", held.step_id)
    assert [attempt["worker"] for attempt in attempts] == [held.life]
