"""Inviting people to edit: the answer tells no names, and people edit only after they accept."""

import json
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from core import errors
from templates_app.documents import invitations
from templates_app.models import Collaborator, Invitation, Template
from tests.support.builders.factories import make_user
from tests.support.builders.leaving import delete_account
from tests.support.builders.templates import make_template
from tests.support.clients.visitors import signed_in
from tests.support.waiting import WAIT_S

pytestmark = pytest.mark.django_db
MINE = "/me/templates"


@pytest.fixture
def sky(alice: User) -> str:
    return make_template(alice, name="Sky").public_id


def ask(method: str, user: User, template: str, name: Any) -> Any:
    return signed_in(user).generic(
        method,
        f"/app/documents/{template}/people",
        json.dumps({"username": name}),
        content_type="application/json",
    )


def invite(user: User, template: str, name: Any) -> Any:
    return ask("POST", user, template, name)


def can_edit(user: User, template: str) -> bool:
    answer = signed_in(user).get(f"/app/documents/{template}")
    return answer.status_code == 200 and answer.json()["template"]["canEdit"]


def decide(user: User, decision: str) -> Any:
    sent = Invitation.objects.latest("pk")
    return signed_in(user).post(f"{MINE}/invitations/{sent.pk}/{decision}")


def test_names_that_exist_and_names_that_do_not_are_one_answer(
    alice: User, bob: User, sky: str
) -> None:
    gone = make_user("gone")
    User.objects.filter(pk=gone.pk).update(is_active=False)
    answers = [invite(alice, sky, name) for name in ("bob", "ghost", "gone")]
    assert {answer.status_code for answer in answers} == {200}
    offered = [{"username": name, "role": "editor"} for name in ("bob", "ghost", "gone")]
    assert answers[-1].json()["invited"] == offered
    assert {len(answer.json()["people"]) for answer in answers} == {1}
    for answer, name in zip(answers, ("bob", "ghost", "gone"), strict=True):
        others = answer.content.decode().replace(name, "NAME")
        assert "bob" not in others or name != "bob"
    # And again: still the same.
    again = [invite(alice, sky, name).json() for name in ("bob", "ghost", "gone")]
    assert again[0] == again[1] == again[2]


def test_a_name_in_another_case_reaches_its_person_and_is_listed_as_it_was_typed(
    alice: User, sky: str
) -> None:
    ivan = make_user("Ivan")
    for name, listed in (
        ("ivan", "ivan"),
        ("IVAN", "ivan"),
        ("GHOST", "GHOST"),
        ("ghost", "GHOST"),
    ):
        assert listed in [one["username"] for one in invite(alice, sky, name).json()["invited"]]
    assert [one.name for one in Invitation.objects.order_by("pk")] == ["ivan", "GHOST"]
    assert Invitation.objects.get(user=ivan).name == "ivan"
    assert "You're invited" in signed_in(ivan).get(MINE).content.decode()
    assert invite(alice, sky, "ALICE").json()["error"]["message"] == "You're the owner."
    ask("DELETE", alice, sky, "Ghost")
    invitations.accept(actor=ivan, invitation_id=Invitation.objects.get().pk)
    assert can_edit(ivan, sky)
    # They have the role; no other offer is made.
    invite(alice, sky, "iVan")
    assert not Invitation.objects.exists()
    assert ask("DELETE", ivan, sky, "IVAN").status_code == 204
    assert not Collaborator.objects.exists()


def test_two_people_of_an_earlier_release_are_invited_each_by_the_exact_name(
    alice: User, sky: str
) -> None:
    people = [User.objects.create(username=name) for name in ("ivan", "Ivan")]
    invite(alice, sky, "ivan")
    # Declined: its row is no one's, and isn't that of the other.
    decide(people[0], "decline")
    invite(alice, sky, "Ivan")
    assert [one.user for one in Invitation.objects.order_by("pk")] == [None, people[1]]
    ask("DELETE", alice, sky, "Ivan")
    assert [one.name for one in Invitation.objects.all()] == ["ivan"]


def test_people_edit_only_after_they_accept(alice: User, bob: User, sky: str) -> None:
    invite(alice, sky, "bob")
    assert not can_edit(bob, sky)
    assert not Collaborator.objects.exists()
    page = signed_in(bob).get(MINE).content.decode()
    assert "You're invited" in page
    assert "Accept Sky" in page
    assert decide(bob, "accept")["Location"] == MINE
    assert can_edit(bob, sky)
    assert "You're invited" not in signed_in(bob).get(MINE).content.decode()
    people = signed_in(alice).get(f"/app/documents/{sky}/people").json()
    assert [one["username"] for one in people["people"]] == ["alice", "bob"]
    assert people["invited"] == []


def test_declining_looks_to_the_owner_like_no_answer(alice: User, bob: User, sky: str) -> None:
    before = invite(alice, sky, "bob").json()
    decide(bob, "decline")
    assert signed_in(alice).get(f"/app/documents/{sky}/people").json() == before
    assert "You're invited" not in signed_in(bob).get(MINE).content.decode()
    # Asked once more, the person is left in peace until the owner withdraws and sends another.
    invite(alice, sky, "bob")
    assert "You're invited" not in signed_in(bob).get(MINE).content.decode()


def test_the_owner_withdraws(alice: User, bob: User, sky: str) -> None:
    invite(alice, sky, "bob")
    sent = Invitation.objects.get()
    assert ask("DELETE", alice, sky, "bob").json()["invited"] == []
    page = signed_in(bob).post(f"{MINE}/invitations/{sent.pk}/accept", follow=True)
    assert b"not open any more" in page.content
    assert not can_edit(bob, sky)


def test_only_the_person_invited_answers(alice: User, bob: User, mo: User, sky: str) -> None:
    invite(alice, sky, "bob")
    for other in (mo, alice):
        decide(other, "accept")
    assert not Collaborator.objects.exists()
    assert Client().post(f"{MINE}/invitations/1/accept")["Location"].startswith("/sign-in")
    assert signed_in(bob).post(f"{MINE}/invitations/1/burn").status_code == 404


def test_collaborators_stay_and_see_no_invitations(alice: User, bob: User, sky: str) -> None:
    template = Template.objects.get(public_id=sky)
    Collaborator.objects.create(template=template, user=bob)
    assert invite(alice, sky, "bob").json()["invited"] == []
    assert can_edit(bob, sky)
    invite(alice, sky, "mo")
    assert signed_in(bob).get(f"/app/documents/{sky}/people").json()["invited"] == []
    assert invite(bob, sky, "mo").status_code == 403


def test_someone_who_takes_the_name_later_is_not_invited(alice: User, sky: str) -> None:
    invite(alice, sky, "newcomer")
    newcomer = make_user("newcomer")
    assert "You're invited" not in signed_in(newcomer).get(MINE).content.decode()


def test_leaving_does_not_show_in_the_list(alice: User, bob: User, sky: str) -> None:
    before = invite(alice, sky, "bob").json()
    delete_account(user=bob)
    assert signed_in(alice).get(f"/app/documents/{sky}/people").json() == before


@pytest.mark.parametrize("name", ["", "  ", "x" * 151, "bo\u202eb", "alice"])
def test_what_is_no_name_is_refused_before_anyone_is_looked_up(
    alice: User, sky: str, name: str
) -> None:
    answer = invite(alice, sky, name)
    assert answer.status_code == 422
    assert not Invitation.objects.exists()


def test_invitations_count_towards_the_limit(alice: User, sky: str, settings: Settings) -> None:
    settings.COLLABORATORS_LIMIT = 2
    assert [invite(alice, sky, name).status_code for name in "abc"] == [200, 200, 409]
    assert invite(alice, sky, "a").status_code == 200


def test_they_are_limited_by_the_hour(alice: User, sky: str, settings: Settings) -> None:
    settings.INVITATIONS_PER_HOUR = 2
    assert [invite(alice, sky, name).status_code for name in "abc"] == [200, 200, 429]


def test_a_template_that_is_taken_down_shows_no_invitation(
    alice: User, bob: User, sky: str
) -> None:
    invite(alice, sky, "bob")
    Template.objects.filter(public_id=sky).update(moderation="removed")
    assert "You're invited" not in signed_in(bob).get(MINE).content.decode()


@pytest.mark.django_db(transaction=True)
def test_accepting_and_withdrawing_at_once_end_in_one_of_both(alice: User, bob: User) -> None:
    for _ in range(5):
        template = make_template(alice, name="Sky")
        sent = invitations.invite(actor=alice, public_id=template.public_id, username="bob")
        assert sent is not None
        ready = Barrier(2)
        outcome: list[str] = []

        def accept(pk: int = sent.pk, ready: Barrier = ready, said: list[str] = outcome) -> None:
            ready.wait(WAIT_S)
            try:
                invitations.accept(actor=bob, invitation_id=pk)
                said.append("accepted")
            except errors.NotFound:
                said.append("gone")
            finally:
                connection.close()

        thread = Thread(target=accept)
        thread.start()
        ready.wait(WAIT_S)
        invitations.remove(actor=alice, public_id=template.public_id, username="bob")
        thread.join(WAIT_S)
        assert outcome in (["accepted"], ["gone"])
        assert not Invitation.objects.filter(template=template).exists()
        edits = Collaborator.objects.filter(template=template).exists()
        # Accepted after the owner had withdrawn is not possible; before, it was taken back.
        assert not (edits and outcome == ["gone"])
