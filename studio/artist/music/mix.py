"""Playing a score: notes become sound, layers are balanced by loudness, a room is put around."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence

import numpy as np

from mediakit.job_protocol import Report
from studio.artist.music.instruments import INSTRUMENTS
from studio.artist.music.score import Note, Score
from studio.artist.music.style import Style
from studio.media.audio import mixing
from studio.media.audio.loudness import SILENT, limit, measure_lufs, normalise
from studio.media.audio.reverb import ring
from studio.media.audio.samples import SAMPLE_RATE, Mono, Sound

TARGET_LUFS = -16.0
# How loud each layer is by itself, LUFS before the whole is brought to its level, and how much of
# it goes into the room: drums and bass stay dry, or the mix turns to mud.
_BALANCE: Mapping[str, tuple[float, float]] = {
    "lead": (-20.0, 1.0),
    "chords": (-23.0, 0.9),
    "bass": (-21.0, 0.1),
    "drums": (-20.0, 0.25),
    "pad": (-26.0, 1.2),
    "arpeggio": (-27.0, 1.3),
    "effects": (-30.0, 1.0),
}


def perform(
    score: Score,
    style: Style,
    rng: np.random.Generator,
    report: Report,
) -> Sound:
    """Play a score: (2, n) float32 at 48 kHz, exactly its length, at TARGET_LUFS, faded."""
    samples = round(score.duration_s * SAMPLE_RATE)
    mix = np.zeros((2, samples), np.float32)
    room = np.zeros((2, samples), np.float32)
    waves: dict[tuple[str, int, int, int], Mono] = {}
    for index, (name, notes) in enumerate(score.layers.items()):
        layer = _play(notes, samples, waves)
        level, send = _BALANCE[name]
        loudness = measure_lufs(layer)
        if loudness > SILENT:
            layer *= np.float32(10 ** ((level - loudness) / 20))
        if name == "lead":
            _echo(layer, score, 0.22)
        if style.pump and name != "drums":
            layer *= _pumping(score.layers.get("drums", ()), samples, style.pump)
        mix += layer
        room += layer * np.float32(send)
        report((index + 1) / (len(score.layers) + 2), "Playing")
    mix += ring(room, style.room_s, rng) * np.float32(style.wet)
    if style.dust:
        mix = _dusty(mix, rng)
    mix = np.tanh(mix * 1.5) / np.float32(1.5)  # a little warmth where layers pile up
    out_s = min(3.0, score.duration_s * 0.15)
    # Levelled after the fade, so that the whole track is what is asked for.
    return limit(normalise(mixing.fade(mix, 0.02, out_s), TARGET_LUFS), 10 ** (-1.5 / 20))


def _play(
    notes: Sequence[Note], samples: int, waves: dict[tuple[str, int, int, int], Mono]
) -> Sound:
    layer = np.zeros((2, samples), np.float32)
    for number, note in enumerate(notes):
        # Hands vary: four takes of each drum, three shades of force.
        take = number % 4 if note.pitch == 60 else 0
        force = min(3, max(1, round(note.force * 3)))
        key = (note.instrument, round(note.pitch), round(note.held_s * 50), force * 8 + take)
        if key not in waves:
            own = np.random.default_rng(zlib.crc32(repr(key).encode()))
            hertz = 440 * 2 ** ((note.pitch - 69) / 12)
            wave = INSTRUMENTS[note.instrument](hertz, key[2] / 50, force / 3, own)
            # Whatever stops sounding must not stop with a click.
            tail = min(wave.size, 240)
            wave[-tail:] *= np.linspace(1, 0, tail)
            waves[key] = wave.astype(np.float32)
        played = waves[key]
        at = round(note.start_s * SAMPLE_RATE)
        end = min(at + played.size, samples)
        loudness = 0.35 + 0.65 * note.force
        # Constant power: a note is as loud at the side as in the middle.
        angle = (note.pan + 1) * np.pi / 4
        for side, share in enumerate((np.cos(angle), np.sin(angle))):
            layer[side, at:end] += played[: end - at] * np.float32(share * loudness)
    return layer


def _echo(layer: Sound, score: Score, amount: float) -> None:
    """Repeat a layer after three half beats, from the other side, twice."""
    if len(score.beats) < 2:
        return
    delay = round((score.beats[1] - score.beats[0]) * 0.75 * SAMPLE_RATE)
    dry = layer.copy()
    for repeat in (1, 2):
        shift = delay * repeat
        if shift < layer.shape[1]:
            swapped = dry[::-1] if repeat % 2 else dry
            layer[:, shift:] += swapped[:, :-shift] * np.float32(amount**repeat)


def _pumping(drums: Sequence[Note], samples: int, depth: float) -> Mono:
    """A gain that dips under each kick drum and comes back within a quarter of a second."""
    gain = np.ones(samples, np.float32)
    time = np.arange(round(0.25 * SAMPLE_RATE)) / SAMPLE_RATE
    dip = (1 - depth * np.clip(1 - time / 0.25, 0, 1) ** 1.5).astype(np.float32)
    for note in drums:
        if note.instrument == "kick":
            at = round(note.start_s * SAMPLE_RATE)
            end = min(at + dip.size, samples)
            np.minimum(gain[at:end], dip[: end - at], out=gain[at:end])
    return gain


def _dusty(sound: Sound, rng: np.random.Generator) -> Sound:
    """As off an old record: treble rolled away, crackle on top."""
    kernel = np.hanning(16)[1:-1].astype(np.float32)
    kernel /= kernel.sum()
    dull = np.stack([np.convolve(side, kernel, mode="same") for side in sound])
    samples = sound.shape[1]
    crackle = np.zeros((2, samples), np.float32)
    count = samples // (SAMPLE_RATE // 14)
    at = rng.integers(0, samples, count)
    crackle[rng.integers(0, 2, count), at] = rng.normal(0, 0.05, count) ** 3 * 400
    hiss = rng.standard_normal((2, samples)).astype(np.float32) * np.float32(0.0012)
    smoothed = np.stack([np.convolve(side, kernel[4:10], mode="same") for side in crackle + hiss])
    return (dull + np.clip(smoothed, -0.06, 0.06)).astype(np.float32)
