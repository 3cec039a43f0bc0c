"""Changes of run sets and their rows, as pages and programs send them."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from pydantic.alias_generators import to_camel

MOST_COLUMNS: Final = 100
MOST_AT_ONCE: Final = 8

NO_LABEL: Final = -1

# A column by its name, or by its position.
Column = (
    Annotated[str, StringConstraints(max_length=32_767)]
    | Annotated[int, Field(ge=0, lt=MOST_COLUMNS)]
)


# Names as the rest of the API writes them; those of earlier releases are taken, too.
BODY: Final = ConfigDict(
    extra="forbid",
    use_attribute_docstrings=True,
    alias_generator=to_camel,
    populate_by_name=True,
)


class SetIn(BaseModel):
    """Changes of a set; what is left out stays."""

    model_config = BODY

    title: (
        Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
        | None
    ) = None
    """Names the table run."""
    matches: dict[str, Column] | None = None
    """Input → the column that gives its value: its name, or its position from 0."""
    inputs: dict[str, Any] | None = None
    """Values of inputs that are the same in every row."""
    label_column: Column | Literal[-1] | None = None
    """The column that names rows and their files, by name or position; -1: none."""
    at_once: Annotated[int, Field(ge=1, le=MOST_AT_ONCE)] | None = None
    """Limits how many runs are at work."""


class RowIn(BaseModel):
    """Changes of a row that was not started."""

    model_config = BODY

    cells: Annotated[list[str], Field(max_length=MOST_COLUMNS)] | None = None
    """All its cells."""
    left_out: bool | None = None
    """Whether the row is left out."""
