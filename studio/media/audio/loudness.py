"""How loud sound is (ITU-R BS.1770-4, in LUFS), and bringing it to a level without clipping."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from studio.media.audio.samples import SAMPLE_RATE, Sound

Powers = npt.NDArray[np.float64]

SILENT = -70.0  # the absolute gate: anything quieter counts as silence
_BLOCK = SAMPLE_RATE * 4 // 10
_HOP = SAMPLE_RATE // 10
_WINDOW = SAMPLE_RATE // 1000  # the limiter decides once a millisecond
_REACH = 5  # and begins to turn down that many milliseconds ahead of a peak

# K-weighting at 48 kHz, BS.1770-4 tables 1 and 2: a head-like shelf, then a high-pass.
_STAGES = (
    (
        (1.53512485958697, -2.69169618940638, 1.19839281085285),
        (1.0, -1.69065929318241, 0.73248077421585),
    ),
    ((1.0, -2.0, 1.0), (1.0, -1.99004745483398, 0.99007225036621)),
)


def measure_lufs(sound: Sound) -> float:
    """Integrated loudness in LUFS of (2, n) sound at 48 kHz; SILENT (-70) when there is none.

    Sound shorter than one 400 ms block is measured as a single block.
    """
    if not sound.shape[1]:
        return SILENT
    if sound.shape[1] < _BLOCK:
        return _gated(np.array([_weighted_powers(sound).sum() / sound.shape[1]]))
    return integrated(hop_powers(sound))


def hop_powers(sound: Sound, run_in: int = 0) -> Powers:
    """K-weighted power, summed over channels, of each whole 100 ms after `run_in` samples.

    With half a second of run-in, sound can be measured in pieces and joined.
    """
    weighted = _weighted_powers(sound)[run_in:]
    hops = weighted.size // _HOP
    return weighted[: hops * _HOP].reshape(hops, _HOP).sum(axis=1, dtype=np.float64)


def integrated(hops: Powers) -> float:
    """Integrated loudness in LUFS of the powers `hop_powers` gives; SILENT when there are none."""
    if not hops.size:
        return SILENT
    # Power by hop first: each block is four hops, and long sound never needs a weighted copy.
    blocks = _sliding(hops, 4).sum(axis=1) / _BLOCK if hops.size >= 4 else hops / _HOP
    return _gated(blocks)


def _gated(powers: Powers) -> float:
    """The mean of 400 ms blocks' powers above both gates, in LUFS."""
    loud = powers[_lufs(powers) > SILENT]
    if not loud.size:
        return SILENT
    relative = float(_lufs(loud.mean())) - 10.0
    loud = loud[_lufs(loud) > relative]
    return float(_lufs(loud.mean()))


def normalise(sound: Sound, target_lufs: float = -16.0, ceiling_db: float = -1.5) -> Sound:
    """The sound at target_lufs, no sample above ceiling_db (dBFS). Silence stays silence.

    A limiter takes what gain it must from the peaks, so very spiky sound may end a little quieter.
    """
    ceiling = 10 ** (ceiling_db / 20)
    loudness = measure_lufs(sound)
    if loudness <= SILENT:
        return sound
    gain = 10 ** ((target_lufs - loudness) / 20)
    # Limiting costs loudness; two corrections bring any ordinary music within a few tenths.
    for _ in range(3):
        limited = limit(sound * np.float32(gain), ceiling)
        short = target_lufs - measure_lufs(limited)
        if abs(short) < 0.15:
            break
        gain *= 10 ** (min(short, 6.0) / 20)
    return limited


def limit(sound: Sound, ceiling: float = 0.84) -> Sound:
    """Turn peaks above `ceiling` down smoothly, a few milliseconds around each."""
    samples = sound.shape[1]
    if not samples:
        return sound
    peaks = np.abs(sound).max(axis=0)
    windows = -(-samples // _WINDOW)
    peaks = np.pad(peaks, (0, windows * _WINDOW - samples)).reshape(windows, _WINDOW).max(axis=1)
    if peaks.max() <= ceiling:
        return sound
    gain = np.minimum(1.0, ceiling / np.maximum(peaks, 1e-9))
    # The minimum is held for longer than the smoothing reaches, so smoothing never lets a peak by.
    held = _sliding(np.pad(gain, _REACH + 1, mode="edge"), 2 * _REACH + 3).min(axis=1)
    kernel = np.hanning(2 * _REACH + 3)[1:-1]
    smooth = _sliding(np.pad(held, _REACH, mode="edge"), kernel.size) @ (kernel / kernel.sum())
    centres = (np.arange(windows) + 0.5) * _WINDOW
    curve = np.interp(np.arange(samples), centres, smooth)
    return (sound * curve.astype(np.float32)).astype(np.float32)


def _weighted_powers(sound: Sound) -> npt.NDArray[np.float32]:
    """Power of each sample after K-weighting, summed over channels.

    Filtered by multiplying spectra, ten seconds at a time with half a second of run-in: by then
    both filters have forgotten what was before (the high-pass falls by 60 dB in 60 ms).
    """
    piece, run_in = 10 * SAMPLE_RATE, SAMPLE_RATE // 2
    powers = np.empty(sound.shape[1], np.float32)
    for start in range(0, sound.shape[1], piece):
        before = min(start, run_in)
        part = sound[:, start - before : start + piece]
        size = _fast_size(part.shape[1] + run_in)
        spectrum = np.fft.rfft(part, size, axis=1) * _response(size)
        weighted = np.fft.irfft(spectrum, size, axis=1)[:, before : part.shape[1]]
        powers[start : start + weighted.shape[1]] = (weighted**2).sum(axis=0)
    return powers


@lru_cache(maxsize=4)
def _response(size: int) -> npt.NDArray[np.complex64]:
    delay = np.exp(-2j * np.pi * np.fft.rfftfreq(size))
    response = np.ones_like(delay)
    for above, below in _STAGES:
        response *= np.polyval(above[::-1], delay) / np.polyval(below[::-1], delay)
    # Single precision, as the sound is: transforms take half the time, and -140 dB is enough.
    return response.astype(np.complex64)


def _fast_size(size: int) -> int:
    """The next size that is a small multiple of a power of two, quick to transform."""
    power = 1 << max(0, (size - 1).bit_length() - 3)
    return -(-size // power) * power


def _lufs(power: npt.NDArray[np.float64] | np.float64) -> npt.NDArray[np.float64]:
    return -0.691 + 10 * np.log10(np.maximum(power, 1e-12))


def _sliding(values: npt.NDArray[np.float64], size: int) -> npt.NDArray[np.float64]:
    return np.lib.stride_tricks.sliding_window_view(values, size)
