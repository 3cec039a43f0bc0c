"""Proposals that were shown and may be confirmed: kept for an hour under an id that only its person
can use.

It lies in the cache that all web processes share. What is lost with it is shown again; nothing is
written twice for it, because each write has an id of its own in the database.
"""

from __future__ import annotations

import re
import secrets
from typing import Any, Final

from accounts.models import User
from core import errors
from core.shared_cache import shared_cache

LIFE_S: Final = 3600
_ID: Final = re.compile(r"prop_[0-9a-f]{32}")


def keep(person: User, kind: str, value: dict[str, Any]) -> str:
    """The id of what is kept. kind: what may be asked of it, such as "edit"."""
    name = f"prop_{secrets.token_hex(16)}"
    shared_cache().set(_key(person, kind, name), value, LIFE_S)
    return name


def kept(person: User, kind: str, name: str) -> dict[str, Any]:
    """Return what this person was shown under an id. Raises Conflict where it is gone."""
    entry = shared_cache().get(_key(person, kind, name)) if _ID.fullmatch(name) else None
    if not isinstance(entry, dict):
        raise errors.Conflict(
            "This proposal isn't known or has expired: proposals are kept for an hour. Call without"
            " `proposal` and `confirm` to get a new one, and show it to the person.",
            code="proposal.expired",
        )
    return entry


def _key(person: User, kind: str, name: str) -> str:
    return f"agent-proposal:{kind}:{person.pk}:{name}"
