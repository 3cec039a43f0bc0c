"""What makes a room a kitchen or a library: cupboards and tiles, or shelves full of books."""

from __future__ import annotations

import cv2
import numpy as np

from studio.artist.drawing.stage import Element
from studio.artist.places.easel import Easel
from studio.media.raster import ByteArray, Colour, clouds, hex_colour, mix, shade

SPINES = tuple(
    hex_colour(code)
    for code in ("7a2f2a", "2f4a63", "3f5f48", "8a6a34", "5a3a56", "c9b48a", "2b2f38", "9a5438")
)
OAK, CREAM, WORKTOP = hex_colour("5b3d28"), hex_colour("d9d5c6"), hex_colour("6b4a33")
TILE, STEEL = hex_colour("c9d6d3"), hex_colour("a9b0b6")
POTS = tuple(hex_colour(code) for code in ("b8693a", "8d9298", "3b4048"))
# The row where the wall meets the floor.
FOOT = 0.745


class Wall:
    """A sheet of flat furniture, in shares of the picture: u from 0 to 1 and v likewise."""

    def __init__(self, easel: Easel) -> None:
        self.easel = easel
        self.rgb: ByteArray = np.zeros((easel.height, easel.width, 3), np.uint8)
        self.mask: ByteArray = np.zeros((easel.height, easel.width), np.uint8)
        self._dim = 0.4 if easel.hour.dark else 0.95

    def box(self, u0: float, v0: float, u1: float, v1: float, colour: Colour) -> None:
        self.shape([(u0, v0), (u1, v0), (u1, v1), (u0, v1)], colour)

    def shape(self, points: list[tuple[float, float]], colour: Colour) -> None:
        space = self.easel.space
        # The wall gets darker away from the window.
        middle = sum(u for u, _ in points) / len(points)
        share = min(1.0, max(0.0, 0.5 + (middle - 0.5) * self.easel.side))
        seen = shade(colour, self._dim * (1.05 - 0.4 * share))
        corners = np.rint(np.array([(space.x(u), space.y(v)) for u, v in points]) * 16)
        ink = [round(255 * c) for c in seen]
        cv2.fillPoly(self.rgb, [corners.astype(np.int32)], ink, cv2.LINE_8, 4)
        cv2.fillPoly(self.mask, [corners.astype(np.int32)], 255, cv2.LINE_8, 4)

    def layer(self, purpose: str) -> Element:
        easel = self.easel
        grain = clouds(
            easel.rng(f"{purpose} grain"), easel.height, easel.width, cells=14, octaves=4
        )
        rgb = self.rgb.astype(np.float32) / 255 * (0.84 + 0.32 * grain)[..., None]
        soft = cv2.GaussianBlur(self.mask, (0, 0), 0.6).astype(np.float32) / 255
        return easel.layer(np.asarray(rgb, np.float32), soft, 0.13, purpose)


def furniture(easel: Easel) -> list[Element]:
    """What stands along the wall, by the words; empty for a room with nothing said of it."""
    if easel.mentions("library", "bookshop", "bookstore", "bookshelf", "bookshelves"):
        return [_library(easel)]
    if easel.mentions("kitchen", "restaurant", "bakery"):
        return [_kitchen(easel)]
    return []


def _span(easel: Easel) -> tuple[float, float]:
    """The u of the wall that the window leaves free, to beyond the picture's edge."""
    window = 0.5 - 0.3 * easel.side
    half = 0.225 / easel.aspect
    return (window + half, 1.12) if easel.side > 0 else (-0.12, window - half)


def _library(easel: Easel) -> Element:
    """Shelves from the floor to the ceiling round the window, with a ladder leaning on them."""
    rng, wall = easel.rng("books"), Wall(easel)
    free = _span(easel)
    beyond = (-0.12, free[0] - 0.45 / easel.aspect) if easel.side > 0 else (0, 0)
    if easel.side < 0:
        beyond = (free[1] + 0.45 / easel.aspect, 1.12)
    for left, right in (free, beyond):
        if right - left > 0.02:
            _shelves(easel, wall, rng, left, right)
    foot, lean = 0.5 + 0.4 * easel.side, 0.05 * easel.side
    for gap in (0.0, 0.055 / easel.aspect * 1.78):
        rail = [(foot + gap, 0.8), (foot + gap + 0.008, 0.8)]
        rail += [(foot + gap + lean + 0.008, -0.1), (foot + gap + lean, -0.1)]
        wall.shape(rail, hex_colour("a9763f"))
    for step in range(9):
        v = 0.74 - 0.09 * step
        u = foot + lean * (0.8 - v) / 0.9
        wall.box(u, v, u + 0.06 / easel.aspect * 1.78, v + 0.012, hex_colour("a9763f"))
    return wall.layer("library")


def _shelves(easel: Easel, wall: Wall, rng: np.random.Generator, left: float, right: float) -> None:
    wall.box(left, -0.12, right, FOOT, shade(OAK, 0.45))
    tall = 0.135
    narrow = 1.78 / easel.aspect
    for row in range(7):
        low = FOOT - 0.03 - tall * row
        u = left + 0.006
        while u < right - 0.01:
            wide = narrow * (0.007 + 0.011 * float(rng.random()))
            if rng.random() < 0.06:
                u += 2.2 * wide
                continue
            high = low - tall * (0.58 + 0.24 * float(rng.random()))
            colour = SPINES[int(rng.integers(len(SPINES)))]
            wall.box(u, high, u + wide, low, shade(colour, 0.8 + 0.4 * float(rng.random())))
            if rng.random() < 0.5:
                band = high + 0.25 * (low - high)
                wall.box(u, band, u + wide, band + 0.006, hex_colour("d8b45a"))
            u += wide * 1.06
        wall.box(left, low, right, low + 0.014, OAK)
    u = left
    while u < right:
        wall.box(u, -0.12, u + 0.012 * narrow, FOOT, shade(OAK, 1.15))
        u += 0.24 * narrow


def _kitchen(easel: Easel) -> Element:
    """Cupboards below and above, tiles between, a stove with a hood, pots on a rail."""
    rng, wall = easel.rng("kitchen"), Wall(easel)
    colour = (
        easel.brief.tint
        or (CREAM, hex_colour("7f9a8c"), hex_colour("6f8aa3"))[int(rng.integers(3))]
    )
    left, right = _span(easel)
    narrow = 1.78 / easel.aspect
    size = 0.032
    for row in range(9):
        for column in range(int((right - left) / (size * narrow)) + 1):
            u = left + column * size * narrow
            tone = shade(TILE, 0.9 + 0.16 * float(rng.random()))
            edge = min(right, u + 0.93 * size * narrow)
            wall.box(u, 0.26 + row * size, edge, 0.26 + (row + 0.92) * size, tone)
    step = 0.13 * narrow
    stove = 0.5 + 0.33 * easel.side
    _cupboards(wall, -0.12, 1.12, (0.56, FOOT), step, colour)
    wall.box(-0.12, FOOT - 0.02, 1.12, FOOT + 0.005, shade(colour, 0.3))
    wall.box(-0.12, 0.535, 1.12, 0.565, WORKTOP)
    _cupboards(wall, left, right, (-0.02, 0.25), step, colour)
    half = 0.075 * narrow
    wall.box(stove - half, -0.1, stove + half, 0.12, STEEL)
    hood = [(stove - half, 0.12), (stove + half, 0.12)]
    wall.shape([*hood, (stove + 1.3 * half, 0.24), (stove - 1.3 * half, 0.24)], shade(STEEL, 1.15))
    wall.box(stove - half, 0.545, stove + half, FOOT, hex_colour("34383e"))
    wall.box(stove - 0.8 * half, 0.6, stove + 0.8 * half, 0.7, hex_colour("16181c"))
    wall.box(stove - 0.8 * half, 0.585, stove + 0.8 * half, 0.593, STEEL)
    _pot(wall, stove, 0.535, 0.05 * narrow, POTS[0])
    rail = (left + 0.04, right - 0.04)
    wall.box(rail[0], 0.285, rail[1], 0.291, hex_colour("2b2e33"))
    u = rail[0] + 0.04 * narrow
    while u < rail[1] - 0.04 * narrow:
        if abs(u - stove) > 1.4 * half:
            _pan(wall, u, narrow, POTS[int(rng.integers(len(POTS)))])
        u += narrow * (0.06 + 0.03 * float(rng.random()))
    return wall.layer("kitchen")


def _cupboards(
    wall: Wall, left: float, right: float, rows: tuple[float, float], step: float, colour: Colour
) -> None:
    top, bottom = rows
    wall.box(left, top, right, bottom, shade(colour, 0.55))
    u = left
    while u < right - 0.01:
        end = min(right, u + step)
        wall.box(u + 0.003, top + 0.008, end - 0.003, bottom - 0.008, colour)
        wall.box(u + 0.014, top + 0.03, end - 0.014, bottom - 0.03, shade(colour, 0.86))
        wall.box(u + 0.017, top + 0.036, end - 0.014, bottom - 0.03, mix(colour, CREAM, 0.12))
        handle = top + 0.04 if top > 0.3 else bottom - 0.06
        wall.box(end - 0.012, handle, end - 0.008, handle + 0.03, hex_colour("4b4d50"))
        u += step


def _pot(wall: Wall, u: float, v: float, half: float, colour: Colour) -> None:
    wall.box(u - half, v - 0.075, u + half, v, colour)
    wall.box(u - 0.7 * half, v - 0.07, u - 0.4 * half, v - 0.006, mix(colour, (1, 1, 1), 0.35))
    wall.box(u - 1.25 * half, v - 0.066, u + 1.25 * half, v - 0.056, shade(colour, 0.6))
    wall.box(u - 1.05 * half, v - 0.086, u + 1.05 * half, v - 0.074, shade(colour, 0.8))
    wall.box(u - 0.12 * half, v - 0.1, u + 0.12 * half, v - 0.084, hex_colour("2b2e33"))


def _pan(wall: Wall, u: float, narrow: float, colour: Colour) -> None:
    wall.box(u - 0.003, 0.287, u + 0.003, 0.35, hex_colour("2b2e33"))
    for size, tone in ((0.036, colour), (0.028, shade(colour, 0.7))):
        angles = np.linspace(0, 2 * np.pi, 24, endpoint=False)
        rim = [(u + size * 0.56 * narrow * np.cos(a), 0.38 + size * np.sin(a)) for a in angles]
        wall.shape(rim, tone)
