"""A scene that moves with a sound: light, camera, air and, where asked for, the spectrum itself."""

from __future__ import annotations

import colorsys
import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import cv2
import numpy as np

from studio.artist.drawing.stage import Shot, Space
from studio.artist.scenes.rendering import HEADROOM, Scene
from studio.artist.scenes.stills import Still
from studio.media.audio.features import BARS, Hearing
from studio.media.raster import ByteArray, Colour, FloatArray, hex_colour, mix
from studio.media.text import words_of

Display = Callable[["Pulsing", ByteArray, int], None]

RINGS = words_of("ring circle circular radial round halo disc orb")
LINES = words_of("waveform waveforms oscilloscope soundwave soundwaves audiogram")
BAR_WORDS = words_of("bars spectrum equalizer equaliser visualizer visualiser visualization")
_SPARKS = 130


@dataclass(slots=True)
class Pulsing:
    """Wraps a scene, so that it is filmed to a sound.

    hearing: one value a picture. fps: pictures a second. backwards: the film's time runs from the
    end, as `shoot` films scenes it ends on. display: draws the sound itself, if it is to be seen.
    """

    scene: Scene
    hearing: Hearing
    fps: float
    rng: np.random.Generator
    backwards: bool = False
    display: Display | None = None
    colour: Colour | None = None
    _clock: FloatArray = field(init=False, repr=False)
    _sparks: FloatArray = field(init=False, repr=False)

    def __post_init__(self) -> None:
        # The scene's own time: rain falls and water runs faster while it is loud.
        pace = 0.55 + 1.3 * self.hearing.loudness
        self._clock = np.concatenate([[0.0], np.cumsum(pace) / self.fps]).astype(np.float32)
        self._sparks = self.rng.random((_SPARKS, 6), dtype=np.float32)

    @property
    def space(self) -> Space:
        return self.scene.space

    def frame(self, shot: Shot) -> ByteArray:
        """The scene as the sound has it at the shot's moment."""
        index = min(max(round(shot.seconds * self.fps), 0), len(self.hearing) - 1)
        if self.backwards:
            index = len(self.hearing) - 1 - index
        heard = self.hearing
        pose = shot.pose
        zoom = 0.03 * float(heard.bass[index]) + 0.018 * float(heard.onset[index])
        shake = 0.0035 * float(heard.onset[index])
        width, height = shot.width, shot.height
        if isinstance(self.scene, Still):
            width, height = self.space.width, self.space.height
            zoom += HEADROOM if pose.zoom < 1 else 0.0
        pose = replace(
            pose,
            zoom=pose.zoom + zoom,
            x=pose.x + shake * math.sin(index * 2.1),
            y=pose.y + shake * math.sin(index * 2.9),
        )
        moved = replace(
            shot, pose=pose, seconds=float(self._clock[index]), width=width, height=height
        )
        frame = self._lit(self.scene.frame(moved), index)
        self._draw_sparks(frame, index)
        if self.display is not None:
            self.display(self, frame, index)
        return frame

    def tone(self, frame: ByteArray) -> Colour:
        """The color of light that belongs to the scene: its liveliest, made to shine."""
        if self.colour is None:
            self.colour = liveliest(frame)
        return self.colour

    def _lit(self, frame: ByteArray, index: int) -> ByteArray:
        """Darker when it is quiet; bright places glow with the bass."""
        heard = self.hearing
        gain = 0.8 + 0.26 * float(heard.loudness[index]) + 0.1 * float(heard.onset[index])
        levels = np.arange(256, dtype=np.float32) * gain
        # A shoulder, so that what is bright already is not burnt out.
        over = np.clip(levels - 215, 0, None)
        levels = np.minimum(levels, 215) + 40 * (1 - np.exp(-over / 40))
        frame = np.asarray(cv2.LUT(frame, np.clip(levels, 0, 255).astype(np.uint8)), np.uint8)
        strength = 0.2 + 0.9 * float(heard.bass[index])
        height, width = frame.shape[:2]
        small = cv2.resize(
            frame, (max(2, width // 6), max(2, height // 6)), interpolation=cv2.INTER_AREA
        )
        bright = cv2.subtract(small, (120, 120, 120, 0))
        glow = cv2.GaussianBlur(bright, (0, 0), max(0.8, height * 0.008))
        glow = cv2.multiply(glow, (1.0, 1.0, 1.0, 0), scale=strength)
        return np.asarray(cv2.add(frame, cv2.resize(glow, (width, height))), np.uint8)

    def _draw_sparks(self, frame: ByteArray, index: int) -> None:
        """Motes of light that rise with the treble; each answers to its own share of it."""
        height, width = frame.shape[:2]
        treble = float(self.hearing.treble[index])
        rows, columns = max(2, height // 2), max(2, width // 2)
        light = np.zeros((rows, columns, 3), np.uint8)
        now = float(self._clock[index])
        tint = mix(self.tone(frame), (1.0, 1.0, 1.0), 0.35)
        for u, v, size, speed, threshold, phase in self._sparks.tolist():
            shine = min(1.0, max(0.0, (treble - 0.55 * threshold) * 2.2))
            if shine < 0.04:
                continue
            x = (u + 0.02 * math.sin(now * (0.6 + speed) + 6.3 * phase)) % 1.0
            y = (v - now * (0.02 + 0.06 * speed)) % 1.0
            radius = max(0.6, (0.0016 + 0.0042 * size * size) * height / 2)
            level = shine * (0.3 + 0.5 * size) * math.sin(math.pi * y)
            colour = tuple(255 * level * part for part in tint)
            centre = (round(x * columns * 16), round(y * rows * 16))
            cv2.circle(light, centre, round(radius * 16), colour, -1, cv2.LINE_AA, 4)
        if not light.any():
            return
        halo = cv2.GaussianBlur(light, (0, 0), max(0.8, 0.006 * height))
        light = cv2.addWeighted(light, 0.8, halo, 1.1, 0)
        frame[:] = cv2.add(frame, cv2.resize(light, (width, height)))


def display_for(prompt: str, setting: str) -> Display | None:
    """What the words want to see of the sound itself; an abstract scene shows its spectrum."""
    words = set(re.findall(r"[a-z]+", prompt.lower()))
    if words & LINES:
        return draw_line
    if words & RINGS and words & BAR_WORDS:
        return draw_ring
    if words & BAR_WORDS:
        return draw_bars
    return draw_ring if setting == "abstract" else None


def draw_bars(pulsing: Pulsing, frame: ByteArray, index: int) -> None:
    """A row of rounded bars low in the picture, mirrored in a floor of glass."""
    height, width = frame.shape[:2]
    tone = pulsing.tone(frame)
    light = np.zeros((height, width, 3), np.uint8)
    bars = pulsing.hearing.bars[index]
    span = 0.78 * width
    pitch = span / BARS
    thick = max(1, round(0.3 * pitch))
    floor = 0.8 * height
    left = (width - span) / 2 + pitch / 2
    for bar in range(BARS):
        # Bass in the middle, treble to both sides: the eye expects it balanced.
        value = float(bars[abs(2 * bar - BARS + 1) * (BARS - 1) // (BARS - 1)])
        x = round((left + bar * pitch) * 16)
        tall = (0.006 + 0.34 * value**1.3) * height
        blend = mix(_turned(tone, 26 * (2 * bar / BARS - 1)), (1.0, 1.0, 1.0), 0.3 * value)
        bright = 0.4 + 0.45 * value
        colour = tuple(255 * bright * part for part in blend)
        top, bottom = round((floor - tall) * 16), round(floor * 16)
        cv2.line(light, (x, top), (x, bottom), colour, thick * 2, cv2.LINE_AA, 4)
        faint = tuple(0.28 * part for part in colour)
        under = round((floor + 0.02 * height) * 16)
        sunk = under + round(0.4 * tall * 16)
        cv2.line(light, (x, under), (x, sunk), faint, thick * 2, cv2.LINE_AA, 4)
    _shine(frame, light)


def draw_ring(pulsing: Pulsing, frame: ByteArray, index: int) -> None:
    """Rays around a circle that breathes with the bass."""
    height, width = frame.shape[:2]
    tone = pulsing.tone(frame)
    light = np.zeros((height, width, 3), np.uint8)
    bars = pulsing.hearing.bars[index]
    unit = min(width, height)
    radius = (0.2 + 0.035 * float(pulsing.hearing.bass[index])) * unit
    centre = (width / 2, height / 2)
    count = 2 * BARS
    turn = 0.12 * float(pulsing._clock[index])
    thick = max(1, round(radius * 2 * math.pi / count * 0.42))
    for ray in range(count):
        value = float(bars[min(ray, count - 1 - ray)])
        angle = 2 * math.pi * (ray + 0.5) / count + math.pi / 2 + turn
        reach = radius + (0.006 + 0.2 * value**1.3) * unit
        blend = mix(_turned(tone, 40 * math.cos(angle)), (1.0, 1.0, 1.0), 0.35 * value)
        colour = tuple(255 * (0.4 + 0.55 * value) * part for part in blend)
        ends = [
            (
                round((centre[0] + length * math.cos(angle)) * 16),
                round((centre[1] + length * math.sin(angle)) * 16),
            )
            for length in (radius, reach)
        ]
        cv2.line(light, ends[0], ends[1], colour, thick, cv2.LINE_AA, 4)
    soft = tuple(90 * part for part in tone)
    middle = (round(centre[0] * 16), round(centre[1] * 16))
    inner = round((radius - 0.02 * unit) * 16)
    cv2.circle(light, middle, inner, soft, max(1, unit // 300), cv2.LINE_AA, 4)
    _shine(frame, light)


def draw_line(pulsing: Pulsing, frame: ByteArray, index: int) -> None:
    """The sound's own wave across the picture, as on an oscilloscope, with fading ends."""
    height, width = frame.shape[:2]
    tone = pulsing.tone(frame)
    light = np.zeros((height, width, 3), np.uint8)
    for back, level in ((4, 0.14), (2, 0.28), (0, 1.0)):
        wave = pulsing.hearing.wave[max(0, index - back)]
        x = np.linspace(0.08, 0.92, wave.size) * width
        ends = np.sin(np.linspace(0, np.pi, wave.size)) ** 0.7
        y = (0.62 - 0.2 * wave * ends) * height
        points = np.rint(np.stack([x, y], axis=1) * 16).astype(np.int32)
        blend = mix(tone, (1.0, 1.0, 1.0), 0.45)
        colour = tuple(255 * level * part for part in blend)
        cv2.polylines(light, [points], False, colour, max(1, height // 220), cv2.LINE_AA, 4)
    _shine(frame, light)


def liveliest(frame: ByteArray) -> Colour:
    """The picture's most saturated bright color, as light; warm white where all is grey."""
    small = cv2.resize(frame, (64, 36), interpolation=cv2.INTER_AREA)
    hsv = cv2.cvtColor(small, cv2.COLOR_RGB2HSV).reshape(-1, 3).astype(np.float32)
    weight = (hsv[:, 1] / 255) * (hsv[:, 2] / 255) ** 0.7
    if weight.max() < 0.12:
        return hex_colour("ffe2b8")
    best = weight > np.percentile(weight, 94)
    colour = small.reshape(-1, 3)[best].astype(np.float32).mean(axis=0)
    colour = colour / max(1.0, float(colour.max()))
    return mix((float(colour[0]), float(colour[1]), float(colour[2])), (1.0, 1.0, 1.0), 0.12)


def _turned(colour: Colour, degrees: float) -> Colour:
    """A neighbour on the color wheel."""
    hue, lightness, saturation = colorsys.rgb_to_hls(*colour)
    return colorsys.hls_to_rgb((hue + degrees / 360) % 1, lightness, saturation)


def _shine(frame: ByteArray, light: ByteArray) -> None:
    height, width = frame.shape[:2]
    small = cv2.resize(
        light, (max(2, width // 4), max(2, height // 4)), interpolation=cv2.INTER_AREA
    )
    halo = cv2.GaussianBlur(small, (0, 0), max(0.8, 0.006 * height))
    halo = cv2.multiply(halo, (1.0, 1.0, 1.0, 0), scale=1.5)
    lit = cv2.add(light, cv2.resize(halo, (width, height)))
    # Screened, not added: what is bright behind it does not burn out.
    frame[:] = 255 - cv2.multiply(255 - frame, 255 - lit, scale=1 / 255)
