"""A phone's twelve million pixels pass through every tool for stills within 1.5 GB."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from studio.tests.support.films import arguments
from studio.tests.support.job_process import run_in_process
from studio.tests.support.pictures import grainy, save, scene

_SIZE = (4000, 3000)
_MOST_MB = 1500


@pytest.fixture(scope="module")
def photograph(tmp_path_factory: pytest.TempPathFactory) -> Path:
    small = scene("a lighthouse by the sea", 1000, 750)
    large = cv2.resize(small, _SIZE, interpolation=cv2.INTER_CUBIC)
    path = tmp_path_factory.mktemp("large") / "photograph.jpg"
    Image.fromarray(grainy(large, 5)).save(path, quality=90)
    return path


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("tool", "params"),
    [
        ("edit_image", {"prompt": "make it night with snow, add the title “THE LAST LAMP”"}),
        ("edit_image", {"prompt": "replace the background with a beach, make it greener"}),
        ("edit_image", {"prompt": "remove the lighthouse and blur everything except the sky"}),
        ("restore_photo", {}),
        ("refine_result", {"prompt": "denoise, remove the haze and improve it"}),
        ("apply_style", {"prompt": "van gogh"}),
        ("apply_style", {"prompt": "stained glass"}),
        ("upscale_image", {"scale": 2}),
    ],
    ids=lambda value: value if isinstance(value, str) else value.get("prompt", ""),
)
def test_large_pictures_take_less_than_one_and_a_half(
    tmp_path: Path, photograph: Path, tool: str, params: dict
) -> None:
    answer = run_in_process(arguments(tool, tmp_path, params=params, image=[photograph]))
    assert answer["files"][0]["width"] > 3400
    assert answer["peak_mb"] < _MOST_MB


@pytest.mark.thorough
@pytest.mark.parametrize("share", [0.4, 1.0])
def test_a_mask_keeps_a_large_picture_large_within_bounds(
    tmp_path: Path, photograph: Path, share: float
) -> None:
    mask = np.zeros((300, 400, 3), np.uint8)
    mask[: round(300 * share), : round(400 * share)] = 255
    marks = save(tmp_path / "mask.png", mask)
    params = {"prompt": "make it night"}
    answer = run_in_process(
        arguments("edit_image", tmp_path, params=params, image=[photograph], mask=marks)
    )
    assert (answer["files"][0]["width"], answer["files"][0]["height"]) == _SIZE
    assert answer["peak_mb"] < _MOST_MB
