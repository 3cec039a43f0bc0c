"""An existing template changed by the configured language model instead of by the rules.

The model is shown the template and answers with a list of changes (`change_answer`), which are done
here to the caller's own template. It never writes a template itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from compose.model.answers import Problems, strict_schema
from compose.model.asking import ask_until_good
from compose.model.change_answer import ChangesAnswer, changed_by
from compose.model.client import ModelFailed, configured_model
from compose.model.fixing import with_fixes_applied
from compose.model.instructions import CHANGE
from compose.model.json_text import text_of
from compose.model.planner import LONGEST_BRIEF, RULES
from compose.model.template_view import shown_template, texts_of
from compose.model.untrusted import addresses_in
from compose.template_plan.edit import Edited
from tools.declaration.ports import ToolTable

# A larger template fills the context of a small model; rules change it.
LONGEST_TEMPLATE: Final = 60_000

Accept = Callable[[Mapping[str, Any]], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Changed:
    """planner: "rules", or the model's name. warnings: why the rules changed it instead."""

    found: Edited
    planner: str = RULES
    warnings: tuple[str, ...] = ()


def changed(
    existing: Mapping[str, Any],
    text: str,
    selection: Sequence[str],
    tools: ToolTable,
    *,
    by_rules: Callable[[], Edited],
    accept: Accept,
) -> Changed:
    """Have the configured model change a template; without one the rules do.

    accept: what is wrong with a changed template, as sentences. Raises ClientLeft when the client
    of this request has left.
    """
    model = configured_model()
    if model is None:
        return Changed(by_rules())
    shown = text_of(shown_template(existing, selection, tools))
    if len(shown) > LONGEST_TEMPLATE:
        return Changed(by_rules(), warnings=(_because(f"It is too large for {model.name}."),))
    known = addresses_in([text, *texts_of(existing)])

    def read(given: Mapping[str, Any]) -> Edited | Problems:
        found = changed_by(given, existing, selection, tools, known)
        if isinstance(found, Problems):
            return found
        body = with_fixes_applied(existing, found.template, tools)
        problems = tuple(accept(body)) if found.changes else ()
        return Problems(problems) if problems else Edited(body, found.changes, found.warnings)

    messages = [
        {"role": "system", "content": CHANGE},
        {
            "role": "user",
            "content": f"The template:\n{shown}\n\nThe request:\n{text_of(text[:LONGEST_BRIEF])}",
        },
    ]
    try:
        found = ask_until_good(model, messages, strict_schema(ChangesAnswer), read)
    except ModelFailed as failure:
        return Changed(by_rules(), warnings=(_because(failure.reason),))
    return Changed(found, model.name)


def _because(reason: str) -> str:
    return f"Rules made this change. {reason}"
