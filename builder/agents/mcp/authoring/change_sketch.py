"""The differences of two documents, as lines of text: `+` added, `~` changed, `-` removed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from builder.agents.mcp.authoring.sketch import NAME, line_of
from core import jsonsafe
from templates_app.document_ops.convert import to_spec
from templates_app.document_ops.diff import diff, same
from templates_app.document_ops.ops import ROOT, Op, State
from templates_app.document_ops.schemas import PLAN
from templates_app.graph.wiring import clean, read_wiring
from tools.declaration.ports import ToolTable

MOST_LINES: Final = 80
MOST_FIELDS: Final = 8
VALUE: Final = 60
_NOUNS: Final = {
    "inputs": "input",
    "frames": "frame",
    "notes": "note",
    "seeds": "seed of",
    "values": "tried value of",
}


@dataclass(frozen=True, slots=True)
class Changes:
    """text: a line for each record that differs. Counts are of records, positions left out."""

    text: str
    added: int
    changed: int
    removed: int


def changes_between(before: State, after: State, tools: ToolTable) -> Changes:
    """Never raises on user data. Positions on the canvas are one line in all."""
    nodes = {
        node.id: line_of(node)
        for state in (before, after)
        for node in read_wiring(to_spec(state), tools).nodes
    }
    fields: dict[tuple[str, str], list[str]] = {}
    signs: dict[tuple[str, str], str] = {}
    moves: set[str] = set()
    for op in diff(before, after):
        record = (op["table"], op["key"])
        if op["table"] == "nodes" or record == (ROOT, "graph"):
            moves.add(op["key"])
            continue
        signs.setdefault(record, _sign(op, before))
        if signs[record] == "~":
            fields.setdefault(record, []).append(_field(op, before))
    lines = [_line(sign, record, fields.get(record, ()), nodes) for record, sign in signs.items()]
    if moves:
        lines.append("~ positions on the canvas")
    count = Counter(signs.values())
    return Changes(_cut(lines), count["+"], count["~"], count["-"])


def _sign(op: Op, before: State) -> str:
    if op["op"] == "remove":
        return "-"
    return "~" if op["key"] in before[op["table"]]["rows"] else "+"


def _line(
    sign: str, record: tuple[str, str], fields: Sequence[str], nodes: Mapping[str, str]
) -> str:
    table, key = record
    if table == "stages":
        title = nodes.get(key, clean(key, NAME))
    elif table in (ROOT, PLAN):
        title = "template" if table == ROOT else "plan"
    else:
        title = f"{_NOUNS.get(table, table)} {clean(key, NAME)}"
    if not fields:
        return f"{sign} {title}"
    more = f"; and {len(fields) - MOST_FIELDS} more" if len(fields) > MOST_FIELDS else ""
    return f"{sign} {title}: {'; '.join(fields[:MOST_FIELDS])}{more}"


def _field(op: Op, before: State) -> str:
    """`args.prompt “old” → “new”`."""
    if op["op"] == "order":
        return "another place in the order"
    path: Sequence[str] = op.get("path", ())
    old: Any = before[op["table"]]["rows"][op["key"]]
    for name in path:
        old = old.get(name) if isinstance(old, dict) else None
    new = op.get("value")
    if not path:
        return "replaced" if not same(old, new) else "the same"
    name = clean(".".join(path), NAME)
    if old is None:
        return f"{name} {_value(new)}"
    return f"{name} {_value(old)} → {_value(new)}" if "value" in op else f"no {name}"


def _value(value: Any) -> str:
    if isinstance(value, str):
        return f"“{clean(value, VALUE)}”"
    return clean(jsonsafe.dumps(value).decode(), VALUE)


def _cut(lines: Sequence[str]) -> str:
    rows = list(lines[:MOST_LINES])
    if len(lines) > MOST_LINES:
        rows.append(f"… and {len(lines) - MOST_LINES} more")
    return "\n".join(rows)
