"""Runs as the public API shows them. Addresses and media positions are made here, never stored."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, cast

from core import clock
from runs import content_filters, selectors, states
from runs.admission.final_quotes import FinalQuote, StageQuote
from runs.billing import quotes
from runs.billing.units import units
from runs.engine import queue_reasons
from runs.models import Event, Run, Step, Wait
from runs.options import RunOptions
from runs.planning.final_schemas import FinalQuoteOut, FinalStageOut
from runs.result_fields import answer_of
from runs.run_rows import RunRows, read_rows
from runs.versions import Version
from runs.web import event_wire
from runs.web.artifacts import UrlOf, artifact_body, output_bodies, signer
from runs.web.schemas import (
    ArtifactOut,
    BillingPreview,
    ContentFilterOut,
    EventOut,
    RunFacts,
    RunRecord,
    RunStatus,
    RunSummary,
    StepHead,
    StepOut,
    VersionOut,
    WaitOut,
    present,
)
from runs.web.steps import failure_body, step_bodies, step_head
from templates_app.graph.result_paths import content_of

# The versions of the public contract that a plan is written in: of its shape, of what it knows of
# models, and of how it chooses among them.
_BACKBONE = {
    "schemaVersion": "2026-04-27.1",
    "modelKnowledgeVersion": "2026-04-27.2",
    "routingPolicyVersion": "2026-04-27.1",
}


def record(
    run: Run,
    *,
    base_url: str = "",
    url_of: UrlOf | None = None,
    rows: RunRows | None = None,
    why_steps_wait: bool = False,
) -> RunRecord:
    """The full snapshot of one run (public contract §4.1).

    url_of: what addresses its files, else they are signed under base_url. rows: all of them, when
    they are known.

    why_steps_wait: read it, too. Answers to a start or an action leave it out: it takes queries,
    and is about to change.
    """
    rows = rows or read_rows(run)
    url_of = url_of or signer(base_url)
    bodies = {row.public_id: artifact_body(row, url_of) for row in rows.artifacts}
    reasons = queue_reasons.reasons(rows.steps) if why_steps_wait else {}
    steps = step_bodies(run, rows, bodies, reasons)
    for step, one in zip(rows.steps, steps, strict=True):
        if versions := rows.versions.get(step.id):
            one["versions"] = [_version(version, url_of) for version in versions]
            if version_id := next((v.id for v in versions if v.is_selected), None):
                one["selectedVersionId"] = version_id
    files = {step.id: one["artifacts"] for step, one in zip(rows.steps, steps, strict=True)}
    preview = quotes.preview_of(run, rows)
    top_steps = [step for step in steps if "parentId" not in step]
    waits = _waits(rows.waits, bodies, preview)
    body: RunRecord = {
        **_facts(run),
        "input": _input(run, top_steps),
        "plan": _plan(run, top_steps),
        "waits": waits or None,
        "waiting": _first_wait(run, waits),
        "steps": steps,
        "outputs": output_bodies(run.plan.get("outputs", ()), rows.steps, files) or None,
        "events": [render_event(event, run, url_of) for event in rows.log],
        "artifacts": list(bodies.values()),
        "contentFilter": _content_filter(run, rows.steps),
        "billingPreview": cast(BillingPreview, preview),
        "billingPreviews": cast("list[BillingPreview]", quotes.previews_of(run)),
    }
    return present(body)


def _version(version: Version, url_of: UrlOf) -> VersionOut:
    artifacts = [artifact_body(row, url_of) for row in version.artifacts]
    body: VersionOut = {
        "id": version.id,
        "createdAt": clock.iso(version.made_at),
        "artifacts": artifacts,
        "content": None if artifacts else content_of(answer_of(version.columns["result"])),
    }
    return present(body)


def final_quote(quote: FinalQuote) -> FinalQuoteOut:
    return {
        "final": len(quote.final),
        "again": quote.again,
        "kept": quote.kept,
        "capacityUnits": units(quote.price.milli),
        "atMost": quote.price.at_most,
        "seconds": None if quote.seconds is None else round(quote.seconds, 1),
        "stages": [final_stage(one) for one in quote.final],
    }


def final_stage(quote: StageQuote) -> FinalStageOut:
    provider, model = quote.stage.provider, quote.model
    return {
        "id": quote.stage.key,
        "provider": provider.name,
        "providerTitle": provider.title or provider.name,
        "model": model.name,
        "modelTitle": model.title or model.name,
        "modelBy": model.by,
        "capacityUnits": units(quote.price.milli),
        "atMost": quote.price.at_most,
        "draft": quote.stage.draft,
    }


def summaries(runs: Sequence[Run], *, base_url: str) -> list[RunSummary]:
    """Runs as a list shows them: no plan, no events, no step results."""
    url_of = signer(base_url)
    by_run: dict[int, list[ArtifactOut]] = defaultdict(list)
    for row in selectors.artifacts_of(runs):
        by_run[row.run_id].append(artifact_body(row, url_of))
    steps: dict[int, list[StepHead]] = defaultdict(list)
    rows = Step.objects.filter(run__in=runs).order_by("sequence", "item_index")
    for step in rows.only(
        "run_id", "key", "sequence", "wire_tool", "title", "status", "progress", "attempt"
    ):
        steps[step.run_id].append(step_head(step))
    return [
        {
            **_facts(run),
            "input": {},
            "plan": {},
            "steps": steps[run.id],
            "events": [],
            "artifacts": by_run[run.id],
        }
        for run in runs
    ]


def render_event(event: Event, run: Run, url_of: UrlOf, *, is_superseded: bool = False) -> EventOut:
    """One entry of the log. is_superseded: a closing one that a later resume undid."""
    body = event_wire.render(
        event, workflow_id=run.public_id, url_of=url_of, is_superseded=is_superseded
    )
    return cast(EventOut, body)


def _waits(
    waits: Sequence[Wait], artifact_bodies: Mapping[str, ArtifactOut], preview: Mapping[str, Any]
) -> list[WaitOut]:
    """Every open question of a run that is not over (§4.3)."""
    dear = [wait.step.key for wait in waits if wait.step and wait.reason in states.COST_REASONS]
    bodies = []
    for wait in waits:
        body = _wait(wait, artifact_bodies)
        if wait.reason in states.COST_REASONS:
            body["details"] |= quotes.approval_details(preview, dear)
        bodies.append(body)
    return bodies


def _first_wait(run: Run, waits: Sequence[WaitOut]) -> WaitOut | None:
    """Return the question that blocks the run, or None while other steps run."""
    if run.status != states.WAITING_FOR_USER or not waits:
        return None
    return next((body for body in waits if body["reason"] == run.waiting_reason), waits[0])


def _wait(wait: Wait, artifact_bodies: Mapping[str, ArtifactOut]) -> WaitOut:
    """Return one question. artifact_bodies: by id, as `artifact_body` renders them."""
    details = dict(wait.prompt.get("details") or {})
    if wait.step is not None:
        details["stepId"] = wait.step.key
    if "candidates" in wait.prompt:
        bodies = (artifact_bodies.get(public_id) for public_id in wait.prompt["candidates"])
        details["candidates"] = [body for body in bodies if body is not None]
    return {
        "waitId": wait.id,
        "reason": wait.reason,
        "message": wait.message,
        "details": details,
    }


def _facts(run: Run) -> RunFacts:
    """Return the fields that lists and snapshots share. Fields without a value are left out."""
    options, version = RunOptions.read(run.options), run.template_version
    template = version.template if version else run.draft_of
    body: RunFacts = {
        "workflowId": run.public_id,
        "id": run.public_id,
        "kind": run.kind,
        "title": run.title,
        "status": cast(RunStatus, run.status),
        "awaitingCostApproval": run.waiting_reason in states.COST_REASONS,
        "safeContentFilter": options.safe_content_filter,
        "tokenType": options.token_type,
        "billingMode": options.billing_mode,
        "estimatedCapacityUnits": units(run.estimated_milli),
        "actualCapacityUnits": units(run.actual_milli),
        "createTime": clock.unix(run.created_at),
        "updateTime": clock.unix(run.updated_at),
        "createdAt": clock.iso(run.created_at),
        "updatedAt": clock.iso(run.updated_at),
        "appSource": options.app_source,
        "waitingReason": run.waiting_reason or None,
        "error": failure_body(run.error),
        "completedAt": clock.iso_or_none(run.finished_at),
        "maxEstimatedCapacityUnits": None
        if run.ceiling_milli is None
        else units(run.ceiling_milli),
        "templateId": template.public_id if template else None,
        "templateVersion": version.semver if version else None,
    }
    return present(body)


def _input(run: Run, steps: Sequence[StepOut]) -> dict[str, Any]:
    if "inputs" not in run.request:
        return run.request.get("input") or {}
    keys = ("id", "toolName", "arguments", "dependsOn")
    return {
        "title": run.title,
        "steps": [{name: step[name] for name in keys} for step in cast("Any", steps)],
        "templateId": run.request["templateId"],
        "inputs": run.request["inputs"],
    }


def _content_filter(run: Run, steps: Sequence[Step]) -> ContentFilterOut:
    filtering = content_filters.of_run(run, steps)
    if filtering is None:
        return {"requested": False, "steps": {}}
    body: ContentFilterOut = {"requested": True, "steps": filtering.steps}
    if filtering.sentence:
        body["message"] = filtering.sentence
    return body


def _plan(run: Run, steps: Sequence[StepOut]) -> dict[str, Any]:
    keys = ("id", "sequence", "toolName", "arguments", "dependsOn")
    return {
        "workflowId": run.public_id,
        "status": run.status,
        "backbone": dict(_BACKBONE),
        "title": run.title,
        "input": {"title": run.title, "mediaReferences": _references(run)},
        "steps": [{name: step[name] for name in keys} for step in cast("Any", steps)],
        "events": [],
        "artifacts": [],
        "timestamps": {
            "createdAt": clock.iso(run.created_at),
            "updatedAt": clock.iso(run.updated_at),
            "completedAt": clock.iso_or_none(run.finished_at),
        },
    }


def _references(run: Run) -> list[dict[str, Any]]:
    references = (
        (reference.get("id"), reference.get("kind"), reference.get("url"))
        for reference in run.media
    )
    return [
        {name: value for name, value in (("id", public_id), ("kind", kind), ("url", url)) if value}
        for public_id, kind, url in references
    ]
