"""Placeholders are inputs that every shot naming them takes, and are shown to no one as such."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from compose.drafting import DraftRequest, draft, problems_of

pytestmark = pytest.mark.django_db
RAW = re.compile(r"\{\w+\}|\[(?!Chorus|Verse|Bridge)[A-Za-z]\w*\]|<\w+>")
BRIEFS = (
    "A teaser for {product} in [city], three shots, with captions",
    "{product}",
    "A birthday song for {name} with a cover image",
    'A 10 second ad for {product}: caption says "Buy {product} now"',
    "Birthday video for [name], three scenes: balloons rising, a cake, friends cheering",
    "Product video for {product}, three languages, same pictures",
    "A poster of <animal> in watercolor",
    'Put my product photo on {surface}, then add the text "Fresh {product}"',
    'A voice says "Welcome to [city]" over a harbor at dawn',
    "Title card {title}, then {product} on a table, then {product} in a hand",
    "my photo in front of {place}",
    "{{ product name }} turning slowly, 5 seconds, cheap: at most 3 credits",
    "Four designs of a logo for {brand}, let me choose one",
)


def template_of(brief: str) -> dict[str, Any]:
    return draft(DraftRequest(brief)).template


def texts_of(value: Any, *, at: str = "") -> Iterator[str]:
    """Every text of a template but the brief, and labels that are counted."""
    if isinstance(value, dict):
        for name, part in value.items():
            if name not in ("brief", "itemLabelTemplate", "overBinding"):
                yield from texts_of(part, at=name)
    elif isinstance(value, list):
        for part in value:
            yield from texts_of(part, at=at)
    elif isinstance(value, str) and not value.startswith("$"):
        yield value


@pytest.mark.parametrize("brief", BRIEFS)
def test_no_placeholder_is_shown_as_it_is_written(brief: str) -> None:
    template = template_of(brief)
    assert problems_of(template) == ()
    assert [text for text in texts_of(template) if RAW.search(text)] == []


@pytest.mark.parametrize(
    ("brief", "files", "tool"),
    [
        ("Animate {product_photo} for 5 seconds, square", {"product_photo"}, "animate_photo"),
        ("Turn {photo} into an oil painting", {"photo"}, "apply_style"),
        ("Put {logo} top left on my clip", {"logo", "clip"}, "overlay_video"),
    ],
)
def test_a_placeholder_named_as_a_file_is_brought(brief: str, files: set[str], tool: str) -> None:
    template = template_of(brief)
    assert {one["name"] for one in template["inputs"] if one["type"] != "text"} == files
    assert [stage["tool"] for stage in template["stages"]] == [tool]


def test_every_shot_takes_what_it_names_with_the_words_around_it() -> None:
    template = template_of("A teaser for {product} in [city], three shots")
    inputs = {one["name"]: one for one in template["inputs"]}
    stages = {one["id"]: one for one in template["stages"]}
    for name in ("product", "city"):
        assert (inputs[name]["required"], inputs[name].get("default")) == (True, None)
        assert stages[name]["args"]["prompt"] == f"$inputs.{name}"
    for number in (1, 2, 3):
        image = stages[f"image_{number}"]
        assert image["tool"] == "edit_image"
        assert "the product in the city" in image["args"]["prompt"]
        assert [ref.split(".")[1] for ref in image["args"]["source_image_url"]] == [
            "product",
            "city",
        ]
    assert template["name"] == "The product in the city teaser"


def test_a_shot_of_nothing_else_takes_the_input_itself() -> None:
    template = template_of("{product}")
    assert template["stages"][0]["args"]["prompt"] == "$inputs.product"
    assert [one["tool"] for one in template["stages"]] == ["generate_image", "animate_photo"]


def test_a_card_of_a_placeholder_reads_what_is_typed() -> None:
    template = template_of("Title card {headline}, then a harbor at dawn")
    overlays = [one for one in template["stages"] if one["tool"] == "overlay_video"]
    assert overlays[0]["args"]["overlays"][0]["text"] == "$inputs.headline"


def test_words_that_no_input_can_be_put_into_are_told() -> None:
    drafted = draft(DraftRequest('A harbor at dawn, a voice says "Welcome to [city]"'))
    narration = next(one for one in drafted.template["inputs"] if one["name"] == "narration")
    assert narration["default"] == "Welcome to the city"
    assert any("“the city”" in warning for warning in drafted.warnings)


def test_a_placeholder_of_a_german_brief_has_no_english_article() -> None:
    texts = list(texts_of(template_of("Ein Film über {name}, wie er im Garten arbeitet")))
    assert "Totale: Name, wie er im Garten arbeitet" in texts
    assert not any("the name" in text.lower() for text in texts)
