"""The public shapes of making a run final."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypedDict

from runs.planning.schemas import IdempotencyKeyText, either

_Key = Annotated[str, Field(min_length=1, max_length=160)]
_Model = Annotated[str, Field(min_length=1, max_length=200)]


class FinalQuoteIn(BaseModel):
    """A request to make stages of a run final."""

    model_config = ConfigDict(extra="ignore", populate_by_name=True, use_attribute_docstrings=True)

    stages: Annotated[list[_Key], Field(min_length=1, max_length=1_000)]
    """Ids of stages. Each goes to the provider that its model names, which must not make drafts."""
    models: Annotated[dict[_Key, _Model], Field(max_length=1_000)] = {}
    """By stage id: another model for it."""


class FinalIn(FinalQuoteIn):
    """The body of make final."""

    max_units: Annotated[
        float | None,
        Field(
            validation_alias=either("max_estimated_capacity_units", "maxEstimatedCapacityUnits"),
            ge=0,
            strict=True,
        ),
    ] = None
    """The most it may be expected to cost, such as the quote's; a dearer one is a 422."""
    idempotency_key: IdempotencyKeyText = None
    """As the header Idempotency-Key, which wins."""

    @property
    def ceiling_milli(self) -> int | None:
        return None if self.max_units is None else round(self.max_units * 1000)


class FinalStageOut(TypedDict):
    """A stage that a provider makes final: of a batch, all its items. `model` is as arguments name
    it, "" where any will do; the titles are for people."""

    id: str
    provider: str
    providerTitle: str
    model: str
    modelTitle: str
    modelBy: str
    """The company that built the model; empty where it isn't known."""
    capacityUnits: float
    atMost: bool
    draft: Literal["", "alive", "expired"]
    """Of drafts that its own model drew: `alive` are made final with the same content; `expired`
    can't be any more, so the stage is made as its arguments say."""


class FinalQuoteOut(TypedDict):
    """Numbers of stages: chosen ones, those made again because their input changes, and those whose
    results stay. `stages` are the chosen ones. `atMost`: it may cost less. `seconds` is null where
    no one knows."""

    final: int
    again: int
    kept: int
    capacityUnits: float
    atMost: bool
    seconds: float | None
    stages: list[FinalStageOut]
