"""Excerpts of a result: one frame, a part with its sound, the sound alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from media.sandbox import excerpt
from studio.media.video.reader import open_film
from studio.tests.support.films import difference, make_clip, picture

BLUE = (40, 90, 140)


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    """Two seconds at 24 frames a second, each frame unlike the one before."""
    return make_clip(tmp_path / "clip.mp4", colour=BLUE, hertz=440, frames=48)


def call(path: Path, **how: float) -> dict[str, object]:
    return {"path": str(path), "out": str(path.parent), **how}


def test_a_still_is_the_frame_of_its_second(clip: Path) -> None:
    excerpt.still(call(clip, second=1.0, quality=95, top=0, bottom=1), lambda *_: None)
    shown = np.asarray(Image.open(clip.parent / "still.webp").convert("RGB"))
    assert difference(shown, picture(24, BLUE)) < 6
    assert difference(shown, picture(0, BLUE)) > difference(shown, picture(24, BLUE))


def test_a_still_may_be_a_part_of_the_height(clip: Path) -> None:
    excerpt.still(call(clip, second=0, quality=95, top=0.5, bottom=1), lambda *_: None)
    shown = np.asarray(Image.open(clip.parent / "still.webp").convert("RGB"))
    assert shown.shape[:2] == (90, 320)
    assert difference(shown, picture(0, BLUE)[90:]) < 6


def test_a_part_of_a_video_keeps_its_sound_and_becomes_smaller(clip: Path) -> None:
    excerpt.film(call(clip, start=0.5, end=1.5, width=160), lambda *_: None)
    film = open_film(clip.parent / "film.mp4")
    assert (film.width, film.height, film.has_sound) == (160, 90, True)
    assert film.duration_s == pytest.approx(1, abs=0.05)


def test_the_sound_alone_is_as_long_as_it_was(clip: Path) -> None:
    excerpt.sound(call(clip), lambda *_: None)
    with excerpt.open_av(clip.parent / "sound.m4a") as media:
        assert not media.streams.video
        assert media.duration_s == pytest.approx(2, abs=0.1)
