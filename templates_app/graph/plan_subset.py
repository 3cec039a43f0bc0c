"""Plans that go as far as one step. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace

from templates_app.graph.types import INPUT_MEDIA, Plan, PlanStep, StepKey


def needed_for(plan: Plan, key: str) -> Plan:
    """The plan of this step and everything it waits for, in the same order, numbered again.

    Positions in the run's media stay true: anyone who names one waits for all that come before it.
    Raises KeyError when the plan has no such step.
    """
    steps = {step.key: step for step in plan.steps}
    members: dict[StepKey, list[StepKey]] = defaultdict(list)
    for step in plan.steps:
        if step.member_of is not None:
            members[step.member_of].append(step.key)
    needed_keys: set[StepKey] = set()
    waiting = [steps[StepKey(key)].key]
    while waiting:
        step_key = waiting.pop()
        if step_key in needed_keys:
            continue
        needed_keys.add(step_key)
        waiting += [
            StepKey(need.source) for need in steps[step_key].needs if need.source != INPUT_MEDIA
        ]
        # Who waits for a group waits for all that it holds.
        waiting += members[step_key]
    needed_keys |= _groups_around(needed_keys, steps)
    needed_steps = [step for step in plan.steps if step.key in needed_keys]
    return replace(
        plan,
        steps=tuple(_at(step, place) for place, step in enumerate(needed_steps)),
        artifact_names={
            name: maker for name, maker in plan.artifact_names.items() if maker in needed_keys
        },
        outputs=tuple(output for output in plan.outputs if output.source in needed_keys),
    )


def _groups_around(keys: Iterable[StepKey], steps: Mapping[StepKey, PlanStep]) -> set[StepKey]:
    groups: set[StepKey] = set()
    for key in keys:
        holder = steps[key].member_of
        while holder is not None:
            groups.add(holder)
            holder = steps[holder].member_of
    return groups


def _at(step: PlanStep, place: int) -> PlanStep:
    """The step at another place; what it repeats is there too."""
    batch = step.batch
    if batch is not None:
        batch = replace(batch, item=replace(batch.item, sequence=place))
    return replace(step, sequence=place, batch=batch)
