"""The contents of a draft: what is drawn, read and played, in its tools' words. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, Final

from compose.template_plan.film_shots import BLACK, without_camera
from compose.template_plan.template_text import one_line

MOST_LINES: Final = 16
_LONGEST: Final = 160
_IMAGES: Final = frozenset({"generate_image", "edit_image"})
_MOVING: Final = frozenset({"animate_photo", "generate_video", "video_to_video"})
_SOUND_NAMES: Final = {"generate_speech": "Voice", "generate_music": "Music"}


def contents_of(body: Mapping[str, Any]) -> tuple[str, ...]:
    """Return a line for each image, shot, text and piece of music, so that a person sees what a
    run would make before it is paid. What is moved of an image that has a line has none."""
    defaults = {one["name"]: one.get("default") for one in body["inputs"]}
    lines = (line for stage in body["stages"] for line in _lines(stage, defaults))
    return tuple(islice(dict.fromkeys(lines), MOST_LINES))


def _lines(stage: Mapping[str, Any], defaults: Mapping[str, Any]) -> Iterator[str]:
    call = stage.get("itemStage") or stage
    tool, args = call.get("tool", ""), call.get("args", {})
    prompt = args.get("prompt", "")
    if prompt == "$item":
        prompt = stage.get("overBinding", "")
    if tool in _IMAGES | _MOVING:
        for text in _texts(prompt, defaults):
            yield (without_camera(text).rstrip(" .") or text) if tool in _MOVING else text
    elif tool in _SOUND_NAMES:
        for text in _texts(prompt, defaults):
            yield f"{_SOUND_NAMES[tool]}: {text}"
    for text in _texts(args.get("lyrics", ""), defaults):
        yield f"Lyrics: {text}"
    for overlay in args.get("overlays", ()):
        if overlay.get("kind") == "text":
            for text in _texts(overlay.get("text", ""), defaults):
                yield f"Text: {text}"


def _texts(value: Any, defaults: Mapping[str, Any]) -> Iterator[str]:
    """Yield the texts of an argument: its own, or those that its input begins with."""
    if isinstance(value, str) and value.startswith("$inputs."):
        name, _, rest = value.removeprefix("$inputs.").partition("[")
        value = defaults.get(name)
        if rest and isinstance(value, list) and rest.removesuffix("]").isdigit():
            value = value[int(rest.removesuffix("]"))]
    for text in value if isinstance(value, list) else [value]:
        is_shown = isinstance(text, str) and not text.startswith("$") and text != BLACK
        if is_shown and (line := one_line(text, _LONGEST)):
            yield line
