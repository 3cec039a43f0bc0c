"""Runs as the public API shows them. Addresses and media positions are made here, never stored."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from core import clock
from runs import selectors, states
from runs.billing import quotes
from runs.billing.units import units
from runs.log import events, failures
from runs.models import Event, Run, Step, Wait
from runs.web.artifacts import UrlOf, artifact_body, signer
from runs.web.steps import step_head, steps_body

# A snapshot carries this many of the latest events; the log has them all.
EVENTS_IN_SNAPSHOT = 200


def record(run: Run, *, base_url: str) -> dict[str, Any]:
    """The full snapshot of one run (public contract §4.1)."""
    # First: anyone who follows the log from its last entry here must not miss what the steps, read
    # after it, do not show yet.
    log = selectors.last_events(run, EVENTS_IN_SNAPSHOT)
    steps = selectors.steps_of(run)
    artifacts = selectors.artifacts_of([run])
    url_of = signer(base_url)
    shown = {row.public_id: artifact_body(row, url_of) for row in artifacts}
    rendered = steps_body(run, steps, artifacts, shown)
    preview = quotes.preview_of(run, steps)
    planned = [step for step in rendered if "parentId" not in step]
    return _head(run) | {
        "input": _input(run, planned),
        "plan": _plan(run, planned),
        **_waiting(run, shown, preview),
        "steps": rendered,
        "events": [render_event(event, run, url_of) for event in log],
        "artifacts": list(shown.values()),
        "billingPreview": preview,
        "billingPreviews": quotes.previews_of(run),
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
        steps[step.run_id].append(step_head(step))
    return [
        _head(run)
        | {"input": {}, "plan": {}, "steps": steps[run.id], "events": [], "artifacts": made[run.id]}
        for run in runs
    ]


def render_event(
    event: Event, run: Run, url_of: UrlOf, *, superseded: bool = False
) -> dict[str, Any]:
    return events.render(event, workflow_id=run.public_id, url_of=url_of, superseded=superseded)


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
            body["details"] |= quotes.approval_details(preview, dear)
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
        "message": wait.message,
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
