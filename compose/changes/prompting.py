"""Prompts: where the words are that say what a stage makes, and writing new ones there."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from compose.changes.change import Refused, brief
from compose.changes.working_template import StageView, WorkingTemplate, input_title
from compose.template_plan.template_text import LONGEST_PROMPT, literal

_PROMPTS: Final = ("prompt", "description", "imagePrompt")


def prompt_name(view: StageView) -> str:
    """Return the parameter that says what a stage makes; "" for none."""
    return next((name for name in _PROMPTS if view.takes(name)), "")


def with_more(prompt: str, words: str) -> str:
    """Return a prompt with more words, unless it has them."""
    if words.lower() in prompt.lower():
        return prompt
    return f"{prompt.rstrip(' .,;')}, {words}" if prompt.strip() else words


@dataclass(frozen=True, slots=True)
class Prompt:
    """Words of a stage, or of an input that it is bound to.

    owner: whose they are, as people read it. place: which element of an input's list; None: all.
    """

    owner: str
    view: StageView | None = None
    entry: dict[str, Any] = field(default_factory=dict)
    place: int | None = None

    @property
    def text(self) -> str:
        return " ".join(self.texts)

    @property
    def texts(self) -> list[str]:
        """The words as people read them, each of a list."""
        if self.view is not None:
            text = _text(self.view.get(prompt_name(self.view)))
            return [text[1:] if text.startswith("$$") else text]
        value: Any = self.entry.get("default")
        values = value if isinstance(value, list) else [value]
        return [_text(one) for at, one in enumerate(values) if self.place in (None, at)]

    def rewrite(self, change: Callable[[str], str]) -> bool:
        """Change the words, each one of a list. Returns whether they changed.

        A choice gets the new words as one more option. Raises Refused where they are too long.
        """
        if self.view is not None:
            text = change(self.text)
            if text in ("", self.text):
                return False
            name = prompt_name(self.view)
            # Words of a person are never read as a binding.
            longest = self.view.schema(name).get("maxLength", LONGEST_PROMPT)
            self.view.set(name, self._within(literal(text), longest))
            return True
        current = self.entry.get("default")
        texts = list(current) if isinstance(current, list) else [current or ""]
        new = [
            change(one) if isinstance(one, str) and self.place in (None, at) else one
            for at, one in enumerate(texts)
        ]
        if new == texts or not all(new):
            return False
        limits = self.entry.get("jsonSchema")
        longest = limits.get("maxLength") if isinstance(limits, dict) else None
        if not isinstance(current, list):
            self._within(new[0], longest)
        self.entry["default"] = new if isinstance(current, list) else new[0]
        options = self.entry.get("options")
        if isinstance(options, list) and not isinstance(current, list):
            values = [one.get("value") if isinstance(one, dict) else one for one in options]
            if new[0] not in values:
                options.append({"value": new[0], "label": brief(new[0], 40)})
        return True

    def _within(self, text: str, longest: Any) -> str:
        if isinstance(longest, int) and len(text) > longest:
            raise Refused(f"{self.owner}: the words would be longer than {longest:,} characters.")
        return text


def _text(value: Any) -> str:
    return value if isinstance(value, str) else "" if value is None else repr(value)


def write(
    work: WorkingTemplate, prompts: Iterable[Prompt], words: str, *, is_more: bool = False
) -> None:
    """Have prompts say these words, or say them too, and report it."""
    for prompt in prompts:
        is_new = prompt.rewrite(lambda text: with_more(text, words) if is_more else words)
        sentence = f"{prompt.owner}: “{brief(words)}”."
        work.report(is_new, sentence, f"{prompt.owner} is that already.")


def prompts_of(work: WorkingTemplate, views: Iterable[StageView]) -> list[Prompt]:
    """Return the prompts of some stages; one that stages share is there once."""
    prompts: dict[object, Prompt] = {}
    for view in views:
        name = prompt_name(view)
        value = view.get(name) if name else None
        entry = work.bound_input(value)
        if entry is None and value == "$item" and view.is_batch:
            entry = work.bound_input(view.raw.get("overBinding"))
        if entry is not None:
            if isinstance(entry.get("default"), str | list | type(None)):
                title = input_title(entry) if value != "$item" else view.title
                prompts.setdefault(id(entry), Prompt(title, entry=entry))
        elif name and not (isinstance(value, str) and re.match(r"\$[a-zA-Z]", value)):
            prompts[view.id] = Prompt(view.title, view)
    return list(prompts.values())
