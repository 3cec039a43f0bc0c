"""A decision is appealed once by each it concerns, and another moderator answers."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import User
from accounts.suspension import suspended_until
from core import errors
from moderation import appeals, selectors
from moderation.models import Appeal, AuditEntry, Case, Decision, Effect, Report, Sanction
from notices.models import Notice
from templates_app.lifecycle import forking
from templates_app.models import Template
from tests.support.builders.factories import make_user
from tests.support.builders.moderation import decide, undo
from tests.support.builders.templates import HOSTS

pytestmark = pytest.mark.django_db


def appeal(person: User, decision: Decision) -> Appeal:
    return appeals.file(person=person, decision=decision, text="They agreed in writing.")


def answer(actor: User, made: Appeal, outcome: str = "overturned", **more: Any) -> Appeal:
    case = Case.objects.get(pk=made.decision.case_id)
    return appeals.answer(
        actor=actor, appeal=made, **{"version": case.version, "outcome": outcome, **more}
    )


def state(template: Template) -> str:
    template.refresh_from_db()
    return template.moderation


def test_overturned_all_is_as_it_was_and_the_case_stays_closed(
    case: Case, moderator: User, colleague: User, alice: User, bob: User, open_template: Template
) -> None:
    before = Template.objects.filter(pk=open_template.pk).values().get()
    decision = decide(moderator, case, "take_down", strike=True, suspend_days=7)
    made = appeal(alice, decision)
    answer(colleague, made, text="Sorry, you were right.")
    alice.refresh_from_db()
    case.refresh_from_db()
    made.refresh_from_db()
    assert Template.objects.filter(pk=open_template.pk).values().get() == before
    assert (suspended_until(alice), case.state) == (None, "dismissed")
    assert not Sanction.objects.filter(ended_at=None).exists()
    assert (made.outcome, made.decided_by, made.answer) == (
        "overturned",
        colleague,
        "Sorry, you were right.",
    )
    told = Notice.objects.filter(person=alice, about=f"appeal:{made.pk}").get()
    assert told.url == f"/me/decisions/{decision.pk}"
    actions = list(AuditEntry.objects.order_by("pk").values_list("action", flat=True))
    assert actions[-4:] == ["case.take_down", "appeal.file", "case.overturn", "appeal.overturned"]
    # The reporter was wrong after all.
    assert selectors.record_of(bob) == (0, 1)
    assert Report.objects.get().answer.action == "overturn"


def test_a_decision_about_someone_else_is_not_found(case: Case, moderator: User, bob: User) -> None:
    with pytest.raises(errors.NotFound):
        appeal(bob, decide(moderator, case, "hide"))


def test_what_took_nothing_away_is_not_appealed(case: Case, moderator: User, alice: User) -> None:
    with pytest.raises(errors.Conflict, match="can't be appealed"):
        appeal(alice, decide(moderator, case, "dismiss"))


def test_a_newer_decision_closes_the_appeal_and_can_be_appealed(
    case: Case, moderator: User, alice: User
) -> None:
    made = appeal(alice, decide(moderator, case, "hide"))
    newer = decide(moderator, case, "take_down")
    made.refresh_from_db()
    assert made.outcome == "superseded"
    assert appeals.right_of(alice, newer).may
    assert appeal(alice, newer).outcome == ""


def test_undoing_answers_the_appeal(case: Case, moderator: User, alice: User) -> None:
    decision = decide(moderator, case, "hide")
    made = appeal(alice, decision)
    undo(moderator, decision)
    made.refresh_from_db()
    assert made.outcome == "overturned"
    assert Notice.objects.filter(person=alice, about=f"appeal:{made.pk}").exists()


def test_the_author_of_a_remix_gets_theirs_back_and_the_rest_stays(
    open_template: Template, case: Case, moderator: User, colleague: User
) -> None:
    carl, dora = make_user("carl"), make_user("dora")
    one, other = (
        forking.fork_template(
            actor=person, public_id=open_template.public_id, own_hosts=HOSTS
        ).template
        for person in (carl, dora)
    )
    decision = decide(moderator, case, "take_down", remixes=True)
    assert Effect.objects.count() == 2
    answer(colleague, appeal(carl, decision))
    assert [state(template) for template in (open_template, one, other)] == [
        "removed",
        "visible",
        "removed",
    ]
    # The decision itself still holds, and can be undone without touching what came back.
    undo(moderator, decision)
    assert [state(template) for template in (open_template, one, other)] == ["visible"] * 3
