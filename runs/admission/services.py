"""Starting and cancelling runs: each verb one short write transaction."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction

from accounts import ledger, storage
from accounts.auth import Principal
from accounts.suspension import check_may_act
from core import canonical, errors, ids
from core.database import db_now
from core.http import parse
from media import addresses, fetch, resolvers, signing
from runs import states
from runs.billing import costs, pricing
from runs.billing.pricing import step_quotes as step_quotes
from runs.billing.pricing import units as units
from runs.dispatch import dispatch
from runs.engine import advance, transitions
from runs.log.changes import Change
from runs.log.events import RunCreated, RunEvent, RunQueued, RunWaiting
from runs.models import IdempotencyKey, Run, Step, StepEdge, Wait
from runs.planning import request_parsing
from runs.planning.schemas import StartIn
from templates_app import gallery_index
from templates_app import selectors as templates
from templates_app.graph.compile import compile_template
from templates_app.graph.issues import TemplateRefused, issue_to_json
from templates_app.graph.messages import for_api
from templates_app.graph.plan_json import (
    batch_to_json,
    binding_to_json,
    late_to_json,
    plan_from_json,
    plan_to_json,
)
from templates_app.graph.types import Compiled, Issue, Limits, Plan, PlanStep
from templates_app.models import Template, TemplateVersion
from tools import registry

ENDPOINT = "workflows"
SEEDS = 2**31


@dataclass(frozen=True, slots=True)
class Started:
    """A run that a start led to. replayed: an earlier request with the same key had made it."""

    run: Run
    replayed: bool
    warnings: tuple[Issue, ...] = ()


@dataclass(frozen=True, slots=True)
class Planned:
    """What a start is about to write: the plan, and where it came from.

    quotes: thousandths of a unit by step. request: what records show of how it was asked for.
    """

    plan: Plan
    kind: str
    version: TemplateVersion | None
    template_id: str
    request: dict[str, Any]
    quotes: tuple[int, ...]
    warnings: tuple[Issue, ...]
    again: Run | None = None  # the run whose plan this repeats
    priority: int = 0
    published: int | None = None  # the template whose published version this runs
    draft_of: Template | None = None
    endpoint: str = ENDPOINT  # keys of another endpoint are others
    asks_cost: bool = False  # whether it waits until someone has accepted what it will cost


class _LostRace(Exception):
    """Another request with the same idempotency key committed first."""


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
    given = {name: value for name, value in body.items() if value is not None}
    wanted = parse(StartIn, given)
    key = (key or wanted.idempotency_key or "").strip() or None
    if key and len(key) > 255:
        raise errors.InvalidBody("Idempotency-Key must be at most 255 characters long.")
    fingerprint = _fingerprint(given, token_type)
    if key and (earlier := earlier_start(actor, key, fingerprint)):
        return Started(run=earlier, replayed=True)
    check_may_start(actor)
    planned = replace(
        _plan(wanted, given, actor, own_hosts),
        priority=priority,
        asks_cost=wanted.confirm_cost is False,
    )
    if priority < 0:
        _check_offered(planned.plan, local_only=True)
        planned = replace(planned, quotes=step_quotes(planned.plan, local_only=True))
    options = {
        "token_type": wanted.token_type or _token_type(token_type),
        "billing_mode": wanted.billing_mode,
        "app_source": wanted.app_source or app_source,
        "safe_content_filter": wanted.safe_content_filter,
    }
    ceiling = None if wanted.max_units is None else round(wanted.max_units * 1000)
    _check_ceiling(planned, ceiling, options)
    try:
        return store(planned, actor, key, fingerprint, options, ceiling)
    except IntegrityError:
        version = planned.version
        if version is None or TemplateVersion.objects.filter(pk=version.pk).exists():
            raise
        # The template was changed again at once, and nothing else referred to that version.
        raise errors.Unavailable(
            "The template was changed just now. Start it again.", retry_after_s=1
        ) from None


def run_again(
    *,
    run: Run,
    actor: Principal,
    new_seeds: bool = False,
    seeds: Mapping[str, int] | None = None,
    options: Mapping[str, Any] | None = None,
    key: str | None = None,
    endpoint: str = ENDPOINT,
    fingerprint: str = "",
) -> Started:
    """Start the plan of an earlier run of the actor's once more, with the media it was given.

    new_seeds: make other pictures from the same words; else the same ones. seeds: those by step
    that are not to be drawn. options: what to change of the earlier run's. A second call with the
    same key returns the run of the first. The original is not touched, whatever became of it.
    Raises Conflict, and InvalidInput when a tool of the plan is no longer offered.
    """
    key = (key or "").strip()[:255] or None
    fingerprint = fingerprint or canonical.sha256_hex(["again", run.public_id, new_seeds])
    if key and (earlier := earlier_start(actor, key, fingerprint, endpoint)):
        return Started(run=earlier, replayed=True)
    check_may_start(actor)
    check_template_stands(run, actor)
    plan, request = plan_from_json(run.plan), run.request
    if new_seeds:
        given = seeds or {}
        plan = replace(plan, steps=tuple(_reseeded(step, given) for step in plan.steps))
        request = _reseeded_request(request, plan)
    _check_offered(plan)
    version = run.template_version
    is_published = version is not None and version.template.published_id == version.pk
    planned = Planned(
        plan=plan,
        kind=run.kind,
        version=version,
        template_id=request.get("templateId", ""),
        request=request,
        quotes=step_quotes(plan),
        warnings=(),
        published=version.template_id if version is not None and is_published else None,
        again=run,
        draft_of=run.draft_of,
        endpoint=endpoint,
    )
    changed = {**run.options, **(options or {})}
    return store(planned, actor, key, fingerprint, changed, run.ceiling_milli)


def _fingerprint(body: Mapping[str, Any], token_type: str | None) -> str:
    """What makes two requests the same: the body without its key, and the token header."""
    rest = {k: v for k, v in body.items() if k not in ("idempotency_key", "idempotencyKey")}
    return canonical.sha256_hex([rest, token_type])


def earlier_start(
    actor: Principal, key: str, fingerprint: str, endpoint: str = ENDPOINT
) -> Run | None:
    """The run this key started before. Raises Conflict when it was for another body."""
    found = (
        IdempotencyKey.objects.select_related("run")
        .filter(owner=actor.user, endpoint=endpoint, key=key)
        .first()
    )
    if found is None:
        return None
    if found.body_sha256 != fingerprint:
        raise errors.Conflict(
            "This Idempotency-Key was used for another request. Use a new key for a new request.",
            code="idempotency.key_reuse",
            details={"reason": "idempotency_key_reuse", "workflowId": found.run.public_id},
        )
    return found.run


def check_may_start(actor: Principal) -> None:
    check_may_act(actor.user)
    storage.check_room(actor.user)
    active = Run.objects.filter(owner=actor.user, finished_at=None).count()
    if active >= settings.ACTIVE_RUNS_PER_USER:
        raise errors.Conflict(
            f"Limit reached: {active} of {settings.ACTIVE_RUNS_PER_USER} unfinished runs. Wait for"
            " one to finish, or cancel one.",
            person=f"{active} of {settings.ACTIVE_RUNS_PER_USER} runs are unfinished. Wait for one"
            " to finish, or stop one.",
            code="runs.too_many_active",
            details={
                "reason": "too_many_active_workflows",
                "activeWorkflows": active,
                "maxActiveWorkflows": settings.ACTIVE_RUNS_PER_USER,
            },
        )


def limits_for(own_hosts: Collection[str]) -> Limits:
    """What planning may not exceed here, and what it may know of addresses."""

    def own_asset(url: str) -> str | None:
        public_id = signing.parse_own_url(url, own_hosts)
        if public_id is None:
            fetch.check_url(url)
            return None
        blob = resolvers.resolve(public_id)
        if blob is None:
            raise errors.InvalidBody("This media URL doesn't exist on this server.")
        return f"blob:{blob.sha256}"

    allowance = addresses.read_allowance(settings.FETCH_ALLOW)

    def allow_http(place: str) -> bool:
        host, _, port = place.rpartition(":") if ":" in place else (place, "", "80")
        return allowance.covers_host(host, int(port) if port.isdigit() else 80)

    return Limits(
        max_steps=settings.MAX_STEPS,
        max_edges=settings.MAX_EDGES,
        max_media=settings.MAX_MEDIA_REFERENCES,
        own_asset=own_asset,
        allow_http=allow_http,
    )


def _token_type(header: str | None) -> str:
    value = (header or "spark").strip().lower()
    return value if value in ("sogni", "spark", "auto") else "spark"


def _plan(
    wanted: StartIn, body: Mapping[str, Any], actor: Principal, own_hosts: Sequence[str]
) -> Planned:
    """Compile whichever of the three ways to start the body took."""
    if wanted.template_id is not None:
        if wanted.input is not None or wanted.kind is not None:
            raise errors.InvalidBody(
                "Send either workflow_id with inputs, or input with steps, not both."
            )
    elif wanted.inputs is not None:
        raise errors.InvalidBody("`inputs` needs `workflow_id`, the template to run.")
    elif wanted.input is None:
        raise errors.InvalidBody(
            "Send input with steps, or workflow_id with inputs, to say what to run."
        )
    if wanted.template_id is not None:
        return _plan_template(wanted, body, actor, own_hosts)
    return _plan_input(wanted, body, limits_for(own_hosts))


def _plan_template(
    wanted: StartIn, body: Mapping[str, Any], actor: Principal, own_hosts: Sequence[str]
) -> Planned:
    limits = limits_for(own_hosts)
    template = templates.resolve(actor.user, wanted.template_id or "")
    version = templates.runnable_version(actor.user, template)
    media = request_parsing.media_of_body(body, limits)
    spec = templates.runnable_spec(version, own_hosts=own_hosts)
    compiled = compile_template(spec, wanted.inputs or {}, media, registry.table(), limits)
    if compiled.plan is None:
        raise refused_template(compiled.errors, compiled.warnings)
    # Its own name: the template row carries that of the owner's latest draft.
    plan = _seeded(replace(compiled.plan, title=version.spec["name"]))
    return Planned(
        plan=plan,
        kind="hosted_tool_sequence",
        version=version,
        template_id=template.public_id,
        published=template.pk if template.published_id == version.pk else None,
        request={"inputs": wanted.inputs or {}, "templateId": template.public_id},
        quotes=step_quotes(plan),
        warnings=compiled.warnings,
    )


def _plan_input(wanted: StartIn, body: Mapping[str, Any], limits: Limits) -> Planned:
    kind = wanted.kind or "hosted_tool_sequence"
    media = request_parsing.media_of_body(body, limits)
    if kind == request_parsing.IMAGE_TO_VIDEO:
        compiled = request_parsing.plan_from_image_to_video(body, media, registry.table(), limits)
    elif kind in request_parsing.STEP_KINDS:
        kind = "hosted_tool_sequence"
        compiled = request_parsing.plan_from_steps(body, media, registry.table(), limits)
    else:
        raise errors.InvalidBody(
            f"kind {kind[:60]!r} is unknown. Use image_to_video or hosted_tool_sequence."
        )
    plan = _seeded(_unavailable_refused(compiled))
    return Planned(
        plan=plan,
        kind=kind,
        version=None,
        template_id="",
        request={"input": wanted.input or {}},
        quotes=step_quotes(plan),
        warnings=compiled.warnings,
    )


def _unavailable_refused(compiled: Compiled) -> Plan:
    if compiled.plan is not None:
        return compiled.plan
    raise errors.InvalidInput(
        for_api(compiled.errors[0]),
        code="steps.invalid",
        details={"issues": [issue_to_json(issue) for issue in compiled.errors]},
    )


def refused_template(found: Collection[Issue], warnings: Collection[Issue] = ()) -> TemplateRefused:
    """The 422 of a template that does not compile, with its reasons in every place readers look."""
    reasons = {
        "compileErrors": [issue_to_json(issue) for issue in found],
        "compileWarnings": [issue_to_json(issue) for issue in warnings],
    }
    return TemplateRefused(
        "Workflow template could not be compiled",
        (*found, *warnings),
        code="template.not_compiled",
        number=4221,
        details=reasons,
        data=reasons,
        top=reasons,
    )


def _seeded(plan: Plan) -> Plan:
    """Give every seeded step a concrete seed now, so that a retry makes the same picture."""
    table = registry.table()

    def with_seed(step: PlanStep) -> PlanStep:
        tool = table.get(step.tool)
        if tool is None or not tool.seeded:
            return step
        asked = step.arguments.get("seed")
        if isinstance(asked, int) and not isinstance(asked, bool) and 0 <= asked < 2**63:
            return replace(step, seed=asked)
        return replace(step, seed=secrets.randbelow(SEEDS))

    return replace(plan, steps=tuple(with_seed(step) for step in plan.steps))


def _check_ceiling(planned: Planned, ceiling_milli: int | None, options: Mapping[str, Any]) -> None:
    estimate = sum(planned.quotes)
    if ceiling_milli is None or estimate <= ceiling_milli:
        return
    quote = pricing.quote_now(estimate, pricing.seconds_of(planned.plan), options)
    raise errors.InvalidInput(
        f"This would use about {costs.text_of(estimate)}, above your ceiling of"
        f" {costs.text_of(ceiling_milli)}. Raise max_estimated_capacity_units or drop a step.",
        code="cost.ceiling_exceeded",
        number=4224,
        details={
            "reason": "cost_ceiling_exceeded",
            "estimatedCapacityUnits": units(estimate),
            "maxEstimatedCapacityUnits": units(ceiling_milli),
            "billingPreview": pricing.preview(
                quote,
                pricing.lines(planned.plan, planned.quotes),
                ceiling_milli=ceiling_milli,
                template=pricing.template_of(planned.request),
            ),
        },
    )


def _reseeded(step: PlanStep, given: Mapping[str, int]) -> PlanStep:
    """The step with the seed given for it, else a new one; a batch's items with it."""
    if step.batch is not None:
        step = replace(step, batch=replace(step.batch, item=_reseeded(step.batch.item, given)))
    arguments = dict(step.arguments)
    if step.seed is None and "seed" not in arguments:
        return step
    seed = given[step.key] if step.key in given else secrets.randbelow(SEEDS)
    if "seed" in arguments:
        arguments["seed"] = seed
    return replace(step, seed=None if step.seed is None else seed, arguments=arguments)


def _reseeded_request(request: Mapping[str, Any], plan: Plan) -> dict[str, Any]:
    """The request with the plan's seeds, where its caller had written seeds into the steps."""
    written = deepcopy(dict(request))
    steps = (written.get("input") or {}).get("steps")
    if isinstance(steps, list) and len(steps) == len(plan.steps):
        for step, planned in zip(steps, plan.steps, strict=True):
            arguments = step.get("arguments") or step.get("args")
            if isinstance(arguments, dict) and "seed" in arguments and planned.seed is not None:
                arguments["seed"] = planned.seed
    return written


def _check_offered(plan: Plan, *, local_only: bool = False) -> None:
    table = registry.table()
    tools = {step.tool if step.batch is None else step.batch.item.tool for step in plan.steps}

    def is_offered(tool: str) -> bool:
        declared = table.get(tool)
        if not local_only or (declared is not None and declared.asks):
            return table.is_provided(tool)
        return registry.provider_for(tool, local_only=True) is not None

    missing = sorted(tool for tool in tools if not is_offered(tool))
    if missing:
        raise errors.InvalidInput(
            f"No provider offers {', '.join(missing)} on this server any more.",
            code="steps.invalid",
        )


def check_template_stands(run: Run, actor: Principal) -> None:
    """What a moderator took out of sight is not to be made again by those who ran it before."""
    template = run.template_version.template if run.template_version else run.draft_of
    if template is None or template.owner_id == actor.user.pk or template.moderation == "visible":
        return
    raise errors.Conflict("The template of this run was hidden by a moderator.")


def store(
    planned: Planned,
    actor: Principal,
    key: str | None,
    fingerprint: str,
    options: dict[str, Any],
    ceiling_milli: int | None,
) -> Started:
    """Write the run, or find the one that an equal request with the same key wrote meanwhile.

    Raises InsufficientCredit when it may not spend so much.
    """
    options = _with_first_quote(planned, options)
    try:
        run = _insert(planned, actor, key, fingerprint, options, ceiling_milli)
    except _LostRace:
        winner = earlier_start(actor, key or "", fingerprint, planned.endpoint)
        if winner is None:
            raise errors.Unavailable(retry_after_s=1) from None
        return Started(run=winner, replayed=True)
    return Started(run=run, replayed=False, warnings=planned.warnings)


def _with_first_quote(planned: Planned, options: Mapping[str, Any]) -> dict[str, Any]:
    """The run's options with what it was quoted: nothing of an earlier run that it repeats."""
    kept = {name: value for name, value in options.items() if name not in pricing.OPTIONS}
    seconds = pricing.seconds_of(planned.plan)
    return pricing.with_quote(kept, pricing.quote_now(sum(planned.quotes), seconds, kept))


def _insert(
    planned: Planned,
    actor: Principal,
    key: str | None,
    fingerprint: str,
    options: dict[str, Any],
    ceiling_milli: int | None,
) -> Run:
    """Write the run, its steps and edges, its first events and what it reserves, all or nothing."""
    plan_json = plan_to_json(planned.plan)
    estimate = sum(planned.quotes)
    has_name = planned.version is not None or planned.draft_of is not None
    slug = ids.slug(planned.plan.title).replace("-", "_") if has_name else planned.kind
    run = Run(
        public_id=ids.run_id(slug or "run"),
        owner=actor.user,
        api_key=actor.api_key,
        kind=planned.kind,
        title=planned.plan.title[:200],
        template_version=planned.version,
        request=planned.request,
        plan=plan_json,
        plan_format=planned.plan.format,
        media=plan_json["media"],
        options=options,
        estimated_milli=estimate,
        reserved_milli=0 if planned.asks_cost else estimate,
        ceiling_milli=ceiling_milli,
        cloned_from=planned.again,
        draft_of=planned.draft_of,
        priority=planned.priority,
    )
    status, follows = _first_state(run, planned)
    opening = (RunCreated(steps=len(planned.plan.steps), title=run.title), follows)
    with transaction.atomic():
        transitions.insert_run(run, status, opening)
        if key:
            _take_key(actor, key, fingerprint, run, planned.endpoint)
        steps = _insert_steps(run, planned)
        _open_cost(run, planned, actor)
        dispatch().hint([step.id for step in steps if step.status == states.READY])
        if not planned.asks_cost and any(_is_due(step) for step in planned.plan.steps):
            change = Change(run)
            advance.look_again(change)
            change.write()
        # Work of the server's own, such as previews, makes nothing popular. Last, as starts of one
        # template wait for each other here.
        if planned.published is not None and planned.priority >= 0:
            gallery_index.note_run(planned.published)
    return run


def _first_state(run: Run, planned: Planned) -> tuple[str, RunEvent]:
    """The first state of a new run and the event of it: queued, or asking what it may cost."""
    if not planned.asks_cost:
        return states.QUEUED, RunQueued()
    run.waiting_reason = states.COST_APPROVAL
    question = pricing.question(run.options)
    return states.WAITING_FOR_USER, RunWaiting(reason=states.COST_APPROVAL, question=question)


def _open_cost(run: Run, planned: Planned, actor: Principal) -> None:
    """Reserve what a new run will take, or ask for it; the first other row it locks."""
    estimate = run.estimated_milli
    if planned.asks_cost:
        said = {"message": pricing.question(run.options)}
        Wait.objects.create(run=run, reason=states.COST_APPROVAL, prompt=said)
    elif estimate:
        # Background work, such as `make previews`, is charged to no person.
        if planned.priority >= 0:
            costs.check_credit(actor, estimate)
        ledger.reserve(ref=f"run:{run.id}", user=actor.user, api_key=actor.api_key, milli=estimate)


def _take_key(actor: Principal, key: str, fingerprint: str, run: Run, endpoint: str) -> None:
    """Reserve the key for this run, or lose to the one who did before."""
    IdempotencyKey.objects.bulk_create(
        [
            IdempotencyKey(
                owner=actor.user, endpoint=endpoint, key=key, body_sha256=fingerprint, run=run
            )
        ],
        ignore_conflicts=True,
    )
    holder = IdempotencyKey.objects.get(owner=actor.user, endpoint=endpoint, key=key)
    if holder.run_id != run.id:
        raise _LostRace


def _insert_steps(run: Run, planned: Planned) -> list[Step]:
    new = (
        Step(
            run=run,
            owner_id=run.queue_owner_id,
            not_before=db_now(),
            key=step.key,
            sequence=step.sequence,
            kind=step.kind,
            tool=step.tool,
            wire_tool=step.wire_tool,
            title=step.title[:200],
            arguments=dict(step.arguments),
            on_error=step.on_error,
            condition=step.condition,
            late=[late_to_json(late) for late in step.late] or None,
            batch=None if step.batch is None else batch_to_json(step.batch),
            ask=step.ask,
            seed=step.seed,
            estimated_milli=milli,
        )
        for step, milli in zip(planned.plan.steps, planned.quotes, strict=True)
    )
    begin = (
        states.READY if _may_begin(step, planned) else states.PENDING for step in planned.plan.steps
    )
    steps = transitions.insert_steps(zip(new, begin, strict=True))
    by_key = {step.key: step.id for step in steps}
    gates = {step.key for step in planned.plan.steps if step.kind == "gate"}
    StepEdge.objects.bulk_create(
        StepEdge(
            step_id=by_key[step.key],
            source_id=by_key.get(binding.source),
            position=position,
            binding=binding_to_json(binding),
            # What is only looked for may be missing; and whether the stage before a gate is
            # needed, the need of that stage says.
            is_barrier=binding.barrier or not binding.required or binding.source in gates,
        )
        for step in planned.plan.steps
        for position, binding in enumerate(step.needs)
    )
    return steps


def _may_begin(step: PlanStep, planned: Planned) -> bool:
    """Whether a worker may take the step as soon as its run is stored."""
    return not (planned.asks_cost or _waits(step) or _is_due(step))


def _is_due(step: PlanStep) -> bool:
    """Whether the step is to be weighed, or to ask, before any other has ended."""
    asks = step.condition is not None or step.kind in ("wait", "gate")
    return asks and not _waits(step)


def _waits(step: PlanStep) -> bool:
    return any(binding.source != "$input_media" for binding in step.needs)
