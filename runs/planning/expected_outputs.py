"""The expected outputs of a step, as far as its plan shows them. Pure."""

from __future__ import annotations

from dataclasses import replace

from runs.planning.resolved_plan import Output
from templates_app.graph.port_arguments import find_port, kinds_made
from templates_app.graph.types import LATEST, BatchSpec, PlanStep, StepKey
from tools.declaration.arguments import fill_defaults
from tools.declaration.ports import Tool, ToolTable

# What is still to be made is under names that no artifact has.
_TO_COME = "to-come/"
# A call that asks for more results than any tool gives is refused when it is made.
_MAX_RESULTS = 64


def expected_outputs(step: PlanStep, tools: ToolTable, items: int) -> list[Output]:
    """List what a step will make. items: how many elements its batch has; 1 for any other step."""
    if step.batch is not None and step.batch.item.group is not None:
        return _of_elements(step, step.batch, tools, items)
    call = step if step.batch is None else step.batch.item
    tool = tools.get(call.tool)
    if tool is None:
        return []
    params = fill_defaults(tool, call.arguments)
    count = params.get(tool.count, 1) if tool.count else 1
    is_count = isinstance(count, int) and 0 < count <= _MAX_RESULTS
    count = min(count * items, _MAX_RESULTS) if is_count else 1
    kinds = sorted(kinds_made(tool, params), key=lambda kind: kind != tool.output)
    choice = (step.ask or {}).get("select")
    if choice is not None:
        kinds = [choice["kind"]]
    each = [kind for kind in kinds for _ in range(count if kind == tool.output else 1)]
    return [
        Output(f"{_TO_COME}{step.key}/{place}", step.key, step.sequence, -1, place, kind)
        for place, kind in enumerate(each)
    ]


def _of_elements(step: PlanStep, batch: BatchSpec, tools: ToolTable, items: int) -> list[Output]:
    """List what the elements of a batch over a template give: each what its result makes."""
    group = batch.item.group
    if group is None:
        return []
    outputs = _of_member(step, batch, group.result, tools, items)
    main = [replace(one, batch_keys=(step.key,)) for one in outputs]
    others = [
        replace(one, others=((step.key, other.name),))
        for other in group.outputs
        for one in _of_member(step, batch, other.source, tools, items)
    ]
    return [*main, *others]


def _of_member(
    step: PlanStep, batch: BatchSpec, key: StepKey, tools: ToolTable, items: int
) -> list[Output]:
    member = next((one for one in batch.members if one.key == key), None)
    if member is None:
        return []
    inner = member.batch
    lines = None if inner is None else inner.items
    times = 1 if inner is None else inner.expected if lines is None else len(lines)
    outputs = expected_outputs(member, tools, times) * items
    return [
        replace(one, artifact_id=f"{_TO_COME}{step.key}/{place}", batch_keys=(), others=())
        for place, one in enumerate(outputs[:_MAX_RESULTS])
    ]


def maker_of(ref: str) -> StepKey | None:
    """The step that is going to make what a reference names; None when it is there already."""
    prefix = f"artifact:{_TO_COME}"
    if not ref.startswith(prefix):
        return None
    return StepKey(ref.removeprefix(prefix).rpartition("/")[0])


def reads_media_list(step: PlanStep, tool: type[Tool]) -> bool:
    """Return whether the step takes media by their position among all, or the newest."""
    if any(need.pick == LATEST for need in step.needs):
        return True
    for argument, value in step.arguments.items():
        port, _ = find_port(tool, argument)
        if port is not None and value is not None:
            return True
    bound_ports = {
        port.name
        for need in step.needs
        if need.target_argument and (port := find_port(tool, need.target_argument)[0])
    }
    params = fill_defaults(tool, step.arguments)
    late = {entry.argument for entry in step.late}
    return any(
        port.fallback == "latest"
        and port.name not in bound_ports
        and (port.applies(params) or (port.when is not None and port.when[0] in late))
        for port in tool.ports()
    )
