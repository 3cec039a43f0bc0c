"""What a plain step of a chain asks of the database, so that nothing creeps into the hot path."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from tests.support.builders.running import chain, start, work_off

pytestmark = pytest.mark.django_db(transaction=True)

# Each more step of a chain: see below. Raising it needs a reason and a look at `make bench`.
STATEMENTS_A_STEP = {"sqlite": 11, "postgresql": 8}
# Of a run of one step, from its claim to its end.
STATEMENTS_A_RUN = {"sqlite": 21, "postgresql": 17}

# What each process asks again every half second, however many steps it does: who may begin nothing,
# and who has webhooks.
ASKED_BY_TIME = ("runs_queuelimit", "runs_cooldown", "accounts_user", "webhooks_endpoint")


def statements(user: User, steps: int, runs: int = 1) -> int:
    for _ in range(runs):
        start(user, chain("noop", steps))
    with CaptureQueriesContext(connection) as seen:
        work_off()
    return sum(not any(name in one["sql"] for name in ASKED_BY_TIME) for one in seen)


def test_a_plain_step_costs_no_more_statements_than_it_did(alice: User) -> None:
    statements(alice, 2)
    few, many = statements(alice, 2), statements(alice, 12)
    assert (many - few) / 10 <= STATEMENTS_A_STEP[connection.vendor]


def test_a_run_of_one_step_costs_no_more_statements_than_it_did(alice: User) -> None:
    statements(alice, 1)
    few, many = statements(alice, 1), statements(alice, 1, runs=11)
    assert (many - few) / 10 <= STATEMENTS_A_RUN[connection.vendor]
