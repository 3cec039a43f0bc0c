"""The frame of every change to a person's account: who may, one at a time, in the audit log."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from django.db import transaction

from accounts import roles
from accounts.client_address import ClientInfo, current_client
from accounts.models import User
from builder.staff.operator.people import selectors
from builder.staff.operator.services import check_operator
from core import errors
from moderation import audit_log
from moderation.models import NOTE_LENGTH, USER, AuditEntry

STAFF_STAYS: Final = (
    "Only owners can change the account of someone with a role. Ask an owner of this server."
)


@contextmanager
def changing(actor: User, person: User) -> Iterator[User]:
    """One transaction with the person's row locked, as it is now. Raises Forbidden, NotFound."""
    check_operator(actor)
    with transaction.atomic(), _as_the_server():
        row = (
            selectors.people().select_for_update(no_key=True, of=("self",)).filter(pk=person.pk)
        ).first()
        if row is None:
            raise errors.NotFound("There is no such person, or the account was deleted.")
        if not roles.may_change(actor, row):
            raise errors.Forbidden(STAFF_STAYS)
        yield row


def check_not_own(actor: User, person: User, instead: str) -> None:
    """Raise Forbidden for one's own account. instead: where that is done."""
    if actor.pk == person.pk:
        raise errors.Forbidden(f"This is your own account. {instead}")


def check_no_owner(person: User) -> None:
    if person.is_superuser:
        raise errors.Forbidden("An owner's account stays. Take the role Owner away first.")


def log(
    actor: User,
    action: str,
    person: User,
    *,
    note: str = "",
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    **more: Any,
) -> AuditEntry:
    """Enter a change in the audit log. Raises InvalidInput for a note that is too long."""
    own = {"own_account": "Yes"} if actor.pk == person.pk else {}
    return audit_log.enter(
        actor=actor,
        action=action,
        subject_kind=USER,
        subject_id=person.public_id,
        data={
            "before": dict(before or {}),
            "after": dict(after or {}),
            "note": cleaned_note(note),
            **own,
            **more,
        },
    )


def cleaned_note(note: str) -> str:
    note = note.replace("\x00", "").strip()
    if len(note) > NOTE_LENGTH:
        raise invalid("note", f"Too long: {len(note)} of {NOTE_LENGTH} characters. Shorten it.")
    return note


def invalid(field: str, said: str) -> errors.InvalidInput:
    """field: of the form; said: what is wrong and what would be right."""
    issues = [{"path": field, "message": said}]
    return errors.InvalidInput(said, details={"issues": issues})


@contextmanager
def _as_the_server() -> Iterator[None]:
    """The person reads their security events: an operator's address and browser aren't theirs."""
    token = current_client.set(ClientInfo())
    try:
        yield
    finally:
        current_client.reset(token)
