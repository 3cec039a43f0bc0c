"""The stages of a finished run that are made again when some of them are made final. Pure."""

from __future__ import annotations

from collections.abc import Collection

from runs.planning.expected_outputs import reads_media_list
from templates_app.graph.types import Plan, PlanStep, StepKey, calls_of
from tools.declaration.ports import ToolTable


def stages_behind(plan: Plan, first: Collection[str], tools: ToolTable) -> set[str]:
    """Return these stages and all whose input changes with them, by key.

    Stages that only wait for one of them stay as they are.
    """
    changed_keys = set(first)
    has_changed_media = False
    for step in plan.steps:
        if _sources(step) & changed_keys or (has_changed_media and _reads_all(step, tools)):
            changed_keys.add(step.key)
            if step.member_of is not None:
                changed_keys.add(step.member_of)
        has_changed_media |= step.key in changed_keys
    return changed_keys


def _calls(step: PlanStep) -> tuple[PlanStep, ...]:
    return (step, *calls_of(step))


def _sources(step: PlanStep) -> set[StepKey]:
    """Return the stages whose results a step reads, or asks about."""
    calls = _calls(step)
    needs = [need for call in calls for need in call.needs]
    sources = {
        StepKey(need.source)
        for need in needs
        # A checkpoint only waits for its stage, and shows its results.
        if need.target_argument is not None or step.kind == "gate"
    }
    late = [ref for call in calls for argument in call.late for ref in argument.refs]
    if step.batch is not None and step.batch.over is not None:
        late.append(step.batch.over)
    sources |= {ref.source for ref in late if ref.source is not None}
    chosen_from = ((step.ask or {}).get("select") or {}).get("source")
    return sources | {StepKey(chosen_from)} if chosen_from else sources


def _reads_all(step: PlanStep, tools: ToolTable) -> bool:
    """Return whether a step takes files by their place among all of the run's."""
    pairs = ((call, tools.get(call.tool)) for call in calls_of(step))
    return any(
        tool is not None and (tool.reads_run or reads_media_list(call, tool))
        for call, tool in pairs
    )
