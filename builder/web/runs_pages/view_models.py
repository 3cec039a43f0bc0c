"""The large part of a run's page, and its one sentence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from builder.shared.run_display import STEP_WORDS, lasting, units_text
from builder.web.runs_pages import batches
from builder.web.runs_pages.pending_inputs import PendingInput
from builder.web.runs_pages.stage_rows import done_count, title_of
from builder.web.template_pages.forms import fields_of, texts_from
from runs import states
from templates_app.graph.wiring import words_of

VISUAL = ("image", "video", "model")
# Beyond this many, the strip shows shares instead of one bar per stage.
STRIP = 40


def main_result(snapshot: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return what the run was for: its last film, else the last thing it made that can be shown."""
    artifacts = sorted(snapshot["artifacts"], key=lambda one: one["type"] != "blocked")
    videos = [one for one in artifacts if one["type"] == "video"]
    return (videos or artifacts or [None])[-1]


def poster_of(snapshot: Mapping[str, Any]) -> str:
    """A picture to show before the film plays: the last one made for it."""
    images = [one["url"] for one in snapshot["artifacts"] if one["type"] == "image"]
    return images[-1] if images else ""


def featured(snapshot: Mapping[str, Any], asking: Sequence[PendingInput]) -> dict[str, Any]:
    """Return what a run that is not over shows large: what a question is about while it waits, else
    the newest result there is to see. `artifact`, or `question` with `stage`; empty: nothing yet.

    asking: of `pending_inputs_of`. A sound is shown only where nothing can be seen.
    """
    artifacts = list(snapshot["artifacts"])
    if snapshot["status"] == states.WAITING_FOR_USER and asking:
        first = asking[0]
        step = next((one for one in snapshot["steps"] if one["id"] == first.step), None)
        sources = {one["sourceStepId"] for one in step["dependsOn"]} if step else set()
        sources |= {one["id"] for one in snapshot["steps"] if one.get("parentId") in sources}
        near = [*(one for one in artifacts if one["stepId"] in sources), *first.candidates]
        visible = [one for one in near if one["type"] in VISUAL]
        if visible:
            return {"artifact": visible[-1]}
        return {"question": first.heading, "stage": title_of(step) if step else ""}
    visible = [one for one in artifacts if one["type"] in VISUAL]
    newest = (visible or artifacts or [None])[-1]
    return {"artifact": newest} if newest else {}


def summary(snapshot: Mapping[str, Any], took: float) -> str:
    """The run in one sentence once it is over. took: seconds of work."""
    status, steps = snapshot["status"], snapshot["steps"]
    count = sum(1 for step in steps if "parentId" not in step)
    finished_count = done_count(steps)
    units_used = snapshot["actualCapacityUnits"]
    if status == "completed":
        return f"{_stages(count)}, {lasting(took)}, {units_text(units_used)}."
    if status == "cancelled":
        suffix = " Finished stages are kept." if finished_count else ""
        return f"Stopped after {finished_count} of {_stages(count)}. {_units(units_used)}{suffix}"
    if status in ("failed", "partial_failure"):
        items = batches.failed_words(steps)
        and_items = f", {items}" if items else ""
        return f"{finished_count} of {_stages(count)} done{and_items}. {_units(units_used)}"
    return ""


def stage_table(stages: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the stages for people without scripts, each with what its items come to."""
    return [
        {
            **stage,
            "words": _state_words(stage),
            "files": list(_files(stage)),
        }
        for stage in stages
    ]


def _state_words(stage: Mapping[str, Any]) -> str:
    """`Done, 4 of 5`."""
    word, items = STEP_WORDS[stage["status"]], stage.get("inside", ())
    count = sum(1 for item in items if item["status"] == "completed")
    return f"{word}, {count} of {len(items)}" if items else word


def _files(row: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield what a stage made, or the items of it that make it."""
    items = row.get("inside", ())
    if not items:
        yield from row["artifacts"]
    for item in items:
        yield from _files(item)


def words_of_inputs(
    spec: Mapping[str, Any], inputs: Mapping[str, Any]
) -> list[tuple[str, str, bool]]:
    """Return (label, words, whether they are the default) of the inputs that are no files.

    spec: the template that was run. inputs: of the start; where no template names them, as in a
    request of steps, those that are text.
    """
    fields = fields_of(spec, texts_from(spec, inputs))
    field_names = {field.name for field in fields}
    rows = [
        (field.label, field.words, field.name not in inputs)
        for field in fields
        if not field.is_media
    ]
    rows += [
        (words_of(str(name)), value, False)
        for name, value in inputs.items()
        if name not in field_names and isinstance(value, str)
    ]
    return [row for row in rows if row[1] and not _is_address(row[1])]


def segments(steps: Sequence[tuple[str, float]]) -> list[tuple[str, float]]:
    """(state, progress) of a run's steps for its little bar, at most STRIP of them.

    A longer run keeps its proportions: each segment is the same share of steps.
    """
    if len(steps) <= STRIP:
        return list(steps)
    return [steps[place * len(steps) // STRIP] for place in range(STRIP)]


def _stages(count: int) -> str:
    return f"{count} stage{'' if count == 1 else 's'}"


def _units(units: float) -> str:
    return f"{units_text(units)} used." if units else "No credits used."


def _is_address(text: str) -> bool:
    return text.startswith(("https://", "http://")) and " " not in text
