"""Ambience: what a place sounds like, from noise and sines. Quiet; equal seeds, equal sound."""

from __future__ import annotations

import cv2
import numpy as np

from studio.artist.prompt.brief import Brief
from studio.media.raster import FloatArray, seeded_rng

RATE = 48_000
# Loudness of the whole bed: present on headphones, out of the way of music and speech.
LOUDNESS = 0.035
FADE_S = 0.25


def ambience(beds: tuple[str, ...], seconds: float, text: str, seed: int) -> FloatArray:
    """The beds mixed: (2, samples) float32 at 48 kHz within ±1, faded at both ends."""
    count = max(1, round(seconds * RATE))
    mixed = np.zeros((2, count), np.float32)
    for position, bed in enumerate(beds or ("room",)):
        rng = seeded_rng(text, seed, f"sound {bed}")
        sound = BEDS.get(bed, _room)(rng, count)
        level = float(np.sqrt(np.mean(sound**2))) + 1e-9
        mixed += sound * (LOUDNESS / level) * (0.75**position)
    fade = min(count // 2, round(FADE_S * RATE))
    if fade:
        ramp = np.linspace(0, 1, fade, dtype=np.float32)
        mixed[:, :fade] *= ramp
        mixed[:, -fade:] *= ramp[::-1]
    return np.asarray(np.clip(mixed, -0.9, 0.9), np.float32)


def beds_of(brief: Brief) -> tuple[str, ...]:
    """What a brief's words would sound like, for pictures that bring no sounds themselves."""
    if brief.weather & {"rain", "storm"}:
        return ("rain",)
    return (BEDS_OF_PLACES.get(brief.setting, "room"),)


BEDS_OF_PLACES = {
    "sea": "waves",
    "city": "street",
    "land": "wind",
    "space": "space",
    "underwater": "underwater",
    "abstract": "room",
}


def _noise(rng: np.random.Generator, count: int, cutoff: float) -> FloatArray:
    """Noise below about `cutoff` Hz, stereo: drawn at a lower rate and drawn out smoothly."""
    points = max(4, round(count * 2 * cutoff / RATE))
    if points >= count:
        return rng.standard_normal((2, count), dtype=np.float32)
    low = rng.standard_normal((2, points), dtype=np.float32)
    return np.asarray(cv2.resize(low, (count, 2), interpolation=cv2.INTER_CUBIC)[:2], np.float32)


def _time(count: int) -> FloatArray:
    return np.asarray(np.arange(count, dtype=np.float32) / RATE, np.float32)


def _swell(rng: np.random.Generator, count: int, per_second: float, low: float) -> FloatArray:
    """A slow gain between `low` and 1."""
    points = max(3, round(count / RATE * per_second) + 2)
    knots = rng.random((1, points), dtype=np.float32)
    curve = cv2.resize(knots, (count, 1), interpolation=cv2.INTER_CUBIC)[0]
    return np.asarray(low + (1 - low) * np.clip(curve, 0, 1), np.float32)


def _wind(rng: np.random.Generator, count: int) -> FloatArray:
    body = _noise(rng, count, 320) * _swell(rng, count, 0.6, 0.25)
    whistle = _noise(rng, count, 900) * _swell(rng, count, 0.9, 0.0) ** 2
    return np.asarray(body + 0.35 * whistle, np.float32)


def _waves(rng: np.random.Generator, count: int) -> FloatArray:
    t = _time(count)
    rise = (0.5 + 0.5 * np.sin(2 * np.pi * t / 4.6 + 6.28 * rng.random())) ** 2.2
    wash = _noise(rng, count, 2400) * (0.12 + 0.88 * rise)
    return np.asarray(wash + 0.8 * _noise(rng, count, 160), np.float32)


def _rain(rng: np.random.Generator, count: int) -> FloatArray:
    hiss = np.diff(rng.standard_normal((2, count + 1), dtype=np.float32), axis=1)
    drops = np.zeros((2, count), np.float32)
    for _ in range(int(count / RATE * 26)):
        start, length = int(rng.integers(count)), 700
        stop = min(count, start + length)
        t = np.arange(stop - start, dtype=np.float32) / RATE
        tone = np.sin(2 * np.pi * (1400 + 2600 * rng.random()) * t) * np.exp(-t * 260)
        drops[int(rng.integers(2)), start:stop] += tone * (0.5 + 1.5 * rng.random())
    return np.asarray(0.5 * hiss + 0.7 * _noise(rng, count, 3000) + 0.6 * drops, np.float32)


def _birds(rng: np.random.Generator, count: int) -> FloatArray:
    sound = 0.10 * _noise(rng, count, 700)
    for _ in range(max(2, int(count / RATE * 1.3))):
        start, pan = int(rng.integers(count)), float(rng.random())
        base = 2300 + 1900 * float(rng.random())
        for note in range(int(rng.integers(2, 5))):
            begin = start + int(note * 0.11 * RATE)
            stop = min(count, begin + int(0.085 * RATE))
            if stop <= begin:
                break
            t = np.arange(stop - begin, dtype=np.float32) / RATE
            pitch = base * (1 + 0.25 * np.sin(2 * np.pi * 11 * t + note))
            chirp = (
                np.sin(2 * np.pi * np.cumsum(pitch) / RATE)
                * np.sin(np.pi * t / (t[-1] + 1e-6)) ** 2
            )
            sound[0, begin:stop] += chirp * 0.22 * (1 - pan)
            sound[1, begin:stop] += chirp * 0.22 * pan
    return np.asarray(sound, np.float32)


def _night(rng: np.random.Generator, count: int) -> FloatArray:
    """Crickets."""
    t = _time(count)
    sound = 0.25 * _noise(rng, count, 260)
    for pitch, beat, pan in ((4300, 2.1, 0.25), (4720, 1.7, 0.75)):
        gate = (np.sin(2 * np.pi * beat * t + 6.28 * rng.random()) > 0.1) * (
            0.5 + 0.5 * np.sin(2 * np.pi * 28 * t)
        )
        chirp = np.sin(2 * np.pi * pitch * t) * gate * 0.09
        sound += np.stack([chirp * (1 - pan), chirp * pan])
    return np.asarray(sound, np.float32)


def _street(rng: np.random.Generator, count: int) -> FloatArray:
    rumble = _noise(rng, count, 130) * _swell(rng, count, 0.5, 0.4)
    passing = _noise(rng, count, 750) * _swell(rng, count, 0.5, 0.0) ** 3
    t = _time(count)
    hum = np.sin(2 * np.pi * 100 * t) * 0.06 + np.sin(2 * np.pi * 200 * t) * 0.03
    return np.asarray(rumble + 0.5 * passing + hum, np.float32)


def _space(rng: np.random.Generator, count: int) -> FloatArray:
    """A slow chord of detuned sines."""
    t = _time(count)
    root = 55 * 2 ** (int(rng.integers(0, 7)) / 12)
    sound = 0.12 * _noise(rng, count, 90)
    for ratio, level in ((1, 1.0), (1.5, 0.6), (2, 0.5), (2.997, 0.22), (4, 0.12)):
        for side, detune in ((0, 0.998), (1, 1.002)):
            slow = 0.6 + 0.4 * np.sin(2 * np.pi * t * (0.07 + 0.05 * ratio) + 6.28 * rng.random())
            sound[side] += level * 0.3 * slow * np.sin(2 * np.pi * root * ratio * detune * t)
    return np.asarray(sound, np.float32)


def _room(rng: np.random.Generator, count: int) -> FloatArray:
    """The almost-silence of a room, with a warm note far below it."""
    t = _time(count)
    air = 0.5 * _noise(rng, count, 220) + 0.06 * _noise(rng, count, 4000)
    note = 0.16 * np.sin(2 * np.pi * 82.4 * t) * (0.7 + 0.3 * np.sin(2 * np.pi * 0.21 * t))
    return np.asarray(air + note, np.float32)


def _fire(rng: np.random.Generator, count: int) -> FloatArray:
    sound = 0.6 * _noise(rng, count, 280) * _swell(rng, count, 3, 0.4)
    for _ in range(int(count / RATE * 16)):
        start = int(rng.integers(count))
        stop = min(count, start + 500)
        crack = rng.standard_normal(stop - start, dtype=np.float32)
        crack *= np.exp(-np.arange(stop - start, dtype=np.float32) / 90)
        sound[int(rng.integers(2)), start:stop] += crack * (0.5 + 2 * rng.random())
    return np.asarray(sound, np.float32)


def _pencil(rng: np.random.Generator, count: int) -> FloatArray:
    """Strokes of graphite on paper."""
    sound = 0.05 * _noise(rng, count, 400)
    scratch = np.diff(_noise(rng, count + 1, 5200), axis=1)
    position = 0.1
    while position < count / RATE:
        length = 0.12 + 0.25 * float(rng.random())
        begin, stop = int(position * RATE), min(count, int((position + length) * RATE))
        if stop > begin:
            bow = np.sin(np.pi * np.linspace(0, 1, stop - begin, dtype=np.float32))
            sound[:, begin:stop] += scratch[:, begin:stop] * bow * 0.9
        position += length + 0.08 + 0.25 * float(rng.random())
    return np.asarray(sound, np.float32)


def _underwater(rng: np.random.Generator, count: int) -> FloatArray:
    sound = _noise(rng, count, 140) * _swell(rng, count, 0.5, 0.4)
    for _ in range(int(count / RATE * 5)):
        start, pitch = int(rng.integers(count)), 260 + 500 * float(rng.random())
        stop = min(count, start + int(0.09 * RATE))
        t = np.arange(stop - start, dtype=np.float32) / RATE
        bubble = np.sin(2 * np.pi * (pitch * t + 2600 * t**2)) * np.exp(-t * 38)
        sound[:, start:stop] += bubble * 0.4
    return np.asarray(sound, np.float32)


BEDS = {
    "wind": _wind,
    "waves": _waves,
    "rain": _rain,
    "birds": _birds,
    "night": _night,
    "street": _street,
    "space": _space,
    "room": _room,
    "fire": _fire,
    "pencil": _pencil,
    "underwater": _underwater,
}
