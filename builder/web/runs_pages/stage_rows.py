"""A run's stages as its page shows them: what each is called, says, waits for and costs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from builder.web.runs_pages import batches
from builder.web.runs_pages.batches import (
    CHECKPOINT,
    is_element,
    is_group,
    planned_items,
)
from runs.result_notice import result_notice
from runs.stage_tree import outermost, shown_in
from templates_app.graph.plan_json import batch_from_json
from templates_app.graph.result_paths import message_of
from templates_app.graph.types import BatchSpec
from templates_app.graph.wiring import number_titles
from tools import registry

ICONS = {"image": "image", "video": "film", "audio": "music", "model": "box"}


def title_of(step: Mapping[str, Any]) -> str:
    """Return the author's title of a step, else its tool's."""
    if step["title"] != step["id"]:
        return str(step["title"])
    tool = registry.table().get(step["toolName"])
    return tool.title if tool else str(step["id"])


def titles_of(steps: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Return the titles of steps, by id. Equal derived titles are numbered; those of items aren't,
    as their labels are."""
    items = {step["id"]: title_of(step) for step in steps if "parentId" in step}
    return items | number_titles(
        (step["id"], title_of(step), step["title"] not in (step["id"], _tool_title(step)))
        for step in steps
        if "parentId" not in step
    )


def tool_name(step: Mapping[str, Any]) -> str:
    """The canonical name of a step's tool, which the wire may spell otherwise."""
    tool = registry.table().get(step["toolName"])
    return tool.name if tool else str(step["toolName"])


def asks_of(plan: Mapping[str, Any]) -> dict[str, str]:
    """Return the names of a plan's steps that ask a person, by key."""
    by_step = {}
    for step in plan["steps"]:
        ask = step.get("ask") or {}
        if step["kind"] == "gate":
            by_step[step["key"]] = CHECKPOINT
        elif ask.get("select"):
            by_step[step["key"]] = "Choice"
        elif step["kind"] == "wait":
            by_step[step["key"]] = "Question"
    return by_step


def batches_of(plan: Mapping[str, Any]) -> dict[str, BatchSpec]:
    """Return what the batches of a plan repeat, by key."""
    return {
        step["key"]: batch_from_json(step["batch"])
        for step in plan["steps"]
        if step["kind"] == "expand" and step.get("batch")
    }


def templates_of(plan: Mapping[str, Any]) -> dict[str, str]:
    """Return the templates that stages of a plan are, by key: `Shot 0.0.1`."""
    titles = {}
    for step in plan["steps"]:
        group = step.get("group") or ((step.get("batch") or {}).get("item") or {}).get("group")
        if group is not None and group.get("template"):
            titles[step["key"]] = group["template"]
    return titles


def stage_rows(
    snapshot: Mapping[str, Any],
    usual: Mapping[str, float],
    *,
    asks: Mapping[str, str] | None = None,
    specs: Mapping[str, BatchSpec] | None = None,
    templates: Mapping[str, str] | None = None,
) -> list[Any]:
    """The stages of a snapshot, each with what the page says of it; items in their batch's.

    usual: seconds a step of each tool takes, where that is known. asks: of `asks_of`. specs: of
    `batches_of`. templates: of `templates_of`.
    """
    titles = titles_of(_s(snapshot))
    known_asks, names = asks or {}, dict(titles)
    titles |= _approvals(snapshot, known_asks, titles)
    reasons = _reasons(snapshot)
    steps = [(step["id"], step.get("parentId")) for step in _s(snapshot)]
    tops = outermost(steps)
    holders = shown_in(
        (*one, is_element(step)) for one, step in zip(steps, _s(snapshot), strict=True)
    )
    by_key = {step["id"]: step for step in _s(snapshot)}
    rows = [
        {
            **step,
            "title": " › ".join([*_elements_around(step, holders, by_key), names[step["id"]]]),
            "icon": "user" if step["id"] in known_asks else _icon(step["toolName"]),
            "kind": _kind(step["toolName"]) or "text",
            "tool_title": known_asks.get(step["id"])
            or _tool_title(
                step, (specs or {}).get(step["id"]), (templates or {}).get(step["id"], "")
            ),
            "note": note(step, titles, tops) or reasons.get(step["id"], ""),
            "said": message_of(step.get("result") or {}),
            "usual_ms": round(1000 * usual[name]) if (name := tool_name(step)) in usual else "",
        }
        for step in _s(snapshot)
    ]
    return batches.fold(rows, specs or {})


def note(
    step: Mapping[str, Any], titles: Mapping[str, str], tops: Mapping[str, str] | None = None
) -> str:
    """The one line under a stage: why it failed, what it could not do, what it waits for.

    tops: of `stage_tree.outermost`, where stages are inside others.
    """
    if step["status"] == "failed" and step.get("error"):
        return str(step["error"]["headline"])
    if step["status"] == "completed":
        warnings = [str(text) for text in (step.get("result") or {}).get("warnings", ())]
        return result_notice((file["metadata"] for file in step["artifacts"]), warnings)
    if step.get("queueReason", "next") != "next":
        return str(step["message"])
    if step["status"] == "pending":
        return _waits_for(step, titles, tops or {})
    return ""


def _elements_around(
    step: Mapping[str, Any], holders: Mapping[str, str], by_key: Mapping[str, Mapping[str, Any]]
) -> list[str]:
    """Return the titles of the elements of batches that a step is in, inside what it is shown in.

    holders: of `stage_tree.shown_in`.
    """
    titles: list[str] = []
    holder = step.get("parentId")
    while holder is not None and holder != holders[step["id"]]:
        if is_element(by_key[holder]):
            titles.insert(0, title_of(by_key[holder]))
        holder = by_key[holder].get("parentId")
    return titles


def done_count(steps: Iterable[Mapping[str, Any]]) -> int:
    """Count the stages that are done; items count with their batch."""
    return sum(1 for step in steps if step["status"] == "completed" and "parentId" not in step)


def time_left(stages: Sequence[Mapping[str, Any]]) -> float | None:
    """Seconds until the end as far as history tells, one stage after the other; None: unknown."""
    unfinished_stages = [stage for stage in stages if stage["status"] in ("pending", "running")]
    if not unfinished_stages or any(stage["usual_ms"] == "" for stage in unfinished_stages):
        return None
    return sum(
        stage["usual_ms"] / 1000 * (1 - (stage["progress"] if stage["status"] == "running" else 0))
        for stage in unfinished_stages
    )


def _s(snapshot: Mapping[str, Any]) -> list[dict[str, Any]]:
    return list(snapshot["steps"])


def _kind(wire_tool: str) -> str | None:
    tool = registry.table().get(wire_tool)
    return tool.output if tool else None


def _icon(wire_tool: str) -> str:
    return "layers" if is_group(wire_tool) else ICONS.get(_kind(wire_tool) or "", "file-text")


def _tool_title(step: Mapping[str, Any], spec: BatchSpec | None = None, template: str = "") -> str:
    """spec: of a batch. template: the one that it is: `Shot 0.0.1, 5 stages`."""
    if is_group(step["toolName"]):
        items = len(step.get("items", ()))
        words = _stages(items)
        if spec is not None:
            inside = sum(one.member_of == spec.item.key for one in spec.members)
            words = f"{_stages(inside)} for each of {items or planned_items(spec)}"
        return f"{template}, {words}" if template else words
    tool = registry.table().get(step["toolName"])
    return tool.title if tool else str(step["toolName"])


def _stages(count: int) -> str:
    return f"{count} stage{'' if count == 1 else 's'}"


def _reasons(snapshot: Mapping[str, Any]) -> dict[str, str]:
    """Return why stages were skipped, as far back as the snapshot's events go."""
    skip_ids = {step["id"] for step in _s(snapshot) if step["status"] == "skipped"}
    return {
        event["stepId"]: event["message"]
        for event in snapshot["events"]
        if event["event"] == "step_skipped" and event["stepId"] in skip_ids
    }


def _approvals(
    snapshot: Mapping[str, Any], asks: Mapping[str, str], titles: Mapping[str, str]
) -> dict[str, str]:
    """Return which approval each step at a checkpoint waits for, by id."""
    return {
        step["id"]: _approval(titles[source])
        for step in _s(snapshot)
        if asks.get(step["id"]) == CHECKPOINT
        for source in [binding["sourceStepId"] for binding in step["dependsOn"]][:1]
        if source in titles
    }


def _approval(title: str) -> str:
    return f"your approval of {title}"


def _waits_for(step: Mapping[str, Any], titles: Mapping[str, str], tops: Mapping[str, str]) -> str:
    own = tops.get(step["id"])
    sources = [
        # A stage inside a group is named by the outermost group.
        source if tops.get(source) in (None, own) else tops[source]
        for source in (binding["sourceStepId"] for binding in step["dependsOn"])
    ]
    names = list(dict.fromkeys(titles[source] for source in sources if source in titles))
    names = [name for name in names if _approval(name) not in names]
    if not names:
        return ""
    if len(names) > 3:
        names = [*names[:2], f"{len(names) - 2} more"]
    *most, last = names
    return f"Waiting for {', '.join(most)} and {last}" if most else f"Waiting for {last}"
