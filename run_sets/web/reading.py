"""Run sets and their rows as the API has them, with the results of their runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, cast

from core import clock
from run_sets.feeding import counts_of
from run_sets.models import RowState, RunSet, RunSetRow, SetState
from run_sets.questions import RowFailure, RowsQuestion, position_of
from run_sets.selectors import retry_milli
from run_sets.web.question_schemas import QuestionKind, QuestionOut, RowFailureOut
from run_sets.web.schemas import (
    RowOut,
    RowStatus,
    SetOut,
    SetStatus,
)
from runs.billing.units import units
from runs.run_rows import OutputRows, read_output_rows
from runs.web.artifacts import UrlOf, artifact_body, files_by_step, output_bodies
from runs.web.schemas import OutputOut

# A state that the API calls as runs do.
_STATUS: Final[Mapping[str, SetStatus]] = {SetState.END: "completed"}
_WITH_RESULTS = (RowState.SUCCESS, RowState.FAILURE)


def set_body(run_set: RunSet) -> SetOut:
    """Return a set with the counts of its rows."""
    counts = counts_of(run_set)
    allowance = run_set.allowance
    seconds = run_set.quoted_seconds
    count = counts.get(RowState.QUEUE, 0)
    if run_set.started_at is not None:
        count += counts.get(RowState.WORK, 0)
    return {
        "id": run_set.public_id,
        "title": run_set.title,
        "templateId": run_set.template.public_id,
        "version": run_set.version.semver if run_set.version is not None else None,
        "status": _STATUS.get(run_set.state) or cast(SetStatus, run_set.state),
        "reason": run_set.reason,
        "notice": run_set.notice,
        "columns": run_set.columns,
        "matches": {name: run_set.columns[at] for name, at in run_set.matches.items()},
        "inputs": run_set.values,
        "atOnce": run_set.at_once,
        "rowCount": sum(counts.values()),
        "counts": counts,
        "estimatedCapacityUnits": units(run_set.quoted_milli),
        "estimatedSeconds": None if seconds is None else seconds * count / run_set.at_once,
        "usedCapacityUnits": units(allowance.milli if allowance is not None else 0),
        "retryCapacityUnits": units(retry_milli(run_set) if counts.get(RowState.FAILURE) else 0),
        "createdAt": clock.iso(run_set.created_at),
        "startedAt": clock.iso_or_none(run_set.started_at),
        "finishedAt": clock.iso_or_none(run_set.finished_at),
    }


def row_bodies(rows: Sequence[RunSetRow], url_of: UrlOf) -> list[RowOut]:
    """Return rows with their results. rows: with their runs."""
    outputs = outputs_of((row for row in rows if row.state in _WITH_RESULTS), url_of)
    bodies = []
    for row in rows:
        body: RowOut = {
            "position": row.position,
            "label": row.label,
            "status": cast(RowStatus, row.state),
            "cells": row.cells,
            "problems": row.problems,
            "estimatedCapacityUnits": units(row.estimated_milli),
        }
        if row.run is not None:
            body["workflowId"] = row.run.public_id
            if row.run.pk in outputs:
                body["outputs"] = outputs[row.run.pk]
        bodies.append(body)
    return bodies


def question_body(question: RowsQuestion) -> QuestionOut:
    """Return what rows ask."""
    return {
        "stepId": question.step,
        "kind": cast(QuestionKind, question.kind),
        "message": question.message,
        "rows": [position_of(wait) for wait in question.waits],
        "answerTypes": list(question.answer_types),
    }


def failure_body(failure: RowFailure) -> RowFailureOut:
    """Return why a row did not take an answer."""
    return {
        "position": failure.position,
        "code": failure.problem.code,
        "message": failure.problem.message,
    }


def outputs_of(rows: Iterable[RunSetRow], url_of: UrlOf) -> dict[int, list[OutputOut]]:
    """Return the outputs of rows by run id, as the API has them, without blocked files. The number
    of queries doesn't depend on how many there are."""
    runs = [row.run_id for row in rows if row.run_id is not None]
    return {run: outputs_in(one, url_of) for run, one in read_output_rows(runs).items()}


def outputs_in(rows: OutputRows, url_of: UrlOf) -> list[OutputOut]:
    """Return the outputs of one run whose rows are known."""
    files = {row.public_id: artifact_body(row, url_of) for row in rows.artifacts}
    return output_bodies(rows.outputs, rows.steps, files_by_step(rows, files))
