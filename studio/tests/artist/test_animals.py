"""Animals stand on the ground, look the same twice, and are known by several names."""

import numpy as np
import pytest

from studio.artist.drawing.figure import Light
from studio.artist.drawing.pen import Pen
from studio.artist.prompt.brief import read
from studio.artist.subjects import SUBJECTS
from studio.artist.subjects.outlines import path, widths

ON_LAND = ("horse", "owl", "elephant", "rabbit", "bear", "penguin", "deer", "dragon", "dinosaur")
ALL = (*ON_LAND, "turtle", "whale", "bee")
SCALE = 160


def drawn(name, colour=None):
    subject = SUBJECTS[name]
    rng = np.random.default_rng(3)
    pen = Pen(scale=SCALE, reach=subject.reach, light=Light(), rng=rng, colour=colour)
    subject.draw(pen)
    return pen.finished()


@pytest.mark.parametrize("name", [*ON_LAND, "turtle"])
def test_it_touches_the_ground_and_does_not_sink_into_it(name):
    figure = drawn(name)
    lowest = np.flatnonzero((figure.alpha > 0.5).any(axis=1))[-1]

    assert abs(lowest - figure.foot[1]) < 0.025 * SCALE


@pytest.mark.parametrize("name", ALL)
def test_it_is_drawn_within_its_reach(name):
    alpha = drawn(name).alpha
    border = np.concatenate([alpha[0], alpha[-1], alpha[:, 0], alpha[:, -1]])

    assert border.max() < 0.5


@pytest.mark.parametrize("name", ALL)
def test_the_same_dice_draw_the_same_pixels(name):
    assert np.array_equal(drawn(name).rgb, drawn(name).rgb)


@pytest.mark.parametrize("name", ALL)
def test_it_takes_the_colour_the_prompt_gives_it(name):
    red = drawn(name, (0.8, 0.1, 0.1))
    green = drawn(name, (0.1, 0.7, 0.1))
    solid = red.alpha > 0.9
    differs = np.abs(red.rgb - green.rgb).max(axis=2)[solid] > 0.1

    assert differs.mean() > 0.3


@pytest.mark.parametrize(
    ("prompt", "name"),
    [
        ("ein Pferd auf der Wiese", "horse"),
        ("un éléphant", "elephant"),
        ("una tortuga", "turtle"),
        ("an owl at night", "owl"),
        ("three baby bunnies", "rabbit"),
        ("a T-Rex", "dinosaur"),
    ],
)
def test_it_is_known_by_other_names(prompt, name):
    assert {role.name for role in read(prompt).roles} == {name}


def test_a_whale_is_at_home_in_the_sea():
    assert read("a whale").setting == "sea"


def test_an_outline_is_written_in_hundredths_and_a_corner_counts_twice():
    assert path("-20,35 10,48!") == [(-0.2, 0.35), (0.1, 0.48), (0.1, 0.48)]
    assert widths("4 2.5") == [0.04, 0.025]
