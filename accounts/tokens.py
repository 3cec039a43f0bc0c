"""Session tokens of the public API: a short one to ask with, a long one to get the next pair.

Both are signed with a key derived from the server's. All pairs that follow from one sign-in are a
family. Each refresh token works once: anyone who shows a used one again ends its family, because
either they or the one before them stole it. Only right after its use it is forgiven: the answer may
have been lost on the way, or two windows of one person asked at once.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import jwt
from django.conf import settings
from django.db.models import F, Q

from accounts.models import TokenFamily, User
from accounts.suspension import check_may_act
from core import clock, errors

logger = logging.getLogger(__name__)

ACCESS_LIFE = timedelta(minutes=15)
REFRESH_LIFE = timedelta(days=30)
# For a client that asks not to be remembered.
SHORT_REFRESH_LIFE = timedelta(days=1)
# One person's sign-ins that may live at the same time; a further one ends the oldest.
FAMILIES_PER_USER = 100
ISSUER = "reelgraph"
# So long after its use a refresh token still gets the pair that it got.
FORGIVEN = timedelta(seconds=60)
_ALGORITHM = "HS256"
# No token of ours is longer; parsing a foreign megabyte is not worth it.
_LONGEST = 2048

Use = Literal["access", "refresh"]


@dataclass(frozen=True, slots=True)
class Tokens:
    """A pair as it is handed out, and whose it is."""

    access: str
    refresh: str
    user: User


def looks_like_one(text: str) -> bool:
    """Return whether a credential is written like a token; API keys are not."""
    return text.count(".") == 2 and len(text) <= _LONGEST


def start_family(*, user: User, lasting: bool = True, app_source: str = "") -> Tokens:
    """The first pair after a sign-in. Raises Forbidden for someone suspended."""
    check_may_act(user)
    _make_room(user)
    family = TokenFamily.objects.create(
        user=user,
        seal=_seal(user),
        lasting=lasting,
        app_source=app_source[:200],
        expires_at=clock.now() + _life(lasting),
    )
    return _pair(family, user, 0)


def refresh(text: str) -> Tokens:
    """The next pair. The token is used up by the same statement that finds it good, so a process
    killed right after it leaves no token that leads to two families.

    For a minute the same token gets a pair of the same generation, of which again the first to
    be refreshed goes on.

    Raises Unauthenticated for a token that is unknown, expired, ended or used; a used one ends its
    family. Raises Forbidden for someone suspended, whose token stays good.
    """
    claims = _claims_of(text, "refresh")
    family = living_family(claims["fam"])
    check_may_act(family.user)
    generation = int(claims["gen"])
    now = clock.now()
    row_count = TokenFamily.objects.filter(
        pk=family.pk, generation=generation, ended_at=None, expires_at__gt=now
    ).update(generation=F("generation") + 1, expires_at=now + _life(family.lasting))
    if row_count:
        return _pair(family, family.user, generation + 1)
    latest = TokenFamily.objects.get(pk=family.pk)
    used_at = latest.expires_at - _life(latest.lasting)
    if latest.generation == generation + 1 and not latest.ended_at and now - used_at <= FORGIVEN:
        return _pair(family, family.user, latest.generation)
    TokenFamily.objects.filter(pk=family.pk, ended_at=None).update(ended_at=now)
    logger.warning("a used refresh token of family %s was shown again", family.public_id)
    raise _refusal("Refresh token already used; the session has ended. Sign in again.")


def end_family(text: str) -> bool:
    """Sign out: end every token of the family this token, of either kind, belongs to.

    False when it had ended before. An expired token will do. Raises Unauthenticated for one that is
    none of ours.
    """
    claims = _claims_of(text, None)
    return bool(
        TokenFamily.objects.filter(public_id=claims["fam"], ended_at=None).update(
            ended_at=clock.now()
        )
    )


def family_of(text: str) -> tuple[TokenFamily, datetime]:
    """The family of an access token, with its user, and when the token ends; one query.

    Raises Unauthenticated.
    """
    claims = _claims_of(text, "access")
    return living_family(claims["fam"]), datetime.fromtimestamp(claims["exp"], UTC)


def living_family(public_id: str) -> TokenFamily:
    """A family whose tokens may be used, with its user. Raises Unauthenticated."""
    family = TokenFamily.objects.select_related("user").filter(public_id=public_id).first()
    if (
        family is None
        or family.ended_at is not None
        or not family.user.is_active
        or not hmac.compare_digest(family.seal, _seal(family.user))
    ):
        raise _refusal("This session has ended. Sign in again.")
    return family


def prune() -> int:
    """Forget families whose tokens have all expired. Returns how many."""
    # As long as a refresh token may still be shown, a row that has ended says so.
    count, _ = TokenFamily.objects.filter(expires_at__lt=clock.now()).delete()
    return count


def _make_room(user: User) -> None:
    prune()
    living = TokenFamily.objects.filter(user=user, ended_at=None).order_by("-created_at", "-id")
    surplus = list(living.values_list("pk", flat=True)[FAMILIES_PER_USER - 1 :])
    if surplus:
        TokenFamily.objects.filter(Q(pk__in=surplus)).update(ended_at=clock.now())


def _pair(family: TokenFamily, user: User, generation: int) -> Tokens:
    now = clock.unix(clock.now())
    common = {"iss": ISSUER, "sub": user.public_id, "fam": family.public_id, "iat": now}
    life_s = int(_life(family.lasting).total_seconds())
    return Tokens(
        access=_sign(
            common
            | {"use": "access", "gen": generation, "exp": now + int(ACCESS_LIFE.total_seconds())}
        ),
        refresh=_sign(common | {"use": "refresh", "gen": generation, "exp": now + life_s}),
        user=user,
    )


def _life(lasting: bool) -> timedelta:
    return REFRESH_LIFE if lasting else SHORT_REFRESH_LIFE


def _sign(claims: dict[str, Any]) -> str:
    return jwt.encode(claims, _key(), algorithm=_ALGORITHM)


def _claims_of(text: str, use: Use | None) -> dict[str, Any]:
    """The claims of a token of ours. use: what it must be for; None: anything, expired too."""
    if not looks_like_one(text):
        raise _refusal("Unknown token. Sign in again.")
    try:
        claims: dict[str, Any] = jwt.decode(
            text,
            _key(),
            # Pinned: a token must not choose how it is checked.
            algorithms=[_ALGORITHM],
            issuer=ISSUER,
            options={
                "require": ["exp", "iat", "iss", "sub"],
                "verify_exp": use is not None,
                # The clock of the machine that signed it may be ahead of this one's.
                "verify_iat": False,
            },
        )
    except jwt.ExpiredSignatureError:
        remedy = (
            "Send the refresh token to /v1/account/refresh-token for the next one."
            if use == "access"
            else "Sign in again."
        )
        raise _refusal(f"This token has expired. {remedy}") from None
    except (jwt.InvalidTokenError, ValueError, RecursionError):
        raise _refusal("Unknown token. Sign in again.") from None
    if use is not None and claims.get("use") != use:
        expectation = "a refresh token" if use == "refresh" else "an access token"
        raise _refusal(f"Expected {expectation}.")
    return claims


def _seal(user: User) -> str:
    """Return what changes with the password and with `services.end_sessions`."""
    return str(user.get_session_auth_hash())


def _key() -> bytes:
    return hmac.new(settings.SECRET_KEY.encode(), b"accounts.tokens", hashlib.sha256).digest()


def _refusal(message: str) -> errors.Unauthenticated:
    return errors.Unauthenticated(message, code="auth.invalid", number=102)
