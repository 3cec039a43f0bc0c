"""`/app/media`: what a person brought and what their runs made, to choose from."""

from __future__ import annotations

from typing import cast

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from builder.web.editor.answers import answer, person_of
from builder.web.editor.schemas import LibraryMedium
from core import clock, errors
from core.public_url import base_url
from media import signing
from runs.my_media import OwnMedium, media_of
from templates_app.media_links import object_reference
from tools.declaration.ports import MEDIA_KINDS, MediaKind

PAGE = 48


@never_cache
@require_safe
def media(request: HttpRequest) -> HttpResponse:
    """Own uploads and results, newest first. kind: one of them only; q: see
    `runs.my_media.media_of`; before: the last `next`."""
    person = person_of(request)
    kind = request.GET.get("kind", "")
    if kind and kind not in MEDIA_KINDS:
        raise errors.InvalidBody(f"`kind` must be one of: {', '.join(MEDIA_KINDS)}.")
    parameters = request.GET
    rows = media_of(
        person,
        query=parameters.get("q", ""),
        kind=kind,
        before=parameters.get("before", ""),
        limit=PAGE + 1,
    )
    page, origin = rows[:PAGE], base_url(request)
    return answer(
        {
            "media": [_out(medium, origin) for medium in page],
            "next": page[-1].mark if len(rows) > PAGE else None,
        }
    )


def _out(medium: OwnMedium, origin: str) -> LibraryMedium:
    """duration: seconds; url: works for a day; reference: what a document keeps."""
    blob = medium.blob
    return {
        "reference": str(object_reference(medium.public_id, medium.filename)),
        "url": origin + signing.signed_path(medium.public_id, medium.filename),
        "kind": cast(MediaKind, blob.kind),
        "title": medium.label,
        "width": blob.width,
        "height": blob.height,
        "duration": blob.duration_s,
        "createdAt": clock.iso(medium.at),
    }
