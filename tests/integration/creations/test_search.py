"""Searching creations, people and tags; the same on both databases."""

from __future__ import annotations

import re
from itertools import product

import pytest
from django.test import Client

from accounts import services as accounts
from accounts.models import User
from creations.search import search_people, search_shares
from tests.support.builders.factories import make_user
from tests.support.builders.listed_creations import make_share
from tests.support.clients.visitors import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(db: None) -> User:
    ada = make_user("ada-lovelace")
    accounts.change_profile(user=ada, display_name="Ada Lovelace", email="")
    return ada


def found(query: str = "", **narrowed: str) -> list[str]:
    page = search_shares(query=query, sort="new", **narrowed)  # type: ignore[arg-type]
    return [one.share.title for one in page.found]


def tagged(*tags: str, query: str = "") -> list[str]:
    return [one.share.title for one in search_shares(query=query, tags=tags, sort="new").found]


def people(query: str) -> list[str]:
    return [one.shown_name for one in search_people(query, 6)]


def test_words_are_found_in_title_description_prompts_and_name(ada: User) -> None:
    make_share(
        ada,
        "Dawn over the märsh 日本 🦊",
        note="Reeds and water.",
        shows_prompts=True,
        prompts=[{"stage": "Shot", "text": "a heron takes off"}],
    )
    cases = {
        "dawn": True,
        "DAWN marsh": True,
        "daw": True,
        "reeds": True,
        "heron": True,
        "lovelace": True,
        "ada daw": True,
        "awn": False,
        "dawn otters": False,
        "ada-lovelace2": False,
        "日": True,
        "🦊": True,
        "“dawn”": True,
        "dawn' OR 1=1 --": False,
        '"dawn" NEAR': False,
        "@video": False,
        "-ada": True,
        "": True,
        "   ": True,
        "!!!": False,
    }
    assert {query: bool(found(query)) for query in cases} == cases


def test_prompts_that_are_not_shown_are_not_found(ada: User) -> None:
    make_share(ada, "Dawn")
    assert found("heron") == []


def test_tags_are_words_of_title_and_description_with_a_sign(ada: User) -> None:
    make_share(ada, "One", note="Reeds #Sci-Fi, #night! https://example.org/#part C# a#b")
    make_share(ada, "Two #night", note="neon")
    make_share(ada, "Three", note="neon night sci fi part b")
    assert tagged("night") == ["Two #night", "One"]
    assert tagged("Night", "sci fi") == ["One"]
    assert tagged("part") == tagged("b") == []
    assert found("#night") == ["Two #night", "One"]
    assert found("#night neon") == ["Two #night"]
    assert found("night") == ["Three", "Two #night", "One"]
    # A tag is the whole word, a search also the beginning of one.
    assert tagged("nigh") == found("#nigh") == []
    assert len(found("nigh")) == 3
    assert tagged("!!!") == []


def test_people_are_found_by_the_name_they_show(ada: User, alice: User) -> None:
    make_share(ada, "Dawn")
    make_share(ada, "Dusk")
    make_share(alice, "Ada")
    assert people("ada") == people("love") == people("Lovelace ada") == ["Ada Lovelace"]
    assert people("dawn") == people("ada-lovelace x") == people("anonymous") == []
    # Without a display name one shows one's username.
    assert people("alice") == ["alice"]
    page = Client().get("/creations?q=lovelace").content.decode()
    assert re.search(rf'class="person" href="/u/{ada.public_id}"', page)


def test_people_who_share_nothing_are_not_found(ada: User) -> None:
    make_share(ada, visibility="unlisted")
    assert people("ada") == []


def test_a_new_name_is_found_and_the_old_one_is_not(ada: User) -> None:
    make_share(ada, "Dawn", note="By the sea")
    make_share(ada, "Unlisted", visibility="unlisted")
    sent = {"display_name": "Countess King", "email": ""}
    assert signed_in(ada).post("/me/profile", sent).status_code == 302
    assert people("countess") == ["Countess King"]
    assert found("king") == found("sea") == ["Dawn"]
    assert people("ada") == found("lovelace") == []


def test_a_list_goes_on_where_it_ended_in_any_search(
    ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(24):
        make_share(ada, f"Reel {number}", note="#marsh" if number % 2 else "", likes=number % 4)
    searches = ({"query": "reel"}, {"tags": ("marsh",)}, {"author": ada}, {"kind": "image"})
    for window, asked, sort in product((4, 12, 2_000), searches, ("trending", "new", "liked")):
        monkeypatch.setattr("templates_app.word_index.WINDOW", window)
        seen, after = [], ""
        while True:
            page = search_shares(sort=sort, after=after, limit=7, **asked)  # type: ignore[arg-type]
            seen += [one.share.title for one in page.found]
            if page.after is None:
                break
            after = page.after
        whole = search_shares(sort=sort, limit=100, **asked)  # type: ignore[arg-type]
        assert seen == [one.share.title for one in whole.found], (window, asked, sort)
        assert len(set(seen)) == (12 if "tags" in asked else 24), (window, asked, sort)


def test_both_ways_of_searching_find_the_same(ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(12):
        make_share(ada, f"Reel {number}", note="#marsh fox" if number % 3 == 0 else "#mar fo")
    # It sorts; it walks and then sorts; it walks.
    for window in (0, 3, 2_000):
        monkeypatch.setattr("templates_app.word_index.WINDOW", window)
        assert found("fox") == tagged("marsh") == [f"Reel {number}" for number in (9, 6, 3, 0)]
        assert len(found("fo")) == 12, window
        assert tagged("marsh", query="fox reel") == found("fox"), window
        assert people("ada love") == ["Ada Lovelace"], window
