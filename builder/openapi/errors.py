"""The failures of `core.errors` as components of the document."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from core import errors
from core.openapi import Schema

# Numbers of the public contract that a class uses for some of its cases.
NUMBERS = {"auth.required": (101, 102), "input.invalid": (4220, 4221, 4222, 4224)}
_ISSUES = {"type": "array", "items": {"$ref": "#/components/schemas/IssueOut"}}
_HEADERS: dict[int, dict[str, Any]] = {
    401: {"WWW-Authenticate": {"schema": {"type": "string"}}},
    405: {"Allow": {"schema": {"type": "string"}}},
    429: {"Retry-After": {"schema": {"type": "string"}}},
    503: {"Retry-After": {"schema": {"type": "string"}}},
}


def kinds() -> Iterator[type[errors.AppError]]:
    """Every kind of failure, the root first."""

    def walk(kind: type[errors.AppError]) -> Iterator[type[errors.AppError]]:
        if kind.__module__ == errors.__name__:
            yield kind
            for further in kind.__subclasses__():
                yield from walk(further)

    return walk(errors.AppError)


def name(status: int) -> str:
    """`409` → `Conflict`; 500, the root's own, is `Broken`."""
    first = next(kind for kind in kinds() if kind.status == status)
    return "Broken" if first is errors.AppError else first.__name__


def table() -> list[dict[str, Any]]:
    """Status, numbers, code and the usual sentence of each kind."""
    return [
        {
            "status": kind.status,
            "errorCodes": list(NUMBERS.get(kind.code, (kind.number,))),
            "code": kind.code,
            "message": kind.message,
        }
        for kind in kinds()
    ]


def responses() -> dict[str, Any]:
    """One response for each status, in the envelope."""
    failure = {"$ref": "#/components/schemas/Failure"}
    statuses = sorted({kind.status for kind in kinds()})
    return {name(status): response(status, failure) for status in statuses}


def response(status: int, failure: Schema) -> dict[str, Any]:
    """Describe the response of a status by its codes. failure: the schema of its body."""
    lines = [f"`{kind.code}`: {kind.message}" for kind in kinds() if kind.status == status]
    body: dict[str, Any] = {
        "description": "\n\n".join(lines),
        "content": {"application/json": {"schema": failure}},
    }
    return body | ({"headers": _HEADERS[status]} if status in _HEADERS else {})


def schemas() -> dict[str, Schema]:
    """`Failure`: the envelope of every error."""
    return {
        "Failure": {
            "type": "object",
            "description": "What went wrong. For 422, `details` and `data` are the same.",
            "properties": {
                "status": {"const": "error"},
                "errorCode": {
                    "type": "integer",
                    "description": "See `x-errors`. Codes never change meaning.",
                },
                "message": {
                    "type": "string",
                    "description": "For people: what happened and what to do.",
                },
                "details": {"type": "object", "description": "For code."},
                "data": {"type": "object"},
                "compileErrors": {**_ISSUES, "description": "Why a template does not compile."},
                "compileWarnings": {**_ISSUES, "description": "What else was found then."},
                "retryAfter": {"type": "integer", "minimum": 1, "description": "Seconds."},
                "error": {
                    "type": "object",
                    "properties": {
                        "code": {"type": "string", "description": "Dotted, such as `not_found`."},
                        "type": {
                            "type": "string",
                            "description": "OpenAI's name for it, such as `rate_limit_error`.",
                        },
                        "message": {"type": "string"},
                    },
                    "required": ["code", "type", "message"],
                },
            },
            "required": ["status", "errorCode", "message", "details", "error"],
        }
    }
