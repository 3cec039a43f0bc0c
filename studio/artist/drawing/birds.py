"""Small birds in the sky: each a pair of wings that beat, all going the same way."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from studio.artist.drawing.stage import Shot, Space
from studio.media.raster import ByteArray, Colour, FloatArray

DEPTH = 0.22
SHIFT = 4
BEAT_S = 0.72


@dataclass(slots=True)
class Flock:
    """birds: (count, 4) of u, v, wing span in picture heights, and phase. heading: -1 or 1."""

    birds: FloatArray
    colour: Colour
    tips: Colour
    heading: int

    def draw(self, frame: ByteArray, shot: Shot) -> None:
        matrix = shot.matrix(DEPTH)
        zoom = float(matrix[0, 0])
        space = shot.space
        for u, v, span, phase in self.birds.tolist():
            seconds = shot.seconds if shot.alive else 0.0
            across = u + self.heading * 0.05 * seconds * (0.6 + 12 * span)
            rise = 0.006 * (math.sin(seconds * 1.1 + phase) - math.sin(phase))
            place = matrix @ np.array([space.x(across), space.y(v + rise), 1.0])
            beat = math.sin(2 * math.pi * seconds / BEAT_S + phase)
            self._bird(frame, float(place[0]), float(place[1]), span * space.height * zoom, beat)

    def _bird(self, frame: ByteArray, x: float, y: float, span: float, beat: float) -> None:
        """Two bent wings and a body. beat: -1 wings down, 1 wings up."""
        half, lift = span / 2, span * 0.22 * beat
        thick = max(1.0, span * 0.055)
        body, tips = (tuple(255 * c for c in colour) for colour in (self.colour, self.tips))
        for side in (-1, 1):
            elbow = (x + side * half * 0.45, y - span * 0.1 - lift * 0.6)
            tip = (x + side * half, y - lift + span * 0.02)
            wing = [
                (x, y - thick * 0.6),
                (elbow[0], elbow[1] - thick * 0.5),
                tip,
                (elbow[0], elbow[1] + thick * 1.1),
                (x, y + thick * 0.9),
            ]
            _fill(frame, wing, body)
            outer = [(elbow[0] + side * half * 0.3, (elbow[1] + tip[1]) / 2 - thick * 0.3), tip]
            outer.append((elbow[0] + side * half * 0.26, (elbow[1] + tip[1]) / 2 + thick * 0.7))
            _fill(frame, outer, tips)
        nose = self.heading * thick
        _fill(
            frame,
            [
                (x + 2.6 * nose, y),
                (x + nose, y - thick),
                (x - 3.2 * nose, y - thick * 0.3),
                (x - 3.2 * nose, y + thick * 0.5),
                (x + nose, y + thick),
            ],
            body,
        )


def _fill(frame: ByteArray, points: list[tuple[float, float]], colour: tuple[float, ...]) -> None:
    corners = np.rint(np.array(points) * 2**SHIFT).astype(np.int32)
    cv2.fillPoly(frame, [corners], colour, cv2.LINE_AA, SHIFT)


def flock(
    rng: np.random.Generator, space: Space, colour: Colour, tips: Colour, heading: int
) -> Flock:
    """Seven to eleven of them, loosely together, in the upper third."""
    count = int(rng.integers(7, 12))
    middle = 0.5 + 0.2 * heading * -1
    birds = np.empty((count, 4), np.float32)
    birds[:, 0] = middle + (rng.random(count) - 0.5) * 0.62
    birds[:, 1] = 0.1 + 0.24 * rng.random(count)
    birds[:, 2] = (0.024 + 0.036 * rng.random(count) ** 1.6) * space.unit / space.height
    birds[:, 3] = rng.random(count) * 6.28
    return Flock(birds, colour, tips, heading)
