"""Creations for tests of lists: shared at once, without a run that takes its time."""

from __future__ import annotations

from itertools import count
from typing import Any

from accounts.models import User
from creations import listing
from creations.models import Share, ShareMedia
from media.models import Blob
from runs.models import Run
from templates_app.models import Template, TemplateMedia

_MIMES = {
    "video": "video/mp4",
    "image": "image/png",
    "audio": "audio/mpeg",
    "model": "model/gltf-binary",
}
TAGS = ("night", "harbor", "slow-motion")
_numbers = count(1)


def make_share(
    owner: User,
    title: str = "Dawn",
    *,
    kind: str = "image",
    template: Template | None = None,
    draft_of: Template | None = None,
    visibility: str = "public",
    blob: Blob | None = None,
    poster: Blob | None = None,
    **fields: Any,
) -> Share:
    """What sharing a run leaves behind: one result.

    template: whose published version, or else its head, was run. blob, poster: else the bytes are
    not there. fields: more of `Share`.
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
        blob=blob or _blob(2 * number, kind),
        poster=poster or (_blob(2 * number + 1, "image") if kind == "video" else None),
        filename=f"{title}.bin"[:200],
    )
    listing.refresh(share.pk)
    share.refresh_from_db()
    return share


def share_samples(*people: User) -> None:
    """What the samples show, shared by these people in turn as what they made with them."""
    shown = TemplateMedia.objects.filter(role__in=["preview", "poster"]).select_related("blob")
    by_template: dict[int, dict[str, Blob]] = {}
    for one in shown.order_by("id"):
        by_template.setdefault(one.version.template_id, {})[one.blob.kind] = one.blob
    for number, (template_id, blobs) in enumerate(by_template.items()):
        template = Template.objects.get(pk=template_id)
        for turn in range(3 if number == 0 else 1):
            kind = "video" if "video" in blobs else next(iter(blobs))
            make_share(
                people[(number + turn) % len(people)],
                template.name,
                kind=kind,
                template=template,
                blob=blobs[kind],
                poster=blobs.get("image") if kind == "video" else None,
                note=f"Made in an evening. #{TAGS[number % len(TAGS)]} #first",
                likes=number * 7 % 40,
            )


def _blob(number: int, kind: str) -> Blob:
    seconds = {"duration_ms": 65_000} if kind in ("video", "audio") else {}
    return Blob.objects.create(
        sha256=f"{number:064x}", size=1_000, mime=_MIMES[kind], kind=kind, **seconds
    )
