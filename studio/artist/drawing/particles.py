"""What falls and drifts: rain, snow, dust, leaves, sparks."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, TypeAlias

import cv2
import numpy as np

from studio.artist.drawing.stage import Shot
from studio.media.raster import ByteArray, FloatArray

Flurry: TypeAlias = Literal[
    "rain", "snow", "dust", "embers", "fireflies", "petals", "leaves", "confetti", "bubbles"
]


@dataclass(slots=True)
class Particles:
    """Many small things in the air, drawn in the picture's own measures and wrapped at its edges.

    x, y: where each starts, 0 to 1. z: how near, 0 to 1. size: pixels at the nearest. speed: (x, y)
    in picture heights per second. wobble: sideways swing.
    """

    kind: Flurry
    x: FloatArray
    y: FloatArray
    z: FloatArray
    phase: FloatArray
    colours: ByteArray
    size: float
    speed: tuple[float, float]
    wobble: float
    strength: float

    def draw(self, frame: ByteArray, shot: Shot) -> None:
        height, width = frame.shape[:2]
        sheet = np.zeros_like(frame)
        pace = 0.35 + 0.65 * self.z
        swing = self.wobble * np.sin(2 * math.pi * shot.seconds / 3.1 + self.phase)
        slide = 0.25 + 0.95 * self.z
        x = (
            self.x
            + (self.speed[0] * shot.seconds * pace + swing) * height / width
            - shot.pose.x * slide
        )
        y = self.y + self.speed[1] * shot.seconds * pace + shot.pose.y * slide
        x, y = (x % 1.1 - 0.05) * width, (y % 1.1 - 0.05) * height
        unit = height / 576
        fade = self._fade(shot.seconds)
        for index in range(len(x)):
            near = float(self.z[index])
            colour = tuple(int(c * fade[index]) for c in self.colours[index])
            self._one(
                sheet, float(x[index]), float(y[index]), near, colour, unit, index, shot.seconds
            )
        if self.kind in ("dust", "embers", "fireflies", "bubbles"):
            sheet = cv2.GaussianBlur(sheet, (0, 0), max(0.5, 0.9 * unit))
        if self.kind in ("petals", "leaves", "confetti"):
            solid = sheet.any(axis=2)
            soft = cv2.GaussianBlur(solid.astype(np.uint8) * 255, (3, 3), 0)
            through = cv2.cvtColor(cv2.bitwise_not(soft), cv2.COLOR_GRAY2RGB)
            frame[:] = cv2.add(
                cv2.multiply(frame, through, scale=1 / 255), cv2.GaussianBlur(sheet, (3, 3), 0)
            )
            return
        frame[:] = cv2.add(frame, cv2.multiply(sheet, (1.0, 1.0, 1.0, 0), scale=self.strength))

    def _fade(self, seconds: float) -> FloatArray:
        if self.kind in ("fireflies", "embers", "dust"):
            return np.asarray(0.55 + 0.45 * np.sin(2.2 * seconds + 3 * self.phase), np.float32)
        return np.ones(len(self.x), np.float32)

    def _one(
        self,
        sheet: ByteArray,
        x: float,
        y: float,
        near: float,
        colour: tuple[int, ...],
        unit: float,
        index: int,
        seconds: float,
    ) -> None:
        size = self.size * unit * (0.3 + 0.7 * near)
        point = (round(x * 8), round(y * 8))
        if self.kind == "rain":
            length = 26 * unit * (0.4 + 0.6 * near)
            end = (round((x - 0.16 * length) * 8), round((y + length) * 8))
            cv2.line(sheet, point, end, colour, max(1, round(size)), cv2.LINE_AA, 3)
        elif self.kind in ("petals", "leaves", "confetti"):
            turn = math.degrees(float(self.phase[index]) + 2.4 * seconds * (0.6 + near))
            squash = 0.35 + 0.6 * abs(math.sin(1.7 * seconds + float(self.phase[index])))
            axes = (max(8, round(size * 8)), max(8, round(size * squash * 8)))
            cv2.ellipse(sheet, point, axes, turn, 0, 360, colour, -1, cv2.LINE_AA, 3)
        elif self.kind == "bubbles":
            cv2.circle(sheet, point, max(8, round(size * 8)), colour, 1, cv2.LINE_AA, 3)
        else:
            cv2.circle(sheet, point, max(5, round(size * 8)), colour, -1, cv2.LINE_AA, 3)


# kind: (count, size, speed, wobble, strength, colors)
FLURRIES: dict[Flurry, tuple[int, float, tuple[float, float], float, float, tuple[str, ...]]] = {
    "rain": (340, 1.3, (-0.2, 1.5), 0.0, 0.34, ("c8d8ea",)),
    "snow": (260, 4.2, (-0.03, 0.13), 0.014, 0.9, ("ffffff",)),
    "dust": (70, 2.0, (0.012, -0.014), 0.012, 0.45, ("fff0d0",)),
    "embers": (90, 2.3, (0.03, -0.16), 0.02, 0.95, ("ff9a3c", "ffc861", "ff6a2a")),
    "fireflies": (46, 3.0, (0.01, -0.02), 0.03, 0.95, ("d8ff7a", "fff29a")),
    "petals": (46, 6.5, (0.09, 0.10), 0.03, 1.0, ("f7b6c8", "fbd3de", "ee94b0")),
    "leaves": (34, 7.5, (0.10, 0.12), 0.04, 1.0, ("d9762b", "b8482a", "e0aa3a")),
    "confetti": (
        90,
        5.5,
        (0.02, 0.17),
        0.03,
        1.0,
        ("ff5a6a", "ffd24a", "5ac8ff", "7ae28a", "c78aff"),
    ),
    "bubbles": (46, 9.0, (0.0, -0.10), 0.012, 0.75, ("d6f2ff",)),
}


def flurry(kind: Flurry, rng: np.random.Generator, *, amount: float = 1.0) -> Particles:
    """Rain, snow and the like for the whole picture. amount: 1 as usual."""
    count, size, speed, wobble, strength, codes = FLURRIES[kind]
    count = max(8, round(count * amount))
    palette = np.array([[int(code[i : i + 2], 16) for i in (0, 2, 4)] for code in codes], np.uint8)
    return Particles(
        kind=kind,
        x=rng.random(count, dtype=np.float32) * 1.1,
        y=rng.random(count, dtype=np.float32) * 1.1,
        z=rng.random(count, dtype=np.float32) ** 1.4,
        phase=rng.random(count, dtype=np.float32) * 6.28,
        colours=palette[rng.integers(0, len(palette), count)],
        size=size,
        speed=speed,
        wobble=wobble,
        strength=strength,
    )
