"""A template as it would be with a draft accepted."""

from __future__ import annotations

from typing import Any

import pytest

from builder.shared.draft_as_change import proposed

DRAFT: dict[str, Any] = {
    "name": "Dunes",
    "description": "A film.",
    "category": "cinematic",
    "tags": [],
    "brief": "a film of dunes",
    "inputs": [],
    "stages": [{"id": "shot", "type": "fixed", "tool": "note", "args": {}}],
    "graph": {"nodes": []},
}
PLANNED = {**DRAFT, "metadata": {"plannedBy": "a model"}}
EMPTY: dict[str, Any] = {"name": "Untitled template", "stages": []}


@pytest.mark.parametrize("before", [EMPTY, {"name": "Mine", "stages": DRAFT["stages"]}])
def test_a_draft_carries_the_model_that_planned_it(before: dict[str, Any]) -> None:
    assert proposed(before, PLANNED)["metadata"] == {"plannedBy": "a model"}
    with_more = {**before, "metadata": {"note": "kept", "plannedBy": "an older model"}}
    assert proposed(with_more, PLANNED)["metadata"] == {"note": "kept", "plannedBy": "a model"}
    assert proposed({**before, "metadata": 3}, PLANNED)["metadata"] == {"plannedBy": "a model"}


def test_a_draft_without_a_model_says_nothing_of_one() -> None:
    assert "metadata" not in proposed(EMPTY, DRAFT)
    kept = {"plannedBy": "a model"}
    assert proposed({**EMPTY, "metadata": kept}, DRAFT)["metadata"] == kept
