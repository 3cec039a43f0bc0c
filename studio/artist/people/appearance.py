"""Who someone is: from the words about them, else at random."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from studio.artist.art_vocabulary import table
from studio.artist.people.outfits import (
    HAIRS,
    OUTFITS,
    PLAIN_ACCENT,
    PLAIN_EYES,
    PLAIN_HAIR,
    PLAIN_MAIN,
    PLAIN_SECOND,
    PLAIN_SHOES,
    PLAIN_SKIN,
    SKINS,
    TRADES,
)
from studio.media.raster import Colour, hex_colour
from studio.media.text import words_of

if TYPE_CHECKING:
    from studio.artist.drawing.pen import Pen


WOMEN = words_of(
    """
    woman women girl girls lady queen princess singer ballerina grandmother grandma mother
    mom bride witch nurse actress waitress she her heroine businesswoman sister daughter
    wife girlfriend model granny fairy goddess sorceress
    """
)
MEN = words_of(
    """
    man men boy boys guy king prince grandfather grandpa father dad monk knight pirate
    fisherman cowboy samurai he his him businessman wizard farmer brother son husband sailor
    boyfriend gentleman groom firefighter fireman lumberjack viking
    """
)
CHILDREN = words_of(
    """
    child children kid kids girl boy girls boys toddler son daughter
    """
)
OLD = words_of(
    """
    old elderly aged grandfather grandpa grandmother grandma granny senior wizard elder
    """
)


@dataclass(frozen=True, slots=True)
class Look:
    """Someone's appearance. top, bottom, shoes: what they wear; see `OUTFITS` for the others."""

    woman: bool = False
    child: bool = False
    old: bool = False
    skin: Colour = PLAIN_SKIN
    hair: Colour = PLAIN_HAIR
    eyes: Colour = PLAIN_EYES
    style: str = "short"
    beard: str = ""
    mood: str = "calm"
    view: str = ""
    top: str = "jacket"
    main: Colour = PLAIN_MAIN
    second: Colour = PLAIN_SECOND
    accent: Colour = PLAIN_ACCENT
    shoes: Colour = PLAIN_SHOES
    bottom: str = "trousers"
    hat: str = ""
    extras: frozenset[str] = field(default_factory=frozenset)
    props: tuple[str, ...] = ()


STYLES, HAIR_COLOURS, MOODS = map(table, ("hair_styles", "hair_colours", "moods"))
TONES = {word: int(tone) for word, tone in table("tones").items()}
VIEWS = {"behind": "back", "profile": "profile", "sideways": "profile"}
GARMENT_TOPS, HELD = table("garments"), table("held")
# What someone has in their hands who does this.
HANDY = {
    "reading": "book", "reads": "book", "singing": "mic", "sings": "mic", "skating": "board",
    "skateboarding": "board", "strumming": "guitar", "painting": "brush",
}  # fmt: skip
PLAIN_MAINS = ("b5543c", "3d6fa8", "4b7f5a", "8a4a6b", "c79a3a", "4a5d7e", "a8473f", "2f7f86")
PLAIN_SECONDS = ("2b3142", "3f4a5e", "4a3a32", "5a5f6a", "33415e")
EYES = ("4a2f1c", "3c6a8f", "4f7d4a", "5a4a3a")


def look_of(pen: Pen) -> Look:
    """pen.word: the noun; pen.traits: the words about them; pen.wear: garments and colours."""
    rng, traits = pen.rng, pen.traits
    words = traits | {pen.word}
    rolls = rng.random(8)
    trade = TRADES.get(pen.word) or next(
        (TRADES[word] for word in sorted(traits) if word in TRADES), ""
    )
    row = OUTFITS.get(trade, {})
    woman = bool(words & WOMEN) or bool(row.get("woman"))
    if not words & (WOMEN | MEN) and "woman" not in row:
        woman = trade in ("queen", "princess", "witch", "nurse", "bride", "singer") or (
            rolls[0] < 0.5 and trade not in ("king", "wizard", "santa", "viking")
        )
    if words & MEN and not words & WOMEN:
        woman = False
    child = bool(words & CHILDREN) and pen.framing != "portrait"
    old = bool(words & OLD) or bool(row.get("old"))
    look = Look(
        woman=woman,
        child=child,
        old=old,
        skin=hex_colour(SKINS[int(rolls[1] * len(SKINS))]),
        hair=hex_colour("d4d5d8" if old else HAIRS[int(rolls[2] * len(HAIRS))]),
        eyes=hex_colour(EYES[int(rolls[3] * len(EYES))]),
        style=_style(woman, old, float(rolls[4])),
        beard="full" if not woman and not words & CHILDREN and (old or rolls[5] < 0.25) else "",
        main=hex_colour(PLAIN_MAINS[int(rolls[6] * len(PLAIN_MAINS))]),
        second=hex_colour(PLAIN_SECONDS[int(rolls[7] * len(PLAIN_SECONDS))]),
        top="gown" if woman and rolls[7] < 0.4 else "jacket",
        extras=frozenset({"glasses"}) if old and rolls[5] < 0.5 else frozenset(),
        props=("cane",) if old and not row and not words & {"portrait"} else (),
        mood="smile" if rolls[5] < 0.6 else "calm",
    )
    look = _as_trade(look, row)
    return _as_words_say(look, pen, words)


def _style(woman: bool, old: bool, roll: float) -> str:
    if woman and old:
        return "bun"
    if woman:
        return ("long", "bob", "ponytail", "curly", "long")[int(roll * 5)]
    return "bald" if old and roll < 0.4 else ("short", "short", "curly", "quiff")[int(roll * 4)]


def _as_trade(look: Look, row: Mapping[str, object]) -> Look:
    changes: dict[str, object] = {}
    for name, value in row.items():
        if name in ("main", "second", "accent", "shoes", "hair"):
            changes[name] = hex_colour(str(value))
        elif name == "extras":
            changes[name] = look.extras | frozenset(value)  # type: ignore[call-overload]
        elif (name == "beard" and look.woman) or (
            name == "style" and not look.woman and value in ("bun", "long") and "beard" not in row
        ):
            continue
        elif name != "woman":
            changes[name] = value
    if row and "beard" not in row and not look.old:
        changes["beard"] = ""
    if row.get("second") is None and row.get("top") in ("suit", "armour"):
        changes["second"] = changes["main"]
    return replace(look, **changes)  # type: ignore[arg-type]


def _as_words_say(look: Look, pen: Pen, words: frozenset[str]) -> Look:
    changes: dict[str, object] = {}
    for word in sorted(words):
        if word in STYLES:
            changes["style"] = STYLES[word]
        if word in HAIR_COLOURS:
            changes["hair"] = hex_colour(HAIR_COLOURS[word])
        if word in TONES:
            changes["skin"] = hex_colour(SKINS[TONES[word]])
        if word in MOODS:
            changes["mood"] = MOODS[word]
        if word in VIEWS:
            changes["view"] = VIEWS[word]
    if words & {"beard", "bearded"} and not look.woman:
        changes["beard"] = "full"
    if words & {"hood", "hooded"}:
        changes["hat"] = "hood"
    extras = set(look.extras)
    extras |= words & {"glasses", "sunglasses", "backpack", "cape", "scarf", "headphones"}
    for garment, colour in pen.wear.items():
        top = GARMENT_TOPS.get(garment, "")
        if top and look.top not in ("armour", "chef"):
            changes["top"] = top
        if garment in ("scarf", "cape"):
            extras.add(garment)
            if colour:
                changes["accent"] = colour
        elif garment == "hat":
            changes["hat"] = look.hat or "fedora"
        elif garment in ("jeans", "skirt", "trousers", "pants"):
            changes["bottom"] = "skirt" if garment == "skirt" else "trousers"
            changes["second"] = colour or hex_colour("39506e")
        elif colour:
            changes["main"] = colour
        if garment == "suit" and look.top == "suit":
            changes["top"] = "suit"
    if pen.colour and not any(pen.wear.values()):
        changes["main"] = pen.colour
    props = tuple(HELD[word] for word in sorted(words) if word in HELD)
    doing = tuple(HANDY[word] for word in sorted(words) if word in HANDY)
    changes["props"] = tuple(dict.fromkeys((*props, *doing, *look.props)))[:2]
    changes["extras"] = frozenset(extras)
    return replace(look, **changes)  # type: ignore[arg-type]
