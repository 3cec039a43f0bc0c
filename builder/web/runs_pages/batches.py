"""A batch or a group as a run's page shows it: one row, a tile for each step in it. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from runs.stage_tree import outermost
from templates_app.graph.types import BatchSpec

# What is said of the items that are not done, in this order. `itemCountWords` says the same.
COUNTED = (
    ("failed", "failed"),
    ("running", "running"),
    ("waiting_for_user", "waiting"),
    ("skipped", "skipped"),
    ("cancelled", "stopped"),
)
BUILT_IN = "studio"
CHECKPOINT = "Checkpoint"
OVER = ("completed", "failed", "skipped", "cancelled")


def draft_words(artifacts: Iterable[Mapping[str, Any]]) -> str:
    """Return the note on results of which some are of draft quality; empty where none is."""
    drafts = [one["metadata"] for one in artifacts if one["metadata"].get("draft")]
    if not drafts:
        return ""
    is_ours = all(one.get("provider", BUILT_IN) == BUILT_IN for one in drafts)
    return "Draft quality, made by the built-in studio." if is_ours else "Draft quality."


def planned_items(spec: BatchSpec) -> int:
    """Return how many items a batch is expected to have before its elements are known."""
    return len(spec.items) if spec.items is not None else spec.expected


def count_words(statuses: Sequence[str]) -> str:
    """`9 of 12, 2 failed, 1 running`; what waits for its turn is the rest."""
    counts = Counter(statuses)
    words = [f"{counts[status]} {word}" for status, word in COUNTED if counts[status]]
    return ", ".join([f"{counts['completed']} of {len(statuses)}", *words])


def expected_words(spec: BatchSpec) -> str:
    """Return the words of a batch before it has items: `about 12 items`."""
    count = planned_items(spec)
    return f"about {count} item{'' if count == 1 else 's'}"


def failed_words(steps: Iterable[Mapping[str, Any]]) -> str:
    """`2 of 12 items failed`, of all batches of a run together; empty when none did."""
    items = [step["status"] for step in steps if "itemIndex" in step]
    failures = items.count("failed")
    return f"{failures} of {len(items)} items failed" if failures else ""


def fold(
    rows: Sequence[dict[str, Any]], specs: Mapping[str, BatchSpec], *, is_over: bool = False
) -> list[dict[str, Any]]:
    """The rows of a run's stages, those of items in `tiles` of their batch's.

    rows: as `stage_rows` makes them of every step, in plan order. specs: the plan's batches by
    key. A batch's row also has `count_words`, its `progress` as its items have it, and what all of
    it takes and costs; so has a group's, whose items are all that it holds at any depth.
    """
    tops = outermost((row["id"], row.get("parentId")) for row in rows)
    holders = {row["parentId"] for row in rows if "parentId" in row} | specs.keys()
    items: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        if row["id"] in tops and row["id"] not in holders and row["tool_title"] != CHECKPOINT:
            items[tops[row["id"]]].append(row)
    return [
        _batch(row, items[row["id"]], specs.get(row["id"]), is_over)
        if row["id"] in holders
        else row
        for row in rows
        if "parentId" not in row
    ]


def _batch(
    row: dict[str, Any], items: list[dict[str, Any]], spec: BatchSpec | None, is_over: bool
) -> dict[str, Any]:
    """spec: None for a group."""
    statuses = [item["status"] for item in items]
    failures = statuses.count("failed")
    usual = row["usual_ms"]
    if spec is None:
        known_times = [item["usual_ms"] for item in items if item["usual_ms"] != ""]
        usual = sum(known_times) if len(known_times) == len(items) else ""
    elif usual != "":
        lanes = max(1, min(spec.concurrency, len(items) or planned_items(spec)))
        usual = round(usual * (len(items) or planned_items(spec)) / lanes)
    return row | {
        "is_batch": True,
        "tiles": [
            _tile(item, row["sequence"], place, failures if is_over else 0)
            for place, item in enumerate(items)
        ],
        "count_words": count_words(statuses) if items or spec is None else expected_words(spec),
        "expected": "" if spec is None else expected_words(spec),
        "progress": _progress(row, items),
        "usual_ms": usual,
        "units": row["cost"]["estimated"] + sum(item["cost"]["estimated"] for item in items),
        "note": _note(row, items),
    }


def _tile(item: dict[str, Any], sequence: int, place: int, failed_count: int) -> dict[str, Any]:
    """An item with its tile.

    sequence: of its batch or group. place: there. failed_count: how many its own button offers to
    try again; 0: none.
    """
    looks = item["artifacts"]
    return item | {
        "anchor": f"item-{sequence}-{item.get('itemIndex', place)}",
        "look": looks[0] if looks else None,
        "tile_name": tile_name(item["title"], item["pill"]["word"], _reason(item)),
        "percent": round(100 * item["progress"]) if item["status"] == "running" else 0,
        "to_try": failed_count if item["status"] == "failed" else 0,
    }


def tile_name(title: str, word: str, reason: str = "") -> str:
    """Return the name of a tile: `Try 4, failed: The provider is full.`"""
    name = f"{title}, {word.lower()}"
    return f"{name}: {reason}" if reason else name


def _reason(item: Mapping[str, Any]) -> str:
    if item["status"] == "failed":
        return str((item.get("error") or {}).get("headline", ""))
    return str(item["note"]) if item["status"] == "skipped" else ""


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
    artifacts = [artifact for item in items for artifact in item["artifacts"]]
    return draft_words(artifacts) if row["status"] == "completed" else ""
