"""Messages of the Model Context Protocol through the server's ASGI application."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tests.support.clients.asgi_requests import Answer, request_app

MODERN, HANDSHAKE = "2026-07-28", "2025-11-25"
TASKS = "io.modelcontextprotocol/tasks"


def post(
    body: Any, key: str = "", headers: Mapping[str, str] | None = None, *, method: str = "POST"
) -> Answer:
    """body: what to send as JSON, or bytes."""
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {
        "content-type": "application/json",
        "accept": "application/json, text/event-stream",
        **({"authorization": f"Bearer {key}"} if key else {}),
    }
    return request_app(method, "/mcp", {**named, **(headers or {})}, sent)


def send(
    method: str,
    params: Mapping[str, Any] | None = None,
    key: str = "",
    *,
    era: str = MODERN,
    tasks: bool = False,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """One request of an era. tasks: the client declares the extension."""
    named = {"mcp-protocol-version": era, **(headers or {})}
    given = dict(params or {})
    if era != HANDSHAKE:
        extensions = {TASKS: {}} if tasks else {}
        given["_meta"] = {
            "io.modelcontextprotocol/protocolVersion": era,
            "io.modelcontextprotocol/clientInfo": {"name": "tests", "version": "1"},
            "io.modelcontextprotocol/clientCapabilities": {"extensions": extensions},
            **given.get("_meta", {}),
        }
        named["mcp-method"] = method
        name = given.get("name") or given.get("taskId") or given.get("uri")
        if name:
            named["mcp-name"] = str(name)
    return post({"jsonrpc": "2.0", "id": 1, "method": method, "params": given}, key, named)


def result(answer: Answer) -> dict[str, Any]:
    """The result of a request that was answered well."""
    assert answer.status == 200, answer.text
    body = answer.json()
    assert "result" in body, body
    return dict(body["result"])


def call(
    tool: str, arguments: Mapping[str, Any], key: str, *, era: str = MODERN, tasks: bool = False
) -> dict[str, Any]:
    """The result of a call, with or without an error of the tool."""
    params = {"name": tool, "arguments": dict(arguments)}
    return result(send("tools/call", params, key, era=era, tasks=tasks))


def called(
    tool: str, arguments: Mapping[str, Any], key: str, *, era: str = MODERN
) -> dict[str, Any]:
    """What a call answers that went well, as a program reads it."""
    found = call(tool, arguments, key, era=era)
    assert not found.get("isError"), found
    return dict(found["structuredContent"])


def refused(tool: str, arguments: Mapping[str, Any], key: str) -> dict[str, Any]:
    """The error of a call that the tool refused."""
    found = call(tool, arguments, key)
    assert found.get("isError"), found
    error = found["structuredContent"]["error"]
    assert error["code"] in found["content"][0]["text"]
    return dict(error)
