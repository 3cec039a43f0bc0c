"""Wishes about the work that no other reader takes: they are said, and not drawn. Pure."""

from __future__ import annotations

from compose.language import TABLES
from core.language.clauses import clauses
from core.language.phrases import Words

_OF_THE_WORK = TABLES.phrase_list("doubt", "of_the_work")
# In a longer clause, the words before the wish describe an image.
_LONGEST = 8
_LEADS = 3


def unmet_of(words: Words) -> tuple[str, ...]:
    """Return such wishes, claimed: "ask me for the offer each time", "with a number on screen"."""
    wishes = []
    for part in clauses(words):
        match = next(_OF_THE_WORK.find(words, part.i, part.j), None)
        if match is None or words.is_claimed(match.i):
            continue
        is_whole = match.i - part.i <= _LEADS or part.j - part.i <= _LONGEST
        first = part.i if is_whole else match.i
        wishes.append(words.source(first, part.j))
        words.claim(first, part.j)
    return tuple(wishes)
