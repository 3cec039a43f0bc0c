"""The files that a brief says the person brings. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from compose.brief.brief import GivenMedia
from compose.brief.clauses import CLAUSE_ENDS
from compose.brief.clean import one_of
from compose.brief.media_words import (
    ATTRIBUTES,
    GIVEN_VERBS,
    NO_FILE_AFTER,
    NOUNS,
    OWN,
    PLAIN,
    PLURALS,
    RESULTS,
    STATES,
)
from compose.brief.words import Match, Phrases, Words

MOST_FILES = 12
UNSAID_COUNT = 3

_BEFORE_AFTER: Phrases[bool] = Phrases(
    en={True: "before and after, before/after, before after, before & after, then and now"},
    de={True: "vorher nachher, vorher und nachher, vorher / nachher"},
    fr={True: "avant apres, avant et apres, avant / apres"},
    es={True: "antes y despues, antes / despues"},
    it={True: "prima e dopo, prima / dopo"},
    pt={True: "antes e depois, antes / depois"},
)
Noun = Match[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Mention:
    """Where the brief names a file; a scene that has these words starts from it."""

    i: int
    j: int
    name: str


def given_media_of(words: Words) -> tuple[tuple[GivenMedia, ...], tuple[Mention, ...]]:
    """Files to bring, in the order named, and where. Their mentions are claimed: a scene's text has
    what the file shows in their place."""
    found: dict[str, GivenMedia] = {}
    mentions: list[Mention] = []
    nouns = list(NOUNS.find(words))
    for noun in nouns:
        first = _given_from(words, noun)
        if first is None and mentions:
            # "two clips and a song": what is listed with a file is one too.
            at = noun.i - 1 - (words.at(noun.i - 1) in ("a", "an", "one", "the"))
            if words.at(at) in ("and", ",", "&", "plus") and at == mentions[-1].j:
                first = at + 1
        if first is None:
            continue
        media = _media(words, first, noun)
        same = found.get(media.name)
        if same is None:
            if len(found) < MOST_FILES:
                found[media.name] = media
        elif media.count > same.count:
            found[media.name] = media
        last = _claim(words, first, noun, media)
        mentions.append(Mention(first, last, media.name))
    given = tuple(found.values())
    pairs = list(_BEFORE_AFTER.find(words))
    only_images = all(one.kind == "image" for one in given)
    if not pairs or not only_images or sum(one.count for one in given) > 2:
        return given, tuple(mentions)
    if not given and not _says_photos(words):
        return given, tuple(mentions)
    for pair in pairs:
        words.claim(pair.i, pair.j + (words.at(pair.j) in one_of("of von de di einer d")))
    before = GivenMedia("before_photo", "image", "Photo before")
    return (before, GivenMedia("after_photo", "image", "Photo after")), tuple(mentions)


def is_before_and_after(media: tuple[GivenMedia, ...]) -> bool:
    return [one.name for one in media] == ["before_photo", "after_photo"]


def _says_photos(words: Words) -> bool:
    return any(match.value[0] == "image" for match in NOUNS.find(words))


def _given_from(words: Words, noun: Noun) -> int | None:
    """Where the mention begins, None when the noun is no file of the person's."""
    kind, name = noun.value
    behind = NOUNS.match(words, noun.j)
    if behind is not None and behind.value[0] == kind:
        # "my interview clip": the last noun is the thing.
        return None
    if words.at(noun.j) in NO_FILE_AFTER or (words.is_claimed(noun.i) and name != "voice"):
        return None
    if words.at(noun.j) in ("of", "from") and words.at(noun.j + 1) in OWN:
        inner = next(NOUNS.find(words, noun.j + 2, noun.j + 6), None)
        if inner is not None and inner.value[0] == kind:
            # "the scan of my wedding picture" is one file, named behind.
            return None
    # "my photo album video": only the last noun is a thing.
    first = noun.i
    count_seen = False
    for at in range(noun.i - 1, max(noun.i - 7, -1), -1):
        word = words.at(at)
        if word in OWN:
            return None if _is_result(words, at, noun) else at
        if not words.is_word(at):
            if word in CLAUSE_ENDS or word in '"“”&/+':
                break
            continue
        if words.number(at) is not None and word not in ("one", "a", "an"):
            count_seen = True
            first = at
            continue
        if words.number(at) is not None or word in one_of(
            "a an the one some eine einem einer un une una uma um einen ein der die das le la el"
            " il o les los las l dem den another"
        ):
            count_seen = True
            first = at
            break
        if word in STATES and word in one_of("attached uploaded beigefugte ci adjunta"):
            return at
        if word in _STOPS:
            break
        first = at
    before = first - 1
    while words.at(before) in one_of("the of one both all single"):
        before -= 1
    verb = _verb_before(words, before + 1)
    if verb and (count_seen or first < noun.i or verb.value == "any") and name not in RESULTS:
        if (
            verb.value == "edit"
            and kind == "image"
            and words.at(noun.j) in ("of",)
            and (words.at(noun.j + 1) in ("a", "an"))
        ):
            return None
        return first
    if name == "logo" and _is_put_on(words, first, noun):
        return first
    if words.at(noun.j) in ("attached", "uploaded", "below", "above") or (
        words.at(noun.j) in ("i", "we", "that", "which") and _brings(words, noun.j)
    ):
        return first
    if words.at(noun.j) == "of" and words.at(noun.j + 1) in ("mine", "ours", "us", "me"):
        return first
    if words.at(noun.j) in ("of", "von", "de", "di") and words.at(noun.j + 1) in OWN:
        # "photo of my grandmother: restore it" is given, "a photo of my town" may be made.
        said = set(words.word)
        if said & one_of("restore colorize colourize colorise animate life upscale"):
            return first
    return None


_STOPS = one_of(
    "of for in with about and or to on at is are that into by from as over und mit von fur aus"
    " auf et avec pour dans de y con para e per com em want need make create put add turn"
    " use take animate restore have has got upload attach bring show shows showing"
)


def _is_put_on(words: Words, first: int, noun: Noun) -> bool:
    """Whether a logo is put on something: "add a logo in the corner"."""
    before, behind = words.at(first - 1), words.at(noun.j)
    added = any(words.at(first - k) in one_of("add put insert place overlay") for k in range(1, 9))
    return (added or before in one_of("and with plus , mit avec con com")) and (
        added or behind in one_of("in on at top bottom")
    )


def _brings(words: Words, at: int) -> bool:
    said = {words.at(at + k) for k in range(1, 5)}
    return bool(
        said
        & {
            "have",
            "took",
            "upload",
            "uploaded",
            "send",
            "bring",
            "made",
            "attach",
            "got",
            "shot",
            "filmed",
            "recorded",
            "provide",
            "give",
            "supply",
            "add",
        }
    )


def _is_result(words: Words, at: int, noun: Noun) -> bool:
    """Whether a file is what is wanted or what the result is for: "an intro for my video"."""
    kind, name = noun.value
    this = words.at(at) in one_of("this the das these")
    before = words.at(at - 1)
    if name in ("video", "song", "story") and before in one_of("for of fur pour para per"):
        # "music for my video" works on the video; "intro for my video" makes a new one.
        made = {words.at(at - k) for k in range(2, 6)}
        if made & {"intro", "outro", "thumbnail", "trailer", "teaser", "opener", "title", "cover"}:
            return not (made & {"trailer"} and name == "video") and name != "song"
        return False
    if kind == "video" and before in one_of("i want need make is"):
        return True
    return (
        this
        and name == "video"
        and noun.j < len(words)
        and words.at(noun.j) in one_of("should must needs shows is will explains about")
    )


def _media(words: Words, first: int, noun: Noun) -> GivenMedia:
    kind, name = noun.value
    count = 1
    for at in range(first, noun.i):
        number = words.number(at)
        if number is not None:
            count = max(1, min(int(number), MOST_FILES))
    is_many = (
        count == 1
        and words.at(noun.j - 1) in PLURALS
        and not any(words.number(at) is not None for at in range(first, noun.i))
    )
    about = [] if name in ("logo", "selfie") else _about(words, first, noun)
    title = " ".join([*about, name]).replace("_", " ")
    slug = re.sub(r"[^a-z0-9]+", "_", " ".join([*about[:2], name]).lower()).strip("_")
    return GivenMedia(
        slug[:40] or name,
        kind,  # type: ignore[arg-type]
        (title[:1].upper() + title[1:])[:60],
        UNSAID_COUNT if is_many else count,
        any_number=is_many,
    )


def _about(words: Words, first: int, noun: Noun) -> list[str]:
    """What a file shows, by the words before its noun: ["product"] of "my product photo"."""
    about = []
    for at in range(first, noun.i):
        word = words.at(at)
        if word in OWN or word in STATES or word in ATTRIBUTES or words.number(at) is not None:
            continue
        if not words.is_word(at) or word in one_of("a an the s some of"):
            continue
        about.append(words.source(at, at + 1))
    return about[:3]


def _claim(words: Words, first: int, noun: Noun, media: GivenMedia) -> int:
    """Claim a mention; a scene reads "the product" for "my product photo"."""
    last = noun.j
    about = _about(words, first, noun)
    instead = ""
    if (
        words.at(last) in one_of("of von de di del")
        and media.kind == "image"
        and (media.name != "logo")
    ):
        # "my photo of grandma on a bench": the scene shows grandma.
        last += 1
    elif media.kind == "image" and about and words.language in ("", "en"):
        instead = "the " + " ".join(about)
    elif media.kind == "audio":
        # What is heard is never seen: neither "to my song" nor "my voice memo over".
        if words.at(first - 1) in _OVER:
            first -= 1
        if words.at(last) in _OVER:
            last += 1
    elif words.language in ("", "en"):
        instead = "the " + PLAIN.get(media.name, media.title.lower())
    else:
        instead = words.source(noun.i, noun.j)
    verb = _verb_before(words, first)
    if verb is not None and (verb.value == "any" or _goes_into(words, last)):
        # "from two photos", "turn my photo into": how the film is made, not what it shows.
        first = verb.i
        instead = ""
        while words.at(last) in one_of("into to en in as") and _goes_into(words, last):
            last += 1
    words.claim(first, last, instead)
    return last


_OVER = one_of("to with over under for using on behind zu uber mit unter sur avec con sobre su com")


def _verb_before(words: Words, first: int) -> Match[str] | None:
    for back in (3, 2, 1):
        if first >= back and (verb := GIVEN_VERBS.match(words, first - back)) and verb.j == first:
            return verb
    return None


def _goes_into(words: Words, at: int) -> bool:
    return words.at(at) in ("into", "en", "to", "in") and words.is_word(at + 1)
