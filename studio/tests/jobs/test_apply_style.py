"""apply_style: the scene stays, its rendering and palette move as the words say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from mediakit.errors import Refused
from studio.jobs.apply_style import run
from studio.tests.support.films import arguments, difference, no_report
from studio.tests.support.measures import mean_colour, ssim
from studio.tests.support.pictures import load, save, scene


def style(tmp_path: Path, picture: np.ndarray, prompt: str, **params: Any) -> dict:
    source = save(tmp_path / "source.png", picture)
    params = {"prompt": prompt, **params}
    return run(arguments("apply_style", tmp_path, params=params, image=source), no_report)


@pytest.fixture(scope="module")
def source() -> np.ndarray:
    return scene("a red fox in a forest", 320, 200)


# A style, and how much like the source it has to look from afar, where strokes and screens melt.
STYLES = [
    ("watercolour", 0.8),
    ("an oil painting with thick impasto", 0.85),
    ("impressionist, like Monet", 0.8),
    ("in the manner of Van Gogh", 0.7),
    ("chalk pastels", 0.7),
    ("pointillism", 0.85),
    ("charcoal on rough paper", 0.8),
    ("pencil sketch", 0.7),
    ("ink line art", 0.6),
    ("stained glass window", 0.6),
    ("byzantine mosaic", 0.7),
    ("low poly", 0.8),
    ("woodcut", 0.8),
    ("blueprint", 0.5),
    ("risograph print", 0.75),
    ("pop art", 0.75),
    ("claymation", 0.6),
    ("8-bit pixel art", 0.85),
    ("comic book", 0.75),
    ("anime", 0.85),
    ("cyberpunk neon", 0.65),
    ("film noir", 0.65),
    ("faded polaroid from the seventies", 0.85),
]


def from_afar(picture: np.ndarray) -> np.ndarray:
    return cv2.GaussianBlur(picture, (0, 0), 3)


@pytest.mark.parametrize(("prompt", "least"), STYLES, ids=[one[0] for one in STYLES])
def test_the_scene_stays_and_its_rendering_moves(
    tmp_path: Path, source: np.ndarray, prompt: str, least: float
) -> None:
    answer = style(tmp_path, source, prompt)
    painted = load(answer["files"][0])
    assert painted.shape == source.shape
    assert least < ssim(from_afar(source), from_afar(painted)) < 0.995
    assert ssim(source, painted) < 0.95
    assert difference(source, painted) > 6
    assert answer["warnings"] == []


@pytest.mark.thorough
def test_no_two_styles_are_the_same(tmp_path: Path, source: np.ndarray) -> None:
    painted = [load(style(tmp_path, source, prompt)["files"][0]) for prompt, _ in STYLES]
    for index, one in enumerate(painted):
        assert all(difference(one, other) > 3 for other in painted[:index])


def test_named_colours_become_the_palette(tmp_path: Path, source: np.ndarray) -> None:
    painted = mean_colour(load(style(tmp_path, source, "in teal and navy")["files"][0]))
    before = mean_colour(source)
    assert painted[2] - painted[0] > before[2] - before[0] + 10


def test_what_a_negative_word_names_is_left_out(tmp_path: Path, source: np.ndarray) -> None:
    meta = style(tmp_path, source, "a comic without neon")["files"][0]["meta"]
    assert meta["looks"] == ["comic"]


@pytest.mark.parametrize("prompt", ["oil painting", "stained glass", "low poly", "woodcut", "clay"])
@pytest.mark.parametrize("size", [(1, 1), (9, 40), (41, 7)])
def test_tiny_pictures_are_painted_too(tmp_path: Path, prompt: str, size: tuple[int, int]) -> None:
    picture = np.full((size[1], size[0], 3), (200, 120, 60), np.uint8)
    assert load(style(tmp_path, picture, prompt)["files"][0]).shape == picture.shape


@pytest.mark.parametrize("prompt", ["watercolour", "oil painting", "low poly", "pixel art"])
def test_the_same_seed_paints_the_same_picture(
    tmp_path: Path, source: np.ndarray, prompt: str
) -> None:
    first, second = (load(style(tmp_path, source, prompt)["files"][0]) for _ in range(2))
    assert (first == second).all()


def test_scale_enlarges(tmp_path: Path, source: np.ndarray) -> None:
    assert load(style(tmp_path, source, "comic", scale=2)["files"][0]).shape == (400, 640, 3)


def test_words_it_does_not_know_are_said(tmp_path: Path, source: np.ndarray) -> None:
    answer = style(tmp_path, source, "zebra")
    assert "No known style" in answer["warnings"][0]


def test_without_a_picture_it_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        run(arguments("apply_style", tmp_path, params={"prompt": "oil"}), no_report)
    assert refused.value.error_type == "ASSET_NOT_FOUND"
