"""The shots of a film: which image each starts from, how it moves, and cards with a title."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from compose.brief.brief import Brief, GivenMedia, Scene
from compose.template_plan.open_texts import (
    Roles,
    concerns,
    declared,
    filled,
    is_placeholder,
    listed,
    stand_in,
    without_marker,
)
from compose.template_plan.sizes import USUAL, size_of
from compose.template_plan.skeleton import Made, Skeleton, one_of
from compose.template_plan.soundtrack import motion_prompt
from compose.template_plan.template_text import capital, clean, literal, name_of, one_line, sentence

# Shots that the brief does not tell apart look at their subject from different sides.
VIEWS: Final = ("wide view", "close-up", "from the side", "from above", "a detail", "from behind")
CAMERAS: Final = (
    "Slow cinematic push-in",
    "Slow pan to the right",
    "Slowly pull out to reveal the scene",
    "Slow tracking shot to the left",
    "Slow orbit around the subject",
    "Slow rise",
)
BLACK: Final = "Plain black background"
NOTHING_SAID: Final = "A calm landscape in soft light"


def without_camera(prompt: str) -> str:
    """Return a prompt without the move of the camera that was written after it."""
    return prompt.removesuffix(next(filter(prompt.endswith, CAMERAS), ""))


@dataclass(frozen=True, slots=True)
class Scale:
    """The extent of a draft; less of it costs less.

    direct: videos are generated without an image first. stills: images that do not move.
    as_listed: a long scene stays one shot.
    """

    direct: bool = False
    stills: bool = False
    as_listed: bool = False


def given_media(sk: Skeleton, media: Sequence[GivenMedia]) -> dict[str, list[Made]]:
    """Declare an input for each file the person brings → its media, by the brief's name for it."""
    media_by_name: dict[str, list[Made]] = {}
    for medium in media:
        count = min(max(medium.count, 1), 16)
        bounds = (count, count) if count > 1 else None
        if medium.any_number and count > 1:
            bounds = (2, 16)
        ref = sk.input(medium.name, medium.kind, medium.title or medium.name, multiple=bounds)
        each = [ref] if count == 1 else [f"{ref}[{index}]" for index in range(count)]
        media_by_name[medium.name] = [Made(medium.kind, one, every=ref) for one in each]
    return media_by_name


def overlaid_media(brief: Brief) -> set[str]:
    """Return the names of the files that are laid over the film, such as a logo."""
    return {str(edit.options.get("media", "")) for edit in brief.edits if edit.type == "overlay"}


def scene_texts(brief: Brief, scenes: Sequence[Scene]) -> list[str]:
    """Return the prompt of each scene's image; those that are alike differ by their view."""
    plain = [one_line(scene.text, 600) or one_line(brief.topic) or NOTHING_SAID for scene in scenes]
    style = one_line(brief.style, 200)
    turns: dict[str, int] = {}
    texts = []
    for text in plain:
        turn = turns.get(text, 0)
        turns[text] = turn + 1
        view = VIEWS[turn % len(VIEWS)] if plain.count(text) > 1 else ""
        own = "" if style.lower() in text.lower() else style
        texts.append(clean(sentence([capital(text), view, own])))
    return texts


def subjects(
    sk: Skeleton, roles: Roles, scenes: Sequence[Scene], texts: Sequence[str], *, each: str = "shot"
) -> dict[int, tuple[str, list[int]]]:
    """Return by scene the binding of its prompt, and all the scenes that share it.

    A binding is a whole argument: the scenes that name the same open words become one input, a
    list with a whole text for each of them. each: what a text of the list is for.
    """
    bindings: dict[int, tuple[str, list[int]]] = {}
    free = [i for i, scene in enumerate(scenes) if scene.type == "shot" and not scene.media]
    while free and (open_text := roles.take("subject")) is not None:
        own = [free[i] for i in concerns(open_text, [texts[i] for i in free])]
        value = stand_in(open_text)
        prompts = [capital(filled(texts[i], open_text, value)) for i in own]
        lacks_default = open_text.marker and not open_text.default
        if len(own) > 1 and not open_text.options:
            is_named = value.lower() in prompts[0].lower() and name_of(open_text.name) != "subject"
            about = one_line(open_text.name.replace("_", " "), 40) if is_named else ""
            bindings |= dict.fromkeys(own, (listed(sk, each, prompts, about=about), own))
            if lacks_default and any(open_text.marker in texts[i] for i in own):
                sk.warn(f"“{value}” is an example: change it in the text of each {each}.")
        else:
            ref = declared(sk, open_text, "" if lacks_default else prompts[0], example=prompts[0])
            bindings |= {i: (ref, [i]) for i in own}
        free = [i for i in free if i not in own]
    return bindings


@dataclass(slots=True)
class Camera:
    """The maker of shots: the shape, the camera's words, and how much is done."""

    sk: Skeleton
    brief: Brief
    scale: Scale

    def motion(self, number: int) -> str:
        return capital(one_line(self.brief.camera, 200)) or CAMERAS[(number - 1) % len(CAMERAS)]

    def still(
        self, number: int, prompt: str, *, source: Made | None = None, after: str = ""
    ) -> Made:
        """Add a new image, or one that shows the subject of `source` in another place."""
        args: dict[str, Any] = {"prompt": prompt, **size_of(self.brief.aspect)}
        tool = "generate_image"
        if source is not None:
            tool, args["source_image_url"] = "edit_image", source.ref
        return self.sk.stage(f"image_{number}", f"Image {number}", tool, args, after=after)

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
        """Add an image that moves. text: what is seen, for models that do more than the camera.
        binding: that of a text that the person types in its place; it is a whole argument,
        so a camera that the brief asks for comes first."""
        is_given = not image.stage or image.stage.startswith(("styled", "on_background"))
        # Photos have shapes of their own, and a film of several has one.
        usual = USUAL if len(self.brief.scenes) > 1 else ""
        shape = self.brief.aspect or usual if is_given else ""
        # The person's photos are compared with each other: the camera does the same with all.
        motion = self.motion(1 if is_given else number)
        prompt = motion_prompt("" if binding else text, motion)
        args: dict[str, Any] = {
            "prompt": binding if binding and not self.brief.camera else prompt,
            "reference_image_url": image.ref,
            "duration": seconds,
            **self._sound(),
        }
        if shape:
            args["aspectRatio"] = shape
        elif not is_given and self.brief.aspect:
            args |= size_of(self.brief.aspect)
        return self._shot(number, "animate_photo", args, seconds, after)

    def generated(self, number: int, prompt: str, seconds: float, *, after: str = "") -> Made:
        """Add a video without an image first. prompt: a binding, or the scene with the camera."""
        args = {
            "prompt": prompt,
            "duration": seconds,
            **size_of(self.brief.aspect),
            **self._sound(),
        }
        return self._shot(number, "generate_video", args, seconds, after)

    def shared_videos(
        self, bindings: Mapping[int, tuple[str, list[int]]], lengths: Sequence[float]
    ) -> dict[int, Made]:
        """Return videos by scene, where several share one list of prompts and one length."""
        videos: dict[int, Made] = {}
        for over, own in bindings.values():
            if len(own) < 2 or own[0] in videos:
                continue
            seconds = round(sum(lengths[scene] for scene in own) / len(own), 2)
            args = {
                "prompt": "$item",
                "duration": seconds,
                **size_of(self.brief.aspect),
                **self._sound(),
            }
            batch = self.sk.batch(
                "shots",
                "Shots",
                "generate_video",
                args,
                over=over,
                item_name="shot",
                item_label="Shot",
                count=len(own),
                kind="video",
                seconds=seconds,
            )
            videos |= {scene: one_of(batch, index) for index, scene in enumerate(own)}
        return videos

    def in_style(self, photo: Made) -> Made:
        """Put a photo that the person brings into the style of the brief."""
        style = one_line(self.brief.style, 200)
        args: dict[str, Any] = {"source_image_url": photo.ref}
        if "background" in style.lower():
            args["prompt"] = literal(f"The subject on a plain {style}")
            return self.sk.stage("on_background", "On a background", "edit_image", args)
        args["prompt"] = literal(capital(style))
        return self.sk.stage("styled", "In style", "apply_style", args)

    def black(self, seconds: float) -> Made:
        """Add a black video for titles. Before all images, or it would take the latest of them."""
        logos = any(edit.type == "overlay" for edit in self.brief.edits)
        if logos or any(medium.kind == "image" for medium in self.brief.media):
            # The person's photo would be taken as well, so this one starts from a black image.
            image = {"prompt": BLACK, **size_of(self.brief.aspect)}
            still = self.sk.stage("black_image", "Black image", "generate_image", image)
            motion_args = {"prompt": "Static tripod shot", "reference_image_url": still.ref}
            args = {**motion_args, "duration": seconds, "generateAudio": False}
            return self.sk.stage(
                "black", "Black", "animate_photo", args, kind="video", seconds=seconds
            )
        args = {
            "prompt": BLACK,
            "duration": seconds,
            **size_of(self.brief.aspect),
            "generateAudio": False,
        }
        stage = self.sk.stage(
            "black", "Black", "generate_video", args, kind="video", seconds=seconds
        )
        self.sk.stages.insert(0, self.sk.stages.pop())
        return stage

    def card(self, number: int, background: Made, text: str, *, after: str = "") -> Made:
        """Add a title on a background. text: a binding or the words."""
        words: Mapping[str, Any] = {
            "kind": "text",
            "text": text,
            "position": "center",
            "fontSizePct": 10,
            "fontWeight": "bold",
            "entrance": "fade",
            "fadeSeconds": 0.6,
        }
        args = {"reference_video_url": background.ref, "overlays": [dict(words)]}
        return self.sk.stage(
            f"title_{number}",
            f"Title {number}",
            "overlay_video",
            args,
            kind="video",
            seconds=background.seconds,
            after=after,
        )

    def _shot(
        self, number: int, tool: str, args: Mapping[str, Any], seconds: float, after: str
    ) -> Made:
        return self.sk.stage(
            f"shot_{number}",
            f"Shot {number}",
            tool,
            args,
            kind="video",
            seconds=seconds,
            after=after,
        )

    def _sound(self) -> dict[str, Any]:
        return {"generateAudio": False} if self.brief.sound.is_silent else {}


def title_text(sk: Skeleton, brief: Brief, roles: Roles, scene: Scene) -> str:
    """Declare the input of a card's words: every film that is made again has another title."""
    for open_text in brief.open_texts:
        if is_placeholder(open_text) and one_line(scene.text) == open_text.marker:
            return declared(sk, open_text, "")
    topic = capital(one_line(brief.topic, 60)) or "Title"
    is_first = "title" not in sk.inputs
    words = clean(without_marker(brief, scene.text), 200) or (topic if is_first else "The end")
    known_title = roles.take("title")
    if known_title is not None:
        return declared(sk, known_title, known_title.default or words)
    name = "title" if is_first else f"title_{len(sk.inputs) + 1}"
    return sk.input(
        name, "text", "Title" if name == "title" else "Title of the card", default=words
    )


def another_place(text: str) -> str:
    """Return the prompt with which an image tool puts the subject of a photo into a scene."""
    return clean(f"Replace the background with {text[:1].lower()}{text[1:]}, keep the subject")


def prompt_of(text: str) -> str:
    return literal(text)


def shared_images(
    sk: Skeleton, brief: Brief, bindings: Mapping[int, tuple[str, list[int]]]
) -> dict[int, Made]:
    """Return images by scene, where several share one list of prompts: one stage makes all."""
    images: dict[int, Made] = {}
    for over, own in bindings.values():
        if len(own) < 2 or own[0] in images:
            continue
        args = {"prompt": "$item", **size_of(brief.aspect)}
        batch = sk.batch(
            "images",
            "Images",
            "generate_image",
            args,
            over=over,
            item_name="text",
            item_label="Image",
            count=len(own),
        )
        images |= {scene: one_of(batch, index) for index, scene in enumerate(own)}
    return images


def shots_of_list(
    sk: Skeleton,
    brief: Brief,
    over: str,
    image: str,
    *,
    count: int,
    seconds: float,
    shape: Mapping[str, Any] | None = None,
) -> Made:
    """Move every image of a list, as one batch. over: the binding of the list; image: that of
    one item's image. shape: the arguments for the videos' size."""
    args: dict[str, Any] = {
        "prompt": capital(one_line(brief.camera, 200)) or CAMERAS[0],
        "reference_image_url": image,
        "duration": seconds,
        **(shape or {}),
    }
    if brief.sound.is_silent:
        args["generateAudio"] = False
    return sk.batch(
        "shots",
        "Shots",
        "animate_photo",
        args,
        over=over,
        item_name="image",
        item_label="Shot",
        count=count,
        kind="video",
        seconds=seconds,
    )
