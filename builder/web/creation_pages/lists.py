"""Lists of creations: the gallery's, and what one author shares."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from accounts import blocks
from builder.shared.page_requests import viewer_of
from builder.web.creation_pages import creation_view
from builder.web.gallery import filters, front
from builder.web.gallery.cards import KINDS as KIND_WORDS
from builder.web.gallery.cards import add_origins, card_of, drawn_line_of
from core import errors
from creations import selectors
from creations.search import (
    KINDS,
    LIKED,
    NEW,
    QUERY_LENGTH,
    SORTS,
    TAGS_AT_ONCE,
    TRENDING,
    FoundShare,
    count_shares,
    has_picks,
    search_people,
    search_shares,
)
from creations.search_terms import tags_in
from templates_app import selectors as templates
from templates_app.models import Template
from templates_app.search import count_templates_by, templates_by

SHOWN: Final = 24
# Above what is new this week: two rows of the widest page.
FIRST: Final = 8
PEOPLE_SHOWN: Final = 6
MADE_WITH_SHOWN: Final = 4
# Counts end here: no one reads on, and the database counts no further.
COUNTED: Final = 100
SORT_NAMES: Final = {TRENDING: "Trending", NEW: "New", LIKED: "Most liked"}
CREATIONS, TEMPLATES = "creations", "templates"
CARD: Final = "creation_pages/card.html"


@dataclass(frozen=True, slots=True)
class Asked:
    """The query of an address of the gallery of creations, and the addresses of its neighbors.

    template: the public id of what they were made with.
    """

    query: str = ""
    kind: str = ""
    tags: tuple[str, ...] = ()
    template: str = ""
    picked: bool = False
    sort: str = TRENDING
    after: str = ""

    @property
    def is_narrowed(self) -> bool:
        return bool(self.query or self.kind or self.tags or self.template or self.picked)

    @property
    def kept(self) -> list[tuple[str, str]]:
        """Return the filters that a search for other words keeps, as pairs of an address."""
        pairs = [("kind", self.kind), *(("tag", tag) for tag in self.tags)]
        pairs += [("template", self.template), ("picked", "1" if self.picked else "")]
        pairs += [("sort", "" if self.sort == TRENDING else self.sort)]
        return [(name, value) for name, value in pairs if value]

    def address(self, **changes: Any) -> str:
        """The shareable address after some changes; another list begins at its first page."""
        query = replace(self, **{"after": "", **changes})
        pairs = [("q", query.query), *query.kept, ("after", query.after)]
        return filters.address(reverse("creations"), pairs)

    def tagged(self, tags: tuple[str, ...]) -> str:
        return self.address(tags=tags)


@require_safe
@vary_on_headers("HX-Request", "HX-Target")
def creations(request: HttpRequest) -> HttpResponse:
    """Show the creations that people share with everyone; to htmx, the part that changes."""
    query, template = _query_of(request)
    left_out = blocks.left_out(viewer_of(request))
    page = search_shares(
        query=query.query,
        kind=query.kind,
        tags=query.tags,
        template_id=template.pk if template else None,
        picked=query.picked,
        sort=query.sort,
        left_out=left_out,
        after=query.after,
        limit=SHOWN,
    )
    cards = cards_of(page.found)
    is_front = query == Asked() and page.after is not None
    context: dict[str, Any] = {
        "asked": query,
        "cards": cards,
        "what": "creations",
        "card_page": CARD,
        "all_new": query.address(sort=NEW),
        "more": query.address(after=page.after) if page.after else "",
    }
    if is_front:
        context |= front.parts(cards, first=FIRST, newest=_newest(left_out), card_of=_card)
    context |= drawn_line_of(request, [*cards, *context.get("new", ())])
    htmx = request.htmx  # type: ignore[attr-defined]  # set by django_htmx's middleware
    if htmx and htmx.target == "more":
        return render(request, "gallery/cards.html", context)
    context |= _around(query, page.found, left_out) | {"template": _template_name(template)}
    if htmx and not htmx.history_restore_request:
        answer = render(request, "creation_pages/results.html", context)
        answer["HX-Push-Url"] = query.address()
        return answer
    return render(request, "creation_pages/creations.html", context)


@require_safe
@vary_on_headers("HX-Request", "HX-Target")
def author(request: HttpRequest, person_id: str) -> HttpResponse:
    """Show what one person shares: creations and templates.

    NotFound for those who share nothing, so that names can't be looked up; they themselves see
    what would be here.
    """
    person = selectors.author(person_id)
    viewer = viewer_of(request)
    is_me = viewer == person
    counts = {
        CREATIONS: count_shares(author=person, most=COUNTED),
        TEMPLATES: count_templates_by(person, most=COUNTED),
    }
    if not any(counts.values()) and not is_me:
        raise errors.NotFound
    tab = request.GET.get("show", "")
    if tab not in counts:
        tab = TEMPLATES if counts[TEMPLATES] and not counts[CREATIONS] else CREATIONS
    path, after = reverse("author", args=[person_id]), filters.after_of(request)
    if tab == TEMPLATES:
        templates = templates_by(person, after=after, limit=SHOWN)
        next_page, cards = templates.after, [card_of(one) for one in templates.found]
        add_origins(cards)
    else:
        page = search_shares(author=person, sort=NEW, after=after, limit=SHOWN)
        next_page, cards = page.after, cards_of(page.found)
    start = filters.address(path, [("show", tab)])
    context = {
        "person": person,
        "name": person.shown_name,
        "is_me": is_me,
        "here": path,
        "can_block": viewer is not None and not is_me and person.is_active,
        "done": blocks.kind_between(viewer, person),
        "tab": tab,
        "tabs": [
            {
                "name": name.capitalize(),
                "url": filters.address(path, [("show", name)]),
                "count": shown_count(counts[name]),
                "on": name == tab,
            }
            for name in counts
            if counts[name]
        ],
        "after": after,
        "start": start,
        "cards": cards,
        "card_page": "gallery/card.html" if tab == TEMPLATES else CARD,
        "more": filters.address(path, [("show", tab), ("after", next_page)]) if next_page else "",
    }
    if request.htmx and request.htmx.target == "more":  # type: ignore[attr-defined]
        return render(request, "gallery/cards.html", context)
    return render(request, "creation_pages/author.html", context)


def made_with(template: Template, *, left_out: Collection[int]) -> dict[str, Any]:
    """List what was made with a template for its page, for those who may see the template."""
    page = search_shares(template_id=template.pk, left_out=left_out, limit=MADE_WITH_SHOWN)
    count = len(page.found)
    if page.after:
        count = count_shares(template_id=template.pk, left_out=left_out, most=COUNTED)
    return {
        "cards": cards_of(page.found),
        "count": shown_count(count),
        "more": Asked(template=template.public_id).address() if page.after else "",
    }


def _newest(left_out: Collection[int]) -> Iterator[tuple[str, datetime, FoundShare]]:
    """Yield the newest for `front.parts`: more than are shown already."""
    rows = search_shares(sort=NEW, left_out=left_out, limit=SHOWN + front.NEW_SHOWN).found
    return ((one.share.public_id, one.share.created_at, one) for one in rows)


def shown_count(count: int) -> str:
    """A number that was counted up to COUNTED."""
    return f"{COUNTED}+" if count >= COUNTED else str(count)


def cards_of(rows: Sequence[FoundShare]) -> list[dict[str, Any]]:
    """Build what `creation_pages/card.html` shows of each."""
    return [_card(one) for one in rows]


def _card(row: FoundShare) -> dict[str, Any]:
    share = row.share
    medium = creation_view.shown_medium(share, row.face)
    icon, kind = KIND_WORDS.get(medium.kind, ("image", ""))
    return {
        "id": share.public_id,
        "title": share.title,
        "author": share.owner.shown_name,
        "author_id": share.owner.public_id,
        "likes": share.likes,
        "picture": medium.poster or medium.picture,
        "preview_url": medium.url if medium.kind == "video" else "",
        "icon": icon,
        "kind": kind,
        "seconds": medium.seconds,
        "origin": medium.line,
        # Withdrawn just now: no listing any more.
        "is_picked": hasattr(share, "listing") and share.listing.picked_at is not None,
    }


def _around(query: Asked, rows: Sequence[FoundShare], left_out: Collection[int]) -> dict[str, Any]:
    """Build what is around a list: its filters, and people of that name."""
    tags = [tags_in(f"{one.share.title}\n{one.share.note}") for one in rows]
    is_first = query.query and not query.after
    return {
        "start": query.address(),
        "chips_of": "Kind",
        "chips": [
            {"name": name, "url": query.address(kind=value), "on": value == query.kind}
            for value, name in [("", "All"), *((kind, KIND_WORDS[kind][1]) for kind in KINDS)]
        ],
        "sorts": [
            {"name": name, "url": query.address(sort=value), "on": value == query.sort}
            for value, name in SORT_NAMES.items()
        ],
        "picks": filters.picks(query, exist=has_picks()),
        "tags": filters.chosen_tags(query.tags, query.tagged),
        "offered": filters.offered_tags(query.tags, tags, query.tagged, TAGS_AT_ONCE),
        "people": search_people(query.query, PEOPLE_SHOWN, left_out=left_out) if is_first else [],
        "all_of_them": query.address(template=""),
    }


def _template_name(template: Template | None) -> dict[str, str] | None:
    """The template that a list is narrowed to: what everyone sees, its published name."""
    if template is None:
        return None
    version = template.published if template.visibility == "public" else None
    name = version.spec["name"] if version else template.name
    return {"id": template.public_id, "name": name}


def _query_of(request: HttpRequest) -> tuple[Asked, Template | None]:
    """The question of a request, and the template it names.

    Raises NotFound for a template that the viewer may not know of.
    """
    parameters = request.GET
    sort, kind = parameters.get("sort", ""), parameters.get("kind", "")
    template_id = parameters.get("template", "")[:256]
    template = templates.resolve(viewer_of(request), template_id) if template_id else None
    query = Asked(
        query=filters.clean(parameters.get("q", ""), QUERY_LENGTH),
        kind=kind if kind in KINDS else "",
        tags=filters.tags_of(request, TAGS_AT_ONCE),
        template=template_id,
        picked=filters.picked_of(request),
        sort=sort if sort in SORTS else TRENDING,
        after=filters.after_of(request),
    )
    return query, template
