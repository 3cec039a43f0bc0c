"""The steps of a run as its snapshot shows them: what they were given, what they made and cost."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from core import clock
from runs import states
from runs.billing.units import units
from runs.engine.queue_reasons import Reason
from runs.models import Run, Step
from runs.options import RunOptions
from runs.planning.places import own_place
from runs.planning.resolved_plan import Output, Ref, put_media, resolved_from_json
from runs.run_rows import RunRows
from runs.web import failures, wire_states
from runs.web.artifacts import files_by_step
from runs.web.schemas import (
    ArtifactOut,
    BindingOut,
    FailureOut,
    ItemOut,
    StepHead,
    StepOut,
    StepStatus,
    present,
)
from runs.web.wire_arguments import media_positions, render_resolved
from templates_app.graph.plan_json import media_from_json
from tools import registry
from tools.declaration.ports import MediaKind


def step_head(step: Step) -> StepHead:
    """A step as lists show it."""
    return {
        "id": step.key,
        "sequence": step.sequence,
        "toolName": step.wire_tool,
        "title": step.title or step.key,
        "status": _status(step),
        "progress": step.progress,
        "attempt": step.attempt,
    }


def step_bodies(
    run: Run,
    rows: RunRows,
    artifact_bodies: Mapping[str, ArtifactOut],
    reasons: Mapping[int, Reason],
) -> list[StepOut]:
    """Return all steps of a run. artifact_bodies: by id, as `artifact_body` renders them. reasons:
    by step id, why those that wait do."""
    snapshot = _snapshot(run, rows, artifact_bodies)
    return [_step(step, snapshot, reasons.get(step.id)) for step in rows.steps]


@dataclass(frozen=True, slots=True)
class _Snapshot:
    """Data of its run that a step's body needs.

    made, origins, actuals, items: by step id. written: arguments as their caller wrote them, and
    needs: bindings, by step key. positions: every file's index on the wire. locked: keys of steps
    that a person keeps.
    """

    by_id: Mapping[int, Step]
    items: Mapping[int, Sequence[Step]]
    made: Mapping[int, list[ArtifactOut]]
    shown: Mapping[str, ArtifactOut]
    brought: Sequence[Mapping[str, Any]]
    positions: Mapping[Ref, int]
    written: Mapping[str, dict[str, Any]]
    needs: Mapping[str, list[BindingOut]]
    origins: Mapping[int, str]
    actuals: Mapping[int, int]
    locked: Collection[str]

    def url_of(self, reference: Ref) -> str | None:
        """A file's address, None when it has none any more."""
        source, _, name = reference.partition(":")
        if source == "artifact":
            return self.shown[name]["url"] if name in self.shown else None
        place = int(name)
        return self.brought[place].get("url") if place < len(self.brought) else None


def _snapshot(run: Run, rows: RunRows, artifact_bodies: Mapping[str, ArtifactOut]) -> _Snapshot:
    steps, artifacts = rows.steps, rows.artifacts
    by_id = {step.id: step for step in steps}
    items: dict[int, list[Step]] = defaultdict(list)
    for step in steps:
        if step.parent_id is not None:
            items[step.parent_id].append(step)
    outputs = [
        Output(
            row.public_id,
            row.step.key,
            row.step.sequence,
            row.step.item_index,
            row.position,
            cast(MediaKind, row.kind),
        )
        for row in artifacts
        # What a batch that failed has made has no position: no later step sees it.
        if not by_id[row.step_id].is_item
        or by_id[row.step.parent_id or 0].status in (states.COMPLETED, states.EXPANDED)
    ]
    return _Snapshot(
        by_id=by_id,
        items=items,
        made=files_by_step(rows, artifact_bodies),
        shown=artifact_bodies,
        brought=run.media,
        positions=media_positions(outputs, [media_from_json(entry) for entry in run.media]),
        written=_as_written(run),
        needs={
            key: [_binding(entry) for entry in entries]
            for key, entries in (
                *((step["key"], step.get("needs", ())) for step in run.plan["steps"]),
                *rows.needs.items(),
            )
        },
        origins=rows.origins,
        actuals=rows.actuals,
        locked=RunOptions.read(run.options).locked,
    )


def _step(step: Step, snapshot: _Snapshot, reason: Reason | None) -> StepOut:
    holder = snapshot.by_id.get(step.parent_id or 0)
    batch = holder if step.is_item else None
    artifacts = snapshot.made.get(step.id, [])
    is_done = step.status == states.COMPLETED
    body: StepOut = {
        **step_head(step),
        "arguments": snapshot.written.get(step.key, step.arguments),
        "dependsOn": snapshot.needs.get((batch or step).key, []),
        "artifacts": artifacts,
        "cost": {"estimated": units(step.estimated_milli)},
        "resolvedArguments": _resolved_arguments(step, snapshot),
        "result": _result(step, artifacts, snapshot) if is_done else None,
        "provider": step.provider or None,
        "seed": step.seed,
        "reusedFrom": snapshot.origins.get(step.id),
        "locked": step.key in snapshot.locked or None,
        "message": reason.text if reason else None,
        "queueReason": reason.code if reason else None,
        "error": failure_body(step.error),
        "startedAt": clock.iso_or_none(step.started_at),
        "completedAt": clock.iso_or_none(step.finished_at),
        "parentId": holder.key if holder else None,
        "itemIndex": own_place(step.item_index) if batch else None,
        "itemLabel": (step.item_label or None) if batch else None,
        "items": [_item(item, place) for place, item in enumerate(snapshot.items.get(step.id, ()))]
        or None,
    }
    if step.kind == "group" and not is_done:
        members = snapshot.items.get(step.id, ())
        over = sum(member.status in states.STEP_TERMINAL for member in members)
        body["progress"] = over / max(1, len(members))
    if is_done:
        body["cost"]["actual"] = units(snapshot.actuals.get(step.id, 0))
    return present(body)


def _item(step: Step, place: int) -> ItemOut:
    """An item of a batch, or a member of a group at its place there."""
    return {
        "id": step.key,
        "index": own_place(step.item_index) if step.is_item else place,
        "label": step.title,
        "status": _status(step),
    }


def _status(step: Step) -> StepStatus:
    return cast(StepStatus, wire_states.step_status(step.status))


def failure_body(document: Mapping[str, Any] | None) -> FailureOut | None:
    """Return a stored failure of a run or a step as people read it."""
    return cast(FailureOut, failures.shown(document)) if document else None


def _resolved_arguments(step: Step, snapshot: _Snapshot) -> dict[str, Any] | None:
    tool = registry.table().get(step.tool)
    if step.resolved is None or tool is None:
        return None
    resolved_call = resolved_from_json(step.resolved)
    return render_resolved(resolved_call, tool, snapshot.positions, snapshot.url_of)


def _result(step: Step, artifacts: Sequence[ArtifactOut], snapshot: _Snapshot) -> dict[str, Any]:
    """The tool result of public contract §7.4; positions and addresses as they are now."""
    result: dict[str, Any] = dict(step.result or {})
    if "params" in result:
        result["params"] = put_media(result["params"], lambda ref, how: snapshot.url_of(ref))
    assets = [
        {
            "asset_id": artifact["id"],
            "type": artifact["type"],
            "url": artifact["url"],
            "width": artifact.get("width"),
            "height": artifact.get("height"),
            "duration_seconds": artifact.get("duration"),
            "fps": artifact["metadata"].get("fps"),
        }
        for artifact in artifacts
    ]
    result["output_assets"] = [present(asset) for asset in assets]
    result["estimated_cost"] = {"capacity_units": units(step.estimated_milli)}
    if artifacts:
        places = (snapshot.positions.get(f"artifact:{artifact['id']}") for artifact in artifacts)
        indices = [position for position in places if position is not None]
        if indices:
            result |= {"startIndex": indices[0], "indices": indices}
        result["resultUrls"] = [artifact["url"] for artifact in artifacts]
        for kind in ("video", "audio"):
            urls = [artifact["url"] for artifact in artifacts if artifact["type"] == kind]
            if urls:
                result[f"{kind}ResultUrls"] = urls
    return result


def _binding(document: Mapping[str, Any]) -> BindingOut:
    """A plan's binding in the public API's words (§3.1)."""
    pick = document.get("pick") or {}
    body: BindingOut = {
        "sourceStepId": document["source"],
        "targetArgument": document["target_argument"],
        "transform": document.get("transform"),
        "mediaType": document.get("media_kind"),
        "sourceArtifactIndex": pick.get("index", None if pick else 0),
        "sourceArtifactId": pick.get("artifact_id"),
        "required": document.get("required", True),
    }
    return present(body)


def _as_written(run: Run) -> dict[str, dict[str, Any]]:
    """The arguments of explicit steps as their caller wrote them, by normalized step id."""
    steps = (run.request.get("input") or {}).get("steps")
    plan_steps = run.plan["steps"]
    if not isinstance(steps, list) or len(steps) != len(plan_steps):
        return {}
    return {
        plan["key"]: step.get("arguments") or step.get("args") or {}
        for plan, step in zip(plan_steps, steps, strict=True)
    }
