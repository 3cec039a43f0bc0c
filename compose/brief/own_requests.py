"""Requests about the person's own files that are told by what is to be done with "it". Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from compose.brief.brief import Edit, EditKind, GivenMedia
from compose.brief.given_media import Mention, is_changed
from compose.brief.impossible import is_impossible
from compose.brief.products import REQUESTS
from compose.language import TABLES
from core.language.clauses import CLAUSE_ENDS, clauses
from core.language.phrases import Match, Words
from core.language.tables import choice_of

_REQUESTS = TABLES.phrases("own_media", "requests", choice_of(EditKind))
_OPENS = TABLES.phrase_list("own_media", "opens")
_PICTURES = TABLES.words("own_media", "pictures")
_ONE_PICTURE = TABLES.phrase_list("own_media", "one_picture")
_WORN = TABLES.words("own_media", "worn")
_MYSELF = TABLES.phrase_list("own_media", "myself")
# Verbs that only ask for what the words behind them say: "make", "add".
_ORDERS = (
    REQUESTS,
    TABLES.phrase_list("changes", "set"),
    TABLES.phrase_list("changes", "insert"),
    TABLES.phrase_list("changes", "add"),
)
# They say what is to be gone from a picture, or new in it.
_CHANGES = (
    TABLES.phrase_list("changes", "drop"),
    TABLES.phrase_list("changes", "replace"),
    TABLES.phrase_list("changes", "insert"),
)
_TO_LIFE = TABLES.phrase_list("own_media", "to_life")
_MOVES = TABLES.words("own_media", "moves")
_LONGEST = 60
_FARTHEST_MOVE = 8
_JOINS = frozenset({"and", "then", "und", "dann", "et", "puis", "y", "luego"})
_ARROWS = frozenset("→⇒➔➡>")
PHOTO = GivenMedia("photo", "image", "Your photo")
MYSELF = GivenMedia("photo", "image", "Photo of you")
# What a person wears in photos whose clothes the brief leaves open.
_OUTFITS = (
    "a tailored dark suit",
    "a white shirt and jeans",
    "an elegant evening dress",
    "a warm winter coat",
    "light summer linen",
    "a leather jacket",
    "sportswear",
    "a colorful festival outfit",
)

Request = Match[EditKind]


def assumed_file(words: Words) -> GivenMedia | None:
    """Return the picture that a request is about without naming it as the person's own."""
    if is_pipeline(words):
        picture = words.source(0, 1)
        words.claim(0, 1)
        name = words.at(0) if words.at(0).isascii() else "photo"
        return GivenMedia(name, "image", f"Your {picture.lower()}")
    at = 0
    while (request := REQUESTS.match(words, at)) and not _OPENS.match(words, at):
        at = request.j
    if _OPENS.match(words, at) and not is_impossible(words, at):
        return PHOTO
    for match in _MYSELF.find(words):
        if words.at(match.j - 1) == "mi" and words.is_word(match.j):
            # "De mi hermano" is of a brother.
            continue
        words.claim(match.i, match.j, "the person in the photo")
        return MYSELF
    return None


def _behind_orders(words: Words, at: int) -> int:
    """Return where the verbs end that begin here and only ask."""
    while match := next((one for table in _ORDERS if (one := table.match(words, at))), None):
        at = match.j
    return at


def claim_orders(words: Words) -> None:
    """Claim the verbs that only ask, where a clause begins."""
    for part in clauses(words):
        words.claim(part.i, min(_behind_orders(words, part.i), part.j))


def changes_file(words: Words, mentions: Sequence[Mention]) -> bool:
    """Return whether a text says of the person's file, before all else, how it is to be.

    "Make my photo brighter" and "remove the people from my photo" do; "make my photo dance" is
    told by what moves.
    """
    if not mentions:
        return False
    if any(table.match(words, 0) for table in _CHANGES):
        return mentions[0].i < words.until(0, CLAUSE_ENDS)
    if _behind_orders(words, 0) < mentions[0].i:
        return False
    behind = mentions[0].j
    end = min(words.until(behind, CLAUSE_ENDS), behind + _FARTHEST_MOVE)
    moves = any(word in _MOVES for word in words.word[behind:end])
    return is_changed(words, behind) and not moves


def moves_a_file(words: Words) -> bool:
    """Return whether a text asks for movement in its picture: "bring this painting to life"."""
    return any(_TO_LIFE.find(words))


def outfits(noun: str, count: int) -> tuple[str, ...]:
    """Return what each of so many outfits on a person shows; none where the noun counts others."""
    if noun not in _WORN:
        return ()
    return tuple(f"The same person wearing {_OUTFITS[at % len(_OUTFITS)]}" for at in range(count))


def is_pipeline(words: Words) -> bool:
    """Return whether a text is a chain of steps on one picture: "sketch → 3D → orbit"."""
    return words.at(0) in _PICTURES and words.at(1) in _ARROWS | {"-"} and bool(requests_of(words))


def requests_of(words: Words) -> tuple[Request, ...]:
    """Return the requests in order, each with the words to the end of its clause."""
    requests = []
    for match in _REQUESTS.find(words):
        end, most = match.j, min(match.j + _LONGEST, len(words))
        while end < most and words.at(end) not in CLAUSE_ENDS | _ARROWS:
            if words.at(end) in _JOINS and _REQUESTS.match(words, end + 1):
                break
            end += 1
        requests.append(Match(match.i, end, match.value))
    return tuple(requests)


def joins_pictures(words: Words, media: Sequence[GivenMedia]) -> bool:
    """Return whether several pictures, and no video, are to be one picture."""
    files = [one for one in media if one.name != "logo"]
    pictures = sum(one.count for one in files if one.kind == "image")
    is_all = all(one.kind == "image" for one in files)
    return is_all and pictures > 1 and any(_ONE_PICTURE.find(words))


def _clause_start(words: Words, at: int) -> int:
    """Return where the clause around a word starts: a verb may be split, "füge … zusammen"."""
    first = max(0, at - _LONGEST)
    while at > first and words.at(at - 1) not in CLAUSE_ENDS | _JOINS:
        at -= 1
    return at


def with_requests(
    words: Words,
    edits: Sequence[Edit],
    media: Sequence[GivenMedia],
    requests: Sequence[Request],
    is_cue: Callable[[Words, int], bool],
) -> tuple[Edit, ...]:
    """Return the edits with those that are asked for like this, in the order of the text."""
    kinds = {one.kind for one in media if one.name != "logo"}
    videos = sum(one.count for one in media if one.kind == "video")
    places = [(max(words.text.find(edit.words), 0), edit) for edit in edits]
    # "Turn it into a 3D model" asks for the model alone.
    models = [
        (words.start[one.i], words.start[one.j - 1])
        for one in requests
        if one.value in ("model", "orbit")
    ]
    places = [
        (start, edit)
        for start, edit in places
        if edit.type != "style"
        or not any(first < start + len(edit.words) and start <= last for first, last in models)
    ]
    edit_types = {edit.type for edit in edits}
    for one in requests:
        if one.value == "join" and videos < 2:
            if joins_pictures(words, media):
                first = _clause_start(words, one.i)
                places.append((words.start[first], Edit("join", words.source(first, one.j))))
            continue
        if one.value in ("orbit", "model") and "image" not in kinds:
            continue
        if one.value == "edit" and (not kinds or "edit" in edit_types):
            continue
        end = next((at for at in range(one.i + 1, one.j)
                    if words.at(at) in _JOINS and is_cue(words, at + 1)), one.j)  # fmt: skip
        places.append((words.start[one.i], Edit(one.value, words.source(one.i, end))))
    return tuple(edit for _, edit in sorted(places, key=lambda place: place[0]))
