"""What a plan is expected to take before it starts: units by step, time by history."""

from __future__ import annotations

import math
import time
from collections.abc import Collection, Mapping

from django.conf import settings

from runs import selectors
from templates_app.graph.types import INPUT_MEDIA, Plan, PlanStep
from tools import registry

HISTORY_LIFE_S = 30.0
# Which kinds of steps a worker takes time for.
WORKING = ("tool", "expand")


def step_quotes(plan: Plan, *, person: int | None, local_only: bool = False) -> tuple[int, ...]:
    """Thousandths of a unit for each step, in plan order. Questions and gates cost nothing.

    person: whose run it would be, by id; None: no one's in particular. local_only: of a run in the
    background, which asks no service.
    """
    return tuple(_milli(step, person, local_only) for step in plan.steps)


def seconds_of(plan: Plan, *, without: Collection[str] = ()) -> float | None:
    """How long a plan takes by what its tools took lately, or None when one has no history.

    The longest chain, or the work of all steps shared by the workers, whichever is longer. The time
    people take to answer is no one's to foretell: it is left out. without: keys of steps that take
    no time.
    """
    work = 0.0
    ends: dict[str, float] = {}
    for step in plan.steps:
        takes = 0.0 if step.key in without else seconds_of_step(step)
        if takes is None:
            return None
        before = [ends[b.source] for b in step.needs if b.source != INPUT_MEDIA]
        ends[step.key] = max(before, default=0.0) + takes
        work += takes * _at_once(step)
    return max(max(ends.values(), default=0.0), work / max(settings.WORKERS, 1))


def seconds_of_step(step: PlanStep) -> float | None:
    """How long one step takes when nothing else goes on; a batch with as many at once as it may."""
    if step.kind not in WORKING:
        return 0.0
    one = usual_times().get(step.tool if step.batch is None else step.batch.item.tool)
    return None if one is None else one * math.ceil(items_expected(step) / _at_once(step))


def _at_once(step: PlanStep) -> int:
    return 1 if step.batch is None else max(1, min(step.batch.concurrency, items_expected(step)))


def items_expected(step: PlanStep) -> int:
    """How many elements a batch has, as far as can be told before it begins."""
    if step.batch is None:
        return 1
    return len(step.batch.items) if step.batch.items is not None else max(step.batch.expected, 0)


# Read once for many quotes: a form asks again with every pause in typing.
_times: dict[str, float] = {}
_times_read_at = -math.inf


def usual_times() -> Mapping[str, float]:
    """Tool → seconds a step of it took lately, for the tools with a history."""
    global _times, _times_read_at
    if time.monotonic() - _times_read_at > HISTORY_LIFE_S:
        _times = selectors.usual_times([tool.name for tool in registry.table()])
        _times_read_at = time.monotonic()
    return _times


def forget_history() -> None:
    """Look at the steps again with the next quote; for tests."""
    global _times_read_at
    _times_read_at = -math.inf


def _milli(step: PlanStep, person: int | None, local_only: bool) -> int:
    if step.kind not in WORKING:
        return 0
    work = step if step.batch is None else step.batch.item
    tool = registry.table().get(work.tool)
    if tool is None:
        return 0
    one = registry.quote_milli(tool, work.arguments, person=person, local_only=local_only)
    return one * items_expected(step)
