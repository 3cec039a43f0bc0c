"""Drums and effects; each makes one note, see `instruments`."""

from __future__ import annotations

import numpy as np

from studio.artist.music.synthesis import (
    Wave,
    hiss,
    note_time,
    smoothed,
)
from studio.media.audio.samples import SAMPLE_RATE


def kick(hertz: float, held: float, force: float, rng: np.random.Generator) -> Wave:
    time = note_time(0.32)
    angle = 2 * np.pi * np.cumsum(46 + 150 * np.exp(-time * 42)) / SAMPLE_RATE
    click = rng.standard_normal(time.size) * np.exp(-time * 600) * 0.25
    return np.tanh(1.5 * np.sin(angle) * np.exp(-time * 11)) + click


def soft_kick(hertz: float, held: float, force: float, rng: np.random.Generator) -> Wave:
    time = note_time(0.3)
    angle = 2 * np.pi * np.cumsum(50 + 60 * np.exp(-time * 30)) / SAMPLE_RATE
    return np.sin(angle) * np.exp(-time * 12)


def snare(hertz: float, held: float, force: float, rng: np.random.Generator) -> Wave:
    time = note_time(0.24)
    rattle = rng.standard_normal(time.size) * np.exp(-time * 19)
    skin = np.sin(2 * np.pi * 185 * time) * np.exp(-time * 24)
    return 0.55 * rattle + 0.6 * skin


def big_snare(hertz: float, held: float, force: float, rng: np.random.Generator) -> Wave:
    # The gated reverb of the eighties: noise that stands, then stops.
    time = note_time(0.42)
    tail = rng.standard_normal(time.size) * np.where(
        time < 0.26, 0.5, 0.5 * np.exp(-(time - 0.26) * 40)
    )
    skin = np.sin(2 * np.pi * 170 * time) * np.exp(-time * 16)
    return smoothed(tail, 3) + 0.7 * skin


def rim(hertz: float, held: float, force: float, rng: np.random.Generator) -> Wave:
    time = note_time(0.09)
    return np.sin(2 * np.pi * 820 * time) * np.exp(-time * 70) + 0.4 * rng.standard_normal(
        time.size
    ) * np.exp(-time * 120)


def clap(hertz: float, held: float, force: float, rng: np.random.Generator) -> Wave:
    time = note_time(0.26)
    hands = sum(np.where(time >= at, np.exp(-(time - at) * 90), 0) for at in (0, 0.011, 0.023))
    room = np.where(time >= 0.03, 0.5 * np.exp(-(time - 0.03) * 18), 0)
    noise = rng.standard_normal(time.size)
    return (noise - smoothed(noise, 12)) * (hands + room) * 0.6


def hat(hertz: float, held: float, force: float, rng: np.random.Generator) -> Wave:
    return hiss(0.07, 75, rng)


def open_hat(hertz: float, held: float, force: float, rng: np.random.Generator) -> Wave:
    return hiss(0.3, 12, rng)


def shaker(hertz: float, held: float, force: float, rng: np.random.Generator) -> Wave:
    time = note_time(0.1)
    return hiss(0.1, 25, rng) * np.minimum(1, time / 0.03)


def ride(hertz: float, held: float, force: float, rng: np.random.Generator) -> Wave:
    time = note_time(0.7)
    ring = sum(np.sin(2 * np.pi * f * time) for f in (3170, 4213, 5390, 6911)) / 4
    return (
        0.5 * ring * np.exp(-time * 7)
        + 0.5 * np.pad(hiss(0.3, 14, rng), (0, time.size))[: time.size]
    )


def brush(hertz: float, held: float, force: float, rng: np.random.Generator) -> Wave:
    time = note_time(0.3)
    noise = smoothed(rng.standard_normal(time.size), 3)
    return noise * np.minimum(1, time / 0.04) * np.exp(-time * 11)


def taiko(hertz: float, held: float, force: float, rng: np.random.Generator) -> Wave:
    time = note_time(1.1)
    angle = 2 * np.pi * np.cumsum(58 + 38 * np.exp(-time * 22)) / SAMPLE_RATE
    stick = smoothed(rng.standard_normal(time.size), 8) * np.exp(-time * 45)
    return np.sin(angle) * np.exp(-time * 4.2) + stick


def crash(hertz: float, held: float, force: float, rng: np.random.Generator) -> Wave:
    return hiss(1.8, 2.6, rng)


def riser(hertz: float, held: float, force: float, rng: np.random.Generator) -> Wave:
    """Noise that swells and opens up over the time it is held, leading into what follows."""
    time = note_time(max(held, 0.2))
    share = time / time[-1]
    noise = rng.standard_normal(time.size)
    return (smoothed(noise, 24) * (1 - share) + (noise - smoothed(noise, 6)) * share) * share**2
