"""Facts that checks look at: the template, and the parts that a walk over its stages meets.

The parts are named tuples because a large template has thousands, and those are quick to make.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

from templates_app.graph.bindings import Broken, Ref, plain
from templates_app.graph.expressions import Expression, parse
from templates_app.graph.nesting import Nesting
from templates_app.graph.port_arguments import kinds_made
from templates_app.graph.references import latest_before, pick_of
from templates_app.graph.rules.template_facts import TemplateFacts
from templates_app.graph.spec import Spec, Stage
from tools.declaration.arguments import read_arguments
from tools.declaration.ports import Tool, ToolTable


class ArtifactUse(NamedTuple):
    """An artifact that a stage names. path: where; position: the stage's in the list.

    field: which field of the stage names it; "binding" for any argument or text.
    """

    position: int
    stage: Stage
    name: str
    field: Literal["requires", "optional", "condition", "binding"]
    path: str


class Reference(NamedTuple):
    """A binding, or a text that looks like one. stage: the one that issues name.

    position: of the outermost stage, which decides what lies before it. in_item: it is in the
    repeated stage of a batch.
    """

    position: int
    stage: Stage
    path: str
    argument: str
    ref: Ref | Broken
    in_item: bool = False


class ToolCall(NamedTuple):
    """A stage that names a tool. stage: the one that issues name; caller: it, or a batch's item.

    tool: None when no tool has that name. bound_refs: the references in each argument that has any.
    """

    position: int
    stage: Stage
    caller: Stage
    tool: type[Tool] | None
    bound_refs: Mapping[str, Sequence[Ref | Broken]]

    @property
    def args_path(self) -> str:
        return f"{self.caller.path}/args"


class Context(TemplateFacts):
    """One validation of one template. Shared by all rules."""

    def __init__(self, spec: Spec, tools: ToolTable, nesting: Nesting) -> None:
        super().__init__(spec, tools)
        self.nesting = nesting
        # For each stage, the stages whose artifacts it uses; later ones too.
        self.uses: list[set[int]] = [set() for _ in spec.stages]
        self._expressions: dict[str, Expression | Broken] = {}

    def note(self, use: ArtifactUse) -> None:
        """Remember which stage an artifact comes from.

        A missing optional artifact is not waited for, so a later stage that makes it is no source.
        """
        producers = self.producers.get(use.name, [])
        before = latest_before(producers, use.position)
        if before is not None:
            self.uses[use.position].add(before)
        elif producers and use.field != "optional":
            self.uses[use.position].add(producers[0])

    def expression(self, stage: Stage) -> Expression | Broken | None:
        """The expression of a stage's condition, read once; None where there is none."""
        condition = stage.condition
        if condition is None or condition.type != "expr" or not condition.expression.strip():
            return None
        text = condition.expression
        if text not in self._expressions:
            self._expressions[text] = parse(text)
        return self._expressions[text]

    def gives(self, position: int, ref: Ref) -> str | None:
        """The kind of media a reference stands for, "" for none, None where it may be any."""
        if ref.root == "inputs":
            input_ = self.inputs.get(ref.name)
            return input_.type if input_ is not None and input_.is_media else None
        if ref.root != "artifacts" or pick_of(ref, many=False) is None:
            return None
        before = latest_before(self.producers.get(ref.name, ()), position)
        return None if before is None else self.kinds[before]

    def adds(self, position: int, ref: Ref, kind: str) -> bool:
        """Tell whether what a reference names has files of this kind too, such as a last frame."""
        source = self.source_of(ref.name, position) if ref.root == "artifacts" else None
        caller = None if source is None else source.item or source
        tool = None if caller is None else self.tools.get(caller.tool)
        if caller is None or tool is None:
            return False
        literal = {name: plain(value) for name, value in caller.args.items()}
        return kind in kinds_made(tool, read_arguments(tool, literal).params)
