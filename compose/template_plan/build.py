"""A plan → the body of a new template. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from compose.plan import LONGEST_TEXT, Plan, Shot, SoundPlan
from compose.template_plan.describing import category_of, description_of, name_for, tags_of
from compose.template_plan.film import approve_images, film, on_the_film
from compose.template_plan.film_shots import Scale
from compose.template_plan.media_edit_chain import edits
from compose.template_plan.open_texts import warn_of_stand_ins, without_marker
from compose.template_plan.presets import with_fields
from compose.template_plan.series import chosen_film, series
from compose.template_plan.skeleton import Skeleton
from compose.template_plan.soundtrack import recording
from compose.template_plan.still_kinds import image, song
from compose.template_plan.template_text import clean

EVERYTHING: Final = Scale()


@dataclass(frozen=True, slots=True)
class Built:
    """body: a create body without `graph` and `estimatedCapacityUnits`."""

    body: dict[str, Any]
    warnings: tuple[str, ...]


def build(plan: Plan, text: str, *, name: str = "", scale: Scale = EVERYTHING) -> Built:
    """Make a template. Equal plans give equal ones: ids are made from places, never at random.

    plan: with its presets. text: the person's words, whole. name: of the template; "" for the
    plan's title. scale: how much it may do.
    """
    original = plan
    plan = _without_markers(plan)
    sk = Skeleton()
    if plan.is_own_file:
        edits(sk, plan)
    elif plan.kind == "song":
        song(sk, plan)
    elif plan.kind == "audio":
        recording(sk, plan)
    elif plan.repeat is not None:
        series(sk, plan, plan.repeat, scale)
    elif plan.kind == "image":
        image(sk, plan)
    elif plan.choice is not None:
        chosen_film(sk, plan, plan.choice)
    else:
        film(sk, plan, scale)
    if plan.kind in ("film", "slideshow"):
        on_the_film(sk, plan)
    if plan.approves_images:
        approve_images(sk)
    warn_of_stand_ins(sk, original)
    body = {
        "name": name_for(plan, name),
        "description": description_of(plan, sk.stages, sk.seconds),
        "brief": clean(text, LONGEST_TEXT),
        "category": category_of(plan),
        "visibility": "private",
        "inputs": list(sk.inputs.values()),
        "stages": sk.stages,
        "tags": tags_of(plan),
        "exposeToLLM": False,
    }
    return Built(body, tuple(sk.warnings))


def _without_markers(plan: Plan) -> Plan:
    """Return the plan without markers in its title and sound; its scenes keep theirs."""

    def plain(part: Plan | SoundPlan, *names: str) -> dict[str, str]:
        return {name: without_marker(plan, getattr(part, name)) for name in names}

    sound = with_fields(plan.sound, **plain(plan.sound, "spoken", "music_words", "voice_words"))
    return with_fields(plan, **plain(plan, "title", "style", "shows", "on_screen"), sound=sound)


def spread(scenes: Sequence[Shot], count: int) -> list[Shot]:
    """Return `count` of the scenes, evenly, the first and the last among them."""
    if count >= len(scenes):
        return list(scenes)
    if count == 1:
        return [next((s for s in scenes if s.type == "shot"), scenes[0])]
    step = (len(scenes) - 1) / (count - 1)
    return [scenes[round(index * step)] for index in range(count)]
