"""Creations for tests of lists: shared at once, without a run that takes its time."""

from __future__ import annotations

from itertools import count
from typing import Any

from accounts.models import User
from creations import listing
from creations.models import Share, ShareMedia
from media.models import Blob
from runs.models import Run
from templates_app.models import Template

_MIMES = {
    "video": "video/mp4",
    "image": "image/png",
    "audio": "audio/mpeg",
    "model": "model/gltf-binary",
}
_numbers = count(1)


def make_share(
    owner: User,
    title: str = "Dawn",
    *,
    kind: str = "image",
    template: Template | None = None,
    draft_of: Template | None = None,
    visibility: str = "public",
    **fields: Any,
) -> Share:
    """What sharing a run leaves behind: one result, whose bytes are not there.

    template: whose published version, or else its head, was run. fields: more of `Share`.
    """
    number = next(_numbers)
    version = (template.published or template.head) if template else None
    run = Run.objects.create(
        public_id=f"run_shared_{number}",
        owner=owner,
        kind="workflow",
        title=title,
        status="completed",
        template_version=version,
        draft_of=draft_of,
        request={},
        plan={},
    )
    share = Share.objects.create(
        run=run, owner=owner, version=version, title=title, visibility=visibility, **fields
    )
    ShareMedia.objects.create(
        share=share,
        position=0,
        kind=kind,
        blob=_blob(2 * number, kind),
        poster=_blob(2 * number + 1, "image") if kind == "video" else None,
        filename=f"{title}.bin"[:200],
    )
    listing.refresh(share.pk)
    share.refresh_from_db()
    return share


def _blob(number: int, kind: str) -> Blob:
    seconds = {"duration_ms": 65_000} if kind in ("video", "audio") else {}
    return Blob.objects.create(
        sha256=f"{number:064x}", size=1_000, mime=_MIMES[kind], kind=kind, **seconds
    )
