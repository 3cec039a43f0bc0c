"""Answers to a run that is made again with new seeds."""

from __future__ import annotations

from typing import Literal, NotRequired

from typing_extensions import TypedDict

from runs.web.schemas import OrNull, RunOut


class ReseededStep(TypedDict):
    """`stepId` says the same as `id`."""

    id: str
    stepId: str
    seed: int
    previousSeed: NotRequired[OrNull[int]]


class Reseeded(TypedDict):
    cloned_from_run_id: str
    steps: list[ReseededStep]


class ReseedOut(RunOut):
    """A new run of the same plan."""

    reseed: Reseeded


class ReseedOutBefore(ReseedOut):
    idempotent: Literal[True]
