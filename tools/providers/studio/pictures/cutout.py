"""Telling a subject from what surrounds it: soft masks, from the picture alone or from our layers.

Masks are (h, w) float32, 0 to 1. Nothing here knows what a thing is: it goes by colour, edges and
where things usually stand.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from tools.providers.studio.scenes.effects import Drawing
from tools.providers.studio.scenes.raster import ByteArray, FloatArray, blur
from tools.providers.studio.scenes.references import notes_of, own_stage
from tools.providers.studio.scenes.stage import Layer, Shot, Stage, lay

# GrabCut's time grows with pixels, and its edge is redrawn at full size afterwards.
CUT_SIDE = 384
ROUNDS = 4
# Edges are redrawn by what is found on a copy of this side, in bands of so many rows.
GUIDE_SIDE = 1280
BAND = 512
# Below this a subject is a guess that should not be trusted.
SURE = 0.5
# So little unlike the border that there is nothing to cut, and GrabCut would take for ever.
NOTHING = 0.5
SMALLEST_SHARE = 0.004
LARGEST_SHARE = 0.9


@dataclass(frozen=True, slots=True)
class Cut:
    """A selection. mask: see above. score: how far it can be trusted, 0 to 1. name: what it is."""

    mask: FloatArray
    score: float
    name: str = ""

    @property
    def area(self) -> float:
        """The share of the picture it covers."""
        return float(self.mask.mean())

    @property
    def box(self) -> tuple[float, float, float, float] | None:
        """Left, top, right, bottom as shares of the picture; None when nothing is selected."""
        held = self.mask > 0.5
        columns, rows = np.flatnonzero(held.any(axis=0)), np.flatnonzero(held.any(axis=1))
        if not columns.size:
            return None
        height, width = held.shape
        return (
            float(columns[0] / width),
            float(rows[0] / height),
            float((columns[-1] + 1) / width),
            float((rows[-1] + 1) / height),
        )

    def facts(self) -> dict[str, Any]:
        """For an artifact's notes."""
        box = self.box
        return {
            "area": round(self.area, 4),
            "bbox": [round(side, 4) for side in box] if box else None,
            "score": round(self.score, 3),
            **({"name": self.name} if self.name else {}),
        }


def drawn_figures(medium: Mapping[str, Any], image: ByteArray) -> list[Cut] | None:
    """Every figure of a picture our studio drew, exactly; None when it is not one of ours."""
    stage = own_stage(image, notes_of(medium))
    return None if stage is None else figures_of(stage)


def figures_of(stage: Stage) -> list[Cut]:
    """The figures of a stage as its still shows them, the leading one first."""
    # Drawings on paper are lines, not figures with an inside.
    names = [one.figure for one in stage.elements if isinstance(one, Layer) and one.figure]
    cuts = []
    for name in dict.fromkeys(names):
        mask = _seen(stage, name)
        if mask.mean() > SMALLEST_SHARE / 8:
            cuts.append(Cut(mask, 1.0, name))
    return sorted(cuts, key=lambda cut: -cut.area)


def is_drawing(stage: Stage) -> bool:
    """Whether it is a drawing on paper."""
    return any(isinstance(one, Drawing) for one in stage.elements)


def _seen(stage: Stage, name: str) -> FloatArray:
    """Where a figure is seen: white, with what stands before it in black."""
    space = stage.space
    shot = Shot(space, space.width, space.height)
    frame = np.zeros((space.height, space.width, 3), np.uint8)
    started = False
    for one in stage.elements:
        if not isinstance(one, Layer):
            continue
        mine = one.figure == name
        started = started or mine
        if started:
            sheet = np.zeros_like(one.pixels)
            sheet[..., 3] = one.pixels[..., 3]
            if mine:
                sheet[..., :3] = one.pixels[..., 3:]
            lay(frame, sheet, one.matrix(shot), extends=one.extends)
    return np.asarray(frame[..., 0].astype(np.float32) / 255)


def subject_of(image: ByteArray) -> Cut:
    """What stands out of a foreign picture; a low score where nothing does.

    image: (h, w, 3) RGB uint8. Two guesses are cut out, and the one with the better edge is taken.
    """
    small = cut_size(image)
    height, width = small.shape[:2]
    if min(height, width) < 8:
        return Cut(np.ones(image.shape[:2], np.float32), 0.0)
    away = unlike_border(small)
    if float(away.max()) < NOTHING:
        return Cut(np.ones(image.shape[:2], np.float32), 0.0)
    guesses = [_grown(small, labels) for labels in (_by_colour(away), _by_place(away))]
    best = _whole(small, max(guesses, key=lambda mask: _merit(small, mask)))
    # A subject has an outline; a patch of sky has none.
    outlined = 0.2 + 0.8 * min(1.0, edge_share(small, best) / 0.4)
    score = separation(small, best) * _sensible(best) * outlined
    return Cut(refined(image, best), score)


def cut_size(image: ByteArray) -> ByteArray:
    """A copy small enough to cut."""
    height, width = image.shape[:2]
    factor = min(1.0, CUT_SIDE / max(height, width))
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)


def unlike_border(image: ByteArray) -> FloatArray:
    """How far each pixel's colour is from all the colours along the top and the sides; 0 to 1."""
    height, width = image.shape[:2]
    lab = lab_of(image)
    lab = cv2.GaussianBlur(lab, (0, 0), max(0.8, min(height, width) / 150))
    edge = max(1, min(height, width) // 40)
    rim = np.concatenate(
        [
            lab[:edge].reshape(-1, 3),
            lab[:, :edge].reshape(-1, 3),
            lab[:, -edge:].reshape(-1, 3),
        ]
    )
    centres = clusters(rim, min(6, len(rim)))
    distance = np.min([np.linalg.norm(lab - centre, axis=2) for centre in centres], axis=0)
    return np.asarray(np.clip(distance / max(12.0, float(distance.max())), 0, 1), np.float32)


def lab_of(image: npt.NDArray[Any]) -> FloatArray:
    """CIE Lab, L 0 to 100, of RGB 0 to 255: distances are about as large as they look."""
    return np.asarray(
        cv2.cvtColor(image[..., :3].astype(np.float32) / 255, cv2.COLOR_RGB2LAB), np.float32
    )


def clusters(samples: FloatArray, count: int) -> FloatArray:
    """Centres of the samples, (at most count, channels); the same for the same samples."""
    cv2.setRNGSeed(1)
    stop = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 20, 0.5)
    samples = np.ascontiguousarray(samples[:: max(1, len(samples) // 4000)], np.float32)
    # Of one flat colour there are no several centres.
    different = np.unique(samples[:64].round(1), axis=0)
    if len(different) < count:
        different = np.unique(samples.round(1), axis=0)
    count = max(1, min(count, len(different)))
    if count == 1:
        return samples.mean(axis=0, keepdims=True)
    _, _, centres = cv2.kmeans(
        samples, count, np.zeros((0,), np.int32), stop, 2, cv2.KMEANS_PP_CENTERS
    )
    return np.asarray(centres, np.float32)


def _by_colour(away: FloatArray) -> ByteArray:
    """GrabCut's labels from how unlike the border things are, more so in the middle."""
    height, width = away.shape
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j].astype(np.float32)
    scored = away * np.exp(-0.7 * (x**2 + (0.8 * y - 0.1) ** 2))
    level = cv2.threshold(
        np.asarray(scored * 255, np.uint8), 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU
    )[0]
    labels = np.full((height, width), cv2.GC_PR_BGD, np.uint8)
    labels[scored * 255 > level] = cv2.GC_PR_FGD
    labels[scored > float(np.quantile(scored, 0.97))] = cv2.GC_FGD
    return _framed(labels)


def _by_place(away: FloatArray) -> ByteArray:
    """The same from where a portrait's or a product's subject is: an ellipse on the lower edge."""
    height, width = away.shape
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j].astype(np.float32)
    inside = (x / 0.62) ** 2 + ((y - 0.12) / 0.9) ** 2
    labels = np.full((height, width), cv2.GC_PR_BGD, np.uint8)
    labels[inside < 1] = cv2.GC_PR_FGD
    labels[(inside < 0.12) & (away > 0.15)] = cv2.GC_FGD
    return _framed(labels)


def _framed(labels: ByteArray) -> ByteArray:
    """The top and the sides are background; at the bottom subjects often leave the picture."""
    edge = max(1, min(labels.shape) // 60)
    labels[:edge] = cv2.GC_BGD
    labels[:, :edge] = labels[:, -edge:] = cv2.GC_BGD
    return labels


def _grown(image: ByteArray, labels: ByteArray) -> FloatArray:
    return tidy(grab(image, labels))


def grab(image: ByteArray, labels: ByteArray) -> FloatArray:
    """GrabCut from labels; what was not foreground and background at once stays as labelled."""
    mask = labels.copy()
    front = np.isin(mask, (cv2.GC_FGD, cv2.GC_PR_FGD))
    if not front.any() or front.all():
        return np.asarray(front, np.float32)
    cv2.setRNGSeed(1)
    models = np.zeros((1, 65)), np.zeros((1, 65))
    picture = np.ascontiguousarray(image[..., ::-1])
    try:
        cv2.grabCut(picture, mask, None, *models, ROUNDS, cv2.GC_INIT_WITH_MASK)
    except cv2.error:
        # Too few pixels on one side for its colour models.
        return np.asarray(front, np.float32)
    return np.asarray(np.isin(mask, (cv2.GC_FGD, cv2.GC_PR_FGD)), np.float32)


def tidy(mask: FloatArray) -> FloatArray:
    """Without specks and pinholes: parts much smaller than the largest go, so do small holes."""
    side = max(3, round(min(mask.shape) / 110) | 1)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    held = cv2.morphologyEx(np.asarray(mask > 0.5, np.uint8), cv2.MORPH_OPEN, kernel)
    held = _large_parts(held, 0.12)
    holes = _large_parts(np.asarray(1 - held, np.uint8), 0.006)
    return np.asarray(1 - holes, np.float32)


def _large_parts(held: ByteArray, share: float) -> ByteArray:
    """The parts at least `share` as large as the largest one."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(held, connectivity=4)
    if count <= 2:
        return held
    sizes = stats[1:, cv2.CC_STAT_AREA]
    keep = np.flatnonzero(sizes >= share * sizes.max()) + 1
    return np.asarray(np.isin(labels, keep), np.uint8)


def filled(image: ByteArray, mask: FloatArray) -> FloatArray:
    """With those holes closed that look unlike what is outside: a visor, not a handle's ring."""
    held = np.asarray(mask > 0.5, np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(1 - held, connectivity=4)
    lab = lab_of(image)
    rim = set(np.unique(np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])))
    outside = np.isin(labels, list(rim - {0})) & (held == 0)
    if not outside.any():
        return mask
    centres = clusters(lab[outside], 6)
    for part in range(1, count):
        if part in rim or stats[part, cv2.CC_STAT_AREA] > 0.5 * held.sum():
            continue
        colour = np.median(lab[labels == part], axis=0)
        if np.linalg.norm(centres - colour, axis=1).min() > 9:
            held[labels == part] = 1
    return np.asarray(held, np.float32)


def _whole(image: ByteArray, mask: FloatArray) -> FloatArray:
    """The main part, and others only if they have an outline of their own: no sun with its haze."""
    held = np.asarray(mask > 0.5, np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(held, connectivity=8)
    parts = [np.asarray(labels == part, np.float32) for part in range(1, count)]
    if len(parts) < 2:
        return filled(image, mask)
    edges = [edge_share(image, part) for part in parts]
    areas = [float(area) for area in stats[1:, cv2.CC_STAT_AREA]]
    # Near the middle is where subjects are.
    middles = stats[1:, cv2.CC_STAT_LEFT] + stats[1:, cv2.CC_STAT_WIDTH] / 2
    central = [1 - abs(middle / held.shape[1] - 0.5) for middle in middles]
    main = max(range(len(parts)), key=lambda i: areas[i] * edges[i] * central[i])
    kept = [
        part
        for part, edge, area in zip(parts, edges, areas, strict=True)
        if part is parts[main] or (edge > 0.85 * edges[main] and area > 0.3 * areas[main])
    ]
    return filled(image, np.asarray(np.max(kept, axis=0), np.float32))


def _merit(image: ByteArray, mask: FloatArray) -> float:
    return separation(image, mask) * _sensible(mask) * (0.4 + 0.6 * edge_share(image, mask))


def separation(image: ByteArray, mask: FloatArray) -> float:
    """How unlike a selection is to the ring around it, 0 to 1."""
    held = np.asarray(mask > 0.5, np.uint8)
    reach = max(3, round(0.06 * max(mask.shape)) | 1)
    ring = cv2.dilate(held, np.ones((reach, reach), np.uint8)) - held
    lab = lab_of(image)
    inside, around = lab[held > 0], lab[ring > 0]
    if len(inside) < 4 or len(around) < 4:
        return 0.0
    inner, outer = clusters(inside, 4), clusters(around, 4)
    # A tip cut off and left in the ring is no surrounding.
    outer = outer[_shares(around, outer) > 0.12]
    # Each colour inside against the nearest outside: a subject of many colours is still one.
    away = np.linalg.norm(inner[:, None] - outer[None], axis=2).min(axis=1)
    shares = _shares(inside, inner)
    return float(1 - np.exp(-float((away * shares).sum()) / 14))


def _shares(samples: FloatArray, centres: FloatArray) -> FloatArray:
    """How many of the samples are nearest to each centre, as shares."""
    some = samples[:: max(1, len(samples) // 2000)]
    nearest = np.linalg.norm(some[:, None] - centres[None], axis=2).argmin(axis=1)
    return np.asarray(np.bincount(nearest, minlength=len(centres)) / len(some), np.float32)


def edge_share(image: ByteArray, mask: FloatArray) -> float:
    """How much of a selection's outline runs along an edge of the picture, 0 to 1."""
    held = np.asarray(mask > 0.5, np.uint8)
    outline = cv2.morphologyEx(held, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)) > 0
    outline[[0, -1]] = False
    outline[:, [0, -1]] = False
    if not outline.any():
        return 0.0
    lightness = lab_of(image)
    slope = np.zeros(mask.shape, np.float32)
    for channel in range(3):
        plane = lightness[..., channel]
        slope = np.maximum(
            slope, np.hypot(cv2.Sobel(plane, cv2.CV_32F, 1, 0), cv2.Sobel(plane, cv2.CV_32F, 0, 1))
        )
    return float((slope[outline] > 24).mean())


def _sensible(mask: FloatArray) -> float:
    """1 for what could be a subject, less for specks and for nearly everything."""
    area = float(mask.mean())
    if area < SMALLEST_SHARE or area > LARGEST_SHARE:
        return 0.1
    held = mask > 0.5
    rim = np.concatenate([held[0], held[:, 0], held[:, -1]])
    # A thing seen from here to there along three edges is the place, not something in it.
    return float(np.clip(1.25 - 1.6 * rim.mean(), 0.1, 1.0))


def refined(image: ByteArray, mask: FloatArray) -> FloatArray:
    """The mask at the picture's size, its edge laid along the picture's by a guided filter."""
    height, width = image.shape[:2]
    large = cv2.resize(mask, (width, height), interpolation=cv2.INTER_LINEAR)
    scale = max(height, width) / max(1, max(mask.shape))
    radius = max(2, round(2.5 * scale))
    guided = guided_filter(np.asarray(large, np.float32), image, radius, 4e-4)
    # Steeper than it came out, or everything near the edge is half transparent.
    steep = np.clip((guided - 0.5) * 1.7 + 0.5, 0, 1)
    # Far from the edge the filter has no say.
    band = np.ones((2 * radius + 1, 2 * radius + 1), np.uint8)
    hard = np.asarray(large > 0.5, np.uint8)
    core, reach = cv2.erode(hard, band), cv2.dilate(hard, band)
    return np.asarray(np.where(core > 0, 1.0, np.where(reach > 0, steep, 0.0)), np.float32)


def guided_filter(values: FloatArray, image: ByteArray, radius: int, eps: float) -> FloatArray:
    """The guided filter with a colour guide: steps where the picture steps.

    Its coefficients are found on a copy of at most GUIDE_SIDE pixels and applied to all of them
    (He and Sun 2015), so that large pictures need little memory.
    """
    height, width = values.shape
    factor = min(1.0, GUIDE_SIDE / max(height, width))
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    slope, offset = _coefficients(
        cv2.resize(values, size, interpolation=cv2.INTER_AREA),
        small.astype(np.float32) / 255,
        max(1, round(radius * factor)),
        eps,
    )
    out = np.empty((height, width), np.float32)
    for rows in bands(height):
        lines = np.arange(rows.start, rows.stop, dtype=np.float32)
        y = np.repeat(((lines + 0.5) * size[1] / height - 0.5)[:, None], width, axis=1)
        x = np.repeat(
            ((np.arange(width, dtype=np.float32) + 0.5) * size[0] / width - 0.5)[None],
            len(lines),
            axis=0,
        )
        guide = image[rows, :, :3].astype(np.float32) / 255
        total = _at(offset, x, y)
        for channel in range(3):
            total += _at(slope[..., channel], x, y) * guide[..., channel]
        out[rows] = total
    return out


def _coefficients(
    values: FloatArray, guide: FloatArray, radius: int, eps: float
) -> tuple[FloatArray, FloatArray]:
    side = (2 * radius + 1, 2 * radius + 1)
    mean_guide, mean_values = cv2.blur(guide, side), cv2.blur(values, side)
    covariance = cv2.blur(guide * values[..., None], side) - mean_guide * mean_values[..., None]
    spread = np.empty((*values.shape, 3, 3), np.float32)
    for i in range(3):
        for j in range(i, 3):
            both = cv2.blur(guide[..., i] * guide[..., j], side)
            spread[..., i, j] = spread[..., j, i] = both - mean_guide[..., i] * mean_guide[..., j]
    spread += eps * np.eye(3, dtype=np.float32)
    slope = np.linalg.solve(spread, covariance[..., None])[..., 0].astype(np.float32)
    offset = mean_values - (slope * mean_guide).sum(axis=2)
    return cv2.blur(slope, side), cv2.blur(offset, side)


def _at(plane: FloatArray, x: FloatArray, y: FloatArray) -> FloatArray:
    return np.asarray(
        cv2.remap(
            np.ascontiguousarray(plane), x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        ),
        np.float32,
    )


def bands(height: int) -> list[slice]:
    """A picture's rows in pieces, so that floats of it never exist all at once."""
    return [slice(top, min(height, top + BAND)) for top in range(0, height, BAND)]


def without_fringe(image: ByteArray, mask: FloatArray) -> ByteArray:
    """The picture with the background's colour taken out of the subject's soft edge.

    Where a pixel is partly background, it takes the colour of the nearest pixels that are not.
    """
    height, width = mask.shape
    factor = min(1.0, GUIDE_SIDE / max(height, width))
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    near = _colours_nearby(
        cv2.resize(image, size, interpolation=cv2.INTER_AREA).astype(np.float32),
        np.asarray(cv2.resize(mask, size, interpolation=cv2.INTER_AREA) > 0.96, np.float32),
    )
    if near is None:
        return image
    near = cv2.resize(near, (width, height), interpolation=cv2.INTER_LINEAR)
    out = np.empty_like(image)
    for rows in bands(height):
        colour = image[rows].astype(np.float32)
        keep = np.clip(mask[rows] * 1.6 - 0.6, 0, 1)
        keep[mask[rows] > 0.96] = 1
        fill = near[rows].astype(np.float32)
        out[rows] = np.clip(fill + (colour - fill) * keep[..., None], 0, 255) + 0.5
    return out


def _colours_nearby(colour: FloatArray, sure: FloatArray) -> ByteArray | None:
    """The colours of the nearest sure pixels everywhere; None when there are none."""
    if not sure.any():
        return None
    radius = max(1.0, max(sure.shape) / 300)
    total, share = blur(colour * sure[..., None], radius), blur(sure, radius)
    wide, wide_share = blur(colour * sure[..., None], 6 * radius), blur(sure, 6 * radius)
    near = np.where(
        (share > 0.02)[..., None],
        total / np.maximum(share, 1e-4)[..., None],
        wide / np.maximum(wide_share, 1e-4)[..., None],
    )
    return np.asarray(np.clip(near, 0, 255) + 0.5, np.uint8)
