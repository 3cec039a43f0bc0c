"""The way to the provider and back: the code flow of OpenID Connect with PKCE.

What belongs to a way is kept in the browser's session under its `state`, for ten minutes; it is
used once. Of the answer nothing is believed that the provider's keys didn't sign, but for what its
own server says of the same person.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

import httpx
from authlib.common.errors import AuthlibBaseError
from authlib.oauth2.client import OAuth2Client
from authlib.oidc.core import CodeIDToken
from django.contrib.sessions.backends.base import SessionBase
from joserfc import jwt
from joserfc.errors import ClaimError, ExpiredTokenError, InvalidKeyIdError, JoseError

from core import errors
from sign_on import asking, discovery
from sign_on.discovery import Description
from sign_on.provider import Provider

# The path that the provider sends people back to.
BACK: Final = "/oidc/back"
LIFE_S: Final = 600
# Of one browser at once, as in several tabs.
MOST: Final = 5
# How far the provider's clock may be from ours, in seconds.
LEEWAY_S: Final = 60
# Signed by a key that the provider alone has: never `none`, nor a secret that both know.
ALGORITHMS: Final = ("RS256", "ES256", "EdDSA", "Ed25519")
MAX_CODE: Final = 4_000
_SESSION_KEY: Final = "sign_on"
_SCOPE: Final = "openid profile email"
_WORDS: Final[Mapping[str, str]] = {
    "access_denied": "You weren't signed in: it was cancelled, or this account may not be used.",
    "login_required": "Sign in there first, then try again.",
    "temporarily_unavailable": "It is busy. Try again in a minute.",
}

Purpose = Literal["come-in", "link", "try"]


@dataclass(frozen=True, slots=True)
class Way:
    """One way there and back, as the browser's session keeps it.

    address: the page after it. invitation: the link's token that its person had. person: who is
    signed in, for `link` and `try`.
    """

    purpose: Purpose
    nonce: str
    verifier: str
    issuer: str
    begun_at: int
    address: str = "/"
    invitation: str = ""
    person: int | None = None


@dataclass(frozen=True, slots=True)
class Arrival:
    """An account at the provider whose person has just shown that it is theirs.

    has_factor: they have shown a second factor there. token: the ID token, for signing out there.
    """

    issuer: str
    subject: str
    email: str
    is_email_verified: bool
    name: str
    username: str
    has_factor: bool
    claims: Mapping[str, Any]
    token: str


def begin(
    session: SessionBase,
    provider: Provider,
    purpose: Purpose,
    *,
    origin: str,
    address: str = "/",
    invitation: str = "",
    person: int | None = None,
) -> str:
    """Return the address at the provider that a person goes to. origin: this server's.

    Raises Unavailable while the provider is away or can't be used.
    """
    if purpose == "try":
        # An owner has changed the settings, or the provider's.
        discovery.forget()
    description = discovery.describe(provider)
    nonce, verifier = secrets.token_urlsafe(24), secrets.token_urlsafe(48)
    url, state = _client(provider, description, origin).create_authorization_url(
        description.authorization_endpoint, code_verifier=verifier, nonce=nonce
    )
    way = Way(
        purpose, nonce, verifier, provider.issuer, int(time.time()), address, invitation, person
    )
    open_ways = session.get(_SESSION_KEY) or {}
    newest = sorted(open_ways.items(), key=lambda item: item[1]["begun_at"])[-(MOST - 1) :]
    fields = {name: getattr(way, name) for name in Way.__slots__}
    session[_SESSION_KEY] = {**dict(newest), state: fields}
    return str(url)


def take(session: SessionBase, state: str) -> Way:
    """Return the way that an answer belongs to, once. Raises Unauthenticated."""
    open_ways = dict(session.get(_SESSION_KEY) or {})
    fields = open_ways.pop(state, None)
    if fields is None:
        raise refusal("This sign-in wasn't started in this browser, or was used already.")
    session[_SESSION_KEY] = open_ways
    way = Way(**fields)
    if time.time() - way.begun_at > LIFE_S:
        raise refusal("This sign-in took longer than ten minutes.")
    return way


def arrive(provider: Provider, way: Way, query: Mapping[str, str], *, origin: str) -> Arrival:
    """Return who has come back with this answer.

    Raises Unauthenticated for an answer that can't be believed, Unavailable as `begin`.
    """
    if way.issuer != provider.issuer:
        raise refusal("The provider was changed meanwhile.")
    description = discovery.describe(provider)
    issuer = query.get("iss", "")
    if (issuer or description.has_iss) and issuer != provider.issuer:
        raise refusal("The answer is from another provider than the one that was asked.")
    if error := query.get("error", ""):
        words = _WORDS.get(error, "It refused the sign-in.")
        raise refusal(f"{provider.name}: {words}")
    code = query.get("code", "")
    if not 0 < len(code) <= MAX_CODE:
        raise refusal("The answer has no code.")
    answer = _fetch_tokens(provider, description, way, code, origin)
    token = answer.get("id_token")
    if not isinstance(token, str):
        raise refusal("The answer has no ID token.")
    access_token = str(answer.get("access_token") or "")
    claims = _checked_claims(provider, way, token, access_token)
    claims |= _further_claims(provider, description, claims["sub"], access_token)
    methods = claims.get("amr")
    return Arrival(
        issuer=provider.issuer,
        subject=claims["sub"],
        email=_text(claims, "email", 254),
        is_email_verified=claims.get("email_verified") is True,
        name=_text(claims, "name", 80),
        username=_text(claims, "preferred_username", 254),
        has_factor="mfa" in (methods if isinstance(methods, list) else ())
        or "mfa" in _text(claims, "acr", 254).lower(),
        claims=claims,
        token=token,
    )


def sign_out_address(provider: Provider, token: str, *, origin: str) -> str:
    """Return where a person's session at the provider ends; empty where it offers no such address
    or can't be reached."""
    try:
        address = discovery.describe(provider).end_session_endpoint
    except errors.Unavailable:
        return ""
    if not address:
        return ""
    fields = {
        "id_token_hint": token,
        "client_id": provider.client_id,
        "post_logout_redirect_uri": f"{origin}/",
    }
    return str(httpx.URL(address).copy_merge_params(fields))


def refusal(why: str) -> errors.Unauthenticated:
    """Return the refusal of an answer, in one sentence with the remedy."""
    message = f"{why} Start again."
    return errors.Unauthenticated(message, code="sign_on.refused", number=102)


def _client(provider: Provider, description: Description, origin: str) -> OAuth2Client:
    methods = description.auth_methods or ("client_secret_basic",)
    by_form = "client_secret_post" in methods and "client_secret_basic" not in methods
    secret_method = "client_secret_post" if by_form else "client_secret_basic"
    return OAuth2Client(
        asking.TokenSession(provider),
        client_id=provider.client_id,
        client_secret=provider.secret,
        token_endpoint_auth_method=secret_method if provider.secret else "none",
        scope=_SCOPE,
        redirect_uri=f"{origin}{BACK}",
        code_challenge_method="S256",
    )


def _fetch_tokens(
    provider: Provider, description: Description, way: Way, code: str, origin: str
) -> Mapping[str, Any]:
    client = _client(provider, description, origin)
    try:
        answer: Mapping[str, Any] = client.fetch_token(
            description.token_endpoint,
            grant_type="authorization_code",
            code=code,
            code_verifier=way.verifier,
        )
    except AuthlibBaseError as problem:
        if problem.error == "invalid_client":
            raise errors.Unavailable(
                f"{provider.name} doesn't accept this server's client ID or secret. Ask an owner of"
                " this server to check them."
            ) from None
        raise refusal(
            f"{provider.name} doesn't accept the code: it was used or is too old."
        ) from None
    except (httpx.HTTPStatusError, ValueError):
        raise errors.Unavailable(
            f"{provider.name} can't be used right now. Try again in a minute."
        ) from None
    return answer


def _checked_claims(provider: Provider, way: Way, token: str, access_token: str) -> dict[str, Any]:
    """Return what an ID token says, signed by the provider, for this server and this way."""
    try:
        try:
            signed = jwt.decode(token, discovery.keys_of(provider), ALGORITHMS)
        except InvalidKeyIdError:
            keys = discovery.keys_of(provider, is_missed=True)
            signed = jwt.decode(token, keys, ALGORITHMS)
        options = {
            "iss": {"essential": True, "value": provider.issuer},
            "aud": {"essential": True, "value": provider.client_id},
            "sub": {"essential": True},
        }
        claims = CodeIDToken(
            signed.claims,
            signed.header,
            options,
            {"nonce": way.nonce, "client_id": provider.client_id, "access_token": access_token},
        )
        claims.validate(leeway=LEEWAY_S)
    except ExpiredTokenError:
        raise refusal("The ID token has expired, or the clocks of both servers differ.") from None
    except ClaimError as problem:
        raise refusal(
            f"The ID token isn't for this sign-in: its {problem.claim} differs."
        ) from None
    except (JoseError, ValueError, TypeError, KeyError):
        raise refusal("The ID token isn't signed by the provider.") from None
    if len(claims["sub"]) > 255:
        raise refusal("The ID token's subject is too long.")
    return dict(claims)


def _further_claims(
    provider: Provider, description: Description, subject: str, access_token: str
) -> dict[str, Any]:
    """Return what the provider's own server says of the same person: name, mail, groups."""
    if not description.userinfo_endpoint or not access_token:
        return {}
    headers = {"Authorization": f"Bearer {access_token}"}
    claims = asking.read_object(provider, description.userinfo_endpoint, headers=headers)
    if claims.get("sub") != subject:
        raise refusal("The provider tells of another person than the one who signed in.")
    # What is signed says how they signed in.
    return {name: value for name, value in claims.items() if name not in ("amr", "acr", "iss")}


def _text(claims: Mapping[str, Any], name: str, length: int) -> str:
    value = claims.get(name)
    return value[:length].strip() if isinstance(value, str) and value.isprintable() else ""
