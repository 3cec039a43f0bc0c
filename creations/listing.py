"""Which creations the gallery finds, and in which order: the one place that lists and counts.

Every service that changes what the public sees of a creation calls `refresh` in its transaction.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import F

from creations import selectors
from creations.models import Share, ShareListing
from templates_app.gallery_index import heat_at, heated
from templates_app.tokenizer import line_of, words_of

WORDS_LIMIT = 400
LIKE_WEIGHT = 1.0
REMIX_WEIGHT = 3.0


def refresh(share_id: int) -> None:
    """List a creation as it is now, or withdraw it; part of the caller's transaction."""
    share = Share.objects.filter(selectors.LISTED, pk=share_id).select_related("owner").first()
    if share is None:
        ShareListing.objects.filter(share_id=share_id).delete()
        return
    # Being shared counts as one use: new ones begin above those no one looks at any more.
    Share.objects.filter(pk=share_id, heat=0).update(heat=heat_at(share.created_at))
    ShareListing.objects.update_or_create(
        share_id=share_id, defaults={"words": line_of(_words(share), WORDS_LIMIT)}
    )


def note_like(share_id: int, count: int) -> None:
    """Count a like, or with -1 one that was taken back."""
    rows = Share.objects.filter(pk=share_id)
    if count > 0:
        rows.update(likes=F("likes") + 1, heat=heated(LIKE_WEIGHT))
    else:
        rows.update(likes=F("likes") - 1)


def note_remix(share_id: int) -> None:
    """Count a remix; part of the transaction that makes it."""
    Share.objects.filter(pk=share_id).update(remixes=F("remixes") + 1, heat=heated(REMIX_WEIGHT))


def _words(share: Share) -> Iterator[str]:
    texts = (share.title, share.note, share.owner.shown_name)
    for text in (*texts, *(one["text"] for one in share.prompts)):
        yield from words_of(text)
