"""Likes: once a person, counted exactly, told to the author, and felt in the order of lists."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from core import clock
from creations import sharing
from creations.models import Like, Share
from notices.models import Notice
from tests.support.at_once import at_once
from tests.support.builders.factories import make_user
from tests.support.builders.sharing import make_share
from tests.support.clients.visitors import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def share(alice: User) -> Share:
    return make_share(alice, title="Dawn")


def press(person: User, share: Share, **sent: str) -> Any:
    return signed_in(person).post(f"/s/{share.public_id}/like", sent)


def likes_of(share: Share) -> int:
    share.refresh_from_db()
    assert share.likes == Like.objects.filter(share=share).count()
    return share.likes


def test_a_person_likes_it_once_and_takes_it_back(share: Share, bob: User) -> None:
    for _ in range(3):
        assert press(bob, share)["Location"] == f"/s/{share.public_id}"
        assert likes_of(share) == 1
    page = signed_in(bob).get(f"/s/{share.public_id}").content.decode()
    assert 'aria-pressed="true"' in page
    assert 'aria-pressed="false"' in Client().get(f"/s/{share.public_id}").content.decode()
    for _ in range(2):
        press(bob, share, unlike="1")
        assert likes_of(share) == 0


def test_the_button_answers_itself(share: Share, bob: User) -> None:
    answer = signed_in(bob).post(
        f"/s/{share.public_id}/like", headers={"hx-request": "true", "hx-target": "like"}
    )
    assert answer.status_code == 200
    assert "Liked" in answer.content.decode()
    assert "<html" not in answer.content.decode()


def test_visitors_are_sent_to_sign_in_and_others_are_not_found(share: Share, alice: User) -> None:
    answer = Client().post(f"/s/{share.public_id}/like")
    assert answer["Location"] == f"/sign-in?next=/s/{share.public_id}"
    assert press(make_user("carl"), Share(public_id="1" * 16)).status_code == 404
    sharing.end_share(actor=alice, share=share)
    assert press(make_user("cora"), share).status_code == 404
    assert likes_of(share) == 0


def test_someone_suspended_likes_nothing_new_and_may_take_back(share: Share, bob: User) -> None:
    press(bob, share)
    bob.suspended_until = clock.now() + timedelta(days=1)
    bob.save()
    other = make_share(share.owner)
    assert press(bob, other).status_code == 403
    assert likes_of(other) == 0
    press(bob, share, unlike="1")
    assert likes_of(share) == 0


def test_the_author_hears_of_others_and_not_of_themselves(
    share: Share, alice: User, bob: User
) -> None:
    told = Notice.objects.filter(person=alice, kind="like")
    press(alice, share)
    assert likes_of(share) == 1
    assert not told.exists()
    press(bob, share)
    assert "liked “Dawn”." in told.get().text
    for _ in range(3):
        press(bob, share, unlike="1")
        press(bob, share)
    assert told.count() == 1


def test_a_like_warms_it_and_one_taken_back_did_not(share: Share, alice: User, bob: User) -> None:
    def heat() -> float:
        share.refresh_from_db()
        return share.heat

    cold = heat()
    press(alice, share)
    assert heat() == cold
    press(bob, share)
    assert heat() > cold + 0.1
    for _ in range(5):
        press(bob, share, unlike="1")
        assert heat() == pytest.approx(cold, abs=1e-3)
        press(bob, share)
    press(bob, share, unlike="1")
    assert heat() == pytest.approx(cold, abs=1e-3)


@pytest.mark.django_db(transaction=True)
def test_two_requests_at_once_count_once() -> None:
    alice, bob = make_user("alice"), make_user("bob")
    share = make_share(alice)
    clients = [signed_in(bob) for _ in range(6)]
    path = f"/s/{share.public_id}/like"
    answers = at_once([lambda client=one: client.post(path) for one in clients])
    assert {answer.status_code for answer in answers} == {302}
    assert likes_of(share) == 1
    answers = at_once([lambda client=one: client.post(path, {"unlike": "1"}) for one in clients])
    assert {answer.status_code for answer in answers} == {302}
    assert likes_of(share) == 0


@pytest.mark.django_db(transaction=True)
def test_many_people_at_once_are_all_counted() -> None:
    share = make_share(make_user("alice"))
    clients = [signed_in(make_user(f"person{number}")) for number in range(8)]
    path = f"/s/{share.public_id}/like"
    answers = at_once([lambda client=one: client.post(path) for one in clients])
    assert {answer.status_code for answer in answers} == {302}
    assert likes_of(share) == 8
