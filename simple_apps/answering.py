"""What guests do to their own runs: answer what is asked of them, and stop."""

from __future__ import annotations

from typing import Any

from core import errors
from runs.engine import cancelling
from runs.interaction import answers
from runs.interaction.wait_kinds import GATE, QUESTION, SELECTION, STAGE, candidates_of, kind_of
from runs.models import Wait
from simple_apps.guest_view import ANSWERED
from simple_apps.models import GuestRun
from simple_apps.schemas import GuestReplyIn


def stop(guest: GuestRun) -> None:
    """Stop a run; harmless where it is over."""
    cancelling.cancel_run(run=guest.run, reason="Stopped by its guest")


def answer(guest: GuestRun, reply: GuestReplyIn) -> None:
    """Take an answer. Raises InvalidBody, and Conflict for what isn't asked of the guest any
    more."""
    rows = Wait.objects.select_related("step", "run__owner").filter(run=guest.run_id)
    wait = rows.filter(pk=reply.question).first() if guest.app.guests_answer else None
    if wait is None or kind_of(wait) not in ANSWERED:
        raise errors.Conflict(
            "question: this run asks you no such question. Read it again.",
            person="This question is closed.",
            code="workflow.not_asked",
        )
    answers.answer(run=wait.run, actor=None, resume_input=_resume_input(wait, reply), wait=wait)


def _resume_input(wait: Wait, reply: GuestReplyIn) -> dict[str, Any]:
    match kind_of(wait):
        case kind if kind in (QUESTION, STAGE):
            text = (reply.text or "").strip()
            if kind == QUESTION and not text:
                raise errors.InvalidBody("text is needed.", person="Type an answer first.")
            if kind == QUESTION:
                return {"type": "answer", "text": text}
            return {"type": "interactive_complete", "result": text}
        case kind if kind == SELECTION:
            ids = [row.public_id for row in candidates_of(wait)]
            places = reply.choices or []
            if not places or max(places) > len(ids):
                raise errors.InvalidBody(
                    f"choices: positions from 1 to {len(ids)}.", person="Choose first."
                )
            return {"type": "select_media", "artifactIds": [ids[place - 1] for place in places]}
        case kind if kind == GATE and reply.approve:
            return {"type": "approve_checkpoint"}
    raise errors.InvalidBody("approve: true is the answer to this question.")
