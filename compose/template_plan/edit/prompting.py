"""Prompts: where they are, and writing new ones to the stage or to the input it is bound to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from compose.template_plan.edit.request import Request
from compose.template_plan.edit.stage_view import StageView
from compose.template_plan.words import LONGEST_PROMPT, literal

_PROMPTS: Final = ("prompt", "description", "imagePrompt")


def prompt_name(view: StageView) -> str:
    """The parameter that says what a stage makes; "" for none."""
    return next((name for name in _PROMPTS if view.takes(name)), "")


def say_new_prompt(request: Request, view: StageView, text: str) -> None:
    if rewrite(request, view, lambda was: text):
        request.say(f"{owner_of(request, view)}: “{shortened(text)}”.")
    else:
        request.warn(f"{owner_of(request, view)} is that already.")


def say_more(request: Request, view: StageView, words: str) -> None:
    """Add words to a stage's prompt, or to its input's."""
    if rewrite(request, view, lambda was: joined(was, words)):
        request.say(f"{owner_of(request, view)}: “{shortened(words)}”.")


def joined(prompt: str, words: str) -> str:
    """A prompt with more words, unless it has them."""
    if words.lower() in prompt.lower():
        return prompt
    return f"{prompt.rstrip(' .,;')}, {words}" if prompt.strip() else words


def owner_of(request: Request, view: StageView) -> str:
    """Whose words a stage's prompt are: the stage's, or the input's that it is bound to."""
    declared = request.work.bound_input(view.get(prompt_name(view)))
    if declared is None:
        return view.title
    return request.work.input_title(str(declared["name"]))


def rewrite(request: Request, view: StageView, change: Callable[[str], str]) -> bool:
    """Change a stage's prompt, or the default of its input. Returns whether it changed.

    A choice gets the new words as one more option. A list of prompts changes in each element.
    """
    name = prompt_name(view)
    given = view.get(name) if name else None
    declared = request.work.bound_input(given)
    if declared is None and given == "$item" and view.is_batch:
        declared = request.work.bound_input(view.raw.get("overBinding"))
    if declared is not None:
        return _rewrite_default(declared, change)
    if not name or (isinstance(given, str) and given.startswith("$") and given[1:2].isalpha()):
        return False
    was = given if isinstance(given, str) else ""
    longest = view.schema(name).get("maxLength", LONGEST_PROMPT)
    new = change(was)[:longest]
    if new == was or not new:
        return False
    # Words of a person are never read as a binding.
    view.set(name, new if was.startswith("$") else literal(new)[:longest])
    return True


def _rewrite_default(declared: dict[str, Any], change: Callable[[str], str]) -> bool:
    was = declared.get("default")
    if isinstance(was, list):
        new: Any = [change(one) if isinstance(one, str) else one for one in was]
    elif isinstance(was, str) or was is None:
        new = change(was or "")
    else:
        return False
    if new == was or not new:
        return False
    options = declared.get("options")
    if isinstance(options, list) and isinstance(new, str):
        values = [one.get("value") if isinstance(one, dict) else one for one in options]
        if new not in values:
            options.append({"value": new, "label": shortened(new, 40)})
    declared["default"] = new
    return True


def shortened(text: str, length: int = 80) -> str:
    text = " ".join(text.split())
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"
