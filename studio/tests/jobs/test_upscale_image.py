"""upscale_image: the asked size, nearer to the original than plain enlargement, alpha kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from mediakit.errors import Refused
from studio.jobs.upscale_image import run
from studio.tests.support.films import arguments, no_report
from studio.tests.support.measures import psnr
from studio.tests.support.pictures import load, save, scene


def upscale(tmp_path: Path, picture: np.ndarray, **params: Any) -> dict:
    source = save(tmp_path / "source.png", picture)
    return run(arguments("upscale_image", tmp_path, params=params, image=source), no_report)


@pytest.mark.parametrize("scale", [2, 3, 4])
def test_each_side_grows_by_the_scale(tmp_path: Path, scale: int) -> None:
    answer = upscale(tmp_path, scene(width=90, height=61), scale=scale)
    assert load(answer["files"][0]).shape == (61 * scale, 90 * scale, 3)
    assert answer["warnings"] == []


@pytest.mark.parametrize("prompt", ["neon city street at night", "a lighthouse by the sea"])
def test_it_is_nearer_to_the_original_than_bilinear(tmp_path: Path, prompt: str) -> None:
    original = scene(prompt, 480, 320)
    small = cv2.resize(original, (240, 160), interpolation=cv2.INTER_AREA)
    bilinear = cv2.resize(small, (480, 320), interpolation=cv2.INTER_LINEAR)
    enlarged = load(upscale(tmp_path, small, scale=2)["files"][0])
    assert psnr(original, enlarged) > psnr(original, bilinear) + 0.8


def test_the_longest_edge_wins_over_the_scale(tmp_path: Path) -> None:
    answer = upscale(tmp_path, scene(width=200, height=333), targetLongestEdge=777, scale=2)
    assert load(answer["files"][0]).shape == (777, 467, 3)


def test_transparency_is_kept_and_hidden_colours_stay_hidden(tmp_path: Path) -> None:
    picture = np.zeros((40, 60, 4), np.uint8)
    picture[..., :3] = (0, 255, 0)
    picture[10:30, 20:40] = (220, 30, 30, 255)
    large = load(upscale(tmp_path, picture, scale=4)["files"][0])
    assert large.shape == (160, 240, 4)
    assert large[80, 120].tolist() == [220, 30, 30, 255]
    assert large[4, 4, 3] == 0
    # No green rim: wherever it can be seen it is red.
    seen = large[large[..., 3] > 8]
    assert seen[:, 1].max() < 60


@pytest.mark.slow
def test_what_no_tool_could_open_again_becomes_smaller_and_says_so(tmp_path: Path) -> None:
    answer = upscale(tmp_path, np.full((40, 4000, 3), 90, np.uint8), targetLongestEdge=15360)
    assert answer["files"][0]["width"] == 15360
    assert answer["warnings"] == []
    answer = upscale(tmp_path, np.full((64, 64, 3), 90, np.uint8), targetLongestEdge=15360)
    assert answer["files"][0]["width"] == answer["files"][0]["height"] == 6324
    assert "40 megapixels" in answer["warnings"][0]


def test_a_picture_longer_than_asked_becomes_smaller_and_says_so(tmp_path: Path) -> None:
    answer = upscale(tmp_path, scene(width=640, height=100), targetLongestEdge=512)
    assert answer["files"][0]["width"] == 512
    assert "Already" in answer["warnings"][0]


def test_one_pixel_is_enlarged_too(tmp_path: Path) -> None:
    answer = upscale(tmp_path, np.full((1, 1, 3), 77, np.uint8), scale=4)
    assert np.abs(load(answer["files"][0]).astype(int) - 77).max() <= 1


def test_without_a_picture_it_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        run(arguments("upscale_image", tmp_path), no_report)
    assert refused.value.error_type == "ASSET_NOT_FOUND"
