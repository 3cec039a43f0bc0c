"""Files of guests: those they bring, and those of their runs that they may see."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

from core import ids
from media import presigned_uploads
from media.models import Blob
from simple_apps import access, guest_view
from simple_apps.models import GuestLink, SimpleApp

UPLOAD_BYTES: Final = 25_000_000
KEPT_HOURS: Final = 24
_SLOTS: Final = {"image": "referenceImage", "video": "referenceVideo", "audio": "referenceAudio"}
_TOKEN = re.compile(r"[0-9a-f]{64}")


def upload_path(link: GuestLink, kind: str) -> str:
    """Return the path that takes one file of this kind, into the storage of the app's owner."""
    ticket = presigned_uploads.UploadTicket(
        link.app.owner.public_id, _SLOTS[kind], f"guest:{ids.upload_id()}", UPLOAD_BYTES, KEPT_HOURS
    )
    return presigned_uploads.issue(ticket)


def guest_blob(holder: str, sha256: str) -> Blob | None:
    """Return the file at `/media/a/<token of a run, or slug>/<sha256>/…`, for
    `media.resolvers.register_public`. Asked on every request, so ending an app revokes at once."""
    if _TOKEN.fullmatch(holder):
        guest = access.runs_by_token(holder).first()
        return guest_view.file_of(guest, sha256) if guest is not None else None
    app = SimpleApp.objects.filter(access.OPEN, slug=holder, picture=sha256).first()
    return app.picture if app is not None else None


def pictures(hashes: Collection[str]) -> set[str]:
    """Return which of these blobs apps show (`media.resolvers.register_references`)."""
    rows = SimpleApp.objects.filter(picture__in=hashes)
    return {sha256 for sha256 in rows.values_list("picture_id", flat=True) if sha256}
