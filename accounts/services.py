"""People, keys and one-time links: everything that writes them."""

from __future__ import annotations

import secrets
import string
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts.auth import hash_secret
from accounts.models import ApiKey, OneTimeLink, User
from core import clock, errors

SYSTEM = "system"
OWNER = "owner"
SIGN_IN = "sign-in"
LINK_LIFE = timedelta(minutes=15)
_LETTERS = string.ascii_letters + string.digits


def create_user(
    *,
    username: str,
    password: str | None = None,
    display_name: str = "",
    email: str = "",
    is_staff: bool = False,
    is_superuser: bool = False,
) -> User:
    """Add a person. Without a password they sign in by one-time links.

    Raises InvalidInput for a name that cannot be one, Conflict when it is taken.
    """
    user = User(
        username=username,
        display_name=display_name,
        email=email,
        is_staff=is_staff,
        is_superuser=is_superuser,
    )
    user.set_password(password)
    try:
        user.clean_fields()
    except ValidationError as error:
        issues = [
            {"path": field, "message": message}
            for field, messages in error.message_dict.items()
            for message in messages
        ]
        text = f"{issues[0]['path']}: {issues[0]['message']}"
        raise errors.InvalidInput(text, details={"issues": issues}) from None
    try:
        with transaction.atomic():
            user.save(force_insert=True)
    except IntegrityError:
        raise errors.Conflict(f"There is already a user {username!r}.", code="user.taken") from None
    return user


def ensure_owner() -> User:
    """The person who runs this server: made at the first start, the same ever after."""
    return _ensure(User(username=OWNER, display_name="Owner", is_staff=True, is_superuser=True))


def ensure_system_user() -> User:
    """The author of the samples. Inactive, so no credential of any kind can act as it."""
    return _ensure(User(username=SYSTEM, display_name="Reelgraph", is_active=False))


def _ensure(wanted: User) -> User:
    found = User.objects.filter(username=wanted.username).first()
    if found:
        return found
    wanted.set_unusable_password()
    # Two processes may start at once: one inserts, both read the same row.
    User.objects.bulk_create([wanted], ignore_conflicts=True)
    return User.objects.get(username=wanted.username)


def create_api_key(*, user: User, name: str) -> tuple[ApiKey, str]:
    """Make a key. The text is returned once and cannot be read again later."""
    lookup = "".join(secrets.choice(_LETTERS) for _ in range(10))
    secret = secrets.token_urlsafe(32)
    key = ApiKey.objects.create(
        user=user, name=name[:80], lookup=lookup, secret_sha256=hash_secret(secret)
    )
    return key, f"rg_{lookup}_{secret}"


def revoke_api_key(*, key: ApiKey) -> bool:
    """End a key at once. False when it had ended before."""
    now = clock.now()
    return bool(ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=now))


def create_signin_link(*, user: User, base_url: str) -> str:
    """An address that signs this person in once, within LINK_LIFE.

    base_url: `scheme://host[:port]`. Raises Forbidden for someone who may not sign in.
    """
    if not user.is_active:
        raise errors.Forbidden(f"{user.username} may not sign in.")
    token = secrets.token_urlsafe(32)
    OneTimeLink.objects.create(
        token_sha256=hash_secret(token),
        purpose=SIGN_IN,
        subject=user.public_id,
        user=user,
        expires_at=clock.now() + LINK_LIFE,
    )
    return f"{base_url}/sign-in/{token}"


def consume_link(*, token: str, purpose: str) -> User:
    """Use up a link and return whose it is.

    Raises NotFound when it is unknown, used or too old: the same answer, so guesses learn nothing.
    """
    digest = hash_secret(token)
    now = clock.now()
    # One conditional UPDATE: of two clicks at once, one wins.
    won = OneTimeLink.objects.filter(
        token_sha256=digest, purpose=purpose, used_at=None, expires_at__gt=now
    ).update(used_at=now)
    link = OneTimeLink.objects.select_related("user").get(token_sha256=digest) if won else None
    if link is None or link.user is None or not link.user.is_active:
        raise errors.NotFound(
            "This link was used already or has run out. Ask for a new one.", code="link.spent"
        )
    return link.user
