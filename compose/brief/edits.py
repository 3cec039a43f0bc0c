"""Operations that a brief asks for on the person's own files. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Set
from dataclasses import replace
from functools import cache
from typing import Any

from compose.brief.brief import Edit, EditKind, GivenMedia
from compose.brief.lengths import Lengths
from compose.brief.products import PRODUCTS
from compose.language import TABLES
from core.language.clauses import CLAUSE_ENDS
from core.language.phrases import Match, Phrases, Words
from core.language.tables import choice_of

_WORDS = TABLES.subject("edits")


_CUES: Phrases[EditKind] = TABLES.phrases("edits", "cues", choice_of(EditKind))
_CORNERS: Phrases[str] = TABLES.phrases("edits", "corners", str)
_LONGEST_WORDS = 400
# What is changed is named in a few words: "the color of the left wall to".
_FARTHEST = 8


def language_named(word: str) -> str:
    """Return the ISO 639-1 code of a language's name, "" for another word."""
    return _languages().get(word, "")


@cache
def _languages() -> Mapping[str, str]:
    return TABLES.meanings("edits", "languages")


def claim_cues(words: Words, edits: Collection[Edit] = ()) -> None:
    """Claim the words for operations, with "it" behind them and "and" before them, and where
    something is put on the picture."""
    if any(edit.type == "overlay" for edit in edits):
        for corner in _CORNERS.find(words):
            words.claim(corner.i, corner.j)
    for match in list(_CUES.find(words)):
        words.claim(
            words.back(match.i, _WORDS["cue_leads"]), words.on(match.j, _WORDS["cue_tails"])
        )


def edits_of(
    words: Words,
    media: tuple[GivenMedia, ...],
    lengths: Lengths,
    impossible: Collection[int] = (),
    aspect: str = "",
) -> tuple[Edit, ...]:
    """Read operations in the order asked; none without a file to work on.

    impossible: where words ask for what no tool does: "remove the watermark" adds no watermark.
    aspect: the shape that is asked for: "cut my video to 9:16" crops it.
    """
    kinds = {one.kind for one in media if one.name != "logo"}
    if not kinds & {"image", "video"}:
        return ()
    edits: dict[EditKind, Edit] = {}
    for match in _CUES.find(words):
        kind = match.value
        if match.i in impossible or not _fits(words, match, kinds, lengths):
            continue
        if kind == "edit" and lengths.spans and "video" in kinds:
            kind = "replace_segment"
        if kind in ("crop", "trim") and bool(aspect) != _has_length(lengths):
            kind = "crop" if aspect else "trim"
        if kind not in edits:
            result = _result(words, match) if kind == "style" else ""
            edit = _edit(words, kind, result or _phrase(words, match), media, lengths)
            edits[kind] = replace(edit, options={"result": result}) if result else edit
    return tuple(edits.values())


def _has_length(lengths: Lengths) -> bool:
    return bool(lengths.spans) or lengths.first is not None or lengths.seconds is not None


def _fits(words: Words, match: Match[EditKind], kinds: Set[str], lengths: Lengths) -> bool:
    kind, first = match.value, words.at(match.i)
    if kind in _WORDS["of_video"] and "video" not in kinds:
        return False
    if kind in ("restore", "animate") and "image" not in kinds:
        return False
    if kind == "trim" and first in ("first", "highlight", "cut"):
        return lengths.first is not None
    if kind in ("edit", "remove_background"):
        # "replace the background music"
        behind = words.word[match.j : words.until(match.j, CLAUSE_ENDS, 3)]
        return not any(word in _WORDS["sounds"] for word in behind)
    if kind == "style" and first in _WORDS["style_opens"]:
        return bool(_result(words, match))
    if first == "turn" and match.j == match.i + 1:
        return any(words.at(match.j + k) in ("into", "to", "en", "in") for k in range(1, 8))
    return True


def orders_edit(words: Words, at: int) -> bool:
    """Return whether the words here, such as "upscale it", edit an earlier result."""
    first = words.on(at, ("add", "put", "please"))
    match = _CUES.match(words, first)
    if match is None or match.value in ("edit", "analyze"):
        return False
    is_result = words.at(match.j) in _WORDS["the_result"]
    return first > at or is_result or match.value == "remove_background"


def changes_thing(words: Words) -> bool:
    """Return whether a text opens with a change of what is seen: "change the face to smiling".

    What is changed is then in a picture that the person brings.
    """
    match = _CUES.match(words, 0)
    if match is None or match.value != "edit" or any(PRODUCTS.find(words)):
        return False
    behind = words.word[match.j : words.until(match.j, CLAUSE_ENDS, _FARTHEST)]
    is_heard = any(word in _WORDS["sounds"] for word in behind)
    return not is_heard and any(word in _WORDS["turns"] for word in behind[1:])


def _phrase(words: Words, match: Match[EditKind]) -> str:
    """Return the operation as it was said, to the end of its clause."""
    return words.source(match.i, _phrase_end(words, match))[:_LONGEST_WORDS]


def _phrase_end(words: Words, match: Match[EditKind]) -> int:
    last = match.j
    while last < len(words) and words.at(last) not in CLAUSE_ENDS:
        is_next = _CUES.match(words, last + 1) or words.at(last + 1) in ("add", "put")
        if words.at(last) in _WORDS["joins"] and is_next:
            break
        last += 1
    return last


def _result(words: Words, match: Match[EditKind]) -> str:
    """Return what a file is to become: "Ölgemälde" of "aus meinem Foto ein Ölgemälde".

    "" where more than the file precedes it: "turn the sky in my photo into a sunset".
    """
    last = _phrase_end(words, match)
    at = match.j
    while at < last and (
        words.is_claimed(at)
        or words.at(at) in _WORDS["becomes"]
        or words.at(at) in _WORDS["the_result"]
    ):
        at += 1
    if not any(words.at(k) in _WORDS["becomes"] for k in range(match.i + 1, at)):
        return ""
    return words.source(at, last)[:_LONGEST_WORDS] if at < last else ""


def _edit(
    words: Words, kind: EditKind, text: str, media: tuple[GivenMedia, ...], lengths: Lengths
) -> Edit:
    options: dict[str, Any] = {}
    start = end = None
    if kind == "subtitles":
        options["language"] = next(
            (code for word in words.word if (code := language_named(word))), ""
        )
    elif kind == "overlay":
        options["position"] = next((match.value for match in _CORNERS.find(words)), "bottom-right")
        options["media"] = next((one.name for one in media if one.name == "logo"), "")
    elif kind == "upscale":
        options["factor"] = 4 if {"4k", "4x", "4"} & set(words.word) else 2
    elif kind == "restore":
        options["colorize"] = any(word.startswith(_COLORIZES) for word in words.word)
    elif kind in ("replace_segment", "trim") and lengths.spans:
        start, end = lengths.spans[0]
    elif kind == "trim" and lengths.first is not None:
        drops = text.lower().startswith(("remove", "drop", "cut"))
        start, end = (lengths.first, None) if drops else (0.0, lengths.first)
    elif kind == "trim" and lengths.seconds is not None:
        start, end = 0.0, lengths.seconds
    elif kind == "animate" and lengths.seconds is not None:
        options["seconds"] = lengths.seconds
    return Edit(kind, text, start, end, {name: value for name, value in options.items() if value})


_COLORIZES = ("colori", "colouri", "kolor")
