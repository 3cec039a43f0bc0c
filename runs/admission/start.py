"""Starting a run: the body is read, planned, checked and stored, in that order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.db import IntegrityError

from accounts.auth import Principal
from core import canonical, errors
from core.http import parse
from runs.admission import limits
from runs.admission.idempotency import request_key, without_key
from runs.admission.insert import insert_run
from runs.admission.new_run import NewRun, Started
from runs.admission.planning_limits import planning_limits
from runs.billing.estimates import step_quotes
from runs.planning import request_parsing
from runs.planning.refusals import refused_steps, refused_template
from runs.planning.schemas import StartIn
from runs.planning.seeds import with_seeds
from templates_app import selectors as templates
from templates_app.graph.compile import compile_template
from templates_app.models import TemplateVersion
from tools import registry

ENDPOINT = "workflows"
KIND = "hosted_tool_sequence"


def start_run(
    *,
    actor: Principal,
    body: Mapping[str, Any],
    key: str | None = None,
    token_type: str | None = None,
    app_source: str | None = None,
    own_hosts: Sequence[str] = ("localhost",),
    priority: int = 0,
) -> Started:
    """Plan and queue a run; a second call with the same actor and key returns the first run.

    body: the wire body of a start. key, token_type, app_source: from headers; a key in a header
    wins over the body's, the other two lose to it. own_hosts: hosts whose media URLs are ours.
    priority: below 0 is background work that no person asked for: a step at a time, only while no
    person waits for a step, and by providers on this machine alone.
    Raises InvalidBody, InvalidInput, NotFound, Conflict. Nothing is stored when it raises.
    """
    body = {name: value for name, value in body.items() if value is not None}
    request = parse(StartIn, body)
    fingerprint = canonical.sha256_hex([without_key(body), token_type])
    own_key = request_key(actor, ENDPOINT, fingerprint, header=key, body=request.idempotency_key)
    if replay := own_key.replayed():
        return Started(run=replay, replayed=True)
    limits.check_may_start(actor)
    options = {
        "token_type": request.token_type or _token_type(token_type),
        "billing_mode": request.billing_mode,
        "app_source": request.app_source or app_source,
        "safe_content_filter": request.safe_content_filter,
    }
    new = replace(
        _plan(request, body, actor, own_hosts),
        options=options,
        priority=priority,
        asks_cost=request.confirm_cost is False,
        ceiling_milli=None if request.max_units is None else round(request.max_units * 1000),
    )
    if priority < 0:
        limits.check_tools_offered(new.plan, local_only=True)
        new = replace(new, quotes=step_quotes(new.plan, local_only=True))
    limits.check_ceiling(new)
    try:
        return insert_run(new, actor, own_key)
    except IntegrityError:
        version = new.version
        if version is None or TemplateVersion.objects.filter(pk=version.pk).exists():
            raise
        # The template was changed again at once, and nothing else referred to that version.
        raise errors.Unavailable(
            "The template was changed just now. Start it again.", retry_after_s=1
        ) from None


def _token_type(header: str | None) -> str:
    value = (header or "spark").strip().lower()
    return value if value in ("sogni", "spark", "auto") else "spark"


def _plan(
    request: StartIn, body: Mapping[str, Any], actor: Principal, own_hosts: Sequence[str]
) -> NewRun:
    """Compile whichever of the three ways to start the body took."""
    if request.template_id is not None:
        if request.input is not None or request.kind is not None:
            raise errors.InvalidBody(
                "Send either workflow_id with inputs, or input with steps, not both."
            )
        return _plan_template(request, request.template_id, body, actor, own_hosts)
    if request.inputs is not None:
        raise errors.InvalidBody("`inputs` needs `workflow_id`, the template to run.")
    if request.input is None:
        raise errors.InvalidBody(
            "Send input with steps, or workflow_id with inputs, to say what to run."
        )
    return _plan_input(request, body, own_hosts)


def _plan_template(
    request: StartIn,
    template_id: str,
    body: Mapping[str, Any],
    actor: Principal,
    own_hosts: Sequence[str],
) -> NewRun:
    planning = planning_limits(own_hosts)
    template = templates.resolve(actor.user, template_id)
    version = templates.runnable_version(actor.user, template)
    media = request_parsing.media_of_body(body, planning)
    spec = templates.runnable_spec(version, own_hosts=own_hosts)
    inputs = request.inputs or {}
    compiled = compile_template(spec, inputs, media, registry.table(), planning)
    if compiled.plan is None:
        raise refused_template(compiled.errors, compiled.warnings)
    # Its own name: the template row carries that of the owner's latest draft.
    plan = with_seeds(replace(compiled.plan, title=version.spec["name"]), registry.table())
    return NewRun(
        plan=plan,
        kind=KIND,
        version=version,
        published_id=template.pk if template.published_id == version.pk else None,
        request={"inputs": inputs, "templateId": template.public_id},
        quotes=step_quotes(plan),
        options={},
        warnings=compiled.warnings,
    )


def _plan_input(request: StartIn, body: Mapping[str, Any], own_hosts: Sequence[str]) -> NewRun:
    kind, tools, planning = request.kind or KIND, registry.table(), planning_limits(own_hosts)
    media = request_parsing.media_of_body(body, planning)
    if kind == request_parsing.IMAGE_TO_VIDEO:
        compiled = request_parsing.plan_from_image_to_video(body, media, tools, planning)
    elif kind in request_parsing.STEP_KINDS:
        kind = KIND
        compiled = request_parsing.plan_from_steps(body, media, tools, planning)
    else:
        raise errors.InvalidBody(
            f"kind {kind[:60]!r} is unknown. Use image_to_video or hosted_tool_sequence."
        )
    if compiled.plan is None:
        raise refused_steps(compiled.errors)
    plan = with_seeds(compiled.plan, tools)
    return NewRun(
        plan=plan,
        kind=kind,
        request={"input": request.input or {}},
        quotes=step_quotes(plan),
        options={},
        warnings=compiled.warnings,
    )
