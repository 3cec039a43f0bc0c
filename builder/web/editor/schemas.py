"""Answers of `/app/…` to the editor. `manage.py generate` writes these as TypeScript.

Rendering builds plain dicts of these shapes; nothing is converted on the way. Times are ISO text,
durations and lengths in seconds, sizes in px unless a field says otherwise.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal, NotRequired, TypeAlias

from pydantic import ConfigDict, Field, with_config
from typing_extensions import TypedDict

from builder.web.editor.use_schemas import PrivateTemplate, ReferencedMedium, Use
from runs import states
from runs.interaction.wait_kinds import NameableJob
from templates_app.document_ops.schemas import Doc, Op
from templates_app.documents.socket_messages import Person, RecordedChange
from templates_app.graph.types import StepKind
from tools.declaration.ports import MediaKind

_described = with_config(ConfigDict(use_attribute_docstrings=True, extra="forbid"))

# A batch at work and a step whose provider will report back hold no worker; people see them run.
SHOWN_AS: Final = {states.EXPANDED: states.RUNNING, states.PARKED: states.RUNNING}
STEP_STATUSES: Final = tuple(dict.fromkeys(SHOWN_AS.get(one, one) for one in states.STEP_STATES))
ASKING: Final = ("question", "pick", "checkpoint", "go-on", "cost", "credit")

RunStatus = Annotated[str, Field(json_schema_extra={"enum": list(states.RUN_STATES)})]
StepStatus = Annotated[str, Field(json_schema_extra={"enum": list(STEP_STATUSES)})]
Asking = Annotated[str, Field(json_schema_extra={"enum": list(ASKING)})]
Role: TypeAlias = Literal["owner", "editor", "commenter", "viewer"]
Opens: TypeAlias = Literal["tool", "field", "stages"]


@_described
class Fix(TypedDict):
    """The remedy of an issue: ops to apply, or a control where a person clears it."""

    label: str
    ops: list[Op]
    opens: NotRequired[Opens]


@_described
class Issue(TypedDict):
    severity: Literal["error", "warning"]
    code: str
    message: str
    path: str
    stageId: str | None
    argument: NotRequired[str]
    fixes: list[Fix]


@_described
class Issues(TypedDict):
    rev: int
    savedRev: int
    issues: list[Issue]


@_described
class StepQuote(TypedDict):
    key: str
    will: Literal["run", "reuse"]
    why: str
    """One short sentence: "Motion changed", "Same inputs as run …"."""
    units: float
    seconds: float | None
    items: NotRequired[int | None]
    """Of a batch: how many items are expected."""


@_described
class Quote(TypedDict):
    """The quote of a run. units: of what runs; fullUnits: of everything; unfiltered: which
    providers have no content filter, in a sentence, or ""; offersDraft: whether the built-in studio
    can draw what other providers would make."""

    rev: int
    steps: list[StepQuote]
    units: float
    fullUnits: float
    seconds: float | None
    reusedFrom: str | None
    isComplete: bool
    unfiltered: str
    offersDraft: bool
    issues: list[Issue]


@_described
class StepMedium(TypedDict):
    id: str
    kind: MediaKind
    url: str
    posterUrl: str | None
    width: int | None
    height: int | None
    duration: float | None
    filename: str
    isDraft: NotRequired[bool]
    """Whether its quality is that of a draft."""
    madeBy: NotRequired[str]
    """Model, provider, length, size and what it cost, in words; empty: the built-in studio."""
    origin: NotRequired[str]
    """The line that says what made it; empty where nothing is claimed."""
    isBlocked: NotRequired[bool]
    """A moderator blocked it: its URLs answer 404."""


@_described
class StepAttempt(TypedDict):
    startedAt: str
    endedAt: str | None
    outcome: str


@_described
class StepFailure(TypedDict):
    """The failure of a step. The headline is for people; the cause is the provider's own
    sentence."""

    code: str
    message: str
    headline: str
    cause: str
    """Empty where the headline says it all."""
    retryable: bool


@_described
class StepRecord(TypedDict):
    key: str
    title: str
    tool: str
    provider: NotRequired[str]
    status: StepStatus
    progress: float
    """0 to 1."""
    message: str
    startedAt: str | None
    finishedAt: str | None
    attempts: list[StepAttempt]
    reusedFrom: str | None
    """Public id of the run whose result this step took over."""
    error: StepFailure | None
    seed: int | None
    artifacts: list[StepMedium]
    warnings: NotRequired[list[str]]
    """What its tool could not do as asked, in sentences."""
    kind: NotRequired[StepKind]
    """expand: a batch; gate: the checkpoint after a stage; wait: it asks a person."""
    parent: NotRequired[str | None]
    """Key of an item's batch, or of the outermost group around a stage."""
    group: NotRequired[str]
    """Key of the group or batch directly around a stage that is deeper inside; else empty."""
    index: NotRequired[int]
    """Of an item: its position in the batch, from 0."""
    label: NotRequired[str]  # of an item
    answer: NotRequired[str]
    """What a person answered, in words."""


@_described
class Wait(TypedDict):
    """A run's question to a person."""

    id: str
    type: Asking
    step: str | None
    """null: the run as a whole asks."""
    stage: str | None
    """The stage it belongs to on the canvas."""
    place: NotRequired[str]  # of its step inside others, in their titles: `Shots › fox`
    reason: str
    message: str
    """The question, in a sentence or a few."""
    candidates: list[StepMedium]
    """What there is to pick from, or what is to be approved."""
    min: int
    """How many are picked at least."""
    max: int
    units: float | None
    """What the run is expected to use, when its cost is asked about."""
    approve: NotRequired[str]
    """What the buttons say when a provider waits; else empty."""
    decline: NotRequired[str]
    job: NotRequired[NameableJob | None]


@_described
class Starter(TypedDict):
    """The person who started a run, and pays for it."""

    id: str
    name: str
    hue: int


@_described
class RunRecord(TypedDict):
    id: str
    by: Starter
    isMine: bool
    mayStop: bool
    status: RunStatus
    createdAt: str
    finishedAt: str | None
    lastSeq: int
    units: float
    documentRev: int | None
    waits: NotRequired[list[Wait]]
    """Open questions, the oldest first; none where others answer them."""
    steps: list[StepRecord]


@_described
class RunRow(TypedDict):
    """steps: how many; reused: how many of them took over an earlier result."""

    id: str
    by: Starter
    isMine: bool
    title: str
    status: RunStatus
    createdAt: str
    finishedAt: str | None
    units: float
    steps: int
    reused: int


@_described
class Me(TypedDict):
    id: str
    name: str
    initials: str
    hue: int


@_described
class Boot(TypedDict):
    """The data that the editor's page holds when it is opened."""

    templateId: str
    me: Me
    canEdit: bool
    role: Role | None
    """null: I don't work on it and look at what is published."""
    owner: str
    theme: str
    bindingPatterns: dict[str, str]
    """Why a text is no binding: patterns by key."""
    isFirstVisit: bool
    isOperator: bool
    hasLanguageModel: bool
    message: str
    """The message of the page before, shown once, such as "Remixed. It's yours now."."""


@_described
class LicenseChoice(TypedDict):
    value: str
    text: str
    isChosen: bool


@_described
class TemplateFacts(TypedDict):
    name: str
    visibility: Literal["private", "public"]
    publishedVersion: str | None
    isOwner: bool
    canEdit: bool
    role: Role | None
    owner: NotRequired[str]
    licenses: NotRequired[list[LicenseChoice]]
    """What its owner may publish it under."""
    privateTemplates: NotRequired[list[PrivateTemplate]]
    """Those of its owner whose stages are shown when it is published."""


@_described
class BaseVersion(TypedDict):
    """The version that a document rests on."""

    number: int
    version: str


@_described
class Opened(TypedDict):
    """An answer of GET /app/documents/<id>."""

    id: str
    rev: int
    savedRev: int
    base: BaseVersion
    state: Doc
    media: dict[str, ReferencedMedium]
    uses: list[Use]
    template: TemplateFacts
    latestRun: str | None
    people: list[Person]


@_described
class Accepted(TypedDict):
    id: str
    rev: int


@_described
class Rejected(TypedDict):
    id: str
    code: str
    message: str


@_described
class ChangesAnswer(TypedDict):
    rev: int
    accepted: list[Accepted]
    rejected: list[Rejected]
    missed: list[RecordedChange] | None
    """null: too much has happened since `base`, read the document again."""


@_described
class VersionRow(TypedDict):
    number: int
    version: str
    label: str
    cause: str
    by: str
    createdAt: str
    isHead: bool
    isPublished: bool


@_described
class Member(TypedDict):
    id: str
    name: str
    username: str
    hue: int
    role: Role


@_described
class InvitedPerson(TypedDict):
    username: str
    role: Role


@_described
class People(TypedDict):
    """people: who works on it, the owner first. invited: names without an answer yet; the owner
    sees them. opens: for the owner, the private templates that everyone here may open, as titles
    with versions."""

    people: list[Member]
    invited: list[InvitedPerson]
    opens: list[str]


@_described
class LibraryMedium(TypedDict):
    reference: str
    """What a document keeps of it."""
    url: str
    """Works for a day."""
    kind: MediaKind
    title: str
    width: int | None
    height: int | None
    duration: float | None
    createdAt: str


@_described
class Uploaded(TypedDict):
    id: str
    url: str
    kind: MediaKind
    width: int | None
    height: int | None
    duration: float | None
    filename: str
    change: str
    """The change made to the file at upload, in a sentence; empty for none."""
