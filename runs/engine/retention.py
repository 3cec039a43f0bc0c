"""Taking runs away: a person's when they leave, and old ones where the server keeps none."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TypeAlias

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, QuerySet

from accounts import storage
from accounts.models import User
from core import clock, server_settings
from media import posters
from runs import selectors, states
from runs.engine import cancelling, sweep
from runs.models import Artifact, IdempotencyKey, Run
from templates_app import media_links

# How many runs are looked up at once, and between the ends of two rounds.
AT_ONCE = 100
EVERY_S = 3600.0


Shown: TypeAlias = Callable[[Collection[int]], set[int]]
BeforeDeleting: TypeAlias = Callable[[int], None]

_shown_elsewhere: list[Shown] = []
_before_deleting: list[BeforeDeleting] = []


def register(*, shown: Shown, before_deleting: BeforeDeleting) -> None:
    """Ask these functions too, by primary keys. Call it in `AppConfig.ready`.

    shown: which of these runs something shows, so that they stay when they are old.
    before_deleting: called in the transaction that deletes one.
    """
    _shown_elsewhere.append(shown)
    _before_deleting.append(before_deleting)


def delete_runs(*, owner: User) -> int:
    """Stop and delete all runs of a person, with what they made. Returns how many.

    One transaction for each, so a large history locks nothing for long, and what was deleted before
    an interruption stays deleted: repeat it. The ledger keeps what they cost.
    """
    for run in Run.objects.filter(owner=owner).exclude(status__in=states.RUN_TERMINAL).only("id"):
        cancelling.cancel_run(run=run, reason="Their owner deleted the account")
    # Afterwards no one would know the references of jobs that still run elsewhere.
    sweep.stop_unwanted_jobs(owner_id=owner.pk)
    deleted = 0
    for run_id in list(Run.objects.filter(owner=owner).values_list("id", flat=True)):
        with _leaving_turns(), transaction.atomic():
            # Locked first, as every change of a run does.
            Run.objects.select_for_update().only("id").filter(id=run_id).first()
            _delete_with_bytes(run_id, owner.pk)
        deleted += 1
    return deleted


def purge_old_runs(*, days: int, dry_run: bool = False) -> Iterator[bool]:
    """Delete runs that ended more than so many days ago, one by one; yields whether each went.

    With their steps, attempts, events and artifacts, one transaction each: a log never loses its
    beginning. The ledger keeps what they cost. Kept: runs whose results a template shows, those
    that are shared, and those that a repeated start would still be answered with. dry_run: only
    say what would go.
    """
    limit = clock.now() - timedelta(days=days)
    last = 0
    while True:
        rows = Run.objects.filter(id__gt=last).order_by("id")
        batch = dict(rows.values_list("id", "created_at")[:AT_ONCE])
        # They end after they were created: with the first that are young enough all others are.
        if not any(created_at < limit for created_at in batch.values()):
            return
        last = max(batch)
        old = list(
            _old(limit).filter(id__in=list(batch)).order_by("id").values_list("id", flat=True)
        )
        shown = _shown(old)
        for run_id in old:
            yield run_id not in shown and (dry_run or _delete(run_id, limit))


def _old(limit: datetime) -> QuerySet[Run]:
    promised = IdempotencyKey.objects.filter(run=OuterRef("pk"))
    return Run.objects.filter(status__in=states.RUN_TERMINAL, finished_at__lt=limit).exclude(
        Exists(promised)
    )


def _shown(run_ids: list[int]) -> set[int]:
    """Those of these runs that a template shows a result of, or that are shown elsewhere."""
    named = media_links.objects_named()
    rows = Artifact.objects.filter(run_id__in=run_ids).values_list("run_id", "public_id")
    found = {
        run_id
        for run_id, public_id in rows
        if public_id in named or posters.still_id(public_id) in named
    }
    return found.union(*(shown(run_ids) for shown in _shown_elsewhere))


@contextmanager
def _leaving_turns() -> Iterator[None]:
    """Afterwards leave SQLite to others for as long as this took.

    All writers share one lock, and who waits for it only looks again now and then: between two
    deletions that follow at once, starts would wait for seconds.
    """
    began = time.monotonic()
    yield
    if connection.vendor == "sqlite":
        time.sleep(time.monotonic() - began)


def _delete(run_id: int, limit: datetime) -> bool:
    with _leaving_turns(), transaction.atomic():
        # Locked first, as every change of a run does; it may have been resumed meanwhile.
        run = Run.objects.select_for_update().only("id", "owner_id").filter(id=run_id).first()
        if run is None:
            return False
        # Or shared: that locks the run as well.
        if not _old(limit).filter(id=run_id).exists() or any(
            shown([run_id]) for shown in _shown_elsewhere
        ):
            return False
        _delete_with_bytes(run_id, run.owner_id)
    return True


def _delete_with_bytes(run_id: int, owner_id: int) -> None:
    run = Run.objects.filter(id=run_id)
    for before in _before_deleting:
        before(run_id)
    size = selectors.artifact_bytes(run)
    run.delete()
    storage.add(owner_id, storage.ARTIFACTS, -size)


class OldRunPurge:
    """The purge spread over many calls, for `runs.engine.periodic`."""

    def __init__(self) -> None:
        self._round: Iterator[bool] | None = None
        self._days = 0

    def __call__(self) -> float:
        """Delete one run, if there is one to delete. Returns in how many seconds to ask again."""
        days: int = server_settings.value("KEEP_RUNS_DAYS")
        if days != self._days:
            # An operator has changed it: a round under way may delete what is to be kept now.
            self._round, self._days = None, days
        if not days:
            return EVERY_S
        if self._round is None:
            self._round = purge_old_runs(days=days)
        try:
            next(self._round)
        except StopIteration:
            self._round = None
            return EVERY_S
        except BaseException:
            # A generator that broke is over; the next call begins again.
            self._round = None
            raise
        return 0
