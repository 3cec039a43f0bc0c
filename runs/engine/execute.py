"""Doing one step: resolve, gather, call the provider, keep what it made, go on.

Where its run allows it, a step takes over what an earlier one made of the same instead.

The provider is called outside any transaction. What it made becomes visible in one transaction,
guarded by the attempt: a worker that lost its lease meanwhile leaves nothing behind.
"""

from __future__ import annotations

import logging
from pathlib import Path

from core import outages
from core.errors import ProviderError, ProviderHolds, ProviderUnsure
from media import blobs
from runs.engine import (
    claims,
    failure_handling,
    preparation,
    results,
)
from runs.engine.attempt_context import Heart, Work
from runs.engine.claims import Claim
from runs.engine.expand import expand
from runs.engine.preparation import Prepared
from runs.log.changes import RunGone
from templates_app.graph.assemble import kinds_made
from tools.completion import completed
from tools.providers.base import Outcome, Stopped

logger = logging.getLogger(__name__)


def execute(claim: Claim, heart: Heart, *, go_on: bool = True) -> Claim | None:
    """Work on a claimed step to its end. Returns the claim of a step it readied, if it took one.

    go_on: whether to take the next ready step of this run at once. Raises what a database raises
    that is away or too busy: then nothing is known against the step.
    """
    with claims.in_logs(claim):
        return _execute(claim, heart, go_on)


def _execute(claim: Claim, heart: Heart, go_on: bool) -> Claim | None:
    work = Work(claim)
    heart.hold(work)
    folder: Path | None = None
    try:
        if claim.step.kind == "expand":
            return expand(claim, go_on=go_on)
        folder = blobs.attempt_dir(f"{claim.step.id}-{claim.attempt}")
        prepared = preparation.prepare(work, folder)
        earlier = results.earlier_result(claim, prepared)
        if earlier is not None:
            work.check()
            is_over, following = results.take_over(claim, prepared, earlier, go_on)
            if is_over:
                return following
        outcome = _perform(work, prepared)
        made = [results.Made(results.store(file), file) for file in outcome.files]
        work.check()
        return results.keep(claim, prepared, outcome, made, go_on)
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
