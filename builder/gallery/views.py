"""The front page: what is published, searched, narrowed and ordered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from builder.compose_pages import kept_brief
from builder.gallery.cards import card_of
from builder.gallery.categories import CATEGORY_WORDS
from templates_app.search import (
    FORKED,
    NEW,
    QUERY_LENGTH,
    SORTS,
    TAGS_AT_ONCE,
    TRENDING,
    FoundTemplate,
    search_templates,
)
from templates_app.tokenizer import tag_word

SHOWN: Final = 24
# A large first card needs others beside and below it.
FEATURE_FROM: Final = 5
TAG_LENGTH: Final = 60
TAGS_OFFERED: Final = 6
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
        "tags": [_without(asked, tag) for tag in asked.tags],
        "offered": _offered(asked, page.found),
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
    # Two spellings of one tag are one filter; one that names nothing stays, and finds nothing.
    tags: dict[str, str] = {}
    for tag in given.getlist("tag")[:50]:
        tag = _clean(tag, TAG_LENGTH)
        if tag:
            tags.setdefault(tag_word(tag), tag)
    category = given.get("category", "")
    return Asked(
        query=_clean(given.get("q", ""), QUERY_LENGTH),
        category=category if category in CATEGORIES else "",
        tags=tuple(tags.values())[:TAGS_AT_ONCE],
        sort=sort if sort in SORTS else TRENDING,
        after=given.get("after", "")[:200],
    )


def _clean(text: str, length: int) -> str:
    # Lone surrogates cannot be written into an answer; NUL has no place in an address.
    kept = text.encode("utf-8", "ignore").decode().replace("\x00", "")
    return " ".join(kept[:length].split())


def _without(asked: Asked, tag: str) -> dict[str, str]:
    left = tuple(other for other in asked.tags if other != tag)
    return {"name": tag, "url": asked.address(tags=left)}


def _offered(asked: Asked, found: Sequence[FoundTemplate]) -> list[dict[str, str]]:
    """Tags that would narrow what is shown, the most frequent first."""
    if len(asked.tags) >= TAGS_AT_ONCE:
        return []
    used = {tag_word(tag) for tag in asked.tags}
    names: dict[str, str] = {}
    count: Counter[str] = Counter()
    for one in found:
        for word, name in {tag_word(tag): tag for tag in one.card["tags"]}.items():
            if word and word not in used:
                names.setdefault(word, _clean(name, TAG_LENGTH))
                count[word] += 1
    return [
        {"name": names[word], "url": asked.address(tags=(*asked.tags, names[word]))}
        for word, _ in count.most_common(TAGS_OFFERED)
    ]
