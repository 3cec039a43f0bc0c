"""Decisions that the person keeps, and the budget. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from compose.brief.brief import Choice
from compose.language import TABLES
from core.language.clauses import CLAUSE_ENDS
from core.language.phrases import Phrases, Words
from core.language.tables import choice_of

_WORDS = TABLES.subject("wishes")


AskBefore = Literal["last", "first", "each", "film"]

_CHOOSES: Phrases[bool] = TABLES.phrase_list("wishes", "chooses")
_OPTIONS: Phrases[bool] = TABLES.phrase_list("wishes", "options")
_ASKS: Phrases[str] = TABLES.phrases("wishes", "asks", str)
_WHAT: Phrases[AskBefore] = TABLES.phrases("wishes", "what", choice_of(AskBefore))
_BUDGETS: Phrases[bool] = TABLES.phrase_list("wishes", "budgets")
_CHEAP: Phrases[bool] = TABLES.phrase_list("wishes", "cheap")
USUAL_CANDIDATES = 4


@dataclass(frozen=True, slots=True)
class Wishes:
    choice: Choice | None = None
    ask_before: tuple[AskBefore, ...] = ()
    asked_scene: int | None = None
    max_units: float | None = None
    is_cheap: bool = False


def wishes_of(words: Words) -> Wishes:
    """Read choices, checkpoints and the budget, and claim what says them."""
    max_units, is_cheap = _budget(words)
    return Wishes(_choice(words), *_asks(words), max_units, is_cheap)


def _budget(words: Words) -> tuple[float | None, bool]:
    units: float | None = None
    for match in list(_BUDGETS.find(words)):
        units = units or words.number(match.i)
        words.claim(words.back(match.i, _WORDS["leads"]), words.on(match.j, _WORDS["budget_tails"]))
    for at, word in enumerate(words.word):
        j = words.on(at + 1, _WORDS["budget_links"])
        is_amount = words.is_digit(j) and words.at(j + 1) not in _WORDS["currencies"]
        if units is None and word in _WORDS["budget_labels"] and is_amount:
            units = words.number(j)
            words.claim(at, j + 1)
    cheap = [
        match
        for match in _CHEAP.find(words)
        if words.at(match.j) not in _WORDS["cheap_things"]
        and words.at(match.i - 1) not in ("a", "the", "of")
    ]
    for match in cheap:
        words.claim(words.back(match.i, _WORDS["cheap_leads"]), match.j)
    return units or None, bool(cheap)


def _choice(words: Words) -> Choice | None:
    match = next(_CHOOSES.find(words), None)
    if match is None:
        return None
    pick = candidates = None
    for option in list(_OPTIONS.find(words, max(0, match.i - 25), match.j + 12)):
        counts = (k for k in range(option.i - 1, option.i - 4, -1) if words.number(k))
        count = next(counts, None)
        if count is not None and candidates is None:
            candidates = words.number(count)
            if words.at(option.j) in _WORDS["option_links"]:
                # "Three versions of a fox" show a fox.
                words.claim(count, option.j + 1)
    for at in range(match.j, words.until(match.j, CLAUSE_ENDS, 6)):
        if words.at(at - 1) in ("of", "from", "between", "out"):
            candidates = words.number(at) or candidates
        else:
            pick = pick or words.number(at)
    j = words.until(match.j, CLAUSE_ENDS | _WORDS["choice_ends"])
    # "for a film" behind the choice says what it is for.
    if words.at(j) == "for" and words.at(j + 2) in _WORDS["films"]:
        j = words.until(j, CLAUSE_ENDS)
    words.claim(words.back(match.i, _WORDS["choice_leads"]), j)
    number = min(max(int(candidates or USUAL_CANDIDATES), 2), 12)
    return Choice(number, min(max(int(pick or 1), 1), number - 1))


def _asks(words: Words) -> tuple[tuple[AskBefore, ...], int | None]:
    asks: list[AskBefore] = []
    scene: int | None = None
    for match in list(_ASKS.find(words)):
        j = words.until(match.j, CLAUSE_ENDS, 20)
        is_before = any(word in _WORDS["before"] for word in words.word[match.j : j])
        if words.is_claimed(match.i) or (match.value == "weak" and not is_before):
            continue
        kinds = {one.value for one in _WHAT.find(words, match.i, j)}
        numbers = (
            words.number(k + 1) for k in range(match.i, j) if words.at(k) in _WORDS["scenes"]
        )
        scene = next((int(number) for number in numbers if number), scene)
        if scene is None or "last" in kinds:
            asks.append(next((kind for kind in _IN_ORDER if kind in kinds), "film"))
        if not words.is_free(match.i, j):
            # "Show me [three versions of] a fox first and [ask me which one]".
            j = match.j
        words.claim(words.back(match.i, _WORDS["ask_leads"]), j)
    return tuple(dict.fromkeys(asks)), scene


_IN_ORDER: tuple[AskBefore, ...] = ("last", "each", "first", "film")
