"""The cast, and what they need to get in: alice owns, bob is an outsider, mo moderates."""

from accounts import services
from accounts.models import User
from core.openapi import Scope

PASSWORD = "lamplight-42"


def make_user(name: str, *, password: str | None = None, is_staff: bool = False) -> User:
    return services.create_user(username=name, password=password, is_staff=is_staff)


def make_key(user: User, name: str = "test", *, scope: Scope = "all") -> str:
    """A plain API key."""
    _, text = services.create_api_key(user=user, name=name, scope=scope)
    return text
