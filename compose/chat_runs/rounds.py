"""The rounds of a chat run: one a step, in the step's arguments until it is over.

A round is an answer, and what its calls came to. It is written as it goes, so that a worker which
takes the step after another one died goes on where that one stopped: it asks no model again whose
answer is kept, and starts no run twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from pydantic import BaseModel

from runs.engine.executor_writes import NewStep
from runs.models import Run, Step

# The names by which the engine of runs knows chats: the kind of the runs, and that of their steps.
CHAT: Final = "chat"
ROUND: Final = "round"
# By this name a chat's step waits for the ends of runs; see `OwnStep.awaits`.
SOURCE: Final = "chat"
TOOL: Final = "chat_round"
MOST_ROUNDS: Final = 5


class Call(BaseModel, frozen=True):
    """A tool call of an answer. tool: its canonical name, "" where the caller is to run it."""

    id: str
    name: str
    tool: str
    arguments: dict[str, Any]


class Answer(BaseModel, frozen=True):
    """The answer of a round. warnings: sentences for the caller."""

    model: str
    text: str
    calls: list[Call] = []
    finish_reason: str = "stop"
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    warnings: list[str] = []


class Outcome(BaseModel, frozen=True):
    """The outcome of a call. run: the public id of the run it started; units: what that was
    estimated to cost. result: once it is there. files: what the run made, as references with the
    addresses that the model is told. asks: the id of the question that its run was last said to
    ask."""

    run: str = ""
    units: float = 0.0
    result: dict[str, Any] | None = None
    text: str = ""
    files: list[dict[str, Any]] = []
    asks: int = 0


class Round(BaseModel, frozen=True):
    """One round. number: from 1. outcomes: by call id. is_approved: whether a person accepted what
    its calls cost."""

    number: int
    answer: Answer | None = None
    outcomes: dict[str, Outcome] = {}
    is_approved: bool = False

    def changed(self, **fields: Any) -> Round:
        return self.model_copy(update=fields)

    def with_outcome(self, call_id: str, outcome: Outcome) -> Round:
        return self.changed(outcomes={**self.outcomes, call_id: outcome})

    def stored(self) -> dict[str, Any]:
        return self.model_dump(exclude_defaults=True)

    @property
    def calls(self) -> Sequence[Call]:
        """Return the calls that this server runs."""
        return [] if self.answer is None else [one for one in self.answer.calls if one.tool]

    @property
    def hands_back(self) -> bool:
        """Return whether the caller is to run something, so that the run ends."""
        return self.answer is not None and any(not one.tool for one in self.answer.calls)

    def unstarted(self) -> list[Call]:
        return [call for call in self.calls if call.id not in self.outcomes]

    def children(self) -> list[str]:
        """Public ids of the runs it started."""
        return [outcome.run for outcome in self.outcomes.values() if outcome.run]

    def open_children(self) -> dict[str, str]:
        """Return the runs of calls without a result: call id → public id."""
        return {
            call_id: outcome.run
            for call_id, outcome in self.outcomes.items()
            if outcome.run and outcome.result is None
        }


def round_of(step: Step) -> Round:
    return Round.model_validate(step.arguments)


def rounds_of(run: Run) -> list[Round]:
    """Return all rounds of a run, in order, the latest perhaps under way."""
    steps = Step.objects.filter(run_id=run.pk, kind=ROUND).order_by("sequence")
    return [round_of(step) for step in steps.only("arguments", "sequence")]


def step_of(number: int) -> NewStep:
    """Return the step of a round that has not started."""
    return NewStep(
        key=f"round_{number}",
        sequence=number - 1,
        kind=ROUND,
        tool=TOOL,
        title=f"Round {number}",
        arguments=Round(number=number).stored(),
    )


def units_used(rounds: Sequence[Round]) -> float:
    """Return what the runs that were started are estimated to cost together, in credits."""
    return sum(outcome.units for one in rounds for outcome in one.outcomes.values())


def files_of(rounds: Sequence[Round]) -> list[dict[str, Any]]:
    """Return what their runs made, as references, in the order of the calls."""
    pairs = [(one, call.id) for one in rounds for call in one.calls]
    return [file for one, key in pairs if key in one.outcomes for file in one.outcomes[key].files]


def result_of(chat_round: Round) -> Mapping[str, Any]:
    """Return what a step keeps of a round that is over."""
    answer = chat_round.answer
    return {
        "ok": True,
        "tool": TOOL,
        "status": "completed",
        "content": "" if answer is None else answer.text,
        "finishReason": "stop" if answer is None else answer.finish_reason,
    }
