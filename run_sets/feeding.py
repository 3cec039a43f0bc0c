"""Feeding of sets: their rows are checked and started, a few at a time, until none is left.

A row is started with a key of its set, its position and its try, and its run's own transaction
writes it into the row; so a worker that dies, or a second one, starts nothing twice.
"""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Callable, Collection
from typing import Any, Final

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q

from accounts import person_limits
from accounts.models import ApiKey
from core import clock, errors, outages
from notices import create_notice
from run_sets import services
from run_sets.creation import STARTS
from run_sets.matching import RowReader, check_row, problems_of
from run_sets.models import RowState, RunSet, RunSetRow, SetState
from run_sets.selectors import actor_of
from run_sets.shared_steps import StageFailed, quote_of, startable
from runs import states
from runs.admission.start import PinnedStart, start_run
from runs.interaction.retry import retry_or_answer
from runs.models import Run
from templates_app import selectors as templates

logger = logging.getLogger(__name__)

# Of the runs that a person may have at work, in percent, for each of their sets.
SHARE: Final = 50
CHECKS_AT_ONCE: Final = 50
# Of CPU time, in seconds: so long one person's sets keep those of others waiting.
TURN_S = 0.1
EVERY_S: Final = 600.0
# While rows are at work: how soon the next one follows one that ended.
WORK_PAUSE_S: Final = 0.25
PAUSE_S: Final = 1.0
BUSY_PAUSE_S: Final = 2.0
ROW_STATE: Final = {
    states.QUEUED: RowState.WORK,
    states.RUNNING: RowState.WORK,
    states.WAITING_FOR_USER: RowState.WAIT,
    states.COMPLETED: RowState.SUCCESS,
    states.PARTIAL_FAILURE: RowState.FAILURE,
    states.FAILED: RowState.FAILURE,
    states.CANCELLED: RowState.STOP,
}


def follow(run: Run, to: str) -> None:
    """Move the row of a run as the run moves, in its transaction (`step_kinds.listen`)."""
    # Runs of sets are taken from an allowance; all others cost no query here.
    if run.allowance_id is not None and to in ROW_STATE:
        RunSetRow.objects.filter(run=run.pk).update(state=ROW_STATE[to])


def feed() -> float:
    """Start, then check, rows of all sets that are at it; for `runs.engine.periodic`.

    Each person has a turn of TURN_S for their sets at work, and one for those that are checked, in
    which the set that was fed longest ago comes first. Returns in how many seconds to ask again.
    """
    sets = RunSet.objects.filter(
        Q(state=SetState.CHECK) | Q(state=SetState.WORK), version__isnull=False
    )
    rows = sets.select_related("owner", "template", "version__template", "api_key")
    turns: dict[tuple[bool, int], list[RunSet]] = {}
    for run_set in rows.order_by("id"):
        turns.setdefault((run_set.state == SetState.CHECK, run_set.owner_id), []).append(run_set)
    pauses = [PAUSE_S]
    for _, sets_of_turn in sorted(turns.items()):
        turn = _Turn()
        queue = sorted(sets_of_turn, key=lambda run_set: _fed_at.get(run_set.pk, 0.0))
        for place, run_set in enumerate(queue):
            if place and turn.is_over:
                pauses.append(0)
                break
            pauses.append(_feed_alone(run_set, turn))
    # Those that are over are forgotten.
    pks = {run_set.pk for sets_of_turn in turns.values() for run_set in sets_of_turn}
    for pk in _fed_at.keys() - pks:
        del _fed_at[pk]
    return min(pauses)


class _Turn:
    """The CPU time of one person in a turn of the feeder."""

    def __init__(self) -> None:
        self._end = time.thread_time() + TURN_S

    @property
    def is_over(self) -> bool:
        return time.thread_time() >= self._end


# Set → when it was fed last, by the monotonic clock of this process.
_fed_at: dict[int, float] = {}


def _feed_alone(run_set: RunSet, turn: _Turn) -> float:
    """Feed a set; what is wrong with it must not stop all others."""
    _fed_at[run_set.pk] = time.monotonic()
    try:
        return _feed(run_set, turn)
    except Exception as problem:
        if outages.kind_of(problem):
            raise
        logger.exception("run set %s was not fed", run_set.public_id)
        return PAUSE_S


def tend() -> float:
    """Forget sets that were never started, and those of deleted templates; for
    `runs.engine.periodic`. Returns in how many seconds to ask again."""
    RunSet.objects.filter(
        Q(goes_at__lt=clock.now()) | Q(template__deleted_at__isnull=False, started_at=None)
    ).delete()
    return EVERY_S


# --- checks --------------------------------------------------------------------------------------


def check_rows(run_set: RunSet, turn: _Turn) -> bool:
    """Check some of the rows that nothing was said of yet. Returns whether any were left to do.

    Each is planned as its start would be. Once none is left, a set that was being checked is ready,
    with its quote.
    """
    rows_to_check = RunSetRow.objects.filter(run_set=run_set, state=RowState.CHECK)
    rows = list(rows_to_check.order_by("position")[:CHECKS_AT_ONCE])
    if not rows:
        if run_set.state == SetState.CHECK:
            _make_ready(run_set)
        return False
    reader = RowReader(run_set, rows)
    states_of_rows = []
    for row in rows:
        states_of_rows.append(check_row(row, reader))
        if turn.is_over:
            break
    with transaction.atomic():
        sets = RunSet.objects.select_for_update(no_key=True).filter(pk=run_set.pk)
        if not sets.filter(matches=run_set.matches, values=run_set.values).exists():
            # They are checked as they are matched now.
            return True
        for row, state in zip(rows, states_of_rows, strict=False):
            # Skipped where the cells were changed during the check.
            RunSetRow.objects.filter(pk=row.pk, state=RowState.CHECK, cells=row.cells).update(
                state=state,
                problems=row.problems,
                estimated_milli=row.estimated_milli,
                identities=row.identities,
            )
    return True


def _make_ready(run_set: RunSet) -> None:
    """Write the quote of a set whose rows are all checked; start it where it was told to."""
    quote = quote_of(RunSetRow.objects.filter(run_set=run_set, state=RowState.QUEUE))
    RunSet.objects.filter(pk=run_set.pk, state=SetState.CHECK).update(
        state=SetState.READY, quoted_milli=quote.milli
    )
    if run_set.reason == STARTS:
        # Where it can't, its person sees it ready, and starts it.
        with contextlib.suppress(errors.Conflict, errors.Forbidden):
            if not _key_has_ended(run_set):
                services.start_set(run_set=run_set, actor=actor_of(run_set))


# --- starts --------------------------------------------------------------------------------------


def _feed(run_set: RunSet, turn: _Turn) -> float:
    if check_rows(run_set, turn):
        return 0
    if run_set.state == SetState.CHECK:
        return PAUSE_S
    counts = counts_of(run_set)
    if not any(counts.get(state) for state in (RowState.QUEUE, RowState.WORK, RowState.WAIT)):
        _end(run_set)
        return PAUSE_S
    limits = person_limits.limits_of(run_set.owner)
    at_work, share = counts.get(RowState.WORK, 0), max(1, limits.active_runs * SHARE // 100)
    # Rows that ask do nothing, and many that ask the same are answered at once.
    free = min(run_set.at_once, share - counts.get(RowState.WAIT, 0)) - at_work
    if free <= 0 or not counts.get(RowState.QUEUE):
        return WORK_PAUSE_S
    return _Starts(run_set, turn).start(free)


def _key_has_ended(run_set: RunSet) -> bool:
    """Return whether the key, or the connection, that a set starts rows with works no more."""
    key = run_set.api_key
    return key is not None and (key.revoked_at is not None or key.has_expired)


def counts_of(run_set: RunSet) -> dict[str, int]:
    """Return state → how many of a set's rows are in it."""
    rows = RunSetRow.objects.filter(run_set=run_set).values_list("state")
    return dict(rows.annotate(count=Count("id")).order_by())


def _end(run_set: RunSet) -> None:
    at_work = RunSet.objects.filter(pk=run_set.pk, state=SetState.WORK)
    if not at_work.update(state=SetState.END, finished_at=clock.now()) or run_set.api_key_id:
        return
    failure_count = counts_of(run_set).get(RowState.FAILURE, 0)
    ending = f"is done: {failure_count} rows failed." if failure_count else "is done."
    create_notice.tell(
        run_set.owner_id,
        "run_failed" if failure_count else "run_done",
        about=f"run_set:{run_set.pk}:{clock.unix(clock.now())}",
        text=f"“{run_set.title}” {ending}",
        url=f"/run-sets/{run_set.public_id}",
    )


def pause(run_set: RunSet, reason: str) -> None:
    """Start no more rows of a set at work, for this reason. Those at work go on."""
    RunSet.objects.filter(pk=run_set.pk, state=SetState.WORK).update(
        state=SetState.PAUSE, reason=reason
    )


class _Starts:
    """Starts of rows of one set."""

    def __init__(self, run_set: RunSet, turn: _Turn) -> None:
        assert run_set.version is not None  # noqa: S101  sets that are fed have one
        self.run_set, self.version, self.turn = run_set, run_set.version, turn
        self.actor = actor_of(run_set)

    def start(self, count: int) -> float:
        """Start so many rows, in their order. Returns in how many seconds to ask again."""
        run_set = self.run_set
        if _key_has_ended(run_set):
            pause(run_set, "key")
            return PAUSE_S
        try:
            templates.resolve(run_set.owner, run_set.template.public_id)
        except errors.NotFound:
            pause(run_set, "template")
            return PAUSE_S
        queue = RunSetRow.objects.filter(run_set=run_set, state=RowState.QUEUE)
        try:
            rows = startable(run_set, queue.select_related("run").order_by("position"), count)
        except StageFailed:
            pause(run_set, "stage")
            return PAUSE_S
        reader = RowReader(run_set, list(rows))
        for row, hits in rows.items():
            try:
                if row.run is not None:
                    self._retry(row)
                else:
                    self._start(row, reader, hits)
            except StopOfSet:
                return PAUSE_S
            except errors.AllowanceSpent as problem:
                if problem.details.get("reason") == "units" and self._may_have_more(row):
                    return BUSY_PAUSE_S
                pause(run_set, "allowance")
                return PAUSE_S
            except errors.InsufficientCredit:
                if self._may_have_more(row):
                    return BUSY_PAUSE_S
                pause(run_set, "credit")
                return PAUSE_S
            except (errors.Forbidden, errors.NotFound, errors.StorageFull):
                pause(run_set, "account")
                return PAUSE_S
            except (errors.InvalidInput, errors.InvalidBody) as problem:
                self._refuse(row, reader, problem)
            except errors.AppError:
                # Too much at once, or away for a while.
                return BUSY_PAUSE_S
            if self.turn.is_over:
                return 0
        return WORK_PAUSE_S

    def _may_have_more(self, row: RunSetRow) -> bool:
        """Tell whether rows at work may free what they reserve for steps that they take over."""
        at_work = RunSetRow.objects.filter(run_set=self.run_set, state=RowState.WORK)
        return bool(row.identities) and at_work.exists()

    def _start(self, row: RunSetRow, reader: RowReader, hits: Collection[int]) -> None:
        start_run(
            actor=self.actor,
            body={
                "workflow_id": self.run_set.template.public_id,
                "inputs": reader.inputs_of(row),
            },
            key=f"run-set:{self.run_set.pk}:{row.position}:{row.tries}",
            allowance=self.run_set.allowance_id,
            pin=PinnedStart(self.version, self._write_beside(row), reuse=True, hits=hits),
        )

    def _write_beside(self, row: RunSetRow) -> Callable[[Run], None]:
        def write(run: Run) -> None:
            revoked_key = ApiKey.objects.filter(pk=OuterRef("api_key"), revoked_at__isnull=False)
            sets = RunSet.objects.select_for_update(no_key=True).exclude(Exists(revoked_key))
            if not sets.filter(pk=self.run_set.pk, state=SetState.WORK).exists():
                raise StopOfSet
            rows = RunSetRow.objects.filter(pk=row.pk, state=RowState.QUEUE, run=None)
            if not rows.update(run=run, state=RowState.WORK):
                raise StopOfSet

        return write

    def _retry(self, row: RunSetRow) -> None:
        """Do again what failed of a row's run. Its state is the run's also where nothing is to be
        done."""
        assert row.run is not None  # noqa: S101  only such rows are retried
        problems: list[dict[str, Any]] = []
        try:
            retry_or_answer(run=row.run, actor=self.actor, body={})
        except errors.Conflict as problem:
            if problem.code == "runs.too_many_active":
                raise
            message = problem.person or problem.message
            problems = [{"column": None, "input": "", "message": message}]
        status = Run.objects.values_list("status", flat=True).get(pk=row.run.pk)
        RunSetRow.objects.filter(pk=row.pk, state=RowState.QUEUE).update(
            state=ROW_STATE[status], problems=problems
        )

    def _refuse(self, row: RunSetRow, reader: RowReader, problem: errors.AppError) -> None:
        problems = problems_of(problem, reader, row)
        RunSetRow.objects.filter(pk=row.pk, state=RowState.QUEUE).update(
            state=RowState.PROBLEM, problems=problems
        )


class StopOfSet(Exception):
    """The set was stopped or paused, or the row taken, while a row was being started."""
