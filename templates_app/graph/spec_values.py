"""Kinds of values that the fields of a template have, and what their faults are called."""

from __future__ import annotations

import math
from typing import Annotated, Any, Final, TypeAlias, TypeGuard

import semver
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import PydanticCustomError, core_schema

from templates_app.graph.bindings import is_too_deep

MAX_LIST: Final = 1_000
MAX_TEXT: Final = 100_000


def is_number(value: Any) -> TypeGuard[int | float]:
    """A finite JSON number; Python counts booleans as numbers, JSON does not."""
    if isinstance(value, bool):
        return False
    return isinstance(value, int) or (isinstance(value, float) and math.isfinite(value))


class Else:
    """Annotation: whatever is wrong with the value is one error of this type."""

    def __init__(self, error: str) -> None:
        self.error = error

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        return core_schema.custom_error_schema(
            handler(source), custom_error_type=self.error, custom_error_message=self.error
        )


class _Shared:
    """Annotation: the JSON object itself, not a copy; nothing inside it is checked or changed."""

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        return core_schema.is_instance_schema(dict)

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {"type": "object", "additionalProperties": True}


def _whole(value: Any) -> Any:
    """3.0 is a whole number. Beyond 1e15 it is a mistake, and float() might raise."""
    if is_number(value) and 0 <= value < 10**15 and float(value).is_integer():
        return int(value)
    raise PydanticCustomError("not_a_count", "not a count")


def _texts(values: tuple[str, ...]) -> tuple[str, ...]:
    """Each once, in order; an empty one spoils the list."""
    if not all(value.strip() for value in values):
        raise PydanticCustomError("must_be_texts", "must_be_texts")
    return tuple(dict.fromkeys(values))


def _shallow(args: dict[str, Any]) -> dict[str, Any]:
    if is_too_deep(args):
        raise PydanticCustomError("too_deep", "too_deep")
    return args


def full_version(value: str) -> str:
    if not semver.Version.is_valid(value):
        raise ValueError(value)
    return value


def free_id(value: str) -> str:
    if value == "templates":
        raise ValueError("`templates` is a route of the API")
    return value


def _option(value: Any) -> Any:
    """The value of an option; `{"value": …, "label": …}` is understood as well."""
    value = value.get("value") if isinstance(value, dict) else value
    if isinstance(value, (str, bool)) or is_number(value):
        return value
    raise PydanticCustomError("must_be_options", "must_be_options")


def without_nulls(value: Any) -> Any:
    """An object without its nulls: a null counts as absent."""
    if isinstance(value, dict):
        return {key: part for key, part in value.items() if part is not None}
    return value


def bounds(value: Any) -> Any:
    """`{min, max}`; the plain flags true and false are understood as well."""
    if value is False:
        return None
    return {} if value is True else without_nulls(value)


JsonObject: TypeAlias = Annotated[dict[str, Any], _Shared()]
Arguments: TypeAlias = Annotated[JsonObject, AfterValidator(_shallow)]
Text: TypeAlias = Annotated[str, Field(max_length=MAX_TEXT)]
Count: TypeAlias = Annotated[int, BeforeValidator(_whole)]
Number: TypeAlias = int | Annotated[float, Field(allow_inf_nan=False)]
# Lists come as JSON arrays; strict mode would ask for tuples.
Texts: TypeAlias = Annotated[
    tuple[Annotated[str, Else("must_be_texts")], ...],
    Field(max_length=MAX_LIST, strict=False),
    AfterValidator(_texts),
]
Options: TypeAlias = Annotated[
    tuple[
        Annotated[str | int | float | bool, BeforeValidator(_option), Else("must_be_options")], ...
    ],
    Field(max_length=MAX_LIST, strict=False),
]


class Shape(BaseModel):
    """A part of a template. Fields that are not declared are kept by the document, not here."""

    model_config = ConfigDict(frozen=True, strict=True, extra="ignore")
