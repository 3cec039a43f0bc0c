"""Watching a film once, picture by picture: cuts, light, motion, stretches of black and of
standing still."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise

import cv2
import numpy as np
import numpy.typing as npt

from mediakit.job_protocol import Report
from studio.media.raster import ByteArray, Frame
from studio.media.video.motion import Motion, between, small_grey
from studio.media.video.reader import Film

Numbers = npt.NDArray[np.float64]
Span = tuple[float, float]

_WIDTH = 128
_BLACK = 20.0  # mean light, 0 to 255, of a black picture in any range
_STEP_S = 0.2  # pictures so far apart are compared for motion
_FROZEN = 0.2  # mean change, of 255: less is a still, encoded again
_FROZEN_S, _BLACK_S = 0.5, 0.1
_SAMPLES = 12
_SURE, _LEAST = 3.5, 0.16  # a cut changes so many times more than what is around it, and so much
_FLASH = 4  # pictures


@dataclass(slots=True)
class Watched:
    """What was seen. change: of each picture from the one before, 0 to 1, 0 for the first. light:
    mean, 0 to 255. cuts: numbers of the pictures that begin a shot. moves: (picture, Motion a
    second). samples: small pictures from all over the film."""

    fps: Fraction
    light: Numbers
    change: Numbers
    steps: Numbers
    cuts: list[int]
    moves: list[tuple[int, Motion]]
    samples: list[Frame] = field(default_factory=list)

    @property
    def count(self) -> int:
        return len(self.light)

    def seconds(self, number: float) -> float:
        return round(float(number / self.fps), 3)

    @property
    def shots(self) -> list[Span]:
        """First and last moment of each shot, in seconds."""
        edges = [0, *self.cuts, self.count]
        return [(self.seconds(a), self.seconds(b)) for a, b in pairwise(edges)]

    @property
    def black(self) -> list[Span]:
        return self._spans(self.light < _BLACK, _BLACK_S)

    @property
    def frozen(self) -> list[Span]:
        still = self.steps < _FROZEN
        still[:1] = False
        # A black picture that stands is black, not frozen.
        return self._spans(still & (self.light >= _BLACK), _FROZEN_S)

    def _spans(self, holds: npt.NDArray[np.bool_], least_s: float) -> list[Span]:
        edges = np.flatnonzero(np.diff(np.concatenate([[0], holds.astype(np.int8), [0]])))
        return [
            (self.seconds(a), self.seconds(b))
            for a, b in zip(edges[::2], edges[1::2], strict=True)
            if (b - a) / self.fps >= least_s
        ]


def watch(film: Film, report: Report) -> Watched:
    """Watch a film to its end. Memory: some hundred bytes a picture."""
    total = film.frame_count()
    height = max(16, round(_WIDTH * film.height / film.width / 2) * 2)
    every = max(1, total // _SAMPLES)
    apart = max(1, round(_STEP_S * film.fps))
    light, change, steps, looks = [], [], [], []
    moves: list[tuple[int, Motion]] = []
    samples: list[Frame] = []
    before: Frame | None = None
    tones: npt.NDArray[np.float32] | None = None
    anchor: tuple[int, ByteArray] | None = None
    for number, frame in enumerate(
        film.frames(size=(_WIDTH, min(height, 4 * _WIDTH)), fit="cover")
    ):
        grey = small_grey(frame)
        own_tones = _tones(frame)
        light.append(float(grey.mean()))
        looks.append(cv2.resize(grey, (16, 9), interpolation=cv2.INTER_AREA).ravel())
        step = 0.0 if before is None else float(cv2.absdiff(frame, before).mean())
        steps.append(step)
        change.append(0.0 if tones is None else _unlike(tones, own_tones, step))
        if anchor is not None and number - anchor[0] >= apart:
            moves.append((anchor[0], _a_second(between(anchor[1], grey), film.fps / apart)))
            anchor = None
        if anchor is None:
            anchor = (number, grey)
        if number % every == every // 2 and len(samples) < _SAMPLES:
            samples.append(frame)
        before, tones = frame, own_tones
        if number % 24 == 0:
            report(number / total, "Watching")
    changes = np.array(change)
    cuts = _cuts(changes, np.array(looks, np.float32))
    inside = [(n, m) for n, m in moves if not any(n < cut <= n + apart for cut in cuts)]
    return Watched(film.fps, np.array(light), changes, np.array(steps), cuts, inside, samples)


def _a_second(motion: Motion, times: Fraction) -> Motion:
    rate = float(times)
    return Motion(motion.dx * rate, motion.dy * rate, motion.zoom**rate, motion.own * rate)


def _tones(frame: Frame) -> npt.NDArray[np.float32]:
    """For lightness and two axes of color, what share of the picture lies below each level."""
    lab = cv2.cvtColor(frame, cv2.COLOR_RGB2LAB)
    counts = [cv2.calcHist([lab], [n], None, [64], [0, 256]).ravel() for n in range(3)]
    return np.asarray(np.cumsum(counts, axis=1) / lab[..., 0].size, np.float32)


def _unlike(first: npt.NDArray[np.float32], second: npt.NDArray[np.float32], step: float) -> float:
    """0 to 1: other tones, by how far they have moved, and other places of them."""
    moved = np.abs(first - second).mean(axis=1) @ np.array([2.0, 4.0, 4.0])
    return 0.5 * min(1.0, float(moved)) + 0.5 * min(1.0, step / 64)


def _cuts(change: Numbers, looks: npt.NDArray[np.float32]) -> list[int]:
    """Numbers of the pictures that begin a shot: changes far above those around them that last."""
    cuts: list[int] = []
    for number in np.flatnonzero(change > _LEAST):
        around = np.concatenate([change[max(1, number - 8) : number], change[number + 1 :][:8]])
        usual = float(np.median(around)) if around.size else 0.0
        if change[number] < _SURE * usual + 0.05:
            continue
        if change[number] < change[max(0, number - 2) : number + 3].max():
            continue
        if not _is_flash(int(number), looks):
            cuts.append(int(number))
    return cuts


def _is_flash(cut: int, looks: npt.NDArray[np.float32]) -> bool:
    """Whether the picture before comes back at once, or this is where it does."""
    jump = float(np.abs(looks[cut] - looks[cut - 1]).mean())
    pairs = [
        *((cut - 1, cut + k) for k in range(1, _FLASH + 1)),
        *((cut, cut - 1 - k) for k in range(1, _FLASH + 1)),
    ]
    return any(
        float(np.abs(looks[one] - looks[other]).mean()) < jump / 4
        for one, other in pairs
        if 0 <= other < len(looks)
    )
