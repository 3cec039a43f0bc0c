"""Asks the person before spending or changing, if their client supports elicitation.

A client that declares forms (elicitation) with revision 2026-07-28 gets a question instead of an
answer, and sends the call again with what the person said. With any other client it rests on the
client to ask before it calls.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from typing import Any, Final

import mcp_types as types
from mcp_types.version import MODERN_PROTOCOL_VERSIONS

from builder.agents.mcp.tool import ToolResult
from core import canonical

FIELD: Final = "agree"
LONGEST: Final = 6_000
Question = Callable[[], Awaitable[str]]
DECLINED: Final = ToolResult(
    {"error": {"code": "declined", "message": "The person did not agree. Nothing was done."}},
    "declined: The person did not agree. Nothing was done. Don't call again unless they ask.",
    is_error=True,
)


async def ask(
    context: Any, params: types.CallToolRequestParams, question: Question
) -> types.InputRequiredResult | ToolResult | None:
    """The question of a call, or its end when the person declined; None: go on.

    question: what they must agree to, "" for nothing; asked for only where it can be shown.
    """
    if not can_ask(context):
        return None
    text = await question()
    if not text:
        return None
    key = _key_of(params, text)
    answer = (params.input_responses or {}).get(key)
    if answer is None:
        return types.InputRequiredResult(input_requests={key: _form(text)})
    return None if _is_yes(answer) else DECLINED


def can_ask(context: Any) -> bool:
    """Return whether the client of this request shows forms to a person."""
    capabilities = context.session.client_capabilities
    elicitation = capabilities.elicitation if capabilities is not None else None
    if elicitation is None or context.protocol_version not in MODERN_PROTOCOL_VERSIONS:
        return False
    # Without a mode it means forms.
    return elicitation.form is not None or elicitation.url is None


def _key_of(params: types.CallToolRequestParams, text: str) -> str:
    """An answer counts for this call and for what was asked, such as a price, alone."""
    request_hash = canonical.sha256_hex([params.name, params.arguments or {}])
    return "agree-" + hashlib.sha256(f"{request_hash}\n{text}".encode()).hexdigest()[:32]


def _form(text: str) -> types.ElicitRequest:
    message = text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
    return types.ElicitRequest(
        params=types.ElicitRequestFormParams(
            message=message,
            requested_schema={
                "type": "object",
                "properties": {FIELD: {"type": "boolean", "title": "Agree", "default": True}},
                "required": [FIELD],
            },
        )
    )


def _is_yes(answer: Any) -> bool:
    content = answer.content if isinstance(answer, types.ElicitResult) else None
    if not isinstance(answer, types.ElicitResult) or answer.action != "accept":
        return False
    return (content or {}).get(FIELD) is True
