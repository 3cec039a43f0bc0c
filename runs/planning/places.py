"""Places of steps in what batches repeat: `Step.item_index`. Pure.

A batch counts its items from 0; -1 is a step of the plan. In an element of a batch over a template,
the element's place comes before the items of a batch inside it: one number holds both.
"""

from __future__ import annotations

from typing import Final

# Two levels of so many fit the column.
_MOST: Final = 46_340


def place_inside(outer: int, place: int) -> int:
    """Return the place of an item of a batch that is at a place itself, -1 for none."""
    return place if outer < 0 else (outer + 1) * _MOST + place


def outer_place(index: int) -> int:
    """Return the place of the outermost element; -1 of a step of the plan."""
    return index if index < _MOST else index // _MOST - 1


def own_place(index: int) -> int:
    """Return the place in the batch that a step is an item of; -1 of a step of the plan."""
    return index % _MOST if index >= _MOST else index
