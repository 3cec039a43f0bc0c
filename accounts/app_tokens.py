"""The text of a connection's tokens: signed, with the key's lookup, a generation and an end.

They have prefixes, so that programs that look for leaked secrets recognize them. Tokens signed with
an earlier secret key hold as long as that key is among the fallbacks.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal

from django.core import signing

from core import clock

Use = Literal["access", "refresh"]
PREFIXES: Final[dict[Use, str]] = {"access": "rgat_", "refresh": "rgrt_"}
TOKEN = re.compile(r"rg[ar]t_[A-Za-z0-9_-]{20,400}\.[A-Za-z0-9_-]{43}")


@dataclass(frozen=True, slots=True)
class Claims:
    """The claims of a token. lookup: of the connection; generation: of its tokens."""

    lookup: str
    generation: int
    expires_at: datetime

    @property
    def has_expired(self) -> bool:
        return self.expires_at <= clock.now()


def looks_like_one(text: str) -> bool:
    """Return whether a credential is written like a token of a connection, of either use."""
    return text.startswith(tuple(PREFIXES.values()))


def write(use: Use, claims: Claims) -> str:
    """The token with these claims."""
    payload = [claims.lookup, claims.generation, clock.unix(claims.expires_at)]
    return PREFIXES[use] + _signer(use).sign_object(payload)


def read(use: Use, text: str) -> Claims | None:
    """Read a token of this use, an expired one too; None when it is not one of ours."""
    if not TOKEN.fullmatch(text) or not text.startswith(PREFIXES[use]):
        return None
    try:
        lookup, generation, end = _signer(use).unsign_object(text.removeprefix(PREFIXES[use]))
    except signing.BadSignature:
        return None
    return Claims(lookup, generation, datetime.fromtimestamp(end, UTC))


def _signer(use: Use) -> signing.Signer:
    return signing.Signer(sep=".", salt=f"accounts.app_tokens.{use}")
