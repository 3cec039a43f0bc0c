"""apply_style: the scene stays, its rendering and palette move as the words say."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from media.sandbox import Refused
from tests.support.films import arguments, difference, no_report
from tests.support.measures import ssim
from tests.support.pictures import load, save, scene
from tools.providers.studio.jobs.apply_style import run


def style(tmp_path: Path, picture: np.ndarray, prompt: str, **params) -> dict:
    source = save(tmp_path / "source.png", picture)
    params = {"prompt": prompt, **params}
    return run(arguments("apply_style", tmp_path, params=params, image=source), no_report)


@pytest.fixture(scope="module")
def source() -> np.ndarray:
    return scene("a red fox in a forest", 320, 200)


@pytest.mark.parametrize("prompt", ["watercolour", "oil painting", "pencil sketch", "film noir"])
def test_the_scene_stays_and_its_rendering_moves(
    tmp_path: Path, source: np.ndarray, prompt: str
) -> None:
    answer = style(tmp_path, source, prompt)
    painted = load(answer["files"][0])
    assert painted.shape == source.shape
    assert 0.25 < ssim(source, painted) < 0.97
    assert difference(source, painted) > 6
    assert answer["warnings"] == []


def test_the_same_seed_paints_the_same_picture(tmp_path: Path, source: np.ndarray) -> None:
    first, second = (load(style(tmp_path, source, "watercolour")["files"][0]) for _ in range(2))
    assert (first == second).all()


def test_scale_enlarges(tmp_path: Path, source: np.ndarray) -> None:
    assert load(style(tmp_path, source, "comic", scale=2)["files"][0]).shape == (400, 640, 3)


def test_words_it_does_not_know_are_said(tmp_path: Path, source: np.ndarray) -> None:
    answer = style(tmp_path, source, "zebra")
    assert "knows none of these words" in answer["warnings"][0]


def test_without_a_picture_it_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        run(arguments("apply_style", tmp_path, params={"prompt": "oil"}), no_report)
    assert refused.value.error_type == "ASSET_NOT_FOUND"
