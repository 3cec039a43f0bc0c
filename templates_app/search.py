"""Searching and paging what is public: one selector for both databases.

The words of published templates are in `Listing.words`; see `templates_app.word_index`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from django.db import connection
from django.db.models import Q, QuerySet
from django.db.models.expressions import RawSQL

from accounts import blocks, suspension
from accounts.models import User
from core import clock
from core.cursors import read_cursor, write_cursor
from core.paging import Page, next_offset
from templates_app import selectors
from templates_app.graph.spec import CATEGORIES
from templates_app.models import Listing, Template, TemplateStats
from templates_app.selectors import VisibleTemplate
from templates_app.tokenizer import PICKED_WORD, category_word, tag_word, words_of
from templates_app.word_index import Order, WordIndex, fts_query, holds, none_of, tsquery

TRENDING: Final = "trending"
NEW: Final = "new"
FORKED: Final = "forked"
# Each order and the column that gives it; among equals the younger template comes first.
SORTS: Final = {TRENDING: "heat", NEW: "published_at", FORKED: "forks"}
KEYS: Final = {"heat": float, "published_at": datetime, "forks": int}

QUERY_LENGTH = 200
QUERY_WORDS = 12
TAGS_AT_ONCE = 5
PAGE_CAP = 100
WORDS: Final = WordIndex("templates_app_listing", "template_id")


@dataclass(frozen=True, slots=True)
class FoundTemplate:
    """One template as the gallery lists it. card: see `gallery_index.card_spec`."""

    template: Template
    stats: TemplateStats
    card: dict[str, Any]


@dataclass(frozen=True, slots=True)
class GalleryPage:
    """Part of the gallery. after: what continues it, or None at its end."""

    found: tuple[FoundTemplate, ...]
    after: str | None


def search_templates(
    *,
    query: str = "",
    category: str = "",
    tags: Sequence[str] = (),
    picked: bool = False,
    sort: str = TRENDING,
    left_out: Collection[int] = (),
    after: str = "",
    limit: int = 24,
) -> GalleryPage:
    """Find what everyone sees, in the wanted order. Any text is a valid argument.

    query: words that must all are in name, tags, description or brief, or begin a word there.
    category: one of the contract's; empty for all, an unknown one has no templates. tags: all of
    them. picked: staff picks alone. sort: an unknown one is trending. left_out: of people with
    these ids, none. after: from the page before; one that cannot be read, or is of another order,
    is the first page. Uses and publications between two pages move templates only towards the
    front, so no template comes twice.
    """
    column = SORTS.get(sort) or SORTS[TRENDING]
    limit = max(1, min(limit, PAGE_CAP))
    words, can_match = _search_words(query, category, tags)
    if picked:
        words.append(f"{PICKED_WORD} ")
    if not can_match:
        return GalleryPage((), None)
    place = read_cursor(after, column, KEYS[column])
    ids = _ids(words, category, column, place, limit + 1, left_out)
    rows = TemplateStats.objects.select_related("template__owner", "template__listing").in_bulk(ids)
    templates = tuple(
        FoundTemplate(rows[pk].template, rows[pk], rows[pk].template.listing.card)
        for pk in ids[:limit]
        # Withdrawn since the ids were read.
        if pk in rows and hasattr(rows[pk].template, "listing")
    )
    more = len(ids) > limit and bool(templates)
    if not more:
        return GalleryPage(templates, None)
    last = templates[-1].stats
    return GalleryPage(templates, write_cursor(column, getattr(last, column), last.pk))


def has_picks() -> bool:
    """Tell whether any public template is a staff pick."""
    return Listing.objects.filter(picked_at__isnull=False).exists()


def templates_by(author: User, *, after: str = "", limit: int = 24) -> GalleryPage:
    """Find what everyone sees of one author, the newest first. after: as for `search_templates`."""
    order = "created_at"
    rows = _open_of(author).order_by("-created_at", "-id")
    place = read_cursor(after, order, datetime)
    if place is not None:
        moment, pk = place
        # The first condition alone is a range of the index.
        rows = rows.filter(Q(created_at__lte=moment), Q(created_at__lt=moment) | Q(pk__lt=pk))
    limit = max(1, min(limit, PAGE_CAP))
    batch = list(rows.select_related("owner", "stats", "listing")[: limit + 1])
    templates = tuple(FoundTemplate(one, one.stats, one.listing.card) for one in batch[:limit])
    if len(batch) <= limit:
        return GalleryPage(templates, None)
    last = batch[limit - 1]
    return GalleryPage(templates, write_cursor(order, last.created_at, last.pk))


def count_templates_by(author: User, *, most: int) -> int:
    """Count the templates of one author that everyone sees, no further than `most`."""
    return _open_of(author).order_by("-created_at", "-id")[:most].count()


def _open_of(author: User) -> QuerySet[Template]:
    return Template.objects.filter(selectors.OPEN, owner=author, listing__isnull=False)


def list_templates(
    viewer: User, visibility: str, page: Page, *, query: str = "", is_offered: bool | None = None
) -> tuple[list[VisibleTemplate], int | None]:
    """A page of templates, newest first, and the offset of the next one or None.

    visibility: see `selectors.visible_to`. query: words that must all be in what is listed, or
    begin a word there; of the viewer's own templates name and tags are searched. is_offered: only
    those that are offered to agents, by their rank, or only the others. A template counts as the
    viewer sees it: their own by its head, another person's by what is published.
    """
    rows = selectors.visible_to(viewer, visibility)
    if visibility != "own":
        rows = rows.exclude(owner__in=blocks.left_out(viewer))
    if query.strip():
        rows = rows.filter(_matching(viewer, query))
    mine = Q(owner=viewer)
    relations = ("owner", "source__template")
    if is_offered:
        ids = _offered_ids(rows, mine, page)
        whole = Template.objects.select_related(*relations).in_bulk(ids)
        # Not there: deleted since the ids were read.
        templates = [whole[pk] for pk in ids if pk in whole]
    else:
        if is_offered is not None:
            others = ~mine & Q(public_agent_rank=None)
            rows = rows.filter((mine & Q(agent_rank=None)) | others)
        templates = list(
            rows.order_by("-created_at", "-id").select_related(*relations)[page.window]
        )
    more = len(templates) > page.limit
    return selectors.with_versions(viewer, templates[: page.limit]), next_offset(page, more)


def _offered_ids(rows: QuerySet[Template], mine: Q, page: Page) -> list[int]:
    """Ids of a page and one more: each of the two indexes gives its part in order."""
    end = page.offset + page.limit + 1
    keys: list[tuple[float, float, int]] = []
    for part, rank in (
        (rows.filter(mine), "agent_rank"),
        (rows.exclude(mine), "public_agent_rank"),
    ):
        with_rank = part.filter(**{f"{rank}__isnull": False}).order_by(rank, "-created_at", "-id")
        keys += [
            (place, -created_at.timestamp(), -pk)
            for place, created_at, pk in with_rank.values_list(rank, "created_at", "id")[:end]
        ]
    return [-pk for _, _, pk in sorted(keys)[page.window]]


def _matching(viewer: User, query: str) -> Q:
    """The templates that a query means: public ones by what is listed, own ones by their rows."""
    words = query_words(query)
    if not words:
        return Q(pk__in=[])
    rows = Template.objects.filter(owner=viewer, deleted_at=None)
    own = [
        pk
        for pk, *texts in rows.values_list("id", "name", "tags_text", "category")
        if has_all(words, " ".join(texts))
    ]
    listing_ids = (
        RawSQL(
            "SELECT template_id FROM templates_app_listing WHERE vector @@ %s::tsquery",
            [tsquery(words)],
        )
        if connection.vendor == "postgresql"
        else RawSQL("SELECT rowid FROM templates_app_listing_fts(%s)", [fts_query(words)])
    )
    return Q(pk__in=own) | (~Q(owner=viewer) & Q(pk__in=listing_ids))


def query_words(query: str) -> list[str]:
    """The different words of what someone looks for, as many as are looked at."""
    return list(dict.fromkeys(words_of(query[:QUERY_LENGTH])))[:QUERY_WORDS]


def has_all(words: Sequence[str], text: str) -> bool:
    """Tell whether each of the words is in a text, or begins a word there."""
    there = _words_in(text)
    return all(any(one.startswith(word) for one in there) for word in words)


# Someone who types asks about the same texts at every key.
@lru_cache(maxsize=8_192)
def _words_in(text: str) -> frozenset[str]:
    return frozenset(words_of(text))


def _search_words(query: str, category: str, tags: Sequence[str]) -> tuple[list[str], bool]:
    """List what to look for among a listing's words, each with the sign that may follow it.

    A space: the whole word. Nothing: the beginning of one. And whether anything can match at all.
    """
    beginnings = query_words(query)
    whole = [tag_word(tag[:QUERY_LENGTH]) for tag in tags[:TAGS_AT_ONCE]]
    can_match = (
        bool(beginnings or not query.strip())
        and all(whole)
        and (not category or category in CATEGORIES)
    )
    return [*(f"{word} " for word in dict.fromkeys(whole)), *beginnings], can_match


_OPEN: Final = holds(
    # The tables of the gallery follow the template; what is hidden stays so if they lag.
    "template.visibility = 'public' AND template.moderation = 'visible'"
    " AND template.deleted_at IS NULL"
    f" AND {holds(suspension.SHOWN_SQL, 'accounts_user owner', 'owner.id = template.owner_id')}",
    "templates_app_template template",
    "template.id = stats.template_id",
)


def _not_by(owners: Collection[int]) -> str:
    return holds(
        none_of("template.owner_id", owners),
        "templates_app_template template",
        "template.id = stats.template_id",
    )


def _ids(
    words: Sequence[str],
    category: str,
    column: str,
    after: Any,
    limit: int,
    left_out: Collection[int],
) -> list[int]:
    where = ["stats.is_listed"]
    values: dict[str, Any] = {"now": clock.now()}
    if category:
        where.append("stats.category = %(category)s")
        values["category"] = category
    if after is not None:
        key, pk = after
        where.append(f"(stats.{column}, stats.template_id) < (%(key)s, %(pk)s)")
        values |= {"key": key, "pk": pk}
    order = Order(
        table="templates_app_templatestats stats",
        id="stats.template_id",
        key=f"stats.{column}",
        where=where,
        others=[_OPEN, *([_not_by(left_out)] if left_out else [])],
        values=values,
    )
    all_words = [f"{category_word(category)} ", *words] if category and words else words
    return [row[0] for row in WORDS.first(order, all_words, limit)]
