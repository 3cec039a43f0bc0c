"""A stored spec as a document, and back. Pure; `frontend/src/document/convert.ts` is its twin.

The way there and back is the identity for every JSON object, however odd: what cannot be told
apart by a key gets one of its own, and a value that is no list stays where it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from templates_app.document_ops.ops import GRAPH, ROOT, TEMPLATE, Op, State, empty_state
from templates_app.document_ops.schemas import MAX_KEY, PLAN, TABLES

# Table → the field that names a record. `graph`'s lists follow the spec's own.
_OF_TEMPLATE: Final = (("inputs", "name"), ("stages", "id"))
_OF_GRAPH: Final = (("nodes", "stageId"), ("frames", "id"), ("notes", "id"))
# Tables that no spec has: what a maker tries things with, and the plan.
BESIDE: Final = frozenset({"seeds", "values", PLAN})
# Keys that no field gave: "~" and the position.
OPAQUE: Final = "~"


def to_document(spec: Mapping[str, Any]) -> dict[str, Any]:
    """The document of a stored spec. Seeds, values and the plan are empty: a spec has none."""
    state = empty_state()
    root = state[ROOT]
    template = dict(spec)
    for table, field in _OF_TEMPLATE:
        _take(template, state, table, field)
    graph = template.get("graph")
    if isinstance(graph, dict):
        del template["graph"]
        rest = dict(graph)
        for table, field in _OF_GRAPH:
            _take(rest, state, table, field)
        root["order"].append(GRAPH)
        root["rows"][GRAPH] = rest
    root["rows"][TEMPLATE] = template
    return state


def to_spec(state: State) -> dict[str, Any]:
    """The spec a document stands for."""
    rows = state[ROOT]["rows"]
    template = rows.get(TEMPLATE)
    spec = dict(template) if isinstance(template, dict) else {}
    for table, _ in _OF_TEMPLATE:
        _give(spec, state, table)
    graph = rows.get(GRAPH)
    laid_out = dict(graph) if isinstance(graph, dict) else {}
    for table, _ in _OF_GRAPH:
        _give(laid_out, state, table)
    if GRAPH in rows or laid_out:
        spec["graph"] = laid_out
    return spec


def with_all_tables(state: State) -> State:
    """Return a stored document with all tables: one from an earlier release may lack some."""
    if all(table in state for table in TABLES):
        return state
    return {**empty_state(), **state}


def without_plan(state: State) -> State:
    """Return a document as those see it who may not edit it."""
    return {**state, PLAN: {"order": [], "rows": {}}}


def ops_without_plan(ops: Iterable[Op]) -> list[Op]:
    """Return the ops of a change as those see them who may not edit the document."""
    return [op for op in ops if op["table"] != PLAN]


def _take(holder: dict[str, Any], state: dict[str, Any], table: str, field: str) -> None:
    """Move a list into its table, leaving [] as a sign that there was one."""
    records = holder.get(table)
    if not isinstance(records, list):
        return
    holder[table] = []
    order, rows = state[table]["order"], state[table]["rows"]
    for place, record in enumerate(records):
        key = record.get(field) if isinstance(record, dict) else None
        if (
            not isinstance(key, str)
            or not 0 < len(key) <= MAX_KEY
            or key.startswith(OPAQUE)
            or key in rows
        ):
            key = f"{OPAQUE}{place}"
        order.append(key)
        rows[key] = record


def _give(holder: dict[str, Any], state: State, table: str) -> None:
    source = state[table]
    if source["order"] or isinstance(holder.get(table), list):
        holder[table] = [source["rows"][key] for key in source["order"]]
