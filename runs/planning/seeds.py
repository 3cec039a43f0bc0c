"""The seeds that the steps of a plan take.

Seeds are fixed when a run is planned, so that every later attempt at a step makes the same result.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Iterable, Mapping
from copy import deepcopy
from dataclasses import replace
from typing import Any, Final

from templates_app.graph.plan_json import stored_steps
from templates_app.graph.types import Plan, PlanStep
from tools.declaration.ports import ToolTable

# Drawn seeds are below this, so that every provider and every JavaScript client can hold them.
DRAWN_BELOW: Final = 2**31
# Written seeds may be as large as their column.
_WRITTEN_BELOW: Final = 2**63


def is_seed(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _WRITTEN_BELOW


def has_written_seed(step: PlanStep) -> bool:
    """Return whether the template itself states the seed of the step, or of each of its items."""
    return is_seed(_call_of(step).arguments.get("seed"))


def is_seedless(step: PlanStep, tools: ToolTable) -> bool:
    """Return whether a seed is still to be drawn for this step."""
    tool = tools.get(step.tool)
    return tool is not None and tool.seeded and step.seed is None


def with_seeds(plan: Plan, tools: ToolTable) -> Plan:
    """The plan of a new run: every seeded step takes the seed in its arguments, or a drawn one."""

    def with_seed(step: PlanStep) -> PlanStep:
        tool = tools.get(step.tool)
        if tool is None or not tool.seeded:
            return step
        written_seed = step.arguments.get("seed")
        return replace(step, seed=written_seed if is_seed(written_seed) else _draw())

    return _with_steps(plan, with_seed)


def with_kept_seeds(
    plan: Plan, tools: ToolTable, seeds: Mapping[str, int], *, fresh: Collection[str] = ()
) -> Plan:
    """The plan of a draft with the seeds it has; other seeded steps are left without one.

    seeds: those of earlier runs by step. fresh: steps whose kept seed does not count.
    """

    def seed_of(step: PlanStep) -> int | None:
        tool = tools.get(step.tool)
        if tool is None or not tool.seeded:
            return step.seed
        if has_written_seed(step):
            return int(_call_of(step).arguments["seed"])
        kept_seed = seeds.get(step.key)
        return kept_seed if is_seed(kept_seed) and step.key not in fresh else None

    return _with_steps(plan, lambda step: replace(step, seed=seed_of(step)))


def with_missing_seeds(plan: Plan, tools: ToolTable) -> Plan:
    """The plan with a drawn seed for each seeded step that has none."""
    return _with_steps(
        plan, lambda step: replace(step, seed=_draw()) if is_seedless(step, tools) else step
    )


def with_other_seeds(plan: Plan, seeds: Mapping[str, int]) -> Plan:
    """The plan with a new seed wherever it has one. seeds: by step, those that are not drawn."""
    return _with_steps(plan, lambda step: _with_other_seed(step, seeds))


def request_with_seeds(request: Mapping[str, Any], plan: Plan) -> dict[str, Any]:
    """A run's request with the plan's seeds, where its caller had written seeds into the steps."""
    new_request = deepcopy(dict(request))
    steps = (new_request.get("input") or {}).get("steps")
    if isinstance(steps, list) and len(steps) == len(plan.steps):
        for step, plan_step in zip(steps, plan.steps, strict=True):
            arguments = step.get("arguments") or step.get("args")
            if isinstance(arguments, dict) and "seed" in arguments and plan_step.seed is not None:
                arguments["seed"] = plan_step.seed
    return new_request


def drawn_seeds(plan_json: Mapping[str, Any]) -> dict[str, int]:
    """Return the seeds of a stored plan, by step, that were not written into arguments."""
    steps: Iterable[Mapping[str, Any]] = plan_json["steps"]
    return {
        step["key"]: step["seed"]
        for step in stored_steps(steps)
        if step.get("seed") is not None
        and not is_seed((step.get("batch") or {"item": step})["item"]["arguments"].get("seed"))
    }


def _with_other_seed(step: PlanStep, seeds: Mapping[str, int]) -> PlanStep:
    """The step with the seed given for it, else a new one; a batch's items with it."""
    if step.batch is not None:
        step = replace(
            step, batch=replace(step.batch, item=_with_other_seed(step.batch.item, seeds))
        )
    arguments = dict(step.arguments)
    if step.seed is None and "seed" not in arguments:
        return step
    seed = seeds[step.key] if step.key in seeds else _draw()
    if "seed" in arguments:
        arguments["seed"] = seed
    return replace(step, seed=None if step.seed is None else seed, arguments=arguments)


def _with_steps(plan: Plan, change: Callable[[PlanStep], PlanStep]) -> Plan:
    def new_step(step: PlanStep) -> PlanStep:
        new = change(step)
        if new.batch is None or not new.batch.members:
            return new
        members = tuple(map(new_step, new.batch.members))
        return replace(new, batch=replace(new.batch, members=members))

    return replace(plan, steps=tuple(map(new_step, plan.steps)))


def _call_of(step: PlanStep) -> PlanStep:
    """The call that is made: the step's own, or the one that its batch repeats."""
    return step if step.batch is None else step.batch.item


def _draw() -> int:
    return secrets.randbelow(DRAWN_BELOW)
