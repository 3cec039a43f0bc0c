"""What a provider says of its progress gets into the log once a beat, and only when it changed."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import User
from runs.engine.attempt_context import AttemptContext
from runs.models import Run
from tests.support.builders.run_scenes import PATH, expire
from tests.support.builders.running import chain, finish, start, take
from tests.support.clients.api import Api

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def run(alice: User) -> Run:
    return start(alice, chain("note", 1, text="x"))


def told(mine: Api, run: Run) -> list[tuple[float, str]]:
    """Progress and note of each `step_progress` in the log."""
    answer = mine.get(f"{PATH}/{run.public_id}/events").json()["data"]["events"]
    data = [event["data"] for event in answer if event["type"] == "step_progress"]
    return [(entry["progress"], entry.get("note", "")) for entry in data]


def progress_of(mine: Api, run: Run) -> tuple[str, float]:
    step: dict[str, Any] = mine.get(f"{PATH}/{run.public_id}").json()["data"]["workflow"]["steps"][
        0
    ]
    return step["status"], step["progress"]


def test_beats_without_a_change_write_nothing_to_the_log(run: Run, mine: Api) -> None:
    work = AttemptContext(take(run))
    for _ in range(3):
        work.renew()
    assert told(mine, run) == []
    work.progress(0.5, "Half of it")
    for _ in range(3):
        work.renew()
    # Less than a percent: a page would show the same.
    work.progress(0.501, "Half of it")
    work.renew()
    assert told(mine, run) == [(0.5, "Half of it")]


def test_a_small_step_is_logged_at_the_next_beat(run: Run, mine: Api) -> None:
    work = AttemptContext(take(run))
    for percent in (1, 2, 3):
        work.progress(percent / 100)
        work.renew()
    assert told(mine, run) == [(0.01, ""), (0.02, ""), (0.03, "")]
    assert progress_of(mine, run) == ("running", 0.03)


def test_many_reports_between_two_beats_are_one_entry(run: Run, mine: Api) -> None:
    work = AttemptContext(take(run))
    for percent in range(100):
        work.progress(percent / 100, f"Frame {percent}")
    work.renew()
    assert told(mine, run) == [(0.99, "Frame 99")]


def test_a_note_and_a_step_back_are_logged_too(run: Run, mine: Api) -> None:
    work = AttemptContext(take(run))
    for fraction, note in ((0.0, "Fetching"), (0.6, "Drawing"), (0.6, "Encoding"), (0.2, "Mixing")):
        work.progress(fraction, note)
        work.renew()
    assert told(mine, run) == [
        (0.0, "Fetching"),
        (0.6, "Drawing"),
        (0.6, "Encoding"),
        (0.2, "Mixing"),
    ]


def test_nothing_is_told_of_a_step_after_its_end(run: Run, mine: Api) -> None:
    claim = take(run)
    work = AttemptContext(claim)
    work.progress(0.4)
    work.renew()
    finish(claim)
    work.progress(0.8)
    work.renew()
    assert told(mine, run) == [(0.4, "")]
    assert progress_of(mine, run) == ("completed", 1)


def test_progress_of_a_lost_worker_is_gone_in_the_log_and_in_the_step(run: Run, mine: Api) -> None:
    work = AttemptContext(take(run))
    work.progress(0.4)
    work.renew()
    expire(run)
    assert told(mine, run)[-1] == (0.0, "")
    assert progress_of(mine, run) == ("pending", 0)
