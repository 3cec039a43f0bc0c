"""Which runs are called stuck, and what staff are told to do."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from runs.engine import stuck
from runs.engine.queue_reasons import QueueState, Reason, reasons
from runs.engine.stuck import Stuck, lasting
from runs.models import Run, Step

NOW = datetime.fromisoformat("2026-03-01T12:00:00+00:00")
BOTH = {"": 2, "cpu": 2}


def queue(living: dict[str, int], idle: dict[str, int]) -> QueueState:
    return QueueState(now=NOW, living=living, idle=idle, paused={"provider:slow": ""})


BUSY = queue(BOTH, {})
IDLE = queue(BOTH, {"": 1, "cpu": 1})
EMPTY = queue({}, {})


def ago(**length: float) -> datetime:
    return NOW - timedelta(**length)


def run(status: str = "running", **fields: Any) -> Run:
    return Run(status=status, **{"created_at": ago(hours=9), "updated_at": ago(minutes=1)} | fields)


def step(status: str, **fields: Any) -> Step:
    usual = {"not_before": ago(hours=1), "started_at": ago(seconds=9), "lease_until": NOW}
    usual |= {"label": "", "assigned_provider": ""}
    return Step(id=7, key="shot", title="Shot", status=status, **usual | fields)


def find(
    run: Run, steps: list[Step], said_at: dict[int, datetime], queue: QueueState
) -> list[Stuck]:
    return stuck.find(run, steps, said_at, queue, reasons(steps, queue))


def only(found: list[Stuck]) -> Stuck:
    [problem] = found
    return problem


def test_a_healthy_run_is_not_stuck() -> None:
    steps = [step("running"), step("pending"), step("ready", not_before=ago(seconds=5))]
    assert find(run(), steps, {}, IDLE) == []
    assert find(run("completed"), [], {}, EMPTY) == []


def test_a_lease_no_one_takes_back_names_who_is_missing() -> None:
    lost = step("running", lease_until=ago(minutes=5))
    problem = only(find(run(), [lost], {}, EMPTY))
    assert (problem.kind, problem.step, problem.can_retry) == ("lease", "shot", True)
    assert "5 min" in problem.why
    assert "make run" in problem.remedy
    assert "Release" in only(find(run(), [lost], {}, IDLE)).remedy


def test_a_worker_that_lives_but_says_nothing_is_noticed() -> None:
    hangs = step("running", started_at=ago(hours=3))
    assert only(find(run(), [hangs], {}, BUSY)).kind == "silent"
    assert "3 h" in only(find(run(), [hangs], {}, BUSY)).why
    assert find(run(), [hangs], {7: ago(minutes=2)}, BUSY) == []


def test_a_ready_step_is_stuck_only_while_a_worker_could_take_it() -> None:
    waits = step("ready", not_before=ago(minutes=10))
    assert only(find(run(), [waits], {}, IDLE)).why.endswith("1 worker is idle.")
    assert find(run(), [waits], {}, BUSY) == []
    assert "no worker is online" in only(find(run(), [waits], {}, EMPTY)).why
    assert find(run(priority=-10), [waits], {}, IDLE) == []
    assert find(run(), [step("ready", not_before=NOW + timedelta(hours=1))], {}, IDLE) == []


def test_a_step_whose_label_no_worker_has_says_which_worker_to_start() -> None:
    waits = step("ready", not_before=ago(minutes=10), label="gpu")
    problem = only(find(run(), [waits], {}, IDLE))
    assert problem.kind == "label"
    assert problem.why == "Shot: ready for 10 min, and no online worker has label gpu."
    assert "`manage.py worker --labels gpu`" in problem.remedy
    assert "no worker is online" in only(find(run(), [waits], {}, EMPTY)).why


def test_a_pause_is_no_fault() -> None:
    waits = step("ready", not_before=ago(hours=9), label="cpu", assigned_provider="slow")
    assert find(run(), [waits], {}, IDLE) == []


def test_a_job_at_its_provider_is_stuck_after_a_day() -> None:
    parked = step("parked", not_before=NOW + timedelta(minutes=1), started_at=ago(days=3))
    fresh = {7: Reason("at_provider", "At the provider", {"since": ago(hours=20)})}
    assert stuck.find(run(updated_at=ago(hours=9)), [parked], {}, BUSY, fresh) == []
    old = {7: Reason("at_provider", "At the provider", {"since": ago(days=3)})}
    problem = only(stuck.find(run(), [parked], {}, BUSY, old))
    assert (problem.kind, problem.why) == ("parked", "Shot: at the provider for 3 days.")


def test_waiting_for_its_owner_is_stuck_after_days() -> None:
    asked = run("waiting_for_user", waiting_reason="select_media_required")
    assert find(asked, [step("waiting")], {}, IDLE) == []
    asked.updated_at = ago(days=9)
    problem = only(find(asked, [step("waiting")], {}, IDLE))
    assert problem.kind == "waiting"
    assert "9 days (a choice)" in problem.why


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ([], "the run hasn't ended"),
        ([step("pending")], "No step is running or can start"),
        ([step("waiting"), step("pending")], "owner hasn't been asked"),
    ],
)
def test_a_standstill_is_noticed(steps: list[Step], said: str) -> None:
    assert find(run(), steps, {}, IDLE) == []
    assert said in only(find(run(updated_at=ago(hours=1)), steps, {}, IDLE)).why


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (59, "59 s"), (60, "1 min"), (7200, "2 h"), (90_000, "25 h"), (200_000, "2 days")],
)
def test_lengths_read_as_people_say_them(seconds: int, words: str) -> None:
    assert lasting(timedelta(seconds=seconds)) == words
