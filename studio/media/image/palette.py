"""The main colors of a picture, and what people call them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from studio.media.image.saliency import lab_of
from studio.media.raster import ByteArray, Frame

# Where a name covers much, by several of its colours.
NAMES = {
    "black": "101012",
    "charcoal": "33353a",
    "gray": "808080",
    "light gray": "bcbcbc",
    "white": "f6f6f4",
    "red": "d8222a",
    "dark red": "7c1518",
    "orange": "f07f1e",
    "brown": "74492a",
    "beige": "d8c3a0",
    "yellow": "f4d428 ffff00",
    "gold": "c39a32",
    "olive": "76762a",
    "green": "2f9a3c 00ff00",
    "light green": "95d588",
    "dark green": "1e4d2b",
    "teal": "15807f",
    "cyan": "2ec6dc",
    "sky blue": "8cbfe8",
    "blue": "2b5fd0 0000ff 1c34d6",
    "navy": "16254f 000080 0a0a4a",
    "slate blue": "5c7191",
    "purple": "7440b0 800080 5a1a8c",
    "lavender": "b9a3e0",
    "magenta": "cc2f9a ff00ff",
    "pink": "f19cb8",
    "salmon": "ec8a72",
    "mauve": "8c6a80",
}


@dataclass(frozen=True, slots=True)
class Swatch:
    """One of a picture's main colours. share: of the picture, 0 to 1."""

    hex: str
    name: str
    share: float

    def facts(self) -> dict[str, Any]:
        return {"hex": self.hex, "name": self.name, "share": self.share}


def main_colours(picture: ByteArray, colours: int = 5) -> list[Swatch]:
    """The main colors, most frequent first. picture: (h, w, 3) RGB uint8."""
    small = cv2.resize(picture, (64, 64), interpolation=cv2.INTER_AREA)
    # Grouped in Lab, where distances are as far as they look.
    lab = lab_of(small).reshape(-1, 3)
    cv2.setRNGSeed(1)
    stop = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 30, 0.5)
    start = np.zeros((0,), np.int32)
    _, groups, _ = cv2.kmeans(lab, colours, start, stop, 2, cv2.KMEANS_PP_CENTERS)
    # A plain picture has fewer colors than groups: equal ones are counted together.
    shares: dict[str, float] = {}
    for group in range(colours):
        inside = small.reshape(-1, 3)[groups.ravel() == group]
        if len(inside):
            red, green, blue = (round(float(channel)) for channel in inside.mean(axis=0))
            code = f"#{red:02x}{green:02x}{blue:02x}"
            shares[code] = shares.get(code, 0.0) + len(inside) / len(groups)
    ranked = sorted(shares.items(), key=lambda item: (-item[1], item[0]))
    return [Swatch(code, colour_name(code), round(share, 3)) for code, share in ranked]


def colour_name(code: str) -> str:
    """`#d8222a` → `red`: the name nearest to a colour."""
    wanted = _lab(code.lstrip("#"))

    def away(name: str) -> float:
        return min(float(np.linalg.norm(_lab(near) - wanted)) for near in NAMES[name].split())

    return min(NAMES, key=away)


def _lab(code: str) -> np.ndarray[Any, Any]:
    rgb = [int(code[at : at + 2], 16) for at in (0, 2, 4)]
    return np.asarray(lab_of(np.array([[rgb]], np.uint8))[0, 0])


def color_spread(picture: Frame) -> tuple[Any, Any]:
    pixels = picture.reshape(-1, 3).astype(np.float32)
    return pixels.mean(axis=0), pixels.std(axis=0)


def towards_palette(palette: Any, frame: Frame) -> Frame:
    return frame if palette is None else np.asarray(cv2.LUT(frame, palette), np.uint8)
