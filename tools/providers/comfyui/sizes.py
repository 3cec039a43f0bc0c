"""Size of a result and number of its frames, where a call does not say them. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

SMALLEST: Final = 64
_SHAPE: Final = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([:x×/])\s*(\d+(?:\.\d+)?)\s*")

Size = tuple[int, int]


def size_of(
    params: Mapping[str, Any], usual: Size | None, source: Size | None, block: int
) -> Size | None:
    """Pixels asked for, or those that fit; None when there is nothing to go by.

    usual: what the graph says, whose number of pixels is kept in every shape. source: the picture
    that is worked on. block: what models need sizes to be multiples of; what a caller says in
    pixels is left as it is. In order: so many times the source, width and height, shape or source.
    """
    larger = _enlarge(params, source)
    if larger is not None:
        return larger
    width, height = params.get("width"), params.get("height")
    if width and height:
        return int(width), int(height)
    exact, ratio = _shape(params)
    if exact is not None:
        return exact
    if ratio is None and source is not None:
        ratio = source[0] / source[1]
    if ratio is None and usual is not None:
        ratio = usual[0] / usual[1]
    if ratio is None:
        return None
    if width:
        return int(width), _blocks(width / ratio, block)
    if height:
        return _blocks(height * ratio, block), int(height)
    short = params.get("targetResolution")
    if short:
        return _blocks(short * max(1.0, ratio), block), _blocks(short * max(1.0, 1 / ratio), block)
    if usual is not None:
        side = (usual[0] * usual[1]) ** 0.5
        return _blocks(side * ratio**0.5, block), _blocks(side / ratio**0.5, block)
    return source


def frames_of(params: Mapping[str, Any], fps: float, step: int) -> int | None:
    """Frames for the duration asked for, as a model takes them: a multiple of step, and one."""
    duration = params.get("duration")
    if not duration:
        return None
    if step == 1:
        return max(1, round(float(duration) * fps))
    return max(1, round(float(duration) * fps / step)) * step + 1


def _enlarge(params: Mapping[str, Any], source: Size | None) -> Size | None:
    if source is None:
        return None
    longest = params.get("targetLongestEdge")
    scale = longest / max(source) if longest else params.get("scale")
    if not scale:
        return None
    return max(1, round(source[0] * scale)), max(1, round(source[1] * scale))


def _shape(params: Mapping[str, Any]) -> tuple[Size | None, float | None]:
    match = _SHAPE.fullmatch(str(params.get("aspectRatio") or params.get("ratio") or ""))
    if match is None:
        return None, None
    width, height = float(match[1]), float(match[3])
    if width <= 0 or height <= 0 or not 0.1 <= width / height <= 10:
        return None, None
    if match[2] in "x×" and min(width, height) >= SMALLEST:
        return (round(width), round(height)), None
    return None, width / height


def _blocks(pixels: float, block: int) -> int:
    return max(SMALLEST, round(pixels / block) * block)
