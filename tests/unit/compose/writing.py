"""Calls of the tools that write, as `tools/execute` makes them."""

from __future__ import annotations

from typing import Any

from compose.writers.tool_answers import ANSWERS
from tools.catalog import catalogue
from tools.declaration.arguments import fill_defaults, read_arguments

TOOLS = {tool.name: tool for tool in catalogue()}


def answer(name: str, **arguments: Any) -> dict[str, Any]:
    """What a tool answers. The arguments are read as every caller's are."""
    tool = TOOLS[name]
    read = read_arguments(tool, arguments)
    assert read.problems == ()
    return ANSWERS[name](tool.Params.model_validate(fill_defaults(tool, read.params)))
