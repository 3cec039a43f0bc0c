"""A brief's words → a Brief. Pure; time is linear in the text; never raises on any text."""

from __future__ import annotations

import re

from compose.brief.brief import AspectRatio, Brief, Scene, Sound

LONGEST_TEXT = 20_000
MOST_SCENES = 12

_RATIO = re.compile(r"\b(1:1|4:3|3:4|16:9|9:16|21:9)\b")
_SECONDS = re.compile(r"\b(\d{1,3})[\s-]*(?:s\b|sec|second)", re.IGNORECASE)


def read_brief(text: str) -> Brief:
    """What the words ask for. text: any language, any length; beyond 20,000 characters is cut."""
    text = text[:LONGEST_TEXT].strip()
    ratio = _RATIO.search(text)
    seconds = _SECONDS.search(text)
    aspect: AspectRatio = ratio.group(1) if ratio else ""  # type: ignore[assignment]
    return Brief(
        text=text,
        topic=text[:60],
        scenes=_scenes(text),
        seconds=float(seconds.group(1)) if seconds else None,
        aspect=aspect,
        sound=Sound(music="music" in text.lower() or None),
    )


def _scenes(text: str) -> tuple[Scene, ...]:
    parts = [part.strip() for part in re.split(r"[.\n]+", text) if part.strip()]
    return tuple(Scene(part) for part in parts[:MOST_SCENES]) or (Scene(text or "A calm scene"),)
