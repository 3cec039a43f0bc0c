"""The runs that a chat's calls start: ordinary runs of the same person, of one step each."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from accounts.auth import Principal
from compose.chat import models, tool_sets
from compose.chat_runs.child_results import result_of, words_of
from compose.chat_runs.conversation import units_left
from compose.chat_runs.request import ChatRunIn
from compose.chat_runs.rounds import Call, Outcome, Round
from compose.single_tool_run import TOOL_CALL
from core import errors
from runs import states
from runs.access import visible_run
from runs.admission.start import start_run
from runs.engine import cancelling
from runs.models import Run, Wait
from runs.options import RunOptions
from runs.web import serializers
from tools import registry


def start_child(
    call: Call,
    parent: Run,
    form: ChatRunIn,
    rounds: list[Round],
    *,
    principal: Principal,
    references: list[Any],
) -> Outcome:
    """Start the run of a call, or find the one that an earlier attempt started.

    rounds: all, for what is left of the caller's ceiling. references: the media that the call may
    name. A refused start is an outcome, too.
    """
    step = {"id": call.tool, "toolName": call.tool, "arguments": call.arguments}
    options = {
        "token_type": form.token_type,
        "billing_mode": form.billing_mode,
        "app_source": form.app_source,
        "safe_content_filter": RunOptions.read(parent.options).safe_content_filter,
        "max_estimated_capacity_units": units_left(form, rounds),
    }
    try:
        run_start = start_run(
            actor=principal,
            body={
                **options,
                "media_references": references or None,
                "input": {"title": registry.title_of(call.tool), "steps": [step]},
            },
            key=f"chat-run:{parent.public_id}:{call.id}",
            own_hosts=parent.request["own_hosts"],
            planned_by=_model_of(rounds[-1]),
            kind="" if tool_sets.makes_media(call.tool) else TOOL_CALL,
        )
    except errors.AppError as error:
        if error.status >= 500:
            raise
        return failed_outcome(call, error.message)
    run = run_start.run
    return Outcome(run=run.public_id, units=run.estimated_milli / 1000)


def _model_of(latest: Round) -> str:
    """Return the language model that wrote a round's calls; "" for rules."""
    model = latest.answer.model if latest.answer else ""
    return "" if model == models.RULES else model


def failed_outcome(call: Call, message: str, error_type: str = "") -> Outcome:
    """Return what a call came to that started nothing."""
    more = {"error_type": error_type} if error_type else {}
    result = {"ok": False, "tool": call.name, "message": message, **more}
    return Outcome(result=result, text=message)


def needs_run(call: Call) -> bool:
    """Return whether a call is a step of a run of its own; others are answered at once."""
    tool = registry.table().get(call.tool)
    return tool is not None and tool.durable


def outcome_of(call: Call, start: Outcome, owner: Principal, origin: str) -> Outcome | None:
    """Return what a call's run came to; None while it goes on."""
    try:
        run = visible_run(owner.user, start.run)
    except errors.NotFound:
        failure = failed_outcome(call, "Its workflow was deleted.")
        return start.model_copy(update={"result": failure.result, "text": failure.text})
    if run.status not in states.RUN_TERMINAL:
        return None
    record = serializers.record(run, base_url=origin)
    files = [
        {"kind": file["type"], "url": file["url"], "id": file["id"]} for file in record["artifacts"]
    ]
    title, page = registry.title_of(call.tool), f"{origin}/runs/{run.public_id}"
    result = result_of(call, record)
    return start.model_copy(
        update={
            "result": result,
            "text": words_of(call, result, files, title=title, page=page),
            "files": files,
        }
    )


def question_of(run_id: str) -> Wait | None:
    """Return what a run that waits for a person asks first."""
    rows = Wait.objects.filter(run__public_id=run_id, answered_at=None)
    return rows.filter(run__status=states.WAITING_FOR_USER).order_by("id").first()


def cancel(run_ids: Collection[str]) -> None:
    """Stop those that are not over."""
    rows = Run.objects.filter(public_id__in=run_ids).exclude(status__in=states.RUN_TERMINAL)
    for run in rows.only("id").order_by("id"):
        cancelling.cancel_run(run=run, reason="The chat that started it was stopped")
