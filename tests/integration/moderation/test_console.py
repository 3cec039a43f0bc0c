"""The console's pages: who gets in, what they show, what their forms do."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts import roles
from accounts import services as accounts
from accounts.models import User
from builder.ops.server.prepare import prepare
from builder.staff.moderation import requests
from core import clock
from moderation import audit_log_reads, moderators, notices, services
from moderation.models import AuditEntry, Case
from templates_app.lifecycle import forking
from templates_app.lifecycle import services as template_services
from templates_app.models import Template
from tests.support.builders.factories import make_user
from tests.support.builders.moderation import report
from tests.support.builders.templates import make_public, name_as_before
from tests.support.markup import flat

pytestmark = pytest.mark.django_db

HOSTILE = [
    "<script>alert(1)</script>",
    "\u202egnihsif\u202c",
    "x" * 200,
    "'\"><img src=x onerror=alert(1)>",
]


def page(console: Client, path: str = "", status: int = 200) -> str:
    answer = console.get(f"/admin/moderation/{path}")
    assert answer.status_code == status, answer.content
    return flat(answer.content)


def send(console: Client, case: Case, **fields: Any) -> Any:
    case.refresh_from_db()
    data = {
        "action": "hide",
        "reason": "privacy",
        "case": case.pk,
        "version": case.version,
        **fields,
    }
    return console.post(f"/admin/moderation/cases/{case.pk}/decide", data)


# --- who gets in --------------------------------------------------------------------------------


def test_the_owner_of_a_new_server_moderates(db: None) -> None:
    owner = accounts.ensure_owner()
    assert not roles.is_moderator(owner)
    moderators.ensure_moderators(owner)
    assert roles.is_moderator(owner)


def test_starting_again_does_not_bring_a_removed_owner_back(bob: User) -> None:
    owner = accounts.ensure_owner()
    moderators.ensure_moderators(owner)
    moderators.give(user=bob, role=moderators.MODERATOR)
    moderators.take(user=owner, role=moderators.MODERATOR)
    moderators.ensure_moderators(owner)
    assert not roles.is_moderator(owner)
    owner.refresh_from_db()
    assert owner.is_staff


def test_every_start_makes_sure_of_the_group(db: None) -> None:
    prepare()
    assert Group.objects.filter(name="moderators").exists()


def test_the_command_makes_and_unmakes_moderators(bob: User, capsys: Any) -> None:
    call_command("moderator", "bob")
    bob.refresh_from_db()
    assert roles.is_moderator(bob)
    call_command("moderator", "bob", "--remove")
    bob.refresh_from_db()
    assert not roles.is_moderator(bob)
    assert not bob.is_staff
    with pytest.raises(CommandError, match="no_one"):
        call_command("moderator", "no_one")


def test_a_wrong_method_changes_nothing(case: Case, console: Client) -> None:
    for do in ("decide", "undo", "look"):
        assert console.get(f"/admin/moderation/cases/{case.pk}/{do}").status_code == 405
    assert console.post("/admin/moderation/audit").status_code == 405


def test_forms_need_their_token(case: Case, moderator: User) -> None:
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    client.force_login(moderator)
    assert send(client, case).status_code == 403


# --- the queue ----------------------------------------------------------------------------------


def test_the_heaviest_case_comes_first(alice: User, console: Client) -> None:
    names = {"light": ["spam"], "heavy": ["illegal"], "middle": ["privacy"]}
    for name, reasons in names.items():
        template = make_public(alice, id=name, name=f"The {name} one")
        for number, reason in enumerate(reasons):
            report(template, make_user(f"{name}{number}"), reason=reason)
    shown = page(console)
    places = [shown.index(f"The {name} one") for name in ("heavy", "middle", "light")]
    assert places == sorted(places)
    newest = page(console, "?sort=newest")
    places = [newest.index(f"The {name} one") for name in ("middle", "heavy", "light")]
    assert places == sorted(places)


def test_filters_tell_open_hidden_and_closed_apart(
    alice: User, moderator: User, console: Client
) -> None:
    for name, action in {"waits": "", "fine": "dismiss", "gone": "take_down"}.items():
        case = report(make_public(alice, id=name, name=f"It {name}"), make_user(f"r-{name}"))
        if action:
            services.decide(actor=moderator, case=case, version=1, action=action, reason="spam")
    seen = {
        show: set(re.findall(r"<bdi>It (\w+)", page(console, f"?show={show}")))
        for show in ("open", "hidden", "closed", "nonsense")
    }
    assert seen == {
        "open": {"waits"},
        "hidden": {"gone"},
        "closed": {"fine", "gone"},
        "nonsense": {"waits"},
    }
    assert "It waits" in page(console, "?reason=spam")
    assert "It waits" not in page(console, "?reason=hate")


def test_an_empty_queue_says_when_it_was_emptied(
    case: Case, moderator: User, console: Client
) -> None:
    services.dismiss(actor=moderator, case=case, version=case.version, reason="spam")
    shown = page(console)
    assert shown.count("No open cases") == 1
    assert "Last decision" in shown
    filtered = page(console, "?reason=hate")
    assert filtered.count("No cases match") == 1
    assert "No open cases" not in filtered


def test_a_long_queue_has_pages_and_takes_no_more_queries_than_a_short_one(
    alice: User,
    bob: User,
    console: Client,
    django_assert_max_num_queries: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(requests, "PAGE", 5)

    def asked() -> int:
        with CaptureQueriesContext(connection) as found:
            page(console)
            page(console, "?show=hidden")
        return len(found)

    def fill(first: int, last: int) -> None:
        for number in range(first, last):
            template = make_public(alice, id=f"open-{number}", name=f"Study {number}")
            report(template, bob)
            if number % 2:
                template_services.set_moderation(
                    template=template, state="quarantined", expected="visible"
                )

    fill(0, 4)
    # What is read once and kept.
    page(console)
    few = asked()
    fill(4, 8)
    assert asked() == few
    with django_assert_max_num_queries(32):
        shown = page(console)
    assert shown.count('class="moderation-row"') == 5
    assert page(console, "?offset=5").count('class="moderation-row"') == 3


# --- a case -------------------------------------------------------------------------------------


def test_a_case_shows_what_a_decision_needs(
    case: Case, open_template: Template, bob: User, console: Client
) -> None:
    forking.fork_template(actor=bob, public_id="open-marsh", name="Hush hush")
    public = forking.fork_template(actor=bob, public_id="open-marsh", name="Nine lights")
    template_services.patch_template(
        actor=bob,
        public_id=public.template.public_id,
        changes={"visibility": "public"},
        own_hosts=(),
    )
    shown = page(console, f"cases/{case.pk}")
    for words in ("Open marsh", "That is my face.", "Nine lights", "1 private remix", "bob"):
        assert words in shown, words
    assert "Hush hush" not in shown
    remix = report(public.template, make_user("carl"))
    assert "Remixed from" in page(console, f"cases/{remix.pk}")


def test_an_authors_draft_is_not_shown(
    case: Case, open_template: Template, alice: User, console: Client
) -> None:
    template_services.patch_template(
        actor=alice,
        public_id="open-marsh",
        changes={"visibility": "private", "name": "No one may know", "description": "Mine"},
        own_hosts=(),
    )
    shown = page(console, f"cases/{case.pk}")
    title = shown[shown.index('class="moderation-title"') :][:300]
    assert "Open marsh" in title
    assert "now private" in shown


def test_an_unknown_case_is_not_there(console: Client) -> None:
    for case_id in ("999999", "9" * 30, "abc", "-1"):
        assert console.get(f"/admin/moderation/cases/{case_id}").status_code == 404


def test_a_decision_is_sent_and_leads_to_the_next_case(
    case: Case, open_template: Template, alice: User, console: Client
) -> None:
    other = report(make_public(alice, id="other"), make_user("carl"))
    answer = send(console, case, next=other.pk, message="Blur it.")
    assert answer.status_code == 302
    assert answer["Location"] == f"/admin/moderation/cases/{other.pk}"
    open_template.refresh_from_db()
    assert open_template.moderation == "quarantined"
    shown = page(console, f"cases/{case.pk}")
    assert "Blur it." in shown
    assert "Undo</button>" in shown
    # Nothing follows the last one.
    assert send(console, other, next="99999")["Location"] == "/admin/moderation/"


def test_a_bad_form_says_what_and_keeps_the_words(case: Case, console: Client) -> None:
    cases: list[tuple[dict[str, str], str]] = [
        ({"action": ""}, "Choose one of"),
        ({"action": "undo"}, "Choose one of"),
        ({"reason": ""}, "Choose a reason"),
        ({"note": "x" * 1001}, "Note: Too long: 1,001 of 1,000 characters"),
        ({"message": "a\x00b"}, "Message: Remove the invalid character"),
    ]
    for fields, words in cases:
        answer = send(console, case, **{"note": "Kept words", **fields})
        assert answer.status_code == 422, fields
        shown = answer.content.decode()
        assert words in shown, fields
        assert "note" in fields or "Kept words" in shown, fields
    # A decision that does not fit, and forms that do not know what they decide about.
    answer = send(console, case, action="restore")
    assert answer.status_code == 409
    assert "Choose Dismiss instead" in answer.content.decode()
    for version in ("", "0", "x", "9" * 50, "-1"):
        assert send(console, case, version=version).status_code == 409, version


def test_hostile_words_harm_no_page(bob: User, console: Client) -> None:
    cases = []
    for number, text in enumerate(HOSTILE):
        author = make_user(f"author{number}")
        author.display_name = text[:80]
        author.save()
        template = make_public(author, id=f"odd-{number}", name="Old", description=text)
        name_as_before(template, text)
        cases.append(report(template, bob, reason="other", note=text))
        forking.fork_template(actor=bob, public_id=template.public_id)
    pages = {"open": page(console)}
    for case, text in zip(cases, HOSTILE, strict=True):
        send(console, case, action="hide", note=text, message=text)
        pages[text] = page(console, f"cases/{case.pk}")
        # On the page itself the words are as they are, apart in their direction.
        assert "<bdi>" in pages[text], text
    client = Client()
    client.force_login(bob)
    pages["mine"] = client.get("/me/reports").content.decode()
    pages |= {path: page(console, path) for path in ("", "audit", "?show=closed")}
    for name, shown in pages.items():
        assert "<script>alert" not in shown, name
        assert "<img src=x" not in shown, name


# --- the log ------------------------------------------------------------------------------------


def test_the_log_says_who_did_what_and_why(
    case: Case, open_template: Template, console: Client
) -> None:
    send(console, case, note="Clear case")
    shown = page(console, "audit")
    for words in (
        "Hid a template",
        "case.hide",
        "Visible → Hidden",
        "Clear case",
        "Added a moderator",
        "No → Yes",
    ):
        assert words in shown, words
    narrow = page(console, f"audit?action=case.hide&actor=mo&subject={open_template.pk}")
    assert narrow.count("<tr id=") == 1
    for nothing in ("actor=no_one", "action=%ff%fe", "subject=x"):
        assert "No entries" in page(console, f"audit?{nothing}")


def test_the_log_has_pages(moderator: User, console: Client) -> None:
    AuditEntry.objects.bulk_create(
        AuditEntry(
            actor=moderator, action="case.look", subject_kind="template", subject_id="1", data={}
        )
        for _ in range(audit_log_reads.PAGE + 3)
    )
    newest = AuditEntry.objects.latest("pk")
    first = page(console, "audit?action=case.look")
    assert first.count("<tr id=") == audit_log_reads.PAGE
    last_shown = newest.pk - audit_log_reads.PAGE + 1
    assert f"?action=case.look&amp;before={last_shown}" in first
    older = page(console, f"audit?action=case.look&before={last_shown}")
    assert older.count("<tr id=") == 3
    for unreadable in ("abc", "9" * 40, "-1"):
        shown = page(console, f"audit?action=case.look&before={unreadable}")
        assert f'id="entry-{newest.pk}"' in shown


def test_old_news_is_not_told_for_ever(
    case: Case, open_template: Template, moderator: User
) -> None:
    services.hide(actor=moderator, case=case, version=case.version, reason="spam")
    case.refresh_from_db()
    decision = services.restore(actor=moderator, case=case, version=case.version, reason="spam")
    open_template.refresh_from_db()
    assert notices.notice_for(open_template) is not None
    type(decision).objects.filter(pk=decision.pk).update(
        created_at=clock.now() - timedelta(days=15)
    )
    assert notices.notice_for(open_template) is None
