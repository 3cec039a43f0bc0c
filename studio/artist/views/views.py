"""Seeing a picture from elsewhere: a camera that goes around its subject, up, down, near, far.

Our own pictures are taken again from their layers. Of others the subject is cut out, what it hid is
filled in from around it, and both are bent by a guessed depth; how far that holds is limited, so a
side view is only hinted at.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import cv2
import numpy as np

from studio.artist.drawing.camera import Pose
from studio.artist.drawing.stage import Shot, Stage
from studio.artist.scenes.own_figures import figures_of
from studio.artist.scenes.references import notes_of, own_stage
from studio.media.image.compositing import over
from studio.media.image.cutout import subject_of, whole_share, without_fringe
from studio.media.image.depth import (
    background_depth,
    filled_in,
    ground_depth,
    inflated,
    premultiplied,
    upright,
    widened,
)
from studio.media.raster import ByteArray, FloatArray

Box = tuple[float, float, float, float]

# Camera travel at yaw or pitch 1, as shares of the picture's width and height between the nearest
# and the farthest depth: as far as layers reach, and as far as a guessed depth can be trusted.
STAGE_REACH = (0.115, 0.085)
STILL_REACH = (0.15, 0.11)
# The depth a stage turns about: that of its leading figure.
FIGURE_DEPTH = 0.72
# How much of a picture lies hidden beyond its edges, to be shown by a wider view.
BEYOND = 0.16
# How much sideways and upright lines converge when one looks from a side or from above.
CONVERGENCE = 0.16
# Half a figure moving before its other half looks worse than a figure that bends a little: below
# the first it stays in its background, only held upright; below the second even that is a guess.
LAYERED = 0.75
HELD = 0.3
# How far a camera goes around a picture of one sheet, against one of two.
GENTLE = 0.6


@dataclass(frozen=True, slots=True)
class Camera:
    """Where one looks from. yaw: -1 far left to 1 far right of the subject; pitch: -1 low to 1
    high; zoom: above 1 nearer, below 1 farther away."""

    yaw: float = 0.0
    pitch: float = 0.0
    zoom: float = 1.0


class View(Protocol):
    """A picture that can be seen from elsewhere."""

    subject: Box

    def seen(
        self, camera: Camera, width: int, height: int, seconds: float | None = None
    ) -> ByteArray:
        """(height, width, 3) RGB. seconds: the moment, where things move; None: a still."""


def open_view(image: ByteArray, medium: Mapping[str, Any]) -> View:
    """image: the file's pixels, (h, w, 3) RGB uint8."""
    stage = own_stage(image, notes_of(medium))
    return StageView(stage) if stage is not None else StillView(image)


@dataclass(slots=True)
class StageView:
    """A picture of ours, with true depth."""

    stage: Stage
    subject: Box = field(init=False)

    def __post_init__(self) -> None:
        figures = figures_of(self.stage)
        box = figures[0].box if figures else None
        self.subject = box or (0.3, 0.3, 0.7, 0.8)

    def seen(
        self, camera: Camera, width: int, height: int, seconds: float | None = None
    ) -> ByteArray:
        space = self.stage.space
        across, up = STAGE_REACH
        # Half of coming nearer is walking, which moves near things more; half is a longer lens.
        walked = math.sqrt(camera.zoom) if camera.zoom > 1 else max(0.84, camera.zoom)
        pose = Pose(across * camera.yaw, up * camera.pitch, walked, FIGURE_DEPTH)
        lens = max(1.0, camera.zoom / walked)
        factor = max(width / space.width, height / space.height) * lens
        inner = max(width, round(space.width * factor)), max(height, round(space.height * factor))
        shot = Shot(space, *inner, pose, seconds or 0.0, 1.0, seconds is not None, True)
        frame = turned(self.stage.frame(shot), camera)
        return framed(frame, width, height, self.subject, lens)


@dataclass(slots=True)
class StillView:
    """A foreign picture in two sheets: its subject, and what is behind and around it.

    Frames are as large as the picture. depth: (h, w), 0 far to 1 near, of the sheet behind.
    """

    image: ByteArray
    subject: Box = field(init=False)
    near: float = field(init=False)
    behind: ByteArray = field(init=False)
    depth: FloatArray = field(init=False)
    front: ByteArray | None = field(init=False, default=None)
    bulge: FloatArray = field(init=False)
    _pad: tuple[int, int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        cut = subject_of(self.image)
        known = cut.score >= HELD and cut.box is not None
        sure = known and cut.score * whole_share(self.image, cut.mask) >= LAYERED
        self.subject = (cut.box if known else None) or (0.3, 0.3, 0.7, 0.8)
        self.near = float(ground_depth(np.array([self.subject[3]], np.float32))[0]) or 0.5
        behind = self.image
        if sure:
            behind = filled_in(self.image, cut.mask)
            self.front = premultiplied(without_fringe(self.image, cut.mask), cut.mask)
            self.bulge = inflated(cut.mask)
        height, width = self.image.shape[:2]
        self._pad = (round(BEYOND * width), round(BEYOND * height))
        depth = background_depth(behind)
        if known and not sure:
            depth = upright(depth, cut.mask, self.near)
        self.depth = self._beyond(depth)
        self.behind = widened(behind, *self._pad)
        if self.front is not None:
            self.front, self.bulge = self._beyond(self.front), self._beyond(self.bulge)

    def _beyond(self, sheet: Any) -> Any:
        """The sheet with room around it: its edge goes on, a subject's only below."""
        x, y = self._pad
        if sheet.ndim == 3:
            grown = cv2.copyMakeBorder(sheet, y, 0, x, x, cv2.BORDER_CONSTANT, value=(0, 0, 0, 0))
            return cv2.copyMakeBorder(grown, 0, y, 0, 0, cv2.BORDER_REPLICATE)
        return cv2.copyMakeBorder(sheet, y, y, x, x, cv2.BORDER_REPLICATE)

    def seen(
        self, camera: Camera, width: int, height: int, seconds: float | None = None
    ) -> ByteArray:
        tall, wide = self.image.shape[:2]
        x, y = np.meshgrid(np.arange(wide, dtype=np.float32), np.arange(tall, dtype=np.float32))
        frame = self._behind(camera, x, y)
        if self.front is not None:
            over(frame, self._front(camera, x, y))
        frame = turned(frame, camera)
        return framed(frame, width, height, self.subject, max(1.0, camera.zoom))

    def _behind(self, camera: Camera, x: FloatArray, y: FloatArray) -> ByteArray:
        near = np.zeros_like(x)
        # Where a pixel comes from depends on the depth there: found by trying again.
        for _ in range(3):
            from_x, from_y = self._source(camera, x, y, near)
            near = cv2.remap(
                self.depth, from_x, from_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
            )
        from_x, from_y = self._source(camera, x, y, near)
        return np.asarray(
            cv2.remap(
                self.behind, from_x, from_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101
            ),
            np.uint8,
        )

    def _front(self, camera: Camera, x: FloatArray, y: FloatArray) -> ByteArray:
        near = np.full_like(x, self.near)
        from_x, from_y = self._source(camera, x, y, near)
        swell = cv2.remap(
            self.bulge, from_x, from_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT
        )
        from_x, from_y = self._source(camera, x, y, near + swell)
        # A thing seen from aside shows less of its breadth.
        middle = (self.subject[0] + self.subject[2]) / 2 * self.image.shape[1] + self._pad[0]
        from_x = middle + (from_x - middle) * (1 + 0.07 * camera.yaw**2)
        return np.asarray(
            cv2.remap(self.front, from_x, from_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT),
            np.uint8,
        )

    def _source(
        self, camera: Camera, x: FloatArray, y: FloatArray, near: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Where on the widened sheet the pixels at x, y of the frame come from, at a depth."""
        tall, wide = self.image.shape[:2]
        share = GENTLE if self.front is None else 1.0
        across, up = STILL_REACH[0] * share, STILL_REACH[1] * share
        aside = near - self.near
        # Of a wider view, nearly all is standing farther off; a nearer one is cut out afterwards.
        zoom = 1 + (min(1.0, camera.zoom) - 1) * (0.75 + 0.35 * near)
        from_x = (x - wide / 2) / zoom + wide / 2 + aside * (across * camera.yaw * wide)
        from_y = (y - tall / 2) / zoom + tall / 2 - aside * (up * camera.pitch * tall)
        return (
            np.asarray(from_x + self._pad[0], np.float32),
            np.asarray(from_y + self._pad[1], np.float32),
        )


def turned(frame: ByteArray, camera: Camera) -> ByteArray:
    """With the convergence of lines that looking from aside or from above brings; same size."""
    if abs(camera.yaw) < 1e-3 and abs(camera.pitch) < 1e-3:
        return frame
    height, width = frame.shape[:2]
    aside, above = CONVERGENCE * camera.yaw / 4, CONVERGENCE * camera.pitch / 4
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    # Nearer sides become longer. Everything goes outwards, so that no corner stays empty.
    left, right = max(0.0, -aside) * height, max(0.0, aside) * height
    top, bottom = max(0.0, above) * width, max(0.0, -above) * width
    goal = corners + np.array(
        [[-top, -left], [top, -right], [bottom, right], [-bottom, left]], np.float32
    )
    matrix = cv2.getPerspectiveTransform(corners, goal)
    return np.asarray(
        cv2.warpPerspective(
            frame, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        ),
        np.uint8,
    )


def framed(frame: ByteArray, width: int, height: int, subject: Box, lens: float) -> ByteArray:
    """width × height pixels of the frame: `lens` times nearer, about the subject."""
    tall, wide = frame.shape[:2]
    factor = max(width / wide, height / tall) * (1.0 if wide > width * 1.01 else lens)
    factor = max(factor, width / wide, height / tall)
    inner = (max(width, round(wide * factor)), max(height, round(tall * factor)))
    if inner == (width, height) == (wide, tall):
        return frame
    if inner != (wide, tall):
        kind = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
        frame = np.asarray(cv2.resize(frame, inner, interpolation=kind), np.uint8)
    # A near view keeps a subject's face rather than its feet.
    middle = (subject[0] + subject[2]) / 2
    centre = subject[1] + (subject[3] - subject[1]) * (0.5 if lens < 1.1 else 0.38)
    share = min(1.0, (lens - 1) * 4)
    x = round((0.5 + (middle - 0.5) * max(share, 0.5)) * inner[0] - width / 2)
    y = round((0.5 + (centre - 0.5) * max(share, 0.5)) * inner[1] - height / 2)
    x, y = min(max(0, x), inner[0] - width), min(max(0, y), inner[1] - height)
    return np.ascontiguousarray(frame[y : y + height, x : x + width])
