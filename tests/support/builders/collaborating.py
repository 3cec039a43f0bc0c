"""Several people on one template: invited, and accepted."""

from __future__ import annotations

from accounts.models import User
from templates_app.documents import invitations
from templates_app.models import EDITOR


def let_in(owner: User, public_id: str, person: User, role: str = EDITOR) -> None:
    """Let a person work on another person's template."""
    sent = invitations.invite(actor=owner, public_id=public_id, username=person.username, role=role)
    assert sent is not None
    invitations.accept(actor=person, invitation_id=sent.pk)
