"""Parking: a step whose provider works on its job holds no worker until there is news.

The attempt stays open, and the next look goes on with it: a provider is entered as after a crash,
with the job that it remembered. See docs/decisions/0022.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from datetime import datetime
from typing import Any

from core import clock
from core.errors import ProviderError
from runs import states
from runs.engine import failure_handling, lease, pending_steps, routing, transitions
from runs.engine.attempt_context import AttemptContext
from runs.engine.clock_changes import MAX_RETRY_DELAY_S
from runs.engine.questions import error_of
from runs.engine.remote_job_polls import NEWS_DUE_S, last_heard
from runs.engine.unknown_charges import title_of, unknown_charge
from runs.log.changes import RunGone, changing
from runs.log.events import StepProgress, about
from runs.models import Attempt
from tools import registry
from tools.providers.base import Parked

logger = logging.getLogger(__name__)

# A provider that asks to be looked at sooner would keep a worker busy with nothing else.
SHORTEST_S = 0.25
# After a look that could not ask about its job: the first time, and at most.
FIRST_REST_S, LONGEST_REST_S = 2.0, 60.0
# So long a service may be away before the job is given up.
PATIENCE_S = 24 * 3600.0


def look_again(context: AttemptContext, error: ProviderError) -> bool:
    """Park a step whose service has its job, and could not be asked about it just now.

    The engine must not submit the work again: the job is paid for and may be done. Given up after
    a day in which no look succeeded; then its owner is asked, or the step fails. False: the error
    ends the job, none is there, or the run is about to fail; nothing was written.
    """
    claim = context.claim
    if context.job_ref is None or error.ends_job or not error.retryable:
        return False
    if pending_steps.is_stopping(claim.step.run_id, claim.step.parent_id):
        return False
    # Not its message: a provider may quote the prompt in it.
    logger.warning("a look failed: %s, %s", error.code, error.error_type)
    earlier = (claim.look.trouble if claim.look else None) or {}
    now = clock.now()
    since = datetime.fromisoformat(earlier["since"]) if earlier else now
    if (now - since).total_seconds() > PATIENCE_S:
        failure_handling.on_unknown_charge(
            claim,
            f"{title_of(context.provider)} couldn't be asked about this job for a day."
            f" {error.message}",
            context.provider,
        )
        return True
    looks = int(earlier.get("looks", 0)) + 1
    rest_s = min(LONGEST_REST_S, FIRST_REST_S * 2.0 ** min(looks - 1, 16))
    trouble = {**error_of(error), "since": since.isoformat(), "looks": looks}
    fraction, _ = context.last_progress()
    pause = Parked(max(rest_s, error.retry_after_s or 0.0), fraction=fraction, note=error.message)
    park(context, pause, trouble)
    return True


def park(context: AttemptContext, report: Parked, trouble: dict[str, Any] | None = None) -> None:
    """Let go of a step until its provider has news, or for as long as it said.

    trouble: why its job could not be asked about. One that names no job could only be asked to do
    the work again: its step fails instead.
    """
    claim, step = context.claim, context.claim.step
    if context.job_ref is None:
        logger.error("%s parks a step without having told `remember` of a job", context.provider)
        what = f"{title_of(context.provider)} didn't say which job it's working on."
        charge = unknown_charge(step, what, sends_again=True)
        failure_handling.fail_as_charged(claim, charge, context.provider)
        return
    fraction, note = context.last_progress()
    earlier = claim.look.trouble if claim.look else None
    if report.fraction or report.note:
        fraction, note = min(1.0, max(0.0, report.fraction)), report.note
    elif earlier and note == earlier["message"]:
        note = ""
    fraction = round(fraction, 4)
    event = None
    if not context.is_logged(fraction, note):
        event = StepProgress(**about(step), progress=fraction, note=note)
    with suppress(RunGone), changing(step.run_id) as change:
        has_news = last_heard(step.id) != (claim.look.heard if claim.look else None)
        # NaN comes out as the shortest.
        after_s = (
            NEWS_DUE_S if has_news else max(SHORTEST_S, min(report.after_s, MAX_RETRY_DELAY_S))
        )
        if transitions.move(
            change,
            step,
            states.PARKED,
            event,
            fence=claim.fence,
            progress=fraction,
            not_before=lease.due(after_s),
            lost_leases=0,
            **context.unwritten(),
            **_route(context.provider),
        ):
            # The fence held: the attempt is this worker's.
            columns: dict[str, Any] = {"parked_at": clock.now()} if claim.look is None else {}
            if trouble or earlier:
                columns["error"] = trouble
            if columns:
                Attempt.objects.filter(id=claim.attempt_id).update(**columns)
            if has_news:
                change.hint([step.id])


def _route(name: str) -> dict[str, Any]:
    """Return the route of the provider that has the job, even if another was to do it."""
    provider = registry.provider_named(name)
    if provider is None:
        return {}
    route = routing.route_to(provider)
    return route.columns
