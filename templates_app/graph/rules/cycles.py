"""Cycles of a graph. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence


def cycles(uses: Sequence[set[int]]) -> Iterator[list[int]]:
    """Groups of stages that wait for each other, each in the order of the list.

    Tarjan's strongly connected components, without recursion: a chain may be two thousand long.
    """
    if all(max(sources, default=-1) < at for at, sources in enumerate(uses)):
        return  # Each waits for earlier ones alone.
    order: dict[int, int] = {}
    low: dict[int, int] = {}
    open_stages: list[int] = []
    is_open: set[int] = set()
    for root in range(len(uses)):
        if root in order:
            continue
        work = [(root, iter(sorted(uses[root])))]
        order[root] = low[root] = len(order)
        open_stages.append(root)
        is_open.add(root)
        while work:
            at, rest = work[-1]
            goes_deeper = False
            for source in rest:
                if source not in order:
                    order[source] = low[source] = len(order)
                    open_stages.append(source)
                    is_open.add(source)
                    work.append((source, iter(sorted(uses[source]))))
                    goes_deeper = True
                    break
                if source in is_open:
                    low[at] = min(low[at], order[source])
            if goes_deeper:
                continue
            work.pop()
            if work:
                parent = work[-1][0]
                low[parent] = min(low[parent], low[at])
            if low[at] == order[at]:
                group = []
                while True:
                    member = open_stages.pop()
                    is_open.discard(member)
                    group.append(member)
                    if member == at:
                        break
                if len(group) > 1 or at in uses[at]:
                    yield sorted(group)
