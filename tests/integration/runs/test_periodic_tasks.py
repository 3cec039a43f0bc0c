"""What idle workers do: one of them, when it is due, and never at the cost of the work."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import timedelta

import pytest

from core import clock
from runs.engine import periodic
from runs.engine.periodic import PeriodicTasks, TasksBeside
from runs.models import Heartbeat

pytestmark = pytest.mark.django_db


@pytest.fixture
def registered(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, periodic.PeriodicTask], None]:
    """The tasks of a test alone: the server's own would work on what other tests left."""
    monkeypatch.setattr(periodic, "_registered", {})
    return periodic.register


def test_an_idle_worker_does_what_is_due_and_then_rests(registered: Callable) -> None:
    done: list[str] = []

    def tidy() -> float:
        done.append("tidy")
        return 0 if len(done) < 3 else 60

    registered("tidy", tidy)
    idle = PeriodicTasks("one")
    assert [idle.run_due() for _ in range(5)] == [True, True, False, False, False]
    assert done == ["tidy"] * 3


def test_only_the_elected_worker_does_it_until_it_is_gone(registered: Callable) -> None:
    done: list[str] = []

    def tidy() -> float:
        done.append("tidy")
        return 0

    registered("tidy", tidy)
    assert PeriodicTasks("one").run_due()
    assert not PeriodicTasks("two").run_due()
    Heartbeat.objects.filter(name="chore:tidy").update(until=clock.now() - timedelta(seconds=1))
    assert PeriodicTasks("two").run_due()
    assert len(done) == 2


def test_a_task_that_breaks_is_said_once_and_left_for_a_while(
    registered: Callable, caplog: pytest.LogCaptureFixture
) -> None:
    def broken() -> float:
        raise RuntimeError("the broom is gone")

    registered("tidy", broken)
    idle = PeriodicTasks("one")
    with caplog.at_level(logging.ERROR):
        assert not idle.run_due()
        assert not idle.run_due()
    assert caplog.text.count("periodic task tidy of one failed") == 1


def test_what_waits_for_others_is_done_beside_the_steps(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(periodic, "_registered_beside", {})
    asked, answered = threading.Event(), threading.Event()

    def ask() -> float:
        asked.set()
        answered.wait(30)
        return 60

    periodic.register_beside("far", ask)
    monkeypatch.setattr(periodic, "elected", lambda *_: True)
    assert not PeriodicTasks("one").run_due()
    beside = TasksBeside("one")
    beside.start()
    assert asked.wait(10)
    # A worker that stops does not wait for it for long.
    beside.end(within_s=0.01)
    assert beside.is_alive()
    answered.set()
    beside.join(10)
    assert not beside.is_alive()
