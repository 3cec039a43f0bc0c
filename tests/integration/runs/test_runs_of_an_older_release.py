"""Runs that an older release wrote into this database: it starts on it unasked, see `operate.md`.

The last release that did so knew the tables of `runs` as they were at its newest migration.
"""

from __future__ import annotations

import pytest
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor

from accounts.models import User
from runs.engine import sweep
from runs.models import Run, Step
from tests.support.builders.running import (
    chain,
    start,
    status_after_work,
    status_of,
    statuses,
    work_off,
)

pytestmark = pytest.mark.django_db(transaction=True)

ITS_TABLES = [("runs", "0004_attempt_provider")]


def written_by_it(run: Run) -> Run:
    """The same run with its steps as that release writes them: without columns of later ones."""
    apps = MigrationExecutor(connection).loader.project_state(ITS_TABLES).apps
    old_step = apps.get_model("runs", "Step")
    names = [one.attname for one in old_step._meta.concrete_fields]
    rows = list(Step.objects.filter(run=run).order_by("id").values(*names))
    assert "owner_id" not in names
    with transaction.atomic():
        # Their edges stay: their ids are the same.
        Step.objects.filter(run=run)._raw_delete("default")
        old_step.objects.bulk_create(old_step(**row) for row in rows)
    return run


def test_a_worker_takes_them_over(alice: User) -> None:
    run = written_by_it(start(alice, chain("note", 3, text="a harbor")))
    assert statuses(run)["s0"] == "ready"
    sweep.sweep()
    assert (status_after_work(run), set(statuses(run).values())) == ("completed", {"completed"})


def test_they_take_turns_with_other_peoples(alice: User, bob: User) -> None:
    runs = [written_by_it(start(one, chain("note", 2, text="a harbor"))) for one in (alice, bob)]
    own = start(alice, chain("note", 1, text="a gull"))
    sweep.sweep()
    owners = Step.objects.filter(run__in=runs).values_list("run__owner_id", "owner_id")
    assert {owner == queue_owner for owner, queue_owner in owners} == {True}
    work_off()
    for run in (*runs, own):
        assert status_of(run) == "completed"


def test_background_runs_stay_in_the_background(alice: User) -> None:
    run = start(alice, chain("note", 1, text="a harbor"))
    Run.objects.filter(pk=run.pk).update(priority=-1)
    written_by_it(run)
    sweep.sweep()
    assert set(Step.objects.filter(run=run).values_list("owner_id", flat=True)) == {None}
