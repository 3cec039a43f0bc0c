"""A draft within a budget: fewer scenes, then shorter ones, then images that do not move. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from compose.brief.brief import Brief, Repeat
from compose.template_plan.build import Built, built, spread
from compose.template_plan.film import scenes_of
from compose.template_plan.film_shots import Scale
from compose.template_plan.timing import USUAL_SHOT_S


@dataclass(frozen=True, slots=True)
class Measured:
    """The measures of a template. reason: why it cannot be used at all, "" when it can."""

    units: float
    steps: int
    reason: str = ""


Measure = Callable[[dict[str, Any]], Measured]


@dataclass(frozen=True, slots=True)
class Limits:
    """units, steps: the most a run may take; None: no limit."""

    units: float | None = None
    steps: int | None = None

    def allow(self, cost: Measured) -> bool:
        if self.units is not None and cost.units > self.units:
            return False
        return self.steps is None or cost.steps <= self.steps


@dataclass(frozen=True, slots=True)
class Fitted:
    """warnings: what was left out for the limits, and why, or why they cannot be kept."""

    built: Built
    measured: Measured
    fits: bool
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Less:
    """A smaller draft, and the sentence that says what it leaves out."""

    brief: Brief
    scale: Scale
    said: str


def fitted(brief: Brief, name: str, measure: Measure, limits: Limits) -> Fitted:
    """Return the richest draft of a brief that keeps the limits; the smallest where none does.

    measure: what a template takes.
    """
    first = built(brief, name=name)
    first_cost = measure(first.body)
    if limits.allow(first_cost):
        return Fitted(first, first_cost, True, ())
    best, least, message = first, first_cost, ""
    for less in _smaller(brief):
        draft = built(less.brief, name=name, scale=less.scale)
        cost = measure(draft.body)
        if limits.allow(cost):
            return Fitted(draft, cost, True, (_because(limits, first_cost, less.said),))
        if cost.units < least.units:
            best, least, message = draft, cost, less.said
    why = f"Even the smallest draft takes {_credits(least.units)}"
    if limits.units is not None:
        why += f", and {_credits(limits.units)} were allowed."
    else:
        why += f" in {least.steps} steps, and {limits.steps} are possible."
    return Fitted(
        best, least, False, (_because(limits, first_cost, message), why) if message else (why,)
    )


def _because(limits: Limits, cost: Measured, remedy: str) -> str:
    over = limits.units is not None and cost.units > limits.units
    limit = _credits(limits.units or 0) if over else f"{limits.steps} steps"
    amount = _credits(cost.units) if over else f"{cost.steps}"
    return f"To keep to {limit} instead of {amount}, {remedy}."


def _credits(units: float) -> str:
    return f"{units:g} credit" if units == 1 else f"{units:g} credits"


def _smaller(brief: Brief) -> Iterator[_Less]:
    """Yield smaller and smaller drafts of one brief."""
    if brief.kind in ("clip_edit", "photo_edit", "audio"):
        return
    if brief.repeat is not None and brief.kind != "film":
        yield from _shorter_list(brief, brief.repeat)
        return
    if brief.kind == "image":
        yield from _fewer(brief, Scale(), "image")
        return
    if brief.kind == "song":
        yield _Less(replace(brief, scenes=(), media=()), Scale(), "the cover is left out")
        return
    scenes = scenes_of(brief)
    wide = replace(brief, scenes=tuple(scenes))
    direct = Scale(direct=True, as_listed=True)
    yield _Less(wide, direct, "videos are generated without an image first")
    yield from _fewer(wide, direct, "scene")
    one = replace(wide, scenes=tuple(spread(scenes, 1)), choice=None)
    yield _Less(replace(one, seconds=USUAL_SHOT_S), direct, "one short scene is left")
    quiet = replace(brief.sound, music=None, speech=None, subtitles=False)
    stills = Scale(stills=True, as_listed=True)
    flat = replace(wide, choice=None, media=(), edits=())
    for sound, words in ((brief.sound, ""), (quiet, " and there is no sound")):
        for count in _counts(len(scenes)):
            less = replace(flat, scenes=tuple(spread(scenes, count)), sound=sound)
            message = f"{_number(count, len(scenes), 'scene')} as images that do not move{words}"
            yield _Less(less, stills, message)
    still = replace(flat, kind="image", scenes=tuple(spread(scenes, 1)), repeat=None)
    yield _Less(still, Scale(), "one image is left of the film")


def _fewer(brief: Brief, scale: Scale, what: str) -> Iterator[_Less]:
    total = len(brief.scenes)
    for count in range(total - 1, 0, -1):
        less = replace(brief, scenes=tuple(spread(brief.scenes, count)))
        yield _Less(less, scale, _number(count, total, what) + " are made")


def _counts(total: int) -> range:
    return range(total, 0, -1)


def _number(count: int, total: int, what: str) -> str:
    many = what if total == 1 else f"{what}s"
    return f"{count} of {total} {many}" if count < total else f"all {total} {many}"


def _shorter_list(brief: Brief, repeat: Repeat) -> Iterator[_Less]:
    total = repeat.count or len(repeat.items) or 3
    for count in range(total - 1, 0, -1):
        less = replace(brief, repeat=replace(repeat, count=count, items=repeat.items[:count]))
        yield _Less(less, Scale(), f"the list has {count} of {total} items")
    for count in range(total, 0, -1):
        less = replace(
            brief,
            media=(),
            edits=(),
            repeat=replace(repeat, count=count, items=repeat.items[:count]),
        )
        message = f"the list has {count} of {total} items, as images that do not move"
        yield _Less(less, Scale(stills=True), message)
