"""Context of a table run's page: its matches and problems before the start, then its runs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from django.conf import settings
from django.core.paginator import Page, Paginator
from django.db.models import Count
from django.http import QueryDict
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from accounts.models import User
from builder.shared import run_display
from builder.web.run_set_pages import row_notices, row_questions, words
from builder.web.template_pages.forms import (
    PREFIX,
    FormField,
    fields_of,
    read_inputs,
    texts_from,
    texts_of,
    without_unneeded,
)
from core import errors
from media.tables import Table
from run_sets import feeding, matching, shared_steps
from run_sets.change_schemas import MOST_AT_ONCE
from run_sets.models import RowState, RunSet, RunSetRow, SetState
from run_sets.own_files import OWN, signed_now
from run_sets.selectors import retry_milli, rows_of
from run_sets.web.reading import outputs_of
from runs.billing.units import credits_text, units
from runs.web.artifacts import signer
from templates_app.graph.wiring import clean

ROWS_TO_CHECK: Final = 20
ROWS: Final = 100
CELL_SHOWN: Final = 160
FILTERS: Final = {
    "problems": (RowState.PROBLEM,),
    "failed": (RowState.FAILURE,),
    "waiting": (RowState.WAIT,),
}
OPEN: Final = (SetState.CHECK, SetState.READY)
_AHEAD: Final = (RowState.CHECK, RowState.QUEUE, RowState.WORK, RowState.WAIT)
# With all keys: one that a template doesn't find costs more than one that it does.
_NO_LOOK: Final = {"kind": "", "url": "", "text": ""}
_COUNT_WORDS: Final = {
    RowState.FAILURE: "failed",
    RowState.WORK: "running",
    RowState.WAIT: "waiting for an answer",
    RowState.QUEUE: "queued",
    RowState.STOP: "stopped",
    RowState.PROBLEM: "with problems",
    RowState.OMISSION: "left out",
}


def context(
    run_set: RunSet, viewer: User, query: Mapping[str, str], base_url: str
) -> dict[str, Any]:
    """Everything that `run_set_pages/set.html` needs. query: `show`, `page`."""
    is_open = run_set.state in OPEN
    show = query.get("show", "")
    rows = rows_of(run_set)
    if show in FILTERS:
        rows = rows.filter(state__in=FILTERS[show])
    page = Paginator(rows, ROWS_TO_CHECK if is_open else ROWS).get_page(query.get("page"))
    inputs = _inputs(run_set) if is_open and run_set.owner_id == viewer.pk else []
    entries = _checked_rows(run_set, page) if is_open else started_rows(run_set, page, base_url)
    here = f"show={show}&page={page.number}" if show in FILTERS else f"page={page.number}"
    return {
        **head(run_set, viewer),
        **({} if is_open else row_questions.context(run_set, base_url)),
        "is_open": is_open,
        "oob": False,
        "show": show,
        "chosen": f"show={show}&" if show in FILTERS else "",
        "page": page,
        "here": here,
        "inputs": inputs,
        "takes_files": any(row["field"].is_media and row["place"] is not None for row in inputs)
        and any(problem.get("file") for row in page for problem in row.problems),
        "label_columns": list(enumerate(run_set.columns)),
        "rows": entries,
        "drafts": "" if is_open else row_notices.shared_drafts(entries),
        "watched": "" if is_open else states_text((row.position, row.state) for row in page),
        # What the fields of the template's form need to know.
        "form": {"is_signed_in": True, "upload_mb": settings.UPLOAD_LIMIT_BYTES // 1_000_000},
    }


def head(run_set: RunSet, viewer: User) -> dict[str, Any]:
    """Return what is said of all rows together, and what may be done: it is its owner's credit."""
    counts, is_own = feeding.counts_of(run_set), run_set.owner_id == viewer.pk
    total = sum(counts.values())
    failure_count = counts.get(RowState.FAILURE, 0)
    to_run, to_check = counts.get(RowState.QUEUE, 0), counts.get(RowState.CHECK, 0)
    retries = failure_count if run_set.allowance_id and is_own else 0
    return {
        "set": run_set,
        "is_own": is_own,
        "maker": run_set.owner.shown_name,
        "pill": words.pill_of(run_set),
        "total": total,
        "over": total - sum(counts.get(state, 0) for state in _AHEAD),
        "failed": failure_count,
        "problems": counts.get(RowState.PROBLEM, 0),
        "left_out": counts.get(RowState.OMISSION, 0),
        "waiting": counts.get(RowState.WAIT, 0),
        "checked": total - to_check,
        "counts": _count_words(counts, list(_COUNT_WORDS)),
        "moves": run_set.state in (SetState.CHECK, SetState.WORK)
        or bool(counts.get(RowState.WORK)),
        "reason": _reason(run_set, to_run) if run_set.state == SetState.PAUSE and is_own else "",
        "run_label": f"Run {words.row_words(to_run)} · {_quote(run_set, to_run)}"
        if to_run and is_own
        else "",
        "retry_label": f"Retry {words.row_words(retries, 'failed')}"
        f" · {_credits(retry_milli(run_set))}"
        if retries
        else "",
    }


def _reason(run_set: RunSet, to_run: int) -> str:
    """Return why a set is paused."""
    if run_set.reason != "stage":
        return words.REASONS.get(run_set.reason, "")
    rows = RunSetRow.objects.filter(run_set=run_set, state=RowState.QUEUE).order_by("position")
    step = shared_steps.failure_of(run_set, rows[:ROWS])
    spending = run_set.allowance.milli if run_set.allowance is not None else 0
    return words.stage_reason(step, to_run, credits_text(spending))


def listed_sets(run_sets: Sequence[RunSet]) -> list[dict[str, Any]]:
    """Return each set with its pill and how far it is."""
    counts: dict[int, dict[str, int]] = {run_set.pk: {} for run_set in run_sets}
    rows = RunSetRow.objects.filter(run_set__in=run_sets).values_list("run_set", "state")
    for set_id, state, count in rows.annotate(count=Count("id")).order_by():
        counts[set_id][state] = count
    return [
        {
            "set": run_set,
            "pill": words.pill_of(run_set),
            "counts": _count_words(counts[run_set.pk], (RowState.FAILURE,)),
        }
        for run_set in run_sets
    ]


def _count_words(counts: Mapping[str, int], states: Sequence[RowState]) -> str:
    """`2 of 6 done · 1 failed`. states: those that are named where they have rows."""
    parts = [f"{counts.get(RowState.SUCCESS, 0):,} of {sum(counts.values()):,} done"]
    parts += [f"{counts[state]:,} {_COUNT_WORDS[state]}" for state in states if counts.get(state)]
    return " · ".join(parts)


def _quote(run_set: RunSet, count: int) -> str:
    text = _credits(run_set.quoted_milli)
    if run_set.quoted_seconds is None:
        return text
    in_turn = -(-count // run_set.at_once)
    return f"{text}, about {run_display.about(run_set.quoted_seconds * in_turn)}"


def _credits(milli: int) -> str:
    if not milli:
        return "free"
    return f"about {units(milli):,.10g} credit{'' if milli == 1000 else 's'}"


# --- the table -----------------------------------------------------------------------------------


def reading_question(table: Table, spec: Mapping[str, Any], form: QueryDict) -> dict[str, Any]:
    """Return what only a person knows of a file: its sheet, its encoding, which row names the
    columns. Empty where nothing is open. form: with the answers so far."""
    if len(table.sheets) > 1 and not form.get("sheet"):
        return _question("sheet", [(name, name) for name in table.sheets], "")
    if table.samples:
        choices = [(name, f"{name}: {sample}") for name, sample in table.samples.items()]
        return _question("encoding", choices, table.encoding)
    has_inputs = bool(matching.inputs_of(spec))
    is_named = form.get("header_row") or len(table.head) < 2
    matches = matching.usual_matches(spec, table.columns, table.hidden_columns)
    if has_inputs and not is_named and not matches:
        rows = [(str(row["row"]), f"{row['row']}: {', '.join(row['cells'])}") for row in table.head]
        return _question("header_row", rows, str(table.usual_header))
    return {}


def _question(name: str, choices: list[tuple[str, str]], choice: str) -> dict[str, Any]:
    return {"name": name, "choices": choices, "choice": choice}


# --- before the start ----------------------------------------------------------------------------


def changes_of(run_set: RunSet, form: QueryDict, own_host: str) -> dict[str, Any]:
    """Return what a form changes, as `SetIn` takes it; matches and values only where it has them.
    Raises InvalidBody, also for an upload that is gone."""
    label, at_once = form.get("label_column", ""), form.get("at_once", str(run_set.at_once))
    if not (_is_place(at_once) and 1 <= int(at_once) <= MOST_AT_ONCE):
        raise errors.InvalidBody(f"Runs at once: 1 to {MOST_AT_ONCE}.")
    options = {
        "label_column": int(label) if _is_place(label) else -1,
        "at_once": int(at_once),
    }
    if run_set.version is None or not any(name.startswith("match.") for name in form):
        return options
    spec, matches = run_set.version.spec, {}
    for field in fields_of(spec):
        place = form.get(f"match.{field.name}", "")
        if _is_place(place):
            matches[field.name] = int(place)
    inputs = inputs_of(spec, form, run_set.owner, own_host, without=matches)
    return {"matches": matches, "inputs": inputs, **options}


def inputs_of(
    spec: Mapping[str, Any],
    form: QueryDict,
    owner: User,
    own_host: str,
    *,
    without: Collection[str] = (),
) -> dict[str, Any]:
    """Read the values of a template's form that are the same in every row.

    without: inputs that a column fills. Raises InvalidBody, also for an upload that is gone.
    """
    texts = {name: parts for name, parts in texts_of(form).items() if name not in without}
    for field in fields_of(spec):
        parts = texts.get(field.name, [])
        if _has_lines(field):
            parts = [line for text in parts for line in text.splitlines()]
        if field.is_media:
            parts = signed_now([text.strip() for text in parts], owner, [own_host])
        texts[field.name] = parts
    return read_inputs(spec, texts)


def values_in(form: QueryDict) -> list[tuple[str, str]]:
    """Return the fields of a template's form as they were sent, to send them along."""
    return [(name, str(t)) for name in form if name.startswith(PREFIX) for t in form.getlist(name)]


def _is_place(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 4


def _has_lines(field: FormField) -> bool:
    """Return whether it takes several values, one on each line, as its cells do."""
    return field.multiple and field.type != "select"


def _inputs(run_set: RunSet) -> list[dict[str, Any]]:
    assert run_set.version is not None  # noqa: S101  open sets have one
    spec = run_set.version.spec
    usual_texts = {field.name: list(field.values) for field in fields_of(spec)}
    rows = []
    fields = fields_of(spec, usual_texts | texts_from(spec, run_set.values))
    for field in without_unneeded(fields, run_set.version):
        form_field = field
        if _has_lines(field):
            lines = "\n".join(field.values).strip()
            form_field = replace(
                field,
                type="text",
                multiple=False,
                values=(lines,),
                help=field.help or "One on each line.",
            )
        form_field = replace(
            form_field, values=tuple(v.removeprefix(OWN) for v in form_field.values)
        )
        rows.append({"field": form_field, "place": run_set.matches.get(field.name)})
    return rows


def _checked_rows(run_set: RunSet, page: Page[RunSetRow]) -> list[dict[str, Any]]:
    entries, undrawn = [], row_notices.undrawn_in_cells(run_set, page)
    for row in page:
        by_column: dict[int | None, list[str]] = {}
        for problem in row.problems:
            by_column.setdefault(problem["column"], []).append(problem["message"])
        cells = [
            {
                "column": column,
                "text": cell,
                "short": clean(cell, CELL_SHOWN),
                "problem": " ".join(by_column.pop(place, ())),
                "problem_id": f"bad-{row.position}-{place}",
                "undrawn": undrawn[row.position].get(place, ""),
            }
            for place, (column, cell) in enumerate(
                zip(run_set.columns, _all_cells(row.cells, len(run_set.columns)), strict=True)
            )
        ]
        entries.append(
            {
                "position": row.position,
                "number": row.position + 1,
                "state": row.state,
                "pill": words.OTHER_PILLS.get(RowState(row.state)),
                "cells": cells,
                "problem": " ".join(text for texts in by_column.values() for text in texts),
            }
        )
    return entries


def _all_cells(cells: Sequence[str], count: int) -> list[str]:
    return [*cells, *[""] * (count - len(cells))][:count]


# --- after the start -----------------------------------------------------------------------------


def states_text(rows: Iterable[tuple[int, str]]) -> str:
    """Return which of the shown rows are in which state, as `live` is asked with: `0.3,1.5`.

    rows: the position and the state of each.
    """
    states = list(RowState)
    return ",".join(f"{position}.{states.index(RowState(state))}" for position, state in rows)


def newer_rows(run_set: RunSet, watched_text: str) -> tuple[list[RunSetRow], str]:
    """Return the rows that are no longer in the state that they're shown in, and the new text."""
    texts_before = set(watched_text.split(",")[:ROWS])
    positions = [text.partition(".")[0] for text in texts_before]
    rows = rows_of(run_set).filter(
        position__in=[int(text) for text in positions if text.isdecimal() and len(text) < 6]
    )
    states = list(rows.values_list("position", "state"))
    changes = [row for row in states if states_text([row]) not in texts_before]
    return list(rows.filter(position__in=dict(changes))), states_text(states)


def started_rows(run_set: RunSet, rows: Iterable[RunSetRow], base_url: str) -> list[dict[str, Any]]:
    """Return each row with the first result of its run."""
    rows = list(rows)
    outputs = outputs_of(rows, signer(base_url))
    notices = row_notices.notices_of(run_set, rows, outputs)
    # One for each state: there are many rows and few states.
    pills = {state: _pill(RowState(state)) for state in {row.state for row in rows}}
    entries = []
    for row in rows:
        run = row.run
        looks = map(_look, outputs.get(run.pk, ()) if run else ())
        problem = " ".join(problem["message"] for problem in row.problems)
        if run and row.state in (RowState.FAILURE, RowState.PROBLEM):
            problem = problem or (run.error or {}).get("message", "")
        duration = (run.finished_at - run.created_at) if run and run.finished_at else None
        entries.append(
            {
                "position": row.position,
                "label": words.label_of(row),
                "state": row.state,
                "pill": pills[row.state],
                "address": f"/runs/{run.public_id}" if run else "",
                "is_turn": row.state == RowState.WAIT,
                "look": next(filter(None, looks), _NO_LOOK),
                "problem": problem,
                "notice": notices[row.position],
                "lasts": run_display.lasting(duration.total_seconds()) if duration else "",
            }
        )
    return entries


def _pill(state: RowState) -> SafeString:
    other = words.OTHER_PILLS.get(state)
    pill = other or run_display.pill(words.PILLS[state], run_display.RUN_WORDS)
    return render_to_string("runs_pages/parts/pill.html", {"pill": pill})


def _look(output: Mapping[str, Any]) -> dict[str, Any]:
    for file in output["artifacts"]:
        url = file.get("posterUrl") or file["url"]
        kind = "image" if file.get("posterUrl") else file["type"]
        return {**_NO_LOOK, "kind": kind, "url": url}
    text = output.get("text")
    return {**_NO_LOOK, "kind": "text", "text": clean(text, 200)} if text else {}
