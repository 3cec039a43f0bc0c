"""Making run sets of tables, and what may be said of one before its rows are checked."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from django.db import transaction

from accounts.auth import Principal
from accounts.suspension import check_may_act
from core import clock, errors
from core.http import parse
from media.tables import Table
from run_sets import table_storage
from run_sets.change_schemas import MOST_COLUMNS, NO_LABEL, SetIn
from run_sets.matching import NO_MATCH, inputs_of, usual_matches
from run_sets.models import RowState, RunSet, RunSetRow
from templates_app import selectors as templates
from templates_app.models import Template

MOST_ROWS: Final = 10_000
MOST_CELL: Final = 32_767
MOST_NOTICE: Final = 200
# Of one person: sets that were never started, and how long one is kept.
MOST_UNSTARTED: Final = 20
KEPT_FOR: Final = timedelta(days=7)
# The reason of a set that starts once its rows are checked.
STARTS: Final = "start"


def create_set(
    *,
    actor: Principal,
    template: Template,
    table: Table,
    changes: Mapping[str, Any],
    takes_hidden: bool = False,
    starts: bool = False,
) -> RunSet:
    """Make a set of the version of a template that the actor runs; its rows are checked next.

    changes: fields of SetIn. takes_hidden: whether hidden rows and columns count as the others;
    else such rows are left out until a person takes them in, and such columns fill nothing until
    one says so. starts: whether it starts once its rows are checked. Raises Forbidden, InvalidBody,
    also where a set that starts has no column that fills an input, NotFound, Conflict for too many
    sets that were never started.
    """
    check_may_act(actor.user)
    version = templates.runnable_version(actor.user, template)
    check_size(table.columns, table.rows)
    hidden_rows = set() if takes_hidden else set(table.hidden_rows)
    hidden_columns = () if takes_hidden else table.hidden_columns
    if RunSet.objects.filter(owner=actor.user, started_at=None).count() >= MOST_UNSTARTED:
        raise errors.Conflict(
            f"You have {MOST_UNSTARTED} table runs that were never started. Start or delete one.",
            code="run_set.too_many",
        )
    columns = list(table.columns)
    sentences = [
        table.notice,
        _hidden_rows_notice(len(hidden_rows)),
        _hidden_columns_notice([columns[place] for place in hidden_columns]),
    ]
    run_set = RunSet(
        public_id=f"rset_{secrets.token_hex(12)}",
        owner=actor.user,
        api_key=actor.api_key,
        template=template,
        version=version,
        title=version.spec["name"][:200],
        columns=columns,
        matches=usual_matches(version.spec, columns, hidden_columns),
        label_column=next((n for n in range(len(columns)) if n not in hidden_columns), None),
        notice=" ".join(filter(None, sentences))[:MOST_NOTICE],
        reason=STARTS if starts else "",
        goes_at=clock.now() + KEPT_FOR,
    )
    apply_changes(run_set, parse(SetIn, changes))
    if starts and not run_set.matches:
        names = ", ".join(columns)[:500]
        raise errors.InvalidBody(f"matches: {NO_MATCH} The columns are {names}.")
    with transaction.atomic():
        run_set.save()
        RunSetRow.objects.bulk_create(
            [
                RunSetRow(
                    run_set=run_set,
                    position=at,
                    cells=list(cells),
                    label=label_of_cells(run_set, cells),
                    state=RowState.OMISSION if at in hidden_rows else RowState.CHECK,
                )
                for at, cells in enumerate(table.rows)
            ],
            batch_size=500,
        )
        table_storage.take(run_set)
    return run_set


def _hidden_rows_notice(count: int) -> str:
    if not count:
        return ""
    rows = "row, which is" if count == 1 else "rows, which are"
    return f"The file hides {count:,} {rows} left out at first."


def _hidden_columns_notice(names: Sequence[str]) -> str:
    if not names:
        return ""
    first_names = ", ".join(name[:40] for name in names[:3])
    return f"What the file hides fills no input: {first_names}{', …' if len(names) > 3 else ''}."


def check_size(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    if not columns or not rows:
        raise errors.InvalidBody("rows: the table has none. Give it a header and at least one row.")
    if len(rows) > MOST_ROWS:
        raise errors.InvalidBody(f"rows: at most {MOST_ROWS:,}. Split the table.")
    if len(columns) > MOST_COLUMNS:
        raise errors.InvalidBody(f"rows: at most {MOST_COLUMNS} columns. Leave some out.")
    if any(len(cell) > MOST_CELL for cells in rows for cell in cells):
        raise errors.InvalidBody(f"rows: a cell holds at most {MOST_CELL:,} characters.")


def label_of_cells(run_set: RunSet, cells: Sequence[str]) -> str:
    place = run_set.label_column
    return cells[place][:200] if place is not None and place < len(cells) else ""


def apply_changes(run_set: RunSet, changes: SetIn) -> None:
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
    if changes.title is not None:
        run_set.title = changes.title
    if changes.matches is not None:
        run_set.matches = {
            name: _place(run_set.columns, column, f"matches.{name}")
            for name, column in changes.matches.items()
        }
    if changes.inputs is not None:
        run_set.values = changes.inputs
    if changes.at_once is not None:
        run_set.at_once = changes.at_once
    if changes.label_column == NO_LABEL:
        run_set.label_column = None
    elif changes.label_column is not None:
        run_set.label_column = _place(run_set.columns, changes.label_column, "label_column")


def _place(columns: Sequence[str], column: str | int, field: str) -> int:
    """Return the position of a column that is named, or given by its position."""
    if isinstance(column, str) and column in columns:
        return columns.index(column)
    if isinstance(column, int) and column < len(columns):
        return column
    names = ", ".join(columns)[:500]
    raise errors.InvalidBody(
        f"{field[:100]}: no column {str(column)[:80]!r}. There are {names}; positions count from 0."
    )
