"""Things that a brief wants to be left out of the picture. Pure."""

from __future__ import annotations

from compose.language import TABLES
from core.language.clauses import Part, clauses
from core.language.phrases import Match, Words

_WORDS = TABLES.subject("unwanted")
_LEADS = TABLES.phrase_list("unwanted", "leads")
_INSIDE = TABLES.phrase_list("unwanted", "inside")
_LONGEST = 7
_MOST = 12
_SENTENCE_STARTS = ("", ".", "!", "?", "\n")


def unwanted_of(words: Words) -> tuple[str, ...]:
    """Return what is left out, whose clauses are claimed: "people" and "text on screen" of "no
    people, no text on screen". "A house without windows" is a picture, and stays one."""
    names: list[str] = []
    end: int | None = None
    for clause in clauses(words):
        part = _free(words, clause)
        continues = end is not None and clause.i == end + 1 and words.at(part.i) in _WORDS["ors"]
        lead = _lead(words, part)
        if lead is None and not continues:
            continue
        things = _things(words, lead.j if lead else part.i + 1, part.j)
        if things:
            names += things
            end = clause.j
            words.claim(part.i, part.j)
    return tuple(dict.fromkeys(names))[:_MOST]


def _free(words: Words, part: Part) -> Part:
    """Return the first words of a clause that no reader claimed: "no people" of "no people, with
    soft piano" that lacks its comma."""
    first = part.i
    while first < part.j and words.is_claimed(first):
        first += 1
    end = first
    while end < part.j and not words.is_claimed(end):
        end += 1
    while end < part.j and words.at(end - 1) in _WORDS["joins"]:
        end -= 1
    return Part(first, end, part.ends)


def _lead(words: Words, part: Part) -> Match[bool] | None:
    """Return the words of a clause that introduce what is left out."""
    lead = _LEADS.match(words, part.i, part.j) or next(_INSIDE.find(words, part.i, part.j), None)
    if lead is None or not 0 < part.j - lead.j <= _LONGEST:
        return None
    # "Title: NO RETURN".
    if words.source(part.i, part.j).isupper() and not words.text.isupper():
        return None
    if any(words.at(at) in _WORDS["no_things"] for at in (lead.j, part.j - 1)):
        return None
    # "Without a word, she leaves."
    opens = words.at(part.i) in _WORDS["prepositions"] and part.ends == ","
    return None if opens and words.at(part.i - 1) in _SENTENCE_STARTS else lead


def _things(words: Words, first: int, end: int) -> list[str]:
    """Return the things of a clause: "drills" and "needles" of "drills and no needles"."""
    things = []
    first = words.on(first, _WORDS["links"])
    for at in range(first, end + 1):
        if at == end or words.at(at) in _WORDS["ors"]:
            if at > first:
                things.append(words.source(first, at))
            lead = _LEADS.match(words, at + 1, end)
            first = words.on(lead.j if lead else at + 1, _WORDS["links"])
    return things
