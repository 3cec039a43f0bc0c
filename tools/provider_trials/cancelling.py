"""Cancelling a job before it starts and while it is at work: whether it ends, and what it costs."""

from __future__ import annotations

import time

from tools.provider_trials.calls import Call, Caller, TrialContext
from tools.provider_trials.claims import VERDICTS, Report, Verdict
from tools.providers.makers.exchange import JobStatus

# So long a job is watched: until it starts, and from then on until it is cancelled.
WATCHED_S = 120.0


def claim_of(is_started: bool) -> tuple[str, str]:
    """Return the claim, and the fact that it is kept by."""
    when = "while it is at work" if is_started else "before it starts"
    return f"A job is cancelled {when}", f"cancelling {when}"


def cancel(caller: Caller, report: Report, call: Call, *, is_started: bool) -> None:
    """Cancel a new job once it waits, or once it is at work. Raises ProviderError."""
    claim, fact = claim_of(is_started)
    job, context = caller.job(call), TrialContext()
    if caller.submit(job, context) is not None or not context.job_id:
        report.add(claim, "not proven", "It was over at once.", fact)
        return
    report.note(context.job_id)
    before = _watch(caller, call, context, is_waiting=is_started)
    caller.cancel(context)
    if _is_over(before) or before.is_waiting == is_started:
        state = "It was over" if _is_over(before) else "It hadn't" if is_started else "It had"
        how = f"{state}{'' if _is_over(before) else ' started'} by then."
        report.add(claim, "not proven", how, fact)
        return
    time.sleep(caller.look_s)
    after = _watch(caller, call, context, is_waiting=None)
    report.add(claim, *_verdict(after), fact)


def _watch(
    caller: Caller, call: Call, context: TrialContext, *, is_waiting: bool | None
) -> JobStatus:
    """Look at a job as long as it waits, or until it is over where that is None; not for ever."""
    until = time.monotonic() + WATCHED_S
    while True:
        status = caller.look(call, context)
        is_reached = is_waiting is False or (is_waiting is True and not status.is_waiting)
        if _is_over(status) or is_reached or time.monotonic() > until:
            return status
        time.sleep(max(status.after_s, caller.look_s))


def _is_over(status: JobStatus) -> bool:
    return status.result is not None or status.error is not None


def _verdict(status: JobStatus) -> tuple[Verdict, str]:
    """Return whether a cancelled job was cancelled, and what the service says of its cost."""
    charge = "The service doesn't say what it charged."
    usd = status.result.usd if status.result is not None else status.usd
    if usd is not None:
        charge = f"It says that it charged ${usd:.4g}."
    if status.error is not None:
        return VERDICTS[True], f"{status.error.message} {charge}"
    if status.result is not None:
        return VERDICTS[False], f"It was made all the same. {charge}"
    return VERDICTS[None], f"It still worked after {WATCHED_S:g} s."
