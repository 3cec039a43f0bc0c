"""The settings of the tests, with signs of life in between nearly all that a stream says."""

from tests.support.settings import *  # noqa: F403

STREAM_HEARTBEAT_S = 0.05
