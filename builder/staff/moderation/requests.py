"""Helpers of the console's pages: who may see them, what a request holds, and the queue, which has
a page of its own and is beside each case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse

from accounts import roles
from accounts.staff_permissions import staff_page
from builder.shared.page_requests import person_of
from core import errors
from core.paging import next_offset, read_page
from moderation import appeals, case_queue, reasons
from moderation.case_queue import LARGEST_ID, QueueFilter
from moderation.models import COMMENT, MEDIA, SHARE, TEMPLATE, USER, Case, Decision

SHOWS: Final = {
    "open": "Open",
    "mine": "Mine",
    "appeals": "Appeals",
    "opinion": "Second opinion",
    "hidden": "Hidden",
    "closed": "Closed",
}
KINDS: Final = {
    TEMPLATE: "Templates",
    SHARE: "Creations",
    COMMENT: "Comments",
    USER: "People",
    MEDIA: "Files",
}

# Rows of the queue: more than a screen shows, and j goes on after the last.
PAGE: Final = 25

moderators_only = staff_page(roles.is_moderator)


def frame(section: str) -> dict[str, Any]:
    """Build the context of each page's bar. section: the entry that is current."""
    return {
        "section": section,
        "open_cases": case_queue.open_cases(),
        "open_appeals": appeals.waiting().count(),
    }


def case_of(case_id: int) -> Case:
    """The case of this number. Raises NotFound."""
    case = Case.objects.filter(pk=case_id).first() if case_id <= LARGEST_ID else None
    if case is None:
        raise errors.NotFound
    return case


def whole(text: str) -> int:
    """A number as a form holds it; 0 where it can't be read."""
    is_number = text.isascii() and text.isdigit() and len(text) < 20
    return int(text) if is_number and int(text) <= LARGEST_ID else 0


def version_of(request: HttpRequest, case: Case) -> int:
    """The version of this case that a form was made for. Anything unreadable is none: stale; so is
    the form of another case, whose fields a browser may have kept."""
    is_its = whole(request.POST.get("case", "")) == case.pk
    return whole(request.POST.get("version", "")) if is_its else 0


def text_of(values: Mapping[str, str], name: str, most: int) -> str:
    """A filter's text, at most so many characters."""
    return values.get(name, "").replace("\x00", "").strip()[:most]


def kept(queue_filter: QueueFilter, **more: Any) -> str:
    """The queue's filter as the end of an address."""
    usual = QueueFilter()
    values = {
        name: getattr(queue_filter, name)
        for name in ("show", "sort", "kind", "reason", "q")
        if getattr(queue_filter, name) != getattr(usual, name)
    }
    query = urlencode({**values, **more})
    return f"?{query}" if query else ""


def undo_address(decision: Decision, queue_filter: QueueFilter) -> str:
    """Return where a form undoes a decision, as its case is now."""
    address = reverse("moderation-undo", args=[decision.case_id])
    return address + kept(queue_filter, version=decision.case.version)


def queue_context(request: HttpRequest, queue_filter: QueueFilter) -> dict[str, Any]:
    """The queue, and the bar's numbers, which it counts too. around: the ids of what is listed and
    of the case after that, for `ways`."""
    page, viewer = read_page(request.GET, default=PAGE), person_of(request)
    cases = list(case_queue.queue(queue_filter, viewer)[page.window])
    following = next_offset(page, len(cases) > page.limit)
    counts = case_queue.counts(viewer)
    around: list[int | None] = [case.pk for case in cases]
    if not page.offset:
        around.insert(0, None)
    if not following:
        around.append(None)
    return {
        "section": "cases",
        "open_cases": counts.of_filters["open"],
        "open_appeals": counts.appeals,
        "rows": case_queue.rows_of(cases[: page.limit]),
        "around": around,
        "wanted": queue_filter,
        "filters": [(show, title, counts.of_filters[show]) for show, title in SHOWS.items()],
        "kinds": KINDS.items(),
        "kept": kept(queue_filter),
        "next_page": kept(queue_filter, offset=following) if following else "",
        "reasons": list(reasons.REASONS.values()),
    }
