"""Idempotency keys: a request that is sent again is answered with what the first one led to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from accounts.auth import Principal
from accounts.models import User
from core import canonical, clock, errors
from core.raw_sql import Statement
from runs.models import IdempotencyKey, Run

MAX_KEY = 255
# An IntegrityError would end the transaction on Postgres.
_CLAIM = Statement(
    """
    INSERT INTO runs_idempotencykey (owner_id, endpoint, "key", body_sha256, run_id, created_at)
    VALUES (%(owner)s, %(endpoint)s, %(key)s, %(body_sha256)s, %(run)s, %(now)s)
    ON CONFLICT DO NOTHING
    """
)


class KeyTaken(Exception):
    """Another request with the same key committed first."""


@dataclass(frozen=True, slots=True)
class RequestKey:
    """Identity of a request among those of the same user.

    endpoint: keys of one endpoint mean nothing to another. key: None without one, then no request
    repeats it. fingerprint: SHA-256 of what two requests with one key must have in common.
    """

    user: User
    endpoint: str
    key: str | None
    fingerprint: str

    def replay(self) -> Run | None:
        """The run of the first request with this key. Raises Conflict when its body differed."""
        if self.key is None:
            return None
        row = IdempotencyKey.objects.select_related("run").filter(**self._unique()).first()
        if row is None:
            return None
        if row.body_sha256 != self.fingerprint:
            raise errors.Conflict(
                "This Idempotency-Key was used for another request. Use a new key for a new"
                " request.",
                code="idempotency.key_reuse",
                details={"reason": "idempotency_key_reuse", "workflowId": row.run.public_id},
            )
        return row.run

    def claim(self, run: Run) -> None:
        """Inside the transaction that does what was asked: from now on the key means this run.

        Raises KeyTaken when it means another one; the transaction must then be rolled back.
        """
        if self.key is None:
            return
        if not _CLAIM.run(
            owner=self.user.pk,
            endpoint=self.endpoint,
            key=self.key,
            body_sha256=self.fingerprint,
            run=run.pk,
            now=clock.now(),
        ):
            raise KeyTaken

    def _unique(self) -> dict[str, Any]:
        return {"owner": self.user, "endpoint": self.endpoint, "key": self.key}


def request_key(
    actor: Principal, endpoint: str, fingerprint: str, *, header: str | None, body: str | None
) -> RequestKey:
    """The key of an API request; the header wins. Raises InvalidBody when it is too long."""
    key = (header or body or "").strip() or None
    if key and len(key) > MAX_KEY:
        raise errors.InvalidBody(f"Idempotency-Key must be at most {MAX_KEY} characters long.")
    return RequestKey(actor.user, endpoint, key, fingerprint)


def page_key(actor: Principal, endpoint: str, fingerprint: str, key: str | None) -> RequestKey:
    """The key that one of our own pages sends; it is cut to length rather than refused."""
    return RequestKey(actor.user, endpoint, (key or "").strip()[:MAX_KEY] or None, fingerprint)


def fingerprint_of(
    body: Mapping[str, Any], *, before: Sequence[Any] = (), after: Sequence[Any] = ()
) -> str:
    """Return the hash that requests with one key share: of the body without the key, and the rest.

    before, after: what else they share, in the order in which stored fingerprints have it.
    """
    rest = {k: v for k, v in body.items() if k not in ("idempotency_key", "idempotencyKey")}
    return canonical.sha256_hex([*before, rest, *after])
