"""`/v1/asyncapi.json` keeps to AsyncAPI 3.0 and names every socket, message and limit."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, get_args

import pytest
from django.test import Client
from jsonschema import Draft7Validator, Draft202012Validator

from builder import asgi
from builder.openapi import asyncapi as sockets
from builder.openapi.asyncapi import CHANNELS, CLOSE_CODES, asyncapi
from builder.openapi.document import document
from core.asyncapi import Ping
from tests.support.asyncapi import misfits

WHOLE = asyncapi()
MESSAGES = WHOLE["components"]["messages"]
SCHEMAS = WHOLE["components"]["schemas"]
TEXT = {"type": "string"}
NAME = r"^[\w\d.\-_]+$"
REFERENCE = {
    "type": "object",
    "properties": {"$ref": {"type": "string", "pattern": "^#/"}},
    "required": ["$ref"],
    "additionalProperties": False,
}


def of(required: tuple[str, ...] = (), **properties: Any) -> dict[str, Any]:
    """An object of the specification: these fields, extensions, and nothing else."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "patternProperties": {r"^x-[\w\d.\-_]+$": True},
        "additionalProperties": False,
    }


def by_name(schema: dict[str, Any], pattern: str = NAME) -> dict[str, Any]:
    return {"type": "object", "patternProperties": {pattern: schema}, "additionalProperties": False}


def each(schema: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": schema, "uniqueItems": True}


JSON_SCHEMA = {"$ref": "http://json-schema.org/draft-07/schema#"}
SECURITY = {
    "oneOf": [
        of(
            ("type", "name", "in"),
            type={"const": "httpApiKey"},
            name=TEXT,
            description=TEXT,
            **{"in": {"enum": ["header", "query", "cookie"]}},
        ),
        of(
            ("type", "scheme"),
            type={"const": "http"},
            scheme={"const": "bearer"},
            bearerFormat=TEXT,
            description=TEXT,
        ),
    ]
}
BINDING = of(
    method={"enum": ["GET", "POST"]},
    query=JSON_SCHEMA,
    headers=JSON_SCHEMA,
    bindingVersion={"const": "0.1.0"},
)
# The objects of the specification that this document uses, at
# https://www.asyncapi.com/docs/reference/specification/v3.0.0.
SPECIFICATION = of(
    ("asyncapi", "info"),
    asyncapi={"const": "3.0.0"},
    defaultContentType=TEXT,
    info=of(
        ("title", "version"),
        title=TEXT,
        version=TEXT,
        description=TEXT,
        license=of(("name",), name=TEXT, url=TEXT),
    ),
    servers=by_name(
        of(
            ("host", "protocol"),
            host={"type": "string", "pattern": r"^[^/]+$"},
            pathname=TEXT,
            protocol={"enum": ["ws", "wss"]},
            description=TEXT,
        )
    ),
    channels=by_name(
        of(
            address={"type": "string", "pattern": r"^[^?#]+$"},
            title=TEXT,
            summary=TEXT,
            description=TEXT,
            parameters=by_name(
                of(description=TEXT, enum=each(TEXT), default=TEXT, examples=each(TEXT)),
                r"^[A-Za-z0-9_\-]+$",
            ),
            messages=by_name(REFERENCE),
            bindings=of(ws=BINDING),
        )
    ),
    operations=by_name(
        of(
            ("action", "channel"),
            action={"enum": ["send", "receive"]},
            channel=REFERENCE,
            title=TEXT,
            summary=TEXT,
            description=TEXT,
            security=each(REFERENCE),
            messages=each(REFERENCE),
        )
    ),
    components=of(
        schemas=by_name(JSON_SCHEMA),
        messages=by_name(
            of(
                name=TEXT,
                title=TEXT,
                summary=TEXT,
                contentType=TEXT,
                payload=REFERENCE,
                examples=each({**of(name=TEXT, summary=TEXT, payload=True), "minProperties": 1}),
            )
        ),
        securitySchemes=by_name(SECURITY),
    ),
)


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            if name == "$ref":
                yield inner
            else:
                yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def found(reference: str) -> Any:
    at: Any = WHOLE
    for part in reference.removeprefix("#/").split("/"):
        at = at[part]
    return at


def test_it_keeps_to_the_specification() -> None:
    Draft202012Validator.check_schema(SPECIFICATION)
    published = {**WHOLE, "servers": sockets.servers("https://reel.example:8443")}
    assert [
        error.message for error in Draft202012Validator(SPECIFICATION).iter_errors(published)
    ] == []
    assert published["servers"] == {"this": {"host": "reel.example:8443", "protocol": "wss"}}
    for schema in SCHEMAS.values():
        Draft7Validator.check_schema(schema)
    for reference in references(WHOLE):
        assert found(reference) is not None, reference
    json.dumps(WHOLE, allow_nan=False)


def test_an_operation_uses_the_messages_of_its_channel() -> None:
    for operation in WHOLE["operations"].values():
        where = operation["channel"]["$ref"]
        assert operation["messages"]
        assert all(one["$ref"].startswith(f"{where}/messages/") for one in operation["messages"])
    for channel in WHOLE["channels"].values():
        assert set(re.findall(r"\{(\w+)\}", channel["address"])) == set(channel["parameters"])


def test_every_message_is_explained_and_its_example_fits() -> None:
    for channel in CHANNELS:
        for model in (*channel.sends, *channel.receives):
            message = MESSAGES[model.__name__]
            assert message["summary"], model
            assert message["examples"], model
            whole = {**message["payload"], "components": {"schemas": SCHEMAS}}
            for example in message["examples"]:
                assert Draft202012Validator(whole).is_valid(example["payload"]), model
                model.model_validate(example["payload"])
        path = re.sub(r"\{\w+\}", "x", channel.address)
        for model in channel.sends:
            for example in MESSAGES[model.__name__]["examples"]:
                assert misfits(path, example["payload"]) == []
    assert get_args(Ping.model_fields["root"].annotation) == ("ping",)


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/ws/runs/x", {"event": "unknown"}),
        ("/ws/runs/x", {"event": "pong"}),
        ("/ws/runs/x", {"event": "ping", "id": 1, "more": True}),
        ("/ws/documents/x", {"event": "workflow_event", "id": 1, "data": {}}),
        ("/ws/documents/x", {"event": "people", "people": [{"name": "a"}]}),
        ("/ws/elsewhere", {"event": "ping", "id": 1}),
        ("/ws/runs/x", []),
    ],
)
def test_a_message_that_is_not_documented_is_found(path: str, message: Any) -> None:
    assert misfits(path, message)


def test_events_are_those_of_the_rest_api() -> None:
    rest = document()["components"]["schemas"]["EventOut"]
    assert {name: part for name, part in SCHEMAS["EventOut"].items() if name != "examples"} == rest


def test_limits_and_close_codes_are_told() -> None:
    by_name = WHOLE["channels"]
    assert [by_name[name]["x-message-bytes"] for name in ("run", "document")] == [4096, 1 << 20]
    assert {channel["x-messages-per-second"] for channel in by_name.values()} == {60}
    assert any(text.startswith("20 presence messages") for text in by_name["document"]["x-limits"])
    codes = {one["code"] for one in WHOLE["x-close-codes"]}
    assert codes == set(CLOSE_CODES)
    assert codes >= {1000, 1009, 1011, 1013, 4400, 4401, 4403, 4404, 4429}


def test_credentials_are_those_of_rest_and_three_of_sockets() -> None:
    schemes = WHOLE["components"]["securitySchemes"]
    assert set(schemes) == {
        *document()["components"]["securitySchemes"],
        "session",
        "subprotocol",
        "ticket",
    }
    for operation in WHOLE["operations"].values():
        assert {one["$ref"].rsplit("/", 1)[-1] for one in operation["security"]} == set(schemes)


@pytest.mark.django_db
def test_everyone_may_read_it() -> None:
    answer = Client().get("/v1/asyncapi.json", headers={"origin": "https://pages.example"})
    whole = answer.json()
    assert whole["servers"] == {"this": {"host": "testserver", "protocol": "ws"}}
    assert answer["Access-Control-Allow-Origin"] == "https://pages.example"
    again = Client().get("/v1/asyncapi.json", headers={"if-none-match": answer["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_the_page_shows_each_message_limit_and_close_code(client: Client) -> None:
    page = client.get("/docs/api").content.decode()
    for channel in CHANNELS:
        assert f'id="socket-{channel.name}"' in page
        for model in (*channel.sends, *channel.receives):
            assert f'href="#schema-{model.__name__}"' in page
        for text in sockets.limits(channel):
            assert text in page
    for code in CLOSE_CODES:
        assert f"<code>{code}</code>" in page
    assert 'href="/v1/asyncapi.json"' in page


def test_every_socket_of_the_server_is_described() -> None:
    routes = {re.sub(r"<(?:\w+:)?\w+>", "{}", f"/{one.pattern}") for one in asgi.SOCKETS}
    assert routes == {re.sub(r"\{\w+\}", "{}", channel.address) for channel in CHANNELS}
