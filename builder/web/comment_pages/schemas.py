"""Comments as the canvas reads them."""

from __future__ import annotations

from pydantic import ConfigDict, with_config
from typing_extensions import TypedDict

_described = with_config(ConfigDict(use_attribute_docstrings=True, extra="forbid"))


@_described
class CommentOut(TypedDict):
    id: int
    author: str
    hue: int
    initials: str
    text: str
    createdAt: str
    isEdited: bool
    isResolved: bool
    stage: str
    """The key of its stage; empty: the whole draft."""
    position: int | None
    """Of a creation: which of its files."""
    artifact: str | None
    isOfEarlierResult: bool
    atMs: int | None
    time: str
    """The moment in words, such as `0:02`."""
    x: float | None
    y: float | None
    isOwn: bool
    canEdit: bool
    canResolve: bool
    canRemove: bool


@_described
class CommentThread(CommentOut):
    """A remark with its answers. number: as its pin shows it."""

    number: int
    answers: list[CommentOut]


@_described
class CommentList(TypedDict):
    comments: list[CommentThread]
    count: int
    earlier: int | None
    """`before` of the page of earlier ones."""
    mayWrite: bool
