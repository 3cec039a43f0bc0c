"""Ask the person who runs the workflow."""

from __future__ import annotations

from tools.declaration.ports import Form, Tool, field, tool


@tool(
    "ask_clarifying_question",
    title="Clarifying question",
    group="Conversation",
    icon="message-circle-question-mark",
    cost="free",
    output=None,
    pure=False,
    asks=True,
)
class AskClarifyingQuestion(Tool):
    """Pause the run and ask its owner a question. The answer is the result."""

    class Params(Form):
        question: str = field(..., "What to ask.", primary=True, max_length=4000)
        reason: str | None = field(None, "Why the answer is needed.", max_length=4000)
