"""Ten minutes pass through in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from studio.media.video.reader import open_film
from studio.media.video.writer import VideoWriter
from studio.tests.support.films import arguments, picture, tone
from studio.tests.support.job_process import run_in_process

_FPS, _SIZE = 4, (128, 72)
# One whole copy of ten minutes of sound is 230 MB, and mixing takes three or four.
_MOST_MB = 450


def clip_of(path: Path, seconds: int) -> Path:
    """A small clip with a tone."""

    def sound() -> Iterator[np.ndarray]:
        second = tone(1)
        for _ in range(seconds):
            yield second

    frames = [picture(n, (40, 90, 140), *_SIZE) for n in range(24)]
    with VideoWriter(path, *_SIZE, _FPS, audio=sound()) as writer:
        for number in range(seconds * _FPS):
            writer.add(frames[number % 24])
    return path


@pytest.fixture(scope="module")
def ten_minutes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return clip_of(tmp_path_factory.mktemp("long") / "long.mp4", 590)


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("tool", "params"),
    [
        ("analyze_video", {}),
        ("add_subtitles", {"cues": [{"start": 1, "end": 580, "text": "All the time"}]}),
        (
            "overlay_video",
            {
                "overlays": [
                    {"kind": "image", "position": "center", "overlayVideoIndex": 0, "volume": 0.5}
                ]
            },
        ),
        ("stitch_video", {"keepSourceAudio": True}),
        ("replace_video_segment", {"startSeconds": 60, "endSeconds": 400}),
        ("extend_video", {"duration": 5}),
        ("video_to_video", {"prompt": "noir"}),
    ],
)
def test_ten_minutes_stay_in_bounds(
    tmp_path: Path, ten_minutes: Path, tool: str, params: dict
) -> None:
    more = {
        "overlay_video": {"clips": ten_minutes},
        "stitch_video": {"audio": ten_minutes},
        "replace_video_segment": {"replacement": ten_minutes},
    }
    call = arguments(tool, tmp_path, params=params, video=ten_minutes, **more.get(tool, {}))
    answer = run_in_process(call)
    assert answer["peak_mb"] < _MOST_MB
    for file in answer["files"]:
        film = open_film(file["path"])
        added = 5 if tool == "extend_video" else 0
        assert film.duration_s == pytest.approx(590 + added, abs=0.5)
        assert film.has_sound
