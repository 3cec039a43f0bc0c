"""Who may do what on this server beyond their own work.

A moderator decides cases; an operator looks after runs, workers, providers, people and settings; an
owner does both and says who else may. Each is staff.
"""

from __future__ import annotations

from typing import Final, TypeGuard

from accounts.models import User

MODERATORS: Final = "moderators"
OPERATORS: Final = "operators"


def is_operator(person: object) -> bool:
    """Whether this person sees the pages for runs, workers, providers, people and the server."""
    return _is_staff(person) and (person.is_superuser or _is_in(person, OPERATORS))


def is_owner(person: object) -> bool:
    """Whether this person says who has which role, and may look rows up."""
    return _is_staff(person) and person.is_superuser


def is_moderator(person: object) -> bool:
    """Whether this person may decide cases. Owners are not, unless they are in the group."""
    return _is_staff(person) and _is_in(person, MODERATORS)


def _is_staff(person: object) -> TypeGuard[User]:
    return isinstance(person, User) and person.is_active and person.is_staff


def _is_in(person: User, group: str) -> bool:
    return person.groups.filter(name=group).exists()
