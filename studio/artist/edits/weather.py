"""Another hour, season or weather over a picture that exists.

Skies are repainted, light is graded, and what falls is the studio's own (see `drawing.particles`).
Pictures are (h, w, 3) uint8 RGB.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import get_args

import cv2
import numpy as np

from studio.artist.drawing.particles import Flurry, Particles, flurry
from studio.artist.drawing.stage import Shot, Space
from studio.artist.places.easel import HOURS
from studio.artist.scenes.references import notes_of
from studio.artist.selection.by_words import union
from studio.artist.selection.regions import Regions
from studio.media.image import night, tones
from studio.media.image.depth import estimate_depth
from studio.media.image.restoration import skin_of
from studio.media.raster import ByteArray, FloatArray, blur, clouds, paint, seeded_rng, smoothstep
from studio.media.styles.video_styles import LOOKS

# Of snow against a white sky.
SHADE = (104, 122, 156)
KINDS: tuple[str, ...] = get_args(Flurry)


@dataclass(slots=True)
class Air:
    """One change of air. amount: 1 as usual."""

    picture: ByteArray
    regions: Regions
    amount: float
    seed: int
    still: bool = False

    def changed(self, name: str) -> ByteArray:
        """name: of `vocabulary.AIRS`. In "still winter" nothing falls, in "falling snow" that alone
        happens."""
        if name.startswith("still "):
            return _AIRS[name.removeprefix("still ")](replace(self, still=True))
        if name in KINDS and name not in _AIRS:
            name = f"falling {name}"
        if name.startswith("falling "):
            return self.falling(self.picture, name.removeprefix("falling "))
        return _AIRS[name](self)

    def falling(self, picture: ByteArray, kind: str, amount: float = 1.0) -> ByteArray:
        """Rain, snow and the like in front of everything."""
        if self.still:
            return picture
        height, width = picture.shape[:2]
        rng = seeded_rng(kind, self.seed, "air over a picture")
        particles = flurry(kind, rng, amount=amount * self.amount)  # type: ignore[arg-type]
        frame = _shaded_for_snow(picture, particles) if kind == "snow" else picture.copy()
        particles.draw(frame, Shot(Space(width, height), width, height))
        return frame

    def under_sky(
        self, picture: ByteArray, hour: str, share: float, *, ground: FloatArray | None = None
    ) -> ByteArray:
        """The sky painted in an hour's colors, its clouds kept as light and shade."""
        mask = self.sky() * min(1.0, share)
        if not mask.any():
            return picture
        height, width = picture.shape[:2]
        rows = np.linspace(0, 1, height, dtype=np.float32)[:, None]
        held = np.flatnonzero(mask.max(axis=1) > 0.5)
        low = (held[-1] + 1) / height if held.size else 0.6
        fall = smoothstep(0.0, low, rows)[..., None]
        colours = HOURS[hour]
        painted = paint(colours.top) * (1 - fall) + paint(colours.horizon) * fall
        painted = np.broadcast_to(painted, (height, width, 3))
        grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32) / 255
        texture = (grey - blur(grey, min(height, width) / 6))[..., None] * 0.6
        sky = np.clip(painted + texture, 0, 1) * 255
        mixed = picture + (sky - picture.astype(np.float32)) * mask[..., None]
        return np.asarray(np.clip(mixed + 0.5, 0, 255), np.uint8)

    def sky(self) -> FloatArray:
        """Where sky is; the indoors has none."""
        return self.regions.open_sky()

    def figures(self) -> FloatArray:
        """Where our own figures stand, if it is a picture of ours: snow lies behind them."""
        drawn = self.regions.figures()
        return union(drawn).mask if drawn else np.zeros(self.picture.shape[:2], np.float32)

    def skin(self) -> FloatArray:
        """Where faces and hands may be: they are no lamps, however bright."""
        side = max(5, round(min(self.picture.shape[:2]) / 12))
        large = np.ones((side, side), np.uint8)
        skin = cv2.morphologyEx(skin_of(self.picture), cv2.MORPH_OPEN, large)
        return np.asarray(blur(cv2.dilate(skin, large), 2.0), np.float32)

    def lights(self) -> FloatArray:
        """Lamps, and windows of things that our studio drew; of the picture as it was given, for
        what has come over it since may glitter."""
        image = self.regions.image
        if image.shape != self.picture.shape:
            image = self.picture
        drawn = self.regions.figures()
        medium = self.regions.medium
        if medium and notes_of(medium).get("setting") == "city":
            walls = np.asarray((1 - self.sky()) * (1 - self.figures()), np.float32)
            return night.windows_of(image, walls, self.seed, 1e-5)
        if not drawn:
            lamps = night.lamps_of(image)
            return np.asarray(lamps * (1 - self.sky()) * (1 - self.skin()), np.float32)
        homes = [cut for cut in drawn if cut.name in night.LIVED_IN]
        if not homes:
            return np.zeros(image.shape[:2], np.float32)
        walls = union(homes).mask
        windows = night.windows_of(image, walls, self.seed)
        return np.asarray(np.maximum(night.lamps_of(image, 208) * walls, windows), np.float32)

    def looked(self, picture: ByteArray, look: str, share: float) -> ByteArray:
        """Graded like films of that name (see `film.looks`)."""
        height, width = picture.shape[:2]
        drawn = LOOKS[look](width, height, self.seed).draw(picture.copy(), 0.5)
        share = float(np.clip(share * self.amount, 0, 1))
        return np.asarray(cv2.addWeighted(picture, 1 - share, drawn, share, 0), np.uint8)

    def near(self) -> FloatArray:
        return estimate_depth(self.picture)


def _shaded_for_snow(picture: ByteArray, flakes: Particles) -> ByteArray:
    """A cool shade around where flakes will be, where it is too light to see them else."""
    height, width = picture.shape[:2]
    sheet = np.zeros_like(picture)
    flakes.draw(sheet, Shot(Space(width, height), width, height))
    cover = cv2.dilate(sheet[..., 0], np.ones((3, 3), np.uint8)).astype(np.float32) / 255
    light = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32) / 255
    near = np.clip(blur(cover, max(0.7, height / 320)) * 1.6, 0, 1)
    share = (near * smoothstep(0.5, 0.85, blur(light, height / 100)) * 0.5)[..., None]
    shaded = picture + (np.array(SHADE, np.float32) - picture) * share
    return np.asarray(shaded + 0.5, np.uint8)


def _night(air: Air) -> ByteArray:
    """Moonlight, but lamps and windows are lit and spill their light."""
    sky = air.sky()
    dark = air.under_sky(night.darkened(air.picture, air.amount), "night", 0.92)
    dark = night.starry(dark, sky, air.seed)
    dark = night.moon_for_sun(dark, air.regions.image, sky, air.figures())
    return night.lit_by(dark, air.lights())


def _golden(air: Air) -> ByteArray:
    """Low sun: room is made first for its haze, or skies would burn out."""
    dim = tones.exposed(tones.contrasted(air.picture, 0.15), -0.3)
    return air.looked(tones.warmed(dim, 0.35 * air.amount), "golden", 0.6)


def _sunset(air: Air) -> ByteArray:
    painted = air.under_sky(air.picture, "sunset", 0.85 * air.amount)
    warm = tones.warmed(painted, 0.55 * air.amount)
    return air.looked(tones.contrasted(warm, 0.2), "golden", 0.35)


def _sunrise(air: Air) -> ByteArray:
    painted = air.under_sky(air.picture, "dawn", 0.8 * air.amount)
    return air.looked(tones.warmed(painted, 0.25 * air.amount), "dream", 0.35)


def _blue_hour(air: Air) -> ByteArray:
    dim = tones.exposed(tones.warmed(air.picture, -0.75 * air.amount), -0.5 * air.amount)
    dim = air.under_sky(dim, "dawn", 0.4)
    dim = night.moon_for_sun(dim, air.regions.image, air.sky(), air.figures())
    return night.lit_by(dim, air.lights(), 0.7)


def _day(air: Air) -> ByteArray:
    middle = float(cv2.cvtColor(air.picture, cv2.COLOR_RGB2GRAY).mean())
    bright = tones.exposed(air.picture, float(np.clip((135 - middle) / 70, 0.15, 1.4)) * air.amount)
    bright = tones.balanced(bright, 0.6)
    return tones.vibrant(air.under_sky(bright, "day", 0.85), 0.3)


def _winter(air: Air) -> ByteArray:
    """Snow lies where light falls from above, greens go, and more is coming down."""
    picture = air.picture
    height, width = picture.shape[:2]
    lab = cv2.cvtColor(picture.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    rows = np.linspace(0, 1, height, dtype=np.float32)[:, None]
    leafy = smoothstep(4, 18, lab[..., 2]) * smoothstep(14, -4, lab[..., 1])
    ground = smoothstep(0.4, 0.75, rows) * (1 - 0.6 * air.figures())
    drift = clouds(seeded_rng("drift", air.seed, "winter"), height, width, cells=5)
    # What faces up is lighter than what lies just below it.
    light = blur(lab[..., 0], max(1.0, height / 300))
    up = np.clip((light - np.roll(light, -max(2, height // 90), axis=0)) / 14, 0, 1)
    up[-max(2, height // 90) :] = 0
    cover = np.clip(ground * (0.55 + 0.6 * drift) + 0.45 * leafy + 0.5 * up * rows, 0, 1)
    cover = cover * (1 - air.sky()) * min(1.0, 0.92 * air.amount)
    bright = 72 + (lab[..., 0] - blur(lab[..., 0], height / 12)) * 0.7 + 14 * drift
    snowy = np.dstack([np.clip(bright, 0, 98), np.full_like(light, -1), np.full_like(light, -4)])
    mixed = lab + (snowy - lab) * cover[..., None]
    rgb = cv2.cvtColor(np.asarray(mixed, np.float32), cv2.COLOR_LAB2RGB)
    white = np.asarray(np.clip(rgb * 255 + 0.5, 0, 255), np.uint8)
    return air.falling(air.looked(white, "cold", 0.55), "snow")


def _turned_leaves(air: Air) -> ByteArray:
    """Greens become rust and gold, in patches."""
    hsv = cv2.cvtColor(air.picture, cv2.COLOR_RGB2HSV_FULL).astype(np.float32)
    height, width = hsv.shape[:2]
    hue = hsv[..., 0]
    green = smoothstep(28, 44, hue) * smoothstep(150, 118, hue) * smoothstep(20, 60, hsv[..., 1])
    patch = clouds(seeded_rng("patches", air.seed, "autumn"), height, width, cells=7)
    target = 8 + 26 * patch
    share = green * min(1.0, 0.95 * air.amount)
    hsv[..., 0] = hue + (target - hue) * share
    hsv[..., 1] = np.clip(hsv[..., 1] * (1 + 0.45 * share) + 25 * share, 0, 255)
    hsv[..., 2] = np.clip(hsv[..., 2] * (1 + 0.25 * share) + 10 * share, 0, 255)
    turned = cv2.cvtColor(np.asarray(hsv, np.uint8), cv2.COLOR_HSV2RGB_FULL)
    return air.falling(tones.warmed(np.asarray(turned, np.uint8), 0.25), "leaves", 0.7)


def _spring(air: Air) -> ByteArray:
    fresh = tones.vibrant(tones.exposed(air.picture, 0.25 * air.amount), 0.45)
    return air.falling(air.looked(fresh, "dream", 0.2), "petals")


def _summer(air: Air) -> ByteArray:
    bright = tones.warmed(tones.exposed(air.picture, 0.3 * air.amount), 0.3 * air.amount)
    return tones.vibrant(air.under_sky(bright, "day", 0.5), 0.6)


def _rain(air: Air) -> ByteArray:
    """Dim, cool and wet: the ground mirrors what stands above it."""
    dim = tones.saturated(tones.exposed(air.picture, -0.45 * air.amount), -0.35)
    dim = air.under_sky(tones.warmed(dim, -0.25), "storm", 0.75)
    height, width = dim.shape[:2]
    rows = np.linspace(0, 1, height, dtype=np.float32)[:, None]
    line = round(height * 0.72)
    mirrored = cv2.GaussianBlur(dim[::-1], (0, 0), max(1.0, width / 220), sigmaY=height / 40)
    mirrored = np.roll(mirrored, 2 * line - height, axis=0)
    share = (smoothstep(0.72, 0.95, rows) * 0.4 * air.amount)[..., None]
    wet = np.asarray(dim + (mirrored.astype(np.float32) - dim) * np.clip(share, 0, 0.6), np.uint8)
    misty = _veiled(air, wet, (0.6, 0.65, 0.7), 0.35)
    return air.falling(misty, "rain", 1.5)


def _storm(air: Air) -> ByteArray:
    dark = tones.contrasted(tones.exposed(air.picture, -0.6 * air.amount), 0.25)
    dark = tones.saturated(tones.warmed(dark, -0.3), -0.35)
    dark = air.under_sky(dark, "storm", 0.9)
    height, width = dark.shape[:2]
    heavy = clouds(seeded_rng("storm", air.seed, "sky"), height, width, cells=3, stretch=2.0)
    shade = 1 - (0.65 * smoothstep(0.35, 0.7, heavy) * air.sky())[..., None]
    return air.falling(np.asarray(dark * shade, np.uint8), "rain", 1.2)


def _fog(air: Air) -> ByteArray:
    return _veiled(air, tones.saturated(air.picture, -0.25), (0.86, 0.88, 0.9), 0.95)


def _veiled(
    air: Air, picture: ByteArray, colour: tuple[float, float, float], share: float
) -> ByteArray:
    """Thicker the farther away, in wisps."""
    height, width = picture.shape[:2]
    far = 1 - air.near()
    wisps = clouds(seeded_rng("wisps", air.seed, "fog"), height, width, cells=3, stretch=3.0)
    thick = np.clip((far**1.3) * (0.7 + 0.5 * wisps) * share * air.amount, 0, 0.96)[..., None]
    mixed = picture + (paint(colour) * 255 - picture.astype(np.float32)) * thick
    return np.asarray(mixed + 0.5, np.uint8)


_AIRS: Mapping[str, Callable[[Air], ByteArray]] = {
    "night": _night,
    "blue hour": _blue_hour,
    "golden": _golden,
    "sunset": _sunset,
    "sunrise": _sunrise,
    "day": _day,
    "winter": _winter,
    "autumn": _turned_leaves,
    "spring": _spring,
    "summer": _summer,
    "rain": _rain,
    "storm": _storm,
    "fog": _fog,
}
