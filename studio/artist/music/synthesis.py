"""What instruments are made of: envelopes, wavetables, noise, strings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from studio.media.audio.samples import SAMPLE_RATE

Wave = npt.NDArray[np.float64]

_TOP = 15_000.0  # partials above that are only aliasing and hiss
_TABLE = 4096


def note_time(seconds: float) -> Wave:
    return np.arange(max(1, round(seconds * SAMPLE_RATE))) / SAMPLE_RATE


def gate(time: Wave, held: float, *, attack: float, release: float) -> Wave:
    """How loud the key lets it be: rising from the strike, falling after the release."""
    rise = np.minimum(1, time / attack)
    fall = np.clip(1 - (time - held) / release, 0, 1)
    return rise * fall**2


def wavetable(hertz: float, weigh: Callable[[Wave], Any], rng: np.random.Generator) -> Wave:
    """One period of a sound whose partials, at the frequencies given to `weigh`, are that loud."""
    numbers = np.arange(1, max(2, int(_TOP / hertz) + 1))[: _TABLE // 4]
    spectrum = np.zeros(_TABLE // 2 + 1, np.complex128)
    phases = np.exp(1j * rng.uniform(0, 0.6, numbers.size))
    partials = numbers.astype(np.float64) * hertz
    spectrum[numbers] = -1j * phases * weigh(partials)
    return np.fft.irfft(spectrum, _TABLE) * (_TABLE / 2)


def played(table: Wave, turns: Wave) -> Wave:
    """Read a period over and over; turns: how many periods have passed at each sample."""
    at = turns % 1 * table.size
    left = at.astype(np.int64) % table.size
    after = np.roll(table, -1)
    return table[left] + (at - np.floor(at)) * (after[left] - table[left])


def ensemble(
    hertz: float,
    held: float,
    rng: np.random.Generator,
    *,
    attack: float,
    release: float,
    dull: float,
    spread: float,
) -> Wave:
    """Many players of one note, each a little off: partials falling by `dull`, detuned."""
    time = note_time(held + release)
    table = wavetable(hertz, lambda f: (f / hertz) ** -dull * (f < 9000), rng)
    players = (
        played(table, hertz * (1 + off) * time + rng.uniform())
        for off in (-spread, 0.0, spread * 1.07)
    )
    return sum(players) / 4 * gate(time, held, attack=min(attack, held / 2), release=release)


def plucked(
    hertz: float, seconds: float, loss: float, softness: int, rng: np.random.Generator
) -> Wave:
    """A plucked string after Karplus and Strong: a burst of noise going round a loop.

    The loop runs a whole period at a time, which numpy can do, and is then read at the exact
    pitch, which a whole number of samples cannot be.
    """
    period = max(8, round(SAMPLE_RATE / hertz))
    rounds = int(seconds * hertz) + 2
    turn = smoothed(rng.uniform(-1, 1, period), softness, wrap=True)
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


def saw(
    hertz: float,
    time: Wave,
    closed: float,
    opened: float,
    opening: Wave | float,
    rng: np.random.Generator,
    *,
    bend: Wave | float = 0.0,
) -> Wave:
    """A saw wave under a low-pass filter that moves from `closed` to `opened` (Hz) by `opening`.

    bend: turns added to the phase, for vibrato. Two filtered periods are blended, which costs a
    fraction of filtering each sample and sounds the same for notes.
    """

    def under(cutoff: float) -> Callable[[Wave], Wave]:
        return lambda partials: hertz / partials / (1 + (partials / cutoff) ** 4)

    start = rng.uniform()
    turns = hertz * time + bend + start
    same = int(rng.integers(2**31))
    dull, bright = (
        wavetable(hertz, under(cutoff), np.random.default_rng(same)) for cutoff in (closed, opened)
    )
    shut = played(dull, turns)
    return (shut + (played(bright, turns) - shut) * opening) * 0.6


def hiss(seconds: float, dying: float, rng: np.random.Generator) -> Wave:
    time = note_time(seconds)
    noise = rng.standard_normal(time.size)
    # Bright, but not above what AAC keeps: there it would be counted as loudness, then lost.
    bright = np.convolve(np.diff(noise, n=2, prepend=[0, 0]), np.hanning(7)[1:-1], mode="same")
    return bright * 0.4 * np.exp(-time * dying)


def smoothed(noise: Wave, width: int, *, wrap: bool = False) -> Wave:
    kernel = np.hanning(width + 2)[1:-1]
    kernel /= np.sqrt((kernel**2).sum()) if not wrap else kernel.sum()
    if wrap:
        noise = np.concatenate([noise[-width:], noise, noise[:width]])
        return np.convolve(noise, kernel, mode="same")[width:-width]
    return np.convolve(noise, kernel, mode="same")
