"""change_angle: near and far move apart, the structure stays, what cannot be shown is said."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from mediakit.errors import Refused
from studio.artist.scenes.own_figures import drawn_figures
from studio.jobs import generate_image
from studio.jobs.change_angle import run
from studio.tests.support.films import arguments, difference, no_report
from studio.tests.support.measures import ssim
from studio.tests.support.shapes import RED, backdrop, draw_disc, saved

FAR = (slice(20, 70), slice(40, 280))


@pytest.fixture
def scene(tmp_path: Path) -> Path:
    """A foreign picture: a red disc near the ground before a wall with uneven marks."""
    picture = backdrop()
    rng = np.random.default_rng(3)
    for _ in range(60):
        x, y = int(rng.integers(0, 320)), int(rng.integers(5, 75))
        cv2.circle(picture, (x, y), 3, (70, 90, 80), -1)
    draw_disc(picture, (160, 115), 42, RED)
    return saved(picture, tmp_path / "scene.png")


@pytest.fixture
def own(tmp_path: Path) -> dict:
    call = arguments("generate_image", tmp_path, params={"prompt": "a robot in a forest"})
    file = generate_image.run(call, no_report)["files"][0]
    path = Path(file["path"]).rename(tmp_path / "own.png")
    return {**file, "path": str(path)}


def turn(out: Path, image: object, description: str, meta: dict | None = None, **params) -> dict:
    given = {"description": description, "loraStrength": 0.9, **params}
    call = arguments("change_angle", out, params=given, image=image)
    call["media"]["image"][0]["meta"] = meta or {}
    return run(call, no_report)


def pixels(file: object) -> np.ndarray:
    return np.asarray(Image.open(file["path"] if isinstance(file, dict) else file).convert("RGB"))


def red(picture: np.ndarray) -> np.ndarray:
    colour = picture.astype(int)
    return (colour[..., 0] > 110) & (colour[..., 1] < 80)


def disc_x(picture: np.ndarray) -> float:
    return float(np.flatnonzero(red(picture).any(axis=0)).mean())


def shift(before: np.ndarray, after: np.ndarray, window: tuple = FAR) -> tuple[float, float]:
    """How far what is in a window went to the right and down, in pixels."""
    first, second = (
        np.float32(cv2.cvtColor(np.ascontiguousarray(one[window]), cv2.COLOR_RGB2GRAY))
        for one in (before, after)
    )
    return cv2.phaseCorrelate(
        first, second, cv2.createHanningWindow(first.shape[::-1], cv2.CV_32F)
    )[0]


def sun_x(picture: np.ndarray) -> float:
    """The middle of the brightest yellow."""
    colour = cv2.GaussianBlur(picture, (0, 0), 4).astype(int)
    yellow = colour[..., 0] + colour[..., 1] - 2 * colour[..., 2] + colour.sum(axis=2)
    return float(np.unravel_index(yellow.argmax(), yellow.shape)[1])


def test_a_still_camera_leaves_the_picture_as_it_is(tmp_path: Path, scene: Path) -> None:
    file = turn(tmp_path, scene, "front view eye-level shot medium shot")["files"][0]
    assert difference(pixels(file), pixels(scene)) < 1.5


@pytest.mark.parametrize(("words", "sign"), [("right side view", 1), ("left side view", -1)])
def test_what_is_near_moves_against_what_is_far(
    tmp_path: Path, scene: Path, words: str, sign: int
) -> None:
    before = pixels(scene)
    after = pixels(turn(tmp_path, scene, words)["files"][0])
    # Seen from the right, the wall goes to the right behind the disc.
    parallax = shift(before, after)[0] - (disc_x(after) - disc_x(before))
    assert sign * parallax > 8
    assert abs(disc_x(after) - disc_x(before)) < 12


@pytest.mark.parametrize(
    "words", ["front-right quarter view", "high-angle shot", "low-angle shot", "left side view"]
)
def test_the_structure_stays(tmp_path: Path, own: dict, words: str) -> None:
    before = pixels(own)
    after = pixels(turn(tmp_path, own["path"], words, own["meta"])["files"][0])
    small = [cv2.resize(one, (80, 45), interpolation=cv2.INTER_AREA) for one in (before, after)]
    assert 0.4 < ssim(*small) < 0.995
    assert difference(before, after) > 2


def test_half_a_subject_is_not_torn_off(tmp_path: Path) -> None:
    """Joints as dark as what is behind them: one bright body, or several that fly apart."""
    rows = np.linspace(200, 40, 180)[:, None, None]
    picture = np.broadcast_to(rows, (180, 320, 3)).astype(np.uint8).copy()
    cv2.rectangle(picture, (140, 40), (180, 80), (235, 230, 225), -1)
    cv2.rectangle(picture, (157, 80), (163, 100), (105, 105, 105), -1)
    cv2.rectangle(picture, (130, 100), (190, 160), (235, 230, 225), -1)
    after = pixels(turn(tmp_path, saved(picture, tmp_path / "robot.png"), "right side")["files"][0])
    head, body = (float(np.flatnonzero((after[row] > 215).all(axis=1)).mean()) for row in (60, 130))
    assert abs(head - body) < 6
    assert difference(picture, after) > 1


def test_our_own_layers_move_by_their_depth(tmp_path: Path, own: dict) -> None:
    before = pixels(own)
    figures = drawn_figures(own, before)
    assert figures is not None
    left, top, right, bottom = figures[0].box or (0, 0, 1, 1)
    height, width = before.shape[:2]
    figure = np.s_[int(top * height) : int(bottom * height), int(left * width) : int(right * width)]
    after = pixels(turn(tmp_path, own["path"], "right side view", own["meta"])["files"][0])
    # The camera turns about the figure; the sun behind it goes the other way.
    aside = shift(before, after, figure)[0]
    assert abs(aside) < 8
    assert sun_x(after) - sun_x(before) - aside > 12


@pytest.mark.parametrize(("words", "wider"), [("close-up", False), ("wide shot", True)])
def test_distance_makes_the_subject_larger_or_smaller(
    tmp_path: Path, scene: Path, words: str, wider: bool
) -> None:
    before, after = red(pixels(scene)).sum(), red(pixels(turn(tmp_path, scene, words)["files"][0]))
    ratio = after.sum() / before
    assert ratio < 0.8 if wider else ratio > 1.6


@pytest.mark.parametrize(("words", "sign"), [("high-angle shot", -1), ("low-angle shot", 1)])
def test_a_higher_camera_sees_the_far_wall_higher_up(
    tmp_path: Path, scene: Path, words: str, sign: int
) -> None:
    after = pixels(turn(tmp_path, scene, words)["files"][0])
    assert sign * shift(pixels(scene), after)[1] > 2


def test_strength_says_how_far_to_go(tmp_path: Path, scene: Path) -> None:
    before = pixels(scene)
    shifts = [
        shift(before, pixels(turn(tmp_path, scene, "right side view", loraStrength=s)["files"][0]))[
            0
        ]
        for s in (0.2, 0.5, 0.9)
    ]
    assert shifts == sorted(shifts)
    assert shifts[2] > 2 * shifts[0]


def test_degrees_are_read(tmp_path: Path, scene: Path) -> None:
    meta = turn(tmp_path, scene, "rotate the camera 30 degrees to the left")["files"][0]["meta"]
    assert meta["yaw"] == pytest.approx(-0.5, abs=0.01)


def test_a_shape_can_be_asked_for(tmp_path: Path, scene: Path) -> None:
    file = turn(tmp_path, scene, "right side view", aspectRatio="1:1")["files"][0]
    assert file["width"] == file["height"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("back view", "mirrored"),
        ("right side view", "one image has little depth"),
        ("purple elephants", "image is unchanged"),
    ],
)
def test_what_cannot_be_shown_is_said(tmp_path: Path, scene: Path, words: str, said: str) -> None:
    assert said in turn(tmp_path, scene, words)["warnings"][0]


def test_equal_calls_give_equal_bytes(tmp_path: Path, scene: Path) -> None:
    made = [
        Path(turn(tmp_path, scene, "high-angle shot")["files"][0]["path"]).read_bytes()
        for _ in range(2)
    ]
    assert made[0] == made[1]


@pytest.mark.parametrize("size", [(1, 1), (5, 60), (40, 40)])
def test_tiny_pictures_do_not_fail(tmp_path: Path, size: tuple[int, int]) -> None:
    path = saved(np.full((*size, 3), 90, np.uint8), tmp_path / "tiny.png")
    assert len(turn(tmp_path, path, "right side view wide shot")["files"]) == 1


def test_without_a_picture_it_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="Add an image"):
        run(arguments("change_angle", tmp_path), no_report)
