"""The settings of the tests, with the service of `tests.support.fakes.house` configured."""

from tests.support.settings import *  # noqa: F403
from tests.support.settings import EXTRA_TOOL_MODULES as _TOOLS

EXTRA_TOOL_MODULES = [*_TOOLS, "tests.support.fakes.house"]
