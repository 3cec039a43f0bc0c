"""The results that a template is used for: those it declares, else its last one. Pure.

The result pages and clients show first; later what a template gives as a stage of another.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from core.phrases import phrase
from templates_app.graph.bindings import Ref, read_text
from templates_app.graph.bypass import without_bypassed
from templates_app.graph.issues import Issue, issue
from templates_app.graph.nesting import FLAT, Nesting
from templates_app.graph.references import pick_of, producers_of
from templates_app.graph.spec import Output, Spec
from templates_app.graph.spec_reader import read_spec
from templates_app.graph.template_tool import output_of
from templates_app.graph.types import PlanOutput, PlanStep, StepKey
from templates_app.graph.wiring import wiring_of
from tools.declaration.ports import MEDIA_KINDS, ToolTable

# What the one result is called where a template declares none.
RESULT: Final = "result"


def in_order(spec: Spec) -> list[tuple[str, Output]]:
    """List the declared outputs by their position; the first is the main one."""
    return sorted(spec.outputs.items(), key=lambda entry: (entry[1].position, entry[0]))


def labels_of(spec: Mapping[str, Any]) -> dict[str, str]:
    """Return the labels of a stored spec's declared outputs by their names, in their order."""
    return {name: output.label or "" for name, output in in_order(read_spec(spec)[0])}


def read_outputs(
    spec: Spec, nesting: Nesting, tools: ToolTable
) -> tuple[tuple[PlanOutput, ...], tuple[Issue, ...]]:
    """Return the declared outputs as a plan has them, and what is wrong with the others.

    spec: without stages inside others. nesting, tools: of the same stages.
    """
    if not spec.outputs:
        return (), ()
    producers = producers_of(spec.stages)
    outputs: list[PlanOutput] = []
    issues: list[Issue] = []
    for name, output in in_order(spec):
        ref = read_text(output.source)
        if not isinstance(ref, Ref) or ref.root != "artifacts":
            problem = phrase("must_be_output_source")
        elif ref.name not in producers:
            problem = phrase("no_such_result", name=ref.name)
        else:
            maker = spec.stages[producers[ref.name][-1]]
            inner = output_of(ref, maker, tools)
            pick = pick_of(replace(ref, path=ref.path[bool(inner) :]), many=True)
            if ref.name in nesting.outputs:
                inner = nesting.outputs[ref.name].output.name
            if pick is not None:
                source = StepKey(maker.id)
                outputs.append(PlanOutput(name, source, pick, output.label, inner))
                continue
            problem = phrase("must_be_output_source")
        path = output.path
        issues.append(issue("invalid_field", path=path, field=f"{path}/from", problem=problem))
    return tuple(outputs), tuple(issues)


def outputs_of(
    spec: Spec, flat: Spec, nesting: Nesting, tools: ToolTable
) -> tuple[PlanOutput, ...]:
    """Return what a template gives as a stage of another, the main one first.

    flat: the stages of `spec` beside each other; the outputs name those. Without declared ones:
    the last stage that makes media and that no other takes, else the last stage.
    """
    outputs, _issues = read_outputs(flat, nesting, tools)
    spec, _, _ = without_bypassed(spec, FLAT, tools)
    if outputs or not spec.stages:
        return outputs
    wiring = wiring_of(spec, tools)
    sources = {wire.source for wire in wiring.wires}
    makers = [node for node in wiring.nodes if not node.is_inputs and node.id not in sources]
    makers = [node for node in makers if node.kind in MEDIA_KINDS]
    last = makers[-1].id if makers else spec.stages[-1].id
    source = nesting.result_of(last) if last in nesting.results else last
    return (PlanOutput(RESULT, StepKey(source)),)


def _makes_media(step: PlanStep, tools: ToolTable) -> bool:
    if step.batch is not None and step.batch.item.group is not None:
        result = step.batch.item.group.result
        return any(one.key == result and _makes_media(one, tools) for one in step.batch.members)
    tool = tools.get(step.tool)
    return tool is not None and tool.output is not None


def usual_output(steps: Sequence[PlanStep], tools: ToolTable) -> tuple[PlanOutput, ...]:
    """Return the output of a template that declares none.

    The last step that makes media and that no step reads, else the last step.
    """
    sources = {need.source for step in steps for need in step.needs if need.target_argument}
    own = [step for step in steps if step.kind not in ("gate", "group")]
    makers = [step for step in own if step.key not in sources and _makes_media(step, tools)]
    last = (makers or own)[-1:]
    return tuple(PlanOutput(RESULT, step.key) for step in last)
