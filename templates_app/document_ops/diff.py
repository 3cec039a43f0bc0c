"""Ops that lead from one document to another. Pure.

`frontend/src/document/diff.ts` is its twin. As small as the change was: a field that differs is
set, an argument of a stage alone, so that an open editor sees a PATCH as what it is and a person's
own undo still fits around it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from templates_app.document_ops.ops import GRAPH, ROOT, Op, State
from templates_app.document_ops.schemas import TABLES

# How deep single fields are told apart: `args/<name>`, `itemStage/args/<name>`.
DEPTH: Final = 3


def diff(old: State, new: State) -> list[Op]:
    """Ops that turn `old` into `new`. Empty when they are equal."""
    return [op for table in TABLES for op in _table(table, old[table], new[table])]


def same(one: Any, other: Any) -> bool:
    """Tell whether two JSON values are equal. Python's own `==` takes true for 1."""
    if one is other:
        return True
    if isinstance(one, dict):
        return (
            isinstance(other, dict)
            and one.keys() == other.keys()
            and all(same(value, other[key]) for key, value in one.items())
        )
    if isinstance(one, list):
        return (
            isinstance(other, list)
            and len(one) == len(other)
            and all(same(a, b) for a, b in zip(one, other, strict=True))
        )
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    return bool(one == other) and isinstance(one, str) == isinstance(other, str)


def _table(name: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Op]:
    old_rows, new_rows = old["rows"], new["rows"]
    for key in old["order"]:
        if key not in new_rows:
            yield {"op": "remove", "table": name, "key": key}
    # What stays, in its old order, is brought into the new one as the new keys are put.
    common = [key for key in old["order"] if key in new_rows]
    is_moved = common != [key for key in new["order"] if key in old_rows]
    before: str | None = None
    for key in new["order"]:
        if key not in old_rows:
            yield {
                "op": "put",
                "table": name,
                "key": key,
                "value": new_rows[key],
                "after": before,
            }
        else:
            yield from _record(name, key, old_rows[key], new_rows[key])
            if is_moved and name != ROOT:
                yield {"op": "order", "table": name, "key": key, "after": before}
        before = key


def _record(table: str, key: str, old: Any, new: Any) -> Iterator[Op]:
    if same(old, new):
        return
    if isinstance(old, dict) and isinstance(new, dict):
        yield from _fields(table, key, [], old, new)
    elif table != ROOT or key == GRAPH:
        yield {"op": "put", "table": table, "key": key, "value": new}


def _fields(
    table: str, key: str, path: list[str], old: Mapping[str, Any], new: Mapping[str, Any]
) -> Iterator[Op]:
    for field in [*old, *(name for name in new if name not in old)]:
        here = [*path, field]
        op: dict[str, Any] = {"op": "set", "table": table, "key": key, "path": here}
        if field not in new:
            yield op
        elif field not in old:
            yield {**op, "value": new[field]}
        elif not same(old[field], new[field]):
            one, other = old[field], new[field]
            if isinstance(one, dict) and isinstance(other, dict) and len(here) < DEPTH:
                yield from _fields(table, key, here, one, other)
            else:
                yield {**op, "value": other}
