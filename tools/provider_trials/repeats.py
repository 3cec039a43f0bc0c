"""Repeats of a request whose answer is taken for lost: the same job again, one that is found, or a
person who is asked."""

from __future__ import annotations

import time

from core.errors import ProviderError, ProviderUnsure
from tools.provider_trials.calls import Call, Caller, TrialContext
from tools.provider_trials.claims import VERDICTS, Report
from tools.provider_trials.proofs import SUBMIT
from tools.providers.base import Job

# A history may be late, and a queue may ask to wait.
TRIES = 4


def at_work(caller: Caller, report: Report, call: Call, job: Job, context: TrialContext) -> None:
    """Repeat the request of a job that has just been submitted."""
    match caller.maker.submit:
        case "idempotent":
            _by_key(caller, report, call, job, context)
        case "findable":
            _while_at_work(caller, report, call, job, context)
        case _:
            _try_lost_answer(caller, report, job, context)


def over(caller: Caller, report: Report, job: Job, context: TrialContext) -> None:
    """Look for a job that is over in the account's history, where lost ones are found there."""
    if caller.maker.submit != "findable":
        return
    again = _repeat(caller, job, context)
    is_same, how = _compare(context, again)
    if not again.job_id:
        is_same, how = False, f"{context.job_id} isn't in it."
    report.add("The history has jobs that are over", VERDICTS[is_same], how, SUBMIT)


def _by_key(caller: Caller, report: Report, call: Call, job: Job, context: TrialContext) -> None:
    is_queued = bool(context.job_id)
    how = "It gave a job." if is_queued else "The answer was the result, so it is waited for."
    report.add("The account has a queue", VERDICTS[is_queued or None], how, "queue")
    try:
        if is_queued:
            again = _repeat(caller, job, context)
            report.note(again.job_id)
            is_same, how = _compare(context, again)
        else:
            is_same, how = _replay(caller, call, context)
    except ProviderError as problem:
        is_same, how = None, problem.message
    report.add("The same key twice is one job", VERDICTS[is_same], how, SUBMIT)


def _replay(caller: Caller, call: Call, context: TrialContext) -> tuple[bool | None, str]:
    """Send a request again whose answer is the result. Returns whether it was only replayed."""
    handle = caller.sent_again(call, context.request or {})
    if handle.is_replay:
        return True, "The second answer is marked as a replay."
    if handle.result is not None and handle.result.usd is not None:
        return False, f"The second answer says that it cost ${handle.result.usd:.4g}."
    return None, "The second answer doesn't say whether it is a replay."


def _while_at_work(
    caller: Caller, report: Report, call: Call, job: Job, context: TrialContext
) -> None:
    again = _repeat(caller, job, context)
    report.note(again.job_id)
    status = caller.look(call, context)
    is_same, how = _compare(context, again)
    if status.result is not None or status.error is not None:
        is_same, how = None, "It was over before it could be looked for."
    elif not again.job_id:
        is_same = False
        how = "It isn't listed yet. A lost request is found by its webhook, or once it is over."
    report.add(
        "The history has jobs that are at work",
        VERDICTS[is_same],
        how,
        "unended jobs in the history",
    )


def _try_lost_answer(caller: Caller, report: Report, job: Job, context: TrialContext) -> None:
    claim = "A lost answer is asked about"
    try:
        again = caller.repeat(job, context.request or {})
    except ProviderUnsure as problem:
        report.add(claim, "proven", problem.message)
        return
    report.note(again.job_id)
    report.add(claim, "contradicted", f"Another request was sent: {again.job_id}.")


def _repeat(caller: Caller, job: Job, context: TrialContext) -> TrialContext:
    """Repeat a request until its job is known, some times. Raises ProviderError."""
    for place in range(TRIES):
        if place:
            time.sleep(caller.look_s)
        try:
            again = caller.repeat(job, context.request or {})
        except ProviderUnsure:
            # A person would be asked: its job wasn't found.
            continue
        if again.job_id or again.outcome is not None:
            return again
    return TrialContext()


def _compare(context: TrialContext, again: TrialContext) -> tuple[bool | None, str]:
    if not again.job_id or not context.job_id:
        return None, "No job was named again."
    if again.job_id == context.job_id:
        return True, f"Both are {again.job_id}."
    return False, f"Two jobs: {context.job_id} and {again.job_id}."
