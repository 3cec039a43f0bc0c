"""Data for the scripts of a run's page and of an answer's page. `manage.py generate` writes these
as TypeScript. Times are ISO text, lengths in seconds unless a field says otherwise.
"""

from __future__ import annotations

from typing import Any, Literal, NotRequired

from pydantic import ConfigDict, with_config
from typing_extensions import TypedDict

from builder.web.editor.schemas import RunRecord
from runs.interaction.wait_kinds import NameableJob
from runs.planning.final_schemas import FinalStageOut
from tools.declaration.ports import MediaKind

_described = with_config(ConfigDict(use_attribute_docstrings=True, extra="forbid"))


@_described
class SeenFile(TypedDict):
    kind: MediaKind
    url: str


@_described
class StageView(TypedDict):
    """The facts of a step's row that its record lacks."""

    title: str
    icon: str
    kind: str
    """The port type of what it makes."""
    toolTitle: str
    units: float
    """Estimated; of a batch with all its items."""
    usual: float | None
    note: str
    """Of the step as it is in this answer."""
    said: str
    anchor: str
    """Of an item: the id of its details on the page."""
    sides: list[SeenFile]
    """What it changed and what it made of it, or nothing."""
    expected: NotRequired[str]
    """Of a batch: how many items it is expected to have, in words."""


@_described
class Candidate(TypedDict):
    id: str
    kind: MediaKind
    url: str
    posterUrl: str | None
    label: str


@_described
class PromptWords(TypedDict):
    """A text that may be changed when a stage is redone. value: empty where items differ."""

    name: str
    label: str
    value: str


@_described
class Turn(TypedDict):
    """A question to a person."""

    id: str
    step: str
    stage: str
    kind: Literal["question", "stage", "selection", "gate", "hold"]
    heading: str
    text: str
    place: str
    """Titles of the stages around this one: `Shots › fox`; empty where there are none."""
    candidates: list[Candidate]
    least: int
    most: int
    words: list[PromptWords]
    approve: str
    decline: str
    job: NameableJob | None
    asksOnly: bool
    """The answer is all that may be given, by someone who holds a link."""
    canLink: bool
    isWide: bool
    problem: str
    """Why the form that was sent was refused."""
    picked: list[str]
    """What that form held."""
    typed: str


@_described
class CostCard(TypedDict):
    """A wait for money."""

    isCost: bool
    heading: str
    text: str
    assumed: list[str]
    isExpired: bool
    total: float | None
    until: str | None


@_described
class LogLine(TypedDict):
    sequence: int
    message: str
    at: str


@_described
class Featured(TypedDict):
    """The large part of an unfinished run's page: a file, or a question, or nothing."""

    artifact: str | None
    question: str
    stage: str


@_described
class ShownError(TypedDict):
    headline: str
    cause: str


@_described
class RunActions(TypedDict):
    """The viewer's next actions. Addresses and the key of a form; empty: not offered."""

    mayAct: bool
    share: str
    """The page of what it is shared as."""
    isPublic: bool
    shareForm: str
    download: str
    filename: str
    offersPreview: bool
    template: str
    """The id of the template it came from, if the viewer may still see it."""
    isDraft: bool
    againKey: str


@_described
class FinalStage(FinalStageOut):
    """A stage that can be made final, and what its model is told."""

    tool: str
    args: dict[str, Any]
    items: int
    """Of a batch: how many are expected."""
    files: dict[str, int]
    """How many files of each port one call works on."""
    hasOthers: bool
    """Whether other models make it, too."""
    missing: str
    """The model that it names, where that isn't offered here: its quote is by another one."""


@_described
class FinalOffer(TypedDict):
    """The stages of a finished run that can be made final. key: of the request; each page
    has another."""

    key: str
    stages: list[FinalStage]


@_described
class PageView(TypedDict):
    """All that a run's page shows beyond the run itself."""

    title: str
    """Label of the result of a finished run for screen readers."""
    order: list[str]
    """Keys of the stages that have a row."""
    stages: dict[str, StageView]
    film: str | None
    """The file that a finished run was for."""
    poster: str
    featured: Featured
    made: int
    """How many files there are."""
    summary: str
    error: ShownError | None
    filtered: str
    took: str
    waited: str
    left: str
    rested: float
    restingSince: str | None
    starter: str
    estimate: float
    cost: CostCard | None
    final: FinalOffer | None
    """Null where nothing can be made final."""
    turns: list[Turn]
    log: list[LogLine]
    """Newest first."""
    actions: RunActions


@_described
class RunPage(RunRecord):
    """A run as its page shows it."""

    page: PageView
