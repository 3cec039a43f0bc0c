"""The sources and results of the stages inside a stage, for pictures of a template.

`frontend/src/graph/inside.ts` is the twin.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from templates_app.graph.nesting import without_nested
from templates_app.graph.port_arguments import kinds_made
from templates_app.graph.references import kinds_made_by, latest_before, producers_of
from templates_app.graph.spec import Spec, Stage
from tools.declaration.ports import ToolTable


class FlatSpec:
    """A spec as a run has it, each stage with the position of the one that the template lists."""

    def __init__(self, spec: Spec, tools: ToolTable) -> None:
        flat, self.nesting, _issues = without_nested(spec, tools)
        self.stages, self.tools = flat.stages, tools
        self.producers = producers_of(flat.stages)
        self.kinds = kinds_made_by(flat.stages, self.producers, tools, self.nesting.batches)
        self.positions: list[int] = []
        # Position in the template → position here.
        self.starts: list[int] = []
        for at, stage in enumerate(flat.stages):
            if stage.id not in self.nesting.holders:
                self.starts.append(at)
            self.positions.append(len(self.starts) - 1)

    def members(self, position: int) -> range:
        """List what is inside a stage, with its own call; nothing where it is no group."""
        end = self.starts[position + 1] if position + 1 < len(self.starts) else len(self.stages)
        return range(self.starts[position] + 1, end)

    def kind_of(self, position: int) -> str | None:
        """Return the kind of a stage's result; of a group, that of the member that it is."""
        start = self.starts[position]
        group = self.stages[start].id
        if group not in self.nesting.results or group in self.nesting.batches:
            return self.kinds[start]
        result = self.nesting.result_of(group)
        return next(self.kinds[at] for at in self.members(position) if self.stages[at].id == result)

    def kinds_passed(self, position: int) -> Iterator[str]:
        """Yield the kinds of media that later stages find in a stage, each once."""
        kinds = {}
        group = self.stages[self.starts[position]].id
        if kind := self.nesting.batches.get(group):
            yield kind
        if group in self.nesting.batches:
            return
        for at in (self.starts[position], *self.members(position)):
            stage, kind = self.stages[at], self.kinds[at]
            caller = stage.item if stage.type == "batch" and stage.item is not None else stage
            tool = self.tools.get(caller.tool) if caller.tool else None
            if stage.select is not None and kind:
                kinds[kind] = True
            elif tool is not None:
                kinds.update(dict.fromkeys(kinds_made(tool, {}), True))
        yield from kinds

    def maker(self, name: str, at: int) -> tuple[int, str | None] | None:
        """Find who makes a name before a stage here: its position in the template, and the kind."""
        place = latest_before(self.producers.get(name, ()), at)
        return None if place is None else (self.positions[place], self.kinds[place])

    def taken_inside(self, position: int) -> Iterator[tuple[int, Any]]:
        """Yield the values with references of the stages inside one, with the place of each here.

        What a stage's own call takes has sockets of its own.
        """
        for at in self.members(position):
            if not self.is_own_call(at, position):
                for _argument, value, _is_call in values_of(self.stages[at]):
                    yield at, value

    def awaited_inside(self, position: int) -> Iterator[tuple[int, str]]:
        """Yield the names that the stages inside one wait for, with the place of each here."""
        for at in self.members(position):
            if not self.is_own_call(at, position):
                stage = self.stages[at]
                for name in (*stage.requires, *stage.optional):
                    yield at, name

    def is_own_call(self, at: int, position: int) -> bool:
        group = self.stages[self.starts[position]].id
        return self.nesting.origins.get(self.stages[at].id) == group


def values_of(stage: Stage) -> Iterator[tuple[str, Any, bool]]:
    """Yield what may hold references: names, values, and whether a value is an argument."""
    caller = stage.item if stage.type == "batch" and stage.item is not None else stage
    if stage.type == "batch" and stage.over:
        yield stage.item_name or "items", stage.over, False
    for argument, value in caller.args.items():
        yield argument, value, True
    if stage.select is not None:
        yield "select", stage.select.source, False
