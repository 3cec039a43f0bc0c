"""What a composition call costs: one credit, taken when its answer is ready.

The order is check, work, charge. `check` refuses before any work when the credit or the day's limit
would not do. `charge` asks once more and writes one entry of the ledger, in one transaction under
the person's lock, so of two calls at once that have credit for one, one is refused with its answer
unsent. Nothing is held back meanwhile: a process that is killed between them, and a call that
fails, leave no entry, and there is nothing to give back. Killed after the charge, the call was paid
and its answer is lost; repeated with the same Idempotency-Key it is answered and not paid again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction

from accounts import credit, ledger, selectors
from accounts.auth import Principal
from core import canonical, clock, errors, ids

# Of one call, in thousandths of a credit.
MILLI = 1000
# How long a key means the call that it was first sent with.
KEY_KEPT = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Call:
    """One composition call of a person. id: `call_…`, the same for a repeated request.

    is_paid: an equal request was charged before.
    """

    principal: Principal
    tool: str
    id: str
    is_paid: bool = False

    @property
    def ref(self) -> str:
        """Its name on the ledger."""
        return selectors.call_ref(self.principal.user, self.id, self.tool)


def new_call(principal: Principal, tool: str) -> Call:
    """A call that no other request repeats."""
    return Call(principal, tool, ids.call_id())


def keyed_call(principal: Principal, tool: str, arguments: Mapping[str, Any], key: str) -> Call:
    """The call of a request with an Idempotency-Key.

    tool: its canonical name. Raises Conflict when the key was charged for another call.
    """
    of_key = hashlib.sha256(key.encode()).hexdigest()[:12]
    call_id = f"call_{of_key}{canonical.sha256_hex([tool, arguments])[:8]}"
    call = Call(principal, tool, call_id)
    paid = selectors.call_entries(principal.user).filter(
        created_at__gte=clock.now() - KEY_KEPT,
        ref__startswith=selectors.call_ref(principal.user, f"call_{of_key}"),
    )
    refs = set(paid.values_list("ref", flat=True))
    if refs - {call.ref}:
        raise errors.Conflict(
            "This Idempotency-Key was used for another request. Use a new key for a new request.",
            code="idempotency.key_reuse",
            details={"reason": "idempotency_key_reuse"},
        )
    return Call(principal, tool, call_id, is_paid=call.ref in refs)


def check(call: Call) -> None:
    """Before the work. Raises InsufficientCredit when it could not be paid."""
    with transaction.atomic():
        _check(call)


def charge(call: Call) -> None:
    """After the work, before its answer is sent; twice is once. Raises InsufficientCredit."""
    user, key = call.principal.user, call.principal.api_key
    with transaction.atomic():
        _check(call)
        ledger.charge(ref=call.ref, user=user, api_key=key, milli=MILLI)


def _check(call: Call) -> None:
    if call.is_paid:
        return
    user, key = call.principal.user, call.principal.api_key
    refused = credit.refusal(user=user, api_key=key, milli=MILLI)
    if refused is not None:
        raise refused
