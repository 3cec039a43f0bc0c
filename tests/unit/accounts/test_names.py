"""Which names people may take."""

import pytest

from accounts import names
from accounts.models import User
from core import errors


@pytest.mark.parametrize("name", ["al", "Ada.Lovelace", "a-b_c.9", "x" * 30, "7of9", "mediator"])
def test_a_plain_name_may_be_taken(name: str) -> None:
    assert names.check_username(name) == name


@pytest.mark.parametrize("name", ["a", "x" * 31, "a b", "ädä", "аda", "ada\n"])
def test_a_name_of_other_characters_is_refused(name: str) -> None:
    with pytest.raises(errors.InvalidInput) as refused:
        names.check_username(name)
    assert refused.value.details["issues"][0]["path"] == "username"


@pytest.mark.parametrize(
    "name",
    ["system", "Owner", "ADMIN", "moderators", "sys.tem", "o-w-n-e-r", "deleted-usr_1", "me"],
)
def test_a_name_of_the_server_is_refused(name: str) -> None:
    with pytest.raises(errors.InvalidInput):
        names.check_username(name)


def test_the_name_that_others_see_is_free_but_tidy() -> None:
    assert names.check_display_name("  Ada   Lovelace ") == "Ada Lovelace"
    assert names.check_display_name("夏目 漱石 🎬") == "夏目 漱石 🎬"
    assert names.check_display_name("") == ""


@pytest.mark.parametrize(
    "name", ["x" * 81, "Ada\u202eecalevoL", "a\x07b", "Reelgraph", "ＳＹＳＴＥＭ", "deleted user"]
)
def test_a_shown_name_that_deceives_is_refused(name: str) -> None:
    with pytest.raises(errors.InvalidInput):
        names.check_display_name(name)


@pytest.mark.parametrize(
    ("username", "display_name", "shown"),
    [("ada", "Ada Lovelace", "Ada Lovelace"), ("ada", "", "ada"), ("ada@example.org", "", "ada")],
)
def test_everyone_reads_the_display_name_or_else_the_username_and_no_address(
    username: str, display_name: str, shown: str
) -> None:
    assert User(username=username, display_name=display_name).shown_name == shown
