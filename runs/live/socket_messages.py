"""Messages of a run's socket. The stream sends the same events in its own framing.

Rendering does not go through these: a frame is encoded once for all its readers. Tests hold real
messages against them.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from accounts import scopes
from core.asyncapi import ChannelDescription, Ping
from core.openapi import Parameter, whole_number
from runs.web.schemas import EventOut

Sequence = Annotated[
    int, Field(ge=0, description="The sequence number of the last event that was sent.")
]
RUN = "wf_run_2f8e1c"
CREATED: dict[str, Any] = {
    "id": "1",
    "sequence": 1,
    "event": "workflow_created",
    "type": "workflow_created",
    "workflowId": RUN,
    "status": "queued",
    "message": "Postcards: 2 steps planned",
    "timestamp": 1773353767,
    "createdAt": "2026-03-12T22:16:07.000Z",
    "data": {"steps": 2},
}


class WorkflowEvent(BaseModel):
    """An entry of the run's log, in order and without gaps. `data` is what REST and the event
    stream show of the same entry."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"id": 1, "event": "workflow_event", "data": CREATED}]}
    )
    event: Literal["workflow_event"]
    id: Annotated[int, Field(ge=1, description="Its sequence number: 1, 2, 3 …")]
    data: EventOut


class ClosingStatus(BaseModel):
    workflowId: str
    status: Literal["waiting_for_user", "completed", "partial_failure", "failed", "cancelled"]


class WorkflowStatus(BaseModel):
    """The last message: the run is over or waits for a person. The server closes with 1000."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": 9,
                    "event": "workflow_status",
                    "data": {"workflowId": RUN, "status": "completed"},
                }
            ]
        }
    )
    event: Literal["workflow_status"]
    id: Sequence
    data: ClosingStatus


class RunPing(BaseModel):
    """Every 15 seconds without an event, and at once where there is nothing to replay."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"event": "ping", "id": 4}]})
    event: Literal["ping"]
    id: Sequence


class RunPong(BaseModel):
    """The answer to `ping`."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"event": "pong", "id": 4}]})
    event: Literal["pong"]
    id: Sequence


CHANNEL = ChannelDescription(
    name="run",
    address="/ws/runs/{runId}",
    title="A run's events",
    description="The run's log after `after`, then each event as it happens. The server closes with"
    " 1000 after `workflow_status`: when the run is over, and when it waits for a person.",
    variables={"runId": "A workflow's id."},
    parameters=(
        Parameter(
            "after",
            "query",
            "The last sequence number you have: later events are sent. Without it: all of them.",
            whole_number("0 and up"),
        ),
    ),
    sends=(WorkflowEvent, WorkflowStatus, RunPing, RunPong),
    receives=(Ping,),
    scope=scopes.READ,
)
