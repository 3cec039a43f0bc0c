"""Reading what transition was asked for, and drawing it the right way round."""

from __future__ import annotations

import numpy as np
import pytest

from studio.media.video.transitions import BLENDS, Transition, read_transition

OLD = np.zeros((90, 160, 3), np.uint8)
NEW = np.full((90, 160, 3), 200, np.uint8)


@pytest.mark.parametrize(
    ("asked", "read"),
    [
        (None, Transition("cut", 0.0)),
        ("none", Transition("cut", 0.0)),
        ({"type": "cut", "durationSeconds": 1}, Transition("cut", 0.0)),
        ("crossfade", Transition("fade", 0.5)),
        ({"type": "dissolve", "durationSeconds": 1.5}, Transition("fade", 1.5)),
        ({"kind": "wipe", "seconds": "0.4"}, Transition("wipeleft", 0.4)),
        ({"type": "slideup"}, Transition("slideup", 0.5)),
        ("Fade to black", Transition("fadeblack", 0.5)),
    ],
)
def test_reads_every_spelling(asked: object, read: Transition) -> None:
    assert read_transition(asked) == (read, "")


def test_crossfades_and_warns_when_it_does_not_know_the_name() -> None:
    transition, warning = read_transition("starburst")
    assert transition.kind == "fade"
    assert "starburst" in warning


def test_warns_when_the_length_is_wrong_or_too_long() -> None:
    assert read_transition({"type": "fade", "duration": 9})[0].duration_s == 2.0
    assert "2 s" in read_transition({"type": "fade", "duration": 9})[1]
    assert "isn't a number" in read_transition({"type": "fade", "duration": "soon"})[1]


@pytest.mark.parametrize("kind", sorted(BLENDS))
def test_goes_from_the_old_picture_to_the_new(kind: str) -> None:
    nearly_old, nearly_new = BLENDS[kind](OLD, NEW, 0.02), BLENDS[kind](OLD, NEW, 0.98)
    assert nearly_old.shape == OLD.shape
    assert nearly_old.mean() < 20
    assert nearly_new.mean() > 180


@pytest.mark.parametrize(
    ("kind", "first_new"),
    [
        ("wipeleft", np.s_[:, -20:]),
        ("wiperight", np.s_[:, :20]),
        ("slideup", np.s_[-20:]),
        ("slidedown", np.s_[:20]),
        ("slideleft", np.s_[:, -20:]),
    ],
)
def test_moves_the_way_its_name_says(kind: str, first_new: tuple) -> None:
    half = BLENDS[kind](OLD, NEW, 0.5)
    assert half[first_new].mean() > 190
    assert 80 < half.mean() < 120
