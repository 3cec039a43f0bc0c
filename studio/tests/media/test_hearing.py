"""What pictures hear: bands where the sound is, beginnings where it begins, nothing in silence."""

from __future__ import annotations

import numpy as np
import pytest

from studio.media.audio.features import BARS, hear
from studio.media.audio.samples import SAMPLE_RATE
from studio.tests.support.films import tone


@pytest.mark.parametrize(("hertz", "band"), [(80, "bass"), (700, "middle"), (6000, "treble")])
def test_a_tone_is_heard_in_its_band(hertz: float, band: str) -> None:
    sound = np.concatenate([tone(1, hertz, 0.3), np.zeros((2, SAMPLE_RATE), np.float32)], axis=1)
    heard = hear(sound, 24, 48)
    curve = getattr(heard, band)
    assert curve[4:22].min() > 0.9
    assert curve[40:].max() < 0.2
    assert heard.bars.shape == (48, BARS)
    loudest = int(heard.bars[12].argmax())
    wanted = BARS * np.log(hertz / 45) / np.log(13_000 / 45)
    assert loudest == pytest.approx(wanted, abs=1.5)


def test_beginnings_are_where_notes_begin() -> None:
    sound = np.zeros((2, 2 * SAMPLE_RATE), np.float32)
    for second in (0.5, 1.25):
        at = round(second * SAMPLE_RATE)
        sound[:, at : at + 9600] = tone(0.2, 400, 0.3)
    onset = hear(sound, 24, 48).onset
    assert onset[12] > 0.8
    assert onset[30] > 0.8
    assert onset[:11].max() < 0.1
    assert onset[24:29].max() < 0.1


def test_silence_moves_nothing_and_quiet_sound_as_much_as_loud() -> None:
    silent = hear(np.zeros((2, SAMPLE_RATE), np.float32), 24, 24)
    assert max(silent.loudness.max(), silent.bars.max(), silent.onset.max()) == 0
    sound = tone(1, 500, 0.4) * np.linspace(0, 1, SAMPLE_RATE, dtype=np.float32)
    loud, quiet = hear(sound, 24, 24), hear(sound * np.float32(0.05), 24, 24)
    assert quiet.loudness == pytest.approx(loud.loudness, abs=0.01)
