"""Staff picks: what moderators put forward in the gallery."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Model

from accounts import roles
from accounts.models import User
from core import errors
from creations import listing as creations
from creations import selectors as shares
from creations.models import Share, ShareListing
from moderation import subjects
from moderation.audit_log import record
from moderation.models import SHARE, TEMPLATE
from moderation.moderators import check_moderator
from moderation.subjects import Subject
from templates_app import gallery_index as templates
from templates_app import selectors as templates_selectors
from templates_app.models import Listing, Template


def offered(viewer: User | None, row: Share | Template) -> bool | None:
    """Return whether a thing is a staff pick, for those who may change that; None for everyone
    else."""
    if not roles.is_moderator(viewer) or row.owner_id == getattr(viewer, "pk", None):
        return None
    listing_model: type[Model] = ShareListing if isinstance(row, Share) else Listing
    dates = listing_model._default_manager.filter(pk=row.pk).values_list("picked_at", flat=True)
    return dates[0] is not None if dates else None


def set_picked(*, actor: User, kind: str, public_id: str, is_picked: bool) -> Subject:
    """Make a public template or creation a staff pick, or none again. Harmless to repeat.

    It ends when the thing is withdrawn or hidden. Raises Forbidden for people who don't moderate
    and for what is their own, NotFound for what isn't public.
    """
    check_moderator(actor)
    with transaction.atomic():
        row = _public(kind, public_id)
        if row.owner_id == actor.pk:
            raise errors.Forbidden("Another moderator can pick what is yours.")
        if isinstance(row, Share):
            has_changed = creations.set_picked(row, is_picked=is_picked)
        else:
            has_changed = templates.set_picked(row, is_picked=is_picked)
        if has_changed:
            record(actor, "pick.add" if is_picked else "pick.remove", kind, str(row.pk), {})
    return subjects.told(kind, row)


def _public(kind: str, public_id: str) -> Share | Template:
    """A row that is listed for everyone, locked: it may be withdrawn at the same moment."""
    row: Share | Template | None = None
    if kind == SHARE:
        shared = Share.objects.select_for_update(of=("self",)).filter(shares.OPEN)
        row = shared.filter(public_id=public_id, listing__isnull=False).first()
    elif kind == TEMPLATE:
        templates = Template.objects.select_for_update(of=("self",))
        templates = templates.filter(templates_selectors.OPEN)
        row = templates.filter(public_id=public_id, listing__isnull=False).first()
    if row is None:
        raise errors.NotFound("It isn't public any more.")
    return row
