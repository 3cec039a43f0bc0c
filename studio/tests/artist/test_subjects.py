"""Each subject is drawn large enough to see, and like none of the others."""

from functools import cache
from itertools import combinations

import cv2
import numpy as np
import pytest

from studio.artist.drawing.figure import Light
from studio.artist.drawing.pen import Pen
from studio.artist.prompt.brief import read
from studio.artist.subjects import SUBJECT_WORDS, SUBJECTS

SIDE = 96
# Two silhouettes that share more than this of their joint area would be taken for each other.
TOO_ALIKE = 0.85
NAMED = {
    *("robot", "cat", "fox", "dog", "boat", "rocket", "lighthouse", "person", "astronaut", "car"),
    *("tree", "house", "bird", "flower", "bottle", "speaker", "headphones", "cup", "watch"),
    "mountain",
}


@cache
def silhouette(name):
    """The filled outline, scaled to a common size and standing on a common ground."""
    subject = SUBJECTS[name]
    pen = Pen(scale=160, reach=subject.reach, light=Light(), rng=np.random.default_rng(1))
    subject.draw(pen)
    mask = pen.finished().alpha > 0.3
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    cut = mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].astype(np.uint8)
    factor = SIDE / max(cut.shape)
    size = (max(1, round(cut.shape[1] * factor)), max(1, round(cut.shape[0] * factor)))
    small = cv2.resize(cut, size, interpolation=cv2.INTER_AREA) > 0
    page = np.zeros((SIDE, SIDE), bool)
    left = (SIDE - small.shape[1]) // 2
    page[SIDE - small.shape[0] :, left : left + small.shape[1]] = small
    return page


def likeness(one, other):
    a, b = silhouette(one), silhouette(other)
    return (a & b).sum() / (a | b).sum()


@pytest.mark.parametrize("name", sorted(SUBJECTS))
def test_its_silhouette_differs_from_every_other(name):
    closest = max((other for other in SUBJECTS if other != name), key=lambda o: likeness(name, o))

    assert likeness(name, closest) < TOO_ALIKE, f"{name} looks like {closest}"


@pytest.mark.parametrize("name", sorted(SUBJECTS))
def test_it_fills_a_good_part_of_its_box(name):
    assert silhouette(name).mean() > 0.15


@pytest.mark.parametrize("name", sorted(SUBJECTS))
def test_each_of_its_words_is_read_as_it(name):
    for word in SUBJECTS[name].words:
        assert {role.name for role in read(f"a {word}").roles} == {name}, word


def test_the_subjects_people_ask_for_most_are_there():
    assert set(SUBJECTS) >= NAMED


def test_no_word_means_two_subjects():
    for one, other in combinations(SUBJECTS.values(), 2):
        assert not set(one.words) & set(other.words), (one.name, other.name)
    assert len(SUBJECT_WORDS) == sum(len(subject.words) for subject in SUBJECTS.values())
