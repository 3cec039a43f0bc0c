"""Briefs whose drafts are right, or say what of them is not."""

from __future__ import annotations

from typing import Any

import pytest

from compose.drafting import Draft, DraftRequest, draft

pytestmark = pytest.mark.django_db


def drafted(brief: str) -> Draft:
    return draft(DraftRequest(brief=brief))


def calls_of(answer: Draft, tool: str) -> list[dict[str, Any]]:
    calls = [stage.get("itemStage") or stage for stage in answer.template["stages"]]
    return [call["args"] for call in calls if call.get("tool") == tool]


def prompts_of(answer: Draft) -> str:
    """Return all that images and videos are made of, a line each."""
    drawing = ("generate_image", "edit_image", "animate_photo", "generate_video")
    prompts = [call["prompt"] for tool in drawing for call in calls_of(answer, tool)]
    texts = [str(one.get("default", "")) for one in answer.template["inputs"]]
    return "\n".join(prompts + texts)


def test_what_is_unwanted_is_kept_out_of_each_image() -> None:
    answer = drafted("A real estate tour: living room, kitchen, terrace. No people, no text.")
    images = calls_of(answer, "generate_image")
    assert [image["negativePrompt"] for image in images] == ["people, text"] * 3
    assert "No people" not in prompts_of(answer)
    assert "without people, text" in answer.reading.understood


def test_what_is_unwanted_of_a_song_is_said() -> None:
    answer = drafted("A song about the sea, no swearing")
    assert any("swearing" in words for words in answer.reading.not_understood)
