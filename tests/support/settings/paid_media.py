"""The settings of the tests, with room for the runs of a storm."""

from tests.support.settings import *  # noqa: F403

STARTS_PER_MINUTE = None
READS_PER_MINUTE = None
ACTIVE_RUNS_PER_USER = 100_000
