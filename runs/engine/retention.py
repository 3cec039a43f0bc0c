"""Taking runs away: a person's when they leave, old ones where the server keeps none, and those
that a person deletes.

What a person deletes is hidden at once and goes half a minute later; until then it can be undone.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, TypeAlias

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts import storage
from accounts.models import User
from core import clock, errors, server_settings
from media import posters
from runs import selectors, states
from runs.engine import cancelling, sweep
from runs.models import Allowance, Artifact, Attempt, IdempotencyKey, Run
from templates_app import media_links

# How many runs are looked up at once, and between the ends of two rounds.
AT_ONCE = 100
EVERY_S = 3600.0
# How often runs are looked for that their owners have deleted.
WANTED_EVERY_S = 5.0
# How long such a run waits until its jobs are stopped.
PATIENCE = timedelta(days=1)
# How long a person can undo it.
UNDO: Final = timedelta(seconds=30)
# How many of a person's runs are looked at together.
CHUNK: Final = 500
# How many runs go in one transaction, at most, and how long one takes, about. On SQLite all who
# write wait for it.
MOST_AT_ONCE: Final = 64
HELD_S: Final = {"sqlite": 0.02, "postgresql": 0.2}
# How many times as long nothing is deleted after it: fewer than one of twenty starts meets one.
PAUSE: Final = {"sqlite": 24, "postgresql": 4}
# Of a person's own runs that are over.
KINDS: Final = {
    "": ("All", Q()),
    "failed": ("Failed and stopped", Q(status__in=(states.FAILED, states.CANCELLED))),
    "drafts": ("Started in the editor", Q(draft_of__isnull=False)),
}


Shown: TypeAlias = Callable[[Collection[int]], set[int]]
BeforeDeleting: TypeAlias = Callable[[Collection[int]], None]

_shown_elsewhere: list[Shown] = []
_before_deleting: list[BeforeDeleting] = []


def register(*, find_shown: Shown, before_deleting: BeforeDeleting) -> None:
    """Ask these functions too, by primary keys. Call it in `AppConfig.ready`.

    find_shown: which of these runs something shows, so that they stay when they are old.
    before_deleting: called in the transaction that deletes some.
    """
    _shown_elsewhere.append(find_shown)
    _before_deleting.append(before_deleting)


def delete_runs(*, owner: User, within_s: float = math.inf) -> int:
    """Stop and delete all runs of a person, with what they made. Returns how many.

    A transaction for a few at once, so a large history locks nothing for long, and what was deleted
    before an interruption, or in the given time, stays deleted: repeat it until there is none. The
    ledger keeps what they cost.
    """
    end = time.monotonic() + within_s
    for run in Run.objects.filter(owner=owner).exclude(status__in=states.RUN_TERMINAL).only("id"):
        cancelling.cancel_run(run=run, reason="Their owner deleted the account")
    # Afterwards no one would know the references of jobs that still run elsewhere.
    sweep.stop_unwanted_jobs(owner_id=owner.pk)
    run_ids = list(Run.objects.filter(owner=owner).order_by("id").values_list("id", flat=True))
    count = 0
    while count < len(run_ids) and (count == 0 or time.monotonic() < end):
        part = run_ids[count : count + _pace.size]
        with _pace.transaction():
            _lock_runs(part)
            _delete_with_bytes(part, owner.pk)
        count += len(part)
    if count == len(run_ids):
        Allowance.objects.filter(owner=owner).delete()
    return count


def purge_old_runs(*, days: int, dry_run: bool = False) -> Iterator[bool]:
    """Delete runs that ended more than so many days ago, some at a time; yields whether each went.

    With their steps, attempts, events and artifacts, whole: a log never loses its beginning. The
    ledger keeps what they cost. Kept: runs whose results a template shows, those that are shared,
    and those that a repeated start would still be answered with. dry_run: only say what would go.
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
        visible_ids = shown_results(old)
        while old:
            part, old = old[: _pace.size], old[_pace.size :]
            free = [run_id for run_id in part if run_id not in visible_ids]
            ids = free if dry_run else _delete(free, _old(limit))
            yield from (run_id in ids for run_id in part)


def _old(limit: datetime) -> QuerySet[Run]:
    return _deletable().filter(finished_at__lt=limit)


def _deletable() -> QuerySet[Run]:
    """Return the runs that are over and that no repeated start is answered with any more."""
    live_keys = IdempotencyKey.objects.filter(run=OuterRef("pk"))
    return Run.objects.filter(status__in=states.RUN_TERMINAL).exclude(Exists(live_keys))


def shown_results(run_ids: list[int]) -> set[int]:
    """Return those of these runs that a template shows a result of, or that are shown elsewhere."""
    object_names = media_links.objects_named()
    rows = Artifact.objects.filter(run_id__in=run_ids).values_list("run_id", "public_id")
    visible_ids = {
        run_id
        for run_id, public_id in rows
        if public_id in object_names or posters.still_id(public_id) in object_names
    }
    return visible_ids.union(*(finder(run_ids) for finder in _shown_elsewhere))


class _Pace:
    """The number of runs that go in one transaction, by what the last one took, and its turn."""

    def __init__(self) -> None:
        self._size = 1
        self._free_at = 0.0

    @property
    def size(self) -> int:
        return min(self._size, MOST_AT_ONCE)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Wait until the others have had their turn, and delete in the block.

        All writers of SQLite share one lock, and who waits for it only looks again now and then:
        between two deletions that follow at once, starts would wait for seconds.
        """
        time.sleep(max(0.0, self._free_at - time.monotonic()))
        # SQLite works in this thread. By the clock a busy machine would make each deletion small
        # and each pause long, and ten thousand runs take all day.
        clock_s = time.thread_time if connection.vendor == "sqlite" else time.monotonic
        began, held_s = clock_s(), HELD_S[connection.vendor]
        with transaction.atomic():
            yield
        took_s = clock_s() - began
        if took_s < held_s:
            self._size = 2 * self.size
        elif took_s > 2 * held_s:
            self._size = max(1, self.size // 2)
        self._free_at = time.monotonic() + PAUSE[connection.vendor] * took_s


_pace = _Pace()


def _lock_runs(run_ids: Collection[int]) -> dict[int, int]:
    """Lock runs, as every change of one does first. Returns the owners of those that are there."""
    rows = Run.objects.select_for_update().filter(id__in=run_ids).order_by("id")
    return dict(rows.values_list("id", "owner_id"))


def _delete(run_ids: Collection[int], candidates: QuerySet[Run]) -> set[int]:
    """Delete those runs that are still candidates and that nothing shows. Returns which."""
    if not run_ids:
        return set()
    with _pace.transaction():
        # A run may have been resumed or shared meanwhile; sharing locks the run as well.
        owners = _lock_runs(run_ids)
        ids = set(candidates.filter(id__in=owners).values_list("id", flat=True))
        for finder in _shown_elsewhere:
            ids -= finder(ids)
        for owner in sorted({owners[run_id] for run_id in ids}):
            _delete_with_bytes([run_id for run_id in ids if owners[run_id] == owner], owner)
    return ids


def _delete_with_bytes(run_ids: Collection[int], owner_id: int) -> None:
    runs = Run.objects.filter(id__in=run_ids)
    for before in _before_deleting:
        before(run_ids)
    size = selectors.artifact_bytes(runs)
    runs.delete()
    storage.add(owner_id, storage.ARTIFACTS, -size)


class OldRunPurge:
    """The purge spread over many calls, for `runs.engine.periodic`."""

    def __init__(self) -> None:
        self._round: Iterator[bool] | None = None
        self._days = 0

    def __call__(self) -> float:
        """Delete some runs, if there are any. Returns in how many seconds to ask again."""
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


@dataclass(frozen=True, slots=True)
class Choice:
    """runs: those that would go, by primary key. bytes: of their results. kept: how many stay, as
    something shows their results."""

    runs: Sequence[int]
    bytes: int
    kept: int


def chosen(owner: User, kind: str, older_than_days: int) -> Choice:
    """Return a person's runs that are over and of a kind of KINDS, and ended so long ago."""
    over = _over(owner).filter(KINDS[kind][1])
    if older_than_days:
        over = over.filter(finished_at__lt=clock.now() - timedelta(days=older_than_days))
    ids = list(over.order_by("id").values_list("id", flat=True))
    going: list[int] = []
    size = 0
    for start in range(0, len(ids), CHUNK):
        part = ids[start : start + CHUNK]
        visible_ids = shown_results(part)
        free = [run_id for run_id in part if run_id not in visible_ids]
        size += selectors.artifact_bytes(Run.objects.filter(id__in=free))
        going += free
    return Choice(going, size, len(ids) - len(going))


def delete_own(owner: User, runs: Sequence[int]) -> datetime:
    """Delete these runs of a person. Returns when they go, which `undo` takes."""
    at = clock.now() + UNDO
    for start in range(0, len(runs), CHUNK):
        _over(owner).filter(id__in=runs[start : start + CHUNK]).update(deleting_at=at)
    return at


def delete_one(owner: User, run: Run, *, can_undo: bool) -> datetime:
    """Delete one run. Raises Conflict for one that isn't over, or that something shows."""
    if run.status not in states.RUN_TERMINAL:
        raise _not_over()
    if run.pk in shown_results([run.pk]):
        raise errors.Conflict(
            "A template or a creation shows a result of this run. Take it away there first.",
            code="run.is_shown",
        )
    at = clock.now() + (UNDO if can_undo else timedelta())
    if not _over(owner).filter(id=run.pk).update(deleting_at=at):
        raise _not_over()
    return at


def _not_over() -> errors.Conflict:
    return errors.Conflict("This run isn't over. Stop it, then delete it.", code="run.not_over")


def undo(owner: User, at: datetime) -> int:
    """Keep the runs of a person that are to go at that time. Returns how many."""
    going = Run.objects.filter(owner=owner, deleting_at=at, deleting_at__gt=clock.now())
    return going.update(deleting_at=None)


def _over(owner: User) -> QuerySet[Run]:
    over = Run.objects.filter(owner=owner, status__in=states.RUN_TERMINAL, deleting_at=None)
    # What the server does by itself isn't in anyone's list.
    return over.filter(priority__gte=0)


def delete_wanted() -> float:
    """Delete some runs that their owners have deleted, see `delete_own`. Returns in how many
    seconds to ask again."""
    now = clock.now()
    attempts = Attempt.objects.filter(outcome="cancelled", job_ref__isnull=False)
    # Afterwards no one would know the references of jobs that still run elsewhere.
    at_work = Exists(attempts.filter(step__run=OuterRef("pk"))) & Q(deleting_at__gt=now - PATIENCE)
    due = _deletable().filter(deleting_at__lte=now).exclude(at_work)
    due = due.order_by("deleting_at", "id")
    run_ids = list(due.values_list("id", flat=True)[: _pace.size])
    if not run_ids:
        return WANTED_EVERY_S
    ids = _delete(set(run_ids) - shown_results(run_ids), due)
    # Something shows a result of the others since.
    Run.objects.filter(id__in=set(run_ids) - ids).update(deleting_at=None)
    return 0
