"""A model as people choose it: who built it, what it costs, takes and leaves out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

# What a price is for: a result, a second or a megapixel of one, a thousand characters of its text.
Per: TypeAlias = Literal["result", "second", "megapixel", "1000_characters"]

# Who draws a call's draft: a provider of drafts, or its own model where that does; "": it is none.
# "none": it is to be no draft, so where it names no model another provider does it.
DraftBy: TypeAlias = Literal["", "studio", "model", "none"]


@dataclass(frozen=True, slots=True)
class ModelPrice:
    """milli: thousandths of a unit, with the usual arguments. at_most: it may cost less. varies: it
    is another with other arguments or files."""

    milli: int
    per: Per = "result"
    at_most: bool = False
    varies: bool = False


@dataclass(frozen=True, slots=True)
class Model:
    """One model for one tool.

    name: as arguments name it. also: other names that choose it. title: for people; the name unless
    said otherwise. by: who built it.
    price: None where it isn't known by model. seconds: the shortest and the longest result. sizes:
    such as "16:9" or "1080p". takes: how many files of each port, by its name, and 1 for each of
    "seed", "negative" and "sound"; empty where it isn't known. ignores: arguments of the tool that
    change nothing, by canonical names. usual_s: how long a result usually takes. is_draft: its
    results are of draft quality.
    """

    name: str
    also: tuple[str, ...] = ()
    title: str = ""
    by: str = ""
    price: ModelPrice | None = None
    seconds: tuple[float, float] | None = None
    sizes: tuple[str, ...] = ()
    takes: Mapping[str, int] = field(default_factory=dict)
    ignores: frozenset[str] = frozenset()
    usual_s: float | None = None
    is_draft: bool = False
