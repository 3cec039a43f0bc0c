"""The cast, and what they need to get in: alice owns, bob is an outsider, mo moderates."""

from django.contrib.auth.models import Group

from accounts import roles, services
from accounts.models import User
from core.openapi import Scope

PASSWORD = "lamplight-42"


def make_user(name: str, *, password: str | None = None, is_staff: bool = False) -> User:
    """is_staff: with the role of an operator."""
    made = services.create_user(username=name, password=password, is_staff=is_staff)
    if is_staff:
        made.groups.add(Group.objects.get_or_create(name=roles.OPERATORS)[0])
    return made


def make_key(user: User, name: str = "test", *, scope: Scope = "all") -> str:
    """A plain API key."""
    _, text = services.create_api_key(user=user, name=name, scope=scope)
    return text
