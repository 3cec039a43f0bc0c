"""The limits of one person's use: what an operator set for them, else this server's numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.db import transaction

from accounts.models import PersonLimits, User
from core import server_settings
from core.raw_sql import Statement

# More than any server has, and far below what the columns hold.
MOST_DAILY_MILLI: Final = 10**12
MOST_STORAGE_BYTES: Final = 10**15
MOST_ACTIVE_RUNS: Final = 10_000

# At every start and upload.
_OWN: Final = Statement(
    """
    SELECT daily_milli, storage_bytes, active_runs FROM accounts_personlimits
    WHERE person_id = %(person)s
    """
)


@dataclass(frozen=True, slots=True)
class Limits:
    """None: no limit. 0: none at all.

    daily_milli: thousandths of a unit of credit on one UTC day. active_runs: unfinished at once.
    """

    daily_milli: int | None
    storage_bytes: int | None
    active_runs: int


def limits_of(person: User | int) -> Limits:
    """Return what holds for this person now."""
    person_id = person.pk if isinstance(person, User) else person
    usual = usual_limits()
    for daily, storage, active in _OWN.rows(person=person_id):
        return Limits(
            daily_milli=usual.daily_milli if daily is None else daily,
            storage_bytes=usual.storage_bytes if storage is None else storage,
            active_runs=usual.active_runs if active is None else active,
        )
    return usual


def usual_limits() -> Limits:
    """Return what holds for everyone without numbers of their own. 0 in a setting is "no limit"."""
    daily, storage = _setting("DAILY_UNITS"), _setting("STORAGE_PER_USER_BYTES")
    return Limits(daily * 1000 or None, storage or None, _setting("ACTIVE_RUNS_PER_USER"))


def own_limits(person: User | int) -> PersonLimits:
    """Return what an operator set for this person; a row that isn't stored where nothing was
    set."""
    person_id = person.pk if isinstance(person, User) else person
    row = PersonLimits.objects.filter(pk=person_id).first()
    return row or PersonLimits(person_id=person_id)


def set_limits(
    person: User, *, daily_milli: int | None, storage_bytes: int | None, active_runs: int | None
) -> None:
    """Set a person's own numbers; None: as for everyone. They hold from the next request on."""
    with transaction.atomic():
        if daily_milli is storage_bytes is active_runs is None:
            PersonLimits.objects.filter(pk=person.pk).delete()
            return
        PersonLimits.objects.update_or_create(
            person=person,
            defaults={
                "daily_milli": daily_milli,
                "storage_bytes": storage_bytes,
                "active_runs": active_runs,
            },
        )


def _setting(name: str) -> int:
    return int(server_settings.value(name))
