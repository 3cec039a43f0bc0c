"""The instruments: each makes one note as a mono wave. No samples, only arithmetic.

A note is float64 at 48 kHz, roughly within ±1; balance between instruments is the mixer's work.
Every function takes the pitch in Hz, how long the key is held in seconds, how hard it is struck
(0 to 1) and a random generator that belongs to this note alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from studio.artist.music.drums import (
    big_snare,
    brush,
    clap,
    crash,
    hat,
    kick,
    open_hat,
    ride,
    rim,
    riser,
    shaker,
    snare,
    soft_kick,
    taiko,
)
from studio.artist.music.synthesis import (
    _TOP,
    Wave,
    ensemble,
    gate,
    note_time,
    played,
    plucked,
    saw,
    smoothed,
    wavetable,
)
from studio.media.audio.samples import SAMPLE_RATE

Instrument = Callable[[float, float, float, np.random.Generator], Wave]


def piano(hertz: float, held: float, force: float, rng: np.random.Generator) -> Wave:
    # Struck strings: stiff, so partials run sharp, and high ones die first.
    time = note_time(held + 0.5)
    stiffness = 0.00035
    wave = np.zeros_like(time)
    for number in range(1, 13):
        partial = hertz * number * np.sqrt(1 + stiffness * number**2)
        if partial > _TOP:
            break
        loudness = number ** -(2.1 - 1.0 * force) * (1 if number % 7 else 0.3)
        dying = 0.7 + hertz / 500 + 0.45 * number
        phase = rng.uniform(0, 2 * np.pi)
        wave += loudness * np.exp(-dying * time) * np.sin(2 * np.pi * partial * time + phase)
    hammer = rng.standard_normal(time.size) * np.exp(-time * 180) * 0.06 * force
    return (wave * 0.7 + hammer) * gate(time, held, attack=0.003, release=0.25)


def electric_piano(hertz: float, held: float, force: float, rng: np.random.Generator) -> Wave:
    time = note_time(held + 0.4)
    tine = np.exp(-time * 9) * 0.5 * force * np.sin(2 * np.pi * hertz * 14 * time)
    body = 1.3 * force * np.exp(-time * 3) * np.sin(2 * np.pi * hertz * time)
    wave = np.sin(2 * np.pi * hertz * time + body) + (tine * 0.25 if hertz * 14 < _TOP else 0)
    tremolo = 1 + 0.12 * np.sin(2 * np.pi * 4.6 * time + rng.uniform(0, 6))
    return wave * np.exp(-time * 1.3) * tremolo * gate(time, held, attack=0.004, release=0.3)


def pad(hertz: float, held: float, force: float, rng: np.random.Generator) -> Wave:
    return ensemble(hertz, held, rng, attack=0.9, release=1.2, dull=1.7, spread=0.0035)


def strings(hertz: float, held: float, force: float, rng: np.random.Generator) -> Wave:
    return ensemble(hertz, held, rng, attack=0.14, release=0.4, dull=1.15, spread=0.0028)


def spiccato(hertz: float, held: float, force: float, rng: np.random.Generator) -> Wave:
    wave = ensemble(hertz, 0.16, rng, attack=0.008, release=0.12, dull=1.0, spread=0.003)
    return wave * np.exp(-np.arange(wave.size) / SAMPLE_RATE * 7)


def choir(hertz: float, held: float, force: float, rng: np.random.Generator) -> Wave:
    # An "ah": partials are loud near the vowel's formants.
    def ah(partials: Wave) -> Wave:
        formants = (700, 1100, 2600)
        near = sum(np.exp(-(((partials - f) / (0.25 * f)) ** 2)) for f in formants) + 0.08
        return near * (hertz / partials) ** 0.5 * (partials < 4000)

    time = note_time(held + 0.8)
    table = wavetable(hertz, ah, rng)
    wave = np.zeros_like(time)
    for off in (-0.004, 0.0005, 0.0042):
        vibrato = 0.02 * np.sin(2 * np.pi * (5 + 40 * off) * time + rng.uniform(0, 6))
        wave += played(table, hertz * (1 + off) * time + vibrato + rng.uniform())
    return wave / 5 * gate(time, held, attack=min(0.5, held / 2), release=0.7)


def brass(hertz: float, held: float, force: float, rng: np.random.Generator) -> Wave:
    time = note_time(held + 0.2)
    swell = gate(time, held, attack=0.07, release=0.15)
    vibrato = 0.08 * np.clip((time - 0.3) * 3, 0, 1) * np.sin(2 * np.pi * 5.2 * time)
    bright = (1.2 + 1.8 * force) * swell
    angle = 2 * np.pi * hertz * time + vibrato
    return np.sin(angle + bright * np.sin(angle)) * swell


def saxophone(hertz: float, held: float, force: float, rng: np.random.Generator) -> Wave:
    time = note_time(held + 0.15)
    vibrato = 0.14 * np.clip((time - 0.2) * 3, 0, 1) * np.sin(2 * np.pi * 5.4 * time)
    angle = 2 * np.pi * hertz * time + vibrato
    wave = sum(
        np.sin(n * angle) * a for n, a in ((1, 1.0), (2, 0.7), (3, 0.55), (4, 0.3), (5, 0.2))
    )
    breath = smoothed(rng.standard_normal(time.size), 6) * 0.12
    return (wave + breath) / 2 * gate(time, held, attack=0.045, release=0.1)


def flute(hertz: float, held: float, force: float, rng: np.random.Generator) -> Wave:
    time = note_time(held + 0.15)
    vibrato = 0.1 * np.clip((time - 0.25) * 2, 0, 1) * np.sin(2 * np.pi * 5 * time)
    angle = 2 * np.pi * hertz * time + vibrato
    breath = smoothed(rng.standard_normal(time.size), 4) * 0.06
    wave = np.sin(angle) + 0.22 * np.sin(2 * angle) + 0.06 * np.sin(3 * angle)
    return (wave + breath) * gate(time, held, attack=0.06, release=0.12)


def guitar(hertz: float, held: float, force: float, rng: np.random.Generator) -> Wave:
    return plucked(hertz, held + 0.8, 0.996, 2 + round(3 * (1 - force)), rng)


def harp(hertz: float, held: float, force: float, rng: np.random.Generator) -> Wave:
    return plucked(hertz, held + 1.4, 0.998, 5, rng)


def bell(hertz: float, held: float, force: float, rng: np.random.Generator) -> Wave:
    time = note_time(max(held, 0.4) + 1.6)
    partials = ((1.0, 1.0, 1.6), (2.0, 0.5, 2.4), (2.76, 0.35, 3.2), (5.4, 0.2, 5.5))
    wave = np.zeros_like(time)
    for ratio, loudness, dying in partials:
        if hertz * ratio < _TOP:
            wave += loudness * np.exp(-time * dying) * np.sin(2 * np.pi * hertz * ratio * time)
    return wave / 2 * gate(time, time[-1], attack=0.002, release=0.05)


def synth_pluck(hertz: float, held: float, force: float, rng: np.random.Generator) -> Wave:
    time = note_time(held + 0.25)
    wave = saw(hertz, time, 400, 600 + 5200 * force, np.exp(-time * 9), rng)
    return wave * np.exp(-time * 4) * gate(time, held, attack=0.002, release=0.2)


def super_saw(hertz: float, held: float, force: float, rng: np.random.Generator) -> Wave:
    time = note_time(held + 0.2)
    detuned = (-0.006, -0.0025, 0.0, 0.0028, 0.0063)
    brightness = 3200 + 2500 * force
    wave = sum(saw(hertz * (1 + d), time, 900, brightness, 1.0, rng) for d in detuned)
    return np.asarray(wave) / 3 * gate(time, held, attack=0.01, release=0.15)


def synth_lead(hertz: float, held: float, force: float, rng: np.random.Generator) -> Wave:
    time = note_time(held + 0.15)
    vibrato = 0.024 * np.clip((time - 0.2) * 3, 0, 1) * np.sin(2 * np.pi * 5.5 * time)
    brightness = 3800 + 1500 * force
    wave = sum(
        saw(hertz * off, time, 1500, brightness, np.exp(-time * 2), rng, bend=vibrato)
        for off in (1.0, 1.004)
    )
    return np.asarray(wave) * 0.5 * gate(time, held, attack=0.012, release=0.12)


def square_lead(hertz: float, held: float, force: float, rng: np.random.Generator) -> Wave:
    time = note_time(held + 0.02)
    table = wavetable(hertz, lambda f: hertz / f * (np.rint(f / hertz) % 2), rng)
    return played(table, hertz * time) * 0.7 * gate(time, held, attack=0.002, release=0.02)


def sub_bass(hertz: float, held: float, force: float, rng: np.random.Generator) -> Wave:
    time = note_time(held + 0.1)
    angle = 2 * np.pi * hertz * time
    # A little of the octaves lets small speakers hear what they cannot play.
    wave = np.sin(angle) + 0.25 * np.sin(2 * angle) + 0.1 * np.sin(3 * angle)
    return wave * gate(time, held, attack=0.012, release=0.09)


def synth_bass(hertz: float, held: float, force: float, rng: np.random.Generator) -> Wave:
    time = note_time(held + 0.08)
    wave = saw(hertz, time, 240, 400 + 1500 * force, np.exp(-time * 10), rng)
    return (wave + 0.5 * np.sin(2 * np.pi * hertz * time)) * gate(
        time, held, attack=0.004, release=0.06
    )


def upright_bass(hertz: float, held: float, force: float, rng: np.random.Generator) -> Wave:
    wave = plucked(hertz, held + 0.25, 0.992, 14, rng)
    time = np.arange(wave.size) / SAMPLE_RATE
    body = 0.8 * np.sin(2 * np.pi * hertz * time) * np.exp(-time * 3)
    return (wave + body) * gate(time, held, attack=0.004, release=0.15)


def deep_808(hertz: float, held: float, force: float, rng: np.random.Generator) -> Wave:
    time = note_time(max(held, 0.4) + 0.3)
    falling = hertz * (1 + 1.5 * np.exp(-time * 45))
    angle = 2 * np.pi * np.cumsum(falling) / SAMPLE_RATE
    return (
        np.tanh(1.8 * np.sin(angle))
        * np.exp(-time * 1.6)
        * gate(time, held, attack=0.003, release=0.25)
    )


INSTRUMENTS: Mapping[str, Instrument] = {
    "piano": piano,
    "electric piano": electric_piano,
    "pad": pad,
    "strings": strings,
    "spiccato": spiccato,
    "choir": choir,
    "brass": brass,
    "saxophone": saxophone,
    "flute": flute,
    "guitar": guitar,
    "harp": harp,
    "bell": bell,
    "synth pluck": synth_pluck,
    "super saw": super_saw,
    "synth lead": synth_lead,
    "square lead": square_lead,
    "sub bass": sub_bass,
    "synth bass": synth_bass,
    "upright bass": upright_bass,
    "deep 808": deep_808,
    "kick": kick,
    "soft kick": soft_kick,
    "snare": snare,
    "big snare": big_snare,
    "rim": rim,
    "clap": clap,
    "hat": hat,
    "open hat": open_hat,
    "shaker": shaker,
    "ride": ride,
    "brush": brush,
    "taiko": taiko,
    "crash": crash,
    "riser": riser,
}
