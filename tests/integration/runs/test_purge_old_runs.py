"""Old runs go whole, where the server keeps none for ever; what is still needed stays."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.db import connection

from accounts import one_time_links, storage
from accounts.models import LedgerEntry, OneTimeLink, User
from accounts.sessions import forget_expired
from core import clock
from creations import retention as creations
from creations import sharing
from creations.models import Share
from media import resolvers
from runs.engine import cancelling
from runs.engine.retention import HELD_S, OldRunPurge, delete_runs, purge_old_runs
from runs.models import Artifact, Attempt, Event, IdempotencyKey, Run, Step
from templates_app.models import Template, TemplateVersion
from tests.support.builders.running import start, work_off
from tests.support.builders.sharing import make_run, make_share

pytestmark = pytest.mark.django_db
NOTE = [{"toolName": "note", "arguments": {"text": "old"}}]


def aged(run: Run, days: int = 30) -> Run:
    long_ago = clock.now() - timedelta(days=days)
    Run.objects.filter(pk=run.pk).update(created_at=long_ago, finished_at=long_ago)
    return run


def test_an_old_run_goes_with_all_it_left(alice: User, settings: object) -> None:
    settings.KEEP_RUNS_DAYS = 7  # type: ignore[attr-defined]
    old, stopped, young, going_on = (start(alice, NOTE) for _ in range(4))
    cancelling.cancel_run(run=stopped)
    Step.objects.filter(run=going_on).update(not_before=clock.now() + timedelta(days=1))
    work_off()
    spent = LedgerEntry.objects.count()
    aged(old)
    aged(stopped)
    tend = OldRunPurge()
    assert [tend() for _ in range(3)] == [0, 0, 3600]
    assert set(Run.objects.all()) == {young, going_on}
    for model in (Step, Event, Artifact):
        assert not model.objects.exclude(run__in=[young, going_on]).exists()
    assert Attempt.objects.count() == 1
    assert LedgerEntry.objects.count() == spent


def test_nothing_is_deleted_unless_the_server_says_so(alice: User) -> None:
    run = start(alice, NOTE)
    work_off()
    aged(run, 3650)
    assert OldRunPurge()() == 3600
    assert Run.objects.filter(pk=run.pk).exists()


def test_a_run_that_a_key_or_a_template_still_needs_stays(alice: User) -> None:
    keyed, shown = start(alice, NOTE, idempotency_key="again"), start(alice, NOTE)
    work_off()
    for run in (aged(keyed), aged(shown)):
        assert run.artifacts.count() == 1
    template = Template.objects.create(public_id="t", owner=alice, name="T", category="other")
    look = f"reelgraph:object/{shown.artifacts.get().public_id}/a.png"
    template.head = TemplateVersion.objects.create(
        template=template,
        number=1,
        semver="0.0.1",
        spec={"previewArtifacts": [{"url": look}]},
        cause="create",
        created_by=alice,
    )
    template.save(update_fields=["head"])
    assert list(purge_old_runs(days=1)) == [False]
    IdempotencyKey.objects.all().delete()
    Template.objects.filter(pk=template.pk).update(deleted_at=clock.now())
    assert list(purge_old_runs(days=1, dry_run=True)) == [True, True]
    assert list(purge_old_runs(days=1)) == [True, True]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="On Postgres the clock counts.")
def test_a_busy_machine_makes_no_deletion_small(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Ten times as long as usual: the CPU time of sixteen runs stays below it on any machine.
    monkeypatch.setitem(HELD_S, "sqlite", 0.2)
    for _ in range(40):
        aged(start(alice, NOTE))
    Run.objects.update(status="completed")
    deletions = []

    def wait(execute: Callable[..., Any], sql: str, *more: Any) -> Any:
        if sql.startswith('DELETE FROM "runs_run"'):
            deletions.append(sql)
            # As long as a machine may let others run: more than twice what a deletion should take.
            time.sleep(0.45)
        return execute(sql, *more)

    with connection.execute_wrapper(wait):
        assert list(purge_old_runs(days=1)) == [True] * 40
    assert len(deletions) <= 20


def test_a_run_stays_while_it_is_shared(alice: User) -> None:
    share = make_share(alice)
    aged(share.run)
    blob_id = share.media.get().blob_id
    assert storage.used(alice.pk)["creations"] == share.media.get().blob.size
    assert list(purge_old_runs(days=1)) == [False]
    sharing.end_share(actor=alice, share=share)
    assert storage.used(alice.pk)["creations"] == 0
    assert resolvers.needed([blob_id]) == {blob_id}
    assert list(purge_old_runs(days=1)) == [True]
    assert resolvers.needed([blob_id]) == set()
    assert not storage.recount(alice)


def test_a_run_that_goes_gives_back_what_its_creation_took(alice: User) -> None:
    make_share(alice, make_run(alice), allows_remix=True)
    assert not storage.recount(alice)
    assert storage.used(alice.pk)["creations"] > 0
    delete_runs(owner=alice)
    assert storage.used(alice.pk)["creations"] == 0
    assert not storage.recount(alice)


def test_files_of_a_creation_go_a_month_after_it_ended(alice: User) -> None:
    ended, hidden, lasting = (make_share(alice) for _ in range(3))
    sharing.set_moderation(share=hidden, state="quarantined", expected="visible")
    for share in (ended, hidden):
        sharing.end_share(actor=alice, share=share)
    assert creations.tend() == creations.EVERY_S
    Share.objects.exclude(ended_at=None).update(ended_at=clock.now() - timedelta(days=31))
    assert [creations.tend(), creations.tend()] == [0, creations.EVERY_S]
    assert [share.media.count() for share in (ended, hidden, lasting)] == [0, 1, 1]


def test_links_and_sessions_that_ran_out_are_forgotten(alice: User) -> None:
    one_time_links.create_signin_link(user=alice, base_url="")
    one_time_links.create_signin_link(user=alice, base_url="")
    spent = OneTimeLink.objects.order_by("pk")[0]
    OneTimeLink.objects.filter(pk=spent.pk).update(used_at=clock.now() - timedelta(days=31))
    Session.objects.create(session_key="a" * 32, expire_date=clock.now() - timedelta(seconds=1))
    Session.objects.create(session_key="b" * 32, expire_date=clock.now() + timedelta(days=1))
    assert forget_expired() == 2
    assert OneTimeLink.objects.count() == 1
    assert Session.objects.get().session_key == "b" * 32
