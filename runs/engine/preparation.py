"""What a claimed step works on: its tool, who does it, its arguments and its files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from core.errors import ProviderError
from core.raw_sql import Statement, from_json
from runs.engine import materials, result_cache
from runs.engine.assets import assets_of
from runs.engine.attempt_context import AttemptContext
from runs.engine.claims import Claim
from runs.engine.deferred import (
    BoundArguments,
    DeferredResolver,
    MediaChanged,
    deferred_of,
    deferred_values,
)
from runs.engine.resolve import resolve
from runs.engine.run_scope import RunScope
from runs.engine.transforms import Results
from runs.log.changes import RunGone, changing
from runs.models import Attempt, Run, Step
from runs.planning.resolved import Resolved
from templates_app.graph.plan_json import binding_from_json, media_from_json
from templates_app.graph.types import Binding
from tools import registry
from tools.declaration.arguments import fill_defaults
from tools.declaration.ports import Tool
from tools.providers.base import Job, Provider

_NEEDS = Statement(
    "SELECT binding FROM runs_stepedge WHERE step_id = %(step_id)s ORDER BY position"
)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A step with all that it works on. key: see `runs.engine.result_cache`."""

    tool: type[Tool]
    provider: Provider
    resolved: Resolved
    job: Job
    key: str


def prepare(context: AttemptContext, folder: Path) -> Prepared:
    step = context.claim.step
    table = registry.table()
    tool = table.get(step.tool)
    local_only = context.claim.is_background
    if tool is None or registry.provider_for(step.tool, local_only=local_only) is None:
        raise _unavailable(f"{registry.title_of(step.tool)} isn't available on this server.")
    resolved = _resolve(context, tool)
    context.resolved = resolved.to_json()
    params = fill_defaults(tool, resolved.arguments)
    if resolved.names_assets:
        params = Results(step.run_id).written(params)
    provider, job_ref = _who_does(context.claim, params)
    context.provider = provider.name
    job = Job(
        tool=step.tool,
        params=params,
        media=materials.gather(context, tool, resolved.media, folder) if resolved.media else {},
        assets=assets_of(step.run_id, step.sequence) if tool.reads_run else (),
        seed=step.seed,
        key=context.claim.provider_key,
        out=folder,
        job_ref=job_ref,
    )
    safe = context.claim.options.safe_content_filter
    key = result_cache.key_of_job(job, tool, provider, resolved, safe)
    return Prepared(tool, provider, resolved, job, key)


def _resolve(context: AttemptContext, tool: type[Tool]) -> Resolved:
    """The step's arguments with every binding's value, from what has been made so far."""
    step = context.claim.step
    needs = [binding_from_json(from_json(edge)) for (edge,) in _NEEDS.rows(step_id=step.id)]
    is_plain = not step.late and not any(need.target_argument for need in needs)
    if is_plain and not tool.ports():
        return Resolved(arguments=dict(step.arguments), media={})
    media = Run.objects.values_list("media", flat=True).filter(id=step.run_id).first()
    if media is None:
        raise RunGone()
    given = BoundArguments(step.arguments)
    if step.late:
        given, media = _bind_deferred(step, tool, needs, media)
    results = Results(step.run_id)
    resolved = resolve(
        tool=tool,
        arguments=given.arguments,
        sequence=step.sequence,
        needs=[*needs, *given.needs],
        media=[media_from_json(stored) for stored in media],
        outputs=materials.outputs_of(step.run_id),
        value_of=results,
    )
    return replace(resolved, names_assets=True) if given.names_assets else resolved


def _bind_deferred(
    step: Step, tool: type[Tool], needs: Sequence[Binding], media: Sequence[dict[str, Any]]
) -> tuple[BoundArguments, Sequence[dict[str, Any]]]:
    """The arguments that had to wait, and the run's media with those that they name."""
    values = deferred_values(deferred_of(step.late), RunScope(step.run_id))
    while True:
        resolver = DeferredResolver(media)
        given = resolver.bind(tool, step.arguments, needs, values)
        if not resolver.has_new_media:
            return given, media
        try:
            with changing(step.run_id) as change:
                resolver.store_media(change)
            return given, resolver.media
        except MediaChanged:
            media = Run.objects.values_list("media", flat=True).get(id=step.run_id)


def _who_does(claim: Claim, params: Mapping[str, Any]) -> tuple[Provider, Any]:
    """The provider to ask, and the job an earlier attempt submitted there.

    That provider is asked again, whichever is configured now: attaching to its job does not pay
    twice."""
    earlier = None if claim.is_background else _earlier_job(claim)
    if earlier is not None:
        name, job_ref = earlier
        provider = registry.provider_named(name)
        if provider is None:
            raise _unavailable(
                f"This job is running at {name}, which is no longer configured here."
            )
        Attempt.objects.filter(id=claim.attempt_id).update(provider=name, job_ref=job_ref)
        return provider, job_ref
    provider = registry.provider_for(claim.step.tool, params, local_only=claim.is_background)
    if provider is None:
        raise _unavailable(f"{registry.title_of(claim.step.tool)} isn't available on this server.")
    return provider, None


def _earlier_job(claim: Claim) -> tuple[str, Any] | None:
    """The job that an earlier attempt of this generation submitted, and where."""
    if claim.attempt == 1:
        return None
    earlier = Attempt.objects.filter(
        step_id=claim.step.id, generation=claim.step.generation, job_ref__isnull=False
    ).exclude(outcome="error")
    return earlier.order_by("-number").values_list("provider", "job_ref").first()


def _unavailable(message: str) -> ProviderError:
    return ProviderError(message, error_type="MODEL_UNAVAILABLE", retryable=False)
