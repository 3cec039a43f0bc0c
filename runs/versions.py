"""The versions of what a step made: each time that it was made, until a person made it again.

Files of all versions are kept, under the generation in which they counted last. What else a step
held of a version is in the event that replaced it; so the log alone says which there are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from core import clock
from runs import states
from runs.models import Artifact, Event, Step

# The events that say what a step held before, see `runs.log.events`.
_REMADE = "step_resumed"
_SELECTED = "item_version_selected"
# What a step holds of a version beside its files.
_COLUMNS = (
    *("arguments", "late", "resolved", "seed", "provider", "result", "reuse_key"),
    *("reused_from_id", "estimated_milli"),
)


@dataclass(slots=True)
class Version:
    """One version. generation: of the step, when its files counted last. columns: of the step."""

    id: str
    generation: int
    made_at: datetime
    columns: Mapping[str, Any]
    is_selected: bool = False
    artifacts: list[Artifact] = field(default_factory=list)

    @property
    def names(self) -> set[str]:
        """Return the names by which a person may call it."""
        return {self.id, *(row.public_id for row in self.artifacts)}


def snapshot(step: Step, version: str = "") -> dict[str, Any] | None:
    """Return what a step that is about to change holds, for the event about it.

    version: the id of the one that it holds, where that is known. None: it holds nothing that could
    be taken up again.
    """
    if step.kind != "tool" or step.status != states.COMPLETED:
        return None
    return {
        "version": version or _selected_version(step),
        "generation": step.generation,
        "made_at": clock.iso(step.finished_at or clock.now()),
        "columns": {name: getattr(step, name) for name in _COLUMNS},
    }


def versions_of(steps: Sequence[Step]) -> dict[int, list[Version]]:
    """By step id, the versions of those that have several, in the order they were made."""
    again = {step.id: step for step in steps if step.generation > 1 and step.kind == "tool"}
    if not again:
        return {}
    by_step: dict[int, dict[str, Version]] = defaultdict(dict)
    choices: dict[tuple[int, int], str] = {}
    events = _events(list(again)).values_list("step_id", "name", "generation", "payload")
    for step_id, name, generation, payload in events:
        if name == _SELECTED:
            choices.setdefault((step_id, generation), str(payload["version"]))
        if old := payload.get("replaced"):
            at = datetime.fromisoformat(old["made_at"])
            by_step[step_id][old["version"]] = Version(
                old["version"], old["generation"], at, old["columns"]
            )
    for step_id, versions in by_step.items():
        step = again[step_id]
        current_id = choices.get((step_id, step.generation), f"v{step.generation}")
        if (current := snapshot(step, current_id)) is not None:
            at = step.finished_at or clock.now()
            versions[current["version"]] = Version(
                current["version"], step.generation, at, current["columns"], is_selected=True
            )
    by_files = {
        (step_id, version.generation): version
        for step_id, versions in by_step.items()
        for version in versions.values()
    }
    rows = Artifact.objects.filter(step_id__in=by_step, hidden_at=None, blob__blocked_at=None)
    for row in rows.select_related("blob", "step").order_by("position"):
        if version := by_files.get((row.step_id, row.generation)):
            version.artifacts.append(row)
    return {
        step_id: sorted(versions.values(), key=lambda version: int(version.id[1:]))
        for step_id, versions in by_step.items()
    }


def _selected_version(step: Step) -> str:
    """The version that a step holds: what was chosen last, else what was made last."""
    if step.generation > 1:
        chosen = _events([step.id]).filter(name=_SELECTED, generation=step.generation)
        if payload := chosen.values_list("payload", flat=True).first():
            return str(payload["version"])
    return f"v{step.generation}"


def _events(step_ids: Sequence[int]) -> Any:
    rows = Event.objects.filter(step_id__in=step_ids, name__in=(_REMADE, _SELECTED))
    return rows.order_by("seq")


def put_back(step: Step, version: Version) -> bool:
    """Select a version again, as a new generation. False: the step has changed since."""
    generation = step.generation + 1
    count = Step.objects.filter(
        id=step.id, generation=step.generation, status=states.COMPLETED
    ).update(generation=generation, **version.columns)
    if not count:
        return False
    files = Artifact.objects.filter(step_id=step.id, generation=version.generation)
    files.update(generation=generation)
    step.generation = generation
    return True
