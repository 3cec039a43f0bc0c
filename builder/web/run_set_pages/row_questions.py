"""Questions of a table run's rows on its page, and the answer of their forms."""

from __future__ import annotations

import hashlib
from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest

from builder.shared.page_requests import person_of
from builder.web.run_set_pages import words
from builder.web.runs_pages import pending_inputs
from core import errors
from run_sets.models import RunSet
from run_sets.questions import Outcome, RowsQuestion, answer_rows, open_questions, position_of
from runs.interaction.wait_kinds import (
    GATE,
    QUESTION,
    SELECTION,
    STAGE,
    candidates_of,
)
from runs.models import Wait
from runs.web.artifacts import UrlOf, artifact_body, signer

# Rows of a question that are listed, results of each, and refusals that are told one by one.
ROWS: Final = 24
LOOKS: Final = 3
REFUSALS: Final = 3
# Kind → what its button does, as `pending_inputs.read_answer` has it.
_ACTIONS: Final = {QUESTION: "answer", STAGE: "complete", GATE: "approve"}


def context(run_set: RunSet, base_url: str) -> dict[str, Any]:
    """Return what `run_set_pages/questions.html` needs. asks: changes with what is asked."""
    questions = open_questions(run_set)
    ids = ",".join(str(wait.pk) for question in questions for wait in question.waits)
    return {
        "set": run_set,
        "questions": [_entry(question, base_url) for question in questions],
        "asks": _short_hash(ids) if ids else "",
    }


def _entry(question: RowsQuestion, base_url: str) -> dict[str, Any]:
    first = pending_inputs.pending_input_of(question.waits[0], base_url=base_url)
    url_of, count = signer(base_url), len(question.waits)
    return {
        # The same while other rows begin to ask, so that what was typed stays.
        "id": _short_hash(f"{question.step}\n{question.message}"),
        "wait": first.id,
        "kind": question.kind,
        "heading": first.heading,
        "text": first.text,
        "count": count,
        "pill": f"{words.row_words(count)} ask{'s' if count == 1 else ''}",
        "do": _ACTIONS.get(question.kind, ""),
        "is_common": bool(question.answer_types),
        "is_choice": question.kind == SELECTION,
        "rows": [_row(wait, question.kind, url_of) for wait in question.waits[:ROWS]],
        "more": max(0, len(question.waits) - ROWS),
    }


def _row(wait: Wait, kind: str, url_of: UrlOf) -> dict[str, Any]:
    """Return a row that asks, with the first results that are to be approved."""
    looks = candidates_of(wait)[:LOOKS] if kind == GATE else []
    return {
        "position": position_of(wait),
        "label": words.label_of(wait.run.run_set_row),
        "run": wait.run,
        "looks": [artifact_body(look, url_of) for look in looks],
    }


def _short_hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def take_answer(request: HttpRequest, run_set: RunSet) -> None:
    """Give the form's answer to one row, or to all that ask this now, and say what came of it."""
    form = request.POST
    wait = _wait_of(run_set, form.get("wait", ""))
    row = form.get("row", "")
    if row and not (row.isascii() and row.isdecimal() and len(row) < 6):
        raise _missing()
    outcome = answer_rows(
        run_set=run_set,
        actor=person_of(request),
        step=wait.step.key if wait.step is not None else "",
        message=wait.message,
        positions=[int(row)] if row else None,
        resume_input=pending_inputs.read_answer(form, wait),
        own_hosts=[request.get_host()],
    )
    _tell(request, run_set, outcome)


def _tell(request: HttpRequest, run_set: RunSet, outcome: Outcome) -> None:
    if outcome.count:
        messages.success(request, f"Answered {words.row_words(outcome.count)}.")
    first_failures = outcome.failures[:REFUSALS]
    labels = {
        row.position: words.label_of(row)
        for row in run_set.rows.filter(
            position__in=[failure.position for failure in first_failures]
        )
    }
    for failure in first_failures:
        label = labels.get(failure.position, f"Row {failure.position + 1:,}")
        messages.error(request, f"{label}: {failure.problem.person}")
    if more := len(outcome.failures) - len(first_failures):
        messages.error(request, f"{words.row_words(more, 'other')} didn't take the answer either.")


def _wait_of(run_set: RunSet, number: str) -> Wait:
    rows = Wait.objects.filter(run__run_set_row__run_set=run_set).select_related("step")
    is_number = number.isascii() and number.isdecimal() and len(number) < 19
    wait = rows.filter(pk=int(number)).first() if is_number else None
    if wait is None:
        raise _missing()
    return wait


def _missing() -> errors.InvalidBody:
    return errors.InvalidBody(
        "wait: no row of this table run asks this. Reload the page.",
        person="This question is closed. Reload the page.",
    )
