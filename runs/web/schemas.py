"""The bodies of the public API about runs, declared once.

The functions that render return these types, so mypy holds each body against its declaration; the
public reference and its clients' types are generated from them. They are TypedDicts, not models: a
dict needs no second object that is built and dumped (docs/decisions/0015).

A field without a value is left out, so most are `NotRequired`. Readers may take null for it.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, NotRequired, TypeVar, cast

from pydantic import Field, WithJsonSchema
from typing_extensions import TypedDict

from runs import states
from runs.engine import queue_reasons
from templates_app.web.schemas import IssueOut
from tools.providers.base import ContentFilter

T = TypeVar("T")
Body = TypeVar("Body")
OrNull = Annotated[T | None, Field(default=None)]

RunStatus = Literal[
    "queued",
    "running",
    "waiting_for_user",
    "completed",
    "partial_failure",
    "failed",
    "cancelled",
]
StepStatus = Literal[
    "pending", "running", "waiting_for_user", "completed", "failed", "skipped", "cancelled"
]
WaitingReason = Annotated[
    str, WithJsonSchema({"type": "string", "enum": list(states.WAITING_REASONS)})
]
MediaType = Literal["image", "video", "audio", "model"]
Units = Annotated[float, Field(description="Capacity units.")]
Seconds = Annotated[int, Field(description="Unix time in seconds.")]
Iso = Annotated[str, Field(description="The same moment as ISO 8601 text.")]


def present(body: Body) -> Body:
    """The body, itself, without the optional fields that have no value."""
    fields = cast("dict[str, Any]", body)
    for name in [name for name, value in fields.items() if value is None]:
        del fields[name]
    return body


class FailureOut(TypedDict):
    """The failure of a run or a step. errorType is one of the public contract's names.

    headline: what people read first. cause: the provider's own sentence, where it adds something.
    provider: the id of the provider it failed at.
    """

    code: str
    errorType: str
    message: str
    retryable: bool
    headline: str
    cause: NotRequired[OrNull[str]]
    provider: NotRequired[OrNull[str]]


class ArtifactOut(TypedDict):
    """A file that a step made. `url` works without credentials for a day."""

    id: str
    stepId: str
    index: int
    type: MediaType
    mediaType: MediaType
    mimeType: str
    contentType: str
    filename: str
    url: str
    downloadUrl: str
    posterUrl: NotRequired[
        Annotated[str | None, Field(default=None, description="A picture of a 3D model.")]
    ]
    width: NotRequired[OrNull[int]]
    height: NotRequired[OrNull[int]]
    duration: NotRequired[Annotated[float | None, Field(default=None, description="In seconds.")]]
    seed: NotRequired[OrNull[int]]
    metadata: dict[str, Any]


class BindingOut(TypedDict):
    """An argument that a step takes from an earlier one, or from `$input_media`."""

    sourceStepId: str
    targetArgument: NotRequired[OrNull[str]]
    transform: NotRequired[OrNull[str]]
    mediaType: NotRequired[OrNull[str]]
    sourceArtifactIndex: NotRequired[OrNull[int]]
    sourceArtifactId: NotRequired[OrNull[str]]
    required: bool


class CostOut(TypedDict):
    estimated: Units
    actual: NotRequired[OrNull[Units]]


class ToolCost(TypedDict):
    toolCallId: str
    stepId: str
    toolName: str
    capacityUnits: Units


class StageCost(TypedDict):
    stageId: str
    units: Units
    assumptions: list[str]


class BillingPreview(TypedDict):
    """The expected use of a run. The breakdowns are left out of earlier quotes."""

    totalEstimatedCapacityUnits: Units
    tokenType: str
    billingMode: str
    expectedDurationSeconds: NotRequired[OrNull[float]]
    validityUntil: NotRequired[OrNull[Iso]]
    createdAt: NotRequired[OrNull[Iso]]
    maxAcceptableUnits: NotRequired[OrNull[Units]]
    templateId: NotRequired[OrNull[str]]
    inputs: NotRequired[OrNull[dict[str, Any]]]
    perToolBreakdown: NotRequired[OrNull[list[ToolCost]]]
    perStageBreakdown: NotRequired[OrNull[list[StageCost]]]


class StepHead(TypedDict):
    """A step as lists show it. progress goes from 0 to 1."""

    id: str
    sequence: int
    toolName: str
    title: str
    status: StepStatus
    progress: float
    attempt: int


class ItemOut(TypedDict):
    """One step of a batch, as the batch lists it."""

    id: str
    index: int | None
    label: str
    status: StepStatus


class WaitOut(TypedDict):
    """A question to a person. details: what it is about, by reason."""

    waitId: int
    reason: WaitingReason
    message: str
    details: dict[str, Any]


class VersionOut(TypedDict):
    """One time that a step was made. content: what it says, where it made no files."""

    id: str
    createdAt: Iso
    artifacts: list[ArtifactOut]
    content: NotRequired[OrNull[Any]]


class StepOut(StepHead):
    """A step as the snapshot shows it. result has the shape of a tool result.

    A batch has `items` and a group has its stages as such; each is a step with `parentId`.
    """

    parentId: NotRequired[OrNull[str]]
    itemIndex: NotRequired[OrNull[int]]
    itemLabel: NotRequired[OrNull[str]]
    items: NotRequired[OrNull[list[ItemOut]]]

    arguments: dict[str, Any]
    resolvedArguments: NotRequired[OrNull[dict[str, Any]]]
    dependsOn: list[BindingOut]
    artifacts: list[ArtifactOut]
    cost: CostOut
    result: NotRequired[OrNull[dict[str, Any]]]
    provider: NotRequired[OrNull[str]]
    seed: NotRequired[OrNull[int]]
    reusedFrom: NotRequired[OrNull[str]]
    versions: NotRequired[
        Annotated[
            list[VersionOut] | None,
            Field(
                default=None,
                description="Of a step that was made more than once, the oldest"
                " first; `select_version` chooses.",
            ),
        ]
    ]
    selectedVersionId: NotRequired[OrNull[str]]
    locked: NotRequired[
        Annotated[
            bool | None,
            Field(default=None, description="True where a person keeps it as it is."),
        ]
    ]
    message: NotRequired[
        Annotated[
            str | None,
            Field(
                default=None,
                description="Why it waits, in words, while it is queued or at its provider. Only"
                " `GET` of one run says it, and no event does.",
            ),
        ]
    ]
    queueReason: NotRequired[
        Annotated[
            queue_reasons.Code | None,
            Field(default=None, description="The same as `message`, for programs."),
        ]
    ]
    error: NotRequired[OrNull[FailureOut]]
    startedAt: NotRequired[OrNull[Iso]]
    completedAt: NotRequired[OrNull[Iso]]


class EventOut(TypedDict):
    """One entry of a run's log. `status` is the run's, `stepStatus` the step's.

    A closing entry that a later resume undid has `previousStatus` instead of `status`.
    """

    id: str
    sequence: int
    event: str
    type: str
    workflowId: str
    status: NotRequired[OrNull[RunStatus]]
    previousStatus: NotRequired[OrNull[RunStatus]]
    stepId: NotRequired[OrNull[str]]
    stepStatus: NotRequired[OrNull[StepStatus]]
    toolName: NotRequired[OrNull[str]]
    message: str
    timestamp: Seconds
    createdAt: Iso
    data: dict[str, Any]


class RunFacts(TypedDict):
    """Fields of the run's own row."""

    workflowId: str
    id: str
    kind: str
    title: str
    status: RunStatus
    waitingReason: NotRequired[OrNull[WaitingReason]]
    awaitingCostApproval: bool
    waiting: NotRequired[OrNull[WaitOut]]
    waits: NotRequired[OrNull[list[WaitOut]]]
    safeContentFilter: bool
    tokenType: str
    billingMode: str
    appSource: NotRequired[OrNull[str]]
    templateId: NotRequired[OrNull[str]]
    templateVersion: NotRequired[OrNull[str]]
    estimatedCapacityUnits: Units
    actualCapacityUnits: Units
    maxEstimatedCapacityUnits: NotRequired[OrNull[Units]]
    error: NotRequired[OrNull[FailureOut]]
    createTime: Seconds
    updateTime: Seconds
    createdAt: Iso
    updatedAt: Iso
    completedAt: NotRequired[OrNull[Iso]]


class RunHead(RunFacts):
    """Fields that lists and snapshots share."""

    input: dict[str, Any]
    plan: dict[str, Any]
    events: list[EventOut]
    artifacts: list[ArtifactOut]


class ContentFilterOut(TypedDict):
    """The outcome of `safeContentFilter`.

    steps: by step id, with batches as one. `on`: what the step makes is filtered. `not_needed`: no
    model invents anything. `unavailable`: its provider can't filter. Empty unless requested.
    """

    requested: bool
    steps: dict[str, ContentFilter]
    message: NotRequired[
        Annotated[str | None, Field(default=None, description="Which providers can't filter.")]
    ]


class RunSummary(RunHead):
    """A run in a list: no plan, no events, no step results."""

    steps: list[StepHead]


class OutputOut(TypedDict):
    """A result that the template is used for, as it is now: files, or a text."""

    name: str
    label: NotRequired[OrNull[str]]
    artifacts: list[ArtifactOut]
    text: NotRequired[OrNull[str]]


class RunRecord(RunHead):
    """The snapshot of a run. `events` holds the latest 200; the log has them all."""

    steps: list[StepOut]
    outputs: NotRequired[OrNull[list[OutputOut]]]
    contentFilter: ContentFilterOut
    billingPreview: BillingPreview
    billingPreviews: list[BillingPreview]


class RunOut(TypedDict):
    workflow: RunRecord


class Started(RunOut):
    """`compileWarnings` when a template was compiled with some."""

    compileWarnings: NotRequired[OrNull[list[IssueOut]]]


class StartedBefore(RunOut):
    """The same key and body as before: the run that the first request made."""

    idempotent: Literal[True]


class RunsOut(TypedDict):
    workflows: list[RunSummary]
    next: Annotated[int | None, Field(description="The offset of the next page; null: none.")]


class EventsOut(TypedDict):
    """`next` is the `after` of the rest, or null at the end."""

    events: list[EventOut]
    workflowId: str
    next: int | None


class DeletedOut(TypedDict):
    workflowId: str
    deleted: bool


class CancelOut(RunOut):
    """transitioned: whether this call stopped it; `cancelled` says the same."""

    transitioned: bool
    cancelled: bool


class ResumeOut(RunOut):
    """resumed: whether the run goes on; false leaves it as it was."""

    resumed: bool


class ConfirmOut(RunOut):
    """`idempotent` when a request with the same key did it before."""

    idempotent: NotRequired[OrNull[Literal[True]]]
