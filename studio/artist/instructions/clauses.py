"""A clause of an instruction, and the steps that clauses become."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from studio.media.raster import Colour


@dataclass(frozen=True, slots=True)
class Step:
    """One change. verb: what; said: the words; amount: how strongly, 1 as usual, negative turns a
    dial down; where: the region, "" everywhere; what: a description, text or name; place: where
    to put it; color: of it."""

    verb: str
    said: str = ""
    amount: float = 1.0
    where: str = ""
    what: str = ""
    place: str = ""
    colour: Colour | None = None


@dataclass(slots=True)
class Clause:
    """text: lower case, quotations replaced by ⟦0⟧, ⟦1⟧, …; said: as written."""

    text: str
    quotes: list[str]

    @property
    def said(self) -> str:
        return re.sub(r"⟦(\d+)⟧", lambda m: f"“{self.quotes[int(m[1])]}”", self.text)

    def filled(self) -> str:
        return re.sub(r"⟦(\d+)⟧", lambda m: self.quotes[int(m[1])], self.text)

    def quoted(self) -> str:
        found = re.search(r"⟦(\d+)⟧", self.text)
        return self.quotes[int(found[1])] if found else ""


# The steps a clause asks for, none when it is not the rule's own. The number: how many pictures.
Rule = Callable[[Clause, int], list[Step]]
