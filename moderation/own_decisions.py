"""Decisions about a person and what is theirs, as that person reads them.

No moderator is named here, and of things of other people nothing is told.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from accounts.models import User
from core import clock, errors
from core.paging import Page, next_offset
from moderation import (
    appeals,
    decision_scope,
    notifications,
    reasons,
    sanctions,
    selectors,
    subjects,
)
from moderation.appeals import Right
from moderation.models import (
    AUTO_HIDE,
    HIDE,
    LIFT,
    MEDIA,
    OVERTURN,
    RESTORE,
    STRIKE,
    SUSPENSION,
    TAKE_DOWN,
    USER,
    WARN,
    Appeal,
    Decision,
    Effect,
    Sanction,
)
from moderation.subjects import Subject

# That a report was dismissed is not told: it would only say that there was one.
TOLD_ACTIONS: Final = (HIDE, AUTO_HIDE, TAKE_DOWN, WARN, RESTORE, LIFT)
_TITLES: Final = {
    HIDE: "Hidden",
    AUTO_HIDE: "Hidden pending review",
    TAKE_DOWN: "Taken down",
    WARN: "Warning",
    RESTORE: "Visible again",
    LIFT: "Suspension ended",
}


@dataclass(frozen=True, slots=True)
class Thing:
    """Something that a decision is about. page: where its owner finds it, or ""."""

    noun: str
    name: str
    page: str


@dataclass(frozen=True, slots=True)
class OwnDecision:
    """A decision about a person or something of theirs.

    title: what was done. tone: "bad", "wait" or "ok". things: of theirs, the subject at the front.
    message: of the moderator, where the decision is about this person; else the usual words.
    measures: strikes and suspensions with their ends. ended: why it doesn't hold any more, or "".
    """

    id: int
    title: str
    tone: str
    things: tuple[Thing, ...]
    files: int
    reason: str
    message: str
    at: datetime
    measures: tuple[str, ...]
    ended: str
    right: Right


@dataclass(frozen=True, slots=True)
class Standing:
    """A person's standing now. strikes: when each expires, the first at the front."""

    strikes: tuple[datetime, ...]
    suspends_at: int = sanctions.STRIKES_SUSPEND
    suspend_days: int = sanctions.STRIKES_SUSPEND_DAYS


def standing(person: User) -> Standing:
    strikes = sanctions.holding(person, STRIKE).order_by("expires_at")
    return Standing(tuple(strikes.values_list("expires_at", flat=True)))


def has_any(person: User) -> bool:
    """Return whether there is anything to read, for the link to it."""
    return bool(_numbers(person))


def listed(person: User, page: Page) -> tuple[list[OwnDecision], int | None]:
    """A page of the decisions about a person, newest first, and where the next one begins."""
    numbers = sorted(_numbers(person), reverse=True)[page.window]
    following = next_offset(page, len(numbers) > page.limit)
    return _decisions_of(person, numbers[: page.limit]), following


def exported(person: User) -> list[dict[str, Any]]:
    """All of them, with their appeals, as someone may take them with them."""
    return [
        {
            "id": one.id,
            "decision": one.title,
            "about": [{"kind": thing.noun, "name": thing.name} for thing in one.things],
            "reason": one.reason,
            "message": one.message,
            "strikesAndSuspensions": list(one.measures),
            "ended": one.ended,
            "createdAt": clock.iso(one.at),
            "appeal": _exported_appeal(one.right.appeal),
        }
        for one in _decisions_of(person, sorted(_numbers(person), reverse=True))
    ]


def _exported_appeal(appeal: Appeal | None) -> dict[str, Any] | None:
    if appeal is None:
        return None
    return {
        "text": appeal.text,
        "createdAt": clock.iso(appeal.created_at),
        "outcome": appeal.outcome or "waiting",
        "answer": appeal.answer,
        "answeredAt": clock.iso_or_none(appeal.decided_at),
    }


def one(person: User, number: int) -> OwnDecision:
    """Raises NotFound for a decision that is not about this person, or not told."""
    if number not in _numbers(person):
        raise errors.NotFound
    return _decisions_of(person, [number])[0]


def _numbers(person: User) -> set[int]:
    """The decisions that are told to a person. Few, so that they are read at once."""
    about = Decision.objects.filter(case__owner=person, action__in=TOLD_ACTIONS)
    beside = decision_scope.effects_on(person).filter(decision__action__in=TOLD_ACTIONS)
    return {
        *about.values_list("pk", flat=True),
        *beside.values_list("decision_id", flat=True),
    }


def _decisions_of(person: User, numbers: Sequence[int]) -> list[OwnDecision]:
    rows = Decision.objects.filter(pk__in=numbers).select_related("case", "undone_by")
    decisions = list(rows.order_by("-id"))
    about = [row.case for row in decisions if row.case.owner_id == person.pk]
    facts = _Facts(
        person,
        subjects.subjects_of({case.pk: case for case in about}.values()),
        decision_scope.owned(decisions, person),
        _files(decisions, person),
        list(Sanction.objects.filter(person=person).order_by("id")),
        appeals.rights_of(person, decisions),
        selectors.latest_of([row.case_id for row in decisions]),
    )
    return [facts.tell(row) for row in decisions]


def _files(decisions: Collection[Decision], person: User) -> dict[int, int]:
    counts: dict[int, int] = {}
    mine = [row.pk for row in decisions if row.case.owner_id == person.pk]
    effects = Effect.objects.filter(decision__in=mine, subject_kind=MEDIA, after="removed")
    for number in effects.values_list("decision_id", flat=True):
        counts[number] = counts.get(number, 0) + 1
    for row in decisions:
        # What was blocked beside a file is counted with it.
        if row.pk in counts and row.case.subject_kind == MEDIA:
            counts[row.pk] += 1
    return counts


@dataclass(frozen=True, slots=True)
class _Facts:
    """The facts that are read at once for some decisions. latest: by case, the decision that
    holds."""

    person: User
    subjects: Mapping[int, Subject]
    beside: Mapping[int, Sequence[Subject]]
    files: Mapping[int, int]
    sanctions: Sequence[Sanction]
    rights: Mapping[int, Right]
    latest: Mapping[int, int]

    def tell(self, decision: Decision) -> OwnDecision:
        is_about = decision.case.owner_id == self.person.pk
        things = [_thing(one) for one in self.beside.get(decision.pk, ())]
        message = decision.message
        if is_about:
            things.insert(0, self._subject(decision))
        else:
            # What the moderator wrote is for the owner of its subject, and names that.
            first = things[0]
            message = notifications.author_message(
                decision.action, first.name, decision.reason, first.noun
            )
        ending = self._ending(decision, is_about=is_about)
        return OwnDecision(
            decision.pk,
            _title(decision, is_over=bool(ending)),
            _tone(decision.action),
            tuple(things),
            self.files.get(decision.pk, 0),
            "" if decision.action in (RESTORE, LIFT) else reasons.title(decision.reason),
            message,
            decision.created_at,
            tuple(
                _measure(row, self.sanctions)
                for row in self.sanctions
                if row.decision_id == decision.pk
            ),
            ending,
            self.rights[decision.pk],
        )

    def _subject(self, decision: Decision) -> Thing:
        case = decision.case
        if case.subject_kind == USER:
            return Thing("account", "Your account", "")
        subject = self.subjects.get(case.pk)
        if case.subject_kind == MEDIA:
            return Thing("file", "A file you shared", "")
        if subject is None:
            return Thing(subjects.KINDS[case.subject_kind].noun, case.title or "Deleted", "")
        return _thing(subject)

    def _ending(self, decision: Decision, *, is_about: bool) -> str:
        reversal = getattr(decision, "undone_by", None)
        if reversal is not None:
            how = "Overturned after an appeal" if reversal.action == OVERTURN else "Undone"
            return f"{how} on {day(reversal.created_at)}"
        appeal = self.rights[decision.pk].appeal
        if appeal is not None and appeal.outcome == "overturned" and appeal.decided_at is not None:
            return f"Overturned for your work on {day(appeal.decided_at)}"
        if is_about and self.latest.get(decision.case_id, decision.pk) != decision.pk:
            return "Replaced by a later decision"
        return ""


def _thing(subject: Subject) -> Thing:
    return Thing(subject.noun, subject.name, subject.own_page)


def _title(decision: Decision, *, is_over: bool) -> str:
    if decision.case.subject_kind == MEDIA:
        return "Blocked" if decision.action == TAKE_DOWN else "Available again"
    if decision.action == AUTO_HIDE and is_over:
        return "Hidden automatically"
    return _TITLES[decision.action]


def _tone(action: str) -> str:
    return {TAKE_DOWN: "bad", WARN: "bad", RESTORE: "ok", LIFT: "ok"}.get(action, "wait")


def _measure(row: Sanction, rows: Sequence[Sanction]) -> str:
    """Say what a sanction is and when it ends or ended."""
    if row.kind == SUSPENSION:
        what = "Suspended"
    else:
        what = f"Strike {_number(row, rows)} of {sanctions.STRIKES_SUSPEND}"
    if row.ended_at is not None:
        return f"{what}, ended on {day(row.ended_at)}"
    if row.expires_at <= clock.now():
        return f"{what}, over since {day(row.expires_at)}"
    return f"{what}, until {day(row.expires_at)}"


def _number(strike: Sanction, rows: Sequence[Sanction]) -> int:
    """Count the strikes that held when this one was given, with it."""
    at = strike.created_at
    return sum(
        row.kind == STRIKE
        and row.pk <= strike.pk
        and row.expires_at > at
        and (row.ended_at is None or row.ended_at > at)
        for row in rows
    )


def day(at: datetime) -> str:
    """A day as people read it: `6 December 2026`."""
    return f"{at.day} {at:%b %Y}"
