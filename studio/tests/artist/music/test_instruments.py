"""Each instrument makes a sound, in tune, that ends."""

from __future__ import annotations

import numpy as np
import pytest

from studio.artist.music.instruments import INSTRUMENTS

_DRUMS = {
    "kick", "soft kick", "snare", "big snare", "rim", "clap", "hat", "open hat", "shaker", "ride",
    "brush", "taiko", "crash", "riser",
}  # fmt: skip
# A bell's partials are no multiples of its pitch, and an 808 falls to its own.
_BENT = {"bell", "deep 808"}


@pytest.mark.parametrize("name", sorted(INSTRUMENTS))
@pytest.mark.parametrize("hertz", [41.2, 220.0, 1760.0])
def test_makes_a_finite_sound(name: str, hertz: float) -> None:
    wave = INSTRUMENTS[name](hertz, 0.5, 0.7, np.random.default_rng(1))
    assert np.isfinite(wave).all()
    assert 0.05 < np.abs(wave).max() < 4
    assert 0.05 < wave.size / 48000 < 4


@pytest.mark.parametrize("name", sorted(set(INSTRUMENTS) - _DRUMS - _BENT - {"spiccato"}))
def test_plays_in_tune(name: str) -> None:
    wave = INSTRUMENTS[name](220.0, 0.6, 0.7, np.random.default_rng(1))[2000:26000]
    size = wave.size
    echo = np.fft.irfft(np.abs(np.fft.rfft(wave, 2 * size)) ** 2)[:size]
    lag = 120 + int(echo[120:600].argmax())
    before, here, after = echo[lag - 1 : lag + 2]
    exact = lag + 0.5 * (before - after) / (before - 2 * here + after)
    assert abs(1200 * np.log2(48000 / exact / 220)) < 8  # cents; ears forgive about that
