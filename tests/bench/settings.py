"""The settings of benches: the product's own, with the test tools and without people's limits."""

from builder.settings import *  # noqa: F403

EXTRA_TOOL_MODULES = ["tests.support.fakes.tools"]
STARTS_PER_MINUTE = None
READS_PER_MINUTE = None
ACTIVE_RUNS_PER_USER = 100_000
STREAMS_PER_USER = 100_000
