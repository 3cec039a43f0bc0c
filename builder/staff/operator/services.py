"""Staff's actions on a run: stop it, retry it, release a step, ask after a provider's job. Each is
in the audit log."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import transaction

from accounts.auth import Principal
from accounts.models import User
from accounts.roles import is_operator
from core import errors
from core.database import db_now
from moderation import audit_log
from moderation.models import NOTE_LENGTH
from runs import states
from runs.dispatch import dispatch
from runs.engine import cancelling, reclaiming
from runs.interaction import retry
from runs.models import Run, Step

CANCEL, RESUME = "run.cancel", "run.resume"
RETRY, LOOK = "run.retry_step", "run.look_now"


def check_operator(user: object) -> None:
    """Raises Forbidden for people who are not operators."""
    if not is_operator(user):
        raise errors.Forbidden("Only operators of this server may do this.")


def cancel(*, actor: User, run: Run, note: str = "") -> bool:
    """Stop any run. False: it had already ended. Raises Forbidden, InvalidInput."""
    return _act(
        actor,
        run,
        CANCEL,
        note,
        lambda: cancelling.cancel_run(run=run, reason="Stopped by the owner of this server"),
    )


def resume(*, actor: User, run: Run, note: str = "") -> bool:
    """Retry what failed, as its owner would and at the owner's cost.

    False: there was nothing to retry. Raises Forbidden, InvalidInput, and what resuming raises.
    """
    owner = Principal(user=run.owner, api_key=None, via="session")
    return _act(
        actor, run, RESUME, note, lambda: retry.retry_or_answer(run=run, actor=owner, body={})
    )


def retry_step(*, actor: User, run: Run, key: str, note: str = "") -> bool:
    """Have a step claimed again: take it from its worker, or have workers look at it at once.

    False: it is neither running nor ready any more. Raises Forbidden, NotFound, InvalidInput.
    """
    step = _step(run, key)
    return _act(actor, run, RETRY, note, lambda: _claim_again(run, step), step=key)


def look_now(*, actor: User, run: Run, key: str, note: str = "") -> bool:
    """Have a worker ask about the job of a step that is at its provider, as a webhook would.

    False: it is there no more. Raises Forbidden, NotFound, InvalidInput.
    """
    step = _step(run, key)
    return _act(actor, run, LOOK, note, lambda: _make_due(step, states.PARKED), step=key)


def _step(run: Run, key: str) -> Step:
    step = Step.objects.filter(run=run, key=key).only("id", "key", "status", "lease_owner").first()
    if step is None:
        raise errors.NotFound("This run has no such step.")
    return step


def _claim_again(run: Run, step: Step) -> bool:
    if step.status == states.RUNNING:
        # Not counted as a lost lease: an operator took the step back on purpose.
        return reclaiming.reclaim(step.id, run.id, lost_by=step.lease_owner, handed_back=True)
    return _make_due(step, states.READY)


def _make_due(step: Step, status: str) -> bool:
    waiting = Step.objects.filter(id=step.id, status=status)
    if not waiting.update(not_before=db_now()):
        return False
    dispatch().hint([step.id])
    return True


def _act(
    actor: User, run: Run, action: str, note: str, act: Callable[[], bool], **more: Any
) -> bool:
    """Do it and log it, both or neither. What changed nothing is not logged."""
    check_operator(actor)
    note = note.replace("\x00", "").strip()
    if len(note) > NOTE_LENGTH:
        raise errors.InvalidInput(f"Reason: too long, {len(note)} of {NOTE_LENGTH} characters.")
    status = Run.objects.filter(pk=run.pk).values_list("status", flat=True)
    with transaction.atomic():
        before = status.get()
        is_new = act()
        if not is_new:
            return False
        audit_log.enter(
            actor=actor,
            action=action,
            subject_kind="run",
            subject_id=run.public_id[:128],
            data={
                "before": {"status": before},
                "after": {"status": status.get()},
                "owner": run.owner.public_id,
                "note": note,
                **more,
            },
        )
    return True
