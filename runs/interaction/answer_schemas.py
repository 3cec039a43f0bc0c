"""The answers that a run which waits may get, as shapes (public contract §4.4, `resume_input`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, StrictInt, StringConstraints

from core import errors
from core.http import parse
from runs.interaction.wait_kinds import GATE, HOLD, QUESTION, SELECTION, STAGE
from runs.planning.schemas import either

# Answers that the vocabulary knows and this server does not take.
CUT = ("lock_item", "select_version", "jump_to_stage")
_STEP = either("stepId", "step_id", "stageId", "stage_id")
_OVERRIDE = either("overrideArgs", "override_args")


class Answer(BaseModel):
    """One answer. target: the step or stage it is for; it may be left out where only one asks."""

    model_config = ConfigDict(extra="ignore", populate_by_name=True)

    target: Annotated[str | None, Field(validation_alias=_STEP, max_length=200)] = None

    def kinds(self) -> tuple[str, ...]:
        """The kinds of wait it may answer."""
        raise NotImplementedError

    def kept(self) -> dict[str, Any]:
        """What is remembered of it, and makes two answers the same."""
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


class RedoStage(Answer):
    """Make the stage before a checkpoint again, perhaps with other arguments."""

    type: Literal["redo_stage"]
    override: Annotated[dict[str, Any] | None, Field(validation_alias=_OVERRIDE)] = None

    def kinds(self) -> tuple[str, ...]:
        return (GATE,)


class RedoItem(Answer):
    """Make one item of a batch before a checkpoint again. artifact: the name of what it made."""

    type: Literal["redo_item"]
    item: Annotated[str, Field(validation_alias=either("itemId", "item_id"), max_length=200)]
    artifact: Annotated[
        str | None, Field(validation_alias=either("artifactName", "artifact_name"), max_length=200)
    ] = None
    override: Annotated[dict[str, Any] | None, Field(validation_alias=_OVERRIDE)] = None

    def kinds(self) -> tuple[str, ...]:
        return (GATE,)


class Complete(Answer):
    """What an interactive stage led to, in words and in media."""

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
    """Which of the media to go on with: their places among the candidates, or their ids."""

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
    for model in (Approve, Reject, RedoStage, RedoItem, Complete, Text, Select)
}


def read_answer(resume_input: Mapping[str, Any]) -> Answer:
    """Read one answer. Raises InvalidBody naming what is wrong with it."""
    kind = resume_input.get("type")
    if kind in CUT:
        raise errors.InvalidBody(
            f"resume_input.type: {kind} isn't supported. Use approve_checkpoint, redo_stage,"
            " redo_item or cancel.",
            details={"issues": [{"path": "resume_input.type", "message": "isn't supported."}]},
        )
    model = _TYPES.get(kind) if isinstance(kind, str) else None
    if model is None:
        raise errors.InvalidBody(
            f"resume_input.type must be one of {', '.join([*_TYPES, 'cancel'])}.",
            details={"issues": [{"path": "resume_input.type", "message": "is unknown."}]},
        )
    return parse(model, resume_input)
