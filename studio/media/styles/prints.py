"""Made and printed looks for stills: glass, tiles, facets, cut blocks, screens, clay, pixels."""

from __future__ import annotations

import cv2
import numpy as np

from studio.media.image.filters import noise, saturate, scaled, simplify
from studio.media.image.tones import contrasted, stretched
from studio.media.raster import FloatArray, Frame, blur
from studio.media.styles.look import Look

# Inks of the two-colour printer when no colors are named: (dark, light).
SPOT_INKS = (
    ((0, 90, 140), (255, 98, 80)),
    ((50, 60, 150), (255, 170, 40)),
    ((0, 120, 110), (240, 80, 140)),
)
POP_INKS = (
    ((30, 20, 90), (235, 35, 110), (255, 190, 20), (255, 245, 200)),
    ((20, 30, 60), (0, 150, 200), (255, 120, 60), (255, 240, 120)),
    ((70, 10, 80), (240, 60, 60), (60, 200, 190), (255, 250, 210)),
)


class Cells(Look):
    """Voronoi cells of the picture's own colours. seam: width of what lies between them."""

    share = 0.030
    seam = 0.0

    def cells(self, frame: Frame) -> tuple[Frame, FloatArray, np.ndarray]:
        """The picture in flat cells, how far every pixel is from its cell's edge, and labels."""
        height, width = frame.shape[:2]
        gap = max(3.0, self.share * min(height, width))
        columns, rows = max(1, round(width / gap)), max(1, round(height / gap))
        x, y = np.meshgrid(np.arange(columns) + 0.5, np.arange(rows) + 0.5)
        x = x.ravel() * width / columns + self.rng.uniform(-0.4, 0.4, columns * rows) * gap
        y = y.ravel() * height / rows + self.rng.uniform(-0.4, 0.4, columns * rows) * gap
        seeds = np.full((height, width), 255, np.uint8)
        seeds[np.clip(y, 0, height - 1).astype(int), np.clip(x, 0, width - 1).astype(int)] = 0
        _, labels = cv2.distanceTransformWithLabels(
            seeds, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
        )
        count = int(labels.max()) + 1
        flat = labels.ravel()
        sizes = np.maximum(np.bincount(flat, minlength=count), 1)
        means = np.stack(
            [np.bincount(flat, frame[..., c].ravel(), count) / sizes for c in range(3)], axis=-1
        )
        edge = np.zeros((height, width), np.uint8)
        edge[:, 1:] |= np.asarray(labels[:, 1:] != labels[:, :-1], np.uint8)
        edge[1:] |= np.asarray(labels[1:] != labels[:-1], np.uint8)
        away = cv2.distanceTransform(1 - edge, cv2.DIST_L2, 3)
        return np.asarray(means[labels], np.uint8), np.asarray(away, np.float32), labels


class StainedGlass(Cells):
    """Glowing panes in lead."""

    share = 0.042

    def draw(self, frame: Frame, at: float) -> Frame:
        short = min(self.height, self.width)
        panes, away, labels = self.cells(saturate(stretched(frame, 0.5), 1.7))
        tone = self.rng.uniform(0.86, 1.16, int(labels.max()) + 1)[labels]
        # Light comes through the middle of a pane more than through its rim.
        shine = 0.8 + 0.28 * np.clip(
            np.minimum(away, short) / max(1.0, self.share * short * 0.5), 0, 1
        )
        streaks = 1 + 0.05 * noise(self.rng, self.width, self.height, max(1.0, short / 120))
        glass = panes * (tone * shine * streaks)[..., None] * 1.08 + 6
        lead = np.clip(away / max(1.0, short * 0.0035) - 0.6, 0, 1)[..., None]
        shown = glass * lead + np.array((18, 17, 20)) * (1 - lead)
        return np.asarray(np.clip(shown, 0, 255), np.uint8)


class Mosaic(Cells):
    """Small stones set in pale mortar, each a little different and catching the light."""

    share = 0.021

    def draw(self, frame: Frame, at: float) -> Frame:
        short = min(self.height, self.width)
        stones, away, labels = self.cells(saturate(frame, 1.25))
        tone = self.rng.uniform(0.88, 1.12, int(labels.max()) + 1)[labels]
        height = np.clip(away / max(1.0, short * 0.006), 0, 1)
        slope = cv2.Sobel(blur(height, 0.7), cv2.CV_32F, 1, 0) + cv2.Sobel(
            blur(height, 0.7), cv2.CV_32F, 0, 1
        )
        lit = stones * tone[..., None] + (slope * 9)[..., None]
        mortar = np.clip(away / max(0.8, short * 0.0016), 0, 1)[..., None]
        shown = lit * mortar + np.array((206, 198, 184)) * (1 - mortar)
        return np.asarray(np.clip(shown, 0, 255), np.uint8)


class LowPoly(Look):
    """Facets: triangles between points that gather along the edges."""

    def draw(self, frame: Frame, at: float) -> Frame:
        height, width = self.height, self.width
        grey = cv2.cvtColor(simplify(frame, rounds=2), cv2.COLOR_RGB2GRAY)
        edges = scaled(cv2.Canny(grey, 40, 110), width, height)
        weight = blur(edges.astype(np.float32), 2.0).ravel() + 2.5
        count = int(np.clip(height * width / 420, 60, 2600))
        picked = self.rng.choice(weight.size, count, p=weight / weight.sum())
        points = np.stack([picked % width, picked // width], axis=1).astype(np.float32)
        rim = [(u * (width - 1), v * (height - 1)) for u in np.linspace(0, 1, 9) for v in (0, 1)]
        rim += [(u * (width - 1), v * (height - 1)) for v in np.linspace(0, 1, 7) for u in (0, 1)]
        subdivision = cv2.Subdiv2D((-1, -1, width + 2, height + 2))
        for x, y in np.unique(np.concatenate([points, np.array(rim, np.float32)]), axis=0):
            subdivision.insert((float(x), float(y)))
        triangles = np.reshape(subdivision.getTriangleList(), (-1, 3, 2))
        inside = (
            (triangles > -1.5).all(axis=(1, 2))
            & (triangles[..., 0] < width + 0.5).all(axis=1)
            & (triangles[..., 1] < height + 0.5).all(axis=1)
        )
        soft = saturate(np.asarray(blur(frame, 1.2), np.uint8), 1.15)
        shown = soft.copy()
        for triangle in triangles[inside]:
            spots = np.concatenate([triangle.mean(axis=0)[None], (triangle + triangle.mean(0)) / 2])
            x = np.clip(spots[:, 0], 0, width - 1).astype(int)
            y = np.clip(spots[:, 1], 0, height - 1).astype(int)
            colour = soft[y, x].mean(axis=0).tolist()
            corners = np.rint(triangle * 16).astype(np.int32)
            cv2.fillConvexPoly(shown, corners, colour, cv2.LINE_AA, 4)
        return shown


class Woodcut(Look):
    """Cut in wood: one ink on paper, tone by the width of carved lines along the shapes."""

    ink = (24, 20, 22)
    paper = (243, 234, 214)

    def draw(self, frame: Frame, at: float) -> Frame:
        height, width = self.height, self.width
        short = min(height, width)
        grey = cv2.cvtColor(stretched(contrasted(frame, 0.3)), cv2.COLOR_RGB2GRAY)
        calm = cv2.bilateralFilter(grey, 9, 45, 7).astype(np.float32) / 255
        calm = blur(calm, max(0.6, short / 400))
        pitch = max(3.2, short / 78)
        y, x = np.mgrid[0:height, 0:width].astype(np.float32)
        # The knife follows the form: lines bend with light and dark.
        bend = blur(calm, short / 30) * short * 0.16
        wander = noise(self.rng, width, height, short / 9) * pitch * 0.5
        wave = 0.5 + 0.5 * np.cos(2 * np.pi * (y + 0.35 * x + bend + wander) / pitch)
        width_of_line = np.interp(calm, (0.16, 0.34, 0.62, 0.82), (1.05, 0.72, 0.34, -0.06))
        cut = np.clip((width_of_line - wave) * pitch * 0.55 + 0.5, 0, 1)
        outline = np.clip((blur(calm, short / 120) - calm) * 22 - 0.35, 0, 1)
        printed = np.maximum(cut, outline)
        # Ink lies unevenly.
        worn = 1 - 0.14 * np.clip(noise(self.rng, width, height, 1.2), 0, 2)
        share = (printed * worn)[..., None]
        shown = np.array(self.paper) * (1 - share) + np.array(self.ink) * share
        grain = noise(self.rng, width, height, 0.9)[..., None] * 2.5
        return np.asarray(np.clip(shown + grain, 0, 255), np.uint8)


class Blueprint(Look):
    """White lines on blue paper with a grid."""

    def draw(self, frame: Frame, at: float) -> Frame:
        height, width = self.height, self.width
        short = min(height, width)
        grey = cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY)
        calm = cv2.bilateralFilter(grey, 7, 40, 5).astype(np.float32)
        lines = np.zeros((height, width), np.float32)
        for sigma, gain in ((max(0.7, short / 600), 0.11), (max(1.2, short / 260), 0.07)):
            soft = blur(calm, sigma)
            slope = np.hypot(cv2.Sobel(soft, cv2.CV_32F, 1, 0), cv2.Sobel(soft, cv2.CV_32F, 0, 1))
            lines = np.maximum(lines, np.clip((slope - 12) * gain * 0.14, 0, 1))
        tone = (calm / 255) ** 1.4 * 0.16
        paper = np.array((18, 62, 138), np.float32)
        stain = 1 + 0.05 * noise(self.rng, width, height, short / 7)
        shown = paper * stain[..., None] + tone[..., None] * np.array((120, 150, 200))
        fine, bold = max(6, short // 36), max(30, short // 7)
        for step, light in ((fine, 9), (bold, 22)):
            shown[::step] += light
            shown[:, ::step] += light
        share = lines[..., None]
        shown = shown + (np.array((236, 244, 255)) - shown) * share
        return np.asarray(np.clip(shown, 0, 255), np.uint8)


class Riso(Look):
    """Two spot inks through halftone screens, not quite in register."""

    def draw(self, frame: Frame, at: float) -> Frame:
        height, width = self.height, self.width
        short = min(height, width)
        dark, light = SPOT_INKS[int(self.rng.integers(len(SPOT_INKS)))]
        bright = stretched(contrasted(frame, 0.3)).astype(np.float32) / 255
        grey = bright @ np.array((0.299, 0.587, 0.114), np.float32)
        warm = np.clip(bright[..., 0] - 0.5 * bright[..., 2] - 0.1, 0, 1)
        plates = ((1 - grey) * 1.05, np.clip(warm * 0.9 + (1 - grey) * 0.35, 0, 1))
        paper = np.array((246, 240, 226), np.float32)
        shown = np.broadcast_to(paper, (height, width, 3)).copy()
        pitch = max(3.0, short / 130)
        for plate, ink, degrees in zip(plates, (dark, light), (45, 75), strict=True):
            slip = self.rng.integers(-max(1, short // 300), max(2, short // 250), 2)
            cover = np.roll(
                _screened(np.asarray(plate, np.float32), pitch, degrees), slip, axis=(0, 1)
            )
            cover *= 1 - 0.16 * np.clip(noise(self.rng, width, height, 1.0), 0, 2)
            # Inks multiply: where both lie the third color comes about.
            shown *= 1 - cover[..., None] * (1 - np.array(ink, np.float32) / 255)
        return np.asarray(np.clip(shown, 0, 255), np.uint8)


class PopArt(Look):
    """Flat loud colors by brightness, dots in the middle tones, black outlines."""

    def draw(self, frame: Frame, at: float) -> Frame:
        height, width = self.height, self.width
        short = min(height, width)
        inks = np.array(POP_INKS[int(self.rng.integers(len(POP_INKS)))], np.float32)
        calm = cv2.bilateralFilter(stretched(contrasted(frame, 0.3)), 9, 60, 9)
        grey = blur(cv2.cvtColor(calm, cv2.COLOR_RGB2GRAY).astype(np.float32), short / 300) / 255
        place = np.clip(grey * 4 - 0.35, 0, 3)
        low = np.clip(place.astype(int), 0, 2)
        rest = place - low
        # Between two inks a screen of dots of the next one.
        dots = _screened(np.clip((rest - 0.35) * 1.7, 0, 1), max(4.0, short / 75), 45)
        hard = np.clip((rest - 0.5) * 30 + 0.5, 0, 1)
        share = np.where(low == 1, dots, hard)[..., None]
        shown = inks[low] * (1 - share) + inks[low + 1] * share
        line = np.clip((blur(grey, short / 110) - blur(grey, short / 420)) * 26 - 0.5, 0, 1)
        shown *= 1 - line[..., None] * 0.9
        return np.asarray(np.clip(shown, 0, 255), np.uint8)


class Clay(Look):
    """Modelled in clay: simple soft shapes, finger marks, a soft lamp from the upper left."""

    def draw(self, frame: Frame, at: float) -> Frame:
        height, width = self.height, self.width
        short = min(height, width)
        calm = frame
        for _ in range(3):
            calm = cv2.bilateralFilter(calm, 9, 46, 7)
        calm = cv2.medianBlur(np.asarray(calm, np.uint8), 5 if short > 60 else 3)
        grey = cv2.cvtColor(calm, cv2.COLOR_RGB2GRAY).astype(np.float32)
        body = blur(grey, max(1.0, short / 130)) * 0.5 + blur(grey, max(1.0, short / 45)) * 0.9
        marks = noise(self.rng, width, height, max(1.5, short / 90)) * 1.5
        prints = np.sin(noise(self.rng, width, height, short / 14) * 14) * 0.5
        relief = body + marks * 0.8 + prints
        across = cv2.Sobel(relief, cv2.CV_32F, 1, 0, ksize=5) / 32
        down = cv2.Sobel(relief, cv2.CV_32F, 0, 1, ksize=5) / 32
        shade = np.clip(1 + (across + down) * 0.07, 0.62, 1.3)
        gloss = np.clip(shade - 1.12, 0, 1) * 160
        coloured = saturate(np.asarray(calm, np.uint8), 1.25).astype(np.float32) * 0.92 + 10
        return np.asarray(np.clip(coloured * shade[..., None] + gloss[..., None], 0, 255), np.uint8)


class PixelArt(Look):
    """Large pixels in a small palette taken from the picture, mixed by an ordered pattern."""

    colours = 20

    def draw(self, frame: Frame, at: float) -> Frame:
        height, width = self.height, self.width
        step = max(2, round(min(height, width) / 108))
        size = (max(1, width // step), max(1, height // step))
        small = cv2.resize(
            saturate(contrasted(frame, 0.25), 1.3), size, interpolation=cv2.INTER_AREA
        )
        bayer = np.array([[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]])
        pattern = np.tile(bayer, (size[1] // 4 + 1, size[0] // 4 + 1))[: size[1], : size[0]] - 7.5
        mixed = np.clip(small + (pattern * 1.7)[..., None], 0, 255)
        samples = small.reshape(-1, 3).astype(np.float32)
        samples = np.ascontiguousarray(samples[:: max(1, len(samples) // 5000)])
        count = min(self.colours, len(np.unique(samples, axis=0)))
        cv2.setRNGSeed(1)
        stop = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 12, 1.0)
        start = np.zeros((0,), np.int32)
        _, _, palette = cv2.kmeans(samples, count, start, stop, 1, cv2.KMEANS_PP_CENTERS)
        away = ((mixed[:, :, None, :] - palette[None, None]) ** 2).sum(axis=-1)
        flat = np.asarray(palette[away.argmin(axis=-1)], np.uint8)
        return np.asarray(
            cv2.resize(flat, (width, height), interpolation=cv2.INTER_NEAREST), np.uint8
        )


def _screened(tone: FloatArray, pitch: float, degrees: float) -> FloatArray:
    """A halftone: dots that grow with the tone, 0 to 1. pitch: pixels from dot to dot."""
    height, width = tone.shape
    turn = np.radians(degrees)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    u = (x * np.cos(turn) + y * np.sin(turn)) * np.pi / pitch
    v = (-x * np.sin(turn) + y * np.cos(turn)) * np.pi / pitch
    wave = 0.5 + 0.5 * np.cos(u * 2) * 0.5 + 0.5 * np.cos(v * 2) * 0.5
    return np.asarray(np.clip((tone - (1 - wave)) * pitch * 0.7 + 0.5, 0, 1), np.float32)
