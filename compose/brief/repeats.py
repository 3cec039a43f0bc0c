"""Things for each of which a brief wants one result. Pure."""

from __future__ import annotations

from compose.brief.brief import Repeat
from compose.brief.edits import language_named
from compose.brief.products import ARTICLES
from compose.language import TABLES
from core.language.clauses import CLAUSE_ENDS, SENTENCE_ENDS
from core.language.phrases import Phrases, Words

_WORDS = TABLES.subject("repeats")
_EACH: Phrases[bool] = TABLES.phrase_list("repeats", "each")
_THINGS: Phrases[str] = TABLES.phrases("repeats", "things", str)
_WITH_ITS_OWN: Phrases[bool] = TABLES.phrase_list("repeats", "with_its_own")
MOST_ITEMS = 50
LONGEST_ITEM = 6


def repeat_of(words: Words) -> Repeat | None:
    """Read what is made once for each item, and claim what says it."""
    return _own(words) or _for_each(words) or _languages(words)


def is_of_each(words: Words, at: int) -> bool:
    """Return whether a length at this position is each item's: "a 5 s clip for each city", "for
    each of Rome and Oslo make a 5 s teaser". That of "a 60 s film with a scene for each" is not."""
    each = next(_EACH.find(words), None)
    if each is None or any(word in SENTENCE_ENDS for word in _between(words, at, each.i)):
        return False
    if at > each.i:
        return each.i == 0 or words.at(at - 1) in ARTICLES
    between = _between(words, at, each.i)
    return len(between) <= LONGEST_ITEM and not _WORDS["with"] & set(between)


def _between(words: Words, at: int, other: int) -> list[str]:
    return words.word[min(at, other) : max(at, other)]


def _own(words: Words) -> Repeat | None:
    """Read things that each have an item: "ten postcards, each with a place name"."""
    for match in _WITH_ITS_OWN.find(words):
        j = _name_end(words, match.j)
        numbers = (words.number(at) for at in range(match.i - 1, max(match.i - 16, -1), -1))
        count = next((int(number) for number in numbers if number and number >= 2), None)
        if j == match.j or count is None:
            continue
        words.claim(match.i, j)
        name = words.source(match.j, j).lower()
        item = (name.removesuffix(" name").removesuffix(" title"))[:40]
        return Repeat(item, (), min(count, MOST_ITEMS), _marker(item), shows_name=item != name)
    return None


def _for_each(words: Words) -> Repeat | None:
    """Read "for each of Rome, Paris and Oslo", "for each city: Rome, Paris", "for each guest"."""
    for match in _EACH.find(words):
        j = words.on(match.j, _WORDS["list_leads"])
        number = words.number(j)
        thing = _THINGS.match(words, j + (number is not None))
        name_end = _name_end(words, j)
        name = thing.value if thing else words.source(j, name_end).lower()[:40]
        mark = words.until(j, CLAUSE_ENDS, 14 if thing else 8)
        if words.at(mark) in _OPENS_LIST:
            items, end = _items(words, mark + 1)
            if len(items) >= 2:
                words.claim(match.i, name_end)
                words.claim(mark, end)
                return Repeat(name or "item", items, len(items), _marker(name))
        items, end = _items(words, j)
        if len(items) >= 2 and words.at(mark) not in _OPENS_LIST:
            name = thing.value if thing else "item"
            words.claim(match.i, end)
            return Repeat(name, items, len(items), _marker(name))
        if name and words.at(j) not in _WORDS["units"] and words.at(match.i) not in ("each", "pro"):
            words.claim(match.i, name_end)
            return Repeat(name, (), int(number) if number else None, _marker(name))
    return None


_SUBTITLES = frozenset(
    {"subtitles", "captions", "untertitel", "untertiteln", "titres", "subtitulos"}
)
_OPENS_LIST = frozenset(":(-–—")


def _name_end(words: Words, j: int) -> int:
    ends = _WORDS["ands"] | _WORDS["item_ends"]
    last = words.until(j, ends, 3)
    return next((at for at in range(j, last) if not words.is_word(at)), last)


def _marker(name: str) -> str:
    return "{" + (name or "item").replace(" ", "_") + "}"


def _languages(words: Words) -> Repeat | None:
    """Read languages: "in English, German and French", "three languages"."""
    places = [at for at, word in enumerate(words.word) if language_named(word)]
    if places and _SUBTITLES & set(words.word[max(0, places[0] - 3) : places[0]]):
        # "Subtitles in English and Spanish" are no two films.
        words.claim(words.back(places[0], _WORDS["in"]), places[-1] + 1)
        return None
    if len(places) >= 2 and places[-1] - places[0] < 3 * len(places) and places[1] - places[0] <= 3:
        words.claim(words.back(places[0], _WORDS["in"]), places[-1] + 1)
        items = tuple(dict.fromkeys(words.source(at, at + 1) for at in places))
        return Repeat("language", items, len(items), "", same_images=True)
    for match in _THINGS.find(words):
        number = words.number(match.i - 1)
        if match.value == "language" and number is not None and number >= 2:
            words.claim(words.back(match.i - 1, _WORDS["in"]), match.j)
            return Repeat("language", (), min(int(number), MOST_ITEMS), "", same_images=True)
    return None


def _items(words: Words, i: int) -> tuple[tuple[str, ...], int]:
    """Read the items of "Rome, Paris and Oslo" from i on, and where they end; a line is one too.

    An order behind the list ends it: "Rome, Paris and Oslo make a teaser".
    """
    items: dict[str, None] = {}
    first = end = i
    is_list = False
    breaks = _WORDS["ands"] | {",", ";", "\n", "|", "/"}
    ends = breaks | (CLAUSE_ENDS - {":"})
    while first < len(words) and len(items) < MOST_ITEMS:
        last = words.until(first, ends | _WORDS["after_items"] if items else ends)
        if last - first > LONGEST_ITEM or (words.is_claimed(first) and last > first):
            break
        if last > first:
            items[words.source(first, last).strip("-*• ")] = None
            end = last
        if words.at(last) not in breaks:
            break
        is_list = True
        first = last + 1
    items.pop("", None)
    return (tuple(items), end) if is_list else ((), i)
