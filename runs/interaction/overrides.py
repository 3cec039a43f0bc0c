"""Changes of a run while a person decides about its cost: few things, by name."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from core import errors
from runs.log.changes import RunChange
from runs.models import Run, Step
from runs.options import RunOptions
from runs.planning.schemas import CostOverrides
from tools import registry
from tools.declaration.ports import Tool, to_snake


def apply(
    change: RunChange, run: Run, changes: CostOverrides, *, step: str | None, is_begun: bool
) -> None:
    """Change the run before it goes on.

    run: with its plan and request. step: whose words `prompt` and `prompts` are; not needed where
    only one step takes them. is_begun: words of a run at work are not changed any more. The quality
    tier is kept with the run; no tool here has tiers. Raises InvalidBody.
    """
    options = RunOptions.read(change.run.options)
    if changes.safe_content_filter is not None:
        options = options.with_changes(safe_content_filter=changes.safe_content_filter)
    if changes.quality_tier is not None:
        options = options.with_changes(quality_tier=changes.quality_tier)
    change.set(options=options.to_json())
    words = {
        name: value
        for name, value in (("prompt", changes.prompt), ("prompts", changes.prompts))
        if value is not None
    }
    if not words:
        return
    if is_begun:
        raise errors.InvalidBody(
            f"overrides.{next(iter(words))}: the workflow has started and can't be changed."
        )
    plan, request = deepcopy(run.plan), deepcopy(run.request)
    for name, value in words.items():
        _write(change, plan, request, name, value, step)
    change.set(plan=plan, request=request)


def _write(
    change: RunChange,
    plan: dict[str, Any],
    request: dict[str, Any],
    name: str,
    value: Any,
    step: str | None,
) -> None:
    takers = [
        place
        for place, plan_step in enumerate(plan["steps"])
        if step in (None, plan_step["key"]) and _takes(plan_step["tool"], name)
    ]
    if len(takers) != 1:
        problem = "no step has" if not takers else "several steps have"
        raise errors.InvalidBody(
            f"overrides.{name}: {problem} this argument. Send `tool_call_id`, the id of a step with"
            f" {name}."
        )
    plan_step = plan["steps"][takers[0]]
    arguments = {**plan_step["arguments"], name: value}
    late = [one for one in plan_step.get("late", ()) if one["argument"] != name]
    plan_step["arguments"] = arguments
    if "late" in plan_step:
        plan_step["late"] = late
    Step.objects.filter(run_id=change.run.id, key=plan_step["key"]).update(
        arguments=arguments, late=late or None
    )
    request_steps = (request.get("input") or {}).get("steps")
    if isinstance(request_steps, list) and len(request_steps) == len(plan["steps"]):
        entry = request_steps[takers[0]]
        prior = entry.get("arguments") or entry.get("args") or {}
        entry.pop("args", None)
        entry["arguments"] = {k: v for k, v in prior.items() if to_snake(k) != name} | {name: value}


def _takes(tool_name: str, name: str) -> bool:
    tool: type[Tool] | None = registry.table().get(tool_name)
    return tool is not None and name in tool.Params.model_fields
