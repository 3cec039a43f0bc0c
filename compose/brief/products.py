"""Words for what a brief orders: a film, an image, a song, a slideshow. Pure."""

from __future__ import annotations

from typing import Literal

from compose.language import TABLES
from core.language.phrases import Match, Phrases, Words
from core.language.tables import choice_of

_WORDS = TABLES.subject("products")


# loose: a film of one shot unless the brief says more. steps: one shot a step. speech: a recording
# of a voice. noise: a sound that is neither speech nor music.
Product = Literal[
    "film",
    "loose",
    "steps",
    "image",
    "song",
    "instrumental",
    "slideshow",
    "music",
    "speech",
    "noise",
]

PRODUCTS: Phrases[Product] = TABLES.phrases(
    "products", "products", choice_of(Product), compounds=True
)
# Words that only ask, before what is asked for.
# What a 3D model is asked for with; an image of it is drawn first.
MODELS: Phrases[bool] = TABLES.phrase_list("products", "models")
REQUESTS: Phrases[bool] = TABLES.phrase_list("products", "requests")
ARTICLES = TABLES.words("products", "articles")
# Between what is made and what it shows.
LINKS: Phrases[bool] = TABLES.phrase_list("products", "links")
# Adjectives that say nothing about what is seen.
EMPTY = TABLES.words("products", "empty")


def first_product(words: Words, i: int, j: int) -> Match[Product] | None:
    """Return the first word for what is made in [i, j), the last one of a compound: of "music
    school video" it is "video"."""
    product: Match[Product] | None = None
    for match in PRODUCTS.find(words, i, j):
        gap = words.word[product.j : match.i] if product else []
        if len(gap) > 1 or any(
            not word.isalnum() or word in _WORDS["prepositions"] for word in gap
        ):
            break
        product = match
    return product


def is_link(words: Words, at: int) -> Match[bool] | None:
    """Return the words between what is made and what it shows."""
    return LINKS.match(words, at)


def comic_style(words: Words, product: Match[Product] | None) -> str:
    """Return how the panels of a comic are drawn, "" for other images."""
    if product is None or words.at(product.j - 1) not in _WORDS["comics"]:
        return ""
    return words.source(product.i, product.j)
