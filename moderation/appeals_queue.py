"""Appeals that wait, as decisions change what they are about."""

from __future__ import annotations

from accounts.models import User
from core import clock
from moderation.decision_notices import page_of
from moderation.models import Appeal, Case, Decision
from notices import create_notice

SUPERSEDED_TEXT = "There's a newer decision. You can appeal that one."
GRANTED_TEXT = "The decision was undone."


def supersede(case: Case, decision: Decision) -> None:
    """Close the appeals against earlier decisions of a case: the new one counts. Part of its
    transaction."""
    waiting = Appeal.objects.filter(decision__case=case, decided_at=None)
    for appeal in waiting.exclude(decision=decision).select_for_update(of=("self",)):
        _close(appeal, decision.actor, "superseded", SUPERSEDED_TEXT)


def grant(decision: Decision, actor: User, *, besides: Appeal | None = None) -> None:
    """Close the appeals against a decision that is undone, for those who appealed.

    besides: one that is answered just now.
    """
    waiting = Appeal.objects.filter(decision=decision, decided_at=None)
    if besides is not None:
        waiting = waiting.exclude(pk=besides.pk)
    for appeal in waiting.select_for_update(of=("self",)):
        _close(appeal, actor, "overturned", GRANTED_TEXT)


def _close(appeal: Appeal, actor: User, outcome: str, text: str) -> None:
    appeal.decided_by, appeal.decided_at = actor, clock.now()
    appeal.outcome, appeal.answer = outcome, text
    appeal.save(update_fields=["decided_by", "decided_at", "outcome", "answer"])
    tell_person(appeal)


def tell_person(appeal: Appeal) -> None:
    """Tell who appealed what came of it. Part of the transaction."""
    texts = {
        "upheld": "We reviewed your appeal. The decision stays.",
        "overturned": "We reviewed your appeal. The decision was overturned.",
        "superseded": SUPERSEDED_TEXT,
    }
    create_notice.tell(
        appeal.person_id,
        "moderation",
        about=f"appeal:{appeal.pk}",
        text=texts[appeal.outcome],
        url=page_of(appeal.decision_id),
    )
