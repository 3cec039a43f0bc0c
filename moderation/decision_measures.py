"""The measures that go with a decision: a strike, a suspension, and how far beyond its subject it
reaches."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.names import SYSTEM
from core import errors
from moderation.subjects import Subject


@dataclass(frozen=True, slots=True)
class Measures:
    """The measures that go with a decision. remixes, holders, same_media: see `decision_scope`.
    suspend_days: one of `sanctions.SUSPENSIONS`, or 0."""

    strike: bool = False
    suspend_days: int = 0
    remixes: bool = False
    holders: bool = False
    same_media: bool = False


NO_MEASURES = Measures()


def check(measures: Measures, *, upholds: bool) -> None:
    """Raise InvalidInput for what goes with a decision that finds no problem."""
    if upholds:
        return
    for field in ("strike", "suspend_days", "remixes", "holders", "same_media"):
        if getattr(measures, field):
            raise wrong(field, "Only with a decision that finds a problem.")


def check_person(subject: Subject, measures: Measures) -> None:
    """Raise InvalidInput where there is no person to give a strike to, or to suspend."""
    # The server's account owns all samples; a file may be no one's.
    if subject.owner.pk is not None and subject.owner.username != SYSTEM:
        return
    for field in ("strike", "suspend_days"):
        if getattr(measures, field):
            raise wrong(field, "Not for what is the server's own or no one's.")


def wrong(field: str, problem: str) -> errors.InvalidInput:
    """An error about one field of a decision."""
    return errors.InvalidInput(problem, details={"issues": [{"path": field, "message": problem}]})
