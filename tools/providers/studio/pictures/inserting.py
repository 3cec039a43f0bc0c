"""Putting things into a picture and taking them out: subjects, backgrounds, other pictures."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import numpy.typing as npt

from tools.providers.studio.pictures.canvas import fitted, resized
from tools.providers.studio.pictures.cutout import without_fringe
from tools.providers.studio.pictures.phrasebook import PLACES
from tools.providers.studio.pictures.tones import noise_level
from tools.providers.studio.scenes.brief import Brief, read
from tools.providers.studio.scenes.build import build
from tools.providers.studio.scenes.casting import cast
from tools.providers.studio.scenes.figure import Light
from tools.providers.studio.scenes.places.easel import HOURS, Easel, Setting
from tools.providers.studio.scenes.raster import (
    ByteArray,
    Colour,
    FloatArray,
    blur,
    chance,
    mix,
    shade,
)
from tools.providers.studio.scenes.stage import Shot, Space
from tools.providers.studio.scenes.subjects import SUBJECTS

# Left, top, right, bottom as shares of a picture.
Box = tuple[float, float, float, float]
WHOLE: Box = (0.0, 0.0, 1.0, 1.0)
# How tall an added subject is beside one that fills a picture of its own.
ADDED = 0.72
# Where a subject is added when no side is named: the emptier one of these.
SPOTS: tuple[Box, ...] = ((0.0, 0.12, 0.5, 0.98), (0.5, 0.12, 1.0, 0.98), (0.22, 0.12, 0.78, 0.98))


def subject_added(
    picture: ByteArray, what: str, *, box: Box, seed: int, size: float = 1.0
) -> ByteArray:
    """The subjects a description names, drawn into a box of the picture, lit as it is lit.

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
    brief = read(what, seed=seed)
    brief = replace(brief, setting="land", style="picture", weather=frozenset())
    space = Space(columns, rows)
    easel = Easel(brief, space, HOURS[_hour_of(picture)])
    frame = window.copy()
    shot = Shot(space, columns, rows)
    for element in cast(easel, _place_like(picture, window, brief, size)):
        element.draw(frame, shot)
    out = picture.copy()
    out[top:bottom, left:right] = _matched(window, frame, picture, seed)
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
    """The same colour as a light: its largest channel is 1."""
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
        dice = chance("grain", seed, "inserting")
        soft += dice.normal(0, sigma, (*changed.shape, 1)).astype(np.float32)
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


def box_of(mask: FloatArray) -> Box:
    """What a mask covers, as shares; the whole picture when it covers nothing."""
    held = mask > 0.2
    columns, rows = np.flatnonzero(held.any(axis=0)), np.flatnonzero(held.any(axis=1))
    if not columns.size:
        return WHOLE
    height, width = held.shape
    return (
        float(columns[0] / width),
        float(rows[0] / height),
        float((columns[-1] + 1) / width),
        float((rows[-1] + 1) / height),
    )


def drawn_scene(what: str, width: int, height: int, seed: int) -> ByteArray:
    """A scene in the studio's own hand, (height, width, 3)."""
    return build(read(what, seed=seed), max(32, width), max(32, height)).still()[:height, :width]


def plain(colour: Colour, width: int, height: int) -> ByteArray:
    """A backdrop of one colour, a little lighter behind the middle."""
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j].astype(np.float32)
    light = 1.03 - 0.1 * np.clip(np.hypot(x, y * 0.9 + 0.1), 0, 1.4) ** 2
    if min(colour) > 0.9:
        # White is asked for to be white.
        light = np.ones_like(light)
        colour = (1.0, 1.0, 1.0)
    return np.asarray(
        np.clip(np.array(colour, np.float32) * light[..., None] * 255 + 0.5, 0, 255), np.uint8
    )


def on_background(
    picture: ByteArray, subject: FloatArray, behind: ByteArray, *, harmonise: bool = True
) -> ByteArray:
    """The subject (h, w, 0 to 1) of a picture before another background of the same size.

    harmonise: give it some of the background's light, and a shadow where it stands.
    """
    front = without_fringe(picture, subject).astype(np.float32)
    base = behind.astype(np.float32)
    if harmonise:
        front = _in_its_light(front, subject, base)
        base = _shadowed(base, subject)
    mixed = base + (front - base) * subject[..., None]
    return np.asarray(np.clip(mixed + 0.5, 0, 255), np.uint8)


def _in_its_light(front: FloatArray, subject: FloatArray, base: FloatArray) -> FloatArray:
    height, width = subject.shape
    held = subject > 0.5
    if not held.any():
        return front
    own, other = front[held].mean(axis=0), base.mean(axis=(0, 1))
    level = float(np.clip((other.mean() + 40) / (own.mean() + 40), 0.55, 1.35))
    tint = (other + 30) / (other.mean() + 30)
    lit = front * (1 + (level - 1) * 0.4) * (1 + (tint - 1) * 0.35)
    # Light from behind wraps around the edge.
    rim = np.clip(blur(1 - subject, min(height, width) / 90) * 1.1, 0, 1)[..., None] * 0.3
    around = blur(base, min(height, width) / 40)
    return np.asarray(lit + (around - lit) * rim, np.float32)


def _shadowed(base: FloatArray, subject: FloatArray) -> FloatArray:
    """A soft shadow where something stands that does not leave the picture below."""
    box = box_of(subject)
    if box[3] > 0.97:
        return base
    height, width = subject.shape
    foot = subject[max(0, round((box[3] - 0.08) * height)) : round(box[3] * height)]
    across = foot.max(axis=0)
    columns = np.flatnonzero(across > 0.5)
    if not columns.size:
        return base
    shadow = np.zeros((height, width), np.float32)
    centre = (int(columns.mean()), round((box[3] - 0.012) * height))
    axes = (max(2, round(len(columns) * 0.62)), max(2, round(height * 0.022)))
    cv2.ellipse(shadow, centre, axes, 0, 0, 360, 1.0, -1, cv2.LINE_AA)
    dark = blur(shadow, height / 70)[..., None] * 0.5
    return np.asarray(base * (1 - dark), np.float32)


def removed(picture: ByteArray, mask: FloatArray) -> ByteArray:
    """What a mask covers painted over from its surroundings, coarse to fine, with their texture.

    The middle of a large hole is filled small first: inpainting reaches only so far.
    """
    height, width = picture.shape[:2]
    reach = max(3, round(min(height, width) / 110))
    hole = cv2.dilate(np.asarray(mask > 0.1, np.uint8), np.ones((reach, reach), np.uint8))
    if not hole.any() or hole.all():
        return picture
    factor = min(1.0, 220 / max(height, width))
    size = (max(8, round(width * factor)), max(8, round(height * factor)))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    small_hole = cv2.resize(hole * 255, size, interpolation=cv2.INTER_LINEAR)
    small_hole = np.asarray((small_hole > 8) * 255, np.uint8)
    filled = _patched(cv2.inpaint(small, small_hole, 5, cv2.INPAINT_TELEA), small_hole > 0)
    coarse = resized(np.asarray(filled, np.uint8), width, height).astype(np.float32)
    texture = _texture(picture, hole)
    share = np.clip(blur(hole.astype(np.float32), reach * 0.6) * 1.6, 0, 1)[..., None]
    share = np.maximum(share, hole[..., None].astype(np.float32))
    mixed = picture + (coarse + texture - picture) * share
    return np.asarray(np.clip(mixed + 0.5, 0, 255), np.uint8)


def _patched(small: ByteArray, hole: npt.NDArray[np.bool_]) -> ByteArray:
    """Rows of a wide hole continue what lies left and right of it: skies and floors run across."""
    out = small.astype(np.float32)
    width = small.shape[1]
    for row in np.flatnonzero(hole.any(axis=1)):
        columns = np.flatnonzero(hole[row])
        first, last = int(columns[0]), int(columns[-1])
        if first < 3 or last > width - 4:
            continue
        left = out[row, max(0, first - 6) : first].mean(axis=0)
        right = out[row, last + 1 : last + 7].mean(axis=0)
        ramp = np.linspace(0, 1, last - first + 1, dtype=np.float32)[:, None]
        across = left + (right - left) * ramp
        inside = hole[row, first : last + 1, None]
        part = out[row, first : last + 1]
        out[row, first : last + 1] = np.where(inside, 0.35 * part + 0.65 * across, part)
    soft = cv2.GaussianBlur(out, (0, 0), 1.2)
    return np.asarray(np.where(hole[..., None], soft, out) + 0.5, np.uint8)


def _texture(picture: ByteArray, hole: ByteArray) -> FloatArray:
    """Fine detail of the neighbourhood, taken from beside the hole and laid into it."""
    height, width = picture.shape[:2]
    exact = picture.astype(np.float32)
    fine = exact - cv2.GaussianBlur(exact, (0, 0), max(1.0, min(height, width) / 160))
    columns = np.flatnonzero(hole.any(axis=0))
    span = int(columns[-1] - columns[0]) + 1 if columns.size else 1
    # From the side with room for it; mirrored, so that no seam repeats.
    shift = span if columns[0] > width - 1 - columns[-1] else -span
    borrowed = np.roll(fine, shift, axis=1)
    # Grain and grass, but no outlines: those would be the ghosts of other things.
    most = 2 + 1.2 * noise_level(picture)
    seen = np.roll(hole, shift, axis=1) == 0
    return np.asarray(
        np.where(seen[..., None], np.clip(borrowed, -most, most), 0) * 0.9, np.float32
    )


def inset(picture: ByteArray, other: ByteArray, place: str, size: float) -> ByteArray:
    """Another picture laid onto this one, in a corner unless told otherwise; alpha is honoured."""
    height, width = picture.shape[:2]
    rows, columns = other.shape[:2]
    share = float(np.clip(0.34 * size, 0.1, 0.9))
    factor = min(width * share / columns, height * share / rows)
    small = resized(other, max(1, round(columns * factor)), max(1, round(rows * factor)))
    across, down = PLACES[place or "bottom right"]
    pad = round(min(height, width) * 0.04)
    x = round(pad + across * (width - 2 * pad - small.shape[1]))
    y = round(pad + down * (height - 2 * pad - small.shape[0]))
    x, y = max(0, x), max(0, y)
    out = picture.copy()
    window = out[y : y + small.shape[0], x : x + small.shape[1]]
    small = small[: window.shape[0], : window.shape[1]]
    alpha = small[..., 3:].astype(np.float32) / 255 if small.shape[2] == 4 else np.float32(1)
    window[:] = window + (small[..., :3].astype(np.float32) - window) * alpha + 0.5
    return out


def side_by_side(pictures: list[ByteArray]) -> ByteArray:
    """Pictures beside each other at the first one's height, or in rows when there are many."""
    height = pictures[0].shape[0]
    per_row = len(pictures) if len(pictures) <= 3 else int(np.ceil(len(pictures) ** 0.5))
    gap = max(2, height // 90)
    rows = []
    widest = 0
    for start in range(0, len(pictures), per_row):
        strip = [
            resized(one, max(1, round(one.shape[1] * height / one.shape[0])), height)
            for one in pictures[start : start + per_row]
        ]
        padded = [
            cv2.copyMakeBorder(one, 0, 0, 0, gap, cv2.BORDER_CONSTANT, value=(255,) * 3)
            for one in strip
        ]
        row = np.concatenate(padded, axis=1)[:, :-gap]
        widest = max(widest, row.shape[1])
        rows.append(row)
    if len(rows) == 1:
        return np.asarray(rows[0], np.uint8)
    filled = [fitted(row, widest, height) for row in rows]
    return np.asarray(np.concatenate(filled, axis=0), np.uint8)


def blended(picture: ByteArray, other: ByteArray, amount: float) -> ByteArray:
    """Two exposures on one film: light adds up, dark shows through."""
    height, width = picture.shape[:2]
    second = fitted(other, width, height).astype(np.float32) / 255
    first = picture.astype(np.float32) / 255
    screened = 1 - (1 - first * 0.9) * (1 - second * 0.8 * min(1.0, amount))
    mean = (first + second) / 2
    return np.asarray(np.clip((screened * 0.6 + mean * 0.4) * 255 + 0.5, 0, 255), np.uint8)


def toned_like(picture: ByteArray, other: ByteArray, amount: float) -> ByteArray:
    """The picture in another one's palette: the spread of its colours moved onto the other's.

    After Reinhard and others (2001), in Lab; then each channel by its quantiles, by half.
    """
    share = min(1.0, 0.85 * amount)
    lab = cv2.cvtColor(picture, cv2.COLOR_RGB2LAB).astype(np.float32)
    sample = cv2.resize(other, (128, 128), interpolation=cv2.INTER_AREA)
    target = cv2.cvtColor(sample, cv2.COLOR_RGB2LAB).astype(np.float32)
    small = cv2.resize(lab, (128, 128), interpolation=cv2.INTER_AREA)
    quantiles = np.linspace(0, 1, 33)
    out = np.empty_like(lab)
    for channel in range(3):
        own = np.quantile(small[..., channel], quantiles)
        theirs = np.quantile(target[..., channel], quantiles)
        by_rank = np.interp(lab[..., channel], own + np.arange(33) * 1e-4, theirs)
        gain = np.clip(theirs.std() / (own.std() + 1e-3), 0.5, 2.2)
        by_spread = (lab[..., channel] - own.mean()) * gain + theirs.mean()
        # Light keeps more of its own order than colour does.
        moved = 0.5 * by_rank + 0.5 * by_spread
        weight = share * (0.6 if channel == 0 else 1.0)
        out[..., channel] = lab[..., channel] + (moved - lab[..., channel]) * weight
    return np.asarray(
        cv2.cvtColor(np.asarray(np.clip(out, 0, 255), np.uint8), cv2.COLOR_LAB2RGB), np.uint8
    )


def recoloured(picture: ByteArray, where: FloatArray, colour: Colour) -> ByteArray:
    """A region in another colour, its light and shade and texture kept. where: (h, w), 0 to 1."""
    lab = cv2.cvtColor(picture.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    wanted = cv2.cvtColor(np.array([[colour]], np.float32), cv2.COLOR_RGB2LAB)[0, 0]
    held = where > 0.5
    if not held.any():
        return picture
    light = lab[..., 0]
    middle = float(np.median(light[held]))
    # Towards the colour's own lightness, but not all the way: a white wall gives a pale red.
    offset = float(np.clip(wanted[0] - middle, -45, 45)) * (
        0.85 if wanted[0] > 85 or wanted[0] < 25 else 0.6
    )
    room = np.clip(light / max(20.0, middle), 0.2, 1.4)
    toned = np.dstack(
        [np.clip(light + offset * np.clip(room, 0, 1), 0, 100), wanted[1] * room, wanted[2] * room]
    )
    # Highlights stay lights.
    gloss = np.clip((light - max(80.0, middle + 22)) / 15, 0, 1)[..., None]
    toned[..., 1:] *= 1 - 0.8 * gloss
    share = where[..., None]
    mixed = lab + (toned - lab) * share
    rgb = cv2.cvtColor(np.asarray(mixed, np.float32), cv2.COLOR_LAB2RGB) * 255
    out = np.asarray(np.clip(rgb + 0.5, 0, 255), np.uint8)
    return np.asarray(np.where(share > 0, out, picture), np.uint8)
