"""The person who asks: one function from request headers to a person, with or without Django's
request.

The REST views, the event streams and the sockets all ask here, so that a credential means the same
everywhere.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from importlib import import_module
from types import SimpleNamespace
from typing import Any, Literal, TypeAlias
from urllib.parse import parse_qsl, unquote

from django.conf import settings
from django.contrib.auth import get_user
from django.db import DatabaseError
from django.db.models import Q
from django.http.cookie import parse_cookie

from accounts import app_tokens, factor_demand, scopes, session_list, tokens
from accounts.models import ApiKey, BrowserSession, User
from accounts.suspension import check_may_act
from core import clock, durable, errors, slow_share
from core.command_names import command
from core.openapi import Scope

logger = logging.getLogger(__name__)

KEY = re.compile(r"rg_([A-Za-z0-9]{10})_([A-Za-z0-9_-]{43})")
KEY_COOKIE = "authorization"
# Noting each use would turn every read into a write.
LAST_USE_PRECISION = timedelta(seconds=60)
_DUMMY_SHA256 = bytes(32)
_KEY_PARAMETERS = {"api-key", "api_key", "apikey", "access_token", "authorization"}

Via: TypeAlias = Literal["key", "session", "jwt"]


@dataclass(frozen=True, slots=True)
class Principal:
    """A person and how they proved it.

    api_key: the key used, or None for a session or the token of a sign-in; a connected app's token
    is its key. from_cookie: a browser adds the credential on its own, so a write needs a sign that
    our own page sent it. proof: the session's key, or the public id of the token's family.
    expires_at: when an access token ends. Keys and sessions have theirs in the database.
    has_factor: of a session whose second factor another server has asked for.
    """

    user: User
    api_key: ApiKey | None
    via: Via
    from_cookie: bool = False
    proof: str = ""
    expires_at: datetime | None = None
    has_factor: bool = False


@dataclass(frozen=True, slots=True)
class CredentialReference:
    """Names a credential without its secret, for what may use it later on its person's behalf.

    id: the lookup part of a key, the primary key of a BrowserSession, the public id of a token
    family. expires_at: as in Principal.
    """

    via: Via
    id: str
    expires_at: datetime | None


def principal_from_headers(
    headers: Mapping[str, str], *, query_string: str = "", scope: Scope = scopes.ALL
) -> Principal:
    """The principal of a request.

    scope: what a key must be allowed; who does not say so asks for everything.
    headers: lower-case names. The `api-key` header wins over `Authorization` (with or without
    `Bearer`), that over the cookies `authorization` and the session's. The first holds a key or
    the access token of a connected app, the next two also that of a sign-in. Blocks on the
    database: one query for a key or a token, three for a session.

    Raises Unauthenticated: number 101 without credentials, 102 with ones that do not hold.
    Raises Forbidden: `key_scope` for a key that may do less than `scope`, `account.suspended` for
    a key or token of someone suspended, `second_factor.required` for a session or the token of a
    sign-in where everyone needs a second factor. Raises InvalidBody when the query string holds a
    key, and QuotaExceeded for one whose requests hold their share of threads.
    """
    refuse_key_in_query(query_string)
    principal = _check_allowed(_principal(headers))
    slow_share.is_of(principal.user.pk)
    if principal.api_key is not None:
        scopes.check(principal.api_key, scope)
    return principal


def reference_to(principal: Principal) -> CredentialReference:
    """Return what `principal_by_reference` finds the same principal by.

    Raises Unauthenticated for a session that has since ended.
    """
    id_ = principal.proof
    if principal.api_key is not None:
        id_ = principal.api_key.lookup
    elif principal.via == "session":
        row = BrowserSession.objects.filter(session_key=principal.proof).first()
        if row is None:
            raise _session_ended()
        id_ = str(row.pk)
    return CredentialReference(principal.via, id_, principal.expires_at)


def principal_by_reference(reference: CredentialReference) -> Principal:
    """The principal of a credential that was proved before. from_cookie is False: no browser adds
    a reference on its own.

    Raises Unauthenticated when the credential was revoked, signed out or has expired, or its
    person is inactive; Forbidden for a key or token of someone suspended. Blocks on the database,
    as `principal_from_headers`.
    """
    if reference.expires_at is not None and reference.expires_at <= clock.now():
        raise errors.Unauthenticated(
            "The access token behind this has expired.", code="auth.invalid", number=102
        )
    if reference.via == "key":
        principal = _by_stored_key(_stored_key(reference.id), from_cookie=False)
        return _check_allowed(replace(principal, expires_at=reference.expires_at))
    if reference.via == "jwt":
        family = tokens.living_family(reference.id)
        return _check_allowed(
            Principal(family.user, None, "jwt", False, family.public_id, reference.expires_at)
        )
    row = BrowserSession.objects.filter(pk=int(reference.id)).first()
    if row is None:
        raise _session_ended()
    return _check_allowed(replace(_by_session(row.session_key), from_cookie=False))


def _check_allowed(principal: Principal) -> Principal:
    """Programs of a suspended person are refused. With a session they still read and take away what
    is theirs: see `accounts.authentication.SuspendedPeople`. What a password alone has opened is
    refused where everyone needs a second factor."""
    if principal.via != "session":
        check_may_act(principal.user)
    if principal.via != "key" and not principal.has_factor:
        factor_demand.check(principal.user)
    return principal


def _principal(headers: Mapping[str, str]) -> Principal:
    key = without_scheme(headers.get("api-key", ""))
    if key:
        return _by_key(key, from_cookie=False)
    text = without_scheme(headers.get("authorization", ""))
    if text:
        return _by_key_or_token(text, from_cookie=False)
    cookies = parse_cookie(headers.get("cookie", ""))
    text = without_scheme(unquote(cookies.get(KEY_COOKIE, "")))
    if text:
        return _by_key_or_token(text, from_cookie=True)
    session_key = cookies.get(settings.SESSION_COOKIE_NAME, "")
    if session_key:
        return _by_session(session_key)
    raise errors.Unauthenticated()


def refuse_key_in_query(query_string: str) -> None:
    """Addresses end up in logs, histories and referrers, so a key there is refused at once."""
    if "rg_" not in query_string and "=" not in query_string:
        return
    for name, value in parse_qsl(query_string):
        text = value.strip()
        if name.lower() in _KEY_PARAMETERS or KEY.fullmatch(text) or app_tokens.TOKEN.search(text):
            raise errors.InvalidBody(
                "Send the API key in the api-key or Authorization header, not in the URL:"
                " addresses are kept in logs. If this key is real, make a new one.",
                code="auth.key_in_address",
            )


def require_api_key(principal: Principal, what: str = "Starting a workflow") -> ApiKey:
    """The key this principal came with. Raises Forbidden for a session or a token.

    what: begins the sentence that says so.
    """
    if principal.api_key is None:
        raise errors.Forbidden(
            f"{what} needs an API key; sessions and tokens aren't allowed. Create a key"
            " at /me/keys and send it in the `api-key` header.",
            code="auth.api_key_required",
        )
    return principal.api_key


def hash_secret(secret: str) -> bytes:
    """Return what is kept of a key's secret part or of a link's token. Both are random: no salt
    needed."""
    return hashlib.sha256(secret.encode()).digest()


def without_scheme(text: str) -> str:
    """A credential without the word `Bearer` and spaces around it."""
    text = text.strip()
    scheme, _, rest = text.partition(" ")
    if scheme.lower() == "bearer":
        return rest.strip()
    return text


def is_account_credential(text: str) -> bool:
    """Return whether a bearer has the form of a key or of a token of an account."""
    is_token = tokens.looks_like_one(text) or app_tokens.looks_like_one(text)
    return is_token or KEY.fullmatch(text) is not None


def _by_key_or_token(text: str, *, from_cookie: bool) -> Principal:
    if not text.startswith("rg_") and tokens.looks_like_one(text):
        family, expires_at = tokens.family_of(text)
        return Principal(family.user, None, "jwt", from_cookie, family.public_id, expires_at)
    return _by_key(text, from_cookie=from_cookie)


def _by_key(text: str, *, from_cookie: bool) -> Principal:
    if app_tokens.looks_like_one(text):
        return _by_app_token(text, from_cookie=from_cookie)
    match = KEY.fullmatch(text)
    lookup, secret = match.groups() if match else ("", "")
    key = _stored_key(lookup) if lookup else None
    # An unknown key costs the same comparison as a known one with a wrong secret.
    stored_sha256 = bytes(key.secret_sha256) if key else _DUMMY_SHA256
    fits = hmac.compare_digest(hash_secret(secret), stored_sha256)
    return _by_stored_key(key if fits else None, from_cookie=from_cookie)


def _by_app_token(text: str, *, from_cookie: bool) -> Principal:
    claims = app_tokens.read("access", text)
    if claims is None:
        raise _app_refused("Unknown access token.")
    if claims.has_expired:
        raise _app_refused("This access token has expired. Refresh it at /oauth/token.")
    key = _stored_key(claims.lookup)
    if key is None or key.client_id is None or key.revoked_at is not None:
        raise _app_refused("This app was disconnected. Connect it again.")
    return replace(_by_stored_key(key, from_cookie=from_cookie), expires_at=claims.expires_at)


def _app_refused(message: str) -> errors.Unauthenticated:
    return errors.Unauthenticated(message, code="auth.invalid", number=102)


def _stored_key(lookup: str) -> ApiKey | None:
    return ApiKey.objects.select_related("user").filter(lookup=lookup).first()


def _by_stored_key(key: ApiKey | None, *, from_cookie: bool) -> Principal:
    if key is None or key.revoked_at is not None or not key.user.is_active:
        raise errors.Unauthenticated(
            f"Invalid API key. Check it, or create a new one with `{command('key')}`.",
            code="auth.invalid",
            number=102,
        )
    if key.has_expired:
        raise errors.Unauthenticated(
            f"This API key expired on {key.expires_at:%Y-%m-%d}. Create a new one at /me/keys.",
            code="auth.invalid",
            number=102,
        )
    _note_use(key)
    return Principal(key.user, key, "key", from_cookie)


def _note_use(key: ApiKey) -> None:
    now = clock.now()
    before = now - LAST_USE_PRECISION
    if key.last_used_at is not None and key.last_used_at >= before:
        return
    try:
        stale = Q(last_used_at=None) | Q(last_used_at__lt=before)
        with durable.without_flush():
            ApiKey.objects.filter(stale, pk=key.pk).update(last_used_at=now)
    except DatabaseError:
        # A busy database must not reject a valid key.
        logger.warning("could not note the use of key %s", key.lookup, exc_info=True)


def _by_session(session_key: str) -> Principal:
    store: Any = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
    # Django's function takes a request but reads only its session.
    user = get_user(SimpleNamespace(session=store))  # type: ignore[arg-type]
    if not isinstance(user, User) or not session_list.is_in_use(session_key, user.pk):
        raise _session_ended()
    has_factor = factor_demand.is_shown_elsewhere(store)
    return Principal(
        user, None, "session", from_cookie=True, proof=session_key, has_factor=has_factor
    )


def _session_ended() -> errors.Unauthenticated:
    return errors.Unauthenticated(
        "Your session has ended. Sign in again.", code="auth.invalid", number=102
    )
