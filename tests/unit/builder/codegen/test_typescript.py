"""TypeScript types from what is declared in Python."""

from __future__ import annotations

from typing import Any, Literal, NotRequired

import pytest
from pydantic import BaseModel, ConfigDict
from typing_extensions import TypedDict

from builder.codegen.typescript import TypeWriter

WRITER = TypeWriter({"Kind": ("image", "video")})


class Point(TypedDict):
    """Where."""

    x: float
    y: NotRequired[int]


class Medium(BaseModel):
    model_config = ConfigDict(use_attribute_docstrings=True)

    kind: Literal["image", "video"]
    at: Point | None
    """In px."""
    names: list[str | None]
    more: dict[str, Any]


def test_an_enum_is_a_list_of_values_and_a_type():
    written = WRITER.file([])
    assert "export const KINDS = ['image', 'video'] as const\n" in written
    assert "export type Kind = (typeof KINDS)[number]\n" in written


def test_a_model_is_a_type_with_its_comments():
    assert """\
export type Medium = {
  kind: Kind
  /** In px. */
  at: Point | null
  names: (string | null)[]
  more: Record<string, Json>
}

/** Where. */
export type Point = {
  x: number
  y?: number
}
""" in WRITER.file([("Medium", Medium)])


def test_a_type_without_a_class_gets_the_given_name():
    assert "export type Points = Point[]\n" in WRITER.file([("Points", list[Point])])


def test_what_is_not_understood_is_refused():
    with pytest.raises(ValueError, match="No TypeScript type for"):
        WRITER.type_of({"not": {"type": "string"}})
