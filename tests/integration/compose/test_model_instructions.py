"""What a model is told it can say is what the rules understand, and what the tools take."""

from __future__ import annotations

import re

import pytest
from pytest_django import Settings

from compose.drafting import DraftRequest, draft
from compose.model.brief_answer import Transition
from compose.model.instructions import CHANGE
from compose.template_plan.edit import edited
from tools import registry
from tools.declaration.schema import parameter_schemas

pytestmark = pytest.mark.django_db
_WORDS = re.search(r"^words: .*?^remove:", CHANGE, re.DOTALL | re.MULTILINE)
assert _WORDS
EXAMPLES = [" ".join(found.split()) for found in re.findall(r'"([^"]+)"', _WORDS[0])]


@pytest.mark.parametrize("example", EXAMPLES)
def test_each_example_of_words_is_understood(example: str, settings: Settings) -> None:
    settings.COMPOSE = {}
    has_music = example in ("no music", "cut on the beat")
    brief = "1. A candle is lit. 2. Wax is poured. 3. A window glows. 16:9"
    body = draft(DraftRequest(brief, "Wax", include_audio=has_music, scene_count=3)).template
    text = example.replace("<words>", "Light is work").replace("<what is seen>", "a street")
    found = edited(body, text, (), registry.table())
    assert found.changes, found.warnings
    assert not found.warnings


def test_transitions_are_those_of_the_tool() -> None:
    stitch = registry.table().get("stitch_video")
    assert stitch is not None
    declared = parameter_schemas(stitch)["transition"]["properties"]["type"]["enum"]
    assert {*Transition.__args__} - {""} == {*declared}
