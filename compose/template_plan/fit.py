"""A draft within a budget: fewer scenes, then shorter ones, then images that do not move. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from compose.plan import Plan, RepeatPlan
from compose.template_plan.build import Built, build, spread
from compose.template_plan.film_shots import Scale
from compose.template_plan.presets import shot_of, with_fields
from compose.template_plan.timing import USUAL_SHOT_S


@dataclass(frozen=True, slots=True)
class Cost:
    """The measures of a template. reason: why it cannot be used at all, "" when it can."""

    units: float
    steps: int
    reason: str = ""


Measure = Callable[[dict[str, Any]], Cost]


@dataclass(frozen=True, slots=True)
class Limits:
    """units, steps: the most a run may take; None: no limit."""

    units: float | None = None
    steps: int | None = None

    def allow(self, cost: Cost) -> bool:
        if self.units is not None and cost.units > self.units:
            return False
        return self.steps is None or cost.steps <= self.steps


# A smaller draft, and the words for what it leaves out.
_Less: TypeAlias = tuple[Plan, Scale, str]


def fit_to(plan: Plan, text: str, name: str, measure: Measure, limits: Limits) -> Built:
    """Return the richest draft of a plan that keeps the limits; the smallest where none does.

    Its warnings say what was left out. text: the person's words. measure: what a template takes.
    """
    first = build(plan, text, name=name)
    first_cost = measure(first.body)
    if limits.allow(first_cost):
        return first
    best, least, message = first, first_cost, ""
    for smaller, scale, remedy in _smaller(plan):
        draft = build(smaller, text, name=name, scale=scale)
        cost = measure(draft.body)
        if limits.allow(cost):
            return _warning(draft, _because(limits, first_cost, remedy))
        if cost.units < least.units:
            best, least, message = draft, cost, remedy
    why = f"Even the smallest draft takes {_credits(least.units)}"
    if limits.units is not None:
        why += f", and {_credits(limits.units)} were allowed."
    else:
        why += f" in {least.steps} steps, and {limits.steps} are possible."
    reasons = [_because(limits, first_cost, message)] if message else []
    return _warning(best, *reasons, why)


def _warning(draft: Built, *warnings: str) -> Built:
    return replace(draft, warnings=(*draft.warnings, *warnings))


def _because(limits: Limits, cost: Cost, remedy: str) -> str:
    over = limits.units is not None and cost.units > limits.units
    limit = _credits(limits.units or 0) if over else f"{limits.steps} steps"
    amount = _credits(cost.units) if over else f"{cost.steps}"
    return f"To keep to {limit} instead of {amount}, {remedy}."


def _credits(units: float) -> str:
    return f"{units:g} credit" if units == 1 else f"{units:g} credits"


def _smaller(plan: Plan) -> Iterator[_Less]:
    """Yield smaller and smaller drafts of one plan."""
    if plan.kind in ("clip_edit", "photo_edit", "audio"):
        return
    if plan.repeat is not None and plan.kind != "film":
        yield from _shorter_list(plan, plan.repeat)
        return
    if plan.kind == "image":
        yield from _fewer(plan, Scale(), "image")
        return
    if plan.kind == "song":
        yield with_fields(plan, scenes=[], media=[]), Scale(), "the cover is left out"
        return
    scenes = plan.scenes or [shot_of(plan.title)]
    wide = with_fields(plan, scenes=scenes)
    direct = Scale(direct=True)
    yield wide, direct, "videos are generated without an image first"
    yield from _fewer(wide, direct, "scene")
    one = with_fields(wide, scenes=spread(scenes, 1), choice=None)
    yield with_fields(one, seconds=USUAL_SHOT_S), direct, "one short scene is left"
    quiet = with_fields(plan.sound, music=None, speech=None, subtitles=False)
    stills = Scale(stills=True)
    flat = with_fields(wide, choice=None, media=[], edits=[])
    for sound, words in ((plan.sound, ""), (quiet, " and there is no sound")):
        for count in range(len(scenes), 0, -1):
            less = with_fields(flat, scenes=spread(scenes, count), sound=sound)
            some = _number(count, len(scenes), "scene")
            yield less, stills, f"{some} as images that do not move{words}"
    still = with_fields(flat, kind="image", scenes=spread(scenes, 1), repeat=None)
    yield still, Scale(), "one image is left of the film"


def _fewer(plan: Plan, scale: Scale, what: str) -> Iterator[_Less]:
    total = len(plan.scenes)
    for count in range(total - 1, 0, -1):
        less = with_fields(plan, scenes=spread(plan.scenes, count))
        yield less, scale, _number(count, total, what) + " are made"


def _number(count: int, total: int, what: str) -> str:
    many = what if total == 1 else f"{what}s"
    return f"{count} of {total} {many}" if count < total else f"all {total} {many}"


def _shorter_list(plan: Plan, repeat: RepeatPlan) -> Iterator[_Less]:
    total = repeat.count or len(repeat.items) or 3
    flat = with_fields(plan, media=[], edits=[])
    sizes = ((plan, Scale(), ""), (flat, Scale(stills=True), ", as images that do not move"))
    for base, scale, how in sizes:
        for count in range(total if scale.stills else total - 1, 0, -1):
            shorter = with_fields(repeat, count=count, items=repeat.items[:count])
            less = with_fields(base, repeat=shorter)
            yield less, scale, f"the list has {count} of {total} items{how}"
