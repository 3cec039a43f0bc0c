"""The tool that a person's words plainly begin with, and JSON within them. Pure; time is linear in
the text."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Any, Final

from compose.model.answer_schema import is_storable, strict_decoder
from core.language.cleaning import fold

# What follows a brace may be read to the end of the text each time.
MOST_OBJECTS = 20
# Words in which a request names what is made: "Make me a 6 second video of waves".
_BEGINNING: Final = 10
_VERBS: Final = frozenset({"make", "draw", "generate", "create"})
_TOOLS: Final = {
    "image": "generate_image",
    "picture": "generate_image",
    "photo": "generate_image",
    "video": "generate_video",
    "film": "generate_video",
    "clip": "generate_video",
    "song": "generate_music",
    "music": "generate_music",
    "voice": "generate_speech",
}
# What is made is followed by one of these, or by a mark: "a video game" is no video.
_LINKS: Final = frozenset(
    {"of", "about", "for", "showing", "saying", "that", "where", "with", "in", "at"}
)
# Before what is made these tell of something else: "Make my video longer" asks for no new one.
_OTHERS: Final = frozenset(
    {"the", "this", "these", "those", "my", "our", "your", "his", "her", "their", "its", "it"}
    | {"and", "or", "to", "on"}
)
_MARKS: Final = ",.:;!–—"


def tool_for(text: str) -> str:
    """Return the tool for words such as "Please make a picture of a fox"; "" for any others.

    What starts a tool costs credits, so a request that could mean another thing starts none.
    """
    words = text.lower().split(maxsplit=_BEGINNING)
    if words[:1] and words[0].rstrip(",") == "please":
        del words[0]
    if not words or words[0] not in _VERBS:
        return ""
    for place, word in enumerate(words[1:_BEGINNING], 1):
        bare = word.rstrip(_MARKS)
        rest = words[place + 1 :]
        is_named = bare != word or bool(rest and rest[0] in _LINKS)
        if bare in _TOOLS and is_named:
            about = " ".join(rest if bare != word else rest[1:])
            return _TOOLS[bare] if any(map(str.isalpha, about)) else ""
        if bare != word or bare in _LINKS or bare in _OTHERS:
            return ""
    return ""


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
    words = _words(text)
    return max(names, key=lambda name: len(words & _words(name)), default="")


def _words(text: str) -> set[str]:
    return set(re.findall(r"[^\W_]+", fold(text)))
