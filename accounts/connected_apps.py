"""Connections: API keys that an app holds for a person, by tokens instead of a secret.

What a person agreed to is a code for a minute; the app turns it into a connection once. From then
on scope, budget, end and revocation are those of the key. The app refreshes its tokens as
`accounts.tokens` has it: each refresh token works once, and one that is shown again after
FORGIVEN ends the connection, because either the app or someone else stole it.
"""

from __future__ import annotations

import hmac
import logging
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Exists, F, OuterRef

from accounts import app_clients, app_redirects, app_tokens, pkce, scopes, security, services
from accounts.app_tokens import Claims
from accounts.auth import hash_secret
from accounts.models import ApiKey, AuthorizationCode, ConnectionTokens, OAuthClient, User
from accounts.oauth_errors import OAuthError, invalid_grant
from accounts.suspension import check_may_act
from accounts.tokens import ACCESS_LIFE, FORGIVEN, REFRESH_LIFE
from core import clock, errors
from core.openapi import Scope

logger = logging.getLogger(__name__)

CODE_LIFE: Final = timedelta(seconds=60)
# So long a used code is remembered, to recognize that it is shown again.
CODES_KEPT: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Asked:
    """The request of an app, checked. challenge: of PKCE, S256. resource: empty for everything."""

    client: OAuthClient
    redirect_uri: str
    challenge: str
    resource: str


@dataclass(frozen=True, slots=True)
class Allowed:
    """The grant of a person to it. life: None, until it is ended. budget_milli: of a day."""

    scope: Scope
    life: timedelta | None
    budget_milli: int | None


@dataclass(frozen=True, slots=True)
class TokenPair:
    """As it is handed out. expires_in_s: of the access token."""

    access: str
    refresh: str
    expires_in_s: int
    scope: str


def allow(*, user: User, request: Asked, grant: Allowed) -> str:
    """The code of what a person agreed to. It works once, within CODE_LIFE.

    Raises Forbidden for someone suspended, Conflict when KEYS_PER_USER work already.
    """
    check_may_act(user)
    services.check_room_for_key(user)
    code = secrets.token_urlsafe(32)
    now = clock.now()
    AuthorizationCode.objects.create(
        code_sha256=hash_secret(code),
        client=request.client,
        user=user,
        redirect_uri=request.redirect_uri,
        challenge=request.challenge,
        resource=request.resource,
        scope=grant.scope,
        key_expires_at=now + grant.life if grant.life else None,
        key_budget_milli=grant.budget_milli,
        seal=user.get_session_auth_hash(),
        expires_at=now + CODE_LIFE,
    )
    return code


def redeem(
    *, client: OAuthClient, code: str, redirect_uri: str, verifier: str, resource: str
) -> TokenPair:
    """Turn a code into a connection and its first tokens. Of two at once, neither stays connected.

    Raises OAuthError: `invalid_grant`, also for a code that another app was given; a code that was
    used before ends its connection. `invalid_target` for another resource than was agreed to.
    """
    row = (
        AuthorizationCode.objects.select_related("user", "client")
        .filter(code_sha256=hash_secret(code), client=client)
        .first()
    )
    if row is None:
        raise invalid_grant()
    if row.used_at is None:
        _check_code(row, redirect_uri, verifier, resource)
        pair = _connect(row)
        if pair is not None:
            return pair
    row.refresh_from_db()
    if row.key is not None:
        _end_stolen(row.key, "code")
    raise invalid_grant()


def refresh(*, client: OAuthClient, text: str, scope: str = "") -> TokenPair:
    """The next tokens of a connection. The same statement that finds the token good uses it up.

    scope: what the app asks for, of which nothing may be new. Raises OAuthError.
    """
    claims = app_tokens.read("refresh", text)
    if claims is None or claims.has_expired:
        raise invalid_grant()
    key = _living(claims.lookup, client)
    scope_names = scope.split()
    if not all(scopes.allows(key.scope, one) for one in scope_names if one in scopes.SCOPES):
        raise OAuthError("invalid_scope", f"scope: the connection has no more than {key.scope}.")
    now = clock.now()
    # Not by a join: Postgres would find the row by a query of its own, and let two at once through.
    is_living = Exists(ApiKey.objects.filter(pk=OuterRef("key_id"), revoked_at=None))
    row_count = ConnectionTokens.objects.filter(
        is_living, key=key, generation=claims.generation
    ).update(generation=F("generation") + 1, refreshed_at=now)
    if row_count:
        return _pair(key, claims.generation + 1)
    latest = ConnectionTokens.objects.filter(key=key, key__revoked_at=None).first()
    if latest is None:
        raise invalid_grant()
    if latest.generation == claims.generation + 1 and now - latest.refreshed_at <= FORGIVEN:
        return _pair(key, latest.generation)
    _end_stolen(key, "refresh token")
    raise invalid_grant("This refresh token was used before, so the app was disconnected.")


def end_by_token(*, client: OAuthClient, text: str) -> None:
    """End the connection of a token of either use, an expired one too. Others do nothing."""
    claims = app_tokens.read("refresh", text) or app_tokens.read("access", text)
    if claims is None:
        return
    key = ApiKey.objects.select_related("user").filter(lookup=claims.lookup, client=client).first()
    if key is not None:
        services.revoke_api_key(key=key)


def of_person(user: User, *, with_ended: bool = False) -> Sequence[ApiKey]:
    """A person's connections, newest first, with their apps and tokens."""
    keys = ApiKey.objects.select_related("client", "tokens").filter(user=user, client__isnull=False)
    if not with_ended:
        keys = keys.filter(revoked_at=None)
    return list(keys.order_by("-created_at", "-id"))


def place_of(key: ApiKey) -> str:
    """Say where people were sent back to when they connected this app, for people."""
    return app_redirects.place_of(key.tokens.redirect_uri)


def forget_old() -> int:
    """End connections whose refresh token has expired; delete old codes and unused apps.

    Returns how many rows changed.
    """
    now = clock.now()
    silent = ApiKey.objects.filter(
        revoked_at=None, tokens__refreshed_at__lt=now - REFRESH_LIFE - timedelta(days=1)
    )
    key_count = silent.update(revoked_at=now)
    code_count, _ = AuthorizationCode.objects.filter(expires_at__lt=now - CODES_KEPT).delete()
    return key_count + code_count + app_clients.forget_unused()


def _check_code(row: AuthorizationCode, redirect_uri: str, verifier: str, resource: str) -> None:
    if row.expires_at <= clock.now() or not row.user.is_active:
        raise invalid_grant()
    # OAuth 2.1 clients leave it out; one that is sent must be the same.
    if redirect_uri and redirect_uri != row.redirect_uri:
        raise invalid_grant("redirect_uri: this isn't the one that the code was sent to.")
    if not pkce.fits(verifier, row.challenge):
        raise invalid_grant("code_verifier: this doesn't fit the code_challenge.")
    if not hmac.compare_digest(row.seal, row.user.get_session_auth_hash()):
        raise invalid_grant()
    if resource and row.resource and resource != row.resource:
        raise OAuthError("invalid_target", "resource: this isn't the one that was agreed to.")
    _check_may_act(row.user)


def _connect(row: AuthorizationCode) -> TokenPair | None:
    """The connection of a code; None when another process was first."""
    now = clock.now()
    codes = AuthorizationCode.objects.filter(pk=row.pk)
    try:
        with transaction.atomic():
            if not codes.filter(used_at=None, expires_at__gt=now).update(used_at=now):
                return None
            services.lock_room_for_key(row.user)
            key = ApiKey.objects.create(
                user=row.user,
                name=row.client.name,
                lookup=services.new_lookup(),
                # No secret has this hash: only tokens lead to a connection.
                secret_sha256=secrets.token_bytes(32),
                scope=row.scope,
                expires_at=row.key_expires_at,
                daily_budget_milli=row.key_budget_milli,
                client=row.client,
            )
            ConnectionTokens.objects.create(
                key=key, redirect_uri=row.redirect_uri, resource=row.resource, refreshed_at=now
            )
            codes.update(key=key)
            security.record(
                security.APP_CONNECTED,
                user=row.user,
                name=key.name,
                lookup=key.lookup,
                scope=key.scope,
            )
    except errors.Conflict as refusal:
        raise invalid_grant(refusal.message) from None
    return _pair(key, 0)


def _living(lookup: str, client: OAuthClient) -> ApiKey:
    """This app's connection, if tokens may be made for it. Raises OAuthError."""
    key = ApiKey.objects.select_related("user").filter(lookup=lookup, client=client).first()
    if key is None or key.revoked_at is not None or not key.user.is_active:
        raise invalid_grant()
    if key.has_expired:
        raise invalid_grant("This connection has expired. Connect the app again.")
    _check_may_act(key.user)
    return key


def _check_may_act(user: User) -> None:
    try:
        check_may_act(user)
    except errors.Forbidden as refusal:
        # The connection stays, and goes on after the suspension.
        raise invalid_grant(refusal.message) from None


def _end_stolen(key: ApiKey, what: str) -> None:
    """A code or token was shown twice: end the connection that came of it."""
    if ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=clock.now()):
        logger.warning("a used %s of connection %s was shown again", what, key.lookup)
        security.record(security.APP_ENDED, user=key.user, name=key.name, lookup=key.lookup)


def _pair(key: ApiKey, generation: int) -> TokenPair:
    now = clock.now()

    def until(life: timedelta) -> datetime:
        return min(now + life, key.expires_at or now + life)

    access, refresh_ = until(ACCESS_LIFE), until(REFRESH_LIFE)
    granted_scopes = scopes.SCOPES[: scopes.SCOPES.index(key.scope) + 1]
    return TokenPair(
        access=app_tokens.write("access", Claims(key.lookup, generation, access)),
        refresh=app_tokens.write("refresh", Claims(key.lookup, generation, refresh_)),
        expires_in_s=max(0, int((access - now).total_seconds())),
        scope=" ".join(granted_scopes),
    )
