"""Calls of tools: found, read, run in threads, and answered in the protocol's types."""

from __future__ import annotations

import asyncio
import base64
import contextvars
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any, Final, TypeVar

import mcp_types as types
from django.db import connections
from mcp.shared.exceptions import MCPError

from builder.agents.mcp import catalog, confirming
from builder.agents.mcp.run_facts import STARTED
from builder.agents.mcp.tool import CALLER, PERSON, Caller, Tool, ToolResult
from core import durable, errors, ids
from core.http import envelope
from core.turns import Turns

Result = TypeVar("Result")

# Calls that are at work in the database, or with a language model, at the same time; and those of
# one person, whose others wait without a thread.
THREADS: Final = 16
THREADS_OF_ONE: Final = 8
_threads = ThreadPoolExecutor(THREADS, thread_name_prefix="mcp")
_turns = Turns(THREADS_OF_ONE)


async def in_thread(function: Callable[[], Result]) -> Result:
    """Run a function that uses the database. What it wrote is on the disk when this returns.

    In turn with all else of the person who sent the current request.
    """

    def call() -> Result:
        try:
            result = function()
            durable.flush()
            return result
        finally:
            # The next call may run in any thread; on Postgres each would keep a connection.
            connections.close_all()

    # With the context of the request: what takes long asks `departure` in it.
    run = contextvars.copy_context().run
    async with _turns.of(PERSON.get()):
        return await asyncio.get_running_loop().run_in_executor(_threads, run, call)


async def find(caller: Caller, name: str) -> Tool | None:
    """The tool of this name that a caller may call."""
    own = catalog.own_tools().get(name)
    return own or await in_thread(lambda: catalog.find(caller, name))


def caller_of(context: Any) -> Caller:
    """Return who sent this message."""
    caller: Caller = context.request.scope[CALLER]
    return caller


async def call(
    context: Any, params: types.CallToolRequestParams
) -> ToolResult | types.InputRequiredResult:
    """Call a tool, or ask the person first; what it refuses is a result, which the model reads."""
    caller = caller_of(context)
    tool = await find(caller, params.name)
    if tool is None:
        raise MCPError(types.INVALID_PARAMS, f"Unknown tool: {params.name[:80]}")

    async def progress(position: float, total: float | None, message: str) -> None:
        await context.session.report_progress(position, total, message)

    try:
        arguments = tool.read(params.arguments or {})
        question = await confirming.ask(
            context, params, lambda: in_thread(lambda: tool.question(caller, arguments))
        )
        if question is not None:
            return question
        return await tool.run(replace(caller, progress=progress), arguments, in_thread)
    except Exception as error:
        return _failure(error)


def _failure(error: Exception) -> ToolResult:
    """A refusal as a result. Anything unexpected is logged, and told without its words."""
    _, _, body = envelope(error, request_id=ids.request_id())
    refusal = error if isinstance(error, errors.AppError) else errors.AppError()
    facts: dict[str, Any] = {"code": refusal.code, "message": body["message"]}
    if refusal.details:
        facts["details"] = refusal.details
    if refusal.retry_after_s is not None:
        facts["retry_after_s"] = refusal.retry_after_s
    return ToolResult({"error": facts}, f"{refusal.code}: {body['message']}", is_error=True)


def wire_result(result: ToolResult) -> types.CallToolResult:
    """A result as the protocol has it."""
    links = [
        types.ResourceLink(
            uri=link.uri,
            name=link.name,
            title=link.title or None,
            description=link.description or None,
            mime_type=link.mime or None,
            size=link.size,
        )
        for link in result.links
    ]
    pictures = [
        types.ImageContent(data=base64.b64encode(one.data).decode(), mime_type=one.mime)
        for one in result.pictures
    ]
    return types.CallToolResult(
        content=[types.TextContent(text=result.text), *pictures, *links],
        structured_content=dict(result.structured),
        is_error=result.is_error,
        meta={STARTED: result.run_id} if result.run_id else None,
    )
