"""What `runs.web.serializers` and `runs.log.events` render, as schemas for the public reference.

Rendering does not go through these: a list of a hundred runs would be built twice. Tests hold real
answers against them. Fields without a value are left out, so most are optional.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, WithJsonSchema

from runs import states
from templates_app.web.schemas import IssueOut

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


class FailureOut(BaseModel):
    """Why a run or a step failed. errorType is one of the public contract's names.

    headline: what people read first. cause: the provider's own sentence, where it adds something.
    provider: the id of the provider it failed at.
    """

    code: str
    errorType: str
    message: str
    retryable: bool
    headline: str
    cause: str | None = None
    provider: str | None = None


class ArtifactOut(BaseModel):
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
    posterUrl: Annotated[str | None, Field(description="A picture of a 3D model.")] = None
    width: int | None = None
    height: int | None = None
    duration: Annotated[float | None, Field(description="In seconds.")] = None
    seed: int | None = None
    metadata: dict[str, Any]


class BindingOut(BaseModel):
    """What a step takes from an earlier one, or from `$input_media`."""

    sourceStepId: str
    targetArgument: str | None = None
    transform: str | None = None
    mediaType: str | None = None
    sourceArtifactIndex: int | None = None
    sourceArtifactId: str | None = None
    required: bool


class CostOut(BaseModel):
    estimated: Units
    actual: Units | None = None


class ToolCost(BaseModel):
    toolCallId: str
    stepId: str
    toolName: str
    capacityUnits: Units


class StageCost(BaseModel):
    stageId: str
    units: Units
    assumptions: list[str]


class BillingPreview(BaseModel):
    """What a run is expected to use. The breakdowns are left out of earlier quotes."""

    totalEstimatedCapacityUnits: Units
    tokenType: str
    billingMode: str
    expectedDurationSeconds: float | None = None
    validityUntil: Iso | None = None
    createdAt: Iso | None = None
    maxAcceptableUnits: Units | None = None
    templateId: str | None = None
    inputs: dict[str, Any] | None = None
    perToolBreakdown: list[ToolCost] | None = None
    perStageBreakdown: list[StageCost] | None = None


class StepHead(BaseModel):
    """A step as lists show it. progress goes from 0 to 1."""

    id: str
    sequence: int
    toolName: str
    title: str
    status: StepStatus
    progress: float
    attempt: int


class ItemOut(BaseModel):
    """One step of a batch, as the batch lists it."""

    id: str
    index: int | None
    label: str
    status: StepStatus


class WaitOut(BaseModel):
    """A question to a person. details: what it is about, by reason."""

    waitId: int
    reason: WaitingReason
    message: str
    details: dict[str, Any]


class StepOut(StepHead):
    """A step as the snapshot shows it. result has the shape of a tool result.

    A batch has `items`; each of these is a step of its own, with `parentId`.
    """

    parentId: str | None = None
    itemIndex: int | None = None
    itemLabel: str | None = None
    items: list[ItemOut] | None = None

    arguments: dict[str, Any]
    resolvedArguments: dict[str, Any] | None = None
    dependsOn: list[BindingOut]
    artifacts: list[ArtifactOut]
    cost: CostOut
    result: dict[str, Any] | None = None
    provider: str | None = None
    seed: int | None = None
    reusedFrom: str | None = None
    error: FailureOut | None = None
    startedAt: Iso | None = None
    completedAt: Iso | None = None


class EventOut(BaseModel):
    """One entry of a run's log. `status` is the run's, `stepStatus` the step's.

    A closing entry that a later resume undid has `previousStatus` instead of `status`.
    """

    id: str
    sequence: int
    event: str
    type: str
    workflowId: str
    status: RunStatus | None = None
    previousStatus: RunStatus | None = None
    stepId: str | None = None
    stepStatus: StepStatus | None = None
    toolName: str | None = None
    message: str
    timestamp: Seconds
    createdAt: Iso
    data: dict[str, Any]


class RunHead(BaseModel):
    """What lists and snapshots share."""

    workflowId: str
    id: str
    kind: str
    title: str
    status: RunStatus
    waitingReason: WaitingReason | None = None
    awaitingCostApproval: bool
    waiting: WaitOut | None = None
    waits: list[WaitOut] | None = None
    safeContentFilter: bool
    tokenType: str
    billingMode: str
    appSource: str | None = None
    templateId: str | None = None
    templateVersion: str | None = None
    estimatedCapacityUnits: Units
    actualCapacityUnits: Units
    maxEstimatedCapacityUnits: Units | None = None
    error: FailureOut | None = None
    createTime: Seconds
    updateTime: Seconds
    createdAt: Iso
    updatedAt: Iso
    completedAt: Iso | None = None
    input: dict[str, Any]
    plan: dict[str, Any]
    events: list[EventOut]
    artifacts: list[ArtifactOut]


class RunSummary(RunHead):
    """A run in a list: no plan, no events, no step results."""

    steps: list[StepHead]


class RunRecord(RunHead):
    """The snapshot of a run. `events` holds the latest 200; the log has them all."""

    steps: list[StepOut]
    billingPreview: BillingPreview
    billingPreviews: list[BillingPreview]


class RunOut(BaseModel):
    workflow: RunRecord


class Started(RunOut):
    """`compileWarnings` when a template was compiled with some."""

    compileWarnings: list[IssueOut] | None = None


class StartedBefore(RunOut):
    """The same key and body as before: the run that the first request made."""

    idempotent: Literal[True]


class RunsOut(BaseModel):
    workflows: list[RunSummary]
    next: Annotated[int | None, Field(description="The offset of the next page; null: none.")]


class EventsOut(BaseModel):
    """`next` is the `after` of the rest, or null at the end."""

    events: list[EventOut]
    workflowId: str
    next: int | None


class CancelOut(RunOut):
    """transitioned: whether this call stopped it; `cancelled` says the same."""

    transitioned: bool
    cancelled: bool


class ResumeOut(RunOut):
    """resumed: whether the run goes on; false leaves it as it was."""

    resumed: bool


class ConfirmOut(RunOut):
    """`idempotent` when the same key decided before."""

    idempotent: Literal[True] | None = None


class ReseededStep(BaseModel):
    """`stepId` says the same as `id`."""

    id: str
    stepId: str
    seed: int
    previousSeed: int | None = None


class Reseeded(BaseModel):
    cloned_from_run_id: str
    steps: list[ReseededStep]


class ReseedOut(RunOut):
    """A new run of the same plan."""

    reseed: Reseeded


class ReseedOutBefore(ReseedOut):
    idempotent: Literal[True]
