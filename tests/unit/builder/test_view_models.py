"""What the pages of runs say."""

from __future__ import annotations

from typing import Any

import pytest

from builder.shared import run_display
from builder.web.runs_pages import stage_rows
from builder.web.runs_pages.view_models import STRIP, main_result, segments
from runs import states
from runs.web.wire_states import step_status


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0.0 s"),
        (0.44, "0.4 s"),
        (1, "1 s"),
        (59.4, "59 s"),
        (59.6, "1:00"),
        (72, "1:12"),
        (3600, "1:00:00"),
        (3725, "1:02:05"),
    ],
)
def test_lengths_of_time_are_short(seconds: float, said: str) -> None:
    assert run_display.lasting(seconds) == said


def test_every_state_has_a_word_and_a_pill() -> None:
    on_the_wire = {step_status(state) for state in states.STEP_STATES}
    assert set(run_display.STEP_WORDS) == on_the_wire
    assert set(run_display.RUN_WORDS) == set(states.RUN_STATES)
    for words in (run_display.STEP_WORDS, run_display.RUN_WORDS):
        for one in run_display.pills(words):
            assert one["word"]
            # Never by color alone: a glyph or the word's dot is beside it.
            assert {"look", "glyph"} <= one.keys()


def step(status: str = "completed", **more: Any) -> dict[str, Any]:
    shape = {"id": "a", "title": "A", "toolName": "noop", "status": status, "artifacts": []}
    return {**shape, "dependsOn": [], "cost": {"estimated": 1}, "progress": 0.0, **more}


def test_a_draft_says_so_and_what_it_could_not_do() -> None:
    made = [{"metadata": {"draft": True}}]
    result = {"warnings": ["It could not follow “slow motion”."]}
    said = stage_rows.note(step(artifacts=made, result=result), {})
    assert said == "Draft quality, made by the built-in studio. It could not follow “slow motion”."


def test_a_failure_says_its_headline() -> None:
    error = {"message": "The music provider is full.", "headline": "Musicbox failed. Retry."}
    assert stage_rows.note(step("failed", error=error), {}) == "Musicbox failed. Retry."


@pytest.mark.parametrize(
    ("sources", "said"),
    [
        ([], ""),
        (["s"], "Waiting for Shots"),
        (["s", "m"], "Waiting for Shots and Score"),
        (["s", "m", "s"], "Waiting for Shots and Score"),
        (["s", "m", "v", "t"], "Waiting for Shots, Score and 2 more"),
        (["$input_media"], ""),
    ],
)
def test_a_stage_says_what_it_waits_for(sources: list[str], said: str) -> None:
    titles = {"s": "Shots", "m": "Score", "v": "Voice", "t": "Title"}
    waiting = step("pending", dependsOn=[{"sourceStepId": source} for source in sources])
    assert stage_rows.note(waiting, titles) == said


def test_a_long_run_keeps_its_proportions_in_a_short_bar() -> None:
    steps = [("completed", 1.0)] * 500 + [("pending", 0.0)] * 500
    shown = segments(steps)
    assert len(shown) == STRIP
    assert [state for state, _ in shown].count("completed") == STRIP // 2


def test_time_left_is_known_only_with_history() -> None:
    known = [
        {"status": "running", "progress": 0.5, "usual_ms": 4000},
        {"status": "pending", "progress": 0, "usual_ms": 3000},
        {"status": "completed", "progress": 1, "usual_ms": ""},
    ]
    assert stage_rows.time_left(known) == 5.0
    assert (
        stage_rows.time_left([*known, {"status": "pending", "progress": 0, "usual_ms": ""}]) is None
    )
    assert stage_rows.time_left([]) is None


def test_the_film_is_the_last_video_else_the_last_medium() -> None:
    image, video, model = {"type": "image"}, {"type": "video"}, {"type": "model"}
    assert main_result({"artifacts": [image, video, {"type": "image", "n": 2}]}) is video
    assert main_result({"artifacts": [image, model]}) is model
    assert main_result({"artifacts": [video, model]}) is video
    assert main_result({"artifacts": []}) is None
