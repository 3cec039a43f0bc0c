"""The size that a call asks for: a ratio, and pixels along one side."""

from __future__ import annotations

from typing import Any

from tools.providers.makers.slots import Slots
from tools.providers.wish import Wish, wish_of

# What a video has where nothing says it, its short side, and the long side of an image.
_WIDE = 16 / 9
_SHORT_PX = 720
_IMAGE_PX = 1024
_FRAMES = ("start", "source_image", "source_video", "references", "end")


def of_ratio(call: Slots[Any]) -> float:
    """Return width / height as asked for, else as the first file has it, else 16:9."""
    wish = _wish(call)
    if wish.shape is not None:
        return wish.shape
    for slot in _FRAMES:
        for file in call.media.get(slot, ()):
            if file is not None and file.width and file.height:
                return float(file.width / file.height)
    return _WIDE


def pixels_of(call: Slots[Any], side: str) -> int:
    """Return the pixels along the longest or the shortest side."""
    wish = _wish(call)
    ratio = of_ratio(call)
    ratio = max(ratio, 1 / ratio)
    if wish.size is not None:
        return max(wish.size) if side == "longest" else min(wish.size)
    if target := call.get("target"):
        return int(target)
    if not (call.get("seconds") or call.get("shortest")):
        return _IMAGE_PX if side == "longest" else round(_IMAGE_PX / ratio)
    short = int(call.get("shortest") or _SHORT_PX)
    return round(short * ratio) if side == "longest" else short


def _wish(call: Slots[Any]) -> Wish:
    named = {"aspectRatio": "aspect", "width": "width", "height": "height"}
    return wish_of({argument: call.get(slot) for argument, slot in named.items()})[0]
