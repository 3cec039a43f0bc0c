"""The requests that makers take, as they publish them: `tests/fixtures/schemas/`.

Two keywords beside those of JSON Schema: `file` bounds the sides and the ratio of an image and the
seconds of a video or a sound, `size` the pixels and the ratio of a text such as "1024x768".
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, ValidationError
from jsonschema.validators import extend

SCHEMAS = Path(__file__).resolve().parents[3] / "fixtures" / "schemas"


class FileText(str):
    """The field of a file in a body. facts: its width, height and duration_s; None
    where nothing is known of it."""

    facts: Any

    def __new__(cls, text: str, facts: Any) -> FileText:
        field = super().__new__(cls, text)
        field.facts = facts
        return field

    def __repr__(self) -> str:
        return f"{super().__repr__()} ({self.facts})"


def problem_of(service: str, model: str, body: Mapping[str, Any]) -> str | None:
    """Say what the published schema of a model has against a body, whose files are `FileText`
    where something is known of them; None if it takes it, or nothing is published."""
    for validator in _validators(service, model):
        if problem := next(iter(validator.iter_errors(dict(body))), None):
            return f"{problem.json_path}: {problem.message[:300]}"
    return None


def is_published(service: str, model: str) -> bool:
    return bool(_validators(service, model))


@cache
def _validators(service: str, model: str) -> tuple[Any, ...]:
    schemas = _read(f"{service}.json") if service != "runway" else {}
    both = (schemas.get(model), _read("rules.json").get(service, {}).get(model))
    return tuple(_Validator(schema) for schema in both if schema is not None)


@cache
def _read(name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((SCHEMAS / name).read_text())
    return content


def _check_file(
    validator: Any, bounds: Mapping[str, float], value: Any, schema: Any
) -> Iterator[ValidationError]:
    facts = getattr(value, "facts", None)
    if facts is None:
        return
    if facts.width and facts.height:
        yield from _check_sides(bounds, facts.width, facts.height)
    seconds = facts.duration_s
    if seconds and not bounds.get("leastSeconds", 0) <= seconds <= bounds.get("mostSeconds", 1e9):
        yield ValidationError(f"{value} has {seconds} s, and {dict(bounds)} are the bounds")


def _check_size(
    validator: Any, bounds: Mapping[str, float], value: Any, schema: Any
) -> Iterator[ValidationError]:
    width, _, height = str(value).partition("x")
    if not (width.isdigit() and height.isdigit()):
        yield ValidationError(f"{value} is no size")
    else:
        yield from _check_sides(bounds, int(width), int(height))


def _check_sides(bounds: Mapping[str, float], width: int, height: int) -> Iterator[ValidationError]:
    pixels, ratio = width * height, width / height
    if (
        min(width, height) < bounds.get("leastSide", 0)
        or not bounds.get("leastPixels", 0) <= pixels <= bounds.get("mostPixels", 1e12)
        or not bounds.get("leastRatio", 0) <= ratio <= bounds.get("mostRatio", 1e9)
    ):
        yield ValidationError(f"{width} x {height} is outside of {dict(bounds)}")


_Validator = extend(Draft202012Validator, {"file": _check_file, "size": _check_size})
