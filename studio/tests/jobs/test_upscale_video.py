"""upscale_video: larger, closer to the original than stretching, as steady, with its sound."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest

from mediakit.errors import Refused
from studio.jobs import generate_image
from studio.jobs.upscale_video import run
from studio.media.video.reader import open_film
from studio.media.video.writer import VideoWriter
from studio.tests.support.films import all_frames, arguments, difference, make_clip, no_report, tone
from studio.tests.support.measures import psnr, sound_of

FRAMES = 6


@pytest.fixture(scope="module")
def originals(tmp_path_factory: pytest.TempPathFactory) -> list[np.ndarray]:
    """A camera that slides over a drawn street: 640 × 360, six pictures."""
    out = tmp_path_factory.mktemp("street")
    words = {"prompt": "a neon city street at night in the rain", "width": 800, "height": 450}
    made = generate_image.run(arguments("generate_image", out, params=words), no_report)
    street = cv2.cvtColor(cv2.imread(made["files"][0]["path"]), cv2.COLOR_BGR2RGB)
    return [street[40:400, 60 + 4 * n : 700 + 4 * n].copy() for n in range(FRAMES)]


@pytest.fixture
def small(tmp_path: Path, originals: list[np.ndarray]) -> Path:
    """The same made small, 320 × 180."""
    path = tmp_path / "small.mp4"
    with VideoWriter(path, 320, 180, 24, audio=tone(0.25)) as writer:
        for frame in originals:
            writer.add(cv2.resize(frame, (320, 180), interpolation=cv2.INTER_AREA))
    return path


def upscale(out: Path, clip: Path, **params: object) -> dict:
    return run(arguments("upscale_video", out, params=params, video=clip), no_report)


def seen_at(frames: list[np.ndarray], size: tuple[int, int]) -> list[np.ndarray]:
    return [cv2.resize(frame, size, interpolation=cv2.INTER_AREA) for frame in frames]


def test_is_nearer_to_the_original_than_stretching(
    tmp_path: Path, small: Path, originals: list[np.ndarray]
) -> None:
    file = upscale(tmp_path, small, targetResolution=1080)["files"][0]
    assert (file["width"], file["height"]) == (1920, 1080)
    frames = seen_at(all_frames(file["path"]), (640, 360))
    assert len(frames) == FRAMES
    # Stretched and written by the same encoder.
    with VideoWriter(tmp_path / "plain.mp4", 1920, 1080, 24) as writer:
        for frame in all_frames(small):
            writer.add(cv2.resize(frame, (1920, 1080), interpolation=cv2.INTER_LINEAR))
    plain = seen_at(all_frames(tmp_path / "plain.mp4"), (640, 360))
    ours, theirs = (
        np.mean([psnr(a, b) for a, b in zip(made, originals, strict=True)])
        for made in (frames, plain)
    )
    assert ours > theirs + 0.5


def test_sound_length_and_rate_stay(tmp_path: Path, small: Path) -> None:
    file = upscale(tmp_path, small, targetResolution=1080)["files"][0]
    film = open_film(file["path"])
    assert (film.frame_count(), film.fps, file["duration_s"]) == (FRAMES, 24, 0.25)
    before, after = sound_of(small)[:, :12000], sound_of(file["path"])[:, :12000]
    assert np.corrcoef(before[0, 1200:10800], after[0, 1200:10800])[0, 1] > 0.999


def test_small_sources_become_1080_and_larger_ones_1440(tmp_path: Path) -> None:
    upright = make_clip(tmp_path / "upright.mp4", frames=1, size=(180, 320), hertz=None)
    file = upscale(tmp_path, upright)["files"][0]
    assert (file["width"], file["height"]) == (1080, 1920)
    large = make_clip(tmp_path / "large.mp4", frames=1, size=(1280, 722), hertz=None)
    file = upscale(tmp_path, large)["files"][0]
    assert (file["width"], file["height"]) == (2552, 1440)


def test_never_makes_a_clip_smaller(tmp_path: Path) -> None:
    large = make_clip(tmp_path / "large.mp4", frames=1, size=(1920, 1200), hertz=None)
    result = upscale(tmp_path, large, targetResolution=1080)
    assert (result["files"][0]["width"], result["files"][0]["height"]) == (1920, 1200)
    assert any("Already" in warning for warning in result["warnings"])


@pytest.mark.slow
def test_sharper_has_more_detail_and_its_grain_follows_the_seed(
    tmp_path: Path, small: Path
) -> None:
    made = {
        name: all_frames(
            upscale(tmp_path, small, targetResolution=1080, **params)["files"][0]["path"]
        )[2]
        for name, params in {
            "stable": {},
            "sharper": {"detailPreference": "sharper"},
            "again": {"detailPreference": "sharper"},
            "other": {"detailPreference": "sharper", "seed": 3},
        }.items()
    }
    crisp = {
        name: cv2.Laplacian(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY), cv2.CV_64F).std()
        for name, frame in made.items()
    }
    assert crisp["sharper"] > 1.15 * crisp["stable"]
    assert difference(made["sharper"], made["again"]) == 0
    assert 0.05 < difference(made["sharper"], made["other"]) < 4


def test_what_only_flickers_stands_still(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    path = tmp_path / "noisy.mp4"
    wall = np.full((180, 320, 3), 110, np.uint8)
    with VideoWriter(path, 320, 180, 24) as writer:
        for _ in range(12):
            noisy = wall + rng.normal(0, 1.2, wall.shape[:2])[..., None]
            writer.add(np.clip(noisy, 0, 255).astype(np.uint8))
    flicker = [difference(a, b) for a, b in pairwise(all_frames(path))]
    steady = all_frames(upscale(tmp_path, path, targetResolution=1080)["files"][0]["path"])
    assert np.mean([difference(a, b) for a, b in pairwise(steady)]) < 0.8 * np.mean(flicker)


def test_faster_is_plainer_and_says_so(tmp_path: Path, small: Path) -> None:
    file = upscale(tmp_path, small, targetResolution=1080, processingSpeed="faster")["files"][0]
    assert file["meta"]["method"] == "cubic"
    told = upscale(tmp_path, small, targetResolution=1080, seed=4)["warnings"]
    assert any("seed" in warning for warning in told)


def test_needs_a_clip(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="Add a video"):
        run(arguments("upscale_video", tmp_path), no_report)
