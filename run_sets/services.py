"""Writing run sets. Each function checks what it is given, for pages and programs."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import F, Min, QuerySet

from accounts.auth import Principal
from accounts.models import User
from accounts.suspension import check_may_act
from core import clock, errors
from core.http import parse
from run_sets import table_storage
from run_sets.change_schemas import RowIn, SetIn
from run_sets.creation import apply_changes, check_size, label_of_cells
from run_sets.matching import RowReader
from run_sets.models import RowState, RunSet, RunSetRow, SetState
from run_sets.selectors import actor_of
from run_sets.shared_steps import quote_of, stored_identities, with_slack
from runs.admission.start import quote_start
from runs.billing.units import credits_text, units
from runs.engine import cancelling
from runs.models import Allowance, Run

# Sets at work of one person.
MOST_AT_WORK: Final = 3
# How long rows may be started once someone pressed Run.
RUNS_FOR: Final = timedelta(days=30)
# Of so many different prices a row is planned again when someone starts a set.
MOST_PRICES: Final = 10
_OPEN: Final = (SetState.CHECK, SetState.READY)
_AT_WORK: Final = (SetState.WORK, SetState.PAUSE)
# Rows that may be changed: nothing was started for them.
_IDLE: Final = (RowState.CHECK, RowState.PROBLEM, RowState.OMISSION, RowState.QUEUE)


def take_in(*, run_set: RunSet) -> None:
    """Take in all rows that are left out of a set that was not started: they are checked."""
    with transaction.atomic():
        run_set = _lock(run_set)
        rows = RunSetRow.objects.filter(run_set=run_set, state=RowState.OMISSION)
        if run_set.state not in _OPEN:
            raise _too_late()
        if rows.update(state=RowState.CHECK):
            run_set.state = SetState.CHECK
            run_set.save(update_fields=["state"])


def change_set(*, run_set: RunSet, changes: Mapping[str, Any]) -> None:
    """Change a set. Other matches and values have its rows checked again, before it was started.

    changes: fields of SetIn. Raises InvalidBody, and Conflict for what can't be changed any more.
    """
    fields = parse(SetIn, changes)
    with transaction.atomic():
        run_set = _lock(run_set)
        label_before = run_set.label_column
        apply_changes(run_set, fields)
        if fields.matches is not None or fields.inputs is not None:
            if run_set.state not in _OPEN:
                raise _too_late()
            run_set.state, run_set.quoted_seconds = SetState.CHECK, None
            rows = RunSetRow.objects.filter(run_set=run_set)
            rows.filter(state__in=(RowState.PROBLEM, RowState.QUEUE)).update(state=RowState.CHECK)
        run_set.save()
        if run_set.label_column != label_before:
            rows_to_name = list(RunSetRow.objects.filter(run_set=run_set).only("id", "cells"))
            for row in rows_to_name:
                row.label = label_of_cells(run_set, row.cells)
            RunSetRow.objects.bulk_update(rows_to_name, ["label"], batch_size=500)


def change_row(*, run_set: RunSet, position: int, changes: Mapping[str, Any]) -> None:
    """Change the cells of a row that was not started, or leave it out; it is checked again.

    changes: fields of RowIn. Raises NotFound, InvalidBody, Conflict.
    """
    fields = parse(RowIn, changes)
    with transaction.atomic():
        run_set = _lock(run_set)
        row = RunSetRow.objects.filter(run_set=run_set, position=position).first()
        if row is None:
            raise errors.NotFound("Row not found.", code="run_set.row_not_found")
        if row.state not in _IDLE or run_set.state not in (*_OPEN, *_AT_WORK):
            raise _too_late()
        if fields.cells is not None:
            if len(fields.cells) != len(run_set.columns):
                raise errors.InvalidBody(f"cells: {len(run_set.columns)} texts, one a column.")
            check_size(run_set.columns, [fields.cells])
            row.cells, row.label = fields.cells, label_of_cells(run_set, fields.cells)
        row.state = RowState.OMISSION if fields.left_out else RowState.CHECK
        row.problems, row.estimated_milli, row.identities = [], 0, []
        with table_storage.change_of(row):
            row.save()
        if run_set.state == SetState.READY:
            run_set.state = SetState.CHECK
            run_set.save(update_fields=["state"])


def start_set(*, run_set: RunSet, actor: Principal, accepted_units: float | None = None) -> None:
    """Start a set that is ready: its rows run within its quote and a tenth. Twice is once.

    actor: rows start with their key, if any. accepted_units: the quote that its person has agreed
    to. Raises Conflict while rows are being checked, where none can run, for too many at work, and
    where they cost more than was accepted.
    """
    check_may_act(run_set.owner)
    if accepted_units is not None and run_set.state == SetState.READY and _have_risen(run_set):
        _check_again(run_set)
        raise errors.Conflict(
            "The price has risen since the rows were checked, and nothing was started. They are"
            " being checked again: read the new estimate, then start it.",
            person="The price has gone up, so nothing was started. The rows are being checked"
            " again: look at the new price first.",
            code="cost.preview_stale",
            details={"reason": "cost_preview_stale"},
        )
    with transaction.atomic():
        run_set = _lock(run_set)
        if run_set.state in _AT_WORK:
            return
        if run_set.state != SetState.READY:
            raise errors.Conflict(
                "Its rows are still being checked. Try again in a moment."
                if run_set.state == SetState.CHECK
                else "This table run is over.",
                code="run_set.not_ready",
            )
        if accepted_units is not None and run_set.quoted_milli > round(accepted_units * 1000):
            raise _costs_more(run_set.quoted_milli, accepted_units)
        rows = RunSetRow.objects.filter(run_set=run_set, state=RowState.QUEUE)
        count = rows.count()
        if not count:
            raise errors.Conflict(
                "No row can run. Fix the problems in the table first.", code="run_set.no_rows"
            )
        _check_others(run_set)
        run_set.allowance = Allowance.objects.create(
            owner=run_set.owner,
            most_runs=with_slack(count),
            most_milli=quote_of(rows).most_milli,
            ends_at=clock.now() + RUNS_FOR,
        )
        run_set.state, run_set.started_at, run_set.goes_at = SetState.WORK, clock.now(), None
        run_set.reason, run_set.api_key = "", actor.api_key
        run_set.save()


def _costs_more(milli: int, accepted_units: float) -> errors.Conflict:
    price = credits_text(round(accepted_units * 1000))
    return errors.Conflict(
        f"It costs {credits_text(milli)}, and you accepted {price}. Nothing was started. Start"
        " it with its estimate.",
        # A page accepts the price that it shows.
        person=f"The price has gone up to {credits_text(milli)}. Nothing was started.",
        code="cost.preview_stale",
        details={"reason": "cost_preview_stale", "estimatedCapacityUnits": units(milli)},
    )


def _have_risen(run_set: RunSet) -> bool:
    """Return whether rows cost more now than when they were checked, which may be days ago: one
    row of each price is planned again."""
    rows = RunSetRow.objects.filter(run_set=run_set, state=RowState.QUEUE)
    firsts = rows.values("estimated_milli").annotate(first=Min("position")).order_by("first")
    positions = firsts.values_list("first", flat=True)[:MOST_PRICES]
    rows_to_price = list(rows.filter(position__in=list(positions)))
    reader = RowReader(run_set, rows_to_price)
    for row in rows_to_price:
        # What keeps it from running is found when it starts.
        with contextlib.suppress(errors.AppError):
            inputs = reader.inputs_of(row)
            quote = quote_start(actor=actor_of(run_set), version=reader.version, inputs=inputs)
            if quote.milli > row.estimated_milli:
                return True
    return False


def _check_again(run_set: RunSet) -> None:
    with transaction.atomic():
        run_set = _lock(run_set)
        if run_set.state == SetState.READY:
            run_set.state, run_set.quoted_seconds = SetState.CHECK, None
            run_set.save(update_fields=["state", "quoted_seconds"])
            rows = RunSetRow.objects.filter(run_set=run_set, state=RowState.QUEUE)
            rows.update(state=RowState.CHECK)


def _check_others(run_set: RunSet) -> None:
    """Raise Conflict where too many of the person's sets are at work; locks the person's row."""
    User.objects.select_for_update(no_key=True).get(pk=run_set.owner_id)
    others = RunSet.objects.filter(owner=run_set.owner_id, state__in=_AT_WORK)
    if others.exclude(pk=run_set.pk).count() >= MOST_AT_WORK:
        raise errors.Conflict(
            f"{MOST_AT_WORK} of your table runs aren't finished. Wait for one, or stop one.",
            code="run_set.too_many",
        )


def pause_set(*, run_set: RunSet) -> None:
    """Start no more rows until the set goes on. What is at work goes on."""
    RunSet.objects.filter(pk=run_set.pk, state=SetState.WORK).update(
        state=SetState.PAUSE, reason="person"
    )


def resume_set(*, run_set: RunSet, actor: Principal) -> None:
    """Go on with a paused set, with room in its allowance for all rows that are left.

    actor: as of `start_set`.
    """
    check_may_act(run_set.owner)
    with transaction.atomic():
        run_set = _lock(run_set)
        if run_set.state == SetState.PAUSE:
            _make_room(run_set, RunSetRow.objects.filter(run_set=run_set, state=RowState.QUEUE))
            run_set.state, run_set.reason = SetState.WORK, ""
            run_set.resumed_at, run_set.api_key = clock.now(), actor.api_key
            run_set.save(update_fields=["state", "reason", "resumed_at", "api_key"])


def _make_room(run_set: RunSet, rows: QuerySet[RunSetRow]) -> None:
    """Give the set's allowance what these rows need, and a tenth, where it has less left."""
    milli = quote_of(rows, stored_identities(run_set)).most_milli
    count = with_slack(rows.count())
    assert run_set.allowance_id is not None  # noqa: S101  sets that were started have one
    own = Allowance.objects.filter(pk=run_set.allowance_id)
    own.filter(most_milli__lt=F("milli") + milli).update(most_milli=F("milli") + milli)
    own.filter(most_runs__lt=F("runs") + count).update(most_runs=F("runs") + count)
    own.update(ends_at=clock.now() + RUNS_FOR)


def stop_set(*, run_set: RunSet) -> None:
    """Stop a set: what is at work is cancelled, and nothing else begins."""
    rows = RunSetRow.objects.filter(run_set=run_set)
    with transaction.atomic():
        run_set = _lock(run_set)
        if run_set.state in (*_OPEN, *_AT_WORK):
            run_set.state, run_set.reason, run_set.finished_at = SetState.STOP, "", clock.now()
            run_set.save(update_fields=["state", "reason", "finished_at"])
            rows.filter(state__in=(RowState.CHECK, RowState.QUEUE)).update(state=RowState.STOP)
    # Also where an earlier stop was cut off.
    for run in Run.objects.filter(run_set_row__run_set=run_set, finished_at=None):
        cancelling.cancel_run(run=run, reason="The table run was stopped")


def retry_failed(*, run_set: RunSet, actor: Principal) -> int:
    """Do again what failed of a set's rows; what is done of them is kept, and not billed again.

    Rows whose runs were deleted start again. actor: as of `start_set`. Returns how many rows
    there are.
    """
    check_may_act(run_set.owner)
    with transaction.atomic():
        run_set = _lock(run_set)
        rows = RunSetRow.objects.filter(run_set=run_set, state=RowState.FAILURE)
        count = rows.count()
        if not count or run_set.allowance_id is None:
            return 0
        if run_set.state not in _AT_WORK:
            _check_others(run_set)
        _make_room(run_set, rows)
        rows.filter(run=None).update(tries=F("tries") + 1)
        rows.update(state=RowState.QUEUE, problems=[])
        run_set.state, run_set.reason, run_set.finished_at = SetState.WORK, "", None
        run_set.resumed_at, run_set.api_key = clock.now(), actor.api_key
        run_set.save(update_fields=["state", "reason", "finished_at", "resumed_at", "api_key"])
    return count


# What a person, or a program, does with a set without saying more; twice is fine.
ACTIONS: Final[Mapping[str, Callable[[RunSet, Principal], object]]] = {
    "pause": lambda run_set, _: pause_set(run_set=run_set),
    "resume": lambda run_set, actor: resume_set(run_set=run_set, actor=actor),
    "stop": lambda run_set, _: stop_set(run_set=run_set),
    "take_in": lambda run_set, _: take_in(run_set=run_set),
    "retry": lambda run_set, actor: retry_failed(run_set=run_set, actor=actor),
}


def forget(*, owner: User) -> None:
    """Delete a person's sets, when they leave."""
    RunSet.objects.filter(owner=owner).delete()


def delete_set(*, run_set: RunSet) -> None:
    """Delete a set that is not at work. Runs of its rows stay. Raises Conflict."""
    if not RunSet.objects.filter(pk=run_set.pk).exclude(state__in=_AT_WORK).delete()[0]:
        raise errors.Conflict("Stop this table run first.", code="run_set.at_work")


def _lock(run_set: RunSet) -> RunSet:
    """Lock a set and read it anew; its allowance first, as starts of its rows do."""
    if run_set.allowance_id is not None:
        list(Allowance.objects.select_for_update(no_key=True).filter(pk=run_set.allowance_id))
    rows = RunSet.objects.select_for_update(no_key=True, of=("self",))
    return rows.select_related("owner", "version").get(pk=run_set.pk)


def _too_late() -> errors.Conflict:
    return errors.Conflict("This was started already, so it can't be changed.", code="run_set.late")
