"""What can stand in for a stretch of a film: another clip, a drawn scene, a new look, a bridge."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import cv2
import numpy as np

from studio.artist.clips.continuation import likeness, move_of
from studio.artist.drawing.camera import Move, pose
from studio.artist.drawing.stage import Shot
from studio.artist.prompt.brief import Brief
from studio.artist.scenes.ambience import ambience
from studio.artist.scenes.build import build
from studio.media.audio.samples import SAMPLE_RATE, Sound
from studio.media.raster import Frame, ease
from studio.media.styles.restyle import Restyle, draw, make_looks
from studio.media.video.interpolation import Between
from studio.media.video.motion import STILL, Motion, between, small_grey
from studio.media.video.reader import Film
from studio.media.video.retiming import retimed_frames, retimed_sound
from studio.media.video.soundtrack import Lane, exactly, film_chunks, limited, mixed

Sounding = Callable[[], Iterable[Sound]]


@dataclass(frozen=True, slots=True)
class Stretch:
    """Of a film: numbers of the first picture replaced and of the first one after."""

    film: Film
    size: tuple[int, int]
    first: int
    end: int

    @property
    def count(self) -> int:
        return self.end - self.first

    @property
    def samples(self) -> int:
        return round(self.count / self.film.fps * SAMPLE_RATE)


@dataclass(frozen=True, slots=True)
class StandIn:
    """pictures: given the film's own ones of the stretch, as many others. sound: of the stretch;
    None: the film's own stays. made: what it is, for the notes. joins: it begins and ends on the
    film's own pictures by itself."""

    pictures: Callable[[Iterator[Frame]], Iterator[Frame]]
    sound: Sounding | None
    made: str
    joins: bool = False


def of_clip(stretch: Stretch, clip: Film, first: int, count: int) -> StandIn:
    """`count` pictures of another clip from the `first` on, at the film's rate, retimed to fit."""
    rate = stretch.film.fps

    def pictures(_own: Iterator[Frame]) -> Iterator[Frame]:
        frames = islice(clip.frames(fps=rate, size=stretch.size), first, first + count)
        return retimed_frames(frames, count, stretch.count)

    def sound() -> Iterable[Sound]:
        skip, length = (round(n / rate * SAMPLE_RATE) for n in (first, count))
        return retimed_sound(film_chunks(clip, length, skip=skip), count / stretch.count)

    return StandIn(pictures, sound if clip.has_sound else None, "clip")


def of_scene(stretch: Stretch, brief: Brief) -> StandIn:
    """A scene drawn from words, filmed for as long as the stretch lasts."""
    stage = build(brief, *stretch.size)
    fps = float(stretch.film.fps)
    seconds = stretch.count / fps
    move: Move = brief.move or "push_in"

    def pictures(_own: Iterator[Frame]) -> Iterator[Frame]:
        for k in range(stretch.count):
            at = k / max(1, stretch.count - 1)
            where = pose(move, at, seconds)
            yield stage.frame(Shot(stage.space, *stretch.size, where, k / fps, at, True))

    def sound() -> Iterable[Sound]:
        return (ambience(stage.sounds, seconds, brief.prompt, brief.seed),)

    return StandIn(pictures, sound, "scene")


def of_look(stretch: Stretch, restyle: Restyle, seed: int) -> StandIn:
    """The stretch itself in another look."""
    looks = make_looks(restyle, *stretch.size, seed)

    def pictures(own: Iterator[Frame]) -> Iterator[Frame]:
        for k, frame in enumerate(own):
            yield draw(looks, frame.copy(), k / max(1, stretch.count - 1))

    return StandIn(pictures, None, "look")


def of_bridge(stretch: Stretch, move: Move | None) -> StandIn:
    """From the picture before the stretch to the one after it: along the way things move, or, where
    they are two scenes, each going on in its own motion."""
    film = stretch.film
    wanted = {stretch.first - 2, stretch.first - 1, stretch.end, stretch.end + 1}
    frames = islice(film.frames(size=stretch.size), stretch.end + 2)
    seen = {number: frame for number, frame in enumerate(frames) if number in wanted}
    fps = float(film.fps)

    def going_on(at: int, onwards: int) -> Any:
        if at not in seen:
            return None
        motion = STILL
        if at - onwards in seen:
            motion = _motion(seen[at - onwards], seen[at])
        chosen = move or move_of(motion, fps)
        return likeness(seen[at], motion, move=chosen, count=stretch.count + 1, fps=fps)

    if move is None and stretch.first - 1 in seen and stretch.end in seen:
        way = Between(seen[stretch.first - 1], seen[stretch.end])
        if way.moves:
            shares = [k / (stretch.count + 1) for k in range(1, stretch.count + 1)]
            return StandIn(lambda _own: map(way.at, shares), None, "bridge", joins=True)
    before, after = going_on(stretch.first - 1, 1), going_on(stretch.end, -1)

    def pictures(own: Iterator[Frame]) -> Iterator[Frame]:
        for k in range(1, stretch.count + 1):
            share = ease(k / (stretch.count + 1))
            old = before.frame(k) if before is not None and share < 0.999 else None
            new = after.frame(stretch.count + 1 - k) if after is not None else None
            if old is None or new is None:
                given = old if new is None else new
                yield next(own) if given is None else given
            else:
                yield np.asarray(cv2.addWeighted(old, 1 - share, new, share, 0), np.uint8)

    return StandIn(pictures, None, "bridge", joins=True)


def _motion(first: Frame, second: Frame) -> Motion:
    return between(small_grey(first), small_grey(second))


_BLEND = 3  # pictures at each edge in which the old and the new are mixed

_JOIN = SAMPLE_RATE // 33  # 30 ms: sounds give way to each other without a click


def replaced_frames(stretch: Stretch, stand_in: StandIn) -> Iterator[Frame]:
    """The film's pictures with the stretch replaced, old and new mixed at its edges."""
    frames = stretch.film.frames(size=stretch.size)
    yield from islice(frames, stretch.first)
    held: deque[Frame] = deque(maxlen=1)
    new = stand_in.pictures(_held(held))
    blend = 0 if stand_in.joins else min(_BLEND, stretch.count // 4)
    total = stretch.film.frame_count()
    for index, was in enumerate(islice(frames, stretch.count)):
        held.append(was)
        now = next(new)
        # Nothing comes before a stretch at the very beginning, nothing after one at the end.
        into = (index + 1) / (blend + 1) if stretch.first else 1.0
        out = (stretch.count - index) / (blend + 1) if stretch.end < total else 1.0
        share = min(1.0, into, out)
        if share < 1:
            now = np.asarray(cv2.addWeighted(was, 1 - share, now, share, 0), np.uint8)
        yield now
    yield from frames


def _held(held: deque[Frame]) -> Iterator[Frame]:
    """Each time the picture that is held then, for anyone who draws on it."""
    while True:
        yield held[0]


def replaced_track(stretch: Stretch, sound: Callable[[], Any] | None) -> Iterator[Sound]:
    """The film's sound, the stretch's replaced where there is another."""
    film = stretch.film
    total = round(film.frame_count() / film.fps * SAMPLE_RATE)
    if sound is None:
        return film_chunks(film, total)
    at = round(stretch.first / film.fps * SAMPLE_RATE)
    until = min(total, at + stretch.samples)
    join = min(_JOIN, (until - at) // 3)
    lanes = [
        Lane(at, until - at, lambda: exactly(sound(), until - at), join, join),
        Lane(0, at + join, lambda: film_chunks(film, at + join), fall=join),
        Lane(
            until - join,
            total - until + join,
            lambda: film_chunks(film, total - until + join, skip=until - join),
            rise=join,
        ),
    ]
    return limited(mixed([lane for lane in lanes if lane.length > join], total))
