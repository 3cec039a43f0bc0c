"""Whose steps begin no further: people who are suspended, and those whose account is closed.

Nothing is written about their runs, so all go on when the suspension is over or the account is
opened again.
"""

from __future__ import annotations

import time
from collections.abc import Collection
from typing import Any, Final

from accounts.names import SYSTEM
from accounts.suspension import suspended_people
from core import clock
from runs.models import Run

# How long a process goes without asking whose account is closed, in seconds.
_KNOWN_S: Final = 0.5

# Whether a person is one of them, by their primary key; with the parameters of `held_values`.
HELD_SQL: Final = """EXISTS (
        SELECT 1 FROM accounts_user person WHERE person.id = {owner} AND (
            person.suspended_until > %(held_at)s
            OR NOT person.is_active AND person.username <> %(samples)s
        )
    )"""


class _ClosedAccounts:
    """Those with an unfinished run whose account is closed, as this process last read."""

    def __init__(self) -> None:
        self._read_at = float("-inf")
        self._people: frozenset[int] = frozenset()

    def forget(self) -> None:
        self._read_at = float("-inf")

    def get(self) -> frozenset[int]:
        if time.monotonic() - self._read_at > _KNOWN_S:
            # Before the query: what is written while it runs is read again in time.
            began = time.monotonic()
            # From the index of the few unfinished runs: people have none by this column. Samples
            # are of an account that no one signs in to.
            rows = Run.objects.filter(finished_at=None, owner__is_active=False)
            rows = rows.exclude(owner__username=SYSTEM)
            self._people = frozenset(rows.values_list("owner_id", flat=True).distinct())
            self._read_at = began
        return self._people


_closed_accounts = _ClosedAccounts()


def held_people() -> frozenset[int]:
    """Their primary keys, at most half a second ago."""
    return suspended_people() | _closed_accounts.get()


def held_values(people: Collection[int]) -> dict[str, Any]:
    """The parameters of a statement with HELD_SQL; none where no one is held."""
    return {"held_at": clock.now(), "samples": SYSTEM} if people else {}


def forget_closed_accounts() -> None:
    """This process has closed or opened an account: have it hold here at once."""
    _closed_accounts.forget()
