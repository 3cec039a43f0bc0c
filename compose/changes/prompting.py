"""Prompts: where the words are that say what a stage makes, and writing new ones there."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from compose.changes.change import brief
from compose.changes.working_template import StageView, WorkingTemplate, input_title
from compose.template_plan.template_text import LONGEST_PROMPT, literal
from templates_app.graph.bindings import find_refs

_PROMPTS: Final = ("prompt", "description", "imagePrompt")
_ITEM: Final = re.compile(r"\$artifacts\.([\w-]+)\.items\[(\d+)\]")


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
        if self.view is not None:
            return _text(self.view.get(prompt_name(self.view)))
        value: Any = self.entry.get("default")
        return _text(value if self.place is None else value[self.place])

    def rewrite(self, change: Callable[[str], str]) -> bool:
        """Change the words, each one of a list. Returns whether they changed.

        A choice gets the new words as one more option.
        """
        if self.view is not None:
            name = prompt_name(self.view)
            longest = self.view.schema(name).get("maxLength", LONGEST_PROMPT)
            text = change(self.text)[:longest]
            if text in ("", self.text):
                return False
            # Words of a person are never read as a binding.
            self.view.set(name, text if self.text.startswith("$") else literal(text)[:longest])
            return True
        current = self.entry.get("default")
        texts = list(current) if isinstance(current, list) else [current or ""]
        new = [
            change(one) if isinstance(one, str) and self.place in (None, at) else one
            for at, one in enumerate(texts)
        ]
        if new == texts or not all(new):
            return False
        self.entry["default"] = new if isinstance(current, list) else new[0]
        options = self.entry.get("options")
        if isinstance(options, list) and not isinstance(current, list):
            values = [one.get("value") if isinstance(one, dict) else one for one in options]
            if new[0] not in values:
                options.append({"value": new[0], "label": brief(new[0], 40)})
        return True


def _text(value: Any) -> str:
    return value if isinstance(value, str) else "" if value is None else repr(value)


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


def list_prompt(work: WorkingTemplate, view: StageView) -> Prompt | None:
    """Return the words, in a list of one for each shot, that make the image of a shot."""
    for reference in find_refs(view.args):
        item = _ITEM.match(reference.text)
        source = work.source(reference.text, work.position(view.id)) if item else None
        if item is None or source is None or not source.is_batch:
            continue
        entry = work.bound_input(source.raw.get("overBinding"))
        texts = entry.get("default") if entry is not None else None
        if source.get(prompt_name(source)) != "$item" or not isinstance(texts, list):
            continue
        place = int(item[2])
        if place < len(texts) and isinstance(texts[place], str):
            title = input_title(entry or {})
            return Prompt(f"{view.title}, in {title}", None, entry or {}, place)
    return None
