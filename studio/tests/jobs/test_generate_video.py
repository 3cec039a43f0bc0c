"""generate_video: films of the right length, with their sound, from words and from pictures."""

from __future__ import annotations

import json
from pathlib import Path

import av
import numpy as np
import pytest

from studio.jobs import generate_image
from studio.jobs.generate_video import run
from studio.tests.support.films import all_frames, arguments, difference, no_report


def film(out: Path, prompt: str = "a boat at sea", *, media: dict | None = None, **params) -> dict:
    call = arguments("generate_video", out, params={"prompt": prompt, "duration": 5, **params})
    studio = {"width": 320, "height": 180, "fps": 24, "max_duration_s": 60.0, "duration_s": 0.5}
    return run({**call, "seed": 7, "media": media or {}, "studio": studio}, no_report)


def still(out: Path, prompt: str, **params) -> dict:
    call = arguments("generate_image", out, params={"prompt": prompt, **params})
    return generate_image.run({**call, "seed": 7}, no_report)["files"][0]


def read_picture(file: dict) -> np.ndarray:
    with av.open(file["path"]) as container:
        return next(container.decode(video=0)).to_ndarray(format="rgb24")


def streams(file: dict) -> set[str]:
    with av.open(file["path"]) as container:
        return {stream.type for stream in container.streams}


def test_a_film_of_words_has_its_frames_its_sound_and_its_label(tmp_path: Path) -> None:
    result = film(tmp_path, "a boat at sea, slow pan right")
    file = result["files"][0]
    assert len(all_frames(file["path"])) == 12
    assert (file["mime"], file["width"], file["height"]) == ("video/mp4", 320, 180)
    assert (file["duration_s"], file["fps"]) == (0.5, 24.0)
    assert streams(file) == {"video", "audio"}
    assert file["meta"]["camera"] == "pan_right"
    assert file["meta"]["draft"] is True
    with av.open(file["path"]) as container:
        assert json.loads(container.metadata["comment"]) == file["meta"]
    assert result["warnings"] == []


def test_without_audio_there_is_no_sound_track(tmp_path: Path) -> None:
    assert streams(film(tmp_path, generateAudio=False)["files"][0]) == {"video"}


def test_progress_rises_to_the_end(tmp_path: Path) -> None:
    said: list[float] = []
    call = arguments(
        "generate_video", tmp_path, params={"prompt": "a cup", "numberOfVariations": 2}
    )
    studio = {"width": 128, "height": 72, "fps": 12, "duration_s": 0.5}
    run({**call, "seed": 1, "studio": studio}, lambda fraction, _message: said.append(fraction))
    assert said == sorted(said)
    assert said[-1] == 1.0
    assert len(said) == 12


def test_the_camera_moves_the_picture(tmp_path: Path) -> None:
    moving = all_frames(film(tmp_path, "a castle, push in")["files"][0]["path"])
    assert difference(moving[0], moving[-1]) > 3


def test_a_film_of_our_own_picture_opens_on_it(tmp_path: Path) -> None:
    file = still(tmp_path, "a fox in a forest")
    result = film(tmp_path, "slow push-in", media={"images": [file]})
    frames = all_frames(result["files"][0]["path"])
    assert difference(frames[0], read_picture(file)) < 4
    assert difference(frames[0], frames[-1]) > 3


def test_a_picture_that_only_claims_to_be_ours_is_filmed_as_it_is(tmp_path: Path) -> None:
    file = still(tmp_path, "a fox in a forest")
    claimed = {**file, "meta": {**file["meta"], "prompt": "a city at night"}}
    frames = all_frames(film(tmp_path, media={"images": [claimed]})["files"][0]["path"])
    assert difference(frames[0], read_picture(file)) < 6


def test_it_follows_the_shape_of_its_picture(tmp_path: Path) -> None:
    file = still(tmp_path, "a tree", width=200, height=300)
    result = film(tmp_path, media={"images": [file]})["files"][0]
    assert (result["width"], result["height"]) == (200, 300)


def test_an_end_picture_is_reached(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    first, last = still(tmp_path / "a", "a cat at night"), still(tmp_path / "b", "a dog by day")
    media = {"images": [first], "end": [last]}
    frames = all_frames(film(tmp_path, "locked camera", media=media)["files"][0]["path"])
    assert difference(frames[0], read_picture(first)) < 5
    assert difference(frames[-1], read_picture(last)) < 5


def test_the_last_frame_is_returned_when_asked_for(tmp_path: Path) -> None:
    video, last = film(tmp_path, returnLastFrame=True)["files"]
    assert (video["kind"], last["kind"]) == ("video", "image")
    assert difference(all_frames(video["path"])[-1], read_picture(last)) < 4


@pytest.mark.parametrize(
    ("params", "part"),
    [
        ({"outputFormat": "mov"}, "MOV"),
        ({"watermark": True}, "Watermarks"),
        ({"voicePersonaName": "Ada"}, "Ada"),
        ({"prompt": "a zeppelin"}, "zeppelin"),
    ],
)
def test_what_it_cannot_follow_it_says(tmp_path: Path, params: dict, part: str) -> None:
    warnings = film(tmp_path, **params)["warnings"]
    assert [part in warning for warning in warnings] == [True]


def test_a_length_beyond_the_studio_is_cut_and_said(tmp_path: Path) -> None:
    call = arguments("generate_video", tmp_path, params={"prompt": "a cup", "duration": 30})
    studio = {"width": 64, "height": 64, "fps": 12, "max_duration_s": 1.0}
    result = run({**call, "seed": 1, "studio": studio}, no_report)
    assert result["files"][0]["duration_s"] == 1.0
    assert "Limited to 1 s (you asked for 30 s)" in result["warnings"][0]
