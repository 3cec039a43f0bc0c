"""The settings of the tests, with answers that do not wait for the disk."""

from tests.support.settings import *  # noqa: F403

FLUSH_BEFORE_TELLING = False
