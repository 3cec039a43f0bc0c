"""Every command that is about a person takes their name bare and as `--user`."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command

from accounts import ledger
from accounts.models import ApiKey, User

pytestmark = pytest.mark.django_db
COMMANDS = ("key", "signin-link", "second-factor-reset", "moderator", "recount")
FORMS = (["alice"], ["--user", "alice"], ["--user=alice"], [" alice", "--user", "alice"])


@pytest.mark.parametrize("form", FORMS, ids=" ".join)
@pytest.mark.parametrize("command", COMMANDS)
def test_both_forms_mean_the_same_person(
    alice: User, bob: User, command: str, form: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    before = set(ApiKey.objects.values_list("pk", flat=True))
    if command == "second-factor-reset":
        with pytest.raises(CommandError, match="alice has no second factor"):
            call_command(command, *form)
        return
    call_command(command, *form)
    said = capsys.readouterr().out
    if command == "key":
        assert ApiKey.objects.exclude(pk__in=before).get().user == alice
    elif command == "recount":
        assert "bob" not in said
        with pytest.raises(CommandError, match="ghost"):
            call_command(command, "--user", "ghost")
    else:
        assert said.strip()


@pytest.mark.parametrize("form", FORMS[:3], ids=" ".join)
def test_credits_are_given_in_both_forms(alice: User, form: list[str]) -> None:
    before = ledger.balance(alice)
    call_command("grant", *form, "5")
    call_command("grant", *form, "--", "-2")
    assert ledger.balance(alice) == before + 3000


@pytest.mark.parametrize("command", COMMANDS[1:4])
def test_a_command_without_a_person_says_both_forms(command: str) -> None:
    with pytest.raises(CommandError, match="NAME or --user NAME"):
        call_command(command)


@pytest.mark.parametrize("command", COMMANDS[:4])
def test_two_people_are_not_one(alice: User, bob: User, command: str) -> None:
    with pytest.raises(CommandError, match="alice and bob"):
        call_command(command, "alice", "--user", "bob")
    with pytest.raises(CommandError, match="alice and bob"):
        call_command("grant", "alice", "5", "--user", "bob")
