"""A step whose worker died, froze or was told to stop soon runs again elsewhere."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from builder.settings import LEASE_S, SWEEP_S
from tests.support.blows import (
    Blow,
    Freezer,
    after_blow,
    all_ready,
    holder,
    in_hand,
    kill,
    lives,
    print_times,
    rows,
)
from tests.support.house import House, finished, snapshot, start
from tests.support.waiting import wait_for

WORKERS = 3
HOUSE = {"workers": WORKERS}
# What a busy machine may add to the promise.
SLACK_S = 1.0
PATH = "/v1/creative-agent/workflows"


@pytest.fixture(scope="module")
def alice(house: House) -> Iterator[httpx.Client]:
    with house.client(house.key("alice")) as client:
        yield client


def log_of(client: httpx.Client, run_id: str) -> list[dict[str, Any]]:
    return client.get(f"{PATH}/{run_id}/events").json()["data"]["events"]


def slept(client: httpx.Client, seconds: float) -> str:
    """A run of one sleeping step."""
    step = {"id": "nap", "toolName": "sleep", "arguments": {"seconds": seconds}}
    return start(client, {"input": {"steps": [step]}})["id"]


def test_killed_workers_step_runs_again_within_two_seconds(
    house: House, alice: httpx.Client
) -> None:
    taken = []
    for _ in range(3):
        wait_for(lambda: all_ready(house, WORKERS), "every worker idle", 40)
        run_id = slept(alice, 30)
        _, pid, held = holder(house, run_id)
        blow = kill(held, pid)
        wait_for(lambda blow=blow: runs_again(alice, blow), "the step running again")
        back, again = after_blow(log_of(alice, run_id), held)
        taken.append((back - blow.at, again - blow.at))
        alice.post(f"{PATH}/{run_id}/cancel")
    print_times("kill -9, workers idle", taken)
    assert max(again for _, again in taken) <= 2.0


def test_frozen_workers_step_runs_again_after_its_lease(house: House, alice: httpx.Client) -> None:
    run_id = slept(alice, 60)
    place, pid, held = holder(house, run_id)
    with Freezer(house) as freezer:
        blow = freezer.freeze(held, pid, 60, anywhere=False)
        wait_for(lambda: runs_again(alice, blow), "the step running again")
        back, again = after_blow(log_of(alice, run_id), held)
    print_times("SIGSTOP, workers idle", [(back - blow.at, again - blow.at)])
    assert again - blow.at <= LEASE_S + SWEEP_S + SLACK_S
    # Awake again, it learns that its step is another's, and takes new work.
    wait_for(lambda: in_hand(house, held.life) is None, "the late worker to let go")
    assert alice.post(f"{PATH}/{run_id}/cancel").json()["data"]["transitioned"] is True
    before = log_of(alice, run_id)
    others = [slept(alice, 1) for _ in range(WORKERS)]
    wait_for(lambda: in_hand(house, held.life), "the late worker at work again")
    for other in others:
        assert finished(alice, other)["status"] == "completed"
    assert log_of(alice, run_id) == before
    assert lives(house)[place] == (pid, held.life)


def runs_again(client: httpx.Client, blow: Blow) -> bool:
    (step,) = snapshot(client, blow.held.run)["steps"]
    return step["attempt"] > blow.held.attempt and step["status"] == "running"


def test_stopped_worker_hands_its_step_back(house: House, alice: httpx.Client) -> None:
    run_id = slept(alice, 5)
    _, pid, held = holder(house, run_id)
    os.kill(pid, signal.SIGTERM)
    done = finished(alice, run_id)
    assert done["status"] == "completed"
    (step,) = rows(house, "SELECT lost_leases, failures FROM runs_step WHERE id = ?", held.step_id)
    assert step == {"lost_leases": 0, "failures": 0}
    attempts = rows(
        house,
        "SELECT worker, outcome FROM runs_attempt WHERE step_id = ? ORDER BY number",
        held.step_id,
    )
    assert [attempt["outcome"] for attempt in attempts] == ["returned", "done"]
    assert attempts[1]["worker"] != held.life
    # Its place is taken by a new life.
    wait_for(lambda: all_ready(house, WORKERS), "as many workers as before", 40)


def test_short_step_is_finished_before_its_worker_stops(house: House, alice: httpx.Client) -> None:
    run_id = slept(alice, 2)
    _, pid, held = holder(house, run_id)
    # A step that is claimed but not begun is handed back at once; one with progress is at work.
    wait_for(lambda: snapshot(alice, run_id)["steps"][0]["progress"], "the step at work")
    os.kill(pid, signal.SIGTERM)
    done = finished(alice, run_id)
    assert done["status"] == "completed"
    attempts = rows(house, "SELECT worker FROM runs_attempt WHERE step_id = ?", held.step_id)
    assert [attempt["worker"] for attempt in attempts] == [held.life]
