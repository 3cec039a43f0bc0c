"""The runs that a chat's calls start: ordinary runs of the same person, of one step each."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from accounts.auth import Principal
from compose.chat import fallback_answers, models, tool_sets
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

# What a model is told of a file.
_FILE_FIELDS = ("id", "type", "mimeType", "width", "height", "duration", "url")


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
    # Calls of the rules were written by no model.
    model = rounds[-1].answer.model if rounds[-1].answer else models.RULES
    try:
        run = start_run(
            actor=principal,
            body={
                "token_type": form.token_type,
                "billing_mode": form.billing_mode,
                "app_source": form.app_source,
                "safe_content_filter": RunOptions.read(parent.options).safe_content_filter,
                "max_estimated_capacity_units": units_left(form, rounds),
                "media_references": references or None,
                "input": {"title": registry.title_of(call.tool), "steps": [step]},
            },
            key=f"chat-run:{parent.public_id}:{call.id}",
            own_hosts=parent.request["own_hosts"],
            planned_by="" if model == models.RULES else model,
            kind="" if tool_sets.makes_media(call.tool) else TOOL_CALL,
        ).run
    except errors.AppError as error:
        if error.status >= 500:
            raise
        return failed_outcome(call, error.message)
    return Outcome(run=run.public_id, units=run.estimated_milli / 1000)


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
    result = _result_of(call, record)
    text = _words_of(call, result, files, f"{origin}/runs/{run.public_id}")
    return start.model_copy(update={"result": result, "text": text, "files": files})


def _result_of(call: Call, record: Mapping[str, Any]) -> dict[str, Any]:
    """Return the result of a call for the model. record: its run as the public API shows it."""
    status = record["status"]
    result: dict[str, Any] = {
        "ok": status == states.COMPLETED,
        "tool": call.name,
        "status": status,
        "workflowId": record["workflowId"],
    }
    step = record["steps"][0] if record["steps"] else {}
    if files := record["artifacts"]:
        result["artifacts"] = [{k: one[k] for k in _FILE_FIELDS if k in one} for one in files]
    elif isinstance(step.get("result"), Mapping):
        result = {**step["result"], **result}
    error = step.get("error") or record.get("error")
    if error:
        result |= {"message": error["message"], "error_type": error["errorType"]}
    elif status == states.CANCELLED:
        result |= {"message": "The workflow was stopped.", "error_type": "USER_CANCELLED"}
    return result


def _words_of(
    call: Call, result: Mapping[str, Any], files: Sequence[Mapping[str, Any]], page: str
) -> str:
    """Return a result for people, Markdown. files: with `kind` and `url`. page: its run's."""
    title = registry.title_of(call.tool)
    if not result["ok"]:
        return f"“{title}” {result['status']}: {result.get('message') or f'see {page}'}"
    if files:
        links = ", ".join(f"[{file['kind']}]({file['url']})" for file in files)
        return f"“{title}” is done: {links}. [Open the run]({page})."
    return fallback_answers.of_result(call.tool, result, None)


def question_of(run_id: str) -> Wait | None:
    """Return what a run that waits for a person asks first."""
    rows = Wait.objects.filter(run__public_id=run_id, answered_at=None)
    return rows.filter(run__status=states.WAITING_FOR_USER).order_by("id").first()


def cancel(run_ids: Collection[str]) -> None:
    """Stop those that are not over."""
    rows = Run.objects.filter(public_id__in=run_ids).exclude(status__in=states.RUN_TERMINAL)
    for run in rows.only("id").order_by("id"):
        cancelling.cancel_run(run=run, reason="The chat that started it was stopped")
