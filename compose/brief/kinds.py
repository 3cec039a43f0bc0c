"""Whether a brief asks for a film, images, a song, a slideshow or work on given files. Pure."""

from __future__ import annotations

import re

from compose.brief.brief import Edit, GivenMedia, Kind
from compose.brief.clean import folded, one_of
from compose.brief.given_media import Mention
from compose.brief.products import PRODUCTS, Product, first_product
from compose.brief.words import Match, Phrases, Words

_ORDERS_FILM = one_of("film steps loose")
_SELLING = re.compile(
    r"\b(?:ads?|advert\w*|commercials?|teasers?|promos?|promotional|(?:product|brand|launch)"
    r" (?:video|film)s?|sizzle|spots?|werbe\w*|werbung|produktvideos?|imagefilme?|publicites?|pubs?"
    r"|anuncios?|comercial|publicidad|pubblicita|propaganda)\b"
)
_ON_PHOTOS = one_of("restore style edit upscale remove_background animate")


def ordered_product(words: Words, mentions: tuple[Mention, ...]) -> Match[Product] | None:
    """The first word for what is made. mentions: of the person's own files, which are none."""
    inside = {at for mention in mentions for at in range(mention.i, mention.j)}
    for match in PRODUCTS.find(words):
        if match.i in inside or (match.value == "image" and not _heads(words, match.i)):
            continue
        if words.at(match.i - 1) in one_of("my our mein meine mon ma mi meu minha this these"):
            continue
        if match.value == "instrumental" and not _heads(words, match.i):
            # "with a soft melody" is the sound of something else.
            continue
        return first_product(words, match.i, min(len(words), match.i + 6)) or match
    return None


def _heads(words: Words, at: int) -> bool:
    """Whether only an order and adjectives stand before this word."""
    if sum(1 for k in range(min(at, 40)) if not words.is_claimed(k)) > 8:
        return False
    return not any(
        not (words.is_claimed(k) or words.is_claimed(k - 1))
        # "four versions of a poster" orders posters.
        and words.at(k - 1) not in one_of("versions variations options variants designs ideas")
        and words.at(k) in one_of("with and mit avec con com for , . of")
        for k in range(at)
    )


def claim_slideshow(words: Words) -> bool:
    """Whether the result is a slideshow; "then a slideshow" behind the order is claimed."""
    found = False
    for match in list(PRODUCTS.find(words)):
        if match.value != "slideshow":
            continue
        found = True
        i = match.i
        while words.at(i - 1) in one_of(
            "then a an and as into in dann eine als und , puis un una the for to make"
        ):
            i -= 1
        if i > 0 and words.at(i - 1):
            words.claim(i, match.j)
    return found


_STILL: Phrases[bool] = Phrases(
    en={
        True: "no motion, no movement, without motion, no animation, without animation, not"
        " animated, stills only, only stills, still images only, just stills, just images,"
        " images only, only images, no video, not a video, just the images, don't animate,"
        " no moving images, static images"
    },
    de={True: "ohne bewegung, keine bewegung, nur bilder, nur standbilder, ohne animation"},
    fr={True: "sans mouvement, sans animation, images fixes, seulement des images"},
    es={True: "sin movimiento, sin animacion, solo imagenes"},
    it={True: "senza movimento, senza animazione, solo immagini"},
    pt={True: "sem movimento, sem animacao, apenas imagens"},
)


def claim_stillness(words: Words) -> bool:
    """Whether the brief wants images that do not move; "no motion" is claimed."""
    found = False
    for match in list(_STILL.find(words)):
        i = match.i
        while words.at(i - 1) in one_of("with as please , and but"):
            i -= 1
        words.claim(i, match.j)
        found = True
    return found


_COVERS: Phrases[bool] = Phrases(
    en={
        True: "cover image, cover, cover art, album cover, cover picture, album art, single"
        " cover, artwork, cover photo"
    },
    de={True: "cover, coverbild, titelbild, plattencover"},
    fr={True: "pochette, image de couverture, couverture"},
    es={True: "portada, imagen de portada, caratula"},
    it={True: "copertina, immagine di copertina"},
    pt={True: "capa, imagem de capa"},
)
_COVER_LEADS = one_of(
    "with and a an the plus including its square matching mit einem und avec une et con una com uma"
)


def claim_cover(words: Words) -> bool:
    """Whether a song is to have an image; "with a cover image" is claimed."""
    found = False
    for match in list(_COVERS.find(words)):
        i = match.i
        while words.at(i - 1) in _COVER_LEADS:
            i -= 1
        words.claim(i, match.j)
        found = True
    return found


def kind_of(
    words: Words,
    product: Product | None,
    media: tuple[GivenMedia, ...],
    edits: tuple[Edit, ...],
    *,
    tells_scenes: bool,
    has_length: bool,
    counts_panels: bool = False,
) -> Kind:
    """product: of `ordered_product`. tells_scenes: the brief tells or counts shots. counts_panels:
    it counts what is printed, such as the panels of a comic."""
    kinds = {one.kind for one in media if one.name != "logo"}
    photos = sum(one.count for one in media if one.kind == "image" and one.name != "logo")
    if "video" in kinds and not tells_scenes:
        return "clip_edit"
    if product in ("song", "instrumental", "music"):
        return "song"
    if claim_slideshow(words):
        return "slideshow"
    done = {edit.type for edit in edits}
    if "image" in kinds and done and done <= _ON_PHOTOS and not tells_scenes and photos <= 1:
        makes_film = product in _ORDERS_FILM and not done - {"style", "animate"}
        if done != {"animate"} and not makes_film and product != "slideshow":
            return "photo_edit"
    if "audio" in kinds:
        # Pictures with a recording over them are joined.
        return "film"
    if claim_stillness(words):
        return "image"
    if counts_panels and not has_length and product in (None, "film", "image"):
        return "image"
    if product == "image" and not has_length and not _says_film(words):
        return "image"
    return "film"


def _says_film(words: Words) -> bool:
    return any(
        match.value in _ORDERS_FILM for match in PRODUCTS.find(words) if words.at(match.i) != "shot"
    )


def sells(words: Words) -> bool:
    """Whether it is to be an advertisement."""
    return _SELLING.search(folded(words.text)) is not None
