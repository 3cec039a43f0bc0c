"""Reporting a template: who may, how often, and what it sets off."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from core import clock, errors
from moderation import reporting, services
from moderation.models import AuditEntry, Case, Decision, Report
from simple_apps import access, guest_runs
from simple_apps.models import SimpleApp
from templates_app.models import Template
from tests.support.builders.apps import make_app, make_link
from tests.support.builders.moderation import crowd, make_moderator, report
from tests.support.builders.templates import make_public, make_template
from tests.support.clients.visitors import signed_in

pytestmark = pytest.mark.django_db


def send(actor: User, public_id: str, **fields: Any) -> reporting.Reported:
    return reporting.report_template(
        actor=actor, public_id=public_id, **{"reason": "spam", **fields}
    )


def test_the_first_report_opens_a_case_and_the_next_joins_it(
    open_template: Template, bob: User, mo: User
) -> None:
    send(bob, "open-marsh", reason="copyright", note="  My film.\r\nMine. ")
    send(mo, "open-marsh", reason="privacy")
    [case] = Case.objects.all()
    assert (case.state, case.subject_id, case.score) == ("open", str(open_template.pk), 30)
    first, second = case.reports.order_by("pk")
    assert (first.reason, first.note, first.weight) == ("copyright", "My film.\nMine.", 10)
    assert first.subject_version == open_template.published.semver
    assert (second.reason, second.answer) == ("privacy", None)


def test_a_private_template_answers_like_an_unknown_one(alice: User, bob: User) -> None:
    make_template(alice, id="quiet")
    answers = []
    for public_id in ("quiet", "nothing-here", "../x", "x" * 500, "\x00"):
        with pytest.raises(errors.NotFound) as refused:
            send(bob, public_id, reason="nonsense")
        answers.append((refused.value.message, refused.value.code))
    assert len(set(answers)) == 1


@pytest.mark.parametrize(
    ("fields", "names"),
    [
        ({"reason": ""}, "reason"),
        ({"reason": "boredom"}, "reason"),
        ({"note": "x" * 1001}, "note"),
        ({"note": "a\x00b"}, "note"),
    ],
)
def test_a_bad_field_is_named_and_stores_nothing(
    open_template: Template, bob: User, fields: dict[str, str], names: str
) -> None:
    with pytest.raises(errors.InvalidInput) as refused:
        send(bob, "open-marsh", **fields)
    assert refused.value.details["issues"][0]["path"] == names
    assert not Case.objects.exists()


def test_a_thousand_characters_fit(open_template: Template, bob: User) -> None:
    assert send(bob, "open-marsh", note="é" * 1000).is_new


def test_so_many_an_hour_and_then_a_wait(alice: User, bob: User, settings: Any) -> None:
    assert settings.REPORTS_PER_HOUR == 20
    settings.REPORTS_PER_HOUR = 2
    for number in range(3):
        make_public(alice, id=f"open-{number}")
    for number in range(2):
        send(bob, f"open-{number}")
    with pytest.raises(errors.QuotaExceeded) as refused:
        send(bob, "open-2")
    assert 0 < refused.value.retry_after_s <= 3600
    # Saying it again costs nothing.
    assert not send(bob, "open-1").is_new
    first = Report.objects.earliest("pk")
    Report.objects.filter(pk=first.pk).update(created_at=clock.now() - timedelta(minutes=61))
    assert send(bob, "open-2").is_new


def test_someone_suspended_cannot_report(open_template: Template, bob: User) -> None:
    bob.suspended_until = clock.now() + timedelta(days=1)
    bob.save()
    with pytest.raises(errors.Forbidden):
        send(bob, "open-marsh")


# --- hiding by itself ---------------------------------------------------------------------------


def test_enough_weight_hides_it_until_someone_looks(open_template: Template, settings: Any) -> None:
    settings.HIDE_WEIGHT = 6
    one, two, three = crowd(3)
    report(open_template, one, two, reason="sexual")
    open_template.refresh_from_db()
    assert open_template.moderation == "visible"
    case = report(open_template, three, reason="sexual")
    open_template.refresh_from_db()
    assert (open_template.moderation, case.state, case.score) == ("quarantined", "open", 60)
    [decision] = Decision.objects.all()
    assert (decision.action, decision.reason, decision.actor.username) == (
        "auto_hide",
        "sexual",
        "system",
    )
    [entry] = AuditEntry.objects.all()
    assert (entry.actor, entry.action) == (None, "case.auto_hide")
    assert entry.data["before"]["moderation"] == "visible"
    assert entry.data["after"]["moderation"] == "quarantined"


def test_who_was_wrong_before_weighs_less(alice: User, moderator: User, bob: User) -> None:
    for number in range(4):
        case = report(make_public(alice, id=f"fine-{number}"), bob, reason="privacy")
        services.dismiss(actor=moderator, case=case, version=case.version, reason="privacy")
    weights = list(Report.objects.order_by("pk").values_list("weight", flat=True))
    assert weights == sorted(weights, reverse=True)
    assert (weights[0], weights[3]) == (20, 8)
    newest = report(make_public(alice, id="next"), bob, reason="privacy")
    assert newest.score == 7


# --- dismissed cases ----------------------------------------------------------------------------


def test_a_dismissed_case_reopens_when_its_reporters_double(
    open_template: Template, moderator: User
) -> None:
    case = report(open_template, *crowd(2))
    services.dismiss(actor=moderator, case=case, version=case.version, reason="spam")
    third, fourth = crowd(2, "late")
    case = report(open_template, third)
    assert (case.state, Case.objects.count()) == ("dismissed", 1)
    before = case.version
    case = report(open_template, fourth)
    assert (case.state, case.closed_at, case.version) == ("open", None, before + 1)
    # What was answered weighs nothing: a crowd does not hide by being asked again.
    assert case.score == 20
    assert AuditEntry.objects.filter(action="case.reopen").count() == 1


def test_a_second_life_of_a_public_id_is_another_case(
    open_template: Template, alice: User, bob: User
) -> None:
    report(open_template, bob)
    Template.objects.filter(pk=open_template.pk).update(
        deleted_at=clock.now(), visibility="private", published=None
    )
    again = make_public(alice, id="open-marsh")
    report(again, bob)
    assert Case.objects.count() == 2


# --- the form -----------------------------------------------------------------------------------


def test_the_form_lists_the_reasons_and_thanks(open_template: Template, bob: User) -> None:
    client = signed_in(bob)
    page = client.get("/t/open-marsh/report")
    assert page.status_code == 200
    assert b"Real person without consent" in page.content
    answer = client.post("/t/open-marsh/report", {"reason": "privacy", "note": "My face"})
    assert (answer.status_code, answer["Location"]) == (302, "/me/reports")
    after = client.get("/me/reports").content.decode()
    assert "let you know what we decide" in after
    assert "Open marsh" in after
    assert "In review" in after


def test_a_reporter_hears_what_was_decided(
    open_template: Template, bob: User, moderator: User
) -> None:
    case = report(open_template, bob)
    services.take_down(actor=moderator, case=case, version=case.version, reason="spam")
    # By the name it had in public, whatever its author calls it by now.
    Template.objects.filter(pk=open_template.pk).update(name="A secret draft")
    page = signed_in(bob).get("/me/reports").content.decode()
    assert "Taken down" in page
    assert "A secret draft" not in page


def test_the_twenty_first_report_is_told_when_to_come_back(
    open_template: Template, bob: User, settings: Any
) -> None:
    settings.REPORTS_PER_HOUR = 0
    answer = signed_in(bob).post("/t/open-marsh/report", {"reason": "spam"})
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 0


def test_visitors_are_led_through_sign_in_and_back(open_template: Template) -> None:
    answer = Client().get("/t/open-marsh/report")
    assert answer.status_code == 302
    assert answer["Location"] == "/sign-in?next=/t/open-marsh/report"
    assert Client().get("/me/reports").status_code == 302


def test_the_author_gets_no_form_and_cannot_send_one(open_template: Template, alice: User) -> None:
    page = signed_in(alice).get("/t/open-marsh/report")
    assert b"This is your template" in page.content
    answer = signed_in(alice).post("/t/open-marsh/report", {"reason": "spam"})
    assert answer.status_code == 403


def test_a_report_that_hides_it_still_thanks(
    open_template: Template, bob: User, settings: Any
) -> None:
    settings.HIDE_WEIGHT = 1
    client = signed_in(bob)
    client.post("/t/open-marsh/report", {"reason": "illegal"})
    assert client.get("/me/reports").status_code == 200
    assert client.get("/t/open-marsh/report").status_code == 404


# --- of guests of its apps ----------------------------------------------------------------------


class TestGuests:
    """What guests report reaches the case of the template, and hides nothing."""

    @pytest.fixture
    def token(self, open_template: Template) -> str:
        app = make_app(open_template.owner, open_template, slug="posters")
        return make_link(app)

    def send(self, token: str, reason: str = "illegal", note: str = "", **headers: str) -> Any:
        return Client().post(
            "/v1/apps/posters/reports",
            {"reason": reason, "note": note},
            content_type="application/json",
            headers={"authorization": f"Bearer {token}", "x-guest": "me", **headers},
        )

    def test_a_moderator_reads_and_answers_it(
        self, token: str, open_template: Template, mo: User, settings: Any
    ) -> None:
        settings.HIDE_WEIGHT = 2
        link = access.open_link("posters", token)
        run = guest_runs.start(link=link, guest="x", inputs={"brief": "x"})
        assert self.send(token, "boredom").status_code == 422
        first = self.send(token, note="It asks for passwords.")
        assert (first.status_code, first.json()["data"]) == (201, {"isNew": True})
        assert self.send(token).json()["data"] == {"isNew": False}
        assert self.send(run.token, **{"x-guest": "another"}).status_code == 201
        assert self.send("nothing").status_code == 404
        assert self.send(token, **{"x-guest": "a third"}).status_code == 201
        limited = self.send(token)
        assert (limited.status_code, limited.json()["error"]["code"]) == (429, "quota.reports")
        reports = Report.objects.all()
        assert [(one.reporter, one.weight) for one in reports] == [(None, 1)] * 3
        # However many they are, they neither hide it nor tip the scales for someone else.
        reports.update(weight=100)
        one, two = crowd(2)
        case = report(open_template, one)
        open_template.refresh_from_db()
        assert open_template.moderation == "visible"

        console = signed_in(make_moderator(mo))
        page = console.get(f"/admin/moderation/cases/{case.pk}").content.decode()
        assert "It asks for passwords." in page
        title = SimpleApp.objects.get().title
        assert " ".join(page.split()).count(f"A guest of the app <bdi>“{title}”</bdi>") == 3
        report(open_template, two)
        open_template.refresh_from_db()
        assert open_template.moderation == "quarantined"
        case.refresh_from_db()
        fields = {"case": case.pk, "version": case.version, "action": "restore", "reason": "other"}
        console.post(f"/admin/moderation/cases/{case.pk}/decide", fields)
        assert not Report.objects.filter(answer=None).exists()
