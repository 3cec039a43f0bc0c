"""What a rule of the grammar is given, and how rules name what they changed."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from compose.template_plan.edit.film import Film
from compose.template_plan.edit.mentions import Mention, Mentions
from compose.template_plan.edit.stage_view import StageView
from compose.template_plan.edit.words import figure, listed
from compose.template_plan.edit.working_template import WorkingTemplate


@dataclass(frozen=True, slots=True)
class Request:
    """One clause, read for one rule.

    text: the clause without the words that the rule matched and without those of `mention`, the
    stages it names (None: none). matched: the words themselves.
    """

    work: WorkingTemplate
    mentions: Mentions
    text: str
    mention: Mention | None
    matched: re.Match[str]

    @property
    def film(self) -> Film:
        return Film(self.work)

    @property
    def named(self) -> tuple[StageView, ...]:
        """The stages that the change is limited to: named ones, else the selected; else none."""
        if self.mention is not None:
            return self.mention.stages
        return tuple(self.work.selection)

    @property
    def scope(self) -> list[StageView]:
        """The stages that may change: a named shot with what is behind it, else all."""
        if self.mention is None:
            return self.work.selection or self.work.stages
        if not self.mention.is_shot:
            return list(self.mention.stages)
        film, ids = self.film, set[str]()
        for view in self.mention.stages:
            ids.update(one.id for one in film.behind(view))
        return [view for view in self.work.stages if view.id in ids]

    def say(self, sentence: str) -> None:
        self.work.changes.append(sentence)

    def warn(self, sentence: str) -> None:
        if sentence not in self.work.warnings:
            self.work.warnings.append(sentence)


# Does what the words ask and says so; False: they mean something else.
Act: TypeAlias = Callable[[Request], bool]


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of change. is_scoped: words that name stages limit it; else the rule reads them."""

    pattern: re.Pattern[str]
    act: Act
    is_scoped: bool = True


def rule(pattern: str, act: Act, *, is_scoped: bool = True) -> Rule:
    return Rule(re.compile(pattern, re.IGNORECASE), act, is_scoped)


def titles(views: list[StageView]) -> str:
    return listed([view.title for view in views])


def say_values(request: Request, found: dict[str, list[str]], verb: str = "") -> None:
    """`Shot 1 and Shot 2: 16:9.`: one sentence for all that got the same value."""
    for value, names in found.items():
        request.say(f"{listed(list(dict.fromkeys(names)))}: {verb}{value}.")


def set_value(request: Request, view: StageView, name: str, value: float | str) -> str:
    """Give an argument a value, or the input that it is bound to a default.

    Returns the title of what changed, "" when it has that value already. A number is kept within
    what the input or the tool allows; a warning says so.
    """
    work = request.work
    declared = work.bound_input(view.get(name))
    limits = (declared.get("jsonSchema") or {}) if declared is not None else view.schema(name)
    owner = work.input_title(str(declared["name"])) if declared is not None else view.title
    if not isinstance(value, str):
        value = within(request, owner, value, limits if isinstance(limits, dict) else {})
    if declared is not None:
        if declared.get("default") == value:
            return ""
        declared["default"] = value
        return owner
    if view.get(name) == value:
        return ""
    view.set(name, value)
    return owner


def within(request: Request, owner: str, value: float, limits: dict[str, object]) -> float:
    """A number within an input's or a parameter's limits; a warning says where it was not."""
    low, high = limits.get("minimum"), limits.get("maximum")
    if isinstance(low, (int, float)) and value < low:
        request.warn(f"{owner}: at least {figure(float(low))}.")
        value = low
    if isinstance(high, (int, float)) and value > high:
        request.warn(f"{owner}: at most {figure(float(high))}.")
        value = high
    return int(value) if float(value).is_integer() else round(value, 2)
