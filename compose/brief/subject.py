"""The subject of a brief, its title, and what is ordered. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from compose.brief.counts import Count
from compose.brief.framing import is_printed
from compose.brief.products import ARTICLES, EMPTY, REQUESTS, first_product, is_link
from compose.brief.scene_lists import Telling, titles_in
from compose.brief.scene_text import (
    clause_text,
    shortened,
    shows_anything,
    tidied,
    without_article,
    without_request,
)
from compose.language import TABLES
from core.language.clauses import clauses
from core.language.cleaning import fold, one_of
from core.language.phrases import Words
from core.language.sentences import capital

# Used as the subject where the brief names none.
HOLDER = "{subject}"
LONGEST_TOPIC = 60
# "A teaser for a shop" orders something for it; "a video of a dog running" says what is seen.
_SIGHT_WORDS = one_of(
    "of showing where with shows starring depicting in at on von das der die zeigt wo mit d"
    " montrant montre ou avec que muestra mostra mostrando donde onde con com featuring"
    " from du des dei dal"
)


@dataclass(frozen=True, slots=True)
class Subject:
    """text: what is seen, "" where the brief doesn't say. details: more about it, of later clauses.

    topic: a short title. kind: the product ordered, "" for none. at: the position of the word for
    it. is_ordered: the brief orders a product; is_scene: its words are what is seen, not only what
    it's for. is_open: a person would run it again about something else.
    """

    text: str = ""
    details: str = ""
    topic: str = ""
    kind: str = ""
    at: int = -1
    is_ordered: bool = False
    is_scene: bool = False
    is_open: bool = False
    holder: str = HOLDER


def subject_of(words: Words, telling: Telling, count: Count | None) -> Subject:
    """Read the subject from what is before told scenes, or from the whole brief."""
    end = telling.before.j if telling.scenes else len(words)
    begin = 0
    product = kind = before = ""
    at = -1
    is_seen = is_ordered = is_for_client = False
    texts: list[str] = []
    for part in clauses(words, begin, end):
        clause = clause_text(words, part.i, part.j)
        if not clause:
            continue
        if titles_in(words, part.i, part.j) and not texts and len(clause.split()) <= 4:
            continue
        clause = without_request(_order_in(clause, words.language), words.language)
        if clause.lower() in _ONLY_ASKS:
            continue
        clause = _AUDIENCE.sub(r" for \1", without_own(clause))
        if is_ordered or texts:
            if len(texts) < 12 and clause.lower() not in (text.lower() for text in texts):
                texts.append(clause)
            continue
        order = _order_of(clause, words.language)
        if order is None:
            if not shows_anything(without_link(clause, words.language), words.language):
                continue
            texts.append(without_link(clause, words.language))
            at = part.i
            continue
        is_ordered, at = True, part.i
        is_for_client = part.ends == ":" and any(
            words.at(k) in _FOR and words.at(k + 1) in _OWNERS for k in range(part.i, part.j)
        )
        kind, product, before, text, is_seen = order
        if shows_anything(text, words.language):
            texts.append(text)
    if is_for_client and len(texts) > 1 and kind != "image":
        # "A video for our waiting room: sleeping cats" shows cats.
        texts = texts[1:]
    text = texts[0] if texts else before
    if kind == "image" and _is_kept(fold(product).split(" ")[-1]):
        if not texts:
            # Of "a weather icon" the icon is seen, too.
            text = f"{before} {product}".strip()
        elif is_ordered and not is_seen and is_printed(product):
            # "Movie poster: an astronaut" is not the astronaut alone.
            text = f"{product}: {text}"
    if not texts and before:
        is_seen = False
    details = ", ".join(texts[1:4])
    return Subject(
        text=shortened(tidied(text), 300),
        details=shortened(details, 240),
        topic=_topic(text, product, before, is_for=is_ordered and not is_seen),
        kind=kind,
        at=at,
        is_ordered=is_ordered,
        is_scene=is_seen or not is_ordered,
        is_open=is_ordered
        and not is_seen
        and bool(text)
        and kind in ("film", "slideshow", "image", "loose"),
    )


def things_in(subject: Subject, language: str) -> int:
    """Return how many things a slideshow shows one after the other: six of "six famous bridges".

    None where it shows people together or what they do: "three friends at the beach".
    """
    if subject.kind != "slideshow":
        return 0
    words = Words(subject.text, language)
    first = words.on(0, ARTICLES)
    number = words.number(first) or 0
    behind = words.word[first + 1 :]
    is_scene = any(word in _PEOPLE or word.endswith("ing") for word in behind)
    return int(number) if number > 1 and behind and not is_scene else 0


def about_what(text: str) -> tuple[str, str]:
    """Return what a song is about, and whom it is for: of "my daughter about a hedgehog" the
    hedgehog and the daughter; the whole text and "" where it says one of them."""
    words = Words(text)
    link = words.until(1, _SONGS["about"])
    if link + 1 >= len(words):
        return text, ""
    return words.source(link + 1, len(words)), words.source(0, link)


_FOR = TABLES.words("stretches", "for_whom")
_OWNERS = TABLES.words("stretches", "owners")
_SONGS = TABLES.subject("songs")
_PEOPLE = TABLES.words("subjects", "people") | TABLES.words("subjects", "person")
_ONLY_ASKS = one_of("erkläre erklär explain explique explica spiega zeige montre")
# "Explain photosynthesis to kids": the request is gone, so it is photosynthesis for kids.
_AUDIENCE = re.compile(
    r" to ((?:\w+ )?(?:kids|children|beginners|students|customers|pupils|teens))$"
)
_TRADE = re.compile(r"(?:i|we) (?:sell|make|run|own|bake|offer|teach|breed|rent|grow) (?=\w)", re.I)


def without_own(text: str) -> str:
    """Return the trade of "I sell handmade soap", which is what a film for it shows."""
    return _TRADE.sub("", text, count=1) if _TRADE.match(text) else text


def _order_in(text: str, language: str) -> str:
    """Return a text from its order on: of "I am a teacher and I need a short film", "a short
    film"."""
    inner = Words(text, language)
    for match in REQUESTS.find(inner, 0, min(len(inner), 30)):
        if match.i == 0 or match.j - match.i < 2:
            continue
        product = first_product(inner, match.j, min(match.j + 6, len(inner)))
        if product:
            return inner.source(match.j, len(inner))
    for opening in ("the opening of ", "opening of ", "the beginning of ", "the end of "):
        if text.lower().startswith(opening):
            return text[len(opening) :]
    return text


def without_link(text: str, language: str) -> str:
    """Drop "about" or "for" at the beginning, where an order before it was claimed."""
    inner = Words(text, language)
    # An article may be left of the product: "a [reel] about our shop".
    at = 1 if inner.at(0) in ARTICLES and inner.at(1) in _ABOUT | {"zum"} else 0
    if inner.at(at) == "zum" and inner.at(at + 1) == "thema":
        return inner.source(at + 2, len(inner))
    if inner.at(at) in _ABOUT:
        return inner.source(at + 1, len(inner))
    return text


_ABOUT = one_of(
    "about for of on showing featuring uber fur von vom sur pour de d sobre para per su di acerca"
)


def _order_of(text: str, language: str) -> tuple[str, str, str, str, bool] | None:
    """Return (kind, word for the product, words before it, what it's about, whether that is
    seen)."""
    inner = Words(text, language)
    limit = min(len(inner), 12)
    match = first_product(inner, 0, limit)
    if match is None:
        return None
    if inner.at(0) in _TURN and _INTO & set(inner.word[max(0, match.i - 4) : match.i]):
        # "Turn a photo and a slogan into an ad": what becomes of files is said elsewhere.
        after = inner.source(match.j, len(inner)) if is_link(inner, match.j) else ""
        return match.value, inner.source(match.i, match.j), "", without_link(after, language), False
    # "a dog watches a film": a product is the head only where no verb comes before it.
    head = [word for word in inner.word[: match.i] if word not in ARTICLES and word not in EMPTY]
    links = [k for k in range(match.i) if is_link(inner, k) and inner.at(k) not in ARTICLES]
    if (
        links
        or len(head) > 4
        # "slow zoom into the image": where the camera goes is no order.
        or any(word in _TOWARDS for word in head)
        or any(word.endswith("ing") and word not in _GERUNDS for word in head)
    ):
        return None
    # "una película corta de un gato": an empty adjective may follow, too.
    behind = inner.on(match.j, EMPTY) if language in ("fr", "es") else match.j
    after = inner.source(behind, len(inner)).strip(" ,;:-–—")
    rest = Words(after, language)
    link = is_link(rest, 0) if len(rest) else None
    is_seen = bool(link) and rest.at(0) in _SIGHT_WORDS
    if link:
        is_for = match.value in ("song", "instrumental") and rest.at(0) in _SONGS["for"]
        after = rest.source(link.j, len(rest))
        if rest.at(0) in ("to", "inviting", "where", "wo") and not after:
            after = rest.text
        if is_for:
            after, _ = about_what(after)
    elif after and not rest.is_word(0):
        after = after.lstrip("(")
    if not after and inner.at(match.i) == "logo" and match.value == "loose":
        # A logo reveal shows a logo, whatever else it says.
        after = "a logo"
    words_before = " ".join(
        inner.source(k, k + 1) for k in range(match.i) if inner.at(k) not in ARTICLES | EMPTY
    )
    # Two products of an image are what is seen: "a poster of…" keeps its word.
    if match.value == "image" and after and _is_kept(inner.at(match.j - 1)):
        return match.value, inner.source(match.i, match.j), words_before, text, True
    return match.value, inner.source(match.i, match.j), words_before, after, is_seen


def _is_kept(word: str) -> bool:
    """Return whether a word, or the end of a compound such as "Filmplakat", is drawn."""
    return word in _KEPT_WORDS or word.endswith(("plakat", "karte", "zeichnung", "portrat"))


_TURN = one_of("turn turns mach macht mache transforme convierte")
_INTO = one_of("into zu en")
_TOWARDS = one_of("into onto over across around along through toward towards past")
_KEPT_WORDS = one_of(
    "postcard postcards poster posters portrait portraits painting drawing logo sticker stickers"
    " icon icons banner flyer card wallpaper pattern postkarte postkarten plakat"
    " zeichnung affiche dessin carte postal cartel cartaz cartolina illustration"
    " illustrations infographic stills portrat"
)
_GERUNDS = one_of(
    "wedding cooking opening training building morning evening spring king looping closing"
    " recruiting marketing travelling traveling running cycling climbing swimming fishing"
    " gardening baking engineering painting knitting housewarming skiing surfing brewing"
)


def _topic(text: str, product: str, before: str, *, is_for: bool) -> str:
    """Return the title: "Candle shop teaser" of a teaser for a candle shop, else the subject
    itself."""
    plain = without_article(text)
    if product.lower().startswith(plain.lower()) and plain:
        return shortened(capital(product), LONGEST_TOPIC)
    if product and plain.lower().endswith(f" {product.lower()}"):
        return shortened(capital(plain), LONGEST_TOPIC)
    if is_for and product and text:
        short = plain if before == text or not before else f"{plain}, {before}"
        if before == text:
            return shortened(capital(f"{plain} {product}"), LONGEST_TOPIC)
        if len(short.split()) <= 5:
            return shortened(
                capital(f"{without_article(plain)} {before} {product}".replace("  ", " ")),
                LONGEST_TOPIC,
            )
    return shortened(capital(plain), LONGEST_TOPIC) or capital(product)
