"""The graphs a service can run: what is shipped, and what the operator put into a folder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Final

from tools.declaration.ports import Tool
from tools.providers.comfyui.declaring import own_tool, standing_in, unusable_tool
from tools.providers.comfyui.graphs import SAVING_NODES, BadFile, Graph, Saves, read_folder
from tools.providers.comfyui.placeholders import Unreadable

SHIPPED: Final = Path(__file__).parent / "graphs"

# One class for one file, so that several services may share a folder.
_classes: dict[tuple[str, str], type[Tool]] = {}


@dataclass(frozen=True, slots=True)
class Library:
    """own: graphs that are tools, by name; standing: those that stand in for a known tool.

    Of several that stand in for one, the operator's come first.
    """

    own: Mapping[str, Graph] = field(default_factory=dict)
    classes: Mapping[str, type[Tool]] = field(default_factory=dict)
    # Declared, but done by no graph: they say why.
    unusable: tuple[type[Tool], ...] = ()
    standing: Mapping[str, tuple[Graph, ...]] = field(default_factory=dict)
    bad: tuple[BadFile, ...] = ()

    @property
    def graphs(self) -> tuple[Graph, ...]:
        return (*self.own.values(), *(graph for group in self.standing.values() for graph in group))

    @property
    def digest(self) -> str:
        """Hash all graphs: it changes when any graph changes."""
        parts = sorted(f"{graph.name} {graph.digest}" for graph in self.graphs)
        return sha256("\n".join(parts).encode()).hexdigest()[:12]


def read_library(
    folder: Path, tools: Mapping[str, type[Tool]], saves: Saves = SAVING_NODES.get
) -> Library:
    """Read the graphs of the folder and ours; the operator's replace ours of the same name.

    tools: those there are without it, by name.
    """
    theirs, bad = read_folder(folder, saves=saves)
    ours, broken = read_folder(SHIPPED, is_shipped=True)
    bad += broken
    their_names = {graph.name for graph in theirs}
    own: dict[str, Graph] = {}
    classes: dict[str, type[Tool]] = {}
    standing: dict[str, list[Graph]] = {}
    for graph in (*theirs, *(graph for graph in ours if graph.name not in their_names)):
        try:
            if graph.facts.tool:
                stand_in = standing_in(graph, tools)
                standing.setdefault(stand_in.facts.tool, []).append(stand_in)
                continue
            _check_name(graph, tools, own)
            key = graph.name, graph.digest
            classes[graph.name] = _classes.get(key) or _classes.setdefault(key, own_tool(graph))
            own[graph.name] = graph
        except Unreadable as problem:
            home = SHIPPED if graph.is_shipped else folder
            bad.append(BadFile(home / f"{graph.name}.json", str(problem)))
    names = {*tools, *own}
    unusable = [_unusable(one) for one in bad if one.tool and one.tool not in names]
    return Library(
        own,
        classes,
        standing={name: tuple(graphs) for name, graphs in standing.items()},
        bad=tuple(bad),
        unusable=tuple(unusable),
    )


def _unusable(bad: BadFile) -> type[Tool]:
    key = bad.tool, str(bad)
    return _classes.get(key) or _classes.setdefault(key, unusable_tool(bad))


def _check_name(graph: Graph, tools: Mapping[str, type[Tool]], own: Mapping[str, Graph]) -> None:
    if graph.name in tools:
        raise Unreadable(
            f"There is a tool {graph.name} already. Rename the file, or write"
            f' "tool": "{graph.name}" in its _reelgraph to stand in for it.'
        )
    if graph.name in own:
        raise Unreadable(f"Another file gives a tool {graph.name} too. Rename one of them.")
