"""The front page: what is published, searched, narrowed and ordered."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from accounts import blocks
from builder.shared.page_requests import viewer_of
from builder.web.compose_pages import brief_cookie
from builder.web.gallery import filters, front
from builder.web.gallery.cards import add_origins, card_of, drawn_line_of
from builder.web.gallery.categories import CATEGORY_WORDS
from templates_app.search import (
    FORKED,
    NEW,
    QUERY_LENGTH,
    SORTS,
    TAGS_AT_ONCE,
    TRENDING,
    FoundTemplate,
    has_picks,
    search_templates,
)

SHOWN: Final = 24
# Above what is new this week: three rows of the widest page, with the large first card.
FIRST: Final = 9
# A large first card needs others beside and below it.
FEATURE_FROM: Final = 5
CATEGORIES: Final = {"": "All", **CATEGORY_WORDS}
SORT_NAMES: Final = {TRENDING: "Trending", NEW: "New", FORKED: "Most remixed"}


@dataclass(frozen=True, slots=True)
class Asked:
    """The query of an address of the gallery, and the addresses of its neighbours."""

    query: str = ""
    category: str = ""
    tags: tuple[str, ...] = ()
    picked: bool = False
    sort: str = TRENDING
    after: str = ""

    @property
    def is_narrowed(self) -> bool:
        return bool(self.query or self.category or self.tags or self.picked)

    @property
    def kept(self) -> list[tuple[str, str]]:
        """Return the filters that a search for other words keeps, as pairs of an address."""
        pairs = [("category", self.category), *(("tag", tag) for tag in self.tags)]
        pairs += [("picked", "1" if self.picked else "")]
        pairs += [("sort", "" if self.sort == TRENDING else self.sort)]
        return [(name, value) for name, value in pairs if value]

    def address(self, **changes: Any) -> str:
        """The shareable address after some changes; another list begins at its first page."""
        query = replace(self, **{"after": "", **changes})
        return filters.address("/", [("q", query.query), *query.kept, ("after", query.after)])

    def tagged(self, tags: tuple[str, ...]) -> str:
        return self.address(tags=tags)


@require_safe
@vary_on_headers("HX-Request", "HX-Target")
def index(request: HttpRequest) -> HttpResponse:
    """Everyone may look. To htmx it answers with the part that changes."""
    query, left_out = _query_of(request), blocks.left_out(viewer_of(request))
    page = search_templates(
        query=query.query,
        category=query.category,
        tags=query.tags,
        picked=query.picked,
        sort=query.sort,
        left_out=left_out,
        after=query.after,
        limit=SHOWN,
    )
    cards = [card_of(version) for version in page.found]
    # Where one page shows everything, what is new is there to be seen.
    is_front = query == Asked() and page.after is not None
    context = {
        "asked": query,
        "cards": cards,
        "what": "templates",
        "card_page": "gallery/card.html",
        "all_new": query.address(sort=NEW),
        "picks": filters.picks(query, exist=has_picks()),
        "features": not query.is_narrowed and not query.after and len(cards) >= FEATURE_FROM,
        "more": query.address(after=page.after) if page.after else "",
        "start": query.address(),
        "chips_of": "Category",
        "chips": [
            {"name": name, "url": query.address(category=value), "on": value == query.category}
            for value, name in CATEGORIES.items()
        ],
        "sorts": [
            {"name": name, "url": query.address(sort=value), "on": value == query.sort}
            for value, name in SORT_NAMES.items()
        ],
        "tags": filters.chosen_tags(query.tags, query.tagged),
        "offered": filters.offered_tags(
            query.tags, (one.card["tags"] for one in page.found), query.tagged, TAGS_AT_ONCE
        ),
        "brief": brief_cookie.of(request),
    }
    parts: dict[str, Any] = {}
    if is_front:
        parts = front.parts(cards, first=FIRST, newest=_newest(left_out), card_of=card_of)
    all_cards = [*cards, *parts.get("new", ())]
    add_origins(all_cards)
    context |= {**parts, **drawn_line_of(request, all_cards)}
    htmx = request.htmx  # type: ignore[attr-defined]  # set by django_htmx's middleware
    if not htmx or htmx.history_restore_request:
        return render(request, "gallery/index.html", context)
    if htmx.target == "more":
        return render(request, "gallery/cards.html", context)
    answer = render(request, "gallery/results.html", context)
    answer["HX-Push-Url"] = query.address()
    return answer


def _newest(left_out: Collection[int]) -> Iterator[tuple[str, datetime, FoundTemplate]]:
    """Yield the newest for `front.parts`: more than are shown already."""
    rows = search_templates(sort=NEW, left_out=left_out, limit=SHOWN + front.NEW_SHOWN).found
    return ((one.template.public_id, one.stats.published_at, one) for one in rows)


def _query_of(request: HttpRequest) -> Asked:
    """The question of a request. Anything may be in it."""
    parameters = request.GET
    sort = parameters.get("sort", "")
    category = parameters.get("category", "")
    return Asked(
        query=filters.clean(parameters.get("q", ""), QUERY_LENGTH),
        category=category if category in CATEGORIES else "",
        tags=filters.tags_of(request, TAGS_AT_ONCE),
        picked=filters.picked_of(request),
        sort=sort if sort in SORTS else TRENDING,
        after=filters.after_of(request),
    )
