"""The shots of a film: which image each starts from, how it moves, and cards with a title."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from compose.plan import Plan, Shot
from compose.template_plan.open_texts import (
    Roles,
    concerns,
    declare,
    declare_list,
    is_placeholder,
    marker_of,
    stand_in,
    without_marker,
)
from compose.template_plan.sizes import USUAL, size_of
from compose.template_plan.skeleton import Made, Skeleton, one_of
from compose.template_plan.soundtrack import motion_prompt
from compose.template_plan.template_text import (
    LONGEST_PROMPT,
    capital,
    clean,
    literal,
    name_of,
    one_line,
    sentence,
)

BLACK: Final = "Plain black background"
NOTHING_SAID: Final = "A calm landscape in soft light"


@dataclass(frozen=True, slots=True)
class Scale:
    """direct: videos are generated without an image first. stills: images that do not move."""

    direct: bool = False
    stills: bool = False


def scene_texts(plan: Plan, scenes: Sequence[Shot]) -> list[str]:
    """Return the prompt of each scene's image, with the look of all."""
    style = one_line(plan.style, 200)
    texts = []
    for scene in scenes:
        text = one_line(scene.text, LONGEST_PROMPT) or one_line(plan.title) or NOTHING_SAID
        own = "" if style.lower() in text.lower() else style
        texts.append(clean(sentence([capital(text), own])))
    return texts


def subjects(
    sk: Skeleton, roles: Roles, scenes: Sequence[Shot], texts: Sequence[str], *, each: str = "shot"
) -> dict[int, tuple[str, list[int]]]:
    """Return by scene the binding of its prompt, and all the scenes that share it.

    A binding is a whole argument: the scenes that name the same open words become one input, a
    list with a whole text for each of them. each: what a text of the list is for.
    """
    bindings: dict[int, tuple[str, list[int]]] = {}
    free = [i for i, scene in enumerate(scenes) if scene.type == "shot" and not scene.uses]
    while free and (open_text := roles.take("subject")) is not None:
        own = [free[i] for i in concerns(open_text, [texts[i] for i in free])]
        value = stand_in(open_text)
        prompts = [capital(texts[i].replace(marker_of(open_text), value)) for i in own]
        lacks_default = not open_text.default
        if len(own) > 1 and not open_text.options:
            is_named = value.lower() in prompts[0].lower() and name_of(open_text.name) != "subject"
            about = one_line(open_text.name.replace("_", " "), 40) if is_named else ""
            bindings |= dict.fromkeys(own, (declare_list(sk, each, prompts, about=about), own))
            if lacks_default and any(marker_of(open_text) in texts[i] for i in own):
                sk.warn(f"“{value}” is an example: change it in the text of each {each}.")
        else:
            ref = declare(sk, open_text, "" if lacks_default else prompts[0], example=prompts[0])
            bindings |= {i: (ref, [i]) for i in own}
        free = [i for i in free if i not in own]
    return bindings


def add_image(
    sk: Skeleton,
    key: str,
    prompt: str,
    photo: Made | None,
    size: Mapping[str, int],
    *,
    after: str = "",
) -> Made:
    """Add a new image, or what a prompt makes of a photo."""
    tool = "generate_image" if photo is None else "edit_image"
    args = {"prompt": prompt, "source_image_url": photo and photo.ref, **size}
    return sk.stage(key, tool, args, after=after)


@dataclass(slots=True)
class Camera:
    """The maker of shots: the shape, the camera's words, and how much is done."""

    sk: Skeleton
    plan: Plan
    scale: Scale

    def still(
        self, number: int, prompt: str, *, source: Made | None = None, after: str = ""
    ) -> Made:
        """Add a new image, or one that shows the subject of `source` in another place."""
        size = size_of(self.plan.aspect)
        return add_image(self.sk, f"image_{number}", prompt, source, size, after=after)

    def moving(
        self,
        number: int,
        text: str,
        seconds: float,
        image: Made,
        *,
        after: str = "",
        binding: str = "",
    ) -> Made:
        """Add an image that moves. text: what is seen.
        binding: that of a text that the person types in its place; it is a whole argument,
        so a camera that the plan asks for comes first."""
        is_given = not image.stage or image.stage.startswith(("styled", "on_background"))
        # Photos have shapes of their own, and a film of several has one.
        usual = USUAL if len(self.plan.scenes) > 1 else ""
        shape = self.plan.aspect or usual if is_given else ""
        prompt = motion_prompt(self.plan, "" if binding else text)
        size = {} if is_given or not self.plan.aspect else size_of(self.plan.aspect)
        args: dict[str, Any] = {
            "prompt": binding if binding and not self.plan.camera else prompt,
            "reference_image_url": image.ref,
            "duration": seconds,
            "aspectRatio": shape or None,
            **silence(self.plan),
            **size,
        }
        return self.sk.stage(f"shot_{number}", "animate_photo", args, seconds=seconds, after=after)

    def generate(self, number: int, prompt: str, seconds: float, *, after: str = "") -> Made:
        """Add a video without an image first. prompt: a binding, or the scene with the camera."""
        look = size_of(self.plan.aspect) | silence(self.plan)
        args = {"prompt": prompt, "duration": seconds, **look}
        return self.sk.stage(f"shot_{number}", "generate_video", args, seconds=seconds, after=after)

    def in_style(self, photo: Made) -> Made:
        """Put a photo that the person brings into the style of the plan."""
        style = one_line(self.plan.style, 200)
        args: dict[str, Any] = {"source_image_url": photo.ref}
        if "background" in style.lower():
            args["prompt"] = literal(f"The subject on a plain {style}")
            return self.sk.stage("on_background", "edit_image", args, "On a background")
        args["prompt"] = literal(capital(style))
        return self.sk.stage("styled", "apply_style", args, "In style")

    def black(self, seconds: float) -> Made:
        """Add a black video for titles."""
        logos = any(edit.type == "overlay" for edit in self.plan.edits)
        if logos or any(medium.kind == "image" for medium in self.plan.media):
            # The person's photo would be taken as well, so this one starts from a black image.
            image = {"prompt": BLACK, **size_of(self.plan.aspect)}
            still = self.sk.stage("black_image", "generate_image", image)
            motion_args = {"prompt": "Static tripod shot", "reference_image_url": still.ref}
            args = {**motion_args, "duration": seconds, "generateAudio": False}
            return self.sk.stage("black", "animate_photo", args, seconds=seconds)
        return black_video(self.sk, self.plan, "black", seconds)

    def card(self, number: int, background: Made, text: str, *, after: str = "") -> Made:
        """Add a title on a background. text: a binding or the words."""
        words = {
            "kind": "text",
            "text": text,
            "position": "center",
            "fontSizePct": 10,
            "fontWeight": "bold",
            "entrance": "fade",
            "fadeSeconds": 0.6,
        }
        args = {"reference_video_url": background.ref, "overlays": [words]}
        seconds = background.seconds
        return self.sk.stage(f"title_{number}", "overlay_video", args, seconds=seconds, after=after)


def black_video(sk: Skeleton, plan: Plan, stage_id: str, seconds: float) -> Made:
    """Add a black video. Before all images, or it would take the latest of them."""
    args = {"prompt": BLACK, "duration": seconds, **size_of(plan.aspect), "generateAudio": False}
    black = sk.stage(stage_id, "generate_video", args, seconds=seconds)
    sk.stages.insert(0, sk.stages.pop())
    return black


def silence(plan: Plan) -> dict[str, Any]:
    """Return the argument of a clip without sound, where the plan wants none."""
    is_silent = plan.sound.music is False and plan.sound.speech is False
    return {"generateAudio": False} if is_silent else {}


def title_text(sk: Skeleton, plan: Plan, roles: Roles, scene: Shot) -> str:
    """Declare the input of a card's words: every film that is made again has another title."""
    for open_text in plan.open_texts:
        if is_placeholder(open_text) and one_line(scene.text) == marker_of(open_text):
            return declare(sk, open_text, "")
    topic = capital(one_line(plan.title, 60)) or "Title"
    is_first = "title" not in sk.inputs
    words = clean(without_marker(plan, scene.text), 200) or (topic if is_first else "The end")
    known_title = roles.take("title")
    if known_title is not None:
        return declare(sk, known_title, known_title.default or words)
    name = "title" if is_first else f"title_{len(sk.inputs) + 1}"
    return sk.input(name, "text", "Title" if is_first else "Title of the card", default=words)


def shared_results(
    sk: Skeleton,
    plan: Plan,
    bindings: Mapping[int, tuple[str, list[int]]],
    lengths: Sequence[float] | None = None,
) -> dict[int, Made]:
    """Return images by scene, where several share one list of prompts: one stage makes all. Videos
    of one length where `lengths` gives those of the scenes."""
    results: dict[int, Made] = {}
    for over, own in bindings.values():
        if len(own) < 2 or own[0] in results:
            continue
        args: dict[str, Any] = {"prompt": "$item", **size_of(plan.aspect)}
        key, tool, item, seconds = "images", "generate_image", ("text", "Image"), None
        if lengths is not None:
            key, tool, item = "shots", "generate_video", ("shot", "Shot")
            seconds = round(sum(lengths[scene] for scene in own) / len(own), 2)
            args |= {"duration": seconds, **silence(plan)}
        batch = sk.batch(key, tool, args, over, item=item, seconds=seconds)
        results |= {scene: one_of(batch, index) for index, scene in enumerate(own)}
    return results
