"""Bodies that are read leniently: fields with several spellings, and what is wrong with them.

`issues_of` is the one function that knows both Pydantic's errors and our issues. An error type of
our own is the code of an issue or the key of a phrase; its context fills the sentence.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, ClassVar, Final, TypeVar

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails, PydanticCustomError

from core.phrases import phrase
from templates_app.graph.issues import Issue, issue

# Types of errors that are codes of issues; any other says what is wrong with a field.
_CODES: Final = frozenset(
    {"too_many", "too_many_steps", "unknown_source_step", "forward_step_reference"}
)
_PHRASES: Final[Mapping[str, str]] = {
    "string_type": "must_be_text",
    "string_unicode": "must_be_text",
    "bool_type": "must_be_flag",
}
_Model = TypeVar("_Model", bound="Lenient")


class Lenient(BaseModel):
    """A JSON object. A null counts as absent; of several spellings the first with a value counts.

    Errors name a field by its first spelling. not_an_object: what is said of anything else.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)
    not_an_object: ClassVar[str] = "must_be_object"

    @model_validator(mode="before")
    @classmethod
    def _canonical(cls, value: Any) -> dict[str, Any]:
        return cls.canonical(value)

    @classmethod
    def canonical(cls, value: Any) -> dict[str, Any]:
        """The declared fields that have a value, each under its first spelling.

        And null for those that are validated in any case.
        """
        if not isinstance(value, Mapping):
            raise fault(cls.not_an_object)
        fields: dict[str, Any] = {}
        for spellings, is_always_validated in _spellings(cls):
            part = first(value, spellings)
            if part is not None or is_always_validated:
                fields[spellings[0]] = part
        return fields


def first(value: Mapping[str, Any], spellings: Iterable[str]) -> Any:
    """The first spelling of a field that has a value."""
    for name in spellings:
        part = value.get(name)
        if part is not None:
            return part
    return None


def lenient_field(*names: str, default: Any = None, always: bool = False) -> Any:
    """A field of a `Lenient` model with all its spellings, the canonical one first.

    always: its validator also runs without a value, as a field may be needed because of others.
    """
    return Field(default, validation_alias=AliasChoices(*names), validate_default=always)


def fault(problem: str, **context: Any) -> PydanticCustomError:
    """Return the error that a validator raises. problem: code of an issue, or key of a phrase."""
    return PydanticCustomError(problem, problem, context)


def read_leniently(
    model: type[_Model], value: Any, context: Any = None
) -> tuple[_Model | None, list[ErrorDetails]]:
    """The model without the fields that are wrong, and what is wrong, in the fields' order.

    None: it is no object, or what is left does not make one.
    """
    try:
        return model.model_validate(value, context=context), []
    except ValidationError as error:
        errors = error.errors(include_url=False)
    bad_fields = {one["loc"][0] for one in errors if one["loc"]}
    if not bad_fields:
        return None, errors
    rest = {name: part for name, part in model.canonical(value).items() if name not in bad_fields}
    try:
        return model.model_validate(rest, context=context), errors
    except ValidationError:
        return None, errors


def issues_of(
    errors: Iterable[ErrorDetails],
    *,
    path: str,
    field: str,
    choices: Mapping[str, tuple[str, ...]] | None = None,
    code: str = "invalid_step",
) -> list[Issue]:
    """The issues of a value that does not fit its model.

    path, field: of the value, as issues and as callers write it. choices: field → its allowed
    values. code: of issues about a field's shape.
    """
    return [_issue(error, path, field, choices or {}, code) for error in errors]


def _issue(
    error: ErrorDetails, path: str, field: str, choices: Mapping[str, tuple[str, ...]], code: str
) -> Issue:
    kind, context = error["type"], error.get("ctx") or {}
    name = field + "".join(
        f"[{part}]" if isinstance(part, int) else f".{part}" for part in error["loc"]
    )
    if kind == "literal_error":
        options = choices[str(error["loc"][-1])]
        return issue("invalid_enum", path=path, field=name, value=error["input"], allowed=options)
    if kind in _CODES:
        return issue(kind, path=path, **{"field": name, **context})
    return issue(code, path=path, field=name, problem=phrase(_PHRASES.get(kind, kind), **context))


@cache
def _spellings(model: type[Lenient]) -> tuple[tuple[tuple[str, ...], bool], ...]:
    """Spellings of each field, and whether it is validated in any case."""
    by_spelling: dict[tuple[str, ...], bool] = {}
    for name, field in model.model_fields.items():
        alias = field.validation_alias
        choices = alias.choices if isinstance(alias, AliasChoices) else [name]
        spellings = tuple(str(choice) for choice in choices)
        by_spelling[spellings] = by_spelling.get(spellings, False) or bool(field.validate_default)
    return tuple(by_spelling.items())
