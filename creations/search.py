"""Searching and paging public creations, on both databases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from accounts.models import User
from core.cursors import read_cursor, write_cursor
from core.raw_sql import Statement
from creations import selectors
from creations.models import Share, ShareMedia
from templates_app.tokenizer import words_of
from templates_app.word_index import WordIndex

TRENDING: Final = "trending"
NEW: Final = "new"
LIKED: Final = "liked"
# Each order and the column that gives it; among equals the younger one comes first.
SORTS: Final = {TRENDING: "heat", NEW: "created_at", LIKED: "likes"}
KEYS: Final = {"heat": float, "created_at": datetime, "likes": int}
WORDS: Final = WordIndex("creations_sharelisting", "share_id")

QUERY_LENGTH = 200
QUERY_WORDS = 12
PAGE_CAP = 100


@dataclass(frozen=True, slots=True)
class FoundShare:
    """One creation as a list shows it. face: its first medium, None where it was taken down."""

    share: Share
    face: ShareMedia | None


@dataclass(frozen=True, slots=True)
class SharePage:
    """Part of a list. after: what continues it, or None at its end."""

    found: tuple[FoundShare, ...]
    after: str | None


def search_shares(
    *,
    query: str = "",
    author: User | None = None,
    sort: str = NEW,
    after: str = "",
    limit: int = 24,
) -> SharePage:
    """What everyone sees, in the wanted order. Any text is a valid argument.

    query: words that must all be in title, description, shown prompts or the author's name, or
    begin a word there. author: only theirs. sort: an unknown one is the newest first. after: from
    the page before; one that cannot be read, or is of another order, is the first page.
    """
    column = SORTS.get(sort) or SORTS[NEW]
    limit = max(1, min(limit, PAGE_CAP))
    words = list(dict.fromkeys(words_of(query[:QUERY_LENGTH])))[:QUERY_WORDS]
    if query.strip() and not words:
        return SharePage((), None)
    place = read_cursor(after, column, KEYS[column])
    ids = _ids(words, author, column, place, limit + 1)
    rows = Share.objects.filter(selectors.LISTED).select_related("owner").defer("frozen", "prompts")
    shares = rows.in_bulk(ids[:limit])
    faces = faces_of(list(shares.values()))
    # Not there: ended since the ids were read.
    found = tuple(FoundShare(shares[pk], faces.get(pk)) for pk in ids[:limit] if pk in shares)
    more = len(ids) > limit and bool(found)
    if not more:
        return SharePage(found, None)
    last = found[-1].share
    return SharePage(found, write_cursor(column, getattr(last, column), last.pk))


def faces_of(shares: Sequence[Share]) -> dict[int, ShareMedia]:
    """Creation → what it shows first."""
    rows = ShareMedia.objects.filter(share__in=shares, role="result", position=0)
    return {
        row.share_id: row
        for row in rows.select_related("blob", "poster")
        if row.blob.blocked_at is None
    }


def _ids(
    words: Sequence[str], author: User | None, column: str, after: Any, limit: int
) -> list[int]:
    # Equal to the conditions of the indexes, so that they are used.
    where = [
        "share.visibility = 'public'",
        "share.moderation = 'visible'",
        "share.ended_at IS NULL",
    ]
    values: dict[str, Any] = {"limit": limit}
    if author is not None:
        where.append("share.owner_id = %(author)s")
        values["author"] = author.pk
    if after is not None:
        key, pk = after
        where.append(f"(share.{column}, share.id) < (%(key)s, %(pk)s)")
        values |= {"key": key, "pk": pk}
    source = WORDS.source("creations_share share", "share.id", words)
    where += source.conditions
    values |= source.values
    # What people write is among the values.
    statement = Statement(
        f"""SELECT share.id FROM {source.tables} WHERE {" AND ".join(where)}
        ORDER BY share.{column} DESC, share.id DESC LIMIT %(limit)s"""  # noqa: S608
    )
    return [row[0] for row in statement.rows(**values)]
