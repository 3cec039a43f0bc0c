"""All tools: those of this server, and those that are made for a caller, such as templates."""

from __future__ import annotations

import pkgutil
from collections.abc import Sequence
from functools import cache
from importlib import import_module
from typing import Final, Protocol

from builder.agents.mcp.template_tools import TemplateTools
from builder.agents.mcp.tool import Caller, Tool

# Every module of these is looked through for classes of tools.
PACKAGES: Final = ("builder.agents.mcp.tools",)


class ToolSource(Protocol):
    """Makes tools for a caller. Both block on the database."""

    def offered(self, caller: Caller) -> Sequence[Tool]:
        """List the tools that tools/list shows to them."""

    def find(self, caller: Caller, name: str) -> Tool | None:
        """The tool of this name that they may call."""


# Asked in this order, after the tools of this server.
SOURCES: tuple[ToolSource, ...] = (TemplateTools(),)


@cache
def own_tools() -> dict[str, Tool]:
    """The tools of this server by name, in the order that lists have."""
    tools: dict[str, Tool] = {}
    for package in PACKAGES:
        for module in pkgutil.iter_modules(import_module(package).__path__):
            for part in vars(import_module(f"{package}.{module.name}")).values():
                is_tool = isinstance(part, type) and issubclass(part, Tool)
                if is_tool and part.name and part.__module__ == f"{package}.{module.name}":
                    tools[part.name] = part()
    return dict(sorted(tools.items()))


def tools_for(caller: Caller) -> list[Tool]:
    """List the tools that tools/list shows to a caller. Blocks on the database."""
    return [*own_tools().values(), *(tool for one in SOURCES for tool in one.offered(caller))]


def find(caller: Caller, name: str) -> Tool | None:
    """The tool of this name that a caller may call. Blocks on the database."""
    if name in own_tools():
        return own_tools()[name]
    return next((tool for one in SOURCES if (tool := one.find(caller, name)) is not None), None)
