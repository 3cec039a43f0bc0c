"""All that guests read and send. A guest reads no field that is not declared here."""

from __future__ import annotations

from typing import Annotated, Any, Literal, NotRequired

from pydantic import BaseModel, ConfigDict, Field, with_config
from typing_extensions import TypedDict

from runs.web.schemas import MediaType, RunStatus

# Nothing but the fields that are declared.
_no_others = with_config(ConfigDict(extra="forbid"))


@_no_others
class AppInputOut(TypedDict):
    """One input of an app's form. options: of a select, (value, label)."""

    name: str
    type: str
    label: NotRequired[str]
    help: NotRequired[str]
    optional: bool


@_no_others
class AppOut(TypedDict):
    """An app as a guest sees it. runsLeft: of the link. endsAt: ISO 8601."""

    title: str
    intro: str
    inputs: list[AppInputOut]
    outputs: list[OutputName]
    runs: int
    runsLeft: int
    endsAt: str


@_no_others
class OutputName(TypedDict):
    name: str
    label: str


@_no_others
class GuestFile(TypedDict):
    """A file that was made. url: works while the app is open and its owner keeps the run."""

    kind: MediaType
    url: str
    filename: str
    contentType: str
    width: int | None
    height: int | None
    duration: float | None


@_no_others
class GuestOutput(TypedDict):
    """One result, as the author calls it: files, or a text."""

    name: str
    label: str
    files: list[GuestFile]
    text: NotRequired[str]


@_no_others
class GuestQuestion(TypedDict):
    """A question to the guest. choices: what it is about, or what to choose from, by position from
    1; least, most: how many of them to choose."""

    id: int
    kind: Literal["question", "selection", "stage", "gate"]
    text: str
    choices: list[GuestFile]
    least: int
    most: int


@_no_others
class GuestFailure(TypedDict):
    """The reason that a run failed, in one of six sentences. reference: for the app's owner."""

    code: Literal["input", "content", "busy", "budget", "stopped", "error"]
    message: str
    reference: str


@_no_others
class GuestStage(TypedDict):
    title: str
    status: str


@_no_others
class GuestRunOut(TypedDict):
    """A guest's run. waitsFor: whom, while its status is `waiting_for_user`. doneCount: how many of
    its stageCount stages are over. stages: only where the author shows them. notice: that results
    are of draft quality, what they leave out of the guest's words, and where they come from."""

    id: str
    status: RunStatus
    waitsFor: NotRequired[Literal["guest", "author"]]
    doneCount: int
    stageCount: int
    inputs: dict[str, Any]
    question: NotRequired[GuestQuestion]
    outputs: list[GuestOutput]
    notice: NotRequired[str]
    failure: NotRequired[GuestFailure]
    stages: NotRequired[list[GuestStage]]
    createdAt: str
    finishedAt: str | None


@_no_others
class GuestRunAnswer(TypedDict):
    run: GuestRunOut


@_no_others
class AppAnswer(TypedDict):
    app: AppOut


@_no_others
class GuestUploadOut(TypedDict):
    """PUT the bytes there within the hour. limitBytes: how many it takes."""

    uploadUrl: str
    limitBytes: int


class GuestStartIn(BaseModel):
    """Values that a guest fills in."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)

    inputs: dict[str, Any] = Field(default_factory=dict)
    """Values of the app's inputs by name."""


class GuestReplyIn(BaseModel):
    """An answer to a question: its text, or the positions of what is chosen, or `approve`."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)

    question: Annotated[int, Field(ge=1, lt=2**63)]
    """The `id` of the question."""
    text: Annotated[str | None, Field(max_length=20_000)] = None
    """The answer in words."""
    choices: Annotated[list[Annotated[int, Field(ge=1)]] | None, Field(max_length=1000)] = None
    """Positions among the question's `choices`, from 1."""
    approve: Literal[True] | None = None
    """That the run may go on."""


class GuestUploadIn(BaseModel):
    """The kind of a file."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)

    kind: Literal["image", "video", "audio"]
    """`image`, `video` or `audio`."""
