"""Creations for tests: one of each kind that visitors see differently."""

from __future__ import annotations

from typing import Any

from accounts.models import User
from creations import sharing
from creations.models import Share
from creations.sharing import Choices
from runs.models import Run
from tests.support.builders.running import start, start_template, work_off
from tests.support.builders.templates import make_template

NOTE_STAGES = [
    {
        "id": "study",
        "label": "Study",
        "type": "fixed",
        "tool": "note",
        "produces": ["study"],
        "args": {"text": "$inputs.say"},
    }
]
NOTE_INPUTS = [{"name": "say", "type": "text", "required": True}]


def make_run(owner: User, text: str = "a harbor") -> Run:
    """A finished run of a private template of the owner's, with one picture."""
    template = make_template(owner, name="Harbor", stages=NOTE_STAGES, inputs=NOTE_INPUTS)
    return finished_run(start_template(owner, template, say=text))


def make_plain_run(owner: User, text: str = "a harbor") -> Run:
    """As `make_run`, without a template."""
    return finished_run(
        start(owner, [{"id": "a", "toolName": "note", "arguments": {"text": text}}])
    )


def finished_run(run: Run) -> Run:
    work_off()
    run.refresh_from_db()
    assert run.status == "completed", run.error
    return run


def make_share(owner: User, run: Run | None = None, **choices: Any) -> Share:
    """What the owner shares of a run; public, and its files as they are: to clean each takes a
    child process. choices: fields that differ."""
    wanted = Choices(**{"title": "Dawn", "visibility": "public", "keeps_details": True, **choices})
    return sharing.share_run(actor=owner, run=run or make_plain_run(owner), choices=wanted)
