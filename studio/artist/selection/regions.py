"""From words to regions: where a change belongs, as soft masks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np

from studio.artist.scenes.own_figures import drawn_figures
from studio.artist.selection.by_words import by_words, union
from studio.artist.selection.descriptions import Wish, read_wish
from studio.media.image.cutout import SURE, Cut, subject_of
from studio.media.image.point_selection import Ground
from studio.media.image.restoration import skin_of
from studio.media.raster import ByteArray, FloatArray, blur, guided, smoothstep

# Cutting a subject out takes seconds at full size; its edge is laid along the picture's afterwards.
LOOKED_AT = 560

HALVES = {
    "left half": (0, 0.5), "right half": (0, 0.5), "top half": (1, 0.5), "bottom half": (1, 0.5),
    "left third": (0, 1 / 3), "right third": (0, 1 / 3), "top third": (1, 1 / 3),
    "bottom third": (1, 1 / 3), "left": (0, 0.5), "right": (0, 0.5), "top": (1, 0.4),
    "bottom": (1, 0.4),
}  # fmt: skip


@dataclass(slots=True)
class Regions:
    """The regions of one picture, (h, w, 3) uint8 RGB, looked for when they are asked for.

    medium: the file it came from, whose notes may say what our studio drew; {} for none. warn:
    told what was guessed.
    """

    image: ByteArray
    medium: Mapping[str, Any]
    warn: Callable[[str], None]
    _found: dict[str, FloatArray] = field(default_factory=dict)
    _figures: list[Cut] | None = None
    _looked: bool = False

    def mask(self, where: str) -> FloatArray | None:
        """(h, w), 0 to 1; None for everywhere. A name of `vocabulary.REGIONS`, or words for a
        thing; "except … and …" for all but those."""
        if not where:
            return None
        if where not in self._found:
            self._found[where] = self._make(where)
        return self._found[where]

    def subject(self) -> FloatArray:
        """What stands out: our own figures exactly, else a guess."""
        figures = self.figures()
        return union(figures).mask if figures else self._subject()

    def sure_subject(self) -> FloatArray | None:
        """What stands out where that is certain, else None; no one is told."""
        figures = self.figures()
        if figures:
            return union(figures).mask
        height, width = self.image.shape[:2]
        factor = min(1.0, LOOKED_AT / 2 / max(height, width))
        size = (max(1, round(width * factor)), max(1, round(height * factor)))
        cut = subject_of(np.asarray(cv2.resize(self.image, size, interpolation=cv2.INTER_AREA)))
        if cut.score < SURE:
            return None
        return np.asarray(cv2.resize(cut.mask, (width, height)), np.float32)

    def figures(self) -> list[Cut] | None:
        """The figures our studio drew, None in any other picture."""
        if not self._looked:
            known = self.medium and drawn_figures(self.medium, self.image)
            self._figures, self._looked = known or None, True
        return self._figures

    def _make(self, where: str) -> FloatArray:
        height, width = self.image.shape[:2]
        if where.startswith("except "):
            parts = [self.mask(part) for part in where.removeprefix("except ").split(" and ")]
            spared = [part for part in parts if part is not None]
            return np.asarray(1 - np.max(spared, axis=0), np.float32)
        if where in HALVES:
            return _half(where, height, width)
        named: Mapping[str, Callable[[], FloatArray]] = {
            "edges": lambda: _edges(height, width),
            "corners": lambda: _edges(height, width),
            "middle": lambda: np.asarray(1 - _edges(height, width), np.float32),
            "subject": self.subject,
            "background": lambda: np.asarray(1 - self.subject(), np.float32),
            "sky": self._sky,
            "skin": self._skin,
            "face": self._face,
            "shadows": lambda: self._by_light(0.5, 0.2),
            "highlights": lambda: self._by_light(0.5, 0.8),
            "ground": self._ground,
        }
        return named[where]() if where in named else self._thing(where)

    def _subject(self) -> FloatArray:
        height, width = self.image.shape[:2]
        factor = min(1.0, LOOKED_AT / max(height, width))
        size = (max(1, round(width * factor)), max(1, round(height * factor)))
        cut = subject_of(np.asarray(cv2.resize(self.image, size, interpolation=cv2.INTER_AREA)))
        if cut.score < SURE:
            self.warn("The main subject is an estimate. Paint a mask to be exact.")
        if factor == 1.0:
            return cut.mask
        large = cv2.resize(cut.mask, (width, height), interpolation=cv2.INTER_LINEAR)
        grey = cv2.cvtColor(self.image, cv2.COLOR_RGB2GRAY).astype(np.float32) / 255
        edge = guided(np.asarray(large, np.float32), grey, max(2, round(2 / factor)), 5e-4)
        return np.asarray(np.clip((edge - 0.5) * 1.5 + 0.5, 0, 1), np.float32)

    def _thing(self, where: str) -> FloatArray:
        """A thing named by its color or as what our studio drew."""
        wish = read_wish(where)
        figures = self.figures()
        drawn = {cut.name for cut in figures or ()}
        if not wish.colours and not drawn & set(wish.names):
            self.warn(
                f"“{where}” is unknown, so the main subject was used. Paint a mask to be exact."
            )
        found = by_words(Ground(self.image), wish, figures)
        if not found:
            return self.subject()
        # Without a place all things of a color are meant: "the red flowers".
        return found[0].mask if wish.names or wish.places else union(found[:6]).mask

    def open_sky(self) -> FloatArray:
        """Where sky is seen; nothing at all where there is none."""
        if "open sky" not in self._found:
            found = by_words(Ground(self.image), Wish(sky=True), self.figures())
            height, width = self.image.shape[:2]
            mask = found[0].mask if found else np.zeros((height, width), np.float32)
            box = found[0].box if found else None
            # A ceiling, or a backdrop that goes all the way down, is no sky.
            fits = box is not None and box[1] < 0.05 and 0.04 < float(mask.mean()) < 0.85
            self._found["open sky"] = (
                _up_to_its_edge(self.image, mask) if fits else np.zeros_like(mask)
            )
        return self._found["open sky"]

    def _sky(self) -> FloatArray:
        mask = self.open_sky()
        if not mask.any():
            self.warn("No sky found, so the upper part of the image was used.")
            return _half("top", *self.image.shape[:2])
        return mask

    def _ground(self) -> FloatArray:
        """Below the horizon, without what stands on it."""
        height, width = self.image.shape[:2]
        rows = np.linspace(0, 1, height, dtype=np.float32)[:, None]
        low = np.broadcast_to(smoothstep(0.45, 0.7, rows), (height, width))
        return np.asarray(low * (1 - self.subject()) * (1 - self.open_sky()), np.float32)

    def _skin(self) -> FloatArray:
        skin = skin_of(self.image)
        if float(skin.mean()) < 0.002:
            self.warn("No skin found, so the main subject was used.")
            return self.subject()
        return np.asarray(blur(skin, min(self.image.shape[:2]) / 120), np.float32)

    def _face(self) -> FloatArray:
        """The upper large patch of skin with what lies inside its outline: eyes, mouth."""
        height, width = self.image.shape[:2]
        held = np.asarray(skin_of(self.image) > 0.5, np.uint8)
        side = max(3, round(min(height, width) / 45)) | 1
        held = cv2.morphologyEx(held, cv2.MORPH_OPEN, np.ones((side, side), np.uint8))
        count, labels, stats, _ = cv2.connectedComponentsWithStats(held)
        if count < 2:
            self.warn("No face found, so the main subject was used.")
            return self.subject()
        # Large, high up, and no wider than a face is beside its height.
        merit = [
            stats[i, cv2.CC_STAT_AREA]
            * (1.3 - stats[i, cv2.CC_STAT_TOP] / height)
            * float(np.clip(1.6 * stats[i, cv2.CC_STAT_HEIGHT] / stats[i, cv2.CC_STAT_WIDTH], 0, 1))
            for i in range(1, count)
        ]
        piece = np.asarray(labels == 1 + int(np.argmax(merit)), np.uint8)
        points = cv2.findNonZero(piece)
        hull = np.zeros((height, width), np.float32)
        cv2.fillConvexPoly(hull, cv2.convexHull(points), 1.0)
        return np.asarray(blur(hull, min(height, width) / 150), np.float32)

    def _by_light(self, middle: float, end: float) -> FloatArray:
        light = cv2.cvtColor(self.image, cv2.COLOR_RGB2GRAY).astype(np.float32) / 255
        calm = guided(light, light, max(2, min(light.shape) // 40), 0.01)
        return np.asarray(smoothstep(middle, end, calm), np.float32)


def _half(where: str, height: int, width: int) -> FloatArray:
    """A part of the picture with a soft seam; exactly 0 beyond it."""
    axis, share = HALVES[where]
    length = (width, height)[axis]
    far = where.startswith(("right", "bottom"))
    steps = np.arange(length, dtype=np.float32)
    place = np.asarray((length - 1 - steps if far else steps) / length, np.float32)
    ramp = smoothstep(share, share - 0.02, place)
    line = ramp[None, :] if axis == 0 else ramp[:, None]
    return np.asarray(np.broadcast_to(line, (height, width)), np.float32).copy()


def _up_to_its_edge(image: ByteArray, mask: FloatArray) -> FloatArray:
    """A sky grown into the pixels beside it that have its color there: no rim is left over."""
    height, width = mask.shape
    reach = max(3, round(min(height, width) / 60))
    lab = cv2.cvtColor(image.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    inside = np.asarray(mask > 0.9, np.float32)
    share = blur(inside, reach * 1.5)
    near = blur(lab * inside[..., None], reach * 1.5) / np.maximum(share, 1e-3)[..., None]
    unlike = np.linalg.norm(lab - near, axis=2)
    band = cv2.dilate(inside, np.ones((2 * reach + 1, 2 * reach + 1), np.uint8))
    alike = smoothstep(14, 5, unlike) * band
    return np.asarray(np.maximum(np.minimum(mask, band), blur(alike, 0.6)), np.float32)


def _edges(height: int, width: int) -> FloatArray:
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j].astype(np.float32)
    return np.asarray(smoothstep(0.5, 1.15, np.hypot(x, y)), np.float32)
