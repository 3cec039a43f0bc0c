"""Strikes expire, three suspend, and both end with the decision they came from."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from accounts.models import User
from accounts.suspension import suspended_until
from core import clock, errors
from moderation import case_work, moderators
from moderation.models import AuditEntry, Case, Sanction
from moderation.services import IllegalDecision
from notices.models import Notice
from templates_app.models import Template
from tests.support.builders.moderation import decide, report, undo
from tests.support.builders.templates import make_public

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def until(person: User) -> datetime | None:
    person.refresh_from_db()
    return suspended_until(person)


def days_left(person: User) -> int:
    ends = until(person)
    return 0 if ends is None else round((ends - clock.now()) / DAY)


@pytest.fixture
def case(moderator: User, alice: User) -> Case:
    return case_work.open_case_about(actor=moderator, person=alice)


def test_a_strike_is_told_with_its_number_and_its_end(
    case: Case, moderator: User, alice: User
) -> None:
    decision = decide(moderator, case, "warn", strike=True)
    [strike] = Sanction.objects.all()
    assert (strike.person, strike.kind, strike.decision) == (alice, "strike", decision)
    assert strike.expires_at - strike.created_at == 90 * DAY
    assert "This is strike 1 of 3. It expires on " in decision.message
    notice = Notice.objects.get(person=alice, kind="moderation")
    assert (notice.text, notice.url) == (decision.message, f"/me/decisions/{decision.pk}")
    assert until(alice) is None
    entry = AuditEntry.objects.get(action="case.warn")
    assert entry.data["strike"] == clock.iso(strike.expires_at)


def test_the_third_strike_suspends(moderator: User, alice: User, bob: User) -> None:
    first, second, third = (
        decide(
            moderator,
            report(make_public(alice, id=f"marsh-{number}", name=f"Marsh {number}"), bob),
            "hide",
            strike=True,
        )
        for number in range(3)
    )
    assert days_left(alice) == 30
    assert "strike 3 of 3" in third.message
    assert "Your account is suspended until " in third.message
    undo(moderator, third)
    assert (days_left(alice), Sanction.objects.filter(ended_at=None).count()) == (0, 2)
    assert first.sanctions.get().ended_at is None
    assert second.sanctions.get().ended_at is None


def test_an_expired_strike_counts_no_more(moderator: User, alice: User, bob: User) -> None:
    for number in range(2):
        template = make_public(alice, id=f"marsh-{number}", name=f"Marsh {number}")
        decide(moderator, report(template, bob), "hide", strike=True)
    Sanction.objects.filter(pk=Sanction.objects.first().pk).update(
        created_at=clock.now() - 91 * DAY, expires_at=clock.now() - DAY
    )
    template = make_public(alice, id="marsh-9", name="Marsh 9")
    third = decide(moderator, report(template, bob), "hide", strike=True)
    assert until(alice) is None
    assert "strike 2 of 3" in third.message


def test_the_longest_suspension_counts_and_each_ends_with_its_decision(
    case: Case, moderator: User, alice: User, bob: User, open_template: Template
) -> None:
    reported = report(open_template, bob)
    week = decide(moderator, case, "warn", suspend_days=7)
    year = decide(moderator, reported, "take_down", suspend_days=365)
    assert days_left(alice) == 365
    undo(moderator, year)
    assert days_left(alice) == 7
    undo(moderator, week)
    assert until(alice) is None
    # Nothing is left of the two but what happened.
    assert Sanction.objects.filter(ended_at=None).count() == 0


def test_a_suspension_is_lifted_and_the_lifting_undone(
    case: Case, moderator: User, alice: User, colleague: User
) -> None:
    decide(moderator, case, "warn", suspend_days=30)
    with pytest.raises(IllegalDecision):
        # Closed, and nothing is added.
        decide(moderator, case, "warn")
    lifted = decide(colleague, case, "lift")
    assert until(alice) is None
    assert Notice.objects.filter(person=alice, text=lifted.message).exists()
    undo(moderator, lifted)
    assert days_left(alice) == 30


def test_no_one_is_lifted_who_is_not_suspended(case: Case, moderator: User) -> None:
    with pytest.raises(IllegalDecision) as refused:
        decide(moderator, case, "lift")
    assert "isn't suspended" in refused.value.message


def test_work_is_not_warned_and_people_are_not_hidden(
    case: Case, moderator: User, open_template: Template, bob: User
) -> None:
    with pytest.raises(errors.InvalidInput):
        decide(moderator, case, "hide")
    with pytest.raises(errors.InvalidInput):
        decide(moderator, report(open_template, bob), "warn")


def owner_case(moderator: User, person: User) -> Case:
    moderators.give(user=person, role=moderators.OWNER)
    return case_work.open_case_about(actor=moderator, person=person)


@pytest.mark.parametrize("measures", [{"strike": True}, {"suspend_days": 7}])
def test_an_owner_of_the_server_gets_no_strike_and_no_suspension(
    moderator: User, alice: User, bob: User, open_template: Template, measures: dict[str, Any]
) -> None:
    about_them = owner_case(moderator, alice)
    for case, action in ((about_them, "warn"), (report(open_template, bob), "hide")):
        with pytest.raises(errors.Forbidden, match="An owner of this server can't") as refused:
            decide(moderator, case, action, **measures)
        assert refused.value.code == "case.owner"
        # The rest of the decision isn't made either, and works without.
        assert not case.decisions.exists()
        decide(moderator, case, action)
    assert (until(alice), Sanction.objects.count()) == (None, 0)
    # Without the role they are like everyone.
    moderators.give(user=bob, role=moderators.OWNER)
    moderators.take(user=alice, role=moderators.OWNER)
    decide(moderator, about_them, "warn", **measures)
    assert Sanction.objects.get().person == alice


def test_a_suspension_does_not_come_back_to_who_became_an_owner(
    case: Case, moderator: User, alice: User
) -> None:
    decide(moderator, case, "warn", suspend_days=30)
    lifted = decide(moderator, case, "lift")
    moderators.give(user=alice, role=moderators.OWNER)
    with pytest.raises(errors.Forbidden, match="An owner of this server can't"):
        undo(moderator, lifted)
    assert until(alice) is None


def test_who_asks_for_a_second_opinion_does_not_decide(
    case: Case, moderator: User, colleague: User
) -> None:
    case_work.ask_opinion(actor=moderator, case=case, text="Is this satire?")
    asked = Notice.objects.filter(person=colleague).latest("pk")
    assert asked.url == f"/admin/moderation/cases/{case.pk}"
    with pytest.raises(case_work.CaseTaken, match="second opinion"):
        decide(moderator, case, "warn", strike=True)
    decide(colleague, case, "warn", strike=True)
    assert case.notes.get().text == "Is this satire?"


def test_a_second_opinion_can_be_withdrawn(case: Case, moderator: User, colleague: User) -> None:
    case_work.ask_opinion(actor=moderator, case=case, text="Is this satire?")
    case_work.withdraw_opinion(actor=colleague, case=case)
    with pytest.raises(case_work.CaseTaken):
        decide(moderator, case, "warn", strike=True)
    case_work.withdraw_opinion(actor=moderator, case=case)
    decide(moderator, case, "warn", strike=True)
