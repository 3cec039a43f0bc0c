"""The description of a template: name, one sentence, category and tags. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from compose.brief.brief import Brief
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


def name_for(brief: Brief, own_name: str) -> str:
    """Return the caller's name, else the topic; never empty, at most 200 characters."""
    name = one_line(own_name, 200)
    if name:
        return name
    words = one_line(_BRACES.sub(" ", brief.name or brief.topic or brief.words), LONGEST_NAME)
    topic = capital(words).rstrip(" .,;:!?-")
    return topic if re.search(r"\w", topic) else capital(_KIND_WORDS[brief.kind])


def description_of(brief: Brief, stages: Sequence[Mapping[str, Any]], seconds: float | None) -> str:
    """Return one sentence: what a run gives."""
    kind = brief.kind
    tools = [stage.get("tool") or (stage.get("itemStage") or {}).get("tool") for stage in stages]
    length = ""
    if seconds and kind in ("film", "slideshow"):
        length = f"{_shown_seconds(seconds, brief.seconds):g}-second "
    shape = SHAPE_WORDS.get(brief.aspect, "")
    what = " ".join(part for part in (length.strip(), shape, _KIND_WORDS[kind]) if part)
    if kind in ("clip_edit", "photo_edit"):
        labels = [stage["label"][:1].lower() + stage["label"][1:] for stage in stages]
        return capital(f"your {_KIND_WORDS[kind]}, step by step: {', '.join(labels[:6])}.")
    shots = sum(
        tool in ("animate_photo", "generate_video") and stage["id"].startswith("shot")
        for tool, stage in zip(tools, stages, strict=True)
    )
    parts = []
    if kind == "film" and shots > 1:
        parts.append(f"in {number_word(shots)} shots")
    sounds = [word for word, tool in _SOUND_TOOLS if tool in tools]
    if kind != "song" and sounds:
        parts.append("with " + " and ".join(sounds))
    if kind == "song" and "generate_image" in tools:
        parts.append("with a cover")
    article = "An" if re.match(r"(?:8|11|18|80|[aeio])", what) else "A"
    return f"{article} {' '.join([what, *parts])}."


def _shown_seconds(seconds: float, target: float | None) -> float:
    """Return a length as people say it: what they asked for, where cuts on the beat come close."""
    if target is not None and abs(target - seconds) < 0.5:
        return target
    return round(seconds) if seconds >= 3 else round(seconds, 1)


_BRACES: Final = re.compile(r"[{}\[\]<>|]+")
_SOUND_TOOLS: Final = (
    ("music", "generate_music"),
    ("a voice", "generate_speech"),
    ("subtitles", "add_subtitles"),
)


def category_of(brief: Brief) -> str:
    if brief.kind == "song" or brief.on_the_beat:
        return "music"
    if brief.kind == "photo_edit":
        return "makeover"
    if brief.kind == "clip_edit":
        only = brief.edits and all(edit.type == "analyze" for edit in brief.edits)
        return "analysis" if only else "video-social"
    if brief.kind in ("image", "audio"):
        return "custom"
    return "video-social" if brief.aspect in ("9:16", "1:1", "3:4") else "cinematic"


def tags_of(brief: Brief) -> list[str]:
    sound = brief.sound
    tags = [_KIND_WORDS[brief.kind], SHAPE_WORDS.get(brief.aspect, "")]
    tags += ["music"] if sound.music and brief.kind != "song" else []
    tags += ["voice"] if sound.speech else []
    tags += ["subtitles"] if sound.subtitles else []
    tags += ["series"] if brief.repeat else []
    tags += ["choice"] if brief.choice else []
    return [tag for tag in dict.fromkeys(tags) if tag][:5]
