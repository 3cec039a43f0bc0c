"""Reports, decisions and moderators for tests."""

from __future__ import annotations

from typing import Any

from django.db import connection

from accounts.models import User
from moderation import moderators, reporting, services
from moderation.models import AuditEntry, Case, Decision
from moderation.services import Measures
from templates_app.models import Template
from tests.support.builders.factories import make_user


def make_moderator(user: User) -> User:
    """Let this person moderate, as the command does."""
    moderators.give(user=user, role=moderators.MODERATOR)
    return user


def report(template: Template, *reporters: User, reason: str = "spam", note: str = "") -> Case:
    """Each of these people reports the template; its case."""
    for reporter in reporters:
        reporting.report_template(
            actor=reporter, public_id=template.public_id, reason=reason, note=note
        )
    return case_of(template)


def crowd(count: int, name: str = "reporter") -> list[User]:
    return [make_user(f"{name}{number}") for number in range(count)]


def case_of(template: Template) -> Case:
    """The latest case about a template."""
    return Case.objects.filter(subject_id=str(template.pk)).latest("pk")


def decide(
    actor: User,
    case: Case,
    action: str,
    *,
    reason: str = "spam",
    note: str = "",
    message: str = "",
    **measures: Any,
) -> Decision:
    """Decide about a case as it is by now. measures: those of `Measures`."""
    case.refresh_from_db()
    return services.decide(
        actor=actor,
        case=case,
        version=case.version,
        action=action,
        reason=reason,
        note=note,
        message=message,
        measures=Measures(**measures),
    )


def undo(actor: User, decision: Decision, note: str = "") -> Decision:
    """Take back a decision about a case as it is by now."""
    version = Case.objects.get(pk=decision.case_id).version
    return services.undo(actor=actor, decision=decision, version=version, note=note)


def forget_the_log() -> None:
    """Empty the audit log as only anyone who owns the database can: its guard is taken off.

    Tests whose rows are really committed are cleaned up by DELETE on SQLite, which the log refuses.
    """
    if connection.vendor != "sqlite":
        return  # There the clean-up is TRUNCATE, which fires no row trigger.
    with connection.cursor() as cursor:
        cursor.execute("SELECT sql FROM sqlite_master WHERE name = 'moderation_audit_no_delete'")
        [(guard,)] = cursor.fetchall()
        cursor.execute("DROP TRIGGER moderation_audit_no_delete")
        AuditEntry.objects.all().delete()
        cursor.execute(guard)
