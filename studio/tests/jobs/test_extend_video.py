"""extend_video: the clip as it was, then more of it, joined without a jump."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest

from mediakit.errors import Refused
from studio.jobs import generate_video
from studio.jobs.extend_video import run
from studio.media.audio.samples import SAMPLE_RATE
from studio.media.video.motion import between, small_grey
from studio.media.video.reader import open_film
from studio.media.video.writer import VideoWriter
from studio.tests.support.films import (
    HEIGHT,
    WIDTH,
    all_frames,
    arguments,
    difference,
    make_clip,
    no_report,
    picture,
    pitch,
    tone,
)
from studio.tests.support.measures import sound_of

BLUE = (40, 90, 140)


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return make_clip(tmp_path / "clip.mp4", frames=24, colour=BLUE)


def wall(width: int) -> np.ndarray:
    """A picture of soft spots, wide enough to pan over."""
    rng = np.random.default_rng(5)
    spots = cv2.GaussianBlur(rng.random((HEIGHT, width, 3)), (0, 0), 6)
    spread = (spots - spots.min()) / np.ptp(spots)
    return (255 * spread).astype(np.uint8)


def panning(path: Path, step: int, *, frames: int = 24) -> Path:
    """A camera that pans right by so many pixels a picture."""
    whole = wall(WIDTH + step * frames)
    with VideoWriter(path, WIDTH, HEIGHT, 24) as writer:
        for number in range(frames):
            writer.add(np.ascontiguousarray(whole[:, number * step :][:, :WIDTH]))
    return path


def extend(out: Path, clip: Path | str, meta: dict | None = None, **params: object) -> dict:
    call = arguments("extend_video", out, params={"duration": 2, **params}, video=clip)
    call["media"]["video"][0]["meta"] = meta or {}
    return run(call, no_report)


def test_keeps_the_clip_and_adds_as_much_as_asked(tmp_path: Path, clip: Path) -> None:
    file = extend(tmp_path, clip)["files"][0]
    frames = all_frames(file["path"])
    assert len(frames) == 24 + 48
    assert (file["duration_s"], file["fps"]) == (3.0, 24.0)
    assert (file["width"], file["height"]) == (320, 180)
    assert max(difference(frames[i], picture(i, BLUE)) for i in range(24)) < 5
    assert difference(frames[24], picture(23, BLUE)) < 5
    assert file["meta"]["extended_from_s"] == 1.0
    assert file["meta"]["draft"] is True


@pytest.mark.parametrize("step", [0, 3])
def test_joins_without_a_jump(tmp_path: Path, step: int) -> None:
    frames = all_frames(extend(tmp_path, panning(tmp_path / "pan.mp4", step))["files"][0]["path"])
    changes = [difference(a, b) for a, b in pairwise(frames)]
    # As smooth as the clip itself; half a step is what compressing a still costs.
    assert max(changes[22:28]) < 1.3 * max(changes[:22]) + 0.5
    # And what moves later began to move little by little.
    assert max(abs(a - b) for a, b in pairwise(changes[22:])) < max(changes) / 2
    # It does go on.
    assert difference(frames[23], frames[-1]) > 3


def test_goes_on_in_the_direction_it_was_moving(tmp_path: Path) -> None:
    frames = all_frames(extend(tmp_path, panning(tmp_path / "pan.mp4", 3))["files"][0]["path"])
    before, after = (
        between(small_grey(frames[n]), small_grey(frames[n + 1])).dx * WIDTH for n in (20, 24)
    )
    assert before == pytest.approx(-3, abs=0.6)
    assert -4 < after < -1


def test_the_prompt_steers_the_camera(tmp_path: Path) -> None:
    clip = panning(tmp_path / "still.mp4", 0)
    moved = {}
    for name in ("pan left", "pan right", "push in"):
        file = extend(tmp_path, clip, prompt=f"The camera: {name}.")["files"][0]
        frames = all_frames(file["path"])
        middle = 24 + 24
        moved[name] = between(small_grey(frames[middle - 3]), small_grey(frames[middle + 3]))
        assert file["meta"]["camera"] == name.replace(" ", "_")
    assert moved["pan left"].dx > 0.004 > -0.004 > moved["pan right"].dx
    assert moved["push in"].zoom > 1.02


def test_a_clip_of_ours_goes_on_in_its_own_scene(tmp_path: Path) -> None:
    words = {"prompt": "a sailboat on the sea at sunset, pan right", "duration": 1}
    call = arguments("generate_video", tmp_path, params=words)
    made = generate_video.run(call, no_report)["files"][0]
    file = extend(tmp_path, made["path"], made["meta"])["files"][0]
    assert file["meta"]["continued"] == "scene"
    frames = all_frames(file["path"])
    changes = [difference(a, b) for a, b in pairwise(frames)]
    assert changes[23] < 1.5 * np.median(changes) + 1
    # What it remembers suffices to go on once more.
    (tmp_path / "again").mkdir()
    again = extend(tmp_path / "again", file["path"], file["meta"], prompt="push in")["files"][0]
    assert again["meta"]["continued"] == "scene"
    assert len(all_frames(again["path"])) == 24 + 96
    # The words alone are not believed: another picture goes on as a picture.
    other = extend(tmp_path, make_clip(tmp_path / "other.mp4"), made["meta"])["files"][0]
    assert other["meta"]["continued"] == "picture"


def test_the_sound_goes_on_as_loud_and_fades_at_the_end(tmp_path: Path, clip: Path) -> None:
    file = extend(tmp_path, clip)["files"][0]
    sound = sound_of(file["path"])[:, : 3 * SAMPLE_RATE]
    assert open_film(file["path"]).sound().shape == (2, 3 * SAMPLE_RATE)
    own, added = sound[:, 4800:43200], sound[:, 52800:100800]
    assert pitch(added) == pytest.approx(440, abs=3)
    assert np.sqrt((added**2).mean()) == pytest.approx(np.sqrt((own**2).mean()), rel=0.12)
    # Every 20 ms around the join is as loud as the rest: neither a gap nor a bump.
    levels = np.sqrt((sound[:, 43200:52800].reshape(2, 10, 960) ** 2).mean(axis=(0, 2)))
    assert levels.min() / np.median(levels) > 0.8
    assert levels.max() / np.median(levels) < 1.25
    assert np.abs(sound[:, -480:]).max() < 0.02


def test_what_was_said_is_not_said_again(tmp_path: Path) -> None:
    path = tmp_path / "talk.mp4"
    speech = np.concatenate([tone(0.9, 440), tone(0.6, 300, level=0.004), tone(0.5, 440)], axis=1)
    with VideoWriter(path, WIDTH, HEIGHT, 24, audio=speech) as writer:
        for number in range(48):
            writer.add(picture(number, BLUE))
    cues = [{"start": 0, "end": 0.9, "text": "One"}, {"start": 1.5, "end": 2, "text": "two"}]
    file = extend(tmp_path, path, {"cues": cues})["files"][0]
    added = sound_of(file["path"])[:, 2 * SAMPLE_RATE + 24000 : 4 * SAMPLE_RATE]
    assert np.sqrt((added**2).mean()) < 0.1 * np.sqrt((tone(1) ** 2).mean())
    assert file["meta"]["cues"] == cues


def test_a_silent_clip_stays_silent(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "silent.mp4", hertz=None)
    assert not open_film(extend(tmp_path, clip)["files"][0]["path"]).has_sound


def test_says_what_it_cannot_make_happen(tmp_path: Path, clip: Path) -> None:
    told = extend(tmp_path, clip, prompt="a dragon lands, pan left")["warnings"]
    assert any("dragon" in warning for warning in told)
    assert extend(tmp_path, clip, prompt="slowly pan left")["warnings"] == []
    pulled = extend(tmp_path, clip, prompt="pull out")["warnings"]
    assert any("beyond the frame" in warning for warning in pulled)


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path, clip: Path) -> None:
    first, second = (
        Path(extend(tmp_path, clip, prompt="snow falls, push in")["files"][0]["path"]).read_bytes()
        for _ in range(2)
    )
    assert first == second


def test_needs_a_clip(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="Add a video"):
        run(arguments("extend_video", tmp_path, params={"duration": 2}), no_report)
