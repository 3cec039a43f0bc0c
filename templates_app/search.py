"""Searching and paging what is public: one selector for both databases.

The words of published templates are indexed by FTS5 on SQLite and as a tsvector on Postgres, from
the same `Listing.words`; see `templates_app.tokenizer` for what a word is.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from django.db import connection
from django.db.models import Q, QuerySet
from django.db.models.expressions import RawSQL

from accounts.models import User
from core.paging import Page, next_offset
from core.raw_sql import Statement
from templates_app import selectors
from templates_app.graph.spec import CATEGORIES
from templates_app.models import Template, TemplateStats
from templates_app.selectors import VisibleTemplate
from templates_app.tokenizer import category_word, tag_word, words_of

TRENDING: Final = "trending"
NEW: Final = "new"
FORKED: Final = "forked"
# Each order and the column that gives it; among equals the younger template comes first.
SORTS: Final = {TRENDING: "heat", NEW: "published_at", FORKED: "forks"}

QUERY_LENGTH = 200
QUERY_WORDS = 12
TAGS_AT_ONCE = 5
PAGE_CAP = 100
# On SQLite, more matches than this are not sorted: the list is walked in its order instead.
FEW = 3_000
_AFTER = re.compile(r"[A-Za-z0-9_=-]{1,200}")
_I64 = 2**63


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
    sort: str = TRENDING,
    after: str = "",
    limit: int = 24,
) -> GalleryPage:
    """What everyone sees, in the wanted order. Any text is a valid argument.

    query: words that must all are in name, tags, description or brief, or begin a word there.
    category: one of the contract's; empty for all, an unknown one has no templates. tags: all of
    them. sort: an unknown one is trending. after: from the page before; one that cannot be read, or
    is of another order, is the first page. Uses and publications between two pages move templates
    only towards the front, so no template comes twice.
    """
    column = SORTS.get(sort) or SORTS[TRENDING]
    limit = max(1, min(limit, PAGE_CAP))
    words, can_match = _wanted(query, category, tags)
    if not can_match:
        return GalleryPage((), None)
    ids = _ids(words, category, column, _read_after(after, column), limit + 1)
    rows = TemplateStats.objects.select_related("template__owner", "template__listing").in_bulk(ids)
    found = tuple(
        FoundTemplate(rows[pk].template, rows[pk], rows[pk].template.listing.card)
        for pk in ids[:limit]
        # Withdrawn since the ids were read.
        if pk in rows and hasattr(rows[pk].template, "listing")
    )
    more = len(ids) > limit and bool(found)
    return GalleryPage(found, _write_after(found[-1].stats, column) if more else None)


def list_templates(
    viewer: User, visibility: str, page: Page, *, query: str = "", offered: bool | None = None
) -> tuple[list[VisibleTemplate], int | None]:
    """A page of templates, newest first, and the offset of the next one or None.

    visibility: see `selectors.visible_to`. query: words that must all be in what is listed, or
    begin a word there; of the viewer's own templates name and tags are searched. offered: only
    those that are offered to agents, by their rank, or only the others. A template counts as the
    viewer sees it: their own by its head, another person's by what is published.
    """
    rows = selectors.visible_to(viewer, visibility)
    if query.strip():
        rows = rows.filter(_matching(viewer, query))
    mine = Q(owner=viewer)
    shown = ("owner", "source__template")
    if offered:
        ids = _offered(rows, mine, page)
        whole = Template.objects.select_related(*shown).in_bulk(ids)
        # Not there: deleted since the ids were read.
        found = [whole[pk] for pk in ids if pk in whole]
    else:
        if offered is not None:
            others = ~mine & Q(public_agent_rank=None)
            rows = rows.filter((mine & Q(agent_rank=None)) | others)
        found = list(rows.order_by("-created_at", "-id").select_related(*shown)[page.window])
    more = len(found) > page.limit
    return selectors.with_versions(viewer, found[: page.limit]), next_offset(page, more)


def _offered(rows: QuerySet[Template], mine: Q, page: Page) -> list[int]:
    """Ids of a page and one more: each of the two indexes gives its part in order."""
    end = page.offset + page.limit + 1
    found: list[tuple[float, float, int]] = []
    for part, rank in (
        (rows.filter(mine), "agent_rank"),
        (rows.exclude(mine), "public_agent_rank"),
    ):
        offered = part.filter(**{f"{rank}__isnull": False}).order_by(rank, "-created_at", "-id")
        found += [
            (place, -created_at.timestamp(), -pk)
            for place, created_at, pk in offered.values_list(rank, "created_at", "id")[:end]
        ]
    return [-pk for _, _, pk in sorted(found)[page.window]]


def _matching(viewer: User, query: str) -> Q:
    """The templates that a query means: public ones by what is listed, own ones by their rows."""
    words = list(dict.fromkeys(words_of(query[:QUERY_LENGTH])))[:QUERY_WORDS]
    if not words:
        return Q(pk__in=[])
    rows = Template.objects.filter(owner=viewer, deleted_at=None)
    own = [
        pk
        for pk, *texts in rows.values_list("id", "name", "tags_text", "category")
        if _has_all(words, " ".join(texts))
    ]
    listed = (
        RawSQL(
            "SELECT template_id FROM templates_app_listing WHERE vector @@ %s::tsquery",
            [_tsquery(words)],
        )
        if connection.vendor == "postgresql"
        else RawSQL("SELECT rowid FROM templates_app_listing_fts(%s)", [_fts_query(words)])
    )
    return Q(pk__in=own) | (~Q(owner=viewer) & Q(pk__in=listed))


def _has_all(words: Sequence[str], text: str) -> bool:
    there = set(words_of(text))
    return all(any(one.startswith(word) for one in there) for word in words)


def _wanted(query: str, category: str, tags: Sequence[str]) -> tuple[list[str], bool]:
    """What to look for among a listing's words, each with the sign that may follow it.

    A space: the whole word. Nothing: the beginning of one. And whether anything can match at all.
    """
    beginnings = list(dict.fromkeys(words_of(query[:QUERY_LENGTH])))[:QUERY_WORDS]
    whole = [tag_word(tag[:QUERY_LENGTH]) for tag in tags[:TAGS_AT_ONCE]]
    can_match = (
        bool(beginnings or not query.strip())
        and all(whole)
        and (not category or category in CATEGORIES)
    )
    return [*(f"{word} " for word in dict.fromkeys(whole)), *beginnings], can_match


def _ids(words: Sequence[str], category: str, column: str, after: Any, limit: int) -> list[int]:
    where = [
        "stats.is_listed",
        # The tables of the gallery follow the template; what is hidden stays so if they lag.
        "template.visibility = 'public' AND template.moderation = 'visible'",
        "template.deleted_at IS NULL",
    ]
    values: dict[str, Any] = {"limit": limit}
    source = "templates_app_templatestats stats"
    if category:
        where.append("stats.category = %(category)s")
        values["category"] = category
    if after is not None:
        key, pk = after
        where.append(f"(stats.{column}, stats.template_id) < (%(key)s, %(pk)s)")
        values |= {"key": key, "pk": pk}
    if words and connection.vendor == "postgresql":
        source += " JOIN templates_app_listing listing ON listing.template_id = stats.template_id"
        where.append("listing.vector @@ %(match)s::tsquery")
        values["match"] = _tsquery(words)
    elif words:
        # SQLite keeps no figures about how many rows hold a word: count up to a limit, then choose
        # between sorting the few that match and walking the order until enough do.
        match = _fts_query([f"{category_word(category)} ", *words] if category else words)
        if _count(match) <= FEW:
            source = (
                "templates_app_listing_fts(%(match)s) fts"
                f" CROSS JOIN {source} ON stats.template_id = fts.rowid"
            )
            values["match"] = match
        else:
            source += (
                " CROSS JOIN templates_app_listing listing"
                " ON listing.template_id = stats.template_id"
            )
            for place, word in enumerate(words):
                where.append(f"instr(listing.words, %(word{place})s) > 0")
                values[f"word{place}"] = f" {word}"
    # SQLite joins in the order written only when told so, and without figures it guesses badly.
    join = "CROSS JOIN" if connection.vendor == "sqlite" else "JOIN"
    # Put together from the parts above; what people write is among the values.
    statement = Statement(
        f"""SELECT stats.template_id FROM {source}
        {join} templates_app_template template ON template.id = stats.template_id
        WHERE {" AND ".join(where)}
        ORDER BY stats.{column} DESC, stats.template_id DESC LIMIT %(limit)s"""  # noqa: S608
    )
    return [row[0] for row in statement.rows(**values)]


def _count(match: str) -> int:
    """How many listings match, counted no further than one above `FEW`."""
    statement = Statement(
        "SELECT count(*) FROM"
        " (SELECT 1 FROM templates_app_listing_fts(%(match)s) LIMIT %(limit)s) some"
    )
    return int(statement.rows(match=match, limit=FEW + 1)[0][0])


def _fts_query(words: Sequence[str]) -> str:
    """Words as FTS5 reads them. They hold no quotes: see `words_of`."""
    return " AND ".join(f'"{word.strip()}"{"" if word.endswith(" ") else "*"}' for word in words)


def _tsquery(words: Sequence[str]) -> str:
    """Words as a `tsquery` literal. They hold neither quotes nor backslashes."""
    return " & ".join(f"'{word.strip()}'{'' if word.endswith(' ') else ':*'}" for word in words)


def _write_after(stats: TemplateStats, column: str) -> str:
    value = getattr(stats, column)
    key = _microseconds(value) if isinstance(value, datetime) else value
    text = json.dumps([column, key, stats.pk], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def _read_after(after: str, column: str) -> tuple[Any, int] | None:
    """The key and id a page ended with; None for anything that was not written for this order."""
    if not _AFTER.fullmatch(after):
        return None
    try:
        read = json.loads(base64.urlsafe_b64decode(after + "=" * (-len(after) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        return None
    if not isinstance(read, list) or len(read) != 3 or read[0] != column:
        return None
    key, pk = read[1:]
    if type(pk) is not int or not 0 <= pk < _I64:
        return None
    if column == "heat":
        return (key, pk) if type(key) is float and math.isfinite(key) else None
    if type(key) is not int or not 0 <= key < _I64:
        return None
    if column == "forks":
        return key, pk
    try:
        return datetime.fromtimestamp(key // 1_000_000, UTC).replace(
            microsecond=key % 1_000_000
        ), pk
    except (OverflowError, OSError, ValueError):
        return None


def _microseconds(moment: datetime) -> int:
    return int(moment.timestamp()) * 1_000_000 + moment.microsecond
