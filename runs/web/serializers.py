"""Runs as the public API shows them. Addresses and media positions are made here, never stored."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from core import clock
from media import signing
from runs import selectors, states
from runs.billing import pricing
from runs.billing.pricing import units
from runs.engine import asking
from runs.engine.execute import artifact_facts
from runs.engine.materials import Output
from runs.engine.resolve import (
    media_positions,
    put_media,
    render_resolved,
    resolved_from_json,
)
from runs.log import events, failures
from runs.models import Artifact, Event, Run, Step, Wait
from templates_app.graph.plan_json import media_from_json
from tools import registry
from tools.declaration.ports import MediaKind

# A snapshot carries this many of the latest events; the log has them all.
EVENTS_IN_SNAPSHOT = 200

UrlOf = Callable[[str, str], str]


def signer(base_url: str) -> UrlOf:
    """A function that signs the address of (object id, file name) under this origin."""
    return lambda public_id, filename: base_url + signing.signed_path(public_id, filename)


def record(run: Run, *, base_url: str) -> dict[str, Any]:
    """The full snapshot of one run (public contract §4.1)."""
    # First: anyone who follows the log from its last entry here must not miss what the steps, read
    # after it, do not show yet.
    log = selectors.last_events(run, EVENTS_IN_SNAPSHOT)
    steps = selectors.steps_of(run)
    artifacts = selectors.artifacts_of([run])
    url_of = signer(base_url)
    shown = {row.public_id: artifact_body(row, url_of) for row in artifacts}
    rendered = _steps(run, steps, artifacts, shown, url_of)
    preview = pricing.preview_of(run, steps)
    planned = [step for step in rendered if "parentId" not in step]
    return _head(run) | {
        "input": _input(run, planned),
        "plan": _plan(run, planned),
        **_waiting(run, shown, preview),
        "steps": rendered,
        "events": [render_event(event, run, url_of) for event in log],
        "artifacts": list(shown.values()),
        "billingPreview": preview,
        "billingPreviews": pricing.previews_of(run),
    }


def summaries(runs: Sequence[Run], *, base_url: str) -> list[dict[str, Any]]:
    """Runs as a list shows them: no plan, no events, no step results."""
    url_of = signer(base_url)
    made: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in selectors.artifacts_of(runs):
        made[row.run_id].append(artifact_body(row, url_of))
    steps: dict[int, list[dict[str, Any]]] = defaultdict(list)
    rows = Step.objects.filter(run__in=runs).order_by("sequence", "item_index")
    for step in rows.only(
        "run_id", "key", "sequence", "wire_tool", "title", "status", "progress", "attempt"
    ):
        steps[step.run_id].append(_step_head(step))
    return [
        _head(run)
        | {"input": {}, "plan": {}, "steps": steps[run.id], "events": [], "artifacts": made[run.id]}
        for run in runs
    ]


def render_event(
    event: Event, run: Run, url_of: UrlOf, *, superseded: bool = False
) -> dict[str, Any]:
    return events.render(event, workflow_id=run.public_id, url_of=url_of, superseded=superseded)


def artifact_body(row: Artifact, url_of: UrlOf) -> dict[str, Any]:
    """One artifact with an address that works without credentials."""
    body = artifact_facts(row)
    url = url_of(row.public_id, body["filename"])
    seed = row.meta.get("seed", row.step.seed)
    return {
        **{name: value for name, value in body.items() if value is not None},
        "stepId": row.step.key,
        "url": url,
        "downloadUrl": url,
        **events.poster_of(body, url_of),
        **({} if seed is None else {"seed": seed}),
        "metadata": row.meta,
    }


def _waiting(
    run: Run, shown: Mapping[str, dict[str, Any]], preview: Mapping[str, Any]
) -> dict[str, Any]:
    """Every open question as `waits`; what the run waits for as `waiting` (§4.3)."""
    if run.status in states.RUN_TERMINAL:
        return {}
    waits = selectors.open_waits(run)
    if not waits:
        return {}
    dear = [wait.step.key for wait in waits if wait.step and wait.reason in states.COST_REASONS]
    bodies = []
    for wait in waits:
        body = wait_body(wait, shown)
        if wait.reason in states.COST_REASONS:
            body["details"] |= pricing.approval_details(preview, dear)
        bodies.append(body)
    known: dict[str, Any] = {"waits": bodies}
    if run.status == states.WAITING_FOR_USER:
        first = (body for body in bodies if body["reason"] == run.waiting_reason)
        known["waiting"] = next(first, bodies[0])
    return known


def wait_body(wait: Wait, shown: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    """One question. shown: the run's artifacts by id, as `artifact_body` renders them."""
    details = dict(wait.prompt.get("details") or {})
    if wait.step is not None:
        details["stepId"] = wait.step.key
    if "candidates" in wait.prompt:
        known = (shown.get(public_id) for public_id in wait.prompt["candidates"])
        details["candidates"] = [body for body in known if body is not None]
    return {
        "waitId": wait.id,
        "reason": wait.reason,
        "message": asking.message_of(wait.prompt),
        "details": details,
    }


def _head(run: Run) -> dict[str, Any]:
    """What lists and snapshots share. Fields without a value are left out."""
    options = run.options
    body: dict[str, Any] = {
        "workflowId": run.public_id,
        "id": run.public_id,
        "kind": run.kind,
        "title": run.title,
        "status": run.status,
        "awaitingCostApproval": run.waiting_reason in states.COST_REASONS,
        "safeContentFilter": options.get("safe_content_filter", True),
        "tokenType": options.get("token_type", "spark"),
        "billingMode": options.get("billing_mode", "auto"),
        "estimatedCapacityUnits": units(run.estimated_milli),
        "actualCapacityUnits": units(run.actual_milli),
        "createTime": clock.unix(run.created_at),
        "updateTime": clock.unix(run.updated_at),
        "createdAt": clock.iso(run.created_at),
        "updatedAt": clock.iso(run.updated_at),
    }
    optional = {
        "appSource": options.get("app_source"),
        "waitingReason": run.waiting_reason or None,
        "error": failures.shown(run.error) if run.error else None,
        "completedAt": clock.iso(run.finished_at) if run.finished_at else None,
        "maxEstimatedCapacityUnits": None
        if run.ceiling_milli is None
        else units(run.ceiling_milli),
    }
    if run.draft_of is not None:
        optional["templateId"] = run.draft_of.public_id
    if run.template_version is not None:
        optional["templateId"] = run.template_version.template.public_id
        optional["templateVersion"] = run.template_version.semver
    return body | {name: value for name, value in optional.items() if value is not None}


def _step_head(step: Step) -> dict[str, Any]:
    return {
        "id": step.key,
        "sequence": step.sequence,
        "toolName": step.wire_tool,
        "title": step.title or step.key,
        "status": states.STEP_ON_THE_WIRE.get(step.status, step.status),
        "progress": step.progress,
        "attempt": step.attempt,
    }


def _steps(
    run: Run,
    steps: Sequence[Step],
    artifacts: Sequence[Artifact],
    shown: Mapping[str, dict[str, Any]],
    url_of: UrlOf,
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
    body = _step_head(step) | {
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


def _input(run: Run, steps: list[dict[str, Any]]) -> dict[str, Any]:
    if "inputs" not in run.request:
        return run.request.get("input") or {}
    shown = ("id", "toolName", "arguments", "dependsOn")
    return {
        "title": run.title,
        "steps": [{name: step[name] for name in shown} for step in steps],
        "templateId": run.request["templateId"],
        "inputs": run.request["inputs"],
    }


def _plan(run: Run, steps: list[dict[str, Any]]) -> dict[str, Any]:
    shown = ("id", "sequence", "toolName", "arguments", "dependsOn")
    return {
        "workflowId": run.public_id,
        "status": run.status,
        "title": run.title,
        "input": {"title": run.title, "mediaReferences": _references(run)},
        "steps": [{name: step[name] for name in shown} for step in steps],
        "events": [],
        "artifacts": [],
        "timestamps": {
            "createdAt": clock.iso(run.created_at),
            "updatedAt": clock.iso(run.updated_at),
            "completedAt": clock.iso(run.finished_at) if run.finished_at else None,
        },
    }


def _references(run: Run) -> list[dict[str, Any]]:
    named = (
        (reference.get("id"), reference.get("kind"), reference.get("url"))
        for reference in run.media
    )
    return [
        {name: value for name, value in (("id", public_id), ("kind", kind), ("url", url)) if value}
        for public_id, kind, url in named
    ]
