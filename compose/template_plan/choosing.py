"""Several candidates, of which the person chooses some before they are used."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from compose.brief.brief import Brief, Choice, Scene
from compose.template_plan.open_texts import Roles, listed, with_values
from compose.template_plan.shots import (
    prompt_of,
    scene_texts,
    shots_of_list,
    subjects,
)
from compose.template_plan.sizes import size_of
from compose.template_plan.skeleton import Made, Skeleton
from compose.template_plan.words import capital, number_word

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
    differ = len(scenes) == count == len({scene.text for scene in scenes})
    # Candidates of one thing: the first text says what all of them show.
    scenes = scenes if differ else scenes[:1]
    texts = scene_texts(brief, scenes)
    if differ:
        texts = [capital(with_values(brief, text)) for text in texts]
    if photo is not None:
        size = size_of(brief.aspect) if brief.aspect else {}
        args = {"prompt": "$item", "source_image_url": photo.ref, **size}
        made = _one_for_each(sk, "look", "edit_image", args, texts if differ else _looks(count))
    elif differ:
        args = {"prompt": "$item", **size_of(brief.aspect)}
        made = _one_for_each(sk, "candidate", "generate_image", args, texts)
    else:
        bound = subjects(sk, roles, scenes, texts)
        prompt = bound[0][0] if bound else prompt_of(texts[0])
        args = {"prompt": prompt, "numberOfVariations": count, **size_of(brief.aspect)}
        made = sk.stage("candidates", "Candidates", "generate_image", args, count=count)
    return sk.select("choice", "Your choice", f"Choose {number_word(pick)}.", made, pick)


def takes(sk: Skeleton, brief: Brief, chosen: Made, seconds: float) -> Made:
    """What was chosen, in motion."""
    over = f"$artifacts.{chosen.stage}.items"
    return shots_of_list(sk, brief, over, "$item.url", count=chosen.count, seconds=seconds)


def _one_for_each(
    sk: Skeleton, each: str, tool: str, args: dict[str, Any], texts: Sequence[str]
) -> Made:
    """One image for each text, which the person can change. each: what an image is."""
    return sk.batch(
        f"{each}s",
        f"{capital(each)}s",
        tool,
        args,
        over=listed(sk, each, texts),
        item_name="text",
        item_label=capital(each),
        count=len(texts),
    )


def _looks(count: int) -> list[str]:
    return [f"The same person {LOOKS[index % len(LOOKS)]}" for index in range(count)]
