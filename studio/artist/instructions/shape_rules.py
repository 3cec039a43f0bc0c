"""Wishes about a picture's shape and which way it stands."""

from __future__ import annotations

import re

from studio.artist.instructions.clauses import Clause, Step
from studio.artist.instructions.phrases import (
    colour_in,
    degrees_in,
    scaling_in,
    shape_in,
    sides_in,
    size_in,
)
from studio.media.image.refining import strength_of

# What the wishes here become.
VERBS = frozenset({"flip", "straighten", "rotate", "crop", "extend", "resize", "frame"})


def reshape(clause: Clause, pictures: int) -> list[Step]:
    """Mirroring, turning, cropping, more room, another size, frames."""
    text = clause.text
    if re.search(r"\b(?:flip|mirror|reflect)", text) and not re.search(
        r"\badd\b|in the mirror|reflection", text
    ):
        upright = re.search(r"vertical|upside|up.?down|top to bottom", text)
        return [Step("flip", what="vertical" if upright else "horizontal")]
    if re.search(r"\b(?:straighten|level)\b|fix (?:the )?(?:tilt|horizon)|crooked", text):
        return [Step("straighten")]
    if re.search(r"upside.?down", text):
        return [Step("rotate", amount=180)]
    if re.search(
        r"\b(?:rotat\w+|turn|tilt\w*|spin)\b.*(?:degrees?|°|left|right|clockwise|quarter|landscape|portrait)",
        text,
    ):
        return [Step("rotate", amount=degrees_in(text))]
    if re.search(r"\b(?:crop|trim|close.?up|zoom in|tighter|reframe)\b|\bcut (?:it )?to\b", text):
        return [_crop(text)]
    if re.search(r"\b(?:zoom out|uncrop|outpaint|extend|expand|widen|more space|wider)\b", text):
        return [Step("extend", what=sides_in(text), place=shape_in(text), amount=size_in(text))]
    if size := re.search(
        r"\b(?:resize|scale|shrink|enlarge|upscale)\b.*?(?:(\d{2,5})\s*[x×]\s*(\d{2,5})|(\d+)\s*%|"
        r"(half|twice|double|two times|2x|3x|4x))?",
        text,
    ):
        return [Step("resize", what=scaling_in(text))] if size and scaling_in(text) else []
    if re.search(
        r"\b(?:frame|border|passe-?partout|round(?:ed)? (?:the )?corners|polaroid frame)\b",
        text,
    ):
        if re.search(r"\b(?:remove|no|without)\b", text):
            return []
        kind = "rounded" if "round" in text else "polaroid" if "polaroid" in text else "border"
        return [Step("frame", what=kind, colour=colour_in(text), amount=size_in(text))]
    if re.search(
        r"\b(?:circle|circular|round) (?:crop|mask|shape|picture|image|avatar)|as a circle", text
    ):
        return [Step("frame", what="circle")]
    return []


def _crop(text: str) -> Step:
    shape = shape_in(text)
    if shape:
        return Step("crop", what=shape)
    where = re.search(r"\b(left|right|top|bottom|upper|lower)\s+(half|third)", text)
    if where:
        side = {"upper": "top", "lower": "bottom"}.get(where[1], where[1])
        return Step("crop", where=f"{side} {where[2]}")
    subject = re.search(
        r"face|person|subject|her\b|him\b|product|object|around|close.?up|\b(?:to|on) the\b",
        text,
    )
    return Step("crop", what="subject" if subject else "tighter", amount=strength_of(text))
