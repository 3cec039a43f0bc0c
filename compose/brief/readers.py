"""The readers of a brief, in their order, and what each read. Pure.

Each looks through the words and claims what it understood as an instruction: lengths, formats,
sounds. What no reader claimed is what the scenes show.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from compose.brief.approvals_and_budget import Wishes, wishes_of
from compose.brief.brief import (
    AspectRatio,
    Edit,
    GivenMedia,
    Kind,
    OpenText,
    Repeat,
    Sound,
)
from compose.brief.cards import Cards, cards_of
from compose.brief.counts import PRINTED_THINGS, Count, counts_of, main_count
from compose.brief.edits import changes_thing, claim_cues, edits_of, orders_edit
from compose.brief.formats import format_of
from compose.brief.given_media import Mention, given_media_of
from compose.brief.impossible import impossible_of, impossible_of_video, is_impossible
from compose.brief.lengths import Lengths, lengths_of
from compose.brief.looks import Looks, looks_of
from compose.brief.open_texts import open_texts_of
from compose.brief.own_requests import (
    PHOTO,
    Request,
    assumed_file,
    changes_file,
    claim_orders,
    is_pipeline,
    outfits,
    requests_of,
    with_requests,
)
from compose.brief.products import Product
from compose.brief.repeats import repeat_of
from compose.brief.result_type import claim_cover, is_still, kind_of, ordered_product
from compose.brief.scene_lists import Telling, told_scenes
from compose.brief.sounds import sound_of
from compose.brief.unmet import claim_own_language, remarks_of, unmet_of
from compose.brief.unwanted import unwanted_of
from core.language.cleaning import one_of
from core.language.phrases import Match, Words


@dataclass(slots=True)
class Readings:
    """The readings of the readers of `READERS` so far, each in the field of its name.

    claims: of each word that a reader took for an instruction, the first that did.
    """

    words: Words
    claims: dict[int, str] = field(default_factory=dict)
    lengths: Lengths = field(default_factory=Lengths)
    format: tuple[AspectRatio, tuple[str, ...]] = ("", ())
    wishes: Wishes = field(default_factory=Wishes)
    repeat: Repeat | None = None
    cards: Cards = field(default_factory=Cards)
    files: tuple[tuple[GivenMedia, ...], tuple[Mention, ...]] = ((), ())
    requests: tuple[Request, ...] = ()
    impossible: tuple[str, ...] = ()
    product: Match[Product] | None = None
    counts: tuple[Count, ...] = ()
    edits: tuple[Edit, ...] = ()
    sound: tuple[Sound, str] = (Sound(), "")
    looks: Looks = field(default_factory=Looks)
    unwanted: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    own_language: None = None
    unmet: tuple[str, ...] = ()
    open_texts: tuple[OpenText, ...] = ()
    telling: Telling = field(default_factory=Telling)
    count: Count | None = None
    kind: Kind = "film"
    has_cover: bool = False

    @property
    def media(self) -> tuple[GivenMedia, ...]:
        return self.files[0]


def _files(words: Words) -> tuple[tuple[GivenMedia, ...], tuple[Mention, ...]]:
    """Return the files that the words name as the person's, or the one that they are about."""
    media, mentions = given_media_of(words)
    file = None if media else assumed_file(words) or _picture_changed(words)
    return ((file,), ()) if file else (media, mentions)


def _picture_changed(words: Words) -> GivenMedia | None:
    return PHOTO if changes_thing(words) and not is_impossible(words, 0) else None


def _edits_read(facts: Readings) -> tuple[Edit, ...]:
    impossible = {at for at, reader in facts.claims.items() if reader == "impossible"}
    edits = edits_of(facts.words, facts.media, facts.lengths, impossible, facts.format[0])
    return with_requests(facts.words, edits, facts.media, facts.requests, orders_edit)


def _sound(facts: Readings) -> tuple[Sound, str]:
    has_length = facts.lengths.seconds is not None or facts.lengths.each is not None
    return sound_of(facts.words, is_still=not has_length and is_still(facts.words, facts.product))


def _telling(facts: Readings) -> Telling:
    is_chain = facts.requests and is_pipeline(facts.words)
    return Telling() if is_chain else told_scenes(facts.words)


def worn_outfits(facts: Readings) -> tuple[str, ...]:
    """Return what the person of a photo wears in each picture, where the brief counts outfits."""
    has_photo = any(one.kind == "image" for one in facts.media)
    return outfits(facts.count.noun, facts.count.number) if has_photo and facts.count else ()


def _count(facts: Readings) -> Count | None:
    """Return the number of shots; none where it is that of what is repeated."""
    count = main_count(facts.counts)
    is_repeated = facts.repeat and count and facts.repeat.count == count.number
    return None if is_repeated and count and not count.is_strong else count


def _kind(facts: Readings) -> Kind:
    count = facts.count
    kind = kind_of(
        facts.words,
        facts.product.value if facts.product else None,
        facts.media,
        facts.edits,
        tells_scenes=len(facts.telling.scenes) > 1 or bool(count and count.number > 1),
        has_length=facts.lengths.seconds is not None or facts.lengths.each is not None,
        counts_panels=bool(count and count.noun in PRINTED_THINGS)
        and not _is_heard(facts.sound[0]),
        changes_file=changes_file(facts.words, facts.files[1])
        and not facts.looks.camera
        and not _is_heard(facts.sound[0]),
    )
    is_open = facts.product is None and facts.lengths.seconds is None
    if kind == "film" and is_open and worn_outfits(facts):
        kind = "image"
    if kind in ("clip_edit", "photo_edit"):
        claim_cues(facts.words, facts.edits)
        claim_orders(facts.words)
        for request in facts.requests:
            facts.words.claim(request.i, request.j)
        if kind == "clip_edit":
            _read_impossible_of_video(facts)
    else:
        # A film's shots are themselves the animation and the looks of the person's image.
        facts.edits = tuple(edit for edit in facts.edits if edit.type in _ON_ANY_FILM)
    return kind


def _read_impossible_of_video(facts: Readings) -> None:
    for match in impossible_of_video(facts.words):
        for at in range(match.i, match.j):
            # "Slow motion" was taken for a move of the camera.
            if facts.claims.get(at, "looks") == "looks":
                facts.claims[at] = "impossible"
        facts.impossible = tuple(dict.fromkeys((*facts.impossible, match.value)))


_ON_ANY_FILM = one_of("restore upscale remove_background")
# (the field of `Readings`, its reader, whose claims and results it needs). The order matters: a
# reader claims words, and those behind it leave them alone.
READERS: tuple[tuple[str, Callable[[Readings], Any], tuple[str, ...]], ...] = (
    ("lengths", lambda facts: lengths_of(facts.words), ()),
    ("format", lambda facts: format_of(facts.words), ()),
    ("wishes", lambda facts: wishes_of(facts.words), ("lengths",)),
    ("repeat", lambda facts: repeat_of(facts.words), ()),
    ("cards", lambda facts: cards_of(facts.words), ()),
    ("files", lambda facts: _files(facts.words), ("repeat",)),
    ("requests", lambda facts: requests_of(facts.words) if facts.media else (), ("files",)),
    ("impossible", lambda facts: impossible_of(facts.words), ("files",)),
    ("product", lambda facts: ordered_product(facts.words, facts.files[1]), ("files",)),
    ("counts", lambda facts: counts_of(facts.words), ("lengths", "repeat", "files")),
    # The readers of sound and looks claim words, and edits are told by words that they claim.
    ("edits", _edits_read, ("files", "requests", "impossible", "lengths", "format")),
    ("sound", _sound, ("edits", "counts", "lengths", "product")),
    ("looks", lambda facts: looks_of(facts.words), ("edits", "sound")),
    ("unwanted", lambda facts: unwanted_of(facts.words), ("sound", "looks")),
    ("remarks", lambda facts: remarks_of(facts.words), ("sound", "looks", "counts")),
    ("own_language", lambda facts: claim_own_language(facts.words), ("sound",)),
    ("unmet", lambda facts: unmet_of(facts.words), ("sound", "looks")),
    ("open_texts", lambda facts: open_texts_of(facts.words), ()),
    ("telling", _telling, ("requests", "unwanted", "unmet", "open_texts")),
    ("count", _count, ("counts", "repeat")),
    ("kind", _kind, ("product", "files", "edits", "sound", "telling", "count")),
    ("has_cover", lambda facts: facts.kind == "song" and claim_cover(facts.words), ("kind",)),
)


def readings_of(words: Words) -> Readings:
    """Let every reader read the words."""
    readings = Readings(words)
    for name, reader, _ in READERS:
        setattr(readings, name, reader(readings))
        free = (at for at in range(len(words)) if at not in readings.claims)
        readings.claims |= dict.fromkeys([at for at in free if words.is_claimed(at)], name)
    return readings


def _is_heard(sound: Sound) -> bool:
    return bool(sound.music or sound.speech or sound.effect_words)
