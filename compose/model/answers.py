"""Declaring what a model is asked to answer. Pure.

One Pydantic model is the schema that the service gets, the check of what comes back and the
messages about it. The schema has few of its limits, because services support few; the check has
them all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

# A model that made more mistakes corrects these first.
MOST_SENTENCES: Final = 8
# Of JSON Schema, what services with structured outputs support.
_SUPPORTED: Final = frozenset(
    {"type", "properties", "items", "enum", "const", "anyOf", "description", "$ref", "$defs"}
)


@dataclass(frozen=True, slots=True)
class Problems:
    """What is wrong with an answer, in sentences for the model."""

    sentences: tuple[str, ...]


def null_is(fallback: Any) -> BeforeValidator:
    """null is how a model leaves a field out."""
    return BeforeValidator(lambda given: fallback if given is None else given)


Words = Annotated[str, null_is(""), Field(max_length=2000)]
Short = Annotated[str, null_is(""), Field(max_length=200)]
Yes = Annotated[bool, null_is(False)]


class Part(BaseModel):
    """An object of an answer. Unknown fields are dropped: none of them can mean anything here."""

    model_config = ConfigDict(extra="ignore")

    @model_validator(mode="before")
    @classmethod
    def _complete(cls, given: Any) -> Any:
        """What is missing is null: services without schemas leave fields out."""
        if not isinstance(given, Mapping):
            return given
        return dict.fromkeys(cls.model_fields) | dict(given)


def messages_of(error: ValidationError) -> tuple[str, ...]:
    """What is wrong with an answer, by its fields' names and without its values."""
    return tuple(
        f"{'.'.join(map(str, one['loc']))}: {one['msg']}"
        for one in error.errors(include_url=False, include_input=False)[:MOST_SENTENCES]
    )


def strict_schema(answer: type[Part]) -> dict[str, Any]:
    """The JSON Schema of an answer, as structured outputs want it: closed, nothing optional."""
    schema: dict[str, Any] = _strict(answer.model_json_schema())
    return schema


def _strict(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_strict(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {name: value for name, value in schema.items() if name in _SUPPORTED}
    for name in ("items", "anyOf"):
        if name in kept:
            kept[name] = _strict(kept[name])
    for name in ("properties", "$defs"):
        if name in kept:
            kept[name] = {key: _strict(one) for key, one in kept[name].items()}
    if "properties" in kept:
        kept.pop("description", None)
        kept |= {"additionalProperties": False, "required": list(kept["properties"])}
    return kept
