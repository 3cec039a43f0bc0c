"""`/me/media`: everything that a person's runs made and that they uploaded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.suspension import allowed_while_suspended
from builder.shared.page_requests import check_sent, person_of
from builder.shared.storage_bar import storage_bar
from builder.web.gallery.cards import KINDS
from core import errors
from media import posters, services, signing
from mediakit.file_type import UNSHOWN
from runs import my_media
from runs.my_media import OwnMedium
from templates_app.documents.selectors import draft_names

PATH: Final = "/me/media"
SHOWN = 48
SOURCES: Final = {"": "All", my_media.MADE: "Made", my_media.UPLOADED: "Uploads"}
KIND_NAMES: Final = {"": "All kinds", "image": "Images", "video": "Videos", "audio": "Audio"}
KIND_NAMES_3D: Final = {**KIND_NAMES, "model": "3D models"}
# Deleted with one press: a page of them.
PICKED_LIMIT: Final = 100


@dataclass(frozen=True, slots=True)
class Asked:
    """The query of an address of the page."""

    query: str = ""
    kind: str = ""
    source: str = ""
    before: str = ""

    def address(self, **changes: Any) -> str:
        """The address after some changes; another list begins at its first page."""
        query = replace(self, **{"before": "", **changes})
        pairs = {
            "q": query.query,
            "kind": query.kind,
            "from": query.source,
            "before": query.before,
        }
        rest = {name: value for name, value in pairs.items() if value}
        return f"{PATH}?{urlencode(rest)}" if rest else PATH


def asked_by(query: Mapping[str, str]) -> Asked:
    """The question of an address. Anything may be in it."""
    kind, source = query.get("kind", ""), query.get("from", "")
    before = query.get("before", "")
    try:
        my_media.read_mark(before)
    except errors.InvalidBody:
        before = ""
    return Asked(
        query=query.get("q", "").strip()[: my_media.QUERY_LENGTH],
        kind=kind if kind in KIND_NAMES_3D else "",
        source=source if source in SOURCES else "",
        before=before,
    )


@never_cache
@login_required
@require_safe
def show_media(request: HttpRequest) -> HttpResponse:
    """The files, newest first, page by page."""
    person = person_of(request)
    query = asked_by(request.GET)
    media = my_media.media_of(
        person,
        query=query.query,
        kind=query.kind,
        source=query.source,
        before=query.before,
        limit=SHOWN + 1,
        with_blocked=True,
    )
    page = media[:SHOWN]
    templates = {one.template.pk: one.template.name for one in page if one.template}
    names = {**templates, **draft_names(person, templates)}
    context = {
        "asked": query,
        "tiles": [_tile(one, names) for one in page],
        "sources": [
            {"name": name, "url": query.address(source=source), "on": source == query.source}
            for source, name in SOURCES.items()
        ],
        "kinds": [
            {"name": name, "url": query.address(kind=kind), "on": kind == query.kind}
            for kind, name in KIND_NAMES_3D.items()
        ],
        "here": query.address(),
        "further": query.address(before=page[-1].mark) if len(media) > SHOWN else "",
        "is_narrowed": bool(query.query or query.kind or query.source),
        "storage": storage_bar(person),
    }
    return render(request, "account_pages/my_media.html", context)


@login_required
@require_POST
@allowed_while_suspended("POST")
def delete_picked(request: HttpRequest) -> HttpResponse:
    """Delete the selected uploads; what uses one is named. Results go with their runs."""
    check_sent(request.POST)
    person = person_of(request)
    ids = request.POST.getlist("pick")[:PICKED_LIMIT]
    media = my_media.named_media(person, ids, with_blocked=True)
    count, remaining = 0, []
    for one in media:
        if one.run is not None:
            continue
        try:
            services.delete_upload(owner=person, public_id=one.public_id)
            count += 1
        except errors.Conflict as used:
            remaining.append(used.person)
        except errors.NotFound:
            # Another tab was faster.
            continue
    results = sum(one.run is not None for one in media)
    if count:
        messages.success(request, f"Deleted {count} upload{'' if count == 1 else 's'}.")
    if results:
        remaining.append("Results stay with their runs.")
    if not media:
        remaining.append("Select one or more uploads first.")
    if remaining:
        messages.error(request, " ".join(remaining))
    back = QueryDict(request.POST.get("back", "").partition("?")[2])
    return redirect(asked_by(back).address())


def _tile(one: OwnMedium, names: Mapping[int, str]) -> dict[str, Any]:
    icon, word = KINDS[one.blob.kind]
    is_blocked = one.blob.blocked_at is not None
    url = "" if is_blocked else signing.signed_path(one.public_id, one.filename)
    needs_still = one.blob.kind == "model" or one.blob.mime in UNSHOWN
    template = one.template
    return {
        "id": one.public_id,
        "title": one.title,
        "at": one.at,
        "kind": one.blob.kind,
        "icon": icon,
        "word": word,
        "seconds": one.blob.duration_s,
        "url": url,
        "download": signing.download_address(url),
        # Where it's looked at: a result on the page of its run.
        "page": reverse("run", args=[one.run.public_id]) if one.run else url,
        "is_blocked": is_blocked,
        "picture": posters.still_path(one.public_id) if needs_still else url,
        "run": one.run,
        "tool": one.tool,
        "template": names[template.pk] if template else "",
        "prompt": one.prompt,
    }
