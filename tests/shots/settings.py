"""The settings of the tests, with films that are worth a look."""

from tests.support.settings import *  # noqa: F403

STUDIO = {"width": 640, "height": 360, "fps": 24, "max_duration_s": 60.0, "duration_s": 2.0}
