"""video_to_video: a new look on the same clip, its length, size and sound as asked."""

from __future__ import annotations

import hashlib
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest

from mediakit.errors import Refused
from studio.jobs.video_to_video import run
from studio.media.video.reader import open_film
from studio.tests.support.films import (
    all_frames,
    arguments,
    difference,
    make_clip,
    no_report,
    picture,
    pitch,
)
from studio.tests.support.measures import ebu_lufs, psnr, sound_of, ssim
from studio.tests.support.pictures import load

PERFUME = "Transform the source clip into a polished perfume commercial with glass reflections"


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return make_clip(tmp_path / "clip.mp4", frames=24, colour=(90, 130, 160))


def remake(out: Path, clip: Path, prompt: str, media: dict | None = None, **params: object) -> dict:
    call = arguments(
        "video_to_video", out, params={"prompt": prompt, **params}, video=clip, **(media or {})
    )
    return run(call, no_report)


def test_a_perfume_commercial_looks_other_but_moves_the_same(tmp_path: Path, clip: Path) -> None:
    result = remake(tmp_path, clip, PERFUME, controlMode="seedance-v2v")
    file = result["files"][0]
    before, after = all_frames(clip), all_frames(file["path"])
    assert len(after) == len(before) == 24
    assert (file["width"], file["height"], file["fps"]) == (320, 180, 24.0)
    assert file["meta"]["looks"] == ["glass"]
    assert (file["meta"]["draft"], file["meta"]["provider"]) == (True, "studio")
    assert result["warnings"] == []
    for index in (0, 12, 23):
        assert difference(before[index], after[index]) > 8
        shapes = [cv2.cvtColor(f[index], cv2.COLOR_RGB2GRAY).ravel() for f in (before, after)]
        assert np.corrcoef(*shapes)[0, 1] > 0.5
    assert max(difference(a, b) for a, b in pairwise(after)) < 9
    assert pitch(open_film(file["path"]).sound()) == pytest.approx(440, abs=3)


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path, clip: Path) -> None:
    digests = set()
    for _ in range(2):
        path = remake(tmp_path, clip, "watercolor")["files"][0]["path"]
        digests.add(hashlib.sha256(Path(path).read_bytes()).hexdigest())
    assert len(digests) == 1


def test_duration_shortens_but_never_lengthens(tmp_path: Path, clip: Path) -> None:
    short = remake(tmp_path, clip, "noir", duration=0.5)
    assert len(all_frames(short["files"][0]["path"])) == 12
    assert open_film(short["files"][0]["path"]).sound().shape == (2, 24000)
    assert short["warnings"] == []
    long = remake(tmp_path, clip, "noir", duration=4)
    assert long["files"][0]["duration_s"] == 1.0
    assert "you asked for" in long["warnings"][0]


def test_begins_where_asked(tmp_path: Path, clip: Path) -> None:
    path = remake(tmp_path, clip, "x", controlMode="detailer", videoStart=0.5)["files"][0]["path"]
    frames = all_frames(path)
    assert len(frames) == 12
    assert difference(frames[0], picture(12, (90, 130, 160))) < 12


def test_sound_is_kept_unless_refused(tmp_path: Path, clip: Path) -> None:
    kept = remake(tmp_path, clip, "noir", generateAudio=True)["files"][0]
    assert open_film(kept["path"]).has_sound
    dropped = remake(tmp_path, clip, "noir", generateAudio=False)["files"][0]
    assert not open_film(dropped["path"]).has_sound


def test_target_resolution_is_the_short_side(tmp_path: Path) -> None:
    upright = make_clip(tmp_path / "upright.mp4", frames=6, size=(180, 320))
    file = remake(tmp_path, upright, "noir", targetResolution=90)["files"][0]
    assert (file["width"], file["height"]) == (90, 160)
    assert all_frames(file["path"])[0].shape == (160, 90, 3)


def test_canny_draws_dark_lines_on_light(tmp_path: Path, clip: Path) -> None:
    result = remake(tmp_path, clip, "crisp outlines", controlMode="canny")
    frame = all_frames(result["files"][0]["path"])[10]
    assert np.median(frame) > 180
    square = frame[55:110, 40:110].min(axis=2)
    assert square.min() < 70
    assert result["warnings"] == []


def test_detailer_does_not_restyle_what_its_prompt_describes(tmp_path: Path, clip: Path) -> None:
    file = remake(tmp_path, clip, "the same neon street, sharp", controlMode="detailer")["files"][0]
    assert file["meta"]["looks"] == ["detail"]
    assert 0.5 < difference(all_frames(file["path"])[5], all_frames(clip)[5]) < 12


@pytest.mark.parametrize(
    ("position", "ratio", "size", "corner"),
    [
        ("center", "1:1", (320, 320), (70, 0)),
        ("left", "21:9", (420, 180), (0, 0)),
        ("bottom", None, (320, 224), (44, 0)),
    ],
)
def test_outpaint_grows_the_canvas_around_the_clip(
    tmp_path: Path, clip: Path, position: str, ratio: str, size: tuple, corner: tuple
) -> None:
    result = remake(
        tmp_path,
        clip,
        "more sky",
        controlMode="outpaint",
        outpaintPosition=position,
        outpaintAspectRatio=ratio,
    )
    frame = all_frames(result["files"][0]["path"])[5]
    assert frame.shape == (size[1], size[0], 3)
    top, left = corner
    inside = frame[top : top + 180, left : left + 320]
    assert difference(inside, all_frames(clip)[5]) < 4
    assert "mirroring" in result["warnings"][0]


def test_inpaint_leaves_what_is_black_in_the_mask(tmp_path: Path, clip: Path) -> None:
    mask = np.zeros((180, 320, 3), np.uint8)
    mask[:, 200:] = 255
    cv2.imwrite(str(tmp_path / "mask.png"), mask)
    result = remake(
        tmp_path, clip, "noir", media={"mask": tmp_path / "mask.png"}, controlMode="inpaint"
    )
    before, after = all_frames(clip)[5], all_frames(result["files"][0]["path"])[5]
    assert difference(before[:, :190], after[:, :190]) < 4
    assert difference(before[:, 210:], after[:, 210:]) > 15
    assert "Drawing new objects" in result["warnings"][0]


def test_a_reference_picture_gives_its_colours(tmp_path: Path, clip: Path) -> None:
    green = np.zeros((60, 60, 3), np.uint8)
    green[..., 1] = np.linspace(80, 220, 60)
    cv2.imwrite(str(tmp_path / "green.png"), green)
    result = remake(
        tmp_path, clip, "noir", media={"image": tmp_path / "green.png"}, controlMode="animate-move"
    )
    mean = all_frames(result["files"][0]["path"])[5].reshape(-1, 3).mean(axis=0)
    assert mean[1] > mean[0] + 20
    assert mean[1] > mean[2] + 20
    assert "Motion transfer" in result["warnings"][0]


@pytest.mark.parametrize("mode", ["pose", "depth"])
def test_says_what_a_mode_cannot_do(tmp_path: Path, clip: Path, mode: str) -> None:
    result = remake(tmp_path, clip, "oil painting", controlMode=mode, duration=0.2)
    assert any("isn't supported" in warning for warning in result["warnings"])
    assert result["files"][0]["meta"]["looks"] == ["oil"]


def test_variations_follow_the_branches(tmp_path: Path, clip: Path) -> None:
    result = remake(tmp_path, clip, "{noir|anime} style", numberOfVariations=2, duration=0.2)
    assert [file["meta"]["looks"] for file in result["files"]] == [["noir"], ["anime"]]


def test_needs_a_clip(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="Add a video"):
        run(arguments("video_to_video", tmp_path), no_report)


@pytest.mark.parametrize("prompt", ["watercolor", "noir", "golden hour"])
def test_first_and_last_pictures_are_the_clips_own_scene(
    tmp_path: Path, clip: Path, prompt: str
) -> None:
    file = remake(tmp_path, clip, prompt)["files"][0]
    before, after = all_frames(clip), all_frames(file["path"])
    assert len(after) == len(before)
    for index in (0, -1):
        # The same structure, not the same picture.
        assert 0.35 < ssim(before[index], after[index]) < 0.985
        assert psnr(before[index], after[index]) < 36
        others = [
            ssim(after[index], before[n]) for n in (0, 12, -1) if before[n] is not before[index]
        ]
        assert ssim(before[index], after[index]) > max(others)


def test_its_last_frame_comes_as_an_image(tmp_path: Path, clip: Path) -> None:
    asked = {"controlMode": "detailer", "detailerStrength": 0, "returnLastFrame": True}
    result = remake(tmp_path, clip, "unchanged", **asked)
    film, last = result["files"]
    assert (last["kind"], last["width"], last["height"]) == ("image", 320, 180)
    assert last["meta"]["role"] == "last_frame"
    assert psnr(load(last), all_frames(film["path"])[-1]) > 30
    assert result["warnings"] == []


def test_its_sound_is_the_clips(tmp_path: Path, clip: Path) -> None:
    file = remake(tmp_path, clip, "noir")["files"][0]
    before, after = (sound_of(path)[0, 2400:45600] for path in (clip, file["path"]))
    assert np.corrcoef(before, after)[0, 1] > 0.999
    assert file["meta"]["loudness_lufs"] == pytest.approx(ebu_lufs(sound_of(clip)), abs=0.5)
