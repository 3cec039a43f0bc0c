"""replace_video_segment: something else in the stretch, everything around it as it was."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from mediakit.errors import Refused
from studio.jobs.replace_video_segment import run
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
from studio.tests.support.measures import sound_of

BLUE, RED = (40, 90, 140), (150, 60, 40)


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return make_clip(tmp_path / "clip.mp4", frames=48, colour=BLUE)


@pytest.fixture
def other(tmp_path: Path) -> Path:
    return make_clip(tmp_path / "other.mp4", frames=36, colour=RED, hertz=880)


def replace(out: Path, clip: Path, media: dict | None = None, **params: object) -> dict:
    asked = {"startSeconds": 0.5, "endSeconds": 1.5, **params}
    call = arguments("replace_video_segment", out, params=asked, video=clip, **(media or {}))
    return run(call, no_report)


def test_only_the_stretch_changes(tmp_path: Path, clip: Path, other: Path) -> None:
    file = replace(tmp_path, clip, {"replacement": other})["files"][0]
    frames = all_frames(file["path"])
    assert len(frames) == 48
    assert file["duration_s"] == 2.0
    outside = [*range(12), *range(36, 48)]
    assert max(difference(frames[n], picture(n, BLUE)) for n in outside) < 5
    inside = range(16, 32)
    assert min(difference(frames[n], picture(n, BLUE)) for n in inside) > 40
    assert file["meta"]["replaced_s"] == [0.5, 1.5]


def test_the_clip_put_in_is_retimed_to_fill_the_stretch(
    tmp_path: Path, clip: Path, other: Path
) -> None:
    frames = all_frames(replace(tmp_path, clip, {"replacement": other})["files"][0]["path"])
    # 36 pictures in 24: the first third of the stretch shows the first third of the clip.
    for shown, source in ((16, 6), (24, 18), (31, 29)):
        fits = [difference(frames[shown], picture(n, RED)) for n in range(36)]
        assert abs(int(np.argmin(fits)) - source) <= 1
        assert min(fits) < 5


def test_a_part_of_the_clip_can_be_put_in(tmp_path: Path, clip: Path, other: Path) -> None:
    part = {"replacementStartSeconds": 0.5, "replacementEndSeconds": 1.5}
    frames = all_frames(replace(tmp_path, clip, {"replacement": other}, **part)["files"][0]["path"])
    assert difference(frames[20], picture(20, RED)) < 5


def test_slow_motion_shows_pictures_in_between(tmp_path: Path, clip: Path, other: Path) -> None:
    part = {"replacementStartSeconds": 0, "replacementEndSeconds": 0.5}
    frames = all_frames(replace(tmp_path, clip, {"replacement": other}, **part)["files"][0]["path"])
    # Half as fast, so the square moves by a pixel a picture, and no picture shows it twice.
    lefts = [
        int(np.flatnonzero((frame.min(axis=2) > 190).sum(axis=0) > 20)[0])
        for frame in frames[15:33]
    ]
    steps = np.diff(lefts)
    assert lefts[-1] - lefts[0] == pytest.approx(17, abs=2)
    assert (steps <= 2).all()
    widths = [((frame.min(axis=2) > 190).sum(axis=1)).max() for frame in frames[15:33]]
    assert max(widths) <= 48


def test_edges_are_mixed_over_a_few_pictures(tmp_path: Path, clip: Path, other: Path) -> None:
    frames = all_frames(replace(tmp_path, clip, {"replacement": other})["files"][0]["path"])
    cut = difference(picture(12, BLUE), picture(0, RED))
    changes = [difference(a, b) for a, b in pairwise(frames)]
    assert max(changes) < 0.45 * cut
    assert [n for n, change in enumerate(changes) if change > 0.1 * cut] == [
        *range(11, 15),
        *range(32, 36),
    ]


@pytest.mark.parametrize(
    ("start", "end", "first", "last"), [(0, 0.5, 0, 11), (-0.5, 2, 36, 47), (1, 1.01, 24, 24)]
)
def test_takes_any_stretch(
    tmp_path: Path, clip: Path, other: Path, start: float, end: float, first: int, last: int
) -> None:
    asked = {"startSeconds": start, "endSeconds": end}
    frames = all_frames(
        replace(tmp_path, clip, {"replacement": other}, **asked)["files"][0]["path"]
    )
    assert len(frames) == 48
    middle = (first + last) // 2
    assert difference(frames[middle], picture(middle, BLUE)) > 30
    around = [n for n in (first - 1, last + 1) if 0 <= n < 48]
    assert all(difference(frames[n], picture(n, BLUE)) < 5 for n in around)


def test_the_sound_of_the_stretch_is_the_new_clips(tmp_path: Path, clip: Path, other: Path) -> None:
    sound = sound_of(replace(tmp_path, clip, {"replacement": other})["files"][0]["path"])
    # Played half as fast again, at its own pitch.
    assert pitch(sound[:, 28800:67200]) == pytest.approx(880, abs=6)
    for around in (sound[:, 2400:21600], sound[:, 74400:91200]):
        assert pitch(around) == pytest.approx(440, abs=3)
    levels = np.sqrt((sound[:, 2400:93600].reshape(2, -1, 2400) ** 2).mean(axis=(0, 2)))
    assert levels.min() > 0.6 * np.median(levels)


def test_the_sound_of_the_stretch_can_be_kept(tmp_path: Path, clip: Path, other: Path) -> None:
    kept = replace(tmp_path, clip, {"replacement": other}, keepOriginalAudio=True)
    sound = sound_of(kept["files"][0]["path"])
    assert pitch(sound[:, 28800:67200]) == pytest.approx(440, abs=3)
    assert kept["warnings"] == []
    silent = make_clip(tmp_path / "silent.mp4", hertz=None, colour=RED)
    told = replace(tmp_path, clip, {"replacement": silent})
    assert pitch(sound_of(told["files"][0]["path"])[:, 28800:67200]) == pytest.approx(440, abs=3)
    assert any("no audio" in warning for warning in told["warnings"])


def test_a_prompt_draws_a_scene_a_look_or_nothing(tmp_path: Path, clip: Path) -> None:
    scene = replace(tmp_path, clip, prompt="a red fox in the snow")
    assert scene["files"][0]["meta"]["replaced_by"] == "scene"
    frames = all_frames(scene["files"][0]["path"])
    assert difference(frames[24], picture(24, BLUE)) > 25
    assert max(difference(frames[n], picture(n, BLUE)) for n in (0, 11, 36, 47)) < 5
    look = replace(tmp_path, clip, prompt="noir")
    assert look["files"][0]["meta"]["replaced_by"] == "look"
    grey = all_frames(look["files"][0]["path"])[24]
    assert np.ptp(grey.reshape(-1, 3).mean(axis=0)) < 8
    bridge = replace(tmp_path, clip, prompt="florp the wibble")
    assert bridge["files"][0]["meta"]["replaced_by"] == "bridge"
    assert any("Nothing in the prompt" in warning for warning in bridge["warnings"])


def test_without_anything_to_put_in_the_stretch_is_bridged(tmp_path: Path) -> None:
    # A flaw in the middle of the clip: the bridge knows nothing of it.
    path = make_clip(tmp_path / "flawed.mp4", frames=48, colour=BLUE)
    flawed = replace(tmp_path, path, {"replacement": make_clip(tmp_path / "r.mp4", colour=RED)})
    source = tmp_path / "source.mp4"
    Path(flawed["files"][0]["path"]).rename(source)
    mended = replace(tmp_path, source, startSeconds=0.45, endSeconds=1.55)
    frames = all_frames(mended["files"][0]["path"])
    changes = [difference(a, b) for a, b in pairwise(frames)]
    assert max(changes[9:39]) < 6
    assert max(difference(frames[n], picture(n, BLUE)) for n in range(16, 32)) < 15


@pytest.mark.parametrize(
    ("asked", "named"),
    [
        ({"startSeconds": 3}, "startSeconds"),
        ({"startSeconds": -3}, "startSeconds"),
        ({"endSeconds": 2.5}, "endSeconds"),
        ({"startSeconds": 1.5, "endSeconds": 1}, r"End \(1 s\) must be after start"),
        ({"startSeconds": 1, "endSeconds": 1}, r"End \(1 s\)"),
        ({"replacementStartSeconds": 2}, "replacementStartSeconds"),
        ({"replacementEndSeconds": 9}, "replacementEndSeconds"),
        (
            {"replacementStartSeconds": 1, "replacementEndSeconds": 0.5},
            "replacementEndSeconds",
        ),
    ],
)
def test_names_the_time_that_cannot_be(
    tmp_path: Path, clip: Path, other: Path, asked: dict, named: str
) -> None:
    with pytest.raises(Refused, match=named):
        replace(tmp_path, clip, {"replacement": other}, **asked)


def test_a_clip_without_sound_stays_without(tmp_path: Path) -> None:
    silent = make_clip(tmp_path / "silent.mp4", hertz=None)
    file = replace(tmp_path, silent, prompt="noir", endSeconds=0.9)["files"][0]
    assert not open_film(file["path"]).has_sound


def test_needs_a_clip(tmp_path: Path) -> None:
    asked = {"startSeconds": 0, "endSeconds": 1}
    with pytest.raises(Refused, match="Add a video"):
        run(arguments("replace_video_segment", tmp_path, params=asked), no_report)
