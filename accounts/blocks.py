"""Blocking and muting a person: the one place that writes it, and says what each of the two means.

A mute concerns only who mutes: the other's creations, templates and comments on creations are left
out of their lists, and they get no notices of what the other does. A block does that too, and keeps
the two apart: neither comments on, likes or remixes the other's work, replies to or reads the
other's comments on creations, invites the other, or gets a notice of what the other does. Pages can
be read by their address, as by a visitor, and work on one draft goes on. The other is not told of
either. `docs/decisions/0032-blocks-and-mutes.md` says why.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from django.db import transaction
from django.db.models import Q, QuerySet

from accounts import names, rate_limits
from accounts.models import Block, User
from accounts.names import SYSTEM
from core import errors

BLOCK: Final = "block"
MUTE: Final = "mute"
# Lists leave out what these people made by naming them in each query.
MOST: Final = 1_000
REFUSED: Final = "blocked"


def block(*, actor: User, other: User) -> None:
    """Block a person; one who was muted is blocked from now on. Harmless to repeat.

    Raises InvalidInput for oneself and the author of the samples, NotFound for a closed account,
    Conflict above MOST, QuotaExceeded.
    """
    _put(actor, other, BLOCK)


def mute(*, actor: User, other: User) -> None:
    """Mute a person; one who is blocked stays so. Harmless to repeat. Raises as `block`."""
    _put(actor, other, MUTE)


def undo(*, actor: User, other: User) -> str:
    """End a block or a mute; all is as it was before. Harmless to repeat.

    Returns which of the two it was, empty for neither. Raises QuotaExceeded.
    """
    rate_limits.check_people_changes(actor)
    with transaction.atomic():
        row = Block.objects.select_for_update().filter(person=actor, other=other).first()
        if row is None:
            return ""
        row.delete()
    return row.kind


def _put(actor: User, other: User, kind: str) -> None:
    if other.pk == actor.pk:
        raise names.invalid("person", "You can't block or mute yourself.")
    if other.username == SYSTEM:
        raise names.invalid("person", "The author of the samples can't be blocked or muted.")
    if not other.is_active:
        raise errors.NotFound("This account was closed.")
    rate_limits.check_people_changes(actor)
    with transaction.atomic():
        # Locked, so that two clicks at once make one row, and two windows no more than MOST.
        User.objects.select_for_update().only("pk").get(pk=actor.pk)
        mine = Block.objects.filter(person=actor)
        row = mine.filter(other=other).first()
        if row is not None:
            if kind == BLOCK and row.kind != BLOCK:
                mine.filter(pk=row.pk).update(kind=BLOCK)
            return
        if mine.count() >= MOST:
            raise errors.Conflict(
                f"You've blocked or muted {MOST:,} people, the most there can be. Unblock or unmute"
                " someone first.",
                code="block.too_many",
            )
        Block.objects.create(person=actor, other=other, kind=kind)


# -- who has blocked or muted whom -----------------------------------------------------------------


def list_of(person: User) -> QuerySet[Block]:
    """Return whom a person has blocked and muted, the latest first, each with `other`."""
    return Block.objects.filter(person=person).select_related("other").order_by("-id")


def kind_between(person: User | None, other: User) -> str:
    """BLOCK or MUTE, as this person has done about the other; empty for neither."""
    if person is None:
        return ""
    rows = Block.objects.filter(person=person, other=other)
    return rows.values_list("kind", flat=True).first() or ""


def left_out(viewer: User | None) -> frozenset[int]:
    """Ids of the people whose work this viewer's lists leave out. One query, none for visitors."""
    if viewer is None:
        return frozenset()
    return frozenset(Block.objects.filter(person=viewer).values_list("other_id", flat=True))


def apart_from(field: str, person_id: int) -> Q:
    """Rows by someone whom a block keeps apart from this person, either having set it.

    field: the rows' own field that names that someone.
    """
    rows = Block.objects.filter(kind=BLOCK)
    return Q(**{f"{field}__in": rows.filter(person=person_id).values("other")}) | Q(
        **{f"{field}__in": rows.filter(other=person_id).values("person")}
    )


def unread_by(field: str, reader: User | None, owner_id: int) -> Q:
    """Comments on a creation of this owner that are left out for a reader.

    field: the comments' own field that names who wrote them. Besides those of people whom the
    reader muted, and whom a block keeps apart from the reader, these are those of people whom a
    block keeps apart from the owner, who looks after what is said there, and can't of what they
    don't read. Everyone reads what they wrote themselves.
    """
    unread = apart_from(field, owner_id)
    if reader is None:
        return unread
    muted_ids = Block.objects.filter(person=reader, kind=MUTE).values("other")
    unread |= apart_from(field, reader.pk) | Q(**{f"{field}__in": muted_ids})
    return unread & ~Q(**{field: reader})


def wants_no_notice(person_id: int, by: User) -> bool:
    """Return whether a person is told nothing of what another does."""
    return Block.objects.filter(
        Q(person=person_id, other=by) | Q(person=by, other=person_id, kind=BLOCK)
    ).exists()


def refusal(actor: User, others: Collection[int], doing: str) -> str:
    """Return the refusal when a block separates the actor from one of these people, or "".

    doing: what is refused, such as "comment here". Only who set the block is told of it.
    """
    blockers = set(_between(actor, others).values_list("person_id", flat=True))
    if not blockers:
        return ""
    if blockers == {actor.pk}:
        return f"You can't {doing}, because you've blocked this person."
    return f"You can't {doing}."


def check_not_apart(actor: User, others: Collection[int], doing: str) -> None:
    """Raise Forbidden where `refusal` says something."""
    message = refusal(actor, others, doing)
    if message:
        raise errors.Forbidden(message, code=REFUSED)


def _between(person: User, others: Collection[int]) -> QuerySet[Block]:
    return Block.objects.filter(
        Q(person=person, other__in=others) | Q(person__in=others, other=person), kind=BLOCK
    )
