"""What the pages of runs show, from what the API shows: words, order, small sums. Only reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from builder.runs_pages import batches
from builder.runs_pages.batches import DRAFT_QUALITY
from runs import states
from templates_app.graph.evaluate import words_of
from templates_app.graph.plan_json import batch_from_json
from templates_app.graph.types import BatchSpec
from tools import registry
from tools.declaration.ports import Tool
from tools.declaration.schema import parameter_schemas

if TYPE_CHECKING:
    from builder.runs_pages.pending_inputs import Turn

# How a state reads. The page's script takes both from the page, so there is one list.
RUN_WORDS = {
    "queued": "Queued",
    "running": "Running",
    "waiting_for_user": "Your turn",
    "completed": "Done",
    "partial_failure": "Done with errors",
    "failed": "Failed",
    "cancelled": "Stopped",
}
STEP_WORDS = {
    "pending": "Queued",
    "running": "Running",
    "waiting_for_user": "Your turn",
    "completed": "Done",
    "failed": "Failed",
    "skipped": "Skipped",
    "cancelled": "Stopped",
}
# The look of a state's pill: its class and its glyph.
PILLS = {
    "queued": ("", "clock"),
    "pending": ("", "clock"),
    "running": ("pill-live", ""),
    "waiting_for_user": ("pill-wait", ""),
    "completed": ("", "check"),
    "partial_failure": ("", "triangle-alert"),
    "failed": ("pill-bad", "x"),
    "skipped": ("", "skip-forward"),
    "cancelled": ("", "square"),
}
ICONS = {"image": "image", "video": "film", "audio": "music", "model": "box"}
CHECKPOINT = "Checkpoint"
VISUAL = ("image", "video", "model")
# Beyond this many, the strip shows shares instead of one bar per stage.
STRIP = 40


@dataclass(frozen=True, slots=True)
class Bar:
    """A stage on the timeline. x, width: thousandths of the run's length so far."""

    x: int
    width: int


def pill(status: str, words: Mapping[str, str]) -> dict[str, str]:
    """What `runs_pages/parts/pill.html` needs."""
    look, glyph = PILLS[status]
    return {"status": status, "word": words[status], "look": look, "glyph": glyph}


def pills(words: Mapping[str, str]) -> list[dict[str, str]]:
    return [pill(status, words) for status in words]


def lasting(seconds: float) -> str:
    """A length of time: `0.4 s`, `19 s`, `1:12`."""
    if seconds < 1:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def about(seconds: float) -> str:
    """A length of time that is only estimated: `20 s`, `27 min`, `1 h 5 min`."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    if not hours:
        return f"{minutes} min"
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def units_text(units: float) -> str:
    """Capacity units in words: `free`, `1 credit`, `2.5 credits`."""
    return f"{units:g} credit{'' if units == 1 else 's'}" if units else "free"


def title_of(step: Mapping[str, Any]) -> str:
    """What the author called a step, else what its tool is called."""
    if step["title"] != step["id"]:
        return str(step["title"])
    tool = registry.table().get(step["toolName"])
    return tool.title if tool else str(step["id"])


def tool_name(step: Mapping[str, Any]) -> str:
    """The canonical name of a step's tool, which the wire may spell otherwise."""
    tool = registry.table().get(step["toolName"])
    return tool.name if tool else str(step["toolName"])


def asks_of(plan: Mapping[str, Any]) -> dict[str, str]:
    """What the steps of a plan that ask a person are called, by key."""
    found = {}
    for step in plan["steps"]:
        ask = step.get("ask") or {}
        if step["kind"] == "gate":
            found[step["key"]] = CHECKPOINT
        elif ask.get("select"):
            found[step["key"]] = "Choice"
        elif step["kind"] == "wait":
            found[step["key"]] = "Question"
    return found


def batches_of(plan: Mapping[str, Any]) -> dict[str, BatchSpec]:
    """What the batches of a plan repeat, by key."""
    return {
        step["key"]: batch_from_json(step["batch"])
        for step in plan["steps"]
        if step["kind"] == "expand" and step.get("batch")
    }


def stages(
    shown: Mapping[str, Any],
    usual: Mapping[str, float],
    now: datetime,
    *,
    asks: Mapping[str, str] | None = None,
    specs: Mapping[str, BatchSpec] | None = None,
) -> list[Any]:
    """The stages of a snapshot, each with what its row on the page says; items in their batch's.

    usual: seconds a step of each tool takes, where that is known. asks: of `asks_of`. specs: of
    `batches_of`.
    """
    titles = {step["id"]: title_of(step) for step in shown["steps"]}
    times = [
        (_moment(step.get("startedAt")), _moment(step.get("completedAt"))) for step in _s(shown)
    ]
    bars = _bars(times, now)
    known_asks = asks or {}
    titles |= _approvals(shown, known_asks, titles)
    reasons = _reasons(shown)
    rows = [
        {
            **step,
            "title": title_of(step),
            "pill": pill(step["status"], STEP_WORDS),
            "icon": "user" if step["id"] in known_asks else _icon(step["toolName"]),
            "kind": _kind(step["toolName"]) or "text",
            "tool_title": known_asks.get(step["id"]) or _tool_title(step["toolName"]),
            "note": note(step, titles) or reasons.get(step["id"], ""),
            "cause": (step.get("error") or {}).get("cause", ""),
            "said": words_of(step.get("result") or {}),
            "waits_for": _waits_for(step, titles),
            "bar": bar,
            "began_ms": _ms(began),
            "ended_ms": _ms(ended),
            "usual_ms": round(1000 * usual[name]) if (name := tool_name(step)) in usual else "",
            "took": lasting((ended - began).total_seconds()) if began and ended else "",
            "cost_text": units_text(step["cost"]["estimated"]),
        }
        for step, (began, ended), bar in zip(_s(shown), times, bars, strict=True)
    ]
    folded = batches.fold(rows, specs or {}, is_over=is_over(shown["status"]))
    return [
        row | {"cost_text": units_text(row["units"])} if "units" in row else row for row in folded
    ]


def note(step: Mapping[str, Any], titles: Mapping[str, str]) -> str:
    """The one line under a stage: why it failed, what it could not do, what it waits for."""
    if step["status"] == "failed" and step.get("error"):
        return str(step["error"]["headline"])
    if step["status"] == "completed":
        warnings = [str(text) for text in (step.get("result") or {}).get("warnings", ())]
        draft = any(artifact["metadata"].get("draft") for artifact in step["artifacts"])
        return " ".join([*([DRAFT_QUALITY] if draft else []), *warnings])
    if step["status"] == "pending":
        return _waits_for(step, titles)
    return ""


def film_of(shown: Mapping[str, Any]) -> dict[str, Any] | None:
    """What the run was for: its last film, else the last thing it made."""
    artifacts = list(shown["artifacts"])
    videos = [one for one in artifacts if one["type"] == "video"]
    return (videos or artifacts or [None])[-1]


def poster_of(shown: Mapping[str, Any]) -> str:
    """A picture to show before the film plays: the last one made for it."""
    images = [one["url"] for one in shown["artifacts"] if one["type"] == "image"]
    return images[-1] if images else ""


def done_count(steps: Iterable[Mapping[str, Any]]) -> int:
    """How many stages are done; items count with their batch."""
    return sum(1 for step in steps if step["status"] == "completed" and "parentId" not in step)


def time_left(stages: Sequence[Mapping[str, Any]]) -> float | None:
    """Seconds until the end as far as history tells, one stage after the other; None: unknown."""
    left = [stage for stage in stages if stage["status"] in ("pending", "running")]
    if not left or any(stage["usual_ms"] == "" for stage in left):
        return None
    return sum(
        stage["usual_ms"] / 1000 * (1 - (stage["progress"] if stage["status"] == "running" else 0))
        for stage in left
    )


def live_look(shown: Mapping[str, Any], asking: Sequence[Turn]) -> dict[str, Any]:
    """What a run that is not over shows large: what a question is about while it waits, else the
    newest result there is to see. `artifact`, or `question` with `stage`; empty: nothing yet.

    asking: of `turns.turns_of`. A sound is shown only where nothing can be seen.
    """
    made = list(shown["artifacts"])
    if shown["status"] == states.WAITING_FOR_USER and asking:
        turn = asking[0]
        step = next((one for one in shown["steps"] if one["id"] == turn.step), None)
        sources = {one["sourceStepId"] for one in step["dependsOn"]} if step else set()
        sources |= {one["id"] for one in shown["steps"] if one.get("parentId") in sources}
        near = [*(one for one in made if one["stepId"] in sources), *turn.candidates]
        visible = [one for one in near if one["type"] in VISUAL]
        if visible:
            return {"artifact": visible[-1]}
        return {"question": turn.heading, "stage": title_of(step) if step else ""}
    visible = [one for one in made if one["type"] in VISUAL]
    newest = (visible or made or [None])[-1]
    return {"artifact": newest} if newest else {}


def summary(shown: Mapping[str, Any], took: float) -> str:
    """The run in one sentence once it is over. took: seconds of work."""
    status, steps = shown["status"], shown["steps"]
    count = sum(1 for step in steps if "parentId" not in step)
    done = done_count(steps)
    used = shown["actualCapacityUnits"]
    if status == "completed":
        return f"{_stages(count)}, {lasting(took)}, {units_text(used)}."
    if status == "cancelled":
        kept = " Finished stages are kept." if done else ""
        return f"Stopped after {done} of {_stages(count)}. {_used(used)}{kept}"
    if status in ("failed", "partial_failure"):
        items = batches.failed_words(steps)
        return f"{done} of {_stages(count)} done{f', {items}' if items else ''}. {_used(used)}"
    return ""


def typed_words(shown: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What the person typed: (name of the input, their words)."""
    inputs = shown["input"].get("inputs") or {}
    typed = [(str(name), value) for name, value in inputs.items() if isinstance(value, str)]
    return [(name, value) for name, value in typed if not _is_address(value)]


def texts_of(tool: type[Tool], given: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The texts among a stage's arguments that people write, as (argument, its words)."""
    found = []
    for name, schema in parameter_schemas(tool).items():
        hints = schema.get("x-reelgraph") or {}
        if schema.get("type") != "string" or schema.get("enum") or hints.get("known"):
            continue
        value = given.get(name)
        if isinstance(value, str) and value:
            found.append((name, value))
        elif name == "prompt":
            found.append((name, ""))
    return found


def segments(steps: Sequence[tuple[str, float]]) -> list[tuple[str, float]]:
    """(state, progress) of a run's steps for its little bar, at most STRIP of them.

    A longer run keeps its proportions: each segment stands for the same share of steps.
    """
    if len(steps) <= STRIP:
        return list(steps)
    return [steps[place * len(steps) // STRIP] for place in range(STRIP)]


def is_over(status: str) -> bool:
    return status in states.RUN_TERMINAL


def _s(shown: Mapping[str, Any]) -> list[dict[str, Any]]:
    return list(shown["steps"])


def _stages(count: int) -> str:
    return f"{count} stage{'' if count == 1 else 's'}"


def _used(units: float) -> str:
    return f"{units_text(units)} used." if units else "No credits used."


def _kind(wire_tool: str) -> str | None:
    tool = registry.table().get(wire_tool)
    return tool.output if tool else None


def _icon(wire_tool: str) -> str:
    return ICONS.get(_kind(wire_tool) or "", "file-text")


def _tool_title(wire_tool: str) -> str:
    tool = registry.table().get(wire_tool)
    return tool.title if tool else wire_tool


def _reasons(shown: Mapping[str, Any]) -> dict[str, str]:
    """Why stages were skipped, as far back as the snapshot's events go."""
    skipped = {step["id"] for step in _s(shown) if step["status"] == "skipped"}
    return {
        event["stepId"]: event["message"]
        for event in shown["events"]
        if event["event"] == "step_skipped" and event["stepId"] in skipped
    }


def _approvals(
    shown: Mapping[str, Any], asks: Mapping[str, str], titles: Mapping[str, str]
) -> dict[str, str]:
    """What those who wait for a checkpoint wait for."""
    return {
        step["id"]: _approval(titles[source])
        for step in _s(shown)
        if asks.get(step["id"]) == CHECKPOINT
        for source in [binding["sourceStepId"] for binding in step["dependsOn"]][:1]
        if source in titles
    }


def _approval(title: str) -> str:
    return f"your approval of {title}"


def _waits_for(step: Mapping[str, Any], titles: Mapping[str, str]) -> str:
    sources = [binding["sourceStepId"] for binding in step["dependsOn"]]
    names = list(dict.fromkeys(titles[source] for source in sources if source in titles))
    names = [name for name in names if _approval(name) not in names]
    if not names:
        return ""
    if len(names) > 3:
        names = [*names[:2], f"{len(names) - 2} more"]
    *most, last = names
    return f"Waiting for {', '.join(most)} and {last}" if most else f"Waiting for {last}"


def _bars(times: Sequence[tuple[datetime | None, datetime | None]], now: datetime) -> list[Any]:
    begun = [began for began, _ in times if began]
    if not begun:
        return [None] * len(times)
    first = min(begun)
    last = max(((ended or now) for began, ended in times if began), default=now)
    span = max((last - first).total_seconds(), 0.001)

    def bar(began: datetime | None, ended: datetime | None) -> Bar | None:
        if began is None:
            return None
        x = (began - first).total_seconds() / span
        width = ((ended or now) - began).total_seconds() / span
        return Bar(round(1000 * x), max(4, round(1000 * width)))

    return [bar(began, ended) for began, ended in times]


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _ms(moment: datetime | None) -> int | str:
    return round(1000 * moment.timestamp()) if moment else ""


def _is_address(text: str) -> bool:
    return text.startswith(("https://", "http://")) and " " not in text
