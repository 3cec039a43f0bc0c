"""A document and the ops that change it. Pure; `frontend/src/document/ops.ts` is its twin.

A document is a few tables of JSON records, each in an order of its own. Four ops change it, and
each is total: on a target that is not there it does nothing. So a change that was made offline is
never refused for what others did meanwhile, and server order alone decides. Both languages are held
together by `frontend/fixtures/ops.json` and by random sequences.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, TypeAlias

from templates_app.document_ops.schemas import TABLES

JSON: TypeAlias = Any
Op: TypeAlias = Mapping[str, JSON]
Table: TypeAlias = Mapping[str, Any]
State: TypeAlias = Mapping[str, Any]

FORMAT: Final = 1
ROOT: Final = "root"
# The one record that is always there, and the one beside it.
TEMPLATE: Final = "template"
GRAPH: Final = "graph"


def empty_state() -> dict[str, Any]:
    """A document of nothing."""
    state: dict[str, Any] = {"format": FORMAT}
    for table in TABLES:
        state[table] = {"order": [], "rows": {}}
    state[ROOT] = {"order": [TEMPLATE], "rows": {TEMPLATE: {}}}
    return state


def apply_all(state: State, ops: Iterable[Op]) -> tuple[State, list[Op]]:
    """The document after these ops, and the ops that undo them when applied in their order.

    `state` is not changed; tables and records that no op touches are shared with it.
    """
    editor = _Editor(state)
    undo = [editor.apply(op) for op in ops]
    return editor.state, [op for inverse in reversed(undo) for op in inverse]


def apply(state: State, op: Op) -> tuple[State, list[Op]]:
    """The document after one op, and the ops that undo it."""
    return apply_all(state, [op])


class _Editor:
    """Applies ops to a document; copies a table once, when its first op comes."""

    def __init__(self, state: State) -> None:
        self.state: dict[str, Any] = dict(state)
        self._own: set[str] = set()

    def apply(self, op: Op) -> list[Op]:
        """Apply one op of the right shape; returns its inverse, [] when it did nothing."""
        table, key = op["table"], op["key"]
        if (
            table == ROOT
            and op["op"] != "set"
            and not (key == GRAPH and op["op"] in ("put", "remove"))
        ):
            return []
        match op["op"]:
            case "put":
                return self.put(table, key, op["value"], op)
            case "remove":
                return self.remove(table, key)
            case "set":
                return self.set(table, key, op)
        return self.order(table, key, op["after"])

    def table(self, name: str) -> dict[str, Any]:
        """A table that may be changed."""
        if name not in self._own:
            table = self.state[name]
            self.state[name] = {"order": list(table["order"]), "rows": dict(table["rows"])}
            self._own.add(name)
        return self.state[name]

    def put(self, name: str, key: str, value: JSON, op: Op) -> list[Op]:
        table = self.table(name)
        order, rows = table["order"], table["rows"]
        after = op.get("after")
        has_place = "after" in op and (after is None or (after in rows and after != key))
        # The graph always is behind the template: an order of two says nothing.
        has_place = has_place and name != ROOT
        if key not in rows:
            rows[key] = value
            order.insert(0 if after is None else order.index(after) + 1, key) if has_place else (
                order.append(key)
            )
            return [{"op": "remove", "table": name, "key": key}]
        inverse = {
            "op": "put",
            "table": name,
            "key": key,
            "value": rows[key],
            "after": _before(order, key),
        }
        rows[key] = value
        if has_place:
            _move(order, key, after)
        return [inverse]

    def remove(self, name: str, key: str) -> list[Op]:
        if key not in self.state[name]["rows"]:
            return []
        table = self.table(name)
        before = _before(table["order"], key)
        table["order"].remove(key)
        value = table["rows"].pop(key)
        return [{"op": "put", "table": name, "key": key, "value": value, "after": before}]

    def set(self, name: str, key: str, op: Op) -> list[Op]:
        record = self.state[name]["rows"].get(key)
        path: Sequence[str] = op["path"]
        if not isinstance(record, dict):
            return []
        # The objects on the way that are there; the rest would be made.
        there = [record]
        for step in path[:-1]:
            if step not in there[-1]:
                break
            inner = there[-1][step]
            if not isinstance(inner, dict):
                return []
            there.append(inner)
        is_whole = len(there) == len(path)
        last = path[-1]
        inverse: dict[str, Any] = {"op": "set", "table": name, "key": key}
        if is_whole and last in there[-1]:
            inverse |= {"path": list(path), "value": there[-1][last]}
        elif "value" not in op:
            return []
        else:
            inverse["path"] = list(path[: len(there)])
        # Built from the inside out: what was not there is made, what was is copied.
        if "value" in op:
            fresh: Any = op["value"]
            for step in reversed(path[len(there) :]):
                fresh = {step: fresh}
            new_record = {**there[-1], path[len(there) - 1]: fresh}
        else:
            new_record = {field: value for field, value in there[-1].items() if field != last}
        for outer, step in zip(reversed(there[:-1]), reversed(path[: len(there) - 1]), strict=True):
            new_record = {**outer, step: new_record}
        self.table(name)["rows"][key] = new_record
        return [inverse]

    def order(self, name: str, key: str, after: str | None) -> list[Op]:
        rows = self.state[name]["rows"]
        if key not in rows or after == key or (after is not None and after not in rows):
            return []
        order = self.table(name)["order"]
        before = _before(order, key)
        _move(order, key, after)
        return [{"op": "order", "table": name, "key": key, "after": before}]


def _before(order: Sequence[str], key: str) -> str | None:
    """The key that is before this one, None when it is the first."""
    place = order.index(key)
    return order[place - 1] if place else None


def _move(order: list[str], key: str, after: str | None) -> None:
    order.remove(key)
    order.insert(0 if after is None else order.index(after) + 1, key)
