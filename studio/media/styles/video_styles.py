"""The looks a clip can be given. Each is made once for a clip and then draws picture by picture.

A look keeps the scene's structure and changes how it is rendered. What it adds (paper, grain, a
moving sheen) is drawn from the seed once, so nothing flickers; where it thresholds, it remembers
the last picture and moves only as far as the scene does.
"""

from __future__ import annotations

from collections.abc import Mapping

import cv2
import numpy as np

from studio.media.image.filters import (
    Calm,
    Grade,
    array,
    bloom,
    glints,
    grey_of,
    half,
    ink_lines,
    lut,
    noise,
    saturate,
    scaled,
    simplify,
    soft_steps,
    times,
    vignette,
)
from studio.media.raster import Frame
from studio.media.styles.grades import Cinematic, Cold, Detail, Dream, Golden, Noir, Tape, Vintage
from studio.media.styles.look import Look


class Glass(Look):
    """A commercial for something precious: polished floor, sheen, sparkling highlights."""

    def prepare(self) -> None:
        self.grade = Grade(
            saturation=0.9,
            red=((0, 6), (64, 56), (128, 142), (192, 218), (255, 255)),
            green=((0, 8), (64, 54), (128, 132), (192, 206), (255, 250)),
            blue=((0, 18), (64, 66), (128, 130), (192, 190), (255, 236)),
        )
        self.vignette = vignette(self.width, self.height, 0.35)
        height = self.height
        # The floor reflects what stands above it, less and less towards the viewer.
        self.mirror_line = round(height * 0.74)
        depth = height - self.mirror_line
        rows = np.arange(depth, dtype=np.float32) / depth
        self.floor = (0.72 * (1 - rows) ** 1.2 + 0.12)[:, None, None]
        ripple = noise(self.rng, self.width, height, height / 40)[self.mirror_line :]
        x, y = np.meshgrid(np.arange(self.width), np.arange(depth))
        swing = rows[:, None] * height / 45
        self.floor_x = (x + ripple * swing).astype(np.float32)
        self.floor_y = (self.mirror_line - 1 - y * 1.15 + ripple * swing * 0.5).astype(np.float32)
        # A pane in front of the lens: two slanted bands of light that pass slowly.
        slant = (x[:1] + np.arange(height)[:, None] * 0.45) / self.width
        self.slant = slant.astype(np.float32)
        self.sheen_start = float(self.rng.uniform(-0.35, -0.15))

    def draw(self, frame: Frame, at: float) -> Frame:
        graded = self.grade(frame)
        graded = cv2.add(graded, glints(graded, self.height))
        line = self.mirror_line
        reflected = cv2.remap(
            graded, self.floor_x, self.floor_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101
        )
        reflected = cv2.GaussianBlur(reflected, (0, 0), self.height / 220)
        floor = graded[line:]
        graded[line:] = (floor * (1 - self.floor) + reflected * self.floor).astype(np.uint8)
        # The far edge of the floor catches the light.
        edge = slice(line - 1, line + max(1, self.height // 240))
        graded[edge] = cv2.addWeighted(graded[edge], 0.75, np.full_like(graded[edge], 255), 0.25, 0)
        centre = self.sheen_start + at * 1.9
        sheen = np.exp(-(((self.slant - centre) / 0.07) ** 2)) * 24
        sheen += np.exp(-(((self.slant - centre - 0.16) / 0.018) ** 2)) * 26
        lit = times(bloom(graded, 185, 0.45), self.vignette)
        return array(cv2.add(lit, cv2.merge([sheen.astype(np.uint8)] * 3)))


class Anime(Look):
    """Flat cel colors and dark outlines."""

    def prepare(self) -> None:
        self.cells = soft_steps(7)
        self.calm = Calm()

    def draw(self, frame: Frame, at: float) -> Frame:
        smooth = self.calm(simplify(frame, rounds=2))
        hsv = cv2.cvtColor(smooth, cv2.COLOR_RGB2HSV)
        hsv[..., 1] = cv2.LUT(hsv[..., 1], lut(((0, 0), (60, 95), (140, 205), (255, 255))))
        hsv[..., 2] = cv2.LUT(hsv[..., 2], self.cells)
        flat = scaled(cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB), self.width, self.height)
        return times(flat, ink_lines(smooth, self.width, self.height, strength=10.0))


class Comic(Look):
    """Printed: few flat colors, ink, and a screen of dots in the shadows."""

    def prepare(self) -> None:
        self.cells = soft_steps(5)
        self.calm = Calm()
        pitch = max(4.0, self.height / 90)
        x, y = np.meshgrid(np.arange(self.width), np.arange(self.height))
        turned = np.cos((x + y) * np.pi / pitch) * np.cos((x - y) * np.pi / pitch)
        self.screen = ((turned + 1) * 127).astype(np.uint8)

    def draw(self, frame: Frame, at: float) -> Frame:
        smooth = self.calm(simplify(frame, rounds=2))
        hsv = cv2.cvtColor(smooth, cv2.COLOR_RGB2HSV)
        hsv[..., 1] = cv2.LUT(hsv[..., 1], lut(((0, 0), (50, 120), (120, 220), (255, 255))))
        hsv[..., 2] = cv2.LUT(hsv[..., 2], self.cells)
        flat = scaled(cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB), self.width, self.height)
        dark = cv2.LUT(grey_of(flat), lut(((0, 190), (40, 130), (90, 0), (255, 0))))
        # Dots grow with the darkness, as in a printing screen; soft ends keep them still.
        dots = cv2.subtract(cv2.addWeighted(dark, 1.0, self.screen, 0.8, -150), 0)
        dots = cv2.LUT(dots, lut(((0, 255), (10, 255), (60, 120), (255, 110))))
        flat = times(flat, cv2.merge([dots] * 3))
        return times(flat, ink_lines(smooth, self.width, self.height, strength=14.0))


class Watercolor(Look):
    """Washes on paper: wobbling shapes, pigment gathering at their edges, light showing through."""

    def prepare(self) -> None:
        width, height = self.width, self.height
        paper = noise(self.rng, width, height, 1.2) * 0.5
        paper += noise(self.rng, width, height, height / 60) * 0.5
        self.paper = cv2.merge([np.clip(244 + paper * 11, 0, 255).astype(np.uint8)] * 3)
        x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
        reach = height / 190
        self.x = x + noise(self.rng, width, height, height / 50) * reach
        self.y = y + noise(self.rng, width, height, height / 50) * reach
        wash = noise(self.rng, width, height, height / 12)
        self.wash = cv2.merge([np.clip(238 + wash * 16, 0, 255).astype(np.uint8)] * 3)
        self.calm = Calm()

    def draw(self, frame: Frame, at: float) -> Frame:
        smooth = self.calm(simplify(frame, rounds=2))
        grade = cv2.LUT(smooth, lut(((0, 52), (70, 118), (150, 198), (255, 252))))
        painted = scaled(saturate(grade, 1.5), self.width, self.height)
        painted = cv2.remap(
            painted, self.x, self.y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT
        )
        rim = ink_lines(smooth, self.width, self.height, strength=5.0, floor=120)
        rim = cv2.remap(rim, self.x, self.y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
        return times(times(times(painted, rim), self.wash), self.paper)


class Oil(Look):
    """Thick paint: strokes along the shapes, light catching their ridges."""

    def prepare(self) -> None:
        self.calm = Calm()
        weave = noise(self.rng, self.width, self.height, 1.0) * 5
        self.canvas = np.clip(weave + 128, 0, 255).astype(np.uint8)
        self.grade = Grade(
            saturation=1.3, all=((0, 4), (60, 50), (128, 132), (200, 214), (255, 250))
        )

    def draw(self, frame: Frame, at: float) -> Frame:
        small = half(frame)
        for _ in range(2):
            small = cv2.medianBlur(small, 5)
        small = self.calm(cv2.bilateralFilter(small, 5, 40, 5))
        paint = self.grade(scaled(small, self.width, self.height))
        # A relief of the paint's own brightness, lit from the upper left.
        relief = cv2.GaussianBlur(grey_of(paint), (0, 0), 1.0)
        lit = np.array([[1, 1, 0], [1, 0, -1], [0, -1, -1]], np.float32)
        ridges = cv2.filter2D(relief, -1, lit, delta=128)
        # Around 128 both: ridges and weave lift the paint or lower it.
        relit = cv2.addWeighted(ridges, 0.4, self.canvas, 0.5, 128 - 0.9 * 128)
        return array(cv2.addWeighted(paint, 1.0, cv2.merge([relit] * 3), 1.0, -128))


class Sketch(Look):
    """Pencil on paper."""

    def prepare(self) -> None:
        grain = noise(self.rng, self.width, self.height, 0.9)
        self.paper = np.clip(242 + grain * 3, 0, 255).astype(np.uint8)
        self.tooth = np.clip(grain * 9 + 16, 0, 60).astype(np.uint8)
        self.calm = Calm(strength=0.55)

    def draw(self, frame: Frame, at: float) -> Frame:
        grey = self.calm(cv2.GaussianBlur(grey_of(frame), (0, 0), self.height / 500 + 0.3))
        # Dividing by the surroundings leaves lines and light hatching only.
        around = cv2.GaussianBlur(grey, (0, 0), self.height / 60)
        lines = cv2.divide(grey, cv2.max(around, 8), scale=250)
        lines = cv2.LUT(lines, lut(((0, 20), (150, 50), (215, 150), (245, 246), (255, 255))))
        shade = cv2.LUT(grey, lut(((0, 60), (60, 130), (120, 205), (190, 250), (255, 255))))
        drawn = cv2.multiply(lines, shade, scale=1 / 255)
        # The paper's tooth shows where the pencil went, not where it is bare.
        drawn = cv2.add(drawn, cv2.multiply(self.tooth, 255 - drawn, scale=1 / 255))
        drawn = cv2.multiply(drawn, self.paper, scale=1 / 255)
        return cv2.cvtColor(drawn, cv2.COLOR_GRAY2RGB)


class Edges(Look):
    """Ink outlines over a pale wash of the clip's own colours."""

    def prepare(self) -> None:
        self.calm = Calm(strength=0.55)
        grain = noise(self.rng, self.width, self.height, 1.0)
        self.paper = cv2.merge([np.clip(243 + grain * 5, 0, 255).astype(np.uint8)] * 3)

    def draw(self, frame: Frame, at: float) -> Frame:
        smooth = self.calm(simplify(frame, rounds=2))
        wash = cv2.LUT(saturate(smooth, 1.3), lut(((0, 168), (128, 216), (255, 252))))
        wash = scaled(wash, self.width, self.height)
        ink = ink_lines(smooth, self.width, self.height, strength=22.0)
        return times(times(wash, ink), self.paper)


class Pixels(Look):
    """Big square pixels in few colours."""

    def prepare(self) -> None:
        self.step = max(3, self.height // 90)
        self.calm = Calm()
        self.levels = soft_steps(6, hard=6.0)

    def draw(self, frame: Frame, at: float) -> Frame:
        size = (max(1, self.width // self.step), max(1, self.height // self.step))
        small = self.calm(cv2.resize(frame, size, interpolation=cv2.INTER_AREA))
        small = cv2.LUT(saturate(small, 1.35), self.levels)
        return cv2.resize(small, (self.width, self.height), interpolation=cv2.INTER_NEAREST)


class Neon(Look):
    """Night in a lit city: magenta and cyan, edges that glow."""

    def prepare(self) -> None:
        self.grade = Grade(
            saturation=1.25,
            red=((0, 10), (64, 34), (128, 104), (192, 214), (255, 255)),
            green=((0, 2), (64, 16), (128, 70), (192, 150), (255, 236)),
            blue=((0, 34), (64, 84), (128, 158), (192, 226), (255, 255)),
        )
        self.calm = Calm(strength=0.5)
        self.vignette = vignette(self.width, self.height, 0.5)
        across = np.linspace(0, 1, self.width, dtype=np.float32)[None, :, None]
        cyan, magenta = np.array([20, 230, 255]), np.array([255, 40, 200])
        tint = cyan * (1 - across) + magenta * across
        self.tint = np.broadcast_to(tint, (self.height, self.width, 3)).astype(np.uint8).copy()

    def draw(self, frame: Frame, at: float) -> Frame:
        dark = self.grade(frame)
        small = self.calm(half(frame))
        lines = 255 - ink_lines(small, self.width, self.height, strength=14.0)
        glow = scaled(
            cv2.GaussianBlur(half(lines), (0, 0), self.height / 110), self.width, self.height
        )
        lines = cv2.addWeighted(lines, 0.55, glow, 0.9, 0)
        return times(bloom(cv2.add(dark, times(self.tint, lines)), 150, 0.8), self.vignette)


LOOKS: Mapping[str, type[Look]] = {
    "glass": Glass,
    "anime": Anime,
    "comic": Comic,
    "watercolor": Watercolor,
    "oil": Oil,
    "sketch": Sketch,
    "edges": Edges,
    "pixels": Pixels,
    "noir": Noir,
    "vintage": Vintage,
    "neon": Neon,
    "golden": Golden,
    "cold": Cold,
    "dream": Dream,
    "cinematic": Cinematic,
    "tape": Tape,
    "detail": Detail,
}
