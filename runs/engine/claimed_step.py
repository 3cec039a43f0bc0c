"""The work of a claimed step: its tool, who does it, its arguments and its files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from django.conf import settings

from core import clock
from core.errors import ProviderError, ProviderUnsure
from runs.engine import (
    input_files,
    kept_results,
    limits,
    paid_requests,
    remote_jobs,
    result_cache,
)
from runs.engine.assets import assets_of, scopes_of
from runs.engine.attempt_context import AttemptContext
from runs.engine.claims import Claim
from runs.engine.deferred import (
    BoundArguments,
    DeferredResolver,
    MediaChanged,
    deferred_of,
    deferred_values,
)
from runs.engine.input_files import LazyMedia
from runs.engine.paid_requests import PaidRequest
from runs.engine.resolve import resolve
from runs.engine.routing import NotHere, lanes_of, provider_of, route_to, unavailable
from runs.engine.run_scope import RunScope
from runs.engine.transforms import Results
from runs.log.changes import RunGone, changing
from runs.models import Attempt, Run, Step
from runs.planning.resolved_plan import Resolved, resolved_from_json
from templates_app.graph.plan_json import binding_from_json, media_from_json, scopes_from_json
from templates_app.graph.types import Binding
from tools import registry
from tools.declaration.arguments import fill_defaults
from tools.declaration.ports import Tool
from tools.providers.base import Job, MediaFile, Provider


@dataclass(frozen=True)
class Prepared:
    """A step with all that it works on."""

    tool: type[Tool]
    provider: Provider
    resolved: Resolved
    job: Job

    @cached_property
    def key(self) -> str:
        """See `runs.engine.result_cache`."""
        if self.hashes is None:
            return ""
        return result_cache.key_of_job(self.job, self.tool, self.provider, self.resolved)

    @cached_property
    def hashes(self) -> dict[str, list[str]] | None:
        """The hashes of its media by port. None: some are gone by now, which does not take away
        what an earlier attempt was told to make of them."""
        try:
            return {port: [file.sha256 for file in files] for port, files in self.job.media.items()}
        except ProviderError:
            return None


def prepare(context: AttemptContext, folder: Path) -> Prepared:
    claim, step = context.claim, context.claim.step
    table = registry.table()
    tool = table.get(step.tool)
    earlier = None if claim.is_background else _earlier_job(claim)
    if tool is None:
        raise unavailable(step.tool)
    request = None
    if earlier is None and claim.attempt > 1 and not claim.is_background:
        request = paid_requests.open_request(step.id, step.generation)
    is_asked = earlier is not None or request is not None
    if not is_asked:
        _new_provider(claim, {})
    # Its provider knows already what it is to make.
    resolved_call = _resolved_before(claim) if is_asked else None
    if resolved_call is None:
        resolved_call = _resolve(context, tool)
    context.resolved = resolved_call.to_json()
    params = fill_defaults(tool, resolved_call.arguments)
    if resolved_call.names_assets:
        params = Results(step.run_id).write_out(params)
    provider = (
        _who_does(claim, params, earlier)
        if request is None
        else _provider_to_repeat(context, request)
    )
    context.provider = provider.name
    context.job_ref = earlier.job_ref if earlier is not None else None
    media: Mapping[str, tuple[MediaFile, ...]] = {}
    if resolved_call.media:
        media = LazyMedia(lambda: input_files.gather(context, tool, resolved_call.media, folder))
        if earlier is None:
            media = dict(media)
    draft_by = claim.options.draft_by(step.stage_key)
    job = Job(
        tool=step.tool,
        params=params,
        media=media,
        assets=assets_of(step) if tool.reads_run else (),
        seed=step.seed,
        key=claim.provider_key,
        out=folder,
        job_ref=context.job_ref,
        age_s=earlier.age_s() if earlier is not None else 0.0,
        paid_request=request.content if request is not None else None,
        paid_request_age_s=request.age_s() if request is not None else 0.0,
        resends=paid_requests.resends(step.id, step.generation) if claim.attempt > 1 else 0,
        webhook_url=_webhook_url(provider),
        webhook_job_id=_webhook_job_id(step.id, provider, request, earlier),
        filtered=claim.options.safe_content_filter,
        draft=registry.draws_own(provider, step.tool, params, draft_by),
    )
    return Prepared(
        tool, provider, resolved_call, _finishing(job, claim, tool, provider, resolved_call)
    )


def _finishing(
    job: Job, claim: Claim, tool: type[Tool], provider: Provider, resolved_call: Resolved
) -> Job:
    """Return the job with the drafts that it makes final: those of the run before, if they were
    drawn by this provider of all the same."""
    before, drafts = kept_results.drafts_to_finish(claim.step, claim.options)
    if not drafts:
        return job
    if job.job_ref is None and job.paid_request is None:
        draft_key = result_cache.key_of_job(replace(job, draft=True), tool, provider, resolved_call)
        if draft_key != before.reuse_key:
            return job
    return replace(job, drafts=drafts)


def _resolved_before(claim: Claim) -> Resolved | None:
    """The arguments as the look before, or an earlier attempt of this generation, was given."""
    resolved_json = (
        claim.look.resolved
        if claim.look is not None
        else Step.objects.values_list("resolved", flat=True).get(id=claim.step.id)
    )
    return None if resolved_json is None else resolved_from_json(resolved_json)


def _resolve(context: AttemptContext, tool: type[Tool]) -> Resolved:
    """The step's arguments with every binding's value, from what has been made so far."""
    step = context.claim.step
    needs = [binding_from_json(need) for need in context.claim.needs]
    is_plain = not step.late and not any(need.target_argument for need in needs)
    if is_plain and not tool.ports():
        return Resolved(arguments=dict(step.arguments), media={})
    run = Run.objects.values_list("media", "plan__scopes").filter(id=step.run_id).first()
    if run is None:
        raise RunGone()
    media, plan_scopes = run[0], scopes_from_json(run[1])
    call = BoundArguments(step.arguments)
    if step.late:
        call, media = _bind_deferred(step, tool, needs, media)
    results = Results(step.run_id)
    scopes = scopes_of(step, plan_scopes)
    sources = [*needs, *(medium for one in scopes for medium in one.media)]
    resolved_call = resolve(
        tool=tool,
        arguments=call.arguments,
        sequence=step.sequence,
        needs=[*needs, *call.needs],
        media=[media_from_json(entry) for entry in media],
        outputs=input_files.outputs_of(step.run_id, plan_scopes, sources),
        scopes=scopes,
        item_index=step.item_index,
        value_of=results,
    )
    return replace(resolved_call, names_assets=True) if call.names_assets else resolved_call


def _bind_deferred(
    step: Step, tool: type[Tool], needs: Sequence[Binding], media: Sequence[dict[str, Any]]
) -> tuple[BoundArguments, Sequence[dict[str, Any]]]:
    """The arguments that had to wait, and the run's media with those that they name."""
    values = deferred_values(deferred_of(step.late), RunScope(step.run_id))
    while True:
        resolver = DeferredResolver(media)
        call = resolver.bind(tool, step.arguments, needs, values)
        if not resolver.has_new_media:
            return call, media
        try:
            with changing(step.run_id) as change:
                resolver.store_media(change)
            return call, resolver.media
        except MediaChanged:
            media = Run.objects.values_list("media", flat=True).get(id=step.run_id)


@dataclass(frozen=True, slots=True)
class _EarlierJob:
    """A job that is at a provider, as `remember` was told, and when it was first sent."""

    provider: str
    job_ref: Mapping[str, Any]
    submitted_at: datetime | None

    def age_s(self) -> float:
        """0 at least: clocks of two machines differ."""
        if self.submitted_at is None:
            return 0.0
        return max(0.0, (clock.now() - self.submitted_at).total_seconds())


def _who_does(claim: Claim, params: Mapping[str, Any], earlier: _EarlierJob | None) -> Provider:
    """The provider to ask. Where a job was submitted that one is asked again, whichever is
    configured now: attaching to its job does not pay twice."""
    if earlier is not None:
        provider = registry.provider_named(earlier.provider)
        if provider is None:
            raise ProviderError(
                f"Its job is at {earlier.provider}, which was removed from this server. Run it"
                " again to have another provider do it, or ask the operator to set it up again"
                " first.",
                error_type="MODEL_UNAVAILABLE",
                retryable=False,
            )
        if claim.look is None:
            _check_lane(claim, provider)
            claim.open_attempt().update(provider=provider.name, job_ref=earlier.job_ref)
        return provider
    provider = _new_provider(claim, params)
    _check_lane(claim, provider)
    return provider


def _webhook_url(provider: Provider) -> str:
    """Return the address of the provider's webhooks; "" where no service can reach this server."""
    if not (settings.PUBLIC_URL and provider.takes_webhooks):
        return ""
    return f"{settings.PUBLIC_URL}{remote_jobs.path_of(provider.name)}"


def _webhook_job_id(
    step_id: int, provider: Provider, request: PaidRequest | None, earlier: _EarlierJob | None
) -> str:
    """Return what a webhook called the job of a request that had no answer."""
    content = request.content if request is not None else earlier.job_ref if earlier else {}
    token = content.get("token")
    return remote_jobs.job_of_token(step_id, provider.name, str(token)) if token else ""


def _provider_to_repeat(context: AttemptContext, request: PaidRequest) -> Provider:
    """Return the provider that may have taken an earlier request. Another one would be paid, too.

    Raises ProviderUnsure where the request can't be repeated: its provider is gone, or no longer
    knows it.
    """
    claim = context.claim
    provider = registry.provider_named(request.provider)
    is_blind = paid_requests.is_blind(provider, claim.step.id, claim.step.generation)
    if provider is None or (is_blind and not request.names_job):
        context.provider = request.provider
        title = (provider.title if provider is not None else "") or request.provider
        raise ProviderUnsure(f"This was sent to {title} before, and no answer came.")
    _check_lane(claim, provider)
    return provider


def _new_provider(claim: Claim, params: Mapping[str, Any]) -> Provider:
    """Choose who is to do it, of those whom the run's owner may use now."""
    return provider_of(
        claim.step.tool,
        params,
        person=claim.owner_id,
        local_only=claim.is_background,
        draft=claim.options.draft_by(claim.step.stage_key),
    )


def _check_lane(claim: Claim, provider: Provider) -> None:
    """Raises NotHere when the provider is not this worker's to ask, or was not asked for leave."""
    route = route_to(provider)
    is_expected = provider.name == claim.step.assigned_provider
    # The claim has counted it against the limits of the provider that was assigned then.
    is_counted = is_expected or not limits.is_limited(provider.name)
    if not is_counted or (route.label, provider.name) not in lanes_of(claim.labels):
        raise NotHere(route)


def _earlier_job(claim: Claim) -> _EarlierJob | None:
    """The job of a look, or the one that an earlier attempt of this generation submitted."""
    if (look := claim.look) is not None:
        return _EarlierJob(look.provider, look.job_ref, look.submitted_at)
    if claim.attempt == 1:
        return None
    attempts = Attempt.objects.filter(
        step_id=claim.step.id, generation=claim.step.generation, job_ref__isnull=False
    ).order_by("number")
    jobs: list[tuple[str, Any, datetime | None]] = []
    for attempt in attempts.only("outcome", "provider", "job_ref", "submitting_at"):
        jobs.append((attempt.provider, attempt.job_ref, attempt.submitting_at))
        if attempt.outcome == "error":
            # Its job is over, whichever earlier attempt was told of it first.
            jobs.clear()
    if not jobs:
        return None
    provider, job_ref, _ = jobs[-1]
    submit_times = [submitted_at for _, _, submitted_at in jobs if submitted_at is not None]
    return _EarlierJob(provider, job_ref or {}, min(submit_times, default=None))
