"""What a voice on a recording is like: how high, how fast; and where syllables are."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from studio.media.audio.samples import Mono

_FRAME_S, _STEP_S = 0.046, 0.01
_LOWEST, _HIGHEST = 60.0, 420.0  # Hz: a bass's floor, a child's ceiling
_PERIODIC = 0.55  # share of a frame's power that must repeat for it to be voiced


@dataclass(frozen=True, slots=True)
class Likeness:
    """pitch_hz: the middle of its range; spread: how far it moves, in semitones (one standard
    deviation); pace: syllables a second while it speaks; voiced_s: how much of it is voice."""

    pitch_hz: float
    spread: float
    pace: float
    voiced_s: float


def listen(sound: Mono, rate_hz: int, transcript: str = "") -> Likeness | None:
    """Measure a voice; None when nothing on the recording is one.

    sound: mono. transcript: what is said, for the pace; without it syllables are counted by ear.
    """
    pitches = pitch_track(sound, rate_hz)
    voiced = pitches[pitches > 0]
    voiced_s = voiced.size * _STEP_S
    if voiced_s < 0.3:
        return None
    middle = float(np.median(voiced))
    # Octave slips would look like a singer.
    near = voiced[np.abs(np.log2(voiced / middle)) < 0.6]
    spread = float(np.std(12 * np.log2(near / middle)))
    spoken_s = _spoken_s(sound, rate_hz)
    count = count_vowels(transcript) if transcript.strip() else len(syllables(sound, rate_hz))
    return Likeness(middle, spread, count / max(spoken_s, 0.3), voiced_s)


def pitch_track(sound: Mono, rate_hz: int) -> npt.NDArray[np.float64]:
    """The pitch in Hz every 10 ms, 0 where nothing is voiced, by normalised autocorrelation."""
    size, step = round(_FRAME_S * rate_hz), round(_STEP_S * rate_hz)
    if sound.size < size:
        return np.zeros(0)
    window = np.hanning(size)
    span = 1 << (2 * size - 1).bit_length()
    shape = np.fft.irfft(np.abs(np.fft.rfft(window, span)) ** 2)
    shortest, longest = int(rate_hz / _HIGHEST), int(rate_hz / _LOWEST)
    frames = np.lib.stride_tricks.sliding_window_view(sound, size)[::step]
    floor = 0.03 * float(np.percentile(np.abs(frames).max(axis=1), 95))
    found = np.zeros(len(frames))
    for start in range(0, len(frames), 512):
        part = frames[start : start + 512]
        part = (part - part.mean(axis=1, keepdims=True)) * window
        echo = np.fft.irfft(np.abs(np.fft.rfft(part, span, axis=1)) ** 2, axis=1)
        echo = echo[:, : longest + 2] / np.maximum(echo[:, :1], 1e-9)
        echo = echo / (shape[: longest + 2] / shape[0])
        reach = echo[:, shortest:longest]
        best = reach.max(axis=1)
        # What already repeats faster than any voice is a whistle.
        fallen = np.maximum.accumulate(echo[:, :shortest] < 0, axis=1)
        whistle = np.where(fallen, echo[:, :shortest], 0).max(axis=1) > 0.95 * best
        # The first lag nearly as good as the best one: its multiples repeat as well.
        lag = (reach > 0.9 * best[:, None]).argmax(axis=1) + shortest
        for row in range(len(part)):
            k = int(lag[row])
            while k < longest and echo[row, k + 1] > echo[row, k]:
                k += 1
            voiced = best[row] > _PERIODIC and not whistle[row]
            if voiced and np.abs(part[row]).max() > floor:
                found[start + row] = rate_hz / k
    return found


def syllables(sound: Mono, rate_hz: int) -> list[float]:
    """When the nuclei of syllables are heard, in seconds: humps of loudness in the vowels' band."""
    step = round(_STEP_S * rate_hz)
    band = _vowel_band(sound, rate_hz)
    count = band.size // step
    if count < 5:
        return []
    power = np.sqrt((band[: count * step].reshape(count, step) ** 2).mean(axis=1))
    smooth = np.convolve(power, np.hanning(9)[1:-1] / np.hanning(9)[1:-1].sum(), mode="same")
    level = 20 * np.log10(np.maximum(smooth, 1e-6))
    loud = float(np.percentile(level, 95))
    nuclei: list[float] = []
    valley = float(level[0])
    peak, peak_at = -200.0, -1
    for index, value in enumerate(level):
        if value > peak:
            peak, peak_at = float(value), index
        # A hump counts when it stands 2 dB out of the valleys on both sides.
        if peak - value > 2.0:
            if peak - valley > 2.0 and peak > loud - 22:
                nuclei.append(peak_at * _STEP_S)
            valley, peak = float(value), float(value)
        valley = min(valley, float(value))
    return nuclei


def count_vowels(text: str) -> int:
    """About how many syllables a text has: groups of vowels, or characters of a syllable each."""
    whole = re.findall(r"[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]", text)
    groups = re.findall(r"[aeiouyàáâãäåèéêëìíîïòóôõöùúûüýаеёиоуыэюя]+", text.lower())
    # English words rarely speak their last e.
    silent = re.findall(r"[aeiouy][^aeiouy\W]+e\b", text.lower())
    return max(1, len(whole) + len(groups) - len(silent))


def _vowel_band(sound: Mono, rate_hz: int) -> Mono:
    spectrum = np.fft.rfft(sound)
    hertz = np.fft.rfftfreq(sound.size, 1 / rate_hz)
    spectrum *= (hertz > 300) & (hertz < 2300)
    return np.fft.irfft(spectrum, sound.size).astype(np.float32)


def _spoken_s(sound: Mono, rate_hz: int) -> float:
    """Seconds that are not pauses: closed lips within a word are none."""
    step = round(_STEP_S * rate_hz)
    count = sound.size // step
    power = np.sqrt((sound[: count * step].reshape(count, step) ** 2).mean(axis=1))
    speaking = power > 0.06 * float(np.percentile(power, 95))
    held = np.lib.stride_tricks.sliding_window_view(np.pad(speaking, 6), 13).max(axis=1)
    # The hold lengthens every stretch by itself at both ends.
    edges = int(np.abs(np.diff(np.pad(held.astype(int), 1))).sum()) / 2
    return max(0.3, (float(held.sum()) - edges * 12) * _STEP_S)
