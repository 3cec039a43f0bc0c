"""The settings of benches, with answers that do not wait for the disk: what the flush is compared
with."""

from tests.bench.settings import *  # noqa: F403

FLUSH_BEFORE_TELLING = False
