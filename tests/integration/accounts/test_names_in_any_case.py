"""A username means one person regardless of case. Databases of earlier releases may have two people
whose names differ by case alone: each is meant by the exact name, and no one by another."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from accounts import ledger, passwords, roles, security, selectors, services
from accounts.models import ApiKey, OneTimeLink, SecurityEvent, User
from core import errors
from tests.support.builders.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db
# Those that can make someone new.
NEW = ("key", "signin-link")
COMMANDS = (*NEW, "moderator", "second-factor-reset")


@pytest.fixture
def keeper(db: None) -> User:
    return make_user("Keeper", password=PASSWORD)


@pytest.fixture
def namesakes(db: None) -> tuple[User, User]:
    """Two people as an earlier release made them, each with a password of their own."""
    people = []
    for name in ("ivan", "Ivan"):
        person = User(username=name)
        person.set_password(f"{PASSWORD}-{name}")
        person.save()
        people.append(person)
    return people[0], people[1]


def login(name: str, password: str) -> Any:
    body = {"username": name, "password": password}
    return Client().post("/v1/account/login", body, content_type="application/json")


@pytest.mark.parametrize("name", ["Keeper", "keeper", " KEEPER "])
def test_sign_in_and_the_api_know_a_person_in_any_case(keeper: User, name: str) -> None:
    client = Client()
    assert client.post("/sign-in", {"username": name, "password": PASSWORD}).status_code == 302
    assert client.get("/v1/account/me").json()["data"]["username"] == "Keeper"
    answer = login(name, PASSWORD)
    assert (answer.status_code, answer.json()["data"]["username"]) == (200, "Keeper")
    assert login(name, "wrong").status_code == 401
    assert SecurityEvent.objects.filter(user=keeper, kind=security.SIGN_IN_FAILED).count() == 1


def test_of_two_the_exact_name_is_meant_and_another_is_no_ones(
    namesakes: tuple[User, User],
) -> None:
    for person in namesakes:
        assert selectors.person_named(person.username) == person
        answer = login(person.username, f"{PASSWORD}-{person.username}")
        assert answer.json()["data"]["username"] == person.username
        assert login("IVAN", f"{PASSWORD}-{person.username}").status_code == 401
    assert selectors.person_named("IVAN") is None
    assert login("ivan", f"{PASSWORD}-Ivan").status_code == 401


def test_letters_beyond_ascii_have_a_case_too() -> None:
    person = services.create_user(username="Ömer")
    assert selectors.person_named("öMER") == person
    with pytest.raises(errors.Conflict):
        services.create_user(username="ömer")


@pytest.mark.parametrize("name", ["", "nemo", "Kee%er", "Kee_er", "keeper\x00"])
def test_a_name_that_no_one_has_is_no_ones(keeper: User, rf: Any, name: str) -> None:
    assert selectors.person_named(name) is None
    with pytest.raises(errors.Unauthenticated):
        passwords.sign_in(username=name, password=PASSWORD, request=rf.post("/"))


def test_no_one_is_made_beside_a_person_of_that_name(keeper: User) -> None:
    with pytest.raises(errors.Conflict, match="The username KEEPER is taken"):
        services.create_user(username="KEEPER")
    assert User.objects.get() == keeper


@pytest.mark.parametrize("form", [["keeper"], ["--user", "keeper"], [" keeper", "--user=keeper"]])
@pytest.mark.parametrize("command", COMMANDS)
def test_commands_mean_a_person_by_either_form_in_any_case_and_say_whom(
    keeper: User, capsys: pytest.CaptureFixture[str], command: str, form: list[str]
) -> None:
    if command == "second-factor-reset":
        with pytest.raises(CommandError, match="Keeper has no second factor"):
            call_command(command, *form)
        return
    call_command(command, *form, *(["--new"] if command in NEW else []))
    assert "Keeper" in capsys.readouterr().out
    person = User.objects.get()
    assert person == keeper
    assert {row.user for row in (*ApiKey.objects.all(), *OneTimeLink.objects.all())} <= {keeper}
    assert roles.is_moderator(person) == (command == "moderator")


def test_credit_and_recounts_are_of_a_person_in_any_case(
    keeper: User, capsys: pytest.CaptureFixture[str]
) -> None:
    before = ledger.balance(keeper)
    call_command("grant", "keeper", "5")
    assert "Keeper now has" in capsys.readouterr().out
    call_command("grant", "--user", "keeper", "--", "-2")
    assert ledger.balance(keeper) == before + 3000
    capsys.readouterr()
    call_command("recount", "--user", "keeper")
    assert "All numbers are correct." in capsys.readouterr().out
    with pytest.raises(CommandError, match="No user named nemo, no-one"):
        call_command("recount", "keeper", "no-one", "nemo")


@pytest.mark.parametrize("command", [*COMMANDS, "recount"])
def test_a_name_that_may_mean_two_people_is_asked_for_exactly(
    namesakes: tuple[User, User], command: str
) -> None:
    with pytest.raises(CommandError, match="IVAN may mean Ivan or ivan"):
        call_command(command, "IVAN")
    assert not ApiKey.objects.exists()
    assert not OneTimeLink.objects.exists()


def test_a_command_is_about_one_person() -> None:
    with pytest.raises(CommandError, match="NAME or --user NAME"):
        call_command("signin-link")
    for command in (["key"], ["grant", "5"]):
        with pytest.raises(CommandError, match="alice and bob"):
            call_command(*command[:1], "alice", *command[1:], "--user", "bob")


@pytest.mark.parametrize("command", NEW)
def test_commands_make_a_person_only_when_they_are_told_to(
    capsys: pytest.CaptureFixture[str], command: str
) -> None:
    with pytest.raises(CommandError, match=r"No user named nora\. Add --new to create one"):
        call_command(command, "nora")
    assert not User.objects.exists()
    for name in ("nora", "nora", "NORA"):
        call_command(command, name, "--new")
        assert "nora" in capsys.readouterr().out
    assert User.objects.get().username == "nora"
    with pytest.raises(CommandError, match=r"`manage\.py key nemo --new` creates one"):
        call_command("grant", "nemo", "5")


def test_the_owner_is_one_person_too(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("key", "OWNER", "--new")
    assert "for owner at" in capsys.readouterr().out
    assert User.objects.get() == services.ensure_owner()
