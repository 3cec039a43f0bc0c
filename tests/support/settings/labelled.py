"""The settings of tests, with the tool that workers of two labels do."""

from __future__ import annotations

from tests.support.settings import *  # noqa: F403
from tests.support.settings import EXTRA_TOOL_MODULES as _MODULES

EXTRA_TOOL_MODULES = [*_MODULES, "tests.support.fakes.labelled"]
