"""A version of a template as a tool: its inputs are ports and parameters, its outputs results.

`version_tool` makes them; `ToolTable.with_uses` hands them to all that read stages. Compiling puts
the stages of the version in the stage's place: see `inlining`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from templates_app.graph.spec import Spec
from templates_app.graph.types import PlanOutput
from tools.declaration.ports import Port, Tool, ToolTable

if TYPE_CHECKING:
    from templates_app.graph.nesting import Nesting


class TemplateTool(Tool):
    """Stages of another template, in one.

    spec: the version as it is stored. flat, nesting: its stages beside each other, what its author
    turned off left out, templates inside it replaced by their stages. tools: that its stages may
    be, with the templates among them. outputs: of `flat`, the main
    one first.
    """

    spec: ClassVar[Spec]
    flat: ClassVar[Spec]
    nesting: ClassVar[Nesting]
    tools: ClassVar[ToolTable]
    outputs: ClassVar[tuple[PlanOutput, ...]]
    summary: ClassVar[str]
    media_ports: ClassVar[tuple[Port, ...]]

    @classmethod
    def ports(cls) -> tuple[Port, ...]:
        return cls.media_ports

    @classmethod
    def description(cls) -> str:
        return cls.summary
