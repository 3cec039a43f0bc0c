"""Parts of chats: a tool, calls, an image, and a whole one whose caller leaves."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

from asgiref.testing import ApplicationCommunicator

from builder.asgi import application
from tests.support.fakes.compose_model_server import Said
from tests.support.waiting import WAIT_S, promised

# A tool of the caller's own.
WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather of a place",
        "parameters": {
            "type": "object",
            "properties": {
                "place": {"type": "string"},
                "unit": {"type": "string", "enum": ["celsius", "fahrenheit"]},
            },
            "required": ["place", "unit"],
        },
    },
}


def named(name: str) -> dict[str, Any]:
    """Return the choice of a tool."""
    return {"type": "function", "function": {"name": name}}


def calls(tool: str, **given: Any) -> Said:
    """Return what a model says that calls a tool."""
    return Said(calls=[(tool, json.dumps(given))])


def with_image(text: str, url: str) -> list[dict[str, Any]]:
    """Return the parts of a message."""
    return [{"type": "text", "text": text}, {"type": "image_url", "image_url": {"url": url}}]


def leave(key: str, until: Callable[[ApplicationCommunicator], Any], **more: Any) -> None:
    """Post a chat to the application, and close it when `until` is over. more: of the body."""
    headers = {"host": "testserver", "api-key": key, "idempotency-key": "k"}
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/v1/chat/completions",
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }
    body = json.dumps({"messages": [{"role": "user", "content": "Hello"}], **more}).encode()

    async def scene() -> None:
        client = ApplicationCommunicator(application, scope)
        await client.send_input({"type": "http.request", "body": body, "more_body": False})
        await until(client)
        with promised(5):
            await client.send_input({"type": "http.disconnect"})
            await client.wait(WAIT_S)

    asyncio.run(scene())
