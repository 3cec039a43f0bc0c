"""What both languages must agree on, as JSON: `frontend/fixtures/{ops,convert,diff}.json`.

Written by `python -m tests.support.builders.documents frontend/fixtures`; a test on either side
reads them, and one here says when they are not current.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from templates_app.document_ops.convert import to_document, to_spec
from templates_app.document_ops.diff import diff
from templates_app.document_ops.ops import apply_all, empty_state
from templates_app.document_ops.schemas import TABLES

KEYS: Final = ("a", "b", "c", "2", "10", "__proto__", "constructor", "é", "~0")
FIELDS: Final = ("x", "args", "__proto__", "toString", "1", "deep")
SEED: Final = 20261120


def random_value(dice: random.Random, depth: int = 0) -> Any:
    """A small JSON value with the names that trip JavaScript."""
    kind = dice.random()
    if depth > 2 or kind < 0.55:
        return dice.choice([None, True, False, 0, 1, -2, 0.5, 1e21, "", "text", "é\u2028", []])
    if kind < 0.7:
        return [random_value(dice, depth + 1) for _ in range(dice.randrange(3))]
    return {name: random_value(dice, depth + 1) for name in dice.sample(FIELDS, dice.randrange(4))}


def random_op(dice: random.Random) -> dict[str, Any]:
    """An op of the right shape on few keys, so that targets vanish and come back."""
    table = dice.choice(TABLES)
    key = dice.choice(("template", "graph") if table == "root" else KEYS)
    if dice.random() < 0.05:
        key = dice.choice(KEYS)
    kind = dice.choice(["put", "put", "remove", "set", "set", "set", "order"])
    op: dict[str, Any] = {"op": kind, "table": table, "key": key}
    after = dice.choice([None, *KEYS])
    if kind == "put":
        op["value"] = random_value(dice)
        if dice.random() < 0.6:
            op["after"] = after
    elif kind == "set":
        op["path"] = [dice.choice(FIELDS) for _ in range(dice.randint(1, 4))]
        if dice.random() < 0.75:
            op["value"] = random_value(dice)
    elif kind == "order":
        op["after"] = after
    return op


def random_ops(dice: random.Random, count: int) -> list[dict[str, Any]]:
    return [random_op(dice) for _ in range(count)]


def random_spec(dice: random.Random) -> dict[str, Any]:
    """A spec with lists that are odd in every way a JSON object may be."""

    def listed(field: str) -> Any:
        if dice.random() < 0.15:
            return random_value(dice)
        return [
            {field: dice.choice([*KEYS, "", 7, None, "stage-" + str(n)]), **_object(dice)}
            if dice.random() < 0.8
            else random_value(dice)
            for n in range(dice.randrange(5))
        ]

    spec: dict[str, Any] = {"name": "Film", **_object(dice)}
    for name, field in (("inputs", "name"), ("stages", "id")):
        if dice.random() < 0.8:
            spec[name] = listed(field)
    if dice.random() < 0.7:
        graph: dict[str, Any] = _object(dice)
        for name, field in (("nodes", "stageId"), ("frames", "id"), ("notes", "id")):
            if dice.random() < 0.6:
                graph[name] = listed(field)
        spec["graph"] = graph if dice.random() < 0.9 else random_value(dice)
    return spec


def ops_fixture() -> list[dict[str, Any]]:
    """Cases {from, ops, to, undo}; `undo` leads from `to` back to `from`."""
    dice = random.Random(SEED)
    return [_case(dice) for _ in range(120)]


def convert_fixture() -> list[dict[str, Any]]:
    """Cases {spec, document}."""
    dice = random.Random(SEED + 1)
    specs = [{}, {"graph": None}, {"inputs": [], "stages": None}, *_specs(dice, 60)]
    return [{"spec": spec, "document": to_document(spec)} for spec in specs]


def diff_fixture() -> list[dict[str, Any]]:
    """Cases {from, to, ops}."""
    dice = random.Random(SEED + 2)
    cases = []
    for _ in range(60):
        old = to_document(random_spec(dice))
        new, _undo = apply_all(old, random_ops(dice, dice.randint(1, 12)))
        cases.append({"from": old, "to": new, "ops": diff(old, new)})
    return cases


def written() -> dict[str, str]:
    """File name → what is in it."""
    made = {"ops": ops_fixture(), "convert": convert_fixture(), "diff": diff_fixture()}
    return {f"{name}.json": json_lines(cases) for name, cases in made.items()}


def json_lines(cases: Iterable[Any]) -> str:
    """Write a list with each of its cases on a line."""
    lines = (json.dumps(case, ensure_ascii=True, separators=(",", ":")) for case in cases)
    return "[\n" + ",\n".join(lines) + "\n]\n"


def _case(dice: random.Random) -> dict[str, Any]:
    start, _ = apply_all(empty_state(), random_ops(dice, dice.randrange(20)))
    ops = random_ops(dice, dice.randint(1, 8))
    end, undo = apply_all(start, ops)
    return {"from": start, "ops": ops, "to": end, "undo": undo}


def _specs(dice: random.Random, count: int) -> Iterator[dict[str, Any]]:
    for _ in range(count):
        spec = random_spec(dice)
        assert to_spec(to_document(spec)) == spec
        yield spec


def _object(dice: random.Random) -> dict[str, Any]:
    return {name: random_value(dice) for name in dice.sample(FIELDS, dice.randrange(3))}


if __name__ == "__main__":
    for name, text in written().items():
        (Path(sys.argv[1]) / name).write_text(text)
