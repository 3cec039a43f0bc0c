"""The settings of the tests with short clocks and a small spool, for tests of the edge.

The web process is asked through 127.0.0.1 as if a proxy stood there.
"""

from core.addresses import read_networks
from tests.support.settings import *  # noqa: F403

TRUSTED_PROXIES = read_networks(["127.0.0.1", "10.0.0.0/8"])
HEADERS_S = 3.0
BODY_LOOK_S, HALF_ARRIVED_PER_ADDRESS = 0.5, 8
BODY_PACE_S, BODY_PACE_BYTES = 2.0, 10 * 1024
SMALL_BODY_S, SMALL_BODY_BYTES_PER_S = 5.0, 1 << 20
UPLOAD_LIMIT_BYTES = 60 * 1000 * 1000
SPOOL_LIMIT_BYTES = 96 << 20
SPOOL_SHARE_BYTES = 80 << 20
