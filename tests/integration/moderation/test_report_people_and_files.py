"""Reports on people and on single files of creations."""

from __future__ import annotations

from html import unescape

import pytest
from django.test import Client

from accounts.models import User
from accounts.services import ensure_system_user
from creations import sharing
from creations.models import Share
from moderation import services
from moderation.models import Case, Report
from tests.support.builders.factories import make_user
from tests.support.builders.sharing import make_share
from tests.support.clients.visitors import signed_in
from tests.support.markup import flat

pytestmark = pytest.mark.django_db


@pytest.fixture
def share(alice: User) -> Share:
    alice.display_name = "Alice Marsh"
    alice.save(update_fields=["display_name"])
    return make_share(alice, title="Harbor at dawn")


def read(person: User | None, path: str, status: int = 200) -> str:
    answer = (signed_in(person) if person else Client()).get(path)
    assert answer.status_code == status, path
    return unescape(flat(answer.content))


def paths_of(share: Share) -> dict[str, str]:
    return {
        "user": f"/u/{share.owner.public_id}/report",
        "media": f"/s/{share.public_id}/media/0/report",
    }


def test_a_person_is_reported_from_their_page(share: Share, alice: User, bob: User) -> None:
    page, path = f"/u/{alice.public_id}", f"/u/{alice.public_id}/report"
    assert f'href="{path}"' in read(bob, page)
    assert f'href="{path}"' in read(None, page)
    assert f'href="{path}"' not in read(alice, page)
    assert "Report Alice Marsh" in read(bob, path).replace("<bdi>", "").replace("</bdi>", "")
    sent = signed_in(bob).post(path, {"reason": "harassment", "note": "In the comments"})
    assert (sent.status_code, sent["Location"]) == (302, "/me/reports")
    case = Case.objects.get()
    assert (case.subject_kind, case.subject_id, case.owner) == ("user", str(alice.pk), alice)
    assert "Alice Marsh" in read(bob, "/me/reports")
    assert "In review" in read(bob, "/me/reports")


def test_a_file_is_reported_from_its_creation(share: Share, alice: User, bob: User) -> None:
    page, path = f"/s/{share.public_id}", paths_of(share)["media"]
    for viewer in (bob, None):
        assert f'href="{path}"' in read(viewer, page)
    assert path not in read(alice, page)
    assert "Harbor at dawn" in read(bob, path)
    assert signed_in(bob).post(path, {"reason": "copyright"}).status_code == 302
    case = Case.objects.get()
    assert (case.subject_kind, case.owner) == ("media", alice)
    assert case.subject_id == share.media.get(role="result").blob_id
    mine = read(bob, "/me/reports")
    assert "A file of a creation" in mine
    assert case.subject_id[:12] not in mine


@pytest.mark.parametrize("kind", ["user", "media"])
def test_reports_need_a_person_a_reason_and_something_of_others(
    kind: str, share: Share, alice: User, bob: User
) -> None:
    path = paths_of(share)[kind]
    for method in (Client().get, Client().post):
        assert method(path)["Location"] == f"/sign-in?next={path}"
    assert "This is" in read(alice, path)
    assert signed_in(alice).post(path, {"reason": "spam"}).status_code == 403
    refused = signed_in(bob).post(path, {"reason": "boredom", "note": "my own words"})
    assert refused.status_code == 422
    assert "my own words" in refused.content.decode()
    assert not Report.objects.exists()


def test_what_is_not_there_is_not_reported(share: Share, alice: User, bob: User) -> None:
    gone = make_user("gone")
    User.objects.filter(pk=gone.pk).update(is_active=False)
    paths = [
        f"/u/{gone.public_id}/report",
        f"/u/{ensure_system_user().public_id}/report",
        "/u/usr_0000000000000000/report",
        f"/s/{share.public_id}/media/99/report",
        f"/s/{share.public_id}/media/{2**70}/report",
        f"/s/{'1' * 16}/media/0/report",
    ]
    for path in paths:
        assert signed_in(bob).get(path).status_code == 404, path
        assert signed_in(bob).post(path, {"reason": "spam"}).status_code == 404, path
    sharing.end_share(actor=alice, share=share)
    assert signed_in(bob).post(paths_of(share)["media"], {"reason": "spam"}).status_code == 404
    assert not Case.objects.exists()


@pytest.mark.parametrize("kind", ["user", "media"])
def test_again_is_told_and_counts_once_also_after_a_dismissal(
    kind: str, share: Share, bob: User, moderator: User
) -> None:
    path, client = paths_of(share)[kind], signed_in(bob)
    for _ in range(2):
        client.post(path, {"reason": "spam"})
    case = Case.objects.get()
    assert case.reports.count() == 1
    assert "You already reported this" in unescape(client.get("/me/reports").content.decode())
    services.dismiss(actor=moderator, case=case, version=case.version, reason="spam")
    client.post(path, {"reason": "spam"})
    case.refresh_from_db()
    assert (case.reports.count(), case.state) == (1, "dismissed")
    assert "No problem found" in read(bob, "/me/reports")


def test_after_a_decision_that_found_a_problem_a_report_opens_a_new_case(
    share: Share, bob: User, moderator: User
) -> None:
    path = paths_of(share)["user"]
    signed_in(bob).post(path, {"reason": "spam"})
    case = Case.objects.get()
    services.decide(actor=moderator, case=case, version=case.version, action="warn", reason="spam")
    assert "Warned" in read(bob, "/me/reports")
    signed_in(bob).post(path, {"reason": "hate"})
    assert Case.objects.filter(state="open").count() == 1


def test_people_and_files_are_not_hidden_by_reports_alone(share: Share, settings: object) -> None:
    for number in range(4):
        person = signed_in(make_user(f"reporter{number}"))
        for path in paths_of(share).values():
            person.post(path, {"reason": "illegal"})
    assert {case.score for case in Case.objects.all()} == {120}
    assert read(None, f"/u/{share.owner.public_id}")
    assert "<img" in read(None, f"/s/{share.public_id}")
