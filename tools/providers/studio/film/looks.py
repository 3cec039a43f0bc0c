"""The looks a clip can be given. Each is made once for a clip and then draws picture by picture.

A look keeps the scene's structure and changes how it is rendered. What it adds (paper, grain, a
moving sheen) is drawn from the seed once, so nothing flickers; where it thresholds, it remembers
the last picture and moves only as far as the scene does.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

Frame = npt.NDArray[np.uint8]
Grey = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]

_LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)  # BT.709


class Look:
    """One way of rendering. `draw` takes (height, width, 3) uint8 RGB pictures in order.

    width, height: pixels of the pictures. seed: of what is drawn at random. at: how far into the
    clip a picture is, 0 to 1.
    """

    def __init__(self, width: int, height: int, seed: int) -> None:
        self.width, self.height = width, height
        self.chance = np.random.default_rng(seed)
        self.prepare()

    def prepare(self) -> None:
        """Draw what stays the same throughout the clip."""

    def draw(self, frame: Frame, at: float) -> Frame:
        raise NotImplementedError


class Glass(Look):
    """A commercial for something precious: polished floor, sheen, sparkling highlights."""

    def prepare(self) -> None:
        self.grade = _Grade(
            saturation=0.9,
            red=((0, 6), (64, 56), (128, 142), (192, 218), (255, 255)),
            green=((0, 8), (64, 54), (128, 132), (192, 206), (255, 250)),
            blue=((0, 18), (64, 66), (128, 130), (192, 190), (255, 236)),
        )
        self.vignette = _vignette(self.width, self.height, 0.35)
        height = self.height
        # The floor reflects what stands above it, less and less towards the viewer.
        self.mirror_line = round(height * 0.74)
        depth = height - self.mirror_line
        rows = np.arange(depth, dtype=np.float32) / depth
        self.floor = (0.72 * (1 - rows) ** 1.2 + 0.12)[:, None, None]
        ripple = _noise(self.chance, self.width, height, height / 40)[self.mirror_line :]
        x, y = np.meshgrid(np.arange(self.width), np.arange(depth))
        swing = rows[:, None] * height / 45
        self.floor_x = (x + ripple * swing).astype(np.float32)
        self.floor_y = (self.mirror_line - 1 - y * 1.15 + ripple * swing * 0.5).astype(np.float32)
        # A pane in front of the lens: two slanted bands of light that pass slowly.
        slant = (x[:1] + np.arange(height)[:, None] * 0.45) / self.width
        self.slant = slant.astype(np.float32)
        self.sheen_start = float(self.chance.uniform(-0.35, -0.15))

    def draw(self, frame: Frame, at: float) -> Frame:
        graded = self.grade(frame)
        graded = cv2.add(graded, _glints(graded, self.height))
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
        lit = _times(_bloom(graded, 185, 0.45), self.vignette)
        return _array(cv2.add(lit, cv2.merge([sheen.astype(np.uint8)] * 3)))


class Anime(Look):
    """Flat cel colours and dark outlines."""

    def prepare(self) -> None:
        self.cells = _soft_steps(7)
        self.calm = _Calm()

    def draw(self, frame: Frame, at: float) -> Frame:
        smooth = self.calm(_simplify(frame, rounds=2))
        hsv = cv2.cvtColor(smooth, cv2.COLOR_RGB2HSV)
        hsv[..., 1] = cv2.LUT(hsv[..., 1], _lut(((0, 0), (60, 95), (140, 205), (255, 255))))
        hsv[..., 2] = cv2.LUT(hsv[..., 2], self.cells)
        flat = _resize(cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB), self.width, self.height)
        return _times(flat, _ink(smooth, self.width, self.height, strength=10.0))


class Comic(Look):
    """Printed: few flat colours, ink, and a screen of dots in the shadows."""

    def prepare(self) -> None:
        self.cells = _soft_steps(5)
        self.calm = _Calm()
        pitch = max(4.0, self.height / 90)
        x, y = np.meshgrid(np.arange(self.width), np.arange(self.height))
        turned = np.cos((x + y) * np.pi / pitch) * np.cos((x - y) * np.pi / pitch)
        self.screen = ((turned + 1) * 127).astype(np.uint8)

    def draw(self, frame: Frame, at: float) -> Frame:
        smooth = self.calm(_simplify(frame, rounds=2))
        hsv = cv2.cvtColor(smooth, cv2.COLOR_RGB2HSV)
        hsv[..., 1] = cv2.LUT(hsv[..., 1], _lut(((0, 0), (50, 120), (120, 220), (255, 255))))
        hsv[..., 2] = cv2.LUT(hsv[..., 2], self.cells)
        flat = _resize(cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB), self.width, self.height)
        dark = cv2.LUT(_grey(flat), _lut(((0, 190), (40, 130), (90, 0), (255, 0))))
        # Dots grow with the darkness, as in a printing screen; soft ends keep them still.
        dots = cv2.subtract(cv2.addWeighted(dark, 1.0, self.screen, 0.8, -150), 0)
        dots = cv2.LUT(dots, _lut(((0, 255), (10, 255), (60, 120), (255, 110))))
        flat = _times(flat, cv2.merge([dots] * 3))
        return _times(flat, _ink(smooth, self.width, self.height, strength=14.0))


class Watercolor(Look):
    """Washes on paper: wobbling shapes, pigment gathering at their edges, light showing through."""

    def prepare(self) -> None:
        width, height = self.width, self.height
        paper = _noise(self.chance, width, height, 1.2) * 0.5
        paper += _noise(self.chance, width, height, height / 60) * 0.5
        self.paper = cv2.merge([np.clip(244 + paper * 11, 0, 255).astype(np.uint8)] * 3)
        x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
        reach = height / 190
        self.x = x + _noise(self.chance, width, height, height / 50) * reach
        self.y = y + _noise(self.chance, width, height, height / 50) * reach
        wash = _noise(self.chance, width, height, height / 12)
        self.wash = cv2.merge([np.clip(238 + wash * 16, 0, 255).astype(np.uint8)] * 3)
        self.calm = _Calm()

    def draw(self, frame: Frame, at: float) -> Frame:
        smooth = self.calm(_simplify(frame, rounds=2))
        grade = cv2.LUT(smooth, _lut(((0, 52), (70, 118), (150, 198), (255, 252))))
        painted = _resize(_saturate(grade, 1.5), self.width, self.height)
        painted = cv2.remap(
            painted, self.x, self.y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT
        )
        rim = _ink(smooth, self.width, self.height, strength=5.0, floor=120)
        rim = cv2.remap(rim, self.x, self.y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
        return _times(_times(_times(painted, rim), self.wash), self.paper)


class Oil(Look):
    """Thick paint: strokes along the shapes, light catching their ridges."""

    def prepare(self) -> None:
        self.calm = _Calm()
        weave = _noise(self.chance, self.width, self.height, 1.0) * 5
        self.canvas = np.clip(weave + 128, 0, 255).astype(np.uint8)
        self.grade = _Grade(
            saturation=1.3, all=((0, 4), (60, 50), (128, 132), (200, 214), (255, 250))
        )

    def draw(self, frame: Frame, at: float) -> Frame:
        small = _half(frame)
        for _ in range(2):
            small = cv2.medianBlur(small, 5)
        small = self.calm(cv2.bilateralFilter(small, 5, 40, 5))
        paint = self.grade(_resize(small, self.width, self.height))
        # A relief of the paint's own brightness, lit from the upper left.
        relief = cv2.GaussianBlur(_grey(paint), (0, 0), 1.0)
        lit = np.array([[1, 1, 0], [1, 0, -1], [0, -1, -1]], np.float32)
        ridges = cv2.filter2D(relief, -1, lit, delta=128)
        # Around 128 both: ridges and weave lift the paint or lower it.
        relit = cv2.addWeighted(ridges, 0.4, self.canvas, 0.5, 128 - 0.9 * 128)
        return _array(cv2.addWeighted(paint, 1.0, cv2.merge([relit] * 3), 1.0, -128))


class Sketch(Look):
    """Pencil on paper."""

    def prepare(self) -> None:
        grain = _noise(self.chance, self.width, self.height, 0.9)
        self.paper = np.clip(242 + grain * 3, 0, 255).astype(np.uint8)
        self.tooth = np.clip(grain * 9 + 16, 0, 60).astype(np.uint8)
        self.calm = _Calm(strength=0.55)

    def draw(self, frame: Frame, at: float) -> Frame:
        grey = self.calm(cv2.GaussianBlur(_grey(frame), (0, 0), self.height / 500 + 0.3))
        # Dividing by the surroundings leaves lines and light hatching only.
        around = cv2.GaussianBlur(grey, (0, 0), self.height / 60)
        lines = cv2.divide(grey, cv2.max(around, 8), scale=250)
        lines = cv2.LUT(lines, _lut(((0, 20), (150, 50), (215, 150), (245, 246), (255, 255))))
        shade = cv2.LUT(grey, _lut(((0, 60), (60, 130), (120, 205), (190, 250), (255, 255))))
        drawn = cv2.multiply(lines, shade, scale=1 / 255)
        # The paper's tooth shows where the pencil went, not where it is bare.
        drawn = cv2.add(drawn, cv2.multiply(self.tooth, 255 - drawn, scale=1 / 255))
        drawn = cv2.multiply(drawn, self.paper, scale=1 / 255)
        return cv2.cvtColor(drawn, cv2.COLOR_GRAY2RGB)


class Edges(Look):
    """Ink outlines over a pale wash of the clip's own colours."""

    def prepare(self) -> None:
        self.calm = _Calm(strength=0.55)
        grain = _noise(self.chance, self.width, self.height, 1.0)
        self.paper = cv2.merge([np.clip(243 + grain * 5, 0, 255).astype(np.uint8)] * 3)

    def draw(self, frame: Frame, at: float) -> Frame:
        smooth = self.calm(_simplify(frame, rounds=2))
        wash = cv2.LUT(_saturate(smooth, 1.3), _lut(((0, 168), (128, 216), (255, 252))))
        wash = _resize(wash, self.width, self.height)
        ink = _ink(smooth, self.width, self.height, strength=22.0)
        return _times(_times(wash, ink), self.paper)


class Pixels(Look):
    """Big square pixels in few colours."""

    def prepare(self) -> None:
        self.step = max(3, self.height // 90)
        self.calm = _Calm()
        self.levels = _soft_steps(6, hard=6.0)

    def draw(self, frame: Frame, at: float) -> Frame:
        size = (max(1, self.width // self.step), max(1, self.height // self.step))
        small = self.calm(cv2.resize(frame, size, interpolation=cv2.INTER_AREA))
        small = cv2.LUT(_saturate(small, 1.35), self.levels)
        return cv2.resize(small, (self.width, self.height), interpolation=cv2.INTER_NEAREST)


class Noir(Look):
    """Black and white with deep shadows."""

    def prepare(self) -> None:
        self.curve = _lut(((0, 0), (50, 14), (110, 96), (170, 196), (230, 250), (255, 255)))
        self.vignette = _vignette(self.width, self.height, 0.6)
        self.grain = _Grain(self.chance, self.width, self.height, 3.0)

    def draw(self, frame: Frame, at: float) -> Frame:
        # Red-filtered, as skies and skin were lit for it.
        grey = cv2.transform(frame, np.array([[0.45, 0.45, 0.1]], np.float32))
        grey = cv2.LUT(grey, self.curve)
        mono = cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB)
        return self.grain(_times(_bloom(mono, 190, 0.5), self.vignette))


class Vintage(Look):
    """An old home movie: faded, warm, leaking a little light."""

    def prepare(self) -> None:
        self.grade = _Grade(
            saturation=0.62,
            red=((0, 34), (64, 92), (128, 160), (192, 216), (255, 250)),
            green=((0, 26), (64, 76), (128, 138), (192, 196), (255, 236)),
            blue=((0, 34), (64, 66), (128, 110), (192, 156), (255, 196)),
        )
        self.vignette = _vignette(self.width, self.height, 0.5)
        self.grain = _Grain(self.chance, self.width, self.height, 3.0)
        x = np.linspace(0, 1, self.width, dtype=np.float32)[None, :]
        y = np.linspace(0, 1, self.height, dtype=np.float32)[:, None]
        self.leak = np.exp(-(((x - 1.02) / 0.22) ** 2)) * np.exp(-(((y - 0.4) / 0.5) ** 2))

    def draw(self, frame: Frame, at: float) -> Frame:
        faded = _times(self.grade(frame), self.vignette)
        glow = 0.6 + 0.4 * np.sin(at * 5.0)
        leak = np.dstack(
            [self.leak * (90 * glow), self.leak * (44 * glow), self.leak * (12 * glow)]
        )
        return self.grain(cv2.add(faded, leak.astype(np.uint8)))


class Neon(Look):
    """Night in a lit city: magenta and cyan, edges that glow."""

    def prepare(self) -> None:
        self.grade = _Grade(
            saturation=1.25,
            red=((0, 10), (64, 34), (128, 104), (192, 214), (255, 255)),
            green=((0, 2), (64, 16), (128, 70), (192, 150), (255, 236)),
            blue=((0, 34), (64, 84), (128, 158), (192, 226), (255, 255)),
        )
        self.calm = _Calm(strength=0.5)
        self.vignette = _vignette(self.width, self.height, 0.5)
        across = np.linspace(0, 1, self.width, dtype=np.float32)[None, :, None]
        cyan, magenta = np.array([20, 230, 255]), np.array([255, 40, 200])
        tint = cyan * (1 - across) + magenta * across
        self.tint = np.broadcast_to(tint, (self.height, self.width, 3)).astype(np.uint8).copy()

    def draw(self, frame: Frame, at: float) -> Frame:
        dark = self.grade(frame)
        small = self.calm(_half(frame))
        lines = 255 - _ink(small, self.width, self.height, strength=14.0)
        glow = _resize(
            cv2.GaussianBlur(_half(lines), (0, 0), self.height / 110), self.width, self.height
        )
        lines = cv2.addWeighted(lines, 0.55, glow, 0.9, 0)
        return _times(_bloom(cv2.add(dark, _times(self.tint, lines)), 150, 0.8), self.vignette)


class Golden(Look):
    """The last hour of sun: warm, low, hazy."""

    def prepare(self) -> None:
        self.grade = _Grade(
            saturation=1.12,
            red=((0, 22), (64, 88), (128, 172), (192, 234), (255, 255)),
            green=((0, 12), (64, 62), (128, 132), (192, 196), (255, 244)),
            blue=((0, 18), (64, 44), (128, 86), (192, 132), (255, 190)),
        )
        x = np.linspace(0, 1, self.width, dtype=np.float32)[None, :]
        y = np.linspace(0, 1, self.height, dtype=np.float32)[:, None]
        sun = float(self.chance.choice([0.15, 0.85]))
        haze = np.exp(-(((x - sun) / 0.5) ** 2) - (((y - 0.12) / 0.55) ** 2))
        self.haze = np.dstack([haze * 84, haze * 56, haze * 20]).astype(np.uint8)

    def draw(self, frame: Frame, at: float) -> Frame:
        return _bloom(cv2.add(self.grade(frame), self.haze), 170, 0.7)


class Cold(Look):
    """Winter light: blue shadows, pale colours."""

    def prepare(self) -> None:
        self.grade = _Grade(
            saturation=0.6,
            red=((0, 8), (64, 48), (128, 108), (192, 182), (255, 246)),
            green=((0, 14), (64, 64), (128, 132), (192, 202), (255, 252)),
            blue=((0, 30), (64, 96), (128, 166), (192, 224), (255, 255)),
        )
        self.vignette = _vignette(self.width, self.height, 0.3)

    def draw(self, frame: Frame, at: float) -> Frame:
        return _times(_bloom(self.grade(frame), 190, 0.5), self.vignette)


class Dream(Look):
    """Soft focus and pastel light."""

    def prepare(self) -> None:
        self.grade = _Grade(
            saturation=0.85,
            red=((0, 52), (64, 112), (128, 176), (192, 226), (255, 255)),
            green=((0, 42), (64, 98), (128, 160), (192, 212), (255, 250)),
            blue=((0, 60), (64, 116), (128, 174), (192, 222), (255, 255)),
        )

    def draw(self, frame: Frame, at: float) -> Frame:
        graded = self.grade(frame)
        soft = _resize(
            cv2.GaussianBlur(_half(graded), (0, 0), self.height / 90), self.width, self.height
        )
        # Screened with its own blur: light spreads, darkness does not.
        screened = 255 - cv2.multiply(255 - graded, 255 - soft, scale=1 / 255)
        return cv2.addWeighted(graded, 0.45, screened, 0.55, 0)


class Cinematic(Look):
    """The grade of most films: teal shadows, warm light, gentle contrast."""

    def prepare(self) -> None:
        self.grade = _Grade(
            saturation=1.08,
            red=((0, 2), (64, 46), (128, 134), (192, 216), (255, 255)),
            green=((0, 10), (64, 58), (128, 128), (192, 202), (255, 248)),
            blue=((0, 24), (64, 78), (128, 126), (192, 172), (255, 222)),
        )
        self.vignette = _vignette(self.width, self.height, 0.45)

    def draw(self, frame: Frame, at: float) -> Frame:
        return _times(_bloom(self.grade(frame), 180, 0.6), self.vignette)


class Tape(Look):
    """A worn video cassette: colours that run, lines, a wandering band."""

    def prepare(self) -> None:
        rows = np.where(np.arange(self.height) // max(1, self.height // 240) % 2, 255, 206)
        self.lines = np.broadcast_to(rows[:, None, None], (self.height, self.width, 3)).astype(
            np.uint8
        )
        self.lines = self.lines.copy()
        self.shift = max(2, self.width // 130)
        self.grade = _Grade(saturation=1.35, all=((0, 18), (128, 136), (255, 244)))

    def draw(self, frame: Frame, at: float) -> Frame:
        red = np.roll(frame[..., 0], self.shift, axis=1)
        blue = np.roll(frame[..., 2], -self.shift, axis=1)
        run = cv2.merge([red, frame[..., 1], blue])
        band = int((at * 2.3 % 1) * self.height)
        rows = slice(band, band + self.height // 14)
        run[rows] = np.roll(run[rows], self.shift * 4, axis=1)
        return _times(self.grade(run), self.lines)


class Detail(Look):
    """The same clip, cleaner and crisper."""

    def prepare(self) -> None:
        self.clarity = cv2.createCLAHE(1.8, (8, 8))
        self.calm = _Calm(strength=0.35)

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
    """Shadows and lights drawn towards two colours, (r, g, b) each."""

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
        toned = cv2.LUT(cv2.merge([_grey(frame)] * 3), self.table)
        return cv2.addWeighted(frame, 0.5, toned, 0.5, 0)


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


class _Grade:
    """Curves by channel and a saturation: points are (in, out), 0 to 255."""

    def __init__(self, *, saturation: float = 1.0, **curves: tuple[tuple[int, int], ...]) -> None:
        same = curves.get("all", ((0, 0), (255, 255)))
        channels = [_lut(curves.get(name, same)) for name in ("red", "green", "blue")]
        self._table = np.stack(channels, axis=-1)[None]
        self._mixer = _saturation(saturation)

    def __call__(self, frame: Frame) -> Frame:
        return _array(cv2.LUT(cv2.transform(frame, self._mixer), self._table))


class _Calm:
    """Holds still what hardly moves, so that thresholds do not flicker with the codec's noise."""

    def __init__(self, strength: float = 0.7) -> None:
        self._last: Any = None
        # What changed by more than noise is taken as it is: motion leaves no ghosts.
        least = round((1 - strength) * 255)
        self._taken = _lut(((0, least), (4, least), (24, 255), (255, 255)))

    def __call__(self, frame: Any) -> Any:
        if self._last is None:
            self._last = frame
            return frame
        moved = cv2.absdiff(frame, self._last)
        if frame.ndim == 3:
            red, green, blue = cv2.split(moved)
            taken = cv2.merge([cv2.LUT(cv2.max(cv2.max(red, green), blue), self._taken)] * 3)
        else:
            taken = cv2.LUT(moved, self._taken)
        kept = cv2.multiply(self._last, 255 - taken, scale=1 / 255)
        self._last = cv2.add(kept, cv2.multiply(frame, taken, scale=1 / 255))
        return self._last


class _Grain:
    """Film grain from a few fixed sheets: alive, and cheap to encode."""

    def __init__(self, chance: np.random.Generator, width: int, height: int, sigma: float) -> None:
        sheets = (_noise(chance, width, height, 0.8) * sigma for _ in range(3))
        self._sheets = [cv2.merge([sheet.astype(np.int16)] * 3) for sheet in sheets]
        self._shown = 0

    def __call__(self, frame: Frame) -> Frame:
        self._shown += 1
        return _array(cv2.add(frame, self._sheets[self._shown // 2 % 3], dtype=cv2.CV_8U))


def _lut(points: tuple[tuple[int, int], ...]) -> npt.NDArray[np.uint8]:
    places, values = zip(*points, strict=True)
    return np.rint(np.interp(np.arange(256), places, values)).astype(np.uint8)


def _soft_steps(count: int, hard: float = 3.0) -> npt.NDArray[np.uint8]:
    """A staircase of that many levels with sloped risers: hard ones make noise dance."""
    place = np.arange(256) / 255 * (count - 1)
    step = np.floor(place)
    rise = np.clip((place - step - 0.5) * hard + 0.5, 0, 1)
    return np.rint((step + rise) / (count - 1) * 255).astype(np.uint8)


def _saturation(amount: float) -> Floats:
    return (np.tile(_LUMA, (3, 1)) * (1 - amount) + np.eye(3) * amount).astype(np.float32)


def _saturate(frame: Frame, amount: float) -> Frame:
    return _array(cv2.transform(frame, _saturation(amount)))


def _grey(frame: Frame) -> Grey:
    return _array(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY))


def _half(frame: Any) -> Any:
    height, width = frame.shape[:2]
    size = (max(1, width // 2), max(1, height // 2))
    return cv2.resize(frame, size, interpolation=cv2.INTER_AREA)


def _resize(frame: Any, width: int, height: int) -> Any:
    return cv2.resize(frame, (width, height), interpolation=cv2.INTER_LINEAR)


def _simplify(frame: Frame, *, rounds: int) -> Frame:
    """Half the size, with texture smoothed away and edges kept."""
    small = _half(frame)
    for _ in range(rounds):
        small = cv2.bilateralFilter(small, 5, 45, 5)
    return _array(small)


def _ink(frame: Frame, width: int, height: int, *, strength: float, floor: int = 0) -> Frame:
    """Dark outlines on white, (height, width, 3): a soft difference of two blurs, so still."""
    grey = _grey(frame)
    sigma = frame.shape[0] / 360 + 0.5
    fine = cv2.GaussianBlur(grey, (0, 0), sigma).astype(np.float32)
    wide = cv2.GaussianBlur(grey, (0, 0), sigma * 2.2).astype(np.float32)
    line = np.clip((wide - fine - 1.2) * strength, 0, 255 - floor)
    ink = _resize((255 - line).astype(np.uint8), width, height)
    return _array(cv2.cvtColor(ink, cv2.COLOR_GRAY2RGB))


def _bloom(frame: Frame, threshold: int, amount: float) -> Frame:
    """Bright parts spill over their surroundings."""
    height, width = frame.shape[:2]
    small = cv2.resize(
        frame, (max(1, width // 4), max(1, height // 4)), interpolation=cv2.INTER_AREA
    )
    # By brightness, not by channel: a strong red is not a light.
    share = cv2.LUT(_grey(small), _lut(((0, 0), (threshold, 0), (255, 255))))
    bright = _times(small, cv2.merge([share] * 3))
    spill = cv2.GaussianBlur(bright, (0, 0), height / 100)
    spill = cv2.convertScaleAbs(spill, alpha=amount * 2)
    return _array(cv2.add(frame, _resize(spill, width, height)))


def _glints(frame: Frame, height: int) -> Frame:
    """Streaks of light through the brightest points, as of a cut edge."""
    small = cv2.resize(
        frame,
        (max(1, frame.shape[1] // 4), max(1, frame.shape[0] // 4)),
        interpolation=cv2.INTER_AREA,
    )
    # Points only: what stands out from its surroundings, not a bright wall or sky.
    grey = _grey(small)
    point = cv2.subtract(grey, cv2.GaussianBlur(grey, (0, 0), max(1.0, height / 160)))
    share = cv2.LUT(point, _lut(((0, 0), (40, 0), (140, 110), (255, 150))))
    bright = _times(small, cv2.merge([share] * 3))
    long = max(3, height // 12) | 1
    streak = cv2.GaussianBlur(bright, (long, 1), 0)
    upright = cv2.GaussianBlur(bright, (1, max(3, long // 2) | 1), 0)
    star = cv2.addWeighted(streak, 0.7, upright, 0.5, 0)
    return _array(_resize(star, frame.shape[1], frame.shape[0]))


def _vignette(width: int, height: int, amount: float) -> Frame:
    x = np.linspace(-1, 1, width, dtype=np.float32)[None, :]
    y = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    dark = amount * np.clip(np.hypot(x, y) - 0.45, 0, 1) ** 1.5
    return _array(cv2.merge([((1 - dark) * 255).astype(np.uint8)] * 3))


def _noise(chance: np.random.Generator, width: int, height: int, sigma: float) -> Floats:
    """Smooth noise with mean 0 and deviation 1; sigma: its grain in pixels."""
    # Large grain is drawn small and enlarged: blurring a big sheet that far is slow.
    shrink = max(1, int(sigma / 2))
    sheet = chance.standard_normal((height // shrink + 2, width // shrink + 2)).astype(np.float32)
    sheet = cv2.GaussianBlur(sheet, (0, 0), sigma / shrink)
    sheet = _resize(sheet, width, height)
    return (sheet - sheet.mean()) / (sheet.std() + 1e-6)


def _times(frame: Frame, mask: Frame) -> Frame:
    return _array(cv2.multiply(frame, mask, scale=1 / 255))


def _array(frame: Any) -> Any:
    """OpenCV's stubs answer more types than it does."""
    return frame
