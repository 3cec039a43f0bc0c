"""The rules among the settings of sign-on, which owners change at `/admin/server`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from accounts import roles
from accounts.models import User
from core import errors
from core.declared_settings import GROUPS
from media.guarded_client import target_of
from media.pinned_connection import OutOfBounds
from sign_on import provider

OWNERS: Final = frozenset(one.name for group in GROUPS if group.is_owners for one in group.settings)


def check(actor: User, before: Mapping[str, Any], changes: dict[str, Any]) -> dict[str, str]:
    """Return what can't be saved of these changes, by name, and seal a new secret in them.

    before: what holds, by name. Raises Forbidden for anyone but an owner.
    """
    if not OWNERS & changes.keys():
        return {}
    if not roles.is_owner(actor):
        raise errors.Forbidden("Only owners of this server change sign-on.")
    after = {name: changes.get(name, before[name]) for name in OWNERS}
    problems = {}
    issuer = after[provider.ISSUER]
    if why := _problem_of_issuer(issuer):
        problems[provider.ISSUER] = why
    is_new = issuer != before[provider.ISSUER]
    if changes.get(provider.SECRET):
        changes[provider.SECRET] = provider.seal(changes[provider.SECRET], issuer)
    elif is_new and issuer and after[provider.SECRET]:
        problems[provider.SECRET] = "Enter it again: the issuer has changed."
    if after["SIGN_ON_JOIN"] == "domains" and not after["SIGN_ON_DOMAINS"]:
        problems["SIGN_ON_DOMAINS"] = "Enter the domains whose people may join."
    for name, is_needed in (
        ("SIGN_ON_CLAIM", after["SIGN_ON_JOIN"] == "claim"),
        ("SIGN_ON_OPERATORS", bool(after["SIGN_ON_OPERATORS"])),
    ):
        claim, _, value = after[name].partition("=")
        if is_needed and not (claim.strip() and value.strip()):
            problems[name] = "Enter a name and a value, e.g. groups=film."
    if after["PASSWORDS"] == "owners" and not (issuer and after["SIGN_ON_CLIENT_ID"]):
        problems["PASSWORDS"] = "Without sign-on, people need their passwords."
    return problems


def _problem_of_issuer(issuer: str) -> str:
    if not issuer:
        return ""
    if "?" in issuer or "#" in issuer:
        return "An issuer has no ? and no #."
    try:
        target_of(issuer, provider.allowance())
    except OutOfBounds as refusal:
        return refusal.message
    return ""
