"""What a brief wants once for each of several things. Pure."""

from __future__ import annotations

from compose.brief.brief import Repeat
from compose.brief.clauses import CLAUSE_ENDS
from compose.brief.clean import one_of
from compose.brief.edits import language_named
from compose.brief.words import Phrases, Words

_EACH: Phrases[bool] = Phrases(
    en={
        True: "for each of, for each, one for each of, one for each, for every, one for every,"
        " once for each, once per, one per, each for, one video per, one image per, one"
        " clip per, a separate one for, repeat for, same for, the same for, repeated for,"
        " for all of these, for the following, one version per, a version for, versions"
        " for, one each for, each of"
    },
    de={True: "fur jede, fur jeden, fur jedes, je eines fur, jeweils fur, pro"},
    fr={True: "pour chaque, pour chacun de, pour chacune de, un par, une par"},
    es={True: "para cada uno de, para cada una de, para cada, uno por, una por"},
    it={True: "per ogni, per ciascuno di, per ciascuna di, uno per, una per"},
    pt={True: "para cada um de, para cada uma de, para cada, um por, uma por"},
)
_THINGS: Phrases[str] = Phrases(
    en={
        "language": "languages, language versions, language",
        "product": "products",
        "city": "cities",
        "place": "places",
        "dish": "dishes",
        "color": "colors, colours",
        "name": "names",
        "country": "countries",
        "season": "seasons",
        "animal": "animals",
        "flavor": "flavors, flavours",
        "day": "days, weekdays",
        "month": "months",
        "word": "words",
        "letter": "letters",
        "planet": "planets",
        "team member": "team members, employees, colleagues",
        "student": "students, pupils, kids, children",
        "customer": "customers, guests",
        "item": "items, things",
    },
    de={"language": "sprachen", "product": "produkte", "city": "stadte", "place": "orte"},
    fr={"language": "langues", "product": "produits", "city": "villes", "place": "lieux"},
    es={
        "language": "idiomas, lenguas",
        "product": "productos",
        "city": "ciudades",
        "place": "lugares",
    },
    it={"language": "lingue", "product": "prodotti", "city": "citta", "place": "luoghi"},
    pt={
        "language": "linguas, idiomas",
        "product": "produtos",
        "city": "cidades",
        "place": "lugares",
    },
)
_WITH_ITS_OWN: Phrases[bool] = Phrases(
    en={
        True: "each with a, each with its, each with its own, each with their, each one with a,"
        " each with the, each showing a different, each a different, each for a"
        " different, each about a different, each in a different, each with a different,"
        " each of a different, each from a different"
    },
    de={True: "jede mit einem, jede mit ihrem, jedes mit einem, jede mit"},
    fr={True: "chacune avec un, chacun avec un, chacune avec le, chacun avec le"},
    es={True: "cada una con un, cada uno con un, cada una con el"},
    it={True: "ognuna con un, ognuno con un, ciascuna con il, ognuna con il"},
    pt={True: "cada um com um, cada uma com um, cada uma com o"},
)
_ANDS = one_of("and or & und oder et ou y o e plus")
_UNITS = one_of("shot scene clip step slide frame photo picture image panel one part line sentence")
MOST_ITEMS = 50
LONGEST_ITEM = 6


def repeat_of(words: Words) -> Repeat | None:
    """What is made once for each item, with what says it claimed."""
    return _own(words) or _for_each(words) or _languages(words) or _list_of_things(words)


def _own(words: Words) -> Repeat | None:
    """Things that each have an item of their own: "ten postcards, each with a place name"."""
    for match in _WITH_ITS_OWN.find(words):
        j = match.j
        while j < len(words) and words.is_word(j) and j - match.j < 3 and words.at(j) not in _ANDS:
            if words.at(j) in one_of("on in as under at below for then with"):
                break
            j += 1
        name = words.source(match.j, j).lower()
        count = None
        for at in range(match.i - 1, max(match.i - 16, -1), -1):
            number = words.number(at)
            if number is not None and number >= 2 and not words.is_claimed(at):
                count = int(number)
                break
        if not name or count is None or words.at(match.i - 1) in ("of",):
            continue
        words.claim(match.i, j)
        return Repeat(
            _item(name),
            (),
            min(count, MOST_ITEMS),
            _marker(_item(name)),
            shows_name=_item(name) != name,
        )
    return None


def _item(name: str) -> str:
    """The item's name: "place" of "place name"."""
    parts = name.split()
    if len(parts) > 1 and parts[-1] in ("name", "names", "title", "names"):
        parts = parts[:-1]
    return " ".join(parts)[:40] or "item"


def _for_each(words: Words) -> Repeat | None:
    for match in _EACH.find(words):
        if words.is_claimed(match.i):
            continue
        j = match.j
        while words.at(j) in one_of("the of these my our following a"):
            j += 1
        if words.at(j) in _UNITS and words.at(j + 1) not in (":",):
            continue
        number = words.number(j)
        thing = _THINGS.match(words, j + 1 if number is not None else j) if j < len(words) else None
        colon = next((k for k in range(j, min(j + 8, len(words))) if not words.is_word(k)), None)
        colon = colon if colon is not None and words.at(colon) == ":" else None
        if colon is None and thing:
            colon = next((k for k in range(j, min(j + 14, len(words))) if words.at(k) == ":"), None)
        items, end = _items(words, j) if colon is None else ((), j)
        if len(items) >= 2:
            name = thing.value if thing else "item"
            words.claim(match.i, end)
            return Repeat(name, items, len(items), "{" + name.replace(" ", "_") + "}")
        name_end = j
        while name_end < len(words) and words.is_word(name_end) and name_end - j < 3:
            if words.at(name_end) in _ANDS | one_of("in with of on from as i we a the"):
                break
            name_end += 1
        name = thing.value if thing else words.source(j, name_end).lower()
        if colon is not None:
            items, end = _items(words, colon + 1)
            if len(items) >= 2:
                words.claim(match.i, name_end)
                words.claim(colon, end)
                return Repeat(name or "item", items, len(items), _marker(name))
        if name and len(name) <= 40 and (match.value and _is_repeat(words, match.i, match.j)):
            words.claim(match.i, name_end)
            return Repeat(name, (), int(number) if number is not None else None, _marker(name))
    return None


def _is_repeat(words: Words, i: int, j: int) -> bool:
    said = " ".join(words.word[i:j])
    return said not in (
        "each of",
        "same for",
        "the same for",
        "versions for",
        "a version for",
        "pro",
    )


def _marker(name: str) -> str:
    return "{" + (name or "item").replace(" ", "_") + "}"


def _languages(words: Words) -> Repeat | None:
    """Languages: "in English, German and French", "three languages"."""
    named: list[tuple[int, str]] = [
        (at, words.source(at, at + 1))
        for at, word in enumerate(words.word)
        if language_named(word) and words.at(at - 1) != "no"
    ]
    if len(named) >= 2 and named[1][0] - named[0][0] <= 3:
        first, last = named[0][0], named[-1][0] + 1
        if last - first <= 3 * len(named):
            if words.at(first - 1) in one_of("in auf en em into"):
                first -= 1
            words.claim(first, last)
            items = tuple(dict.fromkeys(name for _, name in named))
            return Repeat("language", items, len(items), "", same_images=True)
    for match in _THINGS.find(words):
        number = words.number(match.i - 1)
        if match.value == "language" and number is not None and number >= 2:
            first = match.i - 1
            if words.at(first - 1) in one_of("in auf en em into for"):
                first -= 1
            words.claim(first, match.j)
            return Repeat("language", (), min(int(number), MOST_ITEMS), "", same_images=True)
    return None


def _list_of_things(words: Words) -> Repeat | None:
    """A list behind its kind: "for three products: A, B, C", "for these cities: Rome, Paris"."""
    for match in _THINGS.find(words):
        if words.at(match.j) not in (":", "("):
            continue
        before = words.at(match.i - 1)
        number = words.number(match.i - 1)
        if before not in one_of("these the my our following") and number is None:
            continue
        if words.at(match.i - 2) in ("in", "at") and "same" in words.word[: match.i]:
            # "the same robot in four places: …": one film, a scene each.
            continue
        lead = [words.at(match.i - k) for k in range(2, 5)]
        if not any(word in one_of("for fur pour para per same each") for word in lead):
            continue
        items, end = _items(words, match.j + 1)
        if len(items) >= 2:
            words.claim(match.i - 1, end)
            return Repeat(match.value, items, len(items), _marker(match.value))
    return None


# "Rome, Paris and Oslo make a teaser": an order behind the list ends it.
_AFTER_ITEMS = one_of(
    "with in each then mit avec con com : make create generate produce build design write render"
    " draw do give mache mach erstelle erzeuge fais cree faites haz crea fammi faz crie i we"
)


def _items(words: Words, i: int) -> tuple[tuple[str, ...], int]:
    """The items of "Rome, Paris and Oslo" from i on, and where they end. A line is an item too."""
    items: list[str] = []
    at = first = i
    end = i
    joined = False
    while at < len(words) and len(items) < MOST_ITEMS:
        word = words.at(at)
        is_break = word in (",", ";", "\n", "|", "/") or word in _ANDS
        if is_break or (word in CLAUSE_ENDS and word != ":"):
            if at > first:
                if at - first > LONGEST_ITEM:
                    break
                items.append(words.source(first, at).strip("-*• "))
                end = at
            joined = joined or is_break
            if not is_break:
                first = at + 1
                break
            if word in _ANDS and len(items) > 1 and at > first:
                pass
            first = at + 1
        elif word in ("-", "*", "•") and at == first:
            first = at + 1
        elif word in _AFTER_ITEMS and items:
            if at > first and at - first <= LONGEST_ITEM:
                items.append(words.source(first, at))
                end = at
            first = at
            break
        elif words.is_claimed(at) and not (at > first):
            break
        at += 1
    else:
        if at > first and at - first <= LONGEST_ITEM and len(items) < MOST_ITEMS:
            items.append(words.source(first, at))
            end = at
    return (tuple(item for item in dict.fromkeys(items) if item), end) if joined else ((), i)
