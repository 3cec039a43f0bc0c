"""The answers that a run which waits may get, as shapes (public contract §4.4, `resume_input`)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    StringConstraints,
)

from core import errors
from core.http import parse
from runs.interaction.wait_kinds import GATE, HOLD, QUESTION, SELECTION, STAGE
from runs.planning.schemas import either

_STEP = either("stepId", "step_id", "stageId", "stage_id")
_OVERRIDE = either("overrideArgs", "override_args")


_JOB_ID = re.compile(r"[!-~]{1,200}")


def _checked_job_id(text: str) -> str:
    if not _JOB_ID.fullmatch(text):
        raise ValueError("must be the id of a job: 1 to 200 characters without spaces")
    return text


class Answer(BaseModel):
    """One answer. target: the step or stage it is for; it may be left out where only one asks."""

    model_config = ConfigDict(extra="ignore", populate_by_name=True)

    target: Annotated[str | None, Field(validation_alias=_STEP, max_length=200)] = None

    def kinds(self) -> tuple[str, ...]:
        """The kinds of wait it may answer; none for what is said beside all questions."""
        return ()

    def to_record(self) -> dict[str, Any]:
        """Return what is stored of it, and makes two answers the same."""
        return self.model_dump(exclude={"target"}, exclude_none=True)


class Approve(Answer):
    """Go on past a checkpoint, or let a provider do what it held."""

    type: Literal["approve_checkpoint"]

    def kinds(self) -> tuple[str, ...]:
        return GATE, HOLD


class Reject(Answer):
    """Do not let a provider do what it held."""

    type: Literal["reject"]
    reason: Annotated[str | None, Field(max_length=500)] = None

    def kinds(self) -> tuple[str, ...]:
        return (HOLD,)


class AttachJob(Answer):
    """Say which job at its provider is that of a request that had no answer: it is looked at before
    the step goes on with it, and nothing is sent again."""

    type: Literal["attach_job"]
    job_id: Annotated[
        str,
        StringConstraints(strip_whitespace=True),
        AfterValidator(_checked_job_id),
        Field(validation_alias=either("jobId", "job_id")),
    ]

    def kinds(self) -> tuple[str, ...]:
        return (HOLD,)


class RedoStage(Answer):
    """Make the stage before a checkpoint again, perhaps with other arguments."""

    type: Literal["redo_stage"]
    override: Annotated[dict[str, Any] | None, Field(validation_alias=_OVERRIDE)] = None

    def kinds(self) -> tuple[str, ...]:
        return (GATE,)


class _OfItem(Answer):
    """About one item: what a fixed stage made, or one element of a batch.

    item: `<stageId>/<i>`, `<stageId>/main`, its step, its position, or a file that it made.
    artifact: the name under which its stage makes it.
    """

    item: Annotated[str, Field(validation_alias=either("itemId", "item_id"), max_length=200)]
    artifact: Annotated[
        str | None, Field(validation_alias=either("artifactName", "artifact_name"), max_length=200)
    ] = None


class RedoItem(_OfItem):
    """Make one item of a batch before a checkpoint again."""

    type: Literal["redo_item"]
    override: Annotated[dict[str, Any] | None, Field(validation_alias=_OVERRIDE)] = None

    def kinds(self) -> tuple[str, ...]:
        return (GATE,)


class LockItem(_OfItem):
    """Lock an item, so that a redo of its stage keeps it, or unlock it."""

    type: Literal["lock_item"]
    locked: StrictBool = True


class SelectVersion(_OfItem):
    """Go on with an earlier version of an item. version: its id, or a file of it."""

    type: Literal["select_version"]
    version: Annotated[
        str, Field(validation_alias=either("versionId", "version_id"), max_length=200)
    ]


class JumpToStage(Answer):
    """Go back to a stage, or on to it past a checkpoint. stage: its id, or of its artifact."""

    type: Literal["jump_to_stage"]
    stage: Annotated[str, Field(validation_alias=either("stageId", "stage_id"), max_length=200)]


class Complete(Answer):
    """Result of an interactive stage, in words and in media."""

    type: Literal["interactive_complete"]
    result: Annotated[str, Field(max_length=100_000)] = ""
    produced: Annotated[
        dict[str, Any] | None,
        Field(validation_alias=either("producedArtifacts", "produced_artifacts")),
    ] = None

    def kinds(self) -> tuple[str, ...]:
        return (STAGE,)


class Text(Answer):
    """The answer to a question."""

    type: Literal["answer"]
    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20_000)]

    def kinds(self) -> tuple[str, ...]:
        return QUESTION, STAGE


class Select(Answer):
    """The media to go on with: their places among the candidates, or their ids."""

    type: Literal["select_media"]
    indices: Annotated[list[StrictInt] | None, Field(max_length=1000)] = None
    ids: Annotated[
        list[str] | None,
        Field(validation_alias=either("artifactIds", "artifact_ids"), max_length=1000),
    ] = None

    def kinds(self) -> tuple[str, ...]:
        return (SELECTION,)


# By the `type` that each declares. A discriminated union of Pydantic would put the type into the
# path of every error, where clients look for the field.
_TYPES: Mapping[str, type[Answer]] = {
    get_args(model.model_fields["type"].annotation)[0]: model
    for model in (
        *(
            Approve,
            Reject,
            AttachJob,
            RedoStage,
            RedoItem,
            LockItem,
            SelectVersion,
            JumpToStage,
            Complete,
        ),
        *(Text, Select),
    )
}


def read_answer(resume_input: Mapping[str, Any]) -> Answer:
    """Read one answer. Raises InvalidBody naming what is wrong with it."""
    kind = resume_input.get("type")
    model = _TYPES.get(kind) if isinstance(kind, str) else None
    if model is None:
        raise errors.InvalidBody(
            f"resume_input.type must be one of {', '.join([*_TYPES, 'cancel'])}.",
            details={"issues": [{"path": "resume_input.type", "message": "is unknown."}]},
        )
    return parse(model, resume_input)
