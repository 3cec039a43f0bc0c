"""The front page: what is published, searched, narrowed and ordered."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from accounts import blocks
from builder.compose_pages import kept_brief
from builder.gallery import filters
from builder.gallery.cards import card_of
from builder.gallery.categories import CATEGORY_WORDS
from builder.http.page_requests import viewer_of
from core import clock
from templates_app.search import (
    FORKED,
    NEW,
    QUERY_LENGTH,
    SORTS,
    TAGS_AT_ONCE,
    TRENDING,
    has_picks,
    search_templates,
)

SHOWN: Final = 24
# Above what is new this week: three rows of the widest page, with the large first card.
FIRST: Final = 9
NEW_SHOWN: Final = 4
# A large first card needs others beside and below it.
FEATURE_FROM: Final = 5
CATEGORIES: Final = {"": "All", **CATEGORY_WORDS}
SORT_NAMES: Final = {TRENDING: "Trending", NEW: "New", FORKED: "Most remixed"}


@dataclass(frozen=True, slots=True)
class Asked:
    """What an address of the gallery asks for, and the addresses of its neighbours."""

    query: str = ""
    category: str = ""
    tags: tuple[str, ...] = ()
    picked: bool = False
    sort: str = TRENDING
    after: str = ""

    @property
    def is_narrowed(self) -> bool:
        return bool(self.query or self.category or self.tags or self.picked)

    def address(self, **changes: Any) -> str:
        """The shareable address after some changes; another list begins at its first page."""
        asked = replace(self, **{"after": "", **changes})
        pairs = [("q", asked.query), ("category", asked.category)]
        pairs += [("tag", tag) for tag in asked.tags]
        pairs += [("picked", "1" if asked.picked else "")]
        pairs += [("sort", "" if asked.sort == TRENDING else asked.sort), ("after", asked.after)]
        kept = [(name, value) for name, value in pairs if value]
        return f"/?{urlencode(kept)}" if kept else "/"

    def tagged(self, tags: tuple[str, ...]) -> str:
        return self.address(tags=tags)


@require_safe
@vary_on_headers("HX-Request", "HX-Target")
def index(request: HttpRequest) -> HttpResponse:
    """Everyone may look. To htmx it answers with the part that changes."""
    asked, left_out = _asked(request), blocks.left_out(viewer_of(request))
    page = search_templates(
        query=asked.query,
        category=asked.category,
        tags=asked.tags,
        picked=asked.picked,
        sort=asked.sort,
        left_out=left_out,
        after=asked.after,
        limit=SHOWN,
    )
    cards = [card_of(found) for found in page.found]
    # Where one page shows everything, what is new is there to be seen.
    is_front = asked == Asked() and page.after is not None
    context = {
        "asked": asked,
        "cards": cards,
        "first": cards[:FIRST] if is_front else cards,
        "rest": cards[FIRST:] if is_front else [],
        "new": _new_this_week(cards, left_out) if is_front else [],
        "all_new": asked.address(sort=NEW),
        "picks": filters.picks(asked, exist=has_picks()),
        "features": not asked.is_narrowed and not asked.after and len(cards) >= FEATURE_FROM,
        "more": asked.address(after=page.after) if page.after else "",
        "start": asked.address(),
        "categories": [
            {"name": name, "url": asked.address(category=value), "on": value == asked.category}
            for value, name in CATEGORIES.items()
        ],
        "sorts": [
            {"name": name, "url": asked.address(sort=value), "on": value == asked.sort}
            for value, name in SORT_NAMES.items()
        ],
        "tags": filters.chosen_tags(asked.tags, asked.tagged),
        "offered": filters.offered_tags(
            asked.tags, (one.card["tags"] for one in page.found), asked.tagged, TAGS_AT_ONCE
        ),
        "brief": kept_brief.of(request),
    }
    htmx = request.htmx  # type: ignore[attr-defined]  # set by django_htmx's middleware
    if not htmx or htmx.history_restore_request:
        return render(request, "gallery/index.html", context)
    if htmx.target == "more":
        return render(request, "gallery/cards.html", context)
    answer = render(request, "gallery/results.html", context)
    answer["HX-Push-Url"] = asked.address()
    return answer


def _new_this_week(cards: list[dict[str, Any]], left_out: Collection[int]) -> list[dict[str, Any]]:
    """What is new and not among these cards."""
    since, shown = clock.now() - filters.WEEK, {card["id"] for card in cards}
    found = search_templates(sort=NEW, left_out=left_out, limit=SHOWN + NEW_SHOWN).found
    new = [card_of(one) for one in found if one.stats.published_at >= since]
    return [card for card in new if card["id"] not in shown][:NEW_SHOWN]


def _asked(request: HttpRequest) -> Asked:
    """The question of a request. Anything may be in it."""
    given = request.GET
    sort = given.get("sort", "")
    category = given.get("category", "")
    return Asked(
        query=filters.clean(given.get("q", ""), QUERY_LENGTH),
        category=category if category in CATEGORIES else "",
        tags=filters.tags_of(request, TAGS_AT_ONCE),
        picked=filters.picked_of(request),
        sort=sort if sort in SORTS else TRENDING,
        after=filters.after_of(request),
    )
