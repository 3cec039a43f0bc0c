"""Which steps may move, when a batch ends, and what becomes of a run."""

from __future__ import annotations

import pytest

from runs import states
from runs.states import BatchDecision, Candidate


def test_every_move_leads_to_a_known_state() -> None:
    for table in (states.RUN_MOVES, states.STEP_MOVES):
        for targets in table.values():
            assert targets <= set(table)


@pytest.mark.parametrize(
    ("parents", "ready"),
    [
        ((), True),
        ((("completed", False), ("completed", True)), True),
        ((("completed", False), ("running", True)), None),
        ((("failed", True), ("skipped", True)), True),
        ((("skipped", False), ("completed", False)), False),
        ((("skipped", False), ("waiting", False)), None),
        ((("expanded", True),), None),
    ],
)
def test_a_step_moves_once_all_before_it_is_over(
    parents: tuple[tuple[str, bool], ...], ready: bool | None
) -> None:
    moves = states.schedule([Candidate(1, parents)])
    assert (moves.ready == (1,), moves.skipped == (1,)) == (ready is True, ready is False)
    special = states.schedule([Candidate(1, parents, is_plain=False)])
    assert special.ready == ()
    assert (special.due == (1,), special.skipped) == (ready is True, moves.skipped)


@pytest.mark.parametrize(
    ("items", "partial", "then"),
    [
        ({}, False, BatchDecision(ends="completed")),
        ({"pending": 9}, False, BatchDecision(ready=3)),
        ({"pending": 9, "ready": 1, "running": 1}, False, BatchDecision(ready=1)),
        ({"pending": 9, "running": 3, "completed": 2}, True, BatchDecision()),
        ({"pending": 1, "waiting": 3}, False, BatchDecision(ready=1)),
        ({"waiting": 1, "completed": 3}, False, BatchDecision()),
        ({"completed": 3}, False, BatchDecision(ends="completed")),
        ({"pending": 2, "failed": 1}, False, BatchDecision(gives_up=True, ends="failed")),
        ({"pending": 2, "failed": 1, "running": 1}, False, BatchDecision(gives_up=True)),
        (
            {"failed": 1, "completed": 1, "skipped": 2},
            False,
            BatchDecision(gives_up=True, ends="failed"),
        ),
        ({"pending": 2, "failed": 1}, True, BatchDecision(ready=2)),
        ({"failed": 1, "completed": 1}, True, BatchDecision(ends="completed")),
        ({"failed": 2}, True, BatchDecision(ends="failed")),
        ({"skipped": 1, "completed": 1}, True, BatchDecision(ends="skipped")),
    ],
)
def test_a_batch_goes_on_and_ends(
    items: dict[str, int], partial: bool, then: BatchDecision
) -> None:
    assert states.decide_batch(items, concurrency=3, allow_partial=partial) == then


@pytest.mark.parametrize(
    ("items", "ends"),
    [
        ({"pending": 2}, "skipped"),
        ({"pending": 2, "running": 1}, None),
        ({"completed": 2}, "completed"),
        ({"completed": 1, "failed": 1}, "failed"),
    ],
)
def test_a_batch_of_a_run_that_ends_begins_nothing(items: dict[str, int], ends: str | None) -> None:
    moves = states.decide_batch(items, concurrency=3, allow_partial=True, gives_up=True)
    assert moves == BatchDecision(gives_up=True, ends=ends)


@pytest.mark.parametrize(
    ("steps", "final"),
    [
        ([("completed", "stop"), ("skipped", "stop")], "completed"),
        ([("completed", "stop"), ("pending", "stop")], None),
        ([("failed", "stop"), ("running", "stop")], None),
        ([("failed", "retry_once"), ("expanded", "stop")], None),
        ([("failed", "stop"), ("skipped", "stop"), ("completed", "stop")], "failed"),
        ([("failed", "continue"), ("completed", "stop")], "partial_failure"),
        ([("failed", "skip"), ("skipped", "stop")], "failed"),
        ([("failed", "skip"), ("waiting", "stop")], None),
    ],
)
def test_what_becomes_of_a_run(steps: list[tuple[str, str]], final: str | None) -> None:
    assert states.outcome(steps) == final
