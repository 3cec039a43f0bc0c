"""A version of a template as a tool: its inputs are ports and parameters, its outputs results.

`version_tool` makes them; `ToolTable.with_uses` hands them to all that read stages. Compiling puts
the stages of the version in the stage's place: see `inlining`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar

from templates_app.graph.bindings import OF_EVERY_RESULT, Ref
from templates_app.graph.nesting import Nesting, every
from templates_app.graph.spec import Spec, Stage
from templates_app.graph.types import PlanOutput
from tools.declaration.ports import Port, Tool, ToolTable


class TemplateTool(Tool):
    """Stages of another template, in one.

    spec: the version as it is stored. flat, nesting: its stages beside each other, what its author
    turned off left out, templates inside it replaced by their stages. tools: that its stages may
    be, with the templates among them. outputs: of `flat`, the main one first. output_kinds: of
    their media by name, "" for none, None where no one can say.
    """

    spec: ClassVar[Spec]
    flat: ClassVar[Spec]
    nesting: ClassVar[Nesting]
    tools: ClassVar[ToolTable]
    outputs: ClassVar[tuple[PlanOutput, ...]]
    output_kinds: ClassVar[Mapping[str, str | None]]
    summary: ClassVar[str]
    media_ports: ClassVar[tuple[Port, ...]]

    @classmethod
    def ports(cls) -> tuple[Port, ...]:
        return cls.media_ports

    @classmethod
    def description(cls) -> str:
        return cls.summary

    @classmethod
    def artifacts(cls) -> Iterator[tuple[str, str]]:
        """Yield how each output is called in `flat`, "" for what no name leads to, and the output
        of that artifact where it is of a template stage."""
        stages = every(cls.flat.stages)
        last_by_name = {name: one.id for one in stages for name in one.produces}
        own = {one.id: one.produces for one in cls.flat.stages}
        elements = {name: one.output.name for name, one in cls.nesting.outputs.items()}
        for output in cls.outputs:
            names = [name for name in own[output.source] if last_by_name[name] == output.source]
            same = next((name for name in names if elements.get(name) == output.output), "")
            if same:
                yield same, ""
            else:
                yield next((name for name in names if name not in elements), ""), output.output


def output_of(ref: Ref, stage: Stage, tools: ToolTable) -> str:
    """Return the output that a reference to a stage's result names, "" where it names none."""
    tool = tools.get(stage.caller.tool)
    name = ref.path[0] if ref.path else ""
    if tool is None or not issubclass(tool, TemplateTool) or name in OF_EVERY_RESULT:
        return ""
    return next((one.name for one in tool.outputs if one.name == name), "")
