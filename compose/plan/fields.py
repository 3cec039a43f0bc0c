"""Fields of a plan and of other answers that a model gives: null leaves each of them out. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, Field, ValidationError, model_validator

from compose.plan.problems import problems_of


class BadAnswer(Exception):
    """An answer that can't be used. sentences: what is wrong with it, for the model."""

    def __init__(self, *sentences: str) -> None:
        super().__init__(*sentences)
        self.sentences = sentences


def null_is(fallback: Any) -> BeforeValidator:
    """Return a validator that reads null as a fallback: it is how a model leaves a field out."""
    return BeforeValidator(lambda value: fallback if value is None else value)


Words = Annotated[str, null_is(""), Field(max_length=2000)]
Short = Annotated[str, null_is(""), Field(max_length=200)]
Yes = Annotated[bool, null_is(False)]


class Part(BaseModel, extra="ignore"):
    """An object of an answer. Unknown fields are dropped: none of them can mean anything here."""

    @model_validator(mode="before")
    @classmethod
    def _complete(cls, value: Any) -> Any:
        """Set what is missing to null: services without schemas leave fields out."""
        if not isinstance(value, Mapping):
            return value
        return dict.fromkeys(cls.model_fields) | dict(value)

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Self:
        """Read a model's answer. Raises BadAnswer, with the fields' names but not their values."""
        try:
            return cls.model_validate(document)
        except ValidationError as error:
            raise BadAnswer(*map(str, problems_of(error, document))) from None
