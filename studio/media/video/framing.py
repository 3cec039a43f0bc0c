"""The frame that clips of different sizes and rates are brought to."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from mediakit.decode import MAX_FRAME_PIXELS
from studio.media.sizes import ratio_of
from studio.media.video.frame_edits import even, working_size
from studio.media.video.reader import Film, Fit
from studio.media.video.writer import frame_rate

LONGEST_SIDE = 4096
_FITS: Mapping[str, Fit] = {"contain": "pad", "cover": "cover", "blur": "blur"}


def read_fit(params: Mapping[str, Any]) -> Fit:
    """How clips of other shapes fill the frame."""
    return _FITS.get(str(params.get("fit") or ""), "pad")


def read_rate(params: Mapping[str, Any], films: Sequence[Film], warnings: list[str]) -> Fraction:
    """Frames a second: what `fps` says, else the first clip's; a warning where others differ."""
    if params.get("fps"):
        return frame_rate(float(params["fps"]))
    rates = list(dict.fromkeys(f"{float(film.fps):g}" for film in films))
    if len(rates) > 1:
        warnings.append(
            f"The clips have different frame rates ({', '.join(rates)}). The video has"
            f" {rates[0]} fps, like the first clip. Set fps for another."
        )
    return films[0].fps


def read_size(
    params: Mapping[str, Any], films: Sequence[Film], warnings: list[str]
) -> tuple[int, int]:
    """Even width and height: what aspectRatio and targetResolution say, else the first clip's.

    warnings: told where clips of other shapes get bars, are cut or are scaled though no size was
    asked for, and where what was asked for can't be made.
    """
    size = own = working_size(films[0])
    shape = str(params.get("aspectRatio") or "").strip()
    exact = re.fullmatch(r"(\d{2,5})\s*[x×]\s*(\d{2,5})", shape)
    ratio = ratio_of(shape) if shape else None
    if exact:
        size = int(exact[1]), int(exact[2])
    elif ratio is not None:
        short = min(own)
        size = _of_short_side(short, ratio)
    elif shape:
        warnings.append(f"The shape “{shape}” isn't valid. Write it as 16:9 or 1080x1350.")
    if params.get("targetResolution") and not exact:
        size = _of_short_side(int(params["targetResolution"]), size[0] / size[1])
    fitting = min(1.0, LONGEST_SIDE / max(size), math.sqrt(MAX_FRAME_PIXELS / (size[0] * size[1])))
    made = even(size[0] * fitting), even(size[1] * fitting)
    if fitting < 1:
        warnings.append(f"{size[0]}×{size[1]} isn't supported. Made at {made[0]}×{made[1]}.")
    sizes = list(dict.fromkeys(working_size(film) for film in films))
    if len(sizes) > 1 and size == own:
        listed = ", ".join(f"{width}×{height}" for width, height in sizes[:4])
        more = f" and {len(sizes) - 4} more" if len(sizes) > 4 else ""
        warnings.append(
            f"The clips have different sizes ({listed}{more}). The video is {made[0]}×{made[1]},"
            " like the first clip. Set a shape, resolution or fit for another."
        )
    return made


def _of_short_side(short: int, ratio: float) -> tuple[int, int]:
    if ratio >= 1:
        return round(short * ratio), short
    return short, round(short / ratio)
