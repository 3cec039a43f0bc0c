"""Prompts that name what the one who would draw them can't draw."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from templates_app.graph.issues import Issue
from templates_app.graph.rules.context import Context, ToolCall
from templates_app.graph.rules.rule import Rule
from templates_app.graph.undrawn import undrawn


class NotDrawn(Rule):
    code = "not_drawn"
    level = "warning"
    about = "A prompt names things that the built-in studio, which would draw it, can't draw."
    api = (
        "The draft studio can't draw: {words}. Use other words, or choose another provider for"
        ' "{tool}".'
    )
    person = "The draft studio can't draw: {words}."

    def check_call(self, call: ToolCall, context: Context) -> Iterable[Issue]:
        def default_of(name: str) -> Any:
            """Return an input's default, which is drawn if no one types."""
            input_ = context.inputs.get(name)
            return input_.default if input_ is not None else None

        return [
            self.issue(
                call.stage,
                path=call.args_path,
                argument=row.argument,
                words=tuple(row.words),
                tool=call.caller.tool,
            )
            for row in undrawn(call.stage, call.caller, default_of, context.tools)
        ]
