"""The settings of the photographs, with services for final media. None is asked: a price is made
from tables."""

from tests.shots.settings import *  # noqa: F403

_KEY = {"key": "not-a-key"}
PROVIDERS = {
    "fal": {"kind": "fal", **_KEY},
    "router": {"kind": "comfy-router", **_KEY},
    "runway": {"kind": "runway", **_KEY},
}
