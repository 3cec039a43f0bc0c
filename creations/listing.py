"""The creations that the gallery finds, and their order: the one place that lists and counts.

Every service that changes what the public sees of a creation calls `refresh` in its transaction.
"""

from __future__ import annotations

from typing import Any

from django.db.models import F

from core import clock
from creations import selectors
from creations.models import Like, Share, ShareListing
from creations.search_terms import line_of_share
from templates_app.gallery_index import heat_after_use, heat_at, heat_without_use

LIKE_WEIGHT = 1.0
REMIX_WEIGHT = 3.0
# Creations of one person that are read at once.
AT_ONCE = 200


def refresh(share_id: int) -> None:
    """List a creation as it is now, or withdraw it; part of the caller's transaction."""
    share = _listed_shares([share_id]).get(share_id)
    if share is None:
        ShareListing.objects.filter(share_id=share_id).delete()
        return
    # Being shared counts as one use: new ones begin above those no one looks at any more.
    Share.objects.filter(pk=share_id, heat=0).update(heat=heat_at(share.created_at))
    rows = ShareListing.objects.filter(share_id=share_id, picked_at__isnull=False)
    words = _words(share, is_picked=rows.select_for_update().exists())
    ShareListing.objects.update_or_create(share_id=share_id, defaults={"words": words})


def set_picked(share: Share, *, is_picked: bool) -> bool:
    """Do as `templates_app.gallery_index.set_picked`, for a creation."""
    rows = ShareListing.objects.filter(share=share, picked_at__isnull=is_picked)
    if not rows.update(picked_at=clock.now() if is_picked else None):
        return False
    refresh(share.pk)
    return True


def refresh_author(person_id: int) -> None:
    """List what a person shares under the name they have now; part of the caller's transaction."""
    ids = list(ShareListing.objects.filter(share__owner=person_id).values_list("pk", flat=True))
    for first in range(0, len(ids), AT_ONCE):
        some = _listed_shares(ids[first : first + AT_ONCE])
        pick_rows = ShareListing.objects.filter(pk__in=some, picked_at__isnull=False)
        picks = set(pick_rows.select_for_update().values_list("pk", flat=True))
        rows = [
            ShareListing(pk=pk, words=_words(one, is_picked=pk in picks))
            for pk, one in some.items()
        ]
        ShareListing.objects.bulk_update(rows, ["words"])


def note_like(share: Share, like: Like, count: int) -> None:
    """Count a like, or with -1 one that was taken back: it counts no more in any order.

    Authors' own count, but don't make theirs rise.
    """
    changes: dict[str, Any] = {"likes": F("likes") + count}
    if like.person_id != share.owner_id:
        warmer, cooler = heat_after_use(LIKE_WEIGHT), heat_without_use(LIKE_WEIGHT, like.created_at)
        changes["heat"] = warmer if count > 0 else cooler
    Share.objects.filter(pk=share.pk).update(**changes)


def note_remix(share_id: int) -> None:
    """Count a remix; part of the transaction that makes it."""
    Share.objects.filter(pk=share_id).update(
        remixes=F("remixes") + 1, heat=heat_after_use(REMIX_WEIGHT)
    )


def _listed_shares(share_ids: list[int]) -> dict[int, Share]:
    """Return those of them that are listed, with what their words are taken from."""
    # A suspension ends without a word to anyone: until then lists leave them out.
    rows = Share.objects.filter(selectors.OPEN, visibility="public")
    relations = ("owner", "run__draft_of", "version__template")
    return rows.select_related(*relations).defer("frozen", "version__spec").in_bulk(share_ids)


def _words(share: Share, *, is_picked: bool) -> str:
    return line_of_share(share, _kind(share), _template_id(share), is_picked=is_picked)


def _kind(share: Share) -> str:
    face = selectors.faces_of([share.pk]).get(share.pk)
    return face.kind if face else ""


def _template_id(share: Share) -> int | None:
    """Return the id of what it was made with. Of a draft only where that was its author's own: that
    other people worked on it is not theirs to tell."""
    if share.version is not None:
        return share.version.template_id
    draft_of = share.run.draft_of
    return draft_of.pk if draft_of is not None and draft_of.owner_id == share.owner_id else None
