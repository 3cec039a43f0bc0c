"""`POST /v1/creative-agent/tools/execute`: parse, call, render."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.access_revalidation import while_allowed
from accounts.auth import Principal, require_api_key
from accounts.authentication import principal_of, proof_of
from accounts.rate_limits import check_start_rate
from accounts.suspension import check_may_act
from compose.execution import CallOptions, Execution, Started, begin
from compose.web.schemas import ExecuteIn, ToolCallOut
from core import jsonsafe
from core.errors import InvalidBody
from core.held_answer import Wait, held
from core.http import body_of, parse, success
from core.openapi import Parameter, operation
from core.public_url import base_url
from runs.live.feed import until_closed

MAX_KEY = 255
KEY = Parameter(
    "Idempotency-Key",
    "header",
    "Repeating a call with the same key within a day has the same answer and costs nothing more."
    " The same key with another call returns 409, and while the first is being answered, too.",
    {"type": "string", "maxLength": MAX_KEY},
)


class ExecuteView(APIView):
    """`/v1/creative-agent/tools/execute`."""

    @operation(
        "executeTool",
        "Call a tool",
        scope="run",
        tag="Tools",
        parameters=(
            KEY,
            Parameter("X-Token-Type", "header", "As `token_type`, which wins."),
            Parameter("X-App-Source", "header", "As `app_source`, which wins."),
        ),
        body=ExecuteIn,
        body_example={
            "tool": "compose_workflow_template",
            "arguments": {"brief": "A 10-second video of a lighthouse", "name": "Lighthouse"},
        },
        answers={200: ToolCallOut},
        errors=(402, 409, 429, 507),
        description="Composition tools are answered at once and cost 1 credit. Analysis and asset"
        " tools run as a workflow of one step, which is waited for up to 60 s, by one call of a"
        " key and 16 of a person at once. A tool that fails is"
        " a 200 with `result.ok` false and costs nothing. A tool that generates media is a 400:"
        " start a workflow. Needs an API key: a session or a token is a 403.",
    )
    def post(self, request: Request) -> HttpResponseBase:
        principal = principal_of(request)
        require_api_key(principal, "Calling a tool")
        check_start_rate(principal)
        body = parse(ExecuteIn, body_of(request))
        headers = request.headers
        key = (headers.get("Idempotency-Key") or body.idempotency_key or "").strip() or None
        if key and len(key) > MAX_KEY:
            raise InvalidBody(f"Idempotency-Key must be at most {MAX_KEY} characters long.")
        outcome = begin(
            principal,
            body.tool,
            body.arguments,
            own_hosts=[request.get_host()],
            base_url=base_url(request),
            options=CallOptions(
                key=key,
                app_source=body.app_source or headers.get("X-App-Source"),
                token_type=body.token_type or headers.get("X-Token-Type"),
                safe_content_filter=body.safe_content_filter,
                media=body.media,
            ),
        )
        if isinstance(outcome, Started):
            return _once_over(outcome, request, principal)
        return success(_body(outcome))


def _once_over(start: Started, request: Request, principal: Principal) -> HttpResponseBase:
    """Answer a call whose run is at work: when that is over, or has taken too long."""
    if not start.is_awaited:
        return success(_body(start.execution()))

    def prove() -> Principal:
        caller = proof_of(request)
        check_may_act(caller.user)
        return caller

    def until() -> Awaitable[None]:
        run_end = until_closed(start.run.pk, settings.TOOL_CALL_WAIT_S)
        return while_allowed(run_end, principal, prove)

    def render() -> bytes:
        return jsonsafe.dumps({"status": "success", "data": _body(start.execution())})

    response = HttpResponse(content_type="application/json")
    return held(request, response, Wait(until, render, start.give_up))


def _body(execution: Execution) -> dict[str, Any]:
    return {
        "toolCallId": execution.call_id,
        "tool": execution.tool,
        "result": execution.result,
        "message": execution.message,
    }
