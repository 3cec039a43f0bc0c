"""A Brief → the body of a new template. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from compose.brief.brief import Brief, Scene
from compose.template_plan.describing import category_of, description_of, name_for, tags_of
from compose.template_plan.film import film
from compose.template_plan.film_edits import on_the_film
from compose.template_plan.own_media import edits
from compose.template_plan.series import chosen_film, series
from compose.template_plan.shots import Scale
from compose.template_plan.skeleton import Skeleton
from compose.template_plan.still_kinds import image, song
from compose.template_plan.words import clean

MOST_SCENES: Final = 12
LONGEST_BRIEF: Final = 20_000


@dataclass(frozen=True, slots=True)
class Built:
    """body: a create body without `graph` and `estimatedCapacityUnits`, which come last."""

    body: dict[str, Any]
    warnings: tuple[str, ...]


def template_of(brief: Brief, *, name: str = "", scale: Scale = Scale()) -> dict[str, Any]:  # noqa: B008
    """The body of `built`, without its warnings."""
    return built(brief, name=name, scale=scale).body


def built(brief: Brief, *, name: str = "", scale: Scale = Scale()) -> Built:  # noqa: B008
    """Equal briefs give equal templates: ids are made from places, never at random.

    name: of the template; "" for one of the brief's topic. scale: how much it may do.
    """
    brief, notes = _within_limits(brief)
    sk = Skeleton()
    if brief.kind in ("clip_edit", "photo_edit"):
        edits(sk, brief)
    elif brief.kind == "song":
        song(sk, brief)
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
    body = {
        "name": name_for(brief, name),
        "description": description_of(brief, sk.stages, brief.seconds),
        "brief": clean(brief.text, LONGEST_BRIEF),
        "category": category_of(brief),
        "visibility": "private",
        "inputs": list(sk.inputs.values()),
        "stages": sk.stages,
        "tags": tags_of(brief),
        "exposeToLLM": False,
    }
    return Built(body, (*notes, *sk.warnings))


def _within_limits(brief: Brief) -> tuple[Brief, list[str]]:
    if len(brief.scenes) <= MOST_SCENES:
        return brief, []
    count = len(brief.scenes)
    kept = spread(brief.scenes, MOST_SCENES)
    note = f"A draft has at most {MOST_SCENES} scenes, so {MOST_SCENES} of the {count} are made."
    return replace(brief, scenes=tuple(kept)), [note]


def spread(scenes: Sequence[Scene], count: int) -> list[Scene]:
    """count of the scenes, evenly, the first and the last among them."""
    if count >= len(scenes):
        return list(scenes)
    if count == 1:
        return [next((s for s in scenes if s.type == "shot"), scenes[0])]
    step = (len(scenes) - 1) / (count - 1)
    return [scenes[round(index * step)] for index in range(count)]
