"""restore_photo: damage goes, what the photograph shows stays."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from mediakit.errors import Refused
from studio.jobs.restore_photo import run
from studio.tests.support.films import arguments, no_report
from studio.tests.support.measures import contrast, noise, ssim
from studio.tests.support.pictures import grainy, load, save, scene


def restore(tmp_path: Path, picture: np.ndarray, prompt: str = "restore it", **params: Any) -> dict:
    source = save(tmp_path / "source.png", picture)
    params = {"prompt": prompt, **params}
    return run(arguments("restore_photo", tmp_path, params=params, image=source), no_report)


@pytest.fixture(scope="module")
def original() -> np.ndarray:
    return scene("a lighthouse by the sea", 480, 320)


def faded(picture: np.ndarray) -> np.ndarray:
    return (picture * (0.5, 0.42, 0.3) + (90, 75, 55)).astype(np.uint8)


def scratched(picture: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The picture with three scratches and some dust, and where they are."""
    marks = np.zeros(picture.shape[:2], np.uint8)
    for x, lean in ((60, 14), (300, -10), (410, 6)):
        cv2.line(marks, (x, 30), (x + lean, 250), 255, 2)
    for x, y in ((30, 40), (150, 60), (350, 30), (450, 90)):
        cv2.circle(marks, (x, y), 2, 255, -1)
    damaged = picture.copy()
    damaged[marks > 0] = (245, 242, 235)
    return damaged, marks > 0


def test_scratches_and_dust_are_filled_from_around_them(
    tmp_path: Path, original: np.ndarray
) -> None:
    damaged, marks = scratched(original)
    mended = load(restore(tmp_path, damaged, "keep the colours and the contrast")["files"][0])

    def error(picture: np.ndarray) -> float:
        return float(np.abs(picture[marks].astype(int) - original[marks]).mean())

    assert error(mended) < 0.3 * error(damaged)


def test_fading_and_its_cast_are_undone(tmp_path: Path, original: np.ndarray) -> None:
    pale = faded(original)
    mended = load(restore(tmp_path, pale)["files"][0])
    assert contrast(mended) > 1.6 * contrast(pale)
    assert 0.7 < ssim(pale, mended) < 0.98
    leaning = pale.reshape(-1, 3).mean(axis=0)
    after = mended.reshape(-1, 3).mean(axis=0)
    assert abs(after[0] - after[2]) < 0.5 * abs(leaning[0] - leaning[2])


@pytest.mark.parametrize("quality", ["fast", "hq"])
def test_noise_goes(tmp_path: Path, original: np.ndarray, quality: str) -> None:
    noisy = grainy(original, 14)
    mended = load(restore(tmp_path, noisy, quality=quality)["files"][0])
    # Contrast comes back as well, so it is compared to what that alone would leave.
    assert noise(mended) / contrast(mended) < 0.55 * noise(noisy) / contrast(noisy)
    assert ssim(original, mended) > ssim(original, noisy)


def test_black_and_white_stays_so(tmp_path: Path, original: np.ndarray) -> None:
    grey = cv2.cvtColor(cv2.cvtColor(original, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    answer = restore(
        tmp_path, grainy(faded(grey)).mean(axis=2, keepdims=True).repeat(3, 2).astype(np.uint8)
    )
    mended = load(answer["files"][0]).astype(int)
    assert np.ptp(mended, axis=2).max() <= 6
    assert answer["files"][0]["meta"]["monochrome"] is True
    assert answer["warnings"] == []


def test_colours_are_added_only_when_asked_for_and_it_says_they_are_guesses(
    tmp_path: Path, original: np.ndarray
) -> None:
    grey = cv2.cvtColor(cv2.cvtColor(original, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    answer = restore(tmp_path, grey, "restore and colorize")
    coloured = cv2.cvtColor(load(answer["files"][0]), cv2.COLOR_RGB2HSV)
    assert coloured[..., 1].mean() > 20
    assert "Colors are estimated" in answer["warnings"][0]


def test_a_fresh_photograph_hardly_changes(tmp_path: Path, original: np.ndarray) -> None:
    answer = restore(tmp_path, original)
    assert ssim(original, load(answer["files"][0])) > 0.8


def test_words_can_leave_the_grain(tmp_path: Path, original: np.ndarray) -> None:
    noisy = grainy(original)
    meta = restore(tmp_path, noisy, "restore it but keep the grain")["files"][0]["meta"]
    assert "noise" not in meta["mended"]


def test_scale_and_variations_are_honoured(tmp_path: Path, original: np.ndarray) -> None:
    files = restore(tmp_path, faded(original), scale=1.5, numberOfVariations=2)["files"]
    assert [load(file).shape for file in files] == [(480, 720, 3)] * 2
    assert (load(files[0]) != load(files[1])).any()


def test_without_a_picture_it_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        run(arguments("restore_photo", tmp_path, params={"prompt": "x"}), no_report)
    assert refused.value.error_type == "ASSET_NOT_FOUND"
