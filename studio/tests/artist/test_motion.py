"""What drives turns its wheels, what flies beats its wings, and both get on."""

import numpy as np
import pytest

from studio.artist.drawing.camera import pose
from studio.artist.drawing.stage import Flipbook, Layer, Shot
from studio.artist.prompt.brief import read
from studio.artist.scenes.build import build

SIZE = (320, 180)


def element(prompt, name):
    stage = build(read(prompt, seed=7), *SIZE)
    return next(e for e in stage.elements if isinstance(e, Layer) and e.figure == name)


def moving(prompt, name, phase=0.4):
    """Which pixels of a figure differ between its first page and a later one."""
    figure = element(prompt, name)
    assert isinstance(figure, Flipbook)
    return np.abs(figure.paint(phase).astype(int) - figure.pixels.astype(int)).max(axis=2) > 30


@pytest.mark.parametrize(
    ("prompt", "name"),
    [
        ("a red car drives along the road", "car"),
        ("a yellow bus driving through the city", "bus"),
        ("a bicycle rides through a meadow", "bicycle"),
        ("a motorcycle races through the desert", "motorcycle"),
        ("a train passes the hills", "train"),
    ],
)
def test_wheels_turn_while_driving_and_the_rest_does_not(prompt, name):
    spots = moving(prompt, name)
    low = len(spots) // 2

    assert not read(prompt).unknown
    assert spots[low:].mean() > 0.004
    assert spots[:low].mean() < 0.1 * spots[low:].mean()


def test_a_parked_car_keeps_its_wheels_still():
    assert not isinstance(element("a red car in a meadow", "car"), Flipbook)


@pytest.mark.parametrize(
    ("prompt", "name"),
    [
        ("a bird flies over the hills", "bird"),
        ("a butterfly in a garden", "butterfly"),
        ("a helicopter flies over the sea", "helicopter"),
    ],
)
def test_wings_beat_and_rotors_turn(prompt, name):
    assert moving(prompt, name).mean() > 0.01


@pytest.mark.parametrize(
    ("prompt", "name"),
    [
        ("a car drives through the desert", "car"),
        ("a bird flies over the hills", "bird"),
        ("a fish swims through a reef", "fish"),
    ],
)
def test_what_drives_flies_or_swims_gets_on_the_way_it_faces(prompt, name):
    drift = element(prompt, name).motion.drift

    assert not read(prompt).unknown
    assert abs(drift) > 0.03


def test_a_round_of_the_wheels_ends_as_it_began():
    car = element("a red car drives along the road", "car")

    assert np.abs(car.paint(1.0).astype(int) - car.pixels.astype(int)).mean() < 0.2


def test_a_flock_beats_its_wings_in_a_film():
    stage = build(read("the sea, gulls", seed=7), *SIZE)
    calm = build(read("the sea, gulls", seed=7, negative="gulls"), *SIZE)

    def birds(seconds):
        shot = Shot(stage.space, *SIZE, pose("static", 0.0, 1.0), seconds, 0.0, True)
        apart = stage.frame(shot).astype(int) - calm.frame(shot).astype(int)
        return np.abs(apart).max(axis=2)[:90] > 40

    assert birds(0.0).sum() > 20
    assert (birds(0.0) != birds(0.3)).sum() > 20
