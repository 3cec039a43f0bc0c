"""Changes of run sets and their rows, as pages and programs send them."""

from __future__ import annotations

from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

MOST_COLUMNS: Final = 100
MOST_AT_ONCE: Final = 8

Place = Annotated[int, Field(ge=0, lt=MOST_COLUMNS)]


class SetIn(BaseModel):
    """Changes of a set; what is left out stays."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)

    title: (
        Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
        | None
    ) = None
    """Names the table run."""
    matches: dict[str, Place] | None = None
    """Input → position of the column that gives its value, from 0."""
    inputs: dict[str, Any] | None = None
    """Values of inputs that are the same in every row."""
    label_column: Annotated[int, Field(ge=-1, lt=MOST_COLUMNS)] | None = None
    """Position of the column that names rows and their files; -1: none."""
    at_once: Annotated[int, Field(ge=1, le=MOST_AT_ONCE)] | None = None
    """Limits how many runs are at work."""


class RowIn(BaseModel):
    """Changes of a row that was not started."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)

    cells: Annotated[list[str], Field(max_length=MOST_COLUMNS)] | None = None
    """All its cells."""
    left_out: bool | None = None
    """Whether the row is left out."""
