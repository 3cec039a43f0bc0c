"""OpenAPI 3.1 from the route tables, the operations beside the views and their models.

Nothing is written here that a view could say: this file adds what is true of every route.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver
from pydantic import TypeAdapter

from builder.openapi import errors as error_pages
from builder.openapi.requests import body_schema
from core.middleware import OAUTH_ROOTS
from core.openapi import Operation, Schema, operation_of
from runs.log.events import EVENTS
from runs.web.schemas import EventOut
from tools.catalog import catalogue
from tools.declaration import schema

ROOTS = ("/v1/", "/v2/", "/v4/", "/api/")
METHODS = ("get", "post", "put", "patch", "delete")
WRITES = frozenset({"post", "put", "patch", "delete"})
TAGS = {
    "Workflows": "Start, follow, stop and resume runs.",
    "Templates": "Saved workflows with inputs and stages.",
    "Table runs": "A template run once for each row of a table.",
    "Apps": "Runs by people without an account, by a link.",
    "Tools": "Single calls: draft a template, write a prompt, look at a file.",
    "Chat": "OpenAI's chat completions with the tools of this server, and chats that last.",
    "Agents": "The Model Context Protocol.",
    "Webhooks": "A POST to your program when a run ends or waits.",
    "Realtime": "Tickets that open WebSockets from other websites.",
    "Uploads": "Upload files to use in runs.",
    "Models": "Available models.",
    "Account": "The caller and their balance.",
    "Connected apps": "OAuth 2.1, by which people connect apps.",
    "Reference": "This document.",
}
# What a variable in a path names.
VARIABLES = {
    "run_id": "A workflow's id.",
    "public_id": "A template's id.",
    "model_id": "A model's id; slashes may be written as they are.",
    "ticket": "The permission in an upload address.",
    "record_id": "A replay record's id.",
    "chat_id": "A chat run's id.",
    "set_id": "A table run's id.",
    "position": "A row's position, from 0.",
    "slug": "An app's address.",
    "token": "The id of a guest's run, which is all it takes to read it.",
}
DESCRIPTION = """
Creative-Agent Workflows and Workflow Templates. A run is called a *workflow* here.

Bodies are JSON objects of at most 2 MB; unknown fields are ignored and `null` means absent. Answers
are `{"status": "success", "data": …}` unless a route says otherwise; failures are
`{"status": "error", "errorCode", "message", …}`. New fields may come; read what you know.
""".strip()


@dataclass(frozen=True, slots=True)
class Route:
    """One method of one address. path: with `{variables}`."""

    path: str
    method: str
    operation: Operation


class Undescribed(Exception):
    """A view without a declared operation."""


@cache
def document() -> dict[str, Any]:
    """The whole document, without `servers`: those depend on who asks."""
    all_routes = list(routes())
    models = _models(all_routes)
    refs, components = TypeAdapter.json_schemas(
        [(model, "validation", TypeAdapter(model)) for model in models],
        by_alias=True,
        ref_template="#/components/schemas/{model}",
    )
    schemas: dict[str, Schema] = dict(components.get("$defs", {}))
    schemas |= error_pages.schemas()
    schemas |= schema.openapi_components(catalogue())
    names: dict[Any, str] = {
        model: str(ref["$ref"]).rsplit("/", 1)[-1] for (model, _), ref in refs.items()
    }
    name_events(schemas)
    for route in all_routes:
        body = route.operation.body
        if isinstance(body, type):
            schemas[names[body]] = body_schema(body, schemas[names[body]])
    paths: dict[str, dict[str, Any]] = {}
    operation_ids: set[str] = set()
    for route in all_routes:
        paths.setdefault(route.path, {})[route.method] = _operation(route, names, operation_ids)
    return {
        "openapi": "3.1.0",
        "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
        "info": {
            "title": "Reelgraph",
            "version": "1",
            "description": DESCRIPTION,
            "license": {"name": "Apache License 2.0", "identifier": "Apache-2.0"},
        },
        "tags": [{"name": name, "description": text} for name, text in TAGS.items()],
        "security": [{"apiKey": []}, {"bearer": []}, {"token": []}, {"cookie": []}],
        "paths": paths,
        "components": {
            "schemas": dict(sorted(schemas.items())),
            "responses": error_pages.responses(),
            "securitySchemes": SECURITY,
        },
        "x-errors": error_pages.table(),
        "x-events": {
            name: " ".join((kind.__doc__ or "").split()) for name, kind in sorted(EVENTS.items())
        },
    }


SECURITY = {
    "apiKey": {"type": "apiKey", "in": "header", "name": "api-key"},
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "description": "An API key, or the `token` of a sign-in.",
    },
    "token": {
        "type": "apiKey",
        "in": "header",
        "name": "Authorization",
        "description": "The same without the word Bearer.",
    },
    "cookie": {
        "type": "apiKey",
        "in": "cookie",
        "name": "authorization",
        "description": "The same as a cookie; writes must come from a page of this server.",
    },
}


def routes() -> Iterator[Route]:
    """Every method of every route of the public API. Raises Undescribed."""
    # Late: the application is put together from this module's routes too.
    from builder.asgi import BESIDE_DJANGO

    for path, callback in _django_routes():
        plain = getattr(callback, "operations", None)
        if plain is not None:
            yield from (Route(path, method, operation) for method, operation in plain.items())
            continue
        view = callback.view_class
        methods = callback.view_initkwargs.get("http_method_names", METHODS)
        for method in METHODS:
            handler = getattr(view, method, None)
            if handler is None or method not in methods:
                continue
            operation = operation_of(handler)
            if operation is None:
                raise Undescribed(f"{method.upper()} {path} lacks @operation")
            yield Route(path, method, operation)
    for route in BESIDE_DJANGO:
        app = getattr(route.callback, "consumer_class", route.callback)
        for method, operation in getattr(app, "operations", {}).items():
            yield Route("/" + _with_braces(str(route.pattern)), method, operation)


def _django_routes() -> Iterator[tuple[str, Any]]:
    def walk(patterns: list[Any], prefix: str) -> Iterator[tuple[str, Any]]:
        for entry in patterns:
            path = prefix + _with_braces(str(entry.pattern))
            if isinstance(entry, URLResolver):
                yield from walk(entry.url_patterns, path)
            elif isinstance(entry, URLPattern) and path.startswith((*ROOTS, *OAUTH_ROOTS)):
                yield path, entry.callback

    return walk(get_resolver("builder.urls").url_patterns, "/")


def _with_braces(route: str) -> str:
    """A route of Django's with its variables as OpenAPI writes them."""
    return re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route)


def _models(routes: list[Route]) -> list[Any]:
    """Pydantic models and TypedDicts that routes take and answer."""
    models: dict[Any, None] = {EventOut: None}
    for route in routes:
        operation = route.operation
        for shape in (operation.body, *operation.answers.values(), *operation.uses):
            if isinstance(shape, type):
                models[shape] = None
    return list(models)


def name_events(schemas: Mapping[str, Schema]) -> None:
    """The names an event may have are those of the log's own table."""
    for field in ("event", "type"):
        schemas["EventOut"]["properties"][field]["enum"] = sorted(EVENTS)


def _operation(
    route: Route, names: Mapping[type[Any], str], names_in_use: set[str]
) -> dict[str, Any]:
    declaration = route.operation
    variables = re.findall(r"\{(\w+)\}", route.path)
    parameters: list[dict[str, Any]] = [
        {
            "name": name,
            "in": "path",
            "required": True,
            "description": VARIABLES[name],
            "schema": {"type": "string", "minLength": 1},
        }
        for name in variables
    ]
    parameters += [
        {
            "name": one.name,
            "in": one.where,
            "required": one.required,
            "description": one.description,
            "schema": one.schema,
        }
        for one in declaration.parameters
    ]
    body: dict[str, Any] = {
        "operationId": _name(route, names_in_use),
        "summary": declaration.summary,
        "tags": [declaration.tag],
    }
    if declaration.description:
        body["description"] = declaration.description
    if declaration.public:
        body["security"] = []
    else:
        body["x-key-scope"] = declaration.needs(route.method)
    if parameters:
        body["parameters"] = parameters
    if declaration.body is not None:
        body["requestBody"] = _body(declaration, names)
    body["responses"] = _responses(route, names, bool(variables))
    return body


def _name(route: Route, names_in_use: set[str]) -> str:
    """The operation's name; where one view answers several addresses, with theirs."""
    name = route.operation.name
    if name in names_in_use:
        words = re.findall(r"[A-Za-z0-9]+", route.path)
        name += "".join(word[:1].upper() + word[1:] for word in words)
    names_in_use.add(name)
    return name


def _body(operation: Operation, names: Mapping[type[Any], str]) -> dict[str, Any]:
    content: dict[str, Any] = {"schema": _schema(operation.body, names)}
    if operation.body_example is not None:
        content["example"] = operation.body_example
    is_required = isinstance(operation.body, dict) or any(
        field.is_required() for field in getattr(operation.body, "model_fields", {}).values()
    )
    return {"required": is_required, "content": {operation.body_type: content}}


def _responses(route: Route, names: Mapping[type[Any], str], has_variables: bool) -> dict[str, Any]:
    declaration = route.operation
    responses: dict[str, Any] = {}
    for status, shape in sorted(declaration.answers.items()):
        schema = _schema(shape, names)
        if not declaration.flat:
            schema = {
                "type": "object",
                "properties": {"status": {"const": "success"}, "data": schema},
                "required": ["status", "data"],
            }
        description = _first_line(shape) or declaration.summary
        responses[str(status)] = {
            "description": description,
            "content": {declaration.answer_type: {"schema": schema}},
        }
    failures = {400, 405, 429, 500, 503, *declaration.errors}
    if not declaration.public:
        failures.add(401)
        if route.method in WRITES or declaration.needs(route.method) != "read":
            failures.add(403)
    if has_variables:
        failures.add(404)
    if declaration.body is not None:
        failures |= {413, 415}
    for status in sorted(failures - set(declaration.answers)):
        responses[str(status)] = (
            {"$ref": f"#/components/responses/{error_pages.name(status)}"}
            if declaration.failure is None
            else error_pages.response(status, declaration.failure)
        )
    return responses


def _schema(shape: Any, names: Mapping[type[Any], str]) -> Schema:
    if isinstance(shape, type):
        return {"$ref": f"#/components/schemas/{names[shape]}"}
    return dict(shape or {})


def _first_line(shape: Any) -> str:
    text = (shape.__doc__ or "") if isinstance(shape, type) else ""
    return " ".join(text.split("\n\n")[0].split())
