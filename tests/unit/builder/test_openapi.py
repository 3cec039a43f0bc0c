"""The published document names every route, method, error and event there is, and no other."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.urls import Resolver404, resolve
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator
from pydantic import BaseModel

from accounts.schemas import LoginIn
from builder.asgi import BESIDE_DJANGO
from builder.openapi import document as documents
from builder.openapi import errors as error_pages
from builder.openapi.document import METHODS, ROOTS, document
from builder.openapi.page import components, groups, kinds, prose
from builder.openapi.requests import body_schema
from core import errors
from core.middleware import OAUTH_ROOTS
from core.openapi import parameters_of
from media.schemas import UploadQuery
from runs.log.events import EVENTS
from runs.planning.schemas import StartIn
from tests.support.routes import django_routes

WHOLE = document()
NUMBER_OR_NULL = ["whole number, from 0", "null"]
FIRST_WORDS = [f"w{n}" for n in range(12)]
OPERATIONS = [
    (path, method, said)
    for path, methods in WHOLE["paths"].items()
    for method, said in methods.items()
]


def test_every_route_of_the_public_api_is_described() -> None:
    routes = {
        re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route)
        for root in (*ROOTS, *OAUTH_ROOTS)
        for route in django_routes(root)
    }
    beside = {
        "/" + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", str(route.pattern))
        for route in BESIDE_DJANGO
        if str(route.pattern).startswith(("v1", "uploads", "mcp"))
    }
    assert set(WHOLE["paths"]) == routes | beside


def test_every_method_that_a_view_answers_is_described() -> None:
    for path, methods in WHOLE["paths"].items():
        try:
            view = resolve(re.sub(r"\{\w+\}", "x", path)).func
        except Resolver404:
            continue
        if hasattr(view, "operations"):
            assert set(methods) == set(view.operations), path
            continue
        allowed = view.view_initkwargs.get("http_method_names", METHODS)
        answered = {m for m in METHODS if hasattr(view.view_class, m) and m in allowed}
        if path.endswith("/events/stream"):
            continue
        assert set(methods) == answered, path


def test_a_view_that_says_nothing_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    class Silent:
        view_initkwargs: dict[str, Any] = {}

        class view_class:
            def get(self) -> None: ...

    monkeypatch.setattr(documents, "_django_routes", lambda: iter([("/v1/silent", Silent)]))
    with pytest.raises(documents.Undescribed, match="GET /v1/silent"):
        list(documents.routes())


def test_every_kind_of_error_and_every_event_is_in_it() -> None:
    listed = {(one["status"], one["code"]) for one in WHOLE["x-errors"]}
    for kind in [errors.AppError, *errors.AppError.__subclasses__()]:
        if kind.__module__ == errors.__name__:
            assert (kind.status, kind.code) in listed
            response = WHOLE["components"]["responses"][error_pages.name(kind.status)]
            assert f"`{kind.code}`" in response["description"]
    assert set(WHOLE["x-events"]) == set(EVENTS)
    event = WHOLE["components"]["schemas"]["EventOut"]["properties"]["event"]
    assert event["enum"] == sorted(EVENTS)
    assert all(WHOLE["x-events"].values())


def test_it_is_sound() -> None:
    tags = {tag["name"] for tag in WHOLE["tags"]}
    for path, method, said in OPERATIONS:
        assert set(said["tags"]) <= tags
        assert all(one["description"] for one in said.get("parameters", ())), (path, method)
        assert {"400", "405", "429", "500", "503"} <= set(said["responses"])
        assert ("401" in said["responses"]) or said["security"] == [], path
    json.dumps(WHOLE, allow_nan=False)


def test_every_field_of_a_body_says_what_it_is() -> None:
    silent = [
        f"{name}.{field}"
        for name, schema in WHOLE["components"]["schemas"].items()
        if name.endswith("In")
        for field, said in schema.get("properties", {}).items()
        if not said.get("description")
    ]
    assert not silent


def test_a_body_may_hold_null_where_a_field_may_be_absent_and_any_of_its_spellings() -> None:
    schema = body_schema(StartIn, StartIn.model_json_schema())
    check = Draft202012Validator(schema)
    for fine in (
        {},
        {"safe_content_filter": None, "billingMode": None, "unknown": 1},
        {"costCeiling": "x", "cost_ceiling": 3.5, "confirmCost": True},
    ):
        assert check.is_valid(fine), fine
    for wrong in ({"confirmCost": "yes"}, {"cost_ceiling": -1}, {"billingMode": "gold"}):
        assert not check.is_valid(wrong), wrong
    login = Draft202012Validator(body_schema(LoginIn, LoginIn.model_json_schema()))
    assert not login.is_valid({"username": None, "password": "x"})
    assert login.is_valid({"username": "a", "password": "x", "rememberMe": None})


def test_a_model_of_a_query_gives_its_parameters() -> None:
    class Query(BaseModel):
        limit: int | None = None

    [limit] = parameters_of(Query)
    assert (limit.name, limit.required, limit.schema) == ("limit", False, {"type": "integer"})
    by_name = {one.name: one for one in parameters_of(UploadQuery)}
    assert by_name["jobId"].required
    assert "referenceAudio" in by_name["type"].schema["enum"]


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"type": "string", "maxLength": 2000}, ["text, max. 2,000 characters"]),
        ({"anyOf": [{"type": "integer", "minimum": 0}, {"type": "null"}]}, NUMBER_OR_NULL),
        (
            {"type": "array", "items": {"$ref": "#/components/schemas/StepOut"}},
            ["array of StepOut"],
        ),
        ({"enum": ["a", None]}, ["a, null"]),
        ({"enum": [f"w{n}" for n in range(14)]}, [", ".join(FIRST_WORDS) + " and 2 more"]),
        ({"const": True}, ["true"]),
        ({"type": "object", "additionalProperties": {"type": "string"}}, ["object of text"]),
        ({"type": "object"}, ["object"]),
        ({}, ["anything"]),
    ],
)
def test_kinds_are_told_in_words(schema: dict[str, Any], words: list[str]) -> None:
    assert [kind.words for kind in kinds(schema)] == words


def test_the_document_is_one_of_its_specification() -> None:
    problems = OpenAPIV31SpecValidator(document()).iter_errors()
    assert [str(one) for one in problems] == []


def test_words_between_backticks_become_code_and_nothing_becomes_markup() -> None:
    assert prose("Send `a < b`,\n  `c` & <d>") == (
        "Send <code>a &lt; b</code>, <code>c</code> &amp; &lt;d&gt;"
    )
    assert prose("half ` open") == "half  open"
    assert prose("") == ""


def test_the_page_shows_every_operation_and_every_schema_it_links_to() -> None:
    shown = [one for group in groups("https://example.org") for one in group.operations]
    anchors = [anchor for one in shown for _, anchor in one.routes]
    assert sorted(anchors) == sorted(said["operationId"] for _, _, said in OPERATIONS)
    named = {f"schema-{one.name}" for one in components()}
    linked = {
        kind.anchor
        for one in shown
        for kind in [
            *(kind for field in (*one.parameters, *one.body) for kind in field.kinds),
            *(kind for answer in one.answers for kind in answer.kinds),
        ]
        if kind.anchor
    }
    assert linked <= named
    [start] = [one for one in shown if one.routes[0][1] == "startWorkflow"]
    assert 'curl -X POST "https://example.org/v1/creative-agent/workflows"' in start.curl
    assert json.loads(start.curl.partition("-d '")[2].rstrip("'"))["input"]["steps"]
