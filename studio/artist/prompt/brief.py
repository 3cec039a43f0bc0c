"""Reading a prompt: what to draw, where, when, in which light and style, and what stays undrawn."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from studio.artist import art_vocabulary
from studio.artist.art_vocabulary import NOUNS
from studio.artist.drawing.camera import Move, read_move
from studio.artist.prompt.lookup import is_known, look_up, singular, subject, tokens
from studio.artist.prompt.planner_words import without_planner_words
from studio.artist.prompt.tables import (
    ABOUT_PEOPLE,
    BACKDROPS,
    COLOURED_BACKDROP,
    COUNTS,
    DETERMINERS,
    FLOCKS,
    GARMENT_TOPS,
    GARMENTS,
    GULLS,
    HELD,
    LIGHTS,
    PORTRAIT,
    PRODUCT_WORDS,
    SEAMLESS,
    SEAS,
    SHORES,
    STUDIO_WORDS,
    SURFACES,
    VERBS,
)
from studio.artist.prompt.translation import Translation, translated
from studio.media.numbers import Colour

MAX_SUBJECTS = 3
# How far before a noun its adjectives may stand: "a glossy black leather sofa".
REACH = 3


# Words that one warning names.
MOST_NAMED = 6


@dataclass(frozen=True, slots=True)
class Role:
    """A subject as the prompt describes it."""

    name: str
    colour: Colour | None = None
    finish: str | None = None
    # What the prompt calls it: "a girl" is a person, and looks like a girl.
    word: str = ""
    # The other words about it, and what it wears in which colour.
    traits: frozenset[str] = frozenset()
    wear: tuple[tuple[str, Colour | None], ...] = ()


@dataclass(frozen=True, slots=True)
class Brief:
    """A prompt, read. drawn: every word that is in the picture; unknown: those that are not."""

    prompt: str
    seed: int
    setting: str
    ground: str
    hour: str
    weather: frozenset[str]
    roles: tuple[Role, ...]
    style: str
    grade: str
    move: Move | None
    accent: Colour | None
    tint: Colour | None
    surface: Role
    drawn: frozenset[str]
    removed: frozenset[str]
    unknown: tuple[str, ...]
    # "portrait" shows people from the chest up; empty shows all of them.
    framing: str = ""
    # Small birds in the sky: "gulls", "birds" or empty.
    flock: str = ""

    @property
    def warning(self) -> str:
        """A sentence that names what is left out; "" where everything is drawn."""
        words = ", ".join(named(self.unknown))
        return f"The draft studio can't draw: {words}." if words else ""


def named(words: Iterable[str]) -> tuple[str, ...]:
    """As many words as one warning names; the last says how many more there are."""
    all_words = tuple(words)
    more = len(all_words) - MOST_NAMED
    if more <= 0:
        return all_words
    return *all_words[: MOST_NAMED - 1], f"{all_words[MOST_NAMED - 1]} and {more} more"


def read(prompt: str, *, seed: int = 0, negative: str = "") -> Brief:
    """Read a prompt. Never fails: without a known word the setting is "abstract"."""
    english = translated(prompt)
    text = english.text
    removed = _negated(text) | frozenset(tokens(translated(negative).text))
    left_out = _singulars(removed)
    spoken = [word for word in tokens(text) if singular(word) not in left_out]
    roles = _roles(spoken) or _camera_itself(text) or _unnamed_product(spoken)
    flock = _flock(spoken, roles)
    if flock:
        roles = tuple(role for role in roles if role.name != "bird" or role.word in spoken)
    weather = frozenset(_meanings(spoken, art_vocabulary.WEATHERS))
    style = _most_frequent(spoken, art_vocabulary.STYLES) or "picture"
    setting = _setting(spoken, roles, style)
    if style != "sketch" and _is_seamless(text, spoken):
        setting = "backdrop"
    tint, accent, surface = _colours(spoken)
    own = without_planner_words(prompt)
    unknown = (
        _left_out(english, spoken, roles) if own == prompt else read(own, negative=negative).unknown
    )
    hour = _most_frequent(spoken, art_vocabulary.HOURS)
    if hour == "day" and "night" in _meanings(spoken, art_vocabulary.HOURS):
        hour = "night"
    grounds = _most_frequent(spoken, art_vocabulary.GROUNDS)
    return Brief(
        prompt=prompt,
        seed=seed,
        setting=setting,
        ground=grounds or "",
        hour=hour or "",
        weather=weather,
        roles=roles,
        style=style,
        grade=_most_frequent(spoken, art_vocabulary.GRADES) or "",
        move=read_move(text),
        accent=accent,
        tint=tint,
        surface=surface,
        drawn=frozenset(spoken),
        removed=removed,
        unknown=unknown,
        framing="portrait" if PORTRAIT.search(text.lower()) else "",
        flock=flock,
    )


def _left_out(english: Translation, spoken: list[str], roles: Iterable[Role]) -> tuple[str, ...]:
    """Return the words that are not drawn, as the person wrote them."""
    unknown = _unknown(spoken, any(role.name == "person" for role in roles))
    return tuple(dict.fromkeys((*english.undrawn, *map(english.as_written, unknown))))


def _split_unknown_compounds(spoken: Iterable[str]) -> list[str]:
    """`close-up` stays if the tables know it; `rain-soaked` becomes two words."""
    out: list[str] = []
    for token in spoken:
        if "-" in token and not is_known(token):
            out.extend(token.split("-"))
        else:
            out.append(re.sub(r"['’]s$", "", token))
    return out


def _negated(prompt: str) -> frozenset[str]:
    """Words after "no" or "without": they are not to be drawn either."""
    found = re.findall(r"\b(?:no|without(?: any)?)\s+([^\W_]+)", prompt.lower())
    return frozenset(found)


def _singulars(spoken: Collection[str]) -> frozenset[str]:
    return frozenset(map(singular, spoken))


def _meanings(spoken: Iterable[str], table: dict[str, str]) -> list[str]:
    return [meaning for word in spoken if (meaning := look_up(word, table))]


def _most_frequent(spoken: Iterable[str], table: dict[str, str]) -> str | None:
    """The meaning named most often; the one named first wins a tie."""
    counted = Counter(_meanings(spoken, table))
    return counted.most_common(1)[0][0] if counted else None


def _roles(spoken: list[str]) -> tuple[Role, ...]:
    found: list[tuple[int, Role]] = []
    for position, word in enumerate(spoken):
        name = None if _is_verb(spoken, position) else subject(word)
        known = {(role.name, role.word if name == "person" else "") for _, role in found}
        one = singular(word)
        if name is None or (name, one if name == "person" else "") in known:
            continue
        # "A man with a guitar" holds it.
        if name in HELD and found and found[-1][1].name == "person":
            continue
        if name == "person" and _same_person(spoken, found, position):
            continue
        colour, finish = _adjectives(spoken, position)
        found.append((position, Role(name, colour, finish, one)))
    roles: list[Role] = []
    for index, (position, role) in enumerate(found):
        if role.name != "person":
            roles.append(_dressed(role, spoken))
            continue
        first = 0 if index == 0 else max(found[index - 1][0] + 1, position - REACH)
        last = found[index + 1][0] if index + 1 < len(found) else len(spoken)
        described = _described(role, spoken[first:last])
        roles.extend([described] * _count(spoken, position))
    # Scenery named first ("a mountain lake with a boat") is no reason to hide the figure behind it.
    figures = [role for role in roles if not NOUNS[role.name].scenery]
    return tuple((figures + [role for role in roles if role not in figures])[:MAX_SUBJECTS])


def _same_person(spoken: list[str], found: list[tuple[int, Role]], position: int) -> bool:
    """ "A woman dancer" and "an old fisherman, a man of few words" are one each."""
    if not found or found[-1][1].name != "person":
        return False
    between = spoken[found[-1][0] + 1 : position]
    return not between or "of" in between


def _count(spoken: list[str], position: int) -> int:
    """ "Two friends" are two."""
    near = [spoken[position], *spoken[max(0, position - REACH) : position]]
    return max((COUNTS[word] for word in near if word in COUNTS), default=1)


def _described(role: Role, about: list[str]) -> Role:
    """Someone with all that is said of them; a girl in a red coat wears red."""
    wear: dict[str, Colour | None] = {}
    for position, word in enumerate(about):
        if word in GARMENTS:
            wear[word] = _adjectives(about, position)[0]
    colour = next(
        (colour for garment, colour in wear.items() if colour and GARMENT_TOPS.get(garment)),
        role.colour,
    )
    return replace(role, colour=colour, traits=frozenset(about), wear=tuple(wear.items()))


def _dressed(role: Role, spoken: list[str]) -> Role:
    """An astronaut in a white suit wears white."""
    if role.name != "astronaut" or role.colour is not None:
        return role
    for position, word in enumerate(spoken):
        if word in GARMENTS and (colour := _adjectives(spoken, position)[0]):
            return replace(role, colour=colour)
    return role


def _is_verb(spoken: list[str], position: int) -> bool:
    """ "Watch the sunset" asks for no watch."""
    following = spoken[position + 1] if position + 1 < len(spoken) else ""
    return spoken[position] in VERBS and following in DETERMINERS


def _camera_itself(prompt: str) -> tuple[Role, ...]:
    """ "A vintage camera" is a thing; "the camera", or one that moves, is the one filming."""
    named = re.search(r"\b(?:an?|vintage|retro|old)\s+(?:\w+\s+){0,2}camera\b", prompt.lower())
    return (Role("photo_camera", word="camera"),) if named and not read_move(prompt) else ()


def _unnamed_product(spoken: list[str]) -> tuple[Role, ...]:
    """ "A product shot" of nothing in particular still needs something on the table."""
    if any(word in PRODUCT_WORDS for word in spoken):
        return (Role("bottle"),)
    return ()


def _adjectives(spoken: list[str], position: int) -> tuple[Colour | None, str | None]:
    """Color and finish in the few words before a noun, up to the noun before it."""
    colour: Colour | None = None
    finish: str | None = None
    for word in reversed(spoken[max(0, position - REACH) : position]):
        if subject(word) or word in SURFACES or word in ("with", "on", "in", "and", "of"):
            break
        colour = colour or art_vocabulary.COLOURS.get(word)
        finish = finish or art_vocabulary.FINISHES.get(word)
    return colour, finish


def _colours(spoken: list[str]) -> tuple[Colour | None, Colour | None, Role]:
    """Colors that belong to no subject: (of the whole picture, of the light, the surface)."""
    tint: Colour | None = None
    accent: Colour | None = None
    surface = Role("surface")
    for position, word in enumerate(spoken):
        if word in SURFACES and surface.colour is None:
            colour, finish = _adjectives(spoken, position)
            surface = Role(
                "surface", colour or art_vocabulary.COLOURS.get(word), finish or surface.finish
            )
        colour = art_vocabulary.COLOURS.get(word)
        if colour is None or word in art_vocabulary.ALSO_HOURS:
            continue
        ahead = spoken[position + 1 : position + 1 + REACH]
        things = SURFACES | LIGHTS | BACKDROPS | GARMENTS
        noun = next((w for w in ahead if w in things or subject(w)), None)
        if noun in LIGHTS:
            accent = accent or colour
        elif noun in BACKDROPS or noun is None:
            tint = tint or colour
    return tint, accent, surface


def _flock(spoken: list[str], roles: tuple[Role, ...]) -> str:
    """Gulls are always a flock; other birds beside someone, or when a flock or sky is named."""
    several = [word for word in spoken if word in FLOCKS]
    if not several:
        return ""
    if any(word in GULLS for word in several):
        return "gulls"
    others = [role for role in roles if role.name != "bird"]
    return "birds" if others or {"flock", "sky", "skies"} & set(spoken) else ""


def _is_seamless(prompt: str, spoken: list[str]) -> bool:
    """Whether the picture has a backdrop instead of a place."""
    lowered = prompt.lower()
    if any(word in SURFACES for word in spoken):
        return False
    if SEAMLESS.search(lowered):
        return True
    elsewhere = [word for word in spoken if word not in STUDIO_WORDS and not subject(word)]
    return bool(COLOURED_BACKDROP.search(lowered)) and not _meanings(
        elsewhere, art_vocabulary.PLACES
    )


def _setting(spoken: list[str], roles: tuple[Role, ...], style: str) -> str:
    place = _most_frequent(spoken, art_vocabulary.PLACES)
    seafaring = bool(roles) and NOUNS[roles[0].name].home == "sea"
    if place == "land" and (seafaring or any(word in SEAS for word in spoken)):
        # "A cliff above the sea" has both, and the sea is what one sees of it.
        lands = {word for word in spoken if look_up(word, art_vocabulary.PLACES) == "land"}
        place = "sea" if lands <= SHORES else place
    if style == "sketch":
        return "paper"
    if any(look_up(word, art_vocabulary.PLACES) == "street" for word in spoken):
        # A street among skyscrapers or neon signs is a city's; under snow or by fields a town's.
        towers = [word for word in spoken if look_up(word, art_vocabulary.PLACES) == "city"]
        modern = towers or "neon" in _meanings(spoken, art_vocabulary.HOURS)
        place = "city" if modern else "street" if place in ("street", "land") else place
    if place == "room" and roles and NOUNS[roles[0].name].stands == "table":
        return "tabletop"
    if place:
        return place
    if any(look_up(word, art_vocabulary.GROUNDS) for word in spoken):
        return "land"
    if roles:
        homes = [NOUNS[role.name].home for role in roles]
        # A cat is at home anywhere, the boat beside it only on water.
        return next((home for home in homes if home != "land"), homes[0])
    hours = _meanings(spoken, art_vocabulary.HOURS)
    if "neon" in hours:
        return "city"
    if hours or _meanings(spoken, art_vocabulary.WEATHERS):
        return "land"
    return "abstract"


def _unknown(spoken: list[str], peopled: bool) -> tuple[str, ...]:
    """Nouns, as far as one can tell without a grammar, that nothing in the studio draws."""
    nouns: dict[str, None] = {}
    for word in _split_unknown_compounds(spoken):
        plain = (
            word.endswith(art_vocabulary.PLAIN_ENDINGS)
            or len(word) < 3
            or any(c.isdigit() for c in word)
        )
        about_people = peopled and any(word in table for table in ABOUT_PEOPLE)
        if not plain and not about_people and not is_known(word):
            nouns[word] = None
    return tuple(nouns)
