"""Writing run sets. Each function checks what it is given, for pages and programs."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import F, Min, QuerySet, Sum

from accounts.auth import Principal
from accounts.models import User
from accounts.suspension import check_may_act
from core import clock, errors
from core.http import parse
from run_sets.change_schemas import MOST_COLUMNS, RowIn, SetIn
from run_sets.matching import RowReader, inputs_of, usual_matches
from run_sets.models import RowState, RunSet, RunSetRow, SetState
from run_sets.shared_steps import quote_of, with_slack
from runs import states
from runs.admission.start import quote_start
from runs.billing.units import credits_text, units
from runs.engine import cancelling
from runs.models import Allowance, Run, Step
from templates_app import selectors as templates
from templates_app.models import Template

MOST_ROWS: Final = 10_000
MOST_CELL: Final = 32_767
# Of one person: sets at work, and sets that were never started.
MOST_AT_WORK: Final = 3
MOST_UNSTARTED: Final = 20
# How long a set that was never started is kept.
KEPT_FOR: Final = timedelta(days=7)
# How long rows may be started once someone pressed Run.
RUNS_FOR: Final = timedelta(days=30)
# The reason of a set that starts once its rows are checked.
STARTS: Final = "start"
# Of so many different prices a row is planned again when someone starts a set.
MOST_PRICES: Final = 10
_OPEN: Final = (SetState.CHECK, SetState.READY)
_AT_WORK: Final = (SetState.WORK, SetState.PAUSE)
# Rows that may be changed: nothing was started for them.
_IDLE: Final = (RowState.CHECK, RowState.PROBLEM, RowState.OMISSION, RowState.QUEUE)


def create_set(
    *,
    actor: Principal,
    template: Template,
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    changes: Mapping[str, Any],
    notice: str = "",
    starts: bool = False,
) -> RunSet:
    """Make a set of the version of a template that the actor runs; its rows are checked next.

    changes: fields of SetIn. starts: whether it starts once its rows are checked. Raises Forbidden,
    InvalidBody, NotFound, Conflict for too many sets that were never started.
    """
    check_may_act(actor.user)
    version = templates.runnable_version(actor.user, template)
    _check_size(columns, rows)
    if RunSet.objects.filter(owner=actor.user, started_at=None).count() >= MOST_UNSTARTED:
        raise errors.Conflict(
            f"You have {MOST_UNSTARTED} table runs that were never started. Start or delete one.",
            code="run_set.too_many",
        )
    run_set = RunSet(
        public_id=f"rset_{secrets.token_hex(12)}",
        owner=actor.user,
        api_key=actor.api_key,
        template=template,
        version=version,
        title=version.spec["name"][:200],
        columns=list(columns),
        matches=usual_matches(version.spec, columns),
        label_column=0 if columns else None,
        notice=notice[:200],
        reason=STARTS if starts else "",
        goes_at=clock.now() + KEPT_FOR,
    )
    _apply(run_set, parse(SetIn, changes))
    with transaction.atomic():
        run_set.save()
        RunSetRow.objects.bulk_create(
            [
                RunSetRow(
                    run_set=run_set, position=at, cells=list(cells), label=_label(run_set, cells)
                )
                for at, cells in enumerate(rows)
            ],
            batch_size=500,
        )
    return run_set


def _check_size(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    if not columns or not rows:
        raise errors.InvalidBody("rows: the table has none. Give it a header and at least one row.")
    if len(rows) > MOST_ROWS:
        raise errors.InvalidBody(f"rows: at most {MOST_ROWS:,}. Split the table.")
    if len(columns) > MOST_COLUMNS:
        raise errors.InvalidBody(f"rows: at most {MOST_COLUMNS} columns. Leave some out.")
    if any(len(cell) > MOST_CELL for cells in rows for cell in cells):
        raise errors.InvalidBody(f"rows: a cell holds at most {MOST_CELL:,} characters.")


def _label(run_set: RunSet, cells: Sequence[str]) -> str:
    place = run_set.label_column
    return cells[place][:200] if place is not None and place < len(cells) else ""


def _apply(run_set: RunSet, changes: SetIn) -> None:
    # None once its template was deleted: then it has no inputs to change.
    spec = run_set.version.spec if run_set.version is not None else {}
    names = [row["name"] for row in inputs_of(spec)]
    for field, values in (("matches", changes.matches), ("inputs", changes.inputs)):
        for name in values or ():
            if name not in names:
                raise errors.InvalidBody(
                    f"{field}: this template has no input {name[:80]!r}. It has"
                    f" {', '.join(names) or 'none'}."
                )
    count = len(run_set.columns)
    places = [*(changes.matches or {}).values(), changes.label_column or 0]
    if max(places) >= count:
        raise errors.InvalidBody(f"The table has {count} columns, counted from 0.")
    if changes.title is not None:
        run_set.title = changes.title
    if changes.matches is not None:
        run_set.matches = changes.matches
    if changes.inputs is not None:
        run_set.values = changes.inputs
    if changes.at_once is not None:
        run_set.at_once = changes.at_once
    if changes.label_column is not None:
        run_set.label_column = None if changes.label_column < 0 else changes.label_column


def change_set(*, run_set: RunSet, changes: Mapping[str, Any]) -> None:
    """Change a set. Other matches and values have its rows checked again, before it was started.

    changes: fields of SetIn. Raises InvalidBody, and Conflict for what can't be changed any more.
    """
    fields = parse(SetIn, changes)
    with transaction.atomic():
        run_set = _lock(run_set)
        label_before = run_set.label_column
        _apply(run_set, fields)
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
                row.label = _label(run_set, row.cells)
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
            _check_size(run_set.columns, [fields.cells])
            row.cells, row.label = fields.cells, _label(run_set, fields.cells)
        row.state = RowState.OMISSION if fields.left_out else RowState.CHECK
        row.problems, row.estimated_milli, row.identities = [], 0, []
        row.save()
        if run_set.state == SetState.READY:
            run_set.state = SetState.CHECK
            run_set.save(update_fields=["state"])


def start_set(*, run_set: RunSet, accepted_units: float | None = None) -> None:
    """Start a set that is ready: its rows run within its quote and a tenth. Twice is once.

    accepted_units: the quote that its person has agreed to. Raises Conflict while rows are being
    checked, where none can run, for too many at work, and where they cost more than was accepted.
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
            raise _has_risen(run_set.quoted_milli)
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
        run_set.reason = ""
        run_set.save()


def _has_risen(milli: int) -> errors.Conflict:
    return errors.Conflict(
        f"The price has risen to {credits_text(milli)}, and nothing was started. Start it with"
        " that estimate.",
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
    actor = Principal(user=run_set.owner, api_key=run_set.api_key, via="session")
    for row in rows_to_price:
        # What keeps it from running is found when it starts.
        with contextlib.suppress(errors.AppError):
            inputs = reader.inputs_of(row)
            quote = quote_start(actor=actor, version=reader.version, inputs=inputs)
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


def resume_set(*, run_set: RunSet) -> None:
    """Go on with a paused set, with room in its allowance for all rows that are left."""
    check_may_act(run_set.owner)
    with transaction.atomic():
        run_set = _lock(run_set)
        if run_set.state == SetState.PAUSE:
            _make_room(run_set, RunSetRow.objects.filter(run_set=run_set, state=RowState.QUEUE))
            run_set.state, run_set.reason = SetState.WORK, ""
            run_set.save(update_fields=["state", "reason"])


def _make_room(run_set: RunSet, rows: QuerySet[RunSetRow]) -> None:
    """Give the set's allowance what these rows need, and a tenth, where it has less left."""
    milli = quote_of(rows).most_milli
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


def retry_failed(*, run_set: RunSet) -> int:
    """Do again what failed of a set's rows; what is done of them is kept, and not billed again.

    Rows whose runs were deleted are started anew. Returns how many rows there are.
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
        run_set.save(update_fields=["state", "reason", "finished_at"])
    return count


def retry_milli(run_set: RunSet) -> int:
    """Sum what a retry of the failed rows would cost: their failed stages, and all of the rows
    whose runs were deleted."""
    rows = RunSetRow.objects.filter(run_set=run_set, state=RowState.FAILURE)
    steps = Step.objects.filter(
        run__run_set_row__in=rows, status__in=(states.FAILED, states.SKIPPED)
    )
    again = steps.aggregate(sum=Sum("estimated_milli"))["sum"] or 0
    return int(again + quote_of(rows.filter(run=None)).milli)


def forget(*, owner: User) -> None:
    """Delete a person's sets, when they leave."""
    RunSet.objects.filter(owner=owner).delete()


def delete_set(*, run_set: RunSet) -> None:
    """Delete a set that is not at work. Runs of its rows stay. Raises Conflict."""
    rows = RunSet.objects.filter(pk=run_set.pk).exclude(state__in=_AT_WORK)
    if not rows.delete()[0]:
        raise errors.Conflict("Stop this table run first.", code="run_set.at_work")


def _lock(run_set: RunSet) -> RunSet:
    """Lock a set and read it anew; its allowance first, as starts of its rows do."""
    if run_set.allowance_id is not None:
        list(Allowance.objects.select_for_update(no_key=True).filter(pk=run_set.allowance_id))
    rows = RunSet.objects.select_for_update(no_key=True, of=("self",))
    return rows.select_related("owner", "version").get(pk=run_set.pk)


def _too_late() -> errors.Conflict:
    return errors.Conflict("This was started already, so it can't be changed.", code="run_set.late")
