"""remove_background: drawn subjects keep their outline and color; without one nothing goes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mediakit.errors import Refused
from studio.artist.scenes.own_figures import drawn_figures
from studio.jobs import generate_image
from studio.jobs.remove_background import run
from studio.tests.support.films import arguments, no_report
from studio.tests.support.measures import iou
from studio.tests.support.shapes import BLUE, RED, backdrop, draw_disc, draw_star, mask_of, saved


def cut(out: Path, image: object, meta: dict | None = None, **params) -> dict:
    call = arguments("remove_background", out, params=params, image=image)
    call["media"]["image"][0]["meta"] = meta or {}
    return run(call, no_report)


def pixels(file: dict) -> np.ndarray:
    return np.asarray(Image.open(file["path"]))


def drawn(out: Path, prompt: str, width: int = 320) -> dict:
    call = arguments("generate_image", out, params={"prompt": prompt})
    call["studio"].update(width=width, height=width * 9 // 16)
    return generate_image.run(call, no_report)["files"][0]


@pytest.mark.parametrize("draw", [draw_disc, draw_star])
def test_a_drawn_subject_is_cut_along_its_outline(tmp_path: Path, draw: object) -> None:
    picture = backdrop()
    shape = draw(picture, (160, 95), 60, RED)  # type: ignore[operator]
    file = cut(tmp_path, saved(picture, tmp_path / "in.png"))["files"][0]
    found = pixels(file)
    assert (file["mime"], found.shape[2]) == ("image/png", 4)
    assert iou(found[..., 3] > 127, shape) > 0.9


def test_no_background_shines_through_at_the_edge(tmp_path: Path) -> None:
    picture = np.full((180, 320, 3), (20, 220, 40), np.uint8)
    mask = draw_disc(picture, (160, 90), 60, BLUE)
    soft = np.asarray(Image.fromarray(picture).resize((640, 360)).resize((320, 180)))
    found = pixels(cut(tmp_path, saved(soft, tmp_path / "in.png"))["files"][0]).astype(int)
    edge = (found[..., 3] > 25) & (found[..., 3] < 230)
    assert edge.sum() > 20
    # Green above blue would be the wall.
    assert (found[edge][:, 1] < found[edge][:, 2]).mean() > 0.95
    assert mask.any()


def test_a_mask_can_be_had_instead(tmp_path: Path) -> None:
    picture = backdrop()
    shape = draw_disc(picture, (160, 95), 60, RED)
    file = cut(tmp_path, saved(picture, tmp_path / "in.png"), applyMask=False)["files"][0]
    assert iou(mask_of(file), shape) > 0.9


def test_our_own_figures_are_cut_exactly_even_after_a_detour(tmp_path: Path) -> None:
    made = drawn(tmp_path, "a blue car on a city street at night")
    path = Path(made["path"]).rename(tmp_path / "car.png")
    image = np.asarray(Image.open(path))
    figures = drawn_figures({"path": str(path), "meta": made["meta"]}, image)
    assert figures is not None
    # Without the run's notes the file's own are read.
    result = cut(tmp_path, path)
    assert iou(pixels(result["files"][0])[..., 3] > 127, figures[0].mask > 0.5) > 0.99
    assert result["files"][0]["meta"]["name"] == "car"


def test_a_figure_is_found_in_a_picture_without_notes(tmp_path: Path) -> None:
    made = drawn(tmp_path, "a red fox in the snow")
    image = np.asarray(Image.open(made["path"]))
    figures = drawn_figures(made, image)
    assert figures is not None
    found = cut(tmp_path, saved(image, tmp_path / "fox.png"))["files"][0]
    assert iou(pixels(found)[..., 3] > 127, figures[0].mask > 0.5) > 0.8


SUBJECTS = (
    "a white robot in a forest",
    "a red fox in the snow",
    "a woman in a red coat at sunset on a beach",
    "a cat on a sofa",
    "a lighthouse on a cliff",
    "a sailboat at sunset",
    "a vase of flowers on a table",
    "a rocket over the desert",
    "a dog on a beach",
    "a tree on a hill",
)


@pytest.mark.thorough
def test_seven_of_ten_subjects_are_found_without_their_notes(tmp_path: Path) -> None:
    """Without notes a picture of ours is as foreign as a photograph, saved as JPEG all the more."""
    found = {}
    for prompt in SUBJECTS:
        made = drawn(tmp_path, prompt, 1024)
        image = Image.open(made["path"]).convert("RGB")
        figures = drawn_figures(made, np.asarray(image))
        assert figures
        image.save(tmp_path / "foreign.jpg", quality=88)
        file = cut(tmp_path, tmp_path / "foreign.jpg")["files"][0]
        found[prompt] = iou(pixels(file)[..., 3] > 127, figures[0].mask > 0.5)
    assert sum(value >= 0.8 for value in found.values()) >= 7, found


def test_two_things_of_a_kind_are_both_kept(tmp_path: Path) -> None:
    picture = backdrop()
    both = draw_disc(picture, (90, 95), 45, RED) | draw_star(picture, (235, 85), 55, BLUE)
    found = pixels(cut(tmp_path, saved(picture, tmp_path / "two.png"))["files"][0])
    assert iou(found[..., 3] > 127, both) > 0.9


def test_a_landscape_without_a_subject_stays_whole_and_that_is_said(tmp_path: Path) -> None:
    made = drawn(tmp_path, "an empty meadow at noon")
    result = cut(tmp_path, made["path"], made["meta"])
    assert "Nothing was removed" in result["warnings"][0]
    rows = np.linspace(230, 90, 180)[:, None, None]
    plain = np.broadcast_to(rows, (180, 320, 3)).astype(np.uint8)
    result = cut(tmp_path, saved(plain, tmp_path / "plain.png"))
    assert "Nothing was removed" in result["warnings"][0]
    assert (pixels(result["files"][0])[..., 3] == 255).all()


def test_what_was_cut_out_already_stays_so(tmp_path: Path) -> None:
    picture = np.zeros((90, 160, 4), np.uint8)
    picture[20:70, 40:120] = (200, 30, 30, 255)
    result = cut(tmp_path, saved(picture, tmp_path / "cut.png"))
    assert (pixels(result["files"][0])[..., 3] == picture[..., 3]).all()
    assert "Already" in result["warnings"][0]


@pytest.mark.parametrize("mode", ["L", "P", "CMYK", "I;16"])
def test_pictures_of_any_kind_are_cut(tmp_path: Path, mode: str) -> None:
    picture = backdrop()
    shape = draw_disc(picture, (160, 95), 60, (250, 245, 240))
    image = Image.fromarray(picture)
    if mode == "I;16":
        grey = np.asarray(image.convert("L")).astype(np.uint16) * 257
        Image.fromarray(grey).save(tmp_path / "in.png")
        path = tmp_path / "in.png"
    else:
        path = tmp_path / ("in.jpg" if mode == "CMYK" else "in.png")
        image.convert(mode).save(path)
    found = pixels(cut(tmp_path, path)["files"][0])
    assert iou(found[..., 3] > 127, shape) > 0.8


@pytest.mark.parametrize("size", [(1, 1), (2, 40), (40, 40)])
def test_tiny_pictures_do_not_fail(tmp_path: Path, size: tuple[int, int]) -> None:
    path = saved(np.full((*size, 3), 90, np.uint8), tmp_path / "tiny.png")
    assert pixels(cut(tmp_path, path)["files"][0]).shape == (*size, 4)


def test_without_a_picture_it_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="Add an image"):
        run(arguments("remove_background", tmp_path), no_report)
