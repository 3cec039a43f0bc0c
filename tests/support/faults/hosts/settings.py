"""The settings of products on several machines: those of the tests, with the paid service's tools
and without people's limits."""

import os
from urllib.parse import urlsplit

from tests.support.settings import *  # noqa: F403

EXTRA_TOOL_MODULES = ["tests.support.fakes.tools", "tests.support.faults.hosts.tools"]
STARTS_PER_MINUTE = None
READS_PER_MINUTE = None
ACTIVE_RUNS_PER_USER = 100_000
STORAGE_PER_USER_BYTES = 0
# The paid service has an address of a private network, as an operator would list it.
SERVICES_ALLOW = [urlsplit(os.environ.get("REELGRAPH_TEST_PAID_SERVICE", "")).netloc]
