"""What a plain step of a chain asks of the database, so that nothing creeps into the hot path."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from tests.support.builders.running import chain, start, work_off

pytestmark = pytest.mark.django_db(transaction=True)

# Each more step of a chain: see below. Raising it needs a reason and a look at `make bench`.
STATEMENTS_A_STEP = 14


def statements(user: User, steps: int) -> int:
    start(user, chain("noop", steps))
    with CaptureQueriesContext(connection) as seen:
        work_off()
    return len(seen)


def test_a_plain_step_costs_no_more_statements_than_it_did(alice: User) -> None:
    statements(alice, 2)
    few, many = statements(alice, 2), statements(alice, 12)
    assert (many - few) / 10 <= STATEMENTS_A_STEP
