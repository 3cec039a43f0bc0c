"""Questions of rows, and answers to them, in the spelling of the API."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, Field
from typing_extensions import TypedDict

from run_sets.change_schemas import BODY
from run_sets.web.schemas import SetOut

QuestionKind: TypeAlias = Literal[
    "question", "selection", "stage", "gate", "hold", "credit", "cost"
]


class AnswersIn(BaseModel):
    """One answer for all rows that ask the same."""

    model_config = BODY

    stepId: Annotated[str, Field(max_length=200)]
    """The step that asks, as the questions name it."""
    resume_input: dict[str, Any]
    """The answer, as a run takes it: `answer`, `interactive_complete` or `approve_checkpoint`."""
    message: Annotated[str | None, Field(max_length=100_000)] = None
    """Answers only rows that ask with these words."""
    rows: Annotated[
        list[Annotated[int, Field(ge=0)]] | None, Field(min_length=1, max_length=1_000)
    ] = None
    """Positions of the rows to answer; all that ask now without it."""


class QuestionOut(TypedDict):
    """Question of rows in one step, in the same words. rows: positions of those that ask now.
    answerTypes: types of an answer to all of them; if empty, each run is answered separately."""

    stepId: str
    kind: QuestionKind
    message: str
    rows: list[int]
    answerTypes: list[str]


class QuestionsAnswer(TypedDict):
    questions: list[QuestionOut]


class RowFailureOut(TypedDict):
    """Refusal of an answer by a row."""

    position: int
    code: str
    message: str


class AnswersAnswer(TypedDict):
    """answeredCount: how many rows have the answer now."""

    runSet: SetOut
    answeredCount: int
    failures: list[RowFailureOut]
