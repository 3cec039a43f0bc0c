"""The cost of a composition call: one credit, held before the work and kept with its answer.

    with charging.held(call) as hold:
        if hold.answer is None:
            hold.settle(work())

The credit is taken from the ledger before any work, so of many calls at once only those that can be
paid begin. A call that ends without `settle` gives it back. The hold is a row, which the process
prolongs while it works; when the process dies, the row runs out and the credit is given back.
`settle` stores the answer and ends the hold in one change: a repeated request with the same
Idempotency-Key gets that answer, and one that comes meanwhile is refused, so nothing is made or
paid twice.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.db import transaction

from accounts import credit, ledger, selectors
from accounts.auth import Principal
from accounts.models import User
from compose import holds
from compose.model.model_client import configured_model
from compose.models import ComposedCall
from core import canonical, clock, errors, ids
from core.database import read_db_now
from core.storable_text import storable_json

# Of one call, in thousandths of a credit.
MILLI: Final = 1000
# Of one person, in all processes, where a language model answers them.
AT_ONCE: Final = 8
RETRY_AFTER_S: Final = 2
# How often idle workers look, and how many rows they then take away at once.
TENDED_EVERY_S: Final = 15.0
BATCH: Final = 100


@dataclass(frozen=True, slots=True)
class Call:
    """One composition call. key: what names it among the person's, hashed; None: no other request
    repeats it. takes_over: a hold of this call that is there is that of an earlier, dead attempt.
    """

    principal: Principal
    tool: str
    key: str | None = None
    fingerprint: str = ""
    takes_over: bool = False
    id: str = field(default_factory=ids.call_id)

    @property
    def ref(self) -> str:
        """Return its name on the ledger."""
        return selectors.call_ref(self.principal.user, self.id, self.tool)


def keyed_call(
    principal: Principal,
    tool: str,
    arguments: Mapping[str, Any],
    key: str | None,
    *,
    takes_over: bool = False,
) -> Call:
    """Make the call of a request. tool: its canonical name. key: its Idempotency-Key."""
    if not key:
        return Call(principal, tool)
    fingerprint = canonical.sha256_hex([tool, arguments])
    key_hash = hashlib.sha256(key.encode()).hexdigest()
    return Call(principal, tool, key_hash, fingerprint, takes_over)


class Hold:
    """The credit of one call. answer: what an equal request was answered with before; then nothing
    is to be done. call_id: `call_…`, of the call that answered."""

    def __init__(self, call: Call, row: ComposedCall) -> None:
        self._call, self._row = call, row
        self._is_open = row.held_until is not None
        self.answer: Any = None if self._is_open else (row.answer or {})["of"]
        self.call_id: str = row.call_id

    def settle(self, answer: Any, *, is_paid: bool = True) -> None:
        """Keep the answer before it is sent. is_paid: False gives the credit back.

        Raises Conflict when this process stood still for so long that another took the call over.
        """
        with transaction.atomic():
            if self._call.key is None:
                count, _ = self._own().delete()
            else:
                count = self._own().update(answer=storable_json({"of": answer}), held_until=None)
                self._own_oldest().delete()
            if not count:
                raise _at_work()
            if not is_paid:
                _release(self._row)
        self._close()

    def charge(self) -> None:
        """Take the credit for what was answered in part. It is not kept: a repeated request is a
        new call."""
        if self._own().delete()[0]:
            self._close()

    def give_back(self) -> None:
        """Give the credit back, unless the call has ended in another way."""
        if not self._is_open:
            return
        # Closed first: if this fails, the hold is no longer prolonged and runs out.
        self._close()
        _end(self._row, self._own())

    def _own(self) -> Any:
        row = self._row
        rows = ComposedCall.objects.filter(pk=row.pk, call_id=row.call_id)
        return rows.exclude(held_until=None)

    def _own_oldest(self) -> Any:
        """Return answers of this person beyond what is kept."""
        answers = ComposedCall.objects.filter(owner=self._row.owner_id, held_until=None)
        beyond = answers.order_by("-id").values_list("id", flat=True)[holds.MOST_KEPT :][:BATCH]
        return ComposedCall.objects.filter(id__in=list(beyond))

    def _close(self) -> None:
        self._is_open = False
        holds.forget(self._row.pk)


@contextmanager
def held(call: Call) -> Iterator[Hold]:
    """Hold the credit for a call while the block runs. Outside a transaction.

    Raises InsufficientCredit; Conflict for a key of another request, and of one that is at work;
    QuotaExceeded for one whose calls are AT_ONCE already.
    """
    hold = Hold(call, _begin(call))
    try:
        yield hold
    finally:
        hold.give_back()


def check_key(call: Call) -> None:
    """Raise Conflict where the key of a call is that of another request."""
    with transaction.atomic():
        _row_of(call)


def check(principal: Principal) -> None:
    """Raise InsufficientCredit where a call could not be paid now."""
    with transaction.atomic():
        _check(principal)


def forget(person: User) -> None:
    """Delete all answers of a person, and give back what is held."""
    for row in ComposedCall.objects.filter(owner=person).defer("answer"):
        _end(row, ComposedCall.objects.filter(pk=row.pk))


def tend() -> float:
    """End the holds of processes that died, and delete old answers; for `runs.engine.periodic`."""
    hold_count = give_back_dead()
    old = ComposedCall.objects.filter(held_until=None, created_at__lt=clock.now() - holds.KEPT_FOR)
    rows = list(old.order_by("created_at").values_list("pk", flat=True)[:BATCH])
    ComposedCall.objects.filter(pk__in=rows).delete()
    return 0 if BATCH in (hold_count, len(rows)) else TENDED_EVERY_S


def give_back_dead(owner: User | None = None) -> int:
    """End the holds, of one person or of all, whose processes have died. Returns how many."""
    dead = ComposedCall.objects.filter(held_until__lt=read_db_now())
    if owner is not None:
        dead = dead.filter(owner=owner)
    rows = list(dead[:BATCH])
    for row in rows:
        _end(row, dead.filter(pk=row.pk, call_id=row.call_id))
    return len(rows)


def _begin(call: Call) -> ComposedCall:
    person = call.principal.user
    give_back_dead(person)
    with transaction.atomic():
        # Of two at once, neither begins what only one may.
        User.objects.select_for_update(no_key=True).only("pk").get(pk=person.pk)
        now = read_db_now()
        row = _row_of(call)
        if row is not None and row.held_until is None:
            return row
        if row is not None:
            if not call.takes_over:
                raise _at_work()
            _end(row, ComposedCall.objects.filter(pk=row.pk))
        _check_room(call, now)
        _check(call.principal)
        row = ComposedCall.objects.create(
            owner=person,
            api_key=call.principal.api_key,
            key=call.key or call.id,
            fingerprint=call.fingerprint,
            tool=call.tool,
            call_id=call.id,
            held_until=now + holds.LASTS,
        )
        ledger.reserve(ref=call.ref, user=person, api_key=call.principal.api_key, milli=MILLI)
    holds.keep(row.pk)
    return row


def _row_of(call: Call) -> ComposedCall | None:
    """Return the row of the call's key, if any. Raises Conflict for a key of another call."""
    if call.key is None:
        return None
    row = ComposedCall.objects.filter(owner=call.principal.user, key=call.key).first()
    if row is not None and row.held_until is None and row.created_at < clock.now() - holds.KEPT_FOR:
        row.delete()
        return None
    is_answered = row is not None and row.held_until is None
    is_other = row is not None and row.fingerprint != call.fingerprint
    if is_other and (is_answered or not call.takes_over):
        raise errors.Conflict(
            "This Idempotency-Key was used for another request. Use a new key for a new request.",
            code="idempotency.key_reuse",
            details={"reason": "idempotency_key_reuse"},
        )
    return row


def _check_room(call: Call, now: datetime) -> None:
    """Keep a model to so many calls of one person at once, so that others' are answered too."""
    if call.takes_over or configured_model() is None:
        return
    at_work = ComposedCall.objects.filter(owner=call.principal.user, held_until__gte=now)
    if at_work.count() >= AT_ONCE:
        raise errors.QuotaExceeded(
            f"{AT_ONCE} of your requests are being written already. Wait for one to finish.",
            details={"limit": AT_ONCE, "per": "person", "what": "composition calls at once"},
            retry_after_s=RETRY_AFTER_S,
        )


def _check(principal: Principal) -> None:
    refusal = credit.refusal(user=principal.user, api_key=principal.api_key, milli=MILLI)
    if refusal is not None:
        raise refusal


def _end(row: ComposedCall, rows: Any) -> None:
    """Delete the row, if it is still among these, and give back what it holds."""
    with transaction.atomic():
        if rows.delete()[0] and row.held_until is not None:
            _release(row)


def _release(row: ComposedCall) -> None:
    ref = selectors.call_ref(row.owner, row.call_id, row.tool)
    ledger.release(ref=ref, user=row.owner_id, api_key=row.api_key_id, milli=MILLI)


def _at_work() -> errors.Conflict:
    return errors.Conflict(
        "An equal request with this Idempotency-Key is being answered. Send it again in a moment.",
        code="idempotency.in_progress",
        details={"reason": "idempotency_in_progress"},
        retry_after_s=RETRY_AFTER_S,
    )
