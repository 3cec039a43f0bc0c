"""`answer`, `cancel` and `resume`: what a person decides about a run."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from accounts.rate_limits import check_start_rate
from builder.agents.mcp import questions, run_facts
from builder.agents.mcp.tool import Caller, Tool, ToolArguments, ToolResult
from runs import access
from runs.engine import cancelling
from runs.interaction import retry
from templates_app.graph.wiring import clean

RunId = Annotated[str, Field(min_length=1, max_length=160)]
Number = Annotated[int, Field(ge=1, le=1000)]


class Answer(Tool):
    name = "answer"
    title = "Answer a run's question"
    description = (
        "Answer what a run asks, with what the person you work for has said: exactly one of text,"
        " choices and decision; each question of get_run says which. Approving a cost spends"
        " credits. The same answer again changes nothing."
    )
    scope = "run"
    is_idempotent = True

    class Arguments(ToolArguments):
        run_id: RunId
        """The run."""
        question_id: Annotated[str, Field(max_length=40)] = ""
        """Which question; may be left out where only one is open."""
        text: Annotated[str | None, Field(min_length=1, max_length=20_000)] = None
        """The answer to a question in words, or the id of a job that a question lets you name."""
        choices: Annotated[list[Number] | None, Field(min_length=1, max_length=1000)] = None
        """Numbers of the candidates, from 1."""
        decision: Literal["approve", "decline", "redo", "resume", "stop"] | None = None
        """About a checkpoint, a cost or missing credits. redo: make the stage again. stop: end the
        run."""

    def question(self, caller: Caller, arguments: Arguments) -> str:
        chosen = ", ".join(map(str, arguments.choices or ()))
        answer = clean(arguments.text or arguments.decision or chosen, 1_000)
        spends = " It may spend credits." if arguments.decision in ("approve", "resume") else ""
        return f"Answer what the run asks with “{answer}”?{spends}"

    def call(self, caller: Caller, arguments: Arguments) -> ToolResult:
        outcome = questions.give(
            caller,
            arguments.run_id,
            arguments.question_id,
            text=arguments.text,
            choices=arguments.choices,
            decision=arguments.decision,
        )
        return _result(caller, arguments.run_id, {"answered": True, "was_answered": not outcome})


class Cancel(Tool):
    name = "cancel"
    title = "Stop a run"
    description = "Stop a run. What is done stays; nothing further begins or is charged."
    scope = "run"
    is_destructive = True
    is_idempotent = True

    class Arguments(ToolArguments):
        run_id: RunId
        """The run."""
        reason: Annotated[str, Field(max_length=500)] = ""
        """For its log."""

    def question(self, caller: Caller, arguments: Arguments) -> str:
        run = access.stoppable_run(caller.principal.user, arguments.run_id)
        return f"Stop the run “{clean(run.title)}”?"

    def call(self, caller: Caller, arguments: Arguments) -> ToolResult:
        run = access.stoppable_run(caller.principal.user, arguments.run_id)
        outcome = cancelling.cancel_run(run=run, reason=arguments.reason)
        return _result(caller, arguments.run_id, {"was_stopped_now": outcome})


class Resume(Tool):
    name = "resume"
    title = "Resume a run"
    description = (
        "Do again what failed in a run, keeping what is done, or go on where credits were missing."
        " It may spend credits. A run that goes on is left as it is."
    )
    scope = "run"

    class Arguments(ToolArguments):
        run_id: RunId
        """The run."""

    def question(self, caller: Caller, arguments: Arguments) -> str:
        return "Go on with this run? What failed is made again, and may spend credits."

    def call(self, caller: Caller, arguments: Arguments) -> ToolResult:
        run = access.own_run(caller.principal.user, arguments.run_id)
        check_start_rate(caller.principal)
        outcome = retry.retry_or_answer(
            run=run, actor=caller.principal, body={}, own_hosts=caller.own_hosts
        )
        return _result(caller, arguments.run_id, {"resumed": outcome})


def _result(caller: Caller, run_id: str, outcome: dict[str, Any]) -> ToolResult:
    result = run_facts.result_of(caller, run_facts.visible(caller, run_id))
    # Of this call, not of the run.
    return ToolResult({**outcome, **result.structured}, result.text, result.links)
