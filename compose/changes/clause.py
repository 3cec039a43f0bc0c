"""A clause of a request, as a rule reads it, and rules."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from compose.changes.change import Change, expression
from compose.changes.film import Film
from compose.changes.mentions import Mention, Mentions
from compose.template_plan.template_text import clean

# Quoted words while a clause is matched: a title "No music" asks for no silence.
QUOTE: Final = r"“q\d+”"
_HIDDEN: Final = r"“q(?P<place>\d+)”"


@dataclass(slots=True)
class Clause:
    """One clause of a request, read for one rule.

    rest: the clause without the words that the rule matched and without those of `mention`, the
    stages it names (None: none). A rule takes what else it uses out of it. match: the words
    themselves. quotes: what is in quotes; the patterns don't see.
    """

    mentions: Mentions
    rest: str
    mention: Mention | None
    match: re.Match[str]
    quotes: Sequence[str] = ()

    @property
    def film(self) -> Film:
        return Film(self.mentions.work)

    @property
    def target(self) -> tuple[str, ...]:
        """The stages that the change is limited to: named ones, else the selected; else none."""
        views = self.mentions.work.selection if self.mention is None else self.mention
        return tuple(view.id for view in views)

    def full(self, text: str) -> str:
        """Return words of the clause, with quoted words back in them."""
        return re.sub(_HIDDEN, lambda match: self.quotes[int(match["place"])], text)

    def words(self, group: str) -> str:
        """Return what a group of the pattern matched, without marks around it; "" for nothing.

        Alternatives of one pattern have the same group as `name` and `name_`.
        """
        groups = self.match.groupdict()
        text = groups.get(group) or groups.get(f"{group}_") or ""
        return clean(self.full(text)).strip(" ,;:.“”„\"'‘’«»")

    def first_quote(self) -> str:
        """Return the first quoted words; "" for nothing."""
        match = re.search(_HIDDEN, f"{self.match[0]} {self.rest}")
        return clean(self.quotes[int(match["place"])]) if match else ""

    def ids_in(self, text: str) -> list[str]:
        """Return ids of the stages that some words of the clause name. Raises Refused."""
        mention, rest = self.mentions.take(self.full(text))
        ids: list[str] = []
        while mention is not None:
            ids += [view.id for view in mention if view.id not in ids]
            mention, rest = self.mentions.take(rest)
        return ids


# The changes that the words ask for; None: they mean something else.
Reader: TypeAlias = Callable[[Clause], list[Change] | None]


@dataclass(frozen=True, slots=True)
class Rule:
    """One way to ask for changes.

    is_scoped: words that name stages limit it; else the rule reads them itself. is_free: its
    pattern takes any words, so those that name stages are taken out of the clause before.
    """

    text: str
    changes: Reader
    is_scoped: bool = True
    is_free: bool = False

    @property
    def pattern(self) -> re.Pattern[str]:
        return expression(self.text)
