"""A draft keeps its budget, and a person's own plan and arguments win over the brief's words.

Placeholders are inputs that every shot naming them takes, and are shown to no one as such.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from compose.drafting import Draft, DraftRequest, draft, problems_of
from compose.plan import Plan
from core.errors import InvalidInput
from tests.integration.compose.plans import card, edit, media, open_text, plan, shot
from tests.support.builders.template_facts import Facts

pytestmark = pytest.mark.django_db

SHOTS = tuple(shot(f"a harbor, hour {number}") for number in range(1, 9))
FILM = plan(title="a harbor", scenes=SHOTS, seconds=40, sound={"music": True})


def drafted(brief: Plan, **asked: Any) -> Draft:
    return draft(DraftRequest("", plan=brief, **asked))


def warned(found: Draft, words: str) -> bool:
    return any(words in warning for warning in found.warnings)


@pytest.mark.parametrize(
    ("most", "scenes", "words"),
    [
        (60, 8, "without an image first"),
        (40, 6, "6 of 8 scenes"),
        (11, 1, "1 of 8 scenes"),
    ],
)
def test_a_smaller_budget_first_leaves_out_images_then_scenes_and_the_length_stays(
    most: float, scenes: int, words: str
) -> None:
    found = drafted(FILM, max_units=most)
    facts = Facts(found.template)
    assert facts.scenes() == scenes
    assert found.units <= most
    assert found.fits_budget is True
    assert warned(found, words)
    assert facts.seconds() == pytest.approx(min(40, 30 * scenes), abs=0.5)


def test_then_images_do_not_move() -> None:
    quiet = plan(scenes=SHOTS[:4], sound={"music": False, "speech": False})
    found = drafted(quiet, max_units=5.5)
    assert found.fits_budget is True
    assert found.template["stages"][-1]["tool"] == "generate_image"


@pytest.mark.parametrize("most", [0.0, 0.5])
def test_what_no_draft_can_keep_is_said(most: float) -> None:
    found = drafted(FILM, max_units=most)
    assert found.fits_budget is False
    assert warned(found, "Even the smallest draft takes 1 credit")


def test_an_edit_is_never_made_smaller() -> None:
    clip = media("clip", "video")
    brief = plan(kind="clip_edit", media=(clip,), edits=(edit("style", "watercolor"),))
    found = drafted(brief, max_units=2)
    assert found.fits_budget is False
    assert [stage["tool"] for stage in found.template["stages"]] == ["video_to_video"]


def test_a_list_is_shortened() -> None:
    brief = plan(
        kind="slideshow", repeat={"item_name": "place", "count": 10}, sound={"music": False}
    )
    found = drafted(brief, max_units=30)
    assert Facts(found.template).scenes() == 3
    assert warned(found, "3 of 10 items")


@pytest.mark.parametrize(
    ("asked", "fact", "value"),
    [
        *(({"scene_count": count}, "scenes", count) for count in (1, 12)),
        *(({"duration_seconds": s}, "seconds", pytest.approx(s, rel=0.05)) for s in (6, 120)),
        ({"aspect_ratio": "9:16"}, "shapes", {"9:16"}),
    ],
)
def test_the_callers_arguments_win(asked: dict[str, Any], fact: str, value: Any) -> None:
    template = draft(DraftRequest("Four shots of the sea, 16:9, 10 s, music", **asked)).template
    assert getattr(Facts(template), fact)() == value


def test_the_callers_style_wins() -> None:
    found = draft(DraftRequest("The sea, watercolor", style="film noir"))
    assert "film noir" in found.template["stages"][0]["args"]["prompt"]


@pytest.mark.parametrize("wanted", [True, False])
def test_the_caller_says_whether_there_is_sound(wanted: bool) -> None:
    found = draft(DraftRequest("The sea with soft piano", include_audio=wanted))
    assert Facts(found.template).has("generate_music") is wanted
    silent = draft(DraftRequest("The sea", include_audio=wanted))
    assert Facts(silent.template).has("generate_music") is wanted


def test_known_models_are_used_and_others_are_said() -> None:
    models = {"image": "z-turbo", "video": "ltx25", "music": "unheard-of"}
    found = draft(DraftRequest("The sea, two shots, with music", models=models))
    by_tool = {stage["tool"]: stage["args"] for stage in found.template["stages"]}
    assert by_tool["generate_image"]["model"] == "z-turbo"
    assert by_tool["animate_photo"]["videoModel"] == "ltx25"
    assert "model" not in by_tool["generate_music"]
    assert warned(found, "unheard-of")


def test_declared_inputs_are_kept_and_used() -> None:
    inputs: list[dict[str, Any]] = [
        {"name": "hero", "type": "image", "required": True, "description": "The hero"},
        {"name": "loud", "type": "boolean", "default": False},
        {"name": "title", "type": "text", "default": "Harbor"},
    ]
    found = draft(DraftRequest("A photo with {title} on it", inputs=inputs))
    body = found.template
    assert {"hero", "loud", "title"} <= {one["name"] for one in body["inputs"]}
    assert "$inputs.hero" in str(body["stages"])
    assert "$inputs.title" in str(body["stages"])
    assert next(one for one in body["inputs"] if one["name"] == "title")["default"] == "Harbor"


def test_a_draft_without_a_template_has_at_most_so_many_steps() -> None:
    found = drafted(FILM, max_steps=12)
    assert Facts(found.template).scenes() == 8
    many = drafted(FILM, max_steps=6)
    assert Facts(many.template).scenes() == 4
    assert warned(many, "6 steps")


@pytest.mark.parametrize("brief", ["🐈" * 50, "16:9", "123 456"])
def test_a_brief_without_words_to_draw_asks_for_them(brief: str) -> None:
    with pytest.raises(InvalidInput, match="What should it show") as refused:
        draft(DraftRequest(brief))
    assert refused.value.code == "brief.subject_needed"


def test_a_persons_own_plan_is_drafted_as_it_stands() -> None:
    own = plan(
        scenes=(
            shot("ein Hafen im Nebel", seconds=4),
            card("Nebel"),
            shot("a boat", framing="close-up"),
        ),
        seconds=12,
        aspect="1:1",
        style="ink drawing",
        sound={"music": False, "speech": True, "spoken": "The boat leaves."},
    )
    made = draft(DraftRequest("other words", plan=own))
    stages = {stage["id"]: stage["args"] for stage in made.template["stages"]}
    assert stages["image_1"]["prompt"] == "Ein Hafen im Nebel, ink drawing"
    assert stages["image_2"]["prompt"] == "A boat, close-up, ink drawing"
    assert stages["image_1"]["width"] == stages["image_1"]["height"]
    assert "music" not in stages
    inputs = {one["name"]: one.get("default") for one in made.template["inputs"]}
    assert inputs == {"title": "Nebel", "narration": "The boat leaves."}
    assert draft(DraftRequest("other words", plan=own)) == made


@pytest.mark.parametrize("brief", ["Make a song about rain", "A voice says “hello”"])
def test_a_count_of_scenes_is_nothing_to_what_has_none(brief: str) -> None:
    made = draft(DraftRequest(brief, scene_count=3))
    assert made.template == draft(DraftRequest(brief)).template


RAW = re.compile(r"\{\w+\}|\[(?!Chorus|Verse|Bridge)[A-Za-z]\w*\]|<\w+>")
BRIEFS = (
    "A teaser for {product} in [city], three shots, with captions",
    "A birthday song for {name} with a cover image",
    "Birthday video for [name], three scenes: balloons rising, a cake, friends cheering",
    "A poster of <animal> in watercolor",
    'Put my product photo on {surface}, then add the text "Fresh {product}"',
    "1. {title}\n2. {product} on a table\n3. {product} in a hand",
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


def test_every_shot_takes_what_it_names_with_the_words_around_it() -> None:
    template = template_of("A teaser for {product} in [city], 3 shots")
    inputs = {one["name"]: one for one in template["inputs"]}
    stages = {one["id"]: one for one in template["stages"]}
    for name in ("product", "city"):
        assert (inputs[name]["required"], inputs[name].get("default")) == (True, None)
        assert stages[name]["args"]["prompt"] == f"$inputs.{name}"
    for number in (1, 2, 3):
        image = stages[f"image_{number}"]
        assert image["tool"] == "edit_image"
        assert "product in city" in image["args"]["prompt"].lower()
        sources = [ref.split(".")[1] for ref in image["args"]["source_image_url"]]
        assert sources == ["product", "city"]
    assert template["name"] == "Product in city"


def test_an_image_of_nothing_else_takes_the_input_itself() -> None:
    [stage] = template_of("A poster of {product}, no music")["stages"][:1]
    assert stage["args"]["prompt"] == "$inputs.product"


def test_a_card_of_a_placeholder_reads_what_is_typed() -> None:
    scenes = (card("{headline}"), shot("a harbor at dawn"))
    own = plan(scenes=scenes, open_texts=(open_text("headline", "Headline"),))
    template = draft(DraftRequest("", plan=own)).template
    overlays = [one for one in template["stages"] if one["tool"] == "overlay_video"]
    assert overlays[0]["args"]["overlays"][0]["text"] == "$inputs.headline"


def test_words_that_no_input_can_be_put_into_are_told() -> None:
    drafted = draft(DraftRequest('A harbor at dawn, a voice says "Welcome to [city]"'))
    narration = next(one for one in drafted.template["inputs"] if one["name"] == "narration")
    assert narration["default"] == "Welcome to city"
    assert any("“city”" in warning for warning in drafted.warnings)
