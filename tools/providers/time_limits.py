"""The time limit of a job in the sandbox, which follows the work."""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings

from tools.providers.base import MediaFile

# A minute of 1080p at 60 frames a second: what the setting's seconds are for. Files do not say
# their frame rate beforehand, and no job works on more than 60.
_UNIT_PIXELS = 1920 * 1080
_UNIT_S = 60.0
# Of what is drawn to a sound.
_USUAL_PIXELS = 1280 * 720


def time_limit_s(files: Iterable[MediaFile]) -> float:
    """Seconds that one job on these files may take, by their total length and the largest size."""
    with_length = [file for file in files if file.duration_s]
    length_s = sum(file.duration_s or 0.0 for file in with_length)
    pixels = max(((file.width or 0) * (file.height or 0) for file in with_length), default=0)
    units = length_s / _UNIT_S * (pixels or _USUAL_PIXELS) / _UNIT_PIXELS
    return float(settings.JOB_TIMEOUT_S) * max(1.0, units)
