"""The way around a subject: through the views asked for, ending where it began."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from studio.artist.drawing.stage import Element, Shot, Space
from studio.artist.views.views import Camera, StillView, View
from studio.media.raster import ByteArray, smoothstep

AROUND = {
    "front-right quarter view": 45.0,
    "right side view": 90.0,
    "back-right quarter view": 135.0,
    "back view": 180.0,
    "back-left quarter view": 225.0,
    "left side view": 270.0,
    "front-left quarter view": 315.0,
}
USUAL = ("right side view", "back view", "left side view")
PITCHES = {
    "low-angle shot": -0.85,
    "eye-level shot": 0.0,
    "elevated shot": 0.5,
    "high-angle shot": 0.95,
}
ZOOMS = {"close-up": 1.35, "medium shot": 1.0, "wide shot": 0.82}
# From behind one stands a little farther off, or the way back would look like the way there.
FARTHER_BEHIND = 0.07
# The share of the film at its end in which what moves by itself returns to how it began.
RETURN = 0.22


@dataclass(frozen=True, slots=True)
class Path:
    """degrees: of the views passed, the first 0, the last a whole turn or 0; pitch, zoom: kept."""

    degrees: tuple[float, ...]
    pitch: float
    zoom: float

    @property
    def parts(self) -> int:
        """How many parts the way has, from one view to the next."""
        return len(self.degrees) - 1

    def degree(self, t: float) -> float:
        """Where around the subject one is at t, 0 to 1: even in the parts, smooth at the views."""
        place = min(1.0, max(0.0, t)) * self.parts
        part = min(self.parts - 1, int(place))
        start, end = self.degrees[part], self.degrees[part + 1]
        share = place - part
        before, after = self._speed(part), self._speed(part + 1)
        # Cubic Hermite: the speed at a view is that of both parts that meet there.
        return float(
            (2 * share**3 - 3 * share**2 + 1) * start
            + (share**3 - 2 * share**2 + share) * before
            + (-2 * share**3 + 3 * share**2) * end
            + (share**3 - share**2) * after
        )

    def _speed(self, view: int) -> float:
        steps = [b - a for a, b in zip(self.degrees, self.degrees[1:], strict=False)]
        # The way is closed: before the first part comes the last.
        left, right = steps[view - 1], steps[view % len(steps)]
        return 0.0 if left * right <= 0 else 2 * left * right / (left + right)

    def camera(self, t: float) -> Camera:
        around = math.radians(self.degree(t))
        farther = FARTHER_BEHIND * (0.5 - 0.5 * math.cos(around))
        return Camera(math.sin(around), self.pitch, self.zoom * (1 - farther))


def path_through(views: Sequence[str], elevation: str, distance: str) -> Path:
    """The way through named views in their order, always on in one direction where it can be."""
    named = [AROUND[view] for view in views or USUAL]
    turn = 1 if len(named) < 2 or (named[1] - named[0]) % 360 <= 180 else -1
    degrees = [0.0]
    for angle in named:
        step = (turn * (angle - degrees[-1])) % 360
        degrees.append(degrees[-1] + turn * (step or 360.0))
    rest = (turn * -degrees[-1]) % 360
    degrees.append(degrees[-1] + turn * rest)
    if rest == 0:
        degrees.pop()
    return Path(tuple(degrees), PITCHES.get(elevation, 0.0), ZOOMS.get(distance, 1.0))


def nearest_views(degree: float, given: Sequence[float]) -> tuple[int, int, float]:
    """Of given pictures at degrees around, in order: the one before, the one after, its share."""
    turned = degree % 360
    after = next((i for i, angle in enumerate(given) if angle > turned), len(given))
    before = after - 1
    start = given[before]
    end = given[after] if after < len(given) else given[0] + 360
    share = (turned - start) / max(1e-6, end - start)
    return before, after % len(given), float(smoothstep(0.2, 0.8, share))


def returning(t: float) -> float:
    """How much of the beginning is already mixed in at t, so that the end meets it."""
    return float(smoothstep(1 - RETURN, 1.0, t))


def mixed(first: ByteArray, second: ByteArray, share: float) -> ByteArray:
    """`share` of the second picture in the first."""
    blend = first.astype(np.float32) * (1 - share) + second.astype(np.float32) * share
    return np.asarray(blend + 0.5, np.uint8)


class Orbit:
    """The film's frames. seconds: its length; air: what falls and floats before a still."""

    def __init__(
        self,
        views: Sequence[View],
        path: Path,
        width: int,
        height: int,
        seconds: float,
        air: Sequence[Element],
    ) -> None:
        self.views, self.path, self.seconds, self.air = views, path, seconds, air
        self.width, self.height = width, height
        self.given = [360.0 * index / len(views) for index in range(len(views))]

    def frame(self, t: float) -> ByteArray:
        """At t, 0 to 1. What moves by itself is at the end where it was at the beginning."""
        now = t * self.seconds
        share = returning(t)
        if share == 0.0:
            return self._taken(t, now)
        if share == 1.0:
            return self._taken(t, now - self.seconds)
        return mixed(self._taken(t, now), self._taken(t, now - self.seconds), share)

    def _taken(self, t: float, now: float) -> ByteArray:
        camera = self.path.camera(t)
        if len(self.views) == 1:
            return self._seen(0, camera.yaw, t, now)
        degree = self.path.degree(t)
        before, after, share = nearest_views(degree, self.given)
        # Each view is turned towards the place between it and its neighbour.
        first = self._seen(before, _aside(degree - self.given[before]), t, now)
        if share == 0.0:
            return first
        second = self._seen(after, _aside(degree - self.given[after]), t, now)
        return mixed(first, second, share)

    def _seen(self, index: int, yaw: float, t: float, now: float) -> ByteArray:
        view = self.views[index]
        camera = replace(self.path.camera(t), yaw=yaw)
        frame = view.seen(camera, self.width, self.height, now)
        if isinstance(view, StillView):
            space = Space(self.width, self.height)
            shot = Shot(space, self.width, self.height, seconds=now, progress=t, alive=True)
            for element in self.air:
                element.draw(frame, shot)
        return frame


def _aside(degrees: float) -> float:
    """A turn away from a given view as the yaw of a camera; a quarter turn is as far as it goes."""
    turned = (degrees + 180) % 360 - 180
    return float(np.sin(np.radians(np.clip(turned, -90, 90))))
