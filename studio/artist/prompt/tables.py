"""The words that a prompt is read by. Data only; `brief` reads with them."""

from __future__ import annotations

import re
from collections.abc import Collection

from studio.artist import words
from studio.artist.people.appearance import GARMENT_TOPS, HAIR_COLOURS, HELD, MOODS, STYLES, TONES
from studio.artist.people.poses import ACTIONS
from studio.media.text import words_of

PRODUCT_WORDS = words_of("product products packshot advert advertisement ad commercial")
VERBS = frozenset({"cook", "watch", "boot", "drink", "phone", "train", "house", "fish", "dog"})
DETERMINERS = words_of("the a an as how over it them him her his their for to us")
SURFACES = words_of(
    """
    table tabletop desk counter countertop surface pedestal podium plinth shelf floor marble
    """
)

LIGHTS = words_of(
    """
    light lights lighting rim neon glow glowing lit backlight backlit spotlight beam
    """
)

# What people wear; its color becomes theirs.
GARMENTS = frozenset({*GARMENT_TOPS, "trousers", "pants", "hood", "umbrella"})
COUNTS = {"two": 2, "couple": 2, "three": 3, "several": 3, "group": 3, "family": 3, "crowd": 3}
PORTRAIT = re.compile(
    r"\b(portrait(?! (?:format|orientation))|close-?up|headshot|head shot|selfie)\b"
)

# Words that change how someone is drawn, and mean nothing without somebody.
ABOUT_PEOPLE: tuple[Collection[str], ...] = (
    ACTIONS,
    HELD,
    MOODS,
    STYLES,
    HAIR_COLOURS,
    TONES,
    words_of("smile beard hair headshot selfie portrait profile glasses sunglasses backpack"),
)

BACKDROPS = words_of("background backdrop wall sky skies")

# "On a plain white background" asks for a place without one; a color alone says so as well,
# where no other place is named.
SEAMLESS = re.compile(
    r"\b(?:plain|seamless|solid|uniform|single-colou?r|studio)\s+(?:[\w-]+\s+){0,3}?"
    r"(?:background|backdrop)\b|\bisolated on\b"
)

COLOURED_BACKDROP = re.compile(
    r"\b(?:light|dark|pale|bright|" + "|".join(words.COLOURS) + r")\s+(?:background|backdrop)\b"
    r"|\bisolated\b(?=\s*(?:[,.;]|$))"
)

# Words about a backdrop that would be places by themselves.
STUDIO_WORDS = words_of("plain studio product packshot advert advertisement ad commercial display")

# Birds that are a flock in the sky rather than one in the picture, and what they are called alone.
FLOCKS = {
    word: word.removesuffix("s")
    for word in words_of("gulls seagulls birds crows ravens doves swallows sparrows pigeons")
} | {"geese": "goose"}

GULLS = words_of("gulls seagulls")

# What a sea may have beside it without ceasing to be one.
SHORES = words_of(
    """
    cliff cliffs rock rocks ridge hill hills sand dune dunes path horizon grass mountain mountains
    peak peaks landscape nature outdoors outdoor road
    """
)

SEAS = words_of(
    """
    sea ocean beach shore shoreline coast coastal harbor harbour bay island lagoon waves wave pier
    tide marina lake
    """
)
