"""The package's server with our handlers. Imported by the first request alone: it is large."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import mcp_types as types
from django.conf import settings
from mcp.server.extension import Extension, compose_tool_call_handler
from mcp.server.lowlevel.server import Server
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.server.transport_security import TransportSecuritySettings

from accounts import scopes
from builder.agents.mcp import catalog, resources, untrusted_text
from builder.agents.mcp.calling import call, caller_of, find, in_thread, wire_result
from builder.agents.mcp.tasks import Tasks
from builder.agents.mcp.tool import Caller, Tool, ToolResult

INSTRUCTIONS: Final = (
    "Reelgraph makes pictures, films and music by running templates: graphs of stages. Find one"
    " with search_templates, read its inputs with get_template, ask its price with quote, start it"
    " with run_template and follow it with get_run (wait_s up to 25). A run may ask a person a"
    " question: show it to them and send what they say with answer. Runs cost credits.\n"
    + untrusted_text.SENTENCE
)


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
        name = params.get("name") if isinstance(params, dict) else None
        tool = None
        if method == "tools/call" and isinstance(name, str):
            tool = await find(caller, name)
        scope = tool.scope if tool is not None else _SCOPES.get(str(method), scopes.READ)
        key = caller.principal.api_key
        if key is not None and not scopes.allows(key.scope, scope):
            await in_thread(lambda: scopes.check(key, scope))


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
        on_list_resources=resources.list_resources,
        on_list_resource_templates=resources.list_templates,
        on_read_resource=resources.read,
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
    return (Tasks(),)


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


async def _call_tool(
    context: Any, params: types.CallToolRequestParams
) -> types.CallToolResult | types.InputRequiredResult:
    result = await call(context, params)
    return wire_result(result) if isinstance(result, ToolResult) else result
