"""Writes of the audit log: one entry for each thing that staff did."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from accounts.models import User
from core import clock
from moderation.models import (
    AuditEntry,
    Decision,
)


def changed_fields(before: Mapping[str, Any]) -> dict[str, Any]:
    return {"state": before["state"], "moderation": before["moderation"]}


def record_decision(
    decision: Decision, actor: User | None, before: Mapping[str, Any], after: Mapping[str, Any]
) -> None:
    data = {
        "case": decision.case_id,
        "decision": decision.pk,
        "reason": decision.reason,
        "note": decision.note,
        "message": decision.message,
        "before": changed_fields(before),
        "after": dict(after),
    }
    data |= {one.kind: clock.iso(one.expires_at) for one in decision.sanctions.all()}
    if decision.reach:
        data["reach"] = decision.reach["count"]
    if decision.reverses_id:
        data["reverses"] = decision.reverses_id
    case = decision.case
    record(actor, f"case.{decision.action}", case.subject_kind, case.subject_id, data)


def enter(
    *, actor: User | None, action: str, subject_kind: str, subject_id: str, data: dict[str, Any]
) -> AuditEntry:
    """Enter into the log what staff did elsewhere in the server; part of their transaction.

    actor: None for the command line.
    data: shown as words: `before` and `after` as changes, `note`, `step`.
    """
    return record(actor, action, subject_kind, subject_id, data)


def record(
    actor: User | None, action: str, subject_kind: str, subject_id: str, data: dict[str, Any]
) -> AuditEntry:
    return AuditEntry.objects.create(
        actor=actor, action=action, subject_kind=subject_kind, subject_id=subject_id, data=data
    )
