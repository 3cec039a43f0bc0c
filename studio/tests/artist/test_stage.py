"""Stages: layers at several depths, something always moving, equal seeds giving equal pictures."""

import cv2
import numpy as np
import pytest

from studio.artist.drawing.camera import pose
from studio.artist.drawing.stage import Shot
from studio.artist.prompt.brief import read
from studio.artist.scenes.build import SETTINGS, build

SIZE = (320, 180)
PROMPTS = {
    "land": "green hills at dawn",
    "sea": "the ocean at sunset",
    "city": "a city at night",
    "space": "a nebula in deep space",
    "tabletop": "a bottle on a table",
    "studio": "a robot",
    "room": "an empty room with a window",
    "underwater": "a reef underwater",
    "paper": "a pencil sketch of a fox",
    "abstract": "pure serendipity",
    "backdrop": "a fox on a plain white background",
    "street": "a village street",
    "theatre": "an empty stage",
}


def still(prompt, seed=7, negative=""):
    return build(read(prompt, seed=seed, negative=negative), *SIZE).still()


def difference(one, other):
    return float(np.abs(one.astype(int) - other.astype(int)).mean())


def test_every_setting_has_a_prompt_here():
    assert set(PROMPTS) == set(SETTINGS)
    assert all(read(prompt).setting == name for name, prompt in PROMPTS.items())


@pytest.mark.parametrize("setting", sorted(PROMPTS))
def test_something_moves_in_front_of_a_locked_camera(setting):
    stage = build(read(PROMPTS[setting], seed=3), *SIZE)
    first, later = (
        stage.frame(Shot(stage.space, *SIZE, pose("static", t, 1.0), t, t, True))
        for t in (0.0, 0.5)
    )

    # More than grain: blurred, the two still differ in places.
    changed = np.abs(cv2.blur(first, (5, 5)).astype(int) - cv2.blur(later, (5, 5)).astype(int))
    assert (changed.max(axis=2) > 8).mean() > 0.001


@pytest.mark.parametrize("setting", sorted(PROMPTS))
def test_it_has_depth(setting):
    stage = build(read(PROMPTS[setting], seed=3), *SIZE)
    depths = {getattr(element, "depth", None) for element in stage.elements}

    assert len(depths - {None}) >= 3


@pytest.mark.parametrize("setting", sorted(PROMPTS))
def test_equal_seeds_give_equal_pictures_and_others_do_not(setting):
    prompt = PROMPTS[setting]

    assert np.array_equal(still(prompt), still(prompt))
    assert difference(still(prompt), still(prompt, seed=8)) > 2


def test_other_words_give_another_picture():
    assert difference(still("a red car"), still("a blue car")) > 1
    assert difference(still("a cat at dawn"), still("a cat at night")) > 10


def test_a_negative_prompt_takes_things_out():
    plain, without = still("a cat and a dog"), still("a cat and a dog", negative="dog")

    assert difference(plain, without) > 1


def test_the_film_of_a_picture_opens_on_it():
    stage = build(read("a boat on the sea", seed=3), *SIZE)
    opening = stage.frame(Shot(stage.space, *SIZE, pose("push_in", 0, 5), 0.0, 0.0, True, True))

    assert difference(opening, stage.still()) < 1


def test_near_layers_pass_far_ones():
    stage = build(read("hills", seed=3), *SIZE)
    shot = Shot(stage.space, *SIZE, pose("pan_right", 1.0, 5.0))

    far, near = (shot.matrix(depth)[0, 2] for depth in (0.0, 1.0))
    assert near < far


@pytest.mark.parametrize("size", [(64, 64), (128, 320), (400, 120), (181, 97)])
@pytest.mark.parametrize("prompt", ["a robot in a neon city, rain", "an ink drawing of a castle"])
def test_any_shape_is_filled(size, prompt):
    picture = build(read(prompt), *size).still()

    assert picture.shape == (size[1], size[0], 3)
    assert picture.std() > 8


def test_everything_asked_for_at_once_still_works():
    prompt = "a cat, a dog and a red car, storm, snow, confetti, fireflies, steam, noir, night"

    assert still(prompt).shape == (SIZE[1], SIZE[0], 3)


def uprights(prompt):
    """How much the picture beside its figure changes from column to column."""
    grey = cv2.cvtColor(still(prompt), cv2.COLOR_RGB2GRAY)
    band = grey[60:125, :60], grey[60:125, -60:]
    return sum(float(np.abs(cv2.Sobel(part, cv2.CV_32F, 1, 0)).mean()) for part in band)


def test_a_car_in_a_snowy_forest_has_trees_round_it():
    assert uprights("a car in a snowy forest") > 2 * uprights("a car in the snow")
