"""What workers do beside their steps: one of them, when it is due, and never at the cost of the
work."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest

from accounts.models import User
from core import clock, server_settings
from runs.engine import periodic
from runs.engine.periodic import PeriodicTasks
from runs.engine.retention import OldRunPurge
from runs.engine.worker import Worker
from runs.models import Heartbeat, Run, Step
from tests.support.builders.running import chain, start, work_off
from tests.support.waiting import WAIT_S

pytestmark = pytest.mark.django_db


@pytest.fixture
def registered(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, periodic.PeriodicTask], None]:
    """The tasks of a test alone: the server's own would work on what other tests left."""
    monkeypatch.setattr(periodic, "_registered", {})
    monkeypatch.setattr(periodic, "_waiting_elsewhere", set())
    return periodic.register


def test_a_worker_does_what_is_due_and_then_rests(registered: Callable) -> None:
    done: list[str] = []

    def tidy() -> float:
        done.append("tidy")
        return 0 if len(done) < 3 else 60

    registered("tidy", tidy)
    tasks = PeriodicTasks("one")
    while len(done) < 3:
        assert tasks.run_due() < 60
    assert 0 < tasks.run_due() <= 60
    assert done == ["tidy"] * 3


def test_a_task_that_never_ends_leaves_the_others_their_turn(registered: Callable) -> None:
    done: set[str] = set()

    def task(name: str) -> float:
        done.add(name)
        return 0

    for name in ("endless", "other", "third"):
        registered(name, partial(task, name))
    tasks = PeriodicTasks("one")
    for _ in range(3):
        tasks.run_due()
    assert done == {"endless", "other", "third"}


def test_only_the_elected_worker_does_it_until_it_is_gone(registered: Callable) -> None:
    done: list[str] = []

    def tidy() -> float:
        done.append("tidy")
        return 0

    registered("tidy", tidy)
    PeriodicTasks("one").run_due()
    PeriodicTasks("two").run_due()
    assert len(done) == 1
    Heartbeat.objects.filter(name="chore:tidy").update(until=clock.now() - timedelta(seconds=1))
    PeriodicTasks("two").run_due()
    assert len(done) == 2


def test_a_task_that_breaks_is_said_once_and_left_for_a_while(
    registered: Callable, caplog: pytest.LogCaptureFixture
) -> None:
    def broken() -> float:
        raise RuntimeError("the broom is gone")

    registered("tidy", broken)
    tasks = PeriodicTasks("one")
    with caplog.at_level(logging.ERROR):
        tasks.run_due()
        tasks.run_due()
    assert caplog.text.count("periodic task tidy of one failed") == 1


def test_a_worker_that_stops_does_not_wait_for_servers_of_others(
    registered: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, answered = threading.Event(), threading.Event()

    def ask() -> float:
        asked.set()
        answered.wait(WAIT_S)
        return 60

    registered("far", ask, waits_elsewhere=True)
    monkeypatch.setattr(periodic, "is_elected", lambda *_: True)
    tasks = PeriodicTasks("one")
    tasks.start()
    assert asked.wait(WAIT_S)
    tasks.end(within_s=0.01)
    assert tasks.is_alive()
    answered.set()
    tasks.join(WAIT_S)
    assert not tasks.is_alive()


@pytest.mark.django_db(transaction=True)
def test_a_worker_whose_queue_never_ends_cleans_up_all_the_same(
    registered: Callable, alice: User
) -> None:
    old = start(alice, [{"toolName": "noop"}])
    work_off()
    long_ago = clock.now() - timedelta(days=9)
    Run.objects.filter(pk=old.pk).update(created_at=long_ago, finished_at=long_ago)
    endless = [start(alice, chain("noop", 12)) for _ in range(20)]
    purge = OldRunPurge()

    def tidy() -> float:
        purge()
        worker.stop()
        return 60

    registered("old runs", tidy)
    server_settings.known.assume({"KEEP_RUNS_DAYS": 7})
    worker = Worker("busy")
    worker.run()
    assert not Run.objects.filter(pk=old.pk).exists()
    assert Step.objects.filter(run__in=endless, status="ready").exists()
