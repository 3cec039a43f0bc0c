"""Creations and comments are reported and decided on as templates are."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from comments import services as comments
from comments.models import Comment
from comments.services import Place
from core import errors
from creations import sharing
from creations.models import Share
from moderation import notices, reporting, services
from moderation.models import AuditEntry, Case, Decision, Report
from notices.models import Notice
from tests.support.builders.commenting import join, make_run, on_draft, on_run, open_draft
from tests.support.builders.factories import make_user
from tests.support.builders.moderation import crowd, make_moderator
from tests.support.builders.sharing import make_share
from tests.support.clients.asgi_requests import request_app
from tests.support.clients.visitors import signed_in

pytestmark = pytest.mark.django_db
CONSOLE = "/admin/moderation"


@pytest.fixture
def share(alice: User) -> Share:
    return make_share(alice, title="Harbor at dawn", note="Made on a train")


@pytest.fixture
def comment(share: Share, bob: User) -> Comment:
    return comments.comment_on_share(
        actor=bob, share=share, text="Buy my pills\nat pills.example", place=Place()
    )


def report(person: User, thing: Share | Comment, reason: str = "spam") -> Case:
    kind = "share" if isinstance(thing, Share) else "comment"
    page = f"/s/{thing.public_id if isinstance(thing, Share) else thing.share.public_id}"
    path = page if isinstance(thing, Share) else f"{page}/comments/{thing.pk}"
    answer = signed_in(person).post(f"{path}/report", {"reason": reason, "note": "Look at it"})
    assert answer.status_code == 302, answer.content.decode()
    return Case.objects.filter(subject_kind=kind, subject_id=str(thing.pk)).latest("pk")


def decide(moderator: User, case: Case, action: str, **fields: Any) -> Any:
    case.refresh_from_db()
    sent = {"case": case.pk, "version": case.version, "action": action, "reason": "spam", **fields}
    return signed_in(moderator).post(f"{CONSOLE}/cases/{case.pk}/decide", sent)


def state_of(thing: Share | Comment) -> str:
    thing.refresh_from_db()
    return thing.moderation


def notice_texts(person: User) -> list[str]:
    told = Notice.objects.filter(person=person, kind="moderation")
    return list(told.order_by("pk").values_list("text", flat=True))


# --- reporting ----------------------------------------------------------------------------------


def test_a_creation_is_reported_from_its_page(share: Share, bob: User) -> None:
    page = signed_in(bob).get(f"/s/{share.public_id}").content.decode()
    assert f'href="/s/{share.public_id}/report"' in page
    assert "Report this creation" in page
    form = signed_in(bob).get(f"/s/{share.public_id}/report").content.decode()
    assert "Harbor at dawn" in form
    case = report(bob, share, "copyright")
    assert (case.state, case.reports.get().note) == ("open", "Look at it")
    mine = signed_in(bob).get("/me/reports").content.decode()
    assert "Harbor at dawn" in mine
    assert "In review" in mine


def test_a_comment_is_reported_from_its_place(comment: Comment, share: Share) -> None:
    carl = make_user("carl")
    page = signed_in(carl).get(f"/s/{share.public_id}").content.decode()
    link = f'href="/s/{share.public_id}/comments/{comment.pk}/report"'
    assert link in page
    assert link not in signed_in(comment.author).get(f"/s/{share.public_id}").content.decode()
    report(carl, comment)
    mine = signed_in(carl).get("/me/reports").content.decode()
    # What it said is not told again: it may be gone, or hidden.
    assert "A comment" in mine
    assert "pills" not in mine


def test_members_report_a_comment_on_a_draft_and_moderators_see_its_words_alone(
    alice: User, bob: User, moderator: User
) -> None:
    carl = make_user("carl")
    draft = open_draft(alice)
    for person in (bob, carl):
        join(draft, person, "viewer" if person is bob else "commenter")
    run, artifact = make_run(alice, draft)
    on_stage = comments.comment_on_template(
        actor=carl, template=draft, text="Buy my pills", place=Place(stage="keyframe")
    )
    on_result = comments.comment_on_template(
        actor=carl, template=draft, text="And my snake-oil", place=Place(artifact=artifact)
    )
    client, outsider = signed_in(bob), signed_in(make_user("dora"))
    page = client.get(f"/runs/{run.public_id}").content.decode()
    assert f'href="/comments/{on_result.pk}/report"' in page
    for comment in (on_stage, on_result):
        path = f"/comments/{comment.pk}/report"
        for person in (outsider, signed_in(moderator)):
            assert person.get(path).status_code == 404
            assert person.post(path, {"reason": "spam"}).status_code == 404
        assert Client().post(path, {"reason": "spam"}).status_code == 302
        assert not Case.objects.filter(subject_id=str(comment.pk)).exists()
        assert "This is your" in signed_in(carl).get(path).content.decode()
        assert client.get(path).status_code == 200
        assert client.post(path, {"reason": "spam"}).status_code == 302
        case = Case.objects.get(subject_kind="comment", subject_id=str(comment.pk))
        console = signed_in(moderator).get(f"{CONSOLE}/cases/{case.pk}").content.decode()
        queue = signed_in(moderator).get(f"{CONSOLE}/").content.decode()
        assert comment.text in console
        for private in ("Harbor", draft.public_id, run.public_id, artifact.public_id):
            assert private not in console + queue, private
        assert decide(moderator, case, "hide").status_code == 302
    assert b"pills" not in client.get(on_draft(draft)).content
    assert b"snake-oil" not in client.get(on_run(run)).content
    mine = signed_in(carl).get("/me/notices").content.decode()
    assert "We hid “Buy my pills”" in unescape(mine)


def test_a_comment_on_a_creation_is_reported_by_its_address_alone(
    share: Share, comment: Comment
) -> None:
    """Their numbers can be guessed."""
    carl = signed_in(make_user("carl"))
    assert carl.get(f"/comments/{comment.pk}/report").status_code == 404
    assert carl.post(f"/comments/{comment.pk}/report", {"reason": "spam"}).status_code == 404
    assert not Case.objects.exists()


def test_a_report_from_before_an_edit_says_so(
    share: Share, comment: Comment, bob: User, moderator: User
) -> None:
    case = report(make_user("carl"), comment)
    console, path = signed_in(moderator), f"{CONSOLE}/cases/{case.pk}"
    assert "before the comment was edited" not in console.get(path).content.decode()
    comments.edit(actor=bob, comment=comment, text="Nothing to see")
    report(make_user("dora"), comment)
    assert console.get(path).content.decode().count("before the comment was edited") == 1


def test_own_things_are_not_reported(
    share: Share, comment: Comment, alice: User, bob: User
) -> None:
    for person, path in (
        (alice, f"/s/{share.public_id}/report"),
        (bob, f"/s/{share.public_id}/comments/{comment.pk}/report"),
    ):
        shown = signed_in(person).get(path).content.decode()
        assert "This is your" in shown
        assert signed_in(person).post(path, {"reason": "spam"}).status_code == 403
    assert not Case.objects.exists()


def test_what_cannot_be_opened_cannot_be_reported(
    share: Share, comment: Comment, alice: User
) -> None:
    carl = make_user("carl")
    page, other = f"/s/{share.public_id}", make_share(alice)
    paths = [f"{page}/report", f"{page}/comments/{comment.pk}/report"]
    wrong = [
        f"/s/{'1' * 16}/report",
        f"/s/{other.public_id}/comments/{comment.pk}/report",
        f"{page}/comments/{comment.pk + 999}/report",
        f"{page}/comments/{2**70}/report",
    ]
    for path in wrong:
        assert signed_in(carl).post(path, {"reason": "spam"}).status_code == 404, path
    sharing.end_share(actor=alice, share=share)
    for path in paths:
        assert signed_in(carl).post(path, {"reason": "spam"}).status_code == 404, path
    assert not Case.objects.exists()


def test_enough_reports_hide_it_until_someone_looks(
    share: Share, comment: Comment, alice: User, bob: User, settings: Any
) -> None:
    settings.HIDE_WEIGHT = 3
    for person in crowd(4):
        reporting.report_share(actor=person, public_id=share.public_id, reason="spam")
        if state_of(share) != "visible":
            break
    assert state_of(share) == "quarantined"
    assert Client().get(f"/s/{share.public_id}").status_code == 404
    assert share.public_id not in Client().get("/creations").content.decode()
    assert notice_texts(alice) == ["“Harbor at dawn” is hidden."]
    page = signed_in(alice).get(f"/s/{share.public_id}").content.decode()
    assert "Hidden pending review" in page
    assert Decision.objects.get().action == "auto_hide"


# --- deciding -----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["share", "comment"])
def test_decisions_hide_restore_take_down_and_are_undone(
    kind: str, share: Share, comment: Comment, alice: User, bob: User, moderator: User
) -> None:
    thing, author = (share, alice) if kind == "share" else (comment, bob)
    carl = make_user("carl")
    case = report(carl, thing)
    for action, state, closed in (
        ("hide", "quarantined", "upheld"),
        ("restore", "visible", "dismissed"),
        ("take_down", "removed", "upheld"),
    ):
        assert decide(moderator, case, action).status_code == 302, action
        assert state_of(thing) == state
        case.refresh_from_db()
        assert case.state == closed
    undo = signed_in(moderator).post(f"{CONSOLE}/cases/{case.pk}/undo?version={case.version}")
    assert undo.status_code == 302
    assert state_of(thing) == "visible"
    actions = AuditEntry.objects.filter(subject_kind=kind).values_list("action", flat=True)
    assert sorted(actions) == ["case.hide", "case.restore", "case.take_down", "case.undo"]
    log = signed_in(moderator).get(f"{CONSOLE}/audit").content.decode()
    assert ("Hid a creation" if kind == "share" else "Hid a comment") in log
    told = notice_texts(author)
    if kind == "share":
        begins = ["“Harbor at dawn” is hidden.", "“Harbor at dawn” is visible again."]
        begins += ["“Harbor at dawn” was taken down.", "“Harbor at dawn” is visible again."]
    else:
        name = "“Buy my pills at pills.example”"
        begins = [f"We hid {name}", f"{name} is visible", f"We took down {name}"]
        begins.append(f"{name} is visible again.")
    assert [text[: len(begin)] for text, begin in zip(told, begins, strict=True)] == begins
    assert set(notice_texts(carl)) == {"A moderator answered your report."}


def test_the_author_of_a_comment_reads_why_in_the_notice(
    comment: Comment, bob: User, moderator: User
) -> None:
    """A creation's page says why it is hidden; a comment is nowhere to be seen."""
    case = report(make_user("carl"), comment)
    decide(moderator, case, "hide", message="Please sell nothing here.")
    [text] = notice_texts(bob)
    assert text == "“Buy my pills at pills.example” is hidden. Please sell nothing here."
    page = unescape(signed_in(bob).get("/me/notices").content.decode())
    assert text in page
    decide(moderator, case, "take_down")
    # The usual words name it already.
    assert notice_texts(bob)[1] == (
        "We took down “Buy my pills at pills.example” because it is misleading."
    )


def test_a_hidden_creation_is_clear_to_its_owner_and_gone_for_others(
    share: Share, alice: User, bob: User, moderator: User
) -> None:
    case = report(bob, share)
    decide(moderator, case, "hide", message="Please cut the logo.")
    page = signed_in(alice).get(f"/s/{share.public_id}")
    assert page.status_code == 200
    text = unescape(page.content.decode())
    assert "Please cut the logo." in text
    assert "og:title" not in text
    for client in (Client(), signed_in(bob)):
        assert client.get(f"/s/{share.public_id}").status_code == 404
    decide(moderator, case, "take_down")
    text = unescape(signed_in(alice).get(f"/s/{share.public_id}").content.decode())
    assert "Taken down" in text
    assert "/media/" not in text


def test_a_hidden_comment_is_gone_with_its_answers_and_comes_back_with_them(
    share: Share, comment: Comment, alice: User, bob: User, moderator: User
) -> None:
    comments.answer(actor=alice, comment=comment, text="No thanks")
    case = report(alice, comment)
    assert "pills.example" in Client().get(f"/s/{share.public_id}").content.decode()
    decide(moderator, case, "hide")
    for client in (Client(), signed_in(bob), signed_in(alice)):
        page = client.get(f"/s/{share.public_id}").content.decode()
        assert "pills.example" not in page
        assert "No thanks" not in page
    decide(moderator, case, "restore")
    assert "No thanks" in Client().get(f"/s/{share.public_id}").content.decode()


# --- the console --------------------------------------------------------------------------------


def test_the_queue_and_the_case_page_tell_what_it_is(
    share: Share, comment: Comment, bob: User, moderator: User
) -> None:
    share.prompts = [{"stage": "Harbor", "text": "a rude word"}]
    share.save(update_fields=["prompts"])
    first, second = report(bob, share), report(make_user("carl"), comment)
    console = signed_in(moderator)
    queue = console.get(f"{CONSOLE}/").content.decode()
    assert "Harbor at dawn" in queue
    assert "Buy my pills at pills.example" in queue
    page = unescape(console.get(f"{CONSOLE}/cases/{first.pk}").content.decode())
    for words in (
        "Creation by",
        "Made on a train",
        "a rude word",
        "Look at it",
        "Views are logged",
    ):
        assert words in page, words
    page = unescape(console.get(f"{CONSOLE}/cases/{second.pk}").content.decode())
    for words in ("Comment by", "at pills.example", "on “Harbor at dawn”"):
        assert words in page, words
    decide(moderator, first, "hide")
    hidden = console.get(f"{CONSOLE}/?show=hidden").content.decode()
    assert "Harbor at dawn" in hidden
    assert "Buy my pills" not in hidden


def test_a_case_of_something_deleted_is_closed_without_a_verdict(
    share: Share, comment: Comment, bob: User, moderator: User
) -> None:
    carl = make_user("carl")
    case = report(carl, comment)
    comments.remove(actor=bob, comment=comment)
    page = signed_in(moderator).get(f"{CONSOLE}/cases/{case.pk}").content.decode()
    assert "Deleted for good" in page
    assert decide(moderator, case, "hide").status_code == 409
    assert decide(moderator, case, "close").status_code == 302
    case.refresh_from_db()
    assert (case.state, Report.objects.get().answer) == ("dismissed", None)
    assert "Deleted by its author" in signed_in(carl).get("/me/reports").content.decode()
    assert AuditEntry.objects.latest("pk").action == "case.close"


def test_what_is_there_is_not_closed_without_a_verdict(
    share: Share, bob: User, moderator: User
) -> None:
    case = report(bob, share)
    assert decide(moderator, case, "close").status_code == 409
    case.refresh_from_db()
    assert case.state == "open"
    with pytest.raises(errors.Forbidden):
        services.close_gone(actor=bob, case=case, version=case.version)


def test_an_ended_creation_can_still_be_decided(
    share: Share, bob: User, alice: User, moderator: User
) -> None:
    """Ending it is no way around a decision: sharing the run again would be."""
    case = report(bob, share)
    sharing.end_share(actor=alice, share=share)
    page = signed_in(moderator).get(f"{CONSOLE}/cases/{case.pk}").content.decode()
    assert "not shared any more" in page
    look = signed_in(moderator).post(f"{CONSOLE}/cases/{case.pk}/look").content.decode()
    [shown] = share.media.values_list("blob_id", flat=True)
    assert shown in look
    assert decide(moderator, case, "take_down").status_code == 302
    assert state_of(share) == "removed"


def test_a_run_whose_creation_was_taken_down_is_not_shared_again(
    share: Share, bob: User, alice: User, moderator: User
) -> None:
    case = report(bob, share)
    decide(moderator, case, "take_down")
    sharing.end_share(actor=alice, share=share)
    path = f"/app/runs/{share.run.public_id}/share"
    sent = {"title": "Again", "visibility": "public", "license": "all_rights"}
    answer = signed_in(alice).post(path, sent)
    assert answer.status_code == 422
    assert "taken down" in answer.content.decode()
    assert Share.objects.filter(run=share.run, ended_at=None).count() == 0


# --- what moderators look at --------------------------------------------------------------------


def test_hidden_media_opens_for_a_logged_view_alone(committed: None) -> None:
    alice, bob, mo = make_user("alice"), make_user("bob"), make_moderator(make_user("mo"))
    share = make_share(alice)
    case = report(bob, share)
    medium = share.media.get()
    open_url = f"/media/s/{share.public_id}/{medium.blob_id}/{medium.filename}"
    assert request_app("GET", open_url).status == 200
    decide(mo, case, "take_down")
    assert request_app("GET", open_url).status == 404
    look = signed_in(mo).post(f"{CONSOLE}/cases/{case.pk}/look")
    [url] = [
        unescape(one) for one in re.findall(r'<img src="(/media/[^"]+)"', look.content.decode())
    ]
    assert request_app("GET", url).status == 200
    entry = AuditEntry.objects.get(action="case.look")
    assert (entry.actor, entry.subject_kind) == (mo, "share")
    decide(mo, case, "restore")
    assert request_app("GET", open_url).status == 200
    assert notices.notice_for_share(Share.objects.get(pk=share.pk)) is not None
