"""Answers of the routes of chat runs, for the API's description."""

from __future__ import annotations

from typing import Any, Literal, NotRequired

from typing_extensions import TypedDict

from runs.web.schemas import ArtifactOut, RunStatus


class ChatEventOut(TypedDict):
    """An entry of a chat run's log. Numbers rise and may have gaps."""

    sequence: int
    type: str
    at: str
    payload: dict[str, Any]


class FinalResponse(TypedDict):
    """The chat's answer in the end."""

    content: str
    finishReason: str


class WaitingOut(TypedDict):
    """A question to a person."""

    reason: str
    message: str
    details: dict[str, Any]


class ToolCallOut(TypedDict):
    """A call of the answer. `workflowId`: of the workflow it started."""

    id: str
    type: Literal["function"]
    function: dict[str, str]
    round: int
    workflowId: NotRequired[str]


class ToolResultOut(TypedDict):
    """The result of a call."""

    toolCallId: str
    toolName: str
    result: dict[str, Any]


class Timestamps(TypedDict):
    """ISO 8601."""

    createdAt: str
    updatedAt: str
    completedAt: NotRequired[str]


class ChatRunRecord(TypedDict):
    """A chat run (public contract §8.3)."""

    runId: str
    status: RunStatus
    schemaVersion: str
    scope: dict[str, Any]
    request: dict[str, Any]
    messages: list[dict[str, Any]]
    toolCalls: list[ToolCallOut]
    toolResults: list[ToolResultOut]
    mediaContext: dict[str, list[str]]
    artifacts: list[ArtifactOut]
    events: list[ChatEventOut]
    finalResponse: NotRequired[FinalResponse]
    waiting: NotRequired[WaitingOut]
    billingPreview: NotRequired[dict[str, Any]]
    billingPreviews: NotRequired[list[dict[str, Any]]]
    failureReason: NotRequired[str]
    cancellationReason: NotRequired[str]
    childWorkflowIds: list[str]
    rounds: int
    createdAt: str
    updatedAt: str
    timestamps: Timestamps


class ChatRunOut(TypedDict):
    """A chat run. `idempotent`: an earlier request with the same key started it."""

    run: ChatRunRecord
    idempotent: NotRequired[bool]


class ChatCancelOut(TypedDict):
    """`transitioned`: false for a run that was over already."""

    run: ChatRunRecord
    transitioned: bool


class ChatEventsOut(TypedDict):
    """Entries after a number; `next` is where to go on, null at the end."""

    events: list[ChatEventOut]
    runId: str
    next: int | None
