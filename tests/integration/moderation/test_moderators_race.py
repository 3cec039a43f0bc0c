"""Two moderators, many reporters, at the same moment: one decision, one case, exact sums."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import User
from core import errors
from moderation import reporting, services
from moderation.models import AuditEntry, Case, Decision, Report
from templates_app.models import Template
from tests.support.at_once import at_once
from tests.support.builders.factories import make_user
from tests.support.builders.moderation import crowd, make_moderator, report
from tests.support.builders.templates import make_public

pytestmark = [pytest.mark.usefixtures("committed")]


def together(calls: list[Callable[[], Any]]) -> list[Any]:
    """Return the answers and refusals of calls at the same moment."""
    return at_once(calls, refusals=(errors.AppError,))


def test_of_moderators_who_decide_at_once_one_wins(committed: None) -> None:
    template = make_public(make_user("alice"), id="open-marsh")
    case = report(template, make_user("bob"))
    moderators = [make_moderator(make_user(name)) for name in ("mo", "max", "mia", "moe")]
    actions = ["dismiss", "hide", "take_down", "hide"]
    answers = together(
        [
            lambda who=who, action=action: services.decide(
                actor=who, case=case, version=case.version, action=action, reason="spam"
            )
            for who, action in zip(moderators, actions, strict=True)
        ]
    )
    [won] = [answer for answer in answers if isinstance(answer, Decision)]
    lost = [answer for answer in answers if isinstance(answer, services.AlreadyDecided)]
    assert len(lost) == 3
    assert {stale.latest for stale in lost} == {won}
    assert Decision.objects.count() == 1
    assert AuditEntry.objects.filter(action__startswith="case.").count() == 1
    template.refresh_from_db()
    assert template.moderation == services.MOVES[won.action].moderation


def test_first_reports_at_once_open_one_case(committed: None) -> None:
    template = make_public(make_user("alice"), id="open-marsh")
    people = crowd(6)
    together(
        [
            lambda who=who: reporting.report_template(
                actor=who, public_id="open-marsh", reason="copyright"
            )
            for who in people[:5]
        ]
    )
    case = Case.objects.get()
    assert (case.reports.count(), case.score, case.state) == (5, 50, "open")
    report(template, people[5], reason="copyright")
    template.refresh_from_db()
    assert template.moderation == "quarantined"


def test_a_crowd_at_once_hides_it_once(committed: None) -> None:
    make_public(make_user("alice"), id="open-marsh")
    together(
        [
            lambda who=who: reporting.report_template(
                actor=who, public_id="open-marsh", reason="illegal"
            )
            for who in crowd(6)
        ]
    )
    assert Template.objects.get().moderation == "quarantined"
    assert Decision.objects.filter(action="auto_hide").count() == 1
    assert Case.objects.count() == 1


def test_one_persons_double_click_is_one_report(committed: None) -> None:
    make_public(make_user("alice"), id="open-marsh")
    bob = make_user("bob")
    answers = together(
        [
            lambda: reporting.report_template(actor=bob, public_id="open-marsh", reason="spam")
            for _ in range(5)
        ]
    )
    assert sorted(answer.is_new for answer in answers) == [False] * 4 + [True]
    assert Report.objects.count() == 1


def test_more_than_the_hour_holds_at_once_is_still_refused(committed: None, settings: Any) -> None:
    settings.REPORTS_PER_HOUR = 3
    alice, bob = make_user("alice"), make_user("bob")
    for number in range(6):
        make_public(alice, id=f"open-{number}")
    answers = together(
        [
            lambda number=number: reporting.report_template(
                actor=bob, public_id=f"open-{number}", reason="spam"
            )
            for number in range(6)
        ]
    )
    refused = [answer for answer in answers if isinstance(answer, errors.QuotaExceeded)]
    assert (len(refused), Report.objects.count()) == (3, 3)


def test_reports_while_someone_decides_lose_nothing(committed: None) -> None:
    template = make_public(make_user("alice"), id="open-marsh")
    case = report(template, make_user("bob"))
    moderator: User = make_moderator(make_user("mo"))
    late = crowd(3)
    together(
        [
            lambda: services.dismiss(
                actor=moderator, case=case, version=case.version, reason="spam"
            ),
            *(
                lambda who=who: reporting.report_template(
                    actor=who, public_id="open-marsh", reason="spam"
                )
                for who in late
            ),
        ]
    )
    case.refresh_from_db()
    waiting = sum(case.reports.filter(answer=None).values_list("weight", flat=True))
    assert (Case.objects.count(), case.reports.count(), case.score) == (1, 4, waiting)
