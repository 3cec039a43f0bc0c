"""Pixels for each shape, as images and videos take them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from compose.plan import AspectRatio

USUAL: Final[AspectRatio] = "16:9"
# Multiples of 64, which every model takes.
SIZES: Final[Mapping[str, tuple[int, int]]] = {
    "1:1": (768, 768),
    "4:3": (1024, 768),
    "3:4": (768, 1024),
    "16:9": (1024, 576),
    "9:16": (576, 1024),
    "21:9": (1344, 576),
}
COVER: Final = {"width": 1024, "height": 1024}
SHAPE_WORDS: Final[Mapping[str, str]] = {
    "1:1": "square",
    "9:16": "vertical",
    "3:4": "upright",
    "21:9": "widescreen",
}


def size_of(aspect: AspectRatio) -> dict[str, int]:
    """Return `width` and `height` for arguments; the usual shape where the plan names none."""
    width, height = SIZES[aspect or USUAL]
    return {"width": width, "height": height}
