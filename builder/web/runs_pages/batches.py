"""A batch or a group as a run's page shows it: one stage, with each step in it. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from runs.result_notice import draft_words
from runs.stage_tree import shown_in
from templates_app.graph.nesting import Group
from templates_app.graph.template_names import read_reference
from templates_app.graph.types import BatchSpec

CHECKPOINT = "Checkpoint"
WAITING = "waiting_for_user"
OVER = ("completed", "failed", "skipped", "cancelled")


def planned_items(spec: BatchSpec) -> int:
    """Return how many items a batch is expected to have before its elements are known."""
    return len(spec.items) if spec.items is not None else spec.expected


def expected_words(spec: BatchSpec) -> str:
    """Return the words of a batch before it has items: `about 12 items`."""
    count = planned_items(spec)
    return f"about {count} item{'' if count == 1 else 's'}"


def failed_words(steps: Iterable[Mapping[str, Any]]) -> str:
    """`2 of 12 items failed`, of all batches of a run together; empty when none did."""
    items = [step["status"] for step in steps if "itemIndex" in step]
    failures = items.count("failed")
    return f"{failures} of {len(items)} items failed" if failures else ""


def fold(rows: Sequence[dict[str, Any]], specs: Mapping[str, BatchSpec]) -> list[dict[str, Any]]:
    """The rows of a run's stages, those of items `inside` their batch's.

    rows: as `stage_rows` makes them of every step, in plan order. specs: the plan's batches by
    key. A batch's row also has its `progress` as its items have it, and what all of it takes and
    costs; so has a group's, whose items are all that it holds at any depth, and an element's of a
    batch over a template.
    """
    tops = shown_in((row["id"], row.get("parentId"), is_element(row)) for row in rows)
    elements = {row["id"] for row in rows if is_element(row) and tops[row["id"]] == row["parentId"]}
    holders = {row["parentId"] for row in rows if "parentId" in row} | specs.keys()
    asking = {tops.get(row["id"]) for row in rows if row["status"] == WAITING}
    inside_of: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        is_shown = row["id"] in elements or row["id"] not in holders
        if row["id"] in tops and is_shown and row["tool_title"] != CHECKPOINT:
            inside_of[tops[row["id"]]].append(row)

    def with_items(row: dict[str, Any]) -> dict[str, Any]:
        if row["id"] not in holders and row["id"] not in elements:
            return row
        inside = [with_items(item) for item in inside_of[row["id"]]]
        # It asks as long as a stage inside it does, or a checkpoint of one, which has no tile.
        is_asking = row["id"] in asking or any(item["status"] == WAITING for item in inside)
        if row["status"] == "running" and is_asking:
            row = row | {"status": WAITING}
        return _batch(row, inside, specs.get(row["id"]))

    return [with_items(row) for row in rows if "parentId" not in row]


def is_element(step: Mapping[str, Any]) -> bool:
    """Tell whether a step is an element of a batch over a template."""
    return "itemIndex" in step and is_group(step["toolName"])


def is_group(wire_tool: str) -> bool:
    """Tell whether the steps with this tool hold others."""
    return wire_tool == Group.name or read_reference(wire_tool) is not None


def _batch(
    row: dict[str, Any], items: list[dict[str, Any]], spec: BatchSpec | None
) -> dict[str, Any]:
    """spec: None for a group."""
    usual = row["usual_ms"]
    if spec is None:
        known_times = [item["usual_ms"] for item in items if item["usual_ms"] != ""]
        usual = sum(known_times) if len(known_times) == len(items) else ""
    elif usual != "":
        lanes = max(1, min(spec.concurrency, len(items) or planned_items(spec)))
        usual = round(usual * (len(items) or planned_items(spec)) / lanes)
    anchor = f"item-{row['sequence']}"
    if spec is None and "itemIndex" in row:
        anchor += f"-{row['itemIndex']}"
    return row | {
        "inside": [
            {
                **item,
                "anchor": f"{anchor}-{place if spec is None else item.get('itemIndex', place)}",
            }
            for place, item in enumerate(items)
        ],
        "expected": "" if spec is None else expected_words(spec),
        "progress": _progress(row, items),
        "usual_ms": usual,
        "units": row["cost"]["estimated"] + sum(_units(item) for item in items),
        "note": _note(row, items),
    }


def _units(item: Mapping[str, Any]) -> float:
    return float(item.get("units", item["cost"]["estimated"]))


def _progress(row: Mapping[str, Any], items: Sequence[Mapping[str, Any]]) -> float:
    if row["status"] == "completed" or not items:
        return float(row["progress"])
    progress = sum(item["progress"] for item in items if item["status"] == "running")
    over = sum(1 for item in items if item["status"] in OVER)
    return float((over + progress) / len(items))


def _note(row: Mapping[str, Any], items: Sequence[Mapping[str, Any]]) -> str:
    """Return a batch's note. How many failed is in the count; each of them says why on its own."""
    if not items:
        return str(row["note"])
    if row["status"] == "failed":
        return str((row.get("error") or {}).get("headline", ""))
    return _shared_note(items) if row["status"] == "completed" else ""


def _shared_note(items: Sequence[Mapping[str, Any]]) -> str:
    """Return the note that all results share, once; else whose drafts they are, and how many say
    more."""
    results = [item for item in items if item["status"] == "completed"]
    notes = {str(item["note"]) for item in results}
    if len(notes) == 1:
        return notes.pop()
    words = draft_words(file["metadata"] for item in results for file in item["artifacts"])
    count = sum(item["note"] not in ("", words) for item in results)
    more = f"{count} of {len(items)} say{'s' if count == 1 else ''} more." if count else ""
    return " ".join(filter(None, (words, more)))
