"""A batch or a group as a run's page shows it: one row, a tile for each step in it. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from builder.shared.run_display import STEP_WORDS, pill, units_text
from runs.stage_tree import shown_in
from templates_app.graph.nesting import Group
from templates_app.graph.template_names import read_reference
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
WAITING = "waiting_for_user"
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


def count_words(statuses: Sequence[str], at_work: str = "") -> str:
    """`9 of 12, 2 failed, 1 running`; what waits for its turn is the rest.

    at_work: the title of a stage inside that is running, which says more than how many are:
    `9 of 12, 2 failed · Still`.
    """
    counts = Counter(statuses)
    words = [
        f"{counts[status]} {word}"
        for status, word in COUNTED
        if counts[status] and not (at_work and status == "running")
    ]
    count = ", ".join([f"{counts['completed']} of {len(statuses)}", *words])
    return f"{count} · {at_work}" if at_work else count


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
    it takes and costs; so has a group's, whose items are all that it holds at any depth, and an
    element's of a batch over a template.
    """
    tops = shown_in((row["id"], row.get("parentId"), is_element(row)) for row in rows)
    elements = {row["id"] for row in rows if is_element(row) and tops[row["id"]] == row["parentId"]}
    holders = {row["parentId"] for row in rows if "parentId" in row} | specs.keys()
    asking = {tops.get(row["id"]) for row in rows if row["status"] == WAITING}
    items: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        is_shown = row["id"] in elements or row["id"] not in holders
        if row["id"] in tops and is_shown and row["tool_title"] != CHECKPOINT:
            items[tops[row["id"]]].append(row)

    def with_items(row: dict[str, Any]) -> dict[str, Any]:
        if row["id"] not in holders and row["id"] not in elements:
            return row
        inside = [with_items(item) for item in items[row["id"]]]
        # It asks as long as a stage inside it does, or a checkpoint of one, which has no tile.
        is_asking = row["id"] in asking or any(item["status"] == WAITING for item in inside)
        if row["status"] == "running" and is_asking:
            row = row | {"status": WAITING}
        return _batch(row, inside, specs.get(row["id"]), is_over)

    return [with_items(row) for row in rows if "parentId" not in row]


def is_element(step: Mapping[str, Any]) -> bool:
    """Tell whether a step is an element of a batch over a template."""
    return "itemIndex" in step and is_group(step["toolName"])


def is_group(wire_tool: str) -> bool:
    """Tell whether the steps with this tool hold others."""
    return wire_tool == Group.name or read_reference(wire_tool) is not None


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
    total = row["cost"]["estimated"] + sum(_units(item) for item in items)
    anchor = f"item-{row['sequence']}"
    if spec is None and "itemIndex" in row:
        anchor += f"-{row['itemIndex']}"
    at_work = _title_at_work(items, is_group=spec is None)
    return row | {
        "is_batch": True,
        "pill": pill(row["status"], STEP_WORDS),
        "at_work": at_work,
        "is_open": any(one in statuses for one in ("failed", WAITING)),
        "tiles": [
            _tile(
                item,
                f"{anchor}-{place if spec is None else item.get('itemIndex', place)}",
                failures if is_over else 0,
            )
            for place, item in enumerate(items)
        ],
        "count_words": count_words(statuses, at_work)
        if items or spec is None
        else expected_words(spec),
        "expected": "" if spec is None else expected_words(spec),
        "progress": _progress(row, items),
        "usual_ms": usual,
        "units": total,
        "cost_text": units_text(total),
        "note": _note(row, items),
    }


def _title_at_work(items: Sequence[Mapping[str, Any]], *, is_group: bool) -> str:
    """Return the title of the stage inside that is running; empty where items are no stages."""
    titles = (
        item.get("at_work") or (item["name"] if is_group and "at_work" not in item else "")
        for item in items
        if item["status"] == "running"
    )
    return next(filter(None, titles), "")


def _units(item: Mapping[str, Any]) -> float:
    return float(item.get("units", item["cost"]["estimated"]))


def _tile(item: dict[str, Any], anchor: str, failed_count: int) -> dict[str, Any]:
    """An item with its tile.

    failed_count: how many its own button offers to
    try again; 0: none.
    """
    looks = item["artifacts"]
    return item | {
        "anchor": anchor,
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
