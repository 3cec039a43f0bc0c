"""Errors that Pydantic finds in a body or a query, in the words of the API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from pydantic import ValidationError

from core.phrases import number_text

# Type of Pydantic's error → what is said after the field's name. `{…}` are of its context.
_SENTENCES: Final[Mapping[str, str]] = {
    "missing": "is required.",
    "extra_forbidden": "isn't known. Remove it.",
    "value_error": "{error}.",
    "literal_error": "must be {expected}.",
    "enum": "must be {expected}.",
    "union_tag_invalid": "must have {discriminator} {expected_tags}.",
    "union_tag_not_found": "needs {discriminator}.",
    "none_required": "must be null.",
    "bool_type": "must be true or false.",
    "bool_parsing": "must be true or false.",
    "string_type": "must be text.",
    "string_too_short": "must have at least {min_length} {characters}.",
    "string_too_long": "must have at most {max_length} {characters}.",
    "string_pattern_mismatch": "must match {pattern}.",
    "int_type": "must be a whole number.",
    "int_parsing": "must be a whole number.",
    "int_parsing_size": "must be a whole number of at most 64 bits.",
    "int_from_float": "must be a whole number.",
    "float_type": "must be a number.",
    "float_parsing": "must be a number.",
    "finite_number": "must be a finite number.",
    "greater_than": "must be more than {gt}.",
    "greater_than_equal": "must be {ge} or more.",
    "less_than": "must be less than {lt}.",
    "less_than_equal": "must be {le} or less.",
    "multiple_of": "must be a multiple of {multiple_of}.",
    "list_type": "must be a list.",
    "tuple_type": "must be a list.",
    "set_type": "must be a list.",
    "too_short": "must have at least {min_length} {entries}.",
    "too_long": "must have at most {max_length} {entries}.",
    **dict.fromkeys(
        ("dict_type", "model_type", "model_attributes_type", "mapping_type", "dataclass_type"),
        "must be a JSON object.",
    ),
    **dict.fromkeys(
        (
            "datetime_type",
            "datetime_parsing",
            "datetime_from_date_parsing",
            "timezone_aware",
        ),
        "must be a time such as 2026-01-31T18:00:00Z.",
    ),
}
_PARAMETERS: Final = {"characters": ("character", "characters"), "entries": ("entry", "entries")}


def issues_of(error: ValidationError, limit: int) -> list[dict[str, str]]:
    """One `{path, code, message}` for each of the first `limit` errors. No value is repeated."""
    rows = error.errors(include_url=False, include_input=False)[:limit]
    return [
        {
            "path": "/".join(str(part) for part in one["loc"]),
            "code": one["type"],
            "message": _sentence(one["loc"], one["type"], one.get("ctx") or {}),
        }
        for one in rows
    ]


def _sentence(place: Sequence[str | int], kind: str, context: Mapping[str, Any]) -> str:
    field = _field(place)
    subject = f"`{field}`" if field else "The body"
    pattern = _SENTENCES.get(kind, "isn't valid. See /docs/api.")
    words = {name: pair[_amount(context) != 1] for name, pair in _PARAMETERS.items()}
    shown = {
        name: number_text(value) if isinstance(value, float) else value
        for name, value in context.items()
    }
    if "expected" in shown:
        # Pydantic quotes values as Python does.
        shown["expected"] = str(shown["expected"]).replace("'", "`")
    return f"{subject} {pattern.format_map({**shown, **words})}".replace("..", ".")


def _amount(context: Mapping[str, Any]) -> Any:
    return context.get("min_length", context.get("max_length"))


def _field(place: Sequence[str | int]) -> str:
    """The place as code writes it: `input.steps[0].id`."""
    path = ""
    for part in place:
        path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else part
    return path
