"""The description of a template: name, one sentence, category and tags. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from compose.plan import Plan
from compose.template_plan.sizes import SHAPE_WORDS
from compose.template_plan.template_text import LONGEST_NAME, capital, number_word, one_line

_KIND_WORDS: Final[Mapping[str, str]] = {
    "film": "film",
    "image": "image",
    "song": "song",
    "audio": "recording",
    "slideshow": "slideshow",
    "clip_edit": "video",
    "photo_edit": "photo",
}


def name_for(plan: Plan, own_name: str) -> str:
    """Return the caller's name, else the topic; never empty, at most 200 characters."""
    name = one_line(own_name, 200)
    if name:
        return name
    words = one_line(_BRACES.sub(" ", plan.title or plan.shows), LONGEST_NAME)
    topic = capital(words).rstrip(" .,;:!?-")
    return topic if re.search(r"\w", topic) else capital(_KIND_WORDS[plan.kind])


def description_of(plan: Plan, stages: Sequence[Mapping[str, Any]], seconds: float | None) -> str:
    """Return one sentence: what a run gives."""
    kind = plan.kind
    tools = [stage.get("tool") or (stage.get("itemStage") or {}).get("tool") for stage in stages]
    length = ""
    if seconds and kind in ("film", "slideshow"):
        value = round(seconds) if seconds >= 3 else round(seconds, 1)
        if plan.seconds is not None and abs(plan.seconds - seconds) < 0.5:
            # Cuts on the beat come close to what is asked for.
            value = plan.seconds
        length = f"{value:g}-second"
    what = " ".join(filter(None, (length, _shape_of(plan), _KIND_WORDS[kind])))
    if plan.is_own_file:
        labels = [stage["label"][:1].lower() + stage["label"][1:] for stage in stages]
        return capital(f"your {_KIND_WORDS[kind]}, step by step: {', '.join(labels[:6])}.")
    shots = sum(
        tool in ("animate_photo", "generate_video") and stage["id"].startswith("shot")
        for tool, stage in zip(tools, stages, strict=True)
    )
    parts = [f"in {number_word(shots)} shots"] if kind == "film" and shots > 1 else []
    sounds = [word for word, tool in _SOUND_TOOLS if tool in tools]
    if kind == "song":
        sounds = ["a cover"] if "generate_image" in tools else []
    if sounds:
        parts.append("with " + " and ".join(sounds))
    article = "An" if re.match(r"(?:8|11|18|80|[aeio])", what) else "A"
    return f"{article} {' '.join([what, *parts])}."


def _shape_of(plan: Plan) -> str:
    """Return the word for the shape of what is seen; "" for what is only heard."""
    return "" if plan.kind in ("song", "audio") else SHAPE_WORDS.get(plan.aspect, "")


_BRACES: Final = re.compile(r"[{}\[\]<>|]+")
_SOUND_TOOLS: Final = (
    ("music", "generate_music"),
    ("a voice", "generate_speech"),
    ("subtitles", "add_subtitles"),
)


def category_of(plan: Plan) -> str:
    if plan.kind == "song" or plan.on_the_beat:
        return "music"
    if plan.kind == "photo_edit":
        return "makeover"
    if plan.kind == "clip_edit":
        only = plan.edits and all(edit.type == "analyze" for edit in plan.edits)
        return "analysis" if only else "video-social"
    if plan.kind in ("image", "audio"):
        return "custom"
    return "video-social" if plan.aspect in ("9:16", "1:1", "3:4") else "cinematic"


def tags_of(plan: Plan) -> list[str]:
    sound = plan.sound
    tags = [_KIND_WORDS[plan.kind], _shape_of(plan)]
    tags += ["music"] if sound.music and plan.kind not in ("song", "image") else []
    tags += ["voice"] if sound.speech else []
    tags += ["subtitles"] if sound.subtitles else []
    tags += ["series"] if plan.repeat else []
    tags += ["choice"] if plan.choice else []
    return [tag for tag in dict.fromkeys(tags) if tag][:5]
