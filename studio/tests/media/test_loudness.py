"""Loudness as BS.1770 defines it, and levelling without clipping."""

from __future__ import annotations

import numpy as np
import pytest

from studio.media.audio.loudness import SILENT, limit, measure_lufs, normalise
from studio.tests.support.films import tone


def test_a_full_scale_997_hz_sine_on_both_sides_is_0_lufs() -> None:
    # The reference of BS.1770: -3.01 LUFS for one channel at full scale.
    sine = tone(3.0, 997.0, 1.0)
    assert measure_lufs(sine) == pytest.approx(0.0, abs=0.05)
    sine[1] = 0
    assert measure_lufs(sine) == pytest.approx(-3.01, abs=0.05)


def test_long_sound_measures_like_its_pieces() -> None:
    # Measured ten seconds at a time inside: the seams must not show.
    noise = np.random.default_rng(3).normal(0, 0.05, (2, 48000 * 12)).astype(np.float32)
    assert measure_lufs(noise) == pytest.approx(measure_lufs(noise[:, : 48000 * 5]), abs=0.05)


def test_silence_between_words_does_not_count() -> None:
    spoken = np.concatenate([tone(2.0), np.zeros((2, 96000), np.float32)], axis=1)
    assert measure_lufs(spoken) == pytest.approx(measure_lufs(tone(2.0)), abs=0.6)
    assert measure_lufs(np.zeros((2, 48000), np.float32)) == SILENT
    assert measure_lufs(np.zeros((2, 0), np.float32)) == SILENT


def test_brings_sound_to_the_level_asked_for() -> None:
    for level in (0.001, 0.9):
        levelled = normalise(tone(2.0, level=level), -16.0)
        assert measure_lufs(levelled) == pytest.approx(-16.0, abs=0.2)


def test_limits_peaks_and_leaves_the_rest_alone() -> None:
    sound = tone(1.0, level=0.3)
    sound[:, 24000:24010] = 2.0
    limited = limit(sound, 0.8)
    assert np.abs(limited).max() <= 0.8 + 1e-6
    assert np.array_equal(limited[:, :20000], sound[:, :20000])


def test_normalising_spiky_sound_never_clips() -> None:
    clicks = tone(2.0, level=0.01)
    clicks[:, ::4800] = 0.9
    assert np.abs(normalise(clicks)).max() <= 10 ** (-1.5 / 20) + 1e-6
