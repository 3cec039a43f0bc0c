"""Showing a moderator the media of a case: each view is logged, and its links expire soon."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import timedelta

from core import clock
from creations.models import ShareMedia
from media import signing
from media.models import Blob
from moderation.models import AuditEntry
from templates_app.models import TemplateMedia

LOOK = "case.look"
# Long enough to watch a film and decide.
LIFE = timedelta(minutes=15)

_LOOK_ID = re.compile(r"look_([0-9]{1,18})_([0-9a-f]{64})")


def path_of(entry: AuditEntry, blob: Blob) -> str:
    """The path of one file within a logged view."""
    return signing.signed_path(f"look_{entry.pk}_{blob.sha256}", f"{blob.kind}")


def media_of(
    version_id: int | None = None, share_id: int | None = None, file: str | None = None
) -> list[Blob]:
    """Return what a version of a template or a creation shows, each file once, what is seen first
    at the front; or a file itself, by its hash. Blocked ones are shown to no one."""
    if file is not None:
        return list(Blob.objects.filter(pk=file, blocked_at=None))
    if share_id is not None:
        share_media = ShareMedia.objects.filter(share_id=share_id, blob__blocked_at=None)
        return _once(
            row.blob for row in share_media.select_related("blob").order_by("-role", "position")
        )
    if version_id is None:
        return []
    rows = TemplateMedia.objects.filter(version_id=version_id, blob__blocked_at=None)
    order = {"preview": 0, "poster": 1, "default": 2}
    in_order = sorted(rows.select_related("blob"), key=lambda row: (order.get(row.role, 3), row.pk))
    return _once(row.blob for row in in_order)


def media_of_entry(entry: AuditEntry) -> list[Blob]:
    """Return what a logged view shows."""
    data = entry.data
    return media_of(data.get("version"), data.get("share"), data.get("file"))


def resolve_look(public_id: str) -> Blob | None:
    """The blob behind a view's link, for `media.resolvers`, also while the template is hidden.

    A signature alone is valid for a day. The log knows how old this view is.
    """
    match = _LOOK_ID.fullmatch(public_id)
    if match is None:
        return None
    entry = AuditEntry.objects.filter(
        pk=int(match[1]), action=LOOK, created_at__gt=clock.now() - LIFE
    ).first()
    if entry is None:
        return None
    blobs = media_of_entry(entry)
    return next((blob for blob in blobs if blob.sha256 == match[2]), None)


def _once(blobs: Iterable[Blob]) -> list[Blob]:
    return list({blob.sha256: blob for blob in blobs}.values())
