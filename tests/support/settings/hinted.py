"""The settings of the tests, for workers that find steps by hints only: they look by themselves
after a minute, which is longer than a test waits."""

from tests.support.settings import *  # noqa: F403

POLL_S = 60.0
