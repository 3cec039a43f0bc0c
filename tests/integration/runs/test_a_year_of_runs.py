"""What a server does reads no more after a year: counted with 100 runs, and with 200,000."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import timedelta
from functools import partial
from itertools import islice
from typing import TypeAlias

import pytest
from django.db import connection, transaction

from accounts.models import User
from core import clock
from media.sweeping import PeriodicSweep
from moderation.moderators import MODERATOR, give
from notices import create_notice
from runs.engine import claims, queue_order, retention, sweep
from runs.engine.retention import purge_old_runs
from runs.models import Attempt, Run, Step
from tests.support.builders import history
from tests.support.builders.factories import make_user
from tests.support.builders.running import USUAL, chain, start, take, work_off
from tests.support.checks import checks_of
from tests.support.clients.visitors import signed_in
from tests.support.effort import Effort, effort

ON_POSTGRES = connection.vendor == "postgresql"
FEW = 100
# Beyond three times what it was: a scan of one table with a row for each of 4,000 runs takes more.
SLACK = 2_000 if ON_POSTGRES else 10_000
# Of 400 people each has a share of the history: a balance is the sum of a person's own entries.
PEOPLE = 400
# What is kept in memory for a while may have to be read, and a lease that ran out be taken back.
MORE_STATEMENTS = 12
NEVER_DAYS = 10_000

Calls: TypeAlias = Mapping[str, Callable[[], object]]


@pytest.fixture(autouse=True)
def _unchecked(db: None) -> Iterator[None]:
    """At the end of a test Django would check each reference of millions of rows."""
    yield
    transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def _runs_go_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Delete one run per transaction: the size of a batch depends on earlier durations."""
    monkeypatch.setattr(retention, "MOST_AT_ONCE", 1)


# Postgres reads a small table whole.
@pytest.mark.skipif(ON_POSTGRES, reason="counted with more runs below")
def test_engine_and_doctor_read_no_more_after_a_month() -> None:
    assert not those_that_read_more(4_000, lambda: {**engine(), **doctor()})


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_nothing_reads_more_after_a_year() -> None:
    assert not those_that_read_more(200_000, lambda: {**engine(), **doctor(), **pages()})


def those_that_read_more(runs: int, calls: Callable[[], Calls]) -> Mapping[str, object]:
    """The calls that cost more with so many runs than with a hundred, with what they cost."""
    User.objects.bulk_create(
        User(username=f"person-{number}", display_name="") for number in range(PEOPLE)
    )
    people = list(User.objects.filter(username__startswith="person-").order_by("pk"))
    make_unfinished_runs(make_user("carol"))
    history.fill(people, FEW)
    before = {name: measured(call) for name, call in calls().items()}
    history.fill(people, runs - FEW)
    after = {name: measured(call) for name, call in calls().items()}
    return {
        name: (before[name], one)
        for name, one in after.items()
        if one.work > 3 * before[name].work + SLACK
        or one.statements > before[name].statements + MORE_STATEMENTS
    }


def make_unfinished_runs(owner: User) -> None:
    """One whose worker is silent, one at its provider, one that is ready, one that is cancelled."""
    silent, parked, cancelled, _ = (start(owner, chain("noop", 1)) for _ in range(4))
    take(silent, "worker-gone")
    long_ago = clock.now() - timedelta(hours=1)
    Step.objects.filter(run=silent).update(started_at=long_ago)
    take(parked, "worker-there")
    Step.objects.filter(run=parked).update(
        status="parked",
        lease_owner="",
        lease_until=None,
        not_before=clock.now() + timedelta(hours=1),
    )
    Attempt.objects.filter(step__run=parked).update(parked_at=clock.now(), provider="studio")
    Run.objects.filter(pk=cancelled.pk).update(status="cancelled", finished_at=clock.now())
    Step.objects.filter(run=cancelled).update(status="cancelled")


def measured(call: Callable[[], object]) -> Effort:
    """What a call costs; it changes nothing for the next."""
    cost = Effort(0, 0)
    with suppress(Undone), transaction.atomic():
        cost = effort(call)
        raise Undone
    return cost


class Undone(Exception):
    """Rolls a change back."""


def engine() -> Calls:
    """What is done for each run, and beside runs."""
    carol = User.objects.get(username="carol")
    person = User.objects.get(username="person-7")
    ready = Step.objects.get(run__owner=carol, status="ready")
    old_runs = purge_old_runs(days=300)
    blobs = PeriodicSweep()
    blobs()
    return {
        "start": lambda: start(carol, chain("noop", 1)),
        "start of one with a history": lambda: start(person, chain("noop", 1)),
        "pick": lambda: queue_order.pick(USUAL),
        "claim": lambda: claims.claim(ready.pk, ready.run_id, "one"),
        "execute": lambda: work_off("one"),
        "sweep": sweep.sweep,
        "prune": sweep.prune,
        "delete an old run": lambda: next(old_runs),
        "no run is old": lambda: list(islice(purge_old_runs(days=NEVER_DAYS), 1)),
        "blobs": blobs,
        "notices": create_notice.forget_old,
    }


def pages() -> Calls:
    """Every page of staff that lists or sums up."""
    owner, _ = User.objects.get_or_create(username="olive", is_staff=True, is_superuser=True)
    give(user=owner, role=MODERATOR)
    client = signed_in(owner)

    def visit(path: str) -> None:
        assert client.get(path).status_code == 200, path

    carol, person = (User.objects.get(username=name) for name in ("carol", "person-7"))
    runs = [
        f"runs/?{query}"
        for query in (
            "", "show=stuck", "show=running", "show=queued", "show=waiting", "show=failed",
            "show=done", "show=stopped", "owner=carol", "owner=person-7", "owner=unknown",
            "show=failed&owner=carol", "show=done&owner=carol", "before=3", "show=running&before=3",
        )
    ]  # fmt: skip
    of_runs = [f"runs/{run}" for run in carol.runs.values_list("public_id", flat=True)]
    of_people = [
        f"{part}people/{one.public_id}" for part in ("", "moderation/") for one in (carol, person)
    ]
    tables = [
        f"data/{name}/"
        for name in (
            "accounts/ledgerentry", "notices/notice", "runs/artifact", "runs/attempt", "runs/event",
            "runs/run", "runs/step",
        )
    ]  # fmt: skip
    others = (
        "", "workers", "server", "providers", "people", "people?sort=storage", "data/notices/mail/",
        "data/accounts/onetimelink/", "data/roles/",
        "moderation/", "moderation/audit", "moderation/people/?q=carol", "data/",
    )  # fmt: skip
    paths = (*runs, *of_runs, *of_people, *tables, *others)
    return {f"/admin/{path}": partial(visit, f"/admin/{path}") for path in paths}


def doctor() -> Calls:
    """What the doctor asks the database."""
    names = (
        "database", "database server", "migrations", "clock", "workers", "labels", "queue",
        "stuck runs", "newer runs", "media", "unused files", "template values", "limits",
        "at providers",
    )  # fmt: skip
    return {f"doctor: {name}": partial(checks_of, name) for name in names}
