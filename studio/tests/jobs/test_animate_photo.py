"""animate_photo: one film for each picture, starting or ending on it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mediakit.errors import Refused
from studio.jobs.animate_photo import run
from studio.tests.support.films import all_frames, arguments, difference, no_report


@pytest.fixture
def photos(tmp_path: Path) -> list[dict]:
    """Two foreign pictures, unlike each other."""
    found = []
    for name, low, high in (("dusk", 20, 120), ("noon", 120, 250)):
        rows = np.linspace(high, low, 180)[:, None, None]
        waves = 25 * np.sin(np.arange(320) / 14)[None, :, None]
        picture = np.clip(rows + waves + [0, 20, 40], 0, 255).astype(np.uint8)
        path = tmp_path / f"{name}.png"
        Image.fromarray(picture).save(path)
        found.append({"path": str(path), "kind": "image", "meta": {}})
    return found


def pixels(photo: dict) -> np.ndarray:
    return np.asarray(Image.open(photo["path"]))


def animate(out: Path, photos: list[dict], end: list[dict] | None = None, **params) -> dict:
    call = arguments("animate_photo", out, params={"prompt": "slow push-in", **params})
    studio = {"width": 320, "height": 180, "fps": 24, "duration_s": 0.5}
    media = {"image": photos, "end": end or []}
    return run({**call, "seed": 7, "media": media, "studio": studio}, no_report)


def test_a_film_opens_on_its_picture_and_moves(tmp_path: Path, photos: list[dict]) -> None:
    file = animate(tmp_path, photos[:1])["files"][0]
    frames = all_frames(file["path"])
    assert len(frames) == 12
    assert difference(frames[0], pixels(photos[0])) < 5
    assert difference(frames[0], frames[-1]) > 1


def test_something_moves_even_with_a_locked_camera(tmp_path: Path, photos: list[dict]) -> None:
    frames = all_frames(animate(tmp_path, photos[:1], prompt="locked camera")["files"][0]["path"])
    assert difference(frames[0], frames[-1]) > 0.5


def test_each_picture_becomes_a_film_with_its_own_prompt(
    tmp_path: Path, photos: list[dict]
) -> None:
    files = animate(tmp_path, photos, prompts=["pan left", "tilt up"])["files"]
    assert [file["meta"]["camera"] for file in files] == ["pan_left", "tilt_up"]
    for file, photo in zip(files, photos, strict=True):
        assert difference(all_frames(file["path"])[0], pixels(photo)) < 5


def test_a_picture_can_be_the_last_frame(tmp_path: Path, photos: list[dict]) -> None:
    frames = all_frames(animate(tmp_path, photos[:1], frameRole="end")["files"][0]["path"])
    assert difference(frames[-1], pixels(photos[0])) < 5
    assert difference(frames[0], pixels(photos[0])) > difference(frames[-1], pixels(photos[0]))


def test_it_turns_one_picture_into_another(tmp_path: Path, photos: list[dict]) -> None:
    result = animate(tmp_path, photos[:1], end=photos[1:], frameRole="both")
    frames = all_frames(result["files"][0]["path"])
    assert difference(frames[0], pixels(photos[0])) < 5
    assert difference(frames[-1], pixels(photos[1])) < 5
    middle = frames[len(frames) // 2]
    assert difference(middle, pixels(photos[0])) > 15
    assert difference(middle, pixels(photos[1])) > 15


def test_both_with_two_pictures_and_no_end_uses_the_second(
    tmp_path: Path, photos: list[dict]
) -> None:
    result = animate(tmp_path, photos, frameRole="both")
    assert len(result["files"]) == 1
    assert difference(all_frames(result["files"][0]["path"])[-1], pixels(photos[1])) < 5


def test_both_without_an_end_is_said(tmp_path: Path, photos: list[dict]) -> None:
    assert "last frame" in animate(tmp_path, photos[:1], frameRole="both")["warnings"][0]


def test_variations_count_their_seeds(tmp_path: Path, photos: list[dict]) -> None:
    files = animate(tmp_path, photos[:1], numberOfVariations=2)["files"]
    assert [file["meta"]["seed"] for file in files] == [7, 8]


def test_transparent_pictures_are_filmed_on_white(tmp_path: Path) -> None:
    path = tmp_path / "cut.png"
    Image.new("RGBA", (160, 90), (0, 0, 0, 0)).save(path)
    frames = all_frames(animate(tmp_path, [{"path": str(path), "meta": {}}])["files"][0]["path"])
    assert frames[0].mean() > 240


def test_a_file_that_is_no_picture_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "fake.png"
    path.write_bytes(b"not a picture at all")
    with pytest.raises(Refused):
        animate(tmp_path, [{"path": str(path), "meta": {}}])
