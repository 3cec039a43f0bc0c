"""Several candidates, of which the person chooses some before they are used."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from compose.brief.brief import Brief, Choice, Scene
from compose.template_plan.open_texts import Roles
from compose.template_plan.shots import (
    CAMERAS,
    VIEWS,
    prompt_of,
    scene_texts,
    subjects,
)
from compose.template_plan.sizes import size_of
from compose.template_plan.skeleton import Made, Skeleton
from compose.template_plan.words import alternatives, capital, literal, number_word, one_line

LOOKS: Final = (
    "as a watercolor painting",
    "as a comic book drawing",
    "as a black and white film noir photograph",
    "as an oil painting with thick brush strokes",
    "as a woodblock print",
    "as pixel art",
    "as a pencil drawing",
    "as a stained glass window",
)


def chosen_images(
    sk: Skeleton, brief: Brief, choice: Choice, roles: Roles, given: dict[str, list[Made]]
) -> Made:
    """The candidates and the choice among them: `pick` images."""
    count = min(max(choice.candidates, 2), 16)
    pick = min(max(choice.pick, 1), count)
    scenes = list(brief.scenes) or [Scene(brief.topic)]
    photo = next((made[0] for made in given.values() if made[0].kind == "image"), None)
    texts = scene_texts(brief, scenes)
    bound = {} if photo else subjects(sk, roles, scenes, texts)
    args: dict[str, Any]
    if photo is not None:
        prompt = literal(_looks(texts, count))
        known = roles.take("style") or roles.take("subject")
        name, title = (known.name, known.title) if known else ("looks", "Looks, in braces")
        ref = sk.input(name, "text", title, default=prompt)
        args = {"prompt": ref, "source_image_url": photo.ref, "numberOfVariations": count}
        if brief.aspect:
            args |= size_of(brief.aspect)
        made = sk.stage("looks", "Looks", "edit_image", args, count=count)
    else:
        shared = next((ref for ref, _ in bound.values()), "")
        ref = shared or literal(_views(texts, count))
        args = {"prompt": ref, "numberOfVariations": count, **size_of(brief.aspect)}
        made = sk.stage("candidates", "Candidates", "generate_image", args, count=count)
    return sk.select("choice", "Your choice", f"Choose {number_word(pick)}.", made, pick)


def takes(sk: Skeleton, brief: Brief, chosen: Made, seconds: float) -> Made:
    """What was chosen, in motion."""
    args: dict[str, Any] = {
        "prompt": capital(one_line(brief.camera, 200)) or CAMERAS[0],
        "reference_image_url": "$item.url",
        "duration": seconds,
    }
    if brief.sound.is_silent:
        args["generateAudio"] = False
    return sk.batch(
        "shots",
        "Shots",
        "animate_photo",
        args,
        over=f"$artifacts.{chosen.stage}.items",
        item_name="image",
        item_label="Shot",
        count=chosen.count,
        kind="video",
        seconds=seconds,
    )


def _looks(texts: Sequence[str], count: int) -> str:
    if len(texts) == count and len(set(texts)) == count:
        return alternatives(texts)
    looks = [LOOKS[index % len(LOOKS)] for index in range(count)]
    return alternatives([f"The same person {look}" for look in looks])


def _views(texts: Sequence[str], count: int) -> str:
    if len(texts) == count and len(set(texts)) == count:
        return alternatives(texts)
    return prompt_of(alternatives([f"{texts[0]}, {VIEWS[i % len(VIEWS)]}" for i in range(count)]))
