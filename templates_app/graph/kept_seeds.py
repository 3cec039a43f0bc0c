"""The seeds kept beside a document, and the steps that take them. Pure.

A seed has the key of its stage. That of a step inside a stage begins with it, as the step's key
begins with the stage's id; stages that are written inside another have their ids as keys.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from templates_app.document_ops.ops import State


@dataclass(frozen=True, slots=True)
class SeedPlace:
    """The place of a seed and what takes it. key: of its row. step: as a plan calls it. stage: the
    id of the one that is the step or that holds it."""

    key: str
    step: str
    stage: str


def seed_places(state: State) -> list[SeedPlace]:
    """List the seeds that a document has for its stages and for what is inside them."""
    ids = {key: stage_id for stage_id, key in _keys(state).items()}
    stages = {key: around(key, ids) for key in state["seeds"]["rows"]}
    return [
        SeedPlace(key, ids[stage] + key[len(stage) :], ids[stage])
        for key, stage in stages.items()
        if stage is not None
    ]


def seeds_by_step(state: State) -> dict[str, Any]:
    """Return the seeds of a document as a plan takes them."""
    rows = state["seeds"]["rows"]
    return {
        place.step: row["seed"]
        for place in seed_places(state)
        if isinstance(row := rows[place.key], dict) and "seed" in row
    }


def keys_of_steps(state: State, steps: Collection[str]) -> dict[str, str]:
    """Return step → the key of its seed, for the steps that the document has stages for."""
    keys = _keys(state)
    stages = {step: around(step, keys) for step in steps}
    return {
        step: keys[stage] + step[len(stage) :]
        for step, stage in stages.items()
        if stage is not None
    }


def around(step: str, stages: Collection[str]) -> str | None:
    """Find the stage that is a step or holds it: the one with the longest name."""
    while step not in stages:
        step, dot, _ = step.rpartition(".")
        if not dot:
            return None
    return step


def with_keys(table: Mapping[str, Any], keys: Mapping[str, str]) -> dict[str, Any]:
    """Return a table with other keys for some of its rows."""
    rows = {key: row for key, row in table["rows"].items() if key not in keys}
    rows |= {keys[key]: row for key, row in table["rows"].items() if key in keys}
    order = dict.fromkeys(keys.get(key, key) for key in table["order"])
    return {"order": [*order], "rows": rows}


def _keys(state: State) -> dict[str, str]:
    """Return the keys of stages by id; of those inside another, the id."""
    records = state["stages"]["rows"]
    keys = {
        record["id"]: key
        for key, record in records.items()
        if isinstance(record, dict) and isinstance(record.get("id"), str)
    }
    below = {name for record in records.values() for name in _ids_inside(record)}
    return {name: name for name in below if name not in records} | keys


def _ids_inside(record: Any) -> Iterator[str]:
    inside = record.get("subStages") if isinstance(record, dict) else None
    for one in inside if isinstance(inside, list) else ():
        if isinstance(one, dict) and isinstance(one.get("id"), str):
            yield one["id"]
        yield from _ids_inside(one)
