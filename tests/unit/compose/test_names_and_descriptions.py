"""What a template of a brief is called, and what is said of it."""

from __future__ import annotations

from typing import Any

import pytest

from compose.drafting import template_name
from compose.plain_settings import read_plain
from compose.template_plan.build import build
from compose.template_plan.presets import with_presets


def body_of(brief: str) -> dict[str, Any]:
    return build(with_presets(read_plain(brief).plan, brief), brief).body


@pytest.mark.parametrize(
    ("brief", "name"),
    [
        ("{stadt} bei Nacht", "Stadt bei Nacht"),
        ("3 shots of [old town] in the rain", "Old town in the rain"),
        ("A cat in {city}, vertical", "A cat in city"),
        ("A teaser for {product} in {city}, 3 shots", "Product in city"),
        # What is left beside the placeholder says nothing.
        ("A poster for {stadt}", "A poster for stadt"),
        ("For {city}", "For city"),
        ("<city>", "City"),
        ("{町}の夜", "町の夜"),
        ("A cat at dawn", "A cat at dawn"),
    ],
)
def test_a_name_is_the_beginning_of_the_words_with_those_of_placeholders(
    brief: str, name: str
) -> None:
    assert body_of(brief)["name"] == name
    assert template_name(brief).casefold() == name.casefold()


@pytest.mark.parametrize(
    ("brief", "description"),
    [
        ("A vertical song about rain", "A song."),
        ("A song about rain, 9:16", "A song."),
        ("Create a vertical voice-over about rain", "A recording with a voice."),
        ("An image of a cat, vertical", "A vertical image."),
    ],
)
def test_what_is_only_heard_has_no_shape(brief: str, description: str) -> None:
    body = body_of(brief)
    assert body["description"] == description
    assert ("vertical" in body["tags"]) == ("vertical" in description)
