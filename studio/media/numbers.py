"""Colors and paces as plain numbers, for code that needs no arrays."""

from __future__ import annotations

from typing import TypeAlias

Colour: TypeAlias = tuple[float, float, float]


def hex_colour(code: str) -> Colour:
    """`"ff8800"` → (1.0, 0.53, 0.0)."""
    return (int(code[0:2], 16) / 255, int(code[2:4], 16) / 255, int(code[4:6], 16) / 255)


def ease(t: float) -> float:
    """Slow start, slow stop. t and the result: 0 to 1."""
    t = min(1.0, max(0.0, t))
    return t * t * t * (t * (6 * t - 15) + 10)
