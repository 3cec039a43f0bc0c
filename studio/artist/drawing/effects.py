"""What moves by itself: stars, glitter, rain, snow, dust, steam, lit windows, a sweep of light.

Each is an element of the stage (see `stage.Element`). In a still they show their first moment.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import cv2
import numpy as np

from studio.artist.drawing.stage import STILL, Motion, Shot, Space
from studio.media.image.compositing import lay
from studio.media.raster import ByteArray, Colour, FloatArray, blur, smoothstep


def shine(frame: ByteArray, light: ByteArray, matrix: FloatArray, strength: float = 1.0) -> None:
    """Add light, (rows, columns, 4) uint8 on black, to the frame, in place."""
    if strength <= 0.004:
        return
    height, width = frame.shape[:2]
    rows, columns = light.shape[:2]
    corners = matrix @ np.array(
        [[0, columns, 0, columns], [0, 0, rows, rows], [1, 1, 1, 1]], np.float32
    )
    x0, x1 = max(0, math.floor(corners[0].min())), min(width, math.ceil(corners[0].max()))
    y0, y1 = max(0, math.floor(corners[1].min())), min(height, math.ceil(corners[1].max()))
    if x1 <= x0 or y1 <= y0:
        return
    local = matrix.copy()
    local[:, 2] -= (x0, y0)
    warped = cv2.warpAffine(light, local, (x1 - x0, y1 - y0), flags=cv2.INTER_LINEAR)
    warped = cv2.cvtColor(warped, cv2.COLOR_RGBA2RGB)
    if strength != 1.0:
        warped = cv2.multiply(warped, (1.0, 1.0, 1.0, 0), scale=strength)
    window = frame[y0:y1, x0:x1]
    window[:] = cv2.add(window, warped)


def light_sheet(rgb: FloatArray) -> ByteArray:
    """Light on black, 0 to 1, as 8-bit. A fourth channel, empty: OpenCV warps four much faster
    than three."""
    out = np.zeros((*rgb.shape[:2], 4), np.uint8)
    out[..., :3] = np.clip(rgb, 0, 1) * 255 + 0.5
    return out


def trimmed(light: ByteArray) -> tuple[ByteArray, int, int]:
    """Without the dark margins: (light, left, top)."""
    lit = light.max(axis=2)
    if not lit.max():
        return light[:1, :1], 0, 0
    rows, columns = np.flatnonzero(lit.max(axis=1)), np.flatnonzero(lit.max(axis=0))
    window = light[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return np.ascontiguousarray(window), int(columns[0]), int(rows[0])


def trimmed_alike(lights: tuple[ByteArray, ...]) -> tuple[tuple[ByteArray, ...], int]:
    """Sheets of one shape without the rows dark in all of them, and how many those were on top."""
    lit = np.flatnonzero(np.max([light.max(axis=(1, 2)) for light in lights], axis=0))
    if not lit.size:
        return tuple(light[:1] for light in lights), 0
    rows = slice(int(lit[0]), int(lit[-1]) + 1)
    return tuple(np.ascontiguousarray(light[rows]) for light in lights), rows.start


@dataclass(slots=True)
class Pulse:
    """Light that swells and fades: windows, stars, eyes, a lantern.

    low, high: its strength at the ends of the swing. Several with different phases twinkle.
    """

    light: ByteArray
    depth: float
    low: float = 0.6
    high: float = 1.0
    period_s: float = 3.0
    phase: float = 0.0
    left: int = 0
    top: int = 0
    motion: Motion = STILL

    def draw(self, frame: ByteArray, shot: Shot) -> None:
        swing = 0.5 + 0.5 * math.sin(2 * math.pi * shot.seconds / self.period_s + self.phase)
        placed = np.array([[1, 0, self.left], [0, 1, self.top], [0, 0, 1]], np.float32)
        if shot.alive:
            placed = self.motion.matrix(shot) @ placed
        matrix = np.asarray(shot.matrix(self.depth) @ placed, np.float32)
        shine(frame, self.light, matrix, self.low + (self.high - self.low) * swing)


@dataclass(slots=True)
class Twinkle:
    """Many small lights in groups, each group swelling at its own time: windows, stars.

    lights: sheets of one shape. They are mixed before they are placed, which costs one warp.
    """

    lights: tuple[ByteArray, ...]
    depth: float
    low: float = 0.4
    period_s: float = 2.4
    left: int = 0
    top: int = 0

    def draw(self, frame: ByteArray, shot: Shot) -> None:
        mixed: ByteArray | None = None
        for index, light in enumerate(self.lights):
            period = self.period_s * (1 + 0.35 * index)
            phase = 2 * math.pi * index / len(self.lights)
            swing = 0.5 + 0.5 * math.sin(2 * math.pi * shot.seconds / period + phase)
            strength = self.low + (1 - self.low) * swing
            if mixed is None:
                mixed = np.asarray(cv2.convertScaleAbs(light, alpha=strength), np.uint8)
            else:
                mixed = np.asarray(cv2.addWeighted(mixed, 1.0, light, strength, 0), np.uint8)
        if mixed is not None:
            placed = np.array([[1, 0, self.left], [0, 1, self.top], [0, 0, 1]], np.float32)
            shine(frame, mixed, np.asarray(shot.matrix(self.depth) @ placed, np.float32))


@dataclass(slots=True)
class Glitter:
    """Sun or moon on water: two sheets of glints sliding past each other, under a mask.

    mask: (rows, columns) 0 to 1 on the canvas, from row `top` down. color: of the glints.
    """

    mask: FloatArray
    glints: tuple[ByteArray, ByteArray]
    colour: Colour
    depth: float
    top: int
    speed: float = 14.0
    _tint: ByteArray | None = field(default=None, repr=False)

    def draw(self, frame: ByteArray, shot: Shot) -> None:
        if self._tint is None:
            tint = self.mask[..., None] * np.array(self.colour, np.float32)
            self._tint = light_sheet(tint)
        slide = shot.seconds * self.speed * shot.space.height / 576
        first = _rolled(self.glints[0], slide, 0.18 * slide)
        second = _rolled(self.glints[1], -0.8 * slide, 0.1 * slide)
        both = cv2.multiply(first, second, scale=1 / 150)
        both = cv2.subtract(both, 96)
        sparkle = cv2.cvtColor(cv2.multiply(both, 2.6), cv2.COLOR_GRAY2RGBA)
        light = cv2.multiply(sparkle, self._tint, scale=1 / 255)
        placed = np.array([[1, 0, 0], [0, 1, self.top], [0, 0, 1]], np.float32)
        shine(frame, light, np.asarray(shot.matrix(self.depth) @ placed, np.float32))


def _rolled(texture: ByteArray, dx: float, dy: float) -> ByteArray:
    """The texture slid by a fraction of pixels; what leaves on one side returns on the other."""
    height, width = texture.shape
    matrix = np.array([[1, 0, dx % width], [0, 1, dy % height]], np.float32)
    return np.asarray(
        cv2.warpAffine(texture, matrix, (width, height), borderMode=cv2.BORDER_WRAP), np.uint8
    )


def glint_texture(rng: np.random.Generator, height: int, width: int, horizon: int = 0) -> ByteArray:
    """Short bright dashes, finer towards the top as if towards a horizon."""
    noise = rng.random((height, width), dtype=np.float32)
    dashes = cv2.GaussianBlur(
        noise, (0, 0), sigmaX=max(1.0, width / 190), sigmaY=max(0.6, height / 330)
    )
    near = cv2.GaussianBlur(
        noise, (0, 0), sigmaX=max(1.5, width / 90), sigmaY=max(0.8, height / 130)
    )
    depth = np.linspace(0, 1, height, dtype=np.float32)[:, None]
    mixed = _spread(dashes) * (1 - depth) + _spread(near) * depth
    return np.asarray(np.clip(128 + 62 * mixed, 0, 255), np.uint8)


def _spread(noise: FloatArray) -> FloatArray:
    return np.asarray((noise - noise.mean()) / (noise.std() + 1e-6), np.float32)


@dataclass(slots=True)
class Steam:
    """Vapour rising from a place on the canvas; x, y: its source, in canvas pixels."""

    noise: ByteArray
    mask: ByteArray
    left: int
    top: int
    depth: float
    strength: float = 0.5

    def draw(self, frame: ByteArray, shot: Shot) -> None:
        lift = shot.seconds * 0.11 * shot.space.height
        drift = 3 * math.sin(1.1 * shot.seconds) * shot.space.height / 576
        wisps = _rolled(self.noise, drift, -lift)
        wisps = cv2.multiply(cv2.subtract(wisps, 70), 1.7)
        light = cv2.cvtColor(cv2.multiply(wisps, self.mask, scale=1 / 255), cv2.COLOR_GRAY2RGBA)
        placed = np.array([[1, 0, self.left], [0, 1, self.top], [0, 0, 1]], np.float32)
        matrix = np.asarray(shot.matrix(self.depth) @ placed, np.float32)
        shine(frame, light, matrix, self.strength)


def steam(
    rng: np.random.Generator, space: Space, x: float, y: float, size: float, depth: float
) -> Steam:
    """Two wisps above (x, y), about `size` pixels high."""
    height, width = max(16, round(size)), max(16, round(size * 0.9))
    v, u = np.mgrid[0 : 1 : height * 1j, -1 : 1 : width * 1j].astype(np.float32)
    bend = 0.16 * np.sin(5.5 * v + 0.6) * (1 - v)
    plumes = np.exp(-(((u - 0.22 - bend) / 0.2) ** 2)) + np.exp(-(((u + 0.2 + bend) / 0.17) ** 2))
    mask = plumes * smoothstep(0.02, 0.45, v) * smoothstep(1.0, 0.9, v)
    noise = rng.random((height, width), dtype=np.float32)
    soft = blur(noise, size * 0.045)
    soft = (soft - soft.min()) / (np.ptp(soft) + 1e-6)
    return Steam(
        np.asarray(soft * 255, np.uint8),
        np.asarray(np.clip(mask, 0, 1) * 255, np.uint8),
        round(x - width / 2),
        round(y - height),
        depth,
    )


@dataclass(slots=True)
class Sweep:
    """A band of light that travels over a figure. alpha: the figure, from (left, top) on."""

    alpha: ByteArray
    left: int
    top: int
    depth: float
    colour: Colour
    period_s: float = 3.4
    strength: float = 0.5

    def draw(self, frame: ByteArray, shot: Shot) -> None:
        rows, columns = self.alpha.shape
        if not shot.alive:
            return
        # Off the figure at the first moment, so that films open on the still picture.
        where = ((shot.seconds / self.period_s) % 1.0) * 1.9 - 0.45
        u = np.linspace(0, 1, columns, dtype=np.float32)[None]
        v = np.linspace(0, 1, rows, dtype=np.float32)[:, None]
        band = np.exp(-(((u + 0.28 * v - 0.14 - where) / 0.085) ** 2)) * 255
        light = cv2.multiply(np.asarray(band, np.uint8), self.alpha, scale=1 / 255)
        tints = (*self.colour, 0.0)
        tinted = np.asarray(
            cv2.merge([cv2.convertScaleAbs(light, alpha=t) for t in tints]), np.uint8
        )
        placed = np.array([[1, 0, self.left], [0, 1, self.top], [0, 0, 1]], np.float32)
        shine(
            frame, tinted, np.asarray(shot.matrix(self.depth) @ placed, np.float32), self.strength
        )


@dataclass(slots=True)
class Beam:
    """A lighthouse's beam, or a spotlight, turning about (x, y) on the canvas."""

    x: float
    y: float
    length: float
    colour: Colour
    depth: float
    period_s: float = 6.0
    strength: float = 0.4

    def draw(self, frame: ByteArray, shot: Shot) -> None:
        matrix = shot.matrix(self.depth)
        x, y = (matrix @ np.array([self.x, self.y, 1], np.float32)).tolist()
        reach = self.length * matrix[0, 0]
        turn = 2 * math.pi * shot.seconds / self.period_s + 0.5
        sheet = np.zeros_like(frame)
        for side in (1, -1):
            long = side * reach * math.cos(turn)
            tall = abs(long) * 0.09 + 3
            colour = tuple(int(255 * c) for c in self.colour)
            corners = [
                (x, y - 2),
                (x + long, y - tall - 0.12 * abs(long)),
                (x + long, y + tall - 0.12 * abs(long)),
                (x, y + 2),
            ]
            cv2.fillPoly(sheet, [np.array(corners).astype(np.int32)], colour, cv2.LINE_AA)
        height, width = frame.shape[:2]
        small = cv2.resize(
            sheet, (max(2, width // 4), max(2, height // 4)), interpolation=cv2.INTER_AREA
        )
        soft = cv2.resize(cv2.GaussianBlur(small, (0, 0), max(1.0, height / 140)), (width, height))
        columns = np.arange(width, dtype=np.float32)
        fade = np.clip(1 - np.abs(columns - x) / max(reach, 1), 0, 1) ** 0.7 * self.strength
        faded = soft * fade[None, :, None]
        frame[:] = cv2.add(frame, np.asarray(faded, np.uint8))


@dataclass(slots=True)
class Drawing:
    """A drawing that can draw itself: `order` says when each stroke comes, 0 first to 255 last.

    In a film the lines come during the first part of it and, like any drawing filmed by hand, they
    tremble a little, twelve times a second.
    """

    pixels: ByteArray
    order: ByteArray
    left: int
    top: int
    depth: float
    motion: Motion = STILL

    def draw(self, frame: ByteArray, shot: Shot) -> None:
        pixels = self.pixels
        placed = np.array([[1, 0, self.left], [0, 1, self.top], [0, 0, 1]], np.float32)
        if shot.alive:
            beat = int(shot.seconds * 12)
            boil = 0.0011 * shot.space.height
            placed[0, 2] += boil * math.sin(beat * 2.4) * (beat > 0)
            placed[1, 2] += boil * math.cos(beat * 3.7) * (beat > 0)
            placed = self.motion.matrix(shot) @ placed
        if shot.alive and not shot.opens_drawn and shot.progress < 0.62:
            reached = 255 * shot.progress / 0.6
            shown = np.clip((reached + 10 - np.arange(256)) / 10, 0, 1) * 255
            visible = cv2.LUT(self.order, np.asarray(shown, np.uint8).reshape(1, 256))
            pixels = cv2.multiply(pixels, cv2.merge([visible] * 4), scale=1 / 255)
        lay(frame, pixels, np.asarray(shot.matrix(self.depth) @ placed, np.float32), extends=False)
