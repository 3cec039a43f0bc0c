"""A case's page: who works on it, what goes with a decision, and opening one by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from accounts.services import ensure_system_user
from comments import services as comments
from comments.services import Place
from core import clock
from moderation import case_work, moderators, reporting, services
from moderation.models import Case, Decision, Sanction
from templates_app.lifecycle import forking
from templates_app.models import Template
from tests.support.builders.factories import make_user
from tests.support.builders.moderation import make_moderator
from tests.support.builders.sharing import make_share
from tests.support.clients.visitors import signed_in
from tests.support.markup import flat

pytestmark = pytest.mark.django_db
CONSOLE = "/admin/moderation"


def page(console: Client, case: Case, status: int = 200) -> str:
    answer = console.get(f"{CONSOLE}/cases/{case.pk}")
    assert answer.status_code == status
    return unescape(flat(answer.content))


def post(console: Client, case: Case, end: str, **fields: Any) -> Any:
    case.refresh_from_db()
    address = f"{CONSOLE}/cases/{case.pk}/{end}?version={case.version}"
    return console.post(address, {"case": case.pk, "version": case.version, **fields})


def test_a_claim_is_seen_kept_and_given_back(
    case: Case, moderator: User, colleague: User, console: Client
) -> None:
    assert post(console, case, "claim", do="claim").status_code == 302
    assert "You're working on this" in page(console, case)
    other = signed_in(colleague)
    shown = page(other, case)
    assert "mo</bdi></strong> is working on this" in shown
    assert 'class="moderation-fields" disabled' in shown
    refused = post(other, case, "claim", do="claim")
    assert refused.status_code == 409
    assert "mo is working on this case." in unescape(refused.content.decode())
    assert post(console, case, "claim", do="release").status_code == 302
    assert "Free to take" in page(other, case)


def test_of_two_moderators_one_decides_and_the_other_loses_no_word(
    case: Case, moderator: User, colleague: User, console: Client
) -> None:
    post(console, case, "claim", do="claim")
    other, typed = signed_in(colleague), {"action": "hide", "reason": "hate", "message": "My words"}
    refused = post(other, case, "decide", strike="1", note="My note", **typed)
    assert refused.status_code == 409
    shown = unescape(flat(refused.content))
    assert "mo is working on this case. Take it over first." in shown
    for kept in ("My words", "My note", 'name="strike" value="1" data-key="s" checked'):
        assert kept in shown, kept
    assert 'moderation-fields" disabled' not in shown
    assert not Decision.objects.exists()
    # Taken over with the same form: the words are still there, and now count.
    taken = post(other, case, "claim", do="take_over", strike="1", note="My note", **typed)
    assert taken.status_code == 200
    assert "My words" in taken.content.decode()
    assert "max</bdi></strong> is working on this" in page(console, case)
    assert post(other, case, "decide", **typed).status_code == 302
    late = post(console, case, "decide", action="dismiss", reason="spam", version=1, note="Lost?")
    assert late.status_code == 409
    assert console.post(f"{CONSOLE}/cases/{case.pk}/undo?version=1").status_code == 409
    shown = late.content.decode()
    assert "max</bdi></strong> decided: hidden" in shown
    assert "Lost?" in shown
    assert Decision.objects.count() == 1


def test_a_second_opinion_is_asked_for_with_a_note(
    case: Case, moderator: User, colleague: User, console: Client
) -> None:
    empty = post(console, case, "notes", do="ask", note=" ")
    assert empty.status_code == 422
    assert "Write what the other moderators should know." in empty.content.decode()
    assert post(console, case, "notes", do="ask", note="Is it parody?").status_code == 302
    mine = page(console, case)
    assert "You asked for a second opinion. It can be decided by max" in mine.replace("<bdi>", "")
    refused = post(console, case, "decide", action="hide", reason="spam")
    assert refused.status_code == 409
    theirs = page(signed_in(colleague), case)
    assert "asks for a second opinion" in theirs
    assert "Is it parody?" in theirs
    assert post(console, case, "notes", do="withdraw").status_code == 302
    assert post(console, case, "decide", action="hide", reason="spam").status_code == 302


def test_moderators_write_to_each_other(case: Case, colleague: User, console: Client) -> None:
    assert post(console, case, "notes", do="note", note="<b>Seen before</b>").status_code == 302
    shown = page(signed_in(colleague), case)
    assert "Notes between moderators" in shown
    too_long = post(console, case, "notes", do="note", note="y" * 1001)
    assert too_long.status_code == 422
    assert "y" * 1001 in too_long.content.decode()


def test_a_strike_and_a_suspension_go_with_a_decision(
    case: Case, alice: User, console: Client
) -> None:
    shown = page(console, case)
    assert "1 of 3; expires in 90 days." in shown
    bad = post(console, case, "decide", action="hide", reason="hate", suspend_days="5")
    assert bad.status_code == 422
    assert "one of 1, 7, 30, 365" in bad.content.decode()
    clash = post(console, case, "decide", action="dismiss", reason="hate", strike="1")
    assert clash.status_code == 422
    assert not Sanction.objects.exists()
    done = post(console, case, "decide", action="hide", reason="hate", strike="1", suspend_days="7")
    assert done.status_code == 302
    assert set(Sanction.objects.values_list("kind", flat=True)) == {"strike", "suspension"}
    alice.refresh_from_db()
    assert alice.suspended_until is not None
    post(console, case, "undo")
    alice.refresh_from_db()
    assert alice.suspended_until is None


def test_the_form_counts_what_a_decision_reaches(
    case: Case, open_template: Template, bob: User, console: Client
) -> None:
    for name in ("One", "Two"):
        forking.fork_template(actor=bob, public_id=open_template.public_id, name=name)
    shown = page(console, case)
    assert 'data-reach="2"' in shown
    assert "2 remixes" in shown
    post(console, case, "decide", action="take_down", reason="hate", remixes="1")
    assert Template.objects.filter(moderation="removed").count() == 3
    assert "Also changed 2 more" in page(console, case)
    post(console, case, "undo")
    assert not Template.objects.exclude(moderation="visible").exists()


def test_a_comment_that_was_changed_is_shown_as_it_was_reported(
    alice: User, bob: User, console: Client
) -> None:
    share = make_share(alice)
    comment = comments.comment_on_share(actor=bob, share=share, text="Buy pills", place=Place())
    reporting.report_comment(
        actor=alice, comment_id=comment.pk, public_id=share.public_id, reason="spam"
    )
    case = Case.objects.get()
    assert "When it was reported" not in page(console, case)
    comments.edit(actor=bob, comment=comment, text="Nice light")
    shown = page(console, case)
    assert "Buy pills" in shown
    assert "Nice light" in shown


def test_a_case_about_a_person_shows_what_there_is_about_them(
    case: Case, alice: User, bob: User, console: Client
) -> None:
    post(console, case, "decide", action="hide", reason="hate", strike="1")
    reporting.report_person(actor=bob, public_id=alice.public_id, reason="hate")
    about = Case.objects.get(subject_kind="user")
    shown = page(console, about)
    for words in ("1 of 3 strikes hold", f"Case #{case.pk}", "Open marsh", "Warn", "2 of 3;"):
        assert words in shown, words
    assert "Lift the suspension" not in shown
    post(console, about, "decide", action="warn", reason="hate", suspend_days="1")
    alice.refresh_from_db()
    assert alice.suspended_until is not None
    assert "Lift the suspension" in page(console, about)
    post(console, about, "decide", action="lift", reason="other")
    alice.refresh_from_db()
    assert alice.suspended_until is None


def test_cases_are_opened_from_pages(
    open_template: Template, alice: User, bob: User, moderator: User, console: Client
) -> None:
    def opened(kind: str, name: str) -> Any:
        return console.post(f"{CONSOLE}/open", {"kind": kind, "id": name})

    first = opened("template", open_template.public_id)
    assert first.status_code == 302
    case = Case.objects.get()
    assert first["Location"] == f"{CONSOLE}/cases/{case.pk}"
    assert opened("template", open_template.public_id)["Location"] == first["Location"]
    assert "a moderator opened this case" in page(console, case)
    private = forking.fork_template(actor=bob, public_id=open_template.public_id, name="Mine")
    system = ensure_system_user()
    for kind, name in (
        ("template", private.template.public_id),
        ("template", "nothing"),
        ("media", "a" * 64),
        ("comment", "x"),
        ("nonsense", "1"),
        ("user", system.public_id),
    ):
        assert opened(kind, name).status_code == 404, (kind, name)
    assert opened("user", moderator.public_id).status_code == 403
    assert Case.objects.count() == 1


def test_no_one_moderates_their_own_case(case: Case, alice: User, colleague: User) -> None:
    own = signed_in(make_moderator(alice))
    shown = page(own, case)
    assert "This is your own template." in shown
    assert 'name="action"' not in shown
    for end, fields in (
        ("decide", {"action": "dismiss", "reason": "spam"}),
        ("claim", {"do": "claim"}),
        ("claim", {"do": "take_over"}),
        ("notes", {"do": "note", "note": "Hello"}),
        ("notes", {"do": "ask", "note": "Hello"}),
    ):
        assert post(own, case, end, **fields).status_code == 403, end
    services.hide(actor=colleague, case=case, version=case.version, reason="spam")
    assert post(own, case, "undo").status_code == 403
    case_work.release(actor=alice, case=case)


def test_the_form_says_that_an_owner_is_not_suspended(
    alice: User, moderator: User, console: Client
) -> None:
    case = case_work.open_case_about(actor=moderator, person=alice)
    assert 'class="moderation-fields" disabled' not in page(console, case)
    moderators.give(user=alice, role=moderators.OWNER)
    shown = page(console, case)
    assert "An owner of this server can't get a strike or be suspended." in shown
    assert 'class="moderation-fields" disabled aria-describedby="decision-exempt"' in shown
    refused = post(console, case, "decide", action="warn", reason="hate", suspend_days="7")
    assert refused.status_code == 403
    assert "An owner of this server can't" in unescape(refused.content.decode())
    assert not Decision.objects.exists()


def test_a_claim_lasts_as_long_as_its_holder_works_on_the_case(
    case: Case, moderator: User, colleague: User, console: Client
) -> None:
    other = signed_in(colleague)
    almost = case_work.CLAIM_LIFE - timedelta(minutes=1)
    post(console, case, "claim", do="claim")
    works: list[Callable[[], Any]] = [
        lambda: post(console, case, "look"),
        lambda: post(console, case, "notes", note="I asked the author."),
        lambda: post(console, case, "decide", action="hide", reason="spam", suspend_days="2"),
    ]
    for work in works:
        Case.objects.update(claimed_at=clock.now() - almost)
        assert work().status_code in (200, 302, 404, 422)
        case.refresh_from_db()
        assert case.claimed_at is not None
        assert clock.now() - case.claimed_at < timedelta(minutes=1)
        assert post(other, case, "decide", action="hide", reason="spam").status_code == 409
    # What others do there renews nothing.
    Case.objects.update(claimed_at=clock.now() - case_work.CLAIM_LIFE)
    post(other, case, "notes", note="Still on it?")
    case.refresh_from_db()
    assert case_work.claimed_by(case) is None
    assert post(other, case, "decide", action="hide", reason="spam").status_code == 302


def test_a_moderator_opens_a_case_from_the_page_of_what_they_found(
    open_template: Template, alice: User, bob: User, moderator: User, console: Client
) -> None:
    share = make_share(alice)
    said = comments.comment_on_share(actor=bob, share=share, text="Rude words", place=Place())
    own = comments.comment_on_share(actor=moderator, share=share, text="Mine", place=Place())
    pages = {
        f"/t/{open_template.public_id}": ("template", open_template.public_id),
        f"/s/{share.public_id}": ("share", share.public_id),
        f"/u/{alice.public_id}": ("user", alice.public_id),
    }
    found = [(path, *named) for path, named in pages.items()]
    found.append((f"/s/{share.public_id}", "comment", str(said.pk)))
    for path, kind, name in found:
        form = f'name="kind" value="{kind}"><input type="hidden" name="id" value="{name}">'
        assert form in console.get(path).content.decode(), path
        assert form not in signed_in(make_user(f"of-{kind}")).get(path).content.decode()
        assert form not in Client().get(path).content.decode()
        answer = console.post("/admin/moderation/open", {"kind": kind, "id": name})
        case = Case.objects.get(subject_kind=kind)
        assert answer["Location"] == f"{CONSOLE}/cases/{case.pk}"
        assert console.get(answer["Location"]).status_code == 200
    # Not about one's own.
    shown = console.get(f"/s/{share.public_id}").content.decode()
    assert f'name="id" value="{said.pk}"' in shown
    assert f'name="id" value="{own.pk}"' not in shown
    make_moderator(alice)
    for path in (f"/t/{open_template.public_id}", f"/u/{alice.public_id}"):
        assert "Open a case" not in signed_in(alice).get(path).content.decode()
