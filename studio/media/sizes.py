"""How large a picture or film becomes, from what was asked and what the studio can do."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

SMALLEST = 64
LARGEST_PICTURE = 2048
LARGEST_FILM = 1920
LARGEST_FILM_PIXELS = 1920 * 1088


def picture_size(
    params: Mapping[str, Any],
    studio: Mapping[str, Any],
    source: tuple[int, int] | None = None,
) -> tuple[int, int, list[str]]:
    """Pixels of a picture, and warnings. Without a wish: the source's size, or the studio's."""
    warnings: list[str] = []
    usual = (int(studio["width"]), int(studio["height"]))
    asked = _asked(params, max(usual) if not source else max(source), warnings)
    width, height = asked or source or usual
    width, height = _small(width, height, studio)
    fitted = _fit(width, height, LARGEST_PICTURE, LARGEST_PICTURE**2)
    if asked and fitted != (width, height):
        warnings.append(_resized(width, height, *fitted))
    return (*fitted, warnings)


def film_size(
    params: Mapping[str, Any],
    studio: Mapping[str, Any],
    source: tuple[int, int] | None = None,
) -> tuple[int, int, list[str]]:
    """Even pixels of a film, and warnings. A source gives the shape unless another is asked for."""
    warnings: list[str] = []
    usual = (int(studio["width"]), int(studio["height"]))
    asked = _asked(params, max(usual), warnings)
    wished = asked is not None
    if asked is None and source is not None:
        asked_shape = (
            _scaled(*source, max(usual) / max(source)) if max(source) > max(usual) else source
        )
    else:
        asked_shape = asked or usual
    width, height = asked_shape
    short = params.get("targetResolution")
    if short:
        width, height = _scaled(width, height, float(short) / min(width, height))
    width, height = _small(width, height, studio)
    fitted = _fit(width, height, LARGEST_FILM, LARGEST_FILM_PIXELS)
    made = _even(fitted[0]), _even(fitted[1])
    if source is not None and not wished and not short and made[0] < source[0] * 0.95:
        warnings.append(
            f"The image is {source[0]}×{source[1]}. The video is {made[0]}×{made[1]}: set a"
            " resolution for a larger one."
        )
    elif (asked or short) and fitted != (width, height):
        warnings.append(_resized(width, height, *fitted))
    return *made, warnings


def _asked(
    params: Mapping[str, Any], long_side: int, warnings: list[str]
) -> tuple[int, int] | None:
    width, height = params.get("width"), params.get("height")
    shape = params.get("aspectRatio") or params.get("ratio")
    if shape == "adaptive":
        shape = None
    ratio = ratio_of(str(shape)) if shape else None
    if shape and ratio is None:
        warnings.append(f"The shape “{shape}” isn't valid. Write it as 16:9 or 1080x1350.")
    if shape and (exact := re.fullmatch(r"\s*(\d{2,5})\s*[x×]\s*(\d{2,5})\s*", str(shape))):
        return int(exact[1]), int(exact[2])
    if width and height:
        return round(float(width)), round(float(height))
    if ratio is None:
        if width or height:
            side = round(float(width or height or 0))
            return (side, round(side * 9 / 16)) if width else (round(side * 16 / 9), side)
        return None
    if width:
        return round(float(width)), round(float(width) / ratio)
    if height:
        return round(float(height) * ratio), round(float(height))
    if ratio >= 1:
        return long_side, round(long_side / ratio)
    return round(long_side * ratio), long_side


def ratio_of(shape: str) -> float | None:
    """Width by height of a shape such as 16:9; None for what is none."""
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*[:x×/]\s*(\d+(?:\.\d+)?)\s*", shape)
    if not found or float(found[2]) == 0 or float(found[1]) == 0:
        return None
    ratio = float(found[1]) / float(found[2])
    return ratio if 0.2 <= ratio <= 5 else None


def _small(width: int, height: int, studio: Mapping[str, Any]) -> tuple[int, int]:
    """A studio set to short films for tests is set to small ones as well."""
    limit = max(int(studio["width"]), int(studio["height"]))
    if "duration_s" not in studio or max(width, height) <= limit:
        return width, height
    return _scaled(width, height, limit / max(width, height))


def _fit(width: int, height: int, side: int, pixels: int) -> tuple[int, int]:
    factor = min(1.0, side / width, side / height, (pixels / (width * height)) ** 0.5)
    width, height = _scaled(width, height, factor)
    factor = max(1.0, SMALLEST / width, SMALLEST / height)
    width, height = _scaled(width, height, factor)
    return min(width, side), min(height, side)


def _scaled(width: int, height: int, factor: float) -> tuple[int, int]:
    return max(2, round(width * factor)), max(2, round(height * factor))


def _even(pixels: int) -> int:
    return max(2, pixels - pixels % 2)


def _resized(width: int, height: int, new_width: int, new_height: int) -> str:
    return f"{width}×{height} isn't supported. Made at {new_width}×{new_height}."
