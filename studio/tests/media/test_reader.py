"""Reading what phones make: any timing, turned, silent, damaged."""

from __future__ import annotations

import wave
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from mediakit.errors import Refused
from studio.media.audio.writer import write_audio
from studio.media.video.fitting import fit_box
from studio.media.video.reader import open_film, read_sound, usual_rate
from studio.media.video.writer import VideoWriter
from studio.tests.support.films import difference, make_clip, make_raw_clip, picture, tone

BLUE = (40, 90, 140)


def test_gives_each_picture_once_at_the_films_own_rate(tmp_path: Path) -> None:
    film = open_film(make_clip(tmp_path / "clip.mp4", frames=24))
    frames = list(film.frames())
    assert (film.fps, film.duration_s, film.frame_count()) == (24, 1.0, 24)
    assert len(frames) == 24
    assert all(difference(frame, picture(i, BLUE)) < 3 for i, frame in enumerate(frames))


@pytest.mark.parametrize("fps", [12, 25, 30, 60])
def test_keeps_the_length_at_another_rate(tmp_path: Path, fps: int) -> None:
    film = open_film(make_clip(tmp_path / "clip.mp4", frames=24))
    frames = list(film.frames(fps=Fraction(fps)))
    assert len(frames) == fps == film.frame_count(Fraction(fps))
    assert difference(frames[0], picture(0, BLUE)) < 3
    assert difference(frames[-1], picture(23, BLUE)) < 5


def test_times_a_variable_rate_film_by_its_clock(tmp_path: Path) -> None:
    # Four pictures in the first 0.2 s, then one that stands until 0.9 s, then the rest.
    times = [0, 50, 100, 150, 200, 900, 950, 1000]
    pictures = [picture(10 * i, BLUE) for i in range(8)]
    film = open_film(make_raw_clip(tmp_path / "phone.mp4", pictures, times))
    frames = list(film.frames(fps=Fraction(20)))
    assert len(frames) == pytest.approx(21, abs=1)
    shown = [min(range(8), key=lambda i: difference(frame, pictures[i])) for frame in frames]
    assert shown[:5] == [0, 1, 2, 3, 4]
    assert set(shown[5:18]) == {4}
    assert shown[18:21] == [5, 6, 7]


@pytest.mark.parametrize(("rotation", "turned"), [(90, 1), (-90, -1), (180, 2)])
def test_turns_a_film_held_sideways_upright(tmp_path: Path, rotation: int, turned: int) -> None:
    pictures = [picture(i, BLUE) for i in range(6)]
    path = make_raw_clip(
        tmp_path / "phone.mp4", pictures, [i * 40 for i in range(6)], rotation=rotation
    )
    film = open_film(path)
    frame = next(film.frames())
    assert (film.width, film.height) == ((180, 320) if turned != 2 else (320, 180))
    assert difference(frame, np.rot90(pictures[0], turned)) < 3


def test_letterboxes_or_crops_but_never_stretches(tmp_path: Path) -> None:
    film = open_film(make_clip(tmp_path / "clip.mp4", frames=2, colour=(180, 180, 180)))
    padded = next(film.frames(size=(320, 320)))
    assert padded.shape == (320, 320, 3)
    assert padded[:68].max() < 20
    assert padded[75:245].mean() > 100
    covered = next(film.frames(size=(180, 180), fit="cover"))
    assert covered.shape == (180, 180, 3)
    assert difference(covered, picture(0, (180, 180, 180))[:, 70:250]) < 4


def test_fitting_leaves_no_hairline_bars() -> None:
    assert fit_box((1023, 577), (1024, 576), "pad") == (1024, 576)
    assert fit_box((320, 180), (180, 180), "pad") == (180, 101)


def test_sound_stays_on_the_pictures_clock(tmp_path: Path) -> None:
    click = np.zeros((2, 48000), np.float32)
    click[:, 24000:24048] = 0.9
    path = tmp_path / "clip.mp4"
    with VideoWriter(path, 64, 64, 24, audio=click) as writer:
        for _ in range(24):
            writer.add(np.zeros((64, 64, 3), np.uint8))
    sound = open_film(path).sound()
    assert sound.shape == (2, 48000)
    assert abs(int(np.abs(sound[0]).argmax()) - 24024) < 60


def test_a_film_without_sound_is_silent(tmp_path: Path) -> None:
    film = open_film(make_clip(tmp_path / "clip.mp4", hertz=None))
    assert not film.has_sound
    assert film.sound().shape == (2, 48000)
    assert not film.sound().any()


def test_resamples_sound_to_48_khz_stereo(tmp_path: Path) -> None:
    write_audio(tmp_path / "tone.wav", tone(0.5))
    assert read_sound(tmp_path / "tone.wav").shape == (2, 24000)
    assert read_sound(tmp_path / "tone.wav", 2.0).shape == (2, 96000)


@pytest.mark.parametrize("rate", [16_000, 48_000])
def test_one_channel_becomes_two_at_its_own_level(tmp_path: Path, rate: int) -> None:
    samples = 0.5 * np.sin(2 * np.pi * 440 * np.arange(rate) / rate)
    with wave.open(str(tmp_path / "mono.wav"), "wb") as file:
        file.setparams((1, 2, rate, rate, "NONE", ""))
        file.writeframes((samples * 32767).astype("<i2").tobytes())
    sound = read_sound(tmp_path / "mono.wav")
    assert np.array_equal(sound[0], sound[1])
    assert np.abs(sound[:, 4800:-4800]).max() == pytest.approx(0.5, abs=0.01)


def test_a_film_cut_short_is_filled_with_its_last_picture(tmp_path: Path) -> None:
    whole = make_clip(tmp_path / "whole.mp4", frames=48)
    cut = tmp_path / "cut.mp4"
    data = whole.read_bytes()
    cut.write_bytes(data[: len(data) * 3 // 4])
    film = open_film(cut)
    assert len(list(film.frames())) == film.frame_count() <= 48


def test_says_so_when_there_is_nothing_to_see_or_hear(tmp_path: Path) -> None:
    write_audio(tmp_path / "tone.wav", tone(0.2))
    with pytest.raises(Refused, match="no video"):
        open_film(tmp_path / "tone.wav")
    silent = make_clip(tmp_path / "silent.mp4", hertz=None, frames=2)
    with pytest.raises(Refused, match="no audio"):
        read_sound(silent)


def test_takes_a_phones_average_for_the_rate_it_means() -> None:
    assert usual_rate(Fraction(2987, 100)) == 30
    assert usual_rate(Fraction(30000, 1001)) == Fraction(30000, 1001)
    assert usual_rate(Fraction(240)) == 60
    assert usual_rate(Fraction(10)) == 10
