"""The stage: layers between far and near, and the camera that looks at them.

Everything is painted on a canvas a little larger than the picture, so that the camera can move
without showing an edge. Layers hold premultiplied 8-bit RGBA: still pictures and films are put
together by the same code, so a film of a picture opens on exactly that picture.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from studio.artist.drawing.camera import REST, Pose
from studio.artist.drawing.grade import Finish
from studio.media.image.compositing import lay
from studio.media.raster import ByteArray, FloatArray

# How far the canvas reaches beyond the picture on each side, as a share of the picture's side.
MARGIN = 0.10


@dataclass(frozen=True, slots=True)
class Space:
    """The picture's measures, in pixels, and where the picture lies on the canvas."""

    width: int
    height: int

    @property
    def left(self) -> int:
        return round(self.width * MARGIN)

    @property
    def top(self) -> int:
        return round(self.height * MARGIN)

    @property
    def canvas_width(self) -> int:
        return self.width + 2 * self.left

    @property
    def canvas_height(self) -> int:
        return self.height + 2 * self.top

    @property
    def unit(self) -> float:
        """The length sizes are given in: the height, or less in a tall picture."""
        return min(self.height, self.width * 0.8)

    def x(self, u: float) -> float:
        """Canvas column of a place in the picture; u: 0 left edge, 1 right edge."""
        return self.left + u * self.width

    def y(self, v: float) -> float:
        """Canvas row of a place in the picture; v: 0 top edge, 1 bottom edge."""
        return self.top + v * self.height

    def grid(self) -> tuple[FloatArray, FloatArray]:
        """u and v of every canvas pixel, each (canvas_height, canvas_width)."""
        columns = (np.arange(self.canvas_width, dtype=np.float32) - self.left) / self.width
        rows = (np.arange(self.canvas_height, dtype=np.float32) - self.top) / self.height
        u, v = np.meshgrid(columns, rows)
        return np.asarray(u, np.float32), np.asarray(v, np.float32)


@dataclass(frozen=True, slots=True)
class Shot:
    """One moment: where the camera is and what time it is.

    seconds: since the film began; progress: the same from 0 to 1. alive: False for a still, which
    shows drawings finished and everything else at its first moment. opens_drawn: a film in which
    drawings are finished from the start.
    """

    space: Space
    width: int
    height: int
    pose: Pose = REST
    seconds: float = 0.0
    progress: float = 0.0
    alive: bool = False
    opens_drawn: bool = False

    def matrix(self, depth: float) -> FloatArray:
        """Canvas pixels → film pixels at this depth, as a 2×3 affine matrix."""
        space, pose = self.space, self.pose
        scale_out = self.width / space.width
        near = 0.22 + 0.95 * depth
        zoom = 1 + (pose.zoom - 1) * near
        slide = 0.55 + 0.5 * depth if pose.pivot == 0 else (depth - pose.pivot) * 1.15
        centre_x, centre_y = space.x(0.5), space.y(0.54)
        shift_x = space.x(0.5) - space.left - pose.x * slide * space.width
        shift_y = space.y(0.54) - space.top + pose.y * slide * space.height
        return np.array(
            [
                [zoom * scale_out, 0, (shift_x - zoom * centre_x) * scale_out],
                [0, zoom * scale_out, (shift_y - zoom * centre_y) * scale_out],
            ],
            np.float32,
        )


class Element(Protocol):
    """Something on the stage that draws itself onto the film frame, in place."""

    def draw(self, frame: ByteArray, shot: Shot) -> None: ...


@dataclass(frozen=True, slots=True)
class Motion:
    """How a layer moves by itself. Amplitudes are shares of the picture's height.

    drift: sideways, per second. sway: leaning about `hinge`, a canvas row. bob: up and down.
    breathe: growing and shrinking about the hinge.
    """

    drift: float = 0.0
    sway: float = 0.0
    bob: float = 0.0
    breathe: float = 0.0
    period_s: float = 4.0
    phase: float = 0.0
    hinge: float = 0.0
    rise: float = 0.0

    def matrix(self, shot: Shot) -> FloatArray:
        """Where the layer is now, on the canvas, as a 3×3 matrix."""
        angle = 2 * math.pi * shot.seconds / self.period_s + self.phase
        # Nothing has moved yet at the first moment, whatever the phase.
        swing = math.sin(angle) - math.sin(self.phase)
        height = shot.space.height
        lean = self.sway * swing
        grow = 1 + self.breathe * swing
        return np.array(
            [
                [1, -lean, lean * self.hinge + self.drift * shot.seconds * height],
                [
                    0,
                    grow,
                    self.hinge * (1 - grow)
                    + (self.bob * swing - self.rise * shot.seconds) * height,
                ],
                [0, 0, 1],
            ],
            np.float32,
        )


STILL = Motion()


@dataclass(slots=True)
class Layer:
    """A painted sheet at one depth (0 far, 1 near).

    pixels: (rows, columns, 4) premultiplied RGBA. left, top: where it lies on the canvas.
    extends: its edge pixels go on for ever at the sides and below (ground, sky); else it ends.
    figure: the subject it shows, by name; empty for everything else.
    """

    pixels: ByteArray
    depth: float
    motion: Motion = STILL
    left: int = 0
    top: int = 0
    extends: bool = True
    figure: str = ""

    def matrix(self, shot: Shot) -> FloatArray:
        placed = np.array([[1, 0, self.left], [0, 1, self.top], [0, 0, 1]], np.float32)
        if shot.alive:
            placed = self.motion.matrix(shot) @ placed
        return np.asarray(shot.matrix(self.depth) @ placed, np.float32)

    def draw(self, frame: ByteArray, shot: Shot) -> None:
        lay(frame, self.pixels, self.matrix(shot), extends=self.extends)


@dataclass(slots=True)
class Flipbook(Layer):
    """A figure that moves its limbs: pages for one round of a movement, painted when first needed.

    The layer's own pixels are the first page. paint: the page for a phase, 0 to 1.
    """

    paint: Callable[[float], ByteArray] | None = None
    cycle_s: float = 1.0
    count: int = 10
    _pages: dict[int, ByteArray] = field(default_factory=dict, repr=False)

    def draw(self, frame: ByteArray, shot: Shot) -> None:
        index = int(shot.seconds / self.cycle_s * self.count) % self.count if shot.alive else 0
        pixels = self.pixels
        if index and self.paint is not None:
            if index not in self._pages:
                self._pages[index] = self.paint(index / self.count)
            pixels = self._pages[index]
        lay(frame, pixels, self.matrix(shot), extends=False)


def sheet(
    rgb: npt.NDArray[Any], alpha: npt.NDArray[Any] | None, rng: np.random.Generator
) -> ByteArray:
    """Paint as a premultiplied 8-bit sheet. rgb (h, w, 3) and alpha (h, w): 0 to 1.

    Half a step of noise before rounding keeps wide gradients free of bands.
    """
    height, width = rgb.shape[:2]
    noise = rng.random((height, width), dtype=np.float32)
    out = np.empty((height, width, 4), np.uint8)
    if alpha is None:
        limit = np.full((height, width), 255.0, np.float32)
    else:
        limit = np.clip(np.asarray(alpha, np.float32) * 255, 0, 255)
        noise *= limit > 0.5
    for channel in range(3):
        colour = np.clip(rgb[..., channel], 0, 1) * limit
        colour += noise
        # Premultiplied color above its alpha would shine.
        out[..., channel] = np.minimum(colour, limit + 0.5)
    out[..., 3] = limit + 0.5
    return out


def cropped(pixels: ByteArray) -> tuple[ByteArray, int]:
    """Without the empty rows at the top, and how many those were."""
    filled = np.flatnonzero(pixels[..., 3].max(axis=1))
    first = int(filled[0]) if filled.size else len(pixels) - 1
    return np.ascontiguousarray(pixels[first:]), first


@dataclass(slots=True)
class Stage:
    """A finished set: elements from back to front, and how the picture is developed."""

    space: Space
    elements: Sequence[Element]
    finish: Finish
    # What a listener would hear there: names of beds in `scenes.ambience`.
    sounds: tuple[str, ...] = field(default=())

    def frame(self, shot: Shot) -> ByteArray:
        """One developed frame, (shot.height, shot.width, 3) RGB uint8."""
        frame = np.zeros((shot.height, shot.width, 3), np.uint8)
        for element in self.elements:
            element.draw(frame, shot)
        return self.finish.develop(frame, shot.seconds if shot.alive else 0.0)

    def still(self) -> ByteArray:
        """The picture itself: everything at rest."""
        return self.frame(Shot(self.space, self.space.width, self.space.height))
