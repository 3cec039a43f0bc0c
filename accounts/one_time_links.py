"""Links that work once: invitations to join, and links that sign a person in."""

from __future__ import annotations

import secrets
from datetime import timedelta

from accounts import security
from accounts.auth import hash_secret
from accounts.models import (
    OneTimeLink,
    User,
)
from accounts.roles import is_operator
from core import clock, errors, short_text

SIGN_IN = "sign-in"
INVITATION = "invitation"
LINK_LIFE = timedelta(minutes=15)
INVITATION_LIFE = timedelta(days=7)


def create_invitation(*, actor: User, note: str, base_url: str) -> str:
    """An address by which one person may join, within INVITATION_LIFE.

    note: whom it is for, for the list of open invitations. Raises Forbidden unless the actor is
    an operator.
    """
    check_may_invite(actor)
    note = short_text.clean(note, field="note")
    token = secrets.token_urlsafe(32)
    OneTimeLink.objects.create(
        token_sha256=hash_secret(token),
        purpose=INVITATION,
        subject=note[:80],
        expires_at=clock.now() + INVITATION_LIFE,
    )
    security.record(security.INVITATION_MADE, user=actor)
    return f"{base_url}/invitation/{token}"


def invitation_of(link: str) -> OneTimeLink:
    """The row of an address that `create_invitation` returned."""
    return OneTimeLink.objects.get(token_sha256=hash_secret(link.rpartition("/")[2]))


def revoke_invitation(*, actor: User, link_id: int) -> bool:
    """Take an open invitation back. False when it was used, revoked or had run out."""
    check_may_invite(actor)
    now = clock.now()
    taken_back = bool(
        OneTimeLink.objects.filter(
            pk=link_id, purpose=INVITATION, used_at=None, expires_at__gt=now
        ).update(expires_at=now)
    )
    if taken_back:
        security.record(security.INVITATION_REVOKED, user=actor)
    return taken_back


def is_open(*, token: str, purpose: str) -> bool:
    """Return whether a link would still work. Uses nothing up."""
    return OneTimeLink.objects.filter(
        token_sha256=hash_secret(token), purpose=purpose, used_at=None, expires_at__gt=clock.now()
    ).exists()


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
    security.record(security.LINK_MADE, user=user)
    return f"{base_url}/sign-in/{token}"


def end_signin_links(*, user: User) -> None:
    """Revoke all earlier sign-in links of a person."""
    now = clock.now()
    OneTimeLink.objects.filter(user=user, purpose=SIGN_IN, used_at=None, expires_at__gt=now).update(
        expires_at=now
    )


def person_of_link(*, token: str, purpose: str) -> User:
    """Return whom a link signs in. Uses nothing up. Raises NotFound as `consume_link`."""
    link = (
        OneTimeLink.objects.select_related("user")
        .filter(
            token_sha256=hash_secret(token),
            purpose=purpose,
            used_at=None,
            expires_at__gt=clock.now(),
        )
        .first()
    )
    if link is None or link.user is None or not link.user.is_active:
        raise spent()
    return link.user


def consume_link(*, token: str, purpose: str) -> User:
    """Use up a link and return whose it is.

    Raises NotFound when it is unknown, used or too old: the same answer, so guesses learn nothing.
    """
    digest = hash_secret(token)
    now = clock.now()
    # One conditional UPDATE: of two clicks at once, one wins.
    row_count = OneTimeLink.objects.filter(
        token_sha256=digest, purpose=purpose, used_at=None, expires_at__gt=now
    ).update(used_at=now)
    link = (
        OneTimeLink.objects.select_related("user").get(token_sha256=digest) if row_count else None
    )
    if link is None or link.user is None or not link.user.is_active:
        raise spent()
    return link.user


def check_may_invite(actor: User) -> None:
    if not is_operator(actor):
        raise errors.Forbidden("Only operators of this server can invite people.")


def spent() -> errors.NotFound:
    return errors.NotFound(
        "This link was already used or has expired. Ask for a new one.", code="link.spent"
    )
