"""sound_to_video: the sound is heard whole, and the pictures move with it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mediakit.errors import Refused
from studio.jobs.sound_to_video import run
from studio.media.audio.samples import SAMPLE_RATE
from studio.media.audio.writer import write_audio
from studio.media.image.writer import save_image
from studio.media.video.reader import open_film
from studio.tests.support.films import all_frames, arguments, difference, no_report, tone
from studio.tests.support.measures import sound_of

PROMPT = "An astronaut on mars"


def beats(seconds: float, every_s: float = 0.5) -> np.ndarray:
    """Short chords at an even pace, silence between them."""
    sound = np.zeros((2, round(seconds * SAMPLE_RATE)), np.float32)
    for start in np.arange(0, seconds, every_s):
        first = round(start * SAMPLE_RATE)
        chord = tone(0.2, 110, 0.4) + tone(0.2, 1500, 0.2) + tone(0.2, 6000, 0.1)
        part = sound[:, first : first + chord.shape[1]]
        part += chord[:, : part.shape[1]]
    return sound


def film(tmp_path: Path, sound: np.ndarray, *, prompt: str = PROMPT, **more: object) -> dict:
    path = tmp_path / "sound.wav"
    write_audio(path, sound)
    media = {name: more.pop(name) for name in ("image", "end") if name in more}
    meta = more.pop("meta", {})
    params = {"prompt": prompt, "duration": 2, **more}
    call = arguments("sound_to_video", tmp_path, params=params, audio=path, **media)
    call["media"]["audio"][0]["meta"] = meta
    return run(call, no_report)


def brightness(frames: list[np.ndarray]) -> np.ndarray:
    return np.array([frame.mean() for frame in frames])


def loudness(sound: np.ndarray, frames: int) -> np.ndarray:
    size = SAMPLE_RATE // 24
    windows = sound.mean(axis=0)[: frames * size].reshape(frames, size)
    return np.sqrt((windows**2).mean(axis=1))


def test_is_as_long_as_asked_with_the_sound_as_it_was(tmp_path: Path) -> None:
    sound = beats(3)
    result = film(tmp_path, sound)
    file = result["files"][0]
    assert (file["kind"], file["mime"], file["fps"]) == ("video", "video/mp4", 24)
    opened = open_film(file["path"])
    assert opened.frame_count() == pytest.approx(48, abs=1)
    assert (opened.width, opened.height) == (320, 180)
    heard = sound_of(file["path"])[:, : 2 * SAMPLE_RATE - 30_000]
    given = sound[:, : heard.shape[1]]
    assert np.corrcoef(heard[0], given[0])[0, 1] > 0.98
    assert result["warnings"] == []


@pytest.mark.parametrize("prompt", [PROMPT, "glowing equalizer bars over a calm sea at night"])
def test_pictures_are_bright_when_it_is_loud(tmp_path: Path, prompt: str) -> None:
    sound = beats(2)
    seen = brightness(all_frames(film(tmp_path, sound, prompt=prompt)["files"][0]["path"]))
    assert np.corrcoef(seen, loudness(sound, len(seen)))[0, 1] > 0.6


def test_silence_moves_nothing_in_time(tmp_path: Path) -> None:
    quiet = np.zeros((2, 2 * SAMPLE_RATE), np.float32)
    seen = brightness(all_frames(film(tmp_path, quiet)["files"][0]["path"]))
    steps = np.abs(np.diff(seen))
    loud = brightness(all_frames(film(tmp_path, beats(2))["files"][0]["path"]))
    assert steps.max() < 0.25 * np.abs(np.diff(loud)).max()


def test_begins_where_it_is_told(tmp_path: Path) -> None:
    sound = np.concatenate([np.zeros((2, SAMPLE_RATE), np.float32), tone(2, 440, 0.3)], axis=1)
    late = film(tmp_path, sound, audioStart=1)["files"][0]
    assert np.abs(sound_of(late["path"])[:, 4800:9600]).max() > 0.2
    assert late["meta"]["audio_start_s"] == 1
    with pytest.raises(Refused, match="audioStart"):
        film(tmp_path, sound, audioStart=9)


def test_ends_with_a_short_sound_and_says_so(tmp_path: Path) -> None:
    result = film(tmp_path, beats(1.0), duration=5)
    assert open_film(result["files"][0]["path"]).frame_count() == pytest.approx(24, abs=1)
    assert "lasts 1.0 s" in result["warnings"][0]


def test_a_picture_begins_and_ends_it(tmp_path: Path) -> None:
    shapes = []
    for name, colour in (("a", (200, 80, 40)), ("b", (30, 90, 160))):
        picture = np.full((180, 320, 3), colour, np.uint8)
        picture[50:130, 90:230] = 240
        save_image(picture, tmp_path / f"{name}.png", {})
        shapes.append(picture)
    quiet = np.zeros((2, 2 * SAMPLE_RATE), np.float32)
    pictures = {"image": tmp_path / "a.png", "end": tmp_path / "b.png"}
    frames = all_frames(film(tmp_path, quiet, **pictures)["files"][0]["path"])
    for frame, mine, other in ((frames[0], 0, 1), (frames[-1], 1, 0)):
        assert difference(frame, shapes[mine]) < 40
        assert difference(frame, shapes[mine]) < 0.5 * difference(frame, shapes[other])


def test_pictures_of_any_kind_are_filmed(tmp_path: Path) -> None:
    tiny = np.zeros((7, 5, 3), np.uint8)
    tiny[:3] = 200
    save_image(tiny, tmp_path / "tiny.png", {})
    result = film(tmp_path, beats(1), duration=1, image=tmp_path / "tiny.png")
    assert result["files"][0]["width"] >= 2


def test_shows_the_words_when_asked(tmp_path: Path) -> None:
    meta = {"cues": [{"start": 0.5, "end": 1.5, "text": "HELLO THERE"}]}
    prompt = f"{PROMPT} with captions"
    silent = film(tmp_path, beats(2), prompt=prompt)
    assert "words" in silent["warnings"][0]
    before = all_frames(silent["files"][0]["path"])
    result = film(tmp_path, beats(2), prompt=prompt, meta=meta)
    assert result["files"][0]["meta"]["cues"][0]["text"] == "HELLO THERE"
    after = all_frames(result["files"][0]["path"])
    changed = [difference(a[120:], b[120:]) for a, b in zip(before, after, strict=True)]
    # What follows is coded a little differently, and that is all.
    assert max(changed[:11]) < 0.5
    assert min(changed[14:34]) > 1.4 * max(changed[38:])


def test_every_take_differs_and_the_same_seed_does_not(tmp_path: Path) -> None:
    result = film(tmp_path, beats(1), duration=1, numberOfVariations=2, returnLastFrame=True)
    films = [file for file in result["files"] if file["kind"] == "video"]
    first = Path(films[0]["path"]).read_bytes()
    assert len(films) == 2
    assert len(result["files"]) == 4
    assert first != Path(films[1]["path"]).read_bytes()
    again = film(tmp_path, beats(1), duration=1)["files"][0]
    assert Path(again["path"]).read_bytes() == first


@pytest.mark.slow
def test_can_be_silent_and_knows_the_tempo(tmp_path: Path) -> None:
    result = film(tmp_path, beats(2), generateAudio=False, meta={"bpm": 120})
    file = result["files"][0]
    assert not open_film(file["path"]).has_sound
    assert file["meta"]["bpm"] == 120
    assert film(tmp_path, beats(6), duration=6)["files"][0]["meta"]["bpm"] == pytest.approx(
        120, rel=0.02
    )


def test_refuses_without_a_sound(tmp_path: Path) -> None:
    with pytest.raises(Refused) as missing:
        run(arguments("sound_to_video", tmp_path, params={"prompt": PROMPT}), no_report)
    assert missing.value.error_type == "ASSET_NOT_FOUND"
