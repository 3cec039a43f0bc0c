"""The quote of a round's calls, the question whether they may cost that, and its answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accounts.auth import Principal
from accounts.suspension import check_may_act
from compose.chat_runs.children import failed_outcome, needs_run
from compose.chat_runs.request import AcceptedIn, ConfirmIn, OverridesIn
from compose.chat_runs.rounds import Call, Round, round_of
from core import clock, errors
from core.http import parse
from core.stored_json import as_stored
from runs import states
from runs.admission.idempotency import KeyTaken, fingerprint_of, request_key
from runs.billing.quotes import QUOTE_LIVES
from runs.billing.units import credits_text, units
from runs.engine.executor_writes import OwnStep
from runs.interaction import waits
from runs.log.changes import RunChange, changing
from runs.log.events import CostResolved, PreviewUpdated
from runs.models import Run, Step, Wait
from runs.options import RunOptions
from tools import registry
from tools.declaration.arguments import read_arguments
from tools.declaration.ports import to_snake

ENDPOINT = "chat-confirm-cost"
DECLINED_TEXT = "The person declined what this costs. Don't call it again unless they ask."


@dataclass(frozen=True, slots=True)
class Quote:
    """The cost of calls together, in thousandths of a credit, and each that costs something."""

    milli: int
    rows: Sequence[tuple[Call, int]]
    token_type: str

    def prompt(self) -> dict[str, Any]:
        """Return the prompt of the wait: the preview of the public contract (§8.3), which may be
        accepted for QUOTE_LIVES."""
        preview = {
            "totalEstimatedCapacityUnits": units(self.milli),
            "tokenType": self.token_type,
            "validityUntil": clock.iso(clock.now() + QUOTE_LIVES),
            "perToolBreakdown": [
                {"toolCallId": call.id, "toolName": call.name, "capacityUnits": units(milli)}
                for call, milli in self.rows
            ],
        }
        pending = [call.id for call, _ in self.rows]
        details = {
            "toolCallId": pending[0],
            "pendingToolCallIds": pending,
            "costApprovalPreview": preview,
        }
        message = f"About {credits_text(self.milli)}. Continue?"
        return {"message": message, "details": details, "told": details}


def quote_of(run: Run, calls: Sequence[Call]) -> Quote:
    """Return what these calls cost as they are now."""
    person, prices = run.owner_id, []
    table = registry.table(person=person)
    for call in calls:
        tool = table.get(call.tool) if needs_run(call) else None
        if tool is not None:
            params = read_arguments(tool, call.arguments).params
            prices.append((call, registry.quote(tool, params, person=person).milli))
    rows = tuple((call, milli) for call, milli in prices if milli)
    return Quote(sum(milli for _, milli in rows), rows, RunOptions.read(run.options).token_type)


def ask(own: OwnStep, quote: Quote) -> None:
    """End the attempt by the question whether the calls may cost this."""
    prompt = quote.prompt()
    own.report("run_awaiting_cost_confirmation", **prompt["details"])
    own.pause(states.COST_APPROVAL, prompt)


def decide(*, run: Run, actor: Principal, body: Mapping[str, Any], key: str | None) -> bool:
    """Carry out a decision. False: a request with the same key did before.

    Raises InvalidBody; Conflict when nothing is to be decided, or, with the preview as it is now,
    when the accepted one does not hold any more.
    """
    fields = {name: value for name, value in body.items() if value is not None}
    form = parse(ConfirmIn, fields)
    if form.decision == "confirm" and form.acceptedCostPreview is None:
        raise errors.InvalidBody(
            "acceptedCostPreview: is required to confirm. Send"
            " `waiting.details.costApprovalPreview` of the run, unchanged."
        )
    fingerprint = fingerprint_of(fields, before=[ENDPOINT, run.public_id])
    own_key = request_key(actor, ENDPOINT, fingerprint, header=key, body=None)
    check_may_act(actor.user)
    with changing(run.id) as change:
        if own_key.replay():
            return False
        fresh = _carry_out(change, run, actor, form)
        if fresh is None:
            try:
                own_key.claim(run)
            except KeyTaken:
                own_key.replay()
    if fresh is not None:
        raise errors.Conflict(
            "This estimate has changed or run out. Read the run again and confirm the new one.",
            code="cost.preview_stale",
            details={"reason": "cost_preview_stale", **fresh},
        )
    return True


def _carry_out(
    change: RunChange, run: Run, actor: Principal, form: ConfirmIn
) -> dict[str, Any] | None:
    """Return None when it is done, else a new quote's details, which is asked about instead."""
    wait, step = _open_wait(change)
    chat_round = round_of(step)
    pending = wait.prompt["details"]["pendingToolCallIds"]
    if form.tool_call_id not in pending:
        raise errors.InvalidBody(
            f"tool_call_id: {form.tool_call_id[:80]!r} isn't waiting for this decision. Take it"
            " from waiting.details."
        )
    if form.decision == "cancel":
        for call in chat_round.unstarted():
            if call.id in pending:
                refusal = failed_outcome(call, DECLINED_TEXT, "USER_CANCELLED")
                chat_round = chat_round.with_outcome(call.id, refusal)
        quote = quote_of(run, [])
    else:
        if form.overrides is not None:
            chat_round = _overridden(change, chat_round, form.tool_call_id, form.overrides)
        quote = quote_of(run, chat_round.unstarted())
        if not _holds(wait, quote, form.acceptedCostPreview):
            return _ask_again(change, wait, quote)
        chat_round = chat_round.changed(is_approved=True)
    answer = {"decision": form.decision, "units": units(quote.milli), "reason": form.reason}
    waits.close_wait(change, wait, answer=answer, by=actor.user)
    Step.objects.filter(id=step.id).update(arguments=as_stored(chat_round.stored()))
    change.append(CostResolved(decision=form.decision, units=units(quote.milli)))
    waits.release_step(change, step, "Cost decided")
    return None


def _open_wait(change: RunChange) -> tuple[Wait, Step]:
    rows = Wait.objects.filter(
        run_id=change.run.id, answered_at=None, reason=states.COST_APPROVAL, step__isnull=False
    )
    wait = rows.select_related("step").order_by("id").first()
    if wait is None or wait.step is None or change.run.status in states.RUN_TERMINAL:
        raise errors.Conflict(
            f"This chat run is {change.run.status}; no cost decision is pending.",
            code="cost.not_waiting",
            details={"reason": "not_waiting_for_cost", "status": change.run.status},
        )
    return wait, wait.step


def _holds(wait: Wait, quote: Quote, acceptance: AcceptedIn | None) -> bool:
    """Return whether what was seen is the latest quote, and it costs no more than that now."""
    preview = wait.prompt["details"]["costApprovalPreview"]
    if acceptance is None:
        return False
    latest = datetime.fromisoformat(preview["validityUntil"])
    until = acceptance.validityUntil or latest
    total = round(acceptance.totalEstimatedCapacityUnits * 1000)
    is_latest = total == round(preview["totalEstimatedCapacityUnits"] * 1000)
    return is_latest and quote.milli <= total and clock.now() < min(until, latest)


def _ask_again(change: RunChange, wait: Wait, quote: Quote) -> dict[str, Any]:
    prompt = quote.prompt()
    Wait.objects.filter(id=wait.id).update(prompt=prompt)
    until = prompt["details"]["costApprovalPreview"]["validityUntil"]
    change.append(PreviewUpdated(units=units(quote.milli), until=until))
    return dict(prompt["details"])


def _overridden(
    change: RunChange, chat_round: Round, call_id: str, overrides: OverridesIn
) -> Round:
    """Return the round with what the person changed of the call."""
    options = RunOptions.read(change.run.options)
    if (tier := overrides.qualityTier or overrides.quality_tier) is not None:
        options = options.with_changes(quality_tier=tier)
    if overrides.safeContentFilter is not None:
        options = options.with_changes(safe_content_filter=overrides.safeContentFilter)
    change.set(options=options.to_json())
    texts = {"prompt": overrides.prompt, "prompts": overrides.prompts}
    changes = {name: value for name, value in texts.items() if value is not None}
    if not changes or chat_round.answer is None:
        return chat_round
    calls = []
    for call in chat_round.answer.calls:
        if call.id == call_id:
            tool = registry.table().get(call.tool)
            for name in changes:
                if tool is None or name not in tool.Params.model_fields:
                    raise errors.InvalidBody(f"overrides.{name}: {call.name} has no such argument.")
            others = {k: v for k, v in call.arguments.items() if to_snake(k) not in changes}
            call = call.model_copy(update={"arguments": {**others, **changes}})
        calls.append(call)
    return chat_round.changed(answer=chat_round.answer.model_copy(update={"calls": calls}))
