"""Names that differ from those in use, and the words that they are made of."""

import re
from collections.abc import Container
from itertools import chain, count
from typing import Final

# A name that references can hold.
_WORD: Final = re.compile(r"[A-Za-z0-9_]+", re.ASCII)


def free_name(name: str, names: Container[str], joint: str = "_") -> str:
    """Return a name, followed by the first number from 2 on that makes it one not in use."""
    names_by_number = (f"{name}{joint}{number}" for number in count(2))
    return next(free for free in chain([name], names_by_number) if free not in names)


def take_name(name: str, names: set[str]) -> str:
    """Return a name that is free, and add it to those in use."""
    free = free_name(name, names)
    names.add(free)
    return free


def word_of(text: str) -> str:
    """Return a text as a name that references can hold."""
    return "_".join(_WORD.findall(text)) or "stage"


def unique_name(text: str, name: str, names: set[str]) -> str:
    """Return a name that references can hold and that is not among these; from now on it is."""
    part = name if _WORD.fullmatch(name) else len(names)
    return take_name(f"{word_of(text)}_{part}", names)
