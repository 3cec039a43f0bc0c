"""A decision is appealed once by each it concerns, and another moderator answers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from accounts.models import User
from accounts.suspension import suspended_until
from core import clock, errors
from moderation import appeals, selectors, services
from moderation.models import Appeal, AuditEntry, Case, Decision, Effect, Report, Sanction
from moderation.services import Measures
from notices.models import Notice
from templates_app.lifecycle import forking
from templates_app.models import Template
from tests.support.builders.factories import make_user
from tests.support.builders.moderation import make_moderator, report
from tests.support.builders.templates import HOSTS

pytestmark = pytest.mark.django_db


@pytest.fixture
def second(db: None) -> User:
    return make_moderator(make_user("max"))


@pytest.fixture
def case(open_template: Template, bob: User) -> Case:
    return report(open_template, bob, reason="privacy")


def decide(actor: User, case: Case, action: str = "hide", **measures: Any) -> Decision:
    case.refresh_from_db()
    return services.decide(
        actor=actor,
        case=case,
        version=case.version,
        action=action,
        reason="privacy",
        measures=Measures(**measures),
    )


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
    case: Case, moderator: User, second: User, alice: User, bob: User, open_template: Template
) -> None:
    before = Template.objects.filter(pk=open_template.pk).values().get()
    decision = decide(moderator, case, "take_down", strike=True, suspend_days=7)
    made = appeal(alice, decision)
    answer(second, made, text="Sorry, you were right.")
    alice.refresh_from_db()
    case.refresh_from_db()
    made.refresh_from_db()
    assert Template.objects.filter(pk=open_template.pk).values().get() == before
    assert (suspended_until(alice), case.state) == (None, "dismissed")
    assert not Sanction.objects.filter(ended_at=None).exists()
    assert (made.outcome, made.decided_by, made.answer) == (
        "overturned",
        second,
        "Sorry, you were right.",
    )
    told = Notice.objects.filter(person=alice, about=f"appeal:{made.pk}").get()
    assert told.url == f"/me/decisions/{decision.pk}"
    actions = list(AuditEntry.objects.order_by("pk").values_list("action", flat=True))
    assert actions[-4:] == ["case.take_down", "appeal.file", "case.overturn", "appeal.overturned"]
    # The reporter was wrong after all.
    assert selectors.record_of(bob) == (0, 1)
    assert Report.objects.get().answer.action == "overturn"


def test_upheld_nothing_changes_and_it_is_not_appealed_again(
    case: Case, moderator: User, second: User, alice: User, open_template: Template
) -> None:
    decision = decide(moderator, case)
    made = appeal(alice, decision)
    answer(second, made, "upheld")
    assert state(open_template) == "quarantined"
    with pytest.raises(errors.Conflict, match="already"):
        appeal(alice, decision)
    with pytest.raises(services.AlreadyDecided):
        answer(second, made)


def test_who_decided_or_is_concerned_does_not_answer(
    case: Case, moderator: User, alice: User, bob: User
) -> None:
    decision = decide(moderator, case)
    made = appeal(alice, decision)
    make_moderator(alice)
    for person in (moderator, alice, bob):
        with pytest.raises(errors.Forbidden):
            answer(person, made)
    assert Appeal.objects.get().outcome == ""


def test_a_suspended_person_may_appeal(case: Case, moderator: User, alice: User) -> None:
    decision = decide(moderator, case, suspend_days=7)
    alice.refresh_from_db()
    assert suspended_until(alice) is not None
    assert appeal(alice, decision).outcome == ""


def test_a_decision_about_someone_else_is_not_found(case: Case, moderator: User, bob: User) -> None:
    with pytest.raises(errors.NotFound):
        appeal(bob, decide(moderator, case))


@pytest.mark.parametrize("action", ["dismiss"])
def test_what_took_nothing_away_is_not_appealed(
    case: Case, moderator: User, alice: User, action: str
) -> None:
    with pytest.raises(errors.Conflict, match="can't be appealed"):
        appeal(alice, decide(moderator, case, action))


def test_after_fourteen_days_it_is_too_late(case: Case, moderator: User, alice: User) -> None:
    decision = decide(moderator, case)
    Decision.objects.filter(pk=decision.pk).update(
        created_at=clock.now() - appeals.LIFE - timedelta(seconds=1)
    )
    decision.refresh_from_db()
    assert not appeals.right_of(alice, decision).may
    with pytest.raises(errors.Conflict):
        appeal(alice, decision)


def test_a_newer_decision_closes_the_appeal_and_can_be_appealed(
    case: Case, moderator: User, alice: User
) -> None:
    made = appeal(alice, decide(moderator, case))
    newer = decide(moderator, case, "take_down")
    made.refresh_from_db()
    assert made.outcome == "superseded"
    assert appeals.right_of(alice, newer).may
    assert appeal(alice, newer).outcome == ""


def test_undoing_answers_the_appeal(case: Case, moderator: User, alice: User) -> None:
    decision = decide(moderator, case)
    made = appeal(alice, decision)
    case.refresh_from_db()
    services.undo(actor=moderator, decision=decision, version=case.version)
    made.refresh_from_db()
    assert made.outcome == "overturned"
    assert Notice.objects.filter(person=alice, about=f"appeal:{made.pk}").exists()


def test_an_answer_to_an_older_state_is_refused(
    case: Case, moderator: User, second: User, alice: User, open_template: Template
) -> None:
    made = appeal(alice, decide(moderator, case))
    with pytest.raises(services.AlreadyDecided):
        answer(second, made, version=1)
    assert state(open_template) == "quarantined"


@pytest.mark.parametrize("text", ["", "  ", "x" * 1001])
def test_an_appeal_says_why(case: Case, moderator: User, alice: User, text: str) -> None:
    decision = decide(moderator, case)
    with pytest.raises(errors.InvalidInput) as refused:
        appeals.file(person=alice, decision=decision, text=text)
    assert refused.value.details["issues"][0]["path"] == "text"


def test_the_author_of_a_remix_gets_theirs_back_and_the_rest_stays(
    open_template: Template, case: Case, moderator: User, second: User
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
    answer(second, appeal(carl, decision))
    assert [state(template) for template in (open_template, one, other)] == [
        "removed",
        "visible",
        "removed",
    ]
    # The decision itself still holds, and can be undone without touching what came back.
    case.refresh_from_db()
    services.undo(actor=moderator, decision=decision, version=case.version)
    assert [state(template) for template in (open_template, one, other)] == ["visible"] * 3
