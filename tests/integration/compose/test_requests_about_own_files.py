"""What is to be done with a person's own files is done by the tools for it, in the order asked."""

from __future__ import annotations

from typing import Any

import pytest

from compose.drafting import DraftRequest, draft, problems_of
from tests.support.scores import assert_score

pytestmark = pytest.mark.django_db

# The tools of the stages, and the types of the inputs.
WORK: dict[str, tuple[list[str], list[str]]] = {
    "remove the background, put it on marble and spin it": (
        ["remove_background", "edit_image", "orbit_video"],
        ["image"],
    ),
    "Remove the background from my selfie and put me on the moon": (
        ["remove_background", "edit_image"],
        ["image"],
    ),
    "sketch → 3D → orbit": (["image_to_3d", "orbit_video"], ["image"]),
    "turn my drawing into a 3D model": (["image_to_3d"], ["image"]),
    "join these four clips": (["stitch_video"], ["video"]),
    "Join my two clips with a crossfade": (["stitch_video"], ["video"]),
    "Füge meine drei Videos zusammen": (["stitch_video"], ["video"]),
    "Une mis dos videos": (["stitch_video"], ["video"]),
    "Change the shirt color in my photo to green": (["edit_image"], ["image"]),
    "Borra a la persona del fondo de mi foto": (["edit_image"], ["image"]),
    "Verwandle meine Skizze in ein 3D-Modell": (["image_to_3d"], ["image"]),
    "three outfits on me": (["edit_image"] * 3, ["image"]),
    "three outfits on me: a suit, a kilt, a kimono": (["edit_image"] * 3, ["image"]),
    "upscale it and make it spin": (["upscale_image", "orbit_video"], ["image"]),
    "Translate my video to Spanish and upscale it": (["upscale_video"], ["video"]),
}


def drafted(brief: str) -> dict[str, Any]:
    return draft(DraftRequest(brief)).template


def test_each_request_is_a_stage_of_the_tool_for_it() -> None:
    flaws: dict[str, list[object]] = {}
    for brief, (tools, inputs) in WORK.items():
        template = drafted(brief)
        found = [stage["tool"] for stage in template["stages"]]
        types = [one["type"] for one in template["inputs"]]
        flaws[brief] = [
            *problems_of(template),
            *([found] if found != tools else []),
            *([types] if types != inputs else []),
        ]
    assert_score(flaws)


@pytest.mark.parametrize(
    ("brief", "style"),
    [
        ("Turn my selfie into a pop art poster", "Pop art poster"),
        ("Turn my {photo} into a watercolor", "Watercolor"),
        ("Aus meinem {foto} ein Ölgemälde", "Ölgemälde"),
        ("Verwandle mein Foto in ein Aquarell", "Aquarell"),
        ("Fais de ma {photo} une peinture à l'huile", "Peinture à l'huile"),
        ("Convierte mi {foto} en una acuarela", "Acuarela"),
    ],
)
def test_what_a_photo_becomes_is_its_style_and_the_name(brief: str, style: str) -> None:
    template = drafted(brief)
    assert [stage["tool"] for stage in template["stages"]] == ["apply_style"]
    assert template["stages"][0]["args"]["prompt"] == template["name"] == style


@pytest.mark.parametrize(
    "brief",
    [
        "combine these two photos into one picture",
        "Merge my two photos into a single image, 16:9",
        "Füge diese zwei Fotos zu einem Bild zusammen",
        "Combine ces deux photos en une seule image",
        "Combina estas dos fotos en una sola imagen",
    ],
)
def test_photos_that_become_one_picture_are_all_in_one_edit(brief: str) -> None:
    template = drafted(brief)
    (stage,) = template["stages"]
    assert stage["tool"] == "edit_image"
    assert stage["args"]["source_image_url"] == "$inputs.photo"
    assert stage["args"]["prompt"] == brief[:1].upper() + brief[1:].removesuffix(", 16:9")
    assert problems_of(template) == ()


def test_two_kinds_of_pictures_become_one() -> None:
    (stage,) = drafted("Combine my selfie and my drawing into one image")["stages"]
    assert stage["args"]["source_image_url"] == ["$inputs.selfie", "$inputs.drawing"]


@pytest.mark.parametrize("brief", ["make five 3D models of a chair", "Fünf 3D-Modelle von Stühlen"])
def test_more_3d_models_than_a_draft_makes_are_said(brief: str) -> None:
    made = draft(DraftRequest(brief))
    assert [stage["tool"] for stage in made.template["stages"]].count("image_to_3d") == 1
    assert "The brief asks for 5 3D models. A draft makes one." in made.warnings


def test_a_part_of_a_photo_that_becomes_something_else_stays_in_the_prompt() -> None:
    template = drafted("Turn the sky in my photo into a sunset")
    assert "sky" in str(template["stages"][0]["args"]["prompt"])


@pytest.mark.parametrize(
    "brief",
    ["Aus meinem Foto ein Video, 10 Sekunden", "Convierte mi foto en un video de 10 segundos"],
)
def test_a_photo_that_becomes_a_video_moves(brief: str) -> None:
    assert [stage["tool"] for stage in drafted(brief)["stages"]] == ["animate_photo"]


def test_a_film_of_all_photos_ends_with_its_title() -> None:
    template = drafted("my 12 photos as a film that ends with the title Anna & Tom")
    stages = {stage["id"]: stage for stage in template["stages"]}
    joined = stages["film"]["args"]["reference_video_urls"]
    inputs = {one["name"]: one for one in template["inputs"]}
    assert len(joined) == 13
    assert joined[-1].startswith("$artifacts.title_1.")
    assert (inputs["photo"]["multiple"], inputs["title"]["default"]) == (
        {"min": 12, "max": 12},
        "Anna & Tom",
    )


def test_a_shanty_is_sung_of_what_it_is_about() -> None:
    (stage,) = drafted("a sea shanty about tea")["stages"]
    (lyrics,) = drafted("a sea shanty about tea")["inputs"]
    assert stage["tool"] == "generate_music"
    assert "tea" in lyrics["default"]
    assert "shanty" not in lyrics["default"]


def test_a_recipe_has_a_scene_of_its_dish_for_each_step() -> None:
    template = drafted("a recipe in 7 steps for pancakes")
    prompts = [one["args"]["prompt"] for one in template["stages"] if one["id"].startswith("image")]
    assert len(prompts) == 7
    assert all("pancakes" in prompt.lower() for prompt in prompts)
