"""Words and pills of the states of table runs and their rows."""

from __future__ import annotations

from typing import Final

from run_sets.models import RowState, RunSet, RunSetRow, SetState
from runs.models import Step
from templates_app.graph.wiring import words_of

# Row state → the run's state whose pill it gets.
PILLS: Final = {
    RowState.QUEUE: "queued",
    RowState.WORK: "running",
    RowState.WAIT: "waiting_for_user",
    RowState.SUCCESS: "completed",
    RowState.FAILURE: "failed",
    RowState.STOP: "cancelled",
}
OTHER_PILLS: Final = {
    RowState.CHECK: {"status": "queued", "word": "Not checked", "look": "", "glyph": "clock"},
    RowState.PROBLEM: {
        "status": "failed",
        "word": "Problem",
        "look": "pill-bad",
        "glyph": "triangle-alert",
    },
    RowState.OMISSION: {"status": "", "word": "Left out", "look": "", "glyph": "eye-off"},
}
# The last is the pill's color where it has one.
SET_WORDS: Final = {
    SetState.CHECK: ("Checking", "clock", ""),
    SetState.READY: ("Not started", "clock", ""),
    SetState.WORK: ("Running", "", "pill-live"),
    SetState.PAUSE: ("Paused", "pause", "pill-wait"),
    SetState.END: ("Done", "check", ""),
    SetState.STOP: ("Stopped", "square", ""),
}
REASONS: Final = {
    "person": "No more rows start until you resume. Rows at work are finished.",
    "allowance": "The rows cost more than the quote and a tenth. Resume to allow the rest.",
    "credit": "You have no credits left for more rows. Resume when you have some.",
    "template": "You can't run this template at the moment. Resume when it's back.",
    "key": "The API key or app that started it was revoked or has expired. Resume to go on without"
    " it.",
    "account": "Your account can't start runs at the moment. Resume when it can.",
}


def stage_reason(step: Step | None, to_run: int, spending: str) -> str:
    """Return why a set is paused whose rows share a stage that failed.

    spending: so far, in words.
    """
    title = f"“{step.title or words_of(step.key)}”" if step is not None else "A stage"
    message = (step.error or {}).get("message", "") if step is not None else ""
    more = "1 more row needs it" if to_run == 1 else f"{to_run:,} more rows need it"
    parts = (
        f"{title} failed, and {more}.",
        message,
        f"Spent so far: {spending}. Resume tries it once more.",
    )
    return " ".join(part for part in parts if part)


def label_of(row: RunSetRow) -> str:
    """Return the name of a row, or its number."""
    return row.label.strip() or f"Row {row.position + 1:,}"


def row_words(count: int, kind: str = "") -> str:
    """`1 row`, `3 failed rows`."""
    return f"{count:,} {kind + ' ' if kind else ''}row{'' if count == 1 else 's'}"


def pill_of(run_set: RunSet) -> dict[str, str]:
    """Build the context of `runs_pages/parts/pill.html`."""
    word, glyph, look = SET_WORDS[SetState(run_set.state)]
    return {"status": run_set.state, "word": word, "glyph": glyph, "look": look}
