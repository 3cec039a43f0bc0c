"""Replay records in the public contract's spelling (§8.4)."""

from __future__ import annotations

from typing import Annotated, Any, NotRequired

from pydantic import BaseModel, Field
from typing_extensions import TypedDict


class RecordIn(BaseModel, extra="allow", use_attribute_docstrings=True):
    """A record of one chat. Further fields are kept as they are, redacted."""

    run_id: Annotated[str, Field(min_length=1, max_length=200)]
    """The client's name of it; sent again, it replaces the record."""
    schema_version: int | str | None = None
    """Of the record's form, by the client."""
    session_id: str | None = None
    """The client's."""
    model_id: str | None = None
    """The model that answered."""
    rounds: list[Any] = []
    """What was said and called."""
    user_request: str | None = None
    """What the person asked for."""
    final_response: Any = None
    """How it ended."""


class RecordWritten(TypedDict):
    """The record that was stored. Times are Unix seconds."""

    runId: str
    schemaVersion: int | str
    redacted: bool
    createTime: int
    updateTime: int


class RecordSummary(TypedDict):
    """A record in a list. `rounds`: how many."""

    runId: str
    schemaVersion: int | str
    createTime: int
    updateTime: int
    rounds: int
    userRequest: NotRequired[str]
    finalResponse: NotRequired[Any]
    modelId: NotRequired[str]


class RecordList(TypedDict):
    """The caller's records, newest first."""

    records: list[RecordSummary]


class RecordRead(TypedDict):
    """One record, whole."""

    record: dict[str, Any]
    createTime: int
