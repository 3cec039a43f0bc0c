"""`/app/media`: what a person brought and what their runs made, to choose from."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from django.db.models import F, Q
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.models import User
from builder.editor.documents import answer, person_of
from builder.editor.schemas import LibraryMedium
from core import clock, errors
from core.public_url import base_url
from media import signing
from media.models import Blob, Upload
from runs import states
from runs.models import Artifact
from templates_app.media_links import object_reference
from tools.declaration.ports import MEDIA_KINDS, MediaKind

PAGE = 48
_BEFORE = re.compile(r"([0-9T:.\-]{1,40}Z)~([A-Za-z0-9_-]{1,64})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Medium:
    """One thing to choose. at: when it came to be, with the id the order of the list."""

    at: datetime
    public_id: str
    filename: str
    title: str
    blob: Blob


@never_cache
@require_safe
def media(request: HttpRequest) -> HttpResponse:
    """Own uploads and results, newest first. kind: one of them only; before: the last `next`."""
    person = person_of(request)
    kind = request.GET.get("kind", "")
    if kind and kind not in MEDIA_KINDS:
        raise errors.InvalidBody(f"`kind` must be one of: {', '.join(MEDIA_KINDS)}.")
    before = _read_before(request.GET.get("before", ""))
    found = sorted(
        [*_uploads(person, kind, before), *_results(person, kind, before)],
        key=lambda medium: (medium.at, medium.public_id),
        reverse=True,
    )
    shown, origin = found[:PAGE], base_url(request)
    last = shown[-1] if len(found) > PAGE else None
    return answer(
        {
            "media": [_out(medium, origin) for medium in shown],
            "next": f"{_mark(last.at)}~{last.public_id}" if last else None,
        }
    )


def _uploads(owner: User, kind: str, before: tuple[datetime, str] | None) -> Sequence[Medium]:
    rows = (
        Upload.objects.filter(
            owner=owner, completed_at__isnull=False, blob__isnull=False, blob__blocked_at=None
        )
        .select_related("blob")
        .order_by("-completed_at", "-public_id")
    )
    if kind:
        rows = rows.filter(blob__kind=kind)
    if before:
        at, public_id = before
        rows = rows.filter(Q(completed_at__lt=at) | Q(completed_at=at, public_id__lt=public_id))
    return [
        Medium(row.completed_at, row.public_id, row.filename, row.filename, row.blob)
        for row in rows[: PAGE + 1]
        if row.completed_at and row.blob
    ]


def _results(owner: User, kind: str, before: tuple[datetime, str] | None) -> Sequence[Medium]:
    rows = (
        Artifact.objects.filter(
            run__owner=owner,
            hidden_at=None,
            blob__blocked_at=None,
            step__status=states.COMPLETED,
            # A step that took over an earlier result shows the same bytes again.
            step__reused_from=None,
            generation=F("step__generation"),
        )
        .select_related("blob", "step", "run")
        .defer("run__plan", "run__request", "run__media")
        .order_by("-created_at", "-public_id")
    )
    if kind:
        rows = rows.filter(kind=kind)
    if before:
        at, public_id = before
        rows = rows.filter(Q(created_at__lt=at) | Q(created_at=at, public_id__lt=public_id))
    return [
        Medium(
            row.created_at,
            row.public_id,
            f"{row.kind}.{row.blob.mime.rpartition('/')[2]}",
            " · ".join(part for part in (row.step.title, row.run.title) if part) or row.step.tool,
            row.blob,
        )
        for row in rows[: PAGE + 1]
    ]


def _out(medium: Medium, origin: str) -> LibraryMedium:
    """duration: seconds; url: works for a day; reference: what a document keeps."""
    blob = medium.blob
    return {
        "reference": str(object_reference(medium.public_id, medium.filename)),
        "url": origin + signing.signed_path(medium.public_id, medium.filename),
        "kind": cast(MediaKind, blob.kind),
        "title": medium.title,
        "width": blob.width,
        "height": blob.height,
        "duration": blob.duration_s,
        "createdAt": clock.iso(medium.at),
    }


def _mark(at: datetime) -> str:
    """To the microsecond, as rows are ordered; `clock.iso` says milliseconds."""
    return at.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def _read_before(text: str) -> tuple[datetime, str] | None:
    if not text:
        return None
    match = _BEFORE.fullmatch(text)
    try:
        at = datetime.fromisoformat(match[1]) if match else None
    except ValueError:
        at = None
    if match is None or at is None:
        raise errors.InvalidBody("`before` must be the `next` of an earlier answer.")
    return at, match[2]
