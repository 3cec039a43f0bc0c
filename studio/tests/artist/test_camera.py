"""Words move the camera; every move is smooth and starts where the picture was taken."""

import pytest

from studio.artist.drawing.camera import MOVES, REST, pose, read_move
from studio.media.raster import ease


@pytest.mark.parametrize(
    ("words", "move"),
    [
        ("slow push-in", "push_in"),
        ("the camera dollies towards her", "push_in"),
        ("zoom in on the watch", "push_in"),
        ("pull back to reveal the city", "pull_out"),
        ("slow zoom out", "pull_out"),
        ("pan left across the bay", "pan_left"),
        ("the camera pans slowly to the right", "pan_right"),
        ("tracking right along the street", "pan_right"),
        ("crane up over the forest", "tilt_up"),
        ("tilt down to the table", "tilt_down"),
        ("slow orbit around the speaker", "orbit"),
        ("an arc shot", "orbit"),
        ("locked camera", "static"),
        ("static shot on a tripod", "static"),
        ("handheld documentary look", "handheld"),
    ],
)
def test_it_is_read_from_the_words(words, move):
    assert read_move(words) == move


def test_words_without_a_camera_leave_it_to_the_film():
    assert read_move("a cat turned left and sat down") is None


@pytest.mark.parametrize("move", [m for m in MOVES if m != "handheld"])
def test_it_starts_at_rest(move):
    start = pose(move, 0.0, 5.0)

    assert (start.x, start.y) == (0, 0)
    assert abs(start.zoom - 1) <= 0.03


@pytest.mark.parametrize("move", [m for m in MOVES if m != "static"])
def test_it_goes_somewhere(move):
    assert pose(move, 0.6, 5.0) != pose(move, 0.0, 5.0)


def test_a_locked_camera_stays():
    assert pose("static", 0.7, 5.0) == REST


def test_it_starts_and_stops_slowly():
    steps = [ease((i + 1) / 20) - ease(i / 20) for i in range(20)]

    assert steps[0] < steps[10] / 5
    assert steps[-1] < steps[10] / 5
    assert ease(0) == 0
    assert ease(1) == 1
