"""How long a job may take follows the length and size of what it works on."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings

from tools.providers.base import MediaFile
from tools.providers.time_limits import time_limit_s


def clip(width: int | None, height: int | None, duration_s: float | None) -> MediaFile:
    return MediaFile(Path("/clip"), "video", "video/mp4", "", width, height, duration_s)


@pytest.mark.parametrize(
    ("files", "units"),
    [
        ([], 1),
        ([clip(4000, 3000, None)], 1),
        ([clip(640, 360, 20.0)], 1),
        ([clip(1920, 1080, 60.0)], 1),
        ([clip(1920, 1080, 600.0)], 10),
        ([clip(3840, 2160, 600.0)], 40),
        ([clip(1920, 1080, 60.0)] * 3, 3),
        # All clips of a film take the largest one's size.
        ([clip(3840, 2160, 60.0), clip(640, 360, 60.0)], 8),
        ([clip(None, None, 600.0)], 10 * 1280 * 720 / (1920 * 1080)),
    ],
)
def test_it_follows_the_work(files: list[MediaFile], units: float) -> None:
    assert time_limit_s(files) == pytest.approx(units * settings.JOB_TIMEOUT_S)
