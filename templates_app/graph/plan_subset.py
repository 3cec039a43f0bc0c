"""Plans that go as far as one step. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from templates_app.graph.repeated_steps import steps_inside
from templates_app.graph.types import Plan, PlanStep, StepKey


def needed_for(plan: Plan, key: str) -> Plan:
    """The plan of this step and everything it waits for, in the same order.

    Of a step that a batch repeats: as far as that in each of its elements. Positions in the run's
    media stay true: anyone who names one waits for all that come before it. Raises KeyError when
    the plan has no such step.
    """
    outermost = next((step.key for step in plan.steps if _holds(step, key)), key)
    needed_keys = _keys_for(plan.steps, outermost)
    return replace(
        plan,
        steps=tuple(_cut(step, key) for step in plan.steps if step.key in needed_keys),
        artifact_names={
            name: maker for name, maker in plan.artifact_names.items() if maker in needed_keys
        },
        outputs=tuple(output for output in plan.outputs if output.source in needed_keys),
    )


def has_step(plan: Plan, key: str) -> bool:
    """Tell whether a plan has a step, or repeats it in a batch."""
    return any(step.key == key or _holds(step, key) for step in plan.steps)


def _holds(step: PlanStep, key: str) -> bool:
    """Tell whether a batch repeats a step."""
    return any(one.key == key for one in steps_inside(step))


def _cut(step: PlanStep, key: str) -> PlanStep:
    """Return a batch that goes as far as a step that it repeats; other steps as they are."""
    if step.batch is None or not _holds(step, key):
        return step
    members = step.batch.members
    nearest = next(one.key for one in members if one.key == key or _holds(one, key))
    needed_keys = _keys_for(members, nearest)
    inside = tuple(_cut(one, key) for one in members if one.key in needed_keys)
    return replace(step, batch=replace(step.batch, members=inside))


def _keys_for(all_steps: Sequence[PlanStep], key: str) -> set[StepKey]:
    """Return the keys of a step and of all of these that it waits for."""
    steps = {step.key: step for step in all_steps}
    members: dict[StepKey, list[StepKey]] = defaultdict(list)
    for step in all_steps:
        if step.member_of is not None:
            members[step.member_of].append(step.key)
    needed_keys: set[StepKey] = set()
    waiting = [steps[StepKey(key)].key]
    while waiting:
        step_key = waiting.pop()
        if step_key in needed_keys:
            continue
        needed_keys.add(step_key)
        sources = (StepKey(need.source) for need in steps[step_key].needs)
        # Neither the caller's media nor, for what a batch repeats, what is outside of it.
        waiting += [source for source in sources if source in steps]
        # Who waits for a group waits for all that it holds.
        waiting += members[step_key]
    return needed_keys | _groups_around(needed_keys, steps)


def with_inside(plan: Plan, keys: Collection[str]) -> set[StepKey]:
    """Return those of these steps that a plan has, and all that they hold."""
    chosen: set[StepKey] = set()
    for step in plan.steps:
        inside = [one.key for one in steps_inside(step)]
        if step.key in keys or step.member_of in chosen:
            chosen |= {step.key, *inside}
        else:
            chosen.update(key for key in inside if key in keys)
    return chosen


def _groups_around(keys: Iterable[StepKey], steps: Mapping[StepKey, PlanStep]) -> set[StepKey]:
    groups: set[StepKey] = set()
    for key in keys:
        holder = steps[key].member_of
        while holder is not None and holder in steps:
            groups.add(holder)
            holder = steps[holder].member_of
    return groups
