"""`run_template`: start a run, and answer its id at once."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from builder.agents.mcp.starting import question_of_start, start_template
from builder.agents.mcp.tool import Caller, Tool, ToolArguments, ToolResult


class RunTemplate(Tool):
    name = "run_template"
    title = "Run a template"
    description = (
        "Start a run of a template. It spends credits of the person you work for: tell them the"
        " price (quote) first, unless they have said to go ahead. Answers the run's id at once;"
        " follow it with get_run. The same idempotency_key again answers the same run and costs"
        " nothing, so send the same key when you are not sure that a call arrived, and a new one"
        " for another take."
    )
    scope = "run"
    is_idempotent = True

    class Arguments(ToolArguments):
        template_id: Annotated[str, Field(min_length=1, max_length=256)]
        """The template."""
        inputs: dict[str, Any] = {}
        """Values of its inputs by name; see get_template. Media: an https URL."""
        idempotency_key: Annotated[str, Field(min_length=1, max_length=200, pattern=r"\S")]
        """Any text that names this run, such as `lighthouse-take-1`."""
        max_credits: Annotated[float | None, Field(ge=0, allow_inf_nan=False)] = None
        """Don't start if it is expected to cost more."""
        needs_approval: bool = False
        """Wait with the first step until a person has approved the cost with `answer`."""

    def question(self, caller: Caller, arguments: Arguments) -> str:
        return question_of_start(caller, arguments.template_id, arguments.inputs)

    def call(self, caller: Caller, arguments: Arguments) -> ToolResult:
        return start_template(
            caller,
            template_id=arguments.template_id,
            inputs=arguments.inputs,
            idempotency_key=arguments.idempotency_key,
            max_credits=arguments.max_credits,
            needs_approval=arguments.needs_approval,
        )
