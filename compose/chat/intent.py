"""The tool that a person's words ask for, by rules. Pure; time is linear in the text."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Any

from compose.language import TABLES
from compose.model.answer_schema import is_storable, strict_decoder
from core.language.cleaning import fold

# Words within which a request without an order names what is made: "A picture of a cat".
BEGINNING = 6
# What follows a brace may be read to the end of the text each time.
MOST_OBJECTS = 20


def listed(name: str) -> str:
    """Return a part of a pattern: the phrases of a list, in all languages."""
    return f"(?:{TABLES.pattern('chat', name)})"


def phrases(name: str) -> re.Pattern[str]:
    """Return a pattern that finds a phrase of a list."""
    return re.compile(rf"\b{listed(name)}\b")


_QUESTION = re.compile(rf"\W*{listed('questions')}\b[^\n]*\?\s*$")
_WISH, _ORDER = phrases("wishes"), phrases("orders")
_COMPOSES = re.compile(rf"\W*{listed('composes')}\b")
_SHOTS = re.compile(rf"\b(?:\d+|{listed('counts')}) (?:\w+ )?{listed('shots')}\b")
# The first that fits counts: what names a document before what names media.
_RULES = (
    ("compose_workflow_template", phrases("compose_workflow_template")),
    ("compose_workflow", phrases("compose_workflow")),
    ("compose_workflow", _SHOTS),
    ("enhance_prompt", phrases("enhance_prompt")),
    ("compose_lyrics", phrases("compose_lyrics")),
    ("compose_script", phrases("compose_script")),
    ("compose_instrumental", phrases("compose_instrumental")),
    (
        "remove_background",
        re.compile(rf"\b{listed('removals')}\b[^.\n]{{0,30}}\b{listed('backgrounds')}\b"),
    ),
    ("upscale_image", phrases("upscale_image")),
    ("restore_photo", phrases("restore_photo")),
    ("animate_photo", phrases("animate_photo")),
    ("generate_speech", phrases("generate_speech")),
    ("generate_video", phrases("generate_video")),
    ("generate_music", phrases("generate_music")),
    ("edit_image", phrases("edit_image")),
    ("generate_image", phrases("generate_image")),
)
# Those that work on an image that came with the words.
_ON_IMAGES = frozenset(
    {"remove_background", "upscale_image", "restore_photo", "animate_photo", "edit_image"}
)


def tool_for(
    text: str, available: Collection[str] | None = None, *, has_image: bool = False
) -> str:
    """Return the name of the tool that the words ask for; "" where they ask for none.

    A question about something asks for none. has_image: whether an image came with the words.
    available: several shots are a plan if plans are among these, else one video; None: all are.
    """
    words = plain(text)
    if not words.strip() or is_question(words):
        return ""
    # Without an order only what the words begin with is a request: "A picture of a cat".
    request_text = words if _ORDER.search(words) else " ".join(words.split()[:BEGINNING])
    for tool, pattern in _RULES:
        is_open = has_image or tool not in _ON_IMAGES
        if pattern is _SHOTS:
            is_open = available is None or tool in available
        if is_open and pattern.search(request_text):
            return tool
    return "generate_music" if _COMPOSES.match(words) else ""


def is_question(words: str) -> bool:
    """Return whether plain words ask about something, and not for it."""
    return _QUESTION.match(words) is not None and _WISH.search(words) is None


def existing_template(text: str) -> dict[str, Any] | None:
    """Return a template's JSON within a message, with its stages; None where there is none."""
    templates = (one for one in _objects(text) if isinstance(one.get("stages"), list))
    return next(templates, None)


def written_arguments(text: str, names: Collection[str]) -> dict[str, Any]:
    """Return the JSON object in a message that has one of these fields; {} for none."""
    return next((one for one in _objects(text) if not one.keys().isdisjoint(names)), {})


def _objects(text: str) -> Iterator[dict[str, Any]]:
    """Yield the JSON objects in a text, in order, those within others left out."""
    decoder = strict_decoder()
    start = text.find("{")
    for _ in range(MOST_OBJECTS):
        if start < 0:
            return
        try:
            value, end = decoder.raw_decode(text, start)
        except (ValueError, RecursionError):
            start = text.find("{", start + 1)
            continue
        if isinstance(value, dict) and is_storable(value):
            yield value
        start = text.find("{", end)


def best_match(text: str, names: Collection[str]) -> str:
    """Return the function whose name shares most words with the text; the first of equals."""
    words = set(plain(text).split())

    def shared(name: str) -> int:
        return len(words & set(re.split(r"[^a-z0-9]+", plain(name))))

    return max(names, key=shared, default="")


def plain(text: str) -> str:
    """Return lower case without accents, marks as spaces but for the question mark and periods."""
    return re.sub(r"[^\w\s?.]", " ", fold(text)).replace("_", " ")
