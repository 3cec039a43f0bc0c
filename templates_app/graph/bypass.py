"""Bypassed stages: they are left out, and what reads their result gets what would have come in.

Applied once, to a spec that was read, before it is compiled or validated: both see a template
without these stages. The decision is docs/decisions/0030-a-bypass-is-resolved-first.md.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from core.phrases import Phrase, phrase
from templates_app.graph.bindings import Broken, Ref, read_text
from templates_app.graph.expressions import parse, with_refs
from templates_app.graph.issues import Issue, issue
from templates_app.graph.port_arguments import find_port
from templates_app.graph.references import latest_before, pick_of, producers_of
from templates_app.graph.rewriting import rewritten
from templates_app.graph.spec import Condition, Spec, Stage
from templates_app.graph.wiring import INPUTS, wiring_of
from tools.declaration.ports import Port, Tool, ToolTable

# A name that a reference and an expression can hold.
_PLAIN_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*", re.ASCII)
# (stage, port) → what is joined to it automatically: (node, its output).
Implied: TypeAlias = Mapping[tuple[str, str], list[tuple[str, str]]]


@dataclass(frozen=True, slots=True)
class _Passed:
    """What a bypassed stage passes on.

    stage: id of the stage that makes it, "" for none. text: the path inside that stage's artifact;
    without a stage a reference to an input, or an address.
    """

    stage: str
    text: str


def without_bypassed(spec: Spec, tools: ToolTable) -> tuple[Spec, tuple[Issue, ...]]:
    """The spec as it runs; as it was, with errors, when a stage cannot be bypassed. Linear."""
    if not any(stage.bypass for stage in spec.stages):
        return spec, ()
    return _Bypass(spec, tools).applied()


class _Bypass:
    def __init__(self, spec: Spec, tools: ToolTable) -> None:
        self.spec, self.tools = spec, tools
        self.stages = spec.stages
        self.positions = {stage.id: place for place, stage in enumerate(self.stages)}
        self.producers = producers_of(self.stages)
        self.kept = {
            name: [place for place in places if not self.stages[place].bypass]
            for name, places in self.producers.items()
        }
        left = tuple(stage for stage in self.stages if not stage.bypass)
        self.implied = _implied(spec, tools)
        self.implied_without = _implied(spec.model_copy(update={"stages": left}), tools)
        # By the id of the bypassed stage.
        self.passed: dict[str, _Passed] = {}
        self.refused: dict[str, Issue] = {}
        # Names for results that have none a later stage could say.
        self.aliases: dict[str, str] = {}

    def applied(self) -> tuple[Spec, tuple[Issue, ...]]:
        stages = []
        for position, stage in enumerate(self.stages):
            if stage.bypass:
                self.resolve(position, stage)
            else:
                stages.append(self.rewritten(position, stage))
        if self.refused:
            return self.spec, tuple(self.refused.values())
        for at, stage in enumerate(stages):
            if stage.id in self.aliases:
                produces = (*stage.produces, self.aliases[stage.id])
                stages[at] = stage.model_copy(update={"produces": produces})
        shown = [made for made in self.spec.preview_artifacts if made.stage_id not in self.passed]
        update = {"stages": tuple(stages), "preview_artifacts": tuple(shown)}
        return self.spec.model_copy(update=update), ()

    def refuse(self, stage: Stage, why: Phrase) -> None:
        found = issue("cannot_bypass", path=f"{stage.path}/bypass", stage_id=stage.id, why=why)
        self.refused.setdefault(stage.id, found)

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
            found = (self.filling(position, stage, tool, port) for port in ports)
            passed = next((each for each in found if each is not None), None)
            if passed is None:
                self.refuse(stage, phrase("bypass_no_input", kind=tool.output))
            else:
                self.passed[stage.id] = passed
        else:
            self.refuse(stage, phrase("bypass_unknown_tool"))

    def filling(self, position: int, stage: Stage, tool: type[Tool], port: Port) -> _Passed | None:
        """What fills a port, the first of several; None where nothing does that could be passed."""
        for argument, value in stage.args.items():
            if find_port(tool, argument)[0] != port:
                continue
            first = next(iter(value), None) if isinstance(value, list) else value
            read = read_text(first) if isinstance(first, str) else None
            if isinstance(read, Ref):
                return self.referred(position, read, many=port.many)
            if isinstance(read, str) and read:
                return _Passed("", read)
        joined = self.implied.get((stage.id, port.name), [])
        return self.joined(*joined[0], is_list=False) if joined else None

    def referred(self, position: int, read: Ref, *, many: bool) -> _Passed | None:
        if read.root == "inputs":
            known = any(read.name == declared.name for declared in self.spec.inputs)
            return _Passed("", read.text) if known else None
        at = latest_before(self.producers.get(read.name, ()), position)
        pick = pick_of(read, many=many) if read.root == "artifacts" else None
        if at is None or pick is None:
            return None
        return self.made_by(self.stages[at], pick.index)

    def joined(self, node: str, output: str, *, is_list: bool) -> _Passed | None:
        """What an automatic connection brings."""
        if node != INPUTS:
            return self.made_by(self.stages[self.positions[node]], None if is_list else 0)
        known = next(known for known in self.spec.inputs if known.name == output)
        first = known.multiple is not None and not is_list
        return _Passed("", f"$inputs.{output}{'[0]' if first else ''}")

    def made_by(self, stage: Stage, index: int | None) -> _Passed | None:
        """One result of a stage, or all (None); through it when it is bypassed as well."""
        if stage.bypass:
            return None if index else self.passed.get(stage.id)
        place = "*" if index is None else index
        return _Passed(stage.id, f".items[{place}].selectedVersion.url")

    # -- what reads it ---------------------------------------------------------------------------

    def rewritten(self, position: int, stage: Stage) -> Stage:
        """The stage with other references; what is nested in it included."""

        def change(read: Ref | Broken) -> str:
            passed = self.passed_to(position, read)
            return read.text if passed is None else self.text(position, passed)

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
            read = read_text(stage.select.source)
            by = self.bypassed(position, read.name) if isinstance(read, Ref) else None
            if by is not None and not self.passed[by.id].stage:
                self.refuse(by, phrase("bypass_choice"))
        return stage.model_copy(update=update)

    def bypassed(self, position: int, name: str) -> Stage | None:
        """The bypassed stage whose result an artifact is, seen from a position."""
        at = latest_before(self.producers.get(name, ()), position)
        stage = None if at is None else self.stages[at]
        return stage if stage is not None and stage.id in self.passed else None

    def passed_to(self, position: int, read: Ref | Broken) -> _Passed | None:
        """What a reference gets in place of a bypassed stage's result; None where it names none."""
        if isinstance(read, Broken) or read.root != "artifacts":
            return None
        stage, pick = self.bypassed(position, read.name), pick_of(read, many=True)
        if stage is None:
            return None
        if pick is None or pick.index:
            self.refuse(stage, phrase("bypass_one_file", text=read.text))
            return None
        return self.passed[stage.id]

    def passed_as(self, position: int, name: str) -> _Passed | None:
        stage = self.bypassed(position, name)
        return None if stage is None else self.passed[stage.id]

    def text(self, position: int, passed: _Passed) -> str:
        """How a stage at this position says it."""
        if not passed.stage:
            return passed.text
        return f"$artifacts.{self.name(position, passed.stage)}{passed.text}"

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
        found = []
        for name in names:
            passed = self.passed_as(position, name)
            if passed is None:
                found.append(name)
            elif passed.stage:
                found.append(self.name(position, passed.stage))
        return tuple(dict.fromkeys(found))

    def condition(
        self, position: int, said: Condition | None, change: Callable[[Ref | Broken], str]
    ) -> Condition | None:
        if said is None:
            return None
        if said.type == "expr":
            text = said.expression
            if isinstance(parse(text), Broken):
                return said
            return said.model_copy(update={"expression": with_refs(text, change)})
        if said.type == "if_artifact_exists":
            passed = self.passed_as(position, said.artifact_name)
            if passed is not None and passed.stage:
                name = self.name(position, passed.stage)
                return said.model_copy(update={"artifact_name": name})
            # An address is always there.
            is_input = passed is not None and passed.text.startswith("$")
            holds = f"{passed.text} != null" if passed is not None and is_input else "true"
        else:
            passed = self.passed.get(said.stage_id)
            if passed is not None and passed.stage:
                return said.model_copy(update={"stage_id": passed.stage})
            holds = "true" if said.type == "if_success_of" else "false"
        if passed is None:
            return said
        return said.model_copy(update={"type": "expr", "expression": holds})

    def with_automatic(
        self, position: int, stage: Stage, args: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        """The arguments, with automatic connections written where they would lead elsewhere."""
        tool = self.tools.get(stage.tool) if stage.type == "fixed" else None
        if tool is None:
            return args
        written: dict[str, Any] = {}
        is_other = False
        for port in tool.ports():
            argument = port.url or port.arguments[0]
            now, without = (
                [
                    self.text(position, passed)
                    for node, output in implied.get((stage.id, port.name), [])
                    if port.implied == "latest" or node == INPUTS or node not in self.passed
                    if (passed := self.joined(node, output, is_list=port.implied == "all"))
                ]
                for implied in (self.implied, self.implied_without)
            )
            is_other |= port.implied == "latest" and now != without
            if now:
                written[argument] = now if port.is_list(argument) else now[0]
        return {**args, **written} if is_other else args


def _implied(spec: Spec, tools: ToolTable) -> Implied:
    wiring = wiring_of(spec, tools)
    nodes = {node.id: node for node in wiring.nodes}
    found: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for wire in wiring.wires:
        if wire.is_implied:
            end = (wire.target, nodes[wire.target].inputs[wire.input].key)
            start = (wire.source, nodes[wire.source].outputs[wire.output].key)
            found.setdefault(end, []).append(start)
    return found
