"""Painted looks for stills: real strokes, laid along the shapes, the coarse ones first.

After Hertzmann (1998), with directions from the structure tensor. Too slow and too restless for
films, which have looks of their own (see `film.looks`); a `Look` here draws one picture.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from studio.media.image.filters import noise, saturate, times
from studio.media.raster import FloatArray, Frame, blur
from studio.media.styles.look import Look

# Sub-pixel bits of OpenCV's coordinates.
SHIFT = 4
# Below this side a picture is painted larger and made small again: brushes have a least width.
LEAST_SIDE = 96


@dataclass(frozen=True, slots=True)
class Brush:
    """One layer. width: of a stroke, as a share of the picture's shorter side; length: in widths;
    gap: between strokes, in widths; skip: differences smaller than this are left as they are."""

    width: float
    length: float
    gap: float = 0.75
    skip: float = 0.0


def directions(frame: Frame, sigma: float) -> tuple[FloatArray, FloatArray]:
    """Along the shapes: angle (h, w) in radians, and how sure it is, 0 to 1."""
    grey = cv2.GaussianBlur(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY).astype(np.float32), (0, 0), 1.2)
    across, down = cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1)
    xx, yy, xy = (blur(plane, sigma) for plane in (across**2, down**2, across * down))
    angle = 0.5 * np.arctan2(2 * xy, xx - yy) + np.pi / 2
    spread = np.sqrt((xx - yy) ** 2 + 4 * xy**2)
    sure = spread / (xx + yy + 30.0)
    return np.asarray(angle, np.float32), np.asarray(np.clip(sure, 0, 1), np.float32)


class Strokes(Look):
    """Paint in strokes. Subclasses say which brushes and how free the colors are."""

    brushes: tuple[Brush, ...] = (
        Brush(0.05, 4.0, 0.6),
        Brush(0.022, 5.0, 0.8, 12),
        Brush(0.010, 5.0, 1.15, 36),
        Brush(0.0055, 4.0, 1.2, 60),
    )
    jitter = 7.0
    swirl = 0.35
    relief = 0.55
    vivid = 1.2

    def draw(self, frame: Frame, at: float) -> Frame:
        short = min(self.height, self.width)
        if short < LEAST_SIDE:
            factor = LEAST_SIDE / max(1, short)
            size = (round(self.width * factor), round(self.height * factor))
            larger = cv2.resize(frame, size, interpolation=cv2.INTER_CUBIC)
            painted = self._painted(np.asarray(larger, np.uint8))
            return np.asarray(
                cv2.resize(painted, (self.width, self.height), interpolation=cv2.INTER_AREA),
                np.uint8,
            )
        return self._painted(frame)

    def _painted(self, frame: Frame) -> Frame:
        graded = self.graded(frame)
        height, width = frame.shape[:2]
        short = min(height, width)
        angle, sure = directions(frame, short / 60)
        # Where nothing leads, the hand goes its own way: slow turns over the whole picture.
        drift = noise(self.rng, width, height, short / 5) * self.swirl * np.pi
        turn = np.exp(1j * 2 * angle) * sure + np.exp(1j * 2 * drift) * (1 - sure) * 0.6
        angle = np.asarray(np.angle(turn) / 2, np.float32)
        canvas = np.asarray(blur(graded, short / 25), np.uint8).copy()
        ridges = np.full((height, width), 128, np.uint8)
        for brush in self.brushes:
            self._layer(canvas, ridges, graded, angle, brush)
        return self._lit(canvas, ridges)

    def graded(self, frame: Frame) -> Frame:
        """The colors to paint with."""
        return saturate(frame, self.vivid)

    def _layer(
        self, canvas: Frame, ridges: Frame, graded: Frame, angle: FloatArray, brush: Brush
    ) -> None:
        height, width = canvas.shape[:2]
        thick = max(1.0, brush.width * min(height, width))
        source = cv2.GaussianBlur(graded, (0, 0), max(0.5, thick * 0.3))
        x, y = self._places(width, height, max(2.0, thick * brush.gap))
        if brush.skip:
            away = np.abs(canvas.astype(np.int16) - source).sum(axis=2)
            wanted = cv2.blur(away.astype(np.float32), (max(1, int(thick)),) * 2)[y, x] > brush.skip
            x, y = x[wanted], y[wanted]
        colours = np.clip(
            source[y, x] + self.rng.normal(0, self.jitter, (len(x), 1))
            + self.rng.normal(0, self.jitter * 0.6, (len(x), 3)), 0, 255,
        )  # fmt: skip
        heights = self.rng.integers(70, 190, len(x))
        paths = self._paths(x, y, angle, thick * brush.length / 3, 3)
        points = np.rint(paths * (1 << SHIFT)).astype(np.int32)
        wide = max(1, round(thick))
        for path, colour, level in zip(points, colours.tolist(), heights.tolist(), strict=True):
            cv2.polylines(canvas, [path], False, colour, wide, cv2.LINE_AA, SHIFT)
            if wide > 3:
                cv2.polylines(ridges, [path], False, level, wide // 2, cv2.LINE_8, SHIFT)

    def _places(self, width: int, height: int, gap: float) -> tuple[np.ndarray, np.ndarray]:
        """Where strokes start, in an order that shows no rows."""
        columns, rows = max(1, round(width / gap)), max(1, round(height / gap))
        x, y = np.meshgrid(np.arange(columns) + 0.5, np.arange(rows) + 0.5)
        x = x.ravel() * width / columns + self.rng.normal(0, gap * 0.4, columns * rows)
        y = y.ravel() * height / rows + self.rng.normal(0, gap * 0.4, columns * rows)
        order = self.rng.permutation(columns * rows)
        return (
            np.clip(x, 0, width - 1).astype(int)[order],
            np.clip(y, 0, height - 1).astype(int)[order],
        )

    def _paths(
        self, x: np.ndarray, y: np.ndarray, angle: FloatArray, step: float, steps: int
    ) -> np.ndarray:
        """Curved strokes about their places: (strokes, steps + 1, 2)."""
        height, width = angle.shape
        where = np.stack([x, y], axis=1).astype(np.float64)
        heading = angle[y, x].astype(np.float64)
        along = np.stack([np.cos(heading), np.sin(heading)], axis=1)
        where = where - along * step * steps / 2
        path = [where]
        for _ in range(steps):
            column = np.clip(where[:, 0], 0, width - 1).astype(int)
            row = np.clip(where[:, 1], 0, height - 1).astype(int)
            local = angle[row, column]
            ahead = np.stack([np.cos(local), np.sin(local)], axis=1)
            # Directions have no arrow: go on the way we came.
            ahead *= np.where((ahead * along).sum(axis=1) < 0, -1.0, 1.0)[:, None]
            along = 0.5 * along + 0.5 * ahead
            where = where + along * step
            path.append(where)
        return np.stack(path, axis=1)

    def _lit(self, canvas: Frame, ridges: Frame) -> Frame:
        """Light from the upper left on the paint's own thickness."""
        relief = cv2.GaussianBlur(ridges, (0, 0), max(0.7, min(ridges.shape) / 700))
        kernel = np.array([[2, 1, 0], [1, 0, -1], [0, -1, -2]], np.float32) / 4
        slope = cv2.filter2D(relief.astype(np.float32), -1, kernel) * self.relief
        return np.asarray(np.clip(canvas + slope[..., None], 0, 255), np.uint8)


class OilPainting(Strokes):
    """Oil on canvas: thick paint, rich colours."""


class Impressionist(Strokes):
    """Short broken strokes of pure color, bright shadows."""

    brushes = (Brush(0.045, 2.4, 0.5), Brush(0.024, 2.2, 0.62, 6), Brush(0.012, 2.2, 0.9, 42))
    jitter = 15.0
    vivid = 1.35

    def graded(self, frame: Frame) -> Frame:
        lit = cv2.LUT(frame, np.asarray(30 + np.arange(256) * 0.88, np.uint8))
        return saturate(np.asarray(lit, np.uint8), self.vivid)


class Swirls(Strokes):
    """Long swirling ridges of paint in blue and yellow, as in the starry nights of 1889."""

    brushes = (Brush(0.035, 9.0, 0.55), Brush(0.016, 11.0, 0.7, 5), Brush(0.009, 9.0, 0.95, 34))
    jitter = 14.0
    swirl = 1.1
    relief = 0.9
    vivid = 1.5

    def graded(self, frame: Frame) -> Frame:
        grey = cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY).astype(np.float32)[..., None] / 255
        blue = np.array((28, 62, 140), np.float32)
        yellow = np.array((250, 206, 84), np.float32)
        toned = blue * (1 - grey) * 1.25 + yellow * grey
        mixed = saturate(frame, self.vivid).astype(np.float32) * 0.68 + toned * 0.32
        return np.asarray(np.clip(mixed, 0, 255), np.uint8)


class Pastel(Strokes):
    """Chalk on toned paper: soft strokes, the paper's tooth between them."""

    brushes = (Brush(0.03, 3.5, 0.6), Brush(0.013, 4.0, 0.75, 10), Brush(0.0065, 4.0, 1.1, 46))
    jitter = 10.0
    relief = 0.2
    vivid = 1.05

    def graded(self, frame: Frame) -> Frame:
        pale = frame.astype(np.float32) * 0.74 + np.array((70, 64, 66), np.float32)
        return saturate(np.asarray(np.clip(pale, 0, 255), np.uint8), 1.15)

    def _lit(self, canvas: Frame, ridges: Frame) -> Frame:
        height, width = canvas.shape[:2]
        tooth = noise(self.rng, width, height, max(0.7, min(height, width) / 700))
        bare = np.clip((tooth - 0.75) * 0.8, 0, 0.75)[..., None]
        paper = np.array((214, 202, 188), np.float32)
        mixed = canvas + (paper - canvas.astype(np.float32)) * bare
        return super()._lit(np.asarray(mixed, np.uint8), ridges)


class Dots(Look):
    """Pointillism: dots of purer colors than the picture's, which the eye mixes again."""

    def draw(self, frame: Frame, at: float) -> Frame:
        height, width = frame.shape[:2]
        short = max(24, min(height, width))
        canvas = np.asarray(blur(saturate(frame, 1.2), short / 40) * 0.5 + 118, np.uint8)
        canvas = np.ascontiguousarray(canvas)
        for share, pure in ((0.0115, 16.0), (0.0075, 21.0)):
            radius = max(1.0, share * short)
            gap = radius * 1.45
            source = cv2.GaussianBlur(saturate(frame, 1.5), (0, 0), max(0.5, radius * 0.5))
            columns, rows = max(1, round(width / gap)), max(1, round(height / gap))
            x, y = np.meshgrid(np.arange(columns) + 0.5, np.arange(rows) + 0.5)
            x = x.ravel() * width / columns + self.rng.normal(0, gap * 0.25, columns * rows)
            y = y.ravel() * height / rows + self.rng.normal(0, gap * 0.25, columns * rows)
            order = self.rng.permutation(len(x))
            x, y = np.clip(x, 0, width - 1)[order], np.clip(y, 0, height - 1)[order]
            colours = source[y.astype(int), x.astype(int)] + self.rng.normal(0, pure, (len(x), 3))
            sizes = np.rint(radius * self.rng.uniform(0.65, 1.05, len(x)) * (1 << SHIFT))
            centres = np.rint(np.stack([x, y], axis=1) * (1 << SHIFT)).astype(int)
            for centre, size, colour in zip(
                centres.tolist(), sizes.astype(int).tolist(),
                np.clip(colours, 0, 255).tolist(), strict=True,
            ):  # fmt: skip
                cv2.circle(canvas, centre, size, colour, -1, cv2.LINE_AA, SHIFT)
        return canvas


class Charcoal(Look):
    """Charcoal on rough paper: broad smudged tones, dark broken lines."""

    def draw(self, frame: Frame, at: float) -> Frame:
        height, width = frame.shape[:2]
        short = min(height, width)
        grey = cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY)
        calm = cv2.bilateralFilter(grey, 7, 40, 5).astype(np.float32)
        wide = blur(calm, max(1.0, short / 50))
        lines = np.clip((wide - blur(calm, max(0.6, short / 500))) * 5.5, 0, 255)
        level = np.interp(calm, (0, 70, 140, 215, 255), (18, 95, 175, 236, 246))
        grain = noise(self.rng, width, height, max(0.7, short / 620))
        # Strokes of the side of the stick, all one way.
        drag = cv2.blur(
            self.rng.standard_normal((height, width)).astype(np.float32),
            (max(3, short // 24), 1),
        )
        drag = cv2.warpAffine(
            drag, cv2.getRotationMatrix2D((width / 2, height / 2), 32, 1.3), (width, height),
            borderMode=cv2.BORDER_REFLECT,
        )  # fmt: skip
        dark = np.clip((240 - level) / 240, 0, 1)
        drawn = level - lines * 0.9 + (grain * 20 + drag / (drag.std() + 1e-6) * 15) * dark
        paper = 240 + noise(self.rng, width, height, max(1.0, short / 260)) * 3
        shown = np.clip(np.minimum(drawn, paper), 8, 255).astype(np.uint8)
        return np.asarray(times(cv2.merge([shown] * 3), _warm_paper(height, width)), np.uint8)


def _warm_paper(height: int, width: int) -> Frame:
    return np.full((height, width, 3), (255, 251, 242), np.uint8)
