"""Putting drawn subjects into a picture, lit as it is lit."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from studio.artist.drawing.figure import Light
from studio.artist.drawing.stage import Shot, Space
from studio.artist.instructions.vocabulary import PLACES
from studio.artist.places.easel import HOURS, Easel, Setting
from studio.artist.prompt.brief import Brief
from studio.artist.scenes.build import build
from studio.artist.scenes.casting import cast
from studio.artist.subjects import SUBJECTS
from studio.media.image.masks import box_of
from studio.media.image.tones import noise_level
from studio.media.raster import ByteArray, Colour, FloatArray, blur, mix, seeded_rng, shade

# Left, top, right, bottom as shares of a picture.
Box = tuple[float, float, float, float]


WHOLE: Box = (0.0, 0.0, 1.0, 1.0)


# How tall an added subject is beside one that fills a picture of its own.
ADDED = 0.72


# Where a subject is added when no side is named: the emptier one of these.
SPOTS: tuple[Box, ...] = ((0.0, 0.12, 0.5, 0.98), (0.5, 0.12, 1.0, 0.98), (0.22, 0.12, 0.78, 0.98))


def subject_added(picture: ByteArray, brief: Brief, *, box: Box, size: float = 1.0) -> ByteArray:
    """The subjects a brief names, drawn into a box of the picture, lit as it is lit.

    picture: (h, w, 3) RGB. Shadows fall away from where the picture is brightest, and the figure
    takes on the picture's grain and sharpness.
    """
    height, width = picture.shape[:2]
    left, top = round(box[0] * width), round(box[1] * height)
    right, bottom = max(left + 8, round(box[2] * width)), max(top + 8, round(box[3] * height))
    window = np.ascontiguousarray(picture[top:bottom, left:right])
    rows, columns = window.shape[:2]
    if min(rows, columns) < 24:
        return picture
    brief = replace(brief, setting="land", style="picture", weather=frozenset())
    space = Space(columns, rows)
    easel = Easel(brief, space, HOURS[_hour_of(picture)])
    frame = window.copy()
    shot = Shot(space, columns, rows)
    for element in cast(easel, _place_like(picture, window, brief, size)):
        element.draw(frame, shot)
    out = picture.copy()
    out[top:bottom, left:right] = _matched(window, frame, picture, brief.seed)
    return out


def _hour_of(picture: ByteArray) -> str:
    return "night" if float(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).mean()) < 52 else "day"


def _place_like(picture: ByteArray, window: ByteArray, brief: Brief, size: float) -> Setting:
    """A place without anything in it, in the picture's own light."""
    afloat = [role for role in brief.roles if SUBJECTS[role.name].stands == "water"]
    return Setting(
        back=[],
        front=[],
        light=light_of(picture),
        floor=0.93,
        haze=_mean(window),
        water=0.9 if afloat else None,
        reflection=0.35 if afloat else 0.0,
        shadow=0.55,
        sky=0.4,
        figure_scale=ADDED * size if size <= 1 else min(1.2, ADDED * size),
    )


def light_of(picture: ByteArray) -> Light:
    """How a picture is lit, from its brightest side, its upper and its lower half."""
    small = cv2.resize(picture, (64, 48), interpolation=cv2.INTER_AREA)
    grey = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY).astype(np.float32) / 255
    weight = np.clip(grey - float(np.quantile(grey, 0.7)), 0, None) + 1e-4
    x = np.linspace(-1, 1, 64, dtype=np.float32)[None, :]
    across = float((weight * x).sum() / weight.sum())
    bright = small[grey >= np.quantile(grey, 0.9)].reshape(-1, 3).mean(axis=0) / 255
    key: Colour = (float(bright[0]), float(bright[1]), float(bright[2]))
    level = float(grey.mean())
    lift = float(np.clip(0.35 + level * 1.1, 0.35, 1.0))
    return Light(
        lamp=(float(np.clip(across * 2.2, -0.9, 0.9)), 0.65, 0.6),
        key=shade(mix((1.0, 1.0, 1.0), _bright(key), 0.55), lift),
        sky=shade(_mean(small[:24]), 0.75),
        floor=shade(_mean(small[24:]), 0.5),
        rim=_bright(key),
        rim_strength=0.35,
        rim_side=1.0 if across > 0 else -1.0,
    )


def _bright(colour: Colour) -> Colour:
    """The same color as a light: its largest channel is 1."""
    top = max(*colour, 0.05)
    return (colour[0] / top, colour[1] / top, colour[2] / top)


def _mean(picture: ByteArray) -> Colour:
    red, green, blue = (picture.reshape(-1, 3).mean(axis=0) / 255).tolist()
    return (red, green, blue)


def _matched(before: ByteArray, after: ByteArray, picture: ByteArray, seed: int) -> ByteArray:
    """What was drawn gets the picture's softness and grain; the rest is `before` to the bit."""
    changed = np.abs(after.astype(np.int16) - before).max(axis=2) > 2
    share = blur(changed.astype(np.float32), 0.8)[..., None]
    sigma = noise_level(picture)
    soft = cv2.GaussianBlur(after, (0, 0), 0.6).astype(np.float32)
    if sigma > 0.6:
        rng = seeded_rng("grain", seed, "inserting")
        soft += rng.normal(0, sigma, (*changed.shape, 1)).astype(np.float32)
    return np.asarray(
        np.clip(before + (soft - before) * np.clip(share, 0, 1) + 0.5, 0, 255), np.uint8
    )


def roomiest(picture: ByteArray) -> Box:
    """Of the places where something could be added the one with the least in it already."""
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    busy = cv2.Laplacian(cv2.GaussianBlur(grey, (0, 0), max(1.0, grey.shape[0] / 200)), cv2.CV_32F)
    height, width = grey.shape

    def load(box: Box) -> float:
        part = busy[
            round(box[1] * height) : round(box[3] * height),
            round(box[0] * width) : round(box[2] * width),
        ]
        return float(np.abs(part).mean()) if part.size else 0.0

    return min(SPOTS, key=load)


def spot(place: str) -> Box | None:
    """The part of the picture a named place means; None without a name."""
    if not place:
        return None
    across, down = PLACES[place]
    left = {0.0: 0.0, 0.5: 0.2, 1.0: 0.5}[across]
    top = {0.0: 0.0, 0.5: 0.12, 1.0: 0.14}[down]
    return (left, top, left + (0.5 if across != 0.5 else 0.6), top + (0.6 if down == 0 else 0.85))


def covered(mask: FloatArray) -> Box:
    """What a mask covers, as shares; the whole picture when it covers nothing."""
    return box_of(mask > 0.2) or WHOLE


def drawn_scene(brief: Brief, width: int, height: int) -> ByteArray:
    """A scene in the studio's own hand, (height, width, 3)."""
    return build(brief, max(32, width), max(32, height)).still()[:height, :width]


def plain(colour: Colour, width: int, height: int) -> ByteArray:
    """A backdrop of one color, a little lighter behind the middle."""
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j].astype(np.float32)
    light = 1.03 - 0.1 * np.clip(np.hypot(x, y * 0.9 + 0.1), 0, 1.4) ** 2
    if min(colour) > 0.9:
        # White is asked for to be white.
        light = np.ones_like(light)
        colour = (1.0, 1.0, 1.0)
    return np.asarray(
        np.clip(np.array(colour, np.float32) * light[..., None] * 255 + 0.5, 0, 255), np.uint8
    )
