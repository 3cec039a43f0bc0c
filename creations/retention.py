"""The retention of creations: all while they are shared, afterwards a while for moderators.

A run that is shared stays; one that goes takes its creations with it.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Final

from django.db import transaction

from accounts import storage
from accounts.models import User
from core import clock
from creations import likes, selectors
from creations.models import Like, Share, ShareMedia

# After a creation ended, someone may still say what it showed.
KEPT_FOR: Final = timedelta(days=30)
EVERY_S: Final = 3600.0


def runs_shared(run_ids: Collection[int]) -> set[int]:
    """Return those of these runs that are shared now, for `runs.engine.retention`."""
    rows = Share.objects.filter(selectors.LASTING, run__in=run_ids)
    return set(rows.values_list("run_id", flat=True))


def give_back(run_ids: Collection[int]) -> None:
    """Give back the bytes that runs are shared with, as they go (`runs.engine.retention`)."""
    for share in Share.objects.filter(selectors.LASTING, run__in=run_ids).only("pk", "owner_id"):
        storage.add(share.owner_id, storage.CREATIONS, -selectors.size_of(share))


def tend() -> float:
    """Take the files of one creation away that ended long ago; for `runs.engine.periodic`.

    Those that a moderator hid are kept: the decision may be appealed. Returns in how many seconds
    to ask again.
    """
    old = Share.objects.filter(ended_at__lt=clock.now() - KEPT_FOR, moderation="visible")
    share = old.filter(media__isnull=False).order_by("pk").first()
    if share is None:
        return EVERY_S
    with transaction.atomic():
        ShareMedia.objects.filter(share=share).delete()
        Share.objects.filter(pk=share.pk).update(frozen=None, prompts=[], note="")
    return 0


def forget_likes(*, person: User) -> None:
    """Take back all that someone likes, when they leave."""
    for like in Like.objects.filter(person=person).select_related("share"):
        likes.unlike(actor=person, share=like.share)
