"""The room around a sound: an echo that dies away, and convolution of long sound."""

from __future__ import annotations

import numpy as np

from studio.media.audio.samples import SAMPLE_RATE, Sound


def ring(
    sound: Sound, seconds: float, rng: np.random.Generator, *, thin_hz: float = 180.0
) -> Sound:
    """What a room gives back of (2, n) sound: it dies away by 60 dB over so many seconds.

    thin_hz: below that the room answers less, as small ones do.
    """
    size = round(seconds * SAMPLE_RATE)
    time = np.arange(size) / SAMPLE_RATE
    noise = rng.standard_normal((2, size)) * np.exp(-time * 6.9 / seconds)
    noise *= np.minimum(1, time / 0.012)
    # Walls swallow treble and small rooms carry no bass.
    spectrum = np.fft.rfft(noise, axis=1)
    hertz = np.fft.rfftfreq(size, 1 / SAMPLE_RATE)
    spectrum *= (hertz / (hertz + thin_hz)) / (1 + (hertz / 4500) ** 2)
    noise = np.fft.irfft(spectrum, size, axis=1)
    noise /= np.sqrt((noise**2).sum(axis=1, keepdims=True))
    return convolve(sound, noise.astype(np.float32))


def convolve(sound: Sound, response: Sound) -> Sound:
    """Convolution by blocks, so that long sound needs no long transform."""
    block = 1 << max(16, (response.shape[1] - 1).bit_length())
    spectrum = np.fft.rfft(response, 2 * block, axis=1)
    result = np.zeros_like(sound)
    for start in range(0, sound.shape[1], block):
        part = np.fft.rfft(sound[:, start : start + block], 2 * block, axis=1)
        rung = np.fft.irfft(part * spectrum, 2 * block, axis=1)
        end = min(start + 2 * block, sound.shape[1])
        result[:, start:end] += rung[:, : end - start]
    return result
