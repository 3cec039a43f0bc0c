"""Whatever a phone or a service made: every tool that changes a clip takes it whole and upright."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import pytest
from PIL import Image

from studio.media.video.reader import open_film
from studio.tests.support.films import (
    all_frames,
    arguments,
    difference,
    make_clip,
    make_raw_clip,
    no_report,
    picture,
)

RED = (150, 60, 40)
PARAMS: dict[str, dict] = {
    "extend_video": {"duration": 2},
    "replace_video_segment": {"startSeconds": 0, "endSeconds": 0.04},
    "overlay_video": {
        "overlays": [
            {"kind": "text", "position": "bottom-center", "text": "A title", "fontSizePct": 30},
            {"kind": "image", "position": "center", "widthPct": 100, "shape": "circle"},
        ]
    },
    "add_subtitles": {"cues": [{"start": 0, "end": 0.2, "text": "Some words to be read"}]},
    "upscale_video": {"targetResolution": 1080, "processingSpeed": "faster"},
    "stitch_video": {"transition": "fade"},
    "video_to_video": {"prompt": "noir"},
}


def phone(path: Path) -> Path:
    """Lying on its side, with pictures at uneven times, without sound."""
    times = [0, 30, 90, 120, 200, 210, 330]
    return make_raw_clip(path, [picture(n, RED) for n in range(7)], times, rotation=90)


def tiny(path: Path) -> Path:
    return make_clip(path, frames=5, size=(40, 30), fps=15)


def one_picture(path: Path) -> Path:
    return make_clip(path, frames=1, size=(64, 64), hertz=None)


def fast(path: Path) -> Path:
    return make_clip(path, frames=12, fps=59.94, size=(98, 54))


CLIPS: tuple[Callable[[Path], Path], ...] = (phone, tiny, one_picture, fast)


@pytest.mark.parametrize("make", CLIPS, ids=lambda make: make.__name__)
@pytest.mark.parametrize("tool", PARAMS)
def test_any_clip_is_taken(tmp_path: Path, tool: str, make: Callable[[Path], Path]) -> None:
    clip = make(tmp_path / "clip.mp4")
    before = open_film(clip)
    Image.new("RGBA", (7, 5), (0, 255, 0, 200)).save(tmp_path / "picture.png")
    media = {"image": tmp_path / "picture.png"} if tool == "overlay_video" else {}
    call = arguments(tool, tmp_path, params=PARAMS[tool], video=clip, **media)
    job = import_module(f"studio.jobs.{tool}")
    file = job.run(call, no_report)["files"][0]
    film = open_film(file["path"])
    added = 2 * before.fps if tool == "extend_video" else 0
    assert film.frame_count() == pytest.approx(before.frame_count() + added, abs=1)
    assert (film.width, film.height) == (file["width"], file["height"])
    assert film.width / film.height == pytest.approx(before.width / before.height, rel=0.05)
    assert film.has_sound == before.has_sound
    assert file["duration_s"] == pytest.approx(film.duration_s, abs=0.05)


def test_a_phones_clip_stands_upright(tmp_path: Path) -> None:
    clip = phone(tmp_path / "clip.mp4")
    call = arguments(
        "add_subtitles", tmp_path, params={"srt": "1\n00:00:05,0 --> 00:00:06,0\nx"}, video=clip
    )
    job = import_module("studio.jobs.add_subtitles")
    file = job.run(call, no_report)["files"][0]
    before, after = all_frames(clip), all_frames(file["path"])
    assert after[0].shape == (320, 180, 3)
    assert max(difference(a, b) for a, b in zip(before, after, strict=True)) < 5
