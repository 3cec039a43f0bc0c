"""The tree of a run's steps: groups hold members, batches hold items. Pure."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)


def outermost(steps: Iterable[tuple[Key, Key | None]]) -> dict[Key, Key]:
    """Return the outermost holder of each step that has one.

    steps: (step, its group or batch), in plan order, so that holders come first.
    """
    tops: dict[Key, Key] = {}
    for step, holder in steps:
        if holder is not None:
            tops[step] = tops.get(holder, holder)
    return tops
