"""The provider of sign-on that this server's owners have set up, one for all people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from django.conf import settings

from core import encrypted_fields, server_settings
from media import addresses

Rule = Literal["invited", "domains", "claim", "everyone"]

# The settings of `core.declared_settings` that this module reads.
ISSUER, SECRET = "SIGN_ON_ISSUER", "SIGN_ON_SECRET"
_VARIABLE: Final = "REELGRAPH_SIGN_ON_ALLOW"


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider and this server's rules about it.

    name: on the button. domains, claim: of the rule that is named so. operator_claim: what makes
    someone an operator; empty: nothing. trusts_factor: a second factor shown there counts here.
    """

    issuer: str
    client_id: str
    secret: str
    name: str
    rule: Rule
    domains: frozenset[str]
    claim: str
    operator_claim: str
    trusts_factor: bool


def current() -> Provider | None:
    """Return the provider; None where there is none, or its secret can't be read."""
    issuer, client_id = value_of("ISSUER"), value_of("CLIENT_ID")
    if not issuer or not client_id:
        return None
    try:
        secret = unseal(server_settings.value(SECRET), issuer)
    except encrypted_fields.CannotOpen:
        return None
    return Provider(
        issuer=issuer,
        client_id=client_id,
        secret=secret,
        name=value_of("NAME") or "your organization",
        rule=server_settings.value("SIGN_ON_JOIN"),
        domains=frozenset(value_of("DOMAINS").lower().replace(",", " ").split()),
        claim=value_of("CLAIM"),
        operator_claim=value_of("OPERATORS"),
        trusts_factor=server_settings.value("SIGN_ON_FACTOR"),
    )


def value_of(name: str) -> str:
    """Return one of the settings that are a line of text."""
    text: str = server_settings.value(f"SIGN_ON_{name}")
    return text


def seal(secret: str, issuer: str) -> str:
    """Encrypt a client secret. It opens for this issuer alone: another one never gets it."""
    return encrypted_fields.seal(secret, purpose=f"sign-on:{issuer}").decode() if secret else ""


def unseal(text: str, issuer: str) -> str:
    """Return a secret that `seal` encrypted. Raises CannotOpen."""
    return encrypted_fields.unseal(text.encode(), purpose=f"sign-on:{issuer}") if text else ""


def allowance() -> addresses.Allowance:
    """Return the private providers that the operator allows."""
    return addresses.read_allowance(settings.SIGN_ON_ALLOW, _VARIABLE)
