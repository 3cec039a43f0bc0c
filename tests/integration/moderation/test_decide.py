"""Decisions: what each does, who may, what is told and kept, and how it is taken back."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from core import clock, errors
from moderation import case_work, notices, selectors, services
from moderation.models import AuditEntry, Case, Decision, Report
from templates_app import selectors as templates
from templates_app.lifecycle import forking
from templates_app.models import Template, TemplateVersion
from tests.support.builders.factories import make_user
from tests.support.builders.moderation import case_of, crowd, decide, make_moderator, report, undo
from tests.support.builders.templates import TEMPLATES, make_public

pytestmark = pytest.mark.django_db


def moderation_of(template: Template) -> str:
    template.refresh_from_db()
    return template.moderation


@pytest.mark.parametrize(
    ("action", "state", "moderation"),
    [
        ("dismiss", "dismissed", "visible"),
        ("hide", "upheld", "quarantined"),
        ("take_down", "upheld", "removed"),
    ],
)
def test_a_decision_closes_the_case_and_moves_its_subject(
    case: Case,
    moderator: User,
    open_template: Template,
    action: str,
    state: str,
    moderation: str,
) -> None:
    decision = decide(moderator, case, action, reason="privacy", note="Clear enough")
    case.refresh_from_db()
    assert (case.state, case.score, moderation_of(open_template)) == (state, 0, moderation)
    assert case.closed_at is not None
    assert Report.objects.get().answer == decision
    entry = AuditEntry.objects.latest("pk")
    assert (entry.actor, entry.action) == (moderator, f"case.{action}")
    assert entry.data["before"] == {"state": "open", "moderation": "visible"}
    assert entry.data["after"] == {"state": state, "moderation": moderation}
    assert (entry.data["reason"], entry.data["note"]) == ("privacy", "Clear enough")


def test_restoring_gives_back_just_what_was_published(
    case: Case, moderator: User, open_template: Template
) -> None:
    before = Template.objects.filter(pk=open_template.pk).values().get()
    decide(moderator, case, "hide")
    decide(moderator, case, "restore")
    after = Template.objects.filter(pk=open_template.pk).values().get()
    assert after == before
    assert case_of(open_template).state == "dismissed"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (None, "restore"),
        ("hide", "dismiss"),
        ("hide", "hide"),
        ("take_down", "take_down"),
        ("take_down", "dismiss"),
        ("dismiss", "dismiss"),
        ("dismiss", "restore"),
    ],
)
def test_a_decision_that_does_not_fit_is_refused(
    case: Case, moderator: User, first: str | None, second: str
) -> None:
    if first:
        decide(moderator, case, first)
    entries = AuditEntry.objects.count()
    case.refresh_from_db()
    version = case.version
    with pytest.raises(services.IllegalDecision):
        decide(moderator, case, second)
    case.refresh_from_db()
    assert (AuditEntry.objects.count(), case.version) == (entries, version)


def test_only_moderators_decide(case: Case, bob: User, open_template: Template) -> None:
    staff_only = make_user("sam", is_staff=True)
    group_only = make_moderator(make_user("gil"))
    User.objects.filter(pk=group_only.pk).update(is_staff=False)
    group_only.refresh_from_db()
    asleep = make_moderator(make_user("ash"))
    User.objects.filter(pk=asleep.pk).update(is_active=False)
    asleep.refresh_from_db()
    for person in (bob, staff_only, group_only, asleep):
        with pytest.raises(errors.Forbidden):
            decide(person, case, "hide")
        with pytest.raises(errors.Forbidden):
            case_work.log_evidence_access(actor=person, case=case)
    assert moderation_of(open_template) == "visible"


def test_a_template_hidden_meanwhile_makes_an_open_form_stale(
    case: Case, moderator: User, open_template: Template
) -> None:
    seen = case.version
    report(open_template, *crowd(2), reason="illegal")
    with pytest.raises(services.AlreadyDecided):
        services.dismiss(actor=moderator, case=case, version=seen, reason="spam")


def test_more_reports_alone_make_no_form_stale(
    case: Case, moderator: User, open_template: Template
) -> None:
    seen = case.version
    report(open_template, *crowd(2), reason="spam")
    services.dismiss(actor=moderator, case=case, version=seen, reason="spam")
    assert Report.objects.filter(answer=None).count() == 0


# --- taking back --------------------------------------------------------------------------------


@pytest.mark.parametrize("action", ["dismiss", "hide", "take_down"])
def test_undo_puts_everything_back(
    case: Case, moderator: User, open_template: Template, action: str
) -> None:
    decision = decide(moderator, case, action)
    case.refresh_from_db()
    undone = undo(moderator, decision, "No.")
    case.refresh_from_db()
    assert (case.state, case.closed_at, case.score) == ("open", None, 20)
    assert moderation_of(open_template) == "visible"
    assert Report.objects.get().answer is None
    assert undone.reverses == decision
    entry = AuditEntry.objects.latest("pk")
    assert (entry.action, entry.data["reverses"]) == ("case.undo", decision.pk)
    assert entry.data["after"] == {"state": "open", "moderation": "visible"}


def test_a_decision_is_undone_once_and_only_the_latest(
    case: Case, moderator: User, open_template: Template
) -> None:
    first = decide(moderator, case, "hide")
    second = decide(moderator, case, "take_down")
    case.refresh_from_db()
    with pytest.raises(services.IllegalDecision):
        undo(moderator, first)
    undo(moderator, second)
    assert moderation_of(open_template) == "quarantined"
    case.refresh_from_db()
    with pytest.raises(services.IllegalDecision):
        undo(moderator, second)
    undo(moderator, first)
    assert moderation_of(open_template) == "visible"


def test_undo_gives_each_report_its_earlier_answer(
    case: Case, moderator: User, open_template: Template
) -> None:
    dismissal = decide(moderator, case, "dismiss")
    newer = make_user("nell")
    report(open_template, newer)
    taking = decide(moderator, case, "take_down")
    assert set(Report.objects.values_list("answer", flat=True)) == {taking.pk}
    undo(moderator, taking)
    old, new = Report.objects.order_by("pk")
    assert (old.answer, new.answer) == (dismissal, None)
    case.refresh_from_db()
    assert (case.state, case.score) == ("open", 10)


def test_what_the_server_hid_is_restored_not_undone(
    open_template: Template, moderator: User
) -> None:
    case = report(open_template, *crowd(2), reason="illegal")
    assert moderation_of(open_template) == "quarantined"
    assert selectors.undoable(case) is None
    decide(moderator, case, "restore")
    assert moderation_of(open_template) == "visible"


def test_keeping_it_hidden_closes_the_case(open_template: Template, moderator: User) -> None:
    case = report(open_template, *crowd(2), reason="illegal")
    decide(moderator, case, "hide")
    case.refresh_from_db()
    assert (case.state, moderation_of(open_template)) == ("upheld", "quarantined")


def test_a_restored_template_is_not_hidden_by_the_same_crowd(
    open_template: Template, moderator: User, bob: User
) -> None:
    case = report(open_template, *crowd(2), reason="illegal")
    decide(moderator, case, "restore")
    report(open_template, bob, reason="illegal")
    assert moderation_of(open_template) == "visible"


# --- what is told -------------------------------------------------------------------------------


def test_a_restored_template_says_so_and_a_dismissed_one_nothing(
    case: Case, moderator: User, open_template: Template, alice: User
) -> None:
    decide(moderator, case, "dismiss")
    assert notices.notices_for(alice) == []
    decide(moderator, case, "hide")
    decide(moderator, case, "restore")
    [notice] = notices.notices_for(alice)
    assert notice.state == "restored"


def test_an_undone_decision_is_not_told_any_more(case: Case, moderator: User, alice: User) -> None:
    decision = decide(moderator, case, "hide")
    undo(moderator, decision)
    assert notices.notices_for(alice) == []


def test_others_have_no_notices(case: Case, moderator: User, bob: User) -> None:
    decide(moderator, case, "hide")
    assert notices.notices_for(bob) == []


# --- what outsiders see -------------------------------------------------------------------------


@pytest.mark.parametrize("action", ["hide", "take_down"])
def test_it_is_gone_for_outsiders_at_once_and_there_for_its_author(
    case: Case,
    moderator: User,
    open_template: Template,
    api: Any,
    alice_key: str,
    bob_key: str,
    action: str,
) -> None:
    address = f"{TEMPLATES}/open-marsh"
    assert api(bob_key).get(address).status_code == 200
    decide(moderator, case, action)
    assert api(bob_key).get(address).status_code == 404
    assert api(bob_key).post(f"{address}/fork").status_code == 404
    listed = api(bob_key).get(f"{TEMPLATES}?visibility=public").json()["data"]["templates"]
    assert listed == []
    assert list(templates.public_templates()) == []
    assert b"Open marsh" not in Client().get("/").content
    assert b"Open marsh" not in Client().get("/?q=marsh").content
    assert api(alice_key).get(address).status_code == 200
    decide(moderator, case, "restore")
    assert api(bob_key).get(address).status_code == 200
    assert b"Open marsh" in Client().get("/").content
    assert b"Open marsh" in Client().get("/?q=marsh").content


def test_its_author_cannot_bring_it_back_by_publishing_again(
    case: Case, moderator: User, open_template: Template, api: Any, alice_key: str, bob_key: str
) -> None:
    decide(moderator, case, "hide")
    for visibility in ("private", "public"):
        answer = api(alice_key).patch(f"{TEMPLATES}/open-marsh", {"visibility": visibility})
        assert answer.status_code == 200
    assert moderation_of(open_template) == "quarantined"
    assert api(bob_key).get(f"{TEMPLATES}/open-marsh").status_code == 404


def test_what_was_taken_down_cannot_be_copied(case: Case, moderator: User, alice: User) -> None:
    decide(moderator, case, "take_down")
    with pytest.raises(errors.Forbidden) as refused:
        forking.fork_template(actor=alice, public_id="open-marsh")
    assert refused.value.code == "template.taken_down"


def test_a_purged_subject_leaves_its_case_readable(
    case: Case, moderator: User, open_template: Template
) -> None:
    Template.objects.filter(pk=open_template.pk).update(
        head=None, published=None, visibility="private"
    )
    TemplateVersion.objects.filter(template=open_template).delete()
    Template.objects.filter(pk=open_template.pk).delete()
    with pytest.raises(services.IllegalDecision):
        decide(moderator, case, "hide")
    client = Client()
    client.force_login(moderator)
    page = client.get(f"/admin/moderation/cases/{case.pk}")
    assert page.status_code == 200
    assert b"Deleted for good" in page.content


def test_a_case_that_came_after_is_the_one_to_decide(
    alice: User, moderator: User, bob: User
) -> None:
    template = make_public(alice, id="twice")
    case = report(template, bob)
    decision = decide(moderator, case, "hide")
    case.refresh_from_db()
    # As a report that was under way while the template was hidden leaves it.
    Case.objects.create(subject_kind="template", subject_id=case.subject_id)
    with pytest.raises(services.IllegalDecision):
        undo(moderator, decision)
    assert moderation_of(template) == "quarantined"
    assert not Decision.objects.filter(action="undo").exists()


def test_the_owner_reads_the_decision_in_the_record_and_no_one_else_does(
    api: Any, alice_key: str, bob_key: str, case: Case, moderator: User, open_template: Template
) -> None:
    path = f"{TEMPLATES}/{open_template.public_id}"
    assert "moderation" not in api(alice_key).get(path).json()["data"]["template"]
    decision = decide(moderator, case, "hide", message="Please blur the face.")
    record = api(alice_key).get(path).json()["data"]["template"]
    told = record["moderation"]
    assert (told["state"], told["message"]) == ("hidden", "Please blur the face.")
    assert told["reason"]
    assert told["since"] == clock.iso(decision.created_at)
    assert api(bob_key).get(path).status_code == 404
    # Written back as it was read, it is not kept.
    api(alice_key).patch(path, record)
    decide(moderator, case, "restore")
    assert "moderation" not in api(alice_key).get(path).json()["data"]["template"]
    assert "moderation" not in api(bob_key).get(path).json()["data"]["template"]
