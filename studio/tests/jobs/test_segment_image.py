"""segment_image: masks of drawn shapes by box, point and words; what it cannot know is said."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mediakit.errors import Refused
from studio.jobs import generate_image
from studio.jobs.segment_image import run
from studio.tests.support.films import arguments, no_report
from studio.tests.support.measures import iou
from studio.tests.support.shapes import (
    BLUE,
    HEIGHT,
    RED,
    WIDTH,
    backdrop,
    draw_disc,
    draw_star,
    mask_of,
    saved,
)


@pytest.fixture
def shapes(tmp_path: Path) -> dict:
    """A red disc on the left, a blue star on the right."""
    picture = backdrop()
    disc = draw_disc(picture, (90, 95), 45, RED)
    star = draw_star(picture, (235, 85), 55, BLUE)
    return {"path": saved(picture, tmp_path / "shapes.png"), "disc": disc, "star": star}


def select(out: Path, image: object, meta: dict | None = None, **params) -> dict:
    given = {"threshold": 0.5, "applyMask": False, **params}
    call = arguments("segment_image", out, params=given, image=image)
    call["media"]["image"][0]["meta"] = meta or {}
    return run(call, no_report)


def at(x: int, y: int, label: str = "positive") -> dict:
    return {"x": x / WIDTH, "y": y / HEIGHT, "label": label}


def around(left: int, top: int, right: int, bottom: int, label: str = "positive") -> dict:
    return {
        "x0": left / WIDTH, "y0": top / HEIGHT, "x1": right / WIDTH, "y1": bottom / HEIGHT,
        "label": label,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("shape", "box"), [("disc", (38, 44, 142, 146)), ("star", (176, 24, 296, 140))]
)
def test_a_box_selects_the_shape_in_it(
    tmp_path: Path, shapes: dict, shape: str, box: tuple[int, int, int, int]
) -> None:
    file = select(tmp_path, shapes["path"], boxes=[around(*box)])["files"][0]
    assert iou(mask_of(file), shapes[shape]) > 0.9
    assert file["meta"]["area"] == pytest.approx(shapes[shape].mean(), rel=0.1)


@pytest.mark.parametrize(("shape", "point"), [("disc", (80, 90)), ("star", (235, 90))])
def test_a_point_selects_the_shape_under_it(
    tmp_path: Path, shapes: dict, shape: str, point: tuple[int, int]
) -> None:
    file = select(tmp_path, shapes["path"], points=[at(*point)])["files"][0]
    assert iou(mask_of(file), shapes[shape]) > 0.9


def test_points_on_two_things_select_both_and_points_off_them_exclude(
    tmp_path: Path, shapes: dict
) -> None:
    both = [at(80, 90), at(235, 90)]
    file = select(tmp_path, shapes["path"], points=both)["files"][0]
    assert iou(mask_of(file), shapes["disc"] | shapes["star"]) > 0.9
    file = select(tmp_path, shapes["path"], points=[at(80, 90), at(300, 20, "negative")])["files"]
    assert not mask_of(file[0])[20, 300]


@pytest.mark.parametrize(
    ("words", "shape"),
    [("the red disc", "disc"), ("blue thing", "star"), ("the thing on the right", "star")],
)
def test_words_select_by_colour_and_place(
    tmp_path: Path, shapes: dict, words: str, shape: str
) -> None:
    file = select(tmp_path, shapes["path"], text=words)["files"][0]
    assert iou(mask_of(file), shapes[shape]) > 0.85


@pytest.fixture
def painted(tmp_path: Path) -> dict:
    """A sunset; before it a lighthouse in red and white on a dark foot."""
    y = np.linspace(0, 1, 270)[:, None, None]
    picture = np.array([70, 60, 120]) * (1 - y) + np.array([250, 140, 70]) * y
    picture = np.broadcast_to(picture, (270, 480, 3)).astype(np.uint8).copy()
    tower = np.zeros((270, 480), bool)
    for row, colour in enumerate([(200, 30, 35), (240, 238, 230)] * 2):
        picture[60 + 40 * row : 100 + 40 * row, 210:270] = colour
    tower[60:220, 210:270] = True
    picture[220:245, 190:290] = (18, 16, 20)
    tower[220:245, 190:290] = True
    red = np.zeros_like(tower)
    red[60:100, 210:270] = red[140:180, 210:270] = True
    return {"path": saved(picture, tmp_path / "tower.png"), "tower": tower, "red": red}


def test_a_point_on_a_thing_of_many_colours_takes_all_of_it(tmp_path: Path, painted: dict) -> None:
    point = [{"x": 0.5, "y": 160 / 270, "label": "positive"}]
    files = select(tmp_path, painted["path"], points=point, multimask=True, threshold=0.1)["files"]
    assert iou(mask_of(files[0]), painted["tower"]) > 0.85
    # The stripe alone is the other thing it may mean.
    assert any(mask_of(file).sum() < 0.4 * painted["tower"].sum() for file in files[1:])


def test_a_sunset_is_not_what_a_red_thing_means(tmp_path: Path, painted: dict) -> None:
    held = mask_of(select(tmp_path, painted["path"], text="the red stripes")["files"][0])
    assert iou(held, painted["red"]) > 0.8


def test_a_box_takes_the_dark_foot_along(tmp_path: Path, painted: dict) -> None:
    box = {"x0": 0.38, "y0": 0.19, "x1": 0.62, "y1": 0.93, "label": "positive"}
    held = mask_of(select(tmp_path, painted["path"], boxes=[box])["files"][0])
    assert iou(held, painted["tower"]) > 0.9


def test_words_it_does_not_know_are_said(tmp_path: Path, shapes: dict) -> None:
    result = select(tmp_path, shapes["path"], text="the giraffe")
    assert "giraffe" in result["warnings"][0]


def test_a_negative_box_takes_away(tmp_path: Path, shapes: dict) -> None:
    left_half = around(0, 0, 90, 180, "negative")
    file = select(tmp_path, shapes["path"], points=[at(100, 90)], boxes=[left_half])["files"][0]
    held = mask_of(file)
    assert not held[:, :88].any()
    assert held[95, 110]


def test_several_candidates_are_several_files_the_likeliest_first(
    tmp_path: Path, shapes: dict
) -> None:
    # A disc within a ring: the point may mean either.
    picture = backdrop()
    ring = draw_disc(picture, (160, 90), 60, BLUE)
    disc = draw_disc(picture, (160, 90), 30, (60, 110, 235))
    path = saved(picture, tmp_path / "ring.png")
    files = select(tmp_path, path, points=[at(160, 90)], multimask=True, threshold=0.1)["files"]
    assert 2 <= len(files) <= 3
    assert [file["meta"]["score"] for file in files] == sorted(
        (file["meta"]["score"] for file in files), reverse=True
    )
    for shape in (ring, disc):
        assert max(iou(mask_of(file), shape) for file in files) > 0.8


def test_the_number_of_things_is_kept(tmp_path: Path, shapes: dict) -> None:
    boxes = [around(38, 44, 142, 146), around(176, 24, 296, 140)]
    result = select(tmp_path, shapes["path"], boxes=boxes)
    assert len(result["values"]["segments"]) == 2
    result = select(tmp_path, shapes["path"], boxes=boxes, maxInstances=1)
    assert len(result["values"]["segments"]) == 1


def test_nothing_above_the_threshold_is_an_empty_mask_and_said(
    tmp_path: Path, shapes: dict
) -> None:
    result = select(tmp_path, shapes["path"], points=[at(80, 90)], threshold=1)
    assert not mask_of(result["files"][0]).any()
    assert "mask is empty" in result["warnings"][0]


def test_a_cut_out_is_transparent_around_the_shape(tmp_path: Path, shapes: dict) -> None:
    file = select(tmp_path, shapes["path"], points=[at(80, 90)], applyMask=True)["files"][0]
    pixels = np.asarray(Image.open(file["path"]))
    assert pixels.shape[2] == 4
    assert iou(pixels[..., 3] > 127, shapes["disc"]) > 0.9


def test_figures_of_our_own_pictures_are_known_by_name(tmp_path: Path) -> None:
    drawn = generate_image.run(
        arguments("generate_image", tmp_path, params={"prompt": "a red fox in the snow"}),
        no_report,
    )["files"][0]
    result = select(tmp_path / ".", drawn["path"], drawn["meta"], text="the fox")
    segment = result["values"]["segments"][0]
    assert (segment["name"], segment["score"]) == ("fox", 1.0)
    assert result["warnings"] == []


def test_a_box_inside_out_is_refused(tmp_path: Path, shapes: dict) -> None:
    with pytest.raises(Refused, match="boxes"):
        select(tmp_path, shapes["path"], boxes=[around(142, 44, 38, 146)])


def test_without_a_picture_it_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="Add an image"):
        run(arguments("segment_image", tmp_path), no_report)


@pytest.mark.parametrize("size", [(1, 1), (3, 40), (40, 40)])
def test_tiny_pictures_are_selected_in(tmp_path: Path, size: tuple[int, int]) -> None:
    path = saved(np.full((*size, 3), 90, np.uint8), tmp_path / "tiny.png")
    for params in ({"points": [at(160, 90)]}, {"boxes": [around(0, 0, 300, 170)]}, {"text": "sky"}):
        assert len(select(tmp_path, path, **params)["files"]) == 1
