"""Everything that can be said about a template before it runs. Pure, linear, never raises."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import pairwise
from typing import Any

from core.phrases import phrase
from templates_app.graph.bindings import Broken, Ref, find_refs, plain, read_text
from templates_app.graph.expressions import parse
from templates_app.graph.given_values import not_given, value_read
from templates_app.graph.issues import Issue, issue, limited
from templates_app.graph.port_arguments import find_port
from templates_app.graph.references import (
    artifact_remedy,
    broken_binding,
    kinds_made_by,
    latest_before,
    pick_of,
    producers_of,
    taken_keys,
)
from templates_app.graph.rules.messages import issue_to_json
from templates_app.graph.spec import Spec, Stage
from templates_app.graph.spec_reader import read_spec
from templates_app.graph.values import check_declaration
from tools.declaration.arguments import read_arguments
from tools.declaration.ports import Port, Tool, ToolTable


def validate(spec: Any, tools: ToolTable) -> tuple[Issue, ...]:
    """All issues of a template as stored (contract §6.7); it is valid when none is an error.

    What may change before a run, such as a missing argument or a tool without a provider, is a
    warning here and an error when the template is compiled.
    """
    read, issues = read_spec(spec)
    checker = _Checker(read, tools)
    checker.check()
    return limited((*issues, *checker.issues))


class _Checker:
    def __init__(self, spec: Spec, tools: ToolTable) -> None:
        self.spec, self.tools = spec, tools
        self.issues: list[Issue] = []
        self.inputs = {known.name: known for known in spec.inputs}
        self.producers = producers_of(spec.stages)
        self.positions = {stage.id: position for position, stage in enumerate(spec.stages)}
        self.kinds = kinds_made_by(spec.stages, self.producers, tools)
        # For each stage, the stages whose artifacts it uses; forward references too.
        self.uses: list[set[int]] = [set() for _ in spec.stages]

    def check(self) -> None:
        for known in self.spec.inputs:
            self.issues.extend(check_declaration(known))
        self.duplicate_producers()
        for position, stage in enumerate(self.spec.stages):
            self.stage(position, stage)
        for cycle in _cycles(self.uses):
            self.cycle(cycle)
        for stage_id, by in taken_keys(self.spec.stages).items():
            stage = self.spec.stages[self.positions[stage_id]]
            self.say(stage, "reserved_stage_id", severity="warning", stage=stage_id, by=by)
        for stage_id in dict.fromkeys(self.spec.previews):
            if stage_id not in self.positions:
                self.issues.append(
                    issue(
                        "unknown_stage",
                        severity="warning",
                        path="previewArtifacts",
                        field="previewArtifacts",
                        value=stage_id,
                        problem=phrase("not_there"),
                    )
                )

    def say(self, at: Stage, code: str, *, path: str = "", **words: Any) -> None:
        self.issues.append(issue(code, path=path or at.path, stage_id=at.id, **words))

    # -- artifacts -------------------------------------------------------------------------------

    def duplicate_producers(self) -> None:
        for name, positions in self.producers.items():
            for one, other in pairwise(positions):
                stage = self.spec.stages[other]
                producer = self.spec.stages[one].id
                self.say(
                    stage,
                    "duplicate_artifact_producer",
                    severity="warning",
                    name=name,
                    stage=stage.id,
                    producer=producer,
                )

    def artifact(self, position: int, stage: Stage, name: str, *, path: str = "") -> bool:
        """Note the use of an artifact; whether an earlier stage produces it.

        Says so when only a later one does. A stage that uses its own artifact is a cycle.
        """
        known = self.producers.get(name, [])
        before = latest_before(known, position)
        if before is not None:
            self.uses[position].add(before)
            return True
        if not known:
            return False
        self.uses[position].add(known[0])
        if known[0] != position:
            producer = self.spec.stages[known[0]].id
            self.say(
                stage,
                "forward_artifact_reference",
                path=path,
                stage=stage.id,
                name=name,
                producer=producer,
            )
        return False

    def cycle(self, positions: list[int]) -> None:
        first = self.spec.stages[positions[0]]
        names = tuple(self.spec.stages[position].id for position in positions[:20])
        self.say(first, "cyclic_stage_dependency", stages=names)

    # -- stages ----------------------------------------------------------------------------------

    def stage(self, position: int, stage: Stage) -> None:
        for name in stage.requires:
            if not self.artifact(position, stage, name) and name not in self.producers:
                self.say(stage, "missing_artifact_producer", stage=stage.id, name=name)
        for name in stage.optional:
            before = latest_before(self.producers.get(name, ()), position)
            if before is None:
                self.say(
                    stage,
                    "missing_optional_artifact",
                    severity="warning",
                    stage=stage.id,
                    name=name,
                )
            else:
                self.uses[position].add(before)
        self.condition(position, stage)
        if stage.type == "fixed":
            self.call(position, stage, stage)
        elif stage.type == "batch":
            self.batch(position, stage)
        else:
            self.interactive(position, stage)
        self.below(position, stage)

    def below(self, position: int, stage: Stage) -> None:
        """Sub-stages use what their stage may use."""
        for child in stage.sub_stages:
            if child.type == "fixed":
                self.call(position, child, child)
            self.below(position, child)

    def condition(self, position: int, stage: Stage) -> None:
        condition = stage.condition
        if condition is None:
            return
        if condition.type in ("if_success_of", "if_error_in") and condition.stage_id:
            at = self.positions.get(condition.stage_id)
            if at is None or at >= position:
                self.say(
                    stage,
                    "unknown_stage",
                    field="condition/stageId",
                    value=condition.stage_id,
                    problem=phrase("not_there" if at is None else "not_before"),
                )
            elif condition.type == "if_error_in":
                source = self.spec.stages[at]
                if source.on_error not in ("continue", "skip"):
                    words = {"stage": stage.id, "source": source.id}
                    self.say(stage, "condition_never_holds", severity="warning", **words)
        elif condition.type == "expr" and condition.expression.strip():
            self.expression(position, stage, condition.expression)
        elif condition.type == "if_artifact_exists" and condition.artifact_name:
            name = condition.artifact_name
            if not self.artifact(position, stage, name) and name not in self.producers:
                self.say(stage, "missing_artifact_producer", stage=stage.id, name=name)

    def expression(self, position: int, stage: Stage, text: str) -> None:
        read = parse(text)
        if isinstance(read, Broken):
            self.say(stage, "invalid_expression", text=text, why=read.why)
            return
        for ref in read.refs:
            where = "condition/expression"
            self.reference(position, stage, stage.path, where, ref, in_batch=False)

    def interactive(self, position: int, stage: Stage) -> None:
        """What there is to choose from must be media of an earlier stage."""
        if stage.select is None:
            return
        read = read_text(stage.select.source)
        if isinstance(read, Broken):
            self.broken(stage, stage.path, "select", read)
        elif not isinstance(read, Ref) or read.root != "artifacts":
            problem = phrase("must_be_select_source")
            self.say(stage, "invalid_field", field="select/from", problem=problem)
        else:
            self.reference(position, stage, stage.path, "select", read, in_batch=False)
            before = latest_before(self.producers.get(read.name, ()), position)
            if before is not None and self.kinds[before] == "":
                source = self.spec.stages[before].id
                problem = phrase("makes_no_media", source=source)
                self.say(stage, "invalid_field", field="select/from", problem=problem)

    def batch(self, position: int, stage: Stage) -> None:
        read = read_text(stage.over)
        if isinstance(read, Broken):
            self.broken(stage, stage.path, "overBinding", read)
        elif isinstance(read, Ref) and read.root in ("inputs", "artifacts"):
            self.reference(position, stage, stage.path, "overBinding", read, in_batch=False)
        else:
            self.say(stage, "batch_over_binding_not_a_binding", stage=stage.id)
        if stage.item is not None:
            self.call(position, stage, stage.item, in_batch=True)

    def call(self, position: int, at: Stage, stage: Stage, *, in_batch: bool = False) -> None:
        """A fixed stage, or the item of a batch: its tool, its bindings, its arguments."""
        path = f"{stage.path}/args"
        bound: set[str] = set()
        for argument, value in stage.args.items():
            for read in find_refs(value):
                bound.add(argument)
                if isinstance(read, Broken):
                    self.broken(at, path, argument, read)
                else:
                    self.reference(position, at, path, argument, read, in_batch=in_batch)
        if not stage.tool:
            return
        tool = self.tools.get(stage.tool)
        if tool is None:
            self.say(at, "unknown_tool", path=stage.path, stage=at.id, tool=stage.tool)
            return
        if tool.unusable:
            self.say(
                at,
                "tool_unusable",
                path=stage.path,
                severity="warning",
                tool=stage.tool,
                problem=tool.unusable,
            )
        elif not self.tools.is_provided(tool.name):
            self.say(at, "model_unavailable", path=stage.path, severity="warning", tool=stage.tool)
        for argument in bound:
            port, _ = find_port(tool, argument)
            if port is not None:
                self.medium(position, at, stage, path, argument, port)
        self.arguments(at, stage, tool, bound, path)

    def arguments(
        self, at: Stage, stage: Stage, tool: type[Tool], bound: set[str], path: str
    ) -> None:
        literal = {
            argument: plain(value)
            for argument, value in stage.args.items()
            if argument not in bound
        }
        for problem in read_arguments(tool, literal, bound=frozenset(bound)).problems:
            port, _ = find_port(tool, problem.argument)
            if port is not None and problem.code == "missing_argument" and port.implied != "none":
                continue  # Compiling joins it.
            self.issues.append(
                issue(
                    problem.code,
                    severity="warning",
                    path=path,
                    argument=problem.argument,
                    stage_id=at.id,
                    **problem.params,
                )
            )

    # -- bindings --------------------------------------------------------------------------------

    def broken(self, at: Stage, path: str, argument: str, read: Broken) -> None:
        self.issues.append(broken_binding(read, path=path, argument=argument, stage_id=at.id))

    def reference(
        self, position: int, at: Stage, path: str, argument: str, read: Ref, *, in_batch: bool
    ) -> None:
        if read.root == "inputs":
            if read.name not in self.inputs and read.name not in self.spec.unreadable:
                self.say(
                    at,
                    "unknown_input",
                    path=path,
                    argument=argument,
                    text=read.text,
                    name=read.name,
                )
        elif read.root == "artifacts":
            if self.artifact(position, at, read.name, path=path):
                self.value(position, at, path, argument, read)
            elif read.name not in self.producers:
                self.say(
                    at,
                    "unknown_artifact",
                    path=path,
                    argument=argument,
                    text=read.text,
                    name=read.name,
                    remedy=artifact_remedy(read.name, self.positions),
                )
        elif read.root == "item" and not in_batch:
            self.say(at, "item_binding_outside_batch", path=path, argument=argument, text=read.text)

    def value(self, position: int, at: Stage, path: str, argument: str, read: Ref) -> None:
        """Warn about a value that the provider of the stage it is read from does not give."""
        before = latest_before(self.producers[read.name], position)
        source = None if before is None else self.spec.stages[before]
        name = value_read(read)
        if not name or source is None or source.type != "fixed" or not source.tool:
            return
        tool = self.tools.get(source.tool)
        if tool is None:
            return
        written = {key: value for key, value in source.args.items() if not any(find_refs(value))}
        arguments = read_arguments(tool, written, bound=frozenset(source.args)).params
        found = not_given(
            self.tools.given(tool.name, arguments),
            name=name,
            text=read.text,
            source=source.id,
            tool=source.tool,
            path=path,
            argument=argument,
            stage_id=at.id,
        )
        if found is not None:
            self.issues.append(replace(found, severity="warning"))

    def medium(
        self, position: int, at: Stage, stage: Stage, path: str, argument: str, port: Port
    ) -> None:
        """Warn about references in a media argument that give another kind of media."""
        for read in find_refs(stage.args[argument]):
            if not isinstance(read, Ref):
                continue
            given = self.gives(position, read)
            if given in (None, port.kind):
                continue
            self.say(
                at,
                "wrong_media_kind",
                path=path,
                severity="warning",
                argument=argument,
                tool=stage.tool,
                needs=port.kind,
                source=read.text,
                given=given or "",
            )

    def gives(self, position: int, read: Ref) -> str | None:
        """The kind of media a reference stands for, "" for none, None where no one can say."""
        if read.root == "inputs":
            known = self.inputs.get(read.name)
            return known.type if known is not None and known.is_media else None
        if read.root != "artifacts" or pick_of(read, many=False) is None:
            return None
        before = latest_before(self.producers.get(read.name, ()), position)
        return None if before is None else self.kinds[before]


def _cycles(uses: list[set[int]]) -> Iterator[list[int]]:
    """Groups of stages that wait for each other, each in the order of the list.

    Tarjan's strongly connected components, without recursion: a chain may be two thousand long.
    """
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
            entered = False
            for source in rest:
                if source not in order:
                    order[source] = low[source] = len(order)
                    open_stages.append(source)
                    is_open.add(source)
                    work.append((source, iter(sorted(uses[source]))))
                    entered = True
                    break
                if source in is_open:
                    low[at] = min(low[at], order[source])
            if entered:
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


def result_to_json(issues: tuple[Issue, ...]) -> Mapping[str, Any]:
    """The wire's `validation`: {valid, issues}."""
    return {
        "valid": not any(found.severity == "error" for found in issues),
        "issues": [issue_to_json(found) for found in issues],
    }
