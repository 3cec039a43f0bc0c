"""Styles of light and color: the pictures keep their drawing."""

from __future__ import annotations

import cv2
import numpy as np

from studio.media.image.filters import (
    Calm,
    Grade,
    Grain,
    bloom,
    grey_of,
    half,
    lut,
    scaled,
    times,
    vignette,
)
from studio.media.raster import Frame
from studio.media.styles.look import Look


class Noir(Look):
    """Black and white with deep shadows."""

    def prepare(self) -> None:
        self.curve = lut(((0, 0), (50, 14), (110, 96), (170, 196), (230, 250), (255, 255)))
        self.vignette = vignette(self.width, self.height, 0.6)
        self.grain = Grain(self.rng, self.width, self.height, 3.0)

    def draw(self, frame: Frame, at: float) -> Frame:
        # Red-filtered, as skies and skin were lit for it.
        grey = cv2.transform(frame, np.array([[0.45, 0.45, 0.1]], np.float32))
        grey = cv2.LUT(grey, self.curve)
        mono = cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB)
        return self.grain(times(bloom(mono, 190, 0.5), self.vignette))


class Vintage(Look):
    """An old home movie: faded, warm, leaking a little light."""

    def prepare(self) -> None:
        self.grade = Grade(
            saturation=0.62,
            red=((0, 34), (64, 92), (128, 160), (192, 216), (255, 250)),
            green=((0, 26), (64, 76), (128, 138), (192, 196), (255, 236)),
            blue=((0, 34), (64, 66), (128, 110), (192, 156), (255, 196)),
        )
        self.vignette = vignette(self.width, self.height, 0.5)
        self.grain = Grain(self.rng, self.width, self.height, 3.0)
        x = np.linspace(0, 1, self.width, dtype=np.float32)[None, :]
        y = np.linspace(0, 1, self.height, dtype=np.float32)[:, None]
        self.leak = np.exp(-(((x - 1.02) / 0.22) ** 2)) * np.exp(-(((y - 0.4) / 0.5) ** 2))

    def draw(self, frame: Frame, at: float) -> Frame:
        faded = times(self.grade(frame), self.vignette)
        glow = 0.6 + 0.4 * np.sin(at * 5.0)
        leak = np.dstack(
            [self.leak * (90 * glow), self.leak * (44 * glow), self.leak * (12 * glow)]
        )
        return self.grain(cv2.add(faded, leak.astype(np.uint8)))


class Golden(Look):
    """The last hour of sun: warm, low, hazy."""

    def prepare(self) -> None:
        self.grade = Grade(
            saturation=1.12,
            red=((0, 22), (64, 88), (128, 172), (192, 234), (255, 255)),
            green=((0, 12), (64, 62), (128, 132), (192, 196), (255, 244)),
            blue=((0, 18), (64, 44), (128, 86), (192, 132), (255, 190)),
        )
        x = np.linspace(0, 1, self.width, dtype=np.float32)[None, :]
        y = np.linspace(0, 1, self.height, dtype=np.float32)[:, None]
        sun = float(self.rng.choice([0.15, 0.85]))
        haze = np.exp(-(((x - sun) / 0.5) ** 2) - (((y - 0.12) / 0.55) ** 2))
        self.haze = np.dstack([haze * 84, haze * 56, haze * 20]).astype(np.uint8)

    def draw(self, frame: Frame, at: float) -> Frame:
        return bloom(cv2.add(self.grade(frame), self.haze), 170, 0.7)


class Cold(Look):
    """Winter light: blue shadows, pale colours."""

    def prepare(self) -> None:
        self.grade = Grade(
            saturation=0.6,
            red=((0, 8), (64, 48), (128, 108), (192, 182), (255, 246)),
            green=((0, 14), (64, 64), (128, 132), (192, 202), (255, 252)),
            blue=((0, 30), (64, 96), (128, 166), (192, 224), (255, 255)),
        )
        self.vignette = vignette(self.width, self.height, 0.3)

    def draw(self, frame: Frame, at: float) -> Frame:
        return times(bloom(self.grade(frame), 190, 0.5), self.vignette)


class Dream(Look):
    """Soft focus and pastel light."""

    def prepare(self) -> None:
        self.grade = Grade(
            saturation=0.85,
            red=((0, 52), (64, 112), (128, 176), (192, 226), (255, 255)),
            green=((0, 42), (64, 98), (128, 160), (192, 212), (255, 250)),
            blue=((0, 60), (64, 116), (128, 174), (192, 222), (255, 255)),
        )

    def draw(self, frame: Frame, at: float) -> Frame:
        graded = self.grade(frame)
        soft = scaled(
            cv2.GaussianBlur(half(graded), (0, 0), self.height / 90), self.width, self.height
        )
        # Screened with its own blur: light spreads, darkness does not.
        screened = 255 - cv2.multiply(255 - graded, 255 - soft, scale=1 / 255)
        return cv2.addWeighted(graded, 0.45, screened, 0.55, 0)


class Cinematic(Look):
    """The grade of most films: teal shadows, warm light, gentle contrast."""

    def prepare(self) -> None:
        self.grade = Grade(
            saturation=1.08,
            red=((0, 2), (64, 46), (128, 134), (192, 216), (255, 255)),
            green=((0, 10), (64, 58), (128, 128), (192, 202), (255, 248)),
            blue=((0, 24), (64, 78), (128, 126), (192, 172), (255, 222)),
        )
        self.vignette = vignette(self.width, self.height, 0.45)

    def draw(self, frame: Frame, at: float) -> Frame:
        return times(bloom(self.grade(frame), 180, 0.6), self.vignette)


class Tape(Look):
    """A worn video cassette: colors that run, lines, a wandering band."""

    def prepare(self) -> None:
        rows = np.where(np.arange(self.height) // max(1, self.height // 240) % 2, 255, 206)
        self.lines = np.broadcast_to(rows[:, None, None], (self.height, self.width, 3)).astype(
            np.uint8
        )
        self.lines = self.lines.copy()
        self.shift = max(2, self.width // 130)
        self.grade = Grade(saturation=1.35, all=((0, 18), (128, 136), (255, 244)))

    def draw(self, frame: Frame, at: float) -> Frame:
        red = np.roll(frame[..., 0], self.shift, axis=1)
        blue = np.roll(frame[..., 2], -self.shift, axis=1)
        run = cv2.merge([red, frame[..., 1], blue])
        band = int((at * 2.3 % 1) * self.height)
        rows = slice(band, band + self.height // 14)
        run[rows] = np.roll(run[rows], self.shift * 4, axis=1)
        return times(self.grade(run), self.lines)


class Detail(Look):
    """The same clip, cleaner and crisper."""

    def prepare(self) -> None:
        self.clarity = cv2.createCLAHE(1.8, (8, 8))
        self.calm = Calm(strength=0.35)

    def draw(self, frame: Frame, at: float) -> Frame:
        clean = self.calm(cv2.bilateralFilter(frame, 3, 18, 3))
        lab = cv2.cvtColor(clean, cv2.COLOR_RGB2LAB)
        lifted = self.clarity.apply(np.ascontiguousarray(lab[..., 0]))
        # Half of it: all of it brightens skies from one picture to the next.
        lab[..., 0] = cv2.addWeighted(lab[..., 0], 0.5, lifted, 0.5, 0)
        crisp = cv2.cvtColor(lab, cv2.COLOR_LAB2RGB)
        blurred = cv2.GaussianBlur(crisp, (0, 0), self.height / 400 + 0.4)
        return cv2.addWeighted(crisp, 1.7, blurred, -0.7, 0)


class Tint(Look):
    """Shadows and lights drawn towards two colors, (r, g, b) each."""

    def __init__(
        self, width: int, height: int, seed: int, shadows: tuple[int, ...], lights: tuple[int, ...]
    ) -> None:
        super().__init__(width, height, seed)
        ramp = np.linspace(0, 1, 256, dtype=np.float32)[:, None]
        dark = np.array(shadows, np.float32) * 0.55
        light = np.array(lights, np.float32) * 0.5 + 127
        table = np.where(ramp < 0.5, dark * ramp * 2, dark + (light - dark) * (ramp * 2 - 1))
        self.table = table.astype(np.uint8)[None]

    def draw(self, frame: Frame, at: float) -> Frame:
        toned = cv2.LUT(cv2.merge([grey_of(frame)] * 3), self.table)
        return cv2.addWeighted(frame, 0.5, toned, 0.5, 0)
