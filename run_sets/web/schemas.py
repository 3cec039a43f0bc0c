"""Run sets in the spelling of the API."""

from __future__ import annotations

from typing import Annotated, Any, Literal, NotRequired, TypeAlias

from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypedDict

from run_sets.change_schemas import BODY, MOST_AT_ONCE, Column
from runs.web.schemas import OutputOut

SetStatus: TypeAlias = Literal["checking", "ready", "running", "paused", "completed", "stopped"]
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

    model_config = BODY

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
    encoding: Annotated[str, Field(max_length=40)] = ""
    """Encoding of a CSV file, such as `Windows-1251`; guessed without it, unless it is UTF-8."""
    header_row: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    """The row of the file that names the columns, from 1; 0: the first that isn't empty. What is
    above it is no part of the table."""
    hidden: bool = False
    """Whether what the workbook hides, by hand, by a filter or as a total, counts as the rest.
    Without it such rows are `left_out`, and such columns fill nothing unless `matches` says so."""
    title: Annotated[str | None, Field(min_length=1, max_length=200)] = None
    """Names the table run; as the template without one."""
    matches: dict[str, Column] | None = None
    """Input → the column that gives its value, by name or position. Without it, columns of the same
    name or label, where case, spaces and signs don't count unless several are alike."""
    inputs: dict[str, Any] | None = None
    """Values of inputs that are the same in every row."""
    label_column: Column | None = None
    """The column whose cells name the rows, by name or position; the first one without it."""
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
