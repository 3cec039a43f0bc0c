"""Who may moderate: the group, and the checks of a decision."""

from __future__ import annotations

from django.contrib.auth.models import Group
from django.db.models import QuerySet

from accounts import roles
from accounts.models import User
from core import errors
from moderation import role_changes
from moderation.models import USER
from moderation.subjects import Subject


def ensure_moderators(owner: User) -> Group:
    """Make the group; while no one is in it, the owner of the server is. Safe to repeat."""
    group, _ = Group.objects.get_or_create(name=roles.MODERATORS)
    if not group.user_set.exists():
        owner.groups.add(group)
    return group


def all_of_them() -> QuerySet[User]:
    """Everyone who may moderate, by username."""
    staff = User.objects.filter(groups__name=roles.MODERATORS, is_active=True, is_staff=True)
    return staff.order_by("username")


def add_moderator(*, user: User, actor: User | None = None) -> bool:
    """Add a person to the moderators, as `role_changes.give`."""
    return role_changes.give(user=user, role=role_changes.MODERATOR, actor=actor)


def remove_moderator(*, user: User, actor: User | None = None) -> bool:
    """Remove a person from the moderators, as `role_changes.take`."""
    return role_changes.take(user=user, role=role_changes.MODERATOR, actor=actor)


def check_moderator(actor: User) -> None:
    if not roles.is_moderator(actor):
        raise errors.Forbidden("Only moderators decide.")


def check_not_own(actor: User, subject: Subject) -> None:
    if subject.owner.pk == actor.pk:
        own = "a case about you" if subject.kind == USER else f"your own {subject.noun}"
        raise errors.Forbidden(f"You can't decide on {own}.", code="case.own")
