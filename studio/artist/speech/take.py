"""One take of a text: sentence by sentence through the synthesiser, then through the desk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mediakit.job_protocol import Report
from studio.artist.speech import espeak
from studio.artist.speech.espeak import Manner, Utterance
from studio.artist.speech.script import Sentence, phrases
from studio.artist.speech.voices import USUAL_RATE, Voice
from studio.media.audio import mixing
from studio.media.audio.loudness import limit, normalise
from studio.media.audio.reverb import ring
from studio.media.audio.samples import SAMPLE_RATE, Mono, Sound
from studio.media.video.cues import Cue

TARGET_LUFS = -16.0
# Samples may not pass this; between samples, and through a lossy coder, a wave still rises a bit.
_CEILING_DB = -2.5
_LEAD_S, _TAIL_S = 0.12, 0.45
_ROOM_S, _WET = 0.22, 0.035
_QUIET = 0.004  # of full scale: below that a sentence has not started, or is over


@dataclass(frozen=True, slots=True)
class Take:
    """sound: (2, n) float32 at 48 kHz, level at TARGET_LUFS. cues: phrases with their times."""

    sound: Sound
    cues: tuple[Cue, ...]


def record(
    lines: Sequence[Sentence],
    voice: Voice,
    language: str,
    freedom: float,
    rng: np.random.Generator,
    report: Report,
) -> Take:
    """Speak the sentences. language: as eSpeak NG names it. freedom: 0.1 reads evenly, 2 acts."""
    pieces: list[Mono] = [np.zeros(round(_LEAD_S * SAMPLE_RATE), np.float32)]
    cues: list[Cue] = []
    at = pieces[0].size
    for index, line in enumerate(lines):
        manner = _manner(voice, language, freedom, rng)
        spoken = _trimmed(espeak.say(line.text, manner, seed=int(rng.integers(1 << 31))))
        mono = resampled(spoken.samples)
        start_s, end_s = at / SAMPLE_RATE, (at + mono.size) / SAMPLE_RATE
        cues.extend(phrases(line.text, spoken.words, start_s, end_s))
        breath = line.pause_s * voice.pause * (1 + 0.16 * freedom * rng.uniform(-1, 1))
        silence = np.zeros(round(breath * SAMPLE_RATE), np.float32)
        pieces += [mono, silence]
        at += mono.size + silence.size
        report((index + 1) / (len(lines) + 1), "Speaking")
    # The last pause gives way to the room's own tail.
    pieces[-1] = np.zeros(round(_TAIL_S * SAMPLE_RATE), np.float32)
    return Take(_mastered(np.concatenate(pieces), voice, rng), tuple(cues))


def _manner(voice: Voice, language: str, freedom: float, rng: np.random.Generator) -> Manner:
    """No two sentences are said quite alike: the freer, the less so."""
    rate = USUAL_RATE * voice.rate * (1 + 0.045 * freedom * rng.uniform(-1, 1))
    pitch = voice.pitch + 2.6 * freedom * rng.uniform(-1, 1)
    width = voice.range * (0.55 + 0.5 * freedom) + 4 * freedom * rng.uniform(-1, 1)
    return Manner(
        f"{language}+{voice.variant}", round(rate), round(pitch), round(min(max(width, 0), 100))
    )


def _trimmed(spoken: Utterance) -> Utterance:
    """Without the silence around it; the ends rounded off, so that nothing clicks."""
    samples = spoken.samples
    loud = np.flatnonzero(np.abs(samples) > _QUIET)
    if not loud.size:
        return spoken
    edge = espeak.RATE_HZ // 100
    first, last = max(0, int(loud[0]) - edge), min(samples.size, int(loud[-1]) + 3 * edge)
    cut = samples[first:last].copy()
    cut[:edge] *= np.linspace(0, 1, cut[:edge].size, dtype=np.float32)
    cut[-edge:] *= np.linspace(1, 0, cut[-edge:].size, dtype=np.float32)
    words = tuple(
        espeak.Word(word.at, max(0.0, word.start_s - first / espeak.RATE_HZ))
        for word in spoken.words
    )
    return Utterance(cut, words)


def resampled(samples: Mono) -> Mono:
    """22.05 kHz to 48 kHz, exactly, through the spectrum."""
    # 147 samples become 320: whole groups keep the ratio exact.
    groups = -(-samples.size // 147) + 4
    padded = np.zeros(groups * 147)
    padded[: samples.size] = samples
    spectrum = np.fft.rfft(padded)
    # The topmost partials would ring at the edge of the old band.
    hertz = np.fft.rfftfreq(padded.size, 1 / espeak.RATE_HZ)
    spectrum *= np.clip((10_900 - hertz) / 900, 0, 1)
    longer = np.fft.irfft(spectrum, groups * 320) * (320 / 147)
    return longer[: round(samples.size * 320 / 147)].astype(np.float32)


def _mastered(mono: Mono, voice: Voice, rng: np.random.Generator) -> Sound:
    """As a voice is treated at a desk: tone, evenness, a little room, level."""
    shaped = _even(_toned(mono, voice.bright))
    dry = np.stack([shaped, shaped])
    wet = ring(dry, _ROOM_S, rng, thin_hz=320.0)
    sound = mixing.fade(dry + np.float32(_WET) * wet, 0.02, 0.12)
    ceiling = 10 ** (_CEILING_DB / 20)
    return limit(normalise(sound, TARGET_LUFS, _CEILING_DB), ceiling)


def _toned(mono: Mono, bright: float) -> Mono:
    """Rumble out, a little warmth, less of the buzz of a synthetic throat, air rolled off.

    bright: a tilt about 1 kHz, dB two octaves up.
    """
    size = 1 << 15
    hertz = np.maximum(np.fft.rfftfreq(size, 1 / SAMPLE_RATE), 1.0)
    octaves = np.log2(hertz / 1000)
    decibels = 1.8 * np.exp(-(((np.log2(hertz / 210)) / 0.7) ** 2))
    decibels -= 2.6 * np.exp(-(((np.log2(hertz / 3300)) / 0.45) ** 2))
    decibels += bright * np.clip(octaves / 2, -1, 1.2)
    gain = 10 ** (decibels / 20)
    gain *= 1 / np.sqrt(1 + (75 / hertz) ** 6) / np.sqrt(1 + (hertz / 8600) ** 8)
    # A filter of zero phase, long enough for the bass and delayed by nothing.
    response = np.fft.fftshift(np.fft.irfft(gain, size))
    half = 2048
    kernel = response[size // 2 - half : size // 2 + half + 1] * np.hanning(2 * half + 1)
    block = 1 << 17
    spectrum = np.fft.rfft(kernel, block + 2 * half)
    out = np.zeros(mono.size + 2 * half, np.float32)
    for start in range(0, mono.size, block):
        part = np.fft.rfft(mono[start : start + block], block + 2 * half)
        piece = np.fft.irfft(part * spectrum, block + 2 * half)
        end = min(start + block + 2 * half, out.size)
        out[start:end] += piece[: end - start].astype(np.float32)
    return out[half : half + mono.size]


def _even(mono: Mono) -> Mono:
    """A compressor of 2.5 : 1 over the upper half of the range, slow enough not to be heard."""
    window = SAMPLE_RATE // 200
    count = -(-mono.size // window)
    power = (np.pad(mono, (0, count * window - mono.size)).reshape(count, window) ** 2).mean(axis=1)
    level = np.sqrt(np.convolve(power, np.hanning(13)[1:-1] / np.hanning(13)[1:-1].sum(), "same"))
    loud = float(np.percentile(level, 90)) or 1.0
    over = np.maximum(level / (0.35 * loud), 1.0)
    gain = over ** (1 / 2.5 - 1)
    centres = (np.arange(count) + 0.5) * window
    curve = np.interp(np.arange(mono.size), centres, gain)
    return (mono * curve).astype(np.float32)
