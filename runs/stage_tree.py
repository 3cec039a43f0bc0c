"""The tree of a run's steps: groups hold members, batches hold items."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

from runs.models import Step

Key = TypeVar("Key", bound=Hashable)


def is_element(step: Step) -> bool:
    """Tell whether a step is an item of a batch over a template: a group."""
    return step.kind == "group" and step.is_item


def outermost(steps: Iterable[tuple[Key, Key | None]]) -> dict[Key, Key]:
    """Return the outermost holder of each step that has one.

    steps: (step, its group or batch), in plan order, so that holders come first.
    """
    tops: dict[Key, Key] = {}
    for step, holder in steps:
        if holder is not None:
            tops[step] = tops.get(holder, holder)
    return tops


def shown_in(steps: Iterable[tuple[Key, Key | None, bool]]) -> dict[Key, Key]:
    """Return what each step inside another is shown in: the element of an outermost batch over a
    template, else the outermost holder.

    steps: (step, its group or batch, whether it is an element of a batch over a template), in plan
    order, so that holders come first.
    """
    tops: dict[Key, Key] = {}
    elements: dict[Key, Key] = {}
    for step, holder, is_element in steps:
        if holder is None:
            continue
        tops[step] = tops.get(holder, holder)
        if holder in elements:
            elements[step] = tops[step] = elements[holder]
        elif is_element and tops[step] == holder:
            elements[step] = step
    return tops


def makers_in(steps: Sequence[Step]) -> Callable[[Step], Iterator[Step]]:
    """Return a function that yields the steps which make what a step gives, in order: of a group
    those of its result, of a batch those of its items. steps: all of a run, in plan order."""
    by_key = {step.key: step for step in steps}
    items: dict[int, list[Step]] = defaultdict(list)
    for step in steps:
        if step.is_item:
            items[step.parent_id or 0].append(step)

    def makers(step: Step) -> Iterator[Step]:
        if step.kind == "group":
            # A run as far as a stage inside may leave out the one whose files are the group's.
            result = by_key.get((step.batch or {})["result"])
            yield from makers(result) if result is not None else ()
        elif step.kind == "expand":
            for item in items[step.id]:
                yield from makers(item)
        else:
            yield step

    return makers


def place_of(step: Step, steps: Mapping[int, Step] | None = None) -> str:
    """Return where a step is inside others, in their titles: `Shots › fox`; empty for a stage.

    steps: those of its run by id, where they are there; else each holder is read.
    """
    titles: list[str] = []
    inner = step
    while (holder := steps.get(inner.parent_id or 0) if steps else inner.parent) is not None:
        # An item without a name is called after its batch.
        if not inner.is_item or inner.item_label or inner is step:
            titles.insert(0, holder.title or holder.key)
        inner = holder
    return " › ".join(titles)
