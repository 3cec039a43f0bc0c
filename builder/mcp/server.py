"""The package's server with our handlers. Imported by the first request alone: it is large."""

from __future__ import annotations

import asyncio
import base64
import contextvars
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Final, TypeVar

import mcp_types as types
from django.conf import settings
from django.db import connections
from mcp.server.extension import Extension, compose_tool_call_handler
from mcp.server.lowlevel.server import Server
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.server.transport_security import TransportSecuritySettings
from mcp.shared.exceptions import MCPError

from accounts import scopes
from builder.mcp import catalog, untrusted_text
from builder.mcp.tool import CALLER, Caller, Tool, ToolResult
from core import durable, errors, ids
from core.http import envelope

logger = logging.getLogger(__name__)

Result = TypeVar("Result")

# Calls that are at work in the database, or with a language model, at the same time.
THREADS: Final = 16
INSTRUCTIONS: Final = (
    "Reelgraph makes pictures, films and music by running templates: graphs of stages. Find one"
    " with search_templates, read its inputs with get_template, ask its price with quote, start it"
    " with run_template and follow it with get_run (wait_s up to 25). A run may ask a person a"
    " question: show it to them and send what they say with answer. Runs cost credits.\n"
    + untrusted_text.SENTENCE
)
_threads = ThreadPoolExecutor(THREADS, thread_name_prefix="mcp")


async def in_thread(function: Callable[[], Result]) -> Result:
    """Run a function that uses the database. What it wrote is on the disk when this returns."""

    def call() -> Result:
        try:
            found = function()
            durable.flush()
            return found
        finally:
            # The next call may run in any thread; on Postgres each would keep a connection.
            connections.close_all()

    # With the context of the request: what takes long asks `departure` in it.
    run = contextvars.copy_context().run
    return await asyncio.get_running_loop().run_in_executor(_threads, run, call)


@dataclass(frozen=True, slots=True)
class Serving:
    """The server at work in one event loop: one manager answers in JSON, one in event streams."""

    plain: StreamableHTTPSessionManager
    streaming: StreamableHTTPSessionManager

    def manager(self, *, streams: bool) -> StreamableHTTPSessionManager:
        return self.streaming if streams else self.plain

    async def check_scope(self, caller: Caller, message: Mapping[str, Any]) -> None:
        """Raise Forbidden where the caller's key may do less than the message needs.

        Here, and not in the handler: a client reads the scope from the status and its header.
        """
        params = message.get("params")
        method = message.get("method")
        named = params.get("name") if isinstance(params, dict) else None
        tool = None
        if method == "tools/call" and isinstance(named, str):
            tool = await find(caller, named)
        needed = tool.scope if tool is not None else _SCOPES.get(str(method), scopes.READ)
        key = caller.principal.api_key
        if key is not None and not scopes.allows(key.scope, needed):
            await in_thread(lambda: scopes.check(key, needed))


# Of methods that are no calls of tools.
_SCOPES: Mapping[str, Any] = {"tasks/update": scopes.RUN, "tasks/cancel": scopes.RUN}


@asynccontextmanager
async def serving() -> AsyncIterator[Serving]:
    """Start the session managers; leave in the same task."""
    server = make_server()
    security = _security()
    plain, streaming = (
        StreamableHTTPSessionManager(
            server,
            json_response=not streams,
            stateless=True,
            security_settings=security,
            max_request_body_size=settings.BODY_LIMIT_BYTES,
        )
        for streams in (False, True)
    )
    async with plain.run(), streaming.run():
        yield Serving(plain, streaming)


def _security() -> TransportSecuritySettings:
    """Hosts and origins, as the rest of this server has them."""
    hosts = [form for host in settings.ALLOWED_HOSTS for form in (host, f"{host}:*")]
    own = [settings.PUBLIC_URL] if settings.PUBLIC_URL else []
    local = [f"http://{form}" for form in hosts] if not own else []
    return TransportSecuritySettings(
        allowed_hosts=hosts, allowed_origins=[*own, *local, *settings.CORS_ORIGINS]
    )


@cache
def make_server() -> Server[Any]:
    server: Server[Any] = Server(
        "reelgraph",
        version="1",
        title="Reelgraph",
        instructions=INSTRUCTIONS,
        get_tool_input_schema=_schema_of,
        on_list_tools=_list_tools,
        on_call_tool=_call_tool,
    )
    # Without an exporter it only costs time.
    server.middleware.clear()
    for extension in extensions():
        server.extensions[extension.identifier] = extension.settings()
        for method in extension.methods():
            server.add_request_handler(method.method, method.params_type, method.handler)
    handler = compose_tool_call_handler(extensions(), _call_tool)
    server.add_request_handler("tools/call", types.CallToolRequestParams, handler)
    return server


@cache
def extensions() -> tuple[Extension, ...]:
    return ()


async def find(caller: Caller, name: str) -> Tool | None:
    """The tool of this name that a caller may call."""
    own = catalog.own_tools().get(name)
    return own or await in_thread(lambda: catalog.find(caller, name))


def caller_of(context: Any) -> Caller:
    """Who sent this message."""
    caller: Caller = context.request.scope[CALLER]
    return caller


def _schema_of(name: str) -> Mapping[str, Any] | None:
    tool = catalog.own_tools().get(name)
    return tool.input_schema() if tool is not None else None


async def _list_tools(
    context: Any, params: types.PaginatedRequestParams | None
) -> types.ListToolsResult:
    caller = caller_of(context)
    tools = await in_thread(lambda: catalog.tools_for(caller))
    return types.ListToolsResult(tools=[described(tool) for tool in tools])


def described(tool: Tool) -> types.Tool:
    return types.Tool(
        name=tool.name,
        title=tool.title,
        description=tool.description,
        input_schema=tool.input_schema(),
        annotations=types.ToolAnnotations(
            title=tool.title,
            read_only_hint=tool.is_read_only,
            destructive_hint=tool.is_destructive,
            idempotent_hint=tool.is_idempotent or tool.is_read_only,
            open_world_hint=False,
        ),
    )


async def _call_tool(context: Any, params: types.CallToolRequestParams) -> types.CallToolResult:
    return wire_result(await call(context, params))


async def call(context: Any, params: types.CallToolRequestParams) -> ToolResult:
    """Call a tool; what it refuses is a result too, which the model reads."""
    caller = caller_of(context)
    tool = await find(caller, params.name)
    if tool is None:
        raise MCPError(types.INVALID_PARAMS, f"Unknown tool: {params.name[:80]}")

    async def progress(done: float, total: float | None, message: str) -> None:
        await context.session.report_progress(done, total, message)

    try:
        arguments = tool.read(params.arguments or {})
        return await tool.run(replace(caller, progress=progress), arguments, in_thread)
    except Exception as error:
        return _failed(error)


def _failed(error: Exception) -> ToolResult:
    """A refusal as a result. Anything unexpected is logged, and told without its words."""
    _, _, body = envelope(error, request_id=ids.request_id())
    known = error if isinstance(error, errors.AppError) else errors.AppError()
    said: dict[str, Any] = {"code": known.code, "message": body["message"]}
    if known.details:
        said["details"] = known.details
    if known.retry_after_s is not None:
        said["retry_after_s"] = known.retry_after_s
    return ToolResult({"error": said}, f"{known.code}: {body['message']}", is_error=True)


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
    )
