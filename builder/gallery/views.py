"""The front page: what is published, searched, narrowed and ordered."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from builder.compose_pages import kept_brief
from builder.gallery import filters
from builder.gallery.cards import card_of
from builder.gallery.categories import CATEGORY_WORDS
from templates_app.search import (
    FORKED,
    NEW,
    QUERY_LENGTH,
    SORTS,
    TAGS_AT_ONCE,
    TRENDING,
    search_templates,
)

SHOWN: Final = 24
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
    sort: str = TRENDING
    after: str = ""

    @property
    def is_narrowed(self) -> bool:
        return bool(self.query or self.category or self.tags)

    def address(self, **changes: Any) -> str:
        """The shareable address after some changes; another list begins at its first page."""
        asked = replace(self, **{"after": "", **changes})
        pairs = [("q", asked.query), ("category", asked.category)]
        pairs += [("tag", tag) for tag in asked.tags]
        pairs += [("sort", "" if asked.sort == TRENDING else asked.sort), ("after", asked.after)]
        kept = [(name, value) for name, value in pairs if value]
        return f"/?{urlencode(kept)}" if kept else "/"

    def tagged(self, tags: tuple[str, ...]) -> str:
        return self.address(tags=tags)


@require_safe
@vary_on_headers("HX-Request", "HX-Target")
def index(request: HttpRequest) -> HttpResponse:
    """Everyone may look. To htmx it answers with the part that changes."""
    asked = _asked(request)
    page = search_templates(
        query=asked.query,
        category=asked.category,
        tags=asked.tags,
        sort=asked.sort,
        after=asked.after,
        limit=SHOWN,
    )
    cards = [card_of(found) for found in page.found]
    context = {
        "asked": asked,
        "cards": cards,
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


def _asked(request: HttpRequest) -> Asked:
    """The question of a request. Anything may be in it."""
    given = request.GET
    sort = given.get("sort", "")
    category = given.get("category", "")
    return Asked(
        query=filters.clean(given.get("q", ""), QUERY_LENGTH),
        category=category if category in CATEGORIES else "",
        tags=filters.tags_of(request, TAGS_AT_ONCE),
        sort=sort if sort in SORTS else TRENDING,
        after=filters.after_of(request),
    )
