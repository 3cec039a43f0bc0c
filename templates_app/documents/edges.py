"""`graph.edges` of a saved template: which nodes are connected, for programs that draw a graph.

The editor draws connections from bindings. Beside them a template may list its edges as pairs of
node ids (contract §6.8), which no run reads. Saving keeps those true that stand for a connection,
and leaves all others as they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeAlias

from templates_app.graph.wiring import MAX_WIRES, Wiring, read_wiring
from tools.declaration.ports import ToolTable

EDGES: Final = "edges"

_Pair: TypeAlias = tuple[str, str]


def true_edges(
    before: Mapping[str, Any], after: Mapping[str, Any], tools: ToolTable
) -> list[Any] | None:
    """The edges of `after` as its connections are now; None when nothing is to be changed.

    before: the saved spec that `after` was edited from. An edge goes when its connection or one of
    its nodes was removed since. A new connection is added where the list names connections at all.
    """
    graph = after.get("graph")
    edges = graph.get(EDGES) if isinstance(graph, dict) else None
    if not isinstance(edges, list):
        return None
    old, new = read_wiring(before, tools), read_wiring(after, tools)
    was, now = _pairs(old), _pairs(new)
    lost_nodes = {node.id for node in old.nodes} - {node.id for node in new.nodes}
    # Wires beyond the limit are not read: then no absent one is known to be gone.
    lost_pairs = was.keys() - now.keys() if len(new.wires) < MAX_WIRES else set()
    remaining = [edge for edge in edges if not _is_gone(edge, lost_pairs, lost_nodes)]
    listed_pairs = {pair for edge in edges if (pair := _pair_of(edge)) is not None}
    names_connections = not was or not listed_pairs.isdisjoint(was)
    additions = [
        {"from": source, "to": target}
        for source, target in now
        if names_connections
        and (source, target) not in was
        and (source, target) not in listed_pairs
    ]
    return None if len(remaining) == len(edges) and not additions else [*remaining, *additions]


def _pairs(wiring: Wiring) -> dict[_Pair, None]:
    """Each pair of connected nodes once, in the order of the stages."""
    return dict.fromkeys((wire.source, wire.target) for wire in wiring.wires)


def _pair_of(edge: Any) -> _Pair | None:
    if not isinstance(edge, dict):
        return None
    source, target = edge.get("from"), edge.get("to")
    return (source, target) if isinstance(source, str) and isinstance(target, str) else None


def _is_gone(edge: Any, lost_pairs: set[_Pair], lost_nodes: set[str]) -> bool:
    pair = _pair_of(edge)
    return pair is not None and (pair in lost_pairs or not lost_nodes.isdisjoint(pair))
