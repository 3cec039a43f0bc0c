"""Facts that follow from a template's stages; checks and fixes ask the same questions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from templates_app.graph.bindings import Ref, find_refs
from templates_app.graph.expressions import Expression, parse
from templates_app.graph.references import kinds_made_by, latest_before, producers_of
from templates_app.graph.spec import Input, Spec, Stage
from tools.declaration.ports import ToolTable


class TemplateFacts:
    """Facts of one state of a template; each is computed once, when it is first asked for."""

    def __init__(self, spec: Spec, tools: ToolTable) -> None:
        self.spec, self.tools = spec, tools

    @cached_property
    def inputs(self) -> Mapping[str, Input]:
        return {input_.name: input_ for input_ in self.spec.inputs}

    @cached_property
    def positions(self) -> Mapping[str, int]:
        return {stage.id: place for place, stage in enumerate(self.spec.stages)}

    @cached_property
    def producers(self) -> Mapping[str, list[int]]:
        """Artifact name → positions of the stages that produce it, in order."""
        return producers_of(self.spec.stages)

    @cached_property
    def kinds(self) -> Sequence[str | None]:
        """List the kind of media each stage makes: "" for none, None where it may be any."""
        return kinds_made_by(self.spec.stages, self.producers, self.tools)

    def source_of(self, name: str, position: int) -> Stage | None:
        """The stage whose artifact a stage at `position` gets by this name."""
        at = latest_before(self.producers.get(name, ()), position)
        return None if at is None else self.spec.stages[at]

    def made_by(self, stage: Stage) -> str | None:
        """The kind of media a stage makes; None for none, and where it may be any."""
        return self.kinds[self.positions[stage.id]] or None


def named_artifacts(stage: Stage) -> Iterator[str]:
    """Every artifact a stage names, its sub-stages included."""
    yield from stage.requires
    yield from stage.optional
    if stage.condition is not None and stage.condition.artifact_name:
        yield stage.condition.artifact_name
    caller = stage.item if stage.type == "batch" and stage.item is not None else stage
    chosen = stage.select.source if stage.select is not None else ""
    for value in (caller.args, stage.over, chosen):
        for ref in find_refs(value):
            if isinstance(ref, Ref) and ref.root == "artifacts":
                yield ref.name
    if stage.condition is not None and stage.condition.expression:
        expression = parse(stage.condition.expression)
        if isinstance(expression, Expression):
            yield from (ref.name for ref in expression.refs if ref.root == "artifacts")
    for child in stage.inside:
        yield from named_artifacts(child)
