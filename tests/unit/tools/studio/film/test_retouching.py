"""Working sizes: a film's own, unless it is more than a job has time for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.films import make_clip
from tools.providers.studio.film.reader import open_film
from tools.providers.studio.film.retouching import BUDGET_PIXELS, working_size


def test_only_what_is_too_much_is_made_smaller(tmp_path: Path) -> None:
    film = open_film(make_clip(tmp_path / "clip.mp4", frames=2))
    told: list[str] = []
    assert working_size(film, told) == (320, 180)
    assert working_size(replace(film, width=1920, height=1080, duration_s=60), told) == (1920, 1080)
    assert told == []
    long = replace(film, width=1920, height=1080, duration_s=600)
    width, height = working_size(long, told)
    assert width % 2 == height % 2 == 0
    assert width / height == pytest.approx(16 / 9, rel=0.01)
    assert width * height * 14_400 == pytest.approx(BUDGET_PIXELS, rel=0.02)
    assert f"made {width}×{height}" in told[0]
