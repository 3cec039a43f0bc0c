"""The provider's own description of itself, and the keys that it signs with.

Kept for an hour in each process, and read again for a key that isn't among them.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any, Final

from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from core import errors
from sign_on import asking
from sign_on.provider import Provider

KEPT_S: Final = 3600.0
# How soon keys are read again for one that isn't known: anyone can name one.
AGAIN_S: Final = 10.0
_PATH: Final = "/.well-known/openid-configuration"


@dataclass(frozen=True, slots=True)
class Description:
    """As OpenID Connect Discovery 1.0, section 3, has it. Empty: the provider has none."""

    authorization_endpoint: str
    token_endpoint: str
    userinfo_endpoint: str
    end_session_endpoint: str
    jwks_uri: str
    has_iss: bool
    auth_methods: tuple[str, ...]
    read_at: float


@dataclass(frozen=True, slots=True)
class _Keys:
    keys: KeySet
    read_at: float


_descriptions: dict[str, Description] = {}
_keys: dict[str, _Keys] = {}


def describe(provider: Provider) -> Description:
    """Return how to reach a provider. Raises Unavailable, with what an owner must check."""
    entry = _descriptions.get(provider.issuer)
    if entry is not None and time.monotonic() - entry.read_at < KEPT_S:
        return entry
    raw = asking.read_object(provider, provider.issuer.rstrip("/") + _PATH)
    if raw.get("issuer") != provider.issuer:
        raise errors.Unavailable(
            "The provider gives another issuer than the one that is set here. Ask an owner of this"
            " server to copy it exactly, with or without the slash at its end."
        )
    description = Description(
        authorization_endpoint=_url(raw, "authorization_endpoint"),
        token_endpoint=_url(raw, "token_endpoint"),
        userinfo_endpoint=_url(raw, "userinfo_endpoint", is_needed=False),
        end_session_endpoint=_url(raw, "end_session_endpoint", is_needed=False),
        jwks_uri=_url(raw, "jwks_uri"),
        has_iss=raw.get("authorization_response_iss_parameter_supported") is True,
        auth_methods=_texts(raw.get("token_endpoint_auth_methods_supported")),
        read_at=time.monotonic(),
    )
    # One provider at a time: those of former settings go.
    _descriptions.clear()
    _descriptions[provider.issuer] = description
    return description


def keys_of(provider: Provider, *, is_missed: bool = False) -> KeySet:
    """Return the provider's public keys. is_missed: one wasn't among the known ones.

    Raises Unavailable.
    """
    entry = _keys.get(provider.issuer)
    life_s = AGAIN_S if is_missed else KEPT_S
    if entry is not None and time.monotonic() - entry.read_at < life_s:
        return entry.keys
    raw = asking.read_object(provider, describe(provider).jwks_uri)
    try:
        keys = KeySet.import_key_set({"keys": list(filter(_is_usable, raw.get("keys") or []))})
    except (JoseError, ValueError, TypeError, KeyError):
        raise errors.Unavailable(
            "The provider's keys can't be read. Ask an owner of this server to look into it."
        ) from None
    _keys.clear()
    _keys[provider.issuer] = _Keys(keys, time.monotonic())
    return keys


def forget() -> None:
    """Read everything again: an owner has changed or tries the settings."""
    _descriptions.clear()
    _keys.clear()


def _is_usable(key: Any) -> bool:
    """Return whether a key is public and signs; others stand beside these in many sets."""
    return (
        isinstance(key, dict)
        and key.get("kty") in ("RSA", "EC", "OKP")
        and key.get("use", "sig") == "sig"
        and key.get("crv", "P-256") in ("P-256", "Ed25519")
    )


def _url(raw: dict[str, Any], name: str, *, is_needed: bool = True) -> str:
    value = raw.get(name)
    if isinstance(value, str) and value.startswith(("https://", "http://")):
        return value
    if is_needed:
        raise errors.Unavailable(
            f"The provider's description has no {name}. Ask an owner of this server to check the"
            " issuer."
        )
    return ""


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(one for one in value if isinstance(one, str)) if isinstance(value, list) else ()
