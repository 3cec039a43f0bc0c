"""What staff do about limits: pause and resume a provider or an API key, and set its numbers. Each
is in the audit log."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.db import transaction

from accounts.models import ApiKey, User
from builder.operator.services import check_operator
from core import errors
from moderation import audit_log
from runs.engine import limit_settings
from runs.models import QueueLimit

PAUSE, RESUME, LIMIT = "queue.pause", "queue.resume", "queue.limit"
# How a number that is not set reads in the log.
_UNSET = "not set"


def pause(*, actor: User | None, name: str, reason: str) -> None:
    """Have no step of a provider or key begin until it is resumed.

    actor: None for the command line. Raises Forbidden, NotFound, InvalidInput.
    """
    _act(
        actor,
        name,
        PAUSE,
        lambda: limit_settings.pause(name, reason, actor),
        lambda row: {"pause": row.reason if row.paused_at else "no"},
    )


def resume(*, actor: User | None, name: str) -> bool:
    """End a pause. False: it was not paused. Raises Forbidden, NotFound."""
    return _act(
        actor,
        name,
        RESUME,
        lambda: limit_settings.resume(name),
        lambda row: {"pause": row.reason if row.paused_at else "no"},
    )


def set_numbers(*, actor: User | None, name: str, numbers: Mapping[str, float | None]) -> bool:
    """Set some of `at_once`, `per_minute`, `person_share`; None: no number of its own.

    False: they were set already. Raises Forbidden, NotFound, InvalidInput.
    """
    return _act(
        actor,
        name,
        LIMIT,
        lambda: limit_settings.set_numbers(name, numbers),
        lambda row: {
            field: _UNSET if (value := getattr(row, field)) is None else value for field in numbers
        },
    )


def _act(
    actor: User | None,
    name: str,
    action: str,
    act: Callable[[], object],
    told: Callable[[QueueLimit], dict[str, Any]],
) -> bool:
    """Do it and log it, both or neither. What changed nothing is not logged."""
    if actor is not None:
        check_operator(actor)
    limit_settings.check(name)
    with transaction.atomic():
        before = told(_row(name))
        act()
        after = told(_row(name))
        if before == after:
            return False
        kind, _, subject = name.partition(":")
        audit_log.enter(
            actor=actor,
            action=action,
            subject_kind=kind,
            subject_id=subject,
            data={"before": before, "after": after},
        )
    return True


def _row(name: str) -> QueueLimit:
    # Locked: what it was before must be what this changes.
    rows = QueueLimit.objects.select_for_update(of=("self",))
    return rows.filter(name=name).first() or QueueLimit(name=name)


def full_name(written: str) -> str:
    """`provider:openai` for `openai`; a key by its id or by the first part of it that pages show.
    Raises NotFound."""
    if ":" not in written:
        return f"provider:{written}"
    kind, _, subject = written.partition(":")
    if kind == "key" and not subject.isdigit():
        lookup = subject.removeprefix("rg_").partition("_")[0]
        key = ApiKey.objects.filter(lookup=lookup).only("id").first()
        if key is None:
            raise errors.NotFound(f"No API key begins with {subject}.")
        return f"key:{key.pk}"
    return written
