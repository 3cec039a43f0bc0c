"""A Brief → the body of a new template. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from compose.brief.brief import Brief, Repeat, Scene
from compose.template_plan.describing import category_of, description_of, name_for, tags_of
from compose.template_plan.film import film
from compose.template_plan.film_edits import approve_images, on_the_film
from compose.template_plan.film_shots import Scale
from compose.template_plan.media_edit_chain import edits
from compose.template_plan.open_texts import warn_of_stand_ins, without_markers
from compose.template_plan.series import chosen_film, series
from compose.template_plan.skeleton import Skeleton
from compose.template_plan.soundtrack import recording
from compose.template_plan.still_kinds import image, song
from compose.template_plan.template_text import clean

MOST_SCENES: Final = 12
LONGEST_BRIEF: Final = 20_000
EVERYTHING: Final = Scale()
_DRAWING: Final = ("generate_image", "edit_image", "animate_photo", "generate_video")


@dataclass(frozen=True, slots=True)
class Built:
    """body: a create body without `graph` and `estimatedCapacityUnits`, which come last.

    seconds: of the film, None where a file tells.
    """

    body: dict[str, Any]
    warnings: tuple[str, ...]
    seconds: float | None = None


def built(brief: Brief, *, name: str = "", scale: Scale = EVERYTHING) -> Built:
    """Plan a template. Equal briefs give equal ones: ids are made from places, never at random.

    name: of the template; "" for one of the brief's topic. scale: how much it may do.
    """
    original = brief
    brief, notes = _within_limits(without_markers(brief))
    if brief.is_cheap and brief.kind == "film":
        scale = replace(scale, direct=True)
    brief = _any_number(brief)
    sk = Skeleton()
    if brief.kind in ("clip_edit", "photo_edit"):
        edits(sk, brief)
    elif brief.kind == "song":
        song(sk, brief)
    elif brief.kind == "audio":
        recording(sk, brief)
    elif brief.repeat is not None:
        series(sk, brief, brief.repeat, scale)
    elif brief.kind == "image":
        image(sk, brief)
    elif brief.choice is not None:
        chosen_film(sk, brief, brief.choice)
    else:
        film(sk, brief, scale)
    if brief.kind in ("film", "slideshow"):
        on_the_film(sk, brief)
    if brief.approves_images:
        approve_images(sk)
    _leave_out(sk, brief)
    warn_of_stand_ins(sk, original)
    body = {
        "name": name_for(brief, name),
        "description": description_of(brief, sk.stages, sk.seconds),
        "brief": clean(brief.text, LONGEST_BRIEF),
        "category": category_of(brief),
        "visibility": "private",
        "inputs": list(sk.inputs.values()),
        "stages": sk.stages,
        "tags": tags_of(brief),
        "exposeToLLM": False,
    }
    return Built(body, (*notes, *sk.warnings), sk.seconds)


def _leave_out(sk: Skeleton, brief: Brief) -> None:
    """Tell the stages that draw what is not to be seen."""
    if not brief.unwanted:
        return
    for stage in sk.stages:
        call = stage.get("itemStage") or stage
        if call.get("tool") in _DRAWING and not stage["id"].startswith("black"):
            call["args"]["negativePrompt"] = clean(", ".join(brief.unwanted), 500)


def _any_number(brief: Brief) -> Brief:
    """Make "my photos", as many as there are, a list that each photo of is one shot."""
    photos = next((m for m in brief.media if m.any_number and m.kind == "image"), None)
    shots = [scene for scene in brief.scenes if scene.type == "shot"]
    if brief.kind not in ("film", "slideshow") or photos is None or brief.repeat is not None:
        return brief
    if any(scene.media != photos.name for scene in shots) or brief.choice is not None:
        return brief
    return replace(brief, kind="slideshow", repeat=Repeat("photo", count=photos.count))


def _within_limits(brief: Brief) -> tuple[Brief, list[str]]:
    titles = sum(scene.type == "title" for scene in brief.scenes)
    if len(brief.scenes) <= MOST_SCENES + min(titles, 2):
        return brief, []
    count = len(brief.scenes)
    scenes = spread(brief.scenes, MOST_SCENES)
    note = f"A draft has at most {MOST_SCENES} scenes, so {MOST_SCENES} of the {count} are made."
    return replace(brief, scenes=tuple(scenes)), [note]


def spread(scenes: Sequence[Scene], count: int) -> list[Scene]:
    """Return `count` of the scenes, evenly, the first and the last among them."""
    if count >= len(scenes):
        return list(scenes)
    if count == 1:
        return [next((s for s in scenes if s.type == "shot"), scenes[0])]
    step = (len(scenes) - 1) / (count - 1)
    return [scenes[round(index * step)] for index in range(count)]
