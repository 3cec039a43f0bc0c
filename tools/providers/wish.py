"""The size that a call asks for, as its arguments say it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

Size: TypeAlias = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Wish:
    """The size that is wished for. shape: width / height. Both None: whatever suits."""

    size: Size | None = None
    shape: float | None = None


def wish_of(params: Mapping[str, Any]) -> tuple[Wish, list[str]]:
    """The size that a tool's parameters ask for, and a warning for a shape that can't be read."""
    width, height = params.get("width"), params.get("height")
    text = str(params.get("aspectRatio") or "").strip()
    if exact := re.fullmatch(r"(\d{2,5})\s*[x×]\s*(\d{2,5})", text):
        return _wish_of(int(exact[1]), int(exact[2])), []
    if ratio := re.fullmatch(r"(\d+(?:\.\d+)?)\s*[:/]\s*(\d+(?:\.\d+)?)", text):
        across, up = float(ratio[1]), float(ratio[2])
        if across > 0 and up > 0:
            shape = across / up
            if width:
                return _wish_of(int(width), round(width / shape)), []
            if height:
                return _wish_of(round(height * shape), int(height)), []
            return Wish(shape=shape), []
    warnings = [f"The aspect ratio “{text}” wasn't understood. Write it as 16:9."] if text else []
    if width and height:
        return _wish_of(int(width), int(height)), warnings
    if width or height:
        side = int(width or height or 0)
        return _wish_of(side, side), warnings
    return Wish(), warnings


def _wish_of(width: int, height: int) -> Wish:
    width, height = max(1, width), max(1, height)
    return Wish((width, height), width / height)
