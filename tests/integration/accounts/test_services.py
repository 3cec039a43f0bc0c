"""People and keys: the services and the commands in front of them."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from accounts import services
from accounts.models import ApiKey, User
from core import errors
from tests.support.at_once import at_once
from tests.support.builders.factories import make_user

pytestmark = [pytest.mark.urls("tests.support.fakes.core_urls"), pytest.mark.django_db]


def run(*arguments: str) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue().rstrip().rpartition("\n")[2]


def me(key: str) -> str:
    return Client().get("/v1/account/me", headers={"api-key": key}).json()["data"]["username"]


def test_the_key_command_makes_the_person_and_prints_the_key_last() -> None:
    words = ("key", "--user", "alice")
    first, second = run(*words, "--new"), run(*words, "--name", "ci")
    assert me(first) == me(second) == "alice"
    assert User.objects.filter(username="alice").count() == 1
    assert set(ApiKey.objects.values_list("name", flat=True)) == {"command line", "ci"}


@pytest.mark.parametrize("arguments", [(), ("--user", ""), ("--user", "owner")])
def test_the_key_command_without_a_name_is_for_the_owner(arguments: tuple[str, ...]) -> None:
    assert me(run("key", *arguments)) == "owner"
    owner = User.objects.get()
    assert owner.is_staff
    assert owner.is_superuser
    assert not owner.has_usable_password()


@pytest.mark.parametrize("name", ["two words", "a" * 151, "semi;colon"])
@pytest.mark.parametrize("command", ["key", "signin-link"])
def test_commands_refuse_a_name_that_cannot_be_one(command: str, name: str) -> None:
    arguments = ("--new", *(("--user", name) if command == "key" else (name,)))
    with pytest.raises(CommandError, match="username"):
        run(command, *arguments)
    assert not User.objects.exists()


def test_no_one_acts_as_the_system_user() -> None:
    system = services.ensure_system_user()
    assert not system.has_usable_password()
    for arguments in (("key", "--user", "system"), ("signin-link", "system")):
        with pytest.raises(CommandError, match="sign in"):
            run(*arguments)


def test_the_link_command_prints_a_link_that_works() -> None:
    link = run("signin-link", "alice", "--new")
    assert link.startswith("http://127.0.0.1:")
    client = Client()
    client.post(link.partition("/sign-in")[1] + link.partition("/sign-in")[2])
    assert client.get("/v1/account/me").json()["data"]["username"] == "alice"


def test_a_taken_name_is_a_conflict_and_leaves_the_connection_usable(alice: User) -> None:
    with pytest.raises(errors.Conflict):
        make_user("alice")
    assert User.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_processes_that_start_at_once_agree_on_the_first_people() -> None:
    def start() -> tuple[int, int]:
        return services.ensure_owner().pk, services.ensure_system_user().pk

    assert len(set(at_once([start] * 6))) == 1
    assert User.objects.count() == 2
