"""What the queue shows, on its own page and beside a case."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpRequest

from core.paging import next_offset, read_page
from moderation import case_queue, reasons
from moderation.case_queue import QueueFilter
from moderation.console.requests import frame, kept
from moderation.models import COMMENT, MEDIA, SHARE, TEMPLATE, USER
from moderation.report_pages import signed_in

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


def queue_context(request: HttpRequest, wanted: QueueFilter) -> dict[str, Any]:
    page, viewer = read_page(request.GET, default=50), signed_in(request)
    found = list(case_queue.queue(wanted, viewer)[page.window])
    following = next_offset(page, len(found) > page.limit)
    counts = case_queue.counts(viewer)
    return {
        **frame("cases"),
        "rows": case_queue.rows_of(found[: page.limit]),
        "wanted": wanted,
        "filters": [(show, title, counts[show]) for show, title in SHOWS.items()],
        "kinds": KINDS.items(),
        "kept": kept(wanted),
        "next_page": kept(wanted, offset=following) if following else "",
        "reasons": list(reasons.REASONS.values()),
    }
