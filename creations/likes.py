"""Liking a creation, once a person."""

from __future__ import annotations

from django.db import transaction

from accounts import blocks
from accounts.models import User
from accounts.suspension import check_may_act
from creations import listing
from creations.models import Like, Share
from notices import create_notice


def like(*, actor: User, share: Share) -> None:
    """Like it. Harmless to repeat. Its author hears of the first like of each person.

    One's own counts too, and raises no notice. Raises Forbidden for someone suspended, and where a
    block keeps the two apart.
    """
    check_may_act(actor)
    blocks.check_not_apart(actor, {share.owner_id}, "like this")
    with transaction.atomic():
        # Locked, so that two clicks at once count once.
        Share.objects.select_for_update().only("pk").get(pk=share.pk)
        row, is_new = Like.objects.get_or_create(share=share, person=actor)
        if not is_new:
            return
        listing.note_like(share, row, 1)
        if share.owner_id != actor.pk:
            _tell(share, actor)


def _tell(share: Share, actor: User) -> None:
    likes = Like.objects.filter(share=share).exclude(person__in=[actor.pk, share.owner_id])
    create_notice.tell_of_another(
        share.owner_id,
        "like",
        about=f"like:{share.pk}",
        did="liked",
        name=share.title,
        url=f"/s/{share.public_id}",
        by=actor,
        others=lambda since: likes.filter(created_at__gt=since).count(),
    )


def unlike(*, actor: User, share: Share) -> None:
    """Take it back. Harmless to repeat."""
    with transaction.atomic():
        Share.objects.select_for_update().only("pk").get(pk=share.pk)
        like = Like.objects.filter(share=share, person=actor).first()
        if like is not None:
            listing.note_like(share, like, -1)
            like.delete()


def likes_it(person: User | None, share: Share) -> bool:
    return person is not None and Like.objects.filter(share=share, person=person).exists()
