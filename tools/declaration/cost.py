"""The cost of a call, in thousandths of a capacity unit: money is counted in whole numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tools.declaration.ports import Tool


def quote_milli(tool: type[Tool], arguments: Mapping[str, Any]) -> int:
    """The estimate for one call with these canonical arguments."""
    return round(tool.units(arguments) * 1000)


def count_of(tool: type[Tool], arguments: Mapping[str, Any]) -> int:
    """Return how many results one call with these canonical arguments makes and pays for."""
    single = tool.units({})
    return round(tool.units(arguments) / single) if single else 1
