"""Lengths of the result and its shots in a brief, in seconds. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from compose.brief.products import PRODUCTS
from compose.language import TABLES
from core.language.clauses import quotes_of
from core.language.phrases import Match, Phrases, Words
from core.language.tables import choice_of

_WORDS = TABLES.subject("lengths")


Unit = Literal["s", "min"]

_UNITS: Phrases[Unit] = TABLES.phrases("lengths", "units", choice_of(Unit))
_HALVES: Phrases[float] = TABLES.phrases("lengths", "halves", float)
_EACH: Phrases[bool] = TABLES.phrase_list("lengths", "each")
# "at second 4", "from 0:10", "the first 5 seconds": a position in a clip, no length of the result.
_POSITION_BEFORE = TABLES.words("lengths", "position_before")
_WORDS_AROUND: Phrases[bool] = TABLES.phrase_list("lengths", "words_around")
LONGEST_S = 3_600.0
_YEARS = range(1_500, 2_100)
_DECADES = (50, 60, 70, 80, 90)


@dataclass(frozen=True, slots=True)
class Lengths:
    """seconds: of the whole, each: of one shot. spans: stretches of a clip, as (start, end).

    said: lengths that aren't of one shot or a stretch, as (position of the words, seconds).
    """

    seconds: float | None = None
    each: float | None = None
    first: float | None = None
    last: float | None = None
    spans: tuple[tuple[float, float], ...] = ()
    said: tuple[tuple[int, float], ...] = ()


@dataclass(frozen=True, slots=True)
class _Time:
    i: int
    j: int
    seconds: float
    is_clock: bool = False


def lengths_of(words: Words) -> Lengths:
    """Read lengths, and claim what says them. A range such as "15-20 seconds" is its middle."""
    spans = _spans(words)
    wholes: list[tuple[int, float]] = []
    each = first = last = None
    for time in _times(words):
        before = words.at(words.back(time.i, _WORDS["skipped_before"]) - 1)
        if before in _WORDS["betweens"]:
            words.claim(time.i - 1, time.i)
            before = ""
        if each_of := _is_each(words, time):
            each = time.seconds or None
            words.claim(*each_of)
        elif before in _WORDS["first"]:
            first = time.seconds
        elif before in _WORDS["last"]:
            last = time.seconds
        elif before not in _WORDS["position_before"] and not (time.is_clock and before == "@"):
            wholes.append((time.i, time.seconds))
            _claim_around(words, time)
    # A length of nothing is none.
    wholes = [(at, seconds) for at, seconds in wholes if seconds > 0]
    seconds = wholes[0][1] if wholes else None
    return Lengths(seconds, each, first, last, tuple(spans), tuple(wholes))


def _times(words: Words) -> Iterator[_Time]:
    at = 0
    quotes_of(words)
    while at < len(words):
        is_free = not (words.is_claimed(at) or words.quoted[at] or _is_decade(words, at))
        time = _time_at(words, at) if is_free else None
        if time and time.seconds <= LONGEST_S:
            yield time
        at = time.j if time else at + 1


def _is_decade(words: Words, at: int) -> bool:
    """Return whether "80s" are years: "80s synths"; "90s of waves" and "60s teaser" last."""
    if words.at(at + 1) != "s" or words.between(at):
        return False
    if words.number(at) in _YEARS:
        return True
    if words.number(at) not in _DECADES:
        return False
    behind = words.at(at + 2)
    is_of_film = any(match.i == at + 2 for match in PRODUCTS.find(words, at + 2, at + 4))
    return words.is_word(at + 2) and not is_of_film and behind not in _WORDS["behind_length"]


def _time_at(words: Words, at: int) -> _Time | None:
    if half := _HALVES.match(words, at):
        return _Time(half.i, half.j, half.value)
    value = words.number(at)
    if value is None:
        return None
    if clock := _clock(words, at):
        return clock
    j = at + 1
    if words.source(j, j + 3).lower() == "and a half":
        j, value = j + 3, value + 0.5
    else:
        # "15-20 seconds", "15 to 20 seconds"
        is_between = words.at(at - 1) in _WORDS["betweens"] and words.at(j) in _WORDS["ands"]
        is_range = "-" in words.between(at).replace("–", "-")
        other = j + 1 if is_between or words.at(j) in _WORDS["range_words"] else j
        if (is_range or other > j) and (end := words.number(other)) is not None:
            j, value = other + 1, (value + end) / 2
    unit = _unit(words, j)
    if unit is None:
        return None
    if unit.value == "s":
        return _Time(at, unit.j, value)
    also = words.on(unit.j, _WORDS["ands"])
    rest = words.number(also)
    tail = _unit(words, also + 1)
    if rest is not None and rest < 60 and tail and tail.value == "s":
        return _Time(at, tail.j, value * 60 + rest)
    return _Time(at, unit.j, value * 60)


def _unit(words: Words, at: int) -> Match[Unit] | None:
    unit = _UNITS.match(words, at)
    # "3 m" and "5 s" are units only right behind digits.
    is_sure = words.at(at) not in ("m", "s") or words.is_digit(at - 1)
    return unit if is_sure else None


def _clock(words: Words, at: int) -> _Time | None:
    """Read 1:30 and 0:05; 9:16 and 16:10 are formats."""
    text = words.source(at, at + 3)
    if not re.fullmatch(r"\d+:[0-5]\d", text) or text in ("9:16", "16:10", "9:18", "9:19"):
        return None
    minutes, seconds = text.split(":")
    return _Time(at, at + 3, int(minutes) * 60.0 + int(seconds), True)


def _spans(words: Words) -> list[tuple[float, float]]:
    """Read stretches such as "from 0:10 to 0:20", "between second 2 and 4", "0:00-0:05"."""
    spans: list[tuple[float, float]] = []
    at = 0
    while at < len(words):
        span = _span_at(words, at)
        if span:
            spans.append((span[0], span[1]))
            words.claim(at, span[2])
        at = span[2] if span else at + 1
    return spans


def _span_at(words: Words, at: int) -> tuple[float, float, int] | None:
    says_from = words.at(at) in _WORDS["from"]
    k = words.on(at + says_from, _WORDS["second_leads"])
    if not words.is_digit(k):
        return None
    start, k, start_unit = _moment(words, k)
    touching = "-" in words.between(k - 1).replace("–", "-")
    opens = not words.is_word(at - 1) and not start_unit
    if words.at(at) in _WORDS["betweens"] and opens and words.at(k) in _WORDS["ands"]:
        # "Between 20 and 30 seconds" is a length; "keep the part between 5 and 8 s" is a stretch.
        return None
    has_join = words.at(k) in _WORDS["to"]
    k = words.on(k + has_join, _WORDS["second_leads"])
    if not words.is_digit(k) or not (has_join or touching):
        return None
    end, k, end_unit = _moment(words, k)
    unit_before = any(word in _WORDS["seconds"] for word in words.word[at:k])
    # "15-20 seconds" is a length; "from 15 to 20 seconds" and "0:15-0:20" are a stretch, and before
    # a line "0-3s: the logo" is one.
    is_span = (
        start_unit == end_unit == ":"
        or (touching and end_unit == "s" and words.at(at - 1) in ("", "\n"))
        or (says_from and bool(start_unit or end_unit or unit_before))
    )
    return (start, end, k) if is_span and end > start else None


def _moment(words: Words, at: int) -> tuple[float, int, str]:
    """Return seconds, the position behind, and ":" for a clock time, "s" for one with a unit."""
    if clock := _clock(words, at):
        return clock.seconds, clock.j, ":"
    value = words.number(at) or 0.0
    unit = _unit(words, at + 1)
    if unit is None:
        return value, at + 1, ""
    return value * (60 if unit.value == "min" else 1), unit.j, "s"


def _is_each(words: Words, time: _Time) -> tuple[int, int] | None:
    """Return the words that say that a length is of one shot."""
    if each := _EACH.match(words, time.j + (words.at(time.j) == "long")):
        return time.i, each.j
    # "4 seconds per city": whatever a scene is called.
    is_per = words.at(time.j) in _WORDS["per"] and words.is_word(time.j + 1)
    if is_per and not words.is_word(time.j + 2):
        return time.i, time.j + 2
    if words.at(time.i - 1) in _WORDS["counted_of"] and words.at(time.i - 2) in _WORDS["shots"]:
        # "Four shots of 4 seconds"
        return time.i - 1, time.j
    # "each 4 seconds", "each one 4 seconds", "each shot is 4 seconds".
    for back in range(1, 7):
        word = words.at(time.i - back)
        if word in _WORDS["each_before"]:
            return time.i - back, time.j
        if not words.is_word(time.i - back) or word in _WORDS["position_before"]:
            return None
    return None


def _claim_around(words: Words, time: _Time) -> None:
    i, j = time.i, time.j
    for _ in range(3):
        leads = (_WORDS_AROUND.match(words, k, i) for k in range(max(0, i - 4), i))
        i = next((lead.i for lead in leads if lead and lead.j == i), i)
        tail = _WORDS_AROUND.match(words, j)
        j = tail.j if tail else j
        i -= words.at(i - 1) == ":" and words.at(i - 2) in ("length", "duration", "dauer")
    words.claim(i, j)
