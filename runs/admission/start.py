"""Starting a run: the body is read, planned, checked and stored, in that order."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import IntegrityError

from accounts.auth import Principal
from core import errors
from core.http import parse
from runs.admission import receivers, start_limits
from runs.admission.idempotency import fingerprint_of, request_key
from runs.admission.insert import insert_run
from runs.admission.new_run import NewRun, StartResult
from runs.admission.planning_limits import planning_limits
from runs.admission.reuse_forecast import identities_of
from runs.billing.estimates import seconds_of, step_quotes
from runs.models import Run
from runs.options import RunOptions, drafting, planning
from runs.planning.schemas import StartIn
from runs.planning.start_plan import Planned, check_form, plan_input, plan_template
from templates_app import selectors as templates
from templates_app.models import TemplateVersion
from templates_app.schemas import planner_of
from templates_app.uses import table_of
from tools import registry

ENDPOINT = "workflows"


@dataclass(frozen=True, slots=True)
class PinnedStart:
    """A start that the actor doesn't make in person: a guest does, or the rows of a table.

    version: of the template that the body names. beside: as in `NewRun`. payer: the owner of the
    allowance, where that is not the actor. unset: its inputs whose defaults don't hold. reuse: as
    in `RunOptions`. hits: sequences of steps that will most likely take over a stored result, for
    which nothing is reserved.
    """

    version: TemplateVersion
    beside: Callable[[Run], None]
    payer: Principal | None = None
    unset: Collection[str] = ()
    reuse: bool = False
    hits: Collection[int] = ()


@dataclass(frozen=True, slots=True)
class StartQuote:
    """Quote of a start. milli: thousandths of a unit. seconds: as of `estimates.seconds_of`.
    identities: those of steps that cost anything, see `planning.identities`, each with the price of
    its step, in thousandths of a unit, and the step's sequence."""

    milli: int
    seconds: float | None
    identities: tuple[tuple[str, int, int], ...]


def quote_start(
    *,
    actor: Principal,
    version: TemplateVersion,
    inputs: Mapping[str, Any],
    own_hosts: Sequence[str] = ("localhost",),
) -> StartQuote:
    """Plan a start of this version as `start_run` would, and store nothing. Raises as it does."""
    request = StartIn(template_id=version.template.public_id, inputs=dict(inputs))
    options = RunOptions()
    new = _plan(request, options, actor, own_hosts, version, is_background=False)
    identities = identities_of(new.plan, actor.user.pk, options)
    shares = tuple(
        (identities[step.key], milli, step.sequence)
        for step, milli in zip(new.plan.steps, new.quotes, strict=True)
        if milli and step.key in identities
    )
    return StartQuote(new.estimate, seconds_of(new.plan), shares)


def start_run(
    *,
    actor: Principal,
    body: Mapping[str, Any],
    key: str | None = None,
    token_type: str | None = None,
    app_source: str | None = None,
    own_hosts: Sequence[str] = ("localhost",),
    priority: int = 0,
    kind: str = "",
    planned_by: str = "",
    allowance: int | None = None,
    pin: PinnedStart | None = None,
) -> StartResult:
    """Plan and queue a run; a second call with the same actor and key returns the first run.

    body: the wire body of a start. key, token_type, app_source: from headers; a key in a header
    wins over the body's, the other two lose to it. own_hosts: hosts whose media URLs are ours.
    priority: below 0 is background work that no person asked for: a step at a time, only while no
    person waits for a step, and by providers on this machine alone. kind: of the run, where it is
    not the one that the body says. planned_by: the language model that wrote the body.
    allowance: the key of the row that the start is taken from, beside the actor's credit. pin:
    where the actor doesn't start it in person.
    Raises InvalidBody, InvalidInput, NotFound, Conflict. Nothing is stored when it raises.
    """
    body = {name: value for name, value in body.items() if value is not None}
    fingerprint = fingerprint_of(body, after=[token_type])
    request = parse(StartIn, body)
    own_key = request_key(actor, ENDPOINT, fingerprint, header=key, body=request.idempotency_key)
    if replay := own_key.replay():
        return StartResult(run=replay, replayed=True)
    start_limits.check_may_start(actor)
    options = RunOptions(
        token_type=request.token_type or _token_type(token_type),
        billing_mode=request.billing_mode,
        app_source=request.app_source or app_source,
        safe_content_filter=request.safe_content_filter,
        **drafting(request.drafts_by if request.quality == "draft" else ""),
        **planning(planned_by),
        **receivers.hearing(request.receiver, actor),
        **({"reuse": True} if pin is not None and pin.reuse else {}),
        **({"expected_hits": sorted(pin.hits)} if pin is not None and pin.hits else {}),
    )
    version = pin.version if pin is not None else None
    unset = pin.unset if pin is not None else ()
    is_background = priority < 0
    base = _plan(
        request, options, actor, own_hosts, version, is_background=is_background, unset=unset
    )
    new = replace(
        base,
        kind=kind or base.kind,
        priority=priority,
        awaits_approval=request.confirm_cost is False,
        ceiling_milli=None if request.max_units is None else round(request.max_units * 1000),
        allowance=allowance,
    )
    if pin is not None:
        # What it needs beyond its quote is for its payer to accept.
        steps = zip(new.plan.steps, new.quotes, strict=True)
        quotes = tuple(0 if step.sequence in pin.hits else milli for step, milli in steps)
        new = replace(new, quotes=quotes, ceiling_milli=new.estimate, beside=pin.beside)
    if priority < 0:
        start_limits.check_tools_offered(new.plan, person=actor.user.pk, local_only=True)
        quotes = step_quotes(new.plan, person=actor.user.pk, local_only=True)
        new = replace(new, quotes=quotes)
    start_limits.check_ceiling(new)
    try:
        return insert_run(new, actor, own_key, pin.payer if pin is not None else None)
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
    request: StartIn,
    options: RunOptions,
    actor: Principal,
    own_hosts: Sequence[str],
    version: TemplateVersion | None,
    *,
    is_background: bool,
    unset: Collection[str] = (),
) -> NewRun:
    """Plan what the start asks for, before anything but the plan is checked.

    version: of the template, else the one that the actor runs. is_background: it is the server's
    own work, so all that its providers offer counts. unset: inputs whose defaults don't hold.
    """
    check_form(request)
    person = None if is_background else actor.user.pk
    by = options.draft_by("")
    limits = planning_limits(own_hosts)
    if request.template_id is None:
        plan = plan_input(request, registry.table(person=person, draft=by), limits)
        return _new_run(plan, {"input": request.input or {}}, options, person)
    if version is None:
        template = templates.resolve(actor.user, request.template_id)
        version = templates.runnable_version(actor.user, template)
    else:
        template = version.template
    spec = templates.runnable_spec(version, own_hosts=own_hosts)
    if unset:
        rows = ({**row, "default": None} if row["name"] in unset else row for row in spec["inputs"])
        spec = {**spec, "inputs": list(rows)}
    tools = table_of(version, person=person, draft=by)
    plan = plan_template(request, spec, version.spec["name"], tools, limits)
    record = {"inputs": request.inputs or {}, "templateId": template.public_id}
    options = options.with_changes(**planning(planner_of(version.spec)))
    is_published = template.published_id == version.pk
    return replace(
        _new_run(plan, record, options, person),
        version=version,
        published_id=template.pk if is_published else None,
    )


def _new_run(
    start_plan: Planned, record: dict[str, Any], options: RunOptions, person: int | None
) -> NewRun:
    return NewRun(
        plan=start_plan.plan,
        kind=start_plan.kind,
        request=record,
        quotes=step_quotes(start_plan.plan, person=person, options=options),
        options=options,
        warnings=start_plan.warnings,
    )
