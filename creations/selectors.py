"""Reads of creations. Each takes a viewer, so privacy is part of the query."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet, Sum

from accounts import suspension
from accounts.models import User
from accounts.names import ERASED
from accounts.selectors import person_of_id
from core import errors
from creations.models import PUBLIC, Like, Share, ShareMedia
from media.models import Blob
from runs.models import Run

SHARE_ID = re.compile(r"[1-9A-HJ-NP-Za-km-z]{16}")
_SHA256 = re.compile(r"[0-9a-f]{64}")

LASTING = Q(ended_at=None)
# What everyone with its address may open.
OPEN = LASTING & Q(moderation="visible") & suspension.shown("owner")


@dataclass(frozen=True, slots=True)
class VisibleShare:
    """A creation as this viewer sees it, with its media in order; without them once taken down."""

    share: Share
    media: tuple[ShareMedia, ...]
    is_owner: bool

    @property
    def is_open(self) -> bool:
        """Return whether others may open it: not where it is hidden, or its owner suspended."""
        return self.share.moderation == "visible" and suspension.is_shown(self.share.owner)


def visible_share(viewer: User | None, public_id: str) -> VisibleShare:
    """The creation at an address. Raises NotFound alike for unknown, ended and hidden ones."""
    mine = LASTING & Q(owner=viewer) if viewer is not None else Q(pk__in=[])
    share = None
    if SHARE_ID.fullmatch(public_id):
        rows = Share.objects.filter(OPEN | mine, public_id=public_id)
        share = rows.select_related("owner", "version__template").defer("version__spec").first()
    if share is None:
        raise missing()
    media = ShareMedia.objects.filter(share=share).select_related("blob", "poster")
    is_gone = share.moderation == "removed"
    visible_media = tuple(
        one for one in media.order_by("position") if one.blob.blocked_at is None and not is_gone
    )
    return VisibleShare(share, visible_media, viewer is not None and share.owner_id == viewer.pk)


def listed() -> QuerySet[Share]:
    """Select what lists, counts and search show everyone just now, each with its owner.

    The same as the conditions of `creations.search`.
    """
    rows = Share.objects.filter(OPEN, visibility=PUBLIC)
    return rows.select_related("owner", "listing").defer("frozen", "prompts", "listing__words")


def listed_with(sha256: str) -> QuerySet[Share]:
    """Select those of `listed` that show these bytes, or as a still, the first one first."""
    media = ShareMedia.objects.filter(
        Q(blob=sha256) | Q(poster=sha256), role="result", blob__blocked_at=None
    )
    return listed().filter(pk__in=media.values("share")).order_by("created_at", "pk")


def faces_of(share_ids: Collection[int]) -> dict[int, ShareMedia]:
    """Creation → what it shows first; none for those of which everything was taken down."""
    rows = ShareMedia.objects.filter(share__in=share_ids, role="result", blob__blocked_at=None)
    faces: dict[int, ShareMedia] = {}
    for row in rows.select_related("blob", "poster").order_by("share_id", "position"):
        faces.setdefault(row.share_id, row)
    return faces


def author(public_id: str) -> User:
    """A person who may have a page of what they share.

    Raises NotFound for someone unknown or deleted, and while they are suspended.
    """
    person = person_of_id(public_id)
    if not may_have_page(person):
        raise errors.NotFound
    return person


def may_have_page(person: User) -> bool:
    """Return whether others may look at what this person shares, all in one place."""
    return suspension.is_shown(person) and not person.username.startswith(ERASED)


def lasting_share(run: Run) -> Share | None:
    """Return the share that a run has now."""
    return Share.objects.filter(LASTING, run=run).first()


def shared_blob(public_id: str, sha256: str) -> Blob | None:
    """The blob at `/media/s/<creation>/<sha256>/…` while that creation is open to its viewers.

    Asked on every request, so ending and hiding revoke at once. A poster goes with what it shows.
    """
    if not SHARE_ID.fullmatch(public_id) or not _SHA256.fullmatch(sha256):
        return None
    row = (
        ShareMedia.objects.filter(
            Q(blob_id=sha256) | Q(poster_id=sha256),
            Q(blob__blocked_at=None),
            suspension.shown("share__owner"),
            share__public_id=public_id,
            share__ended_at=None,
            share__moderation="visible",
        )
        .select_related("blob", "poster")
        .first()
    )
    if row is None:
        return None
    return row.blob if row.blob_id == sha256 else row.poster


def size_of(share: Share) -> int:
    """Bytes of the files that a creation holds: copies of results, their stills, and inputs."""
    rows = ShareMedia.objects.filter(share=share)
    return _sum(rows)


def stored_bytes(owner_id: int) -> int:
    """Measure what a person's creations take while they are shared, for `accounts.storage`."""
    return _sum(ShareMedia.objects.filter(share__owner=owner_id, share__ended_at=None))


def _sum(rows: QuerySet[ShareMedia]) -> int:
    sizes = rows.aggregate(files=Sum("blob__size"), stills=Sum("poster__size"))
    return (sizes["files"] or 0) + (sizes["stills"] or 0)


def summaries_of(person: User) -> Iterable[Mapping[str, Any]]:
    """All creations of a person, also ended ones, newest first, with few columns."""
    rows = Share.objects.filter(owner=person).order_by("-id")
    return rows.values(
        "public_id",
        "title",
        "note",
        "visibility",
        "license",
        "shows_prompts",
        "allows_remix",
        "likes",
        "remixes",
        "created_at",
        "ended_at",
        "run__public_id",
    )


def liked_by(person: User) -> list[tuple[str, datetime]]:
    """List what a person likes that others may open: (public id, since when), newest first."""
    rows = Like.objects.filter(person=person, share__in=Share.objects.filter(OPEN))
    return list(rows.order_by("-id").values_list("share__public_id", "created_at"))


def blobs_shared(hashes: Collection[str]) -> set[str]:
    """Return blobs that a creation shows or showed (`media.resolvers.register_references`)."""
    rows = ShareMedia.objects.filter(Q(blob_id__in=hashes) | Q(poster_id__in=hashes))
    all_hashes = {sha256 for pair in rows.values_list("blob_id", "poster_id") for sha256 in pair}
    return all_hashes & set(hashes)


def missing() -> errors.NotFound:
    """The one answer for unknown, ended and hidden creations."""
    return errors.NotFound(
        "Creation not found, or it isn't shared any more.", code="share.not_found"
    )
