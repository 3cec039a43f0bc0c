"""The instruments: each makes one note as a mono wave. No samples, only arithmetic.

A note is float64 at 48 kHz, roughly within ±1; balance between instruments is the mixer's work.
Every function takes the pitch in Hz, how long the key is held in seconds, how hard it is struck
(0 to 1) and a random generator that belongs to this note alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from studio.media.audio.samples import SAMPLE_RATE

Wave = npt.NDArray[np.float64]
Instrument = Callable[[float, float, float, np.random.Generator], Wave]

_TOP = 15_000.0  # partials above that are only aliasing and hiss
_TABLE = 4096


def piano(hertz: float, held: float, force: float, chance: np.random.Generator) -> Wave:
    # Struck strings: stiff, so partials run sharp, and high ones die first.
    time = _time(held + 0.5)
    stiffness = 0.00035
    wave = np.zeros_like(time)
    for number in range(1, 13):
        partial = hertz * number * np.sqrt(1 + stiffness * number**2)
        if partial > _TOP:
            break
        loudness = number ** -(2.1 - 1.0 * force) * (1 if number % 7 else 0.3)
        dying = 0.7 + hertz / 500 + 0.45 * number
        phase = chance.uniform(0, 2 * np.pi)
        wave += loudness * np.exp(-dying * time) * np.sin(2 * np.pi * partial * time + phase)
    hammer = chance.standard_normal(time.size) * np.exp(-time * 180) * 0.06 * force
    return (wave * 0.7 + hammer) * _gate(time, held, attack=0.003, release=0.25)


def electric_piano(hertz: float, held: float, force: float, chance: np.random.Generator) -> Wave:
    time = _time(held + 0.4)
    tine = np.exp(-time * 9) * 0.5 * force * np.sin(2 * np.pi * hertz * 14 * time)
    body = 1.3 * force * np.exp(-time * 3) * np.sin(2 * np.pi * hertz * time)
    wave = np.sin(2 * np.pi * hertz * time + body) + (tine * 0.25 if hertz * 14 < _TOP else 0)
    tremolo = 1 + 0.12 * np.sin(2 * np.pi * 4.6 * time + chance.uniform(0, 6))
    return wave * np.exp(-time * 1.3) * tremolo * _gate(time, held, attack=0.004, release=0.3)


def pad(hertz: float, held: float, force: float, chance: np.random.Generator) -> Wave:
    return _ensemble(hertz, held, chance, attack=0.9, release=1.2, dull=1.7, spread=0.0035)


def strings(hertz: float, held: float, force: float, chance: np.random.Generator) -> Wave:
    return _ensemble(hertz, held, chance, attack=0.14, release=0.4, dull=1.15, spread=0.0028)


def spiccato(hertz: float, held: float, force: float, chance: np.random.Generator) -> Wave:
    wave = _ensemble(hertz, 0.16, chance, attack=0.008, release=0.12, dull=1.0, spread=0.003)
    return wave * np.exp(-np.arange(wave.size) / SAMPLE_RATE * 7)


def choir(hertz: float, held: float, force: float, chance: np.random.Generator) -> Wave:
    # An "ah": partials are loud near the vowel's formants.
    def ah(partials: Wave) -> Wave:
        formants = (700, 1100, 2600)
        near = sum(np.exp(-(((partials - f) / (0.25 * f)) ** 2)) for f in formants) + 0.08
        return near * (hertz / partials) ** 0.5 * (partials < 4000)

    time = _time(held + 0.8)
    table = _table(hertz, ah, chance)
    wave = np.zeros_like(time)
    for off in (-0.004, 0.0005, 0.0042):
        vibrato = 0.02 * np.sin(2 * np.pi * (5 + 40 * off) * time + chance.uniform(0, 6))
        wave += _play(table, hertz * (1 + off) * time + vibrato + chance.uniform())
    return wave / 5 * _gate(time, held, attack=min(0.5, held / 2), release=0.7)


def brass(hertz: float, held: float, force: float, chance: np.random.Generator) -> Wave:
    time = _time(held + 0.2)
    swell = _gate(time, held, attack=0.07, release=0.15)
    vibrato = 0.08 * np.clip((time - 0.3) * 3, 0, 1) * np.sin(2 * np.pi * 5.2 * time)
    bright = (1.2 + 1.8 * force) * swell
    angle = 2 * np.pi * hertz * time + vibrato
    return np.sin(angle + bright * np.sin(angle)) * swell


def saxophone(hertz: float, held: float, force: float, chance: np.random.Generator) -> Wave:
    time = _time(held + 0.15)
    vibrato = 0.14 * np.clip((time - 0.2) * 3, 0, 1) * np.sin(2 * np.pi * 5.4 * time)
    angle = 2 * np.pi * hertz * time + vibrato
    wave = sum(
        np.sin(n * angle) * a for n, a in ((1, 1.0), (2, 0.7), (3, 0.55), (4, 0.3), (5, 0.2))
    )
    breath = _smooth(chance.standard_normal(time.size), 6) * 0.12
    return (wave + breath) / 2 * _gate(time, held, attack=0.045, release=0.1)


def flute(hertz: float, held: float, force: float, chance: np.random.Generator) -> Wave:
    time = _time(held + 0.15)
    vibrato = 0.1 * np.clip((time - 0.25) * 2, 0, 1) * np.sin(2 * np.pi * 5 * time)
    angle = 2 * np.pi * hertz * time + vibrato
    breath = _smooth(chance.standard_normal(time.size), 4) * 0.06
    wave = np.sin(angle) + 0.22 * np.sin(2 * angle) + 0.06 * np.sin(3 * angle)
    return (wave + breath) * _gate(time, held, attack=0.06, release=0.12)


def guitar(hertz: float, held: float, force: float, chance: np.random.Generator) -> Wave:
    return _plucked(hertz, held + 0.8, 0.996, 2 + round(3 * (1 - force)), chance)


def harp(hertz: float, held: float, force: float, chance: np.random.Generator) -> Wave:
    return _plucked(hertz, held + 1.4, 0.998, 5, chance)


def bell(hertz: float, held: float, force: float, chance: np.random.Generator) -> Wave:
    time = _time(max(held, 0.4) + 1.6)
    partials = ((1.0, 1.0, 1.6), (2.0, 0.5, 2.4), (2.76, 0.35, 3.2), (5.4, 0.2, 5.5))
    wave = np.zeros_like(time)
    for ratio, loudness, dying in partials:
        if hertz * ratio < _TOP:
            wave += loudness * np.exp(-time * dying) * np.sin(2 * np.pi * hertz * ratio * time)
    return wave / 2 * _gate(time, time[-1], attack=0.002, release=0.05)


def synth_pluck(hertz: float, held: float, force: float, chance: np.random.Generator) -> Wave:
    time = _time(held + 0.25)
    wave = _saw(hertz, time, 400, 600 + 5200 * force, np.exp(-time * 9), chance)
    return wave * np.exp(-time * 4) * _gate(time, held, attack=0.002, release=0.2)


def super_saw(hertz: float, held: float, force: float, chance: np.random.Generator) -> Wave:
    time = _time(held + 0.2)
    detuned = (-0.006, -0.0025, 0.0, 0.0028, 0.0063)
    brightness = 3200 + 2500 * force
    wave = sum(_saw(hertz * (1 + d), time, 900, brightness, 1.0, chance) for d in detuned)
    return np.asarray(wave) / 3 * _gate(time, held, attack=0.01, release=0.15)


def synth_lead(hertz: float, held: float, force: float, chance: np.random.Generator) -> Wave:
    time = _time(held + 0.15)
    vibrato = 0.024 * np.clip((time - 0.2) * 3, 0, 1) * np.sin(2 * np.pi * 5.5 * time)
    brightness = 3800 + 1500 * force
    wave = sum(
        _saw(hertz * off, time, 1500, brightness, np.exp(-time * 2), chance, bend=vibrato)
        for off in (1.0, 1.004)
    )
    return np.asarray(wave) * 0.5 * _gate(time, held, attack=0.012, release=0.12)


def square_lead(hertz: float, held: float, force: float, chance: np.random.Generator) -> Wave:
    time = _time(held + 0.02)
    table = _table(hertz, lambda f: hertz / f * (np.rint(f / hertz) % 2), chance)
    return _play(table, hertz * time) * 0.7 * _gate(time, held, attack=0.002, release=0.02)


def sub_bass(hertz: float, held: float, force: float, chance: np.random.Generator) -> Wave:
    time = _time(held + 0.1)
    angle = 2 * np.pi * hertz * time
    # A little of the octaves lets small speakers hear what they cannot play.
    wave = np.sin(angle) + 0.25 * np.sin(2 * angle) + 0.1 * np.sin(3 * angle)
    return wave * _gate(time, held, attack=0.012, release=0.09)


def synth_bass(hertz: float, held: float, force: float, chance: np.random.Generator) -> Wave:
    time = _time(held + 0.08)
    wave = _saw(hertz, time, 240, 400 + 1500 * force, np.exp(-time * 10), chance)
    return (wave + 0.5 * np.sin(2 * np.pi * hertz * time)) * _gate(
        time, held, attack=0.004, release=0.06
    )


def upright_bass(hertz: float, held: float, force: float, chance: np.random.Generator) -> Wave:
    wave = _plucked(hertz, held + 0.25, 0.992, 14, chance)
    time = np.arange(wave.size) / SAMPLE_RATE
    body = 0.8 * np.sin(2 * np.pi * hertz * time) * np.exp(-time * 3)
    return (wave + body) * _gate(time, held, attack=0.004, release=0.15)


def deep_808(hertz: float, held: float, force: float, chance: np.random.Generator) -> Wave:
    time = _time(max(held, 0.4) + 0.3)
    falling = hertz * (1 + 1.5 * np.exp(-time * 45))
    angle = 2 * np.pi * np.cumsum(falling) / SAMPLE_RATE
    return (
        np.tanh(1.8 * np.sin(angle))
        * np.exp(-time * 1.6)
        * _gate(time, held, attack=0.003, release=0.25)
    )


def kick(hertz: float, held: float, force: float, chance: np.random.Generator) -> Wave:
    time = _time(0.32)
    angle = 2 * np.pi * np.cumsum(46 + 150 * np.exp(-time * 42)) / SAMPLE_RATE
    click = chance.standard_normal(time.size) * np.exp(-time * 600) * 0.25
    return np.tanh(1.5 * np.sin(angle) * np.exp(-time * 11)) + click


def soft_kick(hertz: float, held: float, force: float, chance: np.random.Generator) -> Wave:
    time = _time(0.3)
    angle = 2 * np.pi * np.cumsum(50 + 60 * np.exp(-time * 30)) / SAMPLE_RATE
    return np.sin(angle) * np.exp(-time * 12)


def snare(hertz: float, held: float, force: float, chance: np.random.Generator) -> Wave:
    time = _time(0.24)
    rattle = chance.standard_normal(time.size) * np.exp(-time * 19)
    skin = np.sin(2 * np.pi * 185 * time) * np.exp(-time * 24)
    return 0.55 * rattle + 0.6 * skin


def big_snare(hertz: float, held: float, force: float, chance: np.random.Generator) -> Wave:
    # The gated reverb of the eighties: noise that stands, then stops.
    time = _time(0.42)
    tail = chance.standard_normal(time.size) * np.where(
        time < 0.26, 0.5, 0.5 * np.exp(-(time - 0.26) * 40)
    )
    skin = np.sin(2 * np.pi * 170 * time) * np.exp(-time * 16)
    return _smooth(tail, 3) + 0.7 * skin


def rim(hertz: float, held: float, force: float, chance: np.random.Generator) -> Wave:
    time = _time(0.09)
    return np.sin(2 * np.pi * 820 * time) * np.exp(-time * 70) + 0.4 * chance.standard_normal(
        time.size
    ) * np.exp(-time * 120)


def clap(hertz: float, held: float, force: float, chance: np.random.Generator) -> Wave:
    time = _time(0.26)
    hands = sum(np.where(time >= at, np.exp(-(time - at) * 90), 0) for at in (0, 0.011, 0.023))
    room = np.where(time >= 0.03, 0.5 * np.exp(-(time - 0.03) * 18), 0)
    noise = chance.standard_normal(time.size)
    return (noise - _smooth(noise, 12)) * (hands + room) * 0.6


def hat(hertz: float, held: float, force: float, chance: np.random.Generator) -> Wave:
    return _hiss(0.07, 75, chance)


def open_hat(hertz: float, held: float, force: float, chance: np.random.Generator) -> Wave:
    return _hiss(0.3, 12, chance)


def shaker(hertz: float, held: float, force: float, chance: np.random.Generator) -> Wave:
    time = _time(0.1)
    return _hiss(0.1, 25, chance) * np.minimum(1, time / 0.03)


def ride(hertz: float, held: float, force: float, chance: np.random.Generator) -> Wave:
    time = _time(0.7)
    ring = sum(np.sin(2 * np.pi * f * time) for f in (3170, 4213, 5390, 6911)) / 4
    return (
        0.5 * ring * np.exp(-time * 7)
        + 0.5 * np.pad(_hiss(0.3, 14, chance), (0, time.size))[: time.size]
    )


def brush(hertz: float, held: float, force: float, chance: np.random.Generator) -> Wave:
    time = _time(0.3)
    noise = _smooth(chance.standard_normal(time.size), 3)
    return noise * np.minimum(1, time / 0.04) * np.exp(-time * 11)


def taiko(hertz: float, held: float, force: float, chance: np.random.Generator) -> Wave:
    time = _time(1.1)
    angle = 2 * np.pi * np.cumsum(58 + 38 * np.exp(-time * 22)) / SAMPLE_RATE
    stick = _smooth(chance.standard_normal(time.size), 8) * np.exp(-time * 45)
    return np.sin(angle) * np.exp(-time * 4.2) + stick


def crash(hertz: float, held: float, force: float, chance: np.random.Generator) -> Wave:
    return _hiss(1.8, 2.6, chance)


def riser(hertz: float, held: float, force: float, chance: np.random.Generator) -> Wave:
    """Noise that swells and opens up over the time it is held, leading into what follows."""
    time = _time(max(held, 0.2))
    share = time / time[-1]
    noise = chance.standard_normal(time.size)
    return (_smooth(noise, 24) * (1 - share) + (noise - _smooth(noise, 6)) * share) * share**2


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


def _time(seconds: float) -> Wave:
    return np.arange(max(1, round(seconds * SAMPLE_RATE))) / SAMPLE_RATE


def _gate(time: Wave, held: float, *, attack: float, release: float) -> Wave:
    """How loud the key lets it be: rising from the strike, falling after the release."""
    rise = np.minimum(1, time / attack)
    fall = np.clip(1 - (time - held) / release, 0, 1)
    return rise * fall**2


def _table(hertz: float, weigh: Callable[[Wave], Any], chance: np.random.Generator) -> Wave:
    """One period of a sound whose partials, at the frequencies given to `weigh`, are that loud."""
    numbers = np.arange(1, max(2, int(_TOP / hertz) + 1))[: _TABLE // 4]
    spectrum = np.zeros(_TABLE // 2 + 1, np.complex128)
    phases = np.exp(1j * chance.uniform(0, 0.6, numbers.size))
    partials = numbers.astype(np.float64) * hertz
    spectrum[numbers] = -1j * phases * weigh(partials)
    return np.fft.irfft(spectrum, _TABLE) * (_TABLE / 2)


def _play(table: Wave, turns: Wave) -> Wave:
    """Read a period over and over; turns: how many periods have passed at each sample."""
    at = turns % 1 * table.size
    left = at.astype(np.int64) % table.size
    after = np.roll(table, -1)
    return table[left] + (at - np.floor(at)) * (after[left] - table[left])


def _ensemble(
    hertz: float,
    held: float,
    chance: np.random.Generator,
    *,
    attack: float,
    release: float,
    dull: float,
    spread: float,
) -> Wave:
    """Many players of one note, each a little off: partials falling by `dull`, detuned."""
    time = _time(held + release)
    table = _table(hertz, lambda f: (f / hertz) ** -dull * (f < 9000), chance)
    players = (
        _play(table, hertz * (1 + off) * time + chance.uniform())
        for off in (-spread, 0.0, spread * 1.07)
    )
    return sum(players) / 4 * _gate(time, held, attack=min(attack, held / 2), release=release)


def _plucked(
    hertz: float, seconds: float, loss: float, softness: int, chance: np.random.Generator
) -> Wave:
    """A plucked string after Karplus and Strong: a burst of noise going round a loop.

    The loop runs a whole period at a time, which numpy can do, and is then read at the exact
    pitch, which a whole number of samples cannot be.
    """
    period = max(8, round(SAMPLE_RATE / hertz))
    rounds = int(seconds * hertz) + 2
    turn = _smooth(chance.uniform(-1, 1, period), softness, wrap=True)
    turn -= turn.mean()
    turn /= np.abs(turn).max() + 1e-9
    turns = np.empty((rounds, period))
    for index in range(rounds):
        turns[index] = turn
        turn = loss * (0.5 * turn + 0.5 * np.roll(turn, 1))
    # Averaging neighbours delays by half a sample a round.
    step = hertz * (period + 0.5) / SAMPLE_RATE
    at = np.arange(round(seconds * SAMPLE_RATE)) * step
    flat = turns.ravel()
    wave = np.interp(at[at < flat.size - 1], np.arange(flat.size), flat)
    fade = min(wave.size, SAMPLE_RATE // 20)
    wave[-fade:] *= np.linspace(1, 0, fade)
    return wave


def _saw(
    hertz: float,
    time: Wave,
    closed: float,
    opened: float,
    opening: Wave | float,
    chance: np.random.Generator,
    *,
    bend: Wave | float = 0.0,
) -> Wave:
    """A saw wave under a low-pass filter that moves from `closed` to `opened` (Hz) by `opening`.

    bend: turns added to the phase, for vibrato. Two filtered periods are blended, which costs a
    fraction of filtering each sample and sounds the same for notes.
    """

    def under(cutoff: float) -> Callable[[Wave], Wave]:
        return lambda partials: hertz / partials / (1 + (partials / cutoff) ** 4)

    start = chance.uniform()
    turns = hertz * time + bend + start
    same = int(chance.integers(2**31))
    dull, bright = (
        _table(hertz, under(cutoff), np.random.default_rng(same)) for cutoff in (closed, opened)
    )
    shut = _play(dull, turns)
    return (shut + (_play(bright, turns) - shut) * opening) * 0.6


def _hiss(seconds: float, dying: float, chance: np.random.Generator) -> Wave:
    time = _time(seconds)
    noise = chance.standard_normal(time.size)
    # Bright, but not above what AAC keeps: there it would be counted as loudness, then lost.
    bright = np.convolve(np.diff(noise, n=2, prepend=[0, 0]), np.hanning(7)[1:-1], mode="same")
    return bright * 0.4 * np.exp(-time * dying)


def _smooth(noise: Wave, width: int, *, wrap: bool = False) -> Wave:
    kernel = np.hanning(width + 2)[1:-1]
    kernel /= np.sqrt((kernel**2).sum()) if not wrap else kernel.sum()
    if wrap:
        noise = np.concatenate([noise[-width:], noise, noise[:width]])
        return np.convolve(noise, kernel, mode="same")[width:-width]
    return np.convolve(noise, kernel, mode="same")
