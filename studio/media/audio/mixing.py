"""Fades, beds and joins of sound. Sound is (2, n) float32 at 48 kHz throughout."""

from __future__ import annotations

import numpy as np

from studio.media.audio.samples import SAMPLE_RATE, Sound

_DUCKED = 0.28  # about -11 dB: a bed under speech is felt rather than followed
_QUIET = 0.01  # -40 dBFS: below that a clip is not saying anything


def fade(sound: Sound, in_s: float = 0.0, out_s: float = 0.0) -> Sound:
    """The sound faded in and out, each over at most half its length."""
    faded = sound.copy()
    half = sound.shape[1] // 2
    rise, fall = (min(half, round(seconds * SAMPLE_RATE)) for seconds in (in_s, out_s))
    if rise:
        faded[:, :rise] *= _ramp(rise)
    if fall:
        faded[:, -fall:] *= _ramp(fall)[::-1]
    return faded


def lay(onto: Sound, sound: Sound, at: int, *, rise: int = 0, fall: int = 0) -> None:
    """Add `sound` onto a track from sample `at`, in place, with equal-power ends.

    rise, fall: samples over which it comes and goes; two sounds overlapping by as much sum to an
    even loudness.
    """
    piece = sound.copy()
    if rise:
        piece[:, :rise] *= np.sqrt(_linear(rise))
    if fall:
        piece[:, -fall:] *= np.sqrt(_linear(fall))[::-1]
    end = min(at + piece.shape[1], onto.shape[1])
    onto[:, at:end] += piece[:, : end - at]


def duck(bed: Sound, under: Sound) -> Sound:
    """The bed turned down wherever `under`, of the same length, has something to say."""
    window = SAMPLE_RATE // 20
    count = -(-under.shape[1] // window)
    padded = np.pad(under, ((0, 0), (0, count * window - under.shape[1])))
    loudness = np.sqrt((padded.reshape(2, count, window) ** 2).mean(axis=(0, 2)))
    talking = np.clip(loudness / _QUIET - 1, 0, 1)
    # Held over a second, so that the bed does not pump between words.
    held = np.lib.stride_tricks.sliding_window_view(np.pad(talking, 10), 21).max(axis=1)
    smooth = np.convolve(np.pad(held, 5, mode="edge"), np.full(11, 1 / 11), mode="valid")
    gain = 1 - (1 - _DUCKED) * smooth
    centres = (np.arange(count) + 0.5) * window
    curve = np.interp(np.arange(bed.shape[1]), centres, gain)
    return bed * curve.astype(np.float32)


def _ramp(samples: int) -> Sound:
    return ((1 - np.cos(np.pi * _linear(samples))) / 2).astype(np.float32)


def _linear(samples: int) -> Sound:
    return ((np.arange(samples) + 0.5) / samples).astype(np.float32)
