"""Run sets in the spelling of the API."""

from __future__ import annotations

from typing import Annotated, Any, Literal, NotRequired, TypeAlias

from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypedDict

from run_sets.change_schemas import MOST_AT_ONCE
from runs.web.schemas import OutputOut

SetStatus: TypeAlias = Literal["checking", "ready", "running", "paused", "done", "stopped"]
RowStatus: TypeAlias = Literal[
    "unchecked",
    "problem",
    "left_out",
    "pending",
    "running",
    "waiting",
    "completed",
    "failed",
    "stopped",
]


class SetCreateIn(BaseModel):
    """A table of rows, and how it fills the inputs of a template."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)

    workflow_id: Annotated[str, Field(max_length=256)]
    """The template to run. Its present version is used for every row."""
    rows: Annotated[list[dict[str, str | int | float | bool | None]], Field(max_length=10_000)] = []
    """One object a row: column → its cell. Media inputs take an https URL, or the name of a file
    among the caller's uploads; inputs of several values take one a line."""
    table: Annotated[str, Field(max_length=2_000)] = ""
    """In place of `rows`: the `id` or `downloadUrl` of a CSV or XLSX file that was uploaded with
    `type=table`."""
    sheet: Annotated[str, Field(max_length=200)] = ""
    """The sheet of a workbook; needed where it has several."""
    title: Annotated[str | None, Field(min_length=1, max_length=200)] = None
    """Names the table run; as the template without one."""
    matches: dict[str, str] | None = None
    """Input → the column that gives its value. Without it, columns of the same name or label,
    where case, spaces and signs don't count."""
    inputs: dict[str, Any] | None = None
    """Values of inputs that are the same in every row."""
    label_column: Annotated[str | None, Field(max_length=32_767)] = None
    """The column whose cells name the rows; the first one without it."""
    at_once: Annotated[int, Field(ge=1, le=MOST_AT_ONCE)] = 4
    """Limits how many runs are at work."""
    start: bool = False
    """Whether it starts as soon as its rows are checked. Without it, read the quote and start
    it."""


class SetStartIn(BaseModel):
    """The price that the caller has agreed to."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)

    acceptedCapacityUnits: Annotated[float | None, Field(ge=0, le=1e12)] = None
    """The `estimatedCapacityUnits` that were read. If they have risen, nothing starts."""


class Nothing(BaseModel):
    """A body without fields."""

    model_config = ConfigDict(extra="forbid")


class ProblemOut(TypedDict):
    """Problem of a row. column: position from 0, null where it is about no cell. file: name of a
    file that isn't among the caller's uploads."""

    column: int | None
    input: str
    message: str
    file: NotRequired[str]


class RowOut(TypedDict):
    """A row. position: from 0. workflowId: of its run. outputs: once its run is over."""

    position: int
    label: str
    status: RowStatus
    cells: list[str]
    problems: list[ProblemOut]
    estimatedCapacityUnits: float
    workflowId: NotRequired[str]
    outputs: NotRequired[list[OutputOut]]


class SetOut(TypedDict):
    """A run set. counts: status → how many rows. reason: why it is paused. estimated: of all rows
    that may run. usedCapacityUnits: what its runs have used and reserved. retryCapacityUnits: about
    what a retry of its failed rows costs."""

    id: str
    title: str
    templateId: str
    version: str | None
    status: SetStatus
    reason: str
    notice: str
    columns: list[str]
    matches: dict[str, str]
    inputs: dict[str, Any]
    atOnce: int
    rowCount: int
    counts: dict[str, int]
    estimatedCapacityUnits: float
    estimatedSeconds: float | None
    usedCapacityUnits: float
    retryCapacityUnits: float
    createdAt: str
    startedAt: str | None
    finishedAt: str | None


class SetAnswer(TypedDict):
    runSet: SetOut


class SetsAnswer(TypedDict):
    runSets: list[SetOut]
    next: int | None


class RowsAnswer(TypedDict):
    rows: list[RowOut]
    next: int | None


class RepeatAnswer(TypedDict):
    """rowCount: how many rows are done again."""

    runSet: SetOut
    rowCount: int
