"""The words of a stretch of a brief without its instructions, as a text for a scene. Pure."""

from __future__ import annotations

import re

from compose.brief.products import ARTICLES, EMPTY, REQUESTS
from core.language.clauses import clauses
from core.language.cleaning import one_of
from core.language.phrases import Words
from core.patterns import bounded_pattern

LONGEST_TEXT = 600

# What is left dangling where an instruction was cut out.
_JOINS = one_of(
    "and with in for of at to by on plus but using use is are be should please then as or into"
    " from that which it make keep add und mit im fur zu dann dazu auf bitte et avec en"
    " pour de puis sur y con para luego e per poi com depois em um also about over all"
    " include including has have having set only each want the a an & ein eine une un una"
)
_STARTS = one_of(
    "and of but then which that plus also und dann et puis y luego e poi depois long showing"
    " please & or is are mais aber pero underneath reading playing throughout darunter dessous"
)
_WITHS = one_of("with add avec ajoute mit con anade")
_SHORTEST_REST = 2
_DULL = (
    _JOINS
    | _STARTS
    | ARTICLES
    | EMPTY
    | one_of(
        "i me my our we you your this these those them they will would can could like want need"
        " total length format duration ratio aspect do does no not than each every one"
        " some any there here brief so just only really very thanks thank cheers hello hi"
        " until seconds second video film clip shot shots scene scenes sound style part"
        " parts step steps be long ich wir es soll sollte je veux quiero voglio quero que"
        " el la il o etc together made nice good well what put look looks feel feels"
        " quality ready sec version slow posting post use used app page account before after"
        " between up down back more less lang underneath throughout darunter"
        " give hinzu hinzufugen"
    )
)
# How a mark between two clauses is written in a text of one line.
_MARKS = {
    ",": ", ",
    ";": ", ",
    ":": ": ",
    "\n": ". ",
    "–": " – ",
    "—": " – ",
    "-": " – ",
    "(": ", ",
    ")": " ",
    "。": "。",
    "、": "、",
    "，": "，",
    "؟": "؟ ",
    "،": "، ",
    "|": ", ",
    "•": ". ",
    "…": "… ",
}
_EDGES = " \t\n,;:.-–—|/()[]&+*•、，。"
_SPACES = re.compile(r"\s+")
_BEFORE_MARK = bounded_pattern(r"\s+([,.;:!?])")
_BRACKETS = re.compile(r"\(\s{0,3}\)|\[\s{0,3}\]")


def shot_text(words: Words, i: int, j: int) -> str:
    """Return what [i, j) shows: its clauses without instructions, joined by the marks it has; ""
    where it is instructions alone."""
    text = ""
    for part in clauses(words, i, j):
        clause = clause_text(words, part.i, part.j)
        if not clause:
            continue
        mark = words.at(part.i - 1) if text and part.i > i else ""
        text = f"{text}{_MARKS.get(mark, mark + ' ' if mark else ' ')}{clause}" if text else clause
        if len(text) > LONGEST_TEXT:
            break
    return shortened(text, LONGEST_TEXT)


def clause_text(words: Words, i: int, j: int) -> str:
    """Return a clause without its instructions, "" where no word is left that shows anything."""
    runs: list[tuple[int, int]] = []
    at = i
    while at < j:
        if words.is_claimed(at):
            at += 1
            continue
        last = at
        while last < j and not words.is_claimed(last):
            last += 1
        runs.append((at, last))
        at = last
    text = ""
    at = i
    for first, last in runs:
        instead = words.rest(at, first)
        if instead:
            text = f"{text} {instead}".strip()
        at = last
        end = last
        cut_before, cut_behind = first > i or words.is_claimed(first - 1), last < j
        if cut_before and not instead:
            while first < last and words.at(first) in _STARTS:
                first += 1
        if cut_behind and not words.rest(last, min(last + 1, j)):
            while first < last and words.at(last - 1) in _JOINS - ARTICLES:
                last -= 1
        if first < last and not (cut_behind and _is_leftover(words, first, end, last)):
            text = f"{text} {words.source(first, last)}".strip()
    tail = words.rest(at, j)
    if tail:
        text = f"{text} {tail}".strip()
    text = tidied(text)
    # A claimed end may leave an article behind: "a dog in a" of "a dog in a [vertical video]".
    if runs and runs[-1][1] <= j and text and (words.is_claimed(j - 1) or runs[-1][1] < j):
        parts = text.split()
        while parts and parts[-1].lower() in _JOINS and not tail:
            parts.pop()
        text = " ".join(parts)
    return text if shows_anything(text, words.language) else ""


def _is_leftover(words: Words, first: int, end: int, last: int) -> bool:
    """Return whether only the words around a claimed thing are left: "add a [female voice]", "with
    the word spoken in [English]". last: without the joins before `end`."""
    is_cut = last < end or words.at(end - 1) in _JOINS
    return words.at(first) in _WITHS and (end - first <= _SHORTEST_REST or is_cut)


def is_dull(word: str) -> bool:
    """Return whether a folded word names nothing to see."""
    return word in _DULL or word[0].isdigit() or (len(word) == 1 and ord(word) <= 0x2FF)


def shows_anything(text: str, language: str) -> bool:
    """Return whether a word is left that names something to see."""
    inner = Words(text, language)
    return any(
        inner.is_word(at) and not is_dull(word) for at, word in enumerate(inner.word)
    ) or any(ord(character) > 0x2190 and not character.isspace() for character in text)


def tidied(text: str) -> str:
    """Return a text without doubled spaces, spaces before marks, and marks at its ends."""
    text = _BRACKETS.sub(" ", text)
    text = _BEFORE_MARK.sub(r"\1", _SPACES.sub(" ", text)).strip(_EDGES)
    for opening, closing in (("“", "”"), ("„", "“"), ("(", ")"), ("[", "]")):
        if opening in text and closing not in text:
            text = text.replace(opening, "")
    if text.count('"') == 1:
        text = text.replace('"', "")
    return text.strip(_EDGES)


def without_request(text: str, language: str) -> str:
    """Return a text without "please make me a", keeping the article."""
    inner = Words(text, language)
    at = 0
    while at < len(inner):
        match = REQUESTS.match(inner, at)
        if match is None:
            if at and (
                inner.at(at) in one_of("to that me us , have : a some")
                and (inner.at(at) not in ("a", "some") or False)
            ):
                at += 1
                continue
            break
        # "film noir", "shoot", "show dogs": what follows must be more than one word.
        if len(inner) - match.j < 1:
            break
        at = match.j
    return text[inner.start[at] :] if 0 < at < len(inner) else text


def shortened(text: str, most: int) -> str:
    """Return at most so many characters, cut at a word."""
    if len(text) <= most:
        return text
    cut = text[:most].rsplit(" ", 1)[0]
    return (cut if len(cut) > most // 2 else text[:most]).rstrip(_EDGES)


def without_article(text: str) -> str:
    parts = text.split(" ", 1)
    return parts[1] if len(parts) == 2 and parts[0].lower() in ARTICLES | {"my", "our"} else text
