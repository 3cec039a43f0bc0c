"""An operator's facts about one person: how things are, never what they wrote or made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Count, Q

from accounts import (
    credit,
    ledger,
    person_limits,
    roles,
    second_factor,
    security,
    services,
    session_list,
    suspension,
)
from accounts.models import LedgerEntry, MailAddress, PersonLimits, TokenFamily, User
from core import clock
from creations.models import Share
from moderation import audit_labels
from moderation.models import STRIKE, USER, AuditEntry, Sanction
from runs.models import Run
from templates_app.models import Template

MOVEMENTS_SHOWN: Final = 10
CHANGES_SHOWN: Final = 10
_MOVED: Final = {
    "grant": ("Granted", "Taken"),
    "reserve": ("Held for a run", "Held for a run"),
    "settle": ("Given back", "Used"),
    "release": ("Given back", "Used"),
}


@dataclass(frozen=True, slots=True)
class Movement:
    """One entry of the ledger. run: the public id of its run; empty where it is no more."""

    entry: LedgerEntry
    what: str
    run: str

    @property
    def milli(self) -> int:
        return self.entry.milli


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """All of the page of a person that is read from the database."""

    person: User
    mail: MailAddress | None
    roles: Sequence[str]
    has_second_factor: bool
    has_password: bool
    sessions: int
    keys: int
    programs: int
    limits: person_limits.Limits
    own: PersonLimits
    usual: person_limits.Limits
    balance_milli: int
    used_today_milli: int
    movements: Sequence[Movement]
    unfinished: int
    templates: int
    published: int
    creations: int
    suspended_until: Any
    strikes: int
    events: Sequence[Any]
    changes: Sequence[tuple[AuditEntry, str, list[tuple[str, str]]]]


def facts_of(person: User) -> PersonFacts:
    """One person, as stored now."""
    now = clock.now()
    templates = Template.objects.filter(owner=person, deleted_at=None).aggregate(
        all=Count("pk"), open=Count("pk", filter=Q(visibility="public"))
    )
    return PersonFacts(
        person=person,
        mail=MailAddress.objects.filter(person=person).first(),
        roles=roles.roles_of(person),
        has_second_factor=second_factor.is_on(person),
        has_password=person.has_usable_password(),
        sessions=len(session_list.living(person)),
        keys=services.working_keys(person).count(),
        programs=TokenFamily.objects.filter(user=person, ended_at=None, expires_at__gt=now).count(),
        limits=person_limits.limits_of(person),
        own=person_limits.own_limits(person),
        usual=person_limits.usual_limits(),
        balance_milli=ledger.balance(person),
        used_today_milli=ledger.used_since(credit.day_began(), user_id=person.pk),
        movements=movements_of(person),
        unfinished=Run.objects.filter(owner=person, finished_at=None).count(),
        templates=templates["all"],
        published=templates["open"],
        creations=Share.objects.filter(owner=person, ended_at=None).count(),
        suspended_until=suspension.suspended_until(person),
        strikes=Sanction.objects.filter(
            person=person, kind=STRIKE, ended_at=None, expires_at__gt=now
        ).count(),
        events=list(security.recent(person)),
        changes=changes_of(person),
    )


def movements_of(person: User) -> list[Movement]:
    """The latest entries of a person's ledger, newest first."""
    rows = LedgerEntry.objects.filter(user=person).order_by("-created_at", "-id")
    entries = list(rows[:MOVEMENTS_SHOWN])
    run_of_entry = {entry.pk: run for entry in entries if (run := _run_of(entry.ref)) is not None}
    there = dict(Run.objects.filter(pk__in=run_of_entry.values()).values_list("pk", "public_id"))
    return [
        Movement(
            entry, _MOVED[entry.kind][entry.milli < 0], there.get(run_of_entry.get(entry.pk, 0), "")
        )
        for entry in entries
    ]


def changes_of(person: User) -> list[tuple[AuditEntry, str, list[tuple[str, str]]]]:
    """List operators' and owners' changes to an account, newest first; not moderators'."""
    rows = (
        AuditEntry.objects.filter(subject_kind=USER, subject_id=person.public_id)
        .filter(Q(action__startswith="person.") | Q(action__in=audit_labels.ROLE_ACTIONS))
        .select_related("actor")
        .order_by("-id")
    )
    return [
        (entry, audit_labels.action_title(entry.action), audit_labels.details(entry.data))
        for entry in rows[:CHANGES_SHOWN]
    ]


def _run_of(ref: str) -> int | None:
    """The row of the run that an entry is about."""
    kind, _, rest = ref.partition(":")
    run = rest.partition(":")[0]
    return int(run) if kind == "run" and run.isdigit() else None
