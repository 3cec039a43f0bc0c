"""`POST /v1/creative-agent/tools/execute`: parse, call, render."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.auth import require_api_key
from accounts.authentication import principal_of
from accounts.limits import check_start_rate
from compose.execution import CallOptions, execute
from compose.web.schemas import ExecuteIn, ToolCallOut
from core.errors import InvalidBody
from core.http import body_of, parse, success
from core.openapi import Parameter, operation
from core.public_url import base_url

MAX_KEY = 255
KEY = Parameter(
    "Idempotency-Key",
    "header",
    "Repeating a call with the same key costs nothing more. The same key with another call"
    " returns 409.",
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
        errors=(402, 409, 507),
        description="Composition tools are answered at once and cost 1 credit. Analysis and asset"
        " tools run as a workflow of one step, which is waited for up to 60 s. A tool that fails is"
        " a 200 with `result.ok` false and costs nothing. A tool that generates media is a 400:"
        " start a workflow. Needs an API key: a session or a token is a 403.",
    )
    def post(self, request: Request) -> Response:
        principal = principal_of(request)
        require_api_key(principal, "Calling a tool")
        check_start_rate(principal)
        wanted = parse(ExecuteIn, body_of(request))
        headers = request.headers
        key = (headers.get("Idempotency-Key") or wanted.idempotency_key or "").strip() or None
        if key and len(key) > MAX_KEY:
            raise InvalidBody(f"Idempotency-Key must be at most {MAX_KEY} characters long.")
        called = execute(
            principal,
            wanted.tool,
            wanted.arguments,
            own_hosts=[request.get_host()],
            base_url=base_url(request),
            options=CallOptions(
                key=key,
                app_source=wanted.app_source or headers.get("X-App-Source"),
                token_type=wanted.token_type or headers.get("X-Token-Type"),
                safe_content_filter=wanted.safe_content_filter,
                media=wanted.media,
            ),
        )
        return success(
            {
                "toolCallId": called.call_id,
                "tool": called.tool,
                "result": called.result,
                "message": called.message,
            }
        )
