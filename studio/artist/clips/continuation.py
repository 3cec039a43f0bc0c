"""Letting a picture go on: our own scenes from their layers, others from what they last showed.

The camera leaves a join as it arrived there: in motion where the clip was in motion, and only then
turns to what is asked of it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import cv2
import numpy as np

from studio.artist.drawing.camera import MOVES, Move, Pose, pose
from studio.artist.drawing.stage import Element, Shot, Space, Stage
from studio.artist.scenes.build import build
from studio.artist.scenes.references import SAME, noted_brief
from studio.artist.scenes.stills import CAUTION, Still
from studio.media.raster import Frame, ease
from studio.media.video.motion import Motion

# A still of ours shifts by so much of `Pose.x` and grows by so much of `Pose.zoom`, on average.
_SHIFT, _GROWTH = 0.72 * CAUTION, 0.67
_COASTS_S = 0.7  # how long a camera in motion takes to come to rest
_MOST_SHIFT, _MOST_GROWTH, _MOST_SHRINK = 0.045, 0.10, 0.012
_LARGEST = 1920
_WEATHER_S = 1.0  # how long new weather takes to set in
_BEYOND = 0.09  # how far a stage is painted beyond the picture, in `Pose.x`


class Onward(Protocol):
    """A picture that goes on. frame: the k-th after the last one, k from 1, in order."""

    def frame(self, k: int) -> Frame: ...


@dataclass(slots=True)
class OwnScene:
    """A scene of the studio's, filmed on. start: where its camera stood, seconds: since when."""

    stage: Stage
    start: Pose
    seconds: float
    move: Move
    count: int
    fps: float
    weather: Sequence[Element] = ()

    def frame(self, k: int) -> Frame:
        where = self.pose(k)
        now = self.seconds + k / self.fps
        space = self.stage.space
        shot = Shot(space, space.width, space.height, where, now, 1.0, True, True)
        return _with_weather(self.stage.frame(shot), self.weather, shot, k / self.fps)

    def pose(self, k: int) -> Pose:
        """The camera goes on from where it stood, as far as anything is painted."""
        length = self.count / self.fps
        asked = pose(self.move, k / self.count, length)
        share = ease(k / self.count)
        if self.move == "handheld":
            asked = replace(asked, x=asked.x * share, y=asked.y * share)
        rest = pose(self.move, 0.0, length).zoom
        zoom = min(2.0, max(0.92, self.start.zoom * (1 + (asked.zoom / rest - 1))))
        reach = _BEYOND + 0.42 * max(0.0, zoom - 1)
        start = self.start
        return Pose(
            x=min(reach, max(-reach, start.x + asked.x)),
            y=min(reach, max(-reach, start.y + asked.y)),
            zoom=zoom,
            # Sideways a scene turns about its middle depth, or slides; never one, then the other.
            pivot=start.pivot if start.x or start.y else asked.pivot,
        )


@dataclass(slots=True)
class Likeness:
    """Any picture, bent by a guessed depth. motion: of the clip at its end, a picture."""

    still: Still
    motion: Motion
    move: Move
    count: int
    fps: float
    size: tuple[int, int]
    weather: Sequence[Element] = ()

    def frame(self, k: int) -> Frame:
        space = self.still.space
        now = k / self.fps
        shot = Shot(space, space.width, space.height, self.pose(k), now, k / self.count, True, True)
        frame = _with_weather(self.still.frame(shot), self.weather, shot, now)
        if (frame.shape[1], frame.shape[0]) != self.size:
            frame = np.asarray(
                cv2.resize(frame, self.size, interpolation=cv2.INTER_CUBIC), np.uint8
            )
        return frame

    def pose(self, k: int) -> Pose:
        asked = self._asked(k)
        coast = self._coasting(k)
        return Pose(
            x=asked.x + coast.x,
            y=asked.y + coast.y,
            zoom=asked.zoom * coast.zoom,
            pivot=0.0 if coast.x or coast.y else asked.pivot,
        )

    def _asked(self, k: int) -> Pose:
        at, length = k / self.count, self.count / self.fps
        if self.move == "pull_out":
            # Nothing is known beyond the edges: the camera comes closer before it goes back.
            nearer = 0.14 * ease(at / 0.35) if at < 0.35 else 0.14 * (1 - ease((at - 0.35) / 0.65))
            return Pose(zoom=1 + nearer, pivot=0.72)
        asked = pose(self.move, at, length)
        if self.move == "handheld":
            share = ease(min(1.0, k / self.fps))
            return replace(asked, x=asked.x * share, y=asked.y * share, zoom=1 + 0.03 * share)
        # Panning takes a little room; it is taken as the pan begins, not at once.
        rest = pose(self.move, 0.0, length).zoom
        return replace(asked, zoom=1 + (asked.zoom - rest))

    def _coasting(self, k: int) -> Pose:
        """How the clip's own motion dies away, without ever stopping short."""
        motion, fps = self.motion, self.fps
        shape = self.size[0] / self.size[1]
        speed = math.hypot(motion.dx, motion.dy) * fps
        grows = (motion.zoom - 1) * fps
        most = _MOST_GROWTH if grows > 0 else _MOST_SHRINK
        seconds = min(_COASTS_S, _MOST_SHIFT / max(speed, 1e-6), most / max(abs(grows), 1e-6))
        gone = seconds * (1 - math.exp(-k / fps / seconds)) * fps
        return Pose(
            x=-motion.dx * gone / _SHIFT,
            y=motion.dy * shape * gone / _SHIFT,
            zoom=1 + (motion.zoom - 1) * gone / _GROWTH,
        )


def own_scene(
    last: Frame,
    meta: Mapping[str, Any],
    *,
    move: Move,
    count: int,
    fps: float,
    filmed: int,
    weather: Sequence[Element] = (),
) -> OwnScene | None:
    """The scene a clip of ours was filmed in, if that is what it last shows; else None.

    filmed: how many pictures the clip has.
    """
    brief = noted_brief(meta)
    if brief is None or meta.get("subjects") is None:
        return None
    try:
        end = _end_of(meta, filmed, fps)
    except (KeyError, TypeError, ValueError):
        return None
    if end is None:
        return None
    height, width = last.shape[:2]
    stage = build(brief, width, height)
    shot = Shot(Space(width, height), width, height, end[0], end[1], 1.0, True, True)
    if unlike(stage.frame(shot), last) >= SAME:
        return None
    return OwnScene(stage, end[0], end[1], move, count, fps, weather)


def onward_meta(scene: OwnScene) -> dict[str, Any]:
    """What a clip remembers, to be extended again: where its camera stood last, and when."""
    last = scene.pose(scene.count)
    return {
        "camera_at": [last.x, last.y, last.zoom, last.pivot],
        "scene_s": scene.seconds + scene.count / scene.fps,
    }


def likeness(
    last: Frame,
    motion: Motion,
    *,
    move: Move,
    count: int,
    fps: float,
    weather: Sequence[Element] = (),
) -> Likeness:
    """Any last picture, to be carried on."""
    height, width = last.shape[:2]
    factor = min(1.0, _LARGEST / max(width, height))
    small = (
        last
        if factor == 1
        else cv2.resize(
            last, (round(width * factor), round(height * factor)), interpolation=cv2.INTER_AREA
        )
    )
    still = Still(np.asarray(small, np.uint8))
    return Likeness(still, motion, move, count, fps, (width, height), weather)


def move_of(motion: Motion, fps: float) -> Move:
    """The move a clip is in, to be gone on with; a slow approach where it stands still."""
    strengths: dict[Move, float] = {
        "pan_right": -motion.dx * fps,
        "pan_left": motion.dx * fps,
        "tilt_up": motion.dy * fps,
        "tilt_down": -motion.dy * fps,
        "push_in": (motion.zoom - 1) * fps,
        "pull_out": (1 - motion.zoom) * fps,
    }
    strongest = max(strengths, key=lambda move: strengths[move])
    return strongest if strengths[strongest] > 0.01 else "push_in"


def unlike(first: Frame, second: Frame) -> float:
    """How unlike two pictures of one size are, in steps of 255, seen from afar."""
    height, width = first.shape[:2]
    size = (64, max(8, round(64 * height / width)))
    a, b = (cv2.resize(f, size, interpolation=cv2.INTER_AREA) for f in (first, second))
    return float(cv2.absdiff(a, b).mean())


def _end_of(meta: Mapping[str, Any], filmed: int, fps: float) -> tuple[Pose, float] | None:
    """Where the camera stood last, and the scene's time by then."""
    at = meta.get("camera_at")
    if isinstance(at, list) and len(at) == 4 and meta.get("scene_s"):
        return Pose(*(float(value) for value in at)), float(meta["scene_s"])
    move = str(meta.get("camera") or "static")
    if move not in MOVES:
        return None
    return pose(move, 1.0, filmed / fps), (filmed - 1) / fps


def _with_weather(frame: Frame, weather: Sequence[Element], shot: Shot, seconds: float) -> Frame:
    if not weather:
        return frame
    drawn = frame.copy()
    for element in weather:
        element.draw(drawn, shot)
    share = ease(seconds / _WEATHER_S)
    return np.asarray(cv2.addWeighted(drawn, share, frame, 1 - share, 0), np.uint8)
