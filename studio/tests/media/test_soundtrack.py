"""Sound in a stream is the sound it would be in one piece."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from studio.media.audio import mixing
from studio.media.audio.extension import continued
from studio.media.audio.loudness import SILENT, limit, measure_lufs
from studio.media.audio.samples import SAMPLE_RATE, silence
from studio.media.audio.writer import Feed
from studio.media.video.soundtrack import (
    Lane,
    beneath,
    exactly,
    faded,
    limited,
    looped,
    measured,
    mixed,
    skipping,
)
from studio.tests.support.films import tone


def wild(seconds: float, seed: int = 1) -> np.ndarray:
    """Noise that swells and dies away, with peaks above full scale."""
    rng = np.random.default_rng(seed)
    count = round(seconds * SAMPLE_RATE)
    swell = 0.05 + 0.5 * np.abs(np.sin(np.arange(count) / SAMPLE_RATE * 1.7))
    return (rng.standard_normal((2, count)) * swell).astype(np.float32)


def pieces(sound: np.ndarray, seed: int = 3) -> Iterator[np.ndarray]:
    """The sound in chunks of any length."""
    rng = np.random.default_rng(seed)
    at = 0
    while at < sound.shape[1]:
        step = int(rng.integers(1, 60_000))
        yield sound[:, at : at + step]
        at += step


def whole(chunks: Iterator[np.ndarray]) -> np.ndarray:
    return np.concatenate([silence(0), *chunks], axis=1)


def test_is_limited_as_a_whole_would_be() -> None:
    sound = wild(3.3)
    assert np.abs(whole(limited(pieces(sound), 0.6)) - limit(sound, 0.6)).max() < 1e-4


def test_a_bed_is_ducked_as_a_whole_would_be() -> None:
    bed, over = wild(4.2, 1), np.concatenate([silence(60_000), wild(2.95, 2)], axis=1)
    expected = over + mixing.duck(bed, over)
    assert np.abs(whole(beneath(pieces(bed), pieces(over, 9))) - expected).max() < 2e-3


@pytest.mark.parametrize("seconds", [0.2, 1.0, 11.0, 23.7])
def test_loudness_is_that_of_the_whole(seconds: float) -> None:
    sound = wild(seconds)
    meter = measured(pieces(sound))
    assert meter.samples == sound.shape[1]
    assert meter.lufs == pytest.approx(measure_lufs(sound), abs=0.1)
    assert measured(()).lufs == SILENT


def test_lanes_add_up_where_they_lie() -> None:
    one, two = tone(1.5), tone(2, 660)
    lanes = [
        Lane(0, 72_000, lambda: pieces(one), fall=24_000),
        Lane(48_000, 96_000, lambda: pieces(two), rise=24_000),
    ]
    expected = silence(144_000)
    mixing.lay(expected, one, 0, fall=24_000)
    mixing.lay(expected, two, 48_000, rise=24_000)
    assert np.abs(whole(mixed(lanes, 144_000)) - expected).max() < 1e-5


def test_cuts_fills_skips_and_fades_to_the_sample() -> None:
    sound = wild(1)
    assert whole(exactly(pieces(sound), 30_000)).shape == (2, 30_000)
    filled = whole(exactly(pieces(sound), 70_000))
    assert (filled[:, :48_000] == sound).all()
    assert not filled[:, 48_000:].any()
    assert (whole(skipping(pieces(sound), 1234)) == sound[:, 1234:]).all()
    expected = mixing.fade(sound, in_s=0.2, out_s=0.3)
    assert np.abs(whole(faded(pieces(sound), 48_000, in_s=0.2, out_s=0.3)) - expected).max() < 1e-5


def test_a_loop_is_as_loud_throughout() -> None:
    sound = (0.1 * np.random.default_rng(4).standard_normal((2, 48_000))).astype(np.float32)
    long = whole(looped(lambda: pieces(sound), 48_000, 200_000))
    levels = np.sqrt((long[:, :192_000].reshape(2, -1, 4800) ** 2).mean(axis=(0, 2)))
    assert long.shape == (2, 200_000)
    assert levels.min() > 0.85 * np.median(levels)


def test_a_feed_gives_what_is_asked_for() -> None:
    sound = wild(0.5)
    feed = Feed(pieces(sound))
    taken = [feed.take(size) for size in (1, 999, 0, 7000, 50_000, 5)]
    assert [part.shape[1] for part in taken] == [1, 999, 0, 7000, 16_000, 0]
    assert (np.concatenate(taken, axis=1) == sound).all()


def test_music_goes_on_in_its_rhythm() -> None:
    # A click every half second: after the end the next ones come when they must.
    clicks = silence(4 * SAMPLE_RATE)
    for beat in range(8):
        at = beat * SAMPLE_RATE // 2
        clicks[:, at : at + 2400] += tone(0.05, 880)[:, :2400]
    after, join = continued(clicks, 2 * SAMPLE_RATE)
    onsets = np.abs(after[0, join:]).reshape(-1, 480).max(axis=1) > 0.05
    starts = np.flatnonzero(onsets & ~np.concatenate([[False], onsets[:-1]])) / 100
    assert starts[:3] == pytest.approx([0, 0.5, 1.0], abs=0.02)
