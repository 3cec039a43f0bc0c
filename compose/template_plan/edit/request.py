"""What a rule of the grammar is given, and how rules name what they changed."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from compose.template_plan.edit.film import Film
from compose.template_plan.edit.mentions import Mention, Mentions
from compose.template_plan.edit.stage_view import StageView
from compose.template_plan.edit.words import figure, listed
from compose.template_plan.edit.working_template import WorkingTemplate
from compose.template_plan.words import clean

# Quoted words while a clause is matched: a title "No music" asks for no silence.
QUOTE: Final = r"“q\d+”"
_HIDDEN: Final = r"“q(?P<place>\d+)”"


@dataclass(frozen=True, slots=True)
class Request:
    """One clause, read for one rule.

    text: the clause without the words that the rule matched and without those of `mention`, the
    stages it names (None: none). matched: the words themselves. quotes: what is in quotes; the
    patterns don't see.
    """

    work: WorkingTemplate
    mentions: Mentions
    text: str
    mention: Mention | None
    matched: re.Match[str]
    quotes: Sequence[str] = ()

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

    def full(self, text: str) -> str:
        """Words of the clause, with quoted words back in them."""
        return re.sub(_HIDDEN, lambda found: self.quotes[int(found["place"])], text)

    def words(self, group: str) -> str:
        """What a group of the pattern matched, without marks around it; "" for nothing."""
        found = self.matched.groupdict().get(group) or ""
        return clean(self.full(found)).strip(" ,;:.“”„\"'‘’«»")

    def quoted(self) -> str:
        """The first quoted words; "" for nothing."""
        found = re.search(_HIDDEN, f"{self.matched[0]} {self.text}")
        return clean(self.quotes[int(found["place"])]) if found else ""

    def say(self, sentence: str) -> None:
        self.work.changes.append(sentence)

    def warn(self, sentence: str) -> None:
        if sentence not in self.work.warnings:
            self.work.warnings.append(sentence)


# Does what the words ask and says so; False: they mean something else.
Act: TypeAlias = Callable[[Request], bool]


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of change.

    is_scoped: words that name stages limit it; else the rule reads them itself. is_free: its
    pattern takes any words, so those that name stages are taken out of the clause before.
    """

    pattern: re.Pattern[str]
    act: Act
    is_scoped: bool = True
    is_free: bool = False


def rule(pattern: str, act: Act, *, is_scoped: bool = True, is_free: bool = False) -> Rule:
    return Rule(re.compile(pattern, re.IGNORECASE), act, is_scoped, is_free)


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
