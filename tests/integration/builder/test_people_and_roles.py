"""Who may open the pages for people and roles, and how roles are given and taken."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from accounts import ledger, roles, services
from accounts.models import User
from builder.staff.operator.people import services as changes
from core import clock, errors
from moderation import moderators
from moderation.models import AuditEntry
from notices.models import Notice
from tests.support.at_once import at_once
from tests.support.builders.factories import make_user
from tests.support.builders.moderation import forget_the_log
from tests.support.clients.visitors import do_action, signed_in
from tests.support.routes import django_routes

pytestmark = pytest.mark.django_db
ROLES = "/admin/data/roles/"
INVITATIONS = "/admin/data/accounts/onetimelink/"
CAST = ("visitor", "person", "suspended", "moderator", "operator", "owner")
# Whom each page opens for; a form that is sent only is not there for GET.
PEOPLE, OWNERS = {"operator", "owner"}, {"owner"}
STAFF = {"moderator", "operator", "owner"}
MAY = {
    "/admin/": STAFF,
    "/admin/people": PEOPLE,
    "/admin/people/new": PEOPLE,
    INVITATIONS: PEOPLE,
    f"{INVITATIONS}add/": PEOPLE,
    "/admin/data/notices/mail/": PEOPLE,
    "/admin/data/": PEOPLE,
    **dict.fromkeys(django_routes("/admin/people/<str:public_id>"), PEOPLE),
    ROLES: OWNERS,
    f"{ROLES}add/": OWNERS,
    "/admin/data/accounts/user/": OWNERS,
    "/admin/data/accounts/user/1/change/": OWNERS,
    # They lead to one of the others, which asks again.
    "/admin/people/": STAFF,
    "/admin/people/invitations": STAFF,
    "/admin/roles": STAFF,
    "/admin/roles/": STAFF,
    "/admin/mail": STAFF,
    "/admin/mail/": STAFF,
    "/me/invitations": STAFF,
}


def member(who: str) -> User | None:
    if who == "visitor":
        return None
    if who == "owner":
        return services.ensure_owner()
    made = make_user(who, is_staff=who == "operator")
    if who == "moderator":
        moderators.give(user=made, role=moderators.MODERATOR)
    if who == "suspended":
        User.objects.filter(pk=made.pk).update(suspended_until=clock.now() + timedelta(days=1))
    return made


def path_of(route: str, person: User) -> str:
    for name, value in (
        ("<str:public_id>", person.public_id),
        ("<str:kind>", "password"),
        ("<str:action>", "sign-out"),
    ):
        route = route.replace(name, value)
    return route


def test_every_route_is_in_the_table() -> None:
    routes = {
        *django_routes("/admin/people"),
        *django_routes("/admin/roles"),
        *django_routes("/admin/data/roles"),
        *django_routes(INVITATIONS),
    }
    assert routes <= set(MAY)


@pytest.mark.parametrize("who", CAST)
def test_pages_open_for_their_roles_and_are_not_there_for_others(who: str, bob: User) -> None:
    user = member(who)
    client = signed_in(user) if user else Client()
    for route, opens_for in MAY.items():
        path = path_of(route, bob)
        for method in (client.get, client.post):
            answer = method(path)
            if who == "visitor":
                assert answer.status_code == 302
                assert answer["Location"].startswith("/sign-in?next=")
            elif who not in opens_for:
                # Suspended people change nothing, on any page.
                is_refused = who == "suspended" and method == client.post
                expected = 403 if is_refused else 404
                assert answer.status_code == expected, (path, answer.status_code)
            else:
                # Found: an empty form is refused, and what is for GET or POST alone says so.
                known = answer.status_code in (200, 302, 405, 409, 422)
                assert known, (path, answer.status_code)
    if who not in PEOPLE:
        assert not AuditEntry.objects.filter(action__startswith="person.").exists()


def test_the_index_shows_what_this_person_may_open(bob: User) -> None:
    moderators.give(user=bob, role=moderators.MODERATOR)
    page = signed_in(bob).get("/admin/").content.decode()
    assert 'href="/admin/moderation/"' in page
    for path in ("/admin/people", "/admin/runs/", ROLES, "/admin/data/"):
        assert f'href="{path}"' not in page
    page = signed_in(services.ensure_owner()).get("/admin/").content.decode()
    for path in ("/admin/people", "/admin/runs/", ROLES, "/admin/data/"):
        assert f'href="{path}"' in page


def test_an_owner_gives_and_takes_a_role(bob: User) -> None:
    owner = signed_in(services.ensure_owner())
    for _ in range(2):
        sent = {"username": "BOB", "role": "operator"}
        assert owner.post(f"{ROLES}add/", sent)["Location"] == ROLES
    bob.refresh_from_db()
    assert roles.is_operator(bob)
    assert bob.is_staff
    # From the list too, asked once more.
    for is_sure in ({}, {"is_sure": "yes"}):
        answer = do_action(owner, ROLES, "give-moderator", bob.pk, **is_sure)
        assert roles.is_moderator(bob) == bool(is_sure)
    asked = do_action(owner, ROLES, "take-operator", bob.pk)
    assert "Take the role Operator away from bob?" in asked.content.decode()
    assert roles.is_operator(bob)
    for _ in range(2):
        answer = do_action(owner, ROLES, "take-operator", bob.pk, is_sure="yes")
        assert answer["Location"] == ROLES
    bob = User.objects.get(pk=bob.pk)
    # Staff as long as one role is left.
    assert (bob.is_staff, roles.is_operator(bob), roles.is_moderator(bob)) == (True, False, True)
    for _ in range(2):
        do_action(owner, ROLES, "take-moderator", bob.pk, is_sure="yes")
    bob = User.objects.get(pk=bob.pk)
    assert not bob.is_staff
    entries = AuditEntry.objects.order_by("pk").values_list("action", "actor__username")
    assert list(entries) == [
        ("operator.add", "owner"),
        ("moderator.add", "owner"),
        ("operator.remove", "owner"),
        ("moderator.remove", "owner"),
    ]
    told = list(Notice.objects.filter(person=bob).order_by("pk").values_list("text", flat=True))
    assert told[0] == "You're now an operator of this server."
    assert told[-1] == "You're no longer a moderator of this server."


def test_what_is_wrong_is_said_at_the_username(bob: User) -> None:
    owner = signed_in(services.ensure_owner())
    services.ensure_system_user()
    for name, said in (
        ("nemo", "There is no account nemo."),
        ("system", "There is no account system."),
        ("", "required"),
    ):
        answer = owner.post(f"{ROLES}add/", {"username": name, "role": "moderator"})
        assert answer.status_code == 422
        assert said in answer.content.decode()
        assert 'id="id_username-help" role="alert"' in answer.content.decode()
    User.objects.filter(pk=bob.pk).update(is_active=False)
    answer = owner.post(f"{ROLES}add/", {"username": "bob", "role": "moderator"})
    assert answer.status_code == 409
    assert "Activate it first." in answer.content.decode()
    for role in ("king", ""):
        refused = owner.post(f"{ROLES}add/", {"username": "alice", "role": role})
        assert refused.status_code == 422
        assert 'role="alert"' in refused.content.decode()
    assert not AuditEntry.objects.exists()


def test_of_two_people_whose_names_differ_by_case_the_exact_one_gets_the_role(bob: User) -> None:
    other = User.objects.create(username="Bob")
    owner = signed_in(services.ensure_owner())
    answer = owner.post(f"{ROLES}add/", {"username": "BOB", "role": "moderator"})
    assert answer.status_code == 422
    assert owner.post(f"{ROLES}add/", {"username": "Bob", "role": "moderator"})["Location"] == ROLES
    other.refresh_from_db()
    bob.refresh_from_db()
    assert (roles.is_moderator(other), roles.is_moderator(bob)) == (True, False)


def test_the_last_owner_stays(bob: User) -> None:
    first = services.ensure_owner()
    client = signed_in(first)

    def take() -> Any:
        return do_action(client, ROLES, "take-owner", first.pk, is_sure="yes")

    answer = take()
    assert answer.status_code == 409
    assert "last owner" in answer.content.decode()
    client.post(f"{ROLES}add/", {"username": "bob", "role": "owner"})
    assert signed_in(bob).get(ROLES).status_code == 200
    # One who can't sign in is no help.
    User.objects.filter(pk=bob.pk).update(is_active=False)
    assert take().status_code == 409
    User.objects.filter(pk=bob.pk).update(is_active=True)
    assert take()["Location"] == "/"
    assert client.get(ROLES).status_code == 404


def test_who_has_a_role_is_listed_and_what_is_refused_for_one_is_done_for_none(bob: User) -> None:
    first, alice = services.ensure_owner(), make_user("alice")
    client = signed_in(first)
    moderators.give(user=alice, role=moderators.OPERATOR)
    moderators.give(user=bob, role=moderators.MODERATOR)
    make_user("nobody")
    for query, people in (
        ({}, {"owner", "alice", "bob"}),
        ({"show": "owner"}, {"owner"}),
        ({"show": "operator"}, {"alice"}),
        ({"show": "moderator"}, {"owner", "bob"} if roles.is_moderator(first) else {"bob"}),
        ({"q": "ALI"}, {"alice"}),
    ):
        rows = client.get(ROLES, query).context["cl"].result_list
        assert {one.username for one in rows} == people, query
    User.objects.filter(pk=bob.pk).update(is_active=False)
    answer = do_action(client, ROLES, "give-owner", alice.pk, bob.pk, is_sure="yes")
    assert answer.status_code == 409
    assert "Activate it first." in answer.content.decode()
    alice.refresh_from_db()
    assert not alice.is_superuser
    for rows in (("x",), ("9" * 30,), ("-1",), ("\x00",)):
        assert do_action(client, ROLES, "take-owner", *rows).status_code in (400, 422), rows
    for query in ({"q": "\x00"}, {"o": "9"}, {"p": "x"}, {"show": "king"}, {"who": "1"}):
        assert client.get(ROLES, query).status_code in (200, 302, 400), query


def test_the_command_and_the_page_are_one(bob: User) -> None:
    call_command("moderator", "bob")
    assert "bob" in signed_in(services.ensure_owner()).get(ROLES).content.decode()
    make_operator = moderators.give(user=bob, role=moderators.OPERATOR)
    assert make_operator
    call_command("moderator", "bob", "--remove")
    bob = User.objects.get(pk=bob.pk)
    # Until now this took the staff flag, and with it the other role.
    assert roles.is_operator(bob)


@pytest.mark.django_db(transaction=True)
def test_two_grants_of_one_form_at_once_are_one() -> None:
    owner, alice = services.ensure_owner(), make_user("alice")

    def grant() -> bool:
        return changes.grant(actor=owner, person=alice, milli=5000, form="a" * 24, note="")

    assert sorted(at_once([grant, grant])) == [False, True]
    assert ledger.balance(alice) == 5000
    assert AuditEntry.objects.filter(action="person.credit").count() == 1
    forget_the_log()


@pytest.mark.django_db(transaction=True)
def test_of_two_owners_who_remove_each_other_one_stays() -> None:
    first, second = services.ensure_owner(), make_user("second")
    moderators.give(user=second, role=moderators.OWNER, actor=first)

    def remove(actor: User, other: User) -> str:
        try:
            moderators.take(user=other, role=moderators.OWNER, actor=actor)
        except errors.Forbidden:
            return "late"
        return "done"

    outcomes = at_once([lambda: remove(first, second), lambda: remove(second, first)])
    assert sorted(outcomes) == ["done", "late"]
    assert User.objects.filter(is_superuser=True).count() == 1
    forget_the_log()
