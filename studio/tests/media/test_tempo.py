"""Tempo and beats, heard from the sound alone."""

from __future__ import annotations

import numpy as np
import pytest

from studio.artist.music.mix import perform
from studio.artist.music.score import write_score
from studio.artist.music.style import STYLES, read_brief
from studio.media.audio.samples import SAMPLE_RATE
from studio.media.audio.tempo import hear_tempo
from studio.tests.support.films import tone

CLICKS = (84.5, 96, 108, 120, 131, 150)


def drums(bpm: float, seconds: float = 12, first_s: float = 0.3) -> np.ndarray:
    """A drum on every beat, a hat between: the plainest of tracks."""
    sound = np.zeros((2, round(seconds * SAMPLE_RATE)), np.float32)
    rng = np.random.default_rng(3)
    time = np.arange(4800) / SAMPLE_RATE
    drum = 0.6 * np.sin(2 * np.pi * 70 * time) * np.exp(-time * 40)
    drum += 0.1 * rng.standard_normal(4800) * np.exp(-time * 300)
    hat = 0.08 * rng.standard_normal(4800) * np.exp(-time * 120)
    for index, start in enumerate(np.arange(first_s, seconds - 0.1, 30 / bpm)):
        at = round(start * SAMPLE_RATE)
        part = sound[:, at : at + 4800]
        part += (hat if index % 2 else drum)[: part.shape[1]]
    return sound


@pytest.mark.parametrize("bpm", CLICKS)
def test_hears_drums_within_two_percent_and_on_the_beat(bpm: float) -> None:
    heard = hear_tempo(drums(bpm))
    assert heard is not None
    assert heard.bpm == pytest.approx(bpm, rel=0.02)
    beats = np.arange(0.3, 11.5, 60 / bpm)
    off = [np.abs(np.array(heard.beats) - beat).min() for beat in beats]
    assert float(np.median(off)) < 0.03


@pytest.mark.parametrize("style", ["pop", "jazz", pytest.param("all", marks=pytest.mark.thorough)])
def test_hears_our_own_music_but_for_octaves(style: str) -> None:
    styles = list(STYLES) if style == "all" else [style]
    exact = 0
    for name in styles:
        rng = np.random.default_rng(2)
        brief = read_brief(name, {}, rng)
        score = write_score(brief, 12.0, rng)
        heard = hear_tempo(perform(score, brief.style, rng, lambda fraction, message: None))
        assert heard is not None
        ratio = heard.bpm / brief.bpm
        assert min(abs(ratio - wanted) for wanted in (0.5, 1, 2)) < 0.02
        exact += abs(ratio - 1) < 0.02
    assert exact >= 0.7 * len(styles)


def test_what_keeps_no_time_has_no_tempo() -> None:
    noise = np.random.default_rng(0).normal(0, 0.1, (2, 10 * SAMPLE_RATE)).astype(np.float32)
    assert hear_tempo(noise) is None
    assert hear_tempo(tone(8.0, 220)) is None
    assert hear_tempo(np.zeros((2, 8 * SAMPLE_RATE), np.float32)) is None
    assert hear_tempo(drums(120)[:, : 2 * SAMPLE_RATE]) is None
