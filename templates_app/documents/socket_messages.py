"""Messages of a document's socket; `frontend/src/document/socket.ts` is the editor's side.

Rendering does not go through these: a frame is encoded once for all its readers. Tests hold real
messages against them.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from accounts import scopes
from accounts.avatars import HUES
from core.asyncapi import ChannelDescription, Ping
from core.openapi import Parameter, whole_number
from templates_app.document_ops.schemas import MAX_OPS, Key, Op
from templates_app.documents.consumers import PRESENCE_PER_S
from templates_app.documents.presence import MAX_CONNECTIONS
from templates_app.documents.presence_message import MAX_BYTES, MAX_SELECTED, Cursor, Presence

Revision = Annotated[
    int, Field(ge=0, description="The revision that the server has sent or told of.")
]
CHANGE: Final = "0b6f2a0e-6a53-4f0a-9e0f-0d6a3a3c1f10"
CLIENT: Final = "5c8a1d1e-2f6b-4f9c-8a57-1f0e9f7c2b44"


def _example(value: Any) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [value]})


class Actor(BaseModel):
    id: str
    name: str


class RecordedChange(BaseModel):
    """One edit by one person. Revisions count 1, 2, 3 … in each document."""

    rev: Annotated[int, Field(ge=1)]
    id: Annotated[str, Field(description="The UUID that its client gave it.")]
    clientId: str
    actor: Actor
    label: str
    ops: Annotated[list[Op], Field(max_length=MAX_OPS)]
    at: Annotated[str, Field(description="When it was recorded, ISO 8601.")]


class DocumentChange(BaseModel):
    """A change of the draft, in order and without gaps."""

    model_config = _example(
        {
            "event": "change",
            "change": {
                "rev": 18,
                "id": CHANGE,
                "clientId": CLIENT,
                "actor": {"id": "usr_8d21", "name": "Alice"},
                "label": "Rename stage",
                "ops": [
                    {
                        "op": "set",
                        "table": "stages",
                        "key": "keyframe",
                        "path": ["title"],
                        "value": "Opening image",
                    }
                ],
                "at": "2026-03-12T22:16:07.000Z",
            },
        }
    )
    event: Literal["change"]
    change: RecordedChange


class DocumentSaved(BaseModel):
    """The draft was saved as a new version, which it rests on now."""

    model_config = _example({"event": "saved", "version": "1.4.0"})
    event: Literal["saved"]
    version: str


class DocumentBehind(BaseModel):
    """You missed more than the socket sends again: read the document over HTTP. Changes after `rev`
    follow here."""

    model_config = _example({"event": "behind", "rev": 5120, "version": "1.4.0"})
    event: Literal["behind"]
    rev: Revision
    version: str


class Person(BaseModel):
    """One open editor. `clientId` is the `client` of its address."""

    clientId: str
    id: str
    name: str
    hue: Annotated[int, Field(ge=0, lt=HUES, description="Which color they are drawn in.")]
    selection: list[Key]
    cursor: Cursor | None


class DocumentPeople(BaseModel):
    """Everyone who has the document open, whenever someone comes, goes, selects or points; at most
    20 times a second."""

    model_config = _example(
        {
            "event": "people",
            "people": [
                {
                    "clientId": CLIENT,
                    "id": "usr_8d21",
                    "name": "Alice",
                    "hue": 5,
                    "selection": ["keyframe"],
                    "cursor": {"x": 120.5, "y": 48},
                }
            ],
        }
    )
    event: Literal["people"]
    people: list[Person]


class DocumentRole(BaseModel):
    """Roles in this template changed: read the document again over HTTP for yours."""

    model_config = _example({"event": "role"})
    event: Literal["role"]


class DocumentRun(BaseModel):
    """Someone started a run of this draft. Everyone who works on it may read and follow it."""

    model_config = _example({"event": "run", "id": "wf_run_2f8e1c"})
    event: Literal["run"]
    id: Annotated[str, Field(description="The run's id.")]


class DocumentComments(BaseModel):
    """Comments on the draft were written, changed, resolved or deleted: read them over HTTP."""

    model_config = _example({"event": "comments"})
    event: Literal["comments"]


class DocumentPing(BaseModel):
    """Every 15 seconds without another message."""

    model_config = _example({"event": "ping", "rev": 18})
    event: Literal["ping"]
    rev: Revision


class DocumentPong(BaseModel):
    """The answer to `ping`."""

    model_config = _example({"event": "pong", "rev": 18})
    event: Literal["pong"]
    rev: Revision


CHANNEL = ChannelDescription(
    name="document",
    address="/ws/documents/{templateId}",
    title="A draft that several people edit",
    description="Changes to the template's draft as they happen, and who has it open. The socket"
    " stays open for as long as its person may read the draft. Changes are made over HTTP.",
    variables={"templateId": "A template's id."},
    parameters=(
        Parameter(
            "after",
            "query",
            "The revision you have; changes after it are sent first. Without it: only what comes"
            " from now on.",
            whole_number("0 and up"),
        ),
        Parameter(
            "client",
            "query",
            "A UUID of your own, by which you find yourself in `people`. Without it: a new one.",
            {"type": "string", "format": "uuid"},
        ),
    ),
    sends=(
        DocumentChange,
        DocumentSaved,
        DocumentBehind,
        DocumentPeople,
        DocumentRole,
        DocumentRun,
        DocumentComments,
        DocumentPing,
        DocumentPong,
    ),
    receives=(Presence, Ping),
    scope=scopes.ALL,
    limits=(
        f"{PRESENCE_PER_S} presence messages a second, of at most {MAX_BYTES // 1024} KB and"
        f" {MAX_SELECTED} keys each.",
        f"{MAX_CONNECTIONS} open editors of one document, in all web processes together.",
    ),
)
