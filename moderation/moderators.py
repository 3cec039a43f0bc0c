"""Who may moderate: the group, and the checks of a decision."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Group
from django.db import transaction

from accounts import roles
from accounts.models import User
from core import errors
from moderation.audit_log import record
from moderation.models import USER
from moderation.subjects import Subject


def ensure_moderators(owner: User) -> Group:
    """Make the group; while no one is in it, the owner of the server is. Safe to repeat."""
    group, _ = Group.objects.get_or_create(name=roles.MODERATORS)
    if not group.user_set.exists():
        owner.groups.add(group)
    return group


def add_moderator(*, user: User, actor: User | None = None) -> None:
    """Add a person to the moderators. actor: None when it is done on the server's command line."""
    with transaction.atomic():
        group, _ = Group.objects.get_or_create(name=roles.MODERATORS)
        before = {"moderator": roles.is_moderator(user)}
        User.objects.filter(pk=user.pk).update(is_staff=True)
        user.is_staff = True
        user.groups.add(group)
        record(actor, "moderator.add", USER, user.public_id, _roles(before, moderator=True))


def remove_moderator(*, user: User, actor: User | None = None) -> None:
    """Remove a person from the moderators. The owner of the server stays staff."""
    with transaction.atomic():
        before = {"moderator": roles.is_moderator(user)}
        user.groups.remove(*Group.objects.filter(name=roles.MODERATORS))
        if not user.is_superuser:
            User.objects.filter(pk=user.pk).update(is_staff=False)
            user.is_staff = False
        record(actor, "moderator.remove", USER, user.public_id, _roles(before, moderator=False))


def _roles(before: dict[str, bool], *, moderator: bool) -> dict[str, Any]:
    return {"before": before, "after": {"moderator": moderator}}


def check_moderator(actor: User) -> None:
    if not roles.is_moderator(actor):
        raise errors.Forbidden("Only moderators decide.")


def check_not_own(actor: User, subject: Subject) -> None:
    if subject.owner.pk == actor.pk:
        own = "a case about you" if subject.kind == USER else f"your own {subject.noun}"
        raise errors.Forbidden(f"You can't decide on {own}.", code="case.own")
