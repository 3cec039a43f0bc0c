"""Tools that make a kind of media, out of another or out of text. Pure.

`frontend/src/graph/suppliers.ts` is the twin; `frontend/fixtures/suppliers.json` compares them.
"""

from __future__ import annotations

from collections.abc import Iterable

from tools.declaration.ports import MediaKind, Port, Tool, ToolTable
from tools.palette import in_order


def converters(tools: ToolTable, source: str, target: str) -> list[type[Tool]]:
    """Tools that turn one kind of media into another and need no other file, the best first.

    source, target: kinds of media; none for equal kinds.
    """
    if source == target:
        return []
    candidates = []
    for tool in _makers(tools, target):
        port = port_for(tool, source)
        if port is not None and all(one == port for one in _required_ports(tool)):
            candidates.append(tool)
    # A tool that must have such a file does more with it than one that may have it.
    return _best(tools, sorted(candidates, key=lambda tool: not _required_ports(tool)))


def makers(tools: ToolTable, kind: str) -> list[type[Tool]]:
    """Tools that make a kind of media from a prompt alone, the best first."""
    return _best(
        tools,
        [
            tool
            for tool in _makers(tools, kind)
            if "prompt" in tool.Params.model_fields and not _required_ports(tool)
        ],
    )


def port_for(tool: type[Tool], kind: MediaKind | str) -> Port | None:
    """The port of a new stage that a file goes to: the required one, else what would get it."""
    fitting = [port for port in tool.ports() if port.kind == kind]
    necessary = [port for port in fitting if port.required and port.when is None]
    automatic = [port for port in fitting if port.implied != "none"]
    return next(iter((*necessary, *automatic, *fitting)), None)


def _makers(tools: ToolTable, kind: str) -> Iterable[type[Tool]]:
    return (tool for tool in in_order(tools) if tool.output == kind and not tool.unusable)


def _required_ports(tool: type[Tool]) -> list[Port]:
    return [port for port in tool.ports() if port.required and port.when is None]


def _best(tools: ToolTable, candidates: Iterable[type[Tool]]) -> list[type[Tool]]:
    return sorted(candidates, key=lambda tool: not tools.is_provided(tool.name))
