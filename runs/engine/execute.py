"""Doing one step: resolve, gather, call the provider, keep what it made, go on.

Where its run allows it, a step takes over what an earlier one made of the same instead.

The provider is called outside any transaction. What it made becomes visible in one transaction,
guarded by the attempt: a worker that lost its lease meanwhile leaves nothing behind.
"""

from __future__ import annotations

import logging
from pathlib import Path

from core import media_folder, outages
from core.errors import (
    MediaFolderAway,
    ProviderError,
    ProviderHolds,
    ProviderRefused,
    ProviderUnsure,
)
from media import blobs, sandbox
from media.blobs import StoredFile
from runs.engine import (
    claimed_step,
    claims,
    content_check,
    cost_checks,
    failure_handling,
    remote_job_waits,
    rerouting,
    results,
    step_kinds,
)
from runs.engine.attempt_context import AttemptContext, LeaseRenewer
from runs.engine.claimed_step import Prepared
from runs.engine.claims import Claim
from runs.engine.expand import expand
from runs.engine.routing import NotHere
from runs.log.changes import RunGone
from templates_app.graph.port_arguments import kinds_made
from tools import registry
from tools.providers.base import Outcome, OutputFile, Parked, Stopped
from tools.result_completion import complete

logger = logging.getLogger(__name__)


def execute(claim: Claim, renewer: LeaseRenewer, *, take_next: bool = True) -> Claim | None:
    """Work on a claimed step to its end. Returns the claim of a step it readied, if it took one.

    take_next: whether to take the next ready step of this run at once. Raises the errors of a
    database that is away or too busy: then nothing is known against the step.
    """
    with claims.in_logs(claim):
        return _execute(claim, renewer, take_next)


def _execute(claim: Claim, renewer: LeaseRenewer, take_next: bool) -> Claim | None:
    context = AttemptContext(claim)
    renewer.keep_alive(context)
    folder: Path | None = None
    try:
        if claim.step.kind == "expand":
            return expand(claim, take_next=take_next)
        if (executor := step_kinds.executor_of(claim.step.kind)) is not None:
            return executor.execute(context, take_next=take_next)
        provider = registry.provider_named(claim.step.assigned_provider)
        if provider is not None and provider.uses_sandbox:
            # Its imports go on while the job is put together.
            sandbox.prewarm()
        folder = blobs.attempt_dir(f"{claim.step.id}-{claim.attempt}")
        setup = claimed_step.prepare(context, folder)
        hit = results.cached_result(claim, setup)
        if hit is not None:
            context.check()
            is_over, following = results.take_over(claim, setup, hit, take_next)
            if is_over:
                return following
        if not cost_checks.may_ask(claim, setup):
            return None
        outcome = _perform(context, setup)
        outputs = [results.StoredOutput(_store(context, file), file) for file in outcome.files]
        context.check()
        following = results.keep(claim, setup, outcome, outputs, take_next)
        blobs.give_back(folder)
        folder = None
        return following
    except (Stopped, RunGone):
        # Anyone who stopped it has written down why; our output is dropped with the folder.
        logger.info("stopped")
    except NotHere as error:
        rerouting.put_back(claim, error.route)
    except Parked as pause:
        remote_job_waits.park(context, pause)
    except ProviderHolds as error:
        failure_handling.pause_for_approval(claim, error, context.provider)
    except ProviderUnsure as error:
        failure_handling.on_ambiguous_result(claim, error, context.provider)
    except ProviderError as error:
        # What failed for want of the media folder says nothing against the step.
        media_folder.check()
        _handle_failure(context, error)
    except blobs.BlockedFile as refusal:
        # It was completed in the transaction that this took back.
        claim.step.refresh_from_db(fields=["status"])
        rejection = ProviderRefused(refusal.message, code=refusal.code)
        failure_handling.fail_or_retry(claim, rejection, context.provider)
    except OSError as error:
        if outages.kind_of(error):
            # Not a failure of the step, which would soon have used up its attempts.
            raise
        media_folder.check()
        logger.exception("the disk failed")
        what = f"The disk failed: {error.strerror}."
        if context.may_be_charged:
            failure_handling.on_ambiguous_result(claim, ProviderUnsure(what), context.provider)
        else:
            _handle_failure(context, ProviderError(what, error_type="UNKNOWN_ERROR"))
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
        failure_handling.fail_or_retry(claim, broken, context.provider)
    finally:
        renewer.keep_alive(None)
        if folder is not None:
            blobs.discard(folder)
    return None


def _store(context: AttemptContext, file: OutputFile) -> StoredFile:
    """Store a result, which may be paid for: while the media folder is away, wait for it.

    Raises Stopped.
    """
    while True:
        try:
            return results.store(file)
        except MediaFolderAway as problem:
            outages.OUTAGES[outages.MEDIA].note(problem)
        context.wait(outages.PROBE_EVERY_S)


def _handle_failure(context: AttemptContext, error: ProviderError) -> None:
    if not remote_job_waits.look_again(context, error):
        failure_handling.fail_or_retry(context.claim, error, context.provider)


def _perform(context: AttemptContext, work: Prepared) -> Outcome:
    """Have the provider make the job. A failure from here on is the provider's, or of the one that
    checks its content."""
    try:
        return _perform_checked(context, work)
    except ProviderError as error:
        error.provider = error.provider or work.provider.name
        raise


def _perform_checked(context: AttemptContext, work: Prepared) -> Outcome:
    provider, job = work.provider, work.job
    outcome = complete(work.tool, job, content_check.perform(context, work), context)
    stray_kinds = {file.kind for file in outcome.files} - kinds_made(work.tool, job.params)
    if stray_kinds:
        # Steps that read this kind did not wait for this one: keeping it would make what they see
        # depend on who is quicker.
        raise ProviderError(
            f"{provider.name} answered {job.tool} with {', '.join(sorted(stray_kinds))}, which"
            " that tool does not make.",
            retryable=False,
        )
    return outcome
