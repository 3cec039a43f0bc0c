"""People's pages, appeals to answer, and who may open and send what in the console."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from core import clock
from moderation import appeals
from moderation.models import Appeal, Case, Decision
from templates_app.models import Template
from tests.support.builders.factories import make_user
from tests.support.builders.moderation import decide, make_moderator, report
from tests.support.clients.visitors import signed_in
from tests.support.markup import flat
from tests.support.routes import django_routes

pytestmark = pytest.mark.django_db
CONSOLE = "/admin/moderation"


@pytest.fixture
def decision(open_template: Template, bob: User, moderator: User) -> Decision:
    """alice's template is hidden, with a strike and a suspension."""
    case = report(open_template, bob, reason="hate")
    return decide(moderator, case, "hide", message="We hid it.", strike=True, suspend_days=7)


@pytest.fixture
def appeal(decision: Decision, alice: User) -> Appeal:
    return appeals.file(person=alice, decision=decision, text="It is satire.")


def page(person: User, path: str, status: int = 200) -> str:
    answer = signed_in(person).get(f"{CONSOLE}/{path}")
    assert answer.status_code == status, answer.content
    return unescape(flat(answer.content))


def answer(person: User, appeal: Appeal, outcome: str, **fields: Any) -> Any:
    case = Case.objects.get(pk=appeal.decision.case_id)
    sent = {"case": case.pk, "version": case.version, "outcome": outcome, **fields}
    return signed_in(person).post(f"{CONSOLE}/appeals/{appeal.pk}", sent)


# --- people -------------------------------------------------------------------------------------


def test_people_are_found_by_name_and_those_with_strikes_without_one(
    decision: Decision, alice: User, moderator: User
) -> None:
    carl = make_user("carl")
    shown = page(moderator, "people/")
    assert alice.public_id in shown
    assert "1 strike" in shown
    assert carl.public_id not in shown
    for name in ("CAR", carl.public_id):
        assert carl.public_id in page(moderator, f"people/?q={name}")
    assert "No one found" in page(moderator, "people/?q=%25%25")
    assert "system" not in page(moderator, "people/?q=system").replace('value="system"', "")


def test_a_persons_page_tells_what_was_decided_and_how_they_report(
    appeal: Appeal, alice: User, bob: User, moderator: User
) -> None:
    shown = page(moderator, f"people/{alice.public_id}")
    case = appeal.decision.case_id
    for words in ("1 of 3 strikes hold", "Suspended until", f"Case #{case}", "It is satire."):
        assert words in shown, words
    assert "1 agreed with, 0 dismissed" in page(moderator, f"people/{bob.public_id}")
    for unknown in ("usr_nobody", "x" * 200):
        page(moderator, f"people/{unknown}", status=404)


def test_an_authors_page_leads_moderators_to_theirs(
    open_template: Template, alice: User, bob: User, moderator: User
) -> None:
    link = f'href="{CONSOLE}/people/{alice.public_id}"'
    for person, is_shown in ((moderator, True), (bob, False), (alice, False)):
        answered = signed_in(person).get(f"/u/{alice.public_id}")
        assert answered.status_code == 200
        assert (link in answered.content.decode()) is is_shown


def test_a_case_is_opened_from_a_persons_page_but_not_about_oneself(
    alice: User, moderator: User
) -> None:
    path = f"{CONSOLE}/people/{alice.public_id}/case"
    first = signed_in(moderator).post(path)
    case = Case.objects.get()
    assert (case.subject_kind, case.owner) == ("user", alice)
    assert first["Location"] == f"{CONSOLE}/cases/{case.pk}"
    assert signed_in(moderator).post(path)["Location"] == first["Location"]
    assert "Open a case" not in page(moderator, f"people/{moderator.public_id}")
    own = signed_in(moderator).post(f"{CONSOLE}/people/{moderator.public_id}/case")
    assert own.status_code == 403
    assert Case.objects.count() == 1


# --- appeals ------------------------------------------------------------------------------------


def test_another_moderator_overturns(appeal: Appeal, moderator: User, colleague: User) -> None:
    shown = page(colleague, "appeals")
    for words in ("We hid it.", "It is satire.", "Overturn it"):
        assert words in shown, words
    assert answer(colleague, appeal, "overturned", text="You were right.").status_code == 302
    appeal.refresh_from_db()
    assert (appeal.outcome, appeal.answer) == ("overturned", "You were right.")
    assert "No appeals" in page(colleague, "appeals")
    # The case says so, and that it can't be answered twice.
    shown = page(moderator, f"cases/{appeal.decision.case_id}")
    assert "Overturned by max" in re.sub("</?(strong|bdi)>", "", shown)
    again = answer(colleague, appeal, "upheld", text="My words")
    assert again.status_code == 409
    assert "My words" in again.content.decode()


def test_who_decided_can_not_answer_and_reads_why(
    appeal: Appeal, alice: User, moderator: User
) -> None:
    shown = page(moderator, "appeals")
    assert "You made this decision. Another moderator answers the appeal." in shown
    assert "an owner adds one at /admin/roles" in shown
    assert 'name="outcome"' not in shown
    assert answer(moderator, appeal, "overturned").status_code == 403
    own = make_moderator(alice)
    type(alice).objects.filter(pk=alice.pk).update(suspended_until=None)
    assert "You can't answer an appeal about your own work." in page(own, "appeals")
    assert answer(own, appeal, "overturned").status_code == 403
    make_moderator(make_user("max"))
    assert "/admin/roles" not in page(moderator, "appeals")


def test_a_bad_answer_keeps_what_was_typed(appeal: Appeal, colleague: User) -> None:
    for outcome, text, status in (("", "Kept", 422), ("upheld", "x" * 1001, 422)):
        refused = answer(colleague, appeal, outcome, text=text)
        assert refused.status_code == status
        assert text in refused.content.decode()
    assert answer(colleague, appeal, "upheld", version="0", text="Kept").status_code == 409
    appeal.refresh_from_db()
    assert appeal.decided_at is None
    assert signed_in(colleague).post(f"{CONSOLE}/appeals/{'9' * 30}").status_code == 404


# --- who may what -------------------------------------------------------------------------------

POSTED = ("decide", "look", "undo", "claim", "notes", "picks", "open", "/case")


WRONG = {"get": "POST", "post": "GET"}


def routes(case: Case, appeal: Appeal, person: User) -> dict[str, str]:
    """Each address of the console, and how it is asked for."""
    named = {"case_id": case.pk, "appeal_id": appeal.pk, "public_id": person.public_id}
    found = {}
    for route in django_routes(f"{CONSOLE}/"):
        path = route
        for name, value in named.items():
            for kind in ("int", "str"):
                path = path.replace(f"<{kind}:{name}>", str(value))
        is_posted = path.endswith(POSTED) or f"/appeals/{appeal.pk}" in path
        found[path] = "post" if is_posted else "get"
    return found


def test_only_moderators_find_any_of_it(
    appeal: Appeal, bob: User, moderator: User, colleague: User
) -> None:
    suspended = make_user("sue")
    type(suspended).objects.filter(pk=suspended.pk).update(
        suspended_until=clock.now() + timedelta(days=7)
    )
    operator = make_user("olive", is_staff=True)
    known = routes(appeal.decision.case, appeal, bob)
    assert len(known) >= 18, known
    before = Decision.objects.count()
    for path, method in known.items():
        visitor = getattr(Client(), method)(path)
        assert (visitor.status_code, visitor["Location"].partition("?")[0]) == (302, "/sign-in")
        for person in (bob, suspended, operator):
            refused = getattr(signed_in(person), method)(path)
            # A suspended person's writes are refused before anything is looked up.
            is_told = person == suspended and method == "post"
            assert refused.status_code == (403 if is_told else 404), (path, person.username)
        # Nor does a wrong method tell them that there is something.
        assert signed_in(bob).generic(WRONG[method], path).status_code == 404, path
        if method == "get":
            for person in (moderator, colleague):
                opened = getattr(signed_in(person), method)(path)
                assert opened.status_code in (200, 302), (path, person.username)
    assert Decision.objects.count() == before
