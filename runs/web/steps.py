"""The steps of a run as its snapshot shows them: what they were given, what they made and cost."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from core import clock
from runs import selectors, states
from runs.billing.units import units
from runs.log import failures
from runs.models import Artifact, Run, Step
from runs.planning.resolved import Output, put_media, resolved_from_json
from runs.web.wire_arguments import media_positions, render_resolved
from templates_app.graph.plan_json import media_from_json
from tools import registry
from tools.declaration.ports import MediaKind


def step_head(step: Step) -> dict[str, Any]:
    return {
        "id": step.key,
        "sequence": step.sequence,
        "toolName": step.wire_tool,
        "title": step.title or step.key,
        "status": states.STEP_ON_THE_WIRE.get(step.status, step.status),
        "progress": step.progress,
        "attempt": step.attempt,
    }


def steps_body(
    run: Run,
    steps: Sequence[Step],
    artifacts: Sequence[Artifact],
    shown: Mapping[str, dict[str, Any]],
) -> list[dict[str, Any]]:
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
        if row.step.parent_id is None
        or by_id[row.step.parent_id].status in (states.COMPLETED, states.EXPANDED)
    ]
    positions = media_positions(outputs, [media_from_json(stored) for stored in run.media])
    made: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in artifacts:
        made[row.step_id].append(shown[row.public_id])
    written = _as_written(run)
    needs = {
        planned["key"]: [_binding(stored) for stored in planned.get("needs", ())]
        for planned in run.plan["steps"]
    }

    origins = selectors.origins_of(steps)
    actuals = selectors.actuals_of(run)

    def address(reference: str) -> str | None:
        source, _, name = reference.partition(":")
        if source == "artifact":
            return shown[name]["url"] if name in shown else None
        brought: Mapping[str, Any] = dict(enumerate(run.media)).get(int(name), {})
        return brought.get("url")

    return [
        _step(
            step,
            made[step.id],
            positions,
            written.get(step.key),
            needs.get(by_id[step.parent_id].key if step.parent_id else step.key, []),
            address,
            origins.get(step.id),
            actuals.get(step.id, 0),
        )
        | _family(step, by_id.get(step.parent_id or 0), items.get(step.id))
        for step in steps
    ]


def _family(step: Step, batch: Step | None, items: Sequence[Step] | None) -> dict[str, Any]:
    """Of an item, whose it is; of a batch, its items."""
    if batch is not None:
        label = (step.batch or {}).get("label")
        own = {"parentId": batch.key, "itemIndex": step.item_index}
        return own | ({"itemLabel": label} if label else {})
    if not items:
        return {}
    return {
        "items": [
            {
                "id": item.key,
                "index": item.item_index,
                "label": item.title,
                "status": states.STEP_ON_THE_WIRE.get(item.status, item.status),
            }
            for item in items
        ]
    }


def _step(
    step: Step,
    made: list[dict[str, Any]],
    positions: Mapping[str, int],
    written: Mapping[str, Any] | None,
    needs: list[Any],
    address: Callable[[str], str | None],
    origin: str | None,
    actual_milli: int,
) -> dict[str, Any]:
    body = step_head(step) | {
        "arguments": step.arguments if written is None else written,
        "dependsOn": needs,
        "artifacts": made,
        "cost": {"estimated": units(step.estimated_milli)},
    }
    tool = registry.table().get(step.tool)
    if step.resolved is not None and tool is not None:
        resolved = resolved_from_json(step.resolved)
        body["resolvedArguments"] = render_resolved(resolved, tool, positions, address)
    if step.status == states.COMPLETED:
        body["cost"]["actual"] = units(actual_milli)
        body["result"] = _result(step, made, positions, address)
    optional = {
        "provider": step.provider or None,
        "seed": step.seed,
        "reusedFrom": origin,
        "error": failures.shown(step.error) if step.error else None,
        "startedAt": clock.iso(step.started_at) if step.started_at else None,
        "completedAt": clock.iso(step.finished_at) if step.finished_at else None,
    }
    return body | {name: value for name, value in optional.items() if value is not None}


def _result(
    step: Step,
    made: list[dict[str, Any]],
    positions: Mapping[str, int],
    address: Callable[[str], str | None],
) -> dict[str, Any]:
    """The tool result of public contract §7.4; positions and addresses as they are now."""
    result: dict[str, Any] = dict(step.result or {})
    if "params" in result:
        result["params"] = put_media(result["params"], lambda ref, how: address(ref))
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
        for artifact in made
    ]
    result["output_assets"] = [
        {name: value for name, value in asset.items() if value is not None} for asset in assets
    ]
    result["estimated_cost"] = {"capacity_units": units(step.estimated_milli)}
    if made:
        places = (positions.get(f"artifact:{artifact['id']}") for artifact in made)
        indices = [place for place in places if place is not None]
        if indices:
            result |= {"startIndex": indices[0], "indices": indices}
        result["resultUrls"] = [artifact["url"] for artifact in made]
        for kind in ("video", "audio"):
            urls = [artifact["url"] for artifact in made if artifact["type"] == kind]
            if urls:
                result[f"{kind}ResultUrls"] = urls
    return result


def _binding(stored: Mapping[str, Any]) -> dict[str, Any]:
    """A plan's binding in the public API's words (§3.1)."""
    pick = stored.get("pick") or {}
    named = {
        "sourceStepId": stored["source"],
        "targetArgument": stored["target_argument"],
        "transform": stored.get("transform"),
        "mediaType": stored.get("media_kind"),
        "sourceArtifactIndex": pick.get("index", None if pick else 0),
        "sourceArtifactId": pick.get("artifact_id"),
    }
    shown = {name: value for name, value in named.items() if value is not None}
    return shown | {"required": stored.get("required", True)}


def _as_written(run: Run) -> dict[str, Any]:
    """The arguments of explicit steps as their caller wrote them, by normalised step id."""
    steps = (run.request.get("input") or {}).get("steps")
    planned = run.plan["steps"]
    if not isinstance(steps, list) or len(steps) != len(planned):
        return {}
    return {
        plan["key"]: step.get("arguments") or step.get("args") or {}
        for plan, step in zip(planned, steps, strict=True)
    }
