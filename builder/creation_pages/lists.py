"""Lists of creations: the gallery's, and what one author shares."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from accounts.models import User
from builder.creation_pages import shown
from builder.gallery.cards import card_of_version
from core import errors
from creations.search import LIKED, NEW, QUERY_LENGTH, SORTS, TRENDING, FoundShare, search_shares
from templates_app import selectors as templates

SHOWN: Final = 24
TEMPLATES_SHOWN: Final = 12
SORT_NAMES: Final = {TRENDING: "Trending", NEW: "New", LIKED: "Most liked"}
_PERSON = re.compile(r"usr_[0-9a-f]{16}")
KINDS: Final = {
    "video": ("clapperboard", "Video"),
    "image": ("image", "Image"),
    "audio": ("music", "Audio"),
    "model": ("box", "3D"),
}


@require_safe
@vary_on_headers("HX-Request", "HX-Target")
def creations(request: HttpRequest) -> HttpResponse:
    """What people share with everyone."""
    query = _clean(request.GET.get("q", ""))
    sort = request.GET.get("sort", "")
    sort = sort if sort in SORTS else TRENDING
    after = request.GET.get("after", "")[:200]
    page = search_shares(query=query, sort=sort, after=after, limit=SHOWN)
    path = reverse("creations")
    context = {
        "query": query,
        "cards": cards_of(page.found),
        "more": _address(path, query, sort, page.after) if page.after else "",
        "start": _address(path, query, sort),
        "after": after,
        "sort": sort,
        "sorts": [
            {"name": name, "url": _address(path, query, value), "on": value == sort}
            for value, name in SORT_NAMES.items()
        ],
    }
    htmx = request.htmx  # type: ignore[attr-defined]  # set by django_htmx's middleware
    if htmx and htmx.target == "more":
        return render(request, "creation_pages/cards.html", context)
    if htmx and not htmx.history_restore_request:
        answer = render(request, "creation_pages/results.html", context)
        answer["HX-Push-Url"] = _address(path, query, sort, after)
        return answer
    return render(request, "creation_pages/creations.html", context)


@require_safe
def author(request: HttpRequest, person_id: str) -> HttpResponse:
    """What one person shares: creations and templates. NotFound for those who share nothing."""
    person = None
    if _PERSON.fullmatch(person_id):
        person = User.objects.filter(public_id=person_id, is_active=True).first()
    if person is None:
        raise errors.NotFound
    after = request.GET.get("after", "")[:200]
    page = search_shares(author=person, after=after, limit=SHOWN)
    published = templates.public_templates().filter(owner=person)
    rows = list(published[: TEMPLATES_SHOWN + 1])
    if not page.found and not rows and not after:
        # Who shares nothing is no one here, so that names can't be looked up.
        raise errors.NotFound
    path = reverse("author", args=[person_id])
    context = {
        "person": person,
        "name": person.shown_name,
        "cards": cards_of(page.found),
        "more": _address(path, "", NEW, page.after) if page.after else "",
        "templates": [
            card_of_version(row, row.published, is_open=True)
            for row in rows[:TEMPLATES_SHOWN]
            if row.published is not None
        ],
        "has_more_templates": len(rows) > TEMPLATES_SHOWN,
    }
    if request.htmx:  # type: ignore[attr-defined]  # set by django_htmx's middleware
        return render(request, "creation_pages/cards.html", context)
    return render(request, "creation_pages/author.html", context)


def cards_of(found: Sequence[FoundShare]) -> list[dict[str, Any]]:
    """What `creation_pages/card.html` shows of each."""
    return [_card(one) for one in found]


def _card(found: FoundShare) -> dict[str, Any]:
    share, face = found.share, found.face
    medium = shown.shown_medium(share, face) if face else None
    icon, kind = KINDS[medium.kind] if medium else ("", "")
    return {
        "id": share.public_id,
        "title": share.title,
        "author": share.owner.shown_name,
        "author_id": share.owner.public_id,
        "likes": share.likes,
        "picture": shown.picture_of(medium) if medium else "",
        "preview_url": medium.url if medium and medium.kind == "video" else "",
        "icon": icon,
        "kind": kind,
        "seconds": medium.seconds if medium else None,
    }


def _address(path: str, query: str, sort: str, after: str | None = "") -> str:
    pairs = [("q", query), ("sort", "" if sort == TRENDING else sort), ("after", after or "")]
    kept = [(name, value) for name, value in pairs if value]
    return f"{path}?{urlencode(kept)}" if kept else path


def _clean(text: str) -> str:
    # Lone surrogates cannot be written into an answer; NUL has no place in an address.
    kept = text.encode("utf-8", "ignore").decode().replace("\x00", "")
    return " ".join(kept[:QUERY_LENGTH].split())
