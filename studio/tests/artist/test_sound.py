"""Ambience is quiet, whole, and the same for equal seeds."""

import numpy as np
import pytest

from studio.artist.scenes.ambience import BEDS, RATE, ambience


@pytest.mark.parametrize("bed", sorted(BEDS))
def test_every_bed_is_quiet_and_finite(bed):
    sound = ambience((bed,), 1.0, "a prompt", 3)

    assert sound.shape == (2, RATE)
    assert np.isfinite(sound).all()
    assert 0.003 < float(np.sqrt(np.mean(sound**2))) < 0.1
    assert abs(sound[:, 0]).max() < 1e-6


def test_equal_seeds_sound_equal_and_others_do_not():
    first, again = (ambience(("wind", "birds"), 0.5, "hills", 1) for _ in range(2))

    assert np.array_equal(first, again)
    assert not np.array_equal(first, ambience(("wind", "birds"), 0.5, "hills", 2))


def test_it_is_as_long_as_the_film():
    assert ambience(("room",), 0.25, "", 0).shape == (2, 12_000)
