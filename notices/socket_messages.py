"""Messages that the socket of notices sends and takes. Tests hold real ones against these."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from accounts import scopes
from core.asyncapi import ChannelDescription, Ping

RUN_DONE: dict[str, Any] = {
    "id": 7,
    "kind": "run_done",
    "text": "“Postcards” is done.",
    "url": "/runs/wf_run_2f8e1c",
    "createdAt": "2026-03-12T22:16:07.000Z",
    "isRead": False,
    "inPage": True,
    "inBrowser": True,
}


class NoticeOut(BaseModel):
    """One thing this person should hear of."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    id: Annotated[int, Field(ge=1)]
    """Newer ones are larger."""
    kind: str
    """What it is of, such as `run_done`, `run_failed`, `your_turn`, `comment`, `invitation`."""
    text: Annotated[str, Field(max_length=300)]
    """One sentence."""
    url: str
    """Where to find it: a path of this server, which checks access again."""
    createdAt: Annotated[str, Field(json_schema_extra={"format": "date-time"})]
    isRead: bool
    inPage: bool
    """Whether it counts and is listed; by the person's choice for its kind."""
    inBrowser: bool
    """Whether to show it as a notification; by the person's choice for its kind."""


class Notices(BaseModel):
    """The count of unread notices, and the latest ten, newest first: right after opening, and
    whenever either changes."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"event": "notices", "unread": 1, "notices": [RUN_DONE]}]}
    )
    event: Literal["notices"]
    unread: Annotated[int, Field(ge=0)]
    notices: Annotated[list[NoticeOut], Field(max_length=10)]


class NoticesPing(BaseModel):
    """Every 15 seconds without another message."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"event": "ping"}]})
    event: Literal["ping"]


class NoticesPong(BaseModel):
    """The answer to `ping`."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"event": "pong"}]})
    event: Literal["pong"]


CHANNEL = ChannelDescription(
    name="notices",
    address="/ws/notices",
    title="A person's notices",
    description="What the credential's person should hear of, as the bell of the pages shows it. A"
    " message shows all of it, so nothing is replayed. Tickets open runs and templates only.",
    variables={},
    parameters=(),
    sends=(Notices, NoticesPing, NoticesPong),
    receives=(Ping,),
    scope=scopes.ALL,
)
