"""The extension `io.modelcontextprotocol/tasks` (SEP-2663): a run is a task, by the same id.

A client that declares it gets a task instead of the answer of a tool that starts a run. `working`
is a run that is queued or at work, `input_required` one that asks; a run that failed is a completed
task whose result is an error, as the extension wants it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import mcp_types as types
from mcp.server.context import CallNext, HandlerResult
from mcp.server.extension import Extension, MethodBinding
from mcp.shared.exceptions import MCPError
from mcp_types.version import MODERN_PROTOCOL_VERSIONS
from pydantic import Field

from builder.agents.mcp import questions, run_facts
from builder.agents.mcp.calling import caller_of, in_thread, wire_result
from builder.agents.mcp.tool import Caller
from core import clock, errors
from runs import access, selectors, states
from runs.engine import cancelling
from runs.models import Run, Wait

IDENTIFIER: Final = "io.modelcontextprotocol/tasks"
POLL_MS: Final = 2_000
_VERSIONS: Final = frozenset(MODERN_PROTOCOL_VERSIONS)


class TaskParams(types.RequestParams):
    task_id: str = Field(alias="taskId", max_length=512)


class UpdateParams(TaskParams):
    input_responses: dict[str, Any] = Field(alias="inputResponses")


class Tasks(Extension):
    identifier = IDENTIFIER

    def methods(self) -> Sequence[MethodBinding]:
        return (
            MethodBinding("tasks/get", TaskParams, _get, _VERSIONS),
            MethodBinding("tasks/update", UpdateParams, _update, _VERSIONS),
            MethodBinding("tasks/cancel", TaskParams, _cancel, _VERSIONS),
        )

    async def intercept_tool_call(
        self, params: types.CallToolRequestParams, ctx: Any, call_next: CallNext
    ) -> HandlerResult:
        result = await call_next(ctx)
        if not isinstance(result, types.CallToolResult) or not result.meta or not declares(ctx):
            return result
        caller, run_id = caller_of(ctx), str(result.meta[run_facts.STARTED])
        return await in_thread(lambda: {**_head_now(caller, run_id)[0], "resultType": "task"})


def declares(context: Any) -> bool:
    """Return whether the client said on this request that it knows tasks."""
    capabilities = context.session.client_capabilities
    extensions = capabilities.extensions if capabilities is not None else None
    return context.protocol_version in _VERSIONS and IDENTIFIER in (extensions or {})


def _require(context: Any) -> Caller:
    if context.protocol_version not in _VERSIONS:
        raise MCPError(types.METHOD_NOT_FOUND, "Method not found", context.method)
    if not declares(context):
        raise MCPError(
            types.MISSING_REQUIRED_CLIENT_CAPABILITY,
            "Missing required client capability",
            {"requiredCapabilities": {"extensions": {IDENTIFIER: {}}}},
        )
    return caller_of(context)


async def _get(context: Any, params: TaskParams) -> dict[str, Any]:
    caller = _require(context)
    return await in_thread(lambda: _refusing(lambda: _details(caller, params.task_id)))


async def _update(context: Any, params: UpdateParams) -> dict[str, Any]:
    caller = _require(context)
    await in_thread(
        lambda: _refusing(lambda: _answer(caller, params.task_id, params.input_responses))
    )
    return {"resultType": "complete"}


async def _cancel(context: Any, params: TaskParams) -> dict[str, Any]:
    caller = _require(context)

    def cancel() -> None:
        run = access.stoppable_run(caller.principal.user, params.task_id)
        cancelling.cancel_run(run=run, reason="Stopped by an agent")

    await in_thread(lambda: _refusing(cancel))
    return {"resultType": "complete"}


def _refusing(function: Any) -> Any:
    """Return a function's answer; raise its refusals as errors of the protocol."""
    try:
        return function()
    except errors.NotFound:
        raise MCPError(types.INVALID_PARAMS, "Failed to retrieve task: Task not found") from None
    except errors.AppError as error:
        if error.status >= 500:
            raise
        raise MCPError(types.INVALID_PARAMS, error.message, {"code": error.code}) from None


def _details(caller: Caller, task_id: str) -> dict[str, Any]:
    head, run, waits = _head_now(caller, task_id)
    body: dict[str, Any] = {**head, "resultType": "complete"}
    if head["status"] == "input_required":
        body["inputRequests"] = {
            f"{questions.PREFIX}{wait.pk}": questions.form(caller, wait) for wait in waits
        }
    if head["status"] == "completed":
        result = run_facts.result_of(caller, run, with_picture=True)
        answer = wire_result(result)
        answer.is_error = run.status == states.FAILED
        body["result"] = answer.model_dump(by_alias=True, mode="json", exclude_none=True)
    return body


def _head_now(caller: Caller, task_id: str) -> tuple[dict[str, Any], Run, list[Wait]]:
    """Return a task's shape, its run, and the open questions. Raises NotFound."""
    run = run_facts.visible(caller, task_id)
    waits = [] if run.status in states.RUN_TERMINAL else selectors.open_waits(run)
    if run.status == states.CANCELLED:
        status = "cancelled"
    elif run.status in states.RUN_TERMINAL:
        status = "completed"
    else:
        status = "input_required" if waits else "working"
    head = {
        "taskId": run.public_id,
        "status": status,
        "statusMessage": f"The run is {run.status}.",
        "createdAt": clock.iso(run.created_at),
        "lastUpdatedAt": clock.iso(run.updated_at),
        "ttlMs": None,
        "pollIntervalMs": POLL_MS,
    }
    return head, run, waits


def _answer(caller: Caller, task_id: str, responses: Mapping[str, Any]) -> None:
    """Take the answers to questions that are open; others are left alone, as the extension says."""
    run = access.own_run(caller.principal.user, task_id)
    waits = {f"{questions.PREFIX}{wait.pk}": wait for wait in selectors.open_waits(run)}
    for key, response in responses.items():
        wait = waits.get(key)
        if wait is None or not isinstance(response, Mapping):
            continue
        answer = _arguments_of(response)
        if answer:
            try:
                questions.give(caller, task_id, str(wait.pk), **answer)
            except errors.Conflict as error:
                if error.code != "workflow.answered":
                    raise


def _arguments_of(response: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments of `questions.give`. Empty: the person gave no answer, so the question stays."""
    content = response.get("content")
    if response.get("action") == "accept" and isinstance(content, Mapping):
        return questions.read_form(content)
    return {}
