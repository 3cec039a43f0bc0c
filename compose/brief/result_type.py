"""The kind of result: a film, images, music, a voice, or work on a person's files. Pure."""

from __future__ import annotations

from compose.brief.brief import Edit, GivenMedia, Kind
from compose.brief.given_media import Mention
from compose.brief.products import (
    ARTICLES,
    EMPTY,
    PRODUCTS,
    REQUESTS,
    Product,
    first_product,
    is_link,
)
from compose.brief.scene_lists import titles_in
from compose.language import TABLES
from core.language.clauses import CLAUSE_ENDS
from core.language.phrases import Match, Phrases, Words

_WORDS = TABLES.subject("products")
_SELLING: Phrases[bool] = TABLES.phrase_list("products", "selling")
_STILL: Phrases[bool] = TABLES.phrase_list("products", "still")
_SHEETS: Phrases[bool] = TABLES.phrase_list("products", "sheets")
_COVERS: Phrases[bool] = TABLES.phrase_list("products", "covers")
_NO_IMAGES: Phrases[bool] = TABLES.phrase_list("products", "no_images")
_FILMS = ("film", "steps", "loose")
# "With a soft melody" is the sound of something else.
_HEADS = ("image", "instrumental")
_HEARD_ALONE = ("speech", "noise")


def ordered_product(words: Words, mentions: tuple[Mention, ...]) -> Match[Product] | None:
    """Return the first word for what is made. mentions: of the person's files, which are none."""
    inside = {at for mention in mentions for at in range(mention.i, mention.j)}
    for match in PRODUCTS.find(words):
        heads = match.value not in _HEADS or _heads(words, match.i)
        if match.value in _HEARD_ALONE:
            heads = _is_heard_alone(words, match)
        if heads and match.i not in inside and words.at(match.i - 1) not in _WORDS["owners"]:
            return first_product(words, match.i, min(len(words), match.i + 6)) or match
    return None


def _heads(words: Words, at: int) -> bool:
    """Return whether only an order and adjectives stand before this word in its clause, or in all
    of the text."""
    begin = next((k + 1 for k in range(at - 1, -1, -1) if words.at(k) in CLAUSE_ENDS), 0)
    if REQUESTS.match(words, begin) is None:
        begin = 0
    if sum(not words.is_claimed(k) for k in range(begin, min(at, begin + 40))) > 8:
        return False
    return not any(
        not (words.is_claimed(k) or words.is_claimed(k - 1))
        # "four versions of a poster" orders posters.
        and words.at(k - 1) not in _WORDS["versions"]
        and words.at(k) in _WORDS["head_ends"]
        for k in range(begin, at)
    )


def _is_heard_alone(words: Words, match: Match[Product]) -> bool:
    """Return whether a recording or a noise is ordered: in "a man listening to a podcast" and "a
    podcast studio" it is not."""
    requests = list(REQUESTS.find(words, 0, match.i))
    begin = max((one.j for one in requests), default=0)
    before = [
        word
        for at, word in enumerate(words.word[begin : match.i], begin)
        if words.is_word(at) and not words.is_claimed(at) and word not in ARTICLES | EMPTY
    ]
    if len(before) > 1 or match.value == "noise":
        return len(before) <= 1
    behind = match.j
    is_told = is_link(words, behind) is not None or words.at(behind) in _WORDS["recording_links"]
    return is_told or words.is_claimed(behind) or not words.is_word(behind)


def claim_slideshow(words: Words) -> bool:
    """Return whether it is to be a slideshow; "then a slideshow" behind the order is claimed."""
    slideshows = [match for match in PRODUCTS.find(words) if match.value == "slideshow"]
    for match in slideshows:
        i = words.back(match.i, _WORDS["slideshow_leads"])
        if i > 0:
            words.claim(i, match.j)
    return bool(slideshows)


def claim_cover(words: Words) -> bool:
    """Return whether a song is to have an image; "with a cover image" is claimed."""
    return _claim_all(words, _COVERS, "cover_leads")


def _claim_all(words: Words, phrases: Phrases[bool], leads: str) -> bool:
    matches = list(phrases.find(words))
    for match in matches:
        words.claim(words.back(match.i, _WORDS[leads]), match.j)
    return bool(matches)


def kind_of(
    words: Words,
    product: Product | None,
    media: tuple[GivenMedia, ...],
    edits: tuple[Edit, ...],
    *,
    tells_scenes: bool,
    has_length: bool,
    counts_panels: bool = False,
    changes_file: bool = False,
) -> Kind:
    """Return what the brief asks for. product: of `ordered_product`. tells_scenes: it tells or
    counts shots. counts_panels: it counts what is printed, such as the panels of a comic.
    changes_file: it says how the person's file is to be."""
    kinds = {one.kind for one in media if one.name != "logo"}
    photos = sum(one.count for one in media if one.kind == "image" and one.name != "logo")
    if "video" in kinds and not tells_scenes:
        return "clip_edit"
    if product in ("song", "instrumental", "music"):
        return "song"
    if not media and (product == "noise" or not tells_scenes) and _is_audio(words, product):
        return "audio"
    if claim_slideshow(words):
        return "slideshow"
    orders = {edit.type for edit in edits}
    if "join" in orders and photos > 1:
        # Clips are joined above: several photos become one picture.
        return "photo_edit"
    # "An oil painting of my photo and then a 3D model" are steps, and no scenes.
    is_chain = len(orders) > 1 and orders <= _WORDS["on_photos"]
    is_of_photo = "image" in kinds and photos <= 1 and (is_chain or not tells_scenes)
    if is_of_photo and orders and orders <= _WORDS["on_photos"]:
        makes_film = product in _FILMS and orders <= {"style", "animate"}
        if orders != {"animate"} and not makes_film:
            return "photo_edit"
    if is_of_photo and changes_file and not orders and not has_length and product not in _FILMS:
        return "photo_edit"
    if "audio" in kinds:
        # Pictures with a recording over them are joined.
        return "film"
    if _claim_all(words, _STILL, "still_leads"):
        return "image"
    if not has_length and not _says_film(words) and _claim_all(words, _SHEETS, "still_leads"):
        return "image"
    if counts_panels and not has_length and product in (None, "film", "image"):
        return "image"
    if product == "image" and not has_length and not _says_film(words):
        return "image"
    return "film"


def _is_audio(words: Words, product: Product | None) -> bool:
    """Return whether only a sound is made; "audio only" is claimed."""
    if _claim_all(words, _NO_IMAGES, "still_leads"):
        return product != "image"
    # "A podcast intro, title on black" is seen too.
    is_speech = product == "speech" and not titles_in(words, 0, len(words))
    return is_speech or (product == "noise" and not _says_film(words))


def is_still(words: Words, product: Match[Product] | None) -> bool:
    """Return whether an image is ordered, and nothing that moves."""
    return product is not None and product.value == "image" and not _says_film(words)


def _says_film(words: Words) -> bool:
    """Return whether a film is named that no image is of: a "movie poster" names none."""
    products = list(PRODUCTS.find(words))
    images = [match for match in products if match.value == "image"]
    return any(
        match.value in _FILMS
        and words.at(match.i) != "shot"
        and not any(_is_of(words, image, match) for image in images)
        for match in products
    )


def _is_of(words: Words, image: Match[Product], film: Match[Product]) -> bool:
    """Return whether an image is of a film: "movie poster", "a poster for the film"."""
    between = words.word[image.j : film.i]
    links = ARTICLES | _WORDS["links_of_image"]
    return film.j == image.i or (bool(between) and all(word in links for word in between))


def sells(words: Words) -> bool:
    """Return whether it is to be an advertisement."""
    return any(_SELLING.find(words))
