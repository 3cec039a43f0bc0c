"""AsyncAPI 3.0 of the WebSockets, from the declarations beside the code that serves them.

Nothing is written here that a channel could say: this file adds what is true of every socket.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from builder.openapi.document import SECURITY, name_events
from core import close_codes
from core.asyncapi import ChannelDescription
from core.openapi import Schema
from notices import socket_messages as notices
from runs.live import socket_messages as run
from templates_app.documents import socket_messages as document

CHANNELS = (run.CHANNEL, document.CHANNEL, notices.CHANNEL)
DESCRIPTION = """
Runs, drafts and notices live, over WebSockets. Messages are JSON in text frames; `event` names each
of the server's. New events and fields may come: read what you know. Of runs and drafts nothing is
only sent here: what a connection misses is replayed after `after`, and REST shows the same.
""".strip()
# Why the server closes a socket, or refuses it right after the handshake.
CLOSE_CODES: Mapping[int, tuple[str, bool]] = {
    close_codes.ENDED: (
        "The run is over or waits for a person; `workflow_status` came before.",
        False,
    ),
    close_codes.MESSAGE_TOO_LARGE: ("You sent a message that is too long.", False),
    close_codes.BROKEN: ("The server failed. Connect again.", True),
    close_codes.TRY_AGAIN_LATER: (
        "The server or its database is away for now. Connect again later.",
        True,
    ),
    close_codes.REFUSED: ("The URL can't be used; a key in it, for example.", False),
    close_codes.UNAUTHENTICATED: (
        "The credential is missing or no longer valid; a ticket was used or has expired.",
        False,
    ),
    close_codes.FORBIDDEN: (
        "The credential may not do this: its scope is too small, or you may only look.",
        False,
    ),
    close_codes.NOT_FOUND: ("Not found, or not yours.", False),
    close_codes.SUSPENDED: ("The account is suspended; REST says until when.", False),
    close_codes.TOO_MANY: ("Too many open connections, or too many messages a second.", True),
}
# Beside those of OpenAPI, what only a socket takes.
SOCKET_SECURITY = {
    "session": {
        "type": "httpApiKey",
        "in": "cookie",
        "name": settings.SESSION_COOKIE_NAME,
        "description": "The session of someone who signed in; only from pages of this server, or"
        " of an origin that its operator lists.",
    },
    "subprotocol": {
        "type": "httpApiKey",
        "in": "header",
        "name": "Sec-WebSocket-Protocol",
        "description": "Two subprotocols, `bearer` and an API key or token: for pages elsewhere, as"
        " `new WebSocket(url, ['bearer', key])`. The server answers with `bearer`.",
    },
    "ticket": {
        "type": "httpApiKey",
        "in": "query",
        "name": "ticket",
        "description": "From `POST /v1/realtime/tickets`: opens one socket of one object, within 60"
        " seconds, from any origin.",
    },
}
_SCHEMA = "#/components/schemas/"


@cache
def asyncapi() -> dict[str, Any]:
    """The whole document, without `servers`: those depend on who asks."""
    security = [{"$ref": f"#/components/securitySchemes/{name}"} for name in _security()]
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Reelgraph live",
            "version": "1",
            "description": DESCRIPTION,
            "license": {"name": "Apache License 2.0"},
        },
        "defaultContentType": "application/json",
        "channels": {one.name: _channel(one) for one in CHANNELS},
        "operations": {
            name: operation for one in CHANNELS for name, operation in _operations(one, security)
        },
        "components": {
            "schemas": dict(sorted(_schemas().items())),
            "messages": {
                model.__name__: _message(model)
                for one in CHANNELS
                for model in (*one.sends, *one.receives)
            },
            "securitySchemes": _security(),
        },
        "x-close-codes": [
            {"code": code, "description": text, "retry": retry}
            for code, (text, retry) in CLOSE_CODES.items()
        ],
    }


def servers(origin: str) -> dict[str, Any]:
    """The one server, as who asks sees it. origin: `https://example.org`."""
    parts = urlsplit(origin)
    secure = parts.scheme == "https"
    return {"this": {"host": parts.netloc, "protocol": "wss" if secure else "ws"}}


def event_of(model: type[BaseModel]) -> str:
    """Return a message's name on the wire: its `event`, or the one thing a client may send."""
    schema = schema_of(model)
    event = schema.get("properties", {}).get("event", {}).get("const")
    return str(event or schema.get("const") or next(iter(schema["properties"])))


def schema_of(model: type[BaseModel]) -> Schema:
    """A message's payload, without its examples."""
    return _schemas()[model.__name__]


def examples_of(model: type[BaseModel]) -> list[Any]:
    return list((model.model_config.get("json_schema_extra") or {}).get("examples", ()))  # type: ignore[union-attr, arg-type]


def message_bytes(channel: ChannelDescription) -> int:
    """The longest message that a client may send."""
    messages = [
        most
        for root, most in settings.SOCKET_MESSAGE_BYTES_BELOW.items()
        if channel.address.startswith(root)
    ]
    return int(messages[0]) if messages else int(settings.SOCKET_MESSAGE_BYTES)


def limits(channel: ChannelDescription) -> tuple[str, ...]:
    """List what a client must keep to, as sentences."""
    most = message_bytes(channel)
    words = f"{most >> 20} MiB" if most >= 1 << 20 else f"{most >> 10} KB"
    return (
        f"Messages of at most {words}; a longer one closes with 1009.",
        f"{settings.SOCKET_MESSAGES_PER_S} messages a second with pings; more close with 4429.",
        *channel.limits,
        f"{settings.STREAMS_PER_USER} open sockets and event streams of one person.",
    )


@cache
def _schemas() -> dict[str, Schema]:
    models = {model: None for one in CHANNELS for model in (*one.sends, *one.receives)}
    _, definitions = models_json_schema(
        [(model, "validation") for model in models], by_alias=True, ref_template=_SCHEMA + "{model}"
    )
    schemas: dict[str, Schema] = dict(definitions.get("$defs", {}))
    name_events(schemas)
    for schema in schemas.values():
        # Examples are in the messages.
        schema.pop("examples", None)
    return schemas


def _security() -> dict[str, Any]:
    headers = {
        name: {**scheme, "type": "httpApiKey" if scheme["type"] == "apiKey" else scheme["type"]}
        for name, scheme in SECURITY.items()
    }
    return headers | SOCKET_SECURITY


def _channel(channel: ChannelDescription) -> dict[str, Any]:
    return {
        "address": channel.address,
        "title": channel.title,
        "description": channel.description,
        "parameters": {
            name: {"description": text} for name, text in sorted(channel.variables.items())
        },
        "messages": {
            model.__name__: {"$ref": f"#/components/messages/{model.__name__}"}
            for model in (*channel.sends, *channel.receives)
        },
        "bindings": {
            "ws": {
                "method": "GET",
                "query": {
                    "type": "object",
                    "properties": {
                        **{
                            one.name: {**one.schema, "description": one.description}
                            for one in channel.parameters
                        },
                        "ticket": {
                            "type": "string",
                            "description": "In the place of another credential.",
                        },
                    },
                },
                "bindingVersion": "0.1.0",
            }
        },
        "x-key-scope": channel.scope,
        "x-message-bytes": message_bytes(channel),
        "x-messages-per-second": settings.SOCKET_MESSAGES_PER_S,
        "x-limits": list(limits(channel)),
    }


def _operations(
    channel: ChannelDescription, security: list[dict[str, str]]
) -> list[tuple[str, dict[str, Any]]]:
    """`action` is the server's: it sends, it receives."""
    where = f"#/channels/{channel.name}"
    suffix = channel.name.capitalize()
    return [
        (
            f"{action}{suffix}",
            {
                "action": action,
                "title": f"{channel.title}: {words}",
                "channel": {"$ref": where},
                "security": security,
                "messages": [{"$ref": f"{where}/messages/{model.__name__}"} for model in models],
            },
        )
        for action, words, models in (
            ("send", "what the server sends", channel.sends),
            ("receive", "what you may send", channel.receives),
        )
    ]


def _message(model: type[BaseModel]) -> dict[str, Any]:
    schema = schema_of(model)
    is_text = schema.get("type") == "string"
    name = event_of(model)
    return {
        "name": name,
        "title": name,
        "summary": " ".join((model.__doc__ or "").split()),
        "contentType": "text/plain" if is_text else "application/json",
        "payload": {"$ref": _SCHEMA + model.__name__},
        "examples": [{"payload": example} for example in examples_of(model)],
    }
