"""Doing one step: resolve, gather, call the provider, keep what it made, go on.

Where its run allows it, a step takes over what an earlier one made of the same instead.

The provider is called outside any transaction. What it made becomes visible in one transaction,
guarded by the attempt: a worker that lost its lease meanwhile leaves nothing behind.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from accounts import storage
from core import clock, outages
from core.errors import ProviderError, ProviderHolds, ProviderUnsure
from core.raw_sql import Statement, from_json
from media import blobs
from media.blobs import Facts, StoredFile
from runs import states
from runs.billing import reservations
from runs.billing.units import credits_text
from runs.engine import advance, failure_handling, lease, materials, result_cache, transitions
from runs.engine.assets import assets_of
from runs.engine.attempt_context import Heart, Work
from runs.engine.deferred import Given, MediaMoved, Reader, filled, lates_of
from runs.engine.expand import expand
from runs.engine.lease import Claim
from runs.engine.resolve import resolve
from runs.engine.run_scope import World
from runs.engine.transforms import Results
from runs.log.changes import Change, RunGone, changing
from runs.log.events import ArtifactCreated, StepCompleted, about, artifact_facts
from runs.models import Artifact, Attempt, Run, Step
from runs.planning.resolved import Resolved
from templates_app.graph.assemble import kinds_made
from templates_app.graph.plan_json import binding_from_json, media_from_json
from templates_app.graph.types import Binding
from tools import registry
from tools.completion import completed
from tools.declaration import cost
from tools.declaration.arguments import fill_defaults
from tools.declaration.ports import Tool
from tools.providers.base import Job, Outcome, OutputFile, Provider, Stopped

logger = logging.getLogger(__name__)

_NEEDS = Statement(
    "SELECT binding FROM runs_stepedge WHERE step_id = %(step_id)s ORDER BY position"
)
_END_ATTEMPT = Statement(
    """
    UPDATE runs_attempt SET ended_at = %(now)s, outcome = 'done', actual_milli = %(actual)s,
        provider = %(provider)s
    WHERE id = %(id)s
    """
)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A step with all that it works on. key: see `runs.engine.result_cache`."""

    tool: type[Tool]
    provider: Provider
    resolved: Resolved
    job: Job
    key: str


@dataclass(frozen=True, slots=True)
class Made:
    """One result whose bytes are safe on disk, not yet known to anyone."""

    stored: StoredFile
    file: OutputFile


def execute(claim: Claim, heart: Heart, *, go_on: bool = True) -> Claim | None:
    """Work on a claimed step to its end. Returns the claim of a step it readied, if it took one.

    go_on: whether to take the next ready step of this run at once. Raises what a database raises
    that is away or too busy: then nothing is known against the step.
    """
    with lease.in_logs(claim):
        return _execute(claim, heart, go_on)


def _execute(claim: Claim, heart: Heart, go_on: bool) -> Claim | None:
    work = Work(claim)
    heart.hold(work)
    folder: Path | None = None
    try:
        if claim.step.kind == "expand":
            return expand(claim, go_on=go_on)
        folder = blobs.attempt_dir(f"{claim.step.id}-{claim.attempt}")
        prepared = _prepare(work, folder)
        earlier = _earlier_result(claim, prepared)
        if earlier is not None:
            work.check()
            is_over, following = _take_over(claim, prepared, earlier, go_on)
            if is_over:
                return following
        outcome = _perform(work, prepared)
        made = [Made(_store(file), file) for file in outcome.files]
        work.check()
        return _keep(claim, prepared, outcome, made, go_on)
    except (Stopped, RunGone):
        # Anyone who stopped it has written down why; our output is dropped with the folder.
        logger.info("stopped")
    except ProviderHolds as error:
        failure_handling.hold(claim, error, work.provider)
    except ProviderUnsure as error:
        failure_handling.unsure(claim, error, work.provider)
    except ProviderError as error:
        failure_handling.give_up(claim, error, work.provider)
    except OSError as error:
        if outages.kind_of(error):
            # Not a failure of the step, which would soon have used up its attempts.
            raise
        logger.exception("the disk failed")
        short = ProviderError(f"The disk failed: {error.strerror}.", error_type="UNKNOWN_ERROR")
        failure_handling.give_up(claim, short, work.provider)
    except Exception as error:
        if outages.kind_of(error):
            # Nothing is known against the step: the worker lets go of it, another tries.
            raise
        logger.exception("the step broke on our side")
        broken = ProviderError(
            "Something went wrong on our side. The server log has details.",
            code="step.internal",
            retryable=False,
        )
        failure_handling.give_up(claim, broken, work.provider)
    finally:
        heart.hold(None)
        if folder is not None:
            blobs.discard(folder)
    return None


def _prepare(work: Work, folder: Path) -> Prepared:
    step = work.claim.step
    table = registry.table()
    tool = table.get(step.tool)
    local_only = work.claim.is_background
    if tool is None or registry.provider_for(step.tool, local_only=local_only) is None:
        raise _unavailable(f"{registry.title_of(step.tool)} isn't available on this server.")
    resolved = _resolve(work, tool)
    work.resolved = resolved.to_json()
    params = fill_defaults(tool, resolved.arguments)
    if resolved.names_assets:
        params = Results(step.run_id).written(params)
    provider, job_ref = _who_does(work.claim, params)
    work.provider = provider.name
    job = Job(
        tool=step.tool,
        params=params,
        media=materials.gather(work, tool, resolved.media, folder) if resolved.media else {},
        assets=assets_of(step.run_id, step.sequence) if tool.reads_run else (),
        seed=step.seed,
        key=work.claim.provider_key,
        out=folder,
        job_ref=job_ref,
    )
    safe = work.claim.options.get("safe_content_filter", True) is not False
    key = result_cache.key_of_job(job, tool, provider, resolved, safe)
    return Prepared(tool, provider, resolved, job, key)


def _perform(work: Work, prepared: Prepared) -> Outcome:
    """What the provider makes of the job. A failure from here on is the provider's."""
    try:
        return _asked(work, prepared)
    except ProviderError as error:
        error.provider = prepared.provider.name
        raise


def _asked(work: Work, prepared: Prepared) -> Outcome:
    provider, job = prepared.provider, prepared.job
    outcome = completed(prepared.tool, job, provider.run(job, work), work)
    unannounced = {file.kind for file in outcome.files} - kinds_made(prepared.tool, job.params)
    if unannounced:
        # Steps that read this kind did not wait for this one: keeping it would make what they see
        # depend on who is quicker.
        raise ProviderError(
            f"{provider.name} answered {job.tool} with {', '.join(sorted(unannounced))}, which"
            " that tool does not make.",
            retryable=False,
        )
    return outcome


def _resolve(work: Work, tool: type[Tool]) -> Resolved:
    """The step's arguments with every binding's value, from what has been made so far."""
    step = work.claim.step
    needs = [binding_from_json(from_json(edge)) for (edge,) in _NEEDS.rows(step_id=step.id)]
    is_plain = not step.late and not any(need.target_argument for need in needs)
    if is_plain and not tool.ports():
        return Resolved(arguments=dict(step.arguments), media={})
    media = Run.objects.values_list("media", flat=True).filter(id=step.run_id).first()
    if media is None:
        raise RunGone()
    given = Given(step.arguments)
    if step.late:
        given, media = _read_late(step, tool, needs, media)
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


def _read_late(
    step: Step, tool: type[Tool], needs: Sequence[Binding], media: Sequence[dict[str, Any]]
) -> tuple[Given, Sequence[dict[str, Any]]]:
    """The arguments that had to wait, and the run's media with those that they name."""
    values = filled(lates_of(step.late), World(step.run_id))
    while True:
        reader = Reader(media)
        given = reader.given(tool, step.arguments, needs, values)
        if not reader.grew:
            return given, media
        try:
            with changing(step.run_id) as change:
                reader.keep(change)
            return given, reader.media
        except MediaMoved:
            media = Run.objects.values_list("media", flat=True).get(id=step.run_id)


def _who_does(claim: Claim, params: Mapping[str, Any]) -> tuple[Provider, Any]:
    """Who is asked, and the job an earlier attempt submitted there, to attach to it instead of
    paying twice: that one is asked again, anyone who is chosen by now."""
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


def _store(file: OutputFile) -> StoredFile:
    facts = Facts(
        kind=file.kind,
        mime=file.mime,
        width=file.width,
        height=file.height,
        duration_ms=None if file.duration_s is None else round(file.duration_s * 1000),
    )
    return blobs.store(file.path, facts)


def _earlier_result(claim: Claim, prepared: Prepared) -> result_cache.Earlier | None:
    """What an earlier step made of the same, where this run wants it."""
    options = claim.options
    # What people ask to be made again is a stage, with all its items.
    stage = (claim.step.batch or {}).get("stage", claim.step.key)
    if not prepared.key or not options.get("reuse") or stage in options.get("fresh", ()):
        return None
    if claim.step.generation > 1:
        # Done once more on purpose.
        return None
    if prepared.job.job_ref is not None:
        # A lost attempt is being worked on elsewhere already: its result is the one to wait for.
        return None
    found = result_cache.find(claim.owner_id, [prepared.key], apart_from=claim.step.run_id)
    return found.get(prepared.key)


def _take_over(
    claim: Claim, prepared: Prepared, earlier: result_cache.Earlier, go_on: bool
) -> tuple[bool, Claim | None]:
    """Complete the step with copies of an earlier step's artifacts: rows, not bytes.

    Returns whether the attempt is over, and the next claim. It goes on when the results were taken
    away meanwhile.
    """
    step = claim.step
    with changing(step.run_id) as change:
        rows = result_cache.artifacts_to_copy(earlier)
        if rows is None:
            return False, None
        stored = Step.objects.values_list("provider", "result").get(id=earlier.step_id)
        provider, result = stored
        copies = [
            Artifact(
                run_id=step.run_id,
                step_id=step.id,
                generation=step.generation,
                position=row.position,
                kind=row.kind,
                blob=row.blob,
                meta=row.meta,
            )
            for row in rows
        ]
        kept = _complete(
            change,
            claim,
            lambda: copies,
            reused_from=earlier.run,
            row={
                "resolved": _resolved_json(prepared),
                "provider": provider,
                "result": {
                    **(result or {}),
                    "tool": step.wire_tool,
                    "params": dict(prepared.resolved.arguments),
                },
                "reuse_key": prepared.key,
                "reused_from": earlier.origin_id,
            },
        )
        return True, _following(change, claim, 0, go_on) if kept else None


def _keep(
    claim: Claim, prepared: Prepared, outcome: Outcome, made: Sequence[Made], go_on: bool
) -> Claim | None:
    """Commit artifacts, events, ledger, dependants and perhaps the next claim, all at once."""
    step, provider = claim.step, prepared.provider
    actual, missing, warnings = _used(prepared, outcome, step.estimated_milli)
    result = {
        "ok": True,
        "tool": step.wire_tool,
        "status": "completed",
        "params": dict(prepared.resolved.arguments),
        "warnings": warnings,
        "metadata": {"provider": provider.name, "provider_version": provider.version},
        **outcome.values,
    }
    with changing(step.run_id) as change:
        kept = _complete(
            change,
            claim,
            lambda: _rows(claim, made),
            asked=provider.name,
            actual=actual,
            warnings=warnings,
            row={
                "resolved": _resolved_json(prepared),
                "provider": provider.name,
                "result": result,
                # A later run asks for all of it again, instead of taking over what is incomplete.
                "reuse_key": "" if missing else prepared.key,
                "reused_from": None,
            },
        )
        return _following(change, claim, actual, go_on) if kept else None


def _used(prepared: Prepared, outcome: Outcome, estimated: int) -> tuple[int, int, list[str]]:
    """Thousandths of a unit to charge, how many results did not come, and the result's warnings.

    Results that did not come are not charged, whichever provider was asked; a warning says so.
    """
    tool, came = prepared.tool, len(outcome.files)
    if tool.output is not None:
        came = sum(file.kind == tool.output for file in outcome.files)
    counted = cost.count_of(tool, prepared.job.params) if tool.output is not None else came
    wanted = max(counted, came + outcome.missing)
    actual = outcome.actual_milli
    if actual is None:
        actual = round(estimated * came / wanted) if wanted else estimated
    if came >= wanted:
        return actual, 0, list(outcome.warnings)
    said = f"{came} of {wanted} results came. {_charged(actual, estimated)}"
    return actual, wanted - came, [said, *outcome.warnings]


def _charged(actual: int, estimated: int) -> str:
    if actual >= estimated:
        return f"Charged: {credits_text(actual)}."
    return f"Charged: {credits_text(actual)} instead of {credits_text(estimated)}."


def _complete(
    change: Change,
    claim: Claim,
    rows_of: Callable[[], Sequence[Artifact]],
    *,
    row: Mapping[str, Any],
    actual: int = 0,
    asked: str = "",
    reused_from: str = "",
    warnings: Sequence[str] = (),
) -> bool:
    """Complete the step with its artifacts. False: the claim was lost; nothing is kept.

    rows_of: its artifacts, not inserted yet. row: see `transitions.complete`. asked: the provider
    that did it now, for `actual` thousandths of a unit.
    """
    step = claim.step

    def completed() -> StepCompleted:
        _END_ATTEMPT.run(id=claim.attempt_id, now=clock.now(), actual=actual, provider=asked)
        rows = rows_of()
        _record(change, claim, rows, reused_from=reused_from)
        return StepCompleted(
            **about(step),
            artifact_ids=[row.public_id for row in rows],
            took_ms=clock.ms_since(claim.started_at),
            reused_from=reused_from,
            warnings=list(warnings) or None,
        )

    return transitions.complete(
        change, step, completed, attempt=claim.attempt, worker=claim.worker, **row
    )


def _following(change: Change, claim: Claim, actual: int, go_on: bool) -> Claim | None:
    """What follows in the transaction in which a step completed: its price, dependants and
    perhaps the next claim."""
    reservations.charge(change, claim.step, claim.attempt, actual)
    ready = advance.step_ended(change, claim.step, states.COMPLETED)
    return lease.claim_next(change, claim, ready) if go_on else None


def _resolved_json(prepared: Prepared) -> dict[str, Any]:
    """For `Step.resolved`: the arguments, and of media also the hashes that the key rests on."""
    shape = prepared.resolved.to_json()
    if prepared.job.media:
        shape["blobs"] = {
            port: [file.sha256 for file in files] for port, files in prepared.job.media.items()
        }
    return shape


def _rows(claim: Claim, made: Sequence[Made]) -> list[Artifact]:
    """Artifacts of safe files, whose blobs are recorded by this."""
    step = claim.step
    # In one order everywhere, else two runs that make the same files could lock each other out.
    stored = sorted((item.stored for item in made), key=lambda file: file.sha256)
    kept = {file.sha256: blobs.record(file) for file in stored}
    return [
        Artifact(
            run_id=step.run_id,
            step_id=step.id,
            generation=step.generation,
            position=position,
            kind=item.file.kind,
            blob=kept[item.stored.sha256],
            meta={**item.file.meta, **({"fps": item.file.fps} if item.file.fps else {})},
        )
        for position, item in enumerate(made)
    ]


def _record(
    change: Change, claim: Claim, rows: Sequence[Artifact], *, reused_from: str = ""
) -> None:
    """Insert artifacts, each with its event. reused_from: the run whose results they copy."""
    step = claim.step
    Artifact.objects.bulk_create(rows)
    if not reused_from:
        # Copies share the bytes of the step that made them.
        size = sum(row.blob.size for row in rows)
        storage.add(change.run.owner_id, storage.ARTIFACTS, size)
    for row in rows:
        change.append(
            ArtifactCreated(**about(step), artifact=artifact_facts(row)),
            step_id=step.id,
            generation=step.generation,
        )
