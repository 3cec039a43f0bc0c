"""People who leave."""

from __future__ import annotations

from accounts.models import User
from builder.shared import account_changes


def delete_account(*, user: User) -> None:
    """Delete it, and all that workers delete after the answer."""
    account_changes.delete_account(user=user)
    finish_deletions()


def finish_deletions() -> None:
    """Do what workers do, until nothing of those who left is there."""
    while account_changes.finish_deletions() == 0:
        pass
