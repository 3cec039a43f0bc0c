"""Works on one round of a chat run: an answer, its calls, and the wait for what they started."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from compose.chat import fallback_answers
from compose.chat.model_answer import MOST_CALLS
from compose.chat_runs import answering, children, costs
from compose.chat_runs.conversation import chat_of, principal_of, references, request_of
from compose.chat_runs.rounds import (
    MOST_ROUNDS,
    SOURCE,
    Call,
    Outcome,
    Round,
    result_of,
    round_of,
    rounds_of,
    step_of,
)
from compose.execution import CallOptions, compose
from compose.tool_results import run_addresses
from core import errors
from core.errors import ProviderError
from runs import states
from runs.engine import executor_writes
from runs.engine.attempt_context import AttemptContext
from runs.engine.blocked_owners import held_people
from runs.engine.claims import Claim
from runs.engine.executor_writes import changing_own
from runs.log.changes import RunGone
from runs.models import Run, Step
from tools.providers.base import Parked

# A run that ends wakes its chat; this is for wakes that were lost.
LOOK_AGAIN_S = 5.0
# How often it is asked whether the person may go on.
HELD_EVERY_S = 1.0


class OwnerHeld(Exception):
    """The person is suspended or their account is closed: nothing begins."""


def execute(context: AttemptContext, *, take_next: bool) -> Claim | None:
    """Execute one round, as a `runs.engine.step_kinds.StepExecutor`."""
    try:
        return _Work(context).done(take_next)
    except OwnerHeld:
        executor_writes.hand_back(context.claim)
        return None
    except (ProviderError, RunGone):
        raise
    except errors.AppError as error:
        if error.status >= 500:
            raise
        is_dear = isinstance(error, errors.InsufficientCredit)
        kind = "COST_LIMIT_EXCEEDED" if is_dear else "PARAMETER_INVALID"
        raise ProviderError(
            error.message, code=error.code, error_type=kind, retryable=False
        ) from error


def on_cancel(step: Step) -> None:
    """Stop what a round has started, in the change that cancels its run."""
    arguments = Step.objects.values_list("arguments", flat=True).get(id=step.id)
    children.cancel(Round.model_validate(arguments).children())


def _report_start(own: executor_writes.OwnStep, call: Call, outcome: Outcome) -> None:
    """Report a call, and its end where it started no run."""
    about: dict[str, Any] = {"toolCallId": call.id, "toolName": call.name}
    if outcome.run:
        about["creative_workflows"] = [{"status": states.QUEUED, **run_addresses(outcome.run)}]
    own.report("tool_call_dispatched", **about)
    if not outcome.run:
        _report_end(own, call, outcome)


def _report_end(own: executor_writes.OwnStep, call: Call, outcome: Outcome) -> None:
    own.report(
        "tool_call_resolved",
        toolCallId=call.id,
        toolName=call.name,
        **({"workflowId": outcome.run} if outcome.run else {}),
        ok=bool((outcome.result or {}).get("ok")),
    )


def _checking(context: AttemptContext) -> Callable[[], None]:
    """Return a check that also asks, now and then, whether the person may go on."""
    asked_at = float("-inf")

    def check() -> None:
        nonlocal asked_at
        context.check()
        if time.monotonic() - asked_at >= HELD_EVERY_S:
            asked_at = time.monotonic()
            if context.claim.owner_id in held_people():
                raise OwnerHeld

    return check


class _Work:
    """One attempt at a round, or one look at what its calls started."""

    def __init__(self, context: AttemptContext) -> None:
        self._context, self._claim = context, context.claim
        runs = Run.objects.select_related("owner", "api_key")
        run = runs.filter(id=self._claim.step.run_id).first()
        if run is None:
            raise RunGone
        self._run = run
        self._form = request_of(run)
        self._round = round_of(self._claim.step)
        self._earlier = [one for one in rounds_of(run) if one.number < self._round.number]
        self._check = _checking(context)

    def done(self, take_next: bool) -> Claim | None:
        if self._round.answer is None:
            self._answer()
        if self._round.hands_back:
            return self._complete(take_next)
        self._run_at_once()
        if not self._start_runs():
            return None
        self._collect()
        return self._complete(take_next)

    def _answer(self) -> None:
        self._check()
        chat = chat_of(self._run, self._earlier, self._check)
        answer = answering.answer_of(chat, self._earlier, self._context)
        with changing_own(self._claim) as own:
            self._round = self._round.changed(answer=answer)
            own.keep(self._round.stored())
            calls = [{"id": one.id, "name": one.name} for one in answer.calls]
            own.report(
                "assistant_message_completed",
                round=self._round.number,
                attempt=self._claim.attempt,
                text=answer.text,
                model=answer.model,
                finishReason=answer.finish_reason,
                **({"toolCalls": calls} if calls else {}),
                **({"warnings": answer.warnings} if answer.warnings else {}),
            )

    def _run_at_once(self) -> None:
        """Tools that need no run."""
        for call in self._round.unstarted():
            if self._is_beyond(call):
                self._note(call, children.failed_outcome(call, "No more tools may be called."))
            elif not children.needs_run(call):
                self._check()
                self._note(call, self._execute(call))

    def _is_beyond(self, call: Call) -> bool:
        """Return whether it is more than one chat may call."""
        before = sum(len(one.calls) for one in self._earlier)
        return before + list(self._round.calls).index(call) >= MOST_CALLS

    def _execute(self, call: Call) -> Outcome:
        """Return a composition tool's answer, paid once however often it is tried."""
        form = self._form
        try:
            execution = compose(
                principal_of(self._run),
                call.tool,
                call.arguments,
                own_hosts=self._run.request["own_hosts"],
                options=CallOptions(
                    key=f"chat-run:{self._run.public_id}:{call.id}",
                    # Only the attempt that holds this step is at work on it.
                    takes_over=True,
                    app_source=form.app_source,
                ),
            )
        except errors.AppError as error:
            if error.status >= 500:
                raise
            return children.failed_outcome(call, error.message)
        text = fallback_answers.of_result(call.tool, execution.result, execution.message)
        return Outcome(result=execution.result, text=text)

    def _note(self, call: Call, outcome: Outcome) -> None:
        with changing_own(self._claim) as own:
            self._round = self._round.with_outcome(call.id, outcome)
            own.keep(self._round.stored())
            _report_start(own, call, outcome)

    def _start_runs(self) -> bool:
        """Start the runs of the calls that need one. False: a person is asked about their cost."""
        calls = self._round.unstarted()
        if not calls:
            return True
        self._check()
        quote = costs.quote_of(self._run, calls)
        with changing_own(self._claim) as own:
            if not self._round.is_approved and self._form.asks_about(quote.milli):
                costs.ask(own, quote)
                return False
            for call in calls:
                # In the change that notes it: who stops the chat finds all that it started.
                outcome = children.start_child(
                    call,
                    self._run,
                    self._form,
                    [*self._earlier, self._round],
                    principal=principal_of(self._run),
                    references=references(self._form, self._earlier),
                )
                self._round = self._round.with_outcome(call.id, outcome)
                if outcome.run:
                    own.awaits(SOURCE, outcome.run)
                _report_start(own, call, outcome)
            own.keep(self._round.stored())
        return True

    def _collect(self) -> None:
        """Take the results of runs that are over. Raises Parked while any goes on."""
        principal, origin = principal_of(self._run), self._run.request["origin"]
        outcomes: dict[str, Outcome] = {}
        by_id = {call.id: call for call in self._round.calls}
        for call_id in self._round.open_children():
            start = self._round.outcomes[call_id]
            if outcome := children.outcome_of(by_id[call_id], start, principal, origin):
                outcomes[call_id] = outcome
        if outcomes:
            with changing_own(self._claim) as own:
                for call_id, outcome in outcomes.items():
                    self._round = self._round.with_outcome(call_id, outcome)
                    _report_end(own, by_id[call_id], outcome)
                own.keep(self._round.stored())
        open_children = self._round.open_children()
        self._tell_questions(open_children)
        if open_children:
            self._context.provider = SOURCE
            waited_for = {"runs": sorted(open_children.values())}
            if self._context.job_ref != waited_for:
                self._context.remember(waited_for)
            raise Parked(LOOK_AGAIN_S)

    def _tell_questions(self, open_children: Mapping[str, str]) -> None:
        """Say, once each, what runs ask that wait for a person."""
        fresh = {
            call_id: wait
            for call_id, run in open_children.items()
            if (wait := children.question_of(run)) is not None
            and wait.id != self._round.outcomes[call_id].asks
        }
        if not fresh:
            return
        names = {call.id: call.name for call in self._round.calls}
        with changing_own(self._claim) as own:
            for call_id, wait in fresh.items():
                outcome = self._round.outcomes[call_id].model_copy(update={"asks": wait.id})
                self._round = self._round.with_outcome(call_id, outcome)
                own.report(
                    "tool_call_progress",
                    toolCallId=call_id,
                    toolName=names[call_id],
                    workflowId=open_children[call_id],
                    waiting={"reason": wait.reason, "message": wait.message},
                )
            own.keep(self._round.stored())

    def _complete(self, take_next: bool) -> Claim | None:
        goes_on = bool(self._round.calls) and not self._round.hands_back
        is_last = self._round.number >= MOST_ROUNDS
        next_step = step_of(self._round.number + 1) if goes_on and not is_last else None
        with changing_own(self._claim) as own:
            return own.complete(result_of(self._round), next_step, take_next=take_next)
