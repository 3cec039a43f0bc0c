"""The settings of the tests, with the samples' previews."""

from tests.support.settings import *  # noqa: F403

SAMPLE_PREVIEWS = True
