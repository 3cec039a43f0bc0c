"""The settings of the tests with low rates, small limits and a small spool, for tests of limits."""

from tests.support.settings import *  # noqa: F403

READS_PER_MINUTE = 20
SIGN_IN_TRIES = 6
STREAMS_PER_USER = 12
BODY_LOOK_S, HALF_ARRIVED_PER_ADDRESS = 0.5, 8
SPOOL_LIMIT_BYTES = SPOOL_SHARE_BYTES = 64 << 20
