"""Bypassed stages: they are left out, and what reads their result gets what would have come in.

Applied once, to a spec that was read, before it is compiled or validated: both see a template
without these stages. The decision is docs/decisions/0030-a-bypass-is-resolved-first.md.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, TypeAlias

from core.phrases import Phrase, phrase
from templates_app.graph.bindings import Broken, Ref, read_text
from templates_app.graph.expressions import parse, with_refs
from templates_app.graph.issues import Issue, issue
from templates_app.graph.nesting import Nesting, without_nested
from templates_app.graph.port_arguments import find_port
from templates_app.graph.references import latest_before, pick_of, producers_of
from templates_app.graph.rewriting import rewritten
from templates_app.graph.spec import Condition, Output, Spec, Stage
from templates_app.graph.spec_reader import read_spec
from templates_app.graph.template_tool import output_of
from templates_app.graph.wiring import INPUTS, wiring_of
from tools.declaration.ports import Port, Tool, ToolTable

# A name that a reference and an expression can hold.
_PLAIN_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*", re.ASCII)
# (stage, port) → what is joined to it automatically: (node, its output).
ImpliedSources: TypeAlias = Mapping[tuple[str, str], list[tuple[str, str]]]


@dataclass(frozen=True, slots=True)
class _Passed:
    """The value a bypassed stage passes on.

    stage: id of the stage that makes it, "" for none. text: the path inside that stage's artifact;
    without a stage a reference to an input, or an address.
    """

    stage: str
    text: str


def without_bypassed(
    spec: Spec, nesting: Nesting, tools: ToolTable
) -> tuple[Spec, Nesting, tuple[Issue, ...]]:
    """The spec as it runs; as it was, with errors, when a stage cannot be bypassed. Linear.

    nesting: of the spec, whose groups have the results of what passes through in it.
    """
    if not any(stage.bypass for stage in spec.stages):
        return spec, nesting, ()
    return _Bypass(spec, nesting, tools).apply()


class _Bypass:
    def __init__(self, spec: Spec, nesting: Nesting, tools: ToolTable) -> None:
        self.spec, self.nesting, self.tools = spec, nesting, tools
        self.stages = spec.stages
        self.positions = {stage.id: place for place, stage in enumerate(self.stages)}
        self.producers = producers_of(self.stages)
        self.kept = {
            name: [place for place in places if not self.stages[place].bypass]
            for name, places in self.producers.items()
        }
        remaining = tuple(stage for stage in self.stages if not stage.bypass)
        self.implied = _implied_sources(spec, tools)
        self.implied_without = _implied_sources(
            spec.model_copy(update={"stages": remaining}), tools
        )
        # By the id of the bypassed stage.
        self.passed: dict[str, _Passed] = {}
        self.refused: dict[str, Issue] = {}
        # Names for results that have none a later stage could say.
        self.aliases: dict[str, str] = {}

    def apply(self) -> tuple[Spec, Nesting, tuple[Issue, ...]]:
        stages = []
        for position, stage in enumerate(self.stages):
            if stage.bypass:
                self.resolve(position, stage)
            else:
                stages.append(self.rewritten(position, stage))
        outputs = {name: self.output(one) for name, one in self.spec.outputs.items()}
        results = {group: self.result(group, one) for group, one in self.nesting.results.items()}
        if self.refused:
            return self.spec, self.nesting, tuple(self.refused.values())
        for at, stage in enumerate(stages):
            if stage.id in self.aliases:
                produces = (*stage.produces, self.aliases[stage.id])
                stages[at] = stage.model_copy(update={"produces": produces})
        previews = [
            preview
            for preview in self.spec.preview_artifacts
            if preview.stage_id not in self.passed
        ]
        update = {
            "stages": tuple(stages),
            "preview_artifacts": tuple(previews),
            "outputs": outputs,
        }
        return self.spec.model_copy(update=update), replace(self.nesting, results=results), ()

    def result(self, group: str, member: str) -> str:
        """Return the member whose result a group has; a result of its own it must have."""
        passage = self.passed.get(member)
        if passage is None:
            return member
        if self.nesting.holders.get(passage.stage) == group:
            return passage.stage
        self.refuse(self.stages[self.positions[member]], phrase("bypass_leaves_nothing"))
        return member

    def output(self, output: Output) -> Output:
        """Return an output that is the stage which passes through; an input can't be one."""
        ref, end = read_text(output.source), len(self.stages)
        substitute = self.passed_to(end, ref) if isinstance(ref, Ref) else None
        if substitute is None or not substitute.stage:
            return output
        return output.model_copy(update={"source": self.text(end, substitute)})

    def refuse(self, stage: Stage, why: Phrase) -> None:
        refusal = issue("cannot_bypass", path=f"{stage.path}/bypass", stage_id=stage.id, why=why)
        self.refused.setdefault(stage.id, refusal)

    # -- what a bypassed stage passes on ---------------------------------------------------------

    def resolve(self, position: int, stage: Stage) -> None:
        """Find the first filled input of the type that the stage makes."""
        tool = self.tools.get(stage.tool) if stage.type == "fixed" else None
        if stage.type != "fixed":
            self.refuse(stage, phrase("bypass_tools_only"))
        elif tool is not None and tool.output is None:
            self.refuse(stage, phrase("bypass_makes_no_media"))
        elif tool is not None:
            ports = (port for port in tool.ports() if port.kind == tool.output)
            candidates = (self.filling(position, stage, tool, port) for port in ports)
            substitute = next((each for each in candidates if each is not None), None)
            if substitute is None:
                self.refuse(stage, phrase("bypass_no_input", kind=tool.output))
            else:
                self.passed[stage.id] = substitute
        else:
            self.refuse(stage, phrase("bypass_unknown_tool"))

    def filling(self, position: int, stage: Stage, tool: type[Tool], port: Port) -> _Passed | None:
        """Find what fills a port, the first of several; None for nothing that could be passed."""
        for argument, value in stage.args.items():
            if find_port(tool, argument)[0] != port:
                continue
            first = next(iter(value), None) if isinstance(value, list) else value
            reading = read_text(first) if isinstance(first, str) else None
            if isinstance(reading, Ref):
                return self.by_reference(position, reading, many=port.many)
            if isinstance(reading, str) and reading:
                return _Passed("", reading)
        sources = self.implied.get((stage.id, port.name), [])
        return self.by_wire(*sources[0], is_list=False) if sources else None

    def by_reference(self, position: int, ref: Ref, *, many: bool) -> _Passed | None:
        if ref.root == "inputs":
            exists = any(ref.name == input_.name for input_ in self.spec.inputs)
            return _Passed("", ref.text) if exists else None
        at = latest_before(self.producers.get(ref.name, ()), position)
        if at is None or ref.root != "artifacts":
            return None
        output = output_of(ref, self.stages[at], self.tools)
        pick = pick_of(replace(ref, path=ref.path[bool(output) :]), many=many)
        return None if pick is None else self.made_by(self.stages[at], pick.index, output)

    def by_wire(self, node: str, output: str, *, is_list: bool) -> _Passed | None:
        """Follow an automatic connection."""
        if node != INPUTS:
            return self.made_by(self.stages[self.positions[node]], None if is_list else 0)
        input_ = next(input_ for input_ in self.spec.inputs if input_.name == output)
        first = input_.multiple is not None and not is_list
        return _Passed("", f"$inputs.{output}{'[0]' if first else ''}")

    def made_by(self, stage: Stage, index: int | None, output: str = "") -> _Passed | None:
        """One result of a stage, or all (None); through it when it is bypassed as well."""
        if stage.bypass:
            return None if index or output else self.passed.get(stage.id)
        place = "*" if index is None else index
        name = f".{output}" if output else ""
        return _Passed(stage.id, f"{name}.items[{place}].selectedVersion.url")

    # -- what reads it ---------------------------------------------------------------------------

    def rewritten(self, position: int, stage: Stage) -> Stage:
        """The stage with other references; what is nested in it included."""

        def change(ref: Ref | Broken) -> str:
            substitute = self.passed_to(position, ref)
            return ref.text if substitute is None else self.text(position, substitute)

        update: dict[str, Any] = {
            "args": self.with_automatic(position, stage, rewritten(stage.args, change)),
            "requires": self.names(position, stage.requires),
            "optional": self.names(position, stage.optional),
            "condition": self.condition(position, stage.condition, change),
            "over": rewritten(stage.over, change),
            "user_message": rewritten(stage.user_message, change),
            "sub_stages": tuple(self.rewritten(position, below) for below in stage.sub_stages),
        }
        if stage.item is not None:
            update["item"] = self.rewritten(position, stage.item)
        if stage.select is not None:
            source = rewritten(stage.select.source, change)
            update["select"] = stage.select.model_copy(update={"source": source})
            ref = read_text(stage.select.source)
            by = self.bypassed_stage(position, ref.name) if isinstance(ref, Ref) else None
            if by is not None and not self.passed[by.id].stage:
                self.refuse(by, phrase("bypass_choice"))
        return stage.model_copy(update=update)

    def bypassed_stage(self, position: int, name: str) -> Stage | None:
        """The bypassed stage whose result an artifact is, seen from a position."""
        at = latest_before(self.producers.get(name, ()), position)
        stage = None if at is None else self.stages[at]
        return stage if stage is not None and stage.id in self.passed else None

    def passed_to(self, position: int, ref: Ref | Broken) -> _Passed | None:
        """Find the substitute for a bypassed stage's result; None for any other reference."""
        if isinstance(ref, Broken) or ref.root != "artifacts":
            return None
        stage, pick = self.bypassed_stage(position, ref.name), pick_of(ref, many=True)
        if stage is None:
            return None
        if pick is None or pick.index:
            self.refuse(stage, phrase("bypass_one_file", text=ref.text))
            return None
        return self.passed[stage.id]

    def passed_as(self, position: int, name: str) -> _Passed | None:
        stage = self.bypassed_stage(position, name)
        return None if stage is None else self.passed[stage.id]

    def text(self, position: int, substitute: _Passed) -> str:
        """Write it as a stage at this position says it."""
        if not substitute.stage:
            return substitute.text
        return f"$artifacts.{self.name(position, substitute.stage)}{substitute.text}"

    def name(self, position: int, source: str) -> str:
        """A name by which this position finds the results of a stage, an own one if need be."""
        at = self.positions[source]
        for name in self.stages[at].produces:
            if _PLAIN_NAME.fullmatch(name) and latest_before(self.kept[name], position) == at:
                return name
        if source not in self.aliases:
            number = len(self.aliases) + 1
            while (alias := f"passed_{number}") in self.producers:
                number += len(self.producers) + 1
            self.aliases[source] = alias
        return self.aliases[source]

    def names(self, position: int, names: Iterable[str]) -> tuple[str, ...]:
        """Names of artifacts that carry order only; what no stage makes needs none."""
        new_names = []
        for name in names:
            substitute = self.passed_as(position, name)
            if substitute is None:
                new_names.append(name)
            elif substitute.stage:
                new_names.append(self.name(position, substitute.stage))
        return tuple(dict.fromkeys(new_names))

    def condition(
        self, position: int, condition: Condition | None, change: Callable[[Ref | Broken], str]
    ) -> Condition | None:
        if condition is None:
            return None
        if condition.type == "expr":
            text = condition.expression
            if isinstance(parse(text), Broken):
                return condition
            return condition.model_copy(update={"expression": with_refs(text, change)})
        if condition.type == "if_artifact_exists":
            substitute = self.passed_as(position, condition.artifact_name)
            if substitute is not None and substitute.stage:
                name = self.name(position, substitute.stage)
                return condition.model_copy(update={"artifact_name": name})
            # An address is always there.
            is_input = substitute is not None and substitute.text.startswith("$")
            holds = f"{substitute.text} != null" if substitute is not None and is_input else "true"
        else:
            substitute = self.passed.get(condition.stage_id)
            if substitute is not None and substitute.stage:
                return condition.model_copy(update={"stage_id": substitute.stage})
            holds = "true" if condition.type == "if_success_of" else "false"
        if substitute is None:
            return condition
        return condition.model_copy(update={"type": "expr", "expression": holds})

    def with_automatic(
        self, position: int, stage: Stage, args: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        """The arguments, with automatic connections written where they would lead elsewhere."""
        tool = self.tools.get(stage.tool) if stage.type == "fixed" else None
        if tool is None:
            return args
        automatic: dict[str, Any] = {}
        is_other = False
        for port in tool.ports():
            argument = port.url or port.arguments[0]
            now, without = (
                [
                    self.text(position, substitute)
                    for node, output in sources.get((stage.id, port.name), [])
                    if port.implied == "latest" or node == INPUTS or node not in self.passed
                    if (substitute := self.by_wire(node, output, is_list=port.implied == "all"))
                ]
                for sources in (self.implied, self.implied_without)
            )
            is_other |= port.implied == "latest" and now != without
            if now:
                automatic[argument] = now if port.is_list(argument) else now[0]
        return {**args, **automatic} if is_other else args


def _implied_sources(spec: Spec, tools: ToolTable) -> ImpliedSources:
    wiring = wiring_of(spec, tools)
    nodes = {node.id: node for node in wiring.nodes}
    sources: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for wire in wiring.wires:
        if wire.is_implied:
            end = (wire.target, nodes[wire.target].inputs[wire.input].key)
            start = (wire.source, nodes[wire.source].outputs[wire.output].key)
            sources.setdefault(end, []).append(start)
    return sources


def used_inputs(spec: Any, names: Iterable[str], tools: ToolTable) -> set[str]:
    """Return those that a stage that runs or an output refers to, also in a text that may mean it.

    spec: any JSON value. names: of inputs.
    """
    if not isinstance(spec, Mapping):
        return set()
    text = "\n".join(one for one in _values(_parts_run(spec, tools)) if isinstance(one, str))
    return {name for name in names if re.search(rf"\$inputs\.{re.escape(name)}(?!\w)", text)}


def _parts_run(spec: Mapping[str, Any], tools: ToolTable) -> list[Any]:
    """Return the stages and outputs of a template without bypassed stages, as JSON values."""
    parts = [spec.get("stages"), spec.get("outputs")]
    if not any(isinstance(one, Mapping) and one.get("bypass") is True for one in _values(parts)):
        return parts
    template, nesting, _notices = without_nested(read_spec(spec)[0], tools)
    running, _nesting, _refusals = without_bypassed(template, nesting, tools)
    return [running.model_dump(include={"stages", "outputs"})]


def _values(parts: list[Any]) -> Iterator[Any]:
    """Yield every value in JSON values, however deep they are."""
    rest = list(parts)
    while rest:
        part = rest.pop()
        yield part
        if isinstance(part, Mapping):
            rest += part.values()
        elif isinstance(part, (list, tuple)):
            rest += part
