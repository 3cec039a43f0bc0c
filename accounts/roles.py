"""The rights of people on this server beyond their own work.

A moderator decides cases; an operator looks after runs, workers, providers, people and settings; an
owner does both and says who else may. Each is staff.
"""

from __future__ import annotations

from typing import Final, TypeGuard

from accounts.models import User

MODERATORS: Final = "moderators"
OPERATORS: Final = "operators"


def is_operator(person: object) -> bool:
    """Return whether this person sees the pages for runs, workers, providers, people and the
    server."""
    return _is_staff(person) and (person.is_superuser or _is_in(person, OPERATORS))


def roles_of(person: User) -> list[str]:
    """Return what this person's roles are called, as shown: of someone who may not sign in as
    well."""
    groups = set(person.groups.values_list("name", flat=True))
    roles = (
        ("Owner", person.is_superuser),
        ("Operator", OPERATORS in groups),
        ("Moderator", MODERATORS in groups),
    )
    return [name for name, has in roles if has]


def is_owner(person: object) -> bool:
    """Return whether this person says who has which role, and may look rows up."""
    return _is_staff(person) and person.is_superuser


def may_change(actor: User, person: User) -> bool:
    """Return whether this operator may change a person's account, or end it.

    Roles are for owners to give and take, and closing or entering an account with a role takes it.
    So only owners change the accounts of staff; everyone may change their own.
    """
    has_role = person.is_staff or person.is_superuser
    return is_owner(actor) or actor.pk == person.pk or not has_role


def is_staff(person: object) -> bool:
    """Return whether this person has any of the roles, and so the index of the pages for staff."""
    return _is_staff(person) and (
        person.is_superuser or person.groups.filter(name__in=(MODERATORS, OPERATORS)).exists()
    )


def is_moderator(person: object) -> bool:
    """Return whether this person may decide cases. Owners are not, unless they are in the group."""
    return _is_staff(person) and _is_in(person, MODERATORS)


def _is_staff(person: object) -> TypeGuard[User]:
    return isinstance(person, User) and person.is_active and person.is_staff


def _is_in(person: User, group: str) -> bool:
    return person.groups.filter(name=group).exists()
