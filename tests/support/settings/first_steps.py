"""The settings of the tests, for an editor that shows its first steps as the real one does."""

from tests.support.settings import *  # noqa: F403

FIRST_STEPS = True
