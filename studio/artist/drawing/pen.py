"""The pen: outlines and materials in, a lit figure out."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import cv2
import numpy as np

from studio.artist.drawing.figure import (
    SHIFT,
    Contour,
    Figure,
    Finish,
    Light,
    Material,
    Point,
    arc,
    inflate,
    smooth,
)
from studio.media.raster import (
    WHITE,
    ByteArray,
    Colour,
    FloatArray,
    blur,
    mix,
    paint,
    smoothstep,
)


class Pen:
    """Draws parts one over the other on a figure's own sheet."""

    def __init__(
        self,
        *,
        scale: float,
        reach: tuple[float, float, float, float],
        light: Light,
        rng: np.random.Generator,
        colour: Colour | None = None,
        finish: str | None = None,
        word: str = "",
        traits: frozenset[str] = frozenset(),
        wear: Mapping[str, Colour | None] | None = None,
        framing: str = "",
        phase: float = 0.0,
        lines: bool = True,
    ) -> None:
        """scale: pixels per unit. reach: (left, right, bottom, top) the figure may need, in units.

        color, finish: what the prompt says of the figure, for `main`. word: what it calls it.
        traits: the other words about it; wear: garments and their colours. framing: "portrait" or
        empty. phase: which moment of its own movement, 0 to 1. lines: whether contours are wanted,
        which only drawings need.
        """
        pad = 0.04
        self.left, self.top = reach[0] - pad, reach[3] + pad
        width = max(8, math.ceil((reach[1] - reach[0] + 2 * pad) * scale))
        height = max(8, math.ceil((reach[3] - reach[2] + 2 * pad) * scale))
        self.scale, self.light, self.rng = scale, light, rng
        self.colour, self.finish, self.word = colour, finish, word
        self.traits, self.wear, self.framing = traits, dict(wear or {}), framing
        self.phase, self._lines = phase, lines
        self.rgb = np.zeros((height, width, 3), np.float32)
        self.alpha = np.zeros((height, width), np.float32)
        self.glow = np.zeros((height, width, 3), np.float32)
        self.ink = np.zeros((height, width), np.float32)
        self.order = np.zeros((height, width), np.float32)
        self._parts = 0
        self._fur: FloatArray | None = None

    def main(self, colour: Colour, finish: Finish = "matte") -> Material:
        """The material the prompt may change: "a *red glass* bottle"."""
        wanted: Finish = finish
        if self.finish in ("matte", "gloss", "metal", "glass"):
            wanted = self.finish  # type: ignore[assignment]
        if wanted == "glass" and self.colour is None:
            # Dark plastic made of glass would be smoke; one wants to see light in it.
            colour = mix(colour, mix(self.light.rim, WHITE, 0.5), 0.6)
        return Material(self.colour or colour, wanted)

    # Shapes. Each returns nothing; parts drawn later lie in front.

    def blob(self, points: Sequence[Point], material: Material, *, line: bool = True) -> None:
        """A closed curve through the points; a point given twice makes a corner."""
        self._part([smooth(points, closed=True)], material, line=line)

    def shape(self, points: Sequence[Point], material: Material, *, line: bool = True) -> None:
        """A closed outline with straight sides."""
        self._part([np.array(points, np.float32)], material, line=line)

    def ellipse(
        self,
        x: float,
        y: float,
        rx: float,
        ry: float,
        material: Material,
        *,
        tilt: float = 0.0,
        line: bool = True,
    ) -> None:
        """tilt: degrees counter-clockwise."""
        self._part([_turned(arc(0, 0, rx, ry, 0, 360), x, y, tilt)], material, line=line)

    def box(
        self,
        x0: float,
        y0: float,
        x1: float,
        y1: float,
        material: Material,
        *,
        corner: float = 0.0,
        tilt: float = 0.0,
        line: bool = True,
    ) -> None:
        """A rectangle with rounded corners, turned about its middle."""
        cx, cy = (x0 + x1) / 2, (y0 + y1) / 2
        rx, ry = abs(x1 - x0) / 2, abs(y1 - y0) / 2
        r = min(corner, rx, ry)
        points: list[Point] = []
        for sx, sy, start in ((1, 1, 0), (-1, 1, 90), (-1, -1, 180), (1, -1, 270)):
            points += arc(sx * (rx - r), sy * (ry - r), r, r, start, start + 90, 8)
        self._part([_turned(points, cx, cy, tilt)], material, line=line)

    def limb(
        self,
        points: Sequence[Point],
        widths: Sequence[float],
        material: Material,
        *,
        line: bool = True,
    ) -> None:
        """A round stroke along a curve, as thick at each point as its width says."""
        curve = smooth(points, closed=False)
        along = np.linspace(0, len(widths) - 1, len(curve))
        radii = np.interp(along, np.arange(len(widths)), np.array(widths)) / 2
        forward = np.gradient(curve, axis=0)
        length = np.maximum(np.linalg.norm(forward, axis=1, keepdims=True), 1e-6)
        normal = np.stack([-forward[:, 1], forward[:, 0]], axis=1) / length
        sides = np.concatenate(
            [curve + normal * radii[:, None], (curve - normal * radii[:, None])[::-1]]
        )
        caps = [
            np.array(arc(px, py, r, r, 0, 360, 20), np.float32)
            for (px, py), r in ((curve[0], radii[0]), (curve[-1], radii[-1]))
            if r > 0.001
        ]
        self._part([sides.astype(np.float32), *caps], material, line=line)

    def ring(
        self, x: float, y: float, rx: float, ry: float, thick: float, material: Material
    ) -> None:
        """An ellipse's line, `thick` wide."""
        outer = np.array(arc(x, y, rx + thick / 2, ry + thick / 2, 0, 360), np.float32)
        inner = np.array(arc(x, y, rx - thick / 2, ry - thick / 2, 0, 360), np.float32)
        self._part([outer], material, hole=inner)

    def both(self, draw: Callable[[int], None]) -> None:
        """Draw something left (-1) and right (1)."""
        draw(-1)
        draw(1)

    def finished(self) -> Figure:
        """The figure, with the light that grazes its outline."""
        self._rim()
        foot = (-self.left * self.scale, self.top * self.scale)
        inked = (self.ink > 0) & (self.order > 0)
        order = np.where(inked, self.order / max(1, self._parts), 1.0).astype(np.float32)
        return Figure(self.rgb, self.alpha, self.glow, self.ink, order, foot, self.scale)

    # How parts become pixels.

    def _pixels(self, outline: FloatArray) -> Contour:
        x = (outline[:, 0] - self.left) * self.scale
        y = (self.top - outline[:, 1]) * self.scale
        return np.rint(np.stack([x, y], axis=1) * (1 << SHIFT)).astype(np.int32)

    def _part(
        self,
        outlines: Sequence[FloatArray],
        material: Material,
        *,
        hole: FloatArray | None = None,
        line: bool = True,
    ) -> None:
        self._parts += 1
        height, width = self.alpha.shape
        paths = [self._pixels(outline) for outline in outlines]
        everything = np.concatenate(paths) >> SHIFT
        x0, y0 = np.maximum(everything.min(axis=0) - 4, 0)
        x1, y1 = np.minimum(everything.max(axis=0) + 5, (width, height))
        if x1 <= x0 or y1 <= y0:
            return
        shift = np.array([x0, y0], np.int32) << SHIFT
        mask = np.zeros((y1 - y0, x1 - x0), np.uint8)
        for path in paths:
            cv2.fillPoly(mask, [path - shift], 255, cv2.LINE_AA, SHIFT)
        contours = [path - shift for path in paths]
        if hole is not None:
            inside = self._pixels(hole) - shift
            cv2.fillPoly(mask, [inside], 0, cv2.LINE_AA, SHIFT)
            contours.append(inside)
        window = (slice(y0, y1), slice(x0, x1))
        # Markings lie on the surface; only what is drawn with a line stands out from it.
        self._lay(window, mask, material, casts=line)
        if self._lines:
            self._draw_lines(window, mask, contours if line else [], material)

    def _lay(
        self, window: tuple[slice, slice], mask: ByteArray, material: Material, casts: bool
    ) -> None:
        cover = mask.astype(np.float32) / 255
        normal = inflate(mask, material.round, self.scale)
        rgb, solid = self._light(normal, material, window)
        cover = cover * solid
        self._shadow(window, mask, 0.36 if casts else 0.12)
        below = self.alpha[window]
        total = cover + below * (1 - cover)
        weight = np.where(total > 1e-4, cover / np.maximum(total, 1e-4), 0)[..., None]
        self.rgb[window] += (rgb - self.rgb[window]) * weight
        self.alpha[window] = total
        self.glow[window] *= 1 - cover[..., None]
        if material.finish == "light":
            self.glow[window] += paint(material.colour) * cover[..., None]

    def _shadow(self, window: tuple[slice, slice], mask: ByteArray, strength: float) -> None:
        """A part darkens what lies just behind it, which is what makes parts overlap visibly."""
        reach = max(2.0, 0.018 * self.scale)
        pad = math.ceil(reach * 2)
        height, width = self.alpha.shape
        rows, columns = window
        y0, y1 = max(0, rows.start - pad), min(height, rows.stop + pad)
        x0, x1 = max(0, columns.start - pad), min(width, columns.stop + pad)
        wide = np.zeros((y1 - y0, x1 - x0), np.float32)
        wide[rows.start - y0 : rows.stop - y0, columns.start - x0 : columns.stop - x0] = mask
        soft = blur(wide, reach) / 255
        self.rgb[y0:y1, x0:x1] *= (1 - strength * soft)[..., None]

    def _light(
        self, normal: FloatArray, material: Material, window: tuple[slice, slice]
    ) -> tuple[FloatArray, FloatArray]:
        """Color (h, w, 3) and cover (h, w) of a part under this light."""
        light = self.light
        colour = paint(material.colour)
        solid = np.ones(normal.shape[:2], np.float32)
        if material.finish == "light":
            core = 0.75 + 0.25 * normal[..., 2:]
            return np.asarray(np.clip(colour * core + 0.12, 0, 1), np.float32), solid
        towards = light.direction()
        facing = np.clip(normal @ towards, 0, None)
        up = (normal[..., 1] * 0.5 + 0.5)[..., None]
        ambient = paint(light.floor) * (1 - up) + paint(light.sky) * up
        if material.finish == "fur":
            facing = facing * (0.86 + 0.28 * self._hair()[window])
        lit = ambient + paint(light.key) * (facing * 0.95)[..., None]
        half = towards + np.array([0, 0, 1], np.float32)
        half /= np.linalg.norm(half)
        glance = np.clip(normal @ half, 0, 1)
        edge = 1 - normal[..., 2]
        if material.finish == "metal":
            # Metal mirrors its room: a dark horizon between a bright sky and a lit floor.
            sky_line = smoothstep(-0.12, 0.1, normal[..., 1] + 0.25 * normal[..., 0])
            room = (
                0.28
                + 0.62 * sky_line * (0.55 + 0.45 * up[..., 0])
                + 0.25 * (1 - sky_line) * (1 - up[..., 0])
            )
            rgb = colour * (lit * 0.45 + paint(light.key) * room[..., None] * 0.75)
            rgb += paint(light.key) * (glance**40 * 0.9)[..., None]
        elif material.finish == "glass":
            rgb = colour * (0.35 + lit * 0.55) + paint(light.sky) * (edge**2 * 0.8)[..., None]
            rgb += paint(light.key) * (glance**60 * 1.3 + edge**3 * 0.35)[..., None]
            solid = np.clip(0.42 + 0.55 * edge**1.5 + glance**60, 0, 1).astype(np.float32)
        elif material.finish in ("skin", "cloth", "lit"):
            rgb = self._softly(colour, lit, facing, material.finish)
        elif material.finish == "gloss":
            rgb = (
                colour * lit + paint(light.key) * (glance**48 * 0.75 + glance**8 * 0.08)[..., None]
            )
            rgb += paint(light.sky) * (edge**3 * 0.35)[..., None]
        else:
            rgb = colour * lit + paint(light.key) * (glance**10 * 0.05)[..., None]
        return np.asarray(np.clip(rgb, 0, 1.4), np.float32), solid

    def _softly(
        self, colour: FloatArray, lit: FloatArray, facing: FloatArray, finish: Finish
    ) -> FloatArray:
        """Faces, clothes and the whites of eyes keep a share of light of their own: whatever the
        hour, people are what one looks at."""
        own = {"skin": 0.34, "cloth": 0.16, "lit": 0.62}[finish]
        bright = float(np.mean(self.light.key))
        rgb = colour * (lit * (1 - own) + own * (0.62 + 0.4 * bright))
        if finish == "skin":
            # Light goes a little way through it: redder where it turns into shadow.
            turning = (np.clip(facing, 0, 1) * (1 - np.clip(facing, 0, 1)))[..., None]
            rgb = rgb + colour * turning * np.array([0.22, 0.03, 0.0], np.float32)
        return np.asarray(rgb, np.float32)

    def _hair(self) -> FloatArray:
        if self._fur is None:
            noise = self.rng.standard_normal(self.alpha.shape, dtype=np.float32)
            streaks = cv2.GaussianBlur(
                noise, (0, 0), sigmaX=0.8, sigmaY=max(1.2, self.scale * 0.012)
            )
            self._fur = np.asarray(streaks / (streaks.std() + 1e-6), np.float32)
        return self._fur

    def _draw_lines(
        self,
        window: tuple[slice, slice],
        mask: ByteArray,
        contours: Sequence[Contour],
        material: Material,
    ) -> None:
        """Contours for sketches. A part hides the lines of what it covers."""
        cover = mask.astype(np.float32) / 255
        self.ink[window] *= 1 - cover
        if not contours:
            if material.colour[0] + material.colour[1] + material.colour[2] < 0.6:
                self.ink[window] = np.maximum(self.ink[window], cover * 0.85)
                self.order[window] = np.where(cover > 0.5, self._parts, self.order[window])
            return
        stroke = np.zeros_like(mask)
        thick = max(1, round(self.scale / 260))
        # Twice, a little apart, the way a hand looks for its line.
        for wander in (0.0, 0.004 * self.scale):
            for path in contours:
                noise = self.rng.normal(0, wander * (1 << SHIFT), path.shape)
                loose = path + np.rint(_lazy(noise)).astype(np.int32)
                single = np.zeros_like(mask)
                cv2.polylines(
                    single, [loose], True, 210 if wander else 255, thick, cv2.LINE_AA, SHIFT
                )
                stroke = np.maximum(
                    stroke, single if not wander else (single * 0.6).astype(np.uint8)
                )
        drawn = stroke.astype(np.float32) / 255
        # Only the outermost part of a joined outline is a line; inside it would be a seam.
        inner = cv2.erode(mask, np.ones((3, 3), np.uint8), iterations=2 * thick + 1)
        drawn *= 1 - inner.astype(np.float32) / 255
        self.ink[window] = np.maximum(self.ink[window], drawn)
        self.order[window] = np.where(drawn > 0.05, self._parts, self.order[window])

    def _rim(self) -> None:
        """Light along the outline of the whole figure, on the side the rim light stands."""
        if self.light.rim_strength <= 0:
            return
        mask = np.asarray(np.clip(self.alpha, 0, 1) * 255, np.uint8)
        pad = 4
        framed = cv2.copyMakeBorder(mask, pad, pad, pad, pad, cv2.BORDER_CONSTANT, value=0)
        reach = 0.022 * self.scale
        normal = inflate(framed, 1.0, self.scale, limit=reach)[pad:-pad, pad:-pad]
        edge = np.clip(1 - normal[..., 2], 0, 1)
        side = np.clip(normal[..., 0] * self.light.rim_side * 0.9 + normal[..., 1] * 0.45, 0, 1)
        strength = edge * side * self.light.rim_strength * (self.alpha > 0.2)
        self.rgb += paint(self.light.rim) * strength[..., None]


def _turned(points: Sequence[Point], x: float, y: float, tilt: float) -> FloatArray:
    angle = math.radians(tilt)
    turn = np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
    return np.asarray(np.array(points) @ turn + (x, y), np.float32)


def _lazy(noise: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> FloatArray:
    """Slow wandering instead of trembling: neighbouring points stray together."""
    if len(noise) < 8:
        return np.asarray(noise, np.float32)
    kernel = np.hanning(min(len(noise) // 2, 16) + 2)
    kernel /= np.sqrt((kernel**2).sum())
    return np.stack(
        [np.convolve(noise[:, axis], kernel, mode="same") for axis in (0, 1)], axis=1
    ).astype(np.float32)
