"""The words and phrases that only `brief` reads a prompt by."""

from __future__ import annotations

import re
from collections.abc import Collection

from studio.artist.art_vocabulary import COLOURS, table, words

VERBS, DETERMINERS, PRODUCT_WORDS = map(words, ("verbs", "determiners", "product_words"))
SURFACES, LIGHTS, BACKDROPS = map(words, ("surfaces", "lights", "backdrops"))
STUDIO_WORDS, SEAS, SHORES = map(words, ("studio_words", "seas", "shores"))
FLOCKS, GULLS = words("flocks"), words("gulls")
GARMENT_TOPS, HELD = table("garments"), table("held")
# What people wear; its color becomes theirs.
GARMENTS = words("also_worn") | GARMENT_TOPS.keys()
COUNTS = {word: int(count) for word, count in table("counts").items()}

# Words that change how someone is drawn, and mean nothing without somebody.
ABOUT_PEOPLE: tuple[Collection[str], ...] = (
    *map(table, ("actions", "held", "moods", "hair_styles", "hair_colours", "tones")),
    words("about_people"),
)

PORTRAIT = re.compile(
    r"\b(portrait(?! (?:format|orientation))|close-?up|headshot|head shot|selfie)\b"
)

# "On a plain white background" asks for a place without one; a color alone says so as well,
# where no other place is named.
SEAMLESS = re.compile(
    r"\b(?:plain|seamless|solid|uniform|single-colou?r|studio)\s+(?:[\w-]+\s+){0,3}?"
    r"(?:background|backdrop)\b|\bisolated on\b"
)
COLOURED_BACKDROP = re.compile(
    r"\b(?:light|dark|pale|bright|" + "|".join(COLOURS) + r")\s+(?:background|backdrop)\b"
    r"|\bisolated\b(?=\s*(?:[,.;]|$))"
)
