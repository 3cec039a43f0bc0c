"""Shooting a film: frame after frame of a stage or a still, with its sound, into a file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np

from mediakit.job_protocol import Report
from studio.artist.drawing.camera import Move, pose
from studio.artist.drawing.stage import Shot, Space
from studio.artist.scenes.stills import Still
from studio.media.raster import ByteArray, FloatArray, ease
from studio.media.video.writer import VideoWriter

# The farthest a pull-out goes, with some to spare for what is near.
HEADROOM = 0.16


class Scene(Protocol):
    """What can be filmed: a `Stage` or a `Still`."""

    @property
    def space(self) -> Space: ...

    def frame(self, shot: Shot) -> ByteArray: ...


def frame_count(seconds: float, fps: float) -> int:
    return max(1, round(seconds * fps))


def shoot(
    path: Path,
    scene: Scene,
    *,
    width: int,
    height: int,
    fps: float,
    seconds: float,
    move: Move,
    audio: FloatArray | None,
    comment: str,
    report: Report,
    ending: Scene | None = None,
    backwards: bool = False,
    opens_drawn: bool = False,
    finish: Callable[[ByteArray, int], ByteArray] | None = None,
) -> ByteArray:
    """Write the film; returns its last frame, (height, width, 3) RGB.

    ending: a second scene the film turns into, reached at rest with the last frame. backwards:
    the scene at rest is the last frame instead of the first. opens_drawn: drawings are finished
    from the start. finish: draws on each frame, by its number, before it is written. width, height:
    even. report: told a fraction after every frame.
    """
    count = frame_count(seconds, fps)
    frame = np.zeros((height, width, 3), np.uint8)
    with VideoWriter(path, width, height, fps, audio=audio, comment=comment) as writer:
        for index in range(count):
            at = index / max(1, count - 1)
            t, now = (1 - at, (count - 1 - index) / fps) if backwards else (at, index / fps)
            frame = _taken(scene, width, height, t, now, move, seconds, opens_drawn)
            if ending is not None:
                left = (count - 1 - index) / fps
                last = _taken(ending, width, height, 1 - at, left, move, seconds, True)
                share = ease((at - 0.15) / 0.7)
                frame = np.asarray(cv2.addWeighted(last, share, frame, 1 - share, 0), np.uint8)
            frame = frame if finish is None else finish(frame, index)
            writer.add(frame)
            report((index + 1) / count, f"Frame {index + 1} of {count}")
    return frame


def _taken(
    scene: Scene,
    width: int,
    height: int,
    t: float,
    now: float,
    move: Move,
    seconds: float,
    opens_drawn: bool,
) -> ByteArray:
    """One frame, filling width × height exactly; what does not fit the shape is cut off evenly."""
    space = scene.space
    factor = max(width / space.width, height / space.height)
    inner_width, inner_height = _covering(space, factor, width, height)
    if isinstance(scene, Still):
        inner_width, inner_height = space.width, space.height
    where = pose(move, t, seconds)
    if isinstance(scene, Still) and move == "pull_out":
        # A still has nothing beyond its edges: it has to start close to be able to go back.
        where = replace(where, zoom=where.zoom + HEADROOM)
    shot = Shot(space, inner_width, inner_height, where, now, t, True, opens_drawn)
    frame = scene.frame(shot)
    return cover(frame, width, height)


def _covering(space: Space, factor: float, width: int, height: int) -> tuple[int, int]:
    return max(width, round(space.width * factor)), max(height, round(space.height * factor))


def cover(image: ByteArray, width: int, height: int) -> ByteArray:
    """Scaled and cut to fill width × height."""
    rows, columns = image.shape[:2]
    if (columns, rows) == (width, height):
        return image
    factor = max(width / columns, height / rows)
    scaled = (max(width, round(columns * factor)), max(height, round(rows * factor)))
    if scaled != (columns, rows):
        smaller = factor < 1
        image = np.asarray(
            cv2.resize(image, scaled, interpolation=cv2.INTER_AREA if smaller else cv2.INTER_CUBIC),
            np.uint8,
        )
    x, y = (scaled[0] - width) // 2, (scaled[1] - height) // 2
    return np.ascontiguousarray(image[y : y + height, x : x + width])
