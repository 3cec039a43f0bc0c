"""Questions of a step of kind `wait` or `gate`, once all it needs is done."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core import clock
from core.errors import ProviderError, parameter_invalid
from runs import states
from runs.engine import deferred, open_questions
from runs.engine.run_scope import RunScope
from runs.log.changes import RunChange
from runs.models import Step
from templates_app.graph.types import MediaValue, StepKey
from tools import registry
from tools.declaration.arguments import read_arguments


def error_of(problem: ProviderError) -> dict[str, Any]:
    """A failure as steps keep it. `runs.web.failures.shown` makes what people read of it."""
    at_provider = {"provider": problem.provider} if problem.provider else {}
    return {
        "code": problem.code,
        "error_type": problem.error_type,
        "message": problem.message,
        "retryable": problem.retryable,
        **at_provider,
    }


def ask(change: RunChange, step: Step, scope: RunScope) -> None:
    """Open the question of a pending step.

    Raises ProviderError when what it asks about is not there.
    """
    ask_spec = step.ask or {}
    arguments = _arguments(step, scope)
    select = ask_spec.get("select")
    if select is not None:
        reason, prompt = states.SELECT_MEDIA, _selection(step, ask_spec, select, scope)
    elif step.kind == "gate":
        reason, prompt = states.USER_INPUT, _checkpoint(step, ask_spec, scope)
    else:
        reason, prompt = states.ASK_CLARIFYING_QUESTION, _question(step, ask_spec, arguments)
    open_questions.open_wait(
        change,
        step,
        ask_spec.get("reason") or reason,
        prompt,
        resolved={"arguments": arguments, "media": {}},
        started_at=clock.now(),
    )


def _arguments(step: Step, scope: RunScope) -> dict[str, Any]:
    """The arguments with those that had to wait. Raises ProviderError, naming the argument."""
    lates = deferred.deferred_of(step.late)
    if not lates:
        return dict(step.arguments)
    arguments = {**step.arguments, **deferred.deferred_values(lates, scope)}
    tool = registry.table().get(step.tool)
    if tool is None:
        return arguments
    reading = read_arguments(tool, arguments)
    if reading.problems:
        raise parameter_invalid(reading.problems[0].message)
    return dict(reading.params)


def _question(
    step: Step, declaration: Mapping[str, Any], arguments: Mapping[str, Any]
) -> dict[str, Any]:
    details = dict(declaration.get("prompt") or {})
    question = arguments.get("question") or details.get("userMessage") or step.title or step.key
    if "userMessage" in details:
        details["userMessage"] = question
    else:
        details |= {"question": question}
        if arguments.get("reason"):
            details["reason"] = arguments["reason"]
    return {"message": str(question), "details": details}


def _checkpoint(step: Step, declaration: Mapping[str, Any], scope: RunScope) -> dict[str, Any]:
    details = {**(declaration.get("prompt") or {}), "checkpoint": True}
    stage = details.get("stageId")
    label = details.pop("message", "") or stage or "it"
    output = scope.result_of(StepKey(stage)) if isinstance(stage, str) else None
    candidates = [] if output is None else [m.ref for item in output.items for m in item.media]
    message = details.get("userMessage") or f"Check {label}. Continue?"
    return {
        "message": str(message),
        "details": details,
        "candidates": [ref.partition(":")[2] for ref in candidates],
    }


def _title_of(run_id: int, key: str) -> str:
    title = Step.objects.filter(run=run_id, key=key).values_list("title", flat=True).first()
    return title or key


def _selection(
    step: Step, declaration: Mapping[str, Any], select: Mapping[str, Any], scope: RunScope
) -> dict[str, Any]:
    output = scope.result_of(StepKey(select["source"]), select.get("output", ""))
    media: list[MediaValue] = [
        medium
        for item in (() if output is None else output.items)
        for medium in item.media
        if medium.kind == select["kind"]
    ]
    if not media:
        raise ProviderError(
            f"{_title_of(step.run_id, select['source'])} made nothing to choose from.",
            error_type="ASSET_NOT_FOUND",
            retryable=False,
        )
    # Fewer may have been made than the author thought of.
    most = min(int(select.get("max") or len(media)), len(media))
    least = min(int(select.get("min") or 1), most)
    details = dict(declaration.get("prompt") or {})
    how_many = str(least) if least == most else f"{least} to {most}"
    return {
        "message": str(details.get("userMessage") or f"Choose {how_many} of {len(media)}."),
        "details": {**details, "mediaType": select["kind"], "min": least, "max": most},
        "candidates": [medium.ref.partition(":")[2] for medium in media],
    }
