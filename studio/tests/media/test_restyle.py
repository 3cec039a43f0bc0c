"""Which looks words ask for, and that each look changes a clip without making it restless."""

from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np
import pytest

from studio.media.styles.restyle import draw, make_looks, read_restyle
from studio.media.styles.video_styles import LOOKS
from studio.tests.support.films import difference, picture

WIDTH, HEIGHT = 320, 180


@pytest.mark.parametrize(
    ("prompt", "looks"),
    [
        (
            "Transform the clip into a polished perfume commercial with glass reflections",
            ("glass",),
        ),
        ("anime style with clean lines", ("anime",)),
        ("hand-drawn watercolor in golden light", ("watercolor", "golden")),
        ("black and white film noir", ("noir",)),
        ("neon Tokyo at night, VHS", ("neon", "tape")),
        ("a pixel art game", ("pixels",)),
        ("oil painting, not neon", ("oil",)),
    ],
)
def test_words_name_looks(prompt: str, looks: tuple[str, ...]) -> None:
    restyle = read_restyle(prompt)
    assert set(restyle.looks) == set(looks)
    assert restyle.warning == ""


def test_colours_named_tint_the_clip() -> None:
    restyle = read_restyle("muted teal and coral palette")
    assert restyle.colours == ((0, 140, 140), (255, 120, 90))
    grey = np.full((HEIGHT, WIDTH, 3), 40, np.uint8)
    dark = draw(make_looks(restyle, WIDTH, HEIGHT, 1), grey, 0.0)[0, 0].astype(int)
    assert dark[2] > dark[0] + 8


def test_negative_words_are_left_out() -> None:
    assert read_restyle("neon oil painting", negative="neon").looks == ("oil",)


def test_says_which_words_it_knows_when_it_knows_none() -> None:
    restyle = read_restyle("a zebra wearing a hat")
    assert restyle.looks == ("cinematic",)
    assert "No known style" in restyle.warning


@pytest.fixture(scope="module")
def noisy_clip() -> list[np.ndarray]:
    """Seven pictures of one moving scene, each with its own noise, as from a codec."""
    rng = np.random.default_rng(1)
    noise = (rng.normal(0, 1.5, (HEIGHT, WIDTH, 3)) for _ in range(7))
    return [
        np.clip(picture(i, (90, 130, 160)) + sheet, 0, 255).astype(np.uint8)
        for i, sheet in enumerate(noise)
    ]


@pytest.mark.parametrize("name", sorted(LOOKS))
def test_each_look_changes_the_clip_keeps_its_shapes_and_stays_calm(
    name: str, noisy_clip: list[np.ndarray]
) -> None:
    look = LOOKS[name](WIDTH, HEIGHT, 5)
    drawn = [look.draw(frame.copy(), i / 120) for i, frame in enumerate(noisy_clip)]
    for frame in drawn:
        assert frame.shape == (HEIGHT, WIDTH, 3)
        assert frame.dtype == np.uint8
    assert difference(drawn[3], noisy_clip[3]) > (1 if name == "detail" else 5)
    # The bright square is where it was: as edges, because brightness may be turned around.
    assert _outline(drawn[3])[55:110, 30:95].mean() > 1.5 * _outline(drawn[3])[10:50].mean()
    steps = [difference(a, b) for a, b in pairwise(drawn[1:])]
    assert max(steps) < 9
    assert np.std(steps) < 2.5


@pytest.mark.parametrize("name", sorted(LOOKS))
def test_each_look_repeats_itself_for_the_same_seed(
    name: str, noisy_clip: list[np.ndarray]
) -> None:
    first, second = (
        LOOKS[name](WIDTH, HEIGHT, 5).draw(noisy_clip[0].copy(), 0.3) for _ in range(2)
    )
    assert np.array_equal(first, second)


@pytest.mark.parametrize("name", sorted(LOOKS))
def test_each_look_draws_small_and_odd_shapes(name: str) -> None:
    frame = np.full((34, 18, 3), 120, np.uint8)
    assert LOOKS[name](18, 34, 1).draw(frame, 1.0).shape == (34, 18, 3)


def _outline(frame: np.ndarray) -> np.ndarray:
    grey = cv2.GaussianBlur(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY), (0, 0), 1.5)
    return np.abs(cv2.Sobel(grey, cv2.CV_32F, 1, 0)) + np.abs(cv2.Sobel(grey, cv2.CV_32F, 0, 1))
