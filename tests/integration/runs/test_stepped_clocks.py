"""A clock that was set back or forward by an hour holds up no step, no lease and no duty."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from runs import states
from runs.engine import clock_changes, lease, reclaiming, sweep, worker_registry
from runs.engine.worker_registry import Registration
from runs.models import Event, Heartbeat, Step, Worker
from tests.support.builders.running import (
    chain,
    finish,
    start,
    status_after_work,
    status_of,
    statuses,
    take,
    work_off,
)
from tests.support.effort import is_read

pytestmark = pytest.mark.django_db(transaction=True)
HOUR = timedelta(hours=1)


class Clock:
    """This machine's wall clock, which a test sets. Postgres keeps its own."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.offset = timedelta()
        patch.setattr(timezone, "now", lambda: datetime.now(tz=UTC) + self.offset)

    def step(self, by: timedelta) -> None:
        self.offset += by


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def test_a_step_that_was_ready_before_the_clock_was_set_back(alice: User, clock: Clock) -> None:
    run = start(alice, chain("noop", 3))
    clock.step(-HOUR)
    sweep.sweep()
    assert status_after_work(run) == states.COMPLETED


def test_a_lost_worker_is_replaced_within_a_lease_of_the_new_clock(alice: User) -> None:
    run = start(alice, chain("noop", 1))
    take(run, "dead")
    # What a clock leaves behind that is set back by an hour; Postgres reads its own.
    Step.objects.update(lease_until=lease.due(3600))
    assert sweep.sweep() == 0
    assert Step.objects.filter(lease_until__lte=lease.due(5)).exists()
    Step.objects.update(lease_until=lease.due(-1))
    assert sweep.sweep() == 1
    assert status_after_work(run) == states.COMPLETED


def test_a_step_that_was_handed_back_after_the_clock_was_set_back(
    alice: User, clock: Clock
) -> None:
    run = start(alice, chain("noop", 1))
    take(run, "dead")
    clock.step(-HOUR)
    reclaiming.release_worker("dead")
    assert status_after_work(run) == states.COMPLETED


def test_a_failed_step_rests_no_longer_than_a_service_may_ask(alice: User, clock: Clock) -> None:
    run = start(alice, [{"id": "a", "toolName": "fail", "arguments": {"times": 1}}])
    work_off()
    Step.objects.update(not_before=lease.due(3600))
    sweep.sweep()
    assert status_after_work(run) == states.COMPLETED


def test_rest_that_a_failure_earned_is_kept(alice: User) -> None:
    run = start(alice, [{"id": "a", "toolName": "fail", "arguments": {"times": 1}}])
    Step.objects.update(failures=1, not_before=lease.due(600))
    assert clock_changes.clamp_future_times() == 0
    assert work_off() == 0
    assert statuses(run) == {"a": "ready"}


def test_a_sweeper_that_died_before_the_clock_was_set_back_is_replaced(db: None) -> None:
    assert sweep.is_elected(reclaiming.SWEEPER, "dead", 4)
    assert sweep.is_elected("chore:tidy", "dead", 10)
    Heartbeat.objects.update(until=lease.due(3600))
    assert sweep.is_elected(reclaiming.SWEEPER, "alive", 4)
    assert sweep.is_elected("chore:tidy", "alive", 10)
    assert not sweep.is_elected(reclaiming.SWEEPER, "other", 4)


def test_the_hourly_pruning_is_not_put_off_by_a_day(db: None) -> None:
    assert sweep.take_turn("pruner", "one", sweep.PRUNE_EVERY_S)
    Heartbeat.objects.update(until=lease.due(25 * 3600))
    assert sweep.take_turn("pruner", "two", sweep.PRUNE_EVERY_S)


def test_a_worker_is_not_alive_because_the_clock_was_set_back(db: None) -> None:
    Registration("gone").refresh()
    assert worker_registry.living_labels()
    Worker.objects.update(seen_at=lease.due(3600))
    assert not worker_registry.living_labels()
    assert [seen.is_alive for seen in worker_registry.workers()] == [False]


def test_holders_are_waited_for_after_the_clock_was_set_forward(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = start(alice, chain("noop", 1))
    claim = take(run, "alive")
    times = {"wall": 0.0, "own": 0.0}
    monkeypatch.setattr(clock_changes.time, "time", lambda: times["wall"])
    monkeypatch.setattr(clock_changes.time, "monotonic", lambda: times["own"])
    watch = clock_changes.ClockMonitor()

    def beat(wall: float = 1.0, own: float = 1.0) -> bool:
        times["wall"] += wall
        times["own"] += own
        return watch.is_steady()

    assert beat()
    Step.objects.update(lease_until=lease.due(-1))
    assert not beat(wall=3600.0)
    sweep.sweep_if_elected("sweeper", is_steady=False)
    assert statuses(run) == {"s0": "running"}
    assert not beat()
    assert lease.renew(claim)
    assert beat()
    sweep.sweep_if_elected("sweeper", is_steady=True)
    finish(claim)
    assert status_of(run) == states.COMPLETED
    # As when this process was stopped, or its machine slept.
    assert not beat(wall=12.0, own=12.0)


def test_times_that_passed_backwards_are_told_as_none(alice: User, clock: Clock) -> None:
    run = start(alice, chain("noop", 1))
    claim = take(run)
    clock.step(-HOUR)
    finish(claim)
    told = Event.objects.filter(run=run, payload__has_key="took_ms").values_list("payload")
    assert status_of(run) == states.COMPLETED
    assert [one["took_ms"] for (one,) in told] == [0, 0]


def test_a_sweep_that_finds_nothing_writes_nothing(alice: User) -> None:
    start(alice, chain("noop", 2))
    with CaptureQueriesContext(connection) as seen:
        sweep.sweep()
    said: list[Any] = [one["sql"] for one in seen]
    assert all(is_read(sql) for sql in said), said
