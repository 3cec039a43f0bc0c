"""What a worker's look at the queue costs does not grow with the steps that wait."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from core import clock
from runs.engine import claims, queue_order, routing
from runs.engine.claims import claim_next
from runs.log.changes import changing
from runs.models import Run, Step
from tests.support.builders.factories import make_user
from tests.support.builders.running import USUAL, chain, start, take
from tests.support.effort import effort as effort_of_database

# Postgres reads a small table whole.
MANY = 10_000 if connection.vendor == "postgresql" else 1_000


class Undone(Exception):
    """Rolls a change back."""


def fill(owner: User, route: dict[str, str], status: str = "ready") -> None:
    """Many steps of one owner in one lane."""
    run = Run.objects.create(
        public_id=f"wf_{owner.pk}_{len(route)}_{route.get('label', '')}_{status}",
        owner=owner, kind="x", request={}, plan={}, status="running",
    )  # fmt: skip
    Step.objects.bulk_create(
        Step(
            run=run,
            owner_id=owner.pk,
            key=f"s{place}",
            sequence=place,
            tool="noop",
            wire_tool="noop",
            status=status,
            not_before=clock.now() + timedelta(hours=status == "parked"),
            **route,
        )
        for place in range(MANY)
    )


def effort(look: Callable[[], object]) -> int:
    """What one look costs: instructions of SQLite's machine, or pages that Postgres reads."""
    if connection.vendor == "sqlite":
        return effort_of_database(look).work
    with CaptureQueriesContext(connection) as captured:
        look()
    (asked,) = [query["sql"] for query in captured if "runs_step step" in query["sql"]]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {asked.replace('%', '%%')}", ())
        (found,) = cursor.fetchone()
    plan: dict[str, Any] = found[0]["Plan"]
    return int(plan["Shared Hit Blocks"]) + int(plan["Shared Read Blocks"])


def analyze() -> None:
    with connection.cursor() as cursor:
        # Postgres would do so by itself within minutes.
        cursor.execute("ANALYZE")


@pytest.mark.django_db
def test_ready_steps_of_another_lane_and_of_one_owner_make_no_look_longer(
    alice: User, bob: User
) -> None:
    start(alice, chain("noop", 1))
    start(bob, chain("noop", 1))
    analyze()
    alone = effort(lambda: queue_order.pick(USUAL))
    known = Step.objects.filter(status="ready").values(*routing.Route().columns)[0]
    fill(make_user("carol"), {**known, "label": "gpu"})
    fill(alice, known)
    fill(make_user("dora"), known, status="parked")
    analyze()
    assert len(queue_order.pick(USUAL)) == 2
    assert effort(lambda: queue_order.pick(USUAL)) <= 3 * alone


@pytest.mark.django_db
def test_a_chain_that_goes_on_asks_no_more_however_many_wait_elsewhere(alice: User) -> None:
    run = start(alice, chain("noop", 2))
    first, second = run.steps.order_by("sequence")
    done = take(run)
    Step.objects.filter(id=first.pk).update(status="completed", lease_until=None)

    def goes_on() -> None:
        with suppress(Undone), transaction.atomic(), changing(run.id) as change:
            Step.objects.filter(id=second.pk).update(status="ready")
            assert claim_next(change, done, [second.pk]) is not None
            raise Undone

    analyze()
    alone = effort(goes_on)
    known = Step.objects.filter(id=second.pk).values(*routing.Route().columns)[0]
    fill(make_user("carol"), {**known, "label": "gpu"})
    fill(alice, known)
    fill(make_user("dora"), known, status="parked")
    analyze()
    assert effort(goes_on) <= 3 * alone
    assert claims.claim(second.pk, run.id, "one") is None
