"""What a model is told it can do is what the applier does, and what the tools take."""

from __future__ import annotations

import re
from typing import Any, get_args

import pytest
from pytest_django import Settings

from compose.changes.change import ChangeType
from compose.drafting import DraftRequest, draft
from compose.model.brief_answer import Transition
from compose.model.change_answer import edit_of
from compose.model.instructions import CHANGE
from tools import registry
from tools.declaration.schema import parameter_schemas

pytestmark = pytest.mark.django_db
TYPES = get_args(ChangeType)
# One change of each type, of a film of three shots with music; targets are stages by their places.
EXAMPLES: dict[str, dict[str, Any]] = {
    "set": {"target": "shot_1", "field": "prompt", "value": "Slow pan"},
    "input": {"target": "place", "value": "A harbor"},
    "list": {"target": "shots", "value": "A harbor"},
    "remove": {"target": "shot_2"},
    "insert_after": {"target": "image_1", "field": "upscale_image"},
    "label": {"target": "shot_1", "value": "Dawn"},
    "name": {"value": "Dawn"},
    "shot": {"value": "A street", "field": "start"},
    "move": {"target": "shot_1,shot_2", "field": "swap"},
    "duplicate": {"target": "shot_1", "value": "at night"},
    "show": {"target": "shot_1", "value": "A street"},
    "look": {"value": "watercolor"},
    "without": {"value": "people"},
    "replace_words": {"field": "candle", "value": "lamp"},
    "camera": {"value": "slow orbit"},
    "format": {"value": "9:16"},
    "length": {"value": "x2"},
    "transition": {"value": "dissolve"},
    "sound": {"field": "music", "value": "Soft piano"},
    "subtitles": {"value": "Light is work"},
    "title": {"value": "Light is work", "field": "card end red"},
    "logo": {"field": "top-left"},
    "model": {"value": "flux-3-klein"},
    "variations": {"value": "3"},
    "choice": {"target": "image_1", "field": "1", "value": "4"},
    "checkpoint": {"target": "shot_1"},
    "ask": {"value": "candle"},
}


@pytest.mark.parametrize("kind", TYPES)
def test_each_type_of_change_is_explained_and_done(kind: str, settings: Settings) -> None:
    settings.PROVIDERS = {}
    brief = "1. A candle is lit. 2. Wax is poured. 3. A window glows. 16:9"
    request = DraftRequest(brief, "Wax", include_audio=kind != "sound", scene_count=3)
    body = draft(request).template
    inputs = [{"name": "place", "type": "text", "required": False, "default": "A beach"}]
    listed = {"multiple": {"min": 1, "max": 5}, "default": ["A beach"]}
    body["inputs"] = [*body["inputs"], *inputs, {**inputs[0], "name": "shots", **listed}]
    ids = [stage["id"] for stage in body["stages"]]
    change = {"target": "", "field": "", "value": "", **EXAMPLES[kind], "type": kind}
    assert all(name in ids for name in change["target"].split(",") if name[:5] == "image"), ids
    edited = edit_of({"changes": [change], "cannot": ""}, body, (), registry.table(), frozenset())
    assert getattr(edited, "changes", None), edited
    assert re.search(rf"^(?:.*\. )?{kind}:", CHANGE, re.MULTILINE), f"{kind} isn't explained"


def test_transitions_are_those_of_the_tool() -> None:
    stitch = registry.table().get("stitch_video")
    assert stitch is not None
    declared = parameter_schemas(stitch)["transition"]["properties"]["type"]["enum"]
    assert {*Transition.__args__} - {""} == {*declared}
