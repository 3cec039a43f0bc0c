"""The roles of moderators, operators and owners of the server: giving and taking roles, and the
checks of a decision.

Staff is who has any of them. Each change is in the audit log, and its person is told.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import QuerySet

from accounts import roles
from accounts.models import User
from core import errors
from moderation.audit_log import record
from moderation.models import USER
from moderation.subjects import Subject
from notices import create_notice

MODERATOR: Final = "moderator"
OPERATOR: Final = "operator"
OWNER: Final = "owner"


@dataclass(frozen=True, slots=True)
class Role:
    """group: of its people; None: the column `is_superuser`. page: where it begins to work."""

    name: str
    title: str
    group: str | None
    page: str


ROLES: Final[Mapping[str, Role]] = {
    one.name: one
    for one in (
        Role(OWNER, "Owner", None, "/admin/"),
        Role(OPERATOR, "Operator", roles.OPERATORS, "/admin/"),
        Role(MODERATOR, "Moderator", roles.MODERATORS, "/admin/moderation/"),
    )
}


def give(*, user: User, role: str, actor: User | None = None) -> bool:
    """Give a person a role. actor: None for the command line. False: they had it.

    Raises Forbidden unless the actor is an owner, NotFound for a role that doesn't exist, Conflict
    for someone who may not sign in.
    """
    return _change(user, role, actor, has=True)


def take(*, user: User, role: str, actor: User | None = None) -> bool:
    """Take a role from a person. False: they didn't have it. Raises as `give`, and Conflict for the
    last owner."""
    return _change(user, role, actor, has=False)


def _change(user: User, name: str, actor: User | None, *, has: bool) -> bool:
    role = ROLES.get(name)
    if role is None:
        raise errors.NotFound("There is no such role.")
    with transaction.atomic():
        # All owners, then the person: two owners who remove each other at once do so in turn.
        owners = _locked_owners()
        if actor is not None and actor.pk not in {owner.pk for owner in owners}:
            raise errors.Forbidden("Only owners of this server say who has which role.")
        person = User.objects.select_for_update(no_key=True).get(pk=user.pk)
        if has and not person.is_active:
            raise errors.Conflict(
                f"{person.username}'s account is deactivated. Activate it first.",
            )
        if not has and role.group is None and [owner.pk for owner in owners] == [person.pk]:
            raise errors.Conflict(
                "This is the last owner. Make someone else an owner first.",
            )
        had = _has(person, role)
        if had != has:
            _set(person, role, has=has)
        _update_staff(person)
        user.is_staff, user.is_superuser = person.is_staff, person.is_superuser
        if had == has:
            return False
        verb = "add" if has else "remove"
        change = {"before": {name: had}, "after": {name: has}}
        entry = record(actor, f"{name}.{verb}", USER, person.public_id, change)
        create_notice.tell(
            person.pk,
            "moderation",
            about=f"role:{entry.pk}",
            text=_text(role, has=has),
            url=role.page if has else "/me",
        )
    return True


def _locked_owners() -> list[User]:
    """Those who may sign in: someone else can't help when the last of them is gone."""
    rows = User.objects.select_for_update(no_key=True)
    return list(rows.filter(is_superuser=True, is_active=True).order_by("pk"))


def _has(person: User, role: Role) -> bool:
    if role.group is None:
        return person.is_superuser
    return person.groups.filter(name=role.group).exists()


def _set(person: User, role: Role, *, has: bool) -> None:
    if role.group is None:
        person.is_superuser = has
        person.save(update_fields=["is_superuser"])
    elif has:
        person.groups.add(Group.objects.get_or_create(name=role.group)[0])
    else:
        person.groups.remove(*Group.objects.filter(name=role.group))


def _update_staff(person: User) -> None:
    person.is_staff = bool(roles.roles_of(person))
    User.objects.filter(pk=person.pk).update(is_staff=person.is_staff)


def _text(role: Role, *, has: bool) -> str:
    article = "a" if role.name == MODERATOR else "an"
    title = role.title.lower()
    if has:
        return f"You're now {article} {title} of this server."
    return f"You're no longer {article} {title} of this server."


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


def check_moderator(actor: User) -> None:
    if not roles.is_moderator(actor):
        raise errors.Forbidden("Only moderators decide.")


def check_not_own(actor: User, subject: Subject) -> None:
    if subject.owner.pk == actor.pk:
        own = "a case about you" if subject.kind == USER else f"your own {subject.noun}"
        raise errors.Forbidden(f"You can't decide on {own}.", code="case.own")
