"""Searching and paging public creations, on both databases."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from accounts import suspension
from accounts.models import User
from core import clock
from core.cursors import read_cursor, write_cursor
from core.raw_sql import moment
from creations import selectors
from creations.models import Share, ShareListing, ShareMedia
from creations.search_terms import author_words, kind_word, tags_in, template_word, without_tags
from templates_app.tokenizer import PICKED_WORD, tag_word, words_of
from templates_app.word_index import Order, WordIndex, holds, none_of

TRENDING: Final = "trending"
NEW: Final = "new"
LIKED: Final = "liked"
# Each order and the column that gives it; among equals the younger one comes first.
SORTS: Final = {TRENDING: "heat", NEW: "created_at", LIKED: "likes"}
KEYS: Final = {"heat": float, "created_at": datetime, "likes": int}
KINDS: Final = ("video", "image", "audio", "model")
WORDS: Final = WordIndex("creations_sharelisting", "share_id")

QUERY_LENGTH = 200
QUERY_WORDS = 12
TAGS_AT_ONCE = 5
PAGE_CAP = 100
# People are looked for among the authors of so many creations.
LOOKED_AT = 50


@dataclass(frozen=True, slots=True)
class FoundShare:
    """One creation as a list shows it. face: what it shows first."""

    share: Share
    face: ShareMedia


@dataclass(frozen=True, slots=True)
class SharePage:
    """Part of a list. after: what continues it, or None at its end."""

    found: tuple[FoundShare, ...]
    after: str | None


@dataclass(frozen=True, slots=True)
class _Place:
    """One row of an order: its id and its value in the order's column."""

    pk: int
    key: Any


def search_shares(
    *,
    query: str = "",
    kind: str = "",
    tags: Sequence[str] = (),
    template_id: int | None = None,
    picked: bool = False,
    author: User | None = None,
    sort: str = TRENDING,
    left_out: Collection[int] = (),
    after: str = "",
    limit: int = 24,
) -> SharePage:
    """Find the creations that everyone sees, sorted. Any text is a valid argument.

    query: words that must all be in title, description, shown prompts or the author's name, or
    begin a word there; one with a # in front is a tag. kind: one of KINDS, of what is shown first.
    tags: all of them. template_id: made with a version of it; whether the viewer may know that
    template is for the caller to check. picked: staff picks alone. author: only theirs. left_out:
    of people with these ids, none. sort: an unknown one is trending. after: from the page before;
    one that cannot be read, or is of another order, is the first page. Sharing and liking between
    two pages move creations only towards the front, so none comes twice.
    """
    column = SORTS.get(sort) or SORTS[TRENDING]
    limit = max(1, min(limit, PAGE_CAP))
    words, can_match = _terms_of(query, kind, tags, template_id)
    if picked:
        words.append(f"{PICKED_WORD} ")
    if not can_match:
        return SharePage((), None)
    place = read_cursor(after, column, KEYS[column])
    places = _places(words, author, column, place, limit + 1, left_out)
    ids = [place.pk for place in places[:limit]]
    shares = selectors.listed().in_bulk(ids)
    faces = selectors.faces_of(shares)
    # Not there: hidden since the ids were read.
    results = tuple(FoundShare(shares[pk], faces[pk]) for pk in ids if pk in faces)
    if len(places) <= limit:
        return SharePage(results, None)
    last = places[limit - 1]
    return SharePage(results, write_cursor(column, last.key, last.pk))


def has_picks() -> bool:
    """Return whether any public creation is a staff pick."""
    return ShareListing.objects.filter(picked_at__isnull=False).exists()


def count_shares(
    *,
    author: User | None = None,
    template_id: int | None = None,
    left_out: Collection[int] = (),
    most: int,
) -> int:
    """Count the creations that `search_shares` finds, no further than `most`."""
    words, _ = _terms_of("", "", (), template_id)
    places = _places(words, author, SORTS[NEW], None, most, left_out)
    return len(selectors.faces_of([place.pk for place in places]))


def search_people(query: str, limit: int, *, left_out: Collection[int] = ()) -> list[User]:
    """People who share something, whose names hold all words of a query or begin with them.

    Those whose creations are liked most just now come first. left_out: none with these ids.
    """
    words = [word for one in _words(query) for word in author_words(one)]
    if not words:
        return []
    places = _places(words, None, SORTS[TRENDING], None, LOOKED_AT, left_out)
    faces = selectors.faces_of([place.pk for place in places])
    owners = dict(Share.objects.filter(pk__in=faces).values_list("pk", "owner_id"))
    owner_ids = list(dict.fromkeys(owners[place.pk] for place in places if place.pk in owners))
    people = User.objects.in_bulk(owner_ids[:limit])
    return [people[pk] for pk in owner_ids[:limit] if pk in people]


def _words(query: str) -> list[str]:
    return list(dict.fromkeys(words_of(query[:QUERY_LENGTH])))[:QUERY_WORDS]


def _terms_of(
    query: str, kind: str, tags: Sequence[str], template_id: int | None
) -> tuple[list[str], bool]:
    """Return the terms, as `WordIndex.source` takes them, and whether anything can match at all."""
    query = query[:QUERY_LENGTH]
    words = _words(without_tags(query))
    whole = [tag_word(tag[:QUERY_LENGTH]) for tag in (*tags, *tags_in(query))[:TAGS_AT_ONCE]]
    can_match = (
        (bool(words or whole) or not query.strip()) and all(whole) and (not kind or kind in KINDS)
    )
    if kind:
        whole.append(kind_word(kind))
    if template_id is not None:
        whole.append(template_word(template_id))
    return [*(f"{word} " for word in dict.fromkeys(whole)), *words], can_match


_BY_SOMEONE_SHOWN: Final = holds(
    suspension.SHOWN_SQL, "accounts_user owner", "owner.id = share.owner_id"
)


def _places(
    words: Sequence[str],
    author: User | None,
    column: str,
    after: Any,
    limit: int,
    left_out: Collection[int] = (),
) -> list[_Place]:
    where = [
        # Equal to the conditions of the indexes, so that they are used.
        "share.visibility = 'public'",
        "share.moderation = 'visible'",
        "share.ended_at IS NULL",
    ]
    values: dict[str, Any] = {"now": clock.now()}
    if author is not None:
        where.append("share.owner_id = %(author)s")
        values["author"] = author.pk
    if left_out:
        where.append(none_of("share.owner_id", left_out))
    if after is not None:
        key, pk = after
        where.append(f"(share.{column}, share.id) < (%(key)s, %(pk)s)")
        values |= {"key": key, "pk": pk}
    order = Order(
        table="creations_share share",
        id="share.id",
        key=f"share.{column}",
        where=where,
        others=[_BY_SOMEONE_SHOWN],
        values=values,
    )
    is_date = KEYS[column] is datetime
    return [
        _Place(pk, moment(key) if is_date else key) for pk, key in WORDS.first(order, words, limit)
    ]
