"""The montage: which shot is seen when, from where, and what it looks like at each moment."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import cv2
import numpy as np

from studio.artist.dance.dances import Dance
from studio.artist.dance.moves import Posture
from studio.artist.drawing.effects import shine
from studio.artist.drawing.particles import flurry
from studio.artist.drawing.stage import Element, Shot, Space
from studio.artist.prompt.brief import read
from studio.artist.scenes.build import build
from studio.artist.scenes.rendering import cover
from studio.media.raster import ByteArray, FloatArray, ease, hex_colour, mix

_FLOOR = 0.9  # of the frame's height, where the feet are in a wide shot
_TALL = 0.72  # of the frame's height, the dancer in a wide shot


class Dancer(Protocol):
    """Someone who can be drawn in any posture. `place`: see `Puppet.draw`."""

    def draw(self, frame: ByteArray, posture: Posture, place: FloatArray) -> None: ...


@dataclass(frozen=True, slots=True)
class Framing:
    """zoom: 1 shows the whole dancer. aim: the height, in dancers, at the middle of the picture.
    drift: how far the camera moves in during the shot. crowd: how many dance."""

    zoom: float
    aim: float
    drift: float = 0.06
    crowd: int = 1


WIDE = Framing(1.0, 0.54, 0.05)
FRAMINGS = (
    WIDE,
    Framing(1.75, 0.72, 0.07),
    Framing(0.78, 0.62, 0.1, crowd=3),
    Framing(1.3, 0.6, 0.05),
    Framing(2.3, 0.82, 0.05),
    Framing(1.05, 0.53, 0.12),
)


@dataclass(frozen=True, slots=True)
class Take:
    """A shot of the montage. first, end: its frames. place: which of the places. flipped: seen in
    a mirror."""

    first: int
    end: int
    place: int
    framing: Framing
    flipped: bool


def plan(
    dance: Dance, beats: Sequence[float], count: int, fps: float, rng: np.random.Generator,
    *, single: bool, places: int,
) -> list[Take]:  # fmt: skip
    """Cut the film into takes that begin on beats. beats: their times in seconds."""
    if single:
        return [Take(0, count, 0, WIDE, False)]
    starts, beat, index = [0], 0, 0
    while True:
        beat += dance.cuts[index % len(dance.cuts)]
        index += 1
        # A flash of a shot at the very end would look like a mistake.
        if beat >= len(beats) - 1 or round(beats[beat] * fps) > count - fps:
            break
        starts.append(round(beats[beat] * fps))
    first_place = int(rng.integers(places))
    offset = int(rng.integers(1, len(FRAMINGS)))
    takes = []
    for number, (start, end) in enumerate(zip(starts, [*starts[1:], count], strict=True)):
        framing = WIDE if number == 0 else FRAMINGS[(number * 5 + offset) % len(FRAMINGS)]
        takes.append(Take(start, end, (first_place + number) % places, framing, number % 4 == 3))
    return takes


@dataclass(slots=True)
class Place:
    """Where they dance: a picture somewhat larger than the frame, out of focus. air: what flies."""

    image: ByteArray
    air: Sequence[Element] = field(default=())


def paint_places(
    dance: Dance, width: int, height: int, seed: int, rng: np.random.Generator
) -> list[Place]:
    """The dance's own places. Painted at half size: behind a dancer they are out of focus."""
    places = []
    for prompt in dance.places:
        stage = build(read(prompt, seed=seed), max(64, width // 2), max(64, height // 2))
        still = cv2.resize(stage.still(), (width, height), interpolation=cv2.INTER_CUBIC)
        places.append(Place(soften(np.asarray(still, np.uint8)), _air(dance, rng)))
    return places


def soften(image: ByteArray) -> ByteArray:
    """Out of focus, and darker towards the floor's front and the sides: eyes go to the dancer."""
    height, width = image.shape[:2]
    soft = cv2.GaussianBlur(image, (0, 0), max(0.8, height / 190))
    y, x = np.mgrid[0 : 1 : height * 1j, -1 : 1 : width * 1j].astype(np.float32)
    shade = 0.86 - 0.22 * np.clip(np.abs(x) - 0.35, 0, 1) - 0.18 * np.clip(y - 0.75, 0, 1) * 4
    return np.asarray(np.clip(soft * shade[..., None], 0, 255), np.uint8)


def _air(dance: Dance, rng: np.random.Generator) -> list[Element]:
    return [flurry(dance.air, rng, amount=0.35)] if dance.air else []  # type: ignore[arg-type]


class Montage:
    """Draws the film's frames in any order.

    beats: seconds of every beat; lead: the dancer; crowd: who stands beside.
    """

    def __init__(
        self, dance: Dance, takes: Sequence[Take], places: Sequence[Place], lead: Dancer,
        crowd: Sequence[Dancer], beats: Sequence[float], size: tuple[int, int], fps: float,
    ) -> None:  # fmt: skip
        self.dance, self.takes, self.places = dance, takes, places
        self.lead, self.crowd = lead, crowd
        self.width, self.height = size
        self.fps = fps
        self._beats = np.asarray(beats)
        self._step = 60 / dance.bpm
        self._cone = _spotlight(self.width, self.height)

    def beat_at(self, seconds: float) -> float:
        return (seconds - float(self._beats[0])) / self._step

    def frame(self, number: int) -> ByteArray:
        take = next(take for take in self.takes if number < take.end)
        seconds = number / self.fps
        beat = self.beat_at(seconds)
        pulse = _pulse(beat)
        done = (number - take.first) / max(1, take.end - take.first)
        single = len(self.takes) == 1
        zoom = take.framing.zoom * (1 + take.framing.drift * done)
        zoom *= 1 + (0.035 if single else 0.022) * pulse
        sway = 0.05 * math.sin(math.pi * beat / 8) if single else 0.0
        frame = self._background(take, zoom, sway, pulse, beat)
        self._light(frame, pulse, beat)
        # Behind the dancer: what flies in front of a face is in its way.
        self._atmosphere(frame, take, seconds)
        self._dancers(frame, take, zoom, sway, beat)
        if take.flipped:
            frame = np.ascontiguousarray(frame[:, ::-1])
        return frame

    def _background(
        self, take: Take, zoom: float, sway: float, pulse: float, beat: float
    ) -> ByteArray:
        image = self.places[take.place].image
        # Far things come nearer less than the dancer does.
        scale = 1.06 + 0.3 * max(0.0, zoom - 0.8)
        width, height = self.width, self.height
        matrix = np.array(
            [
                [scale, 0, width / 2 * (1 - scale) - 0.4 * sway * width],
                [0, scale, height * 0.62 * (1 - scale)],
            ],
            np.float32,
        )
        frame = cv2.warpAffine(
            image,
            matrix,
            (width, height),
            flags=cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REFLECT_101,
        )
        return np.asarray(cv2.convertScaleAbs(frame, alpha=0.92 + 0.12 * pulse), np.uint8)

    def _light(self, frame: ByteArray, pulse: float, beat: float) -> None:
        """A cone of colored light behind the dancer; its color changes with the bar."""
        colours = [hex_colour(code) for code in self.dance.lights]
        bar, into = divmod(max(0.0, beat), 4)
        # It turns into the next color over the last beat.
        share = ease(into - 3)
        now, then = colours[int(bar) % len(colours)], colours[int(bar + 1) % len(colours)]
        colour = mix(now, then, share)
        cone = cv2.multiply(self._cone, (*colour, 0.0), scale=1.0)
        shine(
            frame, np.asarray(cone, np.uint8), np.eye(2, 3, dtype=np.float32), 0.32 + 0.33 * pulse
        )

    def _dancers(self, frame: ByteArray, take: Take, zoom: float, sway: float, beat: float) -> None:
        tall = _TALL * self.height * zoom
        # What the framing aims at lies in the middle; a wide shot keeps its floor.
        floor = self.height * 0.5 + take.framing.aim * tall
        if take.framing.zoom <= 1.1:
            floor = min(floor, _FLOOR * self.height * (1 + 0.3 * (zoom - 1)))
        spots: list[tuple[float, float, Dancer, float]] = []
        if take.framing.crowd > 1:
            for index, side in enumerate((-1, 1)):
                # Those beside are a little behind, in both senses.
                beside = self.crowd[index % len(self.crowd)]
                spots.append((side * 0.62, 0.86, beside, 0.08))
        spots.append((0.0, 1.0, self.lead, 0.0))
        for x, size, dancer, late in spots:
            posture = self.dance.posture(max(0.0, beat - late))
            if x > 0:
                posture = posture.mirrored()
            height = tall * size
            middle = self.width * (0.5 + sway) + x * tall
            ground = floor - (1 - size) * 0.18 * tall
            self._shadow(frame, middle + posture.x * height, ground, height, posture.lift)
            place = np.array([[height, 0, middle], [0, -height, ground], [0, 0, 1]], np.float32)
            dancer.draw(frame, posture, place)

    def _shadow(
        self, frame: ByteArray, x: float, ground: float, height: float, lift: float
    ) -> None:
        """Soft and dark under the feet, lighter when they leave the floor."""
        if ground > self.height * 1.15:
            return
        rx, ry = 0.24 * height, 0.035 * height
        x0, x1 = max(0, int(x - 2 * rx)), min(self.width, int(x + 2 * rx))
        y0, y1 = max(0, int(ground - 2.5 * ry)), min(self.height, int(ground + 2.5 * ry))
        if x1 <= x0 or y1 <= y0:
            return
        grid_y, grid_x = np.mgrid[y0:y1, x0:x1].astype(np.float32)
        away = ((grid_x - x) / rx) ** 2 + ((grid_y - ground) / ry) ** 2
        dark = 1 - (0.55 - 2.5 * min(lift, 0.1)) * np.exp(-1.2 * away)
        window = frame[y0:y1, x0:x1]
        window[:] = (window * dark[..., None]).astype(np.uint8)

    def _atmosphere(self, frame: ByteArray, take: Take, seconds: float) -> None:
        shot = Shot(
            Space(self.width, self.height), self.width, self.height, seconds=seconds, alive=True
        )
        for element in self.places[take.place].air:
            element.draw(frame, shot)


def _pulse(beat: float) -> float:
    """Up to 1 on the beat and gone before the next; it swells, for a flash hurts the eyes."""
    if beat < 0:
        return 0.0
    phase = beat % 1.0
    swell = max(0.0, (phase - 0.78) / 0.22)
    return max(math.exp(-3.2 * phase), swell * swell * (3 - 2 * swell))


def own_place(image: ByteArray, width: int, height: int) -> Place:
    """A given picture, without its subject, as a place."""
    return Place(soften(cover(image, width, height)))


def _spotlight(width: int, height: int) -> ByteArray:
    """White light from above that widens to a pool on the floor, (h, w, 4), fourth channel 0."""
    y, x = np.mgrid[0 : 1 : height * 1j, -0.5 : 0.5 : width * 1j].astype(np.float32)
    x = x * width / height
    spread = 0.07 + 0.42 * y
    cone = np.exp(-((x / spread) ** 2) * 1.6) * (0.35 + 0.4 * y)
    pool = np.exp(-(((x) / 0.55) ** 2) - (((y - _FLOOR) / 0.075) ** 2))
    halo = np.exp(-((x / 0.5) ** 2) - (((y - 0.45) / 0.4) ** 2)) * 0.35
    light = np.clip(0.55 * cone + 0.5 * pool + halo, 0, 1) * 190
    out = np.zeros((height, width, 4), np.uint8)
    out[..., :3] = light[..., None]
    return out
