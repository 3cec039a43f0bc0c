"""Steps that rows of a set have in common: one row makes them, the others take them over.

Rows say which steps these are in `RunSetRow.identities`. They run with `reuse`, which takes over
what is stored; so a row is started while no other one is making what it needs.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from django.db.models import QuerySet

from run_sets.models import RowState, RunSet, RunSetRow
from runs import states
from runs.models import Step

# Rows that may go before those that are held back, and the latest that show what is stored.
_LOOK_AHEAD: Final = 100
_LOOK_BACK: Final = 8
# What a quote may turn out to be wrong by, in percent.
_SLACK: Final = 10


@dataclass(frozen=True, slots=True)
class RowsQuote:
    """Quote of rows, in thousandths of a unit: of each step that they share once.

    headroom: the most that one of them reserves for steps before it takes them over.
    """

    milli: int
    headroom: int

    @property
    def most_milli(self) -> int:
        """Return what they may cost: the quote and a tenth, with room for what one reserves."""
        return max(with_slack(self.milli), self.milli + self.headroom)


def with_slack(amount: int) -> int:
    """Add what a quote may turn out to be wrong by."""
    return -(-amount * (100 + _SLACK) // 100)


class StageFailed(Exception):
    """A stage failed that the next rows need, too: each of them would pay for it again."""


def quote_of(rows: QuerySet[RunSetRow], results: Iterable[str] = ()) -> RowsQuote:
    """Quote rows that are to be started, or done again. results: identities of those that are
    there, which no row makes."""
    columns = rows.values_list("estimated_milli", "identities", "run_id")
    return sum_of(
        # What a row that has a run makes again is taken over from none.
        (
            (milli, identities if run is None else ())
            for milli, identities, run in columns.iterator(chunk_size=2000)
        ),
        results,
    )


def sum_of(
    rows: Iterable[tuple[int, Sequence[Sequence[Any]]]], results: Iterable[str] = ()
) -> RowsQuote:
    """Add up rows. rows: the quote of each, thousandths of a unit, and its identities. results: as
    of `quote_of`."""
    total = headroom = 0
    before = set(results)
    for milli, identities in rows:
        repeats = sum(price for identity, price, _ in identities if identity in before)
        before.update(identity for identity, _, _ in identities)
        total += milli - repeats
        headroom = max(headroom, repeats)
    return RowsQuote(total, headroom)


def startable(
    run_set: RunSet, queue: QuerySet[RunSetRow], count: int
) -> dict[RunSetRow, frozenset[int]]:
    """Return so many rows of a queue, in its order, that need nothing that another one is making.

    Each is with the sequences of its steps whose results are stored. Rows that were started before
    go on with their own run, which takes over nothing. Raises StageFailed where one of these rows
    needs what failed since the set was started, or resumed.
    """
    rows = list(queue[:count])
    if not any(row.identities for row in rows):
        return dict.fromkeys(rows, frozenset())
    progress = _Progress(run_set)
    choice = [row for row in rows if progress.admits(row.run_id, row.identities)]
    if len(choice) < len(rows) == count:
        later = queue.values_list("pk", "run_id", "identities")[count : count + _LOOK_AHEAD]
        pks: list[int] = []
        for pk, run, identities in later:
            if len(choice) + len(pks) < count and progress.admits(run, identities):
                pks.append(pk)
        if pks:
            choice += queue.filter(pk__in=pks)
    if failure_of(run_set, choice) is not None:
        raise StageFailed
    return {row: progress.hits_of(row) for row in choice}


def failure_of(run_set: RunSet, rows: Iterable[RunSetRow]) -> Step | None:
    """Return a step that failed since the set was started, or resumed, and that one of these rows
    needs as well."""
    rows_with_runs = RunSetRow.objects.filter(
        run_set=run_set, state__in=(RowState.FAILURE, RowState.WORK, RowState.WAIT)
    )
    steps = Step.objects.filter(
        run__run_set_row__in=rows_with_runs,
        status=states.FAILED,
        item_index=-1,
        finished_at__gt=run_set.resumed_at or run_set.started_at,
    )
    failures = {(step.run_id, step.sequence): step for step in steps}
    if not failures:
        return None
    needs = {identity for row in rows for identity, _, _ in row.identities}
    columns = rows_with_runs.filter(run__in={run for run, _ in failures}).order_by("position")
    for run, identities in columns.values_list("run_id", "identities"):
        for identity, _, sequence in identities:
            if identity in needs and (run, sequence) in failures:
                return failures[run, sequence]
    return None


def stored_identities(run_set: RunSet) -> set[str]:
    """Return the identities of the results that rows of a set have made."""
    return _Progress(run_set, look_back=None).results


class _Progress:
    """Identities of a set: of results that are stored, and of steps that are at work."""

    def __init__(self, run_set: RunSet, look_back: int | None = _LOOK_BACK) -> None:
        """look_back: how many of the rows that are done are read, from the last; None: all."""
        self._run_set = run_set
        rows = RunSetRow.objects.filter(run_set=run_set, run__isnull=False)
        columns = rows.values_list("run_id", "identities")
        at_work = list(columns.filter(state__in=(RowState.WORK, RowState.WAIT)))
        latest = columns.filter(state=RowState.SUCCESS).order_by("-position")[:look_back]
        identities = {
            (run, sequence): identity
            for run, shares in (*at_work, *latest)
            for identity, _, sequence in shares
        }
        self.results: set[str] = set()
        self.making: set[str] = set()
        steps = Step.objects.filter(run_id__in={run for run, _ in identities}, item_index=-1)
        for run, sequence, status, reuse_key in steps.values_list(
            "run_id", "sequence", "status", "reuse_key"
        ):
            identity = identities.get((run, sequence))
            if identity is None:
                continue
            if status not in states.STEP_TERMINAL:
                self.making.add(identity)
            elif status == states.COMPLETED and reuse_key:
                self.results.add(identity)

    def admits(self, run: int | None, identities: Iterable[Sequence[Any]]) -> bool:
        """Return whether a row can be started now; if so, it counts as making what it needs."""
        needs = {
            identity
            for identity, _, sequence in identities
            if run is None or (run, sequence) in self._to_redo
        }
        needs -= self.results
        if not self.making.isdisjoint(needs):
            return False
        self.making |= needs
        return True

    @cached_property
    def _to_redo(self) -> set[tuple[int, int]]:
        """Run and sequence of the steps that a retry of a row makes again."""
        rows = RunSetRow.objects.filter(run_set=self._run_set, state=RowState.QUEUE)
        steps = Step.objects.filter(run__run_set_row__in=rows, item_index=-1)
        steps = steps.exclude(status=states.COMPLETED)
        return set(steps.values_list("run_id", "sequence"))

    def hits_of(self, row: RunSetRow) -> frozenset[int]:
        """Return the sequences of a row's steps whose results are stored."""
        return frozenset(place for one, _, place in row.identities if one in self.results)
