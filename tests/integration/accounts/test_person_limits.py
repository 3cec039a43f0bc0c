"""What an operator set for one person holds for them, and for no one else."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import transaction
from pytest_django import Settings

from accounts import credit, person_limits, storage
from accounts.models import User
from core import errors
from tests.support.builders.running import chain
from tests.support.clients.api import Api

pytestmark = pytest.mark.django_db
RUNS = "/v1/creative-agent/workflows"
NONE = {"daily_milli": None, "storage_bytes": None, "active_runs": None}


def body(count: int = 1) -> dict[str, object]:
    return {"input": {"title": "Harbor", "steps": chain("noop", count)}}


def test_their_own_number_of_unfinished_runs(
    api: Callable[..., Api], alice: User, alice_key: str, bob_key: str
) -> None:
    person_limits.set_limits(alice, **{**NONE, "active_runs": 1})
    mine, others = api(alice_key), api(bob_key)
    assert mine.post(RUNS, body()).status_code < 300
    refused = mine.post(RUNS, body())
    assert refused.status_code == 409
    assert "1 of 1 unfinished runs" in refused.content.decode()
    for _ in range(2):
        assert others.post(RUNS, body()).status_code < 300
    person_limits.set_limits(alice, **{**NONE, "active_runs": 0})
    none = mine.post(RUNS, body())
    assert none.status_code == 403
    assert "can't start runs" in none.content.decode()
    person_limits.set_limits(alice, **NONE)
    assert mine.post(RUNS, body()).status_code < 300


def test_their_own_credit_of_a_day(alice: User, bob: User, settings: Settings) -> None:
    settings.DAILY_UNITS = 5
    person_limits.set_limits(alice, **{**NONE, "daily_milli": 2000})
    with transaction.atomic():
        assert credit.refusal(user=alice, api_key=None, milli=2000) is None
        refused = credit.refusal(user=alice, api_key=None, milli=2001)
        assert refused is not None
        assert "0 of 2 are used today" in refused.message
        assert credit.refusal(user=bob, api_key=None, milli=5000) is None
        assert credit.refusal(user=bob, api_key=None, milli=5001) is not None
        person_limits.set_limits(alice, **{**NONE, "daily_milli": 0})
        none = credit.refusal(user=alice, api_key=None, milli=1)
        assert none is not None
        assert none.message.startswith("Your daily limit is 0 credits.")


def test_their_own_storage(alice: User, bob: User, settings: Settings) -> None:
    storage.add(alice.pk, storage.UPLOADS, 10**6)
    storage.add(bob.pk, storage.UPLOADS, 10**6)
    person_limits.set_limits(alice, **{**NONE, "storage_bytes": 10**6})
    with pytest.raises(errors.StorageFull):
        storage.check_room(alice, 1)
    storage.check_room(bob, 1)
    # Where the server has no limit, one person may have one, and the other way round.
    settings.STORAGE_PER_USER_BYTES = 0
    with pytest.raises(errors.StorageFull):
        storage.check_room(alice, 1)
    settings.STORAGE_PER_USER_BYTES = 1
    person_limits.set_limits(alice, **{**NONE, "storage_bytes": 10**9})
    storage.check_room(alice, 1)
    with pytest.raises(errors.StorageFull):
        storage.check_room(bob, 1)
