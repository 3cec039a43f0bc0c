"""Credit adds up, and saying it twice changes nothing."""

import pytest
from django.db import IntegrityError, transaction

from accounts import ledger, services
from accounts.models import LedgerEntry, User

pytestmark = pytest.mark.django_db


def test_a_finished_run_sums_to_minus_what_it_cost(alice: User, bob: User) -> None:
    # Three steps quoted 100 each: one cost 80, one 100, one never ran.
    ledger.reserve(ref="run:1", user=alice, api_key=None, milli=300)
    assert ledger.balance(alice) == -300
    ledger.settle(step_id=10, attempt=1, user=alice, api_key=None, milli=20)
    ledger.settle(step_id=11, attempt=1, user=alice, api_key=None, milli=0)
    ledger.release(ref="run:1", user=alice, api_key=None, milli=100)
    assert ledger.balance(alice) == -180
    assert ledger.balance(bob) == 0


def test_the_same_movement_twice_counts_once(alice: User) -> None:
    for _ in range(2):
        ledger.reserve(ref="run:1", user=alice, api_key=None, milli=300)
        ledger.settle(step_id=10, attempt=1, user=alice, api_key=None, milli=20)
        ledger.release(ref="run:1", user=alice, api_key=None, milli=100)
    assert (ledger.balance(alice), LedgerEntry.objects.count()) == (-180, 3)


def test_a_repeat_does_not_break_the_transaction_it_is_in(alice: User) -> None:
    with transaction.atomic():
        ledger.reserve(ref="run:1", user=alice, api_key=None, milli=1)
        ledger.reserve(ref="run:1", user=alice, api_key=None, milli=1)
        ledger.reserve(ref="run:2", user=alice, api_key=None, milli=1)
    assert ledger.balance(alice) == -2


def test_each_attempt_and_each_run_is_its_own_movement(alice: User) -> None:
    ledger.settle(step_id=10, attempt=1, user=alice, api_key=None, milli=5)
    ledger.settle(step_id=10, attempt=2, user=alice, api_key=None, milli=7)
    assert ledger.balance(alice) == 12


def test_entries_remember_the_key_by_row_or_by_id(alice: User) -> None:
    key, _ = services.create_api_key(user=alice, name="x")
    ledger.reserve(ref="run:1", user=alice.pk, api_key=key.pk, milli=1)
    ledger.reserve(ref="run:2", user=alice, api_key=key, milli=1)
    assert {entry.api_key_id for entry in LedgerEntry.objects.all()} == {key.pk}


def test_the_database_refuses_an_unknown_kind(alice: User) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        LedgerEntry.objects.create(user=alice, kind="gift", milli=1, ref="x")
