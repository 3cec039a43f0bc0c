"""The files that a brief says the person brings. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from compose.brief.brief import GivenMedia
from compose.brief.products import is_link
from compose.language import TABLES
from core.language.clauses import CLAUSE_ENDS
from core.language.phrases import Match, Phrases, Words
from core.language.sentences import capital

MOST_FILES = 12
UNSAID_COUNT = 3

Noun = Match[tuple[str, str]]


def _file(key: str) -> tuple[str, str]:
    kind, _, name = key.partition("/")
    return kind, name


_WORDS = TABLES.subject("media")
# (kind, name)
_NOUNS: Phrases[tuple[str, str]] = TABLES.phrases("media", "nouns", _file)
_GIVEN_VERBS: Phrases[str] = TABLES.phrases("media", "given_verbs", str)
_BEFORE_AFTER: Phrases[bool] = TABLES.phrase_list("media", "before_after")


@dataclass(frozen=True, slots=True)
class Mention:
    """A place where the brief names a file; a scene that has these words starts from it."""

    i: int
    j: int
    name: str


def given_media_of(words: Words) -> tuple[tuple[GivenMedia, ...], tuple[Mention, ...]]:
    """Read files to bring, in the order named, and where. Their mentions are claimed: a scene's
    text has what the file shows in their place."""
    files: dict[str, GivenMedia] = {}
    mentions: list[Mention] = []
    for noun in list(_NOUNS.find(words)):
        first = _given_from(words, noun)
        if first is None and mentions:
            # "two clips and a song": what is listed with a file is one too.
            at = noun.i - 1 - (words.at(noun.i - 1) in ("a", "an", "one", "the"))
            if words.at(at) in ("and", ",", "&", "plus") and at == mentions[-1].j:
                first = at + 1
        if first is None:
            continue
        file = _media(words, first, noun)
        same = files.get(file.name)
        if len(files) < MOST_FILES and (same is None or file.count > same.count):
            files[file.name] = file
        mentions.append(Mention(first, _claim(words, first, noun, file), file.name))
    media = tuple(files.values())
    pairs = list(_BEFORE_AFTER.find(words))
    shows_images = all(one.kind == "image" for one in media) and any(
        noun.value[0] == "image" for noun in _NOUNS.find(words)
    )
    if not pairs or not shows_images or sum(one.count for one in media) > 2:
        return media, tuple(mentions)
    for pair in pairs:
        words.claim(pair.i, pair.j + (words.at(pair.j) in _WORDS["of"]))
    before = GivenMedia("before_photo", "image", "Photo before")
    return (before, GivenMedia("after_photo", "image", "Photo after")), tuple(mentions)


def is_before_and_after(media: tuple[GivenMedia, ...]) -> bool:
    """Return whether two images are to be compared."""
    return [one.name for one in media] == ["before_photo", "after_photo"]


def _given_from(words: Words, noun: Noun) -> int | None:
    """Return where the mention begins, None when the noun is no file of the person's."""
    kind, name = noun.value
    behind = words.at(noun.j)
    next_noun = _NOUNS.match(words, noun.j)
    if behind in ("of", "from") and words.at(noun.j + 1) in _WORDS["own"]:
        # "the scan of my wedding picture" is one file, named behind.
        next_noun = next(_NOUNS.find(words, noun.j + 2, noun.j + 6), None)
    if next_noun is not None and next_noun.value[0] == kind:
        # "my interview clip": the last noun is the thing.
        return None
    if behind in _WORDS["no_file_after"] or (words.is_claimed(noun.i) and name != "voice"):
        return None
    first, is_counted = noun.i, False
    for at in range(noun.i - 1, max(noun.i - 7, -1), -1):
        word = words.at(at)
        if word in _WORDS["own"]:
            return None if _is_result(words, at, noun) else at
        if word in _WORDS["attached"]:
            return at
        if not words.is_word(at):
            if word in CLAUSE_ENDS or word in '"“”&/+':
                break
            continue
        is_article = word in _WORDS["articles"]
        counts = is_article or words.number(at) is not None
        if word in _WORDS["stops"] and not counts:
            break
        first, is_counted = at, is_counted or counts
        if is_article:
            break
    verb = _verb_before(words, words.back(first, _WORDS["of_all"]))
    if verb and (is_counted or first < noun.i or verb.value == "any") and name != "song":
        return first
    all_words = set(words.word)
    is_given = (
        (name == "logo" and _is_put_on(words, first, noun))
        or behind in ("attached", "uploaded", "below", "above")
        or (behind in ("i", "we", "that", "which") and _brings(words, noun.j))
        or (behind == "of" and words.at(noun.j + 1) in ("mine", "ours", "us", "me"))
        # "photo of my grandmother: restore it" is a file, "a photo of my town" may be made.
        or (
            behind in _WORDS["of"]
            and words.at(noun.j + 1) in _WORDS["own"]
            and bool(all_words & _WORDS["repairs"])
        )
    )
    return first if is_given else None


def _is_put_on(words: Words, first: int, noun: Noun) -> bool:
    """Return whether a logo is put on something: "add a logo in the corner"."""
    before, behind = words.at(first - 1), words.at(noun.j)
    if any(words.at(first - k) in _WORDS["puts"] for k in range(1, 9)):
        return True
    return before in _WORDS["with"] and behind in _WORDS["logo_places"]


def _brings(words: Words, at: int) -> bool:
    return any(words.at(at + k) in _WORDS["brings"] for k in range(1, 5))


def _is_result(words: Words, at: int, noun: Noun) -> bool:
    """Return whether a file is what is wanted or what the result is for: "a cover for my song"."""
    kind, name = noun.value
    before = words.at(at - 1)
    if name in ("video", "song") and before in _WORDS["for"]:
        # "music for my video" works on the video; "intro for my video" makes a new one.
        products = {words.at(at - k) for k in range(2, 6)}
        return name == "video" and bool(products & _WORDS["results"])
    if kind == "video" and before in _WORDS["wants"]:
        # "Make my video vertical" changes it, "make my video about bees" makes one.
        return not is_changed(words, noun.j)
    is_this = name == "video" and words.at(at) in _WORDS["this"]
    return is_this and words.at(noun.j) in _WORDS["explains"]


def is_changed(words: Words, at: int) -> bool:
    """Return whether the words behind a file tell how it is to be, not what it is about."""
    return words.is_word(at) and (is_link(words, at) is None or words.at(at) in _WORDS["becomes"])


def _media(words: Words, first: int, noun: Noun) -> GivenMedia:
    kind, name = noun.value
    numbers = [number for at in range(first, noun.i) if (number := words.number(at)) is not None]
    is_many = not numbers and words.at(noun.j - 1) in _WORDS["plurals"]
    count = UNSAID_COUNT if is_many else int(numbers[-1]) if numbers else 1
    about = [] if name in ("logo", "selfie") else _about(words, first, noun)
    title = " ".join([*about, name]).replace("_", " ")
    slug = re.sub(r"[^a-z0-9]+", "_", " ".join([*about[:2], name]).lower()).strip("_")
    return GivenMedia(
        slug[:40] or name,
        kind,  # type: ignore[arg-type]
        capital(title)[:60],
        max(1, min(count, MOST_FILES)),
        any_number=is_many,
    )


def _about(words: Words, first: int, noun: Noun) -> list[str]:
    """Return what a file shows, by the words before its noun: ["product"]."""
    dull = _WORDS["own"] | _WORDS["states"] | _WORDS["attributes"] | _WORDS["dull"]
    about = (at for at in range(first, noun.i) if words.is_word(at) and words.number(at) is None)
    return [words.source(at, at + 1) for at in about if words.at(at) not in dull][:3]


def _claim(words: Words, first: int, noun: Noun, media: GivenMedia) -> int:
    """Claim a mention; a scene reads "the product" for "my product photo"."""
    last = noun.j
    about = _about(words, first, noun)
    instead = ""
    if words.at(last) in _WORDS["of"] and media.kind == "image" and media.name != "logo":
        # "my photo of grandma on a bench": the scene shows grandma.
        last += 1
    elif media.kind == "audio":
        # What is heard is never seen: neither "to my song" nor "my voice memo over".
        first -= words.at(first - 1) in _WORDS["over"]
        last += words.at(last) in _WORDS["over"]
    elif words.language not in ("", "en"):
        instead = words.source(noun.i, noun.j)
    elif media.kind == "image" and about:
        instead = f"the {' '.join(about)}"
    else:
        instead = f"the {media.title.lower()}"
    verb = _verb_before(words, first)
    if verb is not None and (verb.value == "any" or _goes_into(words, last)):
        # "from two photos", "turn my photo into": how the film is made, not what it shows.
        first, instead = verb.i, ""
        while words.at(last) in _WORDS["into"] and _goes_into(words, last):
            last += 1
    words.claim(first, last, instead)
    return last


def _verb_before(words: Words, first: int) -> Match[str] | None:
    verbs = (_GIVEN_VERBS.match(words, first - back) for back in (3, 2, 1))
    return next((verb for verb in verbs if verb and verb.j == first), None)


def _goes_into(words: Words, at: int) -> bool:
    return words.at(at) in ("into", "en", "to", "in") and words.is_word(at + 1)
