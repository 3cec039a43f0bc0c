"""Briefs as people write them lead to the scenes, length, shape, sound and inputs they ask for."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from compose.drafting import DraftRequest, draft, problems_of
from tests.support.builders.template_facts import Facts
from tests.support.scores import assert_score

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Wanted:
    """What a draft must have; None and empty: anything sensible will do.

    sound: tools that it must have; quiet: tools that it must not. inputs: types, in any order.
    """

    scenes: int | None = None
    seconds: float | None = None
    shape: str = ""
    sound: tuple[str, ...] = ()
    quiet: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    tools: tuple[str, ...] = ()


MUSIC, SPEECH = ("generate_music",), ("generate_speech",)
CHEAP = "A walk by the sea, 90 seconds, 20 shots, cheap: at most 40 credits"
BRIEFS: dict[str, Wanted] = {
    "A 15 second vertical teaser for a candle shop, three shots, soft piano": Wanted(
        3, 15, "9:16", MUSIC, inputs=("text",)
    ),
    "My product photo slowly turning, white background, 5 seconds, square, no sound": Wanted(
        1, 5, "1:1", (), (*MUSIC, *SPEECH), ("image",)
    ),
    "Storyboard: 1. dawn over a harbour 2. a fisher knots a net 3. the boat leaves. 16:9,"
    " narrated": Wanted(3, None, "16:9", SPEECH),
    "Turn a portrait into four different looks and let me choose two for a film": Wanted(
        2, inputs=("image",), tools=("interactive",)
    ),
    "A song about my dog with a cover image": Wanted(
        1, None, "1:1", MUSIC, inputs=("text",), tools=("generate_image",)
    ),
    "Before and after of a renovated kitchen from two photos, with a wipe, 8 seconds": Wanted(
        2, 8, inputs=("image", "image")
    ),
    "Ten postcards from one trip, each with a place name, then a slideshow with music": Wanted(
        10, None, "", MUSIC, inputs=("text",)
    ),
    "Take my clip, add English subtitles and a logo in the corner": Wanted(
        0, inputs=("video", "image"), tools=("add_subtitles", "overlay_video")
    ),
    "Eine Postkarte aus Lissabon mit Straßenbahn und Fado, 10 Sekunden": Wanted(1, 10, "", MUSIC),
    "Music video, 30 seconds, cuts on the beat, neon city, 4 scenes": Wanted(4, 30, "16:9", MUSIC),
    "An explainer in five steps how to brew coffee, calm voice, captions": Wanted(
        5, None, "", SPEECH, tools=("add_subtitles",)
    ),
    "Restore this old photo and animate it for 6 seconds": Wanted(
        1, 6, inputs=("image",), tools=("restore_photo",)
    ),
    "Replace the sky between second 2 and 4 of my video by a sunset": Wanted(
        0, inputs=("video",), tools=("replace_video_segment",)
    ),
    "Same hero in forest, desert and city; hero from a photo; ask me before the last one": Wanted(
        3, inputs=("image",)
    ),
    "A podcast intro: 8 seconds, title on black, my voice text, whoosh": Wanted(
        1, 8, "", SPEECH, inputs=("text",)
    ),
    "Product video for {product}, three languages, same pictures": Wanted(
        3, None, "", SPEECH, inputs=("text",)
    ),
    "A cat": Wanted(1),
    CHEAP: Wanted(None, 90),
    "Upscale my clip and make a looping GIF-like square of it": Wanted(
        0, None, "1:1", inputs=("video",), tools=("upscale_video",)
    ),
    "Trailer of a storm: title card, three dramatic shots, title card, deep drum, 21:9": Wanted(
        5, None, "21:9", MUSIC, inputs=("text",)
    ),
}


def test_briefs_lead_to_what_they_ask_for() -> None:
    flaws = {}
    for brief, wanted in BRIEFS.items():
        drafted = draft(DraftRequest(brief))
        flaws[brief] = [*problems_of(drafted.template), *unlike(Facts(drafted.template), wanted)]
    assert_score(flaws)


def test_a_brief_with_a_budget_has_fewer_shots_and_says_so() -> None:
    drafted = draft(DraftRequest(CHEAP))
    assert drafted.units <= 40
    assert drafted.fits_budget is True
    assert 1 < Facts(drafted.template).scenes() < 20
    assert any("40 credits" in warning for warning in drafted.warnings)


def test_the_last_scene_waits_for_the_person() -> None:
    text = "Same hero in forest, desert and city; hero from a photo; ask me before the last one"
    stages = draft(DraftRequest(text)).template["stages"]
    assert sum(bool(stage.get("checkpointRequired")) for stage in stages) == 1


def test_each_postcard_has_its_place_written_on_it() -> None:
    text = "Ten postcards from one trip, each with a place name, then a slideshow with music"
    found = Facts(draft(DraftRequest(text)).template)
    assert [one["text"] for one in found.stages["with_names"]["args"]["overlays"]] == [
        f"$inputs.places[{index}]" for index in range(10)
    ]
    assert found.inputs["places"]["default"][0] == "Lisbon"


def unlike(found: Facts, wanted: Wanted) -> list[str]:
    """In what a template is unlike what was wanted."""
    flaws = []
    if wanted.scenes is not None and found.scenes() != wanted.scenes:
        flaws.append(f"{found.scenes()} scenes")
    seconds = found.seconds()
    if wanted.seconds is not None and abs((seconds or 0) - wanted.seconds) > 0.2 * wanted.seconds:
        flaws.append(f"{seconds} s")
    if wanted.shape and found.shapes() - {wanted.shape}:
        flaws.append(f"shapes {found.shapes()}")
    flaws += [f"no {tool}" for tool in (*wanted.sound, *wanted.tools) if not found.has(tool)]
    flaws += [f"has {tool}" for tool in wanted.quiet if found.has(tool)]
    types = found.input_types()
    for kind in wanted.inputs:
        if kind in types:
            types.remove(kind)
        else:
            flaws.append(f"no {kind} input")
    return flaws


def _prompts(brief: str) -> list[str]:
    stages = draft(DraftRequest(brief=brief)).template["stages"]
    return [one["args"]["prompt"] for one in stages if one.get("tool") == "generate_image"]


@pytest.mark.parametrize(
    ("brief", "thing"),
    [
        ("Product video for a teapot: steam rises, a hand pours, a cup on the table", "teapot"),
        ("Produktvideo für eine Teekanne: Dampf steigt auf, Hand gießt ein, Tasse", "Teekanne"),
        ("Vidéo produit pour une théière : la vapeur monte, une main verse, une tasse", "théière"),
        ("Video de producto para una tetera: sube el vapor, una mano sirve, una taza", "tetera"),
    ],
)
def test_what_an_advertisement_is_for_is_in_each_told_scene(brief: str, thing: str) -> None:
    prompts = _prompts(brief)
    assert len(prompts) == 3
    assert all(prompt.endswith(f", {thing}") for prompt in prompts)


def test_someone_who_looks_under_a_bed_is_a_scene() -> None:
    brief = (
        "A comic strip of four panels: a robot loses its hat, looks under the bed, asks the cat,"
        " finds it on its head"
    )
    words = ("loses its hat", "under the bed", "asks the cat", "finds it on its head")
    prompts = _prompts(brief)
    assert len(prompts) == 4
    assert all(part in prompt.lower() for part, prompt in zip(words, prompts, strict=True))
    assert sum("under the bed" in prompt for prompt in prompts) == 1
