"""Owners whose steps must not start: suspended or closed accounts, and at one provider those of a
cooldown.

Nothing is written about their runs, so all go on when the suspension is over, the account is opened
again, or the cooldown has ended.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from accounts.names import SYSTEM
from accounts.suspension import suspended_people
from core import clock
from core.recent_reading import RecentReading
from runs.engine import cooldowns
from runs.models import Cooldown, Run

# Whether a person is one of them at a provider; with the parameters of `Held.values`.
HELD_SQL: Final = """(
        EXISTS (
            SELECT 1 FROM accounts_user person WHERE person.id = {owner} AND (
                person.suspended_until > %(held_at)s
                OR NOT person.is_active AND person.username <> %(samples)s
            )
        ) OR EXISTS (
            SELECT 1 FROM runs_cooldown cooldown WHERE cooldown.provider = {provider}
                AND cooldown.owner_id = {owner} AND cooldown.until > %(held_at)s
        )
    )"""


@dataclass(frozen=True, slots=True)
class Held:
    """people: by primary key. at_providers: cooldowns by provider and person, None: everyone."""

    people: frozenset[int] = frozenset()
    at_providers: Mapping[tuple[str, int | None], Cooldown] = field(default_factory=dict)

    @property
    def providers(self) -> frozenset[str]:
        """Those at which no one begins anything."""
        return frozenset(provider for provider, owner in self.at_providers if owner is None)

    @property
    def is_anyone(self) -> bool:
        """Return whether it holds any person, anywhere."""
        return bool(self.people) or any(owner is not None for _, owner in self.at_providers)

    def holds(self, provider: str, owner: int | None) -> bool:
        """Return whether a step of this person may not begin at a provider."""
        return owner in self.people or self.cooldown(provider, owner) is not None

    def cooldown(self, provider: str, owner: int | None) -> Cooldown | None:
        """Return what holds a person's steps at a provider, where it is a cooldown."""
        everyones = self.at_providers.get((provider, None))
        return everyones or self.at_providers.get((provider, owner))

    def people_at(self, provider: str) -> frozenset[int]:
        """Return whom it holds at a provider."""
        cooling = (owner for name, owner in self.at_providers if name == provider)
        return self.people.union(owner for owner in cooling if owner is not None)

    @property
    def values(self) -> dict[str, Any]:
        """The parameters of a statement with HELD_SQL; none where it holds no one."""
        return {"held_at": clock.now(), "samples": SYSTEM} if self.is_anyone else {}


def _read_closed_accounts() -> frozenset[int]:
    """Read who has an unfinished run and a closed account."""
    # From the index of the few unfinished runs: people have none by this column. Samples are of an
    # account that no one signs in to.
    rows = Run.objects.filter(finished_at=None, owner__is_active=False)
    rows = rows.exclude(owner__username=SYSTEM)
    return frozenset(rows.values_list("owner_id", flat=True).distinct())


_closed_accounts = RecentReading(_read_closed_accounts)


def held_people() -> frozenset[int]:
    """Their primary keys, at most half a second ago."""
    return suspended_people() | _closed_accounts.get()


def current_holds() -> Held:
    """Return them with the cooldowns, at most half a second ago."""
    return Held(held_people(), cooldowns.current())


def forget_closed_accounts() -> None:
    """This process has closed or opened an account: have it hold here at once."""
    _closed_accounts.forget()
