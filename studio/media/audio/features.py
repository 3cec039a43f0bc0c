"""What a sound does from picture to picture: loudness, three bands, beginnings, a spectrum.

All curves run from 0 to 1 over the sound given, so that quiet recordings move pictures as much as
loud ones, and silence does not move them at all.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from studio.media.audio.samples import SAMPLE_RATE, Sound
from studio.media.audio.tempo import HOP, onsets

Curve = npt.NDArray[np.float32]

BARS = 48
_WINDOW = 4096
_SILENT = 10 ** (-60 / 20)
_EDGES = (30.0, 180.0, 2200.0, 14_000.0)  # Hz: bass, middle, treble


@dataclass(frozen=True, slots=True)
class Hearing:
    """One value a picture. loudness, bass, middle, treble: quick to rise, slower to fall. onset: 1
    where something begins, gone a fifth of a second later. bars: (pictures, BARS), low to high.
    wave: (pictures, 256), the shape of the sound itself, -1 to 1."""

    loudness: Curve
    bass: Curve
    middle: Curve
    treble: Curve
    onset: Curve
    bars: Curve
    wave: Curve

    def __len__(self) -> int:
        return int(self.loudness.size)


def hear(sound: Sound, fps: float, count: int) -> Hearing:
    """Follow (2, n) sound at 48 kHz through `count` pictures, fps a second."""
    mono = sound.mean(axis=0)
    padded = np.pad(mono, (_WINDOW // 2, _WINDOW))
    window = np.hanning(_WINDOW)
    hertz = np.fft.rfftfreq(_WINDOW, 1 / SAMPLE_RATE)
    starts = [_bin(hertz, edge) for edge in _EDGES]
    columns = [_bin(hertz, edge) for edge in np.geomspace(45, 13_000, BARS + 1)]
    loudness, bands = np.zeros(count), np.zeros((count, 3))
    bars, wave = np.zeros((count, BARS)), np.zeros((count, 256))
    for index in range(count):
        at = min(round((index + 0.5) / fps * SAMPLE_RATE), max(0, mono.size - 1))
        part = padded[at : at + _WINDOW]
        spectrum = np.abs(np.fft.rfft(part * window)) / (_WINDOW / 4)
        # The picture's own stretch, not the whole window: speech stops at once.
        near = part[_WINDOW // 2 - 1000 : _WINDOW // 2 + 1000]
        loudness[index] = np.sqrt((near**2).mean())
        for band in range(3):
            bands[index, band] = np.sqrt((spectrum[starts[band] : starts[band + 1]] ** 2).sum())
        for bar in range(BARS):
            low, high = columns[bar], max(columns[bar] + 1, columns[bar + 1])
            bars[index, bar] = spectrum[low:high].max()
        wave[index] = near[: 256 * 7].reshape(256, 7).mean(axis=1)
    fall = np.exp(-1 / fps / 0.16)
    peak = max(float(np.abs(wave).max()), _SILENT)
    return Hearing(
        loudness=_following(_levels(loudness), fall),
        bass=_following(_levels(bands[:, 0]), fall),
        middle=_following(_levels(bands[:, 1]), fall),
        treble=_following(_levels(bands[:, 2]), fall),
        onset=_beginnings(sound, fps, count),
        bars=np.stack([_following(bar, fall) for bar in _spectra(bars).T], axis=1),
        wave=(wave / peak).astype(np.float32),
    )


def _bin(hertz: npt.NDArray[np.floating], edge: float) -> int:
    return int(np.searchsorted(hertz, edge))


def _levels(power: npt.NDArray[np.float64]) -> Curve:
    """Amplitudes as 0 to 1, 30 dB from bottom to top."""
    top = float(np.percentile(power, 97))
    if top < _SILENT:
        return np.zeros(power.size, np.float32)
    decibels = 20 * np.log10(np.maximum(power, 1e-9) / top)
    return np.clip(1 + decibels / 30, 0, 1).astype(np.float32)


def _spectra(bars: npt.NDArray[np.float64]) -> Curve:
    """Bars as 0 to 1. Treble is lifted by 3 dB an octave, or all music leans to the left."""
    lifted = bars * np.geomspace(1, 18, bars.shape[1])
    top = float(np.percentile(lifted.max(axis=1), 95))
    if top < _SILENT:
        return np.zeros(bars.shape, np.float32)
    decibels = 20 * np.log10(np.maximum(lifted, 1e-9) / top)
    return np.clip(1 + decibels / 42, 0, 1).astype(np.float32)


def _following(level: Curve, fall: float) -> Curve:
    """Up at once, down by `fall` a picture at most."""
    out = np.empty_like(level)
    held = np.float32(0)
    for index, value in enumerate(level):
        held = max(value, held * np.float32(fall))
        out[index] = held
    return out


def _beginnings(sound: Sound, fps: float, count: int) -> Curve:
    curve = onsets(sound)
    top = float(np.percentile(curve, 98)) if curve.any() else 0.0
    if np.abs(sound).max(initial=0) < _SILENT or top <= 0:
        return np.zeros(count, np.float32)
    strong = np.clip(curve / top, 0, 1) ** 1.5
    level = np.zeros(count, np.float32)
    for index in range(count):
        first = round(index / fps * SAMPLE_RATE / HOP)
        last = max(first + 1, round((index + 1) / fps * SAMPLE_RATE / HOP))
        level[index] = strong[first:last].max(initial=0)
    return _following(level, float(np.exp(-1 / fps / 0.11)))
