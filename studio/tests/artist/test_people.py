"""People look like what they are called, and hold themselves as the verb says."""

from itertools import combinations

import numpy as np
import pytest

from studio.artist.drawing.figure import Light
from studio.artist.drawing.pen import Pen
from studio.artist.drawing.stage import Flipbook, Shot
from studio.artist.people.poses import STANCES, stance
from studio.artist.prompt.brief import read
from studio.artist.scenes.build import build
from studio.artist.subjects import SUBJECTS
from studio.media.raster import hex_colour

TRADES = ("man", "woman", "boy", "chef", "knight", "king", "wizard", "pirate", "detective", "diver")


def drawn(word, *traits, phase=0.0):
    person = SUBJECTS["person"]
    pen = Pen(
        scale=110,
        reach=person.reach,
        light=Light(),
        rng=np.random.default_rng(2),
        word=word,
        traits=frozenset(traits),
        phase=phase,
        lines=False,
    )
    person.draw(pen)
    figure = pen.finished()
    return np.dstack([np.clip(figure.rgb, 0, 1) * figure.alpha[..., None], figure.alpha])


@pytest.mark.parametrize(("one", "other"), list(combinations(TRADES, 2)))
def test_no_two_of_them_look_alike(one, other):
    assert np.abs(drawn(one) - drawn(other)).mean() > 0.015


@pytest.mark.parametrize("action", ["walking", "running", "dancing", "waving", "sitting"])
def test_a_verb_changes_the_outline(action):
    still, moved = drawn("man")[..., 3] > 0.5, drawn("man", action)[..., 3] > 0.5

    assert (still & moved).sum() / (still | moved).sum() < 0.85


def test_a_gait_goes_round():
    for name in STANCES:
        assert stance(name, 0.0).feet[0] == pytest.approx(stance(name, 1.0).feet[0], abs=1e-6)
    assert stance("walk", 0.0).feet != stance("walk", 0.3).feet


def test_two_friends_are_two():
    assert [role.name for role in read("two friends at a lake").roles] == ["person", "person"]


def test_what_somebody_holds_is_no_other_subject():
    brief = read("a boy with a guitar and a girl in a blue dress")

    assert [role.word for role in brief.roles] == ["boy", "girl"]
    assert brief.roles[1].colour == hex_colour("3a6fc4")


def test_a_portrait_shows_a_larger_face():
    close, full = (
        next(
            element
            for element in build(read(prompt, seed=4), 320, 180).elements
            if getattr(element, "figure", "") == "person"
        )
        for prompt in ("portrait of a woman", "a woman, full body")
    )

    assert close.pixels.shape[1] > 1.6 * full.pixels.shape[1]


def test_who_walks_moves_their_legs_in_a_film():
    stage = build(read("a man walking in a park", seed=4), 320, 180)
    walker = next(element for element in stage.elements if isinstance(element, Flipbook))
    shots = [Shot(stage.space, 320, 180, seconds=s, alive=True) for s in (0.0, 0.5)]
    frames = [np.zeros((180, 320, 3), np.uint8) for _ in shots]
    for frame, shot in zip(frames, shots, strict=True):
        walker.draw(frame, shot)

    assert np.abs(frames[0].astype(int) - frames[1]).mean() > 1
