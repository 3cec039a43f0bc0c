"""Names of the categories of templates, in the gallery and on a template's page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

CATEGORY_WORDS: Final[Mapping[str, str]] = {
    "portrait": "Portrait",
    "video-social": "Social video",
    "makeover": "Makeover",
    "cinematic": "Cinematic",
    "music": "Music",
    "analysis": "Analysis",
    "custom": "Custom",
    "other": "Other",
}
