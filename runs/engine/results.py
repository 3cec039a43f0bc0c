"""Keeping what a step made, or taking over what an earlier one made of the same.

Both become visible in one transaction, guarded by the claim: a worker that lost its lease meanwhile
leaves nothing behind. Files are safe on disk before it; those of a lost claim are swept later.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from accounts import storage
from core import clock
from media import blobs
from media.blobs import FileFacts, StoredFile
from media.origin import KEY, Origin, combined_origin, origin_named
from runs import states
from runs.billing import reservations
from runs.billing.units import credits_text, units
from runs.engine import advance, artifact_rows, claims, kept_results, result_cache, transitions
from runs.engine.claimed_step import Prepared
from runs.engine.claims import Claim
from runs.log.changes import RunChange, changing
from runs.log.events import (
    CostAboveQuote,
    StepCompleted,
    about,
)
from runs.models import Artifact, Run, Step
from tools import content_filter
from tools.declaration import cost
from tools.providers.base import NAMED_JOB, Outcome, OutputFile


@dataclass(frozen=True, slots=True)
class StoredOutput:
    """One result whose bytes are safe on disk, not yet known to anyone."""

    stored: StoredFile
    file: OutputFile


def store(file: OutputFile) -> StoredFile:
    facts = FileFacts(
        kind=file.kind,
        mime=file.mime,
        width=file.width,
        height=file.height,
        duration_ms=None if file.duration_s is None else round(file.duration_s * 1000),
    )
    return blobs.store(file.path, facts)


def cached_result(claim: Claim, work: Prepared) -> result_cache.CacheHit | None:
    """Return what an earlier step made of the same, where this run wants it."""
    options = claim.options
    if (hit := kept_results.kept_result(claim.step, options)) is not None:
        return hit
    kept_results.check_may_make(claim.step, options, work.provider)
    # What people ask to be made again is a stage, with all its items.
    stage = claim.step.stage_key
    if not options.reuse or stage in options.fresh:
        return None
    if claim.step.generation > 1:
        # Done once more on purpose.
        return None
    if work.job.job_ref is not None or NAMED_JOB in (work.job.paid_request or {}):
        # It is being worked on elsewhere already: that result is the one to wait for.
        return None
    if not work.key:
        return None
    run_id = claim.step.run_id
    hits = result_cache.lookup(claim.owner_id, [work.key], apart_from=run_id)
    if not hits:
        drafts = Run.objects.filter(pk=run_id).values("draft_of")
        hits = result_cache.lookup_shared(claim.owner_id, drafts, [work.key])
    return hits.get(work.key)


def take_over(
    claim: Claim, work: Prepared, hit: result_cache.CacheHit, take_next: bool
) -> tuple[bool, Claim | None]:
    """Complete the step with copies of an earlier step's artifacts: rows, not bytes.

    Returns whether the attempt is over, and the next claim. It goes on when the results were taken
    away meanwhile.
    """
    step = claim.step
    with changing(step.run_id) as change:
        # Read in this transaction: between the lookup and now a moderator may have hidden them, or
        # the person was removed from the template.
        rows = result_cache.artifacts_to_copy(hit, claim.owner_id)
        if rows is None:
            return False, None
        columns = ("provider", "result", "reuse_key")
        provider, result, reuse_key = Step.objects.values_list(*columns).get(id=hit.step_id)
        # What is kept was made with the arguments of its own run.
        is_kept = step.stage_key in claim.options.kept_stages
        params = {} if is_kept else {"params": dict(work.resolved.arguments)}
        copies = [artifact_rows.copy_of(row, step, row.position) for row in rows]
        is_complete = _complete(
            change,
            claim,
            lambda: copies,
            reused_from=hit.run,
            is_new=hit.owner_id != claim.owner_id,
            row={
                "resolved": _resolved_json(work),
                "provider": provider,
                "result": {**(result or {}), "tool": step.wire_tool, **params},
                "reuse_key": reuse_key,
                "reused_from": hit.origin_id,
            },
        )
        return True, _following(change, claim, 0, take_next) if is_complete else None


def keep(
    claim: Claim,
    work: Prepared,
    outcome: Outcome,
    outputs: Sequence[StoredOutput],
    take_next: bool,
) -> Claim | None:
    """Commit artifacts, events, ledger, dependants and perhaps the next claim, all at once."""
    step, provider = claim.step, work.provider
    actual, missing, warnings = _usage(work, outcome, step.estimated_milli)
    # Outside the transaction: files of a job that is attached to are gathered only now.
    reuse_key = work.key
    planner = claim.options.planned_by
    origins = [_origin(work, item.file, planner) for item in outputs]
    metadata = {
        "provider": provider.name,
        "provider_version": provider.version_of(work.tool.name, work.job.params),
    }
    if work.job.filtered:
        # What became of the wish is history: the settings may change.
        metadata["content_filter"] = content_filter.state_of(provider, work.tool, work.job.params)
    result = {
        "ok": True,
        "tool": step.wire_tool,
        "status": "completed",
        "params": dict(work.resolved.arguments),
        "warnings": warnings,
        "metadata": metadata,
        **outcome.values,
    }
    with changing(step.run_id) as change:
        is_complete = _complete(
            change,
            claim,
            lambda: _rows(claim, outputs, origins, planner),
            provider_id=provider.name,
            actual=actual,
            unbilled_milli=outcome.unbilled_milli or None,
            warnings=warnings,
            row={
                "resolved": _resolved_json(work),
                "provider": provider.name,
                "result": result,
                # A later run asks for all of it again, instead of taking over what is incomplete.
                "reuse_key": "" if missing else reuse_key,
                "reused_from": None,
            },
        )
        if not is_complete:
            return None
        if outcome.actual_milli is not None and actual > step.estimated_milli:
            above = CostAboveQuote(
                **about(step),
                provider=provider.name,
                units=units(actual),
                quoted=units(step.estimated_milli),
            )
            change.append(above, step_id=step.id, generation=step.generation)
        return _following(change, claim, actual, take_next)


def _usage(work: Prepared, outcome: Outcome, estimate: int) -> tuple[int, int, list[str]]:
    """Thousandths of a unit to charge, how many results did not come, and the result's warnings.

    Results that did not come are not charged, whichever provider was asked; a warning says so.
    """
    tool, came = work.tool, len(outcome.files)
    if tool.output is not None:
        came = sum(file.kind == tool.output for file in outcome.files)
    target = cost.count_of(tool, work.job.params) if tool.output is not None else came
    total = max(target, came + outcome.missing)
    actual = outcome.actual_milli
    if actual is None:
        actual = round(estimate * came / total) if total else estimate
    if came >= total:
        return actual, 0, list(outcome.warnings)
    warning = f"{came} of {total} results came. {_charge_text(actual, estimate)}"
    return actual, total - came, [warning, *outcome.warnings]


def _charge_text(actual: int, estimate: int) -> str:
    if actual >= estimate:
        return f"Charged: {credits_text(actual)}."
    return f"Charged: {credits_text(actual)} instead of {credits_text(estimate)}."


def _complete(
    change: RunChange,
    claim: Claim,
    rows_of: Callable[[], Sequence[Artifact]],
    *,
    row: Mapping[str, Any],
    actual: int = 0,
    unbilled_milli: int | None = None,
    provider_id: str = "",
    reused_from: str = "",
    is_new: bool = True,
    warnings: Sequence[str] = (),
) -> bool:
    """Complete the step with its artifacts. False: the claim was lost; nothing is kept.

    rows_of: its artifacts, not inserted yet. row: see `transitions.complete`. provider_id: of the
    one that did it now, for `actual` thousandths of a unit. is_new: the person had nothing with
    these bytes, which count as theirs from now on.
    """
    step = claim.step

    def complete() -> StepCompleted:
        rows = rows_of()
        _record(change, claim, rows, is_new=is_new)
        return StepCompleted(
            **about(step),
            artifact_ids=[row.public_id for row in rows],
            took_ms=clock.ms_since(claim.started_at),
            reused_from=reused_from,
            warnings=list(warnings) or None,
        )

    return transitions.complete(
        change,
        step,
        complete,
        attempt=claim.attempt,
        attempt_id=claim.attempt_id,
        worker=claim.worker,
        actual=actual,
        unbilled_milli=unbilled_milli,
        attempt_provider=provider_id,
        **row,
    )


def _following(change: RunChange, claim: Claim, actual: int, take_next: bool) -> Claim | None:
    """Apply what follows in the transaction in which a step completed: its price, dependants and
    perhaps the next claim."""
    reservations.charge(change, claim.step, claim.attempt, actual)
    takes_next = take_next and not change.run.is_background
    ready = advance.step_ended(change, claim.step, states.COMPLETED, takes_first=takes_next)
    return claims.claim_next(change, claim, ready) if takes_next else None


def _resolved_json(work: Prepared) -> dict[str, Any]:
    """Build `Step.resolved`: the arguments, and of media also the hashes that the key rests on."""
    shape = work.resolved.to_json()
    if work.hashes:
        shape["blobs"] = work.hashes
    return shape


def _origin(work: Prepared, file: OutputFile, planner: str) -> Origin:
    """Return the origin of a result: as its provider told it, and as its files were made."""
    base = origin_named(file.meta, "unknown" if work.provider.is_local else "ai")
    if base == "drawn" and planner:
        base = "planned"
    # Files that are gone by now can't say.
    files = () if work.hashes is None else work.job.media.values()
    return combined_origin(base, (one.origin for port in files for one in port))


def _rows(
    claim: Claim, outputs: Sequence[StoredOutput], origins: Sequence[Origin], planner: str
) -> list[Artifact]:
    """Artifacts of safe files, whose blobs are recorded by this."""
    step = claim.step
    # In one order everywhere, else two runs that make the same files could lock each other out.
    files = sorted(
        ((item.stored, origin) for item, origin in zip(outputs, origins, strict=True)),
        key=lambda pair: pair[0].sha256,
    )
    blob_by_hash = {file.sha256: blobs.record(file, origin) for file, origin in files}
    return [
        Artifact(
            run_id=step.run_id,
            step_id=step.id,
            generation=step.generation,
            position=position,
            kind=item.file.kind,
            blob=blob_by_hash[item.stored.sha256],
            meta={
                **item.file.meta,
                **({"fps": item.file.fps} if item.file.fps else {}),
                KEY: origin,
                **({"plannedBy": planner} if origin == "planned" and planner else {}),
            },
        )
        for position, (item, origin) in enumerate(zip(outputs, origins, strict=True))
    ]


def _record(change: RunChange, claim: Claim, rows: Sequence[Artifact], *, is_new: bool) -> None:
    """Insert artifacts, each with its event. is_new: they share no bytes of the person's own."""
    artifact_rows.insert(change, claim.step, rows)
    if is_new:
        size = sum(row.blob.size for row in rows)
        storage.add(change.run.owner_id, storage.ARTIFACTS, size)
