"""refine_result: the scene stays, the named property moves, and what moved is reported."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from mediakit.errors import Refused
from studio.jobs.refine_result import run
from studio.tests.support.films import arguments, no_report
from studio.tests.support.measures import contrast, mean_colour, noise, ssim
from studio.tests.support.pictures import grainy, load, save, scene


def refine(tmp_path: Path, picture: np.ndarray, prompt: str, **params: Any) -> dict:
    source = save(tmp_path / "source.png", picture)
    params = {"prompt": prompt, **params}
    return run(arguments("refine_result", tmp_path, params=params, image=source), no_report)


def sharpness(picture: np.ndarray) -> float:
    return float(cv2.Laplacian(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), cv2.CV_64F).std())


def saturation(picture: np.ndarray) -> float:
    return float(cv2.cvtColor(picture, cv2.COLOR_RGB2HSV)[..., 1].mean())


@pytest.fixture(scope="module")
def source() -> np.ndarray:
    return scene()


# The wish, what is measured, and by how much it has to move at least (a factor).
MOVES = [
    ("sharper, please", sharpness, 1.25),
    ("brighter", lambda p: mean_colour(p).mean(), 1.15),
    ("darker", lambda p: 1 / mean_colour(p).mean(), 1.15),
    ("more contrast", contrast, 1.1),
    ("less contrast", lambda p: 1 / contrast(p), 1.1),
    ("richer colours", saturation, 1.1),
    ("more muted", lambda p: 1 / saturation(p), 1.2),
    ("warmer light", lambda p: mean_colour(p)[0] / mean_colour(p)[2], 1.1),
    ("cooler", lambda p: mean_colour(p)[2] / mean_colour(p)[0], 1.1),
    ("soften it", lambda p: 1 / sharpness(p), 1.1),
]


@pytest.mark.parametrize(("prompt", "measure", "factor"), MOVES, ids=[m[0] for m in MOVES])
def test_the_named_property_moves_and_the_scene_stays(
    tmp_path: Path, source: np.ndarray, prompt: str, measure: Any, factor: float
) -> None:
    answer = refine(tmp_path, source, prompt)
    refined = load(answer["files"][0])
    assert measure(refined) > measure(source) * factor
    assert 0.6 < ssim(source, refined) < 0.999
    assert answer["warnings"] == []


def test_noise_goes_and_edges_stay(tmp_path: Path, source: np.ndarray) -> None:
    noisy = grainy(source)
    clean = load(refine(tmp_path, noisy, "remove the noise")["files"][0])
    assert noise(clean) < noise(noisy) * 0.4
    assert ssim(source, clean) > ssim(source, noisy) + 0.1


def test_a_cast_is_taken_away(tmp_path: Path, source: np.ndarray) -> None:
    grey = np.repeat(source.mean(axis=2, keepdims=True), 3, axis=2)
    yellow = np.clip(grey * (1.1, 1.0, 0.7), 0, 255).astype(np.uint8)
    balanced = load(refine(tmp_path, yellow, "fix the white balance")["files"][0])
    assert np.ptp(mean_colour(balanced)) < 0.25 * np.ptp(mean_colour(yellow))


def test_it_reports_what_moved(tmp_path: Path, source: np.ndarray) -> None:
    meta = refine(tmp_path, source, "much brighter")["files"][0]["meta"]
    assert meta["goals"] == {"brighter": 1.5}
    assert meta["after"]["brightness"] > meta["before"]["brightness"] + 15


def test_variations_are_the_same_wish_at_other_strengths(
    tmp_path: Path, source: np.ndarray
) -> None:
    files = refine(tmp_path, source, "brighter", numberOfVariations=3)["files"]
    light = [mean_colour(load(file)).mean() for file in files]
    assert light[1] < light[0] < light[2]


def test_scale_and_shape_are_honoured(tmp_path: Path, source: np.ndarray) -> None:
    file = refine(tmp_path, source, "sharper", scale=1.5, aspectRatio="1:1")["files"][0]
    assert load(file).shape == (480, 480, 3)


def test_words_it_does_not_know_improve_gently_and_say_so(
    tmp_path: Path, source: np.ndarray
) -> None:
    answer = refine(tmp_path, source, "zebra")
    assert "No known improvement" in answer["warnings"][0]
    assert ssim(source, load(answer["files"][0])) > 0.75


def test_without_a_picture_it_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        run(arguments("refine_result", tmp_path, params={"prompt": "x"}), no_report)
    assert refused.value.error_type == "ASSET_NOT_FOUND"
